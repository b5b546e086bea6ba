/* SPDX-License-Identifier: Apache-2.0 */
/* Life of one connection: accepted, read, written, watched, closed. Bytes go to input.c;
 * what it answers waits in s->out. Owned by the gate; lives on the loop's thread. */
#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "gate/session.h"

uint64_t
lw_mono_ms(void)
{
	return lw_clock_mono_ns() / 1000000;
}

struct lw_session *
lw_session_find(const struct lw_gate *g, uint64_t id)
{
	size_t slot = id & 0xffff;

	if (slot >= g->nslots || g->slots[slot] == NULL || g->slots[slot]->id != id)
		return NULL;
	return g->slots[slot];
}

/* ---- in ---- */

static bool
may_read(const struct lw_session *s)
{
	const struct lw_gate *g = s->gate;

	switch (s->state) {
	case LW_SESSION_HELLO:
	case LW_SESSION_DRAINING:
		return true;
	case LW_SESSION_OPEN:
		if (s->kind == LW_SESSION_CONTROL)
			return lw_buf_left(&s->out) == 0;
		return !g->paused && g->arenas_out < LW_GATE_ARENAS &&
		       s->acks.unacked < g->conf->window;
	case LW_SESSION_LEAVING:
	case LW_SESSION_DEAD:
		break;
	}
	return false;
}

void
lw_session_update(struct lw_session *s)
{
	bool want = may_read(s);

	if (s->state == LW_SESSION_DEAD || want == s->reading)
		return;
	s->reading = want;
	if (!want) {
		event_del(s->rd);
		return;
	}
	s->rx_ms = lw_mono_ms(); /* silence was our doing */
	event_add(s->rd, NULL);
	/* Whole frames may be waiting in our buffer: the socket would not tell. */
	if (lw_buf_left(&s->in) > 0)
		event_active(s->rd, EV_READ, 0);
}

/* Once a turn: a peer that writes without end must not keep the loop. */
static void
drop_input(struct lw_session *s)
{
	char buf[4096];
	ssize_t n = read(s->fd, buf, sizeof buf);

	lw_wipe(buf, sizeof buf);
	if (n > 0)
		return;
	if (n == 0 || (errno != EAGAIN && errno != EINTR))
		lw_session_close(s);
}

/* False when the session is closed. */
static bool
read_more(struct lw_session *s)
{
	uint8_t *room = lw_buf_reserve(&s->in, LW_GATE_READ);
	ssize_t n = room != NULL ? read(s->fd, room, LW_GATE_READ) : 0;

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		lw_session_close(s);
		return false;
	}
	if (n > 0) {
		lw_buf_commit(&s->in, (size_t)n);
		s->rx_ms = lw_mono_ms();
		s->pinged = false;
	}
	return true;
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct lw_session *s = arg;

	(void)fd;
	(void)what;
	if (s->state == LW_SESSION_DRAINING) {
		drop_input(s);
		return;
	}
	if (!may_read(s)) {
		lw_session_update(s);
		return;
	}
	/* Frames that waited for the window come first: reading on regardless would fill
	 * the buffer of a plugin that sends faster than it is acknowledged. */
	if (!lw_session_has_frame(s) && !read_more(s))
		return;
	lw_session_input(s);
	lw_session_update(s);
}

/* ---- out ---- */

void
lw_session_flush(struct lw_session *s)
{
	ssize_t n;

	while (lw_buf_left(&s->out) > 0) {
		n = send(s->fd, lw_buf_peek(&s->out), lw_buf_left(&s->out), MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		if (n < 0) {
			lw_session_close(s);
			return;
		}
		lw_buf_consume(&s->out, (size_t)n);
		s->tx_ms = lw_mono_ms();
	}
	if (lw_buf_left(&s->out) > 0 && !s->writing) {
		s->writing = true;
		event_add(s->wr, NULL);
	}
	if (lw_buf_left(&s->out) == 0 && s->state == LW_SESSION_LEAVING)
		lw_session_close(s);
}

static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct lw_session *s = arg;

	(void)fd;
	(void)what;
	s->flush_soon = s->writing = false;
	lw_session_flush(s);
	if (s->kind == LW_SESSION_CONTROL)
		lw_session_update(s);
}

void
lw_session_flush_soon(struct lw_session *s)
{
	if (s->state == LW_SESSION_DEAD)
		return;
	if (s->out.err != 0) {
		lw_warn("session %llu does not read; closed", (unsigned long long)s->id);
		lw_session_close(s);
		return;
	}
	if (s->writing || s->flush_soon || lw_buf_left(&s->out) == 0)
		return;
	/* Once a turn of the loop: answers of one turn leave in one write. */
	s->flush_soon = true;
	s->tx_ms = lw_mono_ms();
	event_active(s->wr, EV_WRITE, 0);
}

void
lw_session_ack(struct lw_session *s)
{
	uint64_t upto;

	if (s->kind != LW_SESSION_PLUGIN || s->acks.ring == NULL ||
	    !lw_acks_take(&s->acks, s->gate->durable, &upto))
		return;
	lw_put_ack(&s->out, upto);
	lw_session_flush_soon(s);
	lw_session_update(s);
}

void
lw_session_bye(struct lw_session *s, const char *code, const char *text)
{
	if (s->state >= LW_SESSION_LEAVING)
		return;
	lw_put_bye(&s->out, code, text, 0);
	s->state = LW_SESSION_LEAVING;
	s->left_ms = lw_mono_ms();
	lw_session_update(s);
	lw_session_flush_soon(s);
}

/* ---- begin and end ---- */

static int
open_session(struct lw_session *s, size_t slot)
{
	struct lw_gate *g = s->gate;
	bool plugin = s->kind == LW_SESSION_PLUGIN;
	size_t frame = plugin ? g->conf->max_frame : LW_FRAME_HELLO_MAX;
	int err;

	s->rd = event_new(g->base, s->fd, EV_READ | EV_PERSIST, on_readable, s);
	s->wr = event_new(g->base, s->fd, EV_WRITE, on_writable, s);
	if (s->rd == NULL || s->wr == NULL)
		return LW_ENOMEM;
	if (plugin && (err = lw_acks_init(&s->acks)) != 0)
		return err;
	if (frame < LW_FRAME_HELLO_MAX)
		frame = LW_FRAME_HELLO_MAX;
	lw_buf_init(&s->in, frame + 4 + LW_GATE_READ);
	lw_buf_init(&s->out, plugin ? LW_GATE_OUT_MAX : LW_CONTROL_FRAME_MAX + 4);
	s->id = ++g->generation << 16 | slot;
	s->state = plugin ? LW_SESSION_HELLO : LW_SESSION_OPEN;
	s->opened_ms = s->rx_ms = s->tx_ms = lw_mono_ms();
	g->slots[slot] = s;
	*(plugin ? &g->nplugins : &g->ncontrols) += 1;
	lw_session_update(s);
	return 0;
}

static void
free_session(struct lw_session *s)
{
	if (s->rd != NULL)
		event_free(s->rd);
	if (s->wr != NULL)
		event_free(s->wr);
	lw_acks_clear(&s->acks);
	lw_asks_clear(&s->asks);
	lw_buf_clear(&s->in);
	lw_buf_clear(&s->out);
	free(s);
}

void
lw_gate_reap(struct lw_gate *g)
{
	struct lw_session *s;

	while ((s = g->dead) != NULL) {
		g->dead = s->next_dead;
		free_session(s);
	}
}

/* One place too many: tell, as far as a socket's own buffer carries it. */
static void
refuse(struct lw_gate *g, int fd, enum lw_session_kind kind)
{
	struct lw_buf b;
	ssize_t n;

	lw_buf_init(&b, 1024);
	if (kind == LW_SESSION_PLUGIN)
		lw_put_bye(&b, "quota", "too many connections", 5000);
	else
		lw_put_reply(&b, false, LW_STR("\"too many connections\""));
	n = send(fd, b.data, b.len, MSG_NOSIGNAL);
	lw_warn("too many connections: one refused%s", n < 0 ? " (unheard)" : "");
	lw_buf_clear(&b);
	g->stats.refused++;
	close(fd);
}

void
lw_session_accept(struct lw_gate *g, int fd, enum lw_session_kind kind)
{
	bool plugin = kind == LW_SESSION_PLUGIN;
	struct ucred peer = {0};
	socklen_t len = sizeof peer;
	struct lw_session *s;
	size_t slot = 0;

	while (slot < g->nslots && g->slots[slot] != NULL)
		slot++;
	if (slot == g->nslots || (plugin ? g->nplugins >= g->conf->max_sessions
					 : g->ncontrols >= LW_GATE_CONTROLS)) {
		refuse(g, fd, kind);
		return;
	}
	if ((s = calloc(1, sizeof *s)) == NULL) {
		close(fd);
		return;
	}
	*s = (struct lw_session){.gate = g, .fd = fd, .kind = kind};
	if (open_session(s, slot) != 0) {
		free_session(s);
		close(fd);
		return;
	}
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 && plugin)
		lw_info("session %llu: connection of pid %ld, uid %ld, gid %ld",
		    (unsigned long long)s->id, (long)peer.pid, (long)peer.uid,
		    (long)peer.gid);
}

void
lw_session_close(struct lw_session *s)
{
	struct lw_gate *g = s->gate;

	if (s->state == LW_SESSION_DEAD)
		return;
	s->state = LW_SESSION_DEAD;
	event_del(s->rd);
	event_del(s->wr);
	close(s->fd);
	s->fd = -1;
	g->slots[s->id & 0xffff] = NULL;
	*(s->kind == LW_SESSION_PLUGIN ? &g->nplugins : &g->ncontrols) -= 1;
	if (s->kind == LW_SESSION_PLUGIN)
		lw_info("session %llu: closed", (unsigned long long)s->id);
	/* Callers up the stack still hold it. */
	s->next_dead = g->dead;
	g->dead = s;
	event_active(g->reaper, EV_TIMEOUT, 0);
}

/* ---- time ---- */

static void
tick_open(struct lw_session *s, uint64_t now_ms)
{
	const struct lw_gate_times *t = &s->gate->times;
	uint64_t quiet = now_ms - s->rx_ms;

	if (!s->reading)
		return;
	if (s->kind == LW_SESSION_CONTROL) {
		if (quiet > t->control_idle)
			lw_session_close(s);
	} else if (quiet > t->dead) {
		lw_session_bye(s, "timeout", "no answer to ping");
	} else if (quiet > t->idle && !s->pinged) {
		s->pinged = true;
		lw_put_simple(&s->out, LW_FR_PING);
		lw_session_flush_soon(s);
	}
}

void
lw_session_tick(struct lw_session *s, uint64_t now_ms)
{
	const struct lw_gate_times *t = &s->gate->times;

	if (lw_buf_left(&s->out) > 0 && now_ms - s->tx_ms > t->dead) {
		lw_session_close(s);
		return;
	}
	switch (s->state) {
	case LW_SESSION_HELLO:
		if (now_ms - s->opened_ms > t->hello)
			lw_session_bye(s, "timeout", "no hello");
		break;
	case LW_SESSION_OPEN:
		tick_open(s, now_ms);
		break;
	case LW_SESSION_LEAVING:
		if (now_ms - s->left_ms > t->linger)
			lw_session_close(s);
		break;
	case LW_SESSION_DRAINING:
	case LW_SESSION_DEAD:
		break;
	}
}
