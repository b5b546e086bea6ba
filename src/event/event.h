/* SPDX-License-Identifier: Apache-2.0 */
/* What a chat server tells: plain structs that travel from wire to engine. Slices are
 * lent by whoever made the event and live until the batch that holds it is released. */
#ifndef LW_EVENT_EVENT_H
#define LW_EVENT_EVENT_H

#include <stdbool.h>
#include <stdint.h>
#include "base/hash.h"
#include "base/str.h"

/* Caps; the wire reader refuses or cuts what is longer, and counts it. */
#define LW_EVENT_ID_MAX 255	 /* bytes of conv, from, to, id, tenant, ... */
#define LW_EVENT_TEXT_MAX 16384	 /* bytes of text that are looked at; the rest is cut */
#define LW_EVENT_MENTIONS_MAX 16 /* mentions kept */

enum lw_event_kind {
	LW_EV_MESSAGE,
	LW_EV_EDIT,
	LW_EV_DELETE,
	LW_EV_JOIN,
	LW_EV_LEAVE,
	LW_EV_CONTACT_REQUEST,
	LW_EV_CONTACT_ACCEPT,
	LW_EV_GIFT,
	LW_EV_ATTACHMENT,
	LW_EV_USER,
	LW_EV_RELATION,
	LW_EV_REPORT,
	LW_EV_DECISION, /* a moderator's, from the queue; never from a plugin */
	LW_EV_MAX
};

enum lw_channel { LW_CH_UNKNOWN, LW_CH_DIRECT, LW_CH_GROUP, LW_CH_PUBLIC };
enum lw_age_band { LW_AGE_UNKNOWN, LW_AGE_CHILD, LW_AGE_TEEN, LW_AGE_ADULT };
enum lw_tristate { LW_UNKNOWN = 0, LW_NO, LW_YES };

/* kind user: facts about `from`; unknown facts leave what is known as it is. */
struct lw_user_facts {
	enum lw_age_band age_band;
	uint64_t created_ms; /* account creation; 0 unknown */
	struct lw_str role;  /* "", "moderator", "bot", ... */
	struct lw_str locale;
};

/* kind relation: facts about the pair from, to. */
struct lw_relation_facts {
	enum lw_tristate connected, blocked, family, guardian;
};

struct lw_event {
	enum lw_event_kind kind;
	enum lw_channel channel;
	uint64_t seq;	/* stamped by the gate, from 1, never repeats */
	uint64_t ts_ms; /* 0 unknown; clamped by the gate */
	struct lw_id128 key; /* de-duplication: of tenant, instance, id and content; set by the gate */
	struct lw_id128 window; /* key of the sender's window; set by the router, else zero */
	struct lw_str tenant, conv, from, to, id, text, lang, reply_to;
	struct lw_str mentions[LW_EVENT_MENTIONS_MAX];
	uint32_t nmentions;
	uint32_t members; /* of the conversation; 0 unknown */
	struct lw_user_facts user;
	struct lw_relation_facts relation;
	struct lw_str item; /* gift: what; attachment: type; report, decision: reason code */
	bool ask;	    /* the sender waits for a verdict */
};

const char *lw_event_kind_name(enum lw_event_kind k); /* "message", ... */
int lw_event_kind_find(struct lw_str name);
const char *lw_channel_name(enum lw_channel c); /* "direct"...; unknown: NULL */
enum lw_channel lw_channel_find(struct lw_str name);
const char *lw_age_band_name(enum lw_age_band a); /* unknown: NULL */
enum lw_age_band lw_age_band_find(struct lw_str name);

#endif
