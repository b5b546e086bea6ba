/* SPDX-License-Identifier: Apache-2.0 */
/* Folding: UTF-8 in, folded bytes out, with a map from every folded byte back to the
 * original. Case, compatibility forms, accents, width, ignorable characters vanish; words
 * are separated by one space. Apostrophes inside a word vanish; every other punctuation
 * mark is a space. Invalid bytes are separators. Method: design notes in the room's README. */
#ifndef LW_TEXT_FOLD_H
#define LW_TEXT_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LW_TEXT_PAD 64 /* readable bytes before and after every folded buffer */
#define LW_WORD_MAX 64 /* raw bytes of a word that de-obfuscation looks at */
#define LW_FORM_MAX (3 * LW_WORD_MAX)

/* Build the process-wide table from ICU; once, before threads. 0 or LW_ELIB, LW_ENOMEM. */
int lw_text_init(void);
void lw_text_exit(void);

/* Owner of the buffers; one a thread. Output of the last lw_fold:
 * p[0] and p[n-1] are sentinel spaces (n >= 1: an empty text is one space);
 * byte i of p came from original bytes start[i]..end[i]; spaces map to the gap they stand for. */
struct lw_folded {
	uint8_t *p; /* owned by the struct; LW_TEXT_PAD readable bytes on both sides */
	uint32_t *start, *end;
	size_t n, cap;
	bool ascii; /* the fast path was taken */
	uint8_t *base;
};

void lw_folded_init(struct lw_folded *f);
void lw_folded_clear(struct lw_folded *f); /* wipes */
/* n <= LW_EVENT_TEXT_MAX. 0 or LW_ENOMEM, LW_ELIMIT. */
int lw_fold(struct lw_folded *f, const void *text, size_t n);

/* Same as lw_fold without table of offsets and sentinels, for pattern words and memo misses:
 * writes at most cap bytes; returns the length, or 0 when it would not fit or is empty.
 * *has_space tells that the fold of this one raw word has several words. */
size_t lw_fold_word(const void *raw, size_t n, uint8_t *out, size_t cap, bool *has_space);

/* Kinds of a raw word, a bit set. */
enum lw_shape {
	LW_SHAPE_PLAIN_ASCII = 1, /* only A-Z a-z and not suspicious: nothing to try */
	LW_SHAPE_NOSPACE = 2,	  /* holds characters of a script without spaces */
	LW_SHAPE_SUSPICIOUS = 4, /* letters with digits or symbols, mixed scripts, run of 3+,
				   * zero-width, fullwidth or styled letters, dotted letters */
	LW_SHAPE_LOOKALIKE = 8 /* all letters look Latin and none is: ordinary in a text of
				   * their script, so worth the confusable form only where
				   * the rest of the message is Latin */
};
unsigned lw_text_shape(const void *raw, size_t n);

/* Confusable form: fold, then every letter of another script that looks like a Latin (or,
 * for a word of mostly another script, that script's) letter is replaced. 0 when it equals
 * the plain fold, has a space or would not fit. */
size_t lw_text_confusable(const void *raw, size_t n, uint8_t *out, size_t cap);

/* Skeleton: leet classes (i l 1 ! | are one class, o 0, a 4 @, e 3, s 5 $, t 7 +, b 8, g 9),
 * confusables, runs squeezed to one, punctuation inside the word dropped. Applied to the raw
 * words of text and to the lexemes of packs alike; equal skeletons mean "could be the same
 * word". 0 when it has no letter (a number is only ever itself), is but one letter, would
 * not fit, or the raw word is longer than LW_WORD_MAX. */
size_t lw_text_skeleton(const void *raw, size_t n, uint8_t *out, size_t cap);

/* Is this code point of a script that is written without spaces (Han, Kana, Bopomofo, Thai,
 * Lao, Khmer, Myanmar)? */
bool lw_text_is_nospace(uint32_t cp);
/* Decode one code point of valid or invalid UTF-8 at p (n > 0 left): returns bytes taken
 * (>= 1) and the code point, 0xFFFD for an invalid byte. */
size_t lw_utf8_next(const uint8_t *p, size_t n, uint32_t *cp);
bool lw_utf8_is_valid(const void *p, size_t n);

#endif
