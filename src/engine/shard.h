/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of a shard and a worker: shared by the files of this room only. */
#ifndef LW_ENGINE_SHARD_H
#define LW_ENGINE_SHARD_H

#include "engine/engine.h"
#include "score/feature.h"
#include "window/convs.h"
#include "window/facts.h"
#include "window/key.h"
#include "verdict/judge.h"
#include "window/window.h"

#define LW_FOREIGN_BUCKETS 512 /* facts about pairs of other shards, see step.c */
#define LW_CREDIT_MAX                                                                  \
	(LW_CONV_SPEAKERS - 1) /* windows that one message credits, besides its own */
#define LW_PAUSE_MS (6ull * 60 * 60 * 1000) /* who speaks after it starts the talk */
#define LW_EARLY_MS (30ull * 60 * 1000)	    /* the first moments, by time or messages */
#define LW_EARLY_MESSAGES 20
#define LW_PERSIST_MS                                                                  \
	(14ull * 24 * 60 * 60 * 1000) /* a refusal is remembered so long */
#define LW_GIFT_EVIDENCE 0.3
#define LW_ECHO_SHARE                                                                  \
	0.25 /* of a rule beside a stronger one of its category on one line */

struct lw_shard {
	struct lw_hash_key key;
	unsigned index;
	struct lw_windows windows;
	struct lw_convs convs;
	struct lw_facts users, pairs, foreign;
};

struct lw_worker {
	struct lw_matcher *matcher;
	struct lw_match match;
	struct lw_engine_times *times; /* lent; NULL off */
};

/* The window that an event belongs to: of its pair, or of its sender in a conversation. */
struct lw_id128 lw_shard_key(const struct lw_shard *s, const struct lw_event *ev);
/* The window of from -> to in a conversation. Where the sender's window of this
 * conversation was made before the target was known, it becomes the pair's. */
int lw_shard_touch(struct lw_shard *s, struct lw_str tenant, struct lw_str conv,
    struct lw_str from, struct lw_str to, struct lw_id128 key, uint64_t *now_ms,
    struct lw_window **out);
/* Bring the window's copy of what is known about both people up to date. */
void lw_shard_who(struct lw_shard *s, struct lw_window *w, struct lw_str tenant,
    struct lw_str from, struct lw_str to);
/* A look changes nothing: neither the copy nor which facts count as used. */
void lw_shard_look(const struct lw_shard *s, const struct lw_window *w,
    struct lw_str tenant, struct lw_str from, struct lw_str to, uint8_t who[2]);
uint8_t lw_shard_relation(struct lw_shard *s, struct lw_id128 pair);
uint8_t lw_shard_relation_look(const struct lw_shard *s, struct lw_id128 pair);
void lw_shard_account(struct lw_shard *s); /* after tables other than windows grew */
/* Take in an event about people (user, relation, report without a pair). */
int lw_shard_learn(struct lw_shard *s, const struct lw_event *ev);

/* What one pass over an event works with. */
struct lw_pass {
	struct lw_worker *w;
	struct lw_shard *s;
	const struct lw_ruleset *rs;
	const struct lw_policy *policy;
	const struct lw_event *ev;
	struct lw_arena *arena;
	struct lw_outcome *out;
};

/* One window of a pass, and what this event added to it. */
struct lw_part {
	struct lw_window *win;
	struct lw_id128 key;
	struct lw_str from, to; /* to absent: unknown */
	uint64_t now_ms;
	const struct lw_hit *hit[LW_MATCH_HITS_MAX];
	size_t nhit;
	bool from_target; /* the target wrote the message */
	struct lw_trigger why;
	struct lw_score score;
	struct lw_judgement judgement;
};

/* Put the hits of a part into its window. 0 or LW_ENOMEM. */
int lw_part_take(const struct lw_pass *p, struct lw_part *part);
/* Score a window as it is now. A look leaves no trace of it. */
void lw_part_score(
    const struct lw_pass *p, struct lw_part *part, struct lw_score_in *in, bool look);
/* Score and judge n parts; the one of greatest risk among those that are due raises a
 * flag, the others wait for their next evidence. 0 or LW_ENOMEM. */
int lw_parts_judge(const struct lw_pass *p, struct lw_part *parts, size_t n);
/* Events other than messages. */
int lw_pass_event(const struct lw_pass *p);
/* A marked flag for the test phrase. */
int lw_pass_test(const struct lw_pass *p, const struct lw_hit *hit, struct lw_id128 key);

#endif
