/* SPDX-License-Identifier: Apache-2.0 */
/* The taxonomy: categories that rules can find, and features from behaviour. */
#ifndef LW_EVENT_CATEGORY_H
#define LW_EVENT_CATEGORY_H

#include <stdbool.h>
#include "base/str.h"

enum lw_category {
	LW_CAT_PERSONAL_INFO,
	LW_CAT_AGE_PROBE,
	LW_CAT_RAPPORT,
	LW_CAT_RELATIONSHIP_PROBE,
	LW_CAT_RISK_ASSESSMENT,
	LW_CAT_SECRECY,
	LW_CAT_ISOLATION,
	LW_CAT_PLATFORM_SHIFT,
	LW_CAT_IMAGE_REQUEST,
	LW_CAT_SEXUALISATION,
	LW_CAT_COMPLIANCE_TEST,
	LW_CAT_GIFT,
	LW_CAT_MEETING,
	LW_CAT_COERCION,
	/* what the other party says; counted in the window of who writes to them */
	LW_CAT_AGE_DISCLOSURE,
	LW_CAT_REFUSAL,
	LW_CAT_HELP_REQUEST,
	LW_CAT_ADULT_DISCLOSURE, /* lowers the risk; no reason to flag */
	LW_CAT_TEST,		 /* the test phrase; never scored with others */
	LW_CAT_MAX
};
#define LW_CAT_SENDER_MAX LW_CAT_AGE_DISCLOSURE

enum lw_feature {
	LW_FEAT_ONE_TO_MANY,
	LW_FEAT_ASYMMETRY,
	LW_FEAT_PERSISTENCE,
	LW_FEAT_VELOCITY,
	LW_FEAT_AGE_GAP,
	LW_FEAT_NEW_CONTACT,
	LW_FEAT_PRIOR_REPORTS,
	LW_FEAT_DECISIONS, /* what moderators decided on this pair before */
	LW_FEAT_MAX
};

const char *lw_category_name(enum lw_category c); /* "personal_info", ... */
int lw_category_find(struct lw_str name);	  /* the category, or -1 */
bool lw_category_is_other_party(enum lw_category c);
const char *lw_feature_name(enum lw_feature f);
int lw_feature_find(struct lw_str name);

#endif
