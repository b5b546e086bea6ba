/* SPDX-License-Identifier: Apache-2.0 */
/* Arena and buffer: caps, reuse, wiping, sticky errors. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

static void
arena_hands_out_zeroed_aligned_memory(void **state)
{
	struct lw_arena a;
	size_t total = 0;

	(void)state;
	lw_arena_init(&a, 1 << 20);
	for (size_t n = 0; n < 600; n++) {
		unsigned char *p = lw_arena_alloc(&a, n);

		assert_non_null(p);
		assert_int_equal((uintptr_t)p % 16, 0);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xaa, n);
		total += n == 0 ? 16 : (n + 15) / 16 * 16;
	}
	assert_int_equal(a.used, total);
	lw_arena_clear(&a);
}

/* Each time a little more than ever before: what is held must not add up. */
static void
arena_gives_peaks_back(void **state)
{
	struct lw_arena a;
	size_t i, n;

	(void)state;
	lw_arena_init(&a, 32 << 20);
	for (i = 0, n = 300000; i < 200; i++, n += 64) {
		assert_non_null(lw_arena_alloc(&a, n));
		lw_arena_reset(&a);
		assert_true(a.held <= 4 << 20);
	}
	for (i = 0; i < 100; i++)
		assert_non_null(lw_arena_alloc(&a, 200000));
	assert_true(a.held >= 100 * 200000);
	lw_arena_reset(&a);
	assert_true(a.held > 0 && a.held <= 4 << 20);
	lw_arena_clear(&a);
	assert_int_equal(a.held, 0);
}

static void
arena_wipes_and_reuses_on_reset(void **state)
{
	struct lw_arena a;
	unsigned char *first, *again;

	(void)state;
	lw_arena_init(&a, 1 << 20);
	first = lw_arena_dup(&a, "some text here", 14);
	assert_non_null(first);
	assert_memory_equal(first, "some text here", 14);
	assert_non_null(lw_arena_alloc(&a, 100000)); /* a block of its own */
	lw_arena_reset(&a);
	assert_int_equal(a.used, 0);
	for (int i = 0; i < 14; i++)
		assert_int_equal(first[i], 0);
	again = lw_arena_alloc(&a, 14);
	assert_ptr_equal(again, first);
	/* the large block is found again too */
	assert_non_null(lw_arena_alloc(&a, 100000));
	lw_arena_clear(&a);
	assert_null(a.first);
	assert_non_null(lw_arena_alloc(&a, 1)); /* still usable */
	lw_arena_clear(&a);
}

static void
arena_holds_its_cap(void **state)
{
	struct lw_arena a;

	(void)state;
	lw_arena_init(&a, 64);
	assert_non_null(lw_arena_alloc(&a, 48));
	assert_null(lw_arena_alloc(&a, 17));
	assert_non_null(lw_arena_alloc(&a, 16));
	assert_null(lw_arena_alloc(&a, 1));
	assert_null(lw_arena_alloc(&a, SIZE_MAX));
	lw_arena_reset(&a);
	assert_non_null(lw_arena_alloc(&a, 64));
	lw_arena_clear(&a);
}

static void
arena_str_ends_with_nul(void **state)
{
	struct lw_arena a;
	struct lw_str s, none = {NULL, 0};

	(void)state;
	lw_arena_init(&a, 4096);
	s = lw_arena_str(&a, LW_STR("abc"));
	assert_int_equal(s.n, 3);
	assert_string_equal(s.p, "abc");
	s = lw_arena_str(&a, LW_STR(""));
	assert_int_equal(s.n, 0);
	assert_string_equal(s.p, "");
	assert_null(lw_arena_str(&a, none).p);
	lw_arena_clear(&a);
}

static void
buf_keeps_bytes_in_order(void **state)
{
	struct lw_buf b;
	uint8_t next_in = 0, next_out = 0;

	(void)state;
	lw_buf_init(&b, 4096);
	assert_non_null(lw_buf_peek(&b));
	for (int round = 0; round < 2000; round++) {
		for (int i = 0; i < round % 37; i++)
			assert_int_equal(lw_buf_putc(&b, next_in++), LW_OK);
		for (int i = 0; i < round % 31 && lw_buf_left(&b) > 0; i++) {
			assert_int_equal(lw_buf_peek(&b)[0], next_out++);
			lw_buf_consume(&b, 1);
		}
		if (lw_buf_left(&b) > 3900)
			while (lw_buf_left(&b) > 0) {
				assert_int_equal(lw_buf_peek(&b)[0], next_out++);
				lw_buf_consume(&b, 1);
			}
		assert_true(b.cap <= b.max && b.len <= b.cap && b.off <= b.len);
	}
	lw_buf_clear(&b);
	assert_null(b.data);
	assert_int_equal(b.max, 4096);
}

static void
buf_errors_are_sticky(void **state)
{
	struct lw_buf b;

	(void)state;
	lw_buf_init(&b, 10);
	assert_int_equal(lw_buf_puts(&b, "12345678"), LW_OK);
	assert_int_equal(lw_buf_puts(&b, "90x"), LW_ELIMIT);
	assert_int_equal(lw_buf_left(&b), 8);
	assert_int_equal(lw_buf_puts(&b, "9"), LW_ELIMIT); /* would fit, but: sticky */
	assert_int_equal(lw_buf_left(&b), 8);
	lw_buf_reset(&b);
	assert_int_equal(b.err, LW_OK);
	assert_int_equal(lw_buf_puts(&b, "1234567890"), LW_OK);
	/* what was read makes room */
	lw_buf_consume(&b, 4);
	assert_int_equal(lw_buf_puts(&b, "abcd"), LW_OK);
	assert_memory_equal(lw_buf_peek(&b), "567890abcd", 10);
	assert_null(lw_buf_reserve(&b, 1));
	assert_int_equal(b.err, LW_ELIMIT);
	lw_buf_clear(&b);
	assert_int_equal(b.err, LW_OK);
}

static void
buf_wipes_what_was_read(void **state)
{
	struct lw_buf b;

	(void)state;
	lw_buf_init(&b, 64);
	lw_buf_puts(&b, "text");
	lw_buf_consume(&b, 4);
	assert_memory_equal(b.data, "\0\0\0\0", 4);
	lw_buf_puts(&b, "more");
	lw_buf_reset(&b);
	assert_memory_equal(b.data, "\0\0\0\0", 4);
	lw_buf_clear(&b);
}

static void
buf_prints_and_packs(void **state)
{
	struct lw_buf b;
	static const uint8_t want[] = {'n', '=', '4', '2', 0x01, 0x02, 0x03, 0x04};

	(void)state;
	lw_buf_init(&b, 4096);
	assert_int_equal(lw_buf_printf(&b, "n=%d", 42), LW_OK);
	assert_int_equal(lw_buf_put_u32be(&b, 0x01020304), LW_OK);
	assert_int_equal(lw_buf_left(&b), sizeof(want));
	assert_memory_equal(lw_buf_peek(&b), want, sizeof(want));
	assert_int_equal(lw_buf_printf(&b, "%1000d", 7), LW_OK);
	assert_int_equal(lw_buf_left(&b), sizeof(want) + 1000);
	lw_buf_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(arena_hands_out_zeroed_aligned_memory),
	    cmocka_unit_test(arena_wipes_and_reuses_on_reset),
	    cmocka_unit_test(arena_gives_peaks_back),
	    cmocka_unit_test(arena_holds_its_cap),
	    cmocka_unit_test(arena_str_ends_with_nul),
	    cmocka_unit_test(buf_keeps_bytes_in_order),
	    cmocka_unit_test(buf_errors_are_sticky),
	    cmocka_unit_test(buf_wipes_what_was_read),
	    cmocka_unit_test(buf_prints_and_packs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
