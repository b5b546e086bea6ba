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

	for (i = 0; i + 8 <= n; i += 8) {
		memcpy(&w, s + i, 8);
		all |= w;
	}
	for (; i < n; i++)
		all |= s[i];
	return (all & 0x8080808080808080u) == 0;
}

/* Between a letter and a letter or digit an apostrophe vanishes. */
static bool
is_joined(const struct sink *k, const uint8_t *s, size_t n, size_t i)
{
	uint8_t before = k->out[k->o - 1], after;

	if (before == ' ' || i + 1 == n || i == 0 || k->tab[s[i - 1]] == '\'')
		return false;
	after = k->tab[s[i + 1]];
	return after != ' ' && after != '\'' && (before > '9' || after > '9');
}

/* Bytes i..to-1 of s; no branch on what a byte is, apostrophes excepted. */
static void
fold_bytes(struct sink *k, const uint8_t *s, size_t n, size_t i, size_t to)
{
	size_t o = k->o;

	for (; i < to; i++) {
		uint8_t c = k->tab[s[i]];
		size_t again;

		if (c == '\'') {
			k->o = o;
			if (is_joined(k, s, n, i))
				continue;
			c = ' ';
		}
		again = (size_t)(c == ' ') & (size_t)(k->out[o - 1] == ' ');
		o -= again;
		k->out[o] = c;
		k->start[o] = again ? k->start[o] : (uint32_t)i;
		k->end[o] = (uint32_t)(i + 1);
		o++;
	}
	k->o = o;
}

#ifdef __SSE2__
static __m128i
between(__m128i v, char below, char above)
{
	return _mm_and_si128(
	    _mm_cmpgt_epi8(v, _mm_set1_epi8(below)), _mm_cmplt_epi8(v, _mm_set1_epi8(above)));
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

/* 16 bytes of words between single separators; false when they need a closer look. */
static bool
fold_block(struct sink *k, const uint8_t *s, size_t i)
{
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)(s + i));
	__m128i word, apos;
	unsigned sep;

	apos = _mm_or_si128(
	    _mm_cmpeq_epi8(v, _mm_set1_epi8('\'')), _mm_cmpeq_epi8(v, _mm_set1_epi8('`')));
	v = _mm_or_si128(
	    v, _mm_and_si128(between(v, 'A' - 1, 'Z' + 1), _mm_set1_epi8(0x20)));
	word = _mm_or_si128(between(v, 'a' - 1, 'z' + 1), between(v, '0' - 1, '9' + 1));
	sep = ~(unsigned)_mm_movemask_epi8(word) & 0xffffu;
	if ((sep & (sep << 1 | (k->out[k->o - 1] == ' '))) != 0 ||
	    _mm_movemask_epi8(apos) != 0)
		return false;
	v = _mm_or_si128(_mm_and_si128(word, v), _mm_andnot_si128(word, _mm_set1_epi8(' ')));
	_mm_storeu_si128((__m128i *)(void *)(k->out + k->o), v);
	count_up(k->start + k->o, (uint32_t)i);
	count_up(k->end + k->o, (uint32_t)i + 1);
	k->o += 16;
	return true;
}
#endif

size_t
lw_ascii_fold(const uint8_t *tab, const uint8_t *s, size_t n, uint8_t *out,
    uint32_t *start, uint32_t *end)
{
	struct sink k = {.tab = tab, .out = out, .start = start, .end = end, .o = 1};
	size_t i = 0;

	out[0] = ' ';
	start[0] = end[0] = 0;
#ifdef __SSE2__
	for (; i + 16 <= n; i += 16) {
		if (!fold_block(&k, s, i))
			fold_bytes(&k, s, n, i, i + 16);
	}
#endif
	fold_bytes(&k, s, n, i, n);
	if (out[k.o - 1] == ' ') /* the gap at the end, or nothing but the first sentinel */
		return k.o;
	out[k.o] = ' ';
	start[k.o] = end[k.o] = (uint32_t)n;
	return k.o + 1;
}
