/* SPDX-License-Identifier: Apache-2.0 */
/* policy.yaml. In: a path. Out: struct lw_policy. The table below is the only place that
 * knows the keys. */
#include "base/err.h"
#include "conf/policy.h"
#include "conf/table.h"

#define MS_S 1000.0
#define MS_M (60 * MS_S)
#define MS_H (60 * MS_M)
#define MS_D (24 * MS_H)

static const char *
band_name(int i)
{
	return lw_band_name((enum lw_band)i);
}

static const char *
action_name(int i)
{
	return lw_action_name((enum lw_action)i);
}

_Static_assert(sizeof(enum lw_band) == sizeof(int), "LW_KEY_CHOICE writes an int");
_Static_assert(sizeof(enum lw_action) == sizeof(int), "LW_KEY_CHOICE writes an int");

#define AT(member) offsetof(struct lw_policy, member)
#define BAND(name, band, def)                                                          \
	{                                                                              \
		"bands", name, LW_KEY_REAL, true, AT(band_at[band]), 0, 1, def,        \
		    "Risk from which the band " name " begins.", NULL, NULL, NULL      \
	}
#define ACTION(name, band)                                                             \
	{                                                                              \
		"actions", name, LW_KEY_CHOICE, true, AT(action[band]), LW_ACT_ALLOW,  \
		    LW_ACT_BLOCK, "allow",                                             \
		    "Answer to a server that asks, while the band is " name ".",       \
		    action_name, NULL, NULL                                            \
	}
#define CLAUSE(name, category, def)                                                     \
	{                                                                               \
		"clauses", name, LW_KEY_NAME, true, AT(clause[category]), 0, 0, def,    \
		    "Clause of your rules that " name " falls under.", NULL, NULL, NULL \
	}

static const struct lw_conf_key keys[] = {
    BAND("low", LW_BAND_LOW, "0.3"),
    BAND("medium", LW_BAND_MEDIUM, "0.5"),
    BAND("high", LW_BAND_HIGH, "0.75"),
    BAND("critical", LW_BAND_CRITICAL, "0.9"),
    {"", "flag_from", LW_KEY_CHOICE, true, AT(flag_from), LW_BAND_LOW, LW_BAND_CRITICAL,
	"medium", "Lowest band that people are asked to look at.", band_name, NULL, NULL},
    {"", "flag_again", LW_KEY_DURATION, true, AT(flag_again_ms), 0, 365 * MS_D, "1h",
	"The same two people are flagged again in the same band after this time; a higher "
	"band is flagged at once.",
	NULL, NULL, NULL},
    ACTION("low", LW_BAND_LOW),
    ACTION("medium", LW_BAND_MEDIUM),
    ACTION("high", LW_BAND_HIGH),
    ACTION("critical", LW_BAND_CRITICAL),
    {"", "hold_ttl", LW_KEY_DURATION, true, AT(hold_ttl_ms), MS_S, MS_D, "30s",
	"A held message is let through after this time, unless a person decides earlier.",
	NULL, NULL, NULL},
    {"fanout", "targets", LW_KEY_COUNT32, true, AT(fanout_targets), 0, 1e6, "5",
	"Different people that one sender approaches in a like way before that alone is "
	"flagged; 0 never.",
	NULL, NULL, NULL},
    {"fanout", "window", LW_KEY_DURATION, true, AT(fanout_window_ms), MS_M, 365 * MS_D,
	"24h", "Time within which the approaches are counted.", NULL, NULL, NULL},
    {"fanout", "categories", LW_KEY_COUNT32, true, AT(fanout_categories), 1,
	LW_CAT_SENDER_MAX, "2", "Different categories that the approaches must show.",
	NULL, NULL, NULL},
    CLAUSE("personal_info", LW_CAT_PERSONAL_INFO, "CP-PERSONAL-INFO"),
    CLAUSE("age_probe", LW_CAT_AGE_PROBE, "CP-AGE-PROBE"),
    CLAUSE("rapport", LW_CAT_RAPPORT, "CP-RAPPORT"),
    CLAUSE("relationship_probe", LW_CAT_RELATIONSHIP_PROBE, "CP-RELATIONSHIP-PROBE"),
    CLAUSE("risk_assessment", LW_CAT_RISK_ASSESSMENT, "CP-RISK-ASSESSMENT"),
    CLAUSE("secrecy", LW_CAT_SECRECY, "CP-SECRECY"),
    CLAUSE("isolation", LW_CAT_ISOLATION, "CP-ISOLATION"),
    CLAUSE("platform_shift", LW_CAT_PLATFORM_SHIFT, "CP-PLATFORM-SHIFT"),
    CLAUSE("image_request", LW_CAT_IMAGE_REQUEST, "CP-IMAGE-REQUEST"),
    CLAUSE("sexualisation", LW_CAT_SEXUALISATION, "CP-SEXUALISATION"),
    CLAUSE("compliance_test", LW_CAT_COMPLIANCE_TEST, "CP-COMPLIANCE-TEST"),
    CLAUSE("gift", LW_CAT_GIFT, "CP-GIFT"),
    CLAUSE("meeting", LW_CAT_MEETING, "CP-MEETING"),
    CLAUSE("coercion", LW_CAT_COERCION, "CP-COERCION"),
    CLAUSE("age_disclosure", LW_CAT_AGE_DISCLOSURE, "CP-AGE-DISCLOSURE"),
    CLAUSE("refusal", LW_CAT_REFUSAL, "CP-REFUSAL"),
    CLAUSE("help_request", LW_CAT_HELP_REQUEST, "CP-HELP-REQUEST"),
    CLAUSE("adult_disclosure", LW_CAT_ADULT_DISCLOSURE, "CP-ADULT-DISCLOSURE"),
    CLAUSE("test", LW_CAT_TEST, "CP-TEST"),
};

#define NKEYS (sizeof(keys) / sizeof(keys[0]))

static const struct lw_conf_table table = {
    .key = keys,
    .n = NKEYS,
    .size = sizeof(struct lw_policy),
    .title = "Policy of Lapwing: what a risk means here. A line that begins with # is a "
	     "comment: it shows a default. A flag is a reason to look, never a verdict.",
    .has_reload = false,
};

void
lw_policy_default(struct lw_policy *p)
{
	lw_conf_table_default(&table, p);
}

/* All clauses or none: half a mapping would mix two rule books. The test phrase is no
 * breach of anything, so it needs no clause. */
static int
check_clauses(const struct lw_conf_place *places, const char *file, struct lw_diag *diag)
{
	struct lw_conf_place first = {0, 0};
	const char *missing = NULL;

	for (size_t i = 0; i < NKEYS; i++) {
		if (strcmp(keys[i].group, "clauses") != 0)
			continue;
		if (places[i].line > 0 && first.line == 0)
			first = places[i];
		else if (places[i].line == 0 && missing == NULL &&
			 strcmp(keys[i].key, "test") != 0)
			missing = keys[i].key;
	}
	if (first.line == 0 || missing == NULL)
		return LW_OK;
	lw_diag_error(diag, file, first.line, first.col,
	    "name a clause for every category, or none", "category '%s' has no clause",
	    missing);
	return LW_EINVAL;
}

static int
check_policy(const struct lw_policy *p, const struct lw_conf_place *places,
    const char *file, struct lw_diag *diag)
{
	size_t errors = diag->errors;

	for (int b = LW_BAND_LOW; b <= LW_BAND_CRITICAL; b++) {
		struct lw_conf_place at = lw_conf_table_place(
		    &table, places, AT(band_at) + (size_t)b * sizeof(double));

		if (p->band_at[b] <= p->band_at[b - 1])
			lw_diag_error(diag, file, at.line, at.col, NULL,
			    "band '%s' must begin above %s%s", band_name(b),
			    b == LW_BAND_LOW ? "0" : "band ",
			    b == LW_BAND_LOW ? "" : band_name(b - 1));
	}
	for (int b = LW_BAND_LOW; b <= LW_BAND_CRITICAL; b++) {
		struct lw_conf_place at = lw_conf_table_place(
		    &table, places, AT(action) + (size_t)b * sizeof(enum lw_action));

		/* Stopping a message while nobody is asked to look helps no one. */
		if (b < (int)p->flag_from && p->action[b] != LW_ACT_ALLOW)
			lw_diag_error(diag, file, at.line, at.col,
			    "lower flag_from, or allow",
			    "band '%s' stops messages but is not flagged", band_name(b));
		if (p->action[b] < p->action[b - 1])
			lw_diag_warn(diag, file, at.line, at.col, NULL,
			    "band '%s' is answered more mildly than '%s'", band_name(b),
			    band_name(b - 1));
	}
	return diag->errors > errors ? LW_EINVAL : LW_OK;
}

int
lw_policy_read(struct lw_policy *p, const char *path, struct lw_diag *diag)
{
	struct lw_conf_place places[NKEYS] = {{0, 0}};
	struct lw_policy fresh;
	int err;

	lw_policy_default(&fresh);
	err = lw_conf_table_load(&table, path, &fresh, places, diag);
	if (err == LW_OK)
		err = check_clauses(places, path, diag);
	if (err == LW_OK)
		err = check_policy(&fresh, places, path, diag);
	if (err == LW_OK)
		*p = fresh;
	return err;
}

enum lw_band
lw_policy_band(const struct lw_policy *p, double risk)
{
	int b = LW_BAND_CRITICAL;

	/* Written so that a NaN has no band. */
	while (b > LW_BAND_NONE && !(risk >= p->band_at[b]))
		b--;
	return (enum lw_band)b;
}

void
lw_policy_write_sample(FILE *to, const struct lw_policy *p)
{
	lw_conf_table_sample(&table, p, to);
}

void
lw_policy_write_reference(FILE *to)
{
	lw_conf_table_reference(&table, to);
}
