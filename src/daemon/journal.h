/* SPDX-License-Identifier: Apache-2.0 */
/* The journal: what every event added, in segment files of blocks. A block is one group
 * commit: written, fdatasync'ed, and only then followed by another, so that whatever is
 * damaged before a whole block was damaged after it had been durable: that is never cut,
 * only the unfinished end of the last segment is. One thread uses it at a time. */
#ifndef LW_DAEMON_JOURNAL_H
#define LW_DAEMON_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/hash.h"
#include "base/str.h"

#define LW_JOURNAL_SEGMENT                                                             \
	(UINT64_C(64) << 20)		  /* bytes from which a new one is begun */
#define LW_JOURNAL_SEGMENTS_MAX 100000	  /* of one folder: refused above */
#define LW_JOURNAL_BLOCK_MAX (256u << 20) /* bytes of one block */

struct lw_journal;

/* Make or open the folder and look at the names of its segments. */
int lw_journal_open(
    struct lw_journal **out, const char *dir, const struct lw_hash_key *key);
void lw_journal_close(struct lw_journal *j);

/* Append a record to a block that is being built. */
void lw_journal_put(struct lw_buf *block, uint8_t type, struct lw_str body);
/* Room for a record whose body the caller then appends; end gets what begin returned. */
size_t lw_journal_put_begin(struct lw_buf *block, uint8_t type);
void lw_journal_put_end(struct lw_buf *block, size_t begin);

struct lw_journal_reader {
	/* last_seq is that of the block around the record; a non-zero return stops */
	int (*record)(void *ctx, uint8_t type, struct lw_str body);
	void *ctx;
};
struct lw_journal_found {
	uint64_t first_seq, next_seq; /* events first_seq .. next_seq - 1 are there */
	uint64_t records, bytes, cut; /* cut: bytes of the torn end that went */
	uint64_t segments;
};
/* Everything that is durable, in order; cuts a torn end. LW_EINVAL for damage (the log says
 * which file and where), LW_ECRYPT for a journal made with another key. */
int lw_journal_read(struct lw_journal *j, const struct lw_journal_reader *r,
    struct lw_journal_found *found);

/* Begin a segment whose first event will be first_seq, with records that stand before all
 * others. Before the first append, and again whenever lw_journal_is_full. */
int lw_journal_begin(struct lw_journal *j, uint64_t first_seq, struct lw_str preamble);
bool lw_journal_is_full(const struct lw_journal *j);
void lw_journal_set_segment(struct lw_journal *j, uint64_t bytes);
/* One block, durable on return. After a failure (LW_ENOSPC, LW_EIO) nothing of it stands
 * and the same call may be tried again. last_seq: of the last event in it. */
int lw_journal_append(struct lw_journal *j, uint64_t last_seq, struct lw_str block);
/* Delete segments that hold no event after upto; never the current one. */
int lw_journal_drop(struct lw_journal *j, uint64_t upto);
/* Of the oldest segment; 1 when there is none. */
uint64_t lw_journal_first_seq(const struct lw_journal *j);
uint64_t lw_journal_segments(const struct lw_journal *j);
uint64_t lw_journal_bytes(const struct lw_journal *j); /* on disk, all segments */

#endif
