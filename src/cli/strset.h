/* SPDX-License-Identifier: Apache-2.0 */
/* A set of strings by their 128-bit hash: counts distinct conversations. */
#ifndef LW_CLI_STRSET_H
#define LW_CLI_STRSET_H

#include <stddef.h>
#include "base/hash.h"
#include "base/str.h"

struct lw_strset { /* all zero is an empty set */
	struct lw_id128 *slot;
	size_t n, cap;
};
/* 1 when added, 0 when it was in, LW_ENOMEM. */
int lw_strset_add(struct lw_strset *s, struct lw_str item);
void lw_strset_clear(struct lw_strset *s);

#endif
