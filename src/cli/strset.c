/* SPDX-License-Identifier: Apache-2.0 */
/* Open addressing over hashes; an all-zero hash marks a free slot. */
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "cli/strset.h"

/* Where the hash is, or belongs. */
static struct lw_id128 *
place(const struct lw_strset *s, struct lw_id128 h)
{
	size_t i = h.lo & (s->cap - 1);

	while ((s->slot[i].lo | s->slot[i].hi) != 0 && !lw_id128_eq(s->slot[i], h))
		i = (i + 1) & (s->cap - 1);
	return &s->slot[i];
}

static int
grow(struct lw_strset *s)
{
	struct lw_strset bigger = {NULL, s->n, s->cap == 0 ? 1024 : s->cap * 2};

	bigger.slot = calloc(bigger.cap, sizeof(*bigger.slot));
	if (bigger.slot == NULL)
		return LW_ENOMEM;
	for (size_t i = 0; i < s->cap; i++)
		if ((s->slot[i].lo | s->slot[i].hi) != 0)
			*place(&bigger, s->slot[i]) = s->slot[i];
	free(s->slot);
	*s = bigger;
	return LW_OK;
}

int
lw_strset_add(struct lw_strset *s, struct lw_str item)
{
	static const struct lw_hash_key key;
	struct lw_id128 h = lw_hash128(&key, item.p, item.n), *at;
	int err;

	if ((h.lo | h.hi) == 0)
		h.lo = 1;
	if (s->n * 2 >= s->cap && (err = grow(s)) != 0)
		return err;
	at = place(s, h);
	if (lw_id128_eq(*at, h))
		return 0;
	*at = h;
	s->n++;
	return 1;
}

void
lw_strset_clear(struct lw_strset *s)
{
	free(s->slot);
	memset(s, 0, sizeof(*s));
}
