/* SPDX-License-Identifier: Apache-2.0 */
/* Encoded events that are not acknowledged, in order, bounded. Numbers are the client's and
 * have no gaps: the first event is 1, and each has its number for ever. */
#ifndef LW_CLIENT_SPOOL_H
#define LW_CLIENT_SPOOL_H

#include <stddef.h>
#include <stdint.h>
#include "base/str.h"

struct lw_spool {
	uint8_t *bytes; /* ring; grows up to max_bytes */
	size_t cap, max_bytes, head, used;
	uint32_t *lens; /* ring of lengths; grows up to max_events */
	size_t ncap, max_events, nhead, n;
	uint64_t first;	   /* number of the oldest kept */
	uint64_t unsent;   /* number of the first that was not sent yet */
	size_t unsent_off; /* its bytes, from head */
};

void lw_spool_init(struct lw_spool *s, size_t max_bytes, size_t max_events);
void lw_spool_clear(struct lw_spool *s);
/* LW_ELIMIT: no room; drop some. LW_ENOMEM. */
int lw_spool_push(struct lw_spool *s, struct lw_str event);
/* Forget and wipe the oldest, sent or not. */
void lw_spool_drop(struct lw_spool *s);
static inline uint64_t
lw_spool_next(const struct lw_spool *s) /* number of the event that comes next */
{
	return s->first + s->n;
}

/* Send all that is kept again. */
void lw_spool_rewind(struct lw_spool *s);
/* The bytes of up to n unsent events, at most `bytes` of them (one event in any case), as
 * one or two pieces; they count as sent. Returns how many. */
size_t lw_spool_take(struct lw_spool *s, size_t n, size_t bytes, struct lw_str pieces[2]);

#endif
