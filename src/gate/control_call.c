/* SPDX-License-Identifier: Apache-2.0 */
/* The command line's side of the control socket: one call, one reply, blocking up to a
 * deadline. */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/err.h"
#include "gate/session.h"

static int
wait_for(int fd, short what, uint64_t deadline_ms)
{
	struct pollfd p = {.fd = fd, .events = what};
	uint64_t now;
	int r;

	for (;;) {
		now = lw_mono_ms();
		if (now >= deadline_ms)
			return LW_ETIMEOUT;
		r = poll(&p, 1, (int)(deadline_ms - now));
		if (r > 0)
			return 0;
		if (r < 0 && errno != EINTR)
			return lw_err_from_errno(errno);
	}
}

static int
dial(const char *path, int *fd)
{
	struct sockaddr_un sa;
	int err;

	if ((err = lw_socket_address(path, &sa)) != 0)
		return err;
	*fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (*fd < 0)
		return lw_err_from_errno(errno);
	if (connect(*fd, (const struct sockaddr *)&sa, sizeof sa) == 0)
		return 0;
	/* A file without a daemon behind it is as good as none. */
	return errno == ECONNREFUSED ? LW_ENOENT : lw_err_from_errno(errno);
}

static int
send_all(int fd, struct lw_buf *b, uint64_t deadline_ms)
{
	ssize_t n;
	int err;

	if (b->err != 0)
		return b->err;
	while (lw_buf_left(b) > 0) {
		n = send(fd, lw_buf_peek(b), lw_buf_left(b), MSG_NOSIGNAL);
		if (n > 0)
			lw_buf_consume(b, (size_t)n);
		else if (n < 0 && errno == EAGAIN) {
			if ((err = wait_for(fd, POLLOUT, deadline_ms)) != 0)
				return err;
		} else if (errno != EINTR)
			return LW_ECLOSED;
	}
	return 0;
}

/* Read until a whole frame is there. */
static int
receive(int fd, struct lw_buf *b, uint64_t deadline_ms, struct lw_str *frame)
{
	uint8_t *room;
	ssize_t n;
	int r;

	while ((r = lw_frame_next(b->data + b->off, lw_buf_left(b),
		    LW_CONTROL_FRAME_MAX, frame)) == 0) {
		if ((r = wait_for(fd, POLLIN, deadline_ms)) != 0)
			return r;
		if ((room = lw_buf_reserve(b, 65536)) == NULL)
			return b->err;
		n = read(fd, room, 65536);
		if (n == 0)
			return LW_ECLOSED;
		if (n > 0)
			lw_buf_commit(b, (size_t)n);
		else if (errno != EINTR && errno != EAGAIN)
			return lw_err_from_errno(errno);
	}
	return r < 0 ? r : 0;
}

int
lw_control_call(const char *path, struct lw_str verb, struct lw_str arg,
    unsigned timeout_ms, bool *ok, struct lw_buf *body)
{
	uint64_t deadline = lw_mono_ms() + timeout_ms;
	struct lw_reader *rd = NULL;
	struct lw_arena arena;
	struct lw_frame f;
	struct lw_str frame;
	struct lw_buf b;
	int fd = -1, err;

	lw_buf_init(&b, LW_CONTROL_FRAME_MAX + 65536 + 4);
	lw_arena_init(&arena, 1 << 16);
	if ((err = lw_reader_new(&rd)) != 0 || (err = dial(path, &fd)) != 0)
		goto out;
	lw_put_call(&b, verb, arg);
	if ((err = send_all(fd, &b, deadline)) != 0 ||
	    (err = receive(fd, &b, deadline, &frame)) != 0 ||
	    (err = lw_frame_decode(rd, frame, &arena, &f)) != 0)
		goto out;
	if (f.type != LW_FR_REPLY) {
		err = LW_EPROTO;
		goto out;
	}
	*ok = f.ok;
	err = lw_buf_put(body, f.text.p, f.text.n);
out:
	if (fd >= 0)
		close(fd);
	lw_reader_free(rd);
	lw_arena_clear(&arena);
	lw_buf_clear(&b);
	return err;
}
