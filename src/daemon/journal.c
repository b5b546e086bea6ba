/* SPDX-License-Identifier: Apache-2.0 */
/* Writing the journal. Blocks of records in, durable bytes out; owns the folder's file
 * descriptors. A failed write leaves nothing behind that a later start would take for a
 * block, and may be tried again. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>
#include "base/err.h"
#include "base/log.h"
#include "daemon/bytes.h"
#include "daemon/journal.h"
#include "daemon/segment.h"

#define TMP_NAME "segment.tmp"

static int
by_first_seq(const void *a, const void *b)
{
	const struct lw_segment *x = a, *y = b;

	return x->first_seq < y->first_seq ? -1 : x->first_seq > y->first_seq;
}

static int
add_segment(struct lw_journal *j, uint64_t first_seq, uint64_t bytes)
{
	struct lw_segment *seg;
	size_t cap;

	if (j->nseg == LW_JOURNAL_SEGMENTS_MAX)
		return LW_ELIMIT;
	if (j->nseg == j->cap) {
		cap = j->cap > 0 ? j->cap * 2 : 64;
		seg = realloc(j->seg, cap * sizeof(*seg));
		if (seg == NULL)
			return LW_ENOMEM;
		j->seg = seg;
		j->cap = cap;
	}
	j->seg[j->nseg++] = (struct lw_segment){first_seq, bytes};
	return 0;
}

static int
list_segments(struct lw_journal *j)
{
	struct dirent *e;
	uint64_t first;
	int fd, err = 0;
	DIR *d;

	fd = openat(j->dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	d = fd >= 0 ? fdopendir(fd) : NULL;
	if (d == NULL) {
		err = lw_err_from_errno(errno);
		if (fd >= 0)
			close(fd);
		return err;
	}
	while (err == 0 && (e = readdir(d)) != NULL)
		if (lw_segment_name_parse(e->d_name, &first))
			err = add_segment(j, first, 0);
	closedir(d);
	if (j->nseg > 0)
		qsort(j->seg, j->nseg, sizeof(*j->seg), by_first_seq);
	return err;
}

int
lw_journal_open(struct lw_journal **out, const char *dir, const struct lw_hash_key *key)
{
	struct lw_journal *j;
	int err;

	j = calloc(1, sizeof(*j));
	if (j == NULL)
		return LW_ENOMEM;
	j->fd = j->dirfd = -1;
	j->key = *key;
	j->segment_bytes = LW_JOURNAL_SEGMENT;
	j->dir = strdup(dir);
	if (j->dir == NULL) {
		err = LW_ENOMEM;
		goto fail;
	}
	if (mkdir(dir, 0700) != 0 && errno != EEXIST) {
		err = lw_err_from_errno(errno);
		goto fail;
	}
	j->dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (j->dirfd < 0) {
		err = lw_err_from_errno(errno);
		goto fail;
	}
	unlinkat(j->dirfd, TMP_NAME, 0); /* of a segment that was not begun */
	err = list_segments(j);
	if (err != 0)
		goto fail;
	*out = j;
	return 0;
fail:
	lw_journal_close(j);
	return err;
}

void
lw_journal_close(struct lw_journal *j)
{
	if (j == NULL)
		return;
	if (j->fd >= 0)
		close(j->fd);
	if (j->dirfd >= 0)
		close(j->dirfd);
	free(j->seg);
	free(j->dir);
	lw_wipe(&j->key, sizeof(j->key));
	free(j);
}

size_t
lw_journal_put_begin(struct lw_buf *block, uint8_t type)
{
	size_t at = lw_buf_left(block);

	lw_le_put(block, type, 1);
	lw_le_put(block, 0, 4);
	return at;
}

void
lw_journal_put_end(struct lw_buf *block, size_t begin)
{
	size_t head = block->off + begin;

	if (block->err == 0)
		lw_le_set(block->data + head + 1, block->len - head - LW_RECORD_HEAD, 4);
}

void
lw_journal_put(struct lw_buf *block, uint8_t type, struct lw_str body)
{
	size_t begin = lw_journal_put_begin(block, type);

	if (body.n > 0)
		lw_buf_put(block, body.p, body.n);
	lw_journal_put_end(block, begin);
}

static int
write_at(int fd, const void *data, size_t n, uint64_t at)
{
	const uint8_t *p = data;
	ssize_t w;

	while (n > 0) {
		w = pwrite(fd, p, n, (off_t)at);
		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			return w < 0 ? lw_err_from_errno(errno) : LW_EIO;
		p += w;
		n -= (size_t)w;
		at += (uint64_t)w;
	}
	return 0;
}

/* A block at a place of a segment. On failure the file is as long as before. */
static int
write_block(struct lw_journal *j, int fd, uint64_t first_seq, uint64_t at,
    uint64_t last_seq, struct lw_str records)
{
	uint8_t head[LW_BLOCK_HEAD];
	int err;

	if (records.n > LW_JOURNAL_BLOCK_MAX)
		return LW_ELIMIT;
	lw_block_head(&j->key, first_seq, at, last_seq, records, head);
	err = write_at(fd, head, sizeof(head), at);
	if (err == 0)
		err = write_at(fd, records.p, records.n, at + sizeof(head));
	if (err == 0 && fdatasync(fd) != 0)
		err = lw_err_from_errno(errno);
	/* What cannot be cut now is cut by the next start: it is no whole block. */
	if (err != 0 && ftruncate(fd, (off_t)at) != 0)
		lw_debug("journal: an unfinished block stays for now");
	return err;
}

int
lw_journal_begin(struct lw_journal *j, uint64_t first_seq, struct lw_str preamble)
{
	uint8_t head[LW_SEGMENT_HEAD];
	char name[LW_SEGMENT_NAME_MAX];
	bool again = j->nseg > 0 && j->seg[j->nseg - 1].first_seq == first_seq;
	uint64_t bytes = LW_SEGMENT_HEAD + LW_BLOCK_HEAD + preamble.n;
	int fd, err;

	fd = openat(j->dirfd, TMP_NAME, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return lw_err_from_errno(errno);
	lw_segment_head(&j->key, first_seq, head);
	err = write_at(fd, head, sizeof(head), 0);
	if (err == 0)
		err = write_block(
		    j, fd, first_seq, LW_SEGMENT_HEAD, first_seq - 1, preamble);
	lw_segment_name(name, first_seq);
	/* a segment without events gives way to the one that begins where it did */
	if (err == 0 && !again)
		err = add_segment(j, first_seq, bytes);
	if (err == 0 && renameat(j->dirfd, TMP_NAME, j->dirfd, name) != 0) {
		err = lw_err_from_errno(errno);
		if (!again)
			j->nseg--;
	}
	if (err != 0) {
		close(fd);
		unlinkat(j->dirfd, TMP_NAME, 0);
		return err;
	}
	j->seg[j->nseg - 1].bytes = bytes;
	if (j->fd >= 0)
		close(j->fd);
	j->fd = fd;
	return fsync(j->dirfd) == 0 ? 0 : lw_err_from_errno(errno);
}

void
lw_journal_set_segment(struct lw_journal *j, uint64_t bytes)
{
	j->segment_bytes = bytes;
}

bool
lw_journal_is_full(const struct lw_journal *j)
{
	return j->nseg == 0 || j->seg[j->nseg - 1].bytes >= j->segment_bytes;
}

int
lw_journal_append(struct lw_journal *j, uint64_t last_seq, struct lw_str block)
{
	struct lw_segment *seg;
	int err;

	if (j->fd < 0 || j->nseg == 0)
		return LW_EINVAL;
	seg = &j->seg[j->nseg - 1];
	err = write_block(j, j->fd, seg->first_seq, seg->bytes, last_seq, block);
	if (err == 0)
		seg->bytes += LW_BLOCK_HEAD + block.n;
	return err;
}

int
lw_journal_drop(struct lw_journal *j, uint64_t upto)
{
	char name[LW_SEGMENT_NAME_MAX];
	size_t gone = 0;
	int err = 0;

	while (gone + 1 < j->nseg && j->seg[gone + 1].first_seq - 1 <= upto) {
		lw_segment_name(name, j->seg[gone].first_seq);
		if (unlinkat(j->dirfd, name, 0) != 0 && errno != ENOENT) {
			err = lw_err_from_errno(errno);
			break;
		}
		gone++;
	}
	if (gone > 0) {
		j->nseg -= gone;
		memmove(j->seg, j->seg + gone, j->nseg * sizeof(*j->seg));
		if (fsync(j->dirfd) != 0 && err == 0)
			err = lw_err_from_errno(errno);
	}
	return err;
}

uint64_t
lw_journal_first_seq(const struct lw_journal *j)
{
	return j->nseg > 0 ? j->seg[0].first_seq : 1;
}

uint64_t
lw_journal_segments(const struct lw_journal *j)
{
	return j->nseg;
}

uint64_t
lw_journal_bytes(const struct lw_journal *j)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < j->nseg; i++)
		sum += j->seg[i].bytes;
	return sum;
}
