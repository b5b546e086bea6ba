/* SPDX-License-Identifier: Apache-2.0 */
/* Bump allocator for what dies together. Blocks are kept over a reset, up to 4 MiB of them,
 * so a steady state allocates nothing. Everything is wiped when reset or cleared: it may
 * have held text. */
#ifndef LW_BASE_ARENA_H
#define LW_BASE_ARENA_H

#include <stddef.h>
#include "base/str.h"

struct lw_arena_block;

struct lw_arena {
	struct lw_arena_block *first, *cur;
	size_t used, max; /* bytes handed out, hard cap */
	size_t held;	  /* bytes of all blocks */
};

void lw_arena_init(struct lw_arena *a, size_t max_bytes);
/* Zeroed memory aligned to 16, or NULL at the cap or without memory. */
void *lw_arena_alloc(struct lw_arena *a, size_t n);
void *lw_arena_dup(struct lw_arena *a, const void *p, size_t n);
/* Copy with a NUL behind it; the slice does not count the NUL. p is NULL on failure. */
struct lw_str lw_arena_str(struct lw_arena *a, struct lw_str s);
void lw_arena_reset(struct lw_arena *a);
void lw_arena_clear(struct lw_arena *a);

#endif
