/* SPDX-License-Identifier: Apache-2.0 */
/* One unit of work on its way from the gate to the journal: events, or a mark between
 * events (new rules, a snapshot). Made and freed by the loop's thread; passed on, never
 * shared but for `left`. */
#ifndef LW_DAEMON_BATCH_H
#define LW_DAEMON_BATCH_H

#include <stdatomic.h>
#include <stdbool.h>
#include "base/arena.h"
#include "base/buf.h"
#include "daemon/limits.h"
#include "daemon/record.h"
#include "daemon/rules.h"
#include "engine/engine.h"

enum lw_batch_kind { LW_BATCH_EVENTS, LW_BATCH_REPLAY, LW_BATCH_RULES, LW_BATCH_SNAP };

struct lw_batch {
	struct lw_batch *next; /* of the free list */
	enum lw_batch_kind kind;
	atomic_uint left; /* workers that still have to do with it */
	bool answered;	  /* the loop sent its verdicts */
	uint64_t last_seq;
	struct lw_rules *rules; /* a reference */

	/* events, replay */
	uint64_t session;
	struct lw_event *ev;
	size_t n, asks;
	struct lw_arena *lent; /* the gate's, or NULL */
	struct lw_arena arena; /* this batch's own: arrays below, events of a replay */
	uint16_t *shard;
	bool *to_was_absent;	 /* before it was routed; so is from_was */
	struct lw_str *from_was; /* absent where it is still ev->from */
	struct lw_outcome *out;
	struct lw_jevent *replay; /* as recorded; NULL live */
	struct lw_arena *results; /* one a worker */
	unsigned nresults;

	/* snap */
	unsigned piece;
	bool clean; /* nothing new since the file was written */
	int err;
	struct lw_buf state;
};

struct lw_batch *lw_batch_new(unsigned workers);
void lw_batch_reset(struct lw_batch *b); /* drops rules and results, keeps memory */
void lw_batch_free(struct lw_batch *b);

#endif
