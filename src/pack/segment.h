/* SPDX-License-Identifier: Apache-2.0 */
/* Folded text cut into what counts as positions: words, and runs of scripts without
 * spaces, where every character is a position of its own. Patterns and text are cut by the
 * same code. */
#ifndef LW_PACK_SEGMENT_H
#define LW_PACK_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lw_segment {
	size_t off, n;	 /* bytes */
	uint32_t chars;	 /* code points */
	bool is_nospace; /* a run of a script without spaces */
};

/* The first segment at or behind *at, which moves behind it; false at the end. */
bool lw_segment_next(const uint8_t *p, size_t n, size_t *at, struct lw_segment *out);

/* Positions that a segment takes. */
static inline uint32_t
lw_segment_positions(const struct lw_segment *s)
{
	return s->is_nospace ? s->chars : 1;
}

#endif
