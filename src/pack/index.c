/* SPDX-License-Identifier: Apache-2.0 */
/* Chooses the anchor of every program, the slot that is rarest in ordinary talk, so that a
 * message full of common words costs little. In: programs, frequencies. Out: the ruleset's
 * sets and tries. */
#include <float.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "pack/compile.h"

/* Share of a word that no common.txt names, for each set of words that it stands in: what
 * many rules use is seldom rare. */
#define RARE 2e-6f

float
lw_compile_share(const struct lw_compiler *c, const float *shares, uint32_t set)
{
	if ((set & LW_SET_ONE) == 0)
		return shares[set];
	set &= ~LW_SET_ONE;
	return set < c->freq_n ? c->freq[set] : RARE;
}

/* Give every lexeme a share: what common.txt says, or an estimate from the sets. */
static int
estimate(struct lw_compiler *c)
{
	const struct lw_ruleset *rs = c->rs;
	size_t n = (size_t)rs->lexeme_max + 1;
	float *f = calloc(n, sizeof(*f));

	if (f == NULL)
		return LW_ENOMEM;
	for (size_t i = 0; i < c->nslots; i++)
		if (c->slot[i].set & LW_SET_ONE)
			f[c->slot[i].set & ~LW_SET_ONE] = RARE;
	for (uint32_t i = 0; i < rs->set_off[rs->nsets]; i++)
		f[rs->set_id[i]] += RARE;
	for (size_t i = 0; i < n && i < c->freq_n; i++)
		if (c->freq[i] > f[i])
			f[i] = c->freq[i];
	free(c->freq);
	c->freq = f;
	c->freq_n = n;
	return 0;
}

/* Shares of whole sets: how often a word of talk is one of theirs. */
static float *
all_shares(const struct lw_compiler *c)
{
	const struct lw_ruleset *rs = c->rs;
	float *shares = calloc(rs->nsets + 1, sizeof(*shares));

	for (size_t s = 0; shares != NULL && s < rs->nsets; s++)
		for (uint32_t i = rs->set_off[s]; i < rs->set_off[s + 1]; i++)
			shares[s] += c->freq[rs->set_id[i]];
	return shares;
}

static void
choose_anchor(const struct lw_compiler *c, const float *shares, struct lw_program *p)
{
	const struct lw_slot *slot = &c->slot[p->slot0];
	uint32_t reach = 0;

	p->anchor = p->n - 1;
	for (int i = p->n - 2; i >= 0; i--)
		if (lw_compile_share(c, shares, slot[i].set) <
		    lw_compile_share(c, shares, slot[p->anchor].set))
			p->anchor = (uint8_t)i;
	for (int i = p->anchor; i + 1 < p->n; i++)
		reach += slot[i].chars + slot[i + 1].gap_max;
	p->reach = (uint16_t)reach;
}

/* How far before the last slot each lexeme may stand in a phrase: what a sender said longer
 * ago takes no part. */
static int
find_parts(const struct lw_compiler *c)
{
	struct lw_ruleset *rs = c->rs;
	uint8_t *of_set = calloc(rs->nsets + 1, 1), *part;

	if (of_set == NULL ||
	    (rs->part_of = calloc((size_t)rs->lexeme_max + 1, 1)) == NULL) {
		free(of_set);
		return LW_ENOMEM;
	}
	for (size_t i = 0; i < c->nprograms; i++) {
		const struct lw_program *p = &c->program[i];
		const struct lw_slot *slot = &c->slot[p->slot0];
		uint32_t reach = 1;

		for (unsigned k = p->n; k-- > 0 && !p->is_unless;) {
			if (k + 1u < p->n)
				reach += slot[k].chars + slot[k + 1].gap_max;
			part = slot[k].set & LW_SET_ONE
				   ? &rs->part_of[slot[k].set & ~LW_SET_ONE]
				   : &of_set[slot[k].set];
			*part = *part > reach ? *part : lw_reach_cap(reach);
		}
	}
	for (size_t s = 0; s < rs->nsets; s++)
		for (uint32_t i = rs->set_off[s]; i < rs->set_off[s + 1]; i++) {
			part = &rs->part_of[rs->set_id[i]];
			*part = *part > of_set[s] ? *part : of_set[s];
		}
	for (size_t i = 0; i <= rs->lexeme_max; i++)
		if (rs->part_of[i] > rs->part_end)
			rs->part_end = rs->part_of[i];
	free(of_set);
	return 0;
}

/* Take over the set pool's arrays. */
static int
take_sets(struct lw_compiler *c)
{
	struct lw_ruleset *rs = c->rs;

	if (c->sets.off == NULL && (c->sets.off = calloc(1, sizeof(uint32_t))) == NULL)
		return LW_ENOMEM;
	rs->set_off = c->sets.off;
	rs->set_id = c->sets.id;
	rs->nsets = c->sets.nsets;
	c->sets.off = c->sets.id = NULL;
	return 0;
}

/* A lexeme as filters see it: how often talk holds it, how many slots do. */
struct seen {
	uint32_t lexeme;
	float talk, slots;
};

static int
by_talk(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;

	if (x->talk != y->talk)
		return x->talk > y->talk ? -1 : 1;
	return (x->lexeme > y->lexeme) - (x->lexeme < y->lexeme);
}

/* In how many slots of programs each lexeme stands. */
static int
count_slots(const struct lw_compiler *c, struct seen *s)
{
	const struct lw_ruleset *rs = c->rs;
	float *of_set = calloc(rs->nsets + 1, sizeof(*of_set));

	if (of_set == NULL)
		return LW_ENOMEM;
	for (size_t i = 0; i < c->nslots; i++) {
		uint32_t set = c->slot[i].set;

		if (set & LW_SET_ONE)
			s[set & ~LW_SET_ONE].slots++;
		else
			of_set[set]++;
	}
	for (size_t k = 0; k < rs->nsets; k++)
		for (uint32_t i = rs->set_off[k]; i < rs->set_off[k + 1]; i++)
			s[rs->set_id[i]].slots += of_set[k];
	free(of_set);
	return 0;
}

/* Share the bits out, most common lexemes first, each to the bit where the fewest words of
 * talk will pass for what they are not. */
static void
share_bits(const struct seen *s, size_t n, uint8_t *bit_of)
{
	float talk[LW_OPEN_BIT] = {0}, slots[LW_OPEN_BIT] = {0};

	for (size_t i = 0; i < n; i++) {
		unsigned best = 0;
		float least = FLT_MAX;

		for (unsigned b = 0; b < LW_OPEN_BIT; b++) {
			float cost = talk[b] * s[i].slots + slots[b] * s[i].talk;

			best = cost < least ? b : best;
			least = cost < least ? cost : least;
		}
		bit_of[s[i].lexeme] = (uint8_t)best;
		talk[best] += s[i].talk;
		slots[best] += s[i].slots;
	}
}

static int
choose_bits(struct lw_compiler *c)
{
	struct lw_ruleset *rs = c->rs;
	size_t n = c->freq_n;
	struct seen *s = malloc(n * sizeof(*s));
	int err = LW_ENOMEM;

	rs->bit_of = malloc(n);
	rs->set_bloom = calloc(rs->nsets + 1, sizeof(*rs->set_bloom));
	if (s == NULL || rs->bit_of == NULL || rs->set_bloom == NULL)
		goto out;
	for (size_t i = 0; i < n; i++)
		s[i] = (struct seen){(uint32_t)i, c->freq[i], 0};
	if ((err = count_slots(c, s)) != 0)
		goto out;
	qsort(s, n, sizeof(*s), by_talk);
	share_bits(s, n, rs->bit_of);
	for (size_t k = 0; k < rs->nsets; k++)
		for (uint32_t i = rs->set_off[k]; i < rs->set_off[k + 1]; i++)
			rs->set_bloom[k] |= lw_lexeme_bit(rs, rs->set_id[i]);
out:
	free(s);
	return err;
}

int
lw_compile_index(struct lw_compiler *c)
{
	struct lw_ruleset *rs = c->rs;
	float *shares;
	int err;

	rs->lexeme_max = lw_intern_lexemes(c->intern);
	rs->nprograms = c->nprograms;
	if ((err = take_sets(c)) != 0 || (err = estimate(c)) != 0 ||
	    (err = choose_bits(c)) != 0 || (err = find_parts(c)) != 0)
		return c->err = err;
	if ((shares = all_shares(c)) == NULL)
		return c->err = LW_ENOMEM;
	for (size_t i = 0; i < c->nprograms; i++)
		choose_anchor(c, shares, &c->program[i]);
	if ((err = lw_compile_trie(c, shares, false, &rs->phrases)) == 0)
		err = lw_compile_trie(c, shares, true, &rs->silencers);
	free(shares);
	return c->err = err;
}
