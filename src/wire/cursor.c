/* SPDX-License-Identifier: Apache-2.0 */
/* MessagePack bytes in, values out: the forms that are too rare to be inlined, and the
 * bounds walk over a whole value. Owner of nothing. */
#include "wire/cursor.h"
#include "wire/wire.h"

static uint64_t
big_endian(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	while (n-- > 0)
		v = v << 8 | *p++;
	return v;
}

/* An unsigned number of n bytes in front of what follows it. */
static int
take_uint(struct lw_cursor *c, size_t n, uint64_t *v)
{
	if (n > (size_t)(c->end - c->p))
		return LW_EPROTO;
	*v = big_endian(c->p, n);
	c->p += n;
	return 0;
}

int
lw_cursor_bytes(struct lw_cursor *c, size_t n, struct lw_value *v)
{
	if (n > (size_t)(c->end - c->p))
		return LW_EPROTO;
	v->type = LW_V_STR;
	v->s = (struct lw_str){(const char *)c->p, n};
	c->p += n;
	return 0;
}

int
lw_cursor_head(struct lw_cursor *c, uint32_t n, bool map, struct lw_value *v)
{
	/* Every element takes a byte at least: a larger count is a lie. */
	if ((uint64_t)n * (map ? 2 : 1) > (uint64_t)(c->end - c->p))
		return LW_EPROTO;
	v->type = map ? LW_V_MAP : LW_V_ARRAY;
	v->n = n;
	return 0;
}

static int
take_ext(struct lw_cursor *c, size_t n, struct lw_value *v)
{
	int r = lw_cursor_bytes(c, n + 1, v); /* and the byte of its type */

	v->type = LW_V_EXT;
	return r;
}

static int
take_int(struct lw_cursor *c, size_t n, struct lw_value *v)
{
	uint64_t u, sign = 1ULL << (n * 8 - 1);

	if (take_uint(c, n, &u) != 0)
		return LW_EPROTO;
	/* What lies below 0 has no use in any field, so its amount is not kept. */
	v->type = (u & sign) != 0 ? LW_V_NEG : LW_V_UINT;
	v->u = u;
	return 0;
}

static int
take_real(struct lw_cursor *c, size_t n, struct lw_value *v)
{
	uint64_t u;

	if (take_uint(c, n, &u) != 0)
		return LW_EPROTO;
	v->type = LW_V_REAL;
	if (n == 4) {
		uint32_t w = (uint32_t)u;
		float f;

		memcpy(&f, &w, sizeof f);
		v->d = f;
	} else {
		memcpy(&v->d, &u, sizeof v->d);
	}
	return 0;
}

/* Forms with a length of 1, 2 or 4 bytes: str, bin, ext, array, map. */
static int
take_sized(struct lw_cursor *c, uint8_t b, struct lw_value *v)
{
	static const uint8_t width[0x20] = {
	    [0x04] = 1,
	    [0x05] = 2,
	    [0x06] = 4, /* bin */
	    [0x07] = 1,
	    [0x08] = 2,
	    [0x09] = 4, /* ext */
	    [0x19] = 1,
	    [0x1a] = 2,
	    [0x1b] = 4, /* str */
	    [0x1c] = 2,
	    [0x1d] = 4, /* array */
	    [0x1e] = 2,
	    [0x1f] = 4, /* map */
	};
	uint64_t n;

	if (width[b - 0xc0] == 0 || take_uint(c, width[b - 0xc0], &n) != 0)
		return LW_EPROTO;
	if (b >= 0xdc)
		return lw_cursor_head(c, (uint32_t)n, b >= 0xde, v);
	if (b >= 0xc7 && b <= 0xc9)
		return take_ext(c, n, v);
	return lw_cursor_bytes(c, n, v);
}

int
lw_cursor_wide(struct lw_cursor *c, uint8_t b, struct lw_value *v)
{
	if (b >= 0xe0) {
		v->type = LW_V_NEG;
		return 0;
	}
	if (b < 0xa0)
		return lw_cursor_head(c, b & 0x0f, b < 0x90, v);
	switch (b) {
	case 0xc0:
		v->type = LW_V_NIL;
		return 0;
	case 0xc2:
	case 0xc3:
		v->type = LW_V_BOOL;
		v->b = b == 0xc3;
		return 0;
	case 0xca:
	case 0xcb:
		return take_real(c, b == 0xca ? 4 : 8, v);
	case 0xcc:
	case 0xcd:
	case 0xce:
	case 0xcf:
		v->type = LW_V_UINT;
		return take_uint(c, (size_t)1 << (b - 0xcc), &v->u);
	case 0xd0:
	case 0xd1:
	case 0xd2:
	case 0xd3:
		return take_int(c, (size_t)1 << (b - 0xd0), v);
	case 0xd4:
	case 0xd5:
	case 0xd6:
	case 0xd7:
	case 0xd8:
		return take_ext(c, (size_t)1 << (b - 0xd4), v);
	default:
		return take_sized(c, b, v);
	}
}

int
lw_cursor_skip(struct lw_cursor *c, unsigned depth, size_t *budget)
{
	uint64_t left[LW_WIRE_DEPTH_MAX + 1] = {1};
	unsigned at = 0;
	struct lw_value v;
	int r;

	if (depth > LW_WIRE_DEPTH_MAX)
		depth = LW_WIRE_DEPTH_MAX;
	for (;;) {
		while (left[at] == 0) {
			if (at-- == 0)
				return 0;
		}
		left[at]--;
		if (*budget == 0)
			return LW_ELIMIT;
		(*budget)--;
		if ((r = lw_cursor_next(c, &v)) != 0)
			return r;
		if (!lw_value_is_container(&v))
			continue;
		if (at == depth)
			return LW_ELIMIT;
		left[++at] = (uint64_t)v.n * (v.type == LW_V_MAP ? 2 : 1);
	}
}
