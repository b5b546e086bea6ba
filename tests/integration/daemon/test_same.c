/* SPDX-License-Identifier: Apache-2.0 */
/* The same events give the same flags, whatever the number of workers, the size of frames
 * and the pace, also when snapshots are taken meanwhile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include "house.h"

#define EVENTS 30000

static const struct {
	unsigned workers, batch, burst;
	const char *more;
} ways[] = {
    {1, 64, 1000, ""},
    {2, 64, 1000, "snapshot_interval: 1s\n"},
    {4, 1, 3, "commit_interval: 1ms\n"},
    {4, 4096, 30000, "snapshot_interval: 1s\n"},
    {3, 7, 100, ""},
    {2, 1000, 5000, "commit_interval: 100ms\n"},
};

static char *
run(size_t way, const struct talk *t, struct house *h, const struct house *like, size_t *n)
{
	struct lw_client *c;
	char settings[256];
	size_t i;

	snprintf(settings, sizeof(settings), "workers: %u\nlog_level: warn\n%s",
	    ways[way].workers, ways[way].more);
	house_make(h, settings, like);
	house_start(h);
	assert_int_equal(house_number(h, "workers"), ways[way].workers);
	c = house_plugin(h, "one", ways[way].batch);
	for (i = 0; i < t->n; i++) {
		assert_int_equal(lw_client_observe(c, &t->ev[i]), 0);
		if (i % ways[way].burst == 0)
			plugins_turn(&c, 1, 0);
	}
	assert_true(plugins_flush(&c, 1, 60000));
	assert_int_equal(house_number(h, "events"), t->n);
	assert_int_equal(house_number(h, "durable"), t->n);
	assert_int_equal(house_number(h, "engine_errors"), 0);
	lw_client_free(c);
	assert_int_equal(house_end(h, SIGTERM), 0);
	return house_flags(h, n);
}

static void
workers_and_batches_do_not_matter(void **state)
{
	uint64_t seed = test_seed();
	struct house first, other;
	char *want, *got;
	struct talk t;
	size_t i, nwant, ngot;

	(void)state;
	talk_make(&t, "a", EVENTS, seed);
	want = run(0, &t, &first, NULL, &nwant);
	print_message("%zu flags\n", nwant);
	assert_true(nwant > 50);
	for (i = 1; i < sizeof(ways) / sizeof(ways[0]); i++) {
		got = run(i, &t, &other, &first, &ngot);
		house_same_flags(want, got);
		assert_int_equal(nwant, ngot);
		free(got);
		house_clear(&other);
	}
	free(want);
	house_clear(&first);
	talk_clear(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(workers_and_batches_do_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
