/* SPDX-License-Identifier: Apache-2.0 */
/* Windows under their caps: touch, expiry, eviction order, facts and keys. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "base/err.h"
#include "window/convs.h"
#include "window/facts.h"
#include "window/key.h"
#include "window/window.h"

static struct lw_id128
key(unsigned i)
{
	/* Spread like a hash, so that tags differ. */
	return (struct lw_id128){
	    i + 1, (uint64_t)(i + 1) * UINT64_C(0x9e3779b97f4a7c15) | 2};
}

static struct lw_window *
touch(struct lw_windows *ws, unsigned i, uint64_t ts)
{
	struct lw_window *w;

	assert_int_equal(lw_windows_touch(ws, key(i), &ts, &w), 0);
	return w;
}

static void
time_and_expiry(void **state)
{
	struct lw_windows ws;
	struct lw_window *w;
	uint64_t ts;

	(void)state;
	lw_windows_init(&ws, 100, 1 << 20, 1000);
	w = touch(&ws, 1, 5000);
	assert_true(w->first_ms == 5000 && w->last_ms == 5000);
	assert_true(ws.gap_ms == UINT64_MAX);
	ts = 4000;
	assert_int_equal(lw_windows_touch(&ws, key(1), &ts, &w), 0);
	assert_true(ts == 5000 && w->last_ms == 5000 && ws.gap_ms == 0);
	w->messages = 9;
	assert_int_equal(lw_windows_trace(&ws, w), 0);
	w = touch(&ws, 1, 6000);
	assert_true(w->messages == 9 && w->trace != NULL && ws.gap_ms == 1000);
	w = touch(&ws, 1, 7001);
	assert_true(w->messages == 0 && w->trace == NULL && w->first_ms == 7001);
	assert_true(ws.expired == 1 && ws.with_trace == 0 && ws.trace_bytes == 0);
	w = touch(&ws, 2, UINT64_MAX);
	assert_true(w->last_ms == LW_TIME_MAX_MS);
	lw_windows_clear(&ws);
}

static void
plain_and_idle_go_first(void **state)
{
	struct lw_windows ws;
	struct lw_window *w;

	(void)state;
	lw_windows_init(&ws, 12, 1 << 20, 1 << 30);
	for (unsigned i = 0; i < 12; i++) {
		w = touch(&ws, i, 1000 + i);
		if (i % 3 == 0)
			continue;
		assert_int_equal(lw_windows_trace(&ws, w), 0);
		w->trace->band = i % 3 == 1 ? LW_BAND_HIGH : LW_BAND_NONE;
	}
	/* 0, 3, 6, 9 are plain; then 2, 5, 8, 11 of no band; then the rest. */
	static const unsigned order[] = {0, 3, 6, 9, 2, 5, 8, 11, 1, 4, 7, 10};

	for (unsigned i = 0; i < 12; i++) {
		assert_non_null(lw_windows_find(&ws, key(order[i])));
		w = touch(&ws, 100 + i, 5000);
		/* The new one is worth most, so that the next to go is an old one. */
		assert_int_equal(lw_windows_trace(&ws, w), 0);
		w->trace->band = LW_BAND_CRITICAL;
		assert_null(lw_windows_find(&ws, key(order[i])));
	}
	assert_int_equal(ws.evicted, 12);
	assert_int_equal(ws.table.live, 12);
	lw_windows_clear(&ws);
}

static void
busy_stays(void **state)
{
	struct lw_windows ws;
	struct lw_window *w;

	(void)state;
	lw_windows_init(&ws, 8, 1 << 20, 1 << 30);
	for (unsigned i = 0; i < 8; i++)
		touch(&ws, i, 1000 + i)->busy = 1;
	/* With nothing to evict, the cap gives way. */
	w = touch(&ws, 50, 2000);
	assert_int_equal(ws.table.live, 9);
	w->busy = 1;
	lw_windows_find(&ws, key(3))->busy = 0;
	(void)touch(&ws, 51, 2000);
	assert_null(lw_windows_find(&ws, key(3)));
	lw_windows_clear(&ws);
}

static void
bytes_are_capped(void **state)
{
	struct lw_windows ws;

	(void)state;
	lw_windows_init(&ws, 100000, 128 << 10, 1 << 30);
	for (unsigned i = 0; i < 5000; i++)
		(void)touch(&ws, i, 1000 + i);
	assert_true(lw_windows_bytes(&ws) <= 128 << 10);
	assert_true(ws.table.live > 250);
	/* Traces that grow push others out, then shorten the window's own. */
	for (unsigned i = 4900; i < 5000; i++) {
		struct lw_window *w = touch(&ws, i, 6000 + i);
		struct lw_hit h = {.rule = 1, .nspans = 0};
		const struct lw_hit *ptr = &h;
		uint32_t rev = 1;
		static char text[1000];
		struct lw_note_in in = {
		    .text = {text, sizeof(text)}, .hit = &ptr, .rev = &rev, .nhit = 1};

		assert_int_equal(lw_windows_trace(&ws, w), 0);
		for (unsigned k = 0; k < 20; k++) {
			w->busy = 1;
			assert_int_equal(lw_trace_note(w->trace, &in, &ws.trace_bytes), 0);
			lw_windows_trim(&ws, w);
			w->busy = 0;
			assert_true(lw_windows_bytes(&ws) <= 128 << 10);
			assert_non_null(w->trace->first);
		}
	}
	lw_windows_clear(&ws);
	assert_int_equal(ws.trace_bytes, 0);
}

static void
facts_are_kept_and_bounded(void **state)
{
	struct lw_facts f, g;
	struct lw_buf buf;
	struct lw_dec d;
	unsigned known = 0;

	(void)state;
	lw_facts_init(&f, 64);
	assert_int_equal(lw_facts_get(&f, key(1)), 0);
	for (unsigned i = 0; i < 5000; i++) {
		assert_int_equal(lw_facts_put(&f, key(i), (uint8_t)(i % 255 + 1)), 0);
		/* What is used stays. */
		assert_int_equal(lw_facts_get(&f, key(0)), 1);
		assert_int_equal(lw_facts_peek(&f, key(i)), i % 255 + 1);
	}
	assert_int_equal(f.bytes, 64 * 64);
	for (unsigned i = 0; i < 5000; i++) {
		uint8_t bits = lw_facts_peek(&f, key(i));

		assert_true(bits == 0 || bits == i % 255 + 1);
		known += bits != 0;
	}
	assert_int_equal(known, f.live);
	assert_true(known > 500 && known <= 512);
	assert_int_equal(lw_facts_put(&f, key(0), 9), 0);
	assert_int_equal(lw_facts_get(&f, key(0)), 9);
	lw_buf_init(&buf, 1 << 20);
	lw_facts_save(&f, &buf);
	lw_facts_init(&g, 64);
	lw_dec_init(&d, (struct lw_str){(const char *)buf.data, buf.len});
	assert_int_equal(lw_facts_load(&g, &d), 0);
	assert_int_equal(g.live, f.live);
	assert_memory_equal(g.e, f.e, f.bytes);
	lw_facts_clear(&g);
	/* A fact in a bucket that is not its own is refused. */
	buf.data[4 + 1] ^= 1;
	lw_dec_init(&d, (struct lw_str){(const char *)buf.data, buf.len});
	assert_int_equal(lw_facts_load(&g, &d), LW_EINVAL);
	lw_facts_clear(&g);
	lw_facts_clear(&f);
	lw_buf_clear(&buf);
}

static void
few_facts_all_stay(void **state)
{
	struct lw_facts f;

	(void)state;
	lw_facts_init(&f, LW_FACTS_MAX);
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(lw_facts_put(&f, key(i), 7), 0);
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(lw_facts_get(&f, key(i)), 7);
	lw_facts_clear(&f);
}

static void
keys_do_not_collide(void **state)
{
	struct lw_hash_key k = {{1, 2, 3}};
	struct lw_str t = LW_STR("t"), a = LW_STR("a"), b = LW_STR("b");
	struct lw_id128 ab = lw_key_pair(&k, t, a, b), ba = lw_key_pair(&k, t, b, a);
	char big[400];

	(void)state;
	assert_true(lw_id128_eq(lw_key_back(ab), ba));
	assert_false(lw_id128_eq(ab, ba));
	assert_int_equal(lw_key_shard(ab), lw_key_shard(ba));
	assert_false(lw_id128_eq(ab, lw_key_sender(&k, t, a, b)));
	assert_false(lw_id128_eq(lw_key_conv(&k, t, a), lw_key_user(&k, t, a)));
	/* Names that run together are told apart, short or long. */
	assert_false(lw_id128_eq(lw_key_sender(&k, t, LW_STR("ab"), LW_STR("c")),
	    lw_key_sender(&k, t, LW_STR("a"), LW_STR("bc"))));
	memset(big, 'x', sizeof(big));
	assert_false(lw_id128_eq(
	    lw_key_sender(&k, t, (struct lw_str){big, 200}, (struct lw_str){big, 199}),
	    lw_key_sender(&k, t, (struct lw_str){big, 199}, (struct lw_str){big, 200})));
	ab = lw_key_pair(&k, t, (struct lw_str){big, 200}, (struct lw_str){big, 199});
	ba = lw_key_pair(&k, t, (struct lw_str){big, 199}, (struct lw_str){big, 200});
	assert_true(lw_id128_eq(lw_key_back(ab), ba));
}

static void
speakers_are_remembered(void **state)
{
	struct lw_convs c;
	const struct lw_conv *v = NULL;
	static const char *const who[] = {"a", "b", "c", "d", "e", "b"};

	(void)state;
	lw_convs_init(&c, 4);
	for (unsigned i = 0; i < 6; i++)
		assert_int_equal(lw_convs_speak(&c, key(1), lw_str(who[i]),
				     key((unsigned)who[i][0]), 1000 + i, &v),
		    0);
	assert_int_equal(v->nspeakers, 4);
	assert_memory_equal(v->speaker[0].name, "b", 1);
	assert_memory_equal(v->speaker[1].name, "e", 1);
	assert_memory_equal(v->speaker[3].name, "c", 1);
	for (unsigned i = 0; i < 50; i++)
		assert_int_equal(
		    lw_convs_speak(&c, key(100 + i), LW_STR("a"), key(1), 2000 + i, &v),
		    0);
	assert_int_equal(c.table.live, 4);
	lw_convs_clear(&c);
	assert_int_equal(c.name_bytes, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(time_and_expiry),
	    cmocka_unit_test(plain_and_idle_go_first),
	    cmocka_unit_test(busy_stays),
	    cmocka_unit_test(bytes_are_capped),
	    cmocka_unit_test(facts_are_kept_and_bounded),
	    cmocka_unit_test(few_facts_all_stay),
	    cmocka_unit_test(keys_do_not_collide),
	    cmocka_unit_test(speakers_are_remembered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
