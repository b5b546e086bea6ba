/* SPDX-License-Identifier: Apache-2.0 */
/* Start from what is on disk: intern table, snapshots, then the journal's records that
 * are newer. */
#ifndef LW_DAEMON_RECOVER_H
#define LW_DAEMON_RECOVER_H

#include "daemon/journal.h"
#include "daemon/pipe.h"
#include "daemon/rules.h"

struct lw_recovery_conf { /* all lent */
	const char *state_dir;
	int snap_dirfd;
	const struct lw_seal *seal;
	struct lw_journal *journal;
	struct lw_intern *intern; /* empty */
	struct lw_pipe *pipe;	  /* fresh */
	struct lw_bell *bell;	  /* the pipe's */
	uint64_t keys_max;	  /* seen keys to keep */
};

struct lw_recovery { /* cleared by lw_recovery_clear */
	uint64_t next_seq, replayed;
	struct lw_rules *rules; /* of the journal's end, when a record needed them */
	char rules_id[LW_RULES_ID + 1]; /* of the journal's end; "" for a new journal */
	struct lw_buf seen;		/* the gate's saved memory, may be empty */
	struct lw_id128 *keys;		/* newer than that: oldest at keys_head */
	size_t nkeys, keys_cap, keys_head;
};

int lw_recover(struct lw_recovery *out, const struct lw_recovery_conf *conf);
void lw_recovery_clear(struct lw_recovery *r);

#endif
