/* SPDX-License-Identifier: Apache-2.0 */
/* The Hyperscan databases of lexemes. In: the lexemes that programs use. Out: (a) words
 * between spaces, stems behind a space, literals anywhere; (b) the skeletons of words and
 * stems; (c) words anywhere, for letters that were joined. Block mode, bytes, no flags. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "pack/compile.h"
#include "pack/escape.h"
#include "text/fold.h"

struct builder {
	struct lw_compiler *c;
	struct lw_arena arena; /* expressions */
	char **expr;
	unsigned *flags, *ids;
	size_t n, cap;
	struct lw_lexdb *to;
};

/* A literal byte for byte; letters and digits as they are, the rest as \xHH. */
size_t
lw_escape(char *to, const uint8_t *p, size_t n)
{
	static const char hex[] = "0123456789abcdef";
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		if ((p[i] >= 'a' && p[i] <= 'z') || (p[i] >= '0' && p[i] <= '9')) {
			to[k++] = (char)p[i];
			continue;
		}
		memcpy(to + k, "\\x", 2);
		to[k + 2] = hex[p[i] >> 4];
		to[k + 3] = hex[p[i] & 15];
		k += 4;
	}
	to[k] = '\0';
	return k;
}

static void
add(struct builder *b, const uint8_t *p, size_t n, struct lw_lexpat pat, bool before,
    bool after)
{
	struct lw_compiler *c = b->c;
	uint8_t raw[LW_FORM_MAX + 2];
	size_t k = 0, cap = b->cap;

	if (n > LW_FORM_MAX || c->err != 0)
		return;
	if (!lw_compile_room(c, (void **)&b->expr, b->n, &cap, sizeof(*b->expr)))
		return;
	cap = b->cap;
	if (!lw_compile_room(c, (void **)&b->ids, b->n, &cap, sizeof(*b->ids)) ||
	    !lw_compile_room(c, (void **)&b->to->pat, b->n, &b->cap, sizeof(*b->to->pat)))
		return;
	if (before)
		raw[k++] = ' ';
	memcpy(raw + k, p, n);
	k += n;
	if (after)
		raw[k++] = ' ';
	if ((b->expr[b->n] = lw_arena_alloc(&b->arena, 4 * k + 1)) == NULL) {
		c->err = LW_ENOMEM;
		return;
	}
	lw_escape(b->expr[b->n], raw, k);
	b->ids[b->n] = (unsigned)b->n;
	b->to->pat[b->n++] = pat;
}

static void
build(struct builder *b)
{
	hs_compile_error_t *error = NULL;

	b->to->n = (uint32_t)b->n;
	if (b->c->err == 0 && b->n > 0 &&
	    hs_compile_multi((const char *const *)b->expr, NULL, b->ids, (unsigned)b->n,
		HS_MODE_BLOCK, NULL, &b->to->db, &error) != HS_SUCCESS) {
		lw_diag_error(b->c->diag, "packs", 0, 0, NULL,
		    "the matcher library failed: %s",
		    error != NULL ? error->message : "no reason given");
		hs_free_compile_error(error);
		b->to->db = NULL;
		b->c->err = LW_ELIB;
	}
	free(b->expr);
	free(b->ids);
	lw_arena_clear(&b->arena);
}

static bool
has_digit(struct lw_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] >= '0' && s.p[i] <= '9')
			return true;
	return false;
}

static uint32_t
count_chars(struct lw_str s)
{
	uint32_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += ((uint8_t)s.p[i] & 0xc0) != 0x80;
	return n;
}

static void
add_lexeme(struct builder b[3], uint32_t id)
{
	enum lw_lexeme_kind kind;
	struct lw_str s = lw_intern_lexeme_name(b[0].c->intern, id, &kind);
	const uint8_t *p = (const uint8_t *)s.p;
	uint8_t skeleton[LW_FORM_MAX];
	struct lw_lexpat pat = {.lexeme = id,
	    .bytes = (uint16_t)s.n,
	    .kind = (uint8_t)kind,
	    .chars = (uint8_t)count_chars(s)};
	size_t n;

	add(&b[0], p, s.n, pat, kind != LW_LEX_LITERAL, kind == LW_LEX_WORD);
	/* What has digits of its own would be found in too many other words. */
	if (kind == LW_LEX_LITERAL || has_digit(s))
		return;
	n = s.n <= LW_WORD_MAX ? lw_text_skeleton(p, s.n, skeleton, sizeof(skeleton)) : 0;
	pat.bytes = (uint16_t)n;
	if (n >= LW_SKELETON_BYTES_MIN)
		add(&b[1], skeleton, n, pat, true, kind == LW_LEX_WORD);
	pat.bytes = (uint16_t)s.n;
	if (kind == LW_LEX_WORD && pat.chars >= LW_JOIN_CHARS_MIN)
		add(&b[2], p, s.n, pat, false, false);
}

/* A mark for each lexeme that a program uses. */
static uint8_t *
used_lexemes(const struct lw_compiler *c)
{
	const struct lw_ruleset *rs = c->rs;
	uint8_t *used = calloc((size_t)rs->lexeme_max + 1, 1);
	uint8_t *seen = calloc(rs->nsets + 1, 1);

	for (size_t i = 0; used != NULL && seen != NULL && i < c->nslots; i++) {
		uint32_t set = c->slot[i].set;

		if (set & LW_SET_ONE) {
			used[set & ~LW_SET_ONE] = 1;
		} else if (!seen[set]) {
			seen[set] = 1;
			for (uint32_t k = rs->set_off[set]; k < rs->set_off[set + 1]; k++)
				used[rs->set_id[k]] = 1;
		}
	}
	if (seen == NULL) {
		free(used);
		used = NULL;
	}
	free(seen);
	return used;
}

int
lw_compile_lexemes(struct lw_compiler *c)
{
	struct lw_ruleset *rs = c->rs;
	struct builder b[3] = {{.c = c, .to = &rs->words},
	    {.c = c, .to = &rs->skeletons}, {.c = c, .to = &rs->joined}};
	uint8_t *used = used_lexemes(c);

	if (used == NULL)
		return c->err = LW_ENOMEM;
	c->err = 0;
	for (int i = 0; i < 3; i++)
		lw_arena_init(&b[i].arena, (size_t)512 << 20);
	for (uint32_t id = 1; id <= rs->lexeme_max && c->err == 0; id++) {
		if (!used[id])
			continue;
		if (++rs->nlexemes > LW_SET_LEXEMES_MAX) {
			lw_diag_error(c->diag, "packs", 0, 0, NULL,
			    "more than %d different words in all rules",
			    LW_SET_LEXEMES_MAX);
			c->err = LW_ELIMIT;
		}
		add_lexeme(b, id);
	}
	for (int i = 0; i < 3; i++)
		build(&b[i]);
	free(used);
	return c->err;
}
