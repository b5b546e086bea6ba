/* SPDX-License-Identifier: Apache-2.0 */
/* A pack and a matcher for tests: two rules a category, found where a message has the
 * category's name as a word ("secrecy", "secrecy2"; "~secrecy" is a skeleton). The words
 * "split phrase" over two messages of one sender are a hit of coercion, so that what a
 * ring remembers shows. */
#ifndef LW_TESTS_FAKE_H
#define LW_TESTS_FAKE_H

#include "match/match.h"
#include "pack/pack.h"

struct lw_ruleset {
	struct lw_model model; /* tests change it as they like */
	struct lw_rule rule[2 * LW_CAT_MAX];
	char name[2 * LW_CAT_MAX][40];
	bool gone[2 * LW_CAT_MAX]; /* left the packs */
};

/* Bias -4, beta 3, no pairs, no features, half-lives of 14 days; coercion and
 * help_request alone. Weights are 1.5 for the first rule, 0.8 for the second. */
void fake_init(struct lw_ruleset *rs);
uint32_t fake_rule(enum lw_category c, int which);

#endif
