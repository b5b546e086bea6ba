/* SPDX-License-Identifier: Apache-2.0 */
/* A session's book: which of the client's numbers are answered by which of ours. */
#ifndef LW_GATE_ACKS_H
#define LW_GATE_ACKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- acknowledgements: all up to `client` may be told once `need` is durable ---- */
#define LW_ACKS_MAX 1024 /* at the cap the last two become one, which only acks later */

struct lw_acks {
	struct lw_ack {
		uint64_t client, need;
		uint32_t events; /* or more: some weigh as many */
	} * ring;		 /* LW_ACKS_MAX */
	size_t head, n;
	uint32_t unacked; /* events in the ring */
};

int lw_acks_init(struct lw_acks *a);
void lw_acks_clear(struct lw_acks *a);
void lw_acks_add(struct lw_acks *a, uint64_t client, uint64_t need, uint32_t events);
/* Forget what `durable` covers. True when there is something to tell: *upto. */
bool lw_acks_take(struct lw_acks *a, uint64_t durable, uint64_t *upto);

/* ---- asks without an answer yet, by rising ingest number ---- */
#define LW_ASKS_MAX                                                                    \
	65536 /* at the cap the oldest is forgotten: its deadline is long past */

struct lw_asks {
	struct lw_ask {
		uint64_t ingest, client; /* client 0: answered */
	} * ring;
	size_t head, n, cap; /* cap a power of two */
};

void lw_asks_clear(struct lw_asks *a);
int lw_asks_add(struct lw_asks *a, uint64_t ingest, uint64_t client);
/* The client's number of this ask, or 0 when it is not waiting. */
uint64_t lw_asks_take(struct lw_asks *a, uint64_t ingest);

#endif
