/* SPDX-License-Identifier: Apache-2.0 */
/* The compiled form that `pack` makes and `match` runs: phrase programs over lexemes, their
 * index, and Hyperscan databases. Read-only once published; owned by the ruleset.
 *
 * A set is a lexeme id with LW_SET_ONE on top, or an index into set_off/set_id. A program
 * is found by its anchor, the slot that is rarest in ordinary talk:
 *   lexeme -> anchor sets that hold it -> programs with that anchor. */
#ifndef LW_PACK_PROGRAM_H
#define LW_PACK_PROGRAM_H

#include <hs.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include "base/arena.h"
#include "pack/pack.h"

#define LW_SET_ONE 0x80000000u
#define LW_PROGRAMS_MAX 4000000	     /* of a set of packs */
#define LW_SET_IDS_MAX 16000000	     /* lexemes in all word sets together */
#define LW_SET_LEXEMES_MAX 500000    /* distinct lexemes of a set of packs */
#define LW_REGEXES_MAX 2000
#define LW_REGEX_CHUNK 64	     /* regexes of one database */
#define LW_REGEX_STATES_MAX 4000     /* states that a regex is written out to */
#define LW_REGEX_DB_MAX ((size_t)32 << 20)
#define LW_JOIN_CHARS_MIN 3	     /* of a lexeme that single letters may spell */
#define LW_SKELETON_BYTES_MIN 3

enum { LW_SLOT_FIRST = 1, LW_SLOT_LAST = 2 };

struct lw_slot {
	uint32_t set;
	uint8_t gap_max; /* words between the slot before and this one; 0 for the first */
	uint8_t flags;
	uint8_t chars; /* longest lexeme of the set in positions */
	uint8_t pad;
};

struct lw_program {
	uint32_t slot0; /* first of its slots */
	uint32_t rule;	/* index of the rule in the set */
	uint8_t n, anchor;
	uint16_t reach; /* most positions from the anchor's start to the last slot's start */
};

struct lw_rule_programs {
	uint32_t first, n;	    /* phrase programs */
	uint32_t unless, nunless;   /* programs that silence it */
	uint32_t regex;		    /* index + 1; 0 none */
};

/* A pattern of a literal database. */
struct lw_lexpat {
	uint32_t lexeme;
	uint16_t bytes; /* of the lexeme, without the spaces around it */
	uint8_t kind;	/* enum lw_lexeme_kind */
	uint8_t chars;
};

struct lw_lexdb {
	hs_database_t *db; /* NULL when empty */
	struct lw_lexpat *pat;
	uint32_t n;
};

struct lw_regexdb {
	hs_database_t **db;
	uint32_t ndbs, n;
	uint32_t *rule; /* index of the rule, by regex */
};

struct lw_pack_info {
	struct lw_str id, version;
	char hash[65];
};

struct lw_ruleset {
	_Atomic uint32_t refs;
	uint64_t generation;
	const struct lw_intern *intern;
	struct lw_arena arena; /* names, titles, pack infos */
	char hash[65];
	struct lw_model model;
	struct lw_pack_info *pack;
	size_t npacks;

	struct lw_rule *rule;
	struct lw_rule_programs *programs_of;
	size_t nrules;
	uint32_t *rule_index; /* by intern id: index + 1 */
	uint32_t rule_id_max;

	struct lw_program *program;
	size_t nprograms;
	struct lw_slot *slot;
	size_t nslots;

	uint32_t *set_off, *set_id; /* set i: set_id[set_off[i]..set_off[i+1]], ascending */
	uint64_t *set_bloom;
	size_t nsets;

	uint32_t lexeme_max; /* highest id that this set uses */
	size_t nlexemes;     /* distinct ones that it uses */
	uint32_t *anchors_off, *anchors; /* by lexeme id: anchor numbers */
	uint32_t *hooks_off;		 /* by anchor number */
	struct lw_hook *hook;
	uint8_t span_messages_max; /* of any rule */
	uint32_t span_s_max;
	uint32_t reach_max; /* of any program whose anchor is not its last slot */

	struct lw_lexdb words, skeletons, joined;
	struct lw_regexdb regexes;
};

/* One program hung on its anchor, with what rejects it quickest. */
struct lw_hook {
	uint32_t program;
	uint16_t reach;
	uint8_t is_last; /* the anchor is the last slot */
	uint8_t n;
	uint64_t need[2]; /* each, if not 0, must share a bit with the lexemes in reach */
};

/* The bit of a lexeme in a 64-bit filter. */
static inline uint64_t
lw_lexeme_bit(uint32_t lexeme)
{
	return UINT64_C(1) << ((lexeme * 0x9e3779b1u) >> 26);
}

static inline bool
lw_set_has(const struct lw_ruleset *rs, uint32_t set, uint32_t lexeme)
{
	uint32_t lo, hi;

	if (set & LW_SET_ONE)
		return lexeme == (set & ~LW_SET_ONE);
	if ((rs->set_bloom[set] & lw_lexeme_bit(lexeme)) == 0)
		return false;
	lo = rs->set_off[set];
	hi = rs->set_off[set + 1];
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (rs->set_id[mid] < lexeme)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < rs->set_off[set + 1] && rs->set_id[lo] == lexeme;
}

#endif
