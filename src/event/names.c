/* SPDX-License-Identifier: Apache-2.0 */
/* Every name that travels: one table per enum, used by the socket, JSON, YAML and the
 * command line alike. In: an enum value or a name. Out: the other. Owns nothing. */
#include "event/category.h"
#include "event/event.h"
#include "event/hit.h"
#include "event/names.h"
#include "event/verdict.h"

static const char *const category_names[LW_CAT_MAX] = {
    [LW_CAT_PERSONAL_INFO] = "personal_info",
    [LW_CAT_AGE_PROBE] = "age_probe",
    [LW_CAT_RAPPORT] = "rapport",
    [LW_CAT_RELATIONSHIP_PROBE] = "relationship_probe",
    [LW_CAT_RISK_ASSESSMENT] = "risk_assessment",
    [LW_CAT_SECRECY] = "secrecy",
    [LW_CAT_ISOLATION] = "isolation",
    [LW_CAT_PLATFORM_SHIFT] = "platform_shift",
    [LW_CAT_IMAGE_REQUEST] = "image_request",
    [LW_CAT_SEXUALISATION] = "sexualisation",
    [LW_CAT_COMPLIANCE_TEST] = "compliance_test",
    [LW_CAT_GIFT] = "gift",
    [LW_CAT_MEETING] = "meeting",
    [LW_CAT_COERCION] = "coercion",
    [LW_CAT_AGE_DISCLOSURE] = "age_disclosure",
    [LW_CAT_REFUSAL] = "refusal",
    [LW_CAT_HELP_REQUEST] = "help_request",
    [LW_CAT_ADULT_DISCLOSURE] = "adult_disclosure",
    [LW_CAT_TEST] = "test",
};

static const char *const feature_names[LW_FEAT_MAX] = {
    [LW_FEAT_ONE_TO_MANY] = "one_to_many",
    [LW_FEAT_ASYMMETRY] = "asymmetry",
    [LW_FEAT_PERSISTENCE] = "persistence",
    [LW_FEAT_VELOCITY] = "velocity",
    [LW_FEAT_AGE_GAP] = "age_gap",
    [LW_FEAT_NEW_CONTACT] = "new_contact",
    [LW_FEAT_PRIOR_REPORTS] = "prior_reports",
    [LW_FEAT_DECISIONS] = "decisions",
};

static const char *const kind_names[LW_EV_MAX] = {
    [LW_EV_MESSAGE] = "message",
    [LW_EV_EDIT] = "edit",
    [LW_EV_DELETE] = "delete",
    [LW_EV_JOIN] = "join",
    [LW_EV_LEAVE] = "leave",
    [LW_EV_CONTACT_REQUEST] = "contact_request",
    [LW_EV_CONTACT_ACCEPT] = "contact_accept",
    [LW_EV_GIFT] = "gift",
    [LW_EV_ATTACHMENT] = "attachment",
    [LW_EV_USER] = "user",
    [LW_EV_RELATION] = "relation",
    [LW_EV_REPORT] = "report",
    [LW_EV_DECISION] = "decision",
};

static const char *const channel_names[] = {
    [LW_CH_UNKNOWN] = NULL,
    [LW_CH_DIRECT] = "direct",
    [LW_CH_GROUP] = "group",
    [LW_CH_PUBLIC] = "public",
};

static const char *const age_band_names[] = {
    [LW_AGE_UNKNOWN] = NULL,
    [LW_AGE_CHILD] = "child",
    [LW_AGE_TEEN] = "teen",
    [LW_AGE_ADULT] = "adult",
};

static const char *const how_names[LW_HOW_MAX] = {
    [LW_HOW_EXACT] = "exact",
    [LW_HOW_CONFUSABLE] = "confusable",
    [LW_HOW_SKELETON] = "skeleton",
    [LW_HOW_JOINED] = "joined",
};

static const char *const action_names[] = {
    [LW_ACT_ALLOW] = "allow",
    [LW_ACT_HOLD] = "hold",
    [LW_ACT_BLOCK] = "block",
};

static const char *const band_names[] = {
    [LW_BAND_NONE] = "none",
    [LW_BAND_LOW] = "low",
    [LW_BAND_MEDIUM] = "medium",
    [LW_BAND_HIGH] = "high",
    [LW_BAND_CRITICAL] = "critical",
};

static const char *const flag_kind_names[] = {
    [LW_FLAG_RISK] = "risk",
    [LW_FLAG_WELFARE] = "welfare",
    [LW_FLAG_FANOUT] = "fanout",
    [LW_FLAG_TEST] = "test",
};

const char *
lw_names_at(const char *const *names, size_t n, int i)
{
	return i >= 0 && (size_t)i < n ? names[i] : NULL;
}

int
lw_names_find(const char *const *names, size_t n, struct lw_str name)
{
	for (size_t i = 0; i < n; i++)
		if (names[i] != NULL && lw_str_is(name, names[i]))
			return (int)i;
	return -1;
}

const char *
lw_category_name(enum lw_category c)
{
	return lw_names_at(LW_NAMES(category_names), (int)c);
}

int
lw_category_find(struct lw_str name)
{
	return lw_names_find(LW_NAMES(category_names), name);
}

bool
lw_category_is_other_party(enum lw_category c)
{
	return c >= LW_CAT_SENDER_MAX && c < LW_CAT_TEST;
}

const char *
lw_feature_name(enum lw_feature f)
{
	return lw_names_at(LW_NAMES(feature_names), (int)f);
}

int
lw_feature_find(struct lw_str name)
{
	return lw_names_find(LW_NAMES(feature_names), name);
}

const char *
lw_event_kind_name(enum lw_event_kind k)
{
	return lw_names_at(LW_NAMES(kind_names), (int)k);
}

int
lw_event_kind_find(struct lw_str name)
{
	return lw_names_find(LW_NAMES(kind_names), name);
}

const char *
lw_channel_name(enum lw_channel c)
{
	return lw_names_at(LW_NAMES(channel_names), (int)c);
}

enum lw_channel
lw_channel_find(struct lw_str name)
{
	int i = lw_names_find(LW_NAMES(channel_names), name);

	return i < 0 ? LW_CH_UNKNOWN : (enum lw_channel)i;
}

const char *
lw_age_band_name(enum lw_age_band a)
{
	return lw_names_at(LW_NAMES(age_band_names), (int)a);
}

enum lw_age_band
lw_age_band_find(struct lw_str name)
{
	int i = lw_names_find(LW_NAMES(age_band_names), name);

	return i < 0 ? LW_AGE_UNKNOWN : (enum lw_age_band)i;
}

const char *
lw_how_name(enum lw_how h)
{
	return lw_names_at(LW_NAMES(how_names), (int)h);
}

double
lw_how_confidence(enum lw_how h)
{
	switch (h) {
	case LW_HOW_EXACT:
		return 1.0;
	case LW_HOW_CONFUSABLE:
		return 0.9;
	case LW_HOW_SKELETON:
		return 0.8;
	case LW_HOW_JOINED:
	case LW_HOW_MAX:
		break;
	}
	return 0.7;
}

const char *
lw_action_name(enum lw_action a)
{
	return lw_names_at(LW_NAMES(action_names), (int)a);
}

int
lw_action_find(struct lw_str name)
{
	return lw_names_find(LW_NAMES(action_names), name);
}

const char *
lw_band_name(enum lw_band b)
{
	return lw_names_at(LW_NAMES(band_names), (int)b);
}

int
lw_band_find(struct lw_str name)
{
	return lw_names_find(LW_NAMES(band_names), name);
}

const char *
lw_flag_kind_name(enum lw_flag_kind k)
{
	return lw_names_at(LW_NAMES(flag_kind_names), (int)k);
}
