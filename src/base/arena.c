/* SPDX-License-Identifier: Apache-2.0 */
/* The bump allocator. In: sizes. Out: zeroed memory that lives until reset or clear.
 * Owns its blocks; handed-out bytes are wiped before the blocks are used again, which is
 * also why fresh memory is always zero. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "base/arena.h"
#include "base/buf.h"

#define ALIGN 16
#define BLOCK_MIN ((size_t)4096)
#define BLOCK_MAX ((size_t)256 * 1024)
#define KEEP_MAX ((size_t)4 << 20) /* over a reset: what one peak took is given back */

struct lw_arena_block {
	struct lw_arena_block *next;
	size_t size, used;
	_Alignas(ALIGN) unsigned char data[];
};

void
lw_arena_init(struct lw_arena *a, size_t max_bytes)
{
	memset(a, 0, sizeof(*a));
	a->max = max_bytes;
}

/* A new block for at least n bytes, behind cur. Blocks double, up to BLOCK_MAX. */
static struct lw_arena_block *
add_block(struct lw_arena *a, size_t n)
{
	struct lw_arena_block *b;
	size_t size = BLOCK_MIN;

	if (a->cur != NULL && a->cur->size <= BLOCK_MAX / 2)
		size = a->cur->size * 2;
	else if (a->cur != NULL)
		size = BLOCK_MAX;
	if (size < n)
		size = n;
	if (size > SIZE_MAX - sizeof(*b))
		return NULL;
	b = calloc(1, sizeof(*b) + size);
	if (b == NULL)
		return NULL;
	b->size = size;
	a->held += size;
	if (a->cur != NULL) {
		b->next = a->cur->next;
		a->cur->next = b;
	} else {
		a->first = b;
	}
	return b;
}

void *
lw_arena_alloc(struct lw_arena *a, size_t n)
{
	struct lw_arena_block *b = a->cur;
	void *p;

	if (n > SIZE_MAX - ALIGN)
		return NULL;
	n = n == 0 ? ALIGN : (n + ALIGN - 1) / ALIGN * ALIGN;
	if (n > a->max - a->used)
		return NULL;
	/* Blocks behind cur are empty: they were filled before the last reset. */
	while (b != NULL && b->size - b->used < n)
		b = b->next;
	if (b == NULL)
		b = add_block(a, n);
	if (b == NULL)
		return NULL;
	a->cur = b;
	p = b->data + b->used;
	b->used += n;
	a->used += n;
	return p;
}

void *
lw_arena_dup(struct lw_arena *a, const void *p, size_t n)
{
	void *q = lw_arena_alloc(a, n);

	if (q != NULL && n > 0)
		memcpy(q, p, n);
	return q;
}

struct lw_str
lw_arena_str(struct lw_arena *a, struct lw_str s)
{
	struct lw_str copy = {NULL, 0};
	char *p;

	if (s.p == NULL || s.n == SIZE_MAX)
		return copy;
	p = lw_arena_alloc(a, s.n + 1);
	if (p == NULL)
		return copy;
	memcpy(p, s.p, s.n);
	copy.p = p;
	copy.n = s.n;
	return copy;
}

void
lw_arena_reset(struct lw_arena *a)
{
	struct lw_arena_block *b, **at = &a->first;
	size_t kept = 0;

	/* Requests that grow a little each time find no old block that is large enough:
	 * without a bound the blocks of all sizes would pile up. */
	while ((b = *at) != NULL) {
		lw_wipe(b->data, b->used);
		b->used = 0;
		if (b->size > KEEP_MAX - kept) {
			*at = b->next;
			a->held -= b->size;
			free(b);
			continue;
		}
		kept += b->size;
		at = &b->next;
	}
	a->cur = a->first;
	a->used = 0;
}

void
lw_arena_clear(struct lw_arena *a)
{
	struct lw_arena_block *b, *next;

	lw_arena_reset(a);
	for (b = a->first; b != NULL; b = next) {
		next = b->next;
		free(b);
	}
	a->first = NULL;
	a->cur = NULL;
	a->held = 0;
}
