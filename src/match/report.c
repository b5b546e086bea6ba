/* SPDX-License-Identifier: Apache-2.0 */
/* What a walk found. In: the outer nodes of a match. Out: the best candidate of each rule:
 * latest start, then earliest end, then surest words. */
#include <string.h>
#include "match/walk.h"

/* The node of a layer where a match should begin or end: the latest start, the earliest end;
 * of those the surest. LW_NODE_NONE when no token may be the last. */
uint32_t
lw_walk_outermost(const struct lw_walk *w, const struct lw_layer *l, unsigned dir)
{
	const struct lw_node *node = w->m->node;
	uint32_t best = LW_NODE_NONE;
	int32_t best_at = 0;

	for (uint32_t i = l->b; i < l->e; i++) {
		int32_t at = dir == LW_STEP_BACK ? -lw_walk_tok_of(w, i)->pos
						 : lw_walk_end_of(lw_walk_tok_of(w, i));

		if (dir == LW_STEP_ON && node[i].tok < w->last_lo)
			continue;
		if (best == LW_NODE_NONE || at < best_at ||
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
fill_spans(const struct lw_walk *w, struct lw_candidate *c, uint32_t back, uint32_t on)
{
	const struct lw_node *node = w->m->node;
	uint32_t way[LW_SLOTS_MAX];
	unsigned n = 0;

	c->nspans = 0;
	for (uint32_t i = back; i != LW_NODE_NONE; i = node[i].parent)
		add_span(c, lw_walk_tok_of(w, i), node[i].tok >= LW_TOK_CUR);
	for (uint32_t i = on; node[i].parent != LW_NODE_NONE && n < LW_SLOTS_MAX;
	     i = node[i].parent)
		way[n++] = i;
	while (n > 0) {
		n--;
		add_span(c, lw_walk_tok_of(w, way[n]), node[way[n]].tok >= LW_TOK_CUR);
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
report(struct lw_walk *w, uint32_t rule_index, uint32_t back, uint32_t on)
{
	struct lw_matcher *m = w->m;
	const struct lw_rule *rule = &w->rs->rule[rule_index];
	int32_t start = lw_walk_tok_of(w, back)->pos,
		end = lw_walk_end_of(lw_walk_tok_of(w, on));
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
	c->back = lw_walk_tok_of(w, back)->back;
	fill_spans(w, c, back, on);
}

/* An `unless` was found: it counts when it lies within the messages of the rule's match. */
static void
silence(struct lw_walk *w, uint32_t rule_index, uint32_t back)
{
	struct lw_matcher *m = w->m;
	struct lw_candidate *c;

	if (m->candidate_of[rule_index] == 0)
		return;
	c = &m->candidate[m->candidate_of[rule_index] - 1];
	c->is_silenced |= m->node[back].tok >= m->first_of_back[c->back];
}

void
lw_walk_report(
    struct lw_walk *w, const uint32_t *rule, uint32_t n, uint32_t back, uint32_t on)
{
	for (uint32_t i = 0; i < n; i++) {
		if (w->is_silencing)
			silence(w, rule[i], back);
		else
			report(w, rule[i], back, on);
	}
}
