/* SPDX-License-Identifier: Apache-2.0 */
/* Stores equal sets of lexemes once. In: ids in any order. Out: a set number. Owner: the
 * compiler, which hands the arrays on to the ruleset. */
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "pack/program.h"
#include "pack/setpool.h"

static int
by_id(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static uint64_t
hash_ids(const uint32_t *ids, size_t n)
{
	uint64_t h = n;

	for (size_t i = 0; i < n; i++) {
		h = (h ^ ids[i]) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 29;
	}
	return h;
}

static int
grow_table(struct lw_setpool *p)
{
	size_t n = p->nslots != 0 ? p->nslots * 2 : 256;
	uint32_t *slot = calloc(n, sizeof(*slot));

	if (slot == NULL)
		return LW_ENOMEM;
	for (size_t s = 0; s < p->nsets; s++) {
		size_t i =
		    hash_ids(p->id + p->off[s], p->off[s + 1] - p->off[s]) & (n - 1);

		while (slot[i] != 0)
			i = (i + 1) & (n - 1);
		slot[i] = (uint32_t)s + 1;
	}
	free(p->slot);
	p->slot = slot;
	p->nslots = n;
	return 0;
}

static int
grow_arrays(struct lw_setpool *p, size_t more)
{
	size_t used = p->nsets != 0 ? p->off[p->nsets] : 0;

	if (used + more > LW_SET_IDS_MAX)
		return LW_ELIMIT;
	if (p->nsets + 2 > p->sets_cap) {
		size_t cap = p->sets_cap != 0 ? p->sets_cap * 2 : 256;
		uint32_t *off = realloc(p->off, cap * sizeof(*off));

		if (off == NULL)
			return LW_ENOMEM;
		p->off = off;
		p->off[0] = 0;
		p->sets_cap = cap;
	}
	if (used + more > p->ids_cap) {
		size_t cap =
		    p->ids_cap * 2 > used + more ? p->ids_cap * 2 : used + more + 1024;
		uint32_t *id = realloc(p->id, cap * sizeof(*id));

		if (id == NULL)
			return LW_ENOMEM;
		p->id = id;
		p->ids_cap = cap;
	}
	return 0;
}

int
lw_setpool_add(struct lw_setpool *p, uint32_t *ids, size_t n, uint32_t *set)
{
	size_t m = 1, i;
	int err;

	qsort(ids, n, sizeof(*ids), by_id);
	for (i = 1; i < n; i++)
		if (ids[i] != ids[m - 1])
			ids[m++] = ids[i];
	if (m == 1) {
		*set = ids[0] | LW_SET_ONE;
		return 0;
	}
	if (p->nsets * 2 >= p->nslots && (err = grow_table(p)) != 0)
		return err;
	for (i = hash_ids(ids, m) & (p->nslots - 1); p->slot[i] != 0;
	     i = (i + 1) & (p->nslots - 1)) {
		uint32_t s = p->slot[i] - 1;

		if (p->off[s + 1] - p->off[s] == m &&
		    memcmp(p->id + p->off[s], ids, m * sizeof(*ids)) == 0) {
			*set = s;
			return 0;
		}
	}
	if ((err = grow_arrays(p, m)) != 0)
		return err;
	memcpy(p->id + p->off[p->nsets], ids, m * sizeof(*ids));
	p->off[p->nsets + 1] = p->off[p->nsets] + (uint32_t)m;
	*set = (uint32_t)p->nsets++;
	p->slot[i] = *set + 1;
	return 0;
}

void
lw_setpool_clear(struct lw_setpool *p)
{
	free(p->off);
	free(p->id);
	free(p->slot);
	*p = (struct lw_setpool){0};
}
