/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON writer. In: values in order. Out: JSON text in a lent buffer. Misuse (a value
 * without a key in an object, an end too many) is our own bug and asserted. */
#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/json.h"

enum { IN_OBJECT = 1, HAS_ITEM = 2 };

void
lw_json_init(struct lw_json *j, struct lw_buf *out, int indent)
{
	memset(j, 0, sizeof(*j));
	j->out = out;
	j->indent = indent;
}

static void
new_line(struct lw_json *j)
{
	if (j->indent == 0)
		return;
	lw_buf_putc(j->out, '\n');
	for (int i = 0; i < j->indent * j->depth; i++)
		lw_buf_putc(j->out, ' ');
}

/* What stands before any item: comma and line break. */
static void
next_item(struct lw_json *j)
{
	if (j->depth == 0 || j->depth > LW_JSON_DEPTH_MAX)
		return;
	if (j->state[j->depth - 1] & HAS_ITEM)
		lw_buf_putc(j->out, ',');
	j->state[j->depth - 1] |= HAS_ITEM;
	new_line(j);
}

static void
before_value(struct lw_json *j)
{
	if (j->after_key) {
		j->after_key = false;
		return;
	}
	assert(j->depth == 0 || j->depth > LW_JSON_DEPTH_MAX ||
	       !(j->state[j->depth - 1] & IN_OBJECT));
	next_item(j);
}

static void
open_level(struct lw_json *j, int c, uint8_t state)
{
	before_value(j);
	lw_buf_putc(j->out, c);
	/* Too deep: counted on, so that the ends still pair up, but the text is void. */
	if (j->depth >= LW_JSON_DEPTH_MAX) {
		if (j->out->err == LW_OK)
			j->out->err = LW_ELIMIT;
	} else {
		j->state[j->depth] = state;
	}
	j->depth++;
}

static void
close_level(struct lw_json *j, int c)
{
	bool had_item = false;

	assert(j->depth > 0 && !j->after_key);
	j->depth--;
	if (j->depth < LW_JSON_DEPTH_MAX)
		had_item = (j->state[j->depth] & HAS_ITEM) != 0;
	if (had_item)
		new_line(j);
	lw_buf_putc(j->out, c);
}

void
lw_json_object(struct lw_json *j)
{
	open_level(j, '{', IN_OBJECT);
}

void
lw_json_object_end(struct lw_json *j)
{
	close_level(j, '}');
}

void
lw_json_array(struct lw_json *j)
{
	open_level(j, '[', 0);
}

void
lw_json_array_end(struct lw_json *j)
{
	close_level(j, ']');
}

/* Length of the valid UTF-8 character at s, or 0; *bad is then how many bytes one U+FFFD
 * stands for (the longest beginning of a character, as Unicode's chapter 3 advises). */
static size_t
utf8_len(const uint8_t *s, size_t n, size_t *bad)
{
	size_t want;
	uint8_t lo = 0x80, hi = 0xbf;

	*bad = 1;
	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	want = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if (s[0] == 0xe0)
		lo = 0xa0;
	else if (s[0] == 0xed)
		hi = 0x9f; /* no surrogates */
	else if (s[0] == 0xf0)
		lo = 0x90;
	else if (s[0] == 0xf4)
		hi = 0x8f;
	for (size_t i = 1; i < want; i++) {
		if (i >= n || s[i] < lo || s[i] > hi) {
			*bad = i;
			return 0;
		}
		lo = 0x80;
		hi = 0xbf;
	}
	return want;
}

static void
put_escape(struct lw_buf *out, uint8_t c)
{
	switch (c) {
	case '"':
		lw_buf_puts(out, "\\\"");
		break;
	case '\\':
		lw_buf_puts(out, "\\\\");
		break;
	case '\n':
		lw_buf_puts(out, "\\n");
		break;
	case '\r':
		lw_buf_puts(out, "\\r");
		break;
	case '\t':
		lw_buf_puts(out, "\\t");
		break;
	default:
		lw_buf_printf(out, "\\u%04x", c);
		break;
	}
}

static void
put_quoted(struct lw_buf *out, const uint8_t *s, size_t n)
{
	size_t from = 0, i = 0;

	lw_buf_putc(out, '"');
	while (i < n) {
		size_t bad, len = utf8_len(s + i, n - i, &bad);
		bool is_plain = len > 1 || (len == 1 && s[i] >= 0x20 && s[i] != '"' &&
					       s[i] != '\\' && s[i] != 0x7f);

		if (is_plain) {
			i += len;
			continue;
		}
		lw_buf_put(out, s + from, i - from);
		if (len == 0) {
			lw_buf_puts(out, "\xef\xbf\xbd");
			i += bad;
		} else {
			put_escape(out, s[i]);
			i++;
		}
		from = i;
	}
	lw_buf_put(out, s + from, i - from);
	lw_buf_putc(out, '"');
}

void
lw_json_key(struct lw_json *j, const char *key)
{
	assert(j->depth > 0 && !j->after_key);
	assert(j->depth > LW_JSON_DEPTH_MAX || (j->state[j->depth - 1] & IN_OBJECT));
	next_item(j);
	put_quoted(j->out, (const uint8_t *)key, strlen(key));
	lw_buf_puts(j->out, j->indent > 0 ? ": " : ":");
	j->after_key = true;
}

void
lw_json_str(struct lw_json *j, struct lw_str s)
{
	if (s.p == NULL) {
		lw_json_null(j);
		return;
	}
	before_value(j);
	put_quoted(j->out, (const uint8_t *)s.p, s.n);
}

void
lw_json_strz(struct lw_json *j, const char *z)
{
	lw_json_str(j, lw_str(z));
}

void
lw_json_int(struct lw_json *j, int64_t v)
{
	before_value(j);
	lw_buf_printf(j->out, "%" PRId64, v);
}

void
lw_json_uint(struct lw_json *j, uint64_t v)
{
	before_value(j);
	lw_buf_printf(j->out, "%" PRIu64, v);
}

/* JSON's decimal sign is a point, whatever the locale says. */
static void
put_number(struct lw_buf *out, char *text)
{
	for (char *c = text; *c != '\0'; c++)
		if (strchr("0123456789+-eE", *c) == NULL)
			*c = '.';
	lw_buf_puts(out, text);
}

void
lw_json_double(struct lw_json *j, double v)
{
	char text[40];
	int digits = fpclassify(v) == FP_SUBNORMAL ? 1 : 15;

	if (!isfinite(v)) {
		lw_json_null(j);
		return;
	}
	before_value(j);
	/* 15 digits always survive a double, and %g drops zeros: no shorter form is
	 * possible, unless the number is subnormal and has fewer digits of its own. */
	for (; digits < 18; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, v);
		if (strtod(text, NULL) == v)
			break;
	}
	put_number(j->out, text);
}

void
lw_json_fixed(struct lw_json *j, double v, int digits)
{
	char text[400]; /* the largest double has 309 digits before the point */

	if (!isfinite(v)) {
		lw_json_null(j);
		return;
	}
	before_value(j);
	snprintf(text, sizeof(text), "%.*f",
	    digits < 0	  ? 0
	    : digits > 40 ? 40
			  : digits,
	    v);
	put_number(j->out, text);
}

void
lw_json_bool(struct lw_json *j, bool v)
{
	before_value(j);
	lw_buf_puts(j->out, v ? "true" : "false");
}

void
lw_json_null(struct lw_json *j)
{
	before_value(j);
	lw_buf_puts(j->out, "null");
}
