/* SPDX-License-Identifier: Apache-2.0 */
/* The folding machine: state between code points, and the sink that it writes to.
 * Private to the room. */
#ifndef LW_TEXT_MACHINE_H
#define LW_TEXT_MACHINE_H

#include "text/table.h"

/* Kept marks after one letter; what piles up above it is dropped. Bounds the walk back. */
#define LW_MARKS_MAX 16
/* Bytes that one code point may add: its expansion, and a space before it. */
#define LW_STEP_MAX (LW_E_LEN_MAX + 4)

enum lw_pending { LW_P_NONE, LW_P_APOS, LW_P_SEP };

struct lw_machine {
	const struct lw_text_table *t;
	uint8_t *p;
	uint32_t *start, *end; /* NULL: no map wanted */
	size_t o, cap;
	uint32_t seen; /* end of the original bytes of the last word character */
	uint8_t pend;  /* enum lw_pending: what stands before the next word character */
	uint8_t kind; /* class of the letters of this word, LW_C_DIGIT before the first */
	uint8_t last;  /* class of the last word character */
	uint8_t ccc;   /* combining class of the last one written */
	uint8_t marks; /* kept marks since the last starter */
	bool spaced;   /* a space was written */
	bool full;     /* cap was met: the output is void */
};

/* Fold s[0..n) into the sink. With a map, the caller has made sure of LW_STEP_MAX bytes for
 * every three of s and LW_STEP_MAX more, and pend is LW_P_SEP at first; without one it tests
 * full afterwards. */
void lw_machine_run(struct lw_machine *m, const uint8_t *s, size_t n, size_t base);

/* A kept mark, or what may compose with the text before it. e is its IDENT entry. */
void lw_machine_mark(
    struct lw_machine *m, uint32_t cp, uint32_t e, uint32_t from, uint32_t to);

#endif
