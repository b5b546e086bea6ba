/* SPDX-License-Identifier: Apache-2.0 */
/* Asks that wait, by rising number. All have the same time to live, so the front of the ring
 * is the next to miss its deadline. An ask leaves the ring before its callback runs, because
 * the callback may ask again. */
#include <stdlib.h>
#include "base/err.h"
#include "client/client.h"

static struct lw_client_ask *
at(const struct lw_client *c, size_t i)
{
	return &c->asks[(c->ask_head + i) & (c->ask_cap - 1)];
}

static void
pop(struct lw_client *c)
{
	c->ask_head = (c->ask_head + 1) & (c->ask_cap - 1);
	c->nasks--;
}

/* First place whose number is not below seq. */
static size_t
find(const struct lw_client *c, uint64_t seq)
{
	size_t lo = 0, hi = c->nasks, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (at(c, mid)->seq < seq)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

int
lw_client_asks_add(struct lw_client *c, uint64_t seq, uint64_t deadline_ms,
    lw_client_verdict_fn fn, void *cookie)
{
	size_t cap = c->ask_cap == 0 ? 64 : c->ask_cap * 2, i;
	struct lw_client_ask *ring;

	if (c->nasks == c->ask_cap) {
		if (cap > LW_CLIENT_ASKS_MAX)
			return LW_ELIMIT;
		if ((ring = calloc(cap, sizeof *ring)) == NULL)
			return LW_ENOMEM;
		for (i = 0; i < c->nasks; i++)
			ring[i] = *at(c, i);
		free(c->asks);
		c->asks = ring;
		c->ask_cap = cap;
		c->ask_head = 0;
	}
	c->nasks++;
	*at(c, c->nasks - 1) = (struct lw_client_ask){seq, deadline_ms, fn, cookie};
	return 0;
}

size_t
lw_client_asks_in(const struct lw_client *c, uint64_t seq, size_t n, uint32_t *places)
{
	size_t i, k = 0;

	for (i = find(c, seq); i < c->nasks && at(c, i)->seq < seq + n; i++) {
		if (at(c, i)->fn != NULL)
			places[k++] = (uint32_t)(at(c, i)->seq - seq);
	}
	return k;
}

void
lw_client_asks_answer(struct lw_client *c, const struct lw_verdict *v)
{
	struct lw_client_verdict out = {.action = (enum lw_client_action)v->action,
	    .reason = v->reason != NULL ? v->reason : "",
	    .ttl_ms = v->ttl_ms,
	    .risk = v->risk};
	size_t i = find(c, v->seq);
	struct lw_client_ask a;

	c->missed = 0;
	if (i == c->nasks || at(c, i)->seq != v->seq || at(c, i)->fn == NULL) {
		c->stats.late++;
		return;
	}
	a = *at(c, i);
	at(c, i)->fn = NULL;
	while (c->nasks > 0 && at(c, 0)->fn == NULL)
		pop(c);
	a.fn(a.cookie, &out);
}

void
lw_client_unavailable(
    struct lw_client *c, lw_client_verdict_fn fn, void *cookie, const char *reason)
{
	struct lw_client_verdict v = {
	    .action = c->o.on_unavailable, .reason = reason, .unavailable = true};

	c->stats.unavailable++;
	fn(cookie, &v);
}

void
lw_client_asks_expire(struct lw_client *c, uint64_t now_ms)
{
	struct lw_client_ask a;

	while (c->nasks > 0) {
		a = *at(c, 0);
		if (a.fn != NULL && a.deadline_ms > now_ms)
			return;
		pop(c);
		if (a.fn == NULL)
			continue;
		c->missed++;
		lw_client_unavailable(c, a.fn, a.cookie, "deadline");
	}
}

void
lw_client_asks_fail(struct lw_client *c, const char *reason)
{
	size_t n = c->nasks; /* not those that the callbacks add */
	struct lw_client_ask a;

	while (n-- > 0 && c->nasks > 0) {
		a = *at(c, 0);
		pop(c);
		if (a.fn != NULL)
			lw_client_unavailable(c, a.fn, a.cookie, reason);
	}
}

uint64_t
lw_client_asks_deadline(const struct lw_client *c)
{
	return c->nasks > 0 ? at(c, 0)->deadline_ms : 0;
}
