/* SPDX-License-Identifier: Apache-2.0 */
/* Look-ups in a table of names; private to the room. */
#ifndef LW_EVENT_NAMES_H
#define LW_EVENT_NAMES_H

#include <stddef.h>
#include "base/str.h"

#define LW_NAMES(table) (table), sizeof(table) / sizeof((table)[0])

/* names[i], or NULL outside the table. */
const char *lw_names_at(const char *const *names, size_t n, int i);
/* The index of name, or -1. NULL entries match nothing. */
int lw_names_find(const char *const *names, size_t n, struct lw_str name);

#endif
