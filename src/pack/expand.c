/* SPDX-License-Identifier: Apache-2.0 */
/* Writes a phrase out into variants. In: a phrase. Out: flat sequences of slots, each a set
 * of lexemes with the gap before it. Alternatives of one word stay one set; those of
 * several words, and optional parts, multiply, up to LW_VARIANTS_MAX. */
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "pack/compile.h"

#define FLAT_MAX 48 /* slots, gaps and edges of one variant */

enum elem_kind { E_SET, E_GAP, E_FIRST, E_LAST };

struct elem {
	uint8_t kind, gap, chars;
	uint32_t set;
	uint32_t off;
};

struct flat {
	uint32_t n, nslots;
	struct elem e[FLAT_MAX];
};

struct flats {
	struct flat *v;
	size_t n, cap;
};

struct expander {
	struct lw_compiler *c;
	const struct lw_source_text *at;
};

static void expand(struct expander *x, const struct lw_ph *n, struct flats *io);

static void
push(struct expander *x, struct flats *io, struct elem e)
{
	for (size_t i = 0; i < io->n && x->c->err == 0; i++) {
		struct flat *f = &io->v[i];

		if (e.kind == E_SET && f->nslots == LW_SLOTS_MAX)
			lw_compile_fail(x->c, x->at, e.off, "split the rule",
			    "the phrase is longer than %d words", LW_SLOTS_MAX);
		else if (f->n == FLAT_MAX)
			lw_compile_fail(
			    x->c, x->at, e.off, NULL, "too many gaps and edges");
		else {
			f->e[f->n++] = e;
			f->nslots += e.kind == E_SET;
		}
	}
}

static void
append(struct expander *x, struct flats *to, const struct flats *from,
    const struct lw_ph *at)
{
	struct flat *v;

	if (x->c->err != 0)
		return;
	if (to->n + from->n > LW_VARIANTS_MAX) {
		lw_compile_fail(x->c, x->at, at->off,
		    "put single words into lists, or split the rule",
		    "written out, the phrase has more than %d variants", LW_VARIANTS_MAX);
		return;
	}
	if (to->n + from->n > to->cap) {
		size_t cap = to->n + from->n + 16;

		if ((v = realloc(to->v, cap * sizeof(*v))) == NULL) {
			x->c->err = LW_ENOMEM;
			return;
		}
		to->v = v;
		to->cap = cap;
	}
	if (from->n > 0)
		memcpy(to->v + to->n, from->v, from->n * sizeof(*from->v));
	to->n += from->n;
}

static uint32_t
intern(struct expander *x, const struct lw_ph *n)
{
	uint32_t id = lw_intern_lexeme(x->c->intern, n->lexeme, n->text);

	if (id == 0 && x->c->err == 0)
		x->c->err = LW_ENOMEM;
	return id;
}

static void
add_id(struct expander *x, uint32_t id)
{
	struct lw_ids *ids = &x->c->ids;

	if (lw_compile_room(x->c, (void **)&ids->id, ids->n, &ids->cap, sizeof(*ids->id)))
		ids->id[ids->n++] = id;
}

/* The only child of a sequence, through sequences of one. */
static const struct lw_ph *
sole(const struct lw_ph *n)
{
	while (n->kind == LW_PH_SEQ && n->child != NULL && n->child->next == NULL)
		n = n->child;
	return n;
}

/* Single words below alternatives and lists into the scratch ids. */
static void
collect_single(struct expander *x, const struct lw_ph *n, uint8_t *chars)
{
	struct lw_compiled_list *list;

	n = sole(n);
	if (n->kind == LW_PH_LEXEME) {
		add_id(x, intern(x, n));
		if (n->lexeme == LW_LEX_LITERAL && n->chars > *chars)
			*chars = (uint8_t)n->chars;
	} else if (n->kind == LW_PH_ALT) {
		for (const struct lw_ph *a = n->child; a != NULL && x->c->err == 0;
		     a = a->next)
			collect_single(x, a, chars);
	} else if (n->kind == LW_PH_LIST &&
		   lw_compile_use_list(x->c, x->at, n, &list) == 0) {
		for (size_t i = 0; i < list->nsingle; i++)
			add_id(x, list->single[i]);
		if (list->chars > *chars)
			*chars = list->chars;
	}
}

/* `base` continued by one alternative, appended to out. */
static void
branch(struct expander *x, const struct lw_ph *n, const struct flats *base,
    struct flats *out)
{
	struct flats copy = {0};

	append(x, &copy, base, n);
	expand(x, n, &copy);
	append(x, out, &copy, n);
	free(copy.v);
}

/* The alternatives of several words below n. */
static void
branch_multi(struct expander *x, const struct lw_ph *n, const struct flats *base,
    struct flats *out)
{
	struct lw_compiled_list *list;

	n = sole(n);
	if (n->kind == LW_PH_ALT) {
		for (const struct lw_ph *a = n->child; a != NULL && x->c->err == 0;
		     a = a->next)
			branch_multi(x, a, base, out);
	} else if (n->kind == LW_PH_LIST) {
		if (lw_compile_use_list(x->c, x->at, n, &list) != 0)
			return;
		for (size_t i = 0; i < list->nmulti && x->c->err == 0; i++)
			branch(x, list->multi[i], base, out);
	} else if (n->kind != LW_PH_LEXEME) {
		branch(x, n, base, out);
	}
}

static void
expand_choice(struct expander *x, const struct lw_ph *n, struct flats *io)
{
	struct flats out = {0}, single = {0};
	struct elem e = {.kind = E_SET, .chars = 1, .off = (uint32_t)n->off};
	int err;

	x->c->ids.n = 0;
	collect_single(x, n, &e.chars);
	if (x->c->err == 0 && x->c->ids.n > 0) {
		err = lw_setpool_add(&x->c->sets, x->c->ids.id, x->c->ids.n, &e.set);
		if (err == LW_ELIMIT)
			lw_compile_fail(
			    x->c, x->at, n->off, NULL, "too many words in all lists");
		else if (err != 0)
			x->c->err = err;
		append(x, &single, io, n);
		push(x, &single, e);
		append(x, &out, &single, n);
	}
	if (x->c->err == 0)
		branch_multi(x, n, io, &out);
	free(single.v);
	free(io->v);
	*io = out;
}

static void
expand(struct expander *x, const struct lw_ph *n, struct flats *io)
{
	struct flats copy = {0};

	if (x->c->err != 0)
		return;
	switch (n->kind) {
	case LW_PH_SEQ:
		for (const struct lw_ph *k = n->child; k != NULL; k = k->next)
			expand(x, k, io);
		break;
	case LW_PH_OPT:
		append(x, &copy, io, n);
		expand(x, n->child, &copy);
		append(x, io, &copy, n);
		free(copy.v);
		break;
	case LW_PH_ALT:
	case LW_PH_LIST:
		expand_choice(x, n, io);
		break;
	case LW_PH_LEXEME:
		push(x, io,
		    (struct elem){.kind = E_SET,
			.set = intern(x, n) | LW_SET_ONE,
			.chars = n->lexeme == LW_LEX_LITERAL ? (uint8_t)n->chars : 1,
			.off = (uint32_t)n->off});
		break;
	case LW_PH_GAP:
		push(x, io,
		    (struct elem){
			.kind = E_GAP, .gap = (uint8_t)n->gap, .off = (uint32_t)n->off});
		break;
	case LW_PH_FIRST:
	case LW_PH_LAST:
		push(x, io,
		    (struct elem){.kind = n->kind == LW_PH_FIRST ? E_FIRST : E_LAST,
			.off = (uint32_t)n->off});
		break;
	}
}

/* Gaps that stand at either end of a variant say nothing; others add up. */
static void
flatten(struct expander *x, const struct flat *f, struct lw_variant *out)
{
	unsigned gap = 0;
	bool first = false;

	memset(out, 0, sizeof(*out));
	for (uint32_t i = 0; i < f->n && x->c->err == 0; i++) {
		const struct elem *e = &f->e[i];

		if ((first && (e->kind == E_GAP || e->kind == E_LAST)) ||
		    (e->kind == E_LAST && (out->n == 0 || gap > 0))) {
			lw_compile_fail(x->c, x->at, e->off,
			    "optional words beside it count as absent, too",
			    "^ stands right before a word and $ right behind one");
		} else if (e->kind == E_GAP) {
			gap += e->gap;
		} else if (e->kind == E_FIRST) {
			first = true;
		} else if (e->kind == E_LAST) {
			out->slot[out->n - 1].flags |= LW_SLOT_LAST;
		} else {
			out->slot[out->n++] = (struct lw_slot){.set = e->set,
			    .gap_max = out->n > 0 ? (uint8_t)(gap < 255 ? gap : 255) : 0,
			    .flags = first ? LW_SLOT_FIRST : 0,
			    .chars = e->chars};
			gap = 0;
			first = false;
		}
	}
	if (x->c->err == 0 && first)
		lw_compile_fail(x->c, x->at, 0, NULL, "^ stands right before a word");
	if (x->c->err == 0 && out->n == 0)
		lw_compile_fail(x->c, x->at, 0, "make one word necessary",
		    "the phrase can be empty");
}

static int
by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct lw_variant));
}

static void
drop_doubles(struct lw_variants *v)
{
	size_t m = 1;

	if (v->n < 2)
		return;
	qsort(v->v, v->n, sizeof(*v->v), by_bytes);
	for (size_t i = 1; i < v->n; i++)
		if (memcmp(&v->v[i], &v->v[m - 1], sizeof(*v->v)) != 0)
			v->v[m++] = v->v[i];
	v->n = m;
}

int
lw_compile_phrase(
    struct lw_compiler *c, const struct lw_source_text *at, struct lw_variants *out)
{
	struct expander x = {.c = c, .at = at};
	struct flats all = {0};
	struct lw_ph *root;

	out->n = 0;
	c->err = 0;
	if ((root = lw_phrase_parse(&c->arena, at, c->diag, &c->err)) == NULL)
		return c->err;
	if ((all.v = calloc(1, sizeof(*all.v))) == NULL)
		return c->err = LW_ENOMEM;
	all.n = all.cap = 1;
	expand(&x, root, &all);
	for (size_t i = 0; i < all.n && c->err == 0; i++)
		if (lw_compile_room(
			c, (void **)&out->v, out->n, &out->cap, sizeof(*out->v)))
			flatten(&x, &all.v[i], &out->v[out->n++]);
	free(all.v);
	if (c->err == 0)
		drop_doubles(out);
	return c->err;
}
