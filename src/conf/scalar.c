/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers as people write them in configuration. In: text. Out: numbers, and back. Strict:
 * one way to write a thing, and no unit is ever guessed. Owns nothing. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "conf/scalar.h"

#define NUMBER_MAX 40 /* characters of a number */

struct unit {
	const char *name;
	uint64_t factor;
};

/* Ascending. */
static const struct unit durations[] = {
    {"ms", 1},
    {"s", 1000},
    {"m", 60 * 1000},
    {"h", 60 * 60 * 1000},
    {"d", 24 * 60 * 60 * 1000},
};

static const struct unit sizes[] = {
    {"B", 1},
    {"KiB", 1024},
    {"MiB", 1024 * 1024},
    {"GiB", 1024 * 1024 * 1024},
    {"TiB", UINT64_C(1024) * 1024 * 1024 * 1024},
};

#define NDURATIONS (sizeof(durations) / sizeof(durations[0]))
#define NSIZES (sizeof(sizes) / sizeof(sizes[0]))

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static size_t
count_digits(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && is_digit(p[i]))
		i++;
	return i;
}

/* Digits without a leading zero. */
static int
parse_digits(const char *p, size_t n, uint64_t *out)
{
	uint64_t v = 0;

	if (n == 0 || count_digits(p, n) != n || (n > 1 && p[0] == '0'))
		return LW_EINVAL;
	for (size_t i = 0; i < n; i++) {
		uint64_t digit = (uint64_t)(p[i] - '0');

		if (v > (UINT64_MAX - digit) / 10)
			return LW_ELIMIT;
		v = v * 10 + digit;
	}
	*out = v;
	return LW_OK;
}

int
lw_conf_parse_int(struct lw_str s, int64_t *out)
{
	bool is_negative = s.n > 0 && s.p[0] == '-';
	size_t skip = is_negative ? 1 : 0;
	uint64_t v;
	int err = parse_digits(s.p + skip, s.n - skip, &v);

	if (err != LW_OK)
		return err;
	if (v > INT64_MAX)
		return LW_ELIMIT;
	*out = is_negative ? -(int64_t)v : (int64_t)v;
	return LW_OK;
}

/* -?D+(.D+)?([eE][+-]?D+)? and nothing else: no hexadecimal, infinity or NaN. */
static bool
is_decimal(const char *p, size_t n)
{
	size_t i = 0, d;

	if (i < n && p[i] == '-')
		i++;
	if ((d = count_digits(p + i, n - i)) == 0)
		return false;
	i += d;
	if (i < n && p[i] == '.') {
		i++;
		if ((d = count_digits(p + i, n - i)) == 0)
			return false;
		i += d;
	}
	if (i < n && (p[i] == 'e' || p[i] == 'E')) {
		i++;
		if (i < n && (p[i] == '+' || p[i] == '-'))
			i++;
		if ((d = count_digits(p + i, n - i)) == 0)
			return false;
		i += d;
	}
	return i == n;
}

int
lw_conf_parse_double(struct lw_str s, double *out)
{
	char z[NUMBER_MAX + 1], *end;
	double v;

	if (s.n > NUMBER_MAX || !is_decimal(s.p, s.n))
		return LW_EINVAL;
	memcpy(z, s.p, s.n);
	z[s.n] = '\0';
	v = strtod(z, &end);
	if (end != z + s.n)
		return LW_EINVAL;
	if (!isfinite(v))
		return LW_ELIMIT;
	*out = v;
	return LW_OK;
}

int
lw_conf_parse_bool(struct lw_str s, bool *out)
{
	if (!lw_str_is(s, "true") && !lw_str_is(s, "false"))
		return LW_EINVAL;
	*out = s.n == 4;
	return LW_OK;
}

static int
parse_units(struct lw_str s, const struct unit *units, size_t nunits, uint64_t *out)
{
	size_t d = count_digits(s.p, s.n);
	struct lw_str name = {s.p + d, s.n - d};
	uint64_t v;
	int err = parse_digits(s.p, d, &v);

	if (err != LW_OK)
		return err;
	for (size_t i = 0; i < nunits; i++) {
		if (!lw_str_is(name, units[i].name))
			continue;
		if (v > UINT64_MAX / units[i].factor)
			return LW_ELIMIT;
		*out = v * units[i].factor;
		return LW_OK;
	}
	return LW_EINVAL;
}

int
lw_conf_parse_duration(struct lw_str s, uint64_t *ms)
{
	return parse_units(s, durations, NDURATIONS, ms);
}

int
lw_conf_parse_size(struct lw_str s, uint64_t *bytes)
{
	return parse_units(s, sizes, NSIZES, bytes);
}

static void
put_units(struct lw_buf *out, uint64_t v, const struct unit *units, size_t nunits)
{
	size_t i = nunits - 1;

	while (i > 0 && (v < units[i].factor || v % units[i].factor != 0))
		i--;
	lw_buf_printf(
	    out, "%llu%s", (unsigned long long)(v / units[i].factor), units[i].name);
}

void
lw_conf_put_duration(struct lw_buf *out, uint64_t ms)
{
	if (ms == 0)
		lw_buf_puts(out, "0s");
	else
		put_units(out, ms, durations, NDURATIONS);
}

void
lw_conf_put_size(struct lw_buf *out, uint64_t bytes)
{
	put_units(out, bytes, sizes, NSIZES);
}

const char *
lw_conf_quote(char out[LW_CONF_QUOTE_MAX], struct lw_str s)
{
	size_t room = LW_CONF_QUOTE_MAX - 6; /* two marks, three dots, NUL */
	size_t n = s.n < room ? s.n : room, o = 0;

	out[o++] = '\'';
	for (size_t i = 0; i < n; i++)
		out[o++] = (char)(s.p[i] >= 0x20 && s.p[i] < 0x7f ? s.p[i] : '?');
	if (n < s.n) {
		memcpy(out + o, "...", 3);
		o += 3;
	}
	out[o++] = '\'';
	out[o] = '\0';
	return out;
}
