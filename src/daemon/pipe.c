/* SPDX-License-Identifier: Apache-2.0 */
/* The pipeline as the loop sees it: begin and end, pushing, polling. Batches of events in;
 * verdicts and the gate's memory back; owns the shards, the stages and their threads. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/err.h"
#include "base/log.h"
#include "daemon/pipe_inside.h"

#define VERDICTS 256
#define PUSH_WAIT_MS 5

static int
init_locks(struct lw_pipe *p)
{
	pthread_condattr_t attr;

	pthread_mutex_init(&p->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&p->filled, &attr);
	pthread_condattr_destroy(&attr);
	pthread_cond_init(&p->room, NULL);
	return 0;
}

static int
make_state(struct lw_pipe *p)
{
	unsigned k;
	int err;

	err = lw_router_new(&p->router, &p->conf.engine);
	if (err == 0)
		err = lw_fanout_new(&p->fanout, &p->conf.engine);
	for (k = 0; err == 0 && k < LW_SHARDS; k++)
		err = lw_shard_new(&p->shard[k], &p->conf.engine, k);
	return err;
}

int
lw_pipe_start(struct lw_pipe *p)
{
	unsigned i;
	int err;

	err = lw_keeper_new(&p->keeper);
	if (err == 0)
		err = lw_recorder_start(p);
	if (err == 0)
		err = lw_committer_start(p);
	for (i = 0; err == 0 && i < p->conf.workers; i++)
		err = lw_pipe_worker_start(p, i);
	return err;
}

int
lw_pipe_new(struct lw_pipe **out, const struct lw_pipe_conf *conf)
{
	struct lw_pipe *p;
	int err;

	if (conf->workers < 1 || conf->workers > LW_DAEMON_WORKERS_MAX)
		return LW_EINVAL;
	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return LW_ENOMEM;
	p->conf = *conf;
	p->recorder_bell.fd = -1;
	init_locks(p);
	lw_group_init(&p->group[0]);
	lw_group_init(&p->group[1]);
	p->fill = &p->group[0];
	p->worker = calloc(conf->workers, sizeof(*p->worker));
	err = p->worker != NULL ? make_state(p) : LW_ENOMEM;
	if (err != 0) {
		lw_pipe_free(p, true);
		return err;
	}
	*out = p;
	return 0;
}

/* In the order of the data's way: each stage finishes what the one before gave it. */
static void
stop_threads(struct lw_pipe *p)
{
	unsigned i;

	atomic_store(&p->stopping, true);
	for (i = 0; p->worker != NULL && i < p->conf.workers; i++)
		lw_pipe_worker_stop(&p->worker[i]);
	lw_recorder_stop(p);
	lw_committer_stop(p);
	lw_keeper_free(p->keeper);
}

void
lw_pipe_free(struct lw_pipe *p, bool give_up)
{
	struct lw_batch *b;
	uint64_t at;
	unsigned k;

	if (p == NULL)
		return;
	atomic_store(&p->give_up, give_up);
	stop_threads(p);
	lw_committer_drop(p);
	for (at = p->reaped; at < atomic_load(&p->pushed); at++)
		lw_batch_free(p->ring[at % LW_DAEMON_INFLIGHT]);
	while ((b = p->free_batches) != NULL) {
		p->free_batches = b->next;
		lw_batch_free(b);
	}
	for (k = 0; k < LW_SHARDS; k++)
		lw_shard_free(p->shard[k]);
	lw_router_free(p->router);
	lw_fanout_free(p->fanout);
	lw_group_clear(&p->group[0]);
	lw_group_clear(&p->group[1]);
	lw_rules_unref(p->live_rules);
	pthread_cond_destroy(&p->filled);
	pthread_cond_destroy(&p->room);
	pthread_mutex_destroy(&p->lock);
	free(p->worker);
	free(p);
}

int
lw_pipe_load(struct lw_pipe *p, unsigned piece, uint64_t seq, struct lw_str state)
{
	int err = 0;

	if (piece < LW_SHARDS) {
		err = lw_shard_load(p->shard[piece], state);
		p->shard_seq[piece] = seq;
	} else if (piece == LW_PIECE_ROUTER) {
		err = lw_router_load(p->router, state);
		p->router_seq = seq;
	} else if (piece == LW_PIECE_FANOUT) {
		err = lw_fanout_load(p->fanout, state);
		p->fanout_seq = seq;
	}
	atomic_store(&p->snap_seq[piece], seq);
	atomic_store(&p->snap_has[piece], true);
	return err;
}

/* ---- pushing ---- */

bool
lw_pipe_has_room(const struct lw_pipe *p)
{
	return atomic_load(&p->pushed) - p->reaped < LW_DAEMON_INFLIGHT;
}

static void
no_verdicts(void *ctx, uint64_t session, const struct lw_verdict *v, size_t n)
{
	(void)ctx;
	(void)session;
	(void)v;
	(void)n;
}

static void
no_release(void *ctx, struct lw_arena *arena)
{
	(void)ctx;
	(void)arena;
}

/* Of a replay: fewer batches than live ones, since each is large. */
static bool
replay_has_room(const struct lw_pipe *p)
{
	return atomic_load(&p->pushed) - p->reaped < LW_DAEMON_REPLAY_INFLIGHT;
}

static void
wait_for_room(struct lw_pipe *p)
{
	static const struct lw_pipe_calls none = {no_verdicts, no_release, NULL};

	while (!replay_has_room(p)) {
		lw_bell_arm(p->conf.bell);
		lw_pipe_poll(p, &none);
		if (!replay_has_room(p))
			lw_bell_wait(p->conf.bell, PUSH_WAIT_MS);
	}
}

static struct lw_batch *
take_batch(struct lw_pipe *p, enum lw_batch_kind kind)
{
	struct lw_batch *b = p->free_batches;

	if (b != NULL)
		p->free_batches = b->next;
	else
		b = lw_batch_new(p->conf.workers);
	if (b != NULL)
		b->kind = kind;
	return b;
}

static void
give_batch(struct lw_pipe *p, struct lw_batch *b)
{
	lw_batch_reset(b);
	b->next = p->free_batches;
	p->free_batches = b;
}

static bool
worker_has_part(const struct lw_pipe *p, const struct lw_batch *b, unsigned w)
{
	size_t i;

	if (b->kind == LW_BATCH_RULES)
		return false;
	if (b->kind == LW_BATCH_SNAP)
		return b->piece < LW_SHARDS && b->piece % p->conf.workers == w;
	for (i = 0; i < b->n; i++)
		if (b->shard[i] == LW_SHARD_ALL || b->shard[i] % p->conf.workers == w)
			return true;
	return false;
}

static void
push(struct lw_pipe *p, struct lw_batch *b)
{
	uint64_t at = atomic_load(&p->pushed), part = 0;
	unsigned w, n = 0;

	for (w = 0; w < p->conf.workers; w++)
		if (worker_has_part(p, b, w)) {
			part |= UINT64_C(1) << w;
			n++;
		}
	b->last_seq = p->last_seq;
	atomic_store(&b->left, n);
	p->ring[at % LW_DAEMON_INFLIGHT] = b;
	atomic_store(&p->pushed, at + 1);
	for (w = 0; w < p->conf.workers; w++)
		if ((part >> w & 1) != 0)
			lw_pipe_worker_push(&p->worker[w], b);
	if (n == 0)
		lw_bell_ring(&p->recorder_bell);
}

static int
make_arrays(struct lw_batch *b, size_t n)
{
	b->n = n;
	b->shard = lw_arena_alloc(&b->arena, n * sizeof(*b->shard));
	b->to_was_absent = lw_arena_alloc(&b->arena, n * sizeof(*b->to_was_absent));
	b->from_was = lw_arena_alloc(&b->arena, n * sizeof(*b->from_was));
	b->out = lw_arena_alloc(&b->arena, n * sizeof(*b->out));
	if (b->shard == NULL || b->to_was_absent == NULL || b->from_was == NULL ||
	    b->out == NULL)
		return LW_ENOMEM;
	return 0;
}

/* The router may find out the target, and whose message it is that somebody deleted. What
 * the event said itself is kept for a replay, which routes again. */
static void
route(struct lw_pipe *p, struct lw_batch *b, size_t i)
{
	struct lw_event *ev = &b->ev[i];
	struct lw_str from = ev->from;

	b->to_was_absent[i] = ev->to.n == 0;
	b->shard[i] = (uint16_t)lw_router_route(p->router, ev, b->lent);
	if (ev->from.p != from.p)
		b->from_was[i] = from;
	b->asks += ev->ask;
}

int
lw_pipe_push_events(struct lw_pipe *p, struct lw_rules *rules, uint64_t session,
    struct lw_event *ev, size_t n, struct lw_arena *lent)
{
	struct lw_batch *b;
	size_t i;

	if (!lw_pipe_has_room(p))
		return LW_EAGAIN;
	b = take_batch(p, LW_BATCH_EVENTS);
	if (b == NULL)
		return LW_ENOMEM;
	if (make_arrays(b, n) != 0) {
		give_batch(p, b);
		return LW_ENOMEM;
	}
	b->rules = lw_rules_ref(rules);
	b->session = session;
	b->ev = ev;
	b->lent = lent;
	for (i = 0; i < n; i++)
		route(p, b, i);
	if (n > 0)
		p->last_seq = ev[n - 1].seq;
	push(p, b);
	return 0;
}

struct lw_batch *
lw_pipe_replay_begin(struct lw_pipe *p)
{
	struct lw_batch *b;

	wait_for_room(p);
	b = take_batch(p, LW_BATCH_REPLAY);
	if (b == NULL)
		return NULL;
	b->replay =
	    lw_arena_alloc(&b->arena, LW_DAEMON_REPLAY_BATCH * sizeof(*b->replay));
	if (b->replay == NULL || make_arrays(b, LW_DAEMON_REPLAY_BATCH) != 0) {
		give_batch(p, b);
		return NULL;
	}
	b->n = 0;
	return b;
}

/* The router's state must be what it was: it routes again what its snapshot has not. */
static void
route_again(struct lw_pipe *p, struct lw_batch *b, const struct lw_jevent *e)
{
	struct lw_event ev = e->ev;

	if (ev.seq <= p->router_seq)
		return;
	if (e->to_was_absent)
		ev.to = (struct lw_str){NULL, 0};
	if (e->from_was.p != NULL)
		ev.from = e->from_was;
	lw_router_route(p->router, &ev, &b->arena);
}

int
lw_pipe_replay_push(struct lw_pipe *p, struct lw_batch *b, struct lw_rules *rules)
{
	size_t i;

	if (b->n == 0) {
		give_batch(p, b);
		return 0;
	}
	b->ev = lw_arena_alloc(&b->arena, b->n * sizeof(*b->ev));
	if (b->ev == NULL) {
		give_batch(p, b);
		return LW_ENOMEM;
	}
	b->rules = lw_rules_ref(rules);
	for (i = 0; i < b->n; i++) {
		b->ev[i] = b->replay[i].ev;
		b->shard[i] = b->replay[i].shard;
		route_again(p, b, &b->replay[i]);
	}
	p->last_seq = b->ev[b->n - 1].seq;
	push(p, b);
	return 0;
}

int
lw_pipe_push_rules(struct lw_pipe *p, struct lw_rules *rules)
{
	struct lw_batch *b;

	if (!lw_pipe_has_room(p))
		return LW_EAGAIN;
	b = take_batch(p, LW_BATCH_RULES);
	if (b == NULL)
		return LW_ENOMEM;
	b->rules = lw_rules_ref(rules);
	push(p, b);
	return 0;
}

int
lw_pipe_push_snap(struct lw_pipe *p, unsigned piece, struct lw_buf *state)
{
	struct lw_batch *b;

	if (!lw_pipe_has_room(p))
		return LW_EAGAIN;
	b = take_batch(p, LW_BATCH_SNAP);
	if (b == NULL)
		return LW_ENOMEM;
	b->piece = piece;
	if (piece == LW_PIECE_ROUTER) {
		b->err = lw_router_save(p->router, &b->state);
		if (b->err == 0)
			b->err = b->state.err;
	} else if (state != NULL) {
		b->err = state->err;
		b->state = *state;
		lw_buf_init(state, state->max);
	}
	/* a quiet daemon need not write the same again */
	b->clean = piece >= LW_SHARDS && atomic_load(&p->snap_has[piece]) &&
		   atomic_load(&p->snap_seq[piece]) == p->last_seq;
	atomic_fetch_add(&p->snaps_open, 1);
	push(p, b);
	return 0;
}

/* ---- what came back ---- */

static void
answer(struct lw_batch *b, const struct lw_pipe_calls *calls)
{
	struct lw_verdict v[VERDICTS];
	size_t i, n = 0;

	b->answered = true;
	if (b->asks == 0)
		return;
	for (i = 0; i < b->n; i++) {
		if (!b->ev[i].ask)
			continue;
		v[n] = b->out[i].verdict;
		v[n++].seq = b->ev[i].seq;
		if (n == VERDICTS) {
			calls->verdicts(calls->ctx, b->session, v, n);
			n = 0;
		}
	}
	if (n > 0)
		calls->verdicts(calls->ctx, b->session, v, n);
}

void
lw_pipe_poll(struct lw_pipe *p, const struct lw_pipe_calls *calls)
{
	uint64_t at, recorded = atomic_load(&p->recorded);
	struct lw_batch *b;

	/* verdicts of whatever is done, in any order; then memory, in sequence */
	for (at = p->reaped; at < atomic_load(&p->pushed); at++) {
		b = p->ring[at % LW_DAEMON_INFLIGHT];
		if (!b->answered && atomic_load(&b->left) == 0)
			answer(b, calls);
	}
	while (p->reaped < recorded) {
		b = p->ring[p->reaped % LW_DAEMON_INFLIGHT];
		if (b->lent != NULL)
			calls->release(calls->ctx, b->lent);
		give_batch(p, b);
		p->reaped++;
	}
}

bool
lw_pipe_is_idle(const struct lw_pipe *cp)
{
	struct lw_pipe *p = (struct lw_pipe *)cp; /* for its lock */
	bool idle;

	if (atomic_load(&p->pushed) != atomic_load(&p->recorded) ||
	    p->reaped != atomic_load(&p->recorded))
		return false;
	pthread_mutex_lock(&p->lock);
	idle = lw_group_is_empty(p->fill) && !p->committing;
	pthread_mutex_unlock(&p->lock);
	return idle;
}

/* A piece that took nothing from the journal is as its file says, up to now. */
static void
raise_snaps(struct lw_pipe *p, uint64_t upto)
{
	unsigned k;

	for (k = 0; k < LW_SHARDS; k++)
		if (atomic_load(&p->snap_has[k]) &&
		    p->shard_seq[k] == atomic_load(&p->snap_seq[k]))
			atomic_store(&p->snap_seq[k], upto);
	atomic_store(&p->drop_hint, true);
}

int
lw_pipe_go_live(struct lw_pipe *p, uint64_t next_seq, struct lw_rules *rules)
{
	int err;

	if (!lw_pipe_is_idle(p))
		return LW_EBUSY;
	p->last_seq = next_seq - 1;
	p->live_rules = lw_rules_ref(rules);
	atomic_store(&p->durable, next_seq - 1);
	pthread_mutex_lock(&p->lock); /* the committer sees what is written here */
	p->group[0].last_seq = p->group[1].last_seq = next_seq - 1;
	err = lw_committer_begin_segment(p, next_seq);
	raise_snaps(p, next_seq - 1);
	if (err == 0)
		lw_committer_drop(p);
	pthread_mutex_unlock(&p->lock);
	return err;
}
