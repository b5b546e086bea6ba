/* SPDX-License-Identifier: Apache-2.0 */
/* Memory of batches. Reused, so that a steady state allocates nothing; wiped on the way. */
#include <stdlib.h>
#include "daemon/batch.h"
#include "daemon/snap.h"

struct lw_batch *
lw_batch_new(unsigned workers)
{
	struct lw_batch *b = calloc(1, sizeof(*b));
	unsigned i;

	if (b == NULL)
		return NULL;
	b->results = calloc(workers, sizeof(*b->results));
	if (b->results == NULL) {
		free(b);
		return NULL;
	}
	b->nresults = workers;
	for (i = 0; i < workers; i++)
		lw_arena_init(&b->results[i], LW_DAEMON_ARENA_MAX);
	lw_arena_init(&b->arena, LW_DAEMON_ARENA_MAX);
	lw_buf_init(&b->state, LW_SNAP_BYTES_MAX);
	atomic_init(&b->left, 0);
	return b;
}

void
lw_batch_reset(struct lw_batch *b)
{
	unsigned i;

	for (i = 0; i < b->nresults; i++)
		lw_arena_reset(&b->results[i]);
	lw_arena_reset(&b->arena);
	lw_buf_clear(&b->state);
	lw_rules_unref(b->rules);
	b->rules = NULL;
	b->ev = NULL;
	b->lent = NULL;
	b->replay = NULL;
	b->n = b->asks = 0;
	b->answered = b->clean = false;
	b->err = 0;
}

void
lw_batch_free(struct lw_batch *b)
{
	unsigned i;

	if (b == NULL)
		return;
	lw_batch_reset(b);
	for (i = 0; i < b->nresults; i++)
		lw_arena_clear(&b->results[i]);
	lw_arena_clear(&b->arena);
	free(b->results);
	free(b);
}
