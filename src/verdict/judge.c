/* SPDX-License-Identifier: Apache-2.0 */
/* When a flag is raised, and what an ask is answered. Owns nothing. */
#include "verdict/judge.h"

#include <string.h>

static enum lw_band
at_least(enum lw_band a, enum lw_band b)
{
	return a > b ? a : b;
}

static bool
has_waited(const struct lw_policy *p, const struct lw_trace *t, uint64_t now_ms)
{
	return t->flags == 0 || now_ms - t->flagged_ms >= p->flag_again_ms;
}

/* Evidence that qualifies: news of a higher band, of a new category, or of the same after
 * a while. A closed case hears new categories only. */
static bool
raises_risk(const struct lw_policy *p, const struct lw_trace *t, enum lw_band band,
    uint32_t fresh, uint64_t now_ms)
{
	if (band < p->flag_from || band == LW_BAND_NONE || fresh == 0)
		return false;
	if (t->closed)
		return (fresh & ~t->closed_cats) != 0;
	return band > (enum lw_band)t->flagged_band || (fresh & ~t->flagged) != 0 ||
	       has_waited(p, t, now_ms);
}

static bool
raises_help(const struct lw_policy *p, const struct lw_trace *t,
    const struct lw_score *s, uint32_t fresh, uint64_t now_ms)
{
	uint32_t bit = 1u << LW_CAT_HELP_REQUEST;

	if (!s->help || (fresh & bit) == 0)
		return false;
	if (t->closed)
		return (t->closed_cats & bit) == 0;
	return (t->flagged & bit) == 0 || has_waited(p, t, now_ms);
}

/* A report reaches people even when nothing was found; reports that follow one another
 * join the case that is open. */
static bool
raises_report(const struct lw_policy *p, const struct lw_trace *t, enum lw_band band,
    uint64_t now_ms)
{
	return t->closed || has_waited(p, t, now_ms) ||
	       (band >= p->flag_from && band > (enum lw_band)t->flagged_band);
}

void
lw_judge(const struct lw_policy *p, const struct lw_trace *t, const struct lw_score *s,
    const struct lw_trigger *why, uint64_t now_ms, struct lw_judgement *out)
{
	uint32_t fresh = why->categories & s->categories;
	enum lw_band floor = at_least(p->flag_from, LW_BAND_LOW);

	memset(out, 0, sizeof(*out));
	out->band = s->qualified ? lw_policy_band(p, s->risk) : LW_BAND_NONE;
	out->flag_band = out->band;
	/* A child is never presented as a suspect. */
	out->kind = s->from_minor ? LW_FLAG_WELFARE : LW_FLAG_RISK;
	if (raises_risk(p, t, out->band, fresh, now_ms)) {
		out->raise = true;
	} else if (raises_help(p, t, s, fresh, now_ms)) {
		out->raise = true;
		if (out->band < p->flag_from || out->band == LW_BAND_NONE)
			out->kind = LW_FLAG_WELFARE;
		out->flag_band = at_least(out->band, floor);
	} else if (why->report && raises_report(p, t, out->band, now_ms)) {
		out->raise = true;
		out->flag_band = at_least(out->band, floor);
	}
}

void
lw_judge_commit(struct lw_trace *t, const struct lw_score *s,
    const struct lw_judgement *j, uint64_t now_ms)
{
	t->band = (uint8_t)j->band;
	t->risk = s->risk;
	if (!j->raise)
		return;
	t->closed = false;
	t->flagged_band = (uint8_t)j->flag_band;
	t->flagged = s->categories;
	t->flagged_ms = now_ms;
	if (t->flags < UINT16_MAX)
		t->flags++;
}

void
lw_judge_decide(struct lw_trace *t, struct lw_str reason)
{
	static const struct {
		const char *prefix;
		int8_t value;
	} code[] = {
	    {"confirmed", 2},
	    {"suspected", 1},
	    {"risky_contact", 1},
	    {"peer", -2},
	    {"family", -2},
	    {"staff", -2},
	    {"false_positive", -2},
	    {"insufficient", 0},
	};

	t->decision = 0;
	for (size_t i = 0; i < sizeof(code) / sizeof(code[0]); i++) {
		size_t n = strlen(code[i].prefix);

		/* The code, or the code and its detail: false_positive.game */
		if (reason.n >= n && memcmp(reason.p, code[i].prefix, n) == 0)
			t->decision = code[i].value;
	}
	/* What is confirmed or suspected stays under watch. */
	t->closed = t->decision <= 0;
	t->closed_cats = t->seen;
}

void
lw_judge_answer(const struct lw_policy *p, enum lw_band band, bool closed, double risk,
    struct lw_verdict *out)
{
	out->band = band;
	out->risk = risk;
	out->action = closed ? LW_ACT_ALLOW : p->action[band];
	out->ttl_ms = 0;
	out->reason = "ok";
	if (out->action == LW_ACT_HOLD) {
		out->reason = "under_review";
		out->ttl_ms =
		    p->hold_ttl_ms < UINT32_MAX ? (uint32_t)p->hold_ttl_ms : UINT32_MAX;
	} else if (out->action == LW_ACT_BLOCK) {
		out->reason = "blocked";
	}
}
