/* SPDX-License-Identifier: Apache-2.0 */
/* A snapshot from the moment that its state was copied: it waits until everything that it
 * saw is durable, is then written by the keeper, and tells the pipeline how far the piece
 * is safe. */
#include <stdlib.h>
#include "base/err.h"
#include "base/log.h"
#include "daemon/pipe_inside.h"

struct lw_snap_job *
lw_snap_job_new(struct lw_pipe *p, struct lw_batch *b)
{
	struct lw_snap_job *job = calloc(1, sizeof(*job));

	if (job == NULL)
		return NULL;
	job->pipe = p;
	job->piece = b->piece;
	job->seq = b->last_seq;
	job->clean = b->clean;
	job->err = b->err;
	job->state = b->state;
	lw_buf_init(&b->state, LW_SNAP_BYTES_MAX);
	return job;
}

void
lw_snap_job_drop(struct lw_snap_job *job)
{
	struct lw_pipe *p = job->pipe;

	lw_buf_clear(&job->state);
	free(job);
	atomic_fetch_sub(&p->snaps_open, 1);
	lw_bell_ring(p->conf.bell);
}

static void
is_safe(struct lw_snap_job *job)
{
	struct lw_pipe *p = job->pipe;

	atomic_store(&p->snap_seq[job->piece], job->seq);
	atomic_store(&p->snap_has[job->piece], true);
	atomic_store(&p->drop_hint, true);
}

static void
run(void *arg)
{
	struct lw_snap_job *job = arg;
	struct lw_pipe *p = job->pipe;
	char name[LW_SNAP_NAME_MAX];
	int err = job->err;

	if (err == 0)
		err = lw_snap_write(p->conf.snap_dirfd, job->piece, job->seq, p->conf.seal,
		    (struct lw_str){(char *)job->state.data, job->state.len});
	if (err == 0) {
		atomic_fetch_add(&p->snapshots, 1);
		is_safe(job);
	} else {
		lw_snap_name(name, job->piece);
		lw_error("snapshot: %s was not written: %s", name, lw_strerror(err));
		atomic_fetch_add(&p->snapshot_errors, 1);
	}
	lw_snap_job_drop(job);
}

void
lw_snap_job_post(struct lw_snap_job *job)
{
	if (job->clean && job->err == 0) {
		is_safe(job);
		lw_snap_job_drop(job);
		return;
	}
	if (lw_keeper_post(job->pipe->keeper, run, job) != 0) {
		atomic_fetch_add(&job->pipe->snapshot_errors, 1);
		lw_snap_job_drop(job);
	}
}
