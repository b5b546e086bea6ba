/* SPDX-License-Identifier: Apache-2.0 */
/* Private to the verification of phrases: a walk over tokens, and what its files hand to each
 * other: verify.c picks anchors and first steps, walk.c goes on from there, report.c takes
 * what was found. */
#ifndef LW_MATCH_WALK_H
#define LW_MATCH_WALK_H

#include "match/matcher.h"

#define LW_NODE_NONE UINT16_MAX
#define LW_TOK_CUR LW_RING_TOKENS /* first token of this message */

/* Nodes that are equally far from the anchor, and what the steps from there may meet. After
 * a turn steps go from the anchor again: in the other direction its view is theirs. */
struct lw_layer {
	uint32_t b, e;
	uint64_t view[LW_SIGHTS]; /* filters by lw_sight_of(), all with LW_OPEN */
};

struct lw_walk {
	struct lw_matcher *m;
	const struct lw_ruleset *rs;
	const struct lw_trie *trie;
	uint32_t lo, hi;  /* tokens that may take part */
	uint32_t last_lo; /* the last slot's token is this one or later */
	uint32_t n;	  /* nodes in use; node 0 is the anchor */
	struct lw_layer anchor;
	unsigned channel;
	bool is_silencing;
};

static inline int32_t
lw_walk_end_of(const struct lw_mtok *t)
{
	return t->pos + t->len;
}

static inline const struct lw_mtok *
lw_walk_tok_of(const struct lw_walk *w, uint32_t node)
{
	return &w->m->tok[w->m->node[node].tok];
}

static inline uint32_t
lw_walk_place_of(int32_t pos)
{
	return LW_PLACES_PAD + ((uint32_t)pos + LW_PLACES / 2) % LW_PLACES;
}

/* What a step from this token may meet, for each gap below LW_SIGHT_GAPS. */
static inline void
lw_walk_look_on(const struct lw_matcher *m, const struct lw_mtok *t, uint64_t *view)
{
	const uint64_t *begin = &m->begin[lw_walk_place_of(lw_walk_end_of(t))];
	uint64_t seen = LW_OPEN;

#pragma GCC unroll 6
	for (unsigned gap = 0; gap < LW_SIGHT_GAPS; gap++)
		view[gap] = seen |= begin[gap];
}

static inline void
lw_walk_look_back(const struct lw_matcher *m, const struct lw_mtok *t, uint64_t *view)
{
	const uint64_t *end = &m->end[lw_walk_place_of(t->pos)];
	uint64_t seen = LW_OPEN;

#pragma GCC unroll 6
	for (unsigned gap = 0; gap < LW_SIGHT_GAPS; gap++)
		view[gap] = seen |= *(end - gap);
}

static inline bool
lw_walk_is_spent(struct lw_walk *w)
{
	if (w->m->checks < LW_MATCH_CHECKS_MAX)
		return false;
	w->m->capped = true;
	return true;
}

/* walk.c: one step from a layer and all that follows it; far_side is the outer node of the way
 * that is complete, or LW_NODE_NONE while the walk has not turned. */
void lw_walk_go(struct lw_walk *w, const struct lw_step *s, const struct lw_layer *from,
    uint32_t far_side);

/* report.c: rules rule[0..n) are complete between two nodes: candidates, or silenced ones. */
void lw_walk_report(
    struct lw_walk *w, const uint32_t *rule, uint32_t n, uint32_t back, uint32_t on);
/* The node of a layer where a match should begin or end: the latest start, the earliest end;
 * of those the surest. LW_NODE_NONE when no token may be the last. */
uint32_t lw_walk_outermost(
    const struct lw_walk *w, const struct lw_layer *l, unsigned dir);

#endif
