/* SPDX-License-Identifier: Apache-2.0 */
/* The fold table: two-stage trie over all code points. Private to the room.
 * Built once by lw_text_init, read-only afterwards, so threads share it without a lock. */
#ifndef LW_TEXT_TABLE_H
#define LW_TEXT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Class of a code point. The first four are word characters; the class of a letter is
 * also the kind of its run: a run never mixes kinds, digits join any. */
enum lw_text_class {
	LW_C_DIGIT,
	LW_C_LETTER,
	LW_C_NOSPACE, /* letter of a script without spaces */
	LW_C_FLAG, /* regional indicator: a letter, but a flag after a word is no part of it */
	LW_C_SEP,
	LW_C_APOS,
	LW_C_IGNORE, /* vanishes */
	LW_C_DROP    /* mark that vanishes: belongs to the letter before it */
};

/* Fold entry: class | flags | length of the expansion << 8 | its place in the pool << 14.
 * An IDENT entry has no expansion; the high bits hold its combining class instead. */
#define LW_E_CLASS(e) ((e)&7u)
#define LW_E_IDENT 8u	 /* folds to itself */
#define LW_E_COMPLEX 16u /* the expansion has to be folded code point by code point */
#define LW_E_MARK 32u	 /* has a combining class */
#define LW_E_PAIRS 64u	 /* may compose with what is before it */
#define LW_E_LEN(e) (((e) >> 8) & 63u)
#define LW_E_HIGH(e) ((e) >> 14)
#define LW_E_HIGH_MAX ((1u << 18) - 1)
#define LW_E_LEN_MAX 60

/* Form entry: what de-obfuscation wants to know about a code point. */
#define LW_F_ASCII(f) ((f)&127u) /* look-alike a-z of a letter or symbol, 0 none */
#define LW_F_EXACT 128u		 /* the look-alike is the same small letter */
#define LW_F_NEAR 4096u		 /* ... at least but for a detail */
#define LW_F_STYLED 256u	 /* a fullwidth, circled, mathematical... letter */
#define LW_F_SCRIPT(f) (((f) >> 9) & 7u)
enum lw_text_script {
	LW_S_NONE, /* no letter, or of a script that nothing is mixed up with */
	LW_S_LATIN,
	LW_S_CYRILLIC,
	LW_S_GREEK,
	LW_S_ARMENIAN,
	LW_S_EXOTIC /* Cherokee, Coptic, Lisu: look Latin, rarely meant */
};

#define LW_T_SHIFT 6
#define LW_T_BLOCK (1u << LW_T_SHIFT)
#define LW_T_STAGE1 (0x110000u >> LW_T_SHIFT)

struct lw_text_pair {
	uint32_t a, b, c; /* a followed by b is written c */
};

struct lw_text_table {
	uint16_t stage1[LW_T_STAGE1];
	uint32_t *fold; /* nblocks * LW_T_BLOCK */
	uint16_t *form; /* same */
	size_t nblocks, blocks_cap;
	uint8_t *pool;
	size_t pool_n, pool_cap;
	struct lw_text_pair *pairs; /* sorted by a, b */
	size_t npairs, pairs_cap;
	uint8_t ascii[128]; /* folded byte; ' ' separator; '\'' apostrophe */
};

/* NULL before lw_text_init. */
extern const struct lw_text_table *lw_text_table;

static inline size_t
lw_text_index(const struct lw_text_table *t, uint32_t cp)
{
	return ((size_t)t->stage1[cp >> LW_T_SHIFT] << LW_T_SHIFT) |
	       (cp & (LW_T_BLOCK - 1));
}

static inline uint32_t
lw_text_entry(const struct lw_text_table *t, uint32_t cp)
{
	return t->fold[lw_text_index(t, cp)];
}

/* Canonical combining class of a folded code point. */
static inline unsigned
lw_text_ccc(const struct lw_text_table *t, uint32_t cp)
{
	uint32_t e = lw_text_entry(t, cp);

	return (e & LW_E_MARK) != 0 ? LW_E_HIGH(e) : 0;
}

/* The composition of a and b, 0 none. */
uint32_t lw_text_compose(const struct lw_text_table *t, uint32_t a, uint32_t b);

/* Writes 1-4 bytes. */
static inline size_t
lw_utf8_put(uint8_t *p, uint32_t cp)
{
	if (cp < 0x80) {
		p[0] = (uint8_t)cp;
		return 1;
	}
	if (cp < 0x800) {
		p[0] = (uint8_t)(0xc0 | cp >> 6);
		p[1] = (uint8_t)(0x80 | (cp & 63));
		return 2;
	}
	if (cp < 0x10000) {
		p[0] = (uint8_t)(0xe0 | cp >> 12);
		p[1] = (uint8_t)(0x80 | (cp >> 6 & 63));
		p[2] = (uint8_t)(0x80 | (cp & 63));
		return 3;
	}
	p[0] = (uint8_t)(0xf0 | cp >> 18);
	p[1] = (uint8_t)(0x80 | (cp >> 12 & 63));
	p[2] = (uint8_t)(0x80 | (cp >> 6 & 63));
	p[3] = (uint8_t)(0x80 | (cp & 63));
	return 4;
}

#endif
