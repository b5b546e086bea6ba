/* SPDX-License-Identifier: Apache-2.0 */
/* Bands, cool-downs, decisions and the ids of flags. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "verdict/flag.h"
#include "verdict/judge.h"

#define BIT(c) (1u << (c))
#define HOUR UINT64_C(3600000)

struct bench {
	struct lw_policy policy;
	struct lw_trace trace;
	struct lw_score score;
	struct lw_trigger why;
	uint64_t now;
	struct lw_judgement j;
};

static int
setup(void **state)
{
	static struct bench b;

	memset(&b, 0, sizeof(b));
	lw_policy_default(&b.policy);
	b.now = 1000 * HOUR;
	b.score.qualified = true;
	b.score.risk = 0.6;
	b.score.categories = BIT(LW_CAT_SECRECY) | BIT(LW_CAT_MEETING);
	b.why.categories = BIT(LW_CAT_MEETING);
	b.trace.seen = b.score.categories;
	*state = &b;
	return 0;
}

/* Judge and commit; was a flag raised? */
static bool
raised(struct bench *b)
{
	lw_judge(&b->policy, &b->trace, &b->score, &b->why, b->now, &b->j);
	lw_judge_commit(&b->trace, &b->score, &b->j, b->now);
	return b->j.raise;
}

static void
bands_of_the_policy(void **state)
{
	struct bench *b = *state;
	static const double risk[] = {0.29, 0.3, 0.5, 0.75, 0.9};

	for (int i = 0; i < 5; i++) {
		b->score.risk = risk[i];
		lw_judge(&b->policy, &b->trace, &b->score, &b->why, b->now, &b->j);
		assert_int_equal(b->j.band, i);
		assert_int_equal(b->j.raise, i >= LW_BAND_MEDIUM);
	}
	b->score.qualified = false;
	assert_false(raised(b));
	assert_int_equal(b->j.band, LW_BAND_NONE);
	b->score.qualified = true;
	b->why.categories = 0; /* nothing new in this message */
	assert_false(raised(b));
}

static void
cool_down(void **state)
{
	struct bench *b = *state;

	assert_true(raised(b));
	assert_int_equal(b->trace.flags, 1);
	assert_false(raised(b));
	b->score.risk = 0.8; /* a higher band */
	assert_true(raised(b));
	b->score.risk = 0.6; /* fell, and rises to where it was */
	assert_false(raised(b));
	b->score.risk = 0.8;
	assert_false(raised(b));
	b->score.categories |= BIT(LW_CAT_GIFT);
	assert_false(raised(b)); /* not in this message */
	b->why.categories = BIT(LW_CAT_GIFT);
	assert_true(raised(b));
	b->now += b->policy.flag_again_ms - 1;
	assert_false(raised(b));
	b->now += 1;
	assert_true(raised(b));
	assert_int_equal(b->trace.flags, 4);
}

static void
closed_cases(void **state)
{
	struct bench *b = *state;

	assert_true(raised(b));
	lw_judge_decide(&b->trace, LW_STR("false_positive.quote"));
	assert_true(b->trace.closed);
	assert_int_equal(b->trace.decision, -2);
	b->now += 1000 * HOUR;
	b->score.risk = 0.99;
	assert_false(raised(b));
	b->score.categories |= BIT(LW_CAT_GIFT);
	b->why.categories = BIT(LW_CAT_GIFT);
	assert_true(raised(b));
	assert_false(b->trace.closed);
	lw_judge_decide(&b->trace, LW_STR("insufficient"));
	assert_true(b->trace.closed && b->trace.decision == 0);
	b->why = (struct lw_trigger){.report = true};
	assert_true(raised(b));
	assert_false(b->trace.closed);
	lw_judge_decide(&b->trace, LW_STR("confirmed"));
	assert_true(!b->trace.closed && b->trace.decision == 2);
	lw_judge_decide(&b->trace, LW_STR("risky_contact"));
	assert_true(!b->trace.closed && b->trace.decision == 1);
	lw_judge_decide(&b->trace, LW_STR("peer"));
	assert_true(b->trace.closed && b->trace.decision == -2);
	lw_judge_decide(&b->trace, LW_STR("something else"));
	assert_true(b->trace.closed && b->trace.decision == 0);
}

static void
welfare(void **state)
{
	struct bench *b = *state;

	b->score.from_minor = true;
	assert_true(raised(b));
	assert_int_equal(b->j.kind, LW_FLAG_WELFARE);
	b->score.from_minor = false;
	b->score.risk = 0.8;
	assert_true(raised(b));
	assert_int_equal(b->j.kind, LW_FLAG_RISK);
	/* Help below the bands. */
	memset(&b->trace, 0, sizeof(b->trace));
	b->score.risk = 0.01;
	b->score.qualified = false;
	b->score.help = true;
	b->score.categories = b->why.categories = BIT(LW_CAT_HELP_REQUEST);
	assert_true(raised(b));
	assert_int_equal(b->j.kind, LW_FLAG_WELFARE);
	assert_int_equal(b->j.band, LW_BAND_NONE);
	assert_int_equal(b->j.flag_band, b->policy.flag_from);
	assert_false(raised(b));
	b->now += b->policy.flag_again_ms;
	assert_true(raised(b));
}

static void
reports(void **state)
{
	struct bench *b = *state;

	b->score.qualified = false;
	b->score.risk = 0.01;
	b->why = (struct lw_trigger){.report = true};
	assert_true(raised(b));
	assert_int_equal(b->j.kind, LW_FLAG_RISK);
	assert_int_equal(b->j.flag_band, b->policy.flag_from);
	assert_false(raised(b));
	b->score.qualified = true;
	b->score.risk = 0.95; /* the band rose meanwhile */
	assert_true(raised(b));
}

static void
answers(void **state)
{
	struct bench *b = *state;
	struct lw_verdict v;

	memset(&v, 0, sizeof(v));
	lw_judge_answer(&b->policy, LW_BAND_CRITICAL, false, 0.95, &v);
	assert_int_equal(v.action, LW_ACT_ALLOW); /* unless the operator opts in */
	b->policy.action[LW_BAND_HIGH] = LW_ACT_HOLD;
	b->policy.action[LW_BAND_CRITICAL] = LW_ACT_BLOCK;
	lw_judge_answer(&b->policy, LW_BAND_HIGH, false, 0.8, &v);
	assert_int_equal(v.action, LW_ACT_HOLD);
	assert_int_equal(v.ttl_ms, b->policy.hold_ttl_ms);
	assert_string_equal(v.reason, "under_review");
	lw_judge_answer(&b->policy, LW_BAND_CRITICAL, false, 0.95, &v);
	assert_int_equal(v.action, LW_ACT_BLOCK);
	assert_int_equal(v.ttl_ms, 0);
	assert_string_equal(v.reason, "blocked");
	lw_judge_answer(&b->policy, LW_BAND_CRITICAL, true, 0.95, &v);
	assert_int_equal(v.action, LW_ACT_ALLOW);
	assert_string_equal(v.reason, "ok");
	assert_int_equal(v.band, LW_BAND_CRITICAL);
}

static struct lw_id128
id_with(struct lw_flag_in *in)
{
	struct lw_arena arena;
	struct lw_id128 id;
	struct lw_flag *f;

	lw_arena_init(&arena, 1 << 20);
	f = lw_flag_new(&arena, in);
	assert_non_null(f);
	id = f->id;
	lw_arena_clear(&arena);
	return id;
}

static void
ids(void **state)
{
	struct lw_hash_key key = {{0}};
	struct lw_event ev = {.tenant = LW_STR("t"),
	    .conv = LW_STR("c"),
	    .from = LW_STR("a"),
	    .id = LW_STR("m"),
	    .ts_ms = 5,
	    .seq = 9};
	struct lw_str rules[2] = {LW_STR("xx.a"), LW_STR("xx.b")};
	struct lw_flag_in in = {.key = &key,
	    .ev = &ev,
	    .from = LW_STR("a"),
	    .to = LW_STR("b"),
	    .rules = rules,
	    .nrules = 2,
	    .pack = "00",
	    .engine = "1"};
	struct lw_id128 id = id_with(&in);

	(void)state;
	ev.seq = 10;
	ev.ts_ms = 6;
	ev.conv = LW_STR("d");
	assert_true(lw_id128_eq(id, id_with(&in))); /* none of these matter */
	rules[0] = LW_STR("xx.b");
	rules[1] = LW_STR("xx.a");
	assert_true(lw_id128_eq(id, id_with(&in)));
	in.nrules = 1;
	assert_false(lw_id128_eq(id, id_with(&in)));
	in.nrules = 2;
	in.kind = LW_FLAG_TEST;
	assert_false(lw_id128_eq(id, id_with(&in)));
	in.kind = LW_FLAG_RISK;
	ev.text = LW_STR("other words under an old id");
	assert_false(lw_id128_eq(id, id_with(&in)));
	ev.kind = LW_EV_REPORT; /* whose text a replay does not have */
	id = id_with(&in);
	ev.text = LW_STR("yet others");
	assert_true(lw_id128_eq(id, id_with(&in)));
	ev.kind = LW_EV_MESSAGE;
	ev.text = (struct lw_str){NULL, 0};
	ev.id = LW_STR("");
	id = id_with(&in);
	ev.seq = 11;
	assert_true(lw_id128_eq(id, id_with(&in)));
	ev.ts_ms = 7;
	assert_false(lw_id128_eq(id, id_with(&in)));
	in.to = LW_STR("");
	id = id_with(&in);
	ev.conv = LW_STR("e");
	assert_false(lw_id128_eq(id, id_with(&in)));
}

/* Anybody may say the test phrase all day. */
static void
test_flags_of_a_minute_are_one(void **state)
{
	struct lw_event ev = {.tenant = LW_STR("t"), .id = LW_STR("1"), .ts_ms = 60000};
	struct lw_hash_key key = {{0}};
	struct lw_flag_in in = {.key = &key,
	    .ev = &ev,
	    .from = LW_STR("a"),
	    .to = LW_STR("b"),
	    .kind = LW_FLAG_TEST,
	    .pack = "00",
	    .engine = "1"};
	struct lw_id128 id = id_with(&in);

	(void)state;
	ev.id = LW_STR("2");
	ev.text = LW_STR("again");
	ev.ts_ms = 119999;
	assert_true(lw_id128_eq(id, id_with(&in)));
	ev.ts_ms = 120000;
	assert_false(lw_id128_eq(id, id_with(&in)));
	ev.ts_ms = 60000;
	in.to = LW_STR("c");
	assert_false(lw_id128_eq(id, id_with(&in)));
}

static void
flags_are_whole_or_not_at_all(void **state)
{
	struct bench *b = *state;
	struct lw_hash_key key = {{0}};
	struct lw_event ev = {.tenant = LW_STR("t"), .from = LW_STR("a")};
	struct lw_flag_in in = {
	    .key = &key, .ev = &ev, .from = LW_STR("a"), .pack = "00", .engine = "1"};
	struct lw_arena arena;
	struct lw_flag *f;

	lw_arena_init(&arena, 64);
	assert_null(lw_flag_new(&arena, &in));
	lw_arena_clear(&arena);
	lw_arena_init(&arena, 1 << 20);
	f = lw_flag_new(&arena, &in);
	assert_non_null(f);
	assert_true(f->from.p != in.from.p); /* a copy */
	assert_null(f->to.p);
	strcpy(b->policy.clause[LW_CAT_GIFT], "7");
	assert_int_equal(lw_flag_clause(f, &arena, &b->policy, LW_CAT_MAX), 0);
	assert_null(f->clause.p);
	assert_int_equal(lw_flag_clause(f, &arena, &b->policy, LW_CAT_GIFT), 0);
	assert_true(lw_str_is(f->clause, "7"));
	lw_arena_clear(&arena);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup(f, setup)
	const struct CMUnitTest tests[] = {
	    T(bands_of_the_policy),
	    T(cool_down),
	    T(closed_cases),
	    T(welfare),
	    T(reports),
	    T(answers),
	    T(ids),
	    T(test_flags_of_a_minute_are_one),
	    T(flags_are_whole_or_not_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
