/* SPDX-License-Identifier: Apache-2.0 */
/* What Unicode's own tables do not say: supplement to the fold and look-alike letters.
 * Private to the room. */
#ifndef LW_TEXT_DATA_H
#define LW_TEXT_DATA_H

#include <stddef.h>
#include <stdint.h>
#include <uchar.h>
#include "text/table.h"

/* Every code point of `from` folds to `to`; spaces in `to` make it a word of its own. */
struct lw_text_supplement {
	const char *to;
	const char32_t *from;
};

/* first..last fold to base, base + 1, .... */
struct lw_text_range {
	uint32_t first, last;
	char base;
};

/* Code points that look like the ASCII letter `to`: exact ones are the same small letter in
 * nearly every typeface, near ones are the same but for a detail, far ones need good will. */
struct lw_text_lookalike {
	char to;
	const char32_t *exact, *near, *far;
};

/* The other way round: letters of a script that look like a..z, '.' for none. digits: those
 * that look like 0..9. */
struct lw_text_reverse {
	enum lw_text_script script;
	const char32_t *letters, *digits;
};

extern const struct lw_text_supplement lw_text_supplement[];
extern const size_t lw_text_nsupplement;
extern const struct lw_text_range lw_text_ranges[];
extern const size_t lw_text_nranges;
extern const struct lw_text_lookalike lw_text_lookalikes[];
extern const size_t lw_text_nlookalikes;
extern const struct lw_text_reverse lw_text_reverse[];
extern const size_t lw_text_nreverse;
extern const char32_t lw_text_apostrophes[]; /* 0 ends it */
extern const char32_t lw_text_ignored[];     /* beyond Default_Ignorable; 0 ends it */

#endif
