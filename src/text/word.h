/* SPDX-License-Identifier: Apache-2.0 */
/* A raw word taken apart for de-obfuscation. Private to the room; runs on words that a
 * matcher does not know yet, so it is plain rather than fast. */
#ifndef LW_TEXT_WORD_H
#define LW_TEXT_WORD_H

#include "text/fold.h"
#include "text/table.h"

struct lw_unit {
	uint32_t cp;	/* as written; invalid bytes are U+FFFD */
	uint32_t first; /* first code point of its fold; cp itself for what is no letter */
	uint16_t form;	 /* LW_F_* */
	uint8_t cls;	 /* enum lw_text_class; never IGNORE or DROP */
	uint8_t at, len; /* bytes of the raw word */
};

struct lw_word {
	const uint8_t *raw; /* lent */
	struct lw_unit u[LW_WORD_MAX];
	size_t n;
	bool hidden;  /* something invisible between letters that never need it */
	bool address; /* URL, e-mail address */
};

/* n <= LW_WORD_MAX. */
void lw_word_split(struct lw_word *w, const uint8_t *raw, size_t n);

static inline bool
lw_unit_is_word(const struct lw_unit *u)
{
	return u->cls <= LW_C_FLAG;
}

static inline bool
lw_unit_is_letter(const struct lw_unit *u)
{
	return u->cls == LW_C_LETTER || u->cls == LW_C_FLAG;
}

static inline bool
lw_unit_is_symbol(const struct lw_unit *u)
{
	return u->cls == LW_C_SEP && LW_F_ASCII(u->form) != 0;
}

/* Does the symbol u[i] stand for a letter? Inside a word, and a few at its edges. */
bool lw_word_is_leet(const struct lw_word *w, size_t i);

#endif
