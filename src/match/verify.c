/* SPDX-License-Identifier: Apache-2.0 */
/* Phrases over tokens. In: the tokens of the ring's end and of this message. Out: the best
 * match of each rule: latest start, then earliest end, then surest words.
 *
 * A trie is entered at each token that can be its anchor and walked outwards, slot by slot,
 * each time with all tokens that can be reached (a layer). Gaps bind neighbours only, so the
 * way back and the way on from an anchor do not depend on each other: that is exact, and
 * polynomial. */
#include <string.h>
#include "match/matcher.h"

#define NONE UINT16_MAX
#define NO_DIR 2
#define TODO_MAX 32	   /* fetched ahead */
#define CUR LW_RING_TOKENS /* first token of this message */

/* Nodes that are equally far from the anchor, and what stands beside them. */
struct layer {
	uint32_t b, e;
	struct lw_beside beside;
};

struct walk {
	struct lw_matcher *m;
	const struct lw_ruleset *rs;
	const struct lw_trie *trie;
	uint32_t lo, hi;    /* tokens that may take part */
	uint32_t last_lo;   /* the last slot's token is this one or later */
	uint32_t beside_lo; /* first token with filters of what stands beside it */
	uint32_t n;	    /* nodes in use; node 0 is the anchor */
	struct layer anchor;
	unsigned channel;
	bool is_silencing;
};

static inline int32_t
end_of(const struct lw_mtok *t)
{
	return t->pos + t->len;
}

static inline const struct lw_mtok *
tok_of(const struct walk *w, uint32_t node)
{
	return &w->m->tok[w->m->node[node].tok];
}

static inline int32_t
gap_of(const struct lw_mtok *node, const struct lw_mtok *t, unsigned dir)
{
	return dir == LW_STEP_ON ? t->pos - end_of(node) : node->pos - end_of(t);
}

/* ---- one step ---- */

static void
try_token(struct walk *w, const struct layer *l, const struct lw_step *s, uint32_t q)
{
	struct lw_matcher *m = w->m;
	const struct lw_mtok *t = &m->tok[q];
	uint32_t best = NONE;

	if ((s->flags & ~t->flags) != 0 || !lw_set_has(w->rs, s->set, t->lexeme))
		return;
	for (uint32_t i = l->b; i < l->e; i++) {
		int32_t gap = gap_of(tok_of(w, i), t, s->dir);

		if (gap >= 0 && gap <= s->gap_max &&
		    (best == NONE || m->node[i].cost < m->node[best].cost))
			best = i;
	}
	m->checks += (l->e - l->b) / 4;
	if (best == NONE)
		return;
	if (w->n == LW_NODES_MAX) {
		m->capped = true;
		return;
	}
	m->node[w->n++] = (struct lw_node){.tok = (uint16_t)q,
	    .parent = (uint16_t)best,
	    .cost = m->node[best].cost > t->how ? m->node[best].cost : t->how};
}

/* The layer behind a step: all tokens that its slot can take. */
static inline bool
step_on(struct walk *w, const struct layer *l, const struct lw_step *s)
{
	const struct lw_mtok *tok = w->m->tok;
	uint32_t q = w->m->node[l->b].tok, n = w->n;
	int32_t ceiling = end_of(&tok[q]);

	for (uint32_t i = l->b + 1; i < l->e; i++) {
		q = w->m->node[i].tok < q ? w->m->node[i].tok : q;
		ceiling = end_of(tok_of(w, i)) > ceiling ? end_of(tok_of(w, i)) : ceiling;
	}
	for (q++; q < w->hi && tok[q].pos <= ceiling + s->gap_max; q++)
		try_token(w, l, s, q);
	return w->n > n;
}

static inline bool
step_back(struct walk *w, const struct layer *l, const struct lw_step *s)
{
	const struct lw_mtok *tok = w->m->tok;
	uint32_t q = w->m->node[l->b].tok, n = w->n;
	int32_t floor = tok[q].pos;

	for (uint32_t i = l->b + 1; i < l->e; i++) {
		q = w->m->node[i].tok > q ? w->m->node[i].tok : q;
		floor = tok_of(w, i)->pos < floor ? tok_of(w, i)->pos : floor;
	}
	floor -= (int32_t)(s->gap_max + w->m->len_max);
	while (q-- > w->lo && tok[q].pos >= floor)
		try_token(w, l, s, q);
	return w->n > n;
}

/* What stands beside every token: most steps are rejected by these filters. */
static void
fill_beside(struct lw_matcher *m, uint32_t lo, uint32_t hi)
{
	const struct lw_mtok *end = &m->tok[hi];
	struct lw_beside *ba = &m->beside[lo];
	int32_t far = (int32_t)m->len_max + LW_MID_GAP;

	memset(ba, 0, (hi - lo) * sizeof(*ba));
	for (const struct lw_mtok *a = &m->tok[lo]; a < end; a++, ba++) {
		uint64_t bit = lw_lexeme_bit(a->lexeme), near = 0, mid = 0;
		int32_t a_end = end_of(a), reach = a->pos + far;
		struct lw_beside *bb = ba + 1;

		for (const struct lw_mtok *b = a + 1; b < end && b->pos <= reach;
		     b++, bb++) {
			uint64_t other = lw_lexeme_bit(b->lexeme);
			uint32_t gap = (uint32_t)(b->pos - a_end);
			/* All ones where it holds; a negative gap is a huge one. */
			uint64_t is_mid = -(uint64_t)(gap <= LW_MID_GAP);
			uint64_t is_near = -(uint64_t)(gap == 0);

			mid |= other & is_mid;
			near |= other & is_near;
			bb->mid[LW_STEP_BACK] |= bit & is_mid;
			bb->near[LW_STEP_BACK] |= bit & is_near;
		}
		ba->mid[LW_STEP_ON] = mid;
		ba->near[LW_STEP_ON] = near;
	}
}

static inline void
layer_beside(const struct walk *w, struct layer *l)
{
	uint64_t unknown = 0;

	l->beside = w->m->beside[w->m->node[l->b].tok];
	for (uint32_t i = l->b; i < l->e; i++) {
		const struct lw_beside *b = &w->m->beside[w->m->node[i].tok];

		unknown |= -(uint64_t)(w->m->node[i].tok < w->beside_lo);
		for (unsigned dir = 0; dir < 2; dir++) {
			l->beside.near[dir] |= b->near[dir] | unknown;
			l->beside.mid[dir] |= b->mid[dir] | unknown;
		}
	}
}

static inline bool
may_hold(const struct lw_beside *b, const struct lw_step *s)
{
	return s->gap_max > LW_MID_GAP ||
	       ((s->gap_max == 0 ? b->near : b->mid)[s->dir] & s->mask) != 0;
}

/* ---- matches ---- */

/* The node of a layer where a match should begin or end: the latest start, the earliest end;
 * of those the surest. NONE when no token may be the last. */
static uint32_t
outermost(const struct walk *w, const struct layer *l, unsigned dir)
{
	const struct lw_node *node = w->m->node;
	uint32_t best = NONE;
	int32_t best_at = 0;

	for (uint32_t i = l->b; i < l->e; i++) {
		int32_t at =
		    dir == LW_STEP_BACK ? -tok_of(w, i)->pos : end_of(tok_of(w, i));

		if (dir == LW_STEP_ON && node[i].tok < w->last_lo)
			continue;
		if (best == NONE || at < best_at ||
		    (at == best_at && node[i].cost < node[best].cost)) {
			best = i;
			best_at = at;
		}
	}
	return best;
}

bool
lw_match_is_in_channel(const struct lw_rule *rule, unsigned channel)
{
	/* Where the server does not say, no rule is ruled out. */
	return rule->channels == 0 || channel == LW_CH_UNKNOWN ||
	       (rule->channels & (1u << channel)) != 0;
}

struct lw_candidate *
lw_match_candidate(struct lw_matcher *m, uint32_t rule, bool *is_new)
{
	*is_new = m->candidate_of[rule] == 0;
	if (!*is_new)
		return &m->candidate[m->candidate_of[rule] - 1];
	if (m->ncandidates == LW_CANDIDATES_MAX) {
		m->capped = true;
		return NULL;
	}
	m->candidate[m->ncandidates] = (struct lw_candidate){.rule = rule};
	m->candidate_of[rule] = (uint16_t)(m->ncandidates + 1);
	return &m->candidate[m->ncandidates++];
}

static void
add_span(struct lw_candidate *c, const struct lw_mtok *t, bool is_current)
{
	if (is_current && c->nspans < LW_HIT_SPANS)
		c->spans[c->nspans++] = (struct lw_span){t->start, t->end};
}

static void
fill_spans(const struct walk *w, struct lw_candidate *c, uint32_t back, uint32_t on)
{
	const struct lw_node *node = w->m->node;
	uint32_t way[LW_SLOTS_MAX];
	unsigned n = 0;

	c->nspans = 0;
	for (uint32_t i = back; i != NONE; i = node[i].parent)
		add_span(c, tok_of(w, i), node[i].tok >= CUR);
	for (uint32_t i = on; node[i].parent != NONE && n < LW_SLOTS_MAX;
	     i = node[i].parent)
		way[n++] = i;
	while (n > 0) {
		n--;
		add_span(c, tok_of(w, way[n]), node[way[n]].tok >= CUR);
	}
}

/* First token that the rule's span lets take part. */
static uint32_t
first_token(const struct lw_matcher *m, const struct lw_rule *rule)
{
	unsigned back = 0;

	while (back + 1 < rule->span_messages && back + 1 < LW_RING_MESSAGES &&
	       m->age_s[back + 1] <= rule->span_s)
		back++;
	return m->first_of_back[back];
}

static bool
is_better(const struct lw_candidate *c, int32_t start, int32_t end, uint8_t how)
{
	if (start != c->start)
		return start > c->start;
	return end != c->end ? end < c->end : how < c->how;
}

static void
report(struct walk *w, uint32_t rule_index, uint32_t back, uint32_t on)
{
	struct lw_matcher *m = w->m;
	const struct lw_rule *rule = &w->rs->rule[rule_index];
	int32_t start = tok_of(w, back)->pos, end = end_of(tok_of(w, on));
	uint8_t how = m->node[back].cost > m->node[on].cost ? m->node[back].cost
							    : m->node[on].cost;
	struct lw_candidate *c;
	bool is_new;

	if (m->node[back].tok < first_token(m, rule) ||
	    !lw_match_is_in_channel(rule, w->channel))
		return;
	c = lw_match_candidate(m, rule_index, &is_new);
	if (c == NULL || (!is_new && !is_better(c, start, end, how)))
		return;
	c->start = start;
	c->end = end;
	c->how = how;
	c->back = tok_of(w, back)->back;
	fill_spans(w, c, back, on);
}

/* An `unless` was found: it counts when it lies within the messages of the rule's match. */
static void
silence(struct walk *w, uint32_t rule_index, uint32_t back)
{
	struct lw_matcher *m = w->m;
	struct lw_candidate *c;

	if (m->candidate_of[rule_index] == 0)
		return;
	c = &m->candidate[m->candidate_of[rule_index] - 1];
	c->is_silenced |= m->node[back].tok >= m->first_of_back[c->back];
}

static void
report_all(struct walk *w, const uint32_t *rule, uint32_t n, uint32_t back, uint32_t on)
{
	for (uint32_t i = 0; i < n; i++) {
		if (w->is_silencing)
			silence(w, rule[i], back);
		else
			report(w, rule[i], back, on);
	}
}

/* ---- the walk ---- */

static bool
is_spent(struct walk *w)
{
	if (w->m->checks < LW_MATCH_CHECKS_MAX)
		return false;
	w->m->capped = true;
	return true;
}

/* Steps kid[0..n) from layer l, which went in direction dir; other is the outer node of
 * the way that is complete, or NONE while the walk has not turned. */
static void
descend(struct walk *w, const struct lw_step *kid, uint32_t n, struct layer *l,
    unsigned dir, uint32_t other)
{
	uint32_t turned = NONE;
	bool is_turned = false;

	w->m->checks += n / 8;
	for (const struct lw_step *s = kid; s < kid + n; s++) {
		bool turns = dir != NO_DIR && s->dir != dir;
		struct layer *from = turns ? &w->anchor : l, next;
		uint32_t far_side = other, mine;

		if (!may_hold(&from->beside, s))
			continue;
		if (turns) {
			if (!is_turned)
				turned = outermost(w, l, dir);
			is_turned = true;
			if ((far_side = turned) == NONE)
				break; /* steps of one direction stand together */
		}
		if (is_spent(w))
			return;
		w->m->checks++;
		next.b = w->n;
		if (!(s->dir == LW_STEP_ON ? step_on(w, from, s) : step_back(w, from, s)))
			continue;
		next.e = w->n;
		if (s->nends > 0 && (mine = outermost(w, &next, s->dir)) != NONE) {
			uint32_t side = far_side != NONE ? far_side : 0;

			/* Without a way on, the anchor itself is last. */
			if (s->dir == LW_STEP_ON)
				report_all(w, w->trie->end + s->end, s->nends, side, mine);
			else if (w->m->node[side].tok >= w->last_lo)
				report_all(w, w->trie->end + s->end, s->nends, mine, side);
		}
		if (s->nkids > 0) {
			layer_beside(w, &next);
			descend(w, w->trie->step + s->kid, s->nkids, &next, s->dir,
			    far_side);
		}
		w->n = next.b;
	}
}

/* Can any program of the entry hold, going by what stands beside the anchor? */
static inline unsigned
may_enter(const struct lw_beside *b, const struct lw_entry *e)
{
	return (unsigned)e->is_open |
	       (unsigned)(((b->near[0] & e->near[0]) | (b->near[1] & e->near[1]) |
			      (b->mid[0] & e->mid[0]) | (b->mid[1] & e->mid[1])) != 0);
}

static void
enter(struct walk *w, const struct lw_entry *e, uint32_t tok)
{
	w->n = 1;
	if (e->nends > 0 && tok >= w->last_lo)
		report_all(w, w->trie->end + e->end, e->nends, 0, 0);
	descend(w, w->trie->step + e->kid, e->nkids, &w->anchor, NO_DIR, NONE);
}

/* All programs that have this token as their anchor. */
static void
walk_token(struct walk *w, uint32_t tok, int32_t gone)
{
	const struct lw_trie *trie = w->trie;
	const struct lw_mtok *t = &w->m->tok[tok];
	const struct lw_entry *e = &trie->entry[trie->entry_off[t->lexeme]];
	const struct lw_entry *end = &trie->entry[trie->entry_off[t->lexeme + 1]];
	const struct lw_entry *todo[TODO_MAX];
	unsigned n = 0;

	w->anchor = (struct layer){.b = 0, .e = 1, .beside = w->m->beside[tok]};
	w->m->node[0] =
	    (struct lw_node){.tok = (uint16_t)tok, .parent = NONE, .cost = t->how};
	while (e < end) {
		/* Few pass, in no pattern that a processor could learn: no branch. */
		for (; e < end && n < TODO_MAX; e++) {
			todo[n] = e;
			n += (unsigned)(e->reach >= gone) &
			     (unsigned)((e->flags & ~t->flags) == 0) &
			     may_enter(&w->anchor.beside, e);
		}
		for (unsigned i = 0; i < n; i++)
			__builtin_prefetch(&trie->step[todo[i]->kid]);
		for (unsigned i = 0; i < n && !is_spent(w); i++)
			enter(w, todo[i], tok);
		n = 0;
	}
}

/* How far the token is from this message, if it is in the ring: its program's slots must
 * reach across. Lengths above one word make the reach of programs too short to go by. */
static inline int32_t
gone_by(const struct walk *w, uint32_t tok)
{
	if (tok >= w->last_lo)
		return 0;
	return w->m->len_max <= 1 ? -w->m->tok[tok].pos : 1;
}

static inline bool
is_anchor(const struct walk *w, uint32_t tok, int32_t gone)
{
	uint32_t lexeme = w->m->tok[tok].lexeme;

	return lexeme <= w->rs->lexeme_max && w->trie->reach_of[lexeme] > gone;
}

/* Filters for all tokens from the oldest anchor on, and what they see. */
static void
prepare(struct walk *w)
{
	const struct lw_mtok *tok = w->m->tok;
	uint32_t oldest = w->hi < CUR ? w->hi : CUR, lo;
	int32_t gone;

	if (w->lo < oldest && w->last_lo < oldest)
		oldest = w->lo;
	for (uint32_t i = oldest; i-- > w->lo;) {
		if ((gone = gone_by(w, i)) >= w->trie->reach_end)
			break;
		if (is_anchor(w, i, gone))
			oldest = i;
	}
	w->beside_lo = lo = oldest;
	while (lo > w->lo &&
	       tok[lo - 1].pos + (int32_t)w->m->len_max + LW_MID_GAP >= tok[oldest].pos)
		lo--;
	fill_beside(w->m, lo, w->hi);
}

static void
walk_all(struct walk *w)
{
	const struct lw_trie *trie = w->trie;
	uint32_t todo[TODO_MAX], i = w->hi;
	unsigned n;

	prepare(w);
	do {
		for (n = 0; n < TODO_MAX && i-- > w->beside_lo;) {
			todo[n] = i;
			n += is_anchor(w, i, gone_by(w, i));
		}
		for (unsigned k = 0; k < n; k++)
			__builtin_prefetch(
			    &trie->entry[trie->entry_off[w->m->tok[todo[k]].lexeme]]);
		for (unsigned k = 0; k < n && !is_spent(w); k++)
			walk_token(w, todo[k], gone_by(w, todo[k]));
	} while (n == TODO_MAX);
}

void
lw_verify_phrases(struct lw_matcher *m, const struct lw_ruleset *rs, unsigned channel)
{
	struct walk w = {.m = m,
	    .rs = rs,
	    .trie = &rs->phrases,
	    .lo = m->ring0,
	    .hi = CUR + m->ntok,
	    .last_lo = CUR,
	    .channel = channel};

	walk_all(&w);
}

void
lw_verify_silencers(struct lw_matcher *m, const struct lw_ruleset *rs)
{
	struct walk w = {.m = m,
	    .rs = rs,
	    .trie = &rs->silencers,
	    .lo = CUR,
	    .hi = CUR + m->ntok,
	    .is_silencing = true};
	bool is_needed = false;

	for (uint32_t i = 0; i < m->ncandidates; i++) {
		const struct lw_candidate *c = &m->candidate[i];

		if (!rs->has_unless[c->rule])
			continue;
		is_needed = true;
		if (m->first_of_back[c->back] < w.lo)
			w.lo = m->first_of_back[c->back];
	}
	if (!is_needed)
		return;
	m->checks =
	    0; /* a budget of its own: what is spent above must not hide an unless */
	walk_all(&w);
}
