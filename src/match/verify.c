/* SPDX-License-Identifier: Apache-2.0 */
/* Phrases over tokens. In: the tokens of the ring's end and of this message. Out: the best
 * match of each rule: latest start, then earliest end, then surest words.
 *
 * A trie is entered at each token that can be its anchor and walked outwards, slot by slot,
 * each time with all tokens that can be reached (a layer). Gaps bind neighbours only, so the
 * way back and the way on from an anchor do not depend on each other: that is exact, and
 * polynomial. */
#include <string.h>
#include "match/walk.h"

#define ANCHORS_MAX 32 /* of a batch */
#define TODO_MAX 32    /* of what is fetched ahead */
#define FETCH_ENTRIES 2

/* How far the token is from this message, if it is in the ring: its program's slots must
 * reach across. Lengths above one word make the reach of programs too short to go by. */
static inline uint32_t
gone_by(const struct lw_walk *w, uint32_t tok)
{
	if (tok >= w->last_lo)
		return 0;
	return w->m->len_max <= 1 ? (uint32_t)-w->m->tok[tok].pos : 1;
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
set_anchor(struct lw_walk *w, const struct batch *b, uint32_t anchor)
{
	uint32_t tok = b->tok[anchor];

	memcpy(w->anchor.view, b->view[anchor], sizeof(w->anchor.view));
	w->m->node[0] = (struct lw_node){
	    .tok = (uint16_t)tok, .parent = LW_NODE_NONE, .cost = w->m->tok[tok].how};
	w->n = 1;
}

static void
walk_steps(struct lw_walk *w, const struct batch *b, uint32_t n)
{
	const struct lw_step *step = w->trie->step;
	uint32_t anchor = LW_NODE_NONE;

	for (uint32_t i = 0; i < n; i++)
		__builtin_prefetch(&step[b->step[i].what]);
	for (uint32_t i = 0; i < n && !lw_walk_is_spent(w); i++) {
		if (b->step[i].anchor != anchor)
			set_anchor(w, b, anchor = b->step[i].anchor);
		lw_walk_go(w, &step[b->step[i].what], &w->anchor, LW_NODE_NONE);
	}
}

/* What an anchor completes alone, and first steps that may hold. */
static void
walk_entries(struct lw_walk *w, struct batch *b, uint32_t n)
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
			lw_walk_report(w, trie->end + e->end, e->nends, 0, 0);
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
walk_batch(struct lw_walk *w, const uint16_t *tok, uint32_t n)
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

		lw_walk_look_on(m, t, view + lw_sight_of(LW_STEP_ON, 0));
		lw_walk_look_back(m, t, view + lw_sight_of(LW_STEP_BACK, 0));
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
prepare(struct lw_walk *w)
{
	struct lw_matcher *m = w->m;
	const uint8_t *reach_of = w->trie->reach_of;
	uint32_t n = 0, now = w->last_lo > w->lo ? w->last_lo : w->lo;

	for (uint32_t i = w->hi; i-- > w->lo;) {
		const struct lw_mtok *t = &m->tok[i];
		uint64_t bit = lw_lexeme_bit(w->rs, t->lexeme);

		m->begin[lw_walk_place_of(t->pos)] |= bit;
		m->end[lw_walk_place_of(lw_walk_end_of(t))] |= bit;
		m->anchor[n] = (uint16_t)i;
		n += reach_of[t->lexeme] >
		     (i >= now ? 0 : lw_reach_cap(gone_by(w, i) + 1) - 1);
	}
	return n;
}

static void
clean_up(struct lw_walk *w)
{
	struct lw_matcher *m = w->m;

	for (uint32_t i = w->lo; i < w->hi; i++) {
		m->begin[lw_walk_place_of(m->tok[i].pos)] = 0;
		m->end[lw_walk_place_of(lw_walk_end_of(&m->tok[i]))] = 0;
	}
}

static void
walk_all(struct lw_walk *w)
{
	uint32_t n = prepare(w);

	w->anchor.b = 0;
	w->anchor.e = 1;
	for (uint32_t i = 0; i < n && !lw_walk_is_spent(w); i += ANCHORS_MAX)
		walk_batch(w, &w->m->anchor[i], n - i < ANCHORS_MAX ? n - i : ANCHORS_MAX);
	clean_up(w);
}

void
lw_verify_phrases(struct lw_matcher *m, const struct lw_ruleset *rs, unsigned channel)
{
	struct lw_walk w = {.m = m,
	    .rs = rs,
	    .trie = &rs->phrases,
	    .lo = m->ring0,
	    .hi = LW_TOK_CUR + m->ntok,
	    .last_lo = LW_TOK_CUR,
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
	struct lw_walk w = {.m = m,
	    .rs = rs,
	    .trie = &rs->silencers,
	    .lo = m->first_of_back[back],
	    .hi = LW_TOK_CUR + m->ntok,
	    .is_silencing = true};

	/* A budget of its own: what is spent above must not hide an unless. */
	m->checks = 0;
	walk_all(&w);
}
