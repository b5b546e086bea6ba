/* SPDX-License-Identifier: Apache-2.0 */
/* The sum: evidence, pairs and features of a window in, log odds and their terms out.
 * Pure; owns nothing. */
#include "score/score.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "score/feature.h"

/* Terms that may still follow the pairs: features, family, staff, and the rest of pairs. */
#define TERMS_AFTER_PAIRS (LW_FEAT_MAX + 3)

static double
squash(double e)
{
	return 1 - exp(-e);
}

static void
add(struct lw_score *s, enum lw_term_kind kind, unsigned a, unsigned b, double value,
    double evidence)
{
	if (value == 0)
		return;
	s->term[s->nterms++] =
	    (struct lw_term){value, evidence, (uint8_t)kind, (uint8_t)a, (uint8_t)b};
	s->log_odds += value;
}

/* E of each category: what each rule found, decayed to now and weighed by the rules that
 * are loaded now. Rules that left the packs count nothing. */
static void
sum_evidence(const struct lw_score_in *in, const struct lw_model *m, struct lw_score *s)
{
	const struct lw_trace *t = in->win->trace;

	for (unsigned i = 0; i < t->nsum; i++) {
		const struct lw_sum *u = &t->sum[i];
		const struct lw_rule *r = lw_ruleset_rule(in->rs, u->rule);

		if (r == NULL || r->category >= LW_CAT_TEST)
			continue;
		s->e[r->category] +=
		    r->weight * u->e *
		    lw_decay(in->now_ms - u->last_ms, m->half_life_ms[r->category]);
	}
	for (unsigned c = 0; c < LW_CAT_TEST; c++)
		if (s->e[c] >= LW_EVIDENCE_MIN && c != LW_CAT_ADULT_DISCLOSURE)
			s->categories |= 1u << c;
	/* Gifts that the server saw add to words about gifts, but are no category of
	 * their own: in many games everybody gives. */
	if (t->gift > 0)
		s->e[LW_CAT_GIFT] += t->gift * lw_decay(in->now_ms - t->gift_ms,
						   m->half_life_ms[LW_CAT_GIFT]);
}

static void
add_pairs(const struct lw_model *m, const double *sq, struct lw_score *s)
{
	double rest = 0;

	for (unsigned c = 0; c < LW_CAT_TEST; c++) {
		if (sq[c] == 0)
			continue;
		for (unsigned d = c + 1; d < LW_CAT_TEST; d++) {
			double v = m->pair[c][d] * sq[c] * sq[d];

			if (s->nterms < LW_CONTRIB_MAX - TERMS_AFTER_PAIRS)
				add(s, LW_TERM_PAIR, c, d, v, 0);
			else
				rest += v;
		}
	}
	add(s, LW_TERM_PAIRS, 0, 0, rest, 0);
}

static void
qualify(const struct lw_model *m, const double *sq, struct lw_score *s)
{
	uint32_t sender = s->categories & ((1u << LW_CAT_SENDER_MAX) - 1);
	int n = __builtin_popcount(sender);

	s->help = (m->alone >> LW_CAT_HELP_REQUEST & 1) != 0 &&
		  sq[LW_CAT_HELP_REQUEST] >= LW_ALONE_MIN;
	s->qualified = n >= 2;
	if (n == 1 && ((s->categories & 1u << LW_CAT_AGE_DISCLOSURE) != 0 ||
			  s->f[LW_FEAT_PERSISTENCE] >= LW_EVIDENCE_MIN))
		s->qualified = true;
	for (unsigned c = 0; c < LW_CAT_SENDER_MAX; c++)
		if ((sender & m->alone) >> c & 1 && sq[c] >= LW_ALONE_MIN)
			s->qualified = true;
}

void
lw_score_window(const struct lw_score_in *in, struct lw_score *s)
{
	const struct lw_model *m = lw_ruleset_model(in->rs);
	double sq[LW_CAT_MAX] = {0};

	memset(s, 0, offsetof(struct lw_score, term));
	s->nterms = 0;
	s->from_minor = lw_who_minor(in->from_who);
	add(s, LW_TERM_BIAS, 0, 0, m->bias, 0);
	if (in->win->trace != NULL) {
		sum_evidence(in, m, s);
		lw_score_features(in, m, s);
		for (unsigned c = 0; c < LW_CAT_TEST; c++) {
			sq[c] = s->e[c] > 0 ? squash(s->e[c]) : 0;
			add(s, LW_TERM_CATEGORY, c, 0, m->beta[c] * sq[c], s->e[c]);
		}
		add_pairs(m, sq, s);
		for (unsigned f = 0; f < LW_FEAT_MAX; f++)
			add(s, LW_TERM_FEATURE, f, 0, m->gamma[f] * s->f[f], s->f[f]);
		qualify(m, sq, s);
	}
	if (lw_rel_family(in->relation))
		add(s, LW_TERM_FAMILY, 0, 0, LW_DAMP_FAMILY, 1);
	if (lw_who_staff(in->from_who))
		add(s, LW_TERM_STAFF, 0, 0, LW_DAMP_STAFF, 1);
	s->risk = 1 / (1 + exp(-s->log_odds));
}

enum lw_category
lw_score_strongest(const struct lw_score *s, const struct lw_model *m)
{
	enum lw_category best = LW_CAT_MAX;
	double top = 0;

	for (unsigned c = 0; c < LW_CAT_TEST; c++) {
		double v;

		if ((s->categories >> c & 1) == 0)
			continue;
		/* What the other party says names the case only when nothing else does. */
		v = m->beta[c] * squash(s->e[c]);
		if (best == LW_CAT_MAX || (v > top && c < LW_CAT_SENDER_MAX)) {
			best = (enum lw_category)c;
			top = v;
		}
	}
	return best;
}
