/* SPDX-License-Identifier: Apache-2.0 */
/* The pipeline between gate and disk.
 *
 *   loop --route--> workers (by shard) --> recorder (in sequence) --> committer --> keeper
 *         <---------- verdicts ------'          '- arenas back           '- durable
 *
 * The loop's thread pushes batches and polls for what came back. Workers own shards, so
 * there are no locks around them; the recorder runs the fan-out stage and writes records
 * into the group that is being filled; the committer makes groups durable and puts flags
 * in the queue; the keeper writes snapshots. */
#ifndef LW_DAEMON_PIPE_H
#define LW_DAEMON_PIPE_H

#include <stdatomic.h>
#include "daemon/batch.h"
#include "daemon/bell.h"
#include "daemon/journal.h"
#include "daemon/snap.h"
#include "engine/engine.h"
#include "queue/queue.h"

struct lw_pipe;

struct lw_pipe_conf {
	unsigned workers;
	struct lw_engine_conf engine;
	uint64_t commit_ms;
	const struct lw_seal *seal; /* lent, as all of these */
	struct lw_journal *journal;
	struct lw_queue *queue;
	const struct lw_intern *intern;
	int snap_dirfd;
	struct lw_bell *bell; /* rung when lw_pipe_poll has something to do */
};

struct lw_pipe_calls { /* of lw_pipe_poll, on the loop's thread */
	void (*verdicts)(
	    void *ctx, uint64_t session, const struct lw_verdict *v, size_t n);
	void (*release)(void *ctx, struct lw_arena *arena);
	void *ctx;
};

int lw_pipe_new(struct lw_pipe **out, const struct lw_pipe_conf *conf);
/* What has been pushed is finished first, unless the disk refuses and give_up is set. */
void lw_pipe_free(struct lw_pipe *p, bool give_up);

/* ---- before the first push: state from snapshots, then the threads ---- */
int lw_pipe_load(struct lw_pipe *p, unsigned piece, uint64_t seq, struct lw_str state);
int lw_pipe_start(struct lw_pipe *p);

/* ---- pushing: the loop's thread only ---- */
bool lw_pipe_has_room(const struct lw_pipe *p);
/* LW_EAGAIN without room, LW_ENOMEM: nothing happened. */
int lw_pipe_push_events(struct lw_pipe *p, struct lw_rules *rules, uint64_t session,
    struct lw_event *ev, size_t n, struct lw_arena *lent);
/* An empty batch to fill, waited for: records go in its arena, then push it. */
struct lw_batch *lw_pipe_replay_begin(struct lw_pipe *p);
int lw_pipe_replay_push(struct lw_pipe *p, struct lw_batch *b, struct lw_rules *rules);
int lw_pipe_push_rules(struct lw_pipe *p, struct lw_rules *rules);
/* Snapshot a piece; state is taken for the memory of seen events, which is the gate's. */
int lw_pipe_push_snap(struct lw_pipe *p, unsigned piece, struct lw_buf *state);
void lw_pipe_poll(struct lw_pipe *p, const struct lw_pipe_calls *calls);
/* Nothing between pushing and polling. */
bool lw_pipe_is_idle(const struct lw_pipe *p);
/* After a replay: sequence numbers go on from here, and records are written. */
int lw_pipe_go_live(struct lw_pipe *p, uint64_t next_seq, struct lw_rules *rules);

/* ---- any thread ---- */
enum lw_disk { LW_DISK_OK, LW_DISK_FULL, LW_DISK_ERROR };

struct lw_pipe_stats {
	uint64_t pushed_seq, durable_seq, inflight;
	uint64_t flags, groups, group_bytes, engine_errors;
	uint64_t snapshots, snapshot_errors, oldest_snapshot_seq;
	uint64_t journal_segments, journal_bytes;
	uint64_t windows, with_hits, window_bytes, evicted, expired;
	enum lw_disk disk;
	unsigned workers;
};
void lw_pipe_stats(struct lw_pipe *p, struct lw_pipe_stats *out);
uint64_t lw_pipe_durable(const struct lw_pipe *p);
enum lw_disk lw_pipe_disk(const struct lw_pipe *p);
/* Snapshots that were pushed and are not finished. */
unsigned lw_pipe_snaps_open(const struct lw_pipe *p);
/* The number up to which a piece's file is true; 0 when there is none. */
uint64_t lw_pipe_snap_seq(const struct lw_pipe *p, unsigned piece);
/* A group that was not full is not waited for any longer. */
void lw_pipe_hurry(struct lw_pipe *p);

#endif
