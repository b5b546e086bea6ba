/* SPDX-License-Identifier: Apache-2.0 */
/* Events out of replay files: every line a whole event, or a complaint with its place. */
#include <stdio.h>
#include <string.h>
#include "base/clock.h"
#include "base/err.h"
#include "cli/setup.h"
#include "wire/wire.h"

#define COMPLAINTS_MAX 20 /* printed; further ones are only counted */
#define STEP_MS 1000	  /* a line without `ts` comes so long after the one before */
#define FIRST_TS 1700000000000u /* of a file without any `ts` */

void
lw_source_open(struct lw_source *s, const char *const *paths, size_t npaths)
{
	memset(s, 0, sizeof(*s));
	s->paths = paths;
	s->npaths = npaths;
	s->last_ts = FIRST_TS;
}

static void
complain(struct lw_source *s, size_t col, const char *why)
{
	s->bad++;
	if (s->bad <= COMPLAINTS_MAX)
		fprintf(stderr, "%s:%llu:%zu: error: %s\n", s->paths[s->at],
		    (unsigned long long)lw_lines_number(s->lines), col + 1, why);
	if (s->bad == COMPLAINTS_MAX)
		fputs("lapwing: further bad lines are only counted\n", stderr);
}

/* The next line of any file: 1, or 0 when all are read. */
static int
next_line(struct lw_source *s, struct lw_str *line)
{
	for (;;) {
		int r;

		if (s->lines == NULL) {
			if (s->at == s->npaths)
				return 0;
			r = lw_lines_open(&s->lines, s->paths[s->at]);
			if (r != 0) {
				if (r == LW_EINVAL)
					fprintf(stderr,
					    "lapwing: %s: a folder, not a file\n",
					    s->paths[s->at]);
				else
					lw_cli_fail(r, "%s", s->paths[s->at]);
				s->err = r;
				s->at++;
				continue;
			}
		}
		r = lw_lines_next(s->lines, line);
		if (r == 1)
			return 1;
		if (r == LW_ELIMIT) {
			complain(s, 0, "line is longer than 1 MiB");
			continue;
		}
		if (r == LW_EIO) {
			complain(s, 0, "file is damaged or ends too early");
			s->err = r;
		}
		lw_lines_close(s->lines);
		s->lines = NULL;
		s->at++;
	}
}

static int
complete(struct lw_source *s, struct lw_arena *arena, struct lw_event *ev)
{
	char id[32];
	int n;

	ev->seq = ++s->seq;
	if (ev->tenant.n == 0)
		ev->tenant = LW_STR("default");
	if (ev->ts_ms == 0)
		ev->ts_ms = s->is_live ? lw_clock_wall_ms() : s->last_ts + STEP_MS;
	s->last_ts = ev->ts_ms;
	if (ev->id.n > 0)
		return LW_OK;
	n = snprintf(id, sizeof(id), "line-%llu", (unsigned long long)s->seq);
	ev->id = lw_arena_str(arena, (struct lw_str){id, (size_t)n});
	return ev->id.p != NULL ? LW_OK : LW_ENOMEM;
}

int
lw_source_next(struct lw_source *s, struct lw_arena *arena, struct lw_event *ev)
{
	struct lw_str line;
	const char *why = NULL;
	size_t at = 0;

	while (next_line(s, &line) == 1) {
		if (line.n == 0)
			continue;
		if (lw_event_from_json(line, arena, ev, &why, &at) != 0) {
			complain(s, at, why != NULL ? why : "not an event");
			continue;
		}
		if (complete(s, arena, ev) == 0)
			return 1;
		complain(s, 0, "out of memory");
	}
	return 0;
}

int
lw_source_code(const struct lw_source *s)
{
	if (s->bad > 0)
		return LW_EXIT_INPUT;
	return s->err != 0 ? LW_EXIT_IO : LW_EXIT_OK;
}

void
lw_source_close(struct lw_source *s)
{
	lw_lines_close(s->lines);
	s->lines = NULL;
}
