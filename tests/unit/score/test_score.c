/* SPDX-License-Identifier: Apache-2.0 */
/* The sum and its terms, against the formula written out. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "../engine/fake.h"
#include "score/feature.h"
#include "score/score.h"

#define DAY UINT64_C(86400000)
#define NOW (100 * DAY)

struct bench {
	struct lw_ruleset rs;
	struct lw_window win, peer;
	size_t bytes;
	struct lw_score_in in;
	struct lw_score out;
};

static int
setup(void **state)
{
	static struct bench b;

	memset(&b, 0, sizeof(b));
	fake_init(&b.rs);
	b.win.trace = lw_trace_new(&b.bytes);
	b.win.first_ms = b.win.last_ms = NOW;
	b.in = (struct lw_score_in){
	    .win = &b.win, .rs = &b.rs, .now_ms = NOW, .has_target = true};
	*state = &b;
	return 0;
}

static int
teardown(void **state)
{
	struct bench *b = *state;

	lw_trace_free(b->win.trace, &b->bytes);
	return 0;
}

static void
found(struct bench *b, enum lw_category c, int which, double confidence, uint64_t ts)
{
	struct lw_hit h = {.rule = fake_rule(c, which), .category = (uint8_t)c};

	assert_int_equal(lw_trace_sum(b->win.trace, &h, confidence, ts,
			     b->rs.model.half_life_ms[c], &b->bytes),
	    0);
}

static double
s(double e)
{
	return 1 - exp(-e);
}

/* Contributions are named, none is zero, and their sum is the log odds. */
static void
explained(struct bench *b, struct lw_flag *f)
{
	struct lw_arena arena;
	double sum = 0;

	memset(f, 0, sizeof(*f));
	lw_arena_init(&arena, 1 << 16);
	assert_int_equal(lw_score_explain(&b->in, &b->out, &arena, f), 0);
	for (uint32_t i = 0; i < f->ncontributions; i++) {
		sum += f->contributions[i].value;
		assert_true(f->contributions[i].value != 0);
		assert_true(f->contributions[i].name[0] != '\0');
		for (uint32_t k = 0; k < i; k++)
			assert_string_not_equal(
			    f->contributions[i].name, f->contributions[k].name);
	}
	assert_true(fabs(sum - f->log_odds) < 1e-9);
	assert_true(f->risk == b->out.risk);
	lw_arena_clear(&arena);
}

static void
formula(void **state)
{
	struct bench *b = *state;
	struct lw_model *m = &b->rs.model;
	struct lw_flag f;
	double e1, e2, want;

	m->beta[LW_CAT_MEETING] = 1.7;
	m->pair[LW_CAT_SECRECY][LW_CAT_MEETING] = 0.9;
	m->pair[LW_CAT_MEETING][LW_CAT_SECRECY] = 0.9;
	m->half_life_ms[LW_CAT_MEETING] = 10 * DAY;
	found(b, LW_CAT_SECRECY, 0, 1.0, NOW);
	found(b, LW_CAT_SECRECY, 1, 0.9, NOW);
	found(b, LW_CAT_MEETING, 0, 0.8, NOW - 5 * DAY);
	lw_score_window(&b->in, &b->out);
	e1 = 1.5 + (double)0.8f * 0.9;
	e2 = 1.5 * 0.8 * exp2(-0.5);
	assert_true(fabs(b->out.e[LW_CAT_SECRECY] - e1) < 1e-12);
	assert_true(fabs(b->out.e[LW_CAT_MEETING] - e2) < 1e-12);
	want = -4 + 3 * s(e1) + 1.7 * s(e2) + 0.9 * s(e1) * s(e2);
	assert_true(fabs(b->out.log_odds - want) < 1e-9);
	assert_true(fabs(b->out.risk - 1 / (1 + exp(-want))) < 1e-12);
	assert_true(b->out.qualified);
	assert_int_equal(b->out.nterms, 4);
	explained(b, &f);
	assert_string_equal(f.contributions[0].name, "bias");
	assert_string_equal(f.contributions[3].name, "secrecy+meeting");
}

static void
many_pairs_share_a_term(void **state)
{
	struct bench *b = *state;
	struct lw_model *m = &b->rs.model;
	struct lw_flag f;
	bool rest = false;

	for (int c = 0; c < LW_CAT_TEST; c++) {
		found(b, (enum lw_category)c, 0, 1, NOW);
		for (int d = 0; d < LW_CAT_TEST; d++)
			m->pair[c][d] = 0.01 * (c + d + 1);
	}
	for (int i = 0; i < LW_FEAT_MAX; i++)
		m->gamma[i] = 0.5;
	b->win.trace->persisted = true;
	b->win.trace->persisted_ms = NOW;
	b->win.trace->early = 7;
	b->win.trace->reports = 1;
	b->win.trace->decision = 2;
	b->win.messages = 20;
	b->in.from_who = LW_AGE_ADULT | LW_ROLE_STAFF << 2;
	b->in.relation = LW_YES << LW_REL_FAMILY;
	lw_score_window(&b->in, &b->out);
	assert_true(b->out.nterms <= LW_CONTRIB_MAX);
	explained(b, &f);
	for (uint32_t i = 0; i < f.ncontributions; i++)
		rest |= strcmp(f.contributions[i].name, "other_pairs") == 0;
	assert_true(rest);
}

static bool
qualifies(struct bench *b)
{
	lw_score_window(&b->in, &b->out);
	return b->out.qualified;
}

static void
what_qualifies(void **state)
{
	struct bench *b = *state;

	assert_false(qualifies(b));
	found(b, LW_CAT_AGE_DISCLOSURE, 0, 1, NOW);
	found(b, LW_CAT_REFUSAL, 0, 1, NOW);
	assert_false(qualifies(b));
	assert_false(b->out.help);
	found(b, LW_CAT_HELP_REQUEST, 0, 1, NOW);
	assert_false(qualifies(b));
	assert_true(b->out.help);
	found(b, LW_CAT_SECRECY, 0, 1, NOW);
	assert_true(qualifies(b)); /* with the age */
	b->rs.gone[fake_rule(LW_CAT_AGE_DISCLOSURE, 0) - 1] = true;
	assert_false(qualifies(b));
	b->win.trace->persisted = true;
	b->win.trace->persisted_ms = NOW - DAY;
	assert_true(qualifies(b));
	b->win.trace->persisted_ms = NOW - 90 * DAY;
	assert_false(qualifies(b));
	found(b, LW_CAT_TEST, 0, 1, NOW);
	assert_false(qualifies(b));
	assert_true(b->out.e[LW_CAT_TEST] == 0);
	found(b, LW_CAT_MEETING, 0, 1, NOW);
	assert_true(qualifies(b));
}

static void
alone(void **state)
{
	struct bench *b = *state;

	found(b, LW_CAT_COERCION, 1, 1, NOW); /* 0.8: s(E) is 0.55 */
	assert_false(qualifies(b));
	found(b, LW_CAT_COERCION, 1, 1, NOW); /* 1.6: 0.80 */
	assert_true(qualifies(b));
	b->in.now_ms = NOW + 14 * DAY; /* half of it again */
	assert_false(qualifies(b));
}

static void
old_evidence_is_no_category(void **state)
{
	struct bench *b = *state;

	found(b, LW_CAT_SECRECY, 0, 1, NOW - 69 * DAY); /* 1.5 / 2^4.93 = 0.0492 */
	found(b, LW_CAT_MEETING, 0, 1, NOW);
	assert_false(qualifies(b));
	b->in.now_ms = NOW;
	assert_int_equal(b->out.categories, 1u << LW_CAT_MEETING);
	assert_true(b->out.e[LW_CAT_SECRECY] > 0);
}

static double
feature(struct bench *b, enum lw_feature f)
{
	lw_score_window(&b->in, &b->out);
	return b->out.f[f];
}

static void
ages(void **state)
{
	struct bench *b = *state;

	assert_true(feature(b, LW_FEAT_AGE_GAP) == 0);
	b->in.to_who = LW_AGE_CHILD;
	assert_true(feature(b, LW_FEAT_AGE_GAP) == 0.5);
	b->in.from_who = LW_AGE_ADULT;
	assert_true(feature(b, LW_FEAT_AGE_GAP) == 1);
	b->in.from_who = LW_AGE_TEEN;
	assert_true(feature(b, LW_FEAT_AGE_GAP) == 0);
	assert_true(b->out.from_minor);
	b->in.from_who = LW_AGE_ADULT;
	b->in.to_who = 0;
	assert_true(feature(b, LW_FEAT_AGE_GAP) == 0);
	found(b, LW_CAT_AGE_DISCLOSURE, 0, 1, NOW);
	assert_true(feature(b, LW_FEAT_AGE_GAP) == 1);
	b->in.from_who = 0;
	assert_true(feature(b, LW_FEAT_AGE_GAP) == 0.5);
	b->in.to_who = LW_AGE_ADULT;
	assert_true(feature(b, LW_FEAT_AGE_GAP) == -1);
}

static void
shares(void **state)
{
	struct bench *b = *state;

	b->win.messages = 7;
	assert_true(feature(b, LW_FEAT_ASYMMETRY) == 0);
	b->win.messages = 8;
	assert_true(feature(b, LW_FEAT_ASYMMETRY) == 1);
	b->in.peer = &b->peer;
	b->peer.messages = 8;
	assert_true(feature(b, LW_FEAT_ASYMMETRY) == 0);
	b->peer.messages = 20;
	assert_true(feature(b, LW_FEAT_ASYMMETRY) == 0);
	b->peer.messages = 2;
	assert_true(fabs(feature(b, LW_FEAT_ASYMMETRY) - 0.6) < 1e-12);
	b->win.starts = 3; /* all of the starts: mean of 0.8 and 1 */
	assert_true(fabs(feature(b, LW_FEAT_ASYMMETRY) - 0.8) < 1e-12);
	b->in.has_target = false;
	assert_true(feature(b, LW_FEAT_ASYMMETRY) == 0);
}

static void
newness(void **state)
{
	struct bench *b = *state;

	assert_true(feature(b, LW_FEAT_NEW_CONTACT) == 1);
	b->win.messages = 31;
	assert_true(feature(b, LW_FEAT_NEW_CONTACT) == 1);
	b->win.first_ms = NOW - DAY;
	assert_true(feature(b, LW_FEAT_NEW_CONTACT) == 0);
	b->win.first_ms = NOW;
	b->in.peer = &b->peer;
	b->peer.used = 1;
	b->peer.first_ms = NOW - 2 * DAY;
	assert_true(feature(b, LW_FEAT_NEW_CONTACT) == 0);
	b->in.peer = NULL;
	b->in.relation = LW_YES << LW_REL_CONNECTED;
	assert_true(feature(b, LW_FEAT_NEW_CONTACT) == 0);
	b->in.relation = LW_NO << LW_REL_CONNECTED;
	assert_true(feature(b, LW_FEAT_NEW_CONTACT) == 1);
}

static void
strongest_names_the_case(void **state)
{
	struct bench *b = *state;
	struct lw_model *m = &b->rs.model;

	lw_score_window(&b->in, &b->out);
	assert_int_equal(lw_score_strongest(&b->out, m), LW_CAT_MAX);
	m->beta[LW_CAT_REFUSAL] = 9;
	found(b, LW_CAT_REFUSAL, 0, 1, NOW);
	lw_score_window(&b->in, &b->out);
	assert_int_equal(lw_score_strongest(&b->out, m), LW_CAT_REFUSAL);
	found(b, LW_CAT_RAPPORT, 0, 1, NOW);
	found(b, LW_CAT_GIFT, 0, 1, NOW);
	m->beta[LW_CAT_RAPPORT] = 1;
	lw_score_window(&b->in, &b->out);
	assert_int_equal(lw_score_strongest(&b->out, m), LW_CAT_GIFT);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(formula),
	    T(many_pairs_share_a_term),
	    T(what_qualifies),
	    T(alone),
	    T(old_evidence_is_no_category),
	    T(ages),
	    T(shares),
	    T(newness),
	    T(strongest_names_the_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
