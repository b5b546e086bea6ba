/* SPDX-License-Identifier: Apache-2.0 */
/* What is for eyes only: colour, progress, and results that must really be written. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/clock.h"
#include "cli/cli.h"

bool
lw_cli_colour(FILE *to)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(fileno(to)) && (no == NULL || *no == '\0') &&
	       (term == NULL || strcmp(term, "dumb") != 0);
}

void
lw_progress_start(struct lw_progress *p, const char *what)
{
	p->what = what;
	p->on = isatty(STDERR_FILENO);
	p->shown = false;
	p->last_ns = lw_clock_mono_ns();
}

void
lw_progress_tick(struct lw_progress *p, uint64_t n)
{
	uint64_t now;

	if (!p->on || (n & 1023) != 0)
		return;
	now = lw_clock_mono_ns();
	if (now - p->last_ns < 100000000u)
		return;
	p->last_ns = now;
	p->shown = true;
	fprintf(stderr, "\r%s: %llu messages", p->what, (unsigned long long)n);
	fflush(stderr);
}

void
lw_progress_done(struct lw_progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
	p->shown = false;
}

int
lw_cli_print(struct lw_buf *b)
{
	if (b->err != 0)
		return lw_cli_fail(b->err, "output");
	if (fwrite(lw_buf_peek(b), 1, lw_buf_left(b), stdout) != lw_buf_left(b) ||
	    fputc('\n', stdout) == EOF || fflush(stdout) != 0) {
		fputs("lapwing: cannot write the result to standard output\n", stderr);
		return LW_EXIT_IO;
	}
	return LW_EXIT_OK;
}
