/* SPDX-License-Identifier: Apache-2.0 */
/* Dotted versions and ranges of them, such as '>=0.1 <2'. */
#ifndef LW_PACK_VERSION_H
#define LW_PACK_VERSION_H

#include "base/str.h"
#include "config.h"

/* 1 when every term of the range holds for version, 0 when one does not, -1 when the range
 * is not one. */
int lw_version_in_range(struct lw_str range, const char *version);

#endif
