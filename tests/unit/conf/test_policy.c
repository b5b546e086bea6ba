/* SPDX-License-Identifier: Apache-2.0 */
/* The policy: defaults, reading, each refusal, the sample's round trip. */
#include <math.h>
#include "helper.h"
#include "base/err.h"
#include "conf/policy.h"

static struct lw_diag diag;

static int
read_as(const char *text, struct lw_policy *p)
{
	lw_diag_init(&diag);
	return lw_policy_read(p, write_temp("a.yaml", text, strlen(text)), &diag);
}

/* What is printed for text, without the path in front. */
static void
check_refusal(const char *text, const char *want)
{
	struct lw_policy p, before;
	char *got, *rest;

	memset(&p, 0x5a, sizeof(p));
	memcpy(&before, &p, sizeof(p));
	assert_int_equal(read_as(text, &p), LW_EINVAL);
	assert_memory_equal(&p, &before, sizeof(p)); /* only written on success */
	got = diag_text(&diag);
	rest = strchr(got, ':');
	assert_non_null(rest);
	assert_string_equal(rest + 1, want);
	free(got);
	lw_diag_clear(&diag);
}

static void
defaults(void **state)
{
	struct lw_policy p, empty;

	(void)state;
	lw_policy_default(&p);
	assert_true(p.band_at[LW_BAND_NONE] == 0);
	assert_true(p.band_at[LW_BAND_LOW] == 0.3);
	assert_true(p.band_at[LW_BAND_MEDIUM] == 0.5);
	assert_true(p.band_at[LW_BAND_HIGH] == 0.75);
	assert_true(p.band_at[LW_BAND_CRITICAL] == 0.9);
	assert_int_equal(p.flag_from, LW_BAND_MEDIUM);
	for (int b = 0; b <= LW_BAND_CRITICAL; b++)
		assert_int_equal(p.action[b], LW_ACT_ALLOW);
	assert_int_equal(p.hold_ttl_ms, 30000);
	assert_int_equal(p.flag_again_ms, 3600000);
	assert_int_equal(p.fanout_targets, 5);
	assert_int_equal(p.fanout_window_ms, 86400000);
	assert_int_equal(p.fanout_categories, 2);
	assert_string_equal(p.clause[LW_CAT_SECRECY], "CP-SECRECY");
	/* the table has a row, under the right name, for every category */
	for (int c = 0; c < LW_CAT_MAX; c++) {
		char want[64];
		const char *name = lw_category_name((enum lw_category)c);
		size_t i, n = strlen(name);

		memcpy(want, "CP-", 3);
		for (i = 0; i < n; i++)
			want[3 + i] = (char)(name[i] == '_' ? '-' : name[i] - 'a' + 'A');
		want[3 + n] = '\0';
		assert_string_equal(p.clause[c], want);
	}
	assert_int_equal(read_as("# nothing\n", &empty), LW_OK);
	assert_memory_equal(&empty, &p, sizeof(p));
	assert_int_equal(read_as("bands:\n  #low: 0.1\nactions:\n", &empty), LW_OK);
	assert_memory_equal(&empty, &p, sizeof(p));
}

static void
bands(void **state)
{
	struct lw_policy p;

	(void)state;
	lw_policy_default(&p);
	assert_int_equal(lw_policy_band(&p, 0), LW_BAND_NONE);
	assert_int_equal(lw_policy_band(&p, 0.29999), LW_BAND_NONE);
	assert_int_equal(lw_policy_band(&p, 0.3), LW_BAND_LOW);
	assert_int_equal(lw_policy_band(&p, 0.5), LW_BAND_MEDIUM);
	assert_int_equal(lw_policy_band(&p, 0.89), LW_BAND_HIGH);
	assert_int_equal(lw_policy_band(&p, 0.9), LW_BAND_CRITICAL);
	assert_int_equal(lw_policy_band(&p, 1), LW_BAND_CRITICAL);
	assert_int_equal(lw_policy_band(&p, NAN), LW_BAND_NONE);
}

static void
reads_what_is_written(void **state)
{
	struct lw_policy p;

	(void)state;
	assert_int_equal(read_as("bands: {low: 0.2, medium: 0.4}\n"
				 "flag_from: high\n"
				 "flag_again: 2h\n"
				 "actions:\n  high: hold\n  critical: block\n"
				 "hold_ttl: 1m\n"
				 "fanout: {targets: 0, window: 7d, categories: 3}\n",
			     &p),
	    LW_OK);
	assert_int_equal(diag.errors + diag.warnings, 0);
	assert_true(p.band_at[LW_BAND_LOW] == 0.2);
	assert_true(p.band_at[LW_BAND_MEDIUM] == 0.4);
	assert_true(p.band_at[LW_BAND_HIGH] == 0.75);
	assert_int_equal(p.flag_from, LW_BAND_HIGH);
	assert_int_equal(p.flag_again_ms, 7200000);
	assert_int_equal(p.action[LW_BAND_MEDIUM], LW_ACT_ALLOW);
	assert_int_equal(p.action[LW_BAND_HIGH], LW_ACT_HOLD);
	assert_int_equal(p.action[LW_BAND_CRITICAL], LW_ACT_BLOCK);
	assert_int_equal(p.hold_ttl_ms, 60000);
	assert_int_equal(p.fanout_targets, 0);
	assert_int_equal(p.fanout_window_ms, 7 * 86400000);
	assert_int_equal(p.fanout_categories, 3);
}

static void
refusals(void **state)
{
	(void)state;
	check_refusal(
	    "bands: {low: 0.6}\n", " error: band 'medium' must begin above band low\n");
	check_refusal("bands:\n  high: 0.95\n  critical: 0.9\n",
	    "3:13: error: band 'critical' must begin above band high\n");
	check_refusal("bands: {low: 0}\n", "1:14: error: band 'low' must begin above 0\n");
	check_refusal("bands: {low: 1.5}\n", "1:14: error: must be from 0 to 1\n");
	check_refusal("bands: {lwo: 0.1}\n",
	    "1:9: error: unknown key 'lwo' (did you mean 'low'?)\n");
	check_refusal("bands: high\n", "1:8: error: expected a map of keys and values\n");
	check_refusal("band: {low: 0.1}\n",
	    "1:1: error: unknown key 'band' (did you mean 'bands'?)\n");
	check_refusal("x-y-z: 1\n",
	    "1:1: error: unknown key 'x-y-z' (known keys: bands, flag_from, flag_again, "
	    "actions, hold_ttl, fanout, clauses)\n");
	check_refusal("flag_from: none\n", "1:12: error: unknown value 'none' (one of: low, "
					   "medium, high, critical)\n");
	check_refusal("flag_from: hihg\n",
	    "1:12: error: unknown value 'hihg' (did you mean 'high'?)\n");
	check_refusal("actions: {low: hold, medium: hold, high: hold, critical: hold}\n",
	    "1:16: error: band 'low' stops messages but is not flagged (lower flag_from, "
	    "or allow)\n");
	check_refusal("actions: {high: stop}\n",
	    "1:17: error: unknown value 'stop' (one of: allow, hold, block)\n");
	check_refusal("hold_ttl: 0s\n", "1:11: error: must be from 1s to 1d\n");
	check_refusal("hold_ttl: 30\n",
	    "1:11: error: expected a duration, found '30' (such as 250ms, 30s, 10m, 2h or "
	    "14d)\n");
	check_refusal("fanout: {categories: 0}\n", "1:22: error: must be from 1 to 14\n");
	check_refusal("clauses:\n  gift: 'R 4.2'\n",
	    "2:9: error: category 'personal_info' has no clause (name a clause for every "
	    "category, or none)\n");
	check_refusal("clauses: {gift: ''}\n", "1:17: error: must not be empty\n");
	check_refusal("clauses: {gift: \"a\\nb\"}\n", "1:17: error: must be one line\n");
	check_refusal("clauses: {gift: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		      "xxxxxxxxxxx}\n",
	    "1:17: error: a name of more than 63 bytes\n");
	check_refusal("[]\n", "1:1: error: expected a map of keys and values\n");
}

static void
milder_answers_are_warned_of(void **state)
{
	struct lw_policy p;
	char *got;

	(void)state;
	assert_int_equal(read_as("actions: {high: block, critical: hold}\n", &p), LW_OK);
	got = diag_text(&diag);
	assert_non_null(strstr(got, ":1:34: warning: band 'critical' is answered more "
				    "mildly than 'high'\n"));
	free(got);
	lw_diag_clear(&diag);
}

/* A sample is read back as what it was written from. */
static void
check_round_trip(const struct lw_policy *p)
{
	struct lw_policy back;
	FILE *f = fopen(temp_path("a.yaml"), "w");

	assert_non_null(f);
	lw_policy_write_sample(f, p);
	fclose(f);
	lw_diag_init(&diag);
	assert_int_equal(lw_policy_read(&back, temp_path("a.yaml"), &diag), LW_OK);
	assert_memory_equal(&back, p, sizeof(back));
}

static void
samples_read_back(void **state)
{
	struct lw_policy p;

	(void)state;
	lw_policy_default(&p);
	check_round_trip(&p);
	p.band_at[LW_BAND_LOW] = 0.1 + 0.2 - 0.1;
	p.flag_from = LW_BAND_CRITICAL;
	p.action[LW_BAND_CRITICAL] = LW_ACT_BLOCK;
	p.hold_ttl_ms = 1234;
	p.fanout_targets = 9;
	for (int c = 0; c < LW_CAT_MAX; c++) {
		memset(p.clause[c], 0, sizeof(p.clause[c]));
		snprintf(p.clause[c], sizeof(p.clause[c]), "it's # %d: [x]", c);
	}
	check_round_trip(&p);
}

#define TEMP(f) cmocka_unit_test_setup_teardown(f, make_temp_dir, drop_temp_dir)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEMP(defaults),
	    cmocka_unit_test(bands),
	    TEMP(reads_what_is_written),
	    TEMP(refusals),
	    TEMP(milder_answers_are_warned_of),
	    TEMP(samples_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
