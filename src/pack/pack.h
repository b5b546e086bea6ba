/* SPDX-License-Identifier: Apache-2.0 */
/* Packs: folders of YAML in, one compiled, read-only, reference-counted ruleset out. The
 * format is docs/pack-format.md. Loading is all or nothing. */
#ifndef LW_PACK_PACK_H
#define LW_PACK_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/str.h"
#include "conf/diag.h"
#include "event/category.h"
#include "pack/intern.h"

#define LW_PACKS_MAX 64	    /* packs in a set */
#define LW_RULES_MAX 100000 /* rules in a set: refused above */
#define LW_VARIANTS_MAX 512 /* of one phrase */
#define LW_SLOTS_MAX 12	    /* of one variant */
#define LW_GAP_MAX 12	    /* words of one gap */
#define LW_LOAD_MS_MAX 5000 /* compile time of regexes, in all */

struct lw_model {
	double bias;
	double beta[LW_CAT_MAX];
	double pair[LW_CAT_MAX][LW_CAT_MAX]; /* symmetric: both halves are filled */
	double gamma[LW_FEAT_MAX];
	uint64_t half_life_ms[LW_CAT_MAX];
	uint32_t alone; /* bit per category that may flag without a second one */
};

struct lw_rule {
	uint32_t id; /* of the intern table */
	struct lw_str name, title;
	uint32_t rev;
	enum lw_category category;
	float weight;
	uint8_t channels; /* bit per enum lw_channel; 0 all */
	uint8_t span_messages;
	uint32_t span_s;
	uint16_t pack; /* index in the set */
};

struct lw_ruleset;

/* Load packs in order. The test phrase's rule is always in. diag gets every error found. */
int lw_ruleset_load(struct lw_ruleset **out, struct lw_intern *intern,
    const char *const *dirs, size_t ndirs, struct lw_diag *diag);
struct lw_ruleset *lw_ruleset_ref(struct lw_ruleset *rs); /* any thread */
void lw_ruleset_unref(struct lw_ruleset *rs);		  /* any thread; NULL is fine */

const struct lw_model *lw_ruleset_model(const struct lw_ruleset *rs);
/* By intern id; NULL when this set does not have the rule (any more). */
const struct lw_rule *lw_ruleset_rule(const struct lw_ruleset *rs, uint32_t rule_id);
size_t lw_ruleset_nrules(const struct lw_ruleset *rs);
const struct lw_rule *lw_ruleset_rule_at(const struct lw_ruleset *rs, size_t i);
size_t lw_ruleset_nlexemes(const struct lw_ruleset *rs);
size_t lw_ruleset_npacks(const struct lw_ruleset *rs);
/* id, version and content hash (64 hex digits) of a pack. */
struct lw_str lw_ruleset_pack_id(const struct lw_ruleset *rs, size_t i);
struct lw_str lw_ruleset_pack_version(const struct lw_ruleset *rs, size_t i);
/* Hash over all packs of the set, 64 hex digits: two sets with one hash flag alike. */
const char *lw_ruleset_hash(const struct lw_ruleset *rs);
const struct lw_intern *lw_ruleset_intern(const struct lw_ruleset *rs);
/* Process-wide number of this set, grows with every load: key of memos. */
uint64_t lw_ruleset_generation(const struct lw_ruleset *rs);

/* The phrase that raises a marked test flag; in every language, all servers. */
const char *lw_test_phrase(void);

/* Start-up self-test of the matcher library: scans known texts and refuses (LW_ELIB) one
 * that loses matches, as Vectorscan 5.4.9 does. */
int lw_pack_selftest(char *why, size_t why_size);
/* Version of the matcher library (libhs) and its date, as it tells it; static. */
const char *lw_pack_library(void);

#endif
