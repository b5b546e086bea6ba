/* SPDX-License-Identifier: Apache-2.0 */
/* A score made readable: terms and notes in, a flag's contributions and evidence out, all
 * slices in the caller's arena. Owns nothing. */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "score/score.h"

static void
name_term(const struct lw_term *t, char *out, size_t size)
{
	const char *a = "", *plus = "", *b = "";

	switch ((enum lw_term_kind)t->kind) {
	case LW_TERM_BIAS:
		a = "bias";
		break;
	case LW_TERM_CATEGORY:
		a = lw_category_name((enum lw_category)t->a);
		break;
	case LW_TERM_PAIR:
		a = lw_category_name((enum lw_category)t->a);
		plus = "+";
		b = lw_category_name((enum lw_category)t->b);
		break;
	case LW_TERM_PAIRS:
		a = "other_pairs";
		break;
	case LW_TERM_FEATURE:
		a = lw_feature_name((enum lw_feature)t->a);
		break;
	case LW_TERM_FAMILY:
		a = "family";
		break;
	case LW_TERM_STAFF:
		a = "staff";
		break;
	}
	snprintf(out, size, "%s%s%s", a, plus, b);
}

/* A copy of s in the arena; true when that failed. */
static bool
copy(struct lw_arena *arena, struct lw_str s, struct lw_str *out)
{
	*out = (struct lw_str){NULL, 0};
	if (s.p == NULL)
		return false;
	*out = lw_arena_str(arena, s);
	return out->p == NULL;
}

static int
name_rule(const struct lw_ruleset *rs, uint32_t id, struct lw_arena *arena,
    struct lw_evidence *out)
{
	const struct lw_rule *r = lw_ruleset_rule(rs, id);
	struct lw_str name = lw_intern_rule_name(lw_ruleset_intern(rs), id);
	struct lw_str title = r != NULL ? r->title : (struct lw_str){NULL, 0};

	return copy(arena, name, &out->rule) || copy(arena, title, &out->title)
		   ? LW_ENOMEM
		   : 0;
}

static int
explain_note(const struct lw_ruleset *rs, const struct lw_note *n,
    struct lw_arena *arena, struct lw_flag *f)
{
	const struct lw_note_hit *h = lw_note_hits(n);
	const struct lw_span *sp = lw_note_spans(n);
	struct lw_str id, text;

	if (copy(arena, lw_note_id(n), &id) || copy(arena, lw_note_text(n), &text))
		return LW_ENOMEM;
	for (unsigned i = 0; i < n->nhits && f->nevidence < LW_EVIDENCE_MAX; i++, h++) {
		struct lw_evidence *e = &f->evidence[f->nevidence++];

		e->message = id;
		e->text = text;
		e->category = (enum lw_category)h->category;
		e->ts_ms = n->ts_ms;
		e->rev = h->rev;
		e->how = (enum lw_how)h->how;
		e->weight = h->weight;
		e->back = h->back;
		e->nspans = h->nspans;
		e->from_target = n->from_target;
		e->deleted = n->deleted;
		memcpy(e->spans, sp, h->nspans * sizeof(*sp));
		sp += h->nspans;
		if (name_rule(rs, h->rule, arena, e) != 0)
			return LW_ENOMEM;
	}
	return 0;
}

int
lw_score_explain(const struct lw_score_in *in, const struct lw_score *s,
    struct lw_arena *arena, struct lw_flag *flag)
{
	flag->risk = s->risk;
	flag->log_odds = s->log_odds;
	flag->categories = s->categories;
	flag->ncontributions = s->nterms;
	for (uint32_t i = 0; i < s->nterms; i++) {
		struct lw_contribution *c = &flag->contributions[i];

		name_term(&s->term[i], c->name, sizeof(c->name));
		c->value = s->term[i].value;
		c->evidence = s->term[i].evidence;
	}
	if (in->win->trace == NULL)
		return 0;
	for (const struct lw_note *n = in->win->trace->first; n != NULL; n = n->next)
		if (explain_note(in->rs, n, arena, flag) != 0)
			return LW_ENOMEM;
	return 0;
}

int
lw_score_explain_hit(const struct lw_ruleset *rs, const struct lw_event *ev,
    const struct lw_hit *hit, struct lw_arena *arena, struct lw_evidence *out)
{
	const struct lw_rule *r = lw_ruleset_rule(rs, hit->rule);

	memset(out, 0, sizeof(*out));
	out->category = (enum lw_category)hit->category;
	out->ts_ms = ev->ts_ms;
	out->rev = r != NULL ? r->rev : 0;
	out->how = (enum lw_how)hit->how;
	out->weight = hit->weight;
	out->back = hit->back;
	out->nspans = hit->nspans;
	memcpy(out->spans, hit->spans, hit->nspans * sizeof(*hit->spans));
	if (copy(arena, ev->id, &out->message) || copy(arena, ev->text, &out->text))
		return LW_ENOMEM;
	return name_rule(rs, hit->rule, arena, out);
}
