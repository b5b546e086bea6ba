/* SPDX-License-Identifier: Apache-2.0 */
/* The hot way in: MessagePack bytes of an event to struct lw_event, without an object tree
 * between them (measured: the tree alone takes longer than all of this). Strings are lent
 * from the bytes; repaired text lives in the arena. */
#include "wire/event_map.h"

/* Levels that an unknown value within an event may have: frame, `events` and event are
 * around it. */
#define DEPTH_LEFT (LW_WIRE_DEPTH_MAX - 3)

static int
read_array(struct lw_cursor *c, const struct lw_field *f, uint32_t n,
    struct lw_field_read *r, struct lw_event *ev)
{
	size_t budget = SIZE_MAX;
	struct lw_cursor start;
	struct lw_value v;
	int err = 0;

	while (n-- > 0 && err == 0) {
		start = *c;
		if ((err = lw_cursor_next(c, &v)) != 0)
			break;
		if (!lw_value_is_container(&v)) {
			err = lw_field_set(f, ev, &v, r);
		} else {
			*c = start;
			err = lw_cursor_skip(c, DEPTH_LEFT - 1, &budget);
		}
	}
	return err;
}

/* Nearly all values are ids of usual length: taken as they are, without the ceremony. */
static inline bool
read_id(struct lw_cursor *c, const struct lw_field *f, struct lw_event *ev)
{
	struct lw_cursor at = *c;
	struct lw_value v;

	if (f == NULL || (f->type != LW_F_ID && f->type != LW_F_NAME) ||
	    lw_cursor_next(&at, &v) != 0 || v.type != LW_V_STR || v.s.n == 0 ||
	    v.s.n > LW_EVENT_ID_MAX)
		return false;
	*(struct lw_str *)((char *)ev + f->at) = v.s;
	*c = at;
	return true;
}

static int
read_value(struct lw_cursor *c, const struct lw_field *f, struct lw_field_read *r,
    struct lw_event *ev)
{
	struct lw_cursor start = *c;
	size_t budget = SIZE_MAX;
	struct lw_value v;
	int err;

	if ((err = lw_cursor_next(c, &v)) != 0)
		return err;
	if (!lw_value_is_container(&v)) {
		if (f == NULL || lw_field_is_array(f))
			return 0;
		return lw_field_set(f, ev, &v, r);
	}
	if (f != NULL && lw_field_is_array(f) && v.type == LW_V_ARRAY)
		return read_array(c, f, v.n, r, ev);
	*c = start;
	return lw_cursor_skip(c, DEPTH_LEFT, &budget);
}

int
lw_event_map_read(struct lw_cursor *c, struct lw_field_read *r, struct lw_event *ev)
{
	const struct lw_field *f;
	size_t hint = lw_event_fields.n - 1, budget = SIZE_MAX;
	struct lw_cursor start;
	struct lw_value v;
	uint32_t n;
	int err;

	if ((err = lw_cursor_next(c, &v)) != 0)
		return err;
	if (v.type != LW_V_MAP)
		return LW_EPROTO;
	for (n = v.n; n > 0; n--) {
		start = *c;
		if ((err = lw_cursor_next(c, &v)) != 0)
			return err;
		f = NULL;
		if (v.type == LW_V_STR) {
			f = lw_field_find(&lw_event_fields, v.s, &hint);
		} else {
			*c = start;
			if ((err = lw_cursor_skip(c, DEPTH_LEFT, &budget)) != 0)
				return err;
		}
		if (!read_id(c, f, ev) && (err = read_value(c, f, r, ev)) != 0)
			return err;
	}
	if (r->bad == NULL)
		r->bad = lw_event_lacks(ev);
	return 0;
}

int
lw_event_map_decode(struct lw_reader *rd, struct lw_str map, struct lw_arena *arena,
    struct lw_event *out)
{
	struct lw_field_read r = {.arena = arena};
	struct lw_cursor c = lw_cursor(map);
	int err;

	(void)rd;
	memset(out, 0, sizeof *out);
	if ((err = lw_event_map_read(&c, &r, out)) != 0)
		return err;
	return r.bad != NULL || c.p != c.end ? LW_EPROTO : 0;
}

/* A message needs somebody who says something to somebody; the rest likewise. */
const char *
lw_event_lacks(const struct lw_event *ev)
{
	bool place = ev->conv.p != NULL || ev->to.p != NULL;

	if (ev->from.p == NULL)
		return "no `from`";
	switch (ev->kind) {
	case LW_EV_MESSAGE:
	case LW_EV_EDIT:
		if (ev->text.p == NULL)
			return "no `text`";
		return place ? NULL : "neither `conv` nor `to`";
	case LW_EV_DELETE:
		return ev->reply_to.p != NULL ? NULL : "no `reply_to`: which message?";
	case LW_EV_JOIN:
	case LW_EV_LEAVE:
		return ev->conv.p != NULL ? NULL : "no `conv`";
	case LW_EV_GIFT:
	case LW_EV_ATTACHMENT:
		return place ? NULL : "neither `conv` nor `to`";
	case LW_EV_CONTACT_REQUEST:
	case LW_EV_CONTACT_ACCEPT:
	case LW_EV_RELATION:
	case LW_EV_REPORT:
		return ev->to.p != NULL ? NULL : "no `to`";
	case LW_EV_USER:
	case LW_EV_DECISION:
	case LW_EV_MAX:
		break;
	}
	return NULL;
}
