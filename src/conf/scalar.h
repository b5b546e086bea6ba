/* SPDX-License-Identifier: Apache-2.0 */
/* Text <-> numbers with units; private to the room. */
#ifndef LW_CONF_SCALAR_H
#define LW_CONF_SCALAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/str.h"

#define LW_CONF_QUOTE_MAX 48 /* bytes of a quoted word, with marks and NUL */

/* Each returns 0, LW_EINVAL for a wrong form, or LW_ELIMIT for too large a number. */
int lw_conf_parse_int(struct lw_str s, int64_t *out);
int lw_conf_parse_double(struct lw_str s, double *out);
int lw_conf_parse_bool(struct lw_str s, bool *out);
int lw_conf_parse_duration(struct lw_str s, uint64_t *ms);
int lw_conf_parse_size(struct lw_str s, uint64_t *bytes);

/* In the largest unit that holds the number exactly. */
void lw_conf_put_duration(struct lw_buf *out, uint64_t ms);
void lw_conf_put_size(struct lw_buf *out, uint64_t bytes);

/* 'word' for a message: cut, and only printable ASCII. */
const char *lw_conf_quote(char out[LW_CONF_QUOTE_MAX], struct lw_str s);

#endif
