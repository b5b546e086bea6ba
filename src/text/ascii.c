/* SPDX-License-Identifier: Apache-2.0 */
/* The fast path: ASCII in, folded bytes with origins out, same as the machine gives
 * (a test compares them). Blocks of 16 with SSE2 where that is there. Owns nothing. */
#include <string.h>
#include "text/ascii.h"
#ifdef __SSE2__
#include <emmintrin.h>
#endif

struct sink {
	const uint8_t *tab;
	uint8_t *out;
	uint32_t *start, *end;
	size_t o; /* out[o-1] is there: the first sentinel at least */
};

bool
lw_ascii_is(const uint8_t *s, size_t n)
{
	uint64_t w, all = 0;
	size_t i;

	if (n < 8) {
		for (i = 0; i < n; i++)
			all |= s[i];
		return all < 0x80;
	}
	for (i = 0; i < n - 8; i += 8) {
		memcpy(&w, s + i, 8);
		all |= w;
	}
	memcpy(&w, s + n - 8, 8); /* the last bytes, some of them again */
	all |= w;
	return (all & 0x8080808080808080u) == 0;
}

/* Between a letter and a letter or digit an apostrophe vanishes. */
static bool
is_joined(const uint8_t *tab, const uint8_t *s, size_t n, size_t i)
{
	uint8_t before, after;

	if (i == 0 || i + 1 == n)
		return false;
	before = tab[s[i - 1]];
	after = tab[s[i + 1]];
	return before >= '0' && after >= '0' && (before > '9' || after > '9');
}

#ifdef __SSE2__
static __m128i
between(__m128i v, char below, char above)
{
	return _mm_and_si128(_mm_cmpgt_epi8(v, _mm_set1_epi8(below)),
	    _mm_cmplt_epi8(v, _mm_set1_epi8(above)));
}

static void
count_up(uint32_t *to, uint32_t from)
{
	__m128i v = _mm_add_epi32(_mm_set1_epi32((int)from), _mm_set_epi32(3, 2, 1, 0));
	int i;

	for (i = 0; i < 4; i++) {
		_mm_storeu_si128((__m128i *)(void *)(to + 4 * i), v);
		v = _mm_add_epi32(v, _mm_set1_epi32(4));
	}
}

/* Bit for each apostrophe of the 16 bytes at i that vanishes. */
static unsigned
joined_bits(const struct sink *k, const uint8_t *s, size_t n, size_t i, unsigned apos)
{
	unsigned bits = 0, d;

	for (; apos != 0; apos &= apos - 1) {
		d = (unsigned)__builtin_ctz(apos);
		if (is_joined(k->tab, s, n, i + d))
			bits |= 1u << d;
	}
	return bits;
}

/* The lowered bytes from..to-1 of the block at i; writes 16, the next write mends it. */
static void
put_run(struct sink *k, const uint8_t *low, size_t i, unsigned from, unsigned to)
{
	memcpy(k->out + k->o, low + from, 16);
	count_up(k->start + k->o, (uint32_t)(i + from));
	count_up(k->end + k->o, (uint32_t)(i + from + 1));
	k->o += to - from;
}

/* The 16 bytes of b, which are those of s at i: a run of bytes up to each one that is
 * dropped, an apostrophe within a word or a separator behind another. */
static void
fold_block(struct sink *k, const uint8_t *b, const uint8_t *s, size_t n, size_t i)
{
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)b), word, apos;
	unsigned sep, joined, drop, from = 0, d;
	uint8_t low[32];

	apos = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('\'')),
	    _mm_cmpeq_epi8(v, _mm_set1_epi8('`')));
	v = _mm_or_si128(
	    v, _mm_and_si128(between(v, 'A' - 1, 'Z' + 1), _mm_set1_epi8(0x20)));
	word = _mm_or_si128(between(v, 'a' - 1, 'z' + 1), between(v, '0' - 1, '9' + 1));
	v = _mm_or_si128(
	    _mm_and_si128(word, v), _mm_andnot_si128(word, _mm_set1_epi8(' ')));
	_mm_storeu_si128((__m128i *)(void *)low, v);
	joined = joined_bits(k, s, n, i, (unsigned)_mm_movemask_epi8(apos));
	sep = ~(unsigned)_mm_movemask_epi8(word) & 0xffffu & ~joined;
	drop = joined | (sep & (sep << 1 | (k->out[k->o - 1] == ' ')));
	for (; drop != 0; drop &= drop - 1) {
		d = (unsigned)__builtin_ctz(drop);
		if (d > from)
			put_run(k, low, i, from, d);
		if ((sep >> d & 1) != 0)
			k->end[k->o - 1] = (uint32_t)(i + d + 1);
		from = d + 1;
	}
	if (from < 16)
		put_run(k, low, i, from, 16);
}

static void
fold_all(struct sink *k, const uint8_t *s, size_t n)
{
	uint8_t rest[32];
	size_t i;

	for (i = 0; i + 16 <= n; i += 16)
		fold_block(k, s + i, s, n, i);
	if (i == n)
		return;
	memset(rest, 'x', sizeof(rest));
	if (n >= 16)
		memcpy(rest, s + n - 16, 16);
	else
		memcpy(rest + 16 - n, s, n);
	fold_block(k, rest + (16 - (n - i)), s, n, i);
	k->o -= i + 16 - n; /* the padding */
}

#else
/* No branch on what a byte is, apostrophes excepted. A separator after
 * a separator is written over it, with the start of the gap. */
static void
fold_all(struct sink *k, const uint8_t *s, size_t n)
{
	const uint8_t *tab = k->tab;
	uint8_t *out = k->out;
	uint32_t *start = k->start, *end = k->end, gap = 0;
	size_t i, o = k->o, sep = out[o - 1] == ' ', again;

	for (i = 0; i < n; i++) {
		uint8_t c = tab[s[i]];

		if (c == '\'') {
			if (is_joined(tab, s, n, i))
				continue;
			c = ' ';
		}
		again = sep & (c == ' ');
		sep = c == ' ';
		gap = again ? gap : (uint32_t)i;
		o -= again;
		out[o] = c;
		start[o] = gap;
		end[o] = (uint32_t)(i + 1);
		o++;
	}
	k->o = o;
}
#endif

size_t
lw_ascii_fold(const uint8_t *tab, const uint8_t *s, size_t n, uint8_t *out,
    uint32_t *start, uint32_t *end)
{
	struct sink k = {.tab = tab, .out = out, .start = start, .end = end, .o = 1};

	out[0] = ' ';
	start[0] = end[0] = 0;
	fold_all(&k, s, n);
	if (out[k.o - 1] == ' ') /* the gap at the end, or nothing but the first sentinel */
		return k.o;
	out[k.o] = ' ';
	start[k.o] = end[k.o] = (uint32_t)n;
	return k.o + 1;
}
