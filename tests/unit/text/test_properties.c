/* SPDX-License-Identifier: Apache-2.0 */
/* What must hold for any text: random Unicode of every kind, and random bytes. */
#include "util.h"
#include <unicode/utf8.h>
#include "invariants.h"
#include "text/data.h"

#define TEXTS 6000

/* Where the interesting code points live: first, last. */
static const uint32_t areas[][2] = {{' ', '~'}, {'a', 'z'}, {'0', '9'}, {0x80, 0x24f},
    {0x250, 0x36f}, {0x370, 0x5ff}, {0x600, 0x6ff}, {0x900, 0xdff}, {0xe00, 0xeff},
    {0xf00, 0xfff}, {0x1000, 0x11ff}, {0x1780, 0x17ff}, {0x1d00, 0x1fff},
    {0x2000, 0x206f}, {0x2070, 0x24ff}, {0x2e80, 0x3400}, {0x3040, 0x30ff},
    {0x4e00, 0x4eff}, {0xac00, 0xd7a3}, {0xf900, 0xfdff}, {0xfe00, 0xffff},
    {0x1d400, 0x1d7ff}, {0x1f100, 0x1f6ff}, {0x10000, 0x1ffff}, {0xe0000, 0xe01ff},
    {1, 0x10ffff}};

static const char *const bits[] = {" ", "'", "''", ".", "-", "\342\200\231", "\302\267",
    "\342\200\213", "\314\201", "\343\202\231", "\341\205\241", "\377", "\303", "\340\244",
    "$", "@", "!", "vv", "\360\237\207\246", "\342\204\205", "\357\267\272", "I",
    "www.", "\340\271\210", "\340\270\270", "\357\276\236", "\343\216\241", "\305\211"};

static size_t
append(uint8_t *p, uint64_t *state, const uint32_t *area)
{
	const char *z;
	int32_t n = 0;
	uint32_t c;

	switch (test_random(state) % 8) {
	case 0:
		z = bits[test_random(state) % (sizeof(bits) / sizeof(bits[0]))];
		memcpy(p, z, strlen(z));
		return strlen(z);
	case 1:
		area = areas[test_random(state) % (sizeof(areas) / sizeof(areas[0]))];
		break;
	default:
		break;
	}
	c = area[0] + test_random(state) % (area[1] - area[0] + 1);
	if (c >= 0xd800 && c < 0xe000)
		c = ' ';
	U8_APPEND_UNSAFE(p, n, c);
	return (size_t)n;
}

static void
test_random_unicode(void **st)
{
	uint8_t text[512];
	uint64_t state = test_seed();
	size_t i, n, want;
	const uint32_t *area;

	(void)st;
	for (i = 0; i < TEXTS; i++) {
		area = areas[test_random(&state) % (sizeof(areas) / sizeof(areas[0]))];
		want = test_random(&state) % 120;
		for (n = 0; n < want;)
			n += append(text + n, &state, area);
		fold_must_hold(text, n);
	}
}

static void
test_random_bytes(void **st)
{
	uint8_t text[128];
	uint64_t state = test_seed();
	size_t i, k, n;

	(void)st;
	for (i = 0; i < TEXTS; i++) {
		n = test_random(&state) % sizeof(text);
		for (k = 0; k < n; k++)
			text[k] =
			    (uint8_t)(test_random(&state) >> 8 & (i % 2 ? 0xff : 0x7f));
		fold_must_hold(text, n);
	}
}

/* Long texts cross the seams between chunks. */
static void
test_long_texts(void **st)
{
	static uint8_t text[LW_EVENT_TEXT_MAX];
	uint64_t state = test_seed();
	struct lw_folded f;
	size_t i, n;

	(void)st;
	lw_folded_init(&f);
	for (i = 0; i < 20; i++) {
		for (n = 0; n + 16 < sizeof(text);)
			n += append(text + n, &state, areas[i % 24]);
		MUST(lw_fold(&f, text, n) == 0);
		must_be_well_formed(&f, n);
		words_must_fold_alone(&f, text, n);
	}
	lw_folded_clear(&f);
}

/* No letter of the room's own lists is told twice. */
static void
test_data_has_no_doubles(void **st)
{
	static uint8_t seen[0x110000];
	const char32_t *z;
	size_t i;

	(void)st;
	for (i = 0; i < lw_text_nlookalikes; i++) {
		for (z = lw_text_lookalikes[i].exact; *z != 0; z++)
			assert_int_equal(seen[*z]++, 0);
		for (z = lw_text_lookalikes[i].near; *z != 0; z++)
			assert_int_equal(seen[*z]++, 0);
		for (z = lw_text_lookalikes[i].far; *z != 0; z++)
			assert_int_equal(seen[*z]++, 0);
	}
	memset(seen, 0, sizeof(seen));
	for (i = 0; i < lw_text_nsupplement; i++) {
		for (z = lw_text_supplement[i].from; *z != 0; z++)
			assert_int_equal(seen[*z]++, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_random_unicode),
	    cmocka_unit_test(test_random_bytes),
	    cmocka_unit_test(test_long_texts),
	    cmocka_unit_test(test_data_has_no_doubles),
	};

	return cmocka_run_group_tests(tests, test_text_setup, test_text_teardown);
}
