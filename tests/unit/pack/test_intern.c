/* SPDX-License-Identifier: Apache-2.0 */
/* Ids count up, stay for ever, and their names never move. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include "pack/intern.h"

static void
test_ids_are_stable(void **state)
{
	struct lw_intern *t = lw_intern_new();
	struct lw_str first, s;
	enum lw_lexeme_kind kind;
	char text[16];

	(void)state;
	assert_non_null(t);
	assert_int_equal(lw_intern_lexemes(t), 0);
	assert_int_equal(lw_intern_lexeme(t, LW_LEX_WORD, LW_STR("meet")), 1);
	first = lw_intern_lexeme_name(t, 1, &kind);
	for (uint32_t i = 2; i <= 50000; i++) {
		snprintf(text, sizeof(text), "w%u", i);
		assert_int_equal(lw_intern_lexeme(t, LW_LEX_WORD, lw_str(text)), i);
	}
	for (uint32_t i = 50000; i >= 2; i--) {
		snprintf(text, sizeof(text), "w%u", i);
		assert_int_equal(lw_intern_lexeme(t, LW_LEX_WORD, lw_str(text)), i);
		s = lw_intern_lexeme_name(t, i, &kind);
		assert_true(lw_str_is(s, text));
	}
	s = lw_intern_lexeme_name(t, 1, &kind);
	assert_ptr_equal(s.p, first.p);
	assert_int_equal(lw_intern_lexemes(t), 50000);
	lw_intern_free(t);
}

static void
test_kinds_and_rules_are_apart(void **state)
{
	struct lw_intern *t = lw_intern_new();
	enum lw_lexeme_kind kind;

	(void)state;
	assert_int_equal(lw_intern_lexeme(t, LW_LEX_WORD, LW_STR("meet")), 1);
	assert_int_equal(lw_intern_lexeme(t, LW_LEX_STEM, LW_STR("meet")), 2);
	assert_int_equal(lw_intern_lexeme(t, LW_LEX_WORD, LW_STR("meet")), 1);
	assert_int_equal(lw_intern_rule(t, LW_STR("meet")), 1);
	assert_int_equal(lw_intern_rules(t), 1);
	assert_true(lw_str_is(lw_intern_rule_name(t, 1), "meet"));
	lw_intern_lexeme_name(t, 2, &kind);
	assert_int_equal(kind, LW_LEX_STEM);
	assert_null(lw_intern_lexeme_name(t, 0, NULL).p);
	assert_null(lw_intern_lexeme_name(t, 3, NULL).p);
	assert_null(lw_intern_rule_name(t, 2).p);
	lw_intern_free(t);
	lw_intern_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ids_are_stable),
	    cmocka_unit_test(test_kinds_and_rules_are_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
