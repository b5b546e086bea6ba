/* SPDX-License-Identifier: Apache-2.0 */
/* policy.yaml: what a risk means here. Read-only once loaded. */
#ifndef LW_CONF_POLICY_H
#define LW_CONF_POLICY_H

#include <stdint.h>
#include <stdio.h>
#include "base/str.h"
#include "conf/diag.h"
#include "event/category.h"
#include "event/verdict.h"

struct lw_policy {
	double band_at[LW_BAND_CRITICAL + 1]; /* risk from which a band begins; ascending */
	enum lw_band flag_from; /* flags go to the queue from this band on */
	enum lw_action action[LW_BAND_CRITICAL + 1]; /* answer to an ask, per band */
	uint64_t hold_ttl_ms;			     /* bound of a hold */
	uint64_t flag_again_ms; /* a pair's next flag in the same band waits this long */
	char clause[LW_CAT_MAX][64];
	uint32_t fanout_targets; /* distinct people reached before one_to_many flags; 0 off */
	uint64_t fanout_window_ms;
	uint32_t fanout_categories; /* distinct categories that the approaches must show */
};

/* The shipped default; equals an empty policy file. */
void lw_policy_default(struct lw_policy *p);
/* 0, or LW_EINVAL and others with diag filled; *p is only written on success. A category
 * without a clause is refused when the file names any clause. */
int lw_policy_read(struct lw_policy *p, const char *path, struct lw_diag *diag);
/* A commented sample and the reference table in Markdown, as those of conf/config.h. */
void lw_policy_write_sample(FILE *to, const struct lw_policy *p);
void lw_policy_write_reference(FILE *to);
enum lw_band lw_policy_band(const struct lw_policy *p, double risk);

#endif
