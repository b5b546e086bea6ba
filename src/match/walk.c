/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of a phrase's trie, outwards from an anchor. In: a step that may hold. Out: nodes,
 * and what is complete. Most of what is asked here holds: filters have seen it before. */
#include <string.h>
#include "match/walk.h"

static inline int32_t
gap_of(const struct lw_mtok *node, const struct lw_mtok *t, unsigned dir)
{
	return dir == LW_STEP_ON ? t->pos - lw_walk_end_of(node)
				 : node->pos - lw_walk_end_of(t);
}

/* ---- one step ---- */

/* Put a token that the step's set holds behind the surest node that it can follow. */
static inline void
take_token(
    struct lw_walk *w, const struct lw_layer *l, const struct lw_step *s, uint32_t q)
{
	struct lw_matcher *m = w->m;
	const struct lw_mtok *t = &m->tok[q];
	uint32_t best = LW_NODE_NONE;

	for (uint32_t i = l->b; i < l->e; i++) {
		int32_t gap = gap_of(lw_walk_tok_of(w, i), t, s->dir);

		if (gap >= 0 && gap <= s->gap_max &&
		    (best == LW_NODE_NONE || m->node[i].cost < m->node[best].cost))
			best = i;
	}
	m->checks += (l->e - l->b) / 4;
	if (best == LW_NODE_NONE)
		return;
	if (w->n == LW_NODES_MAX) {
		m->capped = true;
		return;
	}
	m->node[w->n++] = (struct lw_node){.tok = (uint16_t)q,
	    .parent = (uint16_t)best,
	    .cost = m->node[best].cost > t->how ? m->node[best].cost : t->how};
}

/* What gaps are counted from. A token that stands before may be as long as any. */
static inline int32_t
edge_of(const struct lw_mtok *t, int32_t sign, int32_t len_max)
{
	return sign > 0 ? lw_walk_end_of(t) : len_max - t->pos;
}

/* The layer behind a step: all tokens that its slot can take. Positions are counted in the
 * step's direction. */
static inline bool
take_step(struct lw_walk *w, const struct lw_layer *l, const struct lw_step *s)
{
	const struct lw_mtok *tok = w->m->tok;
	int32_t sign = s->dir == LW_STEP_ON ? 1 : -1, len_max = (int32_t)w->m->len_max;
	uint32_t n = w->n, first = w->m->node[l->b].tok, q;
	int32_t limit = edge_of(&tok[first], sign, len_max);

	for (uint32_t i = l->b + 1; i < l->e; i++) {
		int32_t edge = edge_of(lw_walk_tok_of(w, i), sign, len_max);

		q = w->m->node[i].tok;
		first = (sign > 0) == (q < first) ? q : first;
		limit = edge > limit ? edge : limit;
	}
	limit += s->gap_max;
	for (q = first + (uint32_t)sign; q - w->lo < w->hi - w->lo; q += (uint32_t)sign) {
		const struct lw_mtok *t = &tok[q];

		if (t->pos * sign > limit)
			break;
		if ((s->mask & lw_lexeme_bit(w->rs, t->lexeme)) != 0 &&
		    (s->flags & ~t->flags) == 0 && lw_set_has(w->rs, s->set, t->lexeme))
			take_token(w, l, s, q);
	}
	return w->n > n;
}

static inline void
look(const struct lw_matcher *m, const struct lw_mtok *t, unsigned dir, uint64_t *view)
{
	if (dir == LW_STEP_ON)
		lw_walk_look_on(m, t, view);
	else
		lw_walk_look_back(m, t, view);
}

static inline void
look_around(const struct lw_walk *w, struct lw_layer *l, unsigned dir)
{
	uint64_t more[LW_SIGHT_GAPS], *ahead = l->view + lw_sight_of(dir, 0);

	memcpy(l->view, w->anchor.view, sizeof(l->view));
	look(w->m, lw_walk_tok_of(w, l->b), dir, ahead);
	for (uint32_t i = l->b + 1; i < l->e; i++) {
		look(w->m, lw_walk_tok_of(w, i), dir, more);
		for (unsigned gap = 0; gap < LW_SIGHT_GAPS; gap++)
			ahead[gap] |= more[gap];
	}
}

/* ---- steps ---- */

static void descend(struct lw_walk *w, const struct lw_step *s,
    const struct lw_layer *l, unsigned dir, uint32_t other);

/* One step from a layer; far_side is the outer node of the way that is complete, or LW_NODE_NONE
 * while the walk has not turned. */
void
lw_walk_go(struct lw_walk *w, const struct lw_step *s, const struct lw_layer *from,
    uint32_t far_side)
{
	const struct lw_trie *trie = w->trie;
	struct lw_layer next;
	uint32_t mine;

	w->m->checks++;
	next.b = w->n;
	if (!take_step(w, from, s))
		return;
	next.e = w->n;
	if (s->nends > 0 && (mine = lw_walk_outermost(w, &next, s->dir)) != LW_NODE_NONE) {
		uint32_t side = far_side != LW_NODE_NONE ? far_side : 0;

		/* Without a way on, the anchor itself is last. */
		if (s->dir == LW_STEP_ON)
			lw_walk_report(w, trie->end + s->end, s->nends, side, mine);
		else if (w->m->node[side].tok >= w->last_lo)
			lw_walk_report(w, trie->end + s->end, s->nends, mine, side);
	}
	if (s->nkids > 0) {
		look_around(w, &next, s->dir);
		descend(w, s, &next, s->dir, far_side);
	}
	w->n = next.b;
}

/* The steps behind s from layer l, which went in direction dir. */
static void
descend(struct lw_walk *w, const struct lw_step *s, const struct lw_layer *l,
    unsigned dir, uint32_t other)
{
	const struct lw_trie *trie = w->trie;
	uint32_t turned = LW_NODE_NONE;
	bool is_turned = false;

	w->m->checks += s->nkids / 8;
	for (uint32_t k = s->kid; k < s->kid + s->nkids; k++) {
		const struct lw_step *kid = &trie->step[k];

		if ((l->view[trie->sight[k]] & trie->mask[k]) == 0)
			continue;
		if (lw_walk_is_spent(w))
			return;
		if (kid->dir == dir) {
			lw_walk_go(w, kid, l, other);
			continue;
		}
		if (!is_turned)
			turned = lw_walk_outermost(w, l, dir);
		is_turned = true;
		if (turned == LW_NODE_NONE)
			return; /* steps of one direction stand together */
		lw_walk_go(w, kid, &w->anchor, turned);
	}
}
