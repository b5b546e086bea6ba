/* SPDX-License-Identifier: Apache-2.0 */
/* Flags in colour. Text of messages comes from strangers: nothing in it may steer the
 * terminal. */
#include <math.h>
#include <string.h>
#include <time.h>
#include "cli/print.h"
#include "text/fold.h"

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
band_colour(enum lw_band b)
{
	static const char *const code[] = {"\033[37m", "\033[36m", "\033[33m", "\033[31m",
		"\033[1;31m"};

	return code[b];
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

void
lw_print_marked(
    FILE *to, struct lw_str text, const struct lw_span *spans, size_t n, bool colour)
{
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		size_t start = spans[i].start, end = spans[i].end;

		if (start < at || end > text.n || start >= end)
			continue;
		lw_print_safe(to, text.p + at, start - at);
		fputs(colour ? MARK : "[", to);
		lw_print_safe(to, text.p + start, end - start);
		fputs(colour ? RESET : "]", to);
		at = end;
	}
	lw_print_safe(to, text.p + at, text.n - at);
}

void
lw_print_waterfall(FILE *to, const struct lw_flag *f, bool colour)
{
	for (uint32_t i = 0; i < f->ncontributions; i++) {
		const struct lw_contribution *c = &f->contributions[i];
		int bars = (int)lround(fmin(fabs(c->value), 6.0) * 4);

		fprintf(to, "    %+7.2f  %-34s %s", c->value, c->name,
		    on(colour, c->value < 0 ? "\033[36m" : "\033[33m"));
		for (int k = 0; k < bars; k++)
			fputs("▪", to);
		fprintf(to, "%s\n", on(colour, RESET));
	}
	fprintf(to, "    %+7.2f  log odds: risk %.3f\n", f->log_odds, f->risk);
}

static void
print_evidence(FILE *to, const struct lw_evidence *e, bool colour, bool show_text)
{
	fprintf(to, "    %s%-18s%s %.*s %s(%.*s, weight %.2f, %s%s%s)%s\n",
	    on(colour, BOLD), lw_category_name(e->category), on(colour, RESET),
	    (int)e->title.n, e->title.p, on(colour, DIM), (int)e->rule.n, e->rule.p,
	    (double)e->weight, lw_how_name(e->how), e->back > 0 ? ", over messages" : "",
	    e->from_target ? ", written by the other party" : "", on(colour, RESET));
	if (!show_text || e->text.p == NULL)
		return;
	fputs("      \"", to);
	lw_print_marked(to, e->text, e->spans, e->nspans, colour);
	fprintf(to, "\"%s\n", e->deleted ? " (deleted since)" : "");
}

static void
print_time(FILE *to, uint64_t ts_ms)
{
	time_t t = (time_t)(ts_ms / 1000);
	struct tm tm;
	char s[32];

	if (gmtime_r(&t, &tm) != NULL && strftime(s, sizeof(s), "%Y-%m-%d %H:%M:%SZ", &tm) > 0)
		fputs(s, to);
}

void
lw_print_flag(FILE *to, const struct lw_flag *f, bool colour, bool show_text)
{
	fprintf(to, "%s%s%s %s", on(colour, band_colour(f->band)), on(colour, BOLD),
	    lw_band_name(f->band), lw_flag_kind_name(f->kind));
	fprintf(to, "%s risk %.3f  ", on(colour, RESET), f->risk);
	lw_print_safe(to, f->from.p, f->from.n);
	fputs(" -> ", to);
	if (f->to.n > 0)
		lw_print_safe(to, f->to.p, f->to.n);
	else
		fputs(f->kind == LW_FLAG_FANOUT ? "many" : "(unknown)", to);
	fprintf(to, "%s  in ", on(colour, DIM));
	lw_print_safe(to, f->conv.p, f->conv.n);
	fputs("  ", to);
	print_time(to, f->ts_ms);
	fprintf(to, "%s\n", on(colour, RESET));
	for (uint32_t i = 0; i < f->nevidence; i++)
		print_evidence(to, &f->evidence[i], colour, show_text);
	lw_print_waterfall(to, f, colour);
}
