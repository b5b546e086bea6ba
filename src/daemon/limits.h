/* SPDX-License-Identifier: Apache-2.0 */
/* Caps of the daemon room, and what happens at each: docs/limits.md has the table. */
#ifndef LW_DAEMON_LIMITS_H
#define LW_DAEMON_LIMITS_H

#define LW_DAEMON_WORKERS_MAX 64 /* threads; more are not started */
#define LW_DAEMON_INFLIGHT                                                             \
	256 /* batches between gate and journal; then pushing waits */
#define LW_DAEMON_ARENA_MAX ((size_t)64 << 20) /* results of one batch in one worker */
#define LW_DAEMON_GROUP_BYTES                                                          \
	((size_t)1 << 20)		       /* of a group commit: it does not wait */
#define LW_DAEMON_GROUP_MAX ((size_t)8 << 20)  /* then recording waits for the disk */
#define LW_DAEMON_GROUP_FLAGS 256	       /* likewise */
#define LW_DAEMON_RECORD_MAX ((size_t)4 << 20) /* room of a group above GROUP_MAX */
#define LW_DAEMON_REPLAY_BATCH 1024 /* events of a batch when the journal is replayed */
#define LW_DAEMON_REPLAY_INFLIGHT 16 /* of those between reading and applying */
#define LW_DAEMON_RETRY_MS 500	     /* between tries on a full disk */
#define LW_DAEMON_DRAIN_MS 10000     /* a stop waits so long for a disk that is full */
#define LW_DAEMON_MEMO_WORDS 16384   /* memo of a worker */
#define LW_DAEMON_STASH_BYTES                                                          \
	((size_t)512 << 20)	    /* of the kept copy of packs: refused above */
#define LW_DAEMON_STASH_FILES 20000 /* likewise */

#endif
