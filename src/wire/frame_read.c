/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes of a frame in, struct lw_frame out. `events`, which is nearly all there is, goes by
 * the cursor straight into its structs; the rare frames go through MessagePack-C's objects,
 * whose zone the reader keeps. MessagePack-C allocates by the counts that it is told, so a
 * bounds walk with the cursor comes first. Both ways end in the setter of fields.c. */
#include <msgpack.h>
#include <stdlib.h>
#include "wire/event_map.h"
#include "wire/fields.h"

#define ZONE_CHUNK 8192

struct lw_reader {
	msgpack_zone zone;
};

int
lw_reader_new(struct lw_reader **out)
{
	struct lw_reader *r = calloc(1, sizeof *r);

	if (r == NULL)
		return LW_ENOMEM;
	if (!msgpack_zone_init(&r->zone, ZONE_CHUNK)) {
		free(r);
		return LW_ENOMEM;
	}
	*out = r;
	return 0;
}

void
lw_reader_free(struct lw_reader *r)
{
	if (r == NULL)
		return;
	msgpack_zone_destroy(&r->zone);
	free(r);
}

int
lw_frame_next(const uint8_t *p, size_t n, size_t max, struct lw_str *body)
{
	uint32_t len;

	if (n < 4)
		return 0;
	len = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
	if (len == 0)
		return LW_EPROTO;
	if (len > max)
		return LW_ELIMIT;
	if (n - 4 < len)
		return 0;
	*body = (struct lw_str){(const char *)p + 4, len};
	return 1;
}

/* ---- which frame is it ---- */

static enum lw_frame_type
type_of(struct lw_str name)
{
	int t;

	for (t = 0; t < LW_FR_UNKNOWN; t++) {
		if (lw_str_is(name, lw_frame_fields[t].name))
			return (enum lw_frame_type)t;
	}
	return LW_FR_UNKNOWN;
}

/* Find `t`; our writers put it first, a hash table of some language puts it anywhere. */
static int
peek_type(struct lw_cursor c, enum lw_frame_type *type)
{
	size_t budget = SIZE_MAX;
	struct lw_cursor start;
	struct lw_value v;
	uint32_t n;
	int err;

	if ((err = lw_cursor_next(&c, &v)) != 0)
		return err;
	if (v.type != LW_V_MAP)
		return LW_EPROTO;
	for (n = v.n; n > 0; n--) {
		bool is_t;

		start = c;
		if ((err = lw_cursor_next(&c, &v)) != 0)
			return err;
		is_t = v.type == LW_V_STR && lw_str_is(v.s, "t");
		if (is_t) {
			if ((err = lw_cursor_next(&c, &v)) != 0)
				return err;
			*type = v.type == LW_V_STR ? type_of(v.s) : LW_FR_UNKNOWN;
			return v.type == LW_V_STR ? 0 : LW_EPROTO;
		}
		c = start;
		if ((err = lw_cursor_skip(&c, LW_WIRE_DEPTH_MAX - 1, &budget)) != 0 ||
		    (err = lw_cursor_skip(&c, LW_WIRE_DEPTH_MAX - 1, &budget)) != 0)
			return err;
	}
	return LW_EPROTO;
}

/* ---- events: by the cursor ---- */

static int
read_event_array(struct lw_cursor *c, struct lw_arena *arena, struct lw_frame *out)
{
	struct lw_value v;
	uint32_t i;
	int err;

	if ((err = lw_cursor_next(c, &v)) != 0)
		return err;
	if (v.type != LW_V_ARRAY || out->events != NULL)
		return LW_EPROTO;
	if (v.n > LW_BATCH_MAX)
		return LW_ELIMIT;
	out->events = lw_arena_alloc(arena, (v.n + 1) * sizeof *out->events);
	if (out->events == NULL)
		return LW_ENOMEM;
	out->nevents = v.n;
	for (i = 0; i < v.n; i++) {
		struct lw_field_read r = {.arena = arena};

		if ((err = lw_event_map_read(c, &r, &out->events[i])) != 0)
			return err;
		out->repaired += r.repaired;
		if (r.bad != NULL) {
			out->events[i].kind = LW_EV_MAX;
			out->bad++;
		}
	}
	return 0;
}

/* `ask`: true for all, or the places of those that ask. */
static int
apply_ask(struct lw_cursor c, struct lw_frame *out)
{
	struct lw_value v, place;
	size_t i;
	int err;

	if ((err = lw_cursor_next(&c, &v)) != 0)
		return err;
	if (v.type == LW_V_BOOL && v.b) {
		for (i = 0; i < out->nevents; i++)
			out->events[i].ask = true;
	}
	for (i = 0; v.type == LW_V_ARRAY && i < v.n; i++) {
		if (lw_cursor_next(&c, &place) != 0 || lw_value_is_container(&place))
			return LW_EPROTO;
		if (place.type == LW_V_UINT && place.u < out->nevents)
			out->events[place.u].ask = true;
	}
	return 0;
}

static int
read_events(struct lw_cursor c, struct lw_arena *arena, struct lw_frame *out)
{
	struct lw_cursor ask = {NULL, NULL}, start;
	size_t budget = SIZE_MAX;
	bool has_seq = false;
	struct lw_value v, key;
	uint32_t n;
	int err;

	if ((err = lw_cursor_next(&c, &v)) != 0)
		return err;
	for (n = v.n; n > 0; n--) {
		start = c;
		if ((err = lw_cursor_next(&c, &key)) != 0)
			return err;
		if (lw_value_is_container(&key) || key.type != LW_V_STR) {
			c = start;
			if ((err = lw_cursor_skip(&c, LW_WIRE_DEPTH_MAX - 1, &budget)) != 0)
				return err;
			key.s = LW_STR("");
		}
		if (lw_str_is(key.s, "events")) {
			if ((err = read_event_array(&c, arena, out)) != 0)
				return err;
			continue;
		}
		start = c;
		if ((err = lw_cursor_skip(&c, LW_WIRE_DEPTH_MAX - 1, &budget)) != 0)
			return err;
		if (lw_str_is(key.s, "ask"))
			ask = start;
		if (lw_str_is(key.s, "seq") && lw_cursor_next(&start, &v) == 0)
			has_seq = lw_value_uint(&v, UINT64_MAX, &out->seq);
	}
	if (c.p != c.end || !has_seq || out->events == NULL)
		return LW_EPROTO;
	return ask.p != NULL ? apply_ask(ask, out) : 0;
}

/* ---- the rest: through MessagePack-C's objects ---- */

static struct lw_value
value_of(const msgpack_object *o)
{
	struct lw_value v = {.type = LW_V_NIL};

	switch (o->type) {
	case MSGPACK_OBJECT_BOOLEAN:
		v.type = LW_V_BOOL;
		v.b = o->via.boolean;
		break;
	case MSGPACK_OBJECT_POSITIVE_INTEGER:
		v.type = LW_V_UINT;
		v.u = o->via.u64;
		break;
	case MSGPACK_OBJECT_NEGATIVE_INTEGER:
		v.type = LW_V_NEG;
		break;
	case MSGPACK_OBJECT_FLOAT32:
	case MSGPACK_OBJECT_FLOAT64:
		v.type = LW_V_REAL;
		v.d = o->via.f64;
		break;
	case MSGPACK_OBJECT_STR:
		v.type = LW_V_STR;
		v.s = (struct lw_str){o->via.str.ptr, o->via.str.size};
		break;
	case MSGPACK_OBJECT_BIN:
		v.type = LW_V_STR;
		v.s = (struct lw_str){o->via.bin.ptr, o->via.bin.size};
		break;
	case MSGPACK_OBJECT_ARRAY:
		v.type = LW_V_ARRAY;
		v.n = o->via.array.size;
		break;
	case MSGPACK_OBJECT_MAP:
		v.type = LW_V_MAP;
		v.n = o->via.map.size;
		break;
	case MSGPACK_OBJECT_NIL:
	case MSGPACK_OBJECT_EXT:
		break;
	}
	return v;
}

static int read_map(const struct lw_fields *t, const msgpack_object *o, void *record,
    struct lw_field_read *r);

static int
read_verdicts(const msgpack_object *o, struct lw_field_read *r, struct lw_frame *out)
{
	uint32_t i;
	int err;

	if (o->type != MSGPACK_OBJECT_ARRAY || out->verdicts != NULL)
		return LW_EPROTO;
	if (o->via.array.size > LW_BATCH_MAX)
		return LW_ELIMIT;
	out->verdicts =
	    lw_arena_alloc(r->arena, (o->via.array.size + 1) * sizeof *out->verdicts);
	if (out->verdicts == NULL)
		return LW_ENOMEM;
	out->nverdicts = o->via.array.size;
	for (i = 0; i < o->via.array.size; i++) {
		err = read_map(
		    &lw_verdict_fields, &o->via.array.ptr[i], &out->verdicts[i], r);
		if (err != 0)
			return err;
	}
	return 0;
}

static int
read_object(const struct lw_field *f, const msgpack_object *o, void *record,
    struct lw_field_read *r)
{
	struct lw_value v = value_of(o);
	uint32_t i;
	int err = 0;

	if (f->type == LW_F_VERDICTS)
		return read_verdicts(o, r, record);
	if (!lw_value_is_container(&v)) {
		/* One version number is a list of one. */
		if (f->type == LW_F_IDS)
			return 0;
		return lw_field_set(f, record, &v, r);
	}
	if (v.type != LW_V_ARRAY || !lw_field_is_array(f))
		return 0;
	for (i = 0; i < o->via.array.size && err == 0; i++) {
		v = value_of(&o->via.array.ptr[i]);
		if (!lw_value_is_container(&v))
			err = lw_field_set(f, record, &v, r);
	}
	return err;
}

static int
read_map(const struct lw_fields *t, const msgpack_object *o, void *record,
    struct lw_field_read *r)
{
	size_t hint = t->n - 1, i;
	uint32_t seen = 0;
	int err;

	if (o->type != MSGPACK_OBJECT_MAP)
		return LW_EPROTO;
	for (i = 0; i < o->via.map.size; i++) {
		const msgpack_object_kv *kv = &o->via.map.ptr[i];
		struct lw_value key = value_of(&kv->key);
		const struct lw_field *f;

		if (key.type != LW_V_STR || kv->val.type == MSGPACK_OBJECT_NIL)
			continue;
		if ((f = lw_field_find(t, key.s, &hint)) == NULL)
			continue;
		if ((err = read_object(f, &kv->val, record, r)) != 0)
			return err;
		seen |= 1u << (f - t->f);
	}
	for (i = 0; i < t->n; i++) {
		if ((t->f[i].flags & LW_FF_REQUIRED) != 0 &&
		    ((seen & 1u << i) == 0 || !lw_field_is_there(&t->f[i], record)))
			return LW_EPROTO;
	}
	return r->bad != NULL ? LW_EPROTO : 0;
}

static int
read_rare(struct lw_reader *rd, struct lw_str body, struct lw_arena *arena,
    struct lw_frame *out)
{
	struct lw_field_read r = {.arena = arena};
	struct lw_cursor c = lw_cursor(body);
	size_t budget = LW_WIRE_OBJECTS_MAX, off = 0;
	msgpack_object o;
	int err;

	if ((err = lw_cursor_skip(&c, LW_WIRE_DEPTH_MAX, &budget)) != 0)
		return err;
	if (c.p != c.end)
		return LW_EPROTO;
	err = LW_EPROTO;
	switch (msgpack_unpack(body.p, body.n, &off, &rd->zone, &o)) {
	case MSGPACK_UNPACK_SUCCESS:
	case MSGPACK_UNPACK_EXTRA_BYTES:
		err = read_map(&lw_frame_fields[out->type], &o, out, &r);
		break;
	case MSGPACK_UNPACK_NOMEM_ERROR:
		err = LW_ENOMEM;
		break;
	case MSGPACK_UNPACK_CONTINUE:
	case MSGPACK_UNPACK_PARSE_ERROR:
		break;
	}
	msgpack_zone_clear(&rd->zone);
	return err;
}

int
lw_frame_decode(struct lw_reader *r, struct lw_str body, struct lw_arena *arena,
    struct lw_frame *out)
{
	struct lw_cursor c = lw_cursor(body);
	size_t budget = SIZE_MAX;
	int err;

	memset(out, 0, sizeof *out);
	if ((err = peek_type(c, &out->type)) != 0)
		return err;
	if (out->type == LW_FR_EVENTS)
		return read_events(c, arena, out);
	if (out->type != LW_FR_UNKNOWN)
		return read_rare(r, body, arena, out);
	err = lw_cursor_skip(&c, LW_WIRE_DEPTH_MAX, &budget);
	return err != 0 || c.p == c.end ? err : LW_EPROTO;
}
