/* SPDX-License-Identifier: Apache-2.0 */
/* Packs that are too much: regex bombs, hostile phrases and lists, a hundred thousand rules.
 * Each is refused or compiled in bounded time; figures are printed. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/err.h"
#include "pack/compile.h"
#include "pack/version.h"
#include "packdir.h"
#include "text/fold.h"

#define YAML_MAX ((size_t)4 << 20)

static struct packdir dir;

static int
setup(void **state)
{
	(void)state;
	packdir_init(&dir, "test-en");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	packdir_clear(&dir);
	return 0;
}

static void
put_rule(const char *keys)
{
	static char yaml[65536];

	packdir_rule(yaml, sizeof(yaml), "en.test.rule", keys);
	packdir_put(&dir, "rules/a.yaml", yaml);
}

static void
test_regex_bombs_are_refused_quickly(void **state)
{
	static const char *const bombs[] = {
	    "(a{1,1000}){1,1000}",
	    "((a{1,100}){1,100}){1,100}",
	    "(a{1000}){1000}b",
	    "a{1,10}{1,10}{1,10}{1,10}{1,10}",
	    "((((a|b){1,30}c){1,30}d){1,30}e)",
	    "[a-z]{5000}",
	    "a{99999999999999999999}",
	    "(?:x{0,4000}y){2}",
	    "(?x)(a{1,1000}){1,1000}",
	    "(?#)comment(){1,1000})a{1,1000}",
	    "(*UTF8)a",
	    "\\Q(\\E(a{1,1000}){1,1000}",
	    "(a",
	    "a)",
	    "[a",
	};
	char keys[512];

	(void)state;
	for (size_t i = 0; i < sizeof(bombs) / sizeof(bombs[0]); i++) {
		uint64_t start = lw_clock_mono_ns();

		snprintf(keys, sizeof(keys), "  regex: '%s'\n", bombs[i]);
		put_rule(keys);
		assert_true(packdir_refused(&dir, "", 6, 11));
		assert_true((lw_clock_mono_ns() - start) / 1000000 < 1000);
	}
}

static void
test_regex_states(void **state)
{
	static const struct {
		const char *regex;
		long states;
	} cases[] = {{"abc", 3}, {"a{3}", 3}, {"a{2,5}b", 6}, {"(ab|c){4}", 16},
	    {"a{3,}", 3}, {"[]x]{4}", 4}, {"[^]x]", 1}, {"[[:digit:]]{2}", 2},
	    {"\\d{3}\\(", 4}, {"a{x}", 4}, {"(?:ab){2}c", 5}, {"(?i)ab", 2},
	    {"a+b*c?", 3}, {"a{2}{3}", 6}, {"[\\]]{2}", 2}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		long n = lw_regex_states(lw_str(cases[i].regex));

		/* (a|b) counts its bar as a state: only a bound is wanted. */
		assert_true(n >= cases[i].states - 4 && n <= cases[i].states + 4);
	}
}

static void
test_ordinary_regexes_are_fine(void **state)
{
	struct lw_intern *intern = lw_intern_new();
	struct lw_ruleset *rs;

	(void)state;
	put_rule(
	    "  regex: |-\n    (https?|ftp) [a-z0-9.]{3,60} (zip|exe)|[0-9]{3} ?[0-9]{4,8}\n");
	rs = packdir_load(&dir, intern);
	assert_int_equal(lw_ruleset_nrules(rs), 2);
	lw_ruleset_unref(rs);
	lw_intern_free(intern);
}

static void
test_hostile_phrases(void **state)
{
	static char keys[60000];
	size_t n;

	(void)state;
	/* Brackets without end. */
	n = (size_t)sprintf(keys, "  phrase: '");
	memset(keys + n, '(', 8000);
	strcpy(keys + n + 8000, "'\n");
	put_rule(keys);
	assert_true(packdir_refused(&dir, "nested deeper than 16", 0, 0));
	/* Too long. */
	memset(keys + n, 'a', 9000);
	strcpy(keys + n + 9000, "'\n");
	put_rule(keys);
	assert_true(packdir_refused(&dir, "longer than 8192 bytes", 0, 0));
	memset(keys + n, 'a', 8000);
	strcpy(keys + n + 8000, "'\n");
	put_rule(keys);
	assert_true(packdir_refused(&dir, "the word is too long", 0, 0));
	/* Optional parts that double: 2^20 variants. */
	n = (size_t)sprintf(keys, "  phrase: 'x");
	for (int i = 0; i < 20; i++)
		n += (size_t)sprintf(keys + n, " [a%d]", i);
	strcpy(keys + n, "'\n");
	put_rule(keys);
	assert_true(packdir_refused(&dir, "", 0, 0));
}

static void
test_hostile_lists(void **state)
{
	static char text[1 << 21];
	size_t n = 0;

	(void)state;
	put_rule("  phrase: '<many> <many> x'\n");
	/* Entries of several words multiply. */
	for (int i = 0; i < 100; i++)
		n += (size_t)sprintf(text + n, "w%d v%d\n", i, i);
	packdir_put(&dir, "lists/many.txt", text);
	assert_true(packdir_refused(&dir, "more than 512 variants", 6, 12));
	for (n = 0; n < sizeof(text) - 8;)
		n += (size_t)sprintf(text + n, "w%zu\n", n);
	packdir_put(&dir, "lists/many.txt", text);
	assert_true(packdir_refused(&dir, "too large", 0, 0));
	for (n = 0; n < 400000;)
		n += (size_t)sprintf(text + n, "%zu\n", n % 10);
	packdir_put(&dir, "lists/many.txt", text);
	assert_true(packdir_refused(&dir, "more than 50000 entries", 0, 0));
}

/* Rules of made-up words, `many` of them, in files that stay below the size of one. */
static void
put_many(unsigned many)
{
	char *yaml = malloc(YAML_MAX + 4096), name[64], id[64], keys[256];
	unsigned file = 0;
	size_t n = 0;

	assert_non_null(yaml);
	for (unsigned i = 0; i < many; i++) {
		snprintf(id, sizeof(id), "en.test.rule-%u", i);
		snprintf(keys, sizeof(keys),
		    "  phrase: '(k%u|l%u) .. (m%u|n%u m) [o%u] p%u'\n", i % 5003,
		    i % 4001, i % 997, i % 31, i % 7, i % 20011);
		packdir_rule(yaml + n, 4096, id, keys);
		n += strlen(yaml + n);
		if (n > YAML_MAX - 4096 || i + 1 == many) {
			snprintf(name, sizeof(name), "rules/%u.yaml", file++);
			packdir_put_n(&dir, name, yaml, n);
			n = 0;
		}
	}
	free(yaml);
}

static uint64_t
load_ms(int *err, size_t *rules)
{
	struct lw_intern *intern = lw_intern_new();
	const char *dirs[1] = {dir.dir};
	struct lw_ruleset *rs = NULL;
	struct lw_diag diag;
	uint64_t start = lw_clock_mono_ns();

	lw_diag_init(&diag);
	*err = lw_ruleset_load(&rs, intern, dirs, 1, &diag);
	start = (lw_clock_mono_ns() - start) / 1000000;
	if (*err != 0)
		lw_diag_print(&diag, stdout);
	*rules = rs != NULL ? lw_ruleset_nrules(rs) : 0;
	lw_ruleset_unref(rs);
	lw_diag_clear(&diag);
	lw_intern_free(intern);
	return start;
}

static void
test_ten_thousand_rules(void **state)
{
	uint64_t ms;
	size_t rules;
	int err;

	(void)state;
	put_many(10000);
	ms = load_ms(&err, &rules);
	printf("10,000 rules: %lu ms\n", (unsigned long)ms);
	assert_int_equal(err, 0);
	assert_int_equal(rules, 10001);
	assert_true(ms < 10000);
}

static void
test_hundred_thousand_rules(void **state)
{
	uint64_t ms;
	size_t rules;
	int err;

	(void)state;
	put_many(100000);
	ms = load_ms(&err, &rules);
	printf("100,000 rules: %s after %lu ms\n", err == 0 ? "compiled" : "refused",
	    (unsigned long)ms);
	assert_true(err == 0 ? rules == 100001 : err == LW_ELIMIT || err == LW_EINVAL);
	/* 5 s on a machine by itself; tests may share it. */
	assert_true(ms < 30000);
	put_many(100001);
	ms = load_ms(&err, &rules);
	printf("100,001 rules: refused after %lu ms\n", (unsigned long)ms);
	assert_int_not_equal(err, 0);
	assert_true(ms < 30000);
}

static void
test_version_ranges(void **state)
{
	(void)state;
	assert_int_equal(lw_version_in_range(LW_STR(">=0.1"), "0.1.0"), 1);
	assert_int_equal(lw_version_in_range(LW_STR(">=0.1 <0.2"), "0.1.9"), 1);
	assert_int_equal(lw_version_in_range(LW_STR(">=0.1 <0.2"), "0.2"), 0);
	assert_int_equal(lw_version_in_range(LW_STR("<=1.10"), "1.9"), 1);
	assert_int_equal(lw_version_in_range(LW_STR(">1.0"), "1.0.0"), 0);
	assert_int_equal(lw_version_in_range(LW_STR("1.0"), "1"), 1);
	assert_int_equal(lw_version_in_range(LW_STR(""), "1"), -1);
	assert_int_equal(lw_version_in_range(LW_STR(">=x"), "1"), -1);
	assert_int_equal(lw_version_in_range(LW_STR(">="), "1"), -1);
	assert_int_equal(lw_version_in_range(LW_STR("1..2"), "1"), -1);
	assert_int_equal(lw_version_in_range(LW_STR("1."), "1"), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		test_regex_bombs_are_refused_quickly, setup, teardown),
	    cmocka_unit_test(test_regex_states),
	    cmocka_unit_test_setup_teardown(
		test_ordinary_regexes_are_fine, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_hostile_phrases, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_hostile_lists, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_ten_thousand_rules, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_hundred_thousand_rules, setup, teardown),
	    cmocka_unit_test(test_version_ranges),
	};
	int failed;

	if (lw_text_init() != 0)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	lw_text_exit();
	return failed;
}
