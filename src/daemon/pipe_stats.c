/* SPDX-License-Identifier: Apache-2.0 */
/* What any thread may know of the pipeline: figures out, and a nudge to the committer in.
 * Owns nothing. */
#include <pthread.h>
#include <string.h>
#include "daemon/pipe_inside.h"

void
lw_pipe_stats(struct lw_pipe *p, struct lw_pipe_stats *out)
{
	uint64_t seq, oldest = UINT64_MAX;
	unsigned i;

	memset(out, 0, sizeof(*out));
	out->pushed_seq = p->last_seq;
	out->durable_seq = atomic_load(&p->durable);
	out->inflight = atomic_load(&p->pushed) - p->reaped;
	out->flags = atomic_load(&p->flags);
	out->groups = atomic_load(&p->groups);
	out->group_bytes = atomic_load(&p->group_bytes);
	out->engine_errors = atomic_load(&p->engine_errors);
	out->snapshots = atomic_load(&p->snapshots);
	out->snapshot_errors = atomic_load(&p->snapshot_errors);
	out->journal_segments = atomic_load(&p->journal_segments);
	out->journal_bytes = atomic_load(&p->journal_bytes);
	out->disk = (enum lw_disk)atomic_load(&p->disk);
	out->workers = p->conf.workers;
	for (i = 0; i < p->conf.workers; i++) {
		out->windows += atomic_load(&p->worker[i].windows);
		out->with_hits += atomic_load(&p->worker[i].with_hits);
		out->window_bytes += atomic_load(&p->worker[i].bytes);
		out->evicted += atomic_load(&p->worker[i].evicted);
		out->expired += atomic_load(&p->worker[i].expired);
	}
	for (i = 0; i < LW_PIECES; i++) {
		seq = lw_pipe_snap_seq(p, i);
		if (seq < oldest)
			oldest = seq;
	}
	out->oldest_snapshot_seq = oldest;
}

uint64_t
lw_pipe_durable(const struct lw_pipe *p)
{
	return atomic_load(&p->durable);
}

enum lw_disk
lw_pipe_disk(const struct lw_pipe *p)
{
	return (enum lw_disk)atomic_load(&p->disk);
}

unsigned
lw_pipe_snaps_open(const struct lw_pipe *p)
{
	return atomic_load(&p->snaps_open);
}

uint64_t
lw_pipe_snap_seq(const struct lw_pipe *p, unsigned piece)
{
	return atomic_load(&p->snap_has[piece]) ? atomic_load(&p->snap_seq[piece]) : 0;
}

void
lw_pipe_hurry(struct lw_pipe *p)
{
	pthread_mutex_lock(&p->lock);
	p->fill->urgent = !lw_group_is_empty(p->fill);
	pthread_cond_signal(&p->filled);
	pthread_mutex_unlock(&p->lock);
}
