/* SPDX-License-Identifier: Apache-2.0 */
/* Generated traffic: the same for a seed, and with the proportions of chat that it claims. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "cli/strset.h"
#include "cli/traffic.h"

#define N 40000

static void
same_seed_same_bytes(void **state)
{
	struct lw_traffic a, b, c;
	size_t differ = 0;

	(void)state;
	assert_int_equal(lw_traffic_generate(&a, 500, 50, 7), 0);
	assert_int_equal(lw_traffic_generate(&b, 500, 50, 7), 0);
	assert_int_equal(lw_traffic_generate(&c, 500, 50, 8), 0);
	for (size_t i = 0; i < 500; i++) {
		assert_true(lw_str_eq(a.ev[i].text, b.ev[i].text));
		assert_true(lw_str_eq(a.ev[i].from, b.ev[i].from));
		differ += !lw_str_eq(a.ev[i].text, c.ev[i].text);
	}
	assert_true(differ > 450);
	lw_traffic_clear(&a);
	lw_traffic_clear(&b);
	lw_traffic_clear(&c);
}

static void
proportions_of_chat(void **state)
{
	struct lw_traffic t;

	(void)state;
	assert_int_equal(lw_traffic_generate(&t, N, 1000, 1), 0);
	assert_true(t.words > 11 * (uint64_t)N && t.words < 13 * (uint64_t)N);
	assert_true(t.bytes > 55 * (uint64_t)N && t.bytes < 70 * (uint64_t)N);
	assert_true(t.non_ascii > N / 40 && t.non_ascii < N / 28);
	assert_true(t.obfuscated > N / 250 && t.obfuscated < N / 160);
	for (size_t i = 0; i < N; i++) {
		assert_true(t.ev[i].text.n > 0);
		assert_false(lw_str_eq(t.ev[i].from, t.ev[i].to));
	}
	lw_traffic_clear(&t);
}

/* Distinct words of messages from..to, added to set. */
static size_t
count_new(struct lw_strset *set, const struct lw_traffic *t, size_t from, size_t to)
{
	size_t before = set->n;

	for (size_t i = from; i < to; i++) {
		struct lw_str rest = t->ev[i].text;

		while (rest.n > 0) {
			const char *sp = memchr(rest.p, ' ', rest.n);
			size_t n = sp != NULL ? (size_t)(sp - rest.p) : rest.n;

			assert_true(lw_strset_add(set, (struct lw_str){rest.p, n}) >= 0);
			rest.p += n + (sp != NULL);
			rest.n -= n + (sp != NULL);
		}
	}
	return set->n - before;
}

static void
new_words_never_stop(void **state)
{
	struct lw_traffic t;
	struct lw_strset set = {0};
	size_t late;

	(void)state;
	assert_int_equal(lw_traffic_generate(&t, N, 1000, 1), 0);
	count_new(&set, &t, 0, N / 2);
	late = count_new(&set, &t, N / 2, N);
	assert_true(late > t.words / 2 / 60); /* one in forty is meant to be new */
	lw_strset_clear(&set);
	lw_traffic_clear(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(same_seed_same_bytes),
	    cmocka_unit_test(proportions_of_chat),
	    cmocka_unit_test(new_words_never_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
