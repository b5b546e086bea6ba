/* SPDX-License-Identifier: Apache-2.0 */
/* The compiled form that `pack` makes and `match` runs: phrase programs over lexemes, their
 * tries, and Hyperscan databases. Read-only once published; owned by the ruleset.
 *
 * A set is a lexeme id with LW_SET_ONE on top, or an index into set_off/set_id. A program is
 * one phrase written out: slots, each a set, with gaps between. It is found by its anchor,
 * the slot that is rarest in ordinary talk, and then verified slot by slot outwards; what
 * programs have in common is done once:
 *   lexeme -> entries, one for each anchor set that holds it -> steps -> rules. */
#ifndef LW_PACK_PROGRAM_H
#define LW_PACK_PROGRAM_H

#include <hs.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include "base/arena.h"
#include "pack/pack.h"

#define LW_SET_ONE 0x80000000u
#define LW_PROGRAMS_MAX 4000000	  /* of a set of packs */
#define LW_SET_IDS_MAX 16000000	  /* lexemes in all word sets together */
#define LW_SET_LEXEMES_MAX 500000 /* distinct lexemes of a set of packs */
#define LW_REGEXES_MAX 2000
#define LW_REGEX_CHUNK 64	 /* regexes of one database */
#define LW_REGEX_STATES_MAX 4000 /* states that a regex is written out to */
#define LW_REGEX_DB_MAX ((size_t)32 << 20)
#define LW_JOIN_CHARS_MIN 3 /* of a lexeme that single letters may spell */
#define LW_SKELETON_BYTES_MIN 3

enum { LW_SLOT_FIRST = 1, LW_SLOT_LAST = 2 };

/* A slot of a phrase that is written out; only the compiler has these. */
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
	uint8_t is_unless, pad;
	uint16_t reach; /* most positions from the anchor's start to the last slot's start */
};

/* Which way a step goes from what is matched already. */
enum { LW_STEP_ON, LW_STEP_BACK };

#define LW_SIGHT_GAPS 6 /* gaps below have a filter each; wider ones look at nothing */
#define LW_SIGHTS (2 * LW_SIGHT_GAPS)

/* The bit that no lexeme has: what looks has it, and what may not be rejected. */
#define LW_OPEN_BIT 63
#define LW_OPEN (UINT64_C(1) << LW_OPEN_BIT)

/* One more slot, beside the outermost one in its direction. */
struct lw_step {
	uint64_t mask; /* filter of the set; with LW_OPEN when the gap is a wide one */
	uint32_t set;
	uint32_t kid, end; /* first of its next steps; first rule that is complete here */
	uint32_t nkids;
	uint16_t nends;
	uint8_t gap_max;
	uint8_t sight : 4, dir : 1, flags : 2; /* sight: lw_sight_of() */
};

/* A lexeme as an anchor: first steps that look at the same place and what rejects them all
 * at once, or the rules that it completes alone. */
struct lw_entry {
	uint64_t mask; /* of all its steps, with LW_OPEN as theirs; LW_OPEN for rules */
	uint32_t kid, end, nkids, nends;
	uint16_t reach; /* the most that a program goes on from here; 0: the anchor is last */
	uint8_t sight; /* of all its steps */
	uint8_t flags; /* of the anchor slot */
};

/* Programs that share anchor and steps, merged. From the anchor a program goes all one way,
 * then all the other. */
struct lw_trie {
	uint32_t *entry_off; /* by lexeme id */
	struct lw_entry *entry;
	struct lw_step *step;
	uint64_t *mask; /* by step: its mask and sight again, close together */
	uint8_t *sight;
	uint32_t *end; /* index of the rule */
	uint32_t nsteps, nends;
	uint8_t *reach_of; /* by lexeme id: the most of its entries + 1; 0 no entry */
	uint8_t reach_end; /* the most of all */
};

#define LW_REACH_MAX UINT8_MAX /* stands for all that is as far, or farther */

static inline uint8_t
lw_reach_cap(uint32_t reach)
{
	return (uint8_t)(reach < LW_REACH_MAX ? reach : LW_REACH_MAX);
}

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
	uint32_t *regex_of; /* by rule index: regex + 1; 0 none */
	bool *has_unless;   /* by rule index */
	size_t nrules;
	uint32_t *rule_index; /* by intern id: index + 1 */
	uint32_t rule_id_max;

	uint32_t *set_off, *set_id; /* set i: set_id[set_off[i]..set_off[i+1]], ascending */
	uint64_t *set_bloom;
	uint8_t *bit_of; /* by lexeme id: its bit in filters of 64 */
	uint8_t *part_of; /* by lexeme id: from how far it may take part in a phrase, + 1 */
	uint8_t part_end; /* the most of all */
	size_t nsets;

	uint32_t lexeme_max; /* highest id that this set uses */
	size_t nlexemes;     /* distinct ones that it uses */
	struct lw_trie phrases, silencers;
	size_t nprograms;
	uint8_t span_messages_max; /* of any rule */
	uint32_t span_s_max;

	struct lw_lexdb words, skeletons, joined;
	struct lw_regexdb regexes;
};

/* The bit of a lexeme, at most lexeme_max, in a filter. */
static inline uint64_t
lw_lexeme_bit(const struct lw_ruleset *rs, uint32_t lexeme)
{
	return UINT64_C(1) << rs->bit_of[lexeme];
}

/* Where a step looks: an index below LW_SIGHTS. */
static inline unsigned
lw_sight_of(unsigned dir, unsigned gap_max)
{
	return dir * LW_SIGHT_GAPS +
	       (gap_max < LW_SIGHT_GAPS ? gap_max : LW_SIGHT_GAPS - 1);
}

/* Exact; the filter is the caller's to ask first. */
static inline bool
lw_set_has(const struct lw_ruleset *rs, uint32_t set, uint32_t lexeme)
{
	const uint32_t *id;
	uint32_t n;

	if (set & LW_SET_ONE)
		return lexeme == (set & ~LW_SET_ONE);
	id = rs->set_id + rs->set_off[set];
	n = rs->set_off[set + 1] - rs->set_off[set];
	/* Halved without a branch: no processor can foresee which half it is. */
	while (n > 1) {
		uint32_t half = n / 2;

		id += half & -(uint32_t)(id[half] <= lexeme);
		n -= half;
	}
	return *id == lexeme;
}

#endif
