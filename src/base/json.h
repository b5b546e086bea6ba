/* SPDX-License-Identifier: Apache-2.0 */
/* JSON writer onto a buffer: commas and nesting are its own business. Invalid UTF-8
 * becomes U+FFFD. Errors are sticky in the buffer. indent 0 writes one line. */
#ifndef LW_BASE_JSON_H
#define LW_BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/str.h"

#define LW_JSON_DEPTH_MAX 16

struct lw_json {
	struct lw_buf *out; /* lent */
	int indent, depth;
	uint8_t state[LW_JSON_DEPTH_MAX];
	bool after_key;
};

void lw_json_init(struct lw_json *j, struct lw_buf *out, int indent);
void lw_json_object(struct lw_json *j);
void lw_json_object_end(struct lw_json *j);
void lw_json_array(struct lw_json *j);
void lw_json_array_end(struct lw_json *j);
void lw_json_key(struct lw_json *j, const char *key);
void lw_json_str(struct lw_json *j, struct lw_str s);
void lw_json_strz(struct lw_json *j, const char *z); /* NULL writes null */
void lw_json_int(struct lw_json *j, int64_t v);
void lw_json_uint(struct lw_json *j, uint64_t v);
/* Shortest form that reads back as the same double; NaN and infinity become null. */
void lw_json_double(struct lw_json *j, double v);
void lw_json_fixed(struct lw_json *j, double v, int digits);
void lw_json_bool(struct lw_json *j, bool v);
void lw_json_null(struct lw_json *j);

#endif
