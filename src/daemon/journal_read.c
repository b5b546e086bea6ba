/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the journal at start: segments in, records out in order, through a callback that
 * is lent the bytes. A torn end is cut; damage before it stops the start, since what was
 * acknowledged must not vanish quietly. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/err.h"
#include "base/log.h"
#include "daemon/bytes.h"
#include "daemon/journal.h"
#include "daemon/segment.h"

struct scan {
	struct lw_journal *j;
	const struct lw_journal_reader *reader;
	struct lw_journal_found *found;
	char name[LW_SEGMENT_NAME_MAX];
	uint64_t first_seq, next_seq;
	const uint8_t *p;
	size_t n, at; /* bytes of the file, and of those that were read */
	bool is_last;
};

static int
give_records(struct scan *s, struct lw_str records)
{
	struct lw_le_in in = lw_le_in(records);
	struct lw_str body;
	uint8_t type;
	int err;

	while (in.p < in.end) {
		type = (uint8_t)lw_le_take(&in, 1);
		body = lw_le_take_bytes(&in, (size_t)lw_le_take(&in, 4));
		if (in.bad) {
			lw_error(
			    "journal: %s: a record at byte %zu does not fit its block",
			    s->name, s->at);
			return LW_EINVAL;
		}
		s->found->records++;
		err = s->reader->record(s->reader->ctx, type, body);
		if (err != 0)
			return err;
	}
	return 0;
}

static bool
whole_block_after(const struct scan *s)
{
	struct lw_str records;
	uint64_t last;
	size_t at;

	for (at = s->at + 1; at + LW_BLOCK_HEAD <= s->n; at++)
		if (lw_block_check(
			&s->j->key, s->first_seq, s->p, s->n, at, &last, &records))
			return true;
	return false;
}

static int
read_blocks(struct scan *s)
{
	struct lw_str records;
	uint64_t last;
	int err;

	s->at = LW_SEGMENT_HEAD;
	while (s->at < s->n) {
		if (!lw_block_check(
			&s->j->key, s->first_seq, s->p, s->n, s->at, &last, &records)) {
			if (s->is_last && !whole_block_after(s))
				return 0; /* torn: the caller cuts it */
			lw_error("journal: %s is damaged at byte %zu of %zu", s->name,
			    s->at, s->n);
			return LW_EINVAL;
		}
		if (last + 1 < s->next_seq) {
			lw_error("journal: %s: sequence goes back at byte %zu", s->name,
			    s->at);
			return LW_EINVAL;
		}
		err = give_records(s, records);
		if (err != 0)
			return err;
		s->next_seq = last + 1;
		s->at += LW_BLOCK_HEAD + records.n;
	}
	return 0;
}

static int
read_mapped(struct scan *s)
{
	int err;

	err = lw_segment_head_check(&s->j->key, s->first_seq, s->p, s->n);
	if (err == LW_ECRYPT)
		lw_error("journal: %s was made with another key file", s->name);
	else if (err != 0)
		lw_error("journal: %s has no segment's head", s->name);
	if (err != 0)
		return err;
	if (s->next_seq != 0 && s->first_seq != s->next_seq) {
		lw_error("journal: %s does not follow the one before it, which ends at "
			 "event %" PRIu64,
		    s->name, s->next_seq - 1);
		return LW_EINVAL;
	}
	s->next_seq = s->first_seq;
	return read_blocks(s);
}

static int
cut_tail(struct scan *s, int fd)
{
	if (s->at == s->n)
		return 0;
	lw_warn("journal: cut %zu bytes of an unfinished write from the end of %s",
	    s->n - s->at, s->name);
	s->found->cut += s->n - s->at;
	if (ftruncate(fd, (off_t)s->at) != 0 || fsync(fd) != 0)
		return lw_err_from_errno(errno);
	return 0;
}

static int
read_segment(struct scan *s)
{
	struct stat st;
	void *map;
	int fd, err = 0;

	fd = openat(s->j->dirfd, s->name, O_RDWR | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0) {
		err = lw_err_from_errno(errno);
		lw_error("journal: cannot open %s: %s", s->name, strerror(errno));
		goto out;
	}
	s->n = (size_t)st.st_size;
	if (s->n < LW_SEGMENT_HEAD) {
		lw_error("journal: %s is shorter than a segment's head", s->name);
		err = LW_EINVAL;
		goto out;
	}
	map = mmap(NULL, s->n, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED) {
		err = lw_err_from_errno(errno);
		goto out;
	}
	madvise(map, s->n, MADV_SEQUENTIAL);
	s->p = map;
	err = read_mapped(s);
	munmap(map, s->n);
	if (err == 0)
		err = cut_tail(s, fd);
	s->found->bytes += s->at;
out:
	if (fd >= 0)
		close(fd);
	return err;
}

int
lw_journal_read(struct lw_journal *j, const struct lw_journal_reader *r,
    struct lw_journal_found *found)
{
	struct scan s = {.j = j, .reader = r, .found = found};
	size_t i;
	int err;

	memset(found, 0, sizeof(*found));
	found->first_seq = j->nseg > 0 ? j->seg[0].first_seq : 1;
	for (i = 0; i < j->nseg; i++) {
		s.first_seq = j->seg[i].first_seq;
		s.is_last = i + 1 == j->nseg;
		lw_segment_name(s.name, s.first_seq);
		err = read_segment(&s);
		if (err != 0)
			return err;
		j->seg[i].bytes = s.at;
		found->segments++;
	}
	found->next_seq = s.next_seq != 0 ? s.next_seq : 1;
	return 0;
}
