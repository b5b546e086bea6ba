/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 for other rooms: bytes in, code points out. Owns nothing. */
#include "text/fold.h"
#include "text/utf8.h"

size_t
lw_utf8_next(const uint8_t *p, size_t n, uint32_t *cp)
{
	int bad;

	return lw_utf8_decode(p, n, cp, &bad);
}

bool
lw_utf8_is_valid(const void *text, size_t n)
{
	const uint8_t *p = text;
	size_t i = 0;
	uint32_t cp;
	int bad;

	while (i < n) {
		i += lw_utf8_decode(p + i, n - i, &cp, &bad);
		if (bad)
			return false;
	}
	return true;
}
