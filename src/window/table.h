/* SPDX-License-Identifier: Apache-2.0 */
/* A hash table of fixed-size entries that never move: an open-addressing index of 8 bytes
 * an entry over slabs of 64 entries. Keys are 128-bit keyed hashes, so strangers cannot
 * choose where they land; a key of zero is a free slot. Growing copies the index only, and
 * slabs are added one at a time, so there is no spike of memory. What an entry points to
 * is its owner's to free before lw_table_del and lw_table_clear. */
#ifndef LW_WINDOW_TABLE_H
#define LW_WINDOW_TABLE_H

#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/hash.h"
#include "window/codec.h"

#define LW_TABLE_SLAB 64	  /* entries */
#define LW_TABLE_MAX (1u << 24)	  /* entries of one table */
#define LW_TABLE_NEVER UINT64_MAX /* rank of what may not be evicted */
#define LW_TABLE_SAMPLE 16	  /* candidates that an eviction looks at */

struct lw_table {
	void **slab;	 /* owned; nslab of LW_TABLE_SLAB entries */
	uint64_t *index; /* owned; tag << 32 | slot + 1, 0 free */
	uint32_t nslab, cap_slab, mask;
	uint32_t nslot; /* slots ever used */
	uint32_t live, free_head, hand;
	uint32_t entry, key_off;
	size_t bytes; /* of slabs and index */
};

/* entry: size in bytes, of which 16 at key_off are the key. */
void lw_table_init(struct lw_table *t, size_t entry, size_t key_off);
void lw_table_clear(struct lw_table *t);
void *lw_table_find(const struct lw_table *t, struct lw_id128 key);
/* A zeroed entry with its key set; key is not in the table. NULL without memory. */
void *lw_table_add(struct lw_table *t, struct lw_id128 key);
/* Bytes that the next lw_table_add would allocate. */
size_t lw_table_add_cost(const struct lw_table *t);
void lw_table_del(struct lw_table *t, void *entry);
/* Give an entry another key that is not in the table. */
void lw_table_rekey(struct lw_table *t, void *entry, struct lw_id128 key);
/* The entry of a slot below t->nslot, or NULL when it is free. */
void *lw_table_at(const struct lw_table *t, uint32_t slot);
/* The least of the next LW_TABLE_SAMPLE entries by rank, going round; NULL when none may
 * go. The same table and the same calls give the same victims. */
typedef uint64_t (*lw_table_rank)(const void *entry, const void *ctx);
void *lw_table_victim(struct lw_table *t, lw_table_rank rank, const void *ctx);

static inline void
lw_table_prefetch(const struct lw_table *t, struct lw_id128 key)
{
	if (t->index != NULL) {
		uint32_t tag = (uint32_t)(key.lo >> 32) ^ (uint32_t)(key.lo & 1);

		__builtin_prefetch(&t->index[tag & t->mask]);
	}
}

/* The same for the entry, once its index is there: goes by the tag alone, since the key
 * lies in the memory that is to be fetched. NULL when the index has no such tag. */
void *lw_table_guess(const struct lw_table *t, struct lw_id128 key);

/* Layout and entries, exact: what is loaded goes on as what was saved would have. put
 * writes an entry without its key; get fills a zeroed one and returns 0 or an error. */
typedef void (*lw_table_put)(struct lw_buf *out, const void *entry, void *ctx);
typedef int (*lw_table_get)(struct lw_dec *d, void *entry, void *ctx);
void lw_table_save(
    const struct lw_table *t, struct lw_buf *out, lw_table_put put, void *ctx);
/* Into an empty table. On failure entries that get has filled are in the table still. */
int lw_table_load(
    struct lw_table *t, struct lw_dec *d, uint32_t max, lw_table_get get, void *ctx);

#endif
