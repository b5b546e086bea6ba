/* SPDX-License-Identifier: Apache-2.0 */
/* The committer thread: groups in; records durable in the journal, then flags in the queue,
 * then the word that both are. A disk that refuses is tried again for as long as it takes:
 * the group stays in memory, nothing is acknowledged, nothing is lost. */
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <string.h>
#include <time.h>
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "daemon/pipe_inside.h"

#define PREAMBLE_MAX LW_JOURNAL_BLOCK_MAX

static struct timespec
at_ns(uint64_t ns)
{
	return (struct timespec){(time_t)(ns / 1000000000), (long)(ns % 1000000000)};
}

/* The disk said no: tell once, wait, and try again. False when the daemon gives up. */
static bool
wait_for_disk(struct lw_pipe *p, const char *what, int err)
{
	int now = err == LW_ENOSPC ? LW_DISK_FULL : LW_DISK_ERROR;
	struct timespec nap = at_ns((uint64_t)LW_DAEMON_RETRY_MS * 1000000);

	if (atomic_exchange(&p->disk, now) != now) {
		lw_error("%s: %s: acknowledging nothing, trying again", what,
		    lw_strerror(err));
		lw_bell_ring(p->conf.bell);
	}
	if (atomic_load(&p->give_up))
		return false;
	nanosleep(&nap, NULL);
	return !atomic_load(&p->give_up);
}

static void
disk_is_fine(struct lw_pipe *p)
{
	if (atomic_exchange(&p->disk, LW_DISK_OK) == LW_DISK_OK)
		return;
	lw_info("the disk takes writes again");
	lw_bell_ring(p->conf.bell);
}

static void
count_journal(struct lw_pipe *p)
{
	atomic_store(&p->journal_segments, lw_journal_segments(p->conf.journal));
	atomic_store(&p->journal_bytes, lw_journal_bytes(p->conf.journal));
}

/* A segment stands alone: it begins with the whole intern table and the id of the rules. */
int
lw_committer_begin_segment(struct lw_pipe *p, uint64_t first_seq)
{
	static const struct lw_intern_mark none;
	struct lw_buf b;
	int err;

	lw_buf_init(&b, PREAMBLE_MAX);
	lw_record_put_intern(&b, p->conf.intern, none, p->live_rules->mark);
	lw_journal_put(&b, LW_REC_RULES, lw_str(p->live_rules->id));
	err = b.err;
	if (err == 0)
		err = lw_journal_begin(
		    p->conf.journal, first_seq, (struct lw_str){(char *)b.data, b.len});
	lw_buf_clear(&b);
	count_journal(p);
	return err;
}

/* Records that stand before the group's events, when its rules are new: what is new in the
 * intern table, and their id. In a block of its own: the group's events follow it. */
static int
write_rules(struct lw_pipe *p, struct lw_rules *rules)
{
	struct lw_buf b;
	int err;

	lw_buf_init(&b, PREAMBLE_MAX);
	lw_record_put_intern(&b, p->conf.intern, p->live_rules->mark, rules->mark);
	lw_journal_put(&b, LW_REC_RULES, lw_str(rules->id));
	err = b.err;
	if (err == 0)
		err = lw_journal_append(p->conf.journal, atomic_load(&p->durable),
		    (struct lw_str){(char *)b.data, b.len});
	lw_buf_clear(&b);
	if (err == 0) {
		lw_rules_unref(p->live_rules);
		p->live_rules = lw_rules_ref(rules);
	}
	return err;
}

static int
write_block(struct lw_pipe *p, struct lw_group *g)
{
	int err = 0;

	if (lw_journal_is_full(p->conf.journal))
		err = lw_committer_begin_segment(p, atomic_load(&p->durable) + 1);
	if (err == 0)
		err = lw_journal_append(p->conf.journal, g->last_seq,
		    (struct lw_str){(char *)g->block.data, g->block.len});
	count_journal(p);
	return err;
}

static bool
commit(struct lw_pipe *p, struct lw_group *g)
{
	int err;

	while (g->block.len > 0 && (err = write_block(p, g)) != 0)
		if (!wait_for_disk(p, "journal", err))
			return false;
	while (g->nflags > 0 && (err = lw_queue_put(p->conf.queue, g->flag, g->nflags,
				     lw_clock_wall_ms())) != 0)
		if (!wait_for_disk(p, "queue", err))
			return false;
	if (g->block.len > 0) {
		atomic_store(&p->durable, g->last_seq);
		atomic_fetch_add(&p->groups, 1);
		atomic_fetch_add(&p->group_bytes, g->block.len);
	}
	/* recorded after the events of this group: they were judged by the old ones */
	while (g->rules != NULL && p->live_rules != NULL &&
	       (err = write_rules(p, g->rules)) != 0)
		if (!wait_for_disk(p, "journal", err))
			return false;
	disk_is_fine(p);
	return true;
}

void
lw_committer_drop(struct lw_pipe *p)
{
	uint64_t safe = UINT64_MAX, seq;
	unsigned i;
	int err;

	if (!atomic_exchange(&p->drop_hint, false))
		return;
	for (i = 0; i < LW_PIECES; i++) {
		seq = atomic_load(&p->snap_has[i]) ? atomic_load(&p->snap_seq[i]) : 0;
		if (seq < safe)
			safe = seq;
	}
	if (safe == 0 || p->live_rules == NULL)
		return;
	err = lw_journal_drop(p->conf.journal, safe);
	if (err != 0)
		lw_warn("journal: an old segment stays: %s", lw_strerror(err));
	count_journal(p);
}

static void
post_snaps(struct lw_group *g)
{
	struct lw_snap_job *job;

	while ((job = g->snaps) != NULL) {
		g->snaps = job->next;
		job->next = NULL;
		lw_snap_job_post(job);
	}
}

/* The group that is due, swapped for an empty one; NULL at the end. */
static struct lw_group *
take_group(struct lw_pipe *p)
{
	struct timespec until;
	struct lw_group *g;

	pthread_mutex_lock(&p->lock);
	p->committing = false;
	for (;;) {
		g = p->fill;
		if (lw_group_is_empty(g)) {
			if (p->stop_committer)
				break;
			pthread_cond_wait(&p->filled, &p->lock);
			continue;
		}
		if (lw_group_is_big(g) || p->stop_committer)
			break;
		until = at_ns(g->since_ns + p->conf.commit_ms * 1000000);
		if (pthread_cond_timedwait(&p->filled, &p->lock, &until) == ETIMEDOUT)
			break;
	}
	if (lw_group_is_empty(g)) {
		g = NULL;
	} else {
		p->fill = g == &p->group[0] ? &p->group[1] : &p->group[0];
		p->fill->last_seq = g->last_seq;
		p->committing = true;
		pthread_cond_signal(&p->room);
	}
	pthread_mutex_unlock(&p->lock);
	return g;
}

static void *
committer_main(void *arg)
{
	struct lw_pipe *p = arg;
	struct lw_snap_job *job;
	struct lw_group *g;
	bool ok = true;

	while ((g = take_group(p)) != NULL) {
		/* after one that was given up nothing may be written: no gaps */
		ok = ok && commit(p, g);
		if (ok)
			post_snaps(g);
		while ((job = g->snaps) != NULL) {
			g->snaps = job->next;
			lw_snap_job_drop(job);
		}
		lw_group_reset(g);
		lw_committer_drop(p);
		lw_bell_ring(p->conf.bell);
	}
	return NULL;
}

int
lw_committer_start(struct lw_pipe *p)
{
	p->committer_started =
	    pthread_create(&p->committer, NULL, committer_main, p) == 0;
	return p->committer_started ? 0 : LW_ENOMEM;
}

void
lw_committer_stop(struct lw_pipe *p)
{
	if (!p->committer_started)
		return;
	pthread_mutex_lock(&p->lock);
	p->stop_committer = true;
	pthread_cond_signal(&p->filled);
	pthread_mutex_unlock(&p->lock);
	pthread_join(p->committer, NULL);
	p->committer_started = false;
}
