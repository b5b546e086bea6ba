/* SPDX-License-Identifier: Apache-2.0 */
/* Chooses the anchor of every program, the slot that is rarest in ordinary talk, so that a
 * message full of common words costs little. In: programs, frequencies. Out: the ruleset's
 * sets and tries. */
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "pack/compile.h"

/* Share of a word that no common.txt names, for each set of words that it stands in: what
 * many rules use is seldom rare. */
#define RARE 2e-6f

#define OWN_BITS 40 /* of LW_OPEN_BIT */

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

struct shared {
	uint32_t lexeme;
	float share;
};

static int
by_share(const void *a, const void *b)
{
	const struct shared *x = a, *y = b;

	if (x->share != y->share)
		return x->share > y->share ? -1 : 1;
	return (x->lexeme > y->lexeme) - (x->lexeme < y->lexeme);
}

/* Bits for filters: what talk is full of must not pass for something else, so the most
 * common lexemes have a bit each; all others share what is left. */
static int
choose_bits(struct lw_compiler *c)
{
	struct lw_ruleset *rs = c->rs;
	size_t n = c->freq_n;
	struct shared *s = malloc(n * sizeof(*s));

	rs->bit_of = malloc(n);
	rs->set_bloom = calloc(rs->nsets + 1, sizeof(*rs->set_bloom));
	if (s == NULL || rs->bit_of == NULL || rs->set_bloom == NULL) {
		free(s);
		return LW_ENOMEM;
	}
	for (size_t i = 0; i < n; i++)
		s[i] = (struct shared){(uint32_t)i, c->freq[i]};
	qsort(s, n, sizeof(*s), by_share);
	for (size_t i = 0; i < n; i++)
		rs->bit_of[s[i].lexeme] =
		    (uint8_t)(i < OWN_BITS
				  ? i
				  : OWN_BITS + (i - OWN_BITS) % (LW_OPEN_BIT - OWN_BITS));
	free(s);
	for (size_t k = 0; k < rs->nsets; k++)
		for (uint32_t i = rs->set_off[k]; i < rs->set_off[k + 1]; i++)
			rs->set_bloom[k] |= lw_lexeme_bit(rs, rs->set_id[i]);
	return 0;
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
