/* SPDX-License-Identifier: Apache-2.0 */
/* The fake daemon and the raw peer of fake.h. */
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "base/err.h"
#include "base/log.h"
#include "fake.h"

static struct lw_str
copy_of(struct fake *d, int i, struct lw_str s)
{
	if (s.p == NULL)
		return s;
	assert_true(s.n < sizeof d->copy[i]);
	memcpy(d->copy[i], s.p, s.n);
	return (struct lw_str){d->copy[i], s.n};
}

static void
remember(struct fake *d, const struct lw_event *ev)
{
	d->last = *ev;
	d->last.tenant = copy_of(d, 0, ev->tenant);
	d->last.conv = copy_of(d, 1, ev->conv);
	d->last.from = copy_of(d, 2, ev->from);
	d->last.to = copy_of(d, 3, ev->to);
	d->last.id = copy_of(d, 4, ev->id);
	d->last.text = copy_of(d, 5, ev->text);
}

static void
on_events(
    void *ctx, uint64_t session, struct lw_event *evs, size_t n, struct lw_arena *arena)
{
	struct fake *d = ctx;
	size_t i;

	for (i = 0; i < n; i++) {
		struct lw_verdict v = {.seq = evs[i].seq, .reason = "ok"};

		if (evs[i].seq != d->last_seq + 1 || evs[i].ts_ms == 0)
			d->disorder = true;
		d->last_seq = evs[i].seq;
		if (!evs[i].ask)
			continue;
		if (d->answer) {
			lw_gate_verdicts(d->gate, session, &v, 1);
		} else {
			d->asks[d->nasks % FAKE_ASKS].session = session;
			d->asks[d->nasks++ % FAKE_ASKS].seq = v.seq;
		}
	}
	remember(d, &evs[n - 1]);
	d->events += n;
	d->batches++;
	if (d->durable)
		lw_gate_durable(d->gate, d->last_seq);
	if (d->hold)
		d->held[d->nheld++] = arena;
	else
		lw_gate_release(d->gate, arena);
}

static int
on_call(void *ctx, struct lw_str verb, struct lw_str arg, struct lw_buf *reply)
{
	struct fake *d = ctx;

	d->calls++;
	if (lw_str_is(verb, "echo"))
		return lw_buf_put(reply, arg.p, arg.n);
	if (lw_str_is(verb, "big")) {
		char *z = calloc(1, 3u << 20);

		memset(z, 'x', 3u << 20);
		lw_buf_put(reply, z, 3u << 20);
		free(z);
		return 0;
	}
	return LW_ENOENT;
}

void
fake_init(struct fake *d)
{
	memset(d, 0, sizeof *d);
	snprintf(d->dir, sizeof d->dir, "/tmp/lw-gate-XXXXXX");
	assert_non_null(mkdtemp(d->dir));
	snprintf(d->conf.socket, sizeof d->conf.socket, "%s/plugin", d->dir);
	snprintf(d->conf.control, sizeof d->conf.control, "%s/control", d->dir);
	d->conf.dedupe_events = 300000;
	d->conf.max_sessions = 8;
	d->conf.window = 8192;
	d->conf.max_frame = LW_FRAME_MAX;
	memset(d->key.b, 7, sizeof d->key.b);
	d->next_seq = 1;
	d->durable = d->answer = true;
	lw_log_set_level(LW_LOG_ERROR);
}

void
fake_start(struct fake *d)
{
	struct lw_gate_callbacks cb = {on_events, on_call, d};

	d->base = event_base_new();
	assert_non_null(d->base);
	d->last_seq = d->next_seq - 1;
	assert_int_equal(
	    lw_gate_new(&d->gate, d->base, &d->conf, &cb, &d->key, d->next_seq), 0);
}

void
fake_release(struct fake *d)
{
	while (d->nheld > 0)
		lw_gate_release(d->gate, d->held[--d->nheld]);
}

void
fake_stop(struct fake *d)
{
	fake_release(d);
	d->next_seq = lw_gate_next_seq(d->gate);
	lw_gate_free(d->gate);
	event_base_free(d->base);
	d->gate = NULL;
}

void
fake_clear(struct fake *d)
{
	if (d->gate != NULL)
		fake_stop(d);
	unlink(d->conf.tenants[0].token_file);
	rmdir(d->dir);
}

void
fake_turn(struct fake *d)
{
	event_base_loop(d->base, EVLOOP_NONBLOCK);
}

/* ---- peer ---- */

void
peer_init(struct peer *p, struct fake *d)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};

	*p = (struct peer){.d = d};
	snprintf(sa.sun_path, sizeof sa.sun_path, "%.100s", d->conf.socket);
	p->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(p->fd, (struct sockaddr *)&sa, sizeof sa), 0);
	lw_buf_init(&p->in, 8u << 20);
	lw_arena_init(&p->arena, 8u << 20);
	assert_int_equal(lw_reader_new(&p->reader), 0);
	fake_turn(d);
}

void
peer_clear(struct peer *p)
{
	close(p->fd);
	lw_buf_clear(&p->in);
	lw_arena_clear(&p->arena);
	lw_reader_free(p->reader);
	fake_turn(p->d);
}

void
peer_send(struct peer *p, const void *bytes, size_t n)
{
	const char *at = bytes;
	int tries = 0;
	ssize_t w;

	while (n > 0) {
		w = send(p->fd, at, n, MSG_NOSIGNAL);
		if (w > 0) {
			at += w;
			n -= (size_t)w;
		} else if (errno == EPIPE) {
			return; /* the gate has had enough */
		} else {
			assert_int_equal(errno, EAGAIN);
			assert_true(tries++ < 100000);
		}
		fake_turn(p->d);
	}
}

void
peer_flush(struct peer *p, struct lw_buf *b)
{
	assert_int_equal(b->err, 0);
	peer_send(p, lw_buf_peek(b), lw_buf_left(b));
	lw_buf_reset(b);
}

static bool
receive(struct peer *p)
{
	uint8_t *room = lw_buf_reserve(&p->in, 65536);
	ssize_t n = read(p->fd, room, 65536);

	if (n > 0)
		lw_buf_commit(&p->in, (size_t)n);
	return n == 0 || (n < 0 && errno != EAGAIN);
}

enum lw_frame_type
peer_frame(struct peer *p, struct lw_frame *f)
{
	uint64_t until = lw_mono_ms() + 5000;
	struct lw_str body;
	bool ended = false;
	int r = 0;

	lw_buf_consume(&p->in, p->used);
	lw_arena_reset(&p->arena);
	p->used = 0;
	for (;;) {
		if (lw_buf_left(&p->in) > 0)
			r = lw_frame_next(lw_buf_peek(&p->in), lw_buf_left(&p->in),
			    LW_FRAME_MAX, &body);
		if (r != 0)
			break;
		if (ended)
			return LW_FR_MAX;
		assert_true(lw_mono_ms() < until);
		fake_turn(p->d);
		ended = receive(p);
		if (!ended)
			poll(NULL, 0, lw_buf_left(&p->in) > 0 ? 0 : 1);
	}
	assert_int_equal(r, 1);
	assert_int_equal(lw_frame_decode(p->reader, body, &p->arena, f), 0);
	p->used = 4 + body.n;
	return f->type;
}

bool
peer_is_quiet(struct peer *p)
{
	int i;

	lw_buf_consume(&p->in, p->used);
	p->used = 0;
	for (i = 0; i < 20; i++) {
		fake_turn(p->d);
		if (receive(p) || lw_buf_left(&p->in) > 0)
			return false;
	}
	return true;
}

void
peer_hello(struct peer *p)
{
	struct lw_hello h = {
	    .v = {1}, .nv = 1, .plugin = LW_STR("test"), .instance = LW_STR("one")};
	struct lw_frame f;
	struct lw_buf b;

	lw_buf_init(&b, 4096);
	lw_put_hello(&b, &h);
	peer_flush(p, &b);
	lw_buf_clear(&b);
	assert_int_equal(peer_frame(p, &f), LW_FR_HELLO);
	assert_int_equal(f.hello.v[0], 1);
	assert_int_equal(f.hello.window, p->d->conf.window);
}
