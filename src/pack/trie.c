/* SPDX-License-Identifier: Apache-2.0 */
/* Merges programs into tries. In: programs with their anchors. Out: roots by anchor, steps
 * outwards from it, and the rules that are complete at a step. A program first goes the way
 * on which its next slot is the rarer one. */
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "pack/compile.h"

/* A program as a sequence of numbers; what sorts together shares its beginning. The first
 * is the anchor. */
struct path {
	uint64_t key[LW_SLOTS_MAX];
	uint32_t rule;
	uint32_t nroots; /* entries, where an anchor's first path notes them */
	uint16_t reach;
	uint8_t n;
};

struct builder {
	struct lw_compiler *c;
	struct path *path;
	size_t n;
	struct lw_trie *t;
	struct lw_entry *root;
	size_t nroots, roots_cap, steps_cap, ends_cap;
};

/* Direction, then gap, then set: a trie's neighbours go the same way. */
static uint64_t
key_of(const struct lw_slot *s, unsigned gap, unsigned dir)
{
	return (uint64_t)dir << 63 | (uint64_t)gap << 48 | (uint64_t)s->flags << 40 |
	       s->set;
}

static void
fill_path(const struct lw_compiler *c, const float *shares, const struct lw_program *p,
    struct path *out)
{
	const struct lw_slot *slot = &c->slot[p->slot0];
	unsigned a = p->anchor, n = 0;
	bool back_first =
	    a > 0 && (a + 1u == p->n || lw_compile_share(c, shares, slot[a - 1].set) *
						(1.0f + slot[a].gap_max) <
					    lw_compile_share(c, shares, slot[a + 1].set) *
						(1.0f + slot[a + 1].gap_max));

	memset(out, 0, sizeof(*out));
	out->key[n++] = key_of(&slot[a], 0, 0);
	for (unsigned turn = 0; turn < 2; turn++) {
		if (back_first == (turn == 0))
			for (unsigned i = a; i-- > 0;)
				out->key[n++] =
				    key_of(&slot[i], slot[i + 1].gap_max, LW_STEP_BACK);
		else
			for (unsigned i = a + 1; i < p->n; i++)
				out->key[n++] =
				    key_of(&slot[i], slot[i].gap_max, LW_STEP_ON);
	}
	out->n = (uint8_t)n;
	out->rule = p->rule;
	out->reach = p->reach;
}

static int
by_key(const void *a, const void *b)
{
	const struct path *x = a, *y = b;

	for (unsigned i = 0; i < LW_SLOTS_MAX; i++) {
		if (i == x->n || i == y->n) {
			if (x->n != y->n)
				return x->n < y->n ? -1 : 1;
			break;
		}
		if (x->key[i] != y->key[i])
			return x->key[i] < y->key[i] ? -1 : 1;
	}
	return (x->rule > y->rule) - (x->rule < y->rule);
}

static uint64_t
mask_of(const struct lw_ruleset *rs, uint32_t set)
{
	return set & LW_SET_ONE ? lw_lexeme_bit(rs, set & ~LW_SET_ONE)
				: rs->set_bloom[set];
}

/* The rules of the paths of [b, e) that end at this depth, each once; returns the first
 * path that goes on. */
static size_t
add_ends(
    struct builder *x, size_t b, size_t e, unsigned depth, uint32_t *first, uint32_t *n)
{
	*first = x->t->nends;
	for (; b < e && x->path[b].n == depth; b++) {
		if (x->t->nends > *first && x->t->end[x->t->nends - 1] == x->path[b].rule)
			continue;
		if (!lw_compile_room(x->c, (void **)&x->t->end, x->t->nends,
			&x->ends_cap, sizeof(*x->t->end)))
			return e;
		x->t->end[x->t->nends++] = x->path[b].rule;
	}
	*n = x->t->nends - *first;
	return b;
}

/* Steps at this depth for the paths of [b, e), side by side; then what follows each. */
static void
add_steps(struct builder *x, size_t b, size_t e, unsigned depth, uint32_t *kid,
    uint32_t *nkids)
{
	struct lw_trie *t = x->t;
	uint32_t first = t->nsteps;

	*kid = first;
	for (size_t i = b; i < e; i++) {
		uint64_t key = x->path[i].key[depth];
		unsigned dir = (key >> 63) & 1, gap = (uint8_t)(key >> 48);
		uint64_t mask = mask_of(x->c->rs, (uint32_t)key);

		if (i > b && key == x->path[i - 1].key[depth])
			continue;
		if (!lw_compile_room(x->c, (void **)&t->step, t->nsteps, &x->steps_cap,
			sizeof(*t->step)))
			return;
		t->step[t->nsteps++] = (struct lw_step){.set = (uint32_t)key,
		    .mask = gap >= LW_SIGHT_GAPS ? mask | LW_OPEN : mask,
		    .gap_max = (uint8_t)gap,
		    .sight = lw_sight_of(dir, gap) & 15,
		    .flags = (key >> 40) & 3,
		    .dir = dir & 1};
	}
	*nkids = t->nsteps - first;
	for (uint32_t k = first; b < e && x->c->err == 0; k++) {
		size_t end = b + 1, on;
		uint32_t kid2 = 0, nkids2 = 0, end2 = 0, nends2 = 0;

		while (end < e && x->path[end].key[depth] == x->path[b].key[depth])
			end++;
		on = add_ends(x, b, end, depth + 1, &end2, &nends2);
		if (on < end && x->c->err == 0)
			add_steps(x, on, end, depth + 1, &kid2, &nkids2);
		t->step[k].kid = kid2;
		t->step[k].nkids = nkids2;
		t->step[k].end = end2;
		t->step[k].nends = (uint16_t)(nends2 < UINT16_MAX ? nends2 : UINT16_MAX);
		b = end;
	}
}

static void
add_entry(struct builder *x, const struct lw_entry *e)
{
	if (lw_compile_room(
		x->c, (void **)&x->root, x->nroots, &x->roots_cap, sizeof(*x->root)))
		x->root[x->nroots++] = *e;
}

/* Entries of one anchor: what it completes alone, then its steps by where they look. They
 * are sorted by that. */
static void
add_root(struct builder *x, size_t b, size_t end)
{
	struct lw_entry r = {.flags = (x->path[b].key[0] >> 40) & 3};
	uint32_t kid = 0, nkids = 0;
	size_t on;

	for (size_t i = b; i < end; i++)
		if (x->path[i].reach > r.reach)
			r.reach = x->path[i].reach;
	on = add_ends(x, b, end, 1, &r.end, &r.nends);
	if (r.nends > 0) {
		r.mask = LW_OPEN;
		add_entry(x, &r);
	}
	r.end = r.nends = 0;
	if (on < end)
		add_steps(x, on, end, 1, &kid, &nkids);
	for (uint32_t i = 0; i < nkids && x->c->err == 0; i += r.nkids) {
		const struct lw_step *s = &x->t->step[kid + i];

		r.kid = kid + i;
		r.sight = s->sight;
		r.mask = 0;
		for (r.nkids = 0; i + r.nkids < nkids && s[r.nkids].sight == r.sight;
		     r.nkids++)
			r.mask |= s[r.nkids].mask;
		add_entry(x, &r);
	}
}

static void
add_roots(struct builder *x)
{
	for (size_t b = 0, end; b < x->n && x->c->err == 0; b = end) {
		size_t first = x->nroots;

		for (end = b; end < x->n && x->path[end].key[0] == x->path[b].key[0];)
			end++;
		add_root(x, b, end);
		x->path[b].nroots = (uint32_t)(x->nroots - first);
	}
}

/* Each root's entries under each lexeme of its set: counts them, or fills them in. */
static void
each_entry(const struct builder *x, uint32_t *count, uint32_t *at)
{
	const struct lw_ruleset *rs = x->c->rs;
	struct lw_trie *t = x->t;
	const struct lw_entry *e = x->root;

	for (size_t b = 0; b < x->n; b++) {
		uint32_t set = (uint32_t)x->path[b].key[0], one = set & ~LW_SET_ONE;
		const uint32_t *id = &one;
		size_t n = 1;
		uint8_t reach;

		if (b > 0 && x->path[b].key[0] == x->path[b - 1].key[0])
			continue;
		if ((set & LW_SET_ONE) == 0) {
			id = rs->set_id + rs->set_off[set];
			n = rs->set_off[set + 1] - rs->set_off[set];
		}
		reach = lw_reach_cap(e->reach + 1u);
		if (reach > t->reach_end)
			t->reach_end = reach;
		for (size_t k = 0; k < n; k++) {
			if (reach > t->reach_of[id[k]])
				t->reach_of[id[k]] = reach;
			for (uint32_t i = 0; i < x->path[b].nroots && at != NULL; i++)
				t->entry[count[id[k]] + at[id[k]]++] = e[i];
			if (at == NULL)
				count[id[k]] += x->path[b].nroots;
		}
		e += x->path[b].nroots;
	}
}

static int
index_roots(struct builder *x)
{
	size_t n = (size_t)x->c->rs->lexeme_max + 2;
	struct lw_trie *t = x->t;
	uint32_t sum = 0, *at = calloc(n, sizeof(*at));

	t->entry_off = calloc(n, sizeof(*t->entry_off));
	t->reach_of = calloc(n, sizeof(*t->reach_of));
	if (at == NULL || t->entry_off == NULL || t->reach_of == NULL) {
		free(at);
		return LW_ENOMEM;
	}
	each_entry(x, t->entry_off, NULL);
	for (size_t i = 0; i < n; i++) {
		uint32_t k = t->entry_off[i];

		t->entry_off[i] = sum;
		sum += k;
	}
	if ((t->entry = calloc((size_t)sum + 1, sizeof(*t->entry))) != NULL)
		each_entry(x, t->entry_off, at);
	free(at);
	return t->entry != NULL ? 0 : LW_ENOMEM;
}

static int
copy_filters(struct lw_trie *t)
{
	t->mask = malloc(((size_t)t->nsteps + 1) * sizeof(*t->mask));
	t->sight = malloc((size_t)t->nsteps + 1);
	if (t->mask == NULL || t->sight == NULL)
		return LW_ENOMEM;
	for (uint32_t i = 0; i < t->nsteps; i++) {
		t->mask[i] = t->step[i].mask;
		t->sight[i] = t->step[i].sight;
	}
	return 0;
}

int
lw_compile_trie(
    struct lw_compiler *c, const float *shares, bool is_unless, struct lw_trie *out)
{
	struct builder x = {.c = c, .t = out};
	int err;

	c->err = 0;
	/* Even an empty trie has arrays: nobody adds to a null pointer. */
	if (!lw_compile_room(c, (void **)&out->step, 0, &x.steps_cap, sizeof(*out->step)) ||
	    !lw_compile_room(c, (void **)&out->end, 0, &x.ends_cap, sizeof(*out->end)))
		return c->err;
	if ((x.path = malloc((c->nprograms + 1) * sizeof(*x.path))) == NULL)
		return c->err = LW_ENOMEM;
	for (size_t i = 0; i < c->nprograms; i++)
		if (c->program[i].is_unless == is_unless)
			fill_path(c, shares, &c->program[i], &x.path[x.n++]);
	qsort(x.path, x.n, sizeof(*x.path), by_key);
	add_roots(&x);
	if (c->err == 0 &&
	    ((err = index_roots(&x)) != 0 || (err = copy_filters(out)) != 0))
		c->err = err;
	free(x.path);
	free(x.root);
	return c->err;
}
