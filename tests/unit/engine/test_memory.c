/* SPDX-License-Identifier: Apache-2.0 */
/* What windows cost: 20,000 pairs in 24 MiB, which is 1.2 GiB for a million, and caps that
 * hold. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "crowd.h"
#include "window/window.h"

#define MIB ((size_t)1 << 20)

static struct world world;

static void
pairs_fit(void **state)
{
	struct crowd c = {.w = &world, .pairs = 20000};
	struct lw_shard_stats st;
	size_t before, after;

	(void)state;
	world_init(&world);
	before = crowd_resident();
	crowd_fill(&c);
	after = crowd_resident();
	lw_pipeline_stats(world.p, &st);
	print_message("%.1f bytes a window counted, %.1f resident\n",
	    (double)st.bytes / (double)st.windows,
	    (double)(after - before) / (double)st.windows);
	assert_int_equal(st.windows, 40000);
	assert_int_equal(st.with_hits, 2000);
	assert_int_equal(st.evicted, 0);
	assert_true(st.bytes <= 24 * MIB);
#ifndef __SANITIZE_ADDRESS__
	assert_true(before == 0 || after - before <= 24 * MIB);
	/* The count is honest: no more than a tenth below what is there. */
	assert_true(before == 0 || st.bytes * 11 / 10 + 2 * MIB > after - before);
#endif
	world_clear(&world);
}

static void
plain_window_is_small(void **state)
{
	(void)state;
	assert_true(sizeof(struct lw_window) <= 352);
	assert_int_equal(sizeof(struct lw_ring), 296);
}

static void
caps_hold(void **state)
{
	struct crowd c = {.w = &world, .pairs = 20000};
	struct lw_shard_stats st;

	(void)state;
	world_init(&world);
	world.conf.max_windows = 50;
	world_restart(&world);
	crowd_fill(&c);
	lw_pipeline_stats(world.p, &st);
	assert_int_equal(st.windows, 50 * LW_SHARDS);
	assert_int_equal(st.evicted, 40000 - 50 * LW_SHARDS);
	/* Windows with evidence outlive plain ones: not one of 2,000 needed to go. */
	assert_int_equal(st.with_hits, 2000);

	world.conf.max_windows = 8192;
	world.conf.max_bytes = 64 << 10;
	world_restart(&world);
	c.seq = 0;
	crowd_fill(&c);
	lw_pipeline_stats(world.p, &st);
	assert_true(st.bytes <= (64 << 10) * (uint64_t)LW_SHARDS);
	assert_true(st.windows >= 64 * LW_SHARDS);
	world_clear(&world);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pairs_fit),
	    cmocka_unit_test(plain_window_is_small),
	    cmocka_unit_test(caps_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
