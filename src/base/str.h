/* SPDX-License-Identifier: Apache-2.0 */
/* A lent slice of bytes: not NUL-terminated, not owned. {NULL,0} means absent. */
#ifndef LW_BASE_STR_H
#define LW_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct lw_str {
	const char *p;
	size_t n;
};

#define LW_STR(lit) ((struct lw_str){"" lit, sizeof(lit) - 1})

static inline struct lw_str
lw_str(const char *z)
{
	return (struct lw_str){z, z != NULL ? strlen(z) : 0};
}

static inline bool
lw_str_is(struct lw_str s, const char *z)
{
	size_t n = strlen(z);

	return s.p != NULL && s.n == n && memcmp(s.p, z, n) == 0;
}

static inline bool
lw_str_eq(struct lw_str a, struct lw_str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

#endif
