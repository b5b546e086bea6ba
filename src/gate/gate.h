/* SPDX-License-Identifier: Apache-2.0 */
/* The gate: plugin sessions and the control socket on one event loop. Bytes in, decoded,
 * de-duplicated, stamped events out through callbacks; verdicts and acknowledgements back.
 * Everything here runs on the loop's thread. */
#ifndef LW_GATE_GATE_H
#define LW_GATE_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
#include "conf/config.h"
#include "event/event.h"
#include "event/verdict.h"

struct event_base;
struct lw_gate;

struct lw_gate_callbacks {
	/* n events with seq and ts_ms set, in sequence; slices live in arena, which the
	 * callee takes and gives back with lw_gate_release. session names the asker of each.
	 * duplicate: seen before, so neither seq nor effect; never passed on. */
	void (*events)(void *ctx, uint64_t session, struct lw_event *evs, size_t n,
	    struct lw_arena *arena);
	/* A call on the control socket; the callee appends a JSON body to reply. */
	int (*call)(
	    void *ctx, struct lw_str verb, struct lw_str arg, struct lw_buf *reply);
	void *ctx;
};

struct lw_gate_stats {
	uint64_t sessions; /* now */
	uint64_t events, duplicates, frames, bad_frames, lost, asks, repaired;
	uint64_t bad_events; /* acknowledged, but not to be taken: see docs/protocol.md */
	uint64_t refused;    /* connections: token, version, too many */
};

/* Binds the sockets (removing a stale one that nobody answers on; LW_EBUSY when somebody
 * does). conf is lent. key: of the de-duplication keys, one an installation, since a journal
 * and saved keys are only good under the same. */
int lw_gate_new(struct lw_gate **out, struct event_base *base,
    const struct lw_config *conf, const struct lw_gate_callbacks *cb,
    const struct lw_hash_key *key, uint64_t next_seq);
void lw_gate_free(struct lw_gate *g);
void lw_gate_release(struct lw_gate *g, struct lw_arena *arena);
/* Answer an ask. Unknown sessions are ignored: the plugin went away. */
void lw_gate_verdicts(
    struct lw_gate *g, uint64_t session, const struct lw_verdict *v, size_t n);
/* All events up to this ingest seq are durable: sends what acks that allows. */
void lw_gate_durable(struct lw_gate *g, uint64_t upto);
/* Stop or resume reading from plugins: the daemon is behind or its disk is full. */
void lw_gate_pause(struct lw_gate *g, bool paused);
/* Say bye to all and stop accepting; existing work may still be answered. */
void lw_gate_drain(struct lw_gate *g, const char *code, uint64_t retry_ms);
uint64_t lw_gate_next_seq(const struct lw_gate *g);
void lw_gate_stats(const struct lw_gate *g, struct lw_gate_stats *out);

/* De-duplication memory: keys of (tenant, instance, event id) and of what the event says,
 * the last conf->dedupe_events of them. Each passed event carries its key. The id alone
 * would let a sender who can choose message ids hide a message behind an old one. */
void lw_gate_seen(struct lw_gate *g, struct lw_id128 key); /* from a journal, at start */
int lw_gate_seen_save(const struct lw_gate *g, struct lw_buf *out);
int lw_gate_seen_load(struct lw_gate *g, struct lw_str saved);

/* Client side of the control socket: one call, blocking, for the command line. *ok is the
 * reply's verdict; body is appended. LW_ENOENT when no daemon answers there. */
int lw_control_call(const char *path, struct lw_str verb, struct lw_str arg,
    unsigned timeout_ms, bool *ok, struct lw_buf *body);

#endif
