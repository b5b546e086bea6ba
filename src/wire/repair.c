/* SPDX-License-Identifier: Apache-2.0 */
/* Text of any bytes in, valid UTF-8 of bounded length out. What is valid already is lent
 * on as it is; a repaired copy lives in the caller's arena. */
#include <stdint.h>
#include "event/event.h"
#include "wire/wire.h"

#define REPLACEMENT "\xef\xbf\xbd"

/* Bytes of the well-formed character at p, or 0; then *bad is the length of the longest
 * ill-formed piece that stands for one mistake (Unicode 3.9, "maximal subpart"). */
static size_t
char_len(const uint8_t *p, const uint8_t *end, size_t *bad)
{
	uint8_t lo = 0x80, hi = 0xbf, b = *p;
	size_t need, i;

	*bad = 1;
	if (b < 0x80)
		return 1;
	if (b < 0xc2 || b > 0xf4)
		return 0;
	need = b < 0xe0 ? 1 : b < 0xf0 ? 2 : 3;
	if (b == 0xe0)
		lo = 0xa0;
	else if (b == 0xed)
		hi = 0x9f;
	else if (b == 0xf0)
		lo = 0x90;
	else if (b == 0xf4)
		hi = 0x8f;
	for (i = 1; i <= need; i++) {
		if (p + i == end || p[i] < lo || p[i] > hi) {
			*bad = i;
			return 0;
		}
		lo = 0x80;
		hi = 0xbf;
	}
	return need + 1;
}

/* Length of the valid text in front. */
static size_t
valid_prefix(struct lw_str s)
{
	const uint8_t *start = (const uint8_t *)s.p, *p = start, *end = start + s.n;
	size_t n, bad;
	uint64_t w;

	while (p < end) {
		if (end - p >= 8) {
			memcpy(&w, p, 8);
			if ((w & 0x8080808080808080ULL) == 0) {
				p += 8;
				continue;
			}
		}
		if ((n = char_len(p, end, &bad)) == 0)
			break;
		p += n;
	}
	return (size_t)(p - start);
}

static struct lw_str
cut(struct lw_str s)
{
	size_t n = LW_EVENT_TEXT_MAX, back = 0;

	if (s.n <= n)
		return s;
	while (back < 3 && ((uint8_t)s.p[n - back] & 0xc0) == 0x80)
		back++;
	/* Four continuation bytes in a row are no character: nothing to spare. */
	s.n = ((uint8_t)s.p[n - back] & 0xc0) == 0x80 ? n : n - back;
	return s;
}

/* Room for the worst: every byte from `valid` on is a mistake of its own. */
static bool
replace(struct lw_str *text, size_t valid, struct lw_arena *arena)
{
	const uint8_t *p = (const uint8_t *)text->p + valid;
	const uint8_t *end = (const uint8_t *)text->p + text->n;
	char *copy = lw_arena_alloc(arena, valid + 3 * (text->n - valid));
	size_t at = valid, n, bad;

	if (copy == NULL)
		return false;
	memcpy(copy, text->p, valid);
	while (p < end) {
		if ((n = char_len(p, end, &bad)) > 0) {
			memcpy(copy + at, p, n);
			at += n;
			p += n;
		} else {
			memcpy(copy + at, REPLACEMENT, 3);
			at += 3;
			p += bad;
		}
	}
	*text = cut((struct lw_str){copy, at});
	return true;
}

bool
lw_text_repair(struct lw_str *text, struct lw_arena *arena)
{
	struct lw_str s = cut(*text);
	bool changed = s.n != text->n;
	size_t valid;

	if (s.n == 0)
		return false;
	valid = valid_prefix(s);
	if (valid < s.n) {
		changed = true;
		if (!replace(&s, valid, arena))
			s.n = valid; /* no memory: the part that is sound */
	}
	*text = s;
	return changed;
}
