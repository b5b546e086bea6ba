/* SPDX-License-Identifier: Apache-2.0 */
/* Append-only tables of lexemes and rule names, one per process: an id means the same for
 * ever, so rings, evidence and the journal survive a reload of packs. Adding is for the
 * control thread; reading what was added before a ruleset was published needs no lock. */
#ifndef LW_PACK_INTERN_H
#define LW_PACK_INTERN_H

#include <stdint.h>
#include <stddef.h>
#include "base/str.h"

#define LW_LEXEME_MAX ((1u << 22) - 1) /* ids 1..; 0 is no lexeme */
#define LW_RULE_MAX (1u << 20)

enum lw_lexeme_kind { LW_LEX_WORD, LW_LEX_STEM, LW_LEX_LITERAL };

struct lw_intern;

struct lw_intern *lw_intern_new(void);
void lw_intern_free(struct lw_intern *t);
/* The id of a lexeme (folded bytes) or rule name, added when new. 0 on failure (caps,
 * memory). Ids count up from 1. */
uint32_t lw_intern_lexeme(struct lw_intern *t, enum lw_lexeme_kind kind, struct lw_str s);
uint32_t lw_intern_rule(struct lw_intern *t, struct lw_str name);
uint32_t lw_intern_lexemes(const struct lw_intern *t); /* highest id */
uint32_t lw_intern_rules(const struct lw_intern *t);
struct lw_str lw_intern_lexeme_name(
    const struct lw_intern *t, uint32_t id, enum lw_lexeme_kind *kind);
struct lw_str lw_intern_rule_name(const struct lw_intern *t, uint32_t id);

#endif
