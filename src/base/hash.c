/* SPDX-License-Identifier: Apache-2.0 */
/* SipHash-2-4 with 64 and 128 bits of output, after the paper and its published test
 * vectors. In: a key and bytes. Out: a number. Owns nothing. */
#include <string.h>
#include "base/hash.h"
#include "base/str.h"

/* Everything that takes this state is inlined, so that it stays in registers: hashes are
 * made for every message. */
#define INLINE static inline __attribute__((always_inline))

struct sip {
	uint64_t v0, v1, v2, v3;
	uint64_t tail; /* bytes that do not fill a word yet */
	uint64_t total;
};

INLINE uint64_t
rotl(uint64_t x, int n)
{
	return x << n | x >> (64 - n);
}

INLINE uint64_t
load64le(const uint8_t *p)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
#else
	uint64_t v = 0;

	for (int i = 7; i >= 0; i--)
		v = v << 8 | p[i];
	return v;
#endif
}

INLINE void
sip_round(struct sip *s)
{
	s->v0 += s->v1;
	s->v2 += s->v3;
	s->v1 = rotl(s->v1, 13) ^ s->v0;
	s->v3 = rotl(s->v3, 16) ^ s->v2;
	s->v0 = rotl(s->v0, 32);
	s->v2 += s->v1;
	s->v0 += s->v3;
	s->v1 = rotl(s->v1, 17) ^ s->v2;
	s->v3 = rotl(s->v3, 21) ^ s->v0;
	s->v2 = rotl(s->v2, 32);
}

INLINE void
sip_rounds4(struct sip *s)
{
	sip_round(s);
	sip_round(s);
	sip_round(s);
	sip_round(s);
}

INLINE void
sip_word(struct sip *s, uint64_t m)
{
	s->v3 ^= m;
	sip_round(s);
	sip_round(s);
	s->v0 ^= m;
}

INLINE void
sip_start(struct sip *s, const struct lw_hash_key *k, bool wide)
{
	uint64_t k0 = load64le(k->b), k1 = load64le(k->b + 8);

	s->v0 = k0 ^ UINT64_C(0x736f6d6570736575);
	s->v1 = k1 ^ UINT64_C(0x646f72616e646f6d);
	s->v2 = k0 ^ UINT64_C(0x6c7967656e657261);
	s->v3 = k1 ^ UINT64_C(0x7465646279746573);
	if (wide)
		s->v1 ^= 0xee;
	s->tail = 0;
	s->total = 0;
}

/* The n < 8 bytes at p, little end first. */
INLINE uint64_t
load_tail(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	if (n & 4)
		v = (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 |
		    (uint64_t)p[3] << 24;
	if (n & 2)
		v |= ((uint64_t)p[n & 4] | (uint64_t)p[(n & 4) + 1] << 8)
		     << (8 * (n & 4));
	if (n & 1)
		v |= (uint64_t)p[n - 1] << (8 * (n - 1));
	return v;
}

INLINE void
sip_byte(struct sip *s, uint8_t byte)
{
	s->tail |= (uint64_t)byte << (8 * (s->total % 8));
	s->total++;
	if (s->total % 8 == 0) {
		sip_word(s, s->tail);
		s->tail = 0;
	}
}

INLINE void
sip_add(struct sip *s, const uint8_t *p, size_t n)
{
	for (; n > 0 && s->total % 8 != 0; n--)
		sip_byte(s, *p++);
	if (n == 0)
		return;
	s->total += n;
	for (; n >= 8; n -= 8, p += 8)
		sip_word(s, load64le(p));
	s->tail = load_tail(p, n);
}

INLINE uint64_t
sip_fold(const struct sip *s)
{
	return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

INLINE struct lw_id128
sip_end128(struct sip *s)
{
	struct lw_id128 id;

	sip_word(s, s->tail | s->total << 56);
	s->v2 ^= 0xee;
	sip_rounds4(s);
	id.lo = sip_fold(s);
	s->v1 ^= 0xdd;
	sip_rounds4(s);
	id.hi = sip_fold(s);
	return id;
}

uint64_t
lw_hash64(const struct lw_hash_key *k, const void *p, size_t n)
{
	struct sip s;

	sip_start(&s, k, false);
	sip_add(&s, p, n);
	sip_word(&s, s.tail | s.total << 56);
	s.v2 ^= 0xff;
	sip_rounds4(&s);
	return sip_fold(&s);
}

struct lw_id128
lw_hash128(const struct lw_hash_key *k, const void *p, size_t n)
{
	struct sip s;

	sip_start(&s, k, true);
	sip_add(&s, p, n);
	return sip_end128(&s);
}

struct lw_id128
lw_hash128_parts(const struct lw_hash_key *k, const struct lw_str *parts, size_t nparts)
{
	struct sip s;

	sip_start(&s, k, true);
	for (size_t i = 0; i < nparts; i++) {
		uint64_t n = parts[i].n;
		uint8_t frame[8];

		for (int j = 0; j < 8; j++)
			frame[j] = (uint8_t)(n >> (8 * j));
		sip_add(&s, frame, sizeof(frame));
		sip_add(&s, (const uint8_t *)parts[i].p, parts[i].n);
	}
	return sip_end128(&s);
}
