/* SPDX-License-Identifier: Apache-2.0 */
/* SipHash against the published vectors and against libsodium's implementation. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <sodium.h>
#include "base/hash.h"
#include "base/str.h"

#define LENGTHS 300

static struct lw_hash_key
counting_key(void)
{
	struct lw_hash_key k;

	for (int i = 0; i < 16; i++)
		k.b[i] = (uint8_t)i;
	return k;
}

static void
store_le(uint8_t *to, uint64_t v)
{
	for (int i = 0; i < 8; i++)
		to[i] = (uint8_t)(v >> (8 * i));
}

/* The paper's appendix: 15 bytes 00..0e under the key 00..0f. */
static void
paper_vector(void **state)
{
	struct lw_hash_key k = counting_key();
	uint8_t in[15];

	(void)state;
	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)i;
	assert_true(lw_hash64(&k, in, 15) == UINT64_C(0xa129ca6149be45e5));
}

static void
reference_vectors(void **state)
{
	/* vectors_sip64 and vectors_sip128 of the reference code, first lines */
	static const uint8_t want64[4][8] = {
	    {0x31, 0x0e, 0x0e, 0xdd, 0x47, 0xdb, 0x6f, 0x72},
	    {0xfd, 0x67, 0xdc, 0x93, 0xc5, 0x39, 0xf8, 0x74},
	    {0x5a, 0x4f, 0xa9, 0xd9, 0x09, 0x80, 0x6c, 0x0d},
	    {0x2d, 0x7e, 0xfb, 0xd7, 0x96, 0x66, 0x67, 0x85},
	};
	static const uint8_t want128[2][16] = {
	    {0xa3, 0x81, 0x7f, 0x04, 0xba, 0x25, 0xa8, 0xe6, 0x6d, 0xf6, 0x72, 0x14,
		0xc7, 0x55, 0x02, 0x93},
	    {0xda, 0x87, 0xc1, 0xd8, 0x6b, 0x99, 0xaf, 0x44, 0x34, 0x76, 0x59, 0x11,
		0x9b, 0x22, 0xfc, 0x45},
	};
	static const uint8_t in[4] = {0, 1, 2, 3};
	struct lw_hash_key k = counting_key();
	uint8_t got[16];

	(void)state;
	for (size_t n = 0; n < 4; n++) {
		store_le(got, lw_hash64(&k, in, n));
		assert_memory_equal(got, want64[n], 8);
	}
	for (size_t n = 0; n < 2; n++) {
		struct lw_id128 id = lw_hash128(&k, in, n);

		store_le(got, id.lo);
		store_le(got + 8, id.hi);
		assert_memory_equal(got, want128[n], 16);
	}
}

static void
agrees_with_libsodium(void **state)
{
	struct lw_hash_key k = counting_key();
	uint8_t in[LENGTHS + 1], want[16], got[16];

	(void)state;
	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)(i * 7 + 3);
	for (size_t n = 0; n <= LENGTHS; n++) {
		const uint8_t *p = in + (n < LENGTHS ? 1 : 0); /* unaligned too */
		struct lw_id128 id = lw_hash128(&k, p, n);

		crypto_shorthash_siphash24(want, p, n, k.b);
		store_le(got, lw_hash64(&k, p, n));
		assert_memory_equal(got, want, 8);
		crypto_shorthash_siphashx24(want, p, n, k.b);
		store_le(got, id.lo);
		store_le(got + 8, id.hi);
		assert_memory_equal(got, want, 16);
		k.b[n % 16]++;
	}
}

static void
parts_do_not_run_together(void **state)
{
	struct lw_hash_key k = counting_key();
	struct lw_str ab_c[2] = {LW_STR("ab"), LW_STR("c")};
	struct lw_str a_bc[2] = {LW_STR("a"), LW_STR("bc")};
	struct lw_str abc_0[2] = {LW_STR("abc"), LW_STR("")};
	struct lw_str absent[2] = {LW_STR("abc"), {NULL, 0}};
	static const uint8_t framed[] = {
	    2, 0, 0, 0, 0, 0, 0, 0, 'a', 'b', 1, 0, 0, 0, 0, 0, 0, 0, 'c'};
	struct lw_id128 x = lw_hash128_parts(&k, ab_c, 2);

	(void)state;
	assert_false(lw_id128_eq(x, lw_hash128_parts(&k, a_bc, 2)));
	assert_false(lw_id128_eq(x, lw_hash128_parts(&k, abc_0, 2)));
	assert_false(
	    lw_id128_eq(lw_hash128_parts(&k, abc_0, 2), lw_hash128_parts(&k, abc_0, 1)));
	/* absent and empty are the same thing once stored and read back */
	assert_true(lw_id128_eq(
	    lw_hash128_parts(&k, abc_0, 2), lw_hash128_parts(&k, absent, 2)));
	assert_true(lw_id128_eq(x, lw_hash128(&k, framed, sizeof(framed))));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(paper_vector),
	    cmocka_unit_test(reference_vectors),
	    cmocka_unit_test(agrees_with_libsodium),
	    cmocka_unit_test(parts_do_not_run_together),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
