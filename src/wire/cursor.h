/* SPDX-License-Identifier: Apache-2.0 */
/* A cursor over the bytes of one MessagePack value: bounded reads in, scalars and heads of
 * containers out. Nothing is copied and nothing allocated; strings are lent from the bytes.
 * A container whose count cannot fit the bytes that are left is refused at its head. */
#ifndef LW_WIRE_CURSOR_H
#define LW_WIRE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"
#include "base/str.h"

enum lw_value_type {
	LW_V_NIL,
	LW_V_BOOL,
	LW_V_UINT,
	LW_V_NEG,
	LW_V_REAL,
	LW_V_STR,
	LW_V_EXT,
	LW_V_ARRAY,
	LW_V_MAP
};

/* A value of any source: MessagePack bytes, MessagePack-C objects, JSON. */
struct lw_value {
	enum lw_value_type type;
	union {
		bool b;
		uint64_t u;
		double d;
		struct lw_str s; /* str and bin alike */
		uint32_t n;	 /* elements of an array, pairs of a map */
	};
};

struct lw_cursor {
	const uint8_t *p, *end;
};

static inline struct lw_cursor
lw_cursor(struct lw_str s)
{
	const uint8_t *p = (const uint8_t *)s.p;

	return (struct lw_cursor){p, s.n > 0 ? p + s.n : p};
}

static inline bool
lw_value_is_container(const struct lw_value *v)
{
	return v->type >= LW_V_ARRAY;
}

/* For the forms with a length or a payload of their own; `b` is the first byte. */
int lw_cursor_wide(struct lw_cursor *c, uint8_t b, struct lw_value *v);
int lw_cursor_bytes(struct lw_cursor *c, size_t n, struct lw_value *v);
int lw_cursor_head(struct lw_cursor *c, uint32_t n, bool map, struct lw_value *v);

/* The next scalar, or head of a container. LW_EPROTO for what is no MessagePack or does not
 * fit the bytes. */
static inline int
lw_cursor_next(struct lw_cursor *c, struct lw_value *v)
{
	uint8_t b;

	if (c->p == c->end)
		return LW_EPROTO;
	b = *c->p++;
	if ((b & 0xe0) == 0xa0) {
		size_t n = b & 0x1f;

		if (n > (size_t)(c->end - c->p))
			return LW_EPROTO;
		v->type = LW_V_STR;
		v->s = (struct lw_str){(const char *)c->p, n};
		c->p += n;
		return 0;
	}
	if (b < 0x80) {
		v->type = LW_V_UINT;
		v->u = b;
		return 0;
	}
	return lw_cursor_wide(c, b, v);
}

/* Pass one whole value: at most `depth` containers within one another, and no more than
 * *budget values, which is counted down. LW_ELIMIT at either. */
int lw_cursor_skip(struct lw_cursor *c, unsigned depth, size_t *budget);

#endif
