/* SPDX-License-Identifier: Apache-2.0 */
/* The recorder thread: finished batches in, in sequence. It runs the fan-out stage, writes
 * what each event added into the group that is being filled, copies the flags there, and
 * gives the batch back, so that a slow disk does not hold the gate's memory. */
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <time.h>
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "daemon/pipe_inside.h"

#define SCRATCH_BYTES ((size_t)64 << 20)
#define SCRATCH_KEEP ((size_t)1 << 20) /* reset above this between events */
#define STUCK_NS 20000000L

/* Wait for the committer to take the group. Under lock. */
static void
wait_for_room(struct lw_pipe *p)
{
	struct lw_group *g = p->fill;

	g->urgent = true;
	pthread_cond_signal(&p->filled);
	while (p->fill == g && !lw_group_is_empty(g))
		pthread_cond_wait(&p->room, &p->lock);
}

/* Out of memory, or a group that is too full for this one: the disk makes room. */
static void
wait_and_retry(struct lw_pipe *p, int err)
{
	struct timespec nap = {0, STUCK_NS};

	if (err == LW_ENOMEM)
		lw_error("recorder: %s, trying again", lw_strerror(err));
	if (!lw_group_is_empty(p->fill)) {
		wait_for_room(p);
		return;
	}
	pthread_mutex_unlock(&p->lock);
	nanosleep(&nap, NULL);
	pthread_mutex_lock(&p->lock);
}

/* The first thing in a group starts its clock. Under lock. */
static void
touch(struct lw_pipe *p)
{
	if (p->fill->since_ns != 0)
		return;
	p->fill->since_ns = lw_clock_mono_ns();
	pthread_cond_signal(&p->filled);
}

static void
add_flag(struct lw_pipe *p, const struct lw_flag *f)
{
	int err;

	if (f == NULL)
		return;
	while ((err = lw_group_add_flag(p->fill, f)) != 0)
		wait_and_retry(p, err);
	touch(p);
	atomic_fetch_add(&p->flags, 1);
}

static void
add_record(struct lw_pipe *p, const struct lw_jevent *e)
{
	struct lw_buf *b;
	size_t before;
	int err;

	for (;;) {
		b = &p->fill->block;
		before = b->len;
		err = lw_record_put_event(b, e, p->conf.seal);
		if (err == 0)
			break;
		b->len = before;
		b->err = 0;
		wait_and_retry(p, err);
	}
	touch(p);
	p->fill->last_seq = e->ev.seq;
}

static void
fan_out(struct lw_pipe *p, const struct lw_batch *b, const struct lw_event *ev,
    uint32_t categories)
{
	const struct lw_flag *flag = NULL;
	int err;

	if (ev->seq <= p->fanout_seq)
		return;
	p->fanout_seq = ev->seq;
	if (categories == 0)
		return;
	err = lw_fanout_step(p->fanout, b->rules->rs, &b->rules->policy, ev, categories,
	    &p->scratch, &flag);
	if (err == 0)
		add_flag(p, flag);
	else if (atomic_fetch_add(&p->engine_errors, 1) % 1000 == 0)
		lw_error("fan-out: event %llu: %s", (unsigned long long)ev->seq,
		    lw_strerror(err));
	if (p->scratch.used > SCRATCH_KEEP)
		lw_arena_reset(&p->scratch);
}

static void
record_event(struct lw_pipe *p, struct lw_batch *b, size_t i)
{
	const struct lw_outcome *out = &b->out[i];
	struct lw_jevent e;

	if (b->kind == LW_BATCH_REPLAY) {
		add_flag(p, out->flag);
		fan_out(p, b, &b->ev[i], b->replay[i].categories);
		return;
	}
	e.ev = b->ev[i];
	e.to_was_absent = b->to_was_absent[i];
	e.from_was = b->from_was[i];
	e.shard = b->shard[i];
	e.categories = out->categories;
	e.rec = out->record;
	/* flags first: a record that is durable has its flags in the same group */
	add_flag(p, out->flag);
	fan_out(p, b, &b->ev[i], out->categories);
	add_record(p, &e);
	if (p->fill->block.len >= LW_DAEMON_GROUP_MAX)
		wait_for_room(p);
}

/* New rules close the group: they are written behind its events, and before those of the
 * next one. */
static void
record_rules(struct lw_pipe *p, struct lw_batch *b)
{
	touch(p);
	p->fill->rules = lw_rules_ref(b->rules);
	wait_for_room(p);
}

static void
record_snap(struct lw_pipe *p, struct lw_batch *b)
{
	struct lw_snap_job *job, **at;

	if (b->piece == LW_PIECE_FANOUT) {
		b->err = lw_fanout_save(p->fanout, &b->state);
		if (b->err == 0)
			b->err = b->state.err;
	}
	job = lw_snap_job_new(p, b);
	if (job == NULL) {
		atomic_fetch_add(&p->snapshot_errors, 1);
		atomic_fetch_sub(&p->snaps_open, 1);
		return;
	}
	touch(p);
	p->fill->urgent = true;
	for (at = &p->fill->snaps; *at != NULL; at = &(*at)->next)
		;
	*at = job;
}

static void
record_batch(struct lw_pipe *p, struct lw_batch *b)
{
	size_t i;

	pthread_mutex_lock(&p->lock);
	switch (b->kind) {
	case LW_BATCH_EVENTS:
	case LW_BATCH_REPLAY:
		for (i = 0; i < b->n; i++)
			record_event(p, b, i);
		break;
	case LW_BATCH_RULES:
		record_rules(p, b);
		break;
	case LW_BATCH_SNAP:
		record_snap(p, b);
		break;
	}
	if (!lw_group_is_empty(p->fill) && lw_group_is_big(p->fill))
		pthread_cond_signal(&p->filled);
	pthread_mutex_unlock(&p->lock);
	lw_arena_reset(&p->scratch);
}

static struct lw_batch *
peek(struct lw_pipe *p)
{
	uint64_t at = atomic_load(&p->recorded);
	struct lw_batch *b;

	if (at == atomic_load(&p->pushed))
		return NULL;
	b = p->ring[at % LW_DAEMON_INFLIGHT];
	return atomic_load(&b->left) == 0 ? b : NULL;
}

static void *
recorder_main(void *arg)
{
	struct lw_pipe *p = arg;
	struct lw_batch *b;

	for (;;) {
		while ((b = peek(p)) != NULL) {
			record_batch(p, b);
			atomic_fetch_add(&p->recorded, 1);
			lw_bell_ring(p->conf.bell);
		}
		lw_bell_arm(&p->recorder_bell);
		if (peek(p) != NULL) {
			lw_bell_quiet(&p->recorder_bell);
			continue;
		}
		if (atomic_load(&p->stopping) &&
		    atomic_load(&p->recorded) == atomic_load(&p->pushed))
			return NULL;
		lw_bell_wait(&p->recorder_bell, -1);
	}
}

int
lw_recorder_start(struct lw_pipe *p)
{
	int err;

	lw_arena_init(&p->scratch, SCRATCH_BYTES);
	p->recorder_bell.fd = -1;
	err = lw_bell_init(&p->recorder_bell);
	if (err == 0 && pthread_create(&p->recorder, NULL, recorder_main, p) != 0)
		err = LW_ENOMEM;
	p->recorder_started = err == 0;
	return err;
}

void
lw_recorder_stop(struct lw_pipe *p)
{
	if (p->recorder_started) {
		lw_bell_ring(&p->recorder_bell);
		pthread_join(p->recorder, NULL);
	}
	p->recorder_started = false;
	lw_arena_clear(&p->scratch);
	lw_bell_clear(&p->recorder_bell);
}
