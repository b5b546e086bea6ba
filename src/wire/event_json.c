/* SPDX-License-Identifier: Apache-2.0 */
/* A line of a replay file in, struct lw_event out, and back: the names and the setter of
 * fields.c, with jansson as the reader. All strings are copied into the arena. */
#include <jansson.h>
#include "base/json.h"
#include "wire/fields.h"

/* jansson's words have the offending bytes in them, which may be somebody's message. */
static const char *
json_reason(const json_error_t *e)
{
	switch (json_error_code(e)) {
	case json_error_invalid_utf8:
		return "invalid UTF-8";
	case json_error_premature_end_of_input:
		return "the line ends too early";
	case json_error_end_of_input_expected:
		return "more than one value on the line";
	case json_error_numeric_overflow:
		return "a number is too large";
	case json_error_stack_overflow:
		return "nested too deeply";
	case json_error_out_of_memory:
		return "out of memory";
	default:
		return "invalid JSON";
	}
}

static int
value_of(const json_t *j, struct lw_arena *arena, struct lw_value *v)
{
	switch (json_typeof(j)) {
	case JSON_STRING:
		v->type = LW_V_STR;
		v->s.n = json_string_length(j);
		v->s.p = lw_arena_dup(arena, json_string_value(j), v->s.n);
		return v->s.p == NULL ? LW_ENOMEM : 0;
	case JSON_INTEGER:
		v->type = json_integer_value(j) < 0 ? LW_V_NEG : LW_V_UINT;
		v->u = (uint64_t)json_integer_value(j);
		return 0;
	case JSON_REAL:
		v->type = LW_V_REAL;
		v->d = json_real_value(j);
		return 0;
	case JSON_TRUE:
	case JSON_FALSE:
		v->type = LW_V_BOOL;
		v->b = json_is_true(j);
		return 0;
	case JSON_ARRAY:
	case JSON_OBJECT:
	case JSON_NULL:
		break;
	}
	v->type = LW_V_NIL;
	return 0;
}

static int
read_field(const struct lw_field *f, const json_t *j, struct lw_field_read *r,
    struct lw_event *ev)
{
	struct lw_value v;
	size_t i;
	int err;

	if (!lw_field_is_array(f)) {
		err = value_of(j, r->arena, &v);
		return err != 0 ? err : lw_field_set(f, ev, &v, r);
	}
	for (i = 0; i < json_array_size(j); i++) {
		if ((err = value_of(json_array_get(j, i), r->arena, &v)) != 0 ||
		    (err = lw_field_set(f, ev, &v, r)) != 0)
			return err;
	}
	return 0;
}

static int
read_object(json_t *root, struct lw_field_read *r, struct lw_event *ev)
{
	size_t hint = lw_event_fields.n - 1;
	void *it;
	int err;

	for (it = json_object_iter(root); it != NULL;
	     it = json_object_iter_next(root, it)) {
		const struct lw_field *f = lw_field_find(
		    &lw_event_fields, lw_str(json_object_iter_key(it)), &hint);

		if (f == NULL || (f->flags & LW_FF_OWN) != 0)
			continue;
		if ((err = read_field(f, json_object_iter_value(it), r, ev)) != 0)
			return err;
	}
	return 0;
}

int
lw_event_from_json(struct lw_str line, struct lw_arena *arena, struct lw_event *out,
    const char **why, size_t *at)
{
	struct lw_field_read r = {.arena = arena};
	json_error_t e = {.position = 0};
	json_t *root;
	int err = LW_EINVAL;

	memset(out, 0, sizeof *out);
	*at = 0;
	root = json_loadb(line.p != NULL ? line.p : "", line.n, JSON_ALLOW_NUL, &e);
	if (root == NULL) {
		*why = json_reason(&e);
		*at = e.position > 0 ? (size_t)e.position : 0;
		return LW_EINVAL;
	}
	if (!json_is_object(root)) {
		*why = "not an object";
		goto out;
	}
	if ((err = read_object(root, &r, out)) != 0) {
		*why = "out of memory";
		goto out;
	}
	if (r.bad == NULL)
		r.bad = lw_event_lacks(out);
	if (r.bad != NULL) {
		*why = r.bad;
		err = LW_EINVAL;
	}
out:
	json_decref(root);
	return err;
}

static void
write_field(struct lw_json *j, const struct lw_field *f, const struct lw_event *ev)
{
	const void *at = lw_field_at(f, ev);
	uint32_t i;

	lw_json_key(j, f->name);
	switch ((enum lw_field_type)f->type) {
	case LW_F_U64:
		lw_json_uint(j, *(const uint64_t *)at);
		break;
	case LW_F_U32:
		lw_json_uint(j, *(const uint32_t *)at);
		break;
	case LW_F_TRI:
		lw_json_bool(j, *(const enum lw_tristate *)at == LW_YES);
		break;
	case LW_F_KIND:
	case LW_F_CHANNEL:
	case LW_F_AGE:
		lw_json_strz(j, lw_field_enum_name(f, ev));
		break;
	case LW_F_IDS:
		lw_json_array(j);
		for (i = 0; i < lw_field_count(f, ev); i++)
			lw_json_str(j, ((const struct lw_str *)at)[i]);
		lw_json_array_end(j);
		break;
	default: /* every other type in an event's table is a string */
		lw_json_str(j, *(const struct lw_str *)at);
	}
}

void
lw_event_json(struct lw_json *j, const struct lw_event *ev)
{
	size_t i;

	lw_json_object(j);
	for (i = 0; i < lw_event_fields.n; i++) {
		const struct lw_field *f = &lw_event_fields.f[i];

		if ((f->flags & LW_FF_OWN) == 0 && lw_field_is_set(f, ev))
			write_field(j, f, ev);
	}
	lw_json_object_end(j);
}
