/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the pipeline: what its threads share. Each field says whose it is. */
#ifndef LW_DAEMON_PIPE_INSIDE_H
#define LW_DAEMON_PIPE_INSIDE_H

#include <pthread.h>
#include "daemon/keeper.h"
#include "daemon/pipe.h"

/* Batches in order, from the loop to one worker. */
struct lw_pipe_ring {
	_Atomic uint64_t pushed, taken;
	struct lw_batch *slot[LW_DAEMON_INFLIGHT];
};

struct lw_pipe_worker {
	struct lw_pipe *pipe;
	unsigned index;
	pthread_t thread;
	bool is_started;
	struct lw_worker *engine;
	struct lw_pipe_ring ring;
	struct lw_bell bell;
	/* sums over its shards, as of the last batch that asked */
	_Atomic uint64_t windows, with_hits, bytes, evicted, expired;
	uint64_t stats_ns;
};

/* A group commit: filled by the recorder, then made durable by the committer. */
struct lw_group {
	struct lw_buf block;
	uint64_t last_seq;
	const struct lw_flag *flag[LW_DAEMON_GROUP_FLAGS];
	size_t nflags;
	struct lw_arena arena; /* of the flags */
	struct lw_snap_job *snaps;
	struct lw_rules *rules; /* new ones, a reference; else NULL */
	uint64_t since_ns;	/* when its first content came; 0 empty */
	bool urgent;
};

struct lw_pipe {
	struct lw_pipe_conf conf;

	/* the loop's */
	struct lw_router *router;
	uint64_t router_seq, last_seq;
	struct lw_batch *free_batches;
	uint64_t answered, reaped; /* ordinals in ring */

	/* batches in order; the loop writes a slot, then raises pushed */
	struct lw_batch *ring[LW_DAEMON_INFLIGHT];
	_Atomic uint64_t pushed, recorded;

	/* workers': shard k belongs to worker k % workers */
	struct lw_shard *shard[LW_SHARDS];
	uint64_t shard_seq[LW_SHARDS]; /* last event applied */
	struct lw_pipe_worker *worker;
	_Atomic uint64_t engine_errors;

	/* the recorder's */
	struct lw_fanout *fanout;
	uint64_t fanout_seq;
	struct lw_arena scratch;
	pthread_t recorder;
	bool recorder_started;
	struct lw_bell recorder_bell;

	/* between recorder and committer, under lock */
	pthread_mutex_t lock;
	pthread_cond_t filled, room;
	struct lw_group group[2], *fill;
	bool stop_committer, committing;

	/* the committer's */
	pthread_t committer;
	bool committer_started;
	struct lw_rules *live_rules; /* what a new segment begins with; NULL in a replay */
	_Atomic uint64_t durable, flags, groups, group_bytes;
	_Atomic uint64_t journal_segments, journal_bytes;
	atomic_int disk;
	atomic_bool give_up, stopping, drop_hint;

	/* snapshots: written by keeper and committer */
	struct lw_keeper *keeper;
	_Atomic uint64_t snap_seq[LW_PIECES];
	atomic_bool snap_has[LW_PIECES];
	atomic_uint snaps_open;
	_Atomic uint64_t snapshots, snapshot_errors;
};

/* worker.c */
int lw_pipe_worker_start(struct lw_pipe *p, unsigned index);
void lw_pipe_worker_stop(struct lw_pipe_worker *w);
void lw_pipe_worker_push(struct lw_pipe_worker *w, struct lw_batch *b);

/* recorder.c */
int lw_recorder_start(struct lw_pipe *p);
void lw_recorder_stop(struct lw_pipe *p);

/* committer.c */
int lw_committer_start(struct lw_pipe *p);
void lw_committer_stop(struct lw_pipe *p);
/* Segments that every snapshot is past: the committer's, or without it. */
void lw_committer_drop(struct lw_pipe *p);
int lw_committer_begin_segment(struct lw_pipe *p, uint64_t first_seq);

/* group.c: all under lock but clear */
void lw_group_init(struct lw_group *g);
void lw_group_reset(struct lw_group *g);
void lw_group_clear(struct lw_group *g);
bool lw_group_is_empty(const struct lw_group *g);
bool lw_group_is_big(const struct lw_group *g);
/* A copy of the flag with everything that it points to. */
int lw_group_add_flag(struct lw_group *g, const struct lw_flag *f);

/* snap_job.c */
struct lw_snap_job {
	struct lw_snap_job *next;
	struct lw_pipe *pipe;
	unsigned piece;
	uint64_t seq;
	bool clean;
	int err;
	struct lw_buf state; /* owned */
};
/* Takes the batch's state. NULL without memory. */
struct lw_snap_job *lw_snap_job_new(struct lw_pipe *p, struct lw_batch *b);
/* What it stands for is durable: write it, on the keeper's thread; frees it. */
void lw_snap_job_post(struct lw_snap_job *job);
void lw_snap_job_drop(struct lw_snap_job *job);

#endif
