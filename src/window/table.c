/* SPDX-License-Identifier: Apache-2.0 */
/* The table that windows, speakers and conversations live in: keyed hashes in, stable
 * entries out. Owns slabs and index, never what entries point to. */
#include "window/table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

#define INDEX_MIN 16
#define NO_SLOT UINT32_MAX

/* The last bit of a pair's key is its direction: both directions share a cache line of
 * the index and yet have different tags. */
static uint32_t
tag_of(struct lw_id128 key)
{
	return (uint32_t)(key.lo >> 32) ^ (uint32_t)(key.lo & 1);
}

static void *
slot_ptr(const struct lw_table *t, uint32_t slot)
{
	char *slab = t->slab[slot / LW_TABLE_SLAB];

	return slab + (size_t)(slot % LW_TABLE_SLAB) * t->entry;
}

static struct lw_id128 *
key_of(const struct lw_table *t, void *entry)
{
	return (struct lw_id128 *)(void *)((char *)entry + t->key_off);
}

static bool
is_free_key(struct lw_id128 k)
{
	return (k.hi | k.lo) == 0;
}

/* Where a free slot keeps the next one: beside the key, which stays zero. */
static uint32_t *
link_of(const struct lw_table *t, void *entry)
{
	size_t off = t->key_off == 0 ? sizeof(struct lw_id128) : 0;

	return (uint32_t *)(void *)((char *)entry + off);
}

void
lw_table_init(struct lw_table *t, size_t entry, size_t key_off)
{
	memset(t, 0, sizeof(*t));
	assert(entry % 8 == 0 && key_off % 8 == 0 && key_off + 16 <= entry);
	t->entry = (uint32_t)entry;
	t->key_off = (uint32_t)key_off;
	t->free_head = NO_SLOT;
}

void
lw_table_clear(struct lw_table *t)
{
	for (uint32_t i = 0; i < t->nslab; i++)
		free(t->slab[i]);
	free(t->slab);
	free(t->index);
	lw_table_init(t, t->entry, t->key_off);
}

/* Position in the index of the entry with this key, or NO_SLOT. */
static uint32_t
index_find(const struct lw_table *t, struct lw_id128 key)
{
	uint32_t tag = tag_of(key);

	if (t->index == NULL)
		return NO_SLOT;
	for (uint32_t i = tag & t->mask;; i = (i + 1) & t->mask) {
		uint64_t e = t->index[i];

		if (e == 0)
			return NO_SLOT;
		if ((uint32_t)(e >> 32) == tag &&
		    lw_id128_eq(*key_of(t, slot_ptr(t, (uint32_t)e - 1)), key))
			return i;
	}
}

static void
index_put(uint64_t *index, uint32_t mask, uint32_t tag, uint32_t slot)
{
	uint32_t i = tag & mask;

	while (index[i] != 0)
		i = (i + 1) & mask;
	index[i] = (uint64_t)tag << 32 | (slot + 1);
}

/* Take an entry out and close the gap, so that probes need no tombstones. */
static void
index_del(struct lw_table *t, uint32_t i)
{
	uint32_t mask = t->mask, hole = i;

	for (uint32_t j = (i + 1) & mask; t->index[j] != 0; j = (j + 1) & mask) {
		uint32_t home = (uint32_t)(t->index[j] >> 32) & mask;

		if (((j - home) & mask) >= ((j - hole) & mask)) {
			t->index[hole] = t->index[j];
			hole = j;
		}
	}
	t->index[hole] = 0;
}

static bool
index_full(const struct lw_table *t, size_t live)
{
	size_t cap = t->index == NULL ? 0 : (size_t)t->mask + 1;

	return live > cap - cap / 8;
}

static int
index_grow(struct lw_table *t)
{
	size_t old = t->index == NULL ? 0 : (size_t)t->mask + 1;
	size_t cap = old == 0 ? INDEX_MIN : old * 2;
	uint64_t *index = calloc(cap, sizeof(*index));

	if (index == NULL)
		return LW_ENOMEM;
	for (size_t i = 0; i < old; i++)
		if (t->index[i] != 0)
			index_put(index, (uint32_t)cap - 1,
			    (uint32_t)(t->index[i] >> 32), (uint32_t)t->index[i] - 1);
	free(t->index);
	t->index = index;
	t->mask = (uint32_t)cap - 1;
	t->bytes += (cap - old) * sizeof(*index);
	return 0;
}

static size_t
slab_bytes(const struct lw_table *t)
{
	return (size_t)t->entry * LW_TABLE_SLAB;
}

static int
slab_add(struct lw_table *t)
{
	void *slab;

	if (t->nslab == t->cap_slab) {
		uint32_t cap = t->cap_slab == 0 ? 4 : t->cap_slab * 2;
		void **p = realloc(t->slab, cap * sizeof(*p));

		if (p == NULL)
			return LW_ENOMEM;
		t->bytes += (cap - t->cap_slab) * sizeof(*p);
		t->slab = p;
		t->cap_slab = cap;
	}
	/* The size is a multiple of 64, as is each slab's start. */
	slab = aligned_alloc(64, slab_bytes(t));
	if (slab == NULL)
		return LW_ENOMEM;
	t->slab[t->nslab++] = slab;
	t->bytes += slab_bytes(t);
	return 0;
}

size_t
lw_table_add_cost(const struct lw_table *t)
{
	size_t cost = 0;

	if (index_full(t, (size_t)t->live + 1)) {
		size_t cap = t->index == NULL ? INDEX_MIN : (size_t)t->mask + 1;

		cost += cap * sizeof(uint64_t);
	}
	if (t->free_head == NO_SLOT && t->nslot == t->nslab * LW_TABLE_SLAB)
		cost += slab_bytes(t);
	return cost;
}

void *
lw_table_find(const struct lw_table *t, struct lw_id128 key)
{
	uint32_t i = index_find(t, key);

	return i == NO_SLOT ? NULL : slot_ptr(t, (uint32_t)t->index[i] - 1);
}

void *
lw_table_guess(const struct lw_table *t, struct lw_id128 key)
{
	uint32_t tag = tag_of(key);

	if (t->index == NULL)
		return NULL;
	for (uint32_t i = tag & t->mask; t->index[i] != 0; i = (i + 1) & t->mask)
		if ((uint32_t)(t->index[i] >> 32) == tag)
			return slot_ptr(t, (uint32_t)t->index[i] - 1);
	return NULL;
}

void *
lw_table_add(struct lw_table *t, struct lw_id128 key)
{
	uint32_t slot;
	void *e;

	if (t->live >= LW_TABLE_MAX || is_free_key(key))
		return NULL;
	if (index_full(t, (size_t)t->live + 1) && index_grow(t) != 0)
		return NULL;
	if (t->free_head != NO_SLOT) {
		slot = t->free_head;
		e = slot_ptr(t, slot);
		t->free_head = *link_of(t, e);
	} else {
		if (t->nslot == t->nslab * LW_TABLE_SLAB && slab_add(t) != 0)
			return NULL;
		slot = t->nslot++;
		e = slot_ptr(t, slot);
	}
	memset(e, 0, t->entry);
	*key_of(t, e) = key;
	index_put(t->index, t->mask, tag_of(key), slot);
	t->live++;
	return e;
}

void
lw_table_del(struct lw_table *t, void *entry)
{
	uint32_t i = index_find(t, *key_of(t, entry));
	uint32_t slot;

	assert(i != NO_SLOT);
	slot = (uint32_t)t->index[i] - 1;
	index_del(t, i);
	memset(entry, 0, t->entry);
	*link_of(t, entry) = t->free_head;
	t->free_head = slot;
	t->live--;
}

void
lw_table_rekey(struct lw_table *t, void *entry, struct lw_id128 key)
{
	uint32_t i = index_find(t, *key_of(t, entry));
	uint32_t slot;

	assert(i != NO_SLOT && !is_free_key(key));
	slot = (uint32_t)t->index[i] - 1;
	index_del(t, i);
	*key_of(t, entry) = key;
	index_put(t->index, t->mask, tag_of(key), slot);
}

void *
lw_table_at(const struct lw_table *t, uint32_t slot)
{
	void *e = slot_ptr(t, slot);

	return is_free_key(*key_of(t, e)) ? NULL : e;
}

void *
lw_table_victim(struct lw_table *t, lw_table_rank rank, const void *ctx)
{
	uint64_t best = LW_TABLE_NEVER;
	void *victim = NULL;
	unsigned seen = 0;

	for (uint32_t n = 0; n < t->nslot && seen < LW_TABLE_SAMPLE; n++) {
		void *e;
		uint64_t r;

		if (t->hand >= t->nslot)
			t->hand = 0;
		e = lw_table_at(t, t->hand++);
		if (e == NULL || (r = rank(e, ctx)) == LW_TABLE_NEVER)
			continue;
		seen++;
		if (r < best) {
			best = r;
			victim = e;
		}
	}
	return victim;
}

void
lw_table_save(const struct lw_table *t, struct lw_buf *out, lw_table_put put, void *ctx)
{
	lw_enc_u32(out, t->nslot);
	lw_enc_u32(out, t->live);
	lw_enc_u32(out, t->hand);
	for (uint32_t s = 0; s < t->nslot; s++) {
		void *e = lw_table_at(t, s);

		if (e == NULL)
			continue;
		lw_enc_u32(out, s);
		lw_enc_id(out, *key_of(t, e));
		put(out, e, ctx);
	}
	for (uint32_t s = t->free_head; s != NO_SLOT; s = *link_of(t, slot_ptr(t, s)))
		lw_enc_u32(out, s);
}

/* Slots ever used are the most that ever lived at once, so the index gets the size that it
 * had, and what the next entry costs is the same. */
static int
load_slots(struct lw_table *t, uint32_t nslot)
{
	while (nslot > 0 && index_full(t, nslot)) {
		int rc = index_grow(t);

		if (rc != 0)
			return rc;
	}
	while (t->nslab * LW_TABLE_SLAB < nslot) {
		int rc = slab_add(t);

		if (rc != 0)
			return rc;
		memset(t->slab[t->nslab - 1], 0, slab_bytes(t));
	}
	t->nslot = nslot;
	return 0;
}

/* The chain of free slots as it was: which slot is used next is state too. */
static int
load_free(struct lw_table *t, struct lw_dec *d)
{
	uint32_t left = t->nslot - t->live;
	uint32_t *tail = &t->free_head;
	uint8_t *seen = calloc(t->nslot / 8 + 1, 1);
	int rc = 0;

	if (seen == NULL)
		return LW_ENOMEM;
	for (; left > 0 && rc == 0; left--) {
		uint32_t s = lw_dec_u32(d);

		if (d->bad || s >= t->nslot || lw_table_at(t, s) != NULL ||
		    (seen[s / 8] >> (s % 8) & 1) != 0) {
			rc = LW_EINVAL;
			break;
		}
		seen[s / 8] |= (uint8_t)(1u << (s % 8));
		*tail = s;
		tail = link_of(t, slot_ptr(t, s));
		*tail = NO_SLOT;
	}
	free(seen);
	return rc;
}

int
lw_table_load(
    struct lw_table *t, struct lw_dec *d, uint32_t max, lw_table_get get, void *ctx)
{
	uint32_t nslot = lw_dec_count(d, max, 4);
	uint32_t live = lw_dec_count(d, nslot, 20);
	uint32_t hand = lw_dec_u32(d);
	uint32_t next = 0;
	int rc;

	if (d->bad || hand > nslot)
		return LW_EINVAL;
	if ((rc = load_slots(t, nslot)) != 0)
		return rc;
	t->hand = hand;
	for (; live > 0; live--) {
		uint32_t slot = lw_dec_u32(d);
		struct lw_id128 key = lw_dec_id(d);
		void *e;

		if (d->bad || slot < next || slot >= nslot || is_free_key(key) ||
		    index_find(t, key) != NO_SLOT)
			return LW_EINVAL;
		e = slot_ptr(t, slot);
		*key_of(t, e) = key;
		index_put(t->index, t->mask, tag_of(key), slot);
		t->live++;
		next = slot + 1;
		if ((rc = get(d, e, ctx)) != 0)
			return rc;
		if (d->bad)
			return LW_EINVAL;
	}
	return load_free(t, d);
}
