/* SPDX-License-Identifier: Apache-2.0 */
/* Operators' regular expressions. In: patterns that the compiler gathered. Out: Hyperscan
 * databases, each scanned over the whole folded text of a message. Refused: what matches
 * nothing at all, what grows too large, and any set that takes longer than LW_LOAD_MS_MAX. */
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/err.h"
#include "pack/compile.h"

/* The pattern as text with a NUL, in the compiler's arena. */
static const char *
as_z(struct lw_compiler *c, struct lw_str s)
{
	struct lw_str z = lw_arena_str(&c->arena, s);

	if (z.p == NULL)
		c->err = LW_ENOMEM;
	return z.p;
}

static void
library_error(
    struct lw_compiler *c, const struct lw_source_text *at, hs_compile_error_t *error)
{
	lw_compile_fail(c, at, 0, NULL, "the regex is refused: %.200s",
	    error != NULL ? error->message : "no reason given");
	hs_free_compile_error(error);
}

/* Everything that can be told of one pattern without building it. */
static bool
check(struct lw_compiler *c, const struct lw_source_text *at, const char *z)
{
	hs_compile_error_t *error = NULL;
	hs_expr_info_t *info = NULL;
	long states = lw_regex_states(at->text);
	bool is_empty;

	if (strlen(z) != at->text.n) {
		lw_compile_fail(c, at, 0, NULL, "the regex holds a NUL");
		return false;
	}
	if (states < 0) {
		lw_compile_fail(c, at, 0,
		    "write it in one line, without (?x), (?#...), \\Q",
		    "brackets do not pair, or the regex uses what is not allowed here");
		return false;
	}
	if (states > LW_REGEX_STATES_MAX) {
		lw_compile_fail(c, at, 0, "use smaller counts in { }",
		    "written out, the regex has %ld states or more, above %d", states,
		    LW_REGEX_STATES_MAX);
		return false;
	}
	if (hs_expression_info(z, 0, &info, &error) != HS_SUCCESS) {
		library_error(c, at, error);
		return false;
	}
	is_empty = info->min_width == 0;
	free(info);
	if (is_empty)
		lw_compile_fail(c, at, 0, NULL, "the regex matches empty text");
	return !is_empty;
}

static bool
is_late(struct lw_compiler *c, uint64_t start_ns, const struct lw_source_text *at)
{
	if ((lw_clock_mono_ns() - start_ns) / 1000000 <= LW_LOAD_MS_MAX)
		return false;
	lw_compile_fail(c, at, 0, "simpler or fewer regexes",
	    "the regexes take longer than %d ms to compile", LW_LOAD_MS_MAX);
	return true;
}

static void
build_chunk(struct lw_compiler *c, const char *const *z, size_t first, size_t n)
{
	struct lw_regexdb *r = &c->rs->regexes;
	hs_compile_error_t *error = NULL;
	unsigned ids[LW_REGEX_CHUNK];
	size_t size = 0;

	for (size_t i = 0; i < n; i++)
		ids[i] = (unsigned)(first + i);
	if (hs_compile_multi(z + first, NULL, ids, (unsigned)n, HS_MODE_BLOCK, NULL,
		&r->db[r->ndbs], &error) != HS_SUCCESS) {
		size_t bad = error != NULL && error->expression >= 0
				 ? (size_t)error->expression
				 : 0;

		r->db[r->ndbs] = NULL;
		library_error(c, &c->regex[first + (bad < n ? bad : 0)].text, error);
		return;
	}
	if (hs_database_size(r->db[r->ndbs++], &size) != HS_SUCCESS ||
	    size > LW_REGEX_DB_MAX)
		lw_compile_fail(c, &c->regex[first].text, 0, "simpler or fewer regexes",
		    "the regexes from here on need %zu MiB", size >> 20);
}

int
lw_compile_regexes(struct lw_compiler *c)
{
	struct lw_regexdb *r = &c->rs->regexes;
	uint64_t start = lw_clock_mono_ns();
	const char **z;

	c->err = 0;
	if (c->nregexes == 0)
		return 0;
	if (c->nregexes > LW_REGEXES_MAX) {
		lw_compile_fail(c, &c->regex[LW_REGEXES_MAX].text, 0, "use phrases",
		    "more than %d rules with a regex", LW_REGEXES_MAX);
		return c->err;
	}
	z = calloc(c->nregexes, sizeof(*z));
	r->rule = calloc(c->nregexes, sizeof(*r->rule));
	r->db = calloc(c->nregexes / LW_REGEX_CHUNK + 1, sizeof(hs_database_t *));
	if (z == NULL || r->rule == NULL || r->db == NULL)
		c->err = LW_ENOMEM;
	for (size_t i = 0; i < c->nregexes && c->err != LW_ENOMEM; i++) {
		if ((z[i] = as_z(c, c->regex[i].text.text)) == NULL ||
		    !check(c, &c->regex[i].text, z[i]))
			continue;
		r->rule[i] = c->regex[i].rule;
		if (is_late(c, start, &c->regex[i].text))
			break;
	}
	r->n = (uint32_t)c->nregexes;
	for (size_t i = 0; i < c->nregexes && c->err == 0; i += LW_REGEX_CHUNK) {
		build_chunk(c, z, i,
		    c->nregexes - i < LW_REGEX_CHUNK ? c->nregexes - i : LW_REGEX_CHUNK);
		if (c->err == 0)
			is_late(c, start, &c->regex[i].text);
	}
	free(z);
	return c->err;
}
