/* SPDX-License-Identifier: Apache-2.0 */
/* A worker thread: batches in, in order; outcomes of the events of its own shards out, in
 * the batch. It alone touches those shards. */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "daemon/pipe_inside.h"

#define AHEAD_FAR 8 /* events between the two fetches of a window and its turn */
#define AHEAD_NEAR 4
#define STATS_NS UINT64_C(1000000000)
#define SPINS 200

static bool
is_mine(const struct lw_pipe_worker *w, unsigned shard)
{
	return shard == LW_SHARD_ALL || shard % w->pipe->conf.workers == w->index;
}

/* One event in one shard, scanned or from its record. */
static void
step(struct lw_pipe_worker *w, struct lw_batch *b, size_t i, unsigned k,
    struct lw_outcome *out)
{
	struct lw_pipe *p = w->pipe;
	struct lw_arena *arena = &b->results[w->index];
	const struct lw_event *ev = &b->ev[i];
	int err;

	if (b->kind == LW_BATCH_REPLAY) {
		if (ev->seq <= p->shard_seq[k])
			return; /* the snapshot has it */
		err = lw_engine_apply(w->engine, p->shard[k], b->rules->rs,
		    &b->rules->policy, ev, &b->replay[i].rec, arena, out);
	} else {
		err = lw_engine_step(w->engine, p->shard[k], b->rules->rs,
		    &b->rules->policy, ev, arena, out);
	}
	p->shard_seq[k] = ev->seq;
	if (err == 0)
		return;
	/* Its effect is missing; chat goes on. */
	memset(out, 0, sizeof(*out));
	out->verdict.action = LW_ACT_ALLOW;
	out->verdict.reason = "unavailable";
	if (atomic_fetch_add(&p->engine_errors, 1) % 1000 == 0)
		lw_error("worker %u: event %llu: %s", w->index,
		    (unsigned long long)ev->seq, lw_strerror(err));
}

/* A row of facts about people, which every shard hears: shard by shard, so that a shard's
 * table is in the cache for all of them. Returns the event after the row. */
static size_t
step_all(struct lw_pipe_worker *w, struct lw_batch *b, size_t i)
{
	struct lw_outcome other;
	size_t end = i, at;
	unsigned k;

	while (end < b->n && b->shard[end] == LW_SHARD_ALL)
		end++;
	for (k = w->index; k < LW_SHARDS; k += w->pipe->conf.workers)
		for (at = i; at < end; at++) {
			memset(&other, 0, sizeof(other));
			step(w, b, at, k, k == 0 ? &b->out[at] : &other);
		}
	return end;
}

static void
prefetch(struct lw_pipe_worker *w, const struct lw_batch *b, size_t i, bool again)
{
	unsigned k;

	if (i >= b->n || (k = b->shard[i]) == LW_SHARD_ALL || !is_mine(w, k))
		return;
	lw_shard_prefetch(w->pipe->shard[k], &b->ev[i], again);
}

static void
run_events(struct lw_pipe_worker *w, struct lw_batch *b)
{
	size_t i;

	for (i = 0; i < AHEAD_FAR; i++)
		prefetch(w, b, i, false);
	for (i = 0; i < AHEAD_NEAR; i++)
		prefetch(w, b, i, true);
	for (i = 0; i < b->n;) {
		prefetch(w, b, i + AHEAD_FAR, false);
		prefetch(w, b, i + AHEAD_NEAR, true);
		if (b->shard[i] == LW_SHARD_ALL) {
			i = step_all(w, b, i);
			continue;
		}
		if (is_mine(w, b->shard[i]))
			step(w, b, i, b->shard[i], &b->out[i]);
		i++;
	}
}

static void
run_snap(struct lw_pipe_worker *w, struct lw_batch *b)
{
	struct lw_pipe *p = w->pipe;
	unsigned k = b->piece;

	b->clean = atomic_load(&p->snap_has[k]) &&
		   p->shard_seq[k] <= atomic_load(&p->snap_seq[k]);
	if (!b->clean)
		b->err = lw_shard_save(p->shard[k], &b->state);
	if (b->err == 0)
		b->err = b->state.err;
}

static void
publish_stats(struct lw_pipe_worker *w)
{
	uint64_t sum[5] = {0}, at = lw_clock_mono_ns();
	struct lw_shard_stats s;
	unsigned k;

	if (at - w->stats_ns < STATS_NS)
		return;
	w->stats_ns = at;
	for (k = w->index; k < LW_SHARDS; k += w->pipe->conf.workers) {
		lw_shard_stats(w->pipe->shard[k], &s);
		sum[0] += s.windows;
		sum[1] += s.with_hits;
		sum[2] += s.bytes;
		sum[3] += s.evicted;
		sum[4] += s.expired;
	}
	atomic_store(&w->windows, sum[0]);
	atomic_store(&w->with_hits, sum[1]);
	atomic_store(&w->bytes, sum[2]);
	atomic_store(&w->evicted, sum[3]);
	atomic_store(&w->expired, sum[4]);
}

static void
finish(struct lw_pipe *p, struct lw_batch *b)
{
	bool asked = b->asks > 0; /* after the last worker it is no longer ours */

	if (atomic_fetch_sub(&b->left, 1) != 1)
		return;
	if (asked)
		lw_bell_ring(p->conf.bell);
	lw_bell_ring(&p->recorder_bell);
}

static bool
has_work(struct lw_pipe_worker *w)
{
	return atomic_load(&w->ring.pushed) != atomic_load(&w->ring.taken);
}

/* A batch to do, or NULL at the end. */
static struct lw_batch *
next_batch(struct lw_pipe_worker *w)
{
	struct lw_batch *b;
	uint64_t at;
	int i;

	for (i = 0; i < SPINS && !has_work(w); i++)
		;
	while (!has_work(w)) {
		lw_bell_arm(&w->bell);
		if (has_work(w)) {
			lw_bell_quiet(&w->bell);
			break;
		}
		if (atomic_load(&w->pipe->stopping))
			return NULL;
		publish_stats(w);
		/* once more while idle, so that figures do not stay old */
		lw_bell_wait(&w->bell, 1000);
	}
	at = atomic_load(&w->ring.taken);
	b = w->ring.slot[at % LW_DAEMON_INFLIGHT];
	atomic_store(&w->ring.taken, at + 1);
	return b;
}

static void *
worker_main(void *arg)
{
	struct lw_pipe_worker *w = arg;
	struct lw_batch *b;

	while ((b = next_batch(w)) != NULL) {
		if (b->kind == LW_BATCH_SNAP)
			run_snap(w, b);
		else
			run_events(w, b);
		publish_stats(w);
		finish(w->pipe, b);
	}
	return NULL;
}

void
lw_pipe_worker_push(struct lw_pipe_worker *w, struct lw_batch *b)
{
	uint64_t at = atomic_load(&w->ring.pushed);

	/* never full: no more batches are under way than it has slots */
	w->ring.slot[at % LW_DAEMON_INFLIGHT] = b;
	atomic_store(&w->ring.pushed, at + 1);
	lw_bell_ring(&w->bell);
}

int
lw_pipe_worker_start(struct lw_pipe *p, unsigned index)
{
	struct lw_pipe_worker *w = &p->worker[index];
	int err;

	w->pipe = p;
	w->index = index;
	w->bell.fd = -1;
	err = lw_bell_init(&w->bell);
	if (err == 0)
		err = lw_worker_new(&w->engine, LW_DAEMON_MEMO_WORDS);
	if (err == 0 && pthread_create(&w->thread, NULL, worker_main, w) != 0)
		err = LW_ENOMEM;
	if (err == 0)
		w->is_started = true;
	return err;
}

void
lw_pipe_worker_stop(struct lw_pipe_worker *w)
{
	if (w->pipe == NULL)
		return;
	if (w->is_started) {
		lw_bell_ring(&w->bell);
		pthread_join(w->thread, NULL);
	}
	lw_worker_free(w->engine);
	lw_bell_clear(&w->bell);
}
