/* SPDX-License-Identifier: Apache-2.0 */
/* Traces to bytes and back: exact, and bounded by the caps of evidence.h when read.
 * Owned by whoever loads. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "window/evidence.h"

static void
save_note(const struct lw_note *n, struct lw_buf *out)
{
	const struct lw_note_hit *h = lw_note_hits(n);
	const struct lw_span *s = lw_note_spans(n);

	lw_enc_u64(out, n->ts_ms);
	lw_enc_u8(out, n->from_target | n->deleted << 1 | n->has_text << 2);
	lw_enc_str(out, lw_note_id(n));
	lw_enc_str(out, lw_note_conv(n));
	lw_enc_str(out, lw_note_text(n));
	lw_enc_u32(out, n->nhits);
	for (unsigned i = 0; i < n->nhits; i++, h++) {
		lw_enc_u32(out, h->rule);
		lw_enc_u32(out, h->rev);
		lw_enc_f32(out, h->weight);
		lw_enc_u8(out, h->how);
		lw_enc_u8(out, h->category);
		lw_enc_u8(out, h->back);
		lw_enc_u8(out, h->nspans);
		for (unsigned k = 0; k < h->nspans; k++, s++) {
			lw_enc_u32(out, s->start);
			lw_enc_u32(out, s->end);
		}
	}
}

void
lw_trace_save(const struct lw_trace *t, struct lw_buf *out)
{
	uint32_t notes = 0;

	lw_enc_u32(out, t->nsum);
	for (unsigned i = 0; i < t->nsum; i++) {
		lw_enc_u32(out, t->sum[i].rule);
		lw_enc_u16(out, t->sum[i].n);
		lw_enc_u8(out, t->sum[i].category);
		lw_enc_u64(out, t->sum[i].last_ms);
		lw_enc_f64(out, t->sum[i].e);
	}
	lw_enc_u8(out, t->band);
	lw_enc_u8(out, t->flagged_band);
	lw_enc_u8(out, t->closed);
	lw_enc_u8(out, (uint8_t)t->decision);
	lw_enc_u8(out, t->persisted);
	lw_enc_u16(out, t->reports);
	lw_enc_u16(out, t->flags);
	lw_enc_u32(out, t->seen);
	lw_enc_u32(out, t->early);
	lw_enc_u32(out, t->flagged);
	lw_enc_u32(out, t->closed_cats);
	lw_enc_u32(out, t->refused);
	lw_enc_u64(out, t->refused_ms);
	lw_enc_u64(out, t->persisted_ms);
	lw_enc_u64(out, t->flagged_ms);
	lw_enc_u64(out, t->gift_ms);
	lw_enc_f64(out, t->gift);
	lw_enc_f64(out, t->risk);
	for (const struct lw_note *n = t->first; n != NULL; n = n->next)
		notes++;
	lw_enc_u32(out, notes);
	for (const struct lw_note *n = t->first; n != NULL; n = n->next)
		save_note(n, out);
}

static void
load_hit(struct lw_dec *d, struct lw_hit *h, uint32_t *rev)
{
	memset(h, 0, sizeof(*h));
	h->rule = lw_dec_u32(d);
	*rev = lw_dec_u32(d);
	h->weight = lw_dec_f32(d);
	h->how = lw_dec_u8(d);
	h->category = lw_dec_u8(d);
	h->back = lw_dec_u8(d);
	h->nspans = lw_dec_u8(d);
	if (h->nspans > LW_HIT_SPANS || h->category >= LW_CAT_MAX ||
	    h->how >= LW_HOW_MAX || h->rule == 0 || h->rule > LW_RULE_MAX) {
		d->bad = true;
		h->nspans = 0;
	}
	for (unsigned k = 0; k < h->nspans; k++) {
		h->spans[k].start = lw_dec_u32(d);
		h->spans[k].end = lw_dec_u32(d);
		if (h->spans[k].start >= h->spans[k].end)
			d->bad = true;
	}
}

static int
load_note(struct lw_trace *t, struct lw_dec *d, size_t *bytes)
{
	struct lw_hit hit[LW_NOTE_HITS_MAX];
	const struct lw_hit *ptr[LW_NOTE_HITS_MAX];
	uint32_t rev[LW_NOTE_HITS_MAX];
	struct lw_note_in in = {.hit = ptr, .rev = rev};
	uint8_t bits;
	int rc;

	in.ts_ms = lw_dec_u64(d);
	bits = lw_dec_u8(d);
	in.from_target = (bits & 1) != 0;
	in.id = lw_dec_str(d, LW_EVENT_ID_MAX);
	in.conv = lw_dec_str(d, LW_EVENT_ID_MAX);
	in.text = lw_dec_str(d, LW_NOTE_TEXT_WHOLE);
	if ((bits & 4) == 0)
		in.text.p = NULL;
	in.nhit = lw_dec_count(d, LW_NOTE_HITS_MAX, 16);
	if (d->bad || (in.text.p == NULL && in.text.n > 0) || in.nhit == 0)
		return LW_EINVAL;
	for (size_t i = 0; i < in.nhit; i++) {
		load_hit(d, &hit[i], &rev[i]);
		ptr[i] = &hit[i];
		for (unsigned k = 0; k < hit[i].nspans; k++)
			if (in.text.p != NULL && hit[i].spans[k].end > in.text.n)
				d->bad = true;
	}
	if (d->bad || t->nhits + in.nhit > LW_NOTE_HITS_MAX)
		return LW_EINVAL;
	if ((rc = lw_trace_note(t, &in, bytes)) != 0)
		return rc;
	t->last->deleted = (bits & 2) != 0;
	return 0;
}

static int
load_sums(struct lw_trace *t, struct lw_dec *d, size_t *bytes)
{
	uint32_t n = lw_dec_count(d, LW_SUMS_MAX, 23);

	for (uint32_t i = 0; i < n; i++) {
		struct lw_hit h = {.rule = lw_dec_u32(d)};
		uint16_t count = lw_dec_u16(d);
		uint64_t last;
		double e;
		int rc;

		h.category = lw_dec_u8(d);
		last = lw_dec_u64(d);
		e = lw_dec_f64(d);
		if (d->bad || h.category >= LW_CAT_MAX || e < 0 || count == 0 ||
		    h.rule == 0 || h.rule > LW_RULE_MAX)
			return LW_EINVAL;
		if ((rc = lw_trace_sum(t, &h, e, last, 0, bytes)) != 0)
			return rc;
		if (t->nsum != i + 1)
			return LW_EINVAL; /* a rule twice */
		t->sum[i].n = count;
	}
	return d->bad ? LW_EINVAL : 0;
}

static void
load_state(struct lw_trace *t, struct lw_dec *d)
{
	t->band = lw_dec_u8(d);
	t->flagged_band = lw_dec_u8(d);
	t->closed = lw_dec_u8(d) != 0;
	t->decision = (int8_t)lw_dec_u8(d);
	t->persisted = lw_dec_u8(d) != 0;
	t->reports = lw_dec_u16(d);
	t->flags = lw_dec_u16(d);
	t->seen = lw_dec_u32(d);
	t->early = lw_dec_u32(d);
	t->flagged = lw_dec_u32(d);
	t->closed_cats = lw_dec_u32(d);
	t->refused = lw_dec_u32(d);
	t->refused_ms = lw_dec_u64(d);
	t->persisted_ms = lw_dec_u64(d);
	t->flagged_ms = lw_dec_u64(d);
	t->gift_ms = lw_dec_u64(d);
	t->gift = lw_dec_f64(d);
	t->risk = lw_dec_f64(d);
	if (t->band > LW_BAND_CRITICAL || t->flagged_band > LW_BAND_CRITICAL ||
	    t->decision < -2 || t->decision > 2 || t->gift < 0 || t->risk < 0 ||
	    t->risk > 1)
		d->bad = true;
}

int
lw_trace_load(struct lw_trace **out, struct lw_dec *d, size_t *bytes)
{
	struct lw_trace *t = lw_trace_new(bytes);
	uint32_t notes;
	int rc;

	if (t == NULL)
		return LW_ENOMEM;
	rc = load_sums(t, d, bytes);
	if (rc == 0) {
		load_state(t, d);
		notes = lw_dec_count(d, LW_NOTE_HITS_MAX, 25);
		for (uint32_t i = 0; i < notes && rc == 0 && !d->bad; i++)
			rc = load_note(t, d, bytes);
		if (rc == 0 && d->bad)
			rc = LW_EINVAL;
	}
	if (rc != 0) {
		lw_trace_free(t, bytes);
		return rc;
	}
	*out = t;
	return 0;
}
