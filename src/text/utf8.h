/* SPDX-License-Identifier: Apache-2.0 */
/* Inline decoder of UTF-8 for the room's loops; utf8.c gives it to other rooms. Strict:
 * overlong forms, surrogates and what is above U+10FFFF are invalid, one byte at a time. */
#ifndef LW_TEXT_UTF8_H
#define LW_TEXT_UTF8_H

#include <stddef.h>
#include <stdint.h>

#define LW_UTF8_BAD 0xfffdu

static inline int
lw_utf8_is_tail(uint8_t b)
{
	return (b & 0xc0) == 0x80;
}

/* *bad tells an invalid byte from a real U+FFFD. */
static inline size_t
lw_utf8_decode(const uint8_t *p, size_t n, uint32_t *cp, int *bad)
{
	uint32_t c = p[0];

	*bad = 0;
	if (c < 0x80) {
		*cp = c;
		return 1;
	}
	if (c >= 0xc2 && c < 0xe0 && n >= 2 && lw_utf8_is_tail(p[1])) {
		*cp = (c & 31) << 6 | (p[1] & 63u);
		return 2;
	}
	if ((c & 0xf0) == 0xe0 && n >= 3 && lw_utf8_is_tail(p[1]) &&
	    lw_utf8_is_tail(p[2])) {
		c = (c & 15) << 12 | (p[1] & 63u) << 6 | (p[2] & 63u);
		if (c >= 0x800 && (c & 0xfffff800u) != 0xd800) {
			*cp = c;
			return 3;
		}
	} else if ((c & 0xf8) == 0xf0 && n >= 4 && lw_utf8_is_tail(p[1]) &&
		   lw_utf8_is_tail(p[2]) && lw_utf8_is_tail(p[3])) {
		c = (c & 7) << 18 | (p[1] & 63u) << 12 | (p[2] & 63u) << 6 | (p[3] & 63u);
		if (c >= 0x10000 && c <= 0x10ffff) {
			*cp = c;
			return 4;
		}
	}
	*bad = 1;
	*cp = LW_UTF8_BAD;
	return 1;
}

/* Code point that ends before p[n], n > 0, of valid UTF-8; returns where it begins. */
static inline size_t
lw_utf8_back(const uint8_t *p, size_t n, uint32_t *cp)
{
	size_t i = n - 1;
	int bad;

	while (i > 0 && lw_utf8_is_tail(p[i]))
		i--;
	(void)lw_utf8_decode(p + i, n - i, cp, &bad);
	return i;
}

#endif
