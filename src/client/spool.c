/* SPDX-License-Identifier: Apache-2.0 */
/* Two rings, of bytes and of lengths. Events of a frame lie side by side, so a frame is one
 * or two copies, first time and after a reconnect alike. */
#include <stdlib.h>
#include "base/buf.h"
#include "base/err.h"
#include "client/spool.h"

#define BYTES_MIN 4096
#define EVENTS_MIN 64

void
lw_spool_init(struct lw_spool *s, size_t max_bytes, size_t max_events)
{
	*s = (struct lw_spool){
	    .max_bytes = max_bytes, .max_events = max_events, .first = 1, .unsent = 1};
}

void
lw_spool_clear(struct lw_spool *s)
{
	if (s->bytes != NULL)
		lw_wipe(s->bytes, s->cap);
	free(s->bytes);
	free(s->lens);
	lw_spool_init(s, s->max_bytes, s->max_events);
}

/* The used part of the ring from `off`, in two pieces. */
static void
pieces_of(const struct lw_spool *s, size_t off, size_t n, struct lw_str pieces[2])
{
	size_t at = s->cap == 0 ? 0 : (s->head + off) % s->cap;
	size_t front = n < s->cap - at ? n : s->cap - at;

	pieces[0] = (struct lw_str){(const char *)s->bytes + at, front};
	pieces[1] = (struct lw_str){(const char *)s->bytes, n - front};
}

static size_t
larger(size_t cap, size_t least, size_t need, size_t max)
{
	cap = cap < least ? least : cap;
	while (cap < need)
		cap *= 2;
	return cap < max ? cap : max;
}

static int
grow_bytes(struct lw_spool *s, size_t need)
{
	size_t cap = larger(s->cap, BYTES_MIN, need, s->max_bytes);
	struct lw_str p[2];
	uint8_t *bytes;

	if ((bytes = malloc(cap)) == NULL)
		return LW_ENOMEM;
	if (s->bytes != NULL) {
		pieces_of(s, 0, s->used, p);
		memcpy(bytes, p[0].p, p[0].n);
		memcpy(bytes + p[0].n, p[1].p, p[1].n);
		lw_wipe(s->bytes, s->cap);
		free(s->bytes);
	}
	s->bytes = bytes;
	s->cap = cap;
	s->head = 0;
	return 0;
}

static int
grow_lens(struct lw_spool *s)
{
	size_t cap = larger(s->ncap, EVENTS_MIN, s->n + 1, s->max_events), i;
	uint32_t *lens = calloc(cap, sizeof *lens);

	if (lens == NULL)
		return LW_ENOMEM;
	for (i = 0; i < s->n; i++)
		lens[i] = s->lens[(s->nhead + i) % s->ncap];
	free(s->lens);
	s->lens = lens;
	s->ncap = cap;
	s->nhead = 0;
	return 0;
}

int
lw_spool_push(struct lw_spool *s, struct lw_str event)
{
	size_t at, front;
	int err;

	if (s->n == s->max_events || event.n > s->max_bytes - s->used)
		return LW_ELIMIT;
	if (s->used + event.n > s->cap && (err = grow_bytes(s, s->used + event.n)) != 0)
		return err;
	if (s->n == s->ncap && (err = grow_lens(s)) != 0)
		return err;
	at = (s->head + s->used) % s->cap;
	front = event.n < s->cap - at ? event.n : s->cap - at;
	memcpy(s->bytes + at, event.p, front);
	memcpy(s->bytes, event.p + front, event.n - front);
	s->lens[(s->nhead + s->n) % s->ncap] = (uint32_t)event.n;
	s->used += event.n;
	s->n++;
	return 0;
}

void
lw_spool_drop(struct lw_spool *s)
{
	size_t n = s->lens[s->nhead];
	struct lw_str p[2];

	pieces_of(s, 0, n, p);
	lw_wipe(s->bytes + s->head, p[0].n);
	lw_wipe(s->bytes, p[1].n);
	s->head = (s->head + n) % s->cap;
	s->used -= n;
	s->nhead = (s->nhead + 1) % s->ncap;
	s->n--;
	s->first++;
	if (s->unsent < s->first)
		lw_spool_rewind(s);
	else
		s->unsent_off -= n;
}

void
lw_spool_rewind(struct lw_spool *s)
{
	s->unsent = s->first;
	s->unsent_off = 0;
}

size_t
lw_spool_take(struct lw_spool *s, size_t n, size_t bytes, struct lw_str pieces[2])
{
	size_t i = (size_t)(s->unsent - s->first), taken = 0, total = 0;

	for (; taken < n && i < s->n; i++, taken++) {
		size_t len = s->lens[(s->nhead + i) % s->ncap];

		if (taken > 0 && total + len > bytes)
			break;
		total += len;
	}
	if (taken > 0)
		pieces_of(s, s->unsent_off, total, pieces);
	s->unsent += taken;
	s->unsent_off += total;
	return taken;
}
