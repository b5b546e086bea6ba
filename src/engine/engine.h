/* SPDX-License-Identifier: Apache-2.0 */
/* The engine: events in sequence in, verdicts, flags and records out. A pure function of
 * the recorded sequence of inputs: no I/O, no clock, no globals, no locks.
 *
 *   router (one thread, in sequence)  ->  256 shards (any worker)  ->  fan-out (in sequence)
 *
 * A caller that keeps those three orders gets the same flags whatever the number of workers
 * or the size of batches. */
#ifndef LW_ENGINE_ENGINE_H
#define LW_ENGINE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
#include "event/event.h"
#include "event/hit.h"
#include "event/verdict.h"
#include "match/match.h"
#include "pack/pack.h"
#include "conf/policy.h"

#define LW_SHARDS 256
#define LW_SHARD_ALL 256 /* facts about people: every shard takes them, in sequence */
#define LW_ENGINE_VERSION "0.1.0"

struct lw_engine_conf {
	struct lw_hash_key key; /* of table hashes and flag ids: one an installation; all
				 * zero for files, so that ids are the same everywhere */
	size_t max_windows;	/* per shard */
	size_t max_bytes;	/* per shard, all of its memory */
	uint64_t idle_ms;
};
void lw_engine_conf_default(struct lw_engine_conf *c);

/* ---- router: resolves the target of an event and names its shard ---- */
struct lw_router;
int lw_router_new(struct lw_router **out, const struct lw_engine_conf *conf);
void lw_router_free(struct lw_router *r);
/* Set ev->to where the event does not say it (who is replied to, mentioned, or the only
 * other participant); the slice is put in arena. Returns the shard, 0..255 or
 * LW_SHARD_ALL. Events must come in sequence. */
unsigned lw_router_route(struct lw_router *r, struct lw_event *ev, struct lw_arena *arena);

/* ---- what one event added: enough to do it again without its text ---- */
struct lw_record {
	const struct lw_token *tok; /* of this message */
	const struct lw_hit *hit;
	uint32_t ntok, nhit;
	uint16_t words;
	bool keep_text; /* the text belongs to evidence: seal it beside the record */
};

struct lw_outcome {
	struct lw_verdict verdict;
	const struct lw_flag *flag; /* NULL, or in the caller's arena with all its slices */
	struct lw_record record; /* in the caller's arena */
	uint32_t categories;	 /* sender-side categories hit, for the fan-out stage */
};

/* ---- worker: scratch of one thread ---- */
struct lw_worker;
int lw_worker_new(struct lw_worker **out, size_t memo_words);
void lw_worker_free(struct lw_worker *w);

struct lw_engine_times { /* ns, summed over steps while set */
	struct lw_match_times match;
	uint64_t window_ns, score_ns, verdict_ns;
	uint64_t steps;
};
void lw_worker_timing(struct lw_worker *w, struct lw_engine_times *times); /* NULL: off */

/* ---- shard ---- */
struct lw_shard;
int lw_shard_new(struct lw_shard **out, const struct lw_engine_conf *conf, unsigned index);
void lw_shard_free(struct lw_shard *s);
/* Hint that this event, routed already, comes soon. Worth calling twice, some events apart:
 * at first the index is fetched, again its window's memory. */
void lw_shard_prefetch(struct lw_shard *s, const struct lw_event *ev, bool again);

/* One event: match, window, score, verdict. Results live in arena. With an event of kind
 * decision, user, relation, report, ... the same call does what that kind means. */
int lw_engine_step(struct lw_worker *w, struct lw_shard *s, const struct lw_ruleset *rs,
    const struct lw_policy *policy, const struct lw_event *ev, struct lw_arena *arena,
    struct lw_outcome *out);
/* The same from a record instead of a scan: after a crash, or to explain. ev->text may be
 * absent. Gives the same flag, byte for byte, where the text was kept. */
int lw_engine_apply(struct lw_worker *w, struct lw_shard *s, const struct lw_ruleset *rs,
    const struct lw_policy *policy, const struct lw_event *ev,
    const struct lw_record *rec, struct lw_arena *arena, struct lw_outcome *out);

/* The score of a pair as it stands. */
struct lw_explanation {
	const struct lw_flag *view; /* in arena, in the form of a flag; NULL: no evidence */
	bool qualified;		    /* the evidence is of kinds that may flag */
	bool closed;		    /* moderators closed the pair's case */
	uint32_t flags;		    /* raised so far */
};
/* ev names tenant, from, to (or conv) and the time of the look; nothing is changed. 0 or
 * LW_ENOMEM. */
int lw_engine_explain(struct lw_worker *w, struct lw_shard *s,
    const struct lw_ruleset *rs, const struct lw_policy *policy,
    const struct lw_event *ev, struct lw_arena *arena, struct lw_explanation *out);

struct lw_shard_stats {
	uint64_t windows, with_hits, bytes, evicted, expired;
};
void lw_shard_stats(const struct lw_shard *s, struct lw_shard_stats *out);
/* State to bytes and back, exact. Text of evidence is in there: seal it. */
int lw_shard_save(const struct lw_shard *s, struct lw_buf *out);
int lw_shard_load(struct lw_shard *s, struct lw_str saved);
int lw_router_save(const struct lw_router *r, struct lw_buf *out);
int lw_router_load(struct lw_router *r, struct lw_str saved);

/* ---- fan-out: the same approach to many people; flags of its own, in sequence ---- */
struct lw_fanout;
int lw_fanout_new(struct lw_fanout **out, const struct lw_engine_conf *conf);
void lw_fanout_free(struct lw_fanout *f);
/* Call for each outcome with categories != 0, in sequence. *flag is NULL or in arena. */
int lw_fanout_step(struct lw_fanout *f, const struct lw_ruleset *rs,
    const struct lw_policy *policy, const struct lw_event *ev, uint32_t categories,
    struct lw_arena *arena, const struct lw_flag **flag);
int lw_fanout_save(const struct lw_fanout *f, struct lw_buf *out);
int lw_fanout_load(struct lw_fanout *f, struct lw_str saved);

/* ---- all of it in one thread: files, tests, benches ---- */
struct lw_pipeline; /* router, 256 shards, a worker and the fan-out stage */
int lw_pipeline_new(struct lw_pipeline **out, const struct lw_engine_conf *conf,
    struct lw_ruleset *rs, const struct lw_policy *policy, size_t memo_words);
void lw_pipeline_free(struct lw_pipeline *p);
/* Events without a sequence number get the next one.
 * flags: up to two (the pair's, the sender's), lent until the next call; nflags 0..2. */
int lw_pipeline_step(struct lw_pipeline *p, struct lw_event *ev, struct lw_outcome *out,
    const struct lw_flag *flags[2], size_t *nflags);
/* Same outcomes for n events at once, with prefetch: what a worker does with a batch. flag
 * of each event is in outs; fan-out flags go to `extra` (room for n), counted in *nextra. */
int lw_pipeline_batch(struct lw_pipeline *p, struct lw_event *evs, size_t n,
    struct lw_outcome *outs, const struct lw_flag **extra, size_t *nextra);
/* lw_engine_explain in the shard that keeps the pair; lent until the next call. ev is as an
 * event of the pair was when lw_pipeline_step had set its target. */
int lw_pipeline_explain(
    struct lw_pipeline *p, const struct lw_event *ev, struct lw_explanation *out);
struct lw_worker *lw_pipeline_worker(struct lw_pipeline *p); /* lent: for timing */
void lw_pipeline_stats(const struct lw_pipeline *p, struct lw_shard_stats *out);

#endif
