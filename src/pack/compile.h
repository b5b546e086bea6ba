/* SPDX-License-Identifier: Apache-2.0 */
/* The rule compiler's state, shared by its files. In: pack sources. Out: the arrays of a
 * ruleset. One compiler a load; the control thread's. */
#ifndef LW_PACK_COMPILE_H
#define LW_PACK_COMPILE_H

#include "base/arena.h"
#include "conf/diag.h"
#include "pack/phrase.h"
#include "pack/program.h"
#include "pack/setpool.h"
#include "pack/source.h"

/* A list of the pack that is being compiled: its single words as one bunch of lexemes, its
 * entries of several words as trees. Filled when a phrase first names it. */
struct lw_compiled_list {
	bool is_ready, is_bad; /* bad: reported already */
	uint8_t chars;	       /* positions of the longest single one */
	uint32_t *single;
	struct lw_ph **multi;
	size_t nsingle, nmulti;
};

struct lw_variant {
	struct lw_slot slot[LW_SLOTS_MAX];
	uint8_t n;
};

struct lw_variants {
	struct lw_variant *v;
	size_t n, cap;
};

struct lw_ids {
	uint32_t *id;
	size_t n, cap;
};

struct lw_compiler {
	struct lw_ruleset *rs;
	struct lw_intern *intern;
	struct lw_diag *diag;
	struct lw_arena arena; /* trees and lists of the current pack */
	struct lw_pack_source *pack;
	struct lw_compiled_list *list; /* by index of the pack's list */
	struct lw_setpool sets;
	struct lw_ids ids; /* scratch */
	float *freq;	   /* share of ordinary words, by lexeme id; 0 unlisted */
	size_t freq_n;
	struct lw_program *program;
	struct lw_slot *slot;
	size_t nprograms, nslots;
	size_t rules_cap, regex_of_cap, has_unless_cap, programs_cap, slots_cap;
	struct {
		struct lw_source_text text;
		uint32_t rule;
	} * regex;
	size_t nregexes, regexes_cap;
	int err; /* the first error; the diag has the reason unless it is LW_ENOMEM */
};

/* Room for n + 1 elements; false sets c->err. */
bool lw_compile_room(struct lw_compiler *c, void **p, size_t n, size_t *cap, size_t size);
void lw_compile_fail(struct lw_compiler *c, const struct lw_source_text *at, size_t off,
    const char *hint, const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* compile.c: all rules of a pack, the test phrase's rule. */
int lw_compile_pack(struct lw_compiler *c, struct lw_pack_source *pack, uint16_t index);
int lw_compile_test_rule(struct lw_compiler *c);
/* expand.c: a phrase written out. The variants are lent until the next call. */
int lw_compile_phrase(
    struct lw_compiler *c, const struct lw_source_text *at, struct lw_variants *out);
/* lists.c */
int lw_compile_use_list(struct lw_compiler *c, const struct lw_source_text *at,
    const struct lw_ph *name, struct lw_compiled_list **out);
void lw_compile_end_lists(struct lw_compiler *c);
void lw_compile_frequencies(struct lw_compiler *c);
/* index.c: sets and anchors; trie.c: programs (of phrases or of unless) merged. */
int lw_compile_index(struct lw_compiler *c);
int lw_compile_trie(
    struct lw_compiler *c, const float *shares, bool is_unless, struct lw_trie *out);
float lw_compile_share(const struct lw_compiler *c, const float *shares, uint32_t set);
/* lexdb.c, regex.c: Hyperscan. */
int lw_compile_lexemes(struct lw_compiler *c);
int lw_compile_regexes(struct lw_compiler *c);
/* regex_size.c: states a regex is written out to (capped), or -1 when brackets are odd. */
long lw_regex_states(struct lw_str pattern);

#endif
