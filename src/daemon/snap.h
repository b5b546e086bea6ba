/* SPDX-License-Identifier: Apache-2.0 */
/* Snapshot files: one sealed file a piece of state (each shard, the router, the fan-out
 * stage, the memory of seen events), with the sequence number up to which it is true. */
#ifndef LW_DAEMON_SNAP_H
#define LW_DAEMON_SNAP_H

#include <stdint.h>
#include "base/buf.h"
#include "engine/engine.h"
#include "queue/queue.h"

enum lw_piece { /* after the shards, which are 0..255 */
	LW_PIECE_ROUTER = LW_SHARDS,
	LW_PIECE_FANOUT,
	LW_PIECE_SEEN,
	LW_PIECES
};

#define LW_SNAP_BYTES_MAX ((size_t)4 << 30) /* of one piece; above it is not written */
#define LW_SNAP_NAME_MAX 24

void lw_snap_name(char to[LW_SNAP_NAME_MAX], unsigned piece);
/* Written beside, synced, renamed: the old one stays until the new one is whole. */
int lw_snap_write(int dirfd, unsigned piece, uint64_t seq, const struct lw_seal *seal,
    struct lw_str clear);
/* LW_ENOENT when there is none; LW_ECRYPT when it does not open. */
int lw_snap_read(int dirfd, unsigned piece, const struct lw_seal *seal, uint64_t *seq,
    struct lw_buf *clear);
/* Remove what an unfinished write left. */
void lw_snap_clean(int dirfd);

#endif
