/* SPDX-License-Identifier: Apache-2.0 */
/* Flags in colour. Text of messages comes from strangers: nothing in it may steer the
 * terminal. */
#include <math.h>
#include <string.h>
#include <stdlib.h>
#include <time.h>
#include "cli/print.h"
#include "text/fold.h"
#include "wire/wire.h"

#define BOLD "\033[1m"
#define DIM "\033[2m"
#define RESET "\033[0m"
#define MARK "\033[1;33m"

static const char *
on(bool colour, const char *code)
{
	return colour ? code : "";
}

static const char *
band_colour(const char *band)
{
	static const char *const code[] = {
	    "\033[37m", "\033[36m", "\033[33m", "\033[31m", "\033[1;31m"};
	int b = lw_band_find(lw_str(band));

	return code[b > 0 ? b : 0];
}

static bool
is_control(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || (cp >= 0x202a && cp <= 0x202e) ||
	       (cp >= 0x2066 && cp <= 0x2069) || cp == 0xfffd;
}

void
lw_print_safe(FILE *to, const char *p, size_t n)
{
	while (n > 0) {
		uint32_t cp;
		size_t step = lw_utf8_next((const uint8_t *)p, n, &cp);

		if (is_control(cp))
			fputc(cp == '\t' || cp == '\n' ? ' ' : '?', to);
		else
			fwrite(p, 1, step, to);
		p += step;
		n -= step;
	}
}

static const char *
text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s != NULL ? s : "";
}

static double
number_of(const json_t *o, const char *key)
{
	return json_number_value(json_object_get(o, key));
}

static void
put_safe(FILE *to, const json_t *o, const char *key, const char *absent)
{
	const json_t *v = json_object_get(o, key);

	if (json_is_string(v) && json_string_length(v) > 0)
		lw_print_safe(to, json_string_value(v), json_string_length(v));
	else
		fputs(absent, to);
}

/* The text with the spans marked. */
static void
print_marked(FILE *to, const json_t *text, const json_t *spans, bool colour)
{
	const char *p = json_string_value(text);
	size_t n = json_string_length(text), at = 0, i;
	json_t *span;

	json_array_foreach((json_t *)spans, i, span)
	{
		size_t start = (size_t)json_integer_value(json_array_get(span, 0));
		size_t end = (size_t)json_integer_value(json_array_get(span, 1));

		if (start < at || end > n || start >= end)
			continue;
		lw_print_safe(to, p + at, start - at);
		fputs(colour ? MARK : "[", to);
		lw_print_safe(to, p + start, end - start);
		fputs(colour ? RESET : "]", to);
		at = end;
	}
	lw_print_safe(to, p + at, n - at);
}

static void
print_waterfall(FILE *to, const json_t *f, bool colour)
{
	size_t i;
	json_t *c;

	json_array_foreach(json_object_get(f, "contributions"), i, c)
	{
		double v = number_of(c, "value");
		int bars = (int)lround(fmin(fabs(v), 6.0) * 4);

		fprintf(to, "    %+7.2f  %-34s %s", v, text_of(c, "name"),
		    on(colour, v < 0 ? "\033[36m" : "\033[33m"));
		for (int k = 0; k < bars; k++)
			fputs("▪", to);
		fprintf(to, "%s\n", on(colour, RESET));
	}
	fprintf(to, "    %+7.2f  log odds: risk %.3f\n", number_of(f, "log_odds"),
	    number_of(f, "risk"));
}

static void
print_evidence(FILE *to, const json_t *e, bool colour)
{
	const json_t *text = json_object_get(e, "text");

	fprintf(to, "    %s%-18s%s %s\n", on(colour, BOLD), text_of(e, "category"),
	    on(colour, RESET), text_of(e, "title"));
	if (json_is_string(text)) {
		fputs("      \"", to);
		print_marked(to, text, json_object_get(e, "spans"), colour);
		fprintf(to, "\"%s\n",
		    json_is_true(json_object_get(e, "deleted")) ? " (deleted since)" : "");
	}
	fprintf(to, "      %s%s, weight %.2f, %s%s%s%s\n", on(colour, DIM),
	    text_of(e, "rule"), number_of(e, "weight"), text_of(e, "how"),
	    number_of(e, "back") > 0 ? ", over messages" : "",
	    json_is_true(json_object_get(e, "from_target")) ? ", by the other party" : "",
	    on(colour, RESET));
}

static void
print_time(FILE *to, double ts_ms)
{
	time_t t = (time_t)(ts_ms / 1000);
	struct tm tm;
	char s[32];

	if (gmtime_r(&t, &tm) != NULL &&
	    strftime(s, sizeof(s), "%Y-%m-%d %H:%M:%SZ", &tm) > 0)
		fputs(s, to);
}

void
lw_print_flag(FILE *to, const json_t *f, bool colour)
{
	const char *band = text_of(f, "band"), *kind = text_of(f, "kind");
	size_t i;
	json_t *e;

	/* A flag of kind risk says the word once: "high risk 0.812", "high fanout, risk ...". */
	fprintf(to, "%s%s%s %s%s%s %.3f  ", on(colour, band_colour(band)),
	    on(colour, BOLD), band, kind, on(colour, RESET),
	    strcmp(kind, "risk") == 0 ? "" : ", risk", number_of(f, "risk"));
	put_safe(to, f, "from", "(unknown)");
	fputs(" -> ", to);
	put_safe(to, f, "to", strcmp(kind, "fanout") == 0 ? "many" : "(unknown)");
	fprintf(to, "%s  in ", on(colour, DIM));
	put_safe(to, f, "conv", "(unknown)");
	fputs("  ", to);
	print_time(to, number_of(f, "ts"));
	fprintf(to, "%s\n", on(colour, RESET));
	json_array_foreach(json_object_get(f, "evidence"), i, e)
	    print_evidence(to, e, colour);
	print_waterfall(to, f, colour);
}

void
lw_print_case(FILE *to, const json_t *kase, bool colour)
{
	static const char *const of_flag[] = {"contributions", "log_odds", "ts"};
	json_t *newest = json_array_get(json_object_get(kase, "flag_list"), 0);
	json_t *view = json_copy((json_t *)kase);

	for (size_t i = 0; view != NULL && i < sizeof(of_flag) / sizeof(of_flag[0]); i++)
		json_object_set(view, of_flag[i], json_object_get(newest, of_flag[i]));
	if (view != NULL)
		lw_print_flag(to, view, colour);
	json_decref(view);
}

json_t *
lw_flag_to_json(const struct lw_flag *f, bool show_text)
{
	struct lw_buf b;
	struct lw_json j;
	json_t *v = NULL;

	lw_buf_init(&b, 4u << 20);
	lw_json_init(&j, &b, 0);
	lw_flag_json(&j, f, show_text);
	if (b.err == 0)
		v = json_loadb((const char *)lw_buf_peek(&b), lw_buf_left(&b),
		    JSON_ALLOW_NUL, NULL);
	lw_buf_clear(&b);
	return v;
}
