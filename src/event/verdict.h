/* SPDX-License-Identifier: Apache-2.0 */
/* What Lapwing answers: verdicts to asks, and flags for people. */
#ifndef LW_EVENT_VERDICT_H
#define LW_EVENT_VERDICT_H

#include <stdbool.h>
#include <stdint.h>
#include "base/hash.h"
#include "base/str.h"
#include "event/category.h"
#include "event/event.h"
#include "event/hit.h"

enum lw_action { LW_ACT_ALLOW, LW_ACT_HOLD, LW_ACT_BLOCK };
enum lw_band {
	LW_BAND_NONE,
	LW_BAND_LOW,
	LW_BAND_MEDIUM,
	LW_BAND_HIGH,
	LW_BAND_CRITICAL
};

const char *lw_action_name(enum lw_action a);
int lw_action_find(struct lw_str name);
const char *lw_band_name(enum lw_band b);
int lw_band_find(struct lw_str name);

struct lw_verdict {
	uint64_t seq;
	enum lw_action action;
	enum lw_band band;
	uint32_t ttl_ms;    /* of a hold; 0 none */
	const char *reason; /* static: "ok", "under_review", "blocked", "duplicate", ... */
	double risk;	    /* 0..1 */
};

/* One term of the score; all of a flag's terms and the bias sum to its log odds. */
struct lw_contribution {
	char name[64]; /* "bias", "secrecy", "secrecy+meeting", "age_gap", ... */
	double value;
	double evidence; /* E_c for a category, the feature's value, else 0 */
};
#define LW_CONTRIB_MAX 64

/* A hit as people see it. Slices are lent by the flag's owner. */
struct lw_evidence {
	struct lw_str rule, title, message, text; /* text absent when not kept */
	enum lw_category category;
	uint64_t ts_ms;
	uint32_t rev;
	enum lw_how how;
	float weight;
	uint8_t back, nspans;
	bool from_target; /* the other party wrote it */
	bool deleted;
	struct lw_span spans[LW_HIT_SPANS];
};
#define LW_EVIDENCE_MAX 24

enum lw_flag_kind { LW_FLAG_RISK, LW_FLAG_WELFARE, LW_FLAG_FANOUT, LW_FLAG_TEST };
const char *lw_flag_kind_name(enum lw_flag_kind k);

struct lw_flag {
	struct lw_id128 id; /* of tenant, pair, message and rules: stable over re-runs */
	struct lw_id128 pair; /* of tenant, from, to (or conv): names the case */
	enum lw_flag_kind kind;
	enum lw_band band;
	uint64_t seq, ts_ms;
	double risk, log_odds;
	struct lw_str tenant, conv, from, to, message; /* to may be absent */
	uint32_t categories;			       /* bit per enum lw_category */
	struct lw_contribution contributions[LW_CONTRIB_MAX];
	uint32_t ncontributions;
	struct lw_evidence evidence[LW_EVIDENCE_MAX];
	uint32_t nevidence;
	struct lw_str clause; /* of the policy; may be absent */
	char pack[65];	      /* hash of the loaded packs, hex */
	const char *engine;   /* version, static */
};

#endif
