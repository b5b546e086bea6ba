/* SPDX-License-Identifier: Apache-2.0 */
/* Hangs every program on the slot that is rarest in ordinary talk, so that a message full
 * of common words costs little. In: programs, frequencies. Out: anchors and hooks. */
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "pack/compile.h"

#define RARE 2e-6f /* share of a word that no common.txt names */

static float
share_of(const struct lw_compiler *c, uint32_t id)
{
	return id < c->freq_n && c->freq[id] > 0 ? c->freq[id] : RARE;
}

/* How often a word of talk is in the set. */
static float
set_share(const struct lw_compiler *c, const float *shares, uint32_t set)
{
	return set & LW_SET_ONE ? share_of(c, set & ~LW_SET_ONE) : shares[set];
}

static float *
all_shares(struct lw_compiler *c)
{
	struct lw_ruleset *rs = c->rs;
	float *shares = calloc(rs->nsets + 1, sizeof(*shares));

	for (size_t s = 0; shares != NULL && s < rs->nsets; s++)
		for (uint32_t i = rs->set_off[s]; i < rs->set_off[s + 1]; i++)
			shares[s] += share_of(c, rs->set_id[i]);
	return shares;
}

static uint64_t
set_bloom(const struct lw_ruleset *rs, uint32_t set)
{
	return set & LW_SET_ONE ? lw_lexeme_bit(set & ~LW_SET_ONE) : rs->set_bloom[set];
}

static void
choose_anchor(struct lw_ruleset *rs, struct lw_program *p, const struct lw_compiler *c,
    const float *shares)
{
	const struct lw_slot *slot = &rs->slot[p->slot0];
	uint32_t reach = 0;

	p->anchor = p->n - 1;
	for (int i = p->n - 2; i >= 0; i--)
		if (set_share(c, shares, slot[i].set) < set_share(c, shares, slot[p->anchor].set))
			p->anchor = (uint8_t)i;
	for (int i = p->anchor; i + 1 < p->n; i++)
		reach += slot[i].chars + slot[i + 1].gap_max;
	p->reach = (uint16_t)reach;
}

/* Take over the set pool's arrays. */
static int
take_sets(struct lw_compiler *c)
{
	struct lw_ruleset *rs = c->rs;

	rs->set_off = c->sets.off;
	rs->set_id = c->sets.id;
	rs->nsets = c->sets.nsets;
	c->sets.off = c->sets.id = NULL;
	rs->set_bloom = calloc(rs->nsets + 1, sizeof(*rs->set_bloom));
	if (rs->set_bloom == NULL)
		return LW_ENOMEM;
	for (size_t s = 0; s < rs->nsets; s++)
		for (uint32_t i = rs->set_off[s]; i < rs->set_off[s + 1]; i++)
			rs->set_bloom[s] |= lw_lexeme_bit(rs->set_id[i]);
	return 0;
}

/* The two rarest other slots: what must be near for a verification to be worth it. */
static void
fill_needs(const struct lw_compiler *c, const float *shares, const struct lw_program *p,
    struct lw_hook *h)
{
	const struct lw_slot *slot = &c->rs->slot[p->slot0];
	int best[2] = {-1, -1};

	for (int i = 0; i < p->n; i++) {
		float f = set_share(c, shares, slot[i].set);

		if (i == p->anchor)
			continue;
		if (best[0] < 0 || f < set_share(c, shares, slot[best[0]].set)) {
			best[1] = best[0];
			best[0] = i;
		} else if (best[1] < 0 || f < set_share(c, shares, slot[best[1]].set)) {
			best[1] = i;
		}
	}
	for (int k = 0; k < 2; k++)
		h->need[k] = best[k] >= 0 ? set_bloom(c->rs, slot[best[k]].set) : 0;
}

/* Anchor numbers: sets first, then one for each lexeme that anchors alone. */
struct anchoring {
	uint32_t *of_set, *of_lexeme; /* anchor + 1 */
	uint32_t n;
	uint32_t *program_anchor;
};

static bool
is_unless(const struct lw_ruleset *rs, uint32_t program)
{
	const struct lw_rule_programs *rp = &rs->programs_of[rs->program[program].rule];

	return program >= rp->unless && program < rp->unless + rp->nunless;
}

static int
number_anchors(struct lw_compiler *c, struct anchoring *a)
{
	struct lw_ruleset *rs = c->rs;

	a->of_set = calloc(rs->nsets + 1, sizeof(uint32_t));
	a->of_lexeme = calloc((size_t)rs->lexeme_max + 1, sizeof(uint32_t));
	a->program_anchor = calloc(rs->nprograms + 1, sizeof(uint32_t));
	if (a->of_set == NULL || a->of_lexeme == NULL || a->program_anchor == NULL)
		return LW_ENOMEM;
	for (uint32_t i = 0; i < rs->nprograms; i++) {
		const struct lw_program *p = &rs->program[i];
		uint32_t set = rs->slot[p->slot0 + p->anchor].set, *to;

		if (is_unless(rs, i))
			continue;
		to = set & LW_SET_ONE ? &a->of_lexeme[set & ~LW_SET_ONE] : &a->of_set[set];
		if (*to == 0)
			*to = ++a->n;
		a->program_anchor[i] = *to;
		if (p->anchor + 1 < p->n && p->reach > rs->reach_max)
			rs->reach_max = p->reach;
	}
	return 0;
}

static void
to_offsets(uint32_t *count, size_t n)
{
	uint32_t sum = 0;

	for (size_t i = 0; i <= n; i++) {
		uint32_t k = count[i];

		count[i] = sum;
		sum += k;
	}
}

static int
fill_hooks(struct lw_compiler *c, struct anchoring *a, const float *shares)
{
	struct lw_ruleset *rs = c->rs;
	uint32_t *at;

	rs->hooks_off = calloc((size_t)a->n + 2, sizeof(uint32_t));
	rs->hook = calloc(rs->nprograms + 1, sizeof(*rs->hook));
	at = calloc((size_t)a->n + 2, sizeof(uint32_t));
	if (rs->hooks_off == NULL || rs->hook == NULL || at == NULL) {
		free(at);
		return LW_ENOMEM;
	}
	for (size_t i = 0; i < rs->nprograms; i++)
		if (a->program_anchor[i] != 0)
			rs->hooks_off[a->program_anchor[i] - 1]++;
	to_offsets(rs->hooks_off, a->n);
	for (uint32_t i = 0; i < rs->nprograms; i++) {
		const struct lw_program *p = &rs->program[i];
		uint32_t k = a->program_anchor[i];
		struct lw_hook *h;

		if (k == 0)
			continue;
		h = &rs->hook[rs->hooks_off[k - 1] + at[k - 1]++];
		*h = (struct lw_hook){.program = i,
		    .reach = p->reach,
		    .is_last = p->anchor + 1 == p->n,
		    .n = p->n};
		fill_needs(c, shares, p, h);
	}
	free(at);
	return 0;
}

static int
fill_anchors(struct lw_ruleset *rs, const struct anchoring *a)
{
	size_t n = rs->lexeme_max;
	uint32_t *at;

	rs->anchors_off = calloc(n + 2, sizeof(uint32_t));
	at = calloc(n + 2, sizeof(uint32_t));
	if (rs->anchors_off == NULL || at == NULL)
		goto fail;
	for (size_t s = 0; s < rs->nsets; s++)
		for (uint32_t i = rs->set_off[s]; a->of_set[s] != 0 && i < rs->set_off[s + 1]; i++)
			rs->anchors_off[rs->set_id[i]]++;
	for (size_t id = 1; id <= n; id++)
		rs->anchors_off[id] += a->of_lexeme[id] != 0;
	to_offsets(rs->anchors_off, n + 1);
	rs->anchors = calloc((size_t)rs->anchors_off[n + 1] + 1, sizeof(uint32_t));
	if (rs->anchors == NULL)
		goto fail;
	for (size_t s = 0; s < rs->nsets; s++)
		for (uint32_t i = rs->set_off[s]; a->of_set[s] != 0 && i < rs->set_off[s + 1]; i++) {
			uint32_t id = rs->set_id[i];

			rs->anchors[rs->anchors_off[id] + at[id]++] = a->of_set[s] - 1;
		}
	for (size_t id = 1; id <= n; id++)
		if (a->of_lexeme[id] != 0)
			rs->anchors[rs->anchors_off[id] + at[id]++] = a->of_lexeme[id] - 1;
	free(at);
	return 0;
fail:
	free(at);
	return LW_ENOMEM;
}

int
lw_compile_index(struct lw_compiler *c)
{
	struct lw_ruleset *rs = c->rs;
	struct anchoring a = {0};
	float *shares = NULL;
	int err;

	rs->lexeme_max = lw_intern_lexemes(c->intern);
	if ((err = take_sets(c)) != 0)
		goto out;
	err = LW_ENOMEM;
	if ((shares = all_shares(c)) == NULL)
		goto out;
	for (size_t i = 0; i < rs->nprograms; i++)
		choose_anchor(rs, &rs->program[i], c, shares);
	if ((err = number_anchors(c, &a)) != 0 || (err = fill_hooks(c, &a, shares)) != 0 ||
	    (err = fill_anchors(rs, &a)) != 0)
		goto out;
out:
	free(shares);
	free(a.of_set);
	free(a.of_lexeme);
	free(a.program_anchor);
	return c->err = err;
}
