/* SPDX-License-Identifier: Apache-2.0 */
/* Windows to bytes and back: exact, and bounded when read. Owned by whoever loads. */
#include <string.h>

#include "base/err.h"
#include "window/window.h"

static void
save_ring(const struct lw_ring *r, struct lw_buf *out)
{
	lw_enc_u16(out, r->pos);
	lw_enc_u8(out, r->mark);
	lw_enc_u8(out, r->head);
	lw_enc_u8(out, r->n);
	lw_enc_u8(out, r->messages);
	for (unsigned i = 0; i < LW_RING_MESSAGES; i++)
		lw_enc_u32(out, r->msg_s[i]);
	for (unsigned i = 0; i < r->n; i++) {
		const struct lw_token *t = &r->tok[(r->head + i) % LW_RING_TOKENS];

		lw_enc_u32(out, (uint32_t)t->lexeme | (uint32_t)t->len << 22 |
				    (uint32_t)t->how << 28 | (uint32_t)t->first << 30 |
				    (uint32_t)t->last << 31);
		lw_enc_u16(out, t->pos);
		lw_enc_u8(out, t->mark);
	}
}

static void
load_ring(struct lw_ring *r, struct lw_dec *d)
{
	r->pos = lw_dec_u16(d);
	r->mark = lw_dec_u8(d);
	r->head = lw_dec_u8(d);
	r->n = lw_dec_u8(d);
	r->messages = lw_dec_u8(d);
	for (unsigned i = 0; i < LW_RING_MESSAGES; i++)
		r->msg_s[i] = lw_dec_u32(d);
	if (r->head >= LW_RING_TOKENS || r->n > LW_RING_TOKENS) {
		d->bad = true;
		return;
	}
	for (unsigned i = 0; i < r->n; i++) {
		struct lw_token *t = &r->tok[(r->head + i) % LW_RING_TOKENS];
		uint32_t v = lw_dec_u32(d);

		t->lexeme = v & LW_LEXEME_MAX;
		t->len = v >> 22 & 63;
		t->how = v >> 28 & 3;
		t->first = v >> 30 & 1;
		t->last = v >> 31;
		t->pos = lw_dec_u16(d);
		t->mark = lw_dec_u8(d);
	}
}

static void
save_window(struct lw_buf *out, const void *entry, void *ctx)
{
	const struct lw_window *w = entry;

	(void)ctx;
	save_ring(&w->ring, out);
	lw_enc_u64(out, w->first_ms);
	lw_enc_u64(out, w->last_ms);
	lw_enc_u32(out, w->messages);
	lw_enc_u16(out, w->starts);
	lw_enc_u16(out, w->gifts);
	lw_enc_u16(out, w->attachments);
	lw_enc_u16(out, w->requests);
	lw_enc_u8(out, w->from_who);
	lw_enc_u8(out, w->to_who);
	lw_enc_u8(out, w->used);
	lw_enc_u8(out, w->trace != NULL);
	if (w->trace != NULL)
		lw_trace_save(w->trace, out);
}

/* Times of a trace are no later than its window's: decay takes their difference. */
static bool
times_fit(const struct lw_window *w)
{
	const struct lw_trace *t = w->trace;

	for (unsigned i = 0; i < t->nsum; i++)
		if (t->sum[i].last_ms > w->last_ms)
			return false;
	return t->refused_ms <= w->last_ms && t->persisted_ms <= w->last_ms &&
	       t->flagged_ms <= w->last_ms && t->gift_ms <= w->last_ms;
}

static int
load_window(struct lw_dec *d, void *entry, void *ctx)
{
	struct lw_windows *ws = ctx;
	struct lw_window *w = entry;
	int rc;

	load_ring(&w->ring, d);
	w->first_ms = lw_dec_u64(d);
	w->last_ms = lw_dec_u64(d);
	w->messages = lw_dec_u32(d);
	w->starts = lw_dec_u16(d);
	w->gifts = lw_dec_u16(d);
	w->attachments = lw_dec_u16(d);
	w->requests = lw_dec_u16(d);
	w->from_who = lw_dec_u8(d);
	w->to_who = lw_dec_u8(d);
	w->used = lw_dec_u8(d) != 0;
	if (w->first_ms > w->last_ms || w->last_ms > LW_TIME_MAX_MS)
		return LW_EINVAL;
	if (lw_dec_u8(d) == 0)
		return d->bad ? LW_EINVAL : 0;
	rc = lw_trace_load(&w->trace, d, &ws->trace_bytes);
	if (rc != 0)
		return rc;
	ws->with_trace++;
	return times_fit(w) ? 0 : LW_EINVAL;
}

void
lw_windows_save(const struct lw_windows *ws, struct lw_buf *out)
{
	lw_enc_u64(out, ws->evicted);
	lw_enc_u64(out, ws->expired);
	lw_table_save(&ws->table, out, save_window, NULL);
}

int
lw_windows_load(struct lw_windows *ws, struct lw_dec *d)
{
	uint64_t evicted = lw_dec_u64(d), expired = lw_dec_u64(d);
	int rc = lw_table_load(&ws->table, d, LW_TABLE_MAX, load_window, ws);

	if (rc != 0) {
		lw_windows_clear(ws);
		return rc;
	}
	ws->evicted = evicted;
	ws->expired = expired;
	lw_windows_fit(ws); /* it may have been saved under a larger cap */
	return 0;
}
