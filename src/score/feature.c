/* SPDX-License-Identifier: Apache-2.0 */
/* Features of a window from counts, times and facts. Pure; owns nothing. */
#include "score/feature.h"

#include <math.h>

enum lw_age_band
lw_who_age(uint8_t who)
{
	return (enum lw_age_band)(who & LW_WHO_AGE);
}

bool
lw_who_minor(uint8_t who)
{
	enum lw_age_band a = lw_who_age(who);

	return a == LW_AGE_CHILD || a == LW_AGE_TEEN;
}

bool
lw_who_staff(uint8_t who)
{
	unsigned role = (who & LW_WHO_ROLE) >> 2;

	return role == LW_ROLE_STAFF || role == LW_ROLE_BOT;
}

static unsigned
tristate(uint8_t relation, unsigned shift)
{
	return relation >> shift & 3u;
}

bool
lw_rel_family(uint8_t relation)
{
	return tristate(relation, LW_REL_FAMILY) == LW_YES ||
	       tristate(relation, LW_REL_GUARDIAN) == LW_YES;
}

/* How much more than half of the talk, and of the starting after pauses, is the
 * sender's: 0 balanced or less, 1 all of it. */
static double
asymmetry(const struct lw_score_in *in)
{
	double mine = in->win->messages, starts = in->win->starts;
	double all = mine, all_starts = starts, share;

	if (!in->has_target)
		return 0;
	if (in->peer != NULL) {
		all += in->peer->messages;
		all_starts += in->peer->starts;
	}
	if (all < LW_ASYMMETRY_MESSAGES)
		return 0;
	share = mine / all;
	if (all_starts >= LW_ASYMMETRY_STARTS)
		share = (share + starts / all_starts) / 2;
	return share > 0.5 ? 2 * share - 1 : 0;
}

/* 1 when the sender came back to a category after the target's refusal; fades with the
 * half-life of refusals. */
static double
persistence(const struct lw_score_in *in, const struct lw_model *m)
{
	const struct lw_trace *t = in->win->trace;

	if (!t->persisted)
		return 0;
	return lw_decay(in->now_ms - t->persisted_ms, m->half_life_ms[LW_CAT_REFUSAL]);
}

static double
velocity(const struct lw_trace *t)
{
	return __builtin_popcount(t->early) >= LW_VELOCITY_CATEGORIES ? 1 : 0;
}

/* Did the sender say so of themself? What they say stands in the window of who writes to
 * them. */
static bool
says(const struct lw_score_in *in, const struct lw_model *m, enum lw_category c)
{
	const struct lw_trace *t = in->peer != NULL ? in->peer->trace : NULL;
	double e = 0;

	for (unsigned i = 0; t != NULL && i < t->nsum; i++) {
		const struct lw_sum *u = &t->sum[i];
		const struct lw_rule *r = lw_ruleset_rule(in->rs, u->rule);
		uint64_t age = in->now_ms > u->last_ms ? in->now_ms - u->last_ms : 0;

		if (r != NULL && r->category == c)
			e += r->weight * u->e * lw_decay(age, m->half_life_ms[c]);
	}
	return e >= LW_SAID_MIN;
}

/* 1: an adult writes to a minor. 0.5: to a minor, by one of unknown age. -0.5: by one who
 * says to be a minor, too. -1: the target is known to be an adult, whom this is not about.
 * Otherwise 0. What the server knows goes before what was said. */
static double
age_gap(const struct lw_score_in *in, const struct lw_model *m, const struct lw_score *s)
{
	bool minor = lw_who_minor(in->to_who);

	if (lw_who_minor(in->from_who))
		return 0;
	if (lw_who_age(in->to_who) == LW_AGE_ADULT)
		return -1;
	if ((s->categories & 1u << LW_CAT_AGE_DISCLOSURE) != 0)
		minor = true;
	if (!minor)
		return 0;
	if (lw_who_age(in->from_who) == LW_AGE_ADULT ||
	    says(in, m, LW_CAT_ADULT_DISCLOSURE))
		return 1;
	return says(in, m, LW_CAT_AGE_DISCLOSURE) ? -0.5 : 0.5;
}

/* 1 in the first day or the first messages of two who are not connected. */
static double
new_contact(const struct lw_score_in *in)
{
	uint64_t first = in->win->first_ms;

	if (!in->has_target || lw_rel_family(in->relation) ||
	    tristate(in->relation, LW_REL_CONNECTED) == LW_YES)
		return 0;
	if (in->peer != NULL && in->peer->used && in->peer->first_ms < first)
		first = in->peer->first_ms;
	return in->now_ms - first < LW_NEW_CONTACT_MS ||
		       in->win->messages <= LW_NEW_CONTACT_MESSAGES
		   ? 1
		   : 0;
}

/* 1 - 2^-n for n reports on this pair or this sender. */
static double
prior_reports(const struct lw_score_in *in)
{
	unsigned n = in->win->trace->reports + (unsigned)(in->from_who >> 4);

	return n == 0 ? 0 : 1 - exp2(-(double)n);
}

void
lw_score_features(
    const struct lw_score_in *in, const struct lw_model *m, struct lw_score *s)
{
	const struct lw_trace *t = in->win->trace;

	s->f[LW_FEAT_ONE_TO_MANY] = 0; /* the fan-out stage's, never a pair's */
	s->f[LW_FEAT_ASYMMETRY] = asymmetry(in);
	s->f[LW_FEAT_PERSISTENCE] = persistence(in, m);
	s->f[LW_FEAT_VELOCITY] = velocity(t);
	s->f[LW_FEAT_AGE_GAP] = age_gap(in, m, s);
	s->f[LW_FEAT_NEW_CONTACT] = new_contact(in);
	s->f[LW_FEAT_PRIOR_REPORTS] = prior_reports(in);
	/* The last decision, from -1 (nothing wrong) to 1 (confirmed). */
	s->f[LW_FEAT_DECISIONS] = t->decision / 2.0;
}
