/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the room's tests. The reference knows nothing of the room's own table. */
#include "util.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/utf16.h>
#include "text/fold.h"

#define UNITS 8192

uint64_t
test_seed(void)
{
	const char *z = getenv("LW_TEST_SEED");
	uint64_t seed = z != NULL ? strtoull(z, NULL, 10) : (uint64_t)time(NULL);

	print_message(
	    "seed %llu (set LW_TEST_SEED to repeat)\n", (unsigned long long)seed);
	return seed * 2862933555777941757u + 3037000493u;
}

uint32_t
test_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (uint32_t)(*state >> 32);
}

int
test_text_setup(void **state)
{
	(void)state;
	return lw_text_init();
}

int
test_text_teardown(void **state)
{
	(void)state;
	lw_text_exit();
	return 0;
}

static int32_t
strip(const UChar *in, int32_t n, UChar *out)
{
	static const uint8_t kept[] = {0, 8, 9, 84, 91, 103, 107, 118, 122, 129, 130, 132};
	int32_t i, o = 0;
	UChar32 c;
	size_t k;

	for (i = 0; i < n;) {
		U16_NEXT(in, i, n, c);
		for (k = 0; k < sizeof(kept); k++) {
			if (u_getCombiningClass(c) == kept[k])
				break;
		}
		if (k == sizeof(kept) || u_charType(c) == U_ENCLOSING_MARK)
			continue;
		if (u_charType(c) == U_DECIMAL_DIGIT_NUMBER)
			c = '0' + u_charDigitValue(c);
		U16_APPEND_UNSAFE(out, o, c);
	}
	return o;
}

static int32_t
normalize(const UNormalizer2 *n2, const UChar *in, int32_t n, UChar *out)
{
	UErrorCode e = U_ZERO_ERROR;

	n = unorm2_normalize(n2, in, n, out, UNITS, &e);
	assert_true(U_SUCCESS(e));
	return n;
}

size_t
test_reference(const char *in, size_t n, char *out, size_t cap)
{
	static UChar a[UNITS], b[UNITS];
	UErrorCode e = U_ZERO_ERROR;
	int32_t len, res;
	int round;

	u_strFromUTF8(a, UNITS, &len, in, (int32_t)n, &e);
	for (round = 0; round < 2; round++) {
		len = normalize(unorm2_getNFKCCasefoldInstance(&e), a, len, b);
		len = normalize(unorm2_getNFDInstance(&e), b, len, a);
		len = strip(a, len, b);
		len = normalize(unorm2_getNFCInstance(&e), b, len, a);
	}
	u_strToUTF8(out, (int32_t)cap, &res, a, len, &e);
	assert_true(U_SUCCESS(e));
	return (size_t)res;
}
