/* SPDX-License-Identifier: Apache-2.0 */
/* A path in, connections out. Owns the two listening sockets and their files. */
#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "base/err.h"
#include "base/log.h"
#include "gate/session.h"

#define BACKLOG 64
#define ACCEPTS 64 /* a turn: a storm of connections does not starve the rest */

int
lw_socket_address(const char *path, struct sockaddr_un *sa)
{
	size_t n = strlen(path);

	memset(sa, 0, sizeof *sa);
	sa->sun_family = AF_UNIX;
	if (n == 0 || n >= sizeof sa->sun_path)
		return LW_ELIMIT;
	memcpy(sa->sun_path, path, n + 1);
	return 0;
}

/* A socket file that nobody answers on is left over from a crash. */
static int
remove_stale(const struct sockaddr_un *sa)
{
	struct stat st;
	int fd, r;

	if (lstat(sa->sun_path, &st) != 0)
		return errno == ENOENT ? 0 : lw_err_from_errno(errno);
	if (!S_ISSOCK(st.st_mode))
		return LW_EEXIST;
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) < 0)
		return lw_err_from_errno(errno);
	r = connect(fd, (const struct sockaddr *)sa, sizeof *sa);
	if (r != 0 && errno == ECONNREFUSED)
		r = unlink(sa->sun_path) == 0 ? 0 : lw_err_from_errno(errno);
	else
		r = LW_EBUSY;
	close(fd);
	return r;
}

static void
on_accept(evutil_socket_t fd, short what, void *arg)
{
	struct lw_listener *l = arg;
	int i, c;

	(void)what;
	for (i = 0; i < ACCEPTS; i++) {
		c = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (c >= 0) {
			lw_session_accept(l->gate, c, l->kind);
			continue;
		}
		if (errno == EINTR || errno == ECONNABORTED)
			continue;
		if (errno == EAGAIN)
			return;
		/* Out of descriptors or memory: the socket stays readable, so waiting for
		 * it would spin. */
		lw_warn("accept: %s; waiting", lw_strerror(lw_err_from_errno(errno)));
		event_del(l->ev);
		l->waiting = true;
		return;
	}
}

void
lw_listener_retry(struct lw_listener *l)
{
	if (!l->waiting || l->ev == NULL)
		return;
	l->waiting = false;
	event_add(l->ev, NULL);
}

/* The mode is set between bind and listen: before it nobody can connect. */
static int
bind_file(struct lw_listener *l, const struct sockaddr_un *sa, mode_t mode)
{
	struct stat st;

	if (bind(l->fd, (const struct sockaddr *)sa, sizeof *sa) != 0)
		return lw_err_from_errno(errno);
	if (lstat(sa->sun_path, &st) != 0 || chmod(sa->sun_path, mode) != 0)
		return lw_err_from_errno(errno);
	l->dev = st.st_dev;
	l->ino = st.st_ino;
	return listen(l->fd, BACKLOG) == 0 ? 0 : lw_err_from_errno(errno);
}

int
lw_listener_open(struct lw_listener *l, struct lw_gate *g, const char *path,
    enum lw_session_kind kind, mode_t mode)
{
	struct sockaddr_un sa;
	int err;

	l->gate = g;
	l->kind = kind;
	snprintf(l->path, sizeof l->path, "%s", path);
	if ((err = lw_socket_address(path, &sa)) != 0 || (err = remove_stale(&sa)) != 0)
		goto out;
	l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (l->fd < 0) {
		err = lw_err_from_errno(errno);
		goto out;
	}
	if ((err = bind_file(l, &sa, mode)) != 0)
		goto out;
	l->ev = event_new(g->base, l->fd, EV_READ | EV_PERSIST, on_accept, l);
	if (l->ev == NULL || event_add(l->ev, NULL) != 0)
		err = LW_ENOMEM;
out:
	if (err != 0)
		lw_error("socket %s: %s", path, lw_strerror(err));
	return err;
}

void
lw_listener_close(struct lw_listener *l)
{
	struct stat st;

	if (l->ev != NULL)
		event_free(l->ev);
	l->ev = NULL;
	if (l->fd < 0)
		return;
	/* Not the file of a daemon that took our place meanwhile. */
	if (lstat(l->path, &st) == 0 && st.st_dev == l->dev && st.st_ino == l->ino)
		unlink(l->path);
	close(l->fd);
	l->fd = -1;
}
