/* SPDX-License-Identifier: Apache-2.0 */
/* What the matcher promises, one promise a test: forms of words, spans, splits over
 * messages, edges, `unless`, regexes, caps, rings that outlive a reload. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/clock.h"
#include "base/err.h"
#include "matching.h"
#include "text/fold.h"

static struct matching t;

static int
setup(void **state)
{
	(void)state;
	matching_init(&t);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	matching_clear(&t);
	return 0;
}

static void
test_forms_of_a_word(void **state)
{
	(void)state;
	matching_rule(&t, "meet", "  phrase: 'meet'\n");
	matching_rule(&t, "met", "  phrase: 'met'\n");
	matching_rule(&t, "secret", "  phrase: 'secret*'\n");
	matching_rule(&t, "age", "  phrase: '13yo'\n");
	matching_load(&t);
	assert_int_equal(matching_how(&t, "meet", "so, MEET?"), LW_HOW_EXACT);
	assert_int_equal(
	    matching_how(&t, "meet", "\xef\xbd\x8d\xef\xbd\x85\xef\xbd\x85\xef\xbd\x94"),
	    LW_HOW_EXACT); /* full width */
	assert_int_equal(
	    matching_how(&t, "meet", "m\xd0\xb5\xd0\xb5t"), LW_HOW_CONFUSABLE);
	assert_int_equal(matching_how(&t, "meet", "m33t"), LW_HOW_SKELETON);
	assert_int_equal(matching_how(&t, "meet", "m e e t"), LW_HOW_JOINED);
	assert_int_equal(matching_how(&t, "meet", "m.e.e.t"), LW_HOW_JOINED);
	assert_int_equal(matching_how(&t, "meet", "m - e - e - t"), LW_HOW_JOINED);
	assert_int_equal(matching_how(&t, "meet", "u m e e t i"), LW_HOW_JOINED);
	assert_int_equal(matching_how(&t, "secret", "s e c r e t s"), LW_HOW_JOINED);
	assert_int_equal(matching_how(&t, "secret", "s3cr3ts"), LW_HOW_SKELETON);
	/* An ordinary word is never another one, and ages do not melt into each other. */
	assert_int_equal(matching_how(&t, "meet", "we met"), -1);
	assert_int_equal(matching_how(&t, "met", "we meet"), -1);
	assert_int_equal(matching_how(&t, "meet", "meeting"), -1);
	assert_int_equal(matching_how(&t, "secret", "secre t"), -1);
	assert_int_equal(matching_how(&t, "age", "l3yo"), -1);
	assert_int_equal(matching_how(&t, "age", "13yo"), LW_HOW_EXACT);
}

static void
test_confidence_lowers_weight(void **state)
{
	(void)state;
	matching_rule(&t, "meet", "  phrase: 'meet up'\n");
	matching_load(&t);
	matching_say(&t, "meet up");
	assert_true(matching_hit(&t, "meet")->weight == 1.0f);
	matching_say(&t, "m e e t up");
	assert_true(matching_hit(&t, "meet")->weight == 0.7f);
	/* The surest of equal matches counts. */
	matching_say(&t, "m33t meet up");
	assert_int_equal(matching_hit(&t, "meet")->how, LW_HOW_EXACT);
}

static void
assert_span(const struct lw_hit *h, unsigned i, uint32_t start, uint32_t end)
{
	assert_non_null(h);
	assert_true(i < h->nspans);
	assert_int_equal(h->spans[i].start, start);
	assert_int_equal(h->spans[i].end, end);
}

static void
test_spans_are_of_the_original(void **state)
{
	(void)state;
	matching_rule(&t, "plain", "  phrase: 'dont .. tell'\n");
	matching_rule(&t, "thai", "  phrase: '\xe0\xb8\xa5\xe0\xb8\xb1\xe0\xb8\x9a'\n");
	matching_rule(&t, "joined", "  phrase: 'lorem'\n");
	matching_rule(&t, "two", "  phrase: 'e-mail'\n");
	matching_load(&t);
	matching_say(&t, "  Don't (ever) TELL!");
	assert_span(matching_hit(&t, "plain"), 0, 2, 7);
	assert_span(matching_hit(&t, "plain"), 1, 15, 19);
	/* Six characters, of which the last three are looked for. */
	matching_say(&t,
	    "\xe0\xb8\x84\xe0\xb8\xa7\xe0\xb8\xb2\xe0\xb8\xa5\xe0\xb8\xb1\xe0\xb8\x9a");
	assert_span(matching_hit(&t, "thai"), 0, 9, 18);
	matching_say(&t, "x? l.o.r.e.m, ok");
	assert_span(matching_hit(&t, "joined"), 0, 3, 12);
	matching_say(&t, "an e-mail");
	assert_span(matching_hit(&t, "two"), 0, 3, 4);
	assert_span(matching_hit(&t, "two"), 1, 5, 9);
}

static void
test_gaps(void **state)
{
	(void)state;
	matching_rule(&t, "next", "  phrase: 'a1 b1'\n");
	matching_rule(&t, "three", "  phrase: 'a1 .. b1'\n");
	matching_rule(&t, "five", "  phrase: 'a1 ..5 b1'\n");
	matching_load(&t);
	matching_say(&t, "a1 b1");
	assert_non_null(matching_hit(&t, "next"));
	assert_non_null(matching_hit(&t, "three"));
	matching_say(&t, "a1 x1 b1");
	assert_null(matching_hit(&t, "next"));
	assert_non_null(matching_hit(&t, "three"));
	matching_say(&t, "a1 x1 x1 x1 b1");
	assert_non_null(matching_hit(&t, "three"));
	matching_say(&t, "a1 x1 x1 x1 x1 b1");
	assert_null(matching_hit(&t, "three"));
	assert_non_null(matching_hit(&t, "five"));
	matching_say(&t, "a1 x1 x1 x1 x1 x1 x1 b1");
	assert_null(matching_hit(&t, "five"));
	/* A joined word stands for its letters: what follows it is next. */
	matching_forget_rules(&t);
	matching_rule(&t, "next", "  phrase: 'lorem b1'\n");
	matching_load(&t);
	matching_say(&t, "l o r e m b1");
	assert_non_null(matching_hit(&t, "next"));
	assert_int_equal(matching_hit(&t, "next")->how, LW_HOW_JOINED);
}

static void
test_split_over_messages(void **state)
{
	const struct lw_hit *h;

	(void)state;
	matching_rule(&t, "split", "  phrase: 'a1 b1 c1'\n");
	matching_rule(
	    &t, "one", "  phrase: 'a1 b1 c1'\n  span: {messages: 1, minutes: 10}\n");
	matching_rule(
	    &t, "soon", "  phrase: 'a1 b1 c1'\n  span: {messages: 8, minutes: 1}\n");
	matching_load(&t);
	matching_say(&t, "x1 a1");
	matching_say(&t, "b1");
	matching_say(&t, "c1 x1");
	h = matching_hit(&t, "split");
	assert_span(h, 0, 0, 2);
	assert_int_equal(h->nspans, 1);
	assert_int_equal(h->back, 2);
	assert_null(matching_hit(&t, "one"));
	assert_non_null(matching_hit(&t, "soon"));
	/* No second report when nothing of it is new. */
	matching_say(&t, "x1");
	assert_null(matching_hit(&t, "split"));
	/* Empty messages count as messages, not as words. */
	matching_say(&t, "a1 b1");
	matching_say(&t, "");
	matching_say(&t, "!!!");
	matching_say(&t, "c1");
	assert_int_equal(matching_hit(&t, "split")->back, 3);
	assert_non_null(matching_hit(&t, "soon"));
	matching_say(&t, "a1 b1");
	matching_say(&t, "");
	matching_say(&t, "");
	matching_say(&t, "");
	matching_say(&t, "c1");
	assert_null(matching_hit(&t, "split"));
	assert_null(matching_hit(&t, "soon")); /* 80 s */
	/* Ten minutes. */
	matching_say(&t, "a1 b1");
	t.now_ms += 580000;
	matching_say(&t, "c1");
	assert_non_null(matching_hit(&t, "split"));
	matching_say(&t, "a1 b1");
	t.now_ms += 581000;
	matching_say(&t, "c1");
	assert_null(matching_hit(&t, "split"));
}

static void
test_edges(void **state)
{
	(void)state;
	matching_rule(&t, "alone", "  phrase: '^ age $'\n");
	matching_rule(&t, "begins", "  phrase: '^ (so|and) how'\n");
	matching_rule(&t, "turn", "  phrase: 'a1 ^ b1'\n");
	matching_load(&t);
	matching_say(&t, "age?");
	assert_non_null(matching_hit(&t, "alone"));
	matching_say(&t, "age now");
	assert_null(matching_hit(&t, "alone"));
	matching_say(&t, "...So: how");
	assert_non_null(matching_hit(&t, "begins"));
	matching_say(&t, "well so how");
	assert_null(matching_hit(&t, "begins"));
	matching_say(&t, "a1 b1");
	assert_null(matching_hit(&t, "turn"));
	matching_say(&t, "x1 a1");
	matching_say(&t, "b1 x1");
	assert_non_null(matching_hit(&t, "turn"));
}

static void
test_unless(void **state)
{
	(void)state;
	matching_rule(&t, "rule",
	    "  phrase: 'a1 .. b1'\n  unless: ['(c1|d1 e1)', 'f1 ..2 g1']\n");
	matching_load(&t);
	matching_say(&t, "a1 b1");
	assert_non_null(matching_hit(&t, "rule"));
	matching_say(&t, "a1 b1 and c1");
	assert_null(matching_hit(&t, "rule"));
	/* In the messages that the match spans, and only there. */
	matching_say(&t, "a1 b1");
	assert_non_null(matching_hit(&t, "rule"));
	matching_say(&t, "d1 e1 x1 x1 x1 a1");
	matching_say(&t, "b1");
	assert_null(matching_hit(&t, "rule"));
	matching_say(&t, "f1");
	matching_say(&t, "g1 a1");
	matching_say(&t, "b1");
	assert_non_null(matching_hit(&t, "rule"));
	matching_say(&t, "f1 g1 a1");
	matching_say(&t, "b1");
	assert_null(matching_hit(&t, "rule"));
}

static void
test_channels(void **state)
{
	(void)state;
	matching_rule(&t, "rule", "  phrase: 'a1'\n  channels: [direct, group]\n");
	matching_load(&t);
	t.channel = LW_CH_DIRECT;
	matching_say(&t, "a1");
	assert_non_null(matching_hit(&t, "rule"));
	t.channel = LW_CH_PUBLIC;
	matching_say(&t, "a1");
	assert_null(matching_hit(&t, "rule"));
	t.channel = LW_CH_UNKNOWN;
	matching_say(&t, "a1");
	assert_non_null(matching_hit(&t, "rule"));
}

static void
test_regex(void **state)
{
	(void)state;
	matching_rule(&t, "number", "  regex: ' [0-9]{5,} '\n");
	matching_rule(&t, "number-unless", "  regex: '[0-9]{5,}'\n  unless: 'order'\n");
	matching_rule(&t, "first", "  regex: '^ lorem (ipsum|dolor)'\n");
	matching_load(&t);
	matching_say(&t, "Call: 555123 now, or 777777");
	assert_span(matching_hit(&t, "number"), 0, 6, 12);
	assert_non_null(matching_hit(&t, "number-unless"));
	assert_int_equal(matching_hit(&t, "number")->back, 0);
	matching_say(&t, "order 555123");
	assert_non_null(matching_hit(&t, "number"));
	assert_null(matching_hit(&t, "number-unless"));
	matching_say(&t, "LOREM, d\xc3\xb3lor sit");
	assert_span(matching_hit(&t, "first"), 0, 0, 13);
	matching_say(&t, "sit lorem dolor");
	assert_null(matching_hit(&t, "first"));
}

static void
test_scripts_without_spaces(void **state)
{
	(void)state;
	/* Literals and a gap in characters; a word of another script beside them. */
	matching_rule(
	    &t, "gap", "  phrase: '\xe5\x8f\x91 ..2 \xe7\x85\xa7\xe7\x89\x87'\n");
	matching_rule(&t, "mixed", "  phrase: '\xe7\x94\xa8 app'\n");
	matching_rule(&t, "glued",
	    "  phrase: '\xe7\x94\xa8"
	    "app'\n");
	matching_load(&t);
	matching_say(&t, "\xe5\x8f\x91\xe7\x85\xa7\xe7\x89\x87");
	assert_non_null(matching_hit(&t, "gap"));
	matching_say(&t, "\xe5\x8f\x91\xe4\xb8\x80\xe5\xbc\xa0\xe7\x85\xa7\xe7\x89\x87");
	assert_non_null(matching_hit(&t, "gap"));
	assert_int_equal(t.out->words, 5);
	matching_say(&t,
	    "\xe5\x8f\x91\xe4\xb8\x80\xe5\xbc\xa0\xe5\xbc\xa0\xe7\x85\xa7\xe7\x89\x87");
	assert_null(matching_hit(&t, "gap"));
	matching_say(&t, "\xe7\x94\xa8"
			 "App\xe5\x90\xa7");
	assert_non_null(matching_hit(&t, "mixed"));
	assert_non_null(matching_hit(&t, "glued"));
	assert_int_equal(t.out->words, 3);
}

static void
test_best_match_counts(void **state)
{
	(void)state;
	matching_rule(&t, "rule", "  phrase: 'a1 .. b1'\n");
	matching_load(&t);
	/* The latest start, then the earliest end. */
	matching_say(&t, "a1 a1 x1 b1 b1");
	assert_span(matching_hit(&t, "rule"), 0, 3, 5);
	assert_span(matching_hit(&t, "rule"), 1, 9, 11);
	assert_int_equal(t.out->nhit, 1);
}

static void
test_test_phrase_is_in_every_set(void **state)
{
	const struct lw_rule *r;

	(void)state;
	matching_load(&t);
	assert_int_equal(lw_ruleset_nrules(t.rs), 1);
	matching_say(&t, lw_test_phrase());
	assert_int_equal(t.out->nhit, 1);
	assert_int_equal(t.out->hit[0].category, LW_CAT_TEST);
	r = lw_ruleset_rule(t.rs, t.out->hit[0].rule);
	assert_true(lw_str_is(r->name, "lapwing.test"));
	assert_null(lw_ruleset_pack_id(t.rs, r->pack).p);
}

static void
test_ring_outlives_a_reload(void **state)
{
	uint32_t id;

	(void)state;
	matching_rule(&t, "old", "  phrase: 'a1 b1 c1'\n");
	matching_load(&t);
	matching_say(&t, "a1 b1");
	id = t.out->tok[0].lexeme;
	/* Other rules before it, a new one that uses the same words. */
	matching_forget_rules(&t);
	matching_rule(&t, "other", "  phrase: 'z9 (y8|x7) w6'\n");
	matching_rule(&t, "new", "  phrase: 'b1 c1'\n");
	matching_rule(&t, "old", "  phrase: 'a1 b1 c1'\n");
	matching_load(&t);
	matching_say(&t, "c1");
	assert_int_equal(matching_hit(&t, "old")->back, 1);
	assert_int_equal(matching_hit(&t, "new")->back, 1);
	assert_true(lw_str_is(lw_intern_lexeme_name(t.intern, id, NULL), "a1"));
	/* A set without these words neither finds nor makes them. */
	matching_say(&t, "a1 b1");
	matching_forget_rules(&t);
	matching_rule(&t, "other", "  phrase: 'z9'\n");
	matching_load(&t);
	matching_say(&t, "c1 a1");
	assert_int_equal(t.out->ntok, 0);
	assert_int_equal(t.out->nhit, 0);
}

static void
test_two_rulesets_share_a_matcher(void **state)
{
	struct lw_ruleset *first;

	(void)state;
	matching_rule(&t, "one", "  phrase: 'lorem'\n");
	matching_load(&t);
	first = lw_ruleset_ref(t.rs);
	matching_forget_rules(&t);
	matching_rule(&t, "two", "  phrase: 'ipsum'\n");
	matching_load(&t);
	assert_true(lw_ruleset_generation(first) != lw_ruleset_generation(t.rs));
	for (int i = 0; i < 20; i++) {
		assert_int_equal(lw_match_scan(t.m, first, NULL, LW_STR("lorem ipsum"),
				     0, LW_CH_DIRECT, t.out),
		    0);
		assert_int_equal(t.out->nhit, 1);
		assert_int_equal(t.out->hit[0].spans[0].start, 0);
		assert_int_equal(lw_match_scan(t.m, t.rs, NULL, LW_STR("lorem ipsum"),
				     0, LW_CH_DIRECT, t.out),
		    0);
		assert_int_equal(t.out->nhit, 1);
		assert_int_equal(t.out->hit[0].spans[0].start, 6);
	}
	lw_ruleset_unref(first);
}

static void
test_ring_keeps_what_spans_need(void **state)
{
	struct lw_ring r = {.mark = 250, .pos = 65530};
	struct lw_token tok[40];

	(void)state;
	memset(tok, 0, sizeof(tok));
	for (unsigned i = 0; i < 40; i++)
		tok[i] = (struct lw_token){
		    .lexeme = i + 1, .len = 1, .mark = 250, .pos = (uint16_t)(65530 + i)};
	lw_ring_push(&r, tok, 40, 40, 5000);
	assert_int_equal(r.n, LW_RING_TOKENS);
	assert_int_equal(r.tok[r.head].lexeme, 9);
	assert_int_equal(r.pos, 34);
	assert_int_equal(r.mark, 251);
	assert_int_equal(r.msg_s[250 % 8], 5);
	/* Seven more messages keep them, the eighth does not: marks can never wrap around. */
	for (int i = 0; i < 7; i++)
		lw_ring_push(&r, NULL, 0, 0, 6000);
	assert_int_equal(r.n, LW_RING_TOKENS);
	lw_ring_push(&r, NULL, 0, 0, 6000);
	assert_int_equal(r.n, 0);
	assert_int_equal(r.messages, 9);
	for (int i = 0; i < 600; i++)
		lw_ring_push(&r, tok, 1, 1, 7000);
	assert_int_equal(r.messages, 255);
}

static void
test_mad_rings_do_no_harm(void **state)
{
	uint64_t x = 88172645463325252u;

	(void)state;
	matching_rule(&t, "rule", "  phrase: 'a1 .. b1 .. c1'\n  unless: 'd1'\n");
	matching_load(&t);
	for (int i = 0; i < 20000; i++) {
		uint8_t *p = (uint8_t *)&t.ring;

		for (size_t k = 0; k < sizeof(t.ring); k++) {
			x ^= x << 13, x ^= x >> 7, x ^= x << 17;
			p[k] = (uint8_t)x;
		}
		if (i % 2 == 0)
			for (unsigned k = 0; k < LW_RING_TOKENS; k++)
				t.ring.tok[k].lexeme = (unsigned)(x >> k) % 16;
		matching_say(&t, "a1 b1 c1 d1");
	}
}

/* Repeat a piece of text until it fills a message. */
static size_t
fill(char *to, const char *piece)
{
	size_t n = 0, k = strlen(piece);

	for (; n + k <= LW_EVENT_TEXT_MAX; n += k)
		memcpy(to + n, piece, k);
	return n;
}

static void
test_long_messages_are_bounded(void **state)
{
	static const char *const pieces[] = {"a1 ", "a1 b1 ", "a1 a1 b1 ", "a ",
	    "m e e t ", "a.", "\xe7\x94\xa8",
	    ("\xe7\x94\xa8"
	     "a1"),
	    "$$$ ", "m33t ", "\xef\xb7\xba", "\xff", "a1-", "x", "\xcc\x81"};
	static char text[LW_EVENT_TEXT_MAX + 64];

	(void)state;
	matching_rule(&t, "deep",
	    "  phrase: '(a1|b1) ..12 (a1|b1) ..12 (a1|b1) ..12 (a1|b1) ..12 (a1|b1) ..12 (a1|b1)"
	    " ..12 (a1|b1) ..12 (a1|b1) ..12 (a1|b1) ..12 (a1|b1) ..12 (a1|b1) ..12 z1'\n");
	matching_rule(
	    &t, "wide", "  phrase: '(a1|b1) .. (a1|b1) .. (a1|b1)'\n  unless: 'z1'\n");
	matching_rule(&t, "meet", "  phrase: 'meet'\n");
	matching_rule(&t, "han", "  phrase: '\xe7\x94\xa8'\n");
	matching_load(&t);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		size_t n = fill(text, pieces[i]);
		uint64_t start = lw_clock_mono_ns();

		matching_silence(&t);
		for (int k = 0; k < 3; k++)
			matching_say_n(&t, text, n);
		assert_true(t.out->ntok <= LW_MATCH_TOKENS_MAX);
		/* Far above what it takes; a quadratic step would still show. */
		assert_true((lw_clock_mono_ns() - start) / 1000000 < 3000);
	}
	matching_silence(&t);
	matching_say_n(&t, text, fill(text, "a1 "));
	assert_true(t.out->capped);
	assert_int_equal(t.out->ntok, LW_MATCH_TOKENS_MAX);
	assert_non_null(matching_hit(&t, "wide"));
	memset(text, 'y', sizeof(text));
	matching_say_n(&t, text, sizeof(text));
	assert_true(t.out->capped);
	matching_say(&t, "a1");
	assert_false(t.out->capped);
}

static void
test_heaviest_hits_are_kept(void **state)
{
	char keys[128], name[32];

	(void)state;
	for (int i = 0; i < 80; i++) {
		snprintf(name, sizeof(name), "r%02d", i);
		snprintf(
		    keys, sizeof(keys), "  phrase: '%s'\n", i == 79 ? "m33t" : "lorem");
		matching_rule(&t, name, keys);
	}
	/* Rule 70 weighs more than the rest. */
	memcpy(strstr(strstr(t.yaml, "en.test.r70"), "weight: 1.0"), "weight: 2.0", 11);
	matching_load(&t);
	matching_say(&t, "lorem");
	assert_int_equal(t.out->nhit, LW_MATCH_HITS_MAX);
	assert_true(t.out->capped);
	assert_non_null(matching_hit(&t, "r70"));
	assert_null(matching_hit(&t, "r78"));
	for (size_t i = 1; i < t.out->nhit; i++)
		assert_true(t.out->hit[i].rule > t.out->hit[i - 1].rule);
}

static void
test_times_are_summed(void **state)
{
	struct lw_match_times times = {0};

	(void)state;
	matching_rule(&t, "rule", "  phrase: 'a1 b1'\n");
	matching_load(&t);
	lw_matcher_timing(t.m, &times);
	for (int i = 0; i < 100; i++)
		matching_say(&t, "a1 b1 and so on");
	lw_matcher_timing(t.m, NULL);
	assert_true(times.lex_ns > 0 && times.verify_ns > 0 && times.fold_ns > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_forms_of_a_word, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_confidence_lowers_weight, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		test_spans_are_of_the_original, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_gaps, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_split_over_messages, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_edges, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_unless, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_channels, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_regex, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_scripts_without_spaces, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_best_match_counts, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		test_test_phrase_is_in_every_set, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_ring_outlives_a_reload, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		test_two_rulesets_share_a_matcher, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		test_ring_keeps_what_spans_need, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_mad_rings_do_no_harm, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		test_long_messages_are_bounded, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_heaviest_hits_are_kept, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_times_are_summed, setup, teardown),
	};
	int failed;

	if (lw_text_init() != 0)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	lw_text_exit();
	return failed;
}
