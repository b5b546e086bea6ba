/* SPDX-License-Identifier: Apache-2.0 */
/* The table against a plain array: find, add, delete, rekey, save and load. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "window/table.h"

#define KEYS 700

struct entry {
	uint64_t before;
	struct lw_id128 key;
	uint64_t value;
};

static uint64_t
next(uint64_t *x)
{
	*x = *x * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return *x >> 24;
}

/* Keys that fall together: few tags, and pairs that differ in the last bit. */
static struct lw_id128
key_of(unsigned i)
{
	return (struct lw_id128){i / 2 + 1, (uint64_t)(i / 2 % 40) << 32 | 2 | (i & 1)};
}

static void
against_an_array(void **state)
{
	struct lw_table t;
	uint64_t want[KEYS] = {0}, x = 1;
	unsigned live = 0;

	(void)state;
	lw_table_init(&t, sizeof(struct entry), offsetof(struct entry, key));
	for (int n = 0; n < 60000; n++) {
		unsigned i = (unsigned)(next(&x) % KEYS);
		unsigned j = (unsigned)(next(&x) % KEYS);
		struct entry *e = lw_table_find(&t, key_of(i));

		assert_true((e != NULL) == (want[i] != 0));
		if (e != NULL) {
			assert_true(e->value == want[i]);
			assert_non_null(lw_table_guess(&t, key_of(i)));
		}
		switch (next(&x) % 3) {
		case 0:
			if (e == NULL) {
				e = lw_table_add(&t, key_of(i));
				assert_non_null(e);
				assert_true(e->value == 0 && e->before == 0);
				live++;
			}
			e->value = want[i] = next(&x) + 1;
			break;
		case 1:
			if (e != NULL) {
				lw_table_del(&t, e);
				want[i] = 0;
				live--;
			}
			break;
		default:
			if (e != NULL && want[j] == 0) {
				lw_table_rekey(&t, e, key_of(j));
				want[j] = want[i];
				want[i] = 0;
			}
		}
		assert_int_equal(t.live, live);
	}
	lw_table_clear(&t);
	assert_null(lw_table_find(&t, key_of(0)));
	assert_int_equal(t.bytes, 0);
}

static void
zero_is_no_key(void **state)
{
	struct lw_table t;

	(void)state;
	lw_table_init(&t, sizeof(struct entry), offsetof(struct entry, key));
	assert_null(lw_table_add(&t, (struct lw_id128){0, 0}));
	lw_table_clear(&t);
}

static void
cost_is_what_it_takes(void **state)
{
	struct lw_table t;

	(void)state;
	lw_table_init(&t, sizeof(struct entry), offsetof(struct entry, key));
	for (unsigned i = 0; i < 500; i++) {
		size_t before = t.bytes, cost = lw_table_add_cost(&t);

		assert_non_null(lw_table_add(&t, key_of(i)));
		/* The list of slabs grows besides, by a few pointers. */
		assert_in_range(t.bytes - before, cost, cost + 1024);
	}
	lw_table_clear(&t);
}

static uint64_t
rank(const void *entry, const void *ctx)
{
	const struct entry *e = entry;
	const uint64_t *never = ctx;

	return e->value == *never ? LW_TABLE_NEVER : e->value;
}

static void
victims(void **state)
{
	struct lw_table t;
	struct entry *e;
	uint64_t never = 0;

	(void)state;
	lw_table_init(&t, sizeof(struct entry), offsetof(struct entry, key));
	assert_null(lw_table_victim(&t, rank, &never));
	for (unsigned i = 0; i < 10; i++) {
		e = lw_table_add(&t, key_of(i));
		e->value = 100 - i;
	}
	e = lw_table_victim(&t, rank, &never);
	assert_true(e->value == 91);
	never = 91;
	e = lw_table_victim(&t, rank, &never);
	assert_true(e->value == 92);
	/* Among many only the next few are looked at, going round. */
	for (unsigned i = 10; i < 200; i++) {
		e = lw_table_add(&t, key_of(i));
		e->value = 1000 - i;
	}
	t.hand = 20;
	never = 0;
	e = lw_table_victim(&t, rank, &never);
	assert_true(e->value == 1000 - 35);
	e = lw_table_victim(&t, rank, &never);
	assert_true(e->value == 1000 - 51);
	lw_table_clear(&t);
}

static void
put(struct lw_buf *out, const void *entry, void *ctx)
{
	(void)ctx;
	lw_enc_u64(out, ((const struct entry *)entry)->value);
}

static int
get(struct lw_dec *d, void *entry, void *ctx)
{
	(void)ctx;
	((struct entry *)entry)->value = lw_dec_u64(d);
	return d->bad ? LW_EINVAL : 0;
}

/* The slot that is free next, the hand and the costs come back too. */
static void
saved_and_loaded(void **state)
{
	struct lw_table a, b;
	struct lw_buf buf;
	struct lw_dec d;
	uint64_t x = 5, never = 0;

	(void)state;
	lw_table_init(&a, sizeof(struct entry), offsetof(struct entry, key));
	lw_table_init(&b, sizeof(struct entry), offsetof(struct entry, key));
	for (unsigned i = 0; i < 300; i++)
		((struct entry *)lw_table_add(&a, key_of(i)))->value = next(&x);
	for (unsigned i = 0; i < 300; i += 2)
		lw_table_del(&a, lw_table_find(&a, key_of(i)));
	(void)lw_table_victim(&a, rank, &never);
	lw_buf_init(&buf, 1 << 20);
	lw_table_save(&a, &buf, put, NULL);
	lw_dec_init(&d, (struct lw_str){(const char *)buf.data, buf.len});
	assert_int_equal(lw_table_load(&b, &d, 300, get, NULL), 0);
	assert_int_equal(d.n, 0);
	assert_int_equal(a.bytes, b.bytes);
	for (unsigned i = 0; i < 300; i++) {
		struct entry *p = lw_table_find(&a, key_of(i));
		struct entry *q = lw_table_find(&b, key_of(i));

		assert_true((p == NULL) == (q == NULL));
		assert_true(p == NULL || p->value == q->value);
	}
	for (unsigned i = 0; i < 400; i++) {
		struct entry *p, *q;

		if (i % 3 == 0) {
			p = lw_table_victim(&a, rank, &never);
			q = lw_table_victim(&b, rank, &never);
			assert_true(lw_id128_eq(p->key, q->key));
			lw_table_del(&a, p);
			lw_table_del(&b, q);
			continue;
		}
		assert_int_equal(lw_table_add_cost(&a), lw_table_add_cost(&b));
		p = lw_table_add(&a, key_of(1000 + i));
		q = lw_table_add(&b, key_of(1000 + i));
		p->value = q->value = next(&x);
	}
	/* More slots than the cap are refused. */
	lw_table_clear(&b);
	lw_dec_init(&d, (struct lw_str){(const char *)buf.data, buf.len});
	assert_int_equal(lw_table_load(&b, &d, 299, get, NULL), LW_EINVAL);
	lw_table_clear(&a);
	lw_table_clear(&b);
	lw_buf_clear(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(against_an_array),
	    cmocka_unit_test(zero_is_no_key),
	    cmocka_unit_test(cost_is_what_it_takes),
	    cmocka_unit_test(victims),
	    cmocka_unit_test(saved_and_loaded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
