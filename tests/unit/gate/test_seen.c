/* SPDX-License-Identifier: Apache-2.0 */
/* The memory of keys against a plain list, with keys that all want the same slots. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include "base/err.h"
#include "gate/acks.h"
#include "gate/seen.h"

#define CAP 1024

static uint64_t
next(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

static void
same_as_a_list(void **state)
{
	static struct lw_id128 list[CAP];
	uint64_t x = 88172645463325252ULL;
	size_t n = 0, head = 0, i, step;
	struct lw_seen s;

	(void)state;
	assert_int_equal(lw_seen_init(&s, CAP), 0);
	for (step = 0; step < 60000; step++) {
		/* 1500 keys over 40 home slots, at the table's end among others. */
		uint64_t k = next(&x) % 1500;
		struct lw_id128 key = {k, (k % 40 + 2030) & s.mask};
		bool known = false;

		for (i = 0; i < n && !known; i++)
			known = lw_id128_eq(list[(head + i) % CAP], key);
		lw_seen_prefetch(&s, key, 3);
		assert_int_equal(lw_seen_add(&s, key), !known);
		if (known)
			continue;
		if (n == CAP) {
			head = (head + 1) % CAP;
			n--;
		}
		list[(head + n++) % CAP] = key;
	}
	lw_seen_clear(&s);
}

static void
saved_and_loaded_in_order(void **state)
{
	struct lw_seen s, t;
	struct lw_buf b;
	uint64_t i;

	(void)state;
	assert_int_equal(lw_seen_init(&s, CAP), 0);
	assert_int_equal(lw_seen_init(&t, CAP), 0);
	lw_buf_init(&b, 1 << 20);
	for (i = 0; i < CAP + 100; i++)
		assert_true(lw_seen_add(&s, (struct lw_id128){i, i * 7919}));
	assert_int_equal(lw_seen_save(&s, &b), 0);
	assert_int_equal(lw_seen_load(&t, (struct lw_str){(char *)b.data, b.len}), 0);
	assert_int_equal(t.n, CAP);
	assert_false(lw_seen_add(&t, (struct lw_id128){100, 100 * 7919}));
	assert_true(lw_seen_add(&t, (struct lw_id128){1, 7919})); /* forgotten before */
	assert_true(lw_seen_add(&t, (struct lw_id128){100, 100 * 7919})); /* and now this */
	for (i = 0; i < b.len; i += 97)
		assert_int_not_equal(
		    lw_seen_load(&t, (struct lw_str){(char *)b.data, i}), 0);
	lw_buf_clear(&b);
	lw_seen_clear(&s);
	lw_seen_clear(&t);
}

static void
acks_are_cumulative_and_bounded(void **state)
{
	struct lw_acks a;
	uint64_t upto = 0, i;

	(void)state;
	assert_int_equal(lw_acks_init(&a), 0);
	for (i = 1; i <= 5000; i++)
		lw_acks_add(&a, i * 2, i, 2);
	assert_int_equal(a.unacked, 10000);
	assert_false(lw_acks_take(&a, 0, &upto));
	assert_true(lw_acks_take(&a, 10, &upto));
	assert_int_equal(upto, 20);
	assert_false(lw_acks_take(&a, 10, &upto));
	/* What was joined at the cap comes with the last of it, never before. */
	assert_true(lw_acks_take(&a, 4999, &upto));
	assert_int_equal(upto, (LW_ACKS_MAX - 1) * 2);
	assert_true(lw_acks_take(&a, 5000, &upto));
	assert_int_equal(upto, 10000);
	assert_int_equal(a.unacked, 0);
	lw_acks_clear(&a);
}

static void
asks_are_found_once(void **state)
{
	struct lw_asks a = {.ring = NULL};
	uint64_t i;

	(void)state;
	assert_int_equal(lw_asks_take(&a, 1), 0);
	for (i = 1; i <= 1000; i++)
		assert_int_equal(lw_asks_add(&a, i * 3, i), 0);
	assert_int_equal(lw_asks_take(&a, 4), 0);
	for (i = 1000; i >= 1; i--) {
		assert_int_equal(lw_asks_take(&a, i * 3), i);
		assert_int_equal(lw_asks_take(&a, i * 3), 0);
	}
	assert_int_equal(a.n, 0);
	for (i = 1; i <= LW_ASKS_MAX + 10; i++)
		assert_int_equal(lw_asks_add(&a, 10000 + i, i), 0);
	assert_int_equal(a.n, LW_ASKS_MAX);
	assert_int_equal(lw_asks_take(&a, 10010), 0); /* the oldest had to go */
	assert_int_equal(lw_asks_take(&a, 10011), 11);
	lw_asks_clear(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(same_as_a_list),
	    cmocka_unit_test(saved_and_loaded_in_order),
	    cmocka_unit_test(acks_are_cumulative_and_bounded),
	    cmocka_unit_test(asks_are_found_once),
	};

	return cmocka_run_group_tests_name("seen", tests, NULL, NULL);
}
