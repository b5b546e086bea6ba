/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of lexemes, each stored once. */
#ifndef LW_PACK_SETPOOL_H
#define LW_PACK_SETPOOL_H

#include <stddef.h>
#include <stdint.h>

struct lw_setpool {
	uint32_t *off, *id; /* set i: id[off[i]..off[i+1]] */
	size_t nsets, sets_cap, ids_cap;
	uint32_t *slot; /* open addressing: set + 1 */
	size_t nslots;
};

/* Sorts ids in place, drops doubles; *set is the set, a singleton in its short form.
 * 0, LW_ENOMEM, or LW_ELIMIT above LW_SET_IDS_MAX. n >= 1. */
int lw_setpool_add(struct lw_setpool *p, uint32_t *ids, size_t n, uint32_t *set);
void lw_setpool_clear(struct lw_setpool *p);

#endif
