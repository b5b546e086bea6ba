/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of names, and one setter for whatever source a value comes from. */
#include "wire/fields.h"

#define NAMED(n) .name = n, .len = sizeof(n) - 1
#define FIELD(n, t, member)                                                            \
	{                                                                              \
		NAMED(n), .type = t, .at = offsetof(RECORD, member)                    \
	}
#define FLAGGED(n, t, member, fl)                                                      \
	{                                                                              \
		NAMED(n), .type = t, .at = offsetof(RECORD, member), .flags = fl       \
	}
#define ARRAY(n, t, member, c, m)                                                      \
	{                                                                              \
		NAMED(n), .type = t, .at = offsetof(RECORD, member),                   \
			  .count = offsetof(RECORD, c), .max = m                       \
	}
#define TABLE(n, a)                                                                    \
	{                                                                              \
		n, a, sizeof(a) / sizeof((a)[0])                                       \
	}

#define RECORD struct lw_event
static const struct lw_field event_fields[] = {
    FIELD("kind", LW_F_KIND, kind),
    FIELD("channel", LW_F_CHANNEL, channel),
    FLAGGED("seq", LW_F_U64, seq, LW_FF_OWN),
    FLAGGED("key", LW_F_ID128, key, LW_FF_OWN),
    FIELD("tenant", LW_F_ID, tenant),
    FIELD("conv", LW_F_ID, conv),
    FIELD("from", LW_F_ID, from),
    FIELD("to", LW_F_ID, to),
    FIELD("id", LW_F_ID, id),
    FIELD("ts", LW_F_U64, ts_ms),
    FIELD("text", LW_F_TEXT, text),
    FIELD("lang", LW_F_NAME, lang),
    FIELD("reply_to", LW_F_NAME, reply_to),
    ARRAY("mentions", LW_F_IDS, mentions, nmentions, LW_EVENT_MENTIONS_MAX),
    FIELD("members", LW_F_U32, members),
    FIELD("age_band", LW_F_AGE, user.age_band),
    FIELD("created_ms", LW_F_U64, user.created_ms),
    FIELD("role", LW_F_NAME, user.role),
    FIELD("locale", LW_F_NAME, user.locale),
    FIELD("connected", LW_F_TRI, relation.connected),
    FIELD("blocked", LW_F_TRI, relation.blocked),
    FIELD("family", LW_F_TRI, relation.family),
    FIELD("guardian", LW_F_TRI, relation.guardian),
    FLAGGED("item", LW_F_NAME, item, LW_FF_ITEM),
    FLAGGED("reason", LW_F_NAME, item, LW_FF_REASON),
};
const struct lw_fields lw_event_fields = TABLE("event", event_fields);
#undef RECORD

#define RECORD struct lw_verdict
static const struct lw_field verdict_fields[] = {
    FLAGGED("seq", LW_F_U64, seq, LW_FF_REQUIRED),
    FLAGGED("action", LW_F_ACTION, action, LW_FF_REQUIRED),
    FIELD("reason", LW_F_ZSTR, reason),
    FIELD("ttl_ms", LW_F_U32, ttl_ms),
    FIELD("band", LW_F_BAND, band),
    FIELD("risk", LW_F_REAL, risk),
};
const struct lw_fields lw_verdict_fields = TABLE("verdict", verdict_fields);
#undef RECORD

#define RECORD struct lw_frame
static const struct lw_field hello_fields[] = {
    {NAMED("v"), .type = LW_F_U32S, .flags = LW_FF_REQUIRED,
	.at = offsetof(RECORD, hello.v), .count = offsetof(RECORD, hello.nv), .max = 8},
    FIELD("plugin", LW_F_NAME, hello.plugin),
    FIELD("plugin_version", LW_F_NAME, hello.plugin_version),
    FIELD("server", LW_F_NAME, hello.server),
    FIELD("server_version", LW_F_NAME, hello.server_version),
    FIELD("instance", LW_F_ID, hello.instance),
    FIELD("tenant", LW_F_ID, hello.tenant),
    FIELD("token", LW_F_STR, hello.token),
    FIELD("session", LW_F_NAME, hello.session),
    ARRAY("caps", LW_F_IDS, hello.caps, hello.ncaps, 16),
    ARRAY("want", LW_F_IDS, hello.want, hello.nwant, 16),
    FIELD("lost", LW_F_U64, hello.lost),
    FIELD("max_frame", LW_F_U32, hello.max_frame),
    FIELD("window", LW_F_U32, hello.window),
};
static const struct lw_field events_fields[] = {
    FLAGGED("seq", LW_F_U64, seq, LW_FF_REQUIRED),
    FLAGGED("ask", LW_F_ASK, events, 0),
    FLAGGED("events", LW_F_EVENTS, events, LW_FF_REQUIRED),
};
static const struct lw_field verdicts_fields[] = {
    FLAGGED("verdicts", LW_F_VERDICTS, verdicts, LW_FF_REQUIRED),
};
static const struct lw_field ack_fields[] = {
    FLAGGED("upto", LW_F_U64, upto, LW_FF_REQUIRED),
};
static const struct lw_field action_fields[] = {
    FLAGGED("id", LW_F_ID, id, LW_FF_REQUIRED),
    FLAGGED("kind", LW_F_NAME, code, LW_FF_REQUIRED),
    FIELD("subject", LW_F_ID, subject),
    FIELD("ttl_ms", LW_F_U32, ttl_ms),
    FIELD("text", LW_F_STR, text),
};
static const struct lw_field done_fields[] = {
    FLAGGED("id", LW_F_ID, id, LW_FF_REQUIRED),
    FLAGGED("ok", LW_F_BOOL, ok, LW_FF_REQUIRED),
    FIELD("error", LW_F_STR, text),
};
static const struct lw_field window_fields[] = {
    FLAGGED("n", LW_F_U32, n, LW_FF_REQUIRED),
};
static const struct lw_field bye_fields[] = {
    FLAGGED("code", LW_F_NAME, code, LW_FF_REQUIRED),
    FIELD("text", LW_F_STR, text),
    FIELD("retry_ms", LW_F_U64, retry_ms),
};
static const struct lw_field call_fields[] = {
    FLAGGED("verb", LW_F_NAME, code, LW_FF_REQUIRED),
    FIELD("arg", LW_F_STR, text),
};
static const struct lw_field reply_fields[] = {
    FLAGGED("ok", LW_F_BOOL, ok, LW_FF_REQUIRED),
    FIELD("body", LW_F_STR, text),
};
const struct lw_fields lw_frame_fields[LW_FR_UNKNOWN] = {
    [LW_FR_HELLO] = TABLE("hello", hello_fields),
    [LW_FR_EVENTS] = TABLE("events", events_fields),
    [LW_FR_VERDICTS] = TABLE("verdicts", verdicts_fields),
    [LW_FR_ACK] = TABLE("ack", ack_fields),
    [LW_FR_WATCH] = {"watch", NULL, 0},
    [LW_FR_ACTION] = TABLE("action", action_fields),
    [LW_FR_DONE] = TABLE("done", done_fields),
    [LW_FR_WINDOW] = TABLE("window", window_fields),
    [LW_FR_PAUSE] = {"pause", NULL, 0},
    [LW_FR_PING] = {"ping", NULL, 0},
    [LW_FR_PONG] = {"pong", NULL, 0},
    [LW_FR_BYE] = TABLE("bye", bye_fields),
    [LW_FR_CALL] = TABLE("call", call_fields),
    [LW_FR_REPLY] = TABLE("reply", reply_fields),
};
#undef RECORD

/* Names are a few bytes each and nearly always equal: cheaper by hand than by a call. */
static inline bool
is_name(const char *a, const char *b, size_t n)
{
	while (n > 0 && a[n - 1] == b[n - 1])
		n--;
	return n == 0;
}

const struct lw_field *
lw_field_find(const struct lw_fields *t, struct lw_str name, size_t *hint)
{
	size_t i = *hint, left;

	for (left = t->n; left > 0; left--) {
		if (++i >= t->n)
			i = 0;
		if (t->f[i].len == name.n && is_name(t->f[i].name, name.p, name.n)) {
			*hint = i;
			return &t->f[i];
		}
	}
	return NULL;
}

/* Some languages have no whole numbers beyond 2^53: a whole double counts as one. */
bool
lw_value_uint(const struct lw_value *v, uint64_t max, uint64_t *u)
{
	if (v->type == LW_V_UINT)
		*u = v->u;
	else if (v->type == LW_V_REAL && v->d >= 0 && v->d <= 9007199254740992.0)
		*u = (uint64_t)v->d;
	else
		return false;
	return *u <= max;
}

static int
set_string(const struct lw_field *f, struct lw_str *to, const struct lw_value *v,
    struct lw_field_read *r)
{
	struct lw_str s = v->s;

	if (v->type != LW_V_STR)
		return 0;
	if (f->type == LW_F_TEXT) {
		r->repaired += lw_text_repair(&s, r->arena);
	} else if (s.n == 0 && f->type != LW_F_STR) {
		return 0; /* nobody is called "": unknown */
	} else if (s.n > LW_EVENT_ID_MAX && f->type != LW_F_STR) {
		if (f->type == LW_F_ID)
			r->bad = "an id is longer than 255 bytes";
		return 0;
	}
	*to = s;
	return 0;
}

static int
add_id(const struct lw_field *f, void *record, const struct lw_value *v)
{
	uint32_t *n = (uint32_t *)((char *)record + f->count);
	struct lw_str *a = (struct lw_str *)((char *)record + f->at);

	if (v->type == LW_V_STR && v->s.n > 0 && v->s.n <= LW_EVENT_ID_MAX && *n < f->max)
		a[(*n)++] = v->s;
	return 0;
}

static int
add_u32(const struct lw_field *f, void *record, const struct lw_value *v)
{
	uint32_t *n = (uint32_t *)((char *)record + f->count);
	uint32_t *a = (uint32_t *)((char *)record + f->at);
	uint64_t u;

	if (*n < f->max && lw_value_uint(v, UINT32_MAX, &u))
		a[(*n)++] = (uint32_t)u;
	return 0;
}

static int
set_enum(const struct lw_field *f, void *at, const struct lw_value *v,
    struct lw_field_read *r)
{
	int k;

	if (v->type != LW_V_STR)
		return 0;
	switch (f->type) {
	case LW_F_KIND:
		/* Of a later version of the protocol: not to be taken for a message. */
		if ((k = lw_event_kind_find(v->s)) < 0)
			r->bad = "unknown `kind`";
		else
			*(enum lw_event_kind *)at = (enum lw_event_kind)k;
		break;
	case LW_F_CHANNEL:
		*(enum lw_channel *)at = lw_channel_find(v->s);
		break;
	case LW_F_AGE:
		*(enum lw_age_band *)at = lw_age_band_find(v->s);
		break;
	case LW_F_ACTION:
		/* An action that is not understood must not stop anybody's message. */
		k = lw_action_find(v->s);
		*(enum lw_action *)at = k < 0 ? LW_ACT_ALLOW : (enum lw_action)k;
		break;
	default:
		k = lw_band_find(v->s);
		*(enum lw_band *)at = k < 0 ? LW_BAND_NONE : (enum lw_band)k;
	}
	return 0;
}

static int
set_zstr(const char **to, const struct lw_value *v, struct lw_field_read *r)
{
	if (v->type != LW_V_STR)
		return 0;
	*to = lw_arena_str(r->arena, v->s).p;
	return *to == NULL ? LW_ENOMEM : 0;
}

static void
set_id128(struct lw_id128 *to, const struct lw_value *v)
{
	uint64_t w[2] = {0, 0};
	int i;

	if (v->type != LW_V_STR || v->s.n != 16)
		return;
	for (i = 0; i < 16; i++)
		w[i / 8] = w[i / 8] << 8 | (uint8_t)v->s.p[i];
	*to = (struct lw_id128){w[0], w[1]};
}

int
lw_field_set(const struct lw_field *f, void *record, const struct lw_value *v,
    struct lw_field_read *r)
{
	void *at = (char *)record + f->at;
	uint64_t u;

	switch ((enum lw_field_type)f->type) {
	case LW_F_ID:
	case LW_F_NAME:
	case LW_F_TEXT:
	case LW_F_STR:
		return set_string(f, at, v, r);
	case LW_F_ZSTR:
		return set_zstr(at, v, r);
	case LW_F_U64:
		if (lw_value_uint(v, UINT64_MAX, &u))
			*(uint64_t *)at = u;
		return 0;
	case LW_F_U32:
		if (lw_value_uint(v, UINT32_MAX, &u))
			*(uint32_t *)at = (uint32_t)u;
		return 0;
	case LW_F_REAL:
		if (v->type == LW_V_REAL)
			*(double *)at = v->d;
		else if (v->type == LW_V_UINT)
			*(double *)at = (double)v->u;
		return 0;
	case LW_F_BOOL:
		*(bool *)at = v->type == LW_V_BOOL && v->b;
		return 0;
	case LW_F_TRI:
		if (v->type == LW_V_BOOL)
			*(enum lw_tristate *)at = v->b ? LW_YES : LW_NO;
		return 0;
	case LW_F_ID128:
		set_id128(at, v);
		return 0;
	case LW_F_IDS:
		return add_id(f, record, v);
	case LW_F_U32S:
		return add_u32(f, record, v);
	case LW_F_KIND:
	case LW_F_CHANNEL:
	case LW_F_AGE:
	case LW_F_ACTION:
	case LW_F_BAND:
		return set_enum(f, at, v, r);
	case LW_F_EVENTS:
	case LW_F_ASK:
	case LW_F_VERDICTS:
		break;
	}
	return 0;
}

static bool
has_reason(const struct lw_event *ev)
{
	return ev->kind == LW_EV_REPORT || ev->kind == LW_EV_DECISION;
}

bool
lw_field_is_there(const struct lw_field *f, const void *record)
{
	const void *at = lw_field_at(f, record);

	switch (f->type) {
	case LW_F_ID:
	case LW_F_NAME:
	case LW_F_STR:
		return ((const struct lw_str *)at)->p != NULL;
	case LW_F_VERDICTS:
		return *(const struct lw_verdict *const *)at != NULL;
	default:
		return true;
	}
}

bool
lw_field_is_set(const struct lw_field *f, const void *record)
{
	const void *at = lw_field_at(f, record);

	if ((f->flags & LW_FF_REQUIRED) != 0)
		return true;
	if ((f->flags & (LW_FF_REASON | LW_FF_ITEM)) != 0 &&
	    has_reason(record) != ((f->flags & LW_FF_REASON) != 0))
		return false;
	switch ((enum lw_field_type)f->type) {
	case LW_F_ID:
	case LW_F_NAME:
	case LW_F_TEXT:
	case LW_F_STR:
		return ((const struct lw_str *)at)->p != NULL;
	case LW_F_ZSTR:
		return *(const char *const *)at != NULL;
	case LW_F_U64:
		return *(const uint64_t *)at != 0;
	case LW_F_U32:
		return *(const uint32_t *)at != 0;
	case LW_F_REAL:
		return *(const double *)at != 0;
	case LW_F_BOOL:
		return *(const bool *)at;
	case LW_F_TRI:
		return *(const enum lw_tristate *)at != LW_UNKNOWN;
	case LW_F_ID128:
		return !lw_id128_eq(*(const struct lw_id128 *)at, (struct lw_id128){0, 0});
	case LW_F_IDS:
	case LW_F_U32S:
		return lw_field_count(f, record) > 0;
	case LW_F_KIND: /* a message needs no kind */
	case LW_F_CHANNEL:
	case LW_F_AGE:
	case LW_F_ACTION:
	case LW_F_BAND:
		return *(const int *)at != 0;
	case LW_F_EVENTS:
	case LW_F_ASK:
	case LW_F_VERDICTS:
		break;
	}
	return false;
}

const char *
lw_field_enum_name(const struct lw_field *f, const void *record)
{
	const void *at = lw_field_at(f, record);

	switch (f->type) {
	case LW_F_KIND:
		return lw_event_kind_name(*(const enum lw_event_kind *)at);
	case LW_F_CHANNEL:
		return lw_channel_name(*(const enum lw_channel *)at);
	case LW_F_AGE:
		return lw_age_band_name(*(const enum lw_age_band *)at);
	case LW_F_ACTION:
		return lw_action_name(*(const enum lw_action *)at);
	default:
		return lw_band_name(*(const enum lw_band *)at);
	}
}
