/* SPDX-License-Identifier: Apache-2.0 */
/* Names: every value has one, every name finds its value, nothing else does. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include "event/category.h"
#include "event/event.h"
#include "event/hit.h"
#include "event/verdict.h"

/* name(i) for 0 <= i < n: present, lower case, found again; nothing beyond. */
#define CHECK_TABLE(n, name, find)                                                     \
	do {                                                                           \
		for (int i = 0; i < (int)(n); i++) {                                   \
			const char *z = name(i);                                       \
			assert_non_null(z);                                            \
			assert_int_equal(                                              \
			    strspn(z, "abcdefghijklmnopqrstuvwxyz_"), strlen(z));      \
			assert_int_equal(find(lw_str(z)), i);                          \
		}                                                                      \
		assert_null(name((n)));                                                \
		assert_int_equal(find(LW_STR("nonsense")), -1);                        \
		assert_int_equal(find(LW_STR("")), -1);                                \
		assert_int_equal(find(lw_str(NULL)), -1);                              \
	} while (0)

static void
tables_are_complete(void **state)
{
	(void)state;
	CHECK_TABLE(LW_CAT_MAX, lw_category_name, lw_category_find);
	CHECK_TABLE(LW_FEAT_MAX, lw_feature_name, lw_feature_find);
	CHECK_TABLE(LW_EV_MAX, lw_event_kind_name, lw_event_kind_find);
	CHECK_TABLE(LW_BAND_CRITICAL + 1, lw_band_name, lw_band_find);
	CHECK_TABLE(LW_ACT_BLOCK + 1, lw_action_name, lw_action_find);
}

static void
protocol_names_stand(void **state)
{
	(void)state;
	assert_string_equal(lw_event_kind_name(LW_EV_CONTACT_REQUEST), "contact_request");
	assert_string_equal(lw_category_name(LW_CAT_SEXUALISATION), "sexualisation");
	assert_string_equal(lw_category_name(LW_CAT_HELP_REQUEST), "help_request");
	assert_string_equal(lw_feature_name(LW_FEAT_AGE_GAP), "age_gap");
	assert_string_equal(lw_band_name(LW_BAND_CRITICAL), "critical");
	assert_string_equal(lw_how_name(LW_HOW_SKELETON), "skeleton");
	assert_null(lw_how_name(LW_HOW_MAX));
	assert_string_equal(lw_flag_kind_name(LW_FLAG_WELFARE), "welfare");
	assert_null(lw_category_name((enum lw_category) - 1));
}

static void
unknown_has_no_name(void **state)
{
	(void)state;
	assert_null(lw_channel_name(LW_CH_UNKNOWN));
	assert_int_equal(lw_channel_find(LW_STR("direct")), LW_CH_DIRECT);
	assert_int_equal(lw_channel_find(LW_STR("public")), LW_CH_PUBLIC);
	assert_int_equal(lw_channel_find(LW_STR("Direct")), LW_CH_UNKNOWN);
	assert_int_equal(lw_channel_find(lw_str(NULL)), LW_CH_UNKNOWN);
	assert_null(lw_age_band_name(LW_AGE_UNKNOWN));
	assert_string_equal(lw_age_band_name(LW_AGE_TEEN), "teen");
	assert_int_equal(lw_age_band_find(LW_STR("child")), LW_AGE_CHILD);
	assert_int_equal(lw_age_band_find(LW_STR("unknown")), LW_AGE_UNKNOWN);
}

static void
sides_and_confidence(void **state)
{
	int other = 0;

	(void)state;
	for (int c = 0; c < LW_CAT_MAX; c++)
		other += lw_category_is_other_party(c) ? 1 : 0;
	assert_int_equal(other, 4);
	assert_true(lw_category_is_other_party(LW_CAT_REFUSAL));
	assert_false(lw_category_is_other_party(LW_CAT_COERCION));
	assert_false(lw_category_is_other_party(LW_CAT_TEST));
	assert_true(lw_how_confidence(LW_HOW_EXACT) == 1.0);
	assert_true(lw_how_confidence(LW_HOW_CONFUSABLE) == 0.9);
	assert_true(lw_how_confidence(LW_HOW_SKELETON) == 0.8);
	assert_true(lw_how_confidence(LW_HOW_JOINED) == 0.7);
	assert_int_equal(sizeof(struct lw_token), 8);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tables_are_complete),
	    cmocka_unit_test(protocol_names_stand),
	    cmocka_unit_test(unknown_has_no_name),
	    cmocka_unit_test(sides_and_confidence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
