/* SPDX-License-Identifier: Apache-2.0 */
/* What a message means for one window: its hits in, sums and notes kept, scored, judged,
 * and at most one flag out. */
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "engine/shard.h"
#include "verdict/flag.h"

static uint64_t
tick(const struct lw_pass *p)
{
	return p->w->times != NULL ? lw_clock_mono_ns() : 0;
}

/* What a sender did: before or after a refusal, early or late. */
static void
mark_sender(const struct lw_window *w, uint32_t cats, uint64_t now_ms)
{
	struct lw_trace *t = w->trace;

	if (w->messages <= LW_EARLY_MESSAGES || now_ms - w->first_ms <= LW_EARLY_MS)
		t->early |= cats;
	if ((t->refused & cats) != 0 && now_ms - t->refused_ms <= LW_PERSIST_MS) {
		t->persisted = true;
		t->persisted_ms = now_ms;
	}
}

static void
mark_target(struct lw_trace *t, uint32_t cats, uint64_t now_ms)
{
	if ((cats & 1u << LW_CAT_REFUSAL) == 0)
		return;
	t->refused = t->seen & ((1u << LW_CAT_SENDER_MAX) - 1);
	t->refused_ms = now_ms;
}

/* Several rules of one category on one line say one thing: the strongest counts whole, the
 * others a part. */
static double
share_of(const struct lw_part *part, size_t i)
{
	const struct lw_hit *h = part->hit[i];

	for (size_t k = 0; k < part->nhit; k++) {
		const struct lw_hit *o = part->hit[k];

		if (k != i && o->category == h->category &&
		    (o->weight > h->weight || (o->weight == h->weight && k < i)))
			return LW_ECHO_SHARE;
	}
	return 1;
}

int
lw_part_take(const struct lw_pass *p, struct lw_part *part)
{
	const struct lw_model *m = lw_ruleset_model(p->rs);
	struct lw_windows *ws = &p->s->windows;
	uint32_t rev[LW_MATCH_HITS_MAX], cats = 0;
	struct lw_note_in note = {lw_subject(p->ev), p->ev->conv, p->ev->text,
	    p->ev->ts_ms, part->hit, rev, part->nhit, part->from_target};
	struct lw_trace *t;
	int rc = lw_windows_trace(ws, part->win);

	if (rc != 0)
		return rc;
	t = part->win->trace;
	for (size_t i = 0; i < part->nhit; i++) {
		const struct lw_hit *h = part->hit[i];
		const struct lw_rule *r = lw_ruleset_rule(p->rs, h->rule);

		rev[i] = r != NULL ? r->rev : 0;
		cats |= 1u << h->category;
		rc = lw_trace_sum(t, h,
		    lw_how_confidence((enum lw_how)h->how) * share_of(part, i),
		    part->now_ms, m->half_life_ms[h->category], &ws->trace_bytes);
		if (rc != 0)
			return rc;
	}
	if ((rc = lw_trace_note(t, &note, &ws->trace_bytes)) != 0)
		return rc;
	if (part->from_target)
		mark_target(t, cats, part->now_ms);
	else
		mark_sender(part->win, cats, part->now_ms);
	t->seen |= cats;
	part->why.categories |= cats;
	lw_windows_trim(ws, part->win);
	return 0;
}

void
lw_part_score(
    const struct lw_pass *p, struct lw_part *part, struct lw_score_in *in, bool look)
{
	struct lw_shard *s = p->s;
	struct lw_window *w = part->win;
	uint8_t who[2];

	if (!look)
		lw_shard_who(s, w, p->ev->tenant, part->from, part->to);
	lw_shard_look(s, w, p->ev->tenant, part->from, part->to, who);
	memset(in, 0, sizeof(*in));
	in->win = w;
	in->rs = p->rs;
	in->now_ms = part->now_ms;
	in->from_who = who[0];
	in->to_who = who[1];
	in->has_target = part->to.n > 0;
	if (in->has_target) {
		in->peer = lw_windows_find(&s->windows, lw_key_back(part->key));
		in->relation = look ? lw_shard_relation_look(s, part->key)
				    : lw_shard_relation(s, part->key);
	}
	lw_score_window(in, &part->score);
}

/* Rule names of what the message added to this window. */
static size_t
names_of(const struct lw_pass *p, const struct lw_part *part, struct lw_str *out)
{
	const struct lw_intern *t = lw_ruleset_intern(p->rs);

	for (size_t i = 0; i < part->nhit; i++)
		out[i] = lw_intern_rule_name(t, part->hit[i]->rule);
	return part->nhit;
}

static int
make_flag(
    const struct lw_pass *p, const struct lw_part *part, const struct lw_score_in *in)
{
	struct lw_str names[LW_MATCH_HITS_MAX];
	struct lw_flag_in fi = {.key = &p->s->key,
	    .ev = p->ev,
	    .from = part->from,
	    .to = part->to,
	    .pair = part->key,
	    .kind = part->judgement.kind,
	    .band = part->judgement.flag_band,
	    .rules = names,
	    .nrules = names_of(p, part, names),
	    .pack = lw_ruleset_hash(p->rs),
	    .engine = LW_ENGINE_VERSION};
	struct lw_flag *f = lw_flag_new(p->arena, &fi);
	enum lw_category c = lw_score_strongest(&part->score, lw_ruleset_model(p->rs));

	if (f == NULL || lw_score_explain(in, &part->score, p->arena, f) != 0)
		return LW_ENOMEM;
	p->out->flag = f;
	return lw_flag_clause(f, p->arena, p->policy, c);
}

int
lw_parts_judge(const struct lw_pass *p, struct lw_part *parts, size_t n)
{
	struct lw_score_in in[1 + LW_CREDIT_MAX];
	uint64_t t0 = tick(p), t1;
	size_t best = n;
	int rc = 0;

	for (size_t i = 0; i < n; i++)
		lw_part_score(p, &parts[i], &in[i], false);
	t1 = tick(p);
	for (size_t i = 0; i < n; i++) {
		struct lw_part *a = &parts[i];

		lw_judge(p->policy, a->win->trace, &a->score, &a->why, a->now_ms,
		    &a->judgement);
		if (!a->judgement.raise)
			continue;
		if (best == n || a->score.risk > parts[best].score.risk) {
			if (best < n)
				parts[best].judgement.raise = false;
			best = i;
		} else {
			a->judgement.raise = false;
		}
	}
	for (size_t i = 0; i < n; i++)
		lw_judge_commit(parts[i].win->trace, &parts[i].score,
		    &parts[i].judgement, parts[i].now_ms);
	if (best < n)
		rc = make_flag(p, &parts[best], &in[best]);
	if (p->w->times != NULL) {
		p->w->times->score_ns += t1 - t0;
		p->w->times->verdict_ns += tick(p) - t1;
	}
	return rc;
}

int
lw_pass_test(const struct lw_pass *p, const struct lw_hit *hit, struct lw_id128 key)
{
	struct lw_str name = lw_intern_rule_name(lw_ruleset_intern(p->rs), hit->rule);
	struct lw_flag_in fi = {.key = &p->s->key,
	    .ev = p->ev,
	    .from = p->ev->from,
	    .to = lw_has_target(p->ev) ? p->ev->to : (struct lw_str){NULL, 0},
	    .pair = key,
	    .kind = LW_FLAG_TEST,
	    .band = LW_BAND_LOW,
	    .rules = &name,
	    .nrules = 1,
	    .pack = lw_ruleset_hash(p->rs),
	    .engine = LW_ENGINE_VERSION};
	struct lw_flag *f = lw_flag_new(p->arena, &fi);

	if (f == NULL ||
	    lw_score_explain_hit(p->rs, p->ev, hit, p->arena, &f->evidence[0]) != 0)
		return LW_ENOMEM;
	f->nevidence = 1;
	f->categories = 1u << LW_CAT_TEST;
	p->out->flag = f;
	return lw_flag_clause(f, p->arena, p->policy, LW_CAT_TEST);
}
