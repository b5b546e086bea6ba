/* SPDX-License-Identifier: Apache-2.0 */
/* Snapshot files. State in, sealed files out, and back at a start. Owns nothing. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/err.h"
#include "daemon/bytes.h"
#include "daemon/snap.h"

#define HEAD 24
#define VERSION 1
#define BOX_EXTRA 64
static const char magic[8] = "LWSNAP\r\n";
static const char tmp_name[] = "snap.tmp";

void
lw_snap_name(char to[LW_SNAP_NAME_MAX], unsigned piece)
{
	switch (piece) {
	case LW_PIECE_ROUTER:
		snprintf(to, LW_SNAP_NAME_MAX, "router");
		break;
	case LW_PIECE_FANOUT:
		snprintf(to, LW_SNAP_NAME_MAX, "fanout");
		break;
	case LW_PIECE_SEEN:
		snprintf(to, LW_SNAP_NAME_MAX, "seen");
		break;
	default:
		snprintf(to, LW_SNAP_NAME_MAX, "shard-%03u", piece % 1000);
	}
}

static struct lw_str
context(char to[64], unsigned piece, uint64_t seq)
{
	char name[LW_SNAP_NAME_MAX];
	int n;

	lw_snap_name(name, piece);
	n = snprintf(to, 64, "snapshot %d\n%s\n%" PRIu64, VERSION, name, seq);
	return (struct lw_str){to, (size_t)n};
}

static int
write_all(int fd, const uint8_t *p, size_t n)
{
	ssize_t w;

	while (n > 0) {
		w = write(fd, p, n < (1u << 30) ? n : (1u << 30));
		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			return w < 0 ? lw_err_from_errno(errno) : LW_EIO;
		p += w;
		n -= (size_t)w;
	}
	return 0;
}

static int
write_tmp(int dirfd, const struct lw_buf *b)
{
	int fd, err;

	fd = openat(dirfd, tmp_name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return lw_err_from_errno(errno);
	err = write_all(fd, b->data, b->len);
	if (err == 0 && fsync(fd) != 0)
		err = lw_err_from_errno(errno);
	close(fd);
	return err;
}

int
lw_snap_write(int dirfd, unsigned piece, uint64_t seq, const struct lw_seal *seal,
    struct lw_str clear)
{
	char name[LW_SNAP_NAME_MAX], file[LW_SNAP_NAME_MAX + 8], con[64];
	struct lw_buf b;
	int err;

	lw_buf_init(&b, clear.n + HEAD + BOX_EXTRA);
	lw_buf_reserve(&b, clear.n + HEAD + BOX_EXTRA); /* once, not by doubling */
	lw_buf_put(&b, magic, sizeof(magic));
	lw_le_put(&b, VERSION, 4);
	lw_le_put(&b, 0, 4);
	lw_le_put(&b, seq, 8);
	err = lw_seal_put(seal, context(con, piece, seq), clear, &b);
	if (err == 0)
		err = write_tmp(dirfd, &b);
	lw_buf_clear(&b);
	lw_snap_name(name, piece);
	snprintf(file, sizeof(file), "%s.snap", name);
	if (err == 0 && renameat(dirfd, tmp_name, dirfd, file) != 0)
		err = lw_err_from_errno(errno);
	if (err == 0 && fsync(dirfd) != 0)
		err = lw_err_from_errno(errno);
	if (err != 0)
		unlinkat(dirfd, tmp_name, 0);
	return err;
}

static int
read_all(int fd, struct lw_buf *b, size_t n)
{
	uint8_t *p;
	ssize_t r;

	while (n > 0) {
		p = lw_buf_reserve(b, n);
		if (p == NULL)
			return b->err;
		r = read(fd, p, n < (1u << 30) ? n : (1u << 30));
		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return r < 0 ? lw_err_from_errno(errno) : LW_ETRUNC;
		lw_buf_commit(b, (size_t)r);
		n -= (size_t)r;
	}
	return 0;
}

static int
read_file(int dirfd, const char *file, struct lw_buf *b)
{
	struct stat st;
	int fd, err;

	fd = openat(dirfd, file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return lw_err_from_errno(errno);
	if (fstat(fd, &st) != 0)
		err = lw_err_from_errno(errno);
	else
		err = read_all(fd, b, (size_t)st.st_size);
	close(fd);
	return err;
}

int
lw_snap_read(int dirfd, unsigned piece, const struct lw_seal *seal, uint64_t *seq,
    struct lw_buf *clear)
{
	char name[LW_SNAP_NAME_MAX], file[LW_SNAP_NAME_MAX + 8], con[64];
	struct lw_str box;
	struct lw_buf b;
	int err;

	lw_snap_name(name, piece);
	snprintf(file, sizeof(file), "%s.snap", name);
	lw_buf_init(&b, LW_SNAP_BYTES_MAX);
	err = read_file(dirfd, file, &b);
	if (err != 0)
		goto out;
	if (b.len < HEAD || memcmp(b.data, magic, sizeof(magic)) != 0 ||
	    lw_le_get(b.data + 8, 4) != VERSION) {
		err = LW_EINVAL;
		goto out;
	}
	*seq = lw_le_get(b.data + 16, 8);
	box = (struct lw_str){(char *)b.data + HEAD, b.len - HEAD};
	err = lw_seal_take(seal, context(con, piece, *seq), box, clear);
out:
	lw_buf_clear(&b);
	return err;
}

void
lw_snap_clean(int dirfd)
{
	unlinkat(dirfd, tmp_name, 0);
}
