/* SPDX-License-Identifier: Apache-2.0 */
/* What raises flags and what does not: conversations in, flags out. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "world.h"

static int
setup(void **state)
{
	static struct world w;

	world_init(&w);
	*state = &w;
	return 0;
}

static int
teardown(void **state)
{
	world_clear(*state);
	return 0;
}

static bool
is_str(struct lw_str s, const char *z)
{
	return lw_str_is(s, z);
}

static void
two_categories_flag(void **state)
{
	struct world *w = *state;
	const struct lw_flag *f;
	double sum = 0;

	assert_null(say(w, "a", "b", "hello there", T0));
	assert_null(say(w, "a", "b", "a secrecy b", T0 + MINUTE));
	/* The same again, from another rule too, is still one category. */
	assert_null(say(w, "a", "b", "secrecy secrecy2", T0 + 2 * MINUTE));
	/* What the other says in between is another window. */
	assert_null(say(w, "b", "a", "meeting", T0 + 3 * MINUTE));
	f = say(w, "a", "b", "platform_shift", T0 + 4 * MINUTE);
	assert_non_null(f);
	assert_int_equal(f->kind, LW_FLAG_RISK);
	assert_true(f->band >= LW_BAND_MEDIUM);
	assert_true(is_str(f->from, "a") && is_str(f->to, "b"));
	assert_int_equal(
	    f->categories, 1u << LW_CAT_SECRECY | 1u << LW_CAT_PLATFORM_SHIFT);
	assert_int_equal(f->nevidence, 4);
	assert_true(is_str(f->evidence[0].text, "a secrecy b"));
	assert_int_equal(f->evidence[0].spans[0].start, 2);
	assert_int_equal(f->evidence[0].spans[0].end, 9);
	assert_true(is_str(f->evidence[3].rule, "xx.platform_shift"));
	assert_true(is_str(f->evidence[3].title, "a title"));
	assert_int_equal(f->evidence[3].rev, 3);
	for (uint32_t i = 0; i < f->ncontributions; i++)
		sum += f->contributions[i].value;
	assert_true(fabs(sum - f->log_odds) < 1e-9);
	assert_true(fabs(f->risk - 1 / (1 + exp(-f->log_odds))) < 1e-12);
	assert_string_equal(f->engine, LW_ENGINE_VERSION);
	assert_int_equal(strlen(f->pack), 64);
}

static void
alone_category_flags(void **state)
{
	struct world *w = *state;

	w->rs.model.beta[LW_CAT_COERCION] = 6;
	assert_non_null(say(w, "a", "b", "coercion", T0));
	w->rs.model.beta[LW_CAT_SECRECY] = 6;
	assert_null(say(w, "c", "b", "secrecy", T0));
	/* Too weak to stand alone: a skeleton of the lighter rule. */
	assert_null(say(w, "d", "b", "~coercion2", T0));
}

static void
refusal_and_persistence(void **state)
{
	struct world *w = *state;
	const struct lw_flag *f;

	w->rs.model.gamma[LW_FEAT_PERSISTENCE] = 2;
	assert_null(say(w, "a", "b", "image_request", T0));
	assert_null(say(w, "b", "a", "refusal", T0 + MINUTE));
	/* Another category after the refusal is not persistence, but it is a second one. */
	f = say(w, "a", "b", "image_request", T0 + 2 * MINUTE);
	assert_non_null(f);
	assert_true(contribution(f, "persistence") == 2);
	assert_true(contribution(f, "refusal") > 0);
	assert_true(f->evidence[1].from_target);
	assert_false(f->evidence[0].from_target);
	/* Without a refusal the same words are one category only. */
	assert_null(say(w, "c", "b", "image_request", T0));
	assert_null(say(w, "c", "b", "image_request", T0 + MINUTE));
}

static void
other_party_is_credited(void **state)
{
	struct world *w = *state;
	const struct lw_flag *f;

	/* b writes first: the window of a towards b is made for it. */
	assert_null(say(w, "b", "a", "age_disclosure", T0));
	f = say(w, "a", "b", "secrecy", T0 + MINUTE);
	assert_non_null(f);
	assert_true(is_str(f->from, "a"));
	assert_true((f->categories & 1u << LW_CAT_AGE_DISCLOSURE) != 0);
	/* Disclosing raises nothing against the one who discloses. */
	f = say(w, "b", "a", "age_disclosure2 secrecy", T0 + 2 * MINUTE);
	assert_true(f == NULL || is_str(f->from, "a"));
	/* The credit itself can be the last piece. */
	assert_null(say(w, "c", "d", "secrecy", T0));
	f = say(w, "d", "c", "age_disclosure", T0 + MINUTE);
	assert_non_null(f);
	assert_true(is_str(f->from, "c") && is_str(f->to, "d"));
}

static void
other_party_alone_never_flags(void **state)
{
	struct world *w = *state;

	assert_null(say(w, "b", "a", "age_disclosure refusal", T0));
	assert_null(say(w, "b", "a", "age_disclosure2 refusal2", T0 + MINUTE));
}

static void
help_is_welfare(void **state)
{
	struct world *w = *state;
	const struct lw_flag *f = say(w, "b", "a", "help_request", T0);

	assert_non_null(f);
	assert_int_equal(f->kind, LW_FLAG_WELFARE);
	assert_true(is_str(f->from, "a") && is_str(f->to, "b"));
	assert_int_equal(f->band, w->policy.flag_from);
	assert_null(say(w, "b", "a", "help_request", T0 + MINUTE));
	w->rs.model.alone = 0;
	assert_null(say(w, "d", "c", "help_request", T0));
}

static void
minors_are_welfare(void **state)
{
	struct world *w = *state;
	struct lw_event ev = event(LW_EV_USER, "a", NULL, T0);
	const struct lw_flag *f;

	ev.user.age_band = LW_AGE_TEEN;
	assert_null(feed(w, ev));
	ev.from = LW_STR("b");
	assert_null(feed(w, ev));
	f = say(w, "a", "b", "secrecy meeting", T0);
	assert_non_null(f);
	assert_int_equal(f->kind, LW_FLAG_WELFARE);
	f = say(w, "c", "b", "secrecy meeting", T0);
	assert_int_equal(f->kind, LW_FLAG_RISK);
}

static void
ages_make_a_gap(void **state)
{
	struct world *w = *state;
	struct lw_event ev = event(LW_EV_USER, "b", NULL, T0);
	const struct lw_flag *f;

	w->rs.model.gamma[LW_FEAT_AGE_GAP] = 0.5;
	w->rs.model.bias = -3;
	ev.user.age_band = LW_AGE_CHILD;
	assert_null(feed(w, ev));
	f = say(w, "a", "b", "secrecy meeting", T0);
	assert_true(contribution(f, "age_gap") == 0.25);
	/* Facts that come later count from the next score on. */
	ev = event(LW_EV_USER, "a", NULL, T0);
	ev.user.age_band = LW_AGE_ADULT;
	assert_null(feed(w, ev));
	f = say(w, "a", "b", "gift", T0 + MINUTE);
	assert_true(contribution(f, "age_gap") == 0.5);
	/* An unknown fact leaves what is known. */
	ev.user.age_band = LW_AGE_UNKNOWN;
	assert_null(feed(w, ev));
	f = say(w, "a", "b", "isolation", T0 + 2 * MINUTE);
	assert_true(contribution(f, "age_gap") == 0.5);
	f = say(w, "b", "a", "secrecy meeting gift", T0 + 2 * MINUTE);
	assert_non_null(f);
	assert_true(contribution(f, "age_gap") == 0);
	f = say(w, "c", "a", "secrecy meeting gift", T0 + 2 * MINUTE);
	assert_true(contribution(f, "age_gap") == -0.5);
}

static void
family_and_staff_damp(void **state)
{
	struct world *w = *state;
	struct lw_event ev = event(LW_EV_RELATION, "b", "a", T0);

	ev.relation.family = LW_YES;
	assert_null(feed(w, ev));
	assert_null(say(w, "a", "b", "secrecy meeting", T0));
	assert_int_equal(w->out.categories, 0);
	ev = event(LW_EV_USER, "m", NULL, T0);
	ev.user.role = LW_STR("moderator");
	assert_null(feed(w, ev));
	assert_null(say(w, "m", "b", "secrecy meeting", T0));
	assert_non_null(say(w, "x", "b", "secrecy meeting", T0));
}

static void
cooldown_bands_and_new_categories(void **state)
{
	struct world *w = *state;

	assert_non_null(say(w, "a", "b", "secrecy2 meeting2", T0) ? NULL : w);
	assert_non_null(say(w, "a", "b", "secrecy meeting", T0 + MINUTE));
	/* Nothing new: silent until flag_again has passed, and only with new evidence. */
	assert_null(say(w, "a", "b", "~secrecy2", T0 + 2 * MINUTE));
	assert_null(say(w, "a", "b", "hello", T0 + 2 * HOUR));
	assert_non_null(say(w, "a", "b", "~secrecy2", T0 + 2 * HOUR));
	assert_null(say(w, "a", "b", "~meeting2", T0 + 2 * HOUR + MINUTE));
	/* A new category is news at once. */
	assert_non_null(say(w, "a", "b", "~gift2", T0 + 2 * HOUR + 2 * MINUTE));
}

static void
decisions_close_cases(void **state)
{
	struct world *w = *state;
	struct lw_event d = event(LW_EV_DECISION, "a", "b", T0 + HOUR);
	const struct lw_flag *f;

	w->rs.model.gamma[LW_FEAT_DECISIONS] = 1;
	w->rs.model.bias = -2;
	assert_non_null(say(w, "a", "b", "secrecy meeting", T0));
	d.item = LW_STR("false_positive.game");
	assert_null(feed(w, d));
	assert_null(say(w, "a", "b", "secrecy meeting", T0 + 3 * HOUR));
	f = say(w, "a", "b", "isolation", T0 + 3 * HOUR);
	assert_non_null(f);
	assert_true(contribution(f, "decisions") == -1);
	d.item = LW_STR("confirmed");
	assert_null(feed(w, d));
	f = say(w, "a", "b", "secrecy", T0 + 6 * HOUR);
	assert_non_null(f);
	assert_true(contribution(f, "decisions") == 1);
}

static void
closed_cases_hold_nothing(void **state)
{
	struct world *w = *state;
	struct lw_event ask = message("a", "b", "hello", T0 + MINUTE);
	struct lw_event d = event(LW_EV_DECISION, "a", "b", T0 + HOUR);

	w->policy.action[LW_BAND_MEDIUM] = LW_ACT_HOLD;
	w->policy.action[LW_BAND_HIGH] = LW_ACT_HOLD;
	ask.ask = true;
	assert_non_null(say(w, "a", "b", "secrecy meeting", T0));
	assert_null(feed(w, ask));
	assert_int_equal(w->out.verdict.action, LW_ACT_HOLD);
	assert_string_equal(w->out.verdict.reason, "under_review");
	assert_int_equal(w->out.verdict.ttl_ms, w->policy.hold_ttl_ms);
	/* An ask by the protected party is not held. */
	ask.from = LW_STR("b");
	ask.to = LW_STR("a");
	assert_null(feed(w, ask));
	assert_int_equal(w->out.verdict.action, LW_ACT_ALLOW);
	d.item = LW_STR("peer");
	assert_null(feed(w, d));
	ask = message("a", "b", "hello", T0 + 2 * HOUR);
	ask.ask = true;
	assert_null(feed(w, ask));
	assert_int_equal(w->out.verdict.action, LW_ACT_ALLOW);
}

static void
reports_reach_people(void **state)
{
	struct world *w = *state;
	struct lw_event r = event(LW_EV_REPORT, "b", "a", T0);
	struct lw_event d = event(LW_EV_DECISION, "a", "b", T0 + 2 * MINUTE);
	const struct lw_flag *f;

	w->rs.model.gamma[LW_FEAT_PRIOR_REPORTS] = 2;
	r.id = LW_STR("r1");
	f = feed(w, r);
	assert_non_null(f);
	assert_true(is_str(f->from, "a") && is_str(f->to, "b"));
	assert_int_equal(f->band, w->policy.flag_from);
	assert_true(contribution(f, "prior_reports") == 1);
	r.id = LW_STR("r2");
	r.ts_ms += MINUTE;
	assert_null(feed(w, r)); /* joins the open case */
	d.item = LW_STR("false_positive");
	assert_null(feed(w, d));
	r.id = LW_STR("r3");
	r.ts_ms += 2 * MINUTE;
	f = feed(w, r); /* reopens it */
	assert_non_null(f);
	assert_true(contribution(f, "prior_reports") == 1.75);
	/* A report without a pair weighs in all windows of the person. */
	r = event(LW_EV_REPORT, "", "z", T0);
	assert_null(feed(w, r));
	f = say(w, "z", "b", "secrecy meeting", T0);
	assert_true(contribution(f, "prior_reports") == 1);
}

static void
test_phrase_is_marked(void **state)
{
	struct world *w = *state;
	const struct lw_flag *f = say(w, "a", "b", "x test", T0);

	assert_non_null(f);
	assert_int_equal(f->kind, LW_FLAG_TEST);
	assert_int_equal(f->band, LW_BAND_LOW);
	assert_int_equal(f->nevidence, 1);
	assert_true(is_str(f->evidence[0].text, "x test"));
	assert_true(w->out.record.keep_text);
	/* It touches no score: one more category is still the first. */
	assert_null(say(w, "a", "b", "secrecy", T0 + MINUTE));
	f = say(w, "a", "b", "test meeting", T0 + MINUTE);
	assert_int_equal(f->kind, LW_FLAG_RISK);
	assert_true((f->categories & 1u << LW_CAT_TEST) == 0);
}

static void
deletions_mark_and_edits_add(void **state)
{
	struct world *w = *state;
	struct lw_event ev = message("a", "b", "secrecy", T0);
	const struct lw_flag *f;

	ev.id = LW_STR("m1");
	assert_null(feed(w, ev));
	ev.text = LW_STR("hello");
	ev.kind = LW_EV_EDIT;
	assert_null(feed(w, ev));
	ev = event(LW_EV_DELETE, "a", "b", T0 + MINUTE);
	ev.id = LW_STR("m1");
	assert_null(feed(w, ev));
	ev = message("a", "b", "hello", T0 + MINUTE);
	ev.id = LW_STR("m2");
	assert_null(feed(w, ev));
	ev.kind = LW_EV_EDIT;
	ev.text = LW_STR("meeting");
	f = feed(w, ev);
	assert_non_null(f);
	assert_true(f->evidence[0].deleted);
	assert_false(f->evidence[1].deleted);
	/* With ids of their own they name the message. */
	ev.id = LW_STR("m3");
	ev.reply_to = LW_STR("m2");
	ev.text = LW_STR("gift");
	f = feed(w, ev);
	assert_true(is_str(f->message, "m3"));
	assert_true(is_str(f->evidence[2].message, "m2"));
	ev = event(LW_EV_DELETE, "a", "b", T0 + MINUTE);
	ev.id = LW_STR("m4");
	ev.reply_to = LW_STR("m2");
	assert_null(feed(w, ev));
	f = say(w, "a", "b", "isolation", T0 + MINUTE);
	assert_true(f->evidence[1].deleted && f->evidence[2].deleted);
}

static void
notes_to_self_are_nothing(void **state)
{
	struct world *w = *state;

	assert_null(say(w, "a", "a", "secrecy meeting coercion", T0));
	assert_int_equal(say(w, "a", "a", "test secrecy", T0)->kind, LW_FLAG_TEST);
}

static void
gifts_add_but_do_not_qualify(void **state)
{
	struct world *w = *state;
	const struct lw_flag *f;

	for (int i = 0; i < 20; i++)
		assert_null(feed(w, event(LW_EV_GIFT, "a", "b", T0 + (uint64_t)i)));
	assert_null(say(w, "a", "b", "secrecy", T0 + MINUTE));
	f = say(w, "a", "b", "meeting", T0 + MINUTE);
	assert_non_null(f);
	assert_true(contribution(f, "gift") > 2.9);
	assert_true((f->categories & 1u << LW_CAT_GIFT) == 0);
}

static void
time_does_not_run_backwards(void **state)
{
	struct world *w = *state;
	const struct lw_flag *f;
	double e;

	assert_null(say(w, "a", "b", "secrecy", T0 + DAY));
	f = say(w, "a", "b", "meeting", T0);
	assert_non_null(f);
	/* Taken as no time later: the older evidence is neither decayed nor grown. */
	e = 0;
	for (uint32_t i = 0; i < f->ncontributions; i++)
		if (strcmp(f->contributions[i].name, "secrecy") == 0)
			e = f->contributions[i].evidence;
	assert_true(fabs(e - 1.5) < 1e-12);
	assert_int_equal(f->ts_ms, T0);
	assert_null(say(w, "a", "c", "secrecy", 0));
	assert_non_null(say(w, "a", "c", "meeting", 0));
	assert_null(say(w, "a", "c", "hello", UINT64_MAX));
	assert_null(say(w, "a", "c", "secrecy", T0));
	assert_non_null(say(w, "a", "c", "meeting", T0));
}

static void
evidence_fades_and_windows_expire(void **state)
{
	struct world *w = *state;
	struct lw_shard_stats st;

	assert_null(say(w, "a", "b", "secrecy", T0));
	assert_null(say(w, "a", "b", "hello", T0 + 28 * DAY));
	assert_null(say(w, "a", "b", "hello", T0 + 56 * DAY));
	assert_null(say(w, "a", "b", "meeting", T0 + 84 * DAY));
	assert_null(say(w, "c", "d", "secrecy", T0));
	assert_null(say(w, "c", "d", "meeting", T0 + 31 * DAY));
	lw_pipeline_stats(w->p, &st);
	assert_int_equal(st.expired, 1);
	assert_non_null(say(w, "e", "f", "secrecy meeting", T0));
}

static void
rules_that_left_count_nothing(void **state)
{
	struct world *w = *state;
	const struct lw_flag *f;

	assert_null(say(w, "a", "b", "secrecy", T0));
	w->rs.gone[fake_rule(LW_CAT_SECRECY, 0) - 1] = true;
	assert_null(say(w, "a", "b", "meeting", T0 + MINUTE));
	f = say(w, "a", "b", "gift", T0 + MINUTE);
	assert_non_null(f);
	assert_true(contribution(f, "secrecy") == 0);
	/* Its name stands in the evidence still. */
	assert_true(is_str(f->evidence[0].rule, "xx.secrecy"));
	assert_int_equal(f->evidence[0].title.n, 0);
	assert_int_equal(f->evidence[0].rev, 3);
}

static void
velocity_and_newness(void **state)
{
	struct world *w = *state;
	const struct lw_flag *f;
	struct lw_event ev = event(LW_EV_RELATION, "c", "b", T0);

	w->rs.model.gamma[LW_FEAT_VELOCITY] = 1;
	w->rs.model.gamma[LW_FEAT_NEW_CONTACT] = 0.5;
	f = say(w, "a", "b", "secrecy meeting", T0);
	assert_true(contribution(f, "velocity") == 0);
	assert_true(contribution(f, "new_contact") == 0.5);
	f = say(w, "a", "b", "gift", T0 + 20 * MINUTE);
	assert_true(contribution(f, "velocity") == 1);
	ev.relation.connected = LW_YES;
	assert_null(feed(w, ev));
	f = say(w, "c", "b", "secrecy meeting", T0);
	assert_true(contribution(f, "new_contact") == 0);
}

static void
one_sided_talk(void **state)
{
	struct world *w = *state;
	const struct lw_flag *f;

	w->rs.model.gamma[LW_FEAT_ASYMMETRY] = 1;
	for (uint64_t i = 0; i < 6; i++)
		assert_null(say(w, "a", "b", "hello", T0 + i));
	for (uint64_t i = 0; i < 2; i++)
		assert_null(say(w, "b", "a", "hello", T0 + 10 + i));
	f = say(w, "a", "b", "secrecy meeting", T0 + MINUTE);
	assert_non_null(f);
	/* 7 of 9 messages */
	assert_true(fabs(contribution(f, "asymmetry") - (2 * 7.0 / 9 - 1)) < 1e-12);
}

static void
flag_ids_last(void **state)
{
	struct world *w = *state;
	struct lw_event ev = message("a", "b", "secrecy meeting", T0);
	struct lw_id128 id;

	ev.id = LW_STR("m1");
	id = feed(w, ev)->id;
	world_restart(w);
	assert_null(say(w, "x", "y", "hello", T0));
	assert_true(lw_id128_eq(feed(w, ev)->id, id));
	world_restart(w);
	ev.id = LW_STR("m2");
	assert_false(lw_id128_eq(feed(w, ev)->id, id));
	world_restart(w);
	ev.id = LW_STR("");
	id = feed(w, ev)->id;
	world_restart(w);
	assert_true(lw_id128_eq(feed(w, ev)->id, id));
	w->conf.key.b[0] = 1;
	world_restart(w);
	assert_false(lw_id128_eq(feed(w, ev)->id, id));
}

static void
tenants_are_apart(void **state)
{
	struct world *w = *state;
	struct lw_event ev = message("a", "b", "secrecy", T0);

	assert_null(feed(w, ev));
	ev.tenant = LW_STR("other");
	ev.text = LW_STR("meeting");
	assert_null(feed(w, ev));
	ev.tenant = LW_STR("t");
	assert_non_null(feed(w, ev));
}

static void
clause_of_the_strongest(void **state)
{
	struct world *w = *state;
	const struct lw_flag *f;

	strcpy(w->policy.clause[LW_CAT_MEETING], "rules 4.2");
	strcpy(w->policy.clause[LW_CAT_AGE_DISCLOSURE], "never");
	w->rs.model.beta[LW_CAT_MEETING] = 4;
	w->rs.model.beta[LW_CAT_AGE_DISCLOSURE] = 9;
	assert_null(say(w, "b", "a", "age_disclosure", T0));
	f = say(w, "a", "b", "secrecy meeting", T0);
	assert_true(is_str(f->clause, "rules 4.2"));
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(two_categories_flag),
	    T(alone_category_flags),
	    T(refusal_and_persistence),
	    T(other_party_is_credited),
	    T(other_party_alone_never_flags),
	    T(help_is_welfare),
	    T(minors_are_welfare),
	    T(ages_make_a_gap),
	    T(family_and_staff_damp),
	    T(cooldown_bands_and_new_categories),
	    T(decisions_close_cases),
	    T(closed_cases_hold_nothing),
	    T(reports_reach_people),
	    T(test_phrase_is_marked),
	    T(deletions_mark_and_edits_add),
	    T(notes_to_self_are_nothing),
	    T(gifts_add_but_do_not_qualify),
	    T(time_does_not_run_backwards),
	    T(evidence_fades_and_windows_expire),
	    T(rules_that_left_count_nothing),
	    T(velocity_and_newness),
	    T(one_sided_talk),
	    T(flag_ids_last),
	    T(tenants_are_apart),
	    T(clause_of_the_strongest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
