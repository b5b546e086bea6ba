/* SPDX-License-Identifier: Apache-2.0 */
/* The phrase grammar: text in, a tree out. docs/pack-format.md has the grammar. */
#ifndef LW_PACK_PHRASE_H
#define LW_PACK_PHRASE_H

#include "base/arena.h"
#include "conf/diag.h"
#include "pack/intern.h"
#include "pack/source.h"

#define LW_PHRASE_DEPTH_MAX 16
#define LW_PHRASE_NODES_MAX 8192
#define LW_WORD_BYTES_MAX 128 /* of a folded word in a phrase */
#define LW_STEM_CHARS_MIN 3
#define LW_LITERAL_CHARS_MAX 63 /* what a token's length can say */

enum lw_ph_kind {
	LW_PH_SEQ,    /* children one behind the other */
	LW_PH_ALT,    /* children are alternatives, each a SEQ */
	LW_PH_OPT,    /* one child, a SEQ */
	LW_PH_LEXEME, /* text, lexeme */
	LW_PH_LIST,   /* text: the list's name */
	LW_PH_GAP,    /* gap */
	LW_PH_FIRST,
	LW_PH_LAST
};

struct lw_ph {
	enum lw_ph_kind kind;
	enum lw_lexeme_kind lexeme;
	struct lw_str text; /* folded, in the arena; a list's name is lent from the source */
	uint32_t chars; /* code points of a lexeme */
	unsigned gap;
	size_t off; /* byte in the phrase */
	struct lw_ph *child, *next;
};

/* NULL with diag filled, or NULL with *err LW_ENOMEM. The tree lives in the arena. */
struct lw_ph *lw_phrase_parse(struct lw_arena *a, const struct lw_source_text *at,
    struct lw_diag *diag, int *err);
/* An entry of a list: words and stems only. */
struct lw_ph *lw_phrase_parse_entry(struct lw_arena *a, const struct lw_source_text *at,
    struct lw_diag *diag, int *err);

#endif
