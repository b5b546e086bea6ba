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
#define ANCHORS_MAX 32 /* of a batch */
#define TODO_MAX 32    /* of what is fetched ahead */
#define FETCH_ENTRIES 2
#define CUR LW_RING_TOKENS /* first token of this message */

/* Nodes that are equally far from the anchor, and what the steps from there may meet. After
 * a turn steps go from the anchor again: in the other direction its view is theirs. */
struct layer {
	uint32_t b, e;
	uint64_t view[LW_SIGHTS]; /* filters by lw_sight_of(), all with LW_OPEN */
};

struct walk {
	struct lw_matcher *m;
	const struct lw_ruleset *rs;
	const struct lw_trie *trie;
	uint32_t lo, hi;  /* tokens that may take part */
	uint32_t last_lo; /* the last slot's token is this one or later */
	uint32_t n;	  /* nodes in use; node 0 is the anchor */
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

/* Put a token that the step's set holds behind the surest node that it can follow. */
static inline void
take_token(struct walk *w, const struct layer *l, const struct lw_step *s, uint32_t q)
{
	struct lw_matcher *m = w->m;
	const struct lw_mtok *t = &m->tok[q];
	uint32_t best = NONE;

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

/* What gaps are counted from. A token that stands before may be as long as any. */
static inline int32_t
edge_of(const struct lw_mtok *t, int32_t sign, int32_t len_max)
{
	return sign > 0 ? end_of(t) : len_max - t->pos;
}

/* The layer behind a step: all tokens that its slot can take. Positions are counted in the
 * step's direction. */
static inline bool
take_step(struct walk *w, const struct layer *l, const struct lw_step *s)
{
	const struct lw_mtok *tok = w->m->tok;
	int32_t sign = s->dir == LW_STEP_ON ? 1 : -1, len_max = (int32_t)w->m->len_max;
	uint32_t n = w->n, first = w->m->node[l->b].tok, q;
	int32_t limit = edge_of(&tok[first], sign, len_max);

	for (uint32_t i = l->b + 1; i < l->e; i++) {
		int32_t edge = edge_of(tok_of(w, i), sign, len_max);

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

/* ---- what stands beside: filters that reject most steps ---- */

static inline uint32_t
place_of(int32_t pos)
{
	return LW_PLACES_PAD + ((uint32_t)pos + LW_PLACES / 2) % LW_PLACES;
}

/* What a step from this token may meet, for each gap below LW_SIGHT_GAPS. */
static inline void
look_on(const struct lw_matcher *m, const struct lw_mtok *t, uint64_t *view)
{
	const uint64_t *begin = &m->begin[place_of(end_of(t))];
	uint64_t seen = LW_OPEN;

#pragma GCC unroll 6
	for (unsigned gap = 0; gap < LW_SIGHT_GAPS; gap++)
		view[gap] = seen |= begin[gap];
}

static inline void
look_back(const struct lw_matcher *m, const struct lw_mtok *t, uint64_t *view)
{
	const uint64_t *end = &m->end[place_of(t->pos)];
	uint64_t seen = LW_OPEN;

#pragma GCC unroll 6
	for (unsigned gap = 0; gap < LW_SIGHT_GAPS; gap++)
		view[gap] = seen |= *(end - gap);
}

static inline void
look(const struct lw_matcher *m, const struct lw_mtok *t, unsigned dir, uint64_t *view)
{
	if (dir == LW_STEP_ON)
		look_on(m, t, view);
	else
		look_back(m, t, view);
}

static inline void
look_around(const struct walk *w, struct layer *l, unsigned dir)
{
	uint64_t more[LW_SIGHT_GAPS], *ahead = l->view + lw_sight_of(dir, 0);

	memcpy(l->view, w->anchor.view, sizeof(l->view));
	look(w->m, tok_of(w, l->b), dir, ahead);
	for (uint32_t i = l->b + 1; i < l->e; i++) {
		look(w->m, tok_of(w, i), dir, more);
		for (unsigned gap = 0; gap < LW_SIGHT_GAPS; gap++)
			ahead[gap] |= more[gap];
	}
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

/* How far the token is from this message, if it is in the ring: its program's slots must
 * reach across. Lengths above one word make the reach of programs too short to go by. */
static inline uint32_t
gone_by(const struct walk *w, uint32_t tok)
{
	if (tok >= w->last_lo)
		return 0;
	return w->m->len_max <= 1 ? (uint32_t)-w->m->tok[tok].pos : 1;
}

static bool
is_spent(struct walk *w)
{
	if (w->m->checks < LW_MATCH_CHECKS_MAX)
		return false;
	w->m->capped = true;
	return true;
}

static void descend(struct walk *w, const struct lw_step *s, const struct layer *l,
    unsigned dir, uint32_t other);

/* One step from a layer; far_side is the outer node of the way that is complete, or NONE
 * while the walk has not turned. */
static void
go(struct walk *w, const struct lw_step *s, const struct layer *from, uint32_t far_side)
{
	const struct lw_trie *trie = w->trie;
	struct layer next;
	uint32_t mine;

	w->m->checks++;
	next.b = w->n;
	if (!take_step(w, from, s))
		return;
	next.e = w->n;
	if (s->nends > 0 && (mine = outermost(w, &next, s->dir)) != NONE) {
		uint32_t side = far_side != NONE ? far_side : 0;

		/* Without a way on, the anchor itself is last. */
		if (s->dir == LW_STEP_ON)
			report_all(w, trie->end + s->end, s->nends, side, mine);
		else if (w->m->node[side].tok >= w->last_lo)
			report_all(w, trie->end + s->end, s->nends, mine, side);
	}
	if (s->nkids > 0) {
		look_around(w, &next, s->dir);
		descend(w, s, &next, s->dir, far_side);
	}
	w->n = next.b;
}

/* The steps behind s from layer l, which went in direction dir. */
static void
descend(struct walk *w, const struct lw_step *s, const struct layer *l, unsigned dir,
    uint32_t other)
{
	const struct lw_trie *trie = w->trie;
	uint32_t turned = NONE;
	bool is_turned = false;

	w->m->checks += s->nkids / 8;
	for (uint32_t k = s->kid; k < s->kid + s->nkids; k++) {
		const struct lw_step *kid = &trie->step[k];

		if ((l->view[trie->sight[k]] & trie->mask[k]) == 0)
			continue;
		if (is_spent(w))
			return;
		if (kid->dir == dir) {
			go(w, kid, l, other);
			continue;
		}
		if (!is_turned)
			turned = outermost(w, l, dir);
		is_turned = true;
		if (turned == NONE)
			return; /* steps of one direction stand together */
		go(w, kid, &w->anchor, turned);
	}
}

/* ---- anchors: in batches, so that memory is asked for ahead and, as few of all these pass
 * in no pattern that a processor could learn, without branches ---- */

/* An entry or a step that passed its filter, and its anchor's place in the batch. */
struct todo {
	uint32_t what, anchor;
};

struct batch {
	const uint16_t *tok; /* of the anchors */
	uint64_t view[ANCHORS_MAX][LW_SIGHTS];
	struct todo entry[TODO_MAX], step[TODO_MAX];
	uint32_t nsteps;
};

static void
set_anchor(struct walk *w, const struct batch *b, uint32_t anchor)
{
	uint32_t tok = b->tok[anchor];

	memcpy(w->anchor.view, b->view[anchor], sizeof(w->anchor.view));
	w->m->node[0] = (struct lw_node){
	    .tok = (uint16_t)tok, .parent = NONE, .cost = w->m->tok[tok].how};
	w->n = 1;
}

static void
walk_steps(struct walk *w, const struct batch *b, uint32_t n)
{
	const struct lw_step *step = w->trie->step;
	uint32_t anchor = NONE;

	for (uint32_t i = 0; i < n; i++)
		__builtin_prefetch(&step[b->step[i].what]);
	for (uint32_t i = 0; i < n && !is_spent(w); i++) {
		if (b->step[i].anchor != anchor)
			set_anchor(w, b, anchor = b->step[i].anchor);
		go(w, &step[b->step[i].what], &w->anchor, NONE);
	}
}

/* What an anchor completes alone, and first steps that may hold. */
static void
walk_entries(struct walk *w, struct batch *b, uint32_t n)
{
	const struct lw_trie *trie = w->trie;

	for (uint32_t i = 0; i < n; i++)
		__builtin_prefetch(&trie->mask[trie->entry[b->entry[i].what].kid]);
	for (uint32_t i = 0; i < n; i++) {
		const struct lw_entry *e = &trie->entry[b->entry[i].what];
		uint32_t anchor = b->entry[i].anchor, tok = b->tok[anchor];
		uint64_t view = b->view[anchor][e->sight];
		uint32_t n_steps = b->nsteps;

		if (e->reach < gone_by(w, tok) || (e->flags & ~w->m->tok[tok].flags) != 0)
			continue;
		w->m->checks += e->nkids / 8;
		if (e->nends > 0 && tok >= w->last_lo) {
			set_anchor(w, b, anchor);
			report_all(w, trie->end + e->end, e->nends, 0, 0);
		}
		for (uint32_t k = e->kid; k < e->kid + e->nkids; k++) {
			b->step[n_steps] = (struct todo){k, anchor};
			n_steps += (view & trie->mask[k]) != 0;
			if (n_steps == TODO_MAX) {
				walk_steps(w, b, n_steps);
				n_steps = 0;
			}
		}
		b->nsteps = n_steps;
	}
}

static void
walk_batch(struct walk *w, const uint16_t *tok, uint32_t n)
{
	const struct lw_matcher *m = w->m;
	const struct lw_trie *trie = w->trie;
	uint32_t n_entries = 0;
	struct batch b;

	b.tok = tok;
	b.nsteps = 0;
	for (uint32_t k = 0; k < n; k++) {
		const struct lw_entry *e =
		    &trie->entry[trie->entry_off[m->tok[tok[k]].lexeme]];

		__builtin_prefetch(e);
		__builtin_prefetch(e + FETCH_ENTRIES);
	}
	for (uint32_t k = 0; k < n; k++) {
		const struct lw_mtok *t = &m->tok[tok[k]];
		uint32_t i = trie->entry_off[t->lexeme],
			 end = trie->entry_off[t->lexeme + 1];
		uint64_t *view = b.view[k];

		look_on(m, t, view + lw_sight_of(LW_STEP_ON, 0));
		look_back(m, t, view + lw_sight_of(LW_STEP_BACK, 0));
		for (const struct lw_entry *e = &trie->entry[i]; i < end; i++, e++) {
			b.entry[n_entries] = (struct todo){i, k};
			n_entries += (view[e->sight] & e->mask) != 0;
			if (n_entries == TODO_MAX) {
				walk_entries(w, &b, n_entries);
				n_entries = 0;
			}
		}
	}
	walk_entries(w, &b, n_entries);
	walk_steps(w, &b, b.nsteps);
}

/* Fill in where tokens stand, and note those that may be anchors, newest first. */
static uint32_t
prepare(struct walk *w)
{
	struct lw_matcher *m = w->m;
	const uint8_t *reach_of = w->trie->reach_of;
	uint32_t n = 0, now = w->last_lo > w->lo ? w->last_lo : w->lo;

	for (uint32_t i = w->hi; i-- > w->lo;) {
		const struct lw_mtok *t = &m->tok[i];
		uint64_t bit = lw_lexeme_bit(w->rs, t->lexeme);

		m->begin[place_of(t->pos)] |= bit;
		m->end[place_of(end_of(t))] |= bit;
		m->anchor[n] = (uint16_t)i;
		n += reach_of[t->lexeme] >
		     (i >= now ? 0 : lw_reach_cap(gone_by(w, i) + 1) - 1);
	}
	return n;
}

static void
clean_up(struct walk *w)
{
	struct lw_matcher *m = w->m;

	for (uint32_t i = w->lo; i < w->hi; i++) {
		m->begin[place_of(m->tok[i].pos)] = 0;
		m->end[place_of(end_of(&m->tok[i]))] = 0;
	}
}

static void
walk_all(struct walk *w)
{
	uint32_t n = prepare(w);

	w->anchor.b = 0;
	w->anchor.e = 1;
	for (uint32_t i = 0; i < n && !is_spent(w); i += ANCHORS_MAX)
		walk_batch(w, &w->m->anchor[i], n - i < ANCHORS_MAX ? n - i : ANCHORS_MAX);
	clean_up(w);
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

int
lw_verify_wants(const struct lw_matcher *m, const struct lw_ruleset *rs)
{
	int back = -1;

	for (uint32_t i = 0; i < m->ncandidates; i++) {
		const struct lw_candidate *c = &m->candidate[i];

		if (rs->has_unless[c->rule] && c->back > back)
			back = c->back;
	}
	return back;
}

void
lw_verify_silencers(struct lw_matcher *m, const struct lw_ruleset *rs, unsigned back)
{
	struct walk w = {.m = m,
	    .rs = rs,
	    .trie = &rs->silencers,
	    .lo = m->first_of_back[back],
	    .hi = CUR + m->ntok,
	    .is_silencing = true};

	/* A budget of its own: what is spent above must not hide an unless. */
	m->checks = 0;
	walk_all(&w);
}
