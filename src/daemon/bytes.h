/* SPDX-License-Identifier: Apache-2.0 */
/* Little-endian numbers and framed slices: how files in the state folder are written. */
#ifndef LW_DAEMON_BYTES_H
#define LW_DAEMON_BYTES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include "base/buf.h"
#include "base/str.h"

static inline void
lw_le_set(uint8_t *p, uint64_t v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static inline uint64_t
lw_le_get(const uint8_t *p, size_t n)
{
	uint64_t v = 0;
	size_t i;

	for (i = n; i > 0; i--)
		v = v << 8 | p[i - 1];
	return v;
}

static inline void
lw_le_put(struct lw_buf *b, uint64_t v, size_t n)
{
	uint8_t p[8];

	lw_le_set(p, v, n);
	lw_buf_put(b, p, n);
}

/* Length and bytes; an absent slice is told apart from an empty one. */
static inline void
lw_le_put_str(struct lw_buf *b, struct lw_str s)
{
	lw_le_put(b, s.p != NULL ? (uint64_t)s.n + 1 : 0, 4);
	if (s.n > 0)
		lw_buf_put(b, s.p, s.n);
}

/* A reader that stops at the first thing that does not fit, and then gives zeros. */
struct lw_le_in {
	const uint8_t *p, *end;
	bool bad;
};

static inline struct lw_le_in
lw_le_in(struct lw_str s)
{
	const uint8_t *p = (const uint8_t *)s.p;

	return (struct lw_le_in){p, p != NULL ? p + s.n : p, false};
}

static inline uint64_t
lw_le_take(struct lw_le_in *in, size_t n)
{
	uint64_t v;

	if (in->bad || (size_t)(in->end - in->p) < n) {
		in->bad = true;
		return 0;
	}
	v = lw_le_get(in->p, n);
	in->p += n;
	return v;
}

static inline struct lw_str
lw_le_take_bytes(struct lw_le_in *in, size_t n)
{
	struct lw_str s = {NULL, 0};

	if (in->bad || (size_t)(in->end - in->p) < n) {
		in->bad = true;
		return s;
	}
	s = (struct lw_str){(const char *)in->p, n};
	in->p += n;
	return s;
}

static inline struct lw_str
lw_le_take_str(struct lw_le_in *in)
{
	uint64_t n = lw_le_take(in, 4);

	return n == 0 ? (struct lw_str){NULL, 0} : lw_le_take_bytes(in, (size_t)n - 1);
}

#endif
