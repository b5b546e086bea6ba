/* SPDX-License-Identifier: Apache-2.0 */
/* Append-only tables of lexemes and rule names. In: folded bytes, names. Out: ids from 1.
 * Entries live in chunks that never move, so that readers of old ids need no lock while
 * the control thread adds new ones. Owner: whoever made the table; outlives all rulesets. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include "base/arena.h"
#include "base/hash.h"
#include "pack/intern.h"

#define CHUNK_BITS 12
#define CHUNK_SIZE (1u << CHUNK_BITS)
#define TEXT_MAX ((size_t)512 << 20) /* bytes of all names */

struct entry {
	const char *p;
	uint32_t n;
	uint32_t kind;
};

struct table {
	struct entry **chunk;
	uint32_t count, max;
	uint32_t *slot; /* open addressing; of the adding thread only */
	size_t nslots;	/* power of two */
};

struct lw_intern {
	struct lw_hash_key key;
	struct lw_arena text;
	struct table lexeme, rule;
};

static int
table_init(struct table *t, uint32_t max)
{
	t->max = max;
	t->nslots = 1024;
	t->slot = calloc(t->nslots, sizeof(*t->slot));
	t->chunk = calloc((max >> CHUNK_BITS) + 1, sizeof(*t->chunk));
	return t->slot != NULL && t->chunk != NULL ? 0 : -1;
}

static void
table_clear(struct table *t)
{
	if (t->chunk != NULL)
		for (uint32_t i = 0; i <= t->max >> CHUNK_BITS; i++)
			free(t->chunk[i]);
	free(t->chunk);
	free(t->slot);
}

static const struct entry *
entry_at(const struct table *t, uint32_t id)
{
	return &t->chunk[id >> CHUNK_BITS][id & (CHUNK_SIZE - 1)];
}

struct lw_intern *
lw_intern_new(void)
{
	struct lw_intern *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	lw_arena_init(&t->text, TEXT_MAX);
	if (sodium_init() < 0 || table_init(&t->lexeme, LW_LEXEME_MAX) != 0 ||
	    table_init(&t->rule, LW_RULE_MAX) != 0) {
		lw_intern_free(t);
		return NULL;
	}
	randombytes_buf(t->key.b, sizeof(t->key.b));
	return t;
}

void
lw_intern_free(struct lw_intern *t)
{
	if (t == NULL)
		return;
	table_clear(&t->lexeme);
	table_clear(&t->rule);
	lw_arena_clear(&t->text);
	free(t);
}

static uint64_t
hash_of(const struct lw_intern *t, uint32_t kind, struct lw_str s)
{
	return lw_hash64(&t->key, s.p, s.n) + kind * UINT64_C(0x9e3779b97f4a7c15);
}

static int
grow(const struct lw_intern *in, struct table *t)
{
	size_t n = t->nslots * 2;
	uint32_t *slot = calloc(n, sizeof(*slot));

	if (slot == NULL)
		return -1;
	for (uint32_t id = 1; id <= t->count; id++) {
		const struct entry *e = entry_at(t, id);
		size_t i = hash_of(in, e->kind, (struct lw_str){e->p, e->n}) & (n - 1);

		while (slot[i] != 0)
			i = (i + 1) & (n - 1);
		slot[i] = id;
	}
	free(t->slot);
	t->slot = slot;
	t->nslots = n;
	return 0;
}

static uint32_t
append(struct lw_intern *in, struct table *t, uint32_t kind, struct lw_str s)
{
	uint32_t id = t->count + 1;
	struct entry **chunk = &t->chunk[id >> CHUNK_BITS];
	struct lw_str copy;

	if (id > t->max || s.n > UINT32_MAX)
		return 0;
	if (*chunk == NULL && (*chunk = calloc(CHUNK_SIZE, sizeof(**chunk))) == NULL)
		return 0;
	copy = lw_arena_str(&in->text, s);
	if (copy.p == NULL)
		return 0;
	(*chunk)[id & (CHUNK_SIZE - 1)] =
	    (struct entry){.p = copy.p, .n = (uint32_t)copy.n, .kind = kind};
	t->count = id;
	return id;
}

static uint32_t
intern(struct lw_intern *in, struct table *t, uint32_t kind, struct lw_str s)
{
	size_t i;

	if (t->count + 1 > t->nslots / 2 && grow(in, t) != 0)
		return 0;
	for (i = hash_of(in, kind, s) & (t->nslots - 1); t->slot[i] != 0;
	     i = (i + 1) & (t->nslots - 1)) {
		const struct entry *e = entry_at(t, t->slot[i]);

		if (e->kind == kind && lw_str_eq((struct lw_str){e->p, e->n}, s))
			return t->slot[i];
	}
	t->slot[i] = append(in, t, kind, s);
	return t->slot[i];
}

uint32_t
lw_intern_lexeme(struct lw_intern *t, enum lw_lexeme_kind kind, struct lw_str s)
{
	return intern(t, &t->lexeme, kind, s);
}

uint32_t
lw_intern_rule(struct lw_intern *t, struct lw_str name)
{
	return intern(t, &t->rule, 0, name);
}

uint32_t
lw_intern_lexemes(const struct lw_intern *t)
{
	return t->lexeme.count;
}

uint32_t
lw_intern_rules(const struct lw_intern *t)
{
	return t->rule.count;
}

struct lw_str
lw_intern_lexeme_name(const struct lw_intern *t, uint32_t id, enum lw_lexeme_kind *kind)
{
	const struct entry *e;

	if (id == 0 || id > t->lexeme.count)
		return (struct lw_str){NULL, 0};
	e = entry_at(&t->lexeme, id);
	if (kind != NULL)
		*kind = (enum lw_lexeme_kind)e->kind;
	return (struct lw_str){e->p, e->n};
}

struct lw_str
lw_intern_rule_name(const struct lw_intern *t, uint32_t id)
{
	if (id == 0 || id > t->rule.count)
		return (struct lw_str){NULL, 0};
	return (struct lw_str){entry_at(&t->rule, id)->p, entry_at(&t->rule, id)->n};
}
