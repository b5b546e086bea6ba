/* SPDX-License-Identifier: Apache-2.0 */
/* Whole frames of a session's buffer in; batches of new, stamped events out to the daemon,
 * and answers into the session's own output. All the frames of one read make one batch,
 * which owns an arena with their bytes until the daemon gives it back. */
#include <stdio.h>
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "gate/session.h"

#define SEQ_MAX (1ULL << 62)

struct batch {
	struct lw_gate_arena *a; /* NULL: none yet */
	struct lw_event *evs;	 /* in the arena, in a row: so the daemon wants them */
	size_t n, cap;
	uint64_t now_ms; /* wall clock of this read */
};

/* ---- the batch ---- */

static void
pass_on(struct lw_session *s, struct batch *b)
{
	struct lw_gate *g = s->gate;

	if (b->a == NULL)
		return;
	g->stats.events += b->n;
	if (b->n > 0)
		g->cb.events(g->cb.ctx, s->id, b->evs, b->n, &b->a->arena);
	else
		lw_gate_arena_give(g, b->a);
	*b = (struct batch){.now_ms = b->now_ms};
}

static bool
has_room(struct lw_session *s, struct batch *b)
{
	if (b->a != NULL &&
	    (b->n >= LW_BATCH_MAX || b->a->arena.used > LW_GATE_BATCH_BYTES))
		pass_on(s, b);
	if (b->a == NULL)
		b->a = lw_gate_arena_take(s->gate);
	return b->a != NULL;
}

/* Room for n more, before any of them has a number: what was stamped must be passed on. */
static int
grow(struct batch *b, size_t n)
{
	size_t cap = (b->n + n) * 2;
	struct lw_event *evs;

	if (b->n == 0 || b->n + n <= b->cap)
		return 0;
	if ((evs = lw_arena_alloc(&b->a->arena, cap * sizeof *evs)) == NULL)
		return LW_ENOMEM;
	memcpy(evs, b->evs, b->n * sizeof *evs);
	b->evs = evs;
	b->cap = cap;
	return 0;
}

static void
add(struct batch *b, struct lw_event *evs, size_t n)
{
	if (n == 0)
		return;
	if (b->n == 0) {
		/* The usual batch of one frame is its array, as it is. */
		b->evs = evs;
		b->cap = n;
	} else {
		memcpy(b->evs + b->n, evs, n * sizeof *evs);
	}
	b->n += n;
}

/* ---- events ---- */

/* A plugin may not write for another tenant, may not stamp, may not decide. */
static bool
prepare(struct lw_session *s, struct lw_event *ev, uint64_t seq, struct batch *b)
{
	struct lw_gate *g = s->gate;
	char minted[80];
	int n;

	if (ev->kind == LW_EV_MAX || ev->kind == LW_EV_DECISION)
		return false;
	ev->tenant = s->tenant;
	ev->ts_ms = lw_clock_clamp(ev->ts_ms, b->now_ms);
	if (ev->id.p == NULL) {
		n = snprintf(minted, sizeof minted, "~%016llx.%llx.%llu",
		    (unsigned long long)g->salt, (unsigned long long)s->id,
		    (unsigned long long)seq);
		ev->id = lw_arena_str(&b->a->arena, (struct lw_str){minted, (size_t)n});
		if (ev->id.p == NULL)
			return false;
	}
	{
		const struct lw_str parts[] = {ev->tenant, {s->instance, s->instance_len},
		    ev->id, lw_str(lw_event_kind_name(ev->kind)), ev->conv, ev->from,
		    ev->to, ev->reply_to, ev->item, ev->text};

		ev->key = lw_hash128_parts(&g->key, parts, sizeof parts / sizeof *parts);
	}
	return true;
}

/* Answer an ask on the spot; seq is the client's. */
static void
answer(struct lw_session *s, uint64_t seq, const char *reason)
{
	struct lw_verdict v = {.seq = seq, .action = LW_ACT_ALLOW, .reason = reason};

	lw_put_verdicts(&s->out, &v, 1);
}

/* Stamp what is new, drop what is not; the kept ones move to the front. */
static size_t
sift(struct lw_session *s, const struct lw_frame *f, struct batch *b)
{
	struct lw_gate *g = s->gate;
	struct lw_event *evs = f->events;
	size_t i, kept = 0;

	for (i = 0; i < f->nevents; i++) {
		if (prepare(s, &evs[i], f->seq + i, b))
			lw_seen_prefetch(&g->seen, evs[i].key, i);
		else
			evs[i].kind = LW_EV_MAX;
	}
	for (i = 0; i < f->nevents; i++) {
		bool ask = evs[i].ask;

		g->stats.asks += ask;
		if (evs[i].kind == LW_EV_MAX) {
			g->stats.bad_events++;
			if (ask)
				answer(s, f->seq + i, "invalid");
			continue;
		}
		if (!lw_seen_add(&g->seen, evs[i].key)) {
			g->stats.duplicates++;
			if (ask)
				answer(s, f->seq + i, "duplicate");
			continue;
		}
		evs[i].seq = g->next_seq++;
		if (ask && lw_asks_add(&s->asks, evs[i].seq, f->seq + i) != 0)
			answer(s, f->seq + i, "unavailable");
		if (kept != i)
			evs[kept] = evs[i];
		kept++;
	}
	return kept;
}

/* What every shard must hear costs as much as many messages: a server that tells of all its
 * people at once must not keep the asks of others waiting for long. */
static uint32_t
weigh(const struct lw_event *evs, size_t n)
{
	uint32_t w = 0;
	size_t i;

	for (i = 0; i < n; i++)
		w += evs[i].kind == LW_EV_USER || evs[i].kind == LW_EV_RELATION
			 ? LW_GATE_FACT_COST
			 : 1;
	return w;
}

static int
take_events(struct lw_session *s, const struct lw_frame *f, struct batch *b)
{
	uint32_t weight = weigh(f->events, f->nevents);
	size_t kept;
	int err;

	if (f->nevents == 0)
		return 0;
	/* Gaps are fine, the client dropped something; going back is not. */
	if (f->seq <= s->last_seq || f->seq > SEQ_MAX)
		return LW_EPROTO;
	if ((err = grow(b, f->nevents)) != 0)
		return err;
	s->last_seq = f->seq + f->nevents - 1;
	s->gate->stats.repaired += f->repaired;
	kept = sift(s, f, b);
	lw_acks_add(&s->acks, s->last_seq, s->gate->next_seq - 1, weight);
	add(b, f->events, kept);
	lw_session_ack(s); /* all seen before, and durable: nothing to wait for */
	lw_session_flush_soon(s);
	return 0;
}

/* ---- the other frames ---- */

static void
keep_instance(struct lw_session *s, struct lw_str given)
{
	int n;

	if (given.p != NULL) {
		memcpy(s->instance, given.p, given.n);
		s->instance_len = given.n;
		return;
	}
	/* Nobody in particular: what it sends again after a reconnect counts anew. */
	n = snprintf(s->instance, sizeof s->instance, "~%016llx.%llx",
	    (unsigned long long)s->gate->salt, (unsigned long long)s->id);
	s->instance_len = (size_t)n;
}

static int
take_hello(struct lw_session *s, const struct lw_hello *h)
{
	static const struct lw_str caps[] = {{"events", 6}, {"ask", 3}, {"window", 6}};
	struct lw_gate *g = s->gate;
	struct lw_hello answer_h = {.v = {LW_WIRE_VERSION}, .nv = 1};
	const char *code, *text = NULL;
	char name[32];
	int n;

	if (s->state != LW_SESSION_HELLO)
		return LW_EPROTO;
	if ((code = lw_session_admit(s, h, &text)) != NULL) {
		g->stats.refused++;
		lw_warn("session %llu: refused: %s", (unsigned long long)s->id, code);
		lw_session_bye(s, code, text);
		return 0;
	}
	keep_instance(s, h->instance);
	g->stats.lost += h->lost;
	if (h->lost > 0)
		lw_warn("session %llu: the plugin lost %llu events while away",
		    (unsigned long long)s->id, (unsigned long long)h->lost);
	n = snprintf(name, sizeof name, "%llx", (unsigned long long)s->id);
	answer_h.session = (struct lw_str){name, (size_t)n};
	answer_h.max_frame = (uint32_t)(s->in.max - 4 - LW_GATE_READ);
	answer_h.window = g->conf->window;
	memcpy(answer_h.caps, caps, sizeof caps);
	answer_h.ncaps = sizeof caps / sizeof *caps;
	s->state = LW_SESSION_OPEN;
	lw_put_hello(&s->out, &answer_h);
	if (g->paused)
		lw_put_simple(&s->out, LW_FR_PAUSE);
	lw_session_flush_soon(s);
	lw_info("session %llu: open for tenant %.*s", (unsigned long long)s->id,
	    (int)s->tenant.n, s->tenant.p);
	return 0;
}

static int
take_call(struct lw_session *s, const struct lw_frame *f)
{
	struct lw_gate *g = s->gate;
	struct lw_buf body;
	int err;

	lw_buf_init(&body, LW_CONTROL_FRAME_MAX - 1024);
	err = g->cb.call(g->cb.ctx, f->code, f->text, &body);
	if (err == 0 && body.err != 0)
		err = body.err;
	if (err != 0 && (body.err != 0 || body.len == 0)) {
		lw_buf_reset(&body);
		lw_buf_printf(&body, "{\"error\":\"%s\"}", lw_strerror(err));
	}
	lw_put_reply(
	    &s->out, err == 0, (struct lw_str){(const char *)body.data, body.len});
	lw_buf_clear(&body);
	lw_session_flush_soon(s);
	return 0;
}

static int
take_frame(struct lw_session *s, const struct lw_frame *f, struct batch *b)
{
	if (s->kind == LW_SESSION_CONTROL)
		return f->type == LW_FR_CALL ? take_call(s, f) : LW_EPROTO;
	if (f->type == LW_FR_HELLO)
		return take_hello(s, &f->hello);
	if (f->type == LW_FR_BYE) {
		lw_session_close(s);
		return 0;
	}
	if (s->state == LW_SESSION_HELLO)
		return LW_EPROTO;
	switch (f->type) {
	case LW_FR_EVENTS:
		return take_events(s, f, b);
	case LW_FR_PING:
		lw_put_simple(&s->out, LW_FR_PONG);
		lw_session_flush_soon(s);
		return 0;
	case LW_FR_PONG:
	case LW_FR_DONE:
	case LW_FR_UNKNOWN: /* of a later version: not for us */
		return 0;
	default:
		return LW_EPROTO; /* only we say that */
	}
}

static void
reject(struct lw_session *s, int err)
{
	s->gate->stats.bad_frames++;
	lw_warn(
	    "session %llu: bad frame: %s", (unsigned long long)s->id, lw_strerror(err));
	if (s->kind == LW_SESSION_CONTROL) {
		lw_session_close(s);
		return;
	}
	if (err == LW_ELIMIT)
		lw_session_bye(s, "too_large", "a frame, its depth or its count");
	else if (err == LW_ENOMEM)
		lw_session_bye(s, "quota", "out of memory");
	else
		lw_session_bye(s, "protocol", "a frame that is none");
}

static int
find_frame(const struct lw_session *s, struct lw_str *body)
{
	size_t max = s->state == LW_SESSION_HELLO || s->kind == LW_SESSION_CONTROL
			 ? LW_FRAME_HELLO_MAX
			 : s->in.max - 4 - LW_GATE_READ;

	return lw_frame_next(lw_buf_peek(&s->in), lw_buf_left(&s->in), max, body);
}

bool
lw_session_has_frame(const struct lw_session *s)
{
	struct lw_str body;

	return find_frame(s, &body) != 0;
}

/* One frame off the buffer: 1, 0 when there is none (yet), or an error. */
static int
next_frame(struct lw_session *s, struct batch *b)
{
	struct lw_frame f;
	struct lw_str body;
	const char *copy;
	int r;

	r = find_frame(s, &body);
	if (r <= 0 || !has_room(s, b))
		return r < 0 ? r : 0;
	/* The events outlive the session's buffer. */
	if ((copy = lw_arena_dup(&b->a->arena, body.p, body.n)) == NULL)
		return LW_ENOMEM;
	lw_buf_consume(&s->in, 4 + body.n);
	body.p = copy;
	s->gate->stats.frames++;
	r = lw_frame_decode(s->gate->reader, body, &b->a->arena, &f);
	if (r == 0)
		r = take_frame(s, &f, b);
	return r != 0 ? r : 1;
}

void
lw_session_input(struct lw_session *s)
{
	struct batch b = {.now_ms = lw_clock_wall_ms()};
	struct lw_gate *g = s->gate;
	int r;

	do {
		r = next_frame(s, &b);
	} while (r > 0 && s->state <= LW_SESSION_OPEN &&
		 (s->kind == LW_SESSION_CONTROL
			 ? lw_buf_left(&s->out) == 0
			 : !g->paused && s->acks.unacked < g->conf->window));
	/* What came before a bad frame is good. */
	pass_on(s, &b);
	if (r < 0)
		reject(s, r);
}
