/* SPDX-License-Identifier: Apache-2.0 */
/* Phrases over tokens. In: the tokens of the ring's end and of this message. Out: the best
 * match of each rule: latest start, then earliest end, then surest words.
 *
 * A program is tried at each token that can be its anchor. Gaps bind neighbours only, so
 * what lies before the anchor and what lies behind it are independent: each side is walked
 * slot by slot over all tokens that can still be reached, which is exact and polynomial. */
#include <assert.h>
#include "match/matcher.h"

#define NONE UINT16_MAX
#define CUR LW_RING_TOKENS /* first token of this message */

struct walk {
	struct lw_matcher *m;
	const struct lw_ruleset *rs;
	const struct lw_slot *slot;
	uint32_t lo, hi;  /* tokens that may take part */
	uint32_t last_lo; /* the last slot's token is this one or later */
	uint32_t n;	  /* nodes in use */
};

static inline int32_t
end_of(const struct lw_mtok *t)
{
	return t->pos + t->len;
}

static inline bool
fits(const struct walk *w, const struct lw_slot *s, const struct lw_mtok *t)
{
	return lw_set_has(w->rs, s->set, t->lexeme) && (s->flags & ~t->flags) == 0;
}

static bool
add_node(struct walk *w, uint32_t tok, uint32_t parent, uint8_t cost)
{
	if (w->n == LW_NODES_MAX) {
		w->m->capped = true;
		return false;
	}
	w->m->node[w->n++] = (struct lw_node){(uint16_t)tok, (uint16_t)parent, cost};
	return true;
}

static inline uint8_t
worse(uint8_t a, uint8_t b)
{
	return a > b ? a : b;
}

/* The surest node of [b, e) that the token can stand before (gap up to gap_max). */
static uint32_t
best_after(struct walk *w, uint32_t b, uint32_t e, const struct lw_mtok *t, unsigned gap_max)
{
	uint32_t best = NONE;

	for (uint32_t i = b; i < e; i++) {
		int32_t gap = w->m->tok[w->m->node[i].tok].pos - end_of(t);

		w->m->steps++;
		if (gap >= 0 && gap <= (int32_t)gap_max &&
		    (best == NONE || w->m->node[i].cost < w->m->node[best].cost))
			best = i;
	}
	return best;
}

static uint32_t
best_before(struct walk *w, uint32_t b, uint32_t e, const struct lw_mtok *t, unsigned gap_max)
{
	uint32_t best = NONE;

	for (uint32_t i = b; i < e; i++) {
		int32_t gap = t->pos - end_of(&w->m->tok[w->m->node[i].tok]);

		w->m->steps++;
		if (gap >= 0 && gap <= (int32_t)gap_max &&
		    (best == NONE || w->m->node[i].cost < w->m->node[best].cost))
			best = i;
	}
	return best;
}

/* From the anchor's node `from` to slot 0: the node with the latest start, or NONE. */
static uint32_t
walk_back(struct walk *w, uint32_t from, unsigned anchor)
{
	const struct lw_mtok *tok = w->m->tok;
	const struct lw_node *node = w->m->node;
	uint32_t b = from, e = from + 1, best = b;

	for (int j = (int)anchor - 1; j >= 0; j--) {
		unsigned gap = w->slot[j + 1].gap_max;
		uint32_t top = node[b].tok;
		int32_t floor = tok[top].pos;

		for (uint32_t i = b + 1; i < e; i++) {
			top = node[i].tok > top ? node[i].tok : top;
			floor = tok[node[i].tok].pos < floor ? tok[node[i].tok].pos : floor;
		}
		floor -= (int32_t)(gap + w->m->len_max);
		w->n = e;
		for (uint32_t q = top; q-- > w->lo && tok[q].pos >= floor;) {
			uint32_t p;

			w->m->steps++;
			if (!fits(w, &w->slot[j], &tok[q]) ||
			    (p = best_after(w, b, e, &tok[q], gap)) == NONE)
				continue;
			if (!add_node(w, q, p, worse(node[p].cost, tok[q].how)))
				return NONE;
		}
		b = e;
		e = w->n;
		if (b == e)
			return NONE;
	}
	for (uint32_t i = best = b; i < e; i++)
		if (tok[node[i].tok].pos > tok[node[best].tok].pos ||
		    (tok[node[i].tok].pos == tok[node[best].tok].pos &&
		        node[i].cost < node[best].cost))
			best = i;
	return best;
}

/* From the anchor's node to the last slot: the node with the earliest end, or NONE. */
static uint32_t
walk_on(struct walk *w, uint32_t from, unsigned anchor, unsigned nslots)
{
	const struct lw_mtok *tok = w->m->tok;
	const struct lw_node *node = w->m->node;
	uint32_t b = from, e = from + 1, best;

	for (unsigned j = anchor + 1; j < nslots; j++) {
		unsigned gap = w->slot[j].gap_max;
		uint32_t q = node[b].tok, p;
		int32_t ceiling = end_of(&tok[q]);

		for (uint32_t i = b + 1; i < e; i++) {
			q = node[i].tok < q ? node[i].tok : q;
			ceiling = end_of(&tok[node[i].tok]) > ceiling ? end_of(&tok[node[i].tok]) :
			                                                ceiling;
		}
		ceiling += (int32_t)gap;
		w->n = e;
		if (j + 1 == nslots && q + 1 < w->last_lo)
			q = w->last_lo - 1;
		for (q++; q < w->hi && tok[q].pos <= ceiling; q++) {
			w->m->steps++;
			if (!fits(w, &w->slot[j], &tok[q]) ||
			    (p = best_before(w, b, e, &tok[q], gap)) == NONE)
				continue;
			if (!add_node(w, q, p, worse(node[p].cost, tok[q].how)))
				return NONE;
		}
		b = e;
		e = w->n;
		if (b == e)
			return NONE;
	}
	for (uint32_t i = best = b; i < e; i++)
		if (end_of(&tok[node[i].tok]) < end_of(&tok[node[best].tok]) ||
		    (end_of(&tok[node[i].tok]) == end_of(&tok[node[best].tok]) &&
		        node[i].cost < node[best].cost))
			best = i;
	return best;
}

/* Both sides of an anchor; *back and *on are the outer nodes. */
static bool
walk_both(struct walk *w, const struct lw_program *p, uint32_t tok, uint32_t *back, uint32_t *on)
{
	w->slot = &w->rs->slot[p->slot0];
	w->n = 0;
	if (!fits(w, &w->slot[p->anchor], &w->m->tok[tok]))
		return false;
	add_node(w, tok, NONE, w->m->tok[tok].how);
	if ((*back = walk_back(w, 0, p->anchor)) == NONE)
		return false;
	/* The way on starts again from the anchor, behind the nodes of the way back. */
	w->n = *back + 1;
	add_node(w, tok, NONE, w->m->tok[tok].how);
	return (*on = walk_on(w, *back + 1, p->anchor, p->n)) != NONE;
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
add_span(struct lw_candidate *c, const struct lw_matcher *m, uint32_t tok)
{
	if (tok >= CUR && c->nspans < LW_HIT_SPANS)
		c->spans[c->nspans++] = (struct lw_span){m->tok[tok].start, m->tok[tok].end};
}

static void
fill(struct lw_matcher *m, struct lw_candidate *c, uint32_t back, uint32_t on)
{
	uint16_t way[LW_SLOTS_MAX];
	unsigned n = 0;

	c->first = m->node[back].tok;
	c->back = m->tok[c->first].back;
	c->nspans = 0;
	for (uint32_t i = back; i != NONE; i = m->node[i].parent)
		add_span(c, m, m->node[i].tok);
	for (uint32_t i = on; m->node[i].parent != NONE && n < LW_SLOTS_MAX; i = m->node[i].parent)
		way[n++] = m->node[i].tok;
	while (n > 0)
		add_span(c, m, way[--n]);
}

/* Is a match better than what the rule has? */
static bool
is_better(const struct lw_candidate *c, int32_t start, int32_t end, uint8_t how)
{
	if (start != c->start)
		return start > c->start;
	return end != c->end ? end < c->end : how < c->how;
}

static uint32_t
first_token(const struct lw_matcher *m, const struct lw_rule *rule)
{
	unsigned back = 0;

	while (back + 1 < rule->span_messages && back + 1 < LW_RING_MESSAGES &&
	    m->age_s[back + 1] <= rule->span_s)
		back++;
	return m->first_of_back[back];
}

static void
verify(struct lw_matcher *m, const struct lw_ruleset *rs, const struct lw_hook *h,
    uint32_t tok, unsigned channel)
{
	const struct lw_program *p = &rs->program[h->program];
	const struct lw_rule *rule = &rs->rule[p->rule];
	struct walk w = {.m = m, .rs = rs, .hi = CUR + m->ntok, .last_lo = CUR};
	struct lw_candidate *c;
	uint32_t back, on;
	int32_t start, end;
	uint8_t how;
	bool is_new;

	if (m->candidate_of[p->rule] != 0 &&
	    m->candidate[m->candidate_of[p->rule] - 1].start > m->tok[tok].pos)
		return; /* a match cannot start behind its anchor */
	m->verifies++;
	w.lo = first_token(m, rule);
	if (tok < w.lo || !lw_match_is_in_channel(rule, channel) ||
	    !walk_both(&w, p, tok, &back, &on))
		return;
	start = m->tok[m->node[back].tok].pos;
	end = end_of(&m->tok[m->node[on].tok]);
	how = worse(m->node[back].cost, m->node[on].cost);
	c = lw_match_candidate(m, p->rule, &is_new);
	if (c == NULL || (!is_new && !is_better(c, start, end, how)))
		return;
	c->start = start;
	c->end = end;
	c->how = how;
	fill(m, c, back, on);
}

static inline bool
is_worth_it(const struct lw_matcher *m, const struct lw_hook *h)
{
	return (h->need[0] == 0 || (h->need[0] & m->present) != 0) &&
	    (h->need[1] == 0 || (h->need[1] & m->present) != 0);
}

static bool
is_spent(struct lw_matcher *m)
{
	if (m->verifies < LW_MATCH_VERIFY_MAX && m->steps < LW_STEPS_MAX)
		return false;
	m->capped = true;
	return true;
}

void
lw_verify_phrases(struct lw_matcher *m, const struct lw_ruleset *rs, unsigned channel)
{
	/* Lengths above one word make the programs' reach too short to go by. */
	bool is_plain = m->len_max <= 1;
	uint32_t i = CUR + m->ntok;

	while (i-- > m->ring0) {
		const struct lw_mtok *t = &m->tok[i];
		uint32_t a, end;

		if (i < CUR && is_plain && t->pos + (int32_t)rs->reach_max < 0)
			break;
		if (t->lexeme > rs->lexeme_max)
			continue;
		end = rs->anchors_off[t->lexeme + 1];
		for (a = rs->anchors_off[t->lexeme]; a < end; a++) {
			const struct lw_hook *h = &rs->hook[rs->hooks_off[rs->anchors[a]]];
			const struct lw_hook *stop = &rs->hook[rs->hooks_off[rs->anchors[a] + 1]];

			for (; h < stop; h++) {
				if (i < CUR &&
				    (h->is_last || (is_plain && t->pos + (int32_t)h->reach < 0)))
					continue;
				if (!is_worth_it(m, h))
					continue;
				verify(m, rs, h, i, channel);
				if (is_spent(m))
					return;
			}
		}
	}
}

bool
lw_verify_is_silenced(struct lw_matcher *m, const struct lw_ruleset *rs,
    const struct lw_rule_programs *rp, uint32_t first)
{
	struct walk w = {.m = m, .rs = rs, .lo = first, .hi = CUR + m->ntok, .last_lo = first};
	uint32_t back, on;

	for (uint32_t k = rp->unless; k < rp->unless + rp->nunless; k++) {
		const struct lw_program *p = &rs->program[k];

		for (uint32_t i = first; i < w.hi; i++) {
			m->verifies++;
			if (walk_both(&w, p, i, &back, &on))
				return true;
		}
	}
	return false;
}
