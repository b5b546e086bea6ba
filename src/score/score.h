/* SPDX-License-Identifier: Apache-2.0 */
/* The risk of a window, as a sum that can be shown:
 *
 *   L = b + sum beta_c s(E_c) + sum beta_cd s(E_c) s(E_d) + sum gamma_f f,  s(x) = 1 - exp(-x)
 *
 * and risk = 1 / (1 + exp(-L)). A window, facts and a model in; log odds and their terms
 * out. Pure; owns nothing. */
#ifndef LW_SCORE_SCORE_H
#define LW_SCORE_SCORE_H

#include <stdbool.h>
#include <stdint.h>
#include "base/arena.h"
#include "event/category.h"
#include "event/verdict.h"
#include "pack/pack.h"
#include "window/facts.h"
#include "window/window.h"

#define LW_EVIDENCE_MIN 0.05 /* decayed evidence below this is no category any more */
#define LW_ALONE_MIN 0.7     /* s(E) from which a category may flag alone */

struct lw_score_in {
	const struct lw_window *win;
	const struct lw_window *peer; /* of the target to the sender; NULL unknown */
	const struct lw_ruleset *rs;
	uint64_t now_ms;	  /* of the window */
	uint8_t from_who, to_who; /* LW_WHO_ bits */
	uint8_t relation;	  /* LW_REL_ bits */
	bool has_target;
};

enum lw_term_kind {
	LW_TERM_BIAS,
	LW_TERM_CATEGORY,
	LW_TERM_PAIR,
	LW_TERM_PAIRS, /* the pairs that found no room of their own */
	LW_TERM_FEATURE,
	LW_TERM_FAMILY,
	LW_TERM_STAFF
};

struct lw_term {
	double value, evidence;
	uint8_t kind; /* enum lw_term_kind */
	uint8_t a, b; /* categories, or the feature */
};

struct lw_score {
	double log_odds, risk; /* log_odds is the sum of the terms in their order */
	double e[LW_CAT_MAX], f[LW_FEAT_MAX];
	uint32_t categories; /* with evidence */
	bool qualified;	     /* enough for a flag of risk: see lw_score_window */
	bool help;	     /* a request for help that may flag alone */
	bool from_minor;     /* the sender is known to be a child or teen */
	struct lw_term term[LW_CONTRIB_MAX];
	uint32_t nterms;
};

/* A window qualifies with evidence of two sender-side categories, or of one together with
 * an age that the target disclosed or with persistence after a refusal, or of one that the
 * model lets flag alone. */
void lw_score_window(const struct lw_score_in *in, struct lw_score *out);

/* The strongest category of a score; LW_CAT_MAX when there is none. */
enum lw_category lw_score_strongest(const struct lw_score *s, const struct lw_model *m);

/* Fill a flag's contributions, categories and evidence. Slices go to arena; 0 or
 * LW_ENOMEM. */
int lw_score_explain(const struct lw_score_in *in, const struct lw_score *s,
    struct lw_arena *arena, struct lw_flag *flag);
/* One hit of a message as evidence. */
int lw_score_explain_hit(const struct lw_ruleset *rs, const struct lw_event *ev,
    const struct lw_hit *hit, struct lw_arena *arena, struct lw_evidence *out);

#endif
