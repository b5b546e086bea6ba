/* SPDX-License-Identifier: Apache-2.0 */
/* Cuts folded text into words and runs without spaces. In: folded bytes. Out: one segment
 * a call. Pure. */
#include "pack/segment.h"
#include "text/fold.h"

bool
lw_segment_next(const uint8_t *p, size_t n, size_t *at, struct lw_segment *out)
{
	size_t i = *at;

	while (i < n && p[i] == ' ')
		i++;
	*out = (struct lw_segment){.off = i};
	while (i < n && p[i] != ' ') {
		uint32_t cp;
		size_t k = lw_utf8_next(p + i, n - i, &cp);
		bool is_nospace = cp >= 0x80 && lw_text_is_nospace(cp);

		if (out->chars == 0)
			out->is_nospace = is_nospace;
		else if (out->is_nospace != is_nospace)
			break;
		out->chars++;
		i += k;
	}
	out->n = i - out->off;
	*at = i;
	return out->chars > 0;
}
