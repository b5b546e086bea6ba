/* SPDX-License-Identifier: Apache-2.0 */
/* The spool's two rings against what went in. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include "base/err.h"
#include "client/spool.h"

static struct lw_str
event(char *buf, uint64_t seq)
{
	int n = snprintf(buf, 64, "<%llu:%.*s>", (unsigned long long)seq,
	    (int)(seq % 23), "xxxxxxxxxxxxxxxxxxxxxxx");

	return (struct lw_str){buf, (size_t)n};
}

/* Take up to n and compare: numbers from *seq on. */
static void
take_and_compare(struct lw_spool *s, size_t n, size_t bytes, uint64_t *seq)
{
	struct lw_str p[2] = {{NULL, 0}, {NULL, 0}};
	size_t k = lw_spool_take(s, n, bytes, p), at = 0, i;
	char all[4096], buf[64];

	assert_true(k <= n);
	assert_true(p[0].n + p[1].n <= sizeof all);
	if (p[0].n > 0)
		memcpy(all, p[0].p, p[0].n);
	if (p[1].n > 0)
		memcpy(all + p[0].n, p[1].p, p[1].n);
	for (i = 0; i < k; i++) {
		struct lw_str want = event(buf, (*seq)++);

		assert_memory_equal(all + at, want.p, want.n);
		at += want.n;
	}
	assert_int_equal(at, p[0].n + p[1].n);
	assert_true(k <= 1 || at <= bytes);
	assert_int_equal(s->unsent, *seq);
}

static void
first_in_first_out_over_the_edge(void **state)
{
	uint64_t put = 1, sent = 1, step;
	struct lw_spool s;
	char buf[64];
	int err;

	(void)state;
	lw_spool_init(&s, 700, 50);
	for (step = 0; step < 20000; step++) {
		err = lw_spool_push(&s, event(buf, put));
		if (err == LW_ELIMIT)
			lw_spool_drop(&s);
		else
			put++;
		assert_int_equal(lw_spool_next(&s), put);
		assert_true(s.used <= 700 && s.n <= 50);
		if (sent < s.first)
			sent = s.first;
		if (step % 7 == 0)
			take_and_compare(&s, step % 11, step % 200, &sent);
		if (step % 13 == 0 && s.n > 3)
			lw_spool_drop(&s);
		if (sent < s.first)
			sent = s.first;
		if (step % 101 == 0) {
			lw_spool_rewind(&s);
			sent = s.first;
		}
	}
	lw_spool_clear(&s);
}

static void
limits(void **state)
{
	struct lw_spool s;
	struct lw_str p[2];
	char buf[64];

	(void)state;
	lw_spool_init(&s, 10, 2);
	assert_int_equal(lw_spool_take(&s, 5, 100, p), 0);
	assert_int_equal(lw_spool_push(&s, (struct lw_str){buf, 11}), LW_ELIMIT);
	assert_int_equal(lw_spool_push(&s, LW_STR("0123456789")), 0);
	assert_int_equal(lw_spool_push(&s, LW_STR("x")), LW_ELIMIT);
	assert_int_equal(lw_spool_take(&s, 5, 3, p), 1); /* one, however large */
	lw_spool_drop(&s);
	assert_int_equal(lw_spool_push(&s, LW_STR("a")), 0);
	assert_int_equal(lw_spool_push(&s, LW_STR("b")), 0);
	assert_int_equal(lw_spool_push(&s, LW_STR("c")), LW_ELIMIT);
	assert_int_equal(s.first, 2);
	lw_spool_clear(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(first_in_first_out_over_the_edge),
	    cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests_name("spool", tests, NULL, NULL);
}
