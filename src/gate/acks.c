/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers in, numbers out: ranges for acknowledgements, single entries for asks. Events that
 * were seen before, or cannot be taken, have a client's number but none of ours; a range says
 * what must be durable before it may be told, so they need no case of their own. */
#include <stdlib.h>
#include "base/err.h"
#include "gate/acks.h"

int
lw_acks_init(struct lw_acks *a)
{
	*a = (struct lw_acks){.ring = calloc(LW_ACKS_MAX, sizeof *a->ring)};
	return a->ring == NULL ? LW_ENOMEM : 0;
}

void
lw_acks_clear(struct lw_acks *a)
{
	free(a->ring);
	*a = (struct lw_acks){.ring = NULL};
}

void
lw_acks_add(struct lw_acks *a, uint64_t client, uint64_t need, uint32_t events)
{
	struct lw_ack *last = &a->ring[(a->head + a->n + LW_ACKS_MAX - 1) % LW_ACKS_MAX];

	a->unacked += events;
	if (a->n > 0 && (last->need == need || a->n == LW_ACKS_MAX)) {
		last->client = client;
		last->need = need;
		last->events += events;
		return;
	}
	a->ring[(a->head + a->n) % LW_ACKS_MAX] = (struct lw_ack){client, need, events};
	a->n++;
}

bool
lw_acks_take(struct lw_acks *a, uint64_t durable, uint64_t *upto)
{
	bool any = false;

	while (a->n > 0 && a->ring[a->head].need <= durable) {
		*upto = a->ring[a->head].client;
		a->unacked -= a->ring[a->head].events;
		a->head = (a->head + 1) % LW_ACKS_MAX;
		a->n--;
		any = true;
	}
	return any;
}

void
lw_asks_clear(struct lw_asks *a)
{
	free(a->ring);
	*a = (struct lw_asks){.ring = NULL};
}

static int
grow(struct lw_asks *a)
{
	size_t cap = a->cap == 0 ? 64 : a->cap * 2, i;
	struct lw_ask *ring = calloc(cap, sizeof *ring);

	if (ring == NULL)
		return LW_ENOMEM;
	for (i = 0; i < a->n; i++)
		ring[i] = a->ring[(a->head + i) & (a->cap - 1)];
	free(a->ring);
	a->ring = ring;
	a->cap = cap;
	a->head = 0;
	return 0;
}

int
lw_asks_add(struct lw_asks *a, uint64_t ingest, uint64_t client)
{
	int err;

	if (a->n == a->cap && a->cap < LW_ASKS_MAX && (err = grow(a)) != 0)
		return err;
	if (a->n == a->cap) {
		a->head = (a->head + 1) & (a->cap - 1);
		a->n--;
	}
	a->ring[(a->head + a->n++) & (a->cap - 1)] = (struct lw_ask){ingest, client};
	return 0;
}

uint64_t
lw_asks_take(struct lw_asks *a, uint64_t ingest)
{
	size_t lo = 0, hi = a->n, mid;
	struct lw_ask *k;
	uint64_t client;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		k = &a->ring[(a->head + mid) & (a->cap - 1)];
		if (k->ingest < ingest)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == a->n)
		return 0;
	k = &a->ring[(a->head + lo) & (a->cap - 1)];
	if (k->ingest != ingest)
		return 0;
	client = k->client;
	k->client = 0;
	while (a->n > 0 && a->ring[a->head].client == 0) {
		a->head = (a->head + 1) & (a->cap - 1);
		a->n--;
	}
	return client;
}
