/* SPDX-License-Identifier: Apache-2.0 */
/* Features: what behaviour and facts say, as numbers of about -1 to 1 that the model
 * weighs. Each is described where it is made, in feature.c. */
#ifndef LW_SCORE_FEATURE_H
#define LW_SCORE_FEATURE_H

#include "score/score.h"

#define LW_ASYMMETRY_MESSAGES 8 /* of both, before shares mean anything */
#define LW_ASYMMETRY_STARTS 3	/* of both, before who starts means anything */
#define LW_NEW_CONTACT_MS (24ull * 60 * 60 * 1000)
#define LW_NEW_CONTACT_MESSAGES 30
#define LW_VELOCITY_CATEGORIES 3

/* Log odds that facts of the server take away: relatives and guardians that it approved,
 * and its own staff and bots. A report opens a case all the same. */
#define LW_DAMP_FAMILY (-4.0)
#define LW_DAMP_STAFF (-3.0)

/* Evidence from which people are taken at their word about their own age. */
#define LW_SAID_MIN 0.5

enum lw_age_band lw_who_age(uint8_t who);
bool lw_who_minor(uint8_t who);
bool lw_who_staff(uint8_t who);
bool lw_rel_family(uint8_t relation); /* family, or a guardian */

/* All features of a window; s->e, s->categories are set. */
void lw_score_features(
    const struct lw_score_in *in, const struct lw_model *m, struct lw_score *s);

#endif
