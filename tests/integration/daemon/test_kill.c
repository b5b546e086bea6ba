/* SPDX-License-Identifier: Apache-2.0 */
/* kill -9, again and again, while two plugins talk: what the queue holds in the end is what
 * an undisturbed daemon would hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include "house.h"

#define KILLS 50
#define EVENTS 20000 /* of each plugin */

static const char settings[] =
    "workers: 2\ncommit_interval: 3ms\nsnapshot_interval: 1s\nlog_level: warn\n";

static void
undisturbed(struct house *h, const struct talk *t, char **flags, size_t *n)
{
	struct lw_client *c[2];
	size_t i;

	house_make(h, settings, NULL);
	house_start(h);
	c[0] = house_plugin(h, "one", 64);
	c[1] = house_plugin(h, "two", 64);
	for (i = 0; i < EVENTS; i++) {
		assert_int_equal(lw_client_observe(c[0], &t[0].ev[i]), 0);
		assert_int_equal(lw_client_observe(c[1], &t[1].ev[i]), 0);
		if (i % 500 == 0)
			plugins_turn(c, 2, 0);
	}
	assert_true(plugins_flush(c, 2, 30000));
	lw_client_free(c[0]);
	lw_client_free(c[1]);
	assert_int_equal(house_end(h, SIGTERM), 0);
	*flags = house_flags(h, n);
}

static void
survives_being_killed(void **state)
{
	uint64_t seed = test_seed(), random = seed;
	char *want, *got;
	struct house calm, wild;
	struct lw_client *c[2];
	struct talk t[2];
	size_t nwant, ngot, i = 0, upto;
	int kills;

	(void)state;
	talk_make(&t[0], "a", EVENTS, seed);
	talk_make(&t[1], "b", EVENTS, seed + 1);
	undisturbed(&calm, t, &want, &nwant);
	assert_true(nwant > 100);
	house_make(&wild, settings, &calm);
	c[0] = house_plugin(&wild, "one", 64);
	c[1] = house_plugin(&wild, "two", 64);
	for (kills = 0; kills < KILLS; kills++) {
		house_start(&wild);
		upto = (size_t)(kills + 1) * EVENTS / KILLS;
		while (i < upto) {
			assert_int_equal(lw_client_observe(c[0], &t[0].ev[i]), 0);
			assert_int_equal(lw_client_observe(c[1], &t[1].ev[i]), 0);
			if (++i % 100 == 0)
				plugins_turn(c, 2, (unsigned)(test_random(&random) % 8));
		}
		plugins_turn(c, 2, (unsigned)(test_random(&random) % 150));
		assert_int_equal(house_end(&wild, SIGKILL), -SIGKILL);
	}
	house_start(&wild);
	assert_true(plugins_flush(c, 2, 60000));
	lw_client_free(c[0]);
	lw_client_free(c[1]);
	assert_int_equal(house_end(&wild, SIGTERM), 0);
	got = house_flags(&wild, &ngot);
	print_message("%zu flags, %zu after %d kills\n", nwant, ngot, kills);
	house_same_flags(want, got);
	free(want);
	free(got);
	talk_clear(&t[0]);
	talk_clear(&t[1]);
	house_clear(&calm);
	house_clear(&wild);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(survives_being_killed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
