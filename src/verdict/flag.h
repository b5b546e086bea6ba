/* SPDX-License-Identifier: Apache-2.0 */
/* Flags: who, which message and which rules in; a flag with its lasting id out, in the
 * caller's arena with all its slices. */
#ifndef LW_VERDICT_FLAG_H
#define LW_VERDICT_FLAG_H

#include "base/arena.h"
#include "base/hash.h"
#include "conf/policy.h"
#include "event/event.h"
#include "event/verdict.h"

#define LW_FLAG_RULES_MAX 64 /* names that go into an id */

struct lw_flag_in {
	const struct lw_hash_key *key;
	const struct lw_event *ev; /* that raised it */
	struct lw_str from, to;	   /* of the window; to may be absent */
	struct lw_id128 pair;	   /* the window's key */
	enum lw_flag_kind kind;
	enum lw_band band;
	const struct lw_str *rules; /* names that this message added, any order */
	size_t nrules;
	const char *pack;   /* hash, 64 hex digits */
	const char *engine; /* version, static */
};

/* A flag without score and evidence, or NULL when the arena is full. Its id depends on
 * tenant, pair, kind, message (id and text) and rule names only: the same over re-runs. A
 * message without an id is known by its conversation, sender and time; the test phrase of
 * one minute is one flag. */
struct lw_flag *lw_flag_new(struct lw_arena *arena, const struct lw_flag_in *in);
/* Name the policy's clause of a category; without one the flag has no clause. */
int lw_flag_clause(struct lw_flag *f, struct lw_arena *arena, const struct lw_policy *p,
    enum lw_category c);

#endif
