/* SPDX-License-Identifier: Apache-2.0 */
/* Not a test: bytes a window and ns a step without matching, at as many pairs as asked
 * for. In: number of pairs (default 1,000,000). Out: one line. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "crowd.h"

#define STEPS 2000000u

static struct world world;

static int
by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Batches of messages to random windows; times of routing, prefetch and steps, and of the
 * fake matcher alone. Median of batches, so that a neighbour's work does not count. */
static void
steps(struct crowd *c, double *ns, double *scan_ns)
{
	size_t n = STEPS / CROWD_BATCH;
	uint64_t *took = malloc(n * sizeof(*took)), x = 1, t;
	static struct lw_match match;
	struct lw_matcher *m;

	assert_int_equal(lw_matcher_new(&m, 0), 0);
	for (size_t b = 0; b < n; b++) {
		size_t nextra;

		for (c->n = 0; c->n < CROWD_BATCH - 1;) {
			x = x * UINT64_C(6364136223846793005) + 1442695040888963407u;
			crowd_say(c, (size_t)(x >> 20) % (c->pairs * 2), "one two");
		}
		t = lw_clock_mono_ns();
		assert_int_equal(
		    lw_pipeline_batch(world.p, c->ev, c->n, c->out, c->extra, &nextra), 0);
		took[b] = lw_clock_mono_ns() - t;
	}
	qsort(took, n, sizeof(*took), by_value);
	*ns = (double)took[n / 2] / (CROWD_BATCH - 1);
	t = lw_clock_mono_ns();
	for (size_t i = 0; i < STEPS; i++)
		(void)lw_match_scan(
		    m, &world.rs, NULL, LW_STR("one two"), T0, LW_CH_DIRECT, &match);
	*scan_ns = (double)(lw_clock_mono_ns() - t) / STEPS;
	lw_matcher_free(m);
	free(took);
}

int
main(int argc, char **argv)
{
	static struct crowd c;
	struct lw_shard_stats st;
	size_t before;
	double ns, scan_ns;

	c.w = &world;
	c.pairs = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000;
	world_init(&world);
	before = crowd_resident();
	crowd_fill(&c);
	lw_pipeline_stats(world.p, &st);
	steps(&c, &ns, &scan_ns);
	printf("windows %llu, with hits %llu, evicted %llu, bytes %llu (%.1f a window), "
	       "resident %zu (%.1f), %.1f ns a message of which matcher %.1f\n",
	    (unsigned long long)st.windows, (unsigned long long)st.with_hits,
	    (unsigned long long)st.evicted, (unsigned long long)st.bytes,
	    (double)st.bytes / (double)st.windows, crowd_resident() - before,
	    (double)(crowd_resident() - before) / (double)st.windows, ns, scan_ns);
	world_clear(&world);
	return 0;
}
