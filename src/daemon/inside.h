/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the daemon: what start, loop, control calls and reload share. All of it is the
 * loop thread's. */
#ifndef LW_DAEMON_INSIDE_H
#define LW_DAEMON_INSIDE_H

#include <event2/event.h>
#include "conf/config.h"
#include "daemon/daemon.h"
#include "daemon/keeper.h"
#include "daemon/pipe.h"
#include "daemon/recover.h"
#include "daemon/rules.h"
#include "gate/gate.h"
#include "queue/queue.h"

struct lw_reload; /* one under way */

struct lw_daemon {
	char *config_path;
	struct lw_config conf;
	struct lw_seal seal;
	struct lw_hash_key journal_key, engine_key, seen_key;
	int lock_fd, snap_dirfd;

	struct lw_intern *intern;
	struct lw_rules *rules;
	struct lw_queue *queue;	  /* the committer's once the pipeline runs */
	struct lw_queue *reading; /* the loop's, read-only */
	struct lw_journal *journal;
	struct lw_bell bell;
	struct lw_pipe *pipe;
	struct lw_gate *gate;
	struct lw_keeper *helper; /* loads packs */

	struct event_base *base;
	struct event *on_bell, *on_term, *on_int, *on_hup, *on_snap, *on_drain;

	bool paused; /* the gate, for the disk */
	bool draining, snap_at_end;
	uint64_t started_ms, started_ns, drain_ns;
	unsigned snap_next;	/* piece of the next snapshot */
	unsigned snaps_at_once; /* to be made without waiting for their time */
	struct lw_reload *reload;
	struct { /* of the last one */
		uint64_t number, took_ms;
		bool is_running;
		int err;
		char why[512];
	} reloaded;
	int exit_code;
};

/* setup.c: everything up to the pipeline; an exit code */
int lw_daemon_read_config(struct lw_daemon *d, const struct lw_daemon_options *o);
int lw_daemon_load_rules(struct lw_daemon *d);
int lw_daemon_open_state(struct lw_daemon *d);
int lw_daemon_exit_of(int err);
/* Lines of a diagnosis into the log; the first error also into why. */
void lw_daemon_tell(const struct lw_diag *diag, char *why, size_t why_size);

/* loop.c */
int lw_daemon_open_gate(struct lw_daemon *d, struct lw_recovery *r);
void lw_daemon_begin_drain(struct lw_daemon *d);
void lw_daemon_snap_all(struct lw_daemon *d);

/* reload.c */
int lw_daemon_reload(struct lw_daemon *d); /* begins; LW_EBUSY while one runs */
void lw_daemon_reload_poll(struct lw_daemon *d);
void lw_daemon_reload_free(struct lw_daemon *d);

/* control.c */
int lw_daemon_call(void *ctx, struct lw_str verb, struct lw_str arg, struct lw_buf *reply);

#endif
