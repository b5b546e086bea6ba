/* SPDX-License-Identifier: Apache-2.0 */
/* Word lists for the compiler: their entries as lexemes, and how common words are. In: the
 * lists of a pack. Out: struct lw_compiled_list, the frequency table. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "pack/compile.h"

#define COMMON "common" /* the list that only tells how frequent words are */

bool
lw_compile_room(struct lw_compiler *c, void **p, size_t n, size_t *cap, size_t size)
{
	size_t more = *cap != 0 ? *cap * 2 : 64;
	void *q;

	if (n < *cap)
		return true;
	if ((q = realloc(*p, more * size)) == NULL) {
		c->err = LW_ENOMEM;
		return false;
	}
	*p = q;
	*cap = more;
	return true;
}

void
lw_compile_fail(struct lw_compiler *c, const struct lw_source_text *at, size_t off,
    const char *hint, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	lw_diag_error(
	    c->diag, at->file, at->line, lw_source_col(at, off), hint, "%s", text);
	c->err = LW_EINVAL;
}

static int
fill_list(struct lw_compiler *c, const struct lw_source_list *src,
    struct lw_compiled_list *out)
{
	size_t n = src->entry.n;

	out->is_bad = true;
	out->chars = 1;
	out->single = lw_arena_alloc(&c->arena, (n + 1) * sizeof(*out->single));
	out->multi = lw_arena_alloc(&c->arena, (n + 1) * sizeof(struct lw_ph *));
	if (out->single == NULL || out->multi == NULL)
		return c->err = LW_ENOMEM;
	for (size_t i = 0; i < n; i++) {
		struct lw_ph *e = lw_phrase_parse_entry(
		    &c->arena, &src->entry.item[i], c->diag, &c->err);
		uint32_t id;

		if (e == NULL)
			return c->err;
		while (e->kind == LW_PH_SEQ && e->child->next == NULL)
			e = e->child;
		if (e->kind == LW_PH_SEQ) {
			out->multi[out->nmulti++] = e;
			continue;
		}
		if ((id = lw_intern_lexeme(c->intern, e->lexeme, e->text)) == 0)
			return c->err = LW_ENOMEM;
		if (e->lexeme == LW_LEX_LITERAL && e->chars > out->chars)
			out->chars = (uint8_t)e->chars;
		out->single[out->nsingle++] = id;
	}
	out->is_bad = false;
	out->is_ready = true;
	return 0;
}

int
lw_compile_use_list(struct lw_compiler *c, const struct lw_source_text *at,
    const struct lw_ph *name, struct lw_compiled_list **out)
{
	const char *near, *names[256];
	char hint[128], zs[256][64];
	size_t n = 0;

	for (size_t i = 0; i < c->pack->nlists; i++) {
		struct lw_source_list *src = &c->pack->list[i];

		if (lw_str_eq(src->name, name->text)) {
			src->used = true;
			*out = &c->list[i];
			if ((*out)->is_bad)
				return c->err = LW_EINVAL;
			return (*out)->is_ready ? 0 : fill_list(c, src, *out);
		}
		if (n < 256 && src->name.n < sizeof(zs[0])) {
			memcpy(zs[n], src->name.p, src->name.n);
			zs[n][src->name.n] = '\0';
			names[n] = zs[n];
			n++;
		}
	}
	near = n > 0 ? lw_conf_nearest(name->text, names, n) : NULL;
	if (near != NULL)
		snprintf(hint, sizeof(hint), "did you mean <%s>?", near);
	lw_compile_fail(c, at, name->off,
	    near != NULL ? hint : "lists stand in lists/name.txt", "unknown list <%.*s>",
	    (int)(name->text.n < 64 ? name->text.n : 64), name->text.p);
	return c->err;
}

void
lw_compile_end_lists(struct lw_compiler *c)
{
	for (size_t i = 0; i < c->pack->nlists; i++) {
		const struct lw_source_list *src = &c->pack->list[i];

		if (!src->used && !lw_str_is(src->name, COMMON))
			lw_diag_warn(
			    c->diag, src->file, 0, 0, NULL, "no rule uses this list");
	}
}

static void
note_frequency(struct lw_compiler *c, uint32_t id, float share)
{
	if (id >= c->freq_n) {
		size_t n = (size_t)id * 2 + 1024;
		float *f = realloc(c->freq, n * sizeof(*f));

		if (f == NULL) {
			c->err = LW_ENOMEM;
			return;
		}
		memset(f + c->freq_n, 0, (n - c->freq_n) * sizeof(*f));
		c->freq = f;
		c->freq_n = n;
	}
	if (share > c->freq[id])
		c->freq[id] = share;
}

/* Shares by Zipf's law from the order of common.txt. Words that no rule uses are interned
 * as well: a few thousand at most. */
void
lw_compile_frequencies(struct lw_compiler *c)
{
	for (size_t i = 0; i < c->pack->nlists && c->err == 0; i++) {
		const struct lw_source_list *src = &c->pack->list[i];

		if (!lw_str_is(src->name, COMMON))
			continue;
		for (size_t k = 0; k < src->entry.n && c->err == 0; k++) {
			struct lw_ph *e = lw_phrase_parse_entry(
			    &c->arena, &src->entry.item[k], c->diag, &c->err);

			while (e != NULL && e->kind == LW_PH_SEQ && e->child->next == NULL)
				e = e->child;
			if (e != NULL && e->kind == LW_PH_LEXEME)
				note_frequency(c,
				    lw_intern_lexeme(c->intern, e->lexeme, e->text),
				    0.1f / ((float)k + 2.7f));
		}
	}
}
