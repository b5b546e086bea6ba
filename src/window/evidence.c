/* SPDX-License-Identifier: Apache-2.0 */
/* Sums and notes: hits of messages in, bounded evidence of a window out. Owns all that a
 * trace points to. */
#include "window/evidence.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

#define SUM_STEP 4
#define MALLOC_HEAD 16 /* what the allocator adds to a block, about */

struct lw_trace *
lw_trace_new(size_t *bytes)
{
	struct lw_trace *t = calloc(1, sizeof(*t));

	if (t != NULL)
		*bytes += sizeof(*t) + MALLOC_HEAD;
	return t;
}

static size_t
note_size(const struct lw_note *n)
{
	return sizeof(*n) + n->nhits * sizeof(struct lw_note_hit) +
	       n->nspans * sizeof(struct lw_span) + n->id_n + n->conv_n + n->text_n;
}

static size_t
sums_size(const struct lw_trace *t)
{
	return t->cap_sum == 0 ? 0 : t->cap_sum * sizeof(*t->sum) + MALLOC_HEAD;
}

bool
lw_trace_drop(struct lw_trace *t, size_t *bytes)
{
	struct lw_note *n = t->first;

	if (n == NULL)
		return false;
	t->first = n->next;
	if (t->first == NULL)
		t->last = NULL;
	t->nhits = (uint8_t)(t->nhits - n->nhits);
	*bytes -= note_size(n) + MALLOC_HEAD;
	lw_wipe(n, note_size(n));
	free(n);
	return true;
}

void
lw_trace_free(struct lw_trace *t, size_t *bytes)
{
	if (t == NULL)
		return;
	while (lw_trace_drop(t, bytes))
		;
	*bytes -= sums_size(t) + sizeof(*t) + MALLOC_HEAD;
	free(t->sum);
	free(t);
}

double
lw_decay(uint64_t age_ms, uint64_t half_life_ms)
{
	if (half_life_ms == 0 || age_ms == 0)
		return 1.0;
	return exp2(-(double)age_ms / (double)half_life_ms);
}

/* A place for a rule: its own, a new one, or the one unseen longest. */
static struct lw_sum *
sum_of(struct lw_trace *t, uint32_t rule, size_t *bytes)
{
	struct lw_sum *s, *oldest = NULL;

	for (uint16_t i = 0; i < t->nsum; i++) {
		s = &t->sum[i];
		if (s->rule == rule)
			return s;
		if (oldest == NULL || s->last_ms < oldest->last_ms)
			oldest = s;
	}
	if (t->nsum == LW_SUMS_MAX) {
		memset(oldest, 0, sizeof(*oldest));
		oldest->rule = rule;
		return oldest;
	}
	if (t->nsum == t->cap_sum) {
		size_t cap = t->cap_sum + SUM_STEP;

		s = realloc(t->sum, cap * sizeof(*s));
		if (s == NULL)
			return NULL;
		*bytes -= sums_size(t);
		t->sum = s;
		t->cap_sum = (uint16_t)cap;
		*bytes += sums_size(t);
	}
	s = &t->sum[t->nsum++];
	memset(s, 0, sizeof(*s));
	s->rule = rule;
	return s;
}

int
lw_trace_sum(struct lw_trace *t, const struct lw_hit *hit, double confidence,
    uint64_t now_ms, uint64_t half_life_ms, size_t *bytes)
{
	struct lw_sum *s = sum_of(t, hit->rule, bytes);

	if (s == NULL)
		return LW_ENOMEM;
	if (s->n > 0)
		s->e *= lw_decay(now_ms - s->last_ms, half_life_ms);
	s->e += confidence;
	s->last_ms = now_ms;
	s->category = hit->category;
	if (s->n < UINT16_MAX)
		s->n++;
	return 0;
}

static bool
is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* From the first to the last span of the hits, or of one of them. */
static void
reach_of(
    const struct lw_note_in *in, const struct lw_hit *only, uint32_t *lo, uint32_t *hi)
{
	*lo = UINT32_MAX;
	*hi = 0;
	for (size_t i = 0; i < in->nhit; i++)
		for (unsigned k = 0; k < in->hit[i]->nspans; k++) {
			const struct lw_span *s = &in->hit[i]->spans[k];

			if (only != NULL && only != in->hit[i])
				continue;
			*lo = s->start < *lo ? s->start : *lo;
			*hi = s->end > *hi ? s->end : *hi;
		}
}

static const struct lw_hit *
heaviest(const struct lw_note_in *in)
{
	const struct lw_hit *h = NULL;

	for (size_t i = 0; i < in->nhit; i++)
		if (in->hit[i]->nspans > 0 &&
		    (h == NULL || in->hit[i]->weight > h->weight))
			h = in->hit[i];
	return h;
}

/* Which part of a long text to keep: the spans and what is around them, on whole
 * characters. Where they lie too far apart, the words that weigh most must not be what
 * padding pushes out. */
static struct lw_span
cut(struct lw_str text, const struct lw_note_in *in)
{
	struct lw_span keep = {0, (uint32_t)text.n};
	uint32_t lo, hi, around;

	if (text.n <= LW_NOTE_TEXT_WHOLE)
		return keep;
	reach_of(in, NULL, &lo, &hi);
	if (hi > lo && hi - lo > LW_NOTE_TEXT_CUT)
		reach_of(in, heaviest(in), &lo, &hi);
	if (lo > text.n)
		lo = 0;
	hi = hi > lo ? hi : lo;
	around = hi - lo < LW_NOTE_TEXT_CUT ? (LW_NOTE_TEXT_CUT - (hi - lo)) / 2 : 0;
	keep.start = lo > around ? lo - around : 0;
	keep.end = keep.start + LW_NOTE_TEXT_CUT;
	if (keep.end > text.n) {
		keep.end = (uint32_t)text.n;
		keep.start = keep.end - LW_NOTE_TEXT_CUT;
	}
	while (keep.start < keep.end && is_continuation(text.p[keep.start]))
		keep.start++;
	while (keep.end > keep.start && keep.end < text.n &&
	       is_continuation(text.p[keep.end]))
		keep.end--;
	return keep;
}

/* Spans of one hit, relative to what is kept; what lies outside goes. */
static uint8_t
put_spans(struct lw_span *out, const struct lw_hit *h, struct lw_span keep)
{
	uint8_t n = 0;

	for (unsigned k = 0; k < h->nspans && k < LW_HIT_SPANS; k++) {
		struct lw_span s = h->spans[k];

		s.start = s.start < keep.start ? keep.start : s.start;
		s.end = s.end > keep.end ? keep.end : s.end;
		if (s.start >= s.end)
			continue;
		out[n].start = s.start - keep.start;
		out[n++].end = s.end - keep.start;
	}
	return n;
}

static struct lw_note_hit *
hits_of(struct lw_note *n)
{
	return (struct lw_note_hit *)(void *)(n + 1);
}

static struct lw_span *
spans_of(struct lw_note *n)
{
	return (struct lw_span *)(void *)(hits_of(n) + n->nhits);
}

static uint16_t
clip(size_t n)
{
	return n > LW_EVENT_ID_MAX ? LW_EVENT_ID_MAX : (uint16_t)n;
}

/* Lay a note out in a block that has room for all spans; fills n and returns its size. */
static size_t
fill(struct lw_note *n, const struct lw_note_in *in, size_t nhit, struct lw_span keep)
{
	struct lw_span *sp;
	char *p;

	n->ts_ms = in->ts_ms;
	n->from_target = in->from_target;
	n->has_text = in->text.p != NULL;
	n->id_n = clip(in->id.n);
	n->conv_n = clip(in->conv.n);
	n->text_n = n->has_text ? keep.end - keep.start : 0;
	n->nhits = (uint8_t)nhit;
	sp = spans_of(n);
	for (size_t i = 0; i < nhit; i++) {
		const struct lw_hit *h = in->hit[i];
		struct lw_note_hit *o = hits_of(n) + i;

		*o = (struct lw_note_hit){h->rule, in->rev[i], h->weight, h->how,
		    h->category, h->back, put_spans(sp + n->nspans, h, keep)};
		n->nspans = (uint16_t)(n->nspans + o->nspans);
	}
	p = (char *)(sp + n->nspans);
	if (n->id_n > 0)
		memcpy(p, in->id.p, n->id_n);
	if (n->conv_n > 0)
		memcpy(p + n->id_n, in->conv.p, n->conv_n);
	if (n->text_n > 0)
		memcpy(p + n->id_n + n->conv_n, in->text.p + keep.start, n->text_n);
	return note_size(n);
}

int
lw_trace_note(struct lw_trace *t, const struct lw_note_in *in, size_t *bytes)
{
	size_t nhit = in->nhit < LW_NOTE_HITS_MAX ? in->nhit : LW_NOTE_HITS_MAX;
	struct lw_span keep = cut(in->text, in);
	size_t spans = 0, size;
	struct lw_note *n, *fit;

	/* Without its text the message is as long as its spans say. */
	if (in->text.p == NULL)
		keep.end = UINT32_MAX;
	for (size_t i = 0; i < nhit; i++)
		spans += in->hit[i]->nspans;
	size = sizeof(*n) + nhit * sizeof(struct lw_note_hit) +
	       spans * sizeof(struct lw_span) + clip(in->id.n) + clip(in->conv.n) +
	       (in->text.p != NULL ? keep.end - keep.start : 0);
	n = calloc(1, size);
	if (n == NULL)
		return LW_ENOMEM;
	if (fill(n, in, nhit, keep) < size && (fit = realloc(n, note_size(n))) != NULL)
		n = fit;
	while (t->nhits + nhit > LW_NOTE_HITS_MAX && lw_trace_drop(t, bytes))
		;
	if (t->last != NULL)
		t->last->next = n;
	else
		t->first = n;
	t->last = n;
	t->nhits = (uint8_t)(t->nhits + nhit);
	*bytes += note_size(n) + MALLOC_HEAD;
	return 0;
}

void
lw_trace_delete(struct lw_trace *t, struct lw_str message)
{
	for (struct lw_note *n = t->first; n != NULL; n = n->next)
		if (message.n > 0 && lw_str_eq(lw_note_id(n), message))
			n->deleted = true;
}

const struct lw_note_hit *
lw_note_hits(const struct lw_note *n)
{
	return (const struct lw_note_hit *)(const void *)(n + 1);
}

const struct lw_span *
lw_note_spans(const struct lw_note *n)
{
	return (const struct lw_span *)(const void *)(lw_note_hits(n) + n->nhits);
}

struct lw_str
lw_note_id(const struct lw_note *n)
{
	const char *p = (const char *)(lw_note_spans(n) + n->nspans);

	return (struct lw_str){p, n->id_n};
}

struct lw_str
lw_note_conv(const struct lw_note *n)
{
	struct lw_str id = lw_note_id(n);

	return (struct lw_str){id.p + id.n, n->conv_n};
}

struct lw_str
lw_note_text(const struct lw_note *n)
{
	struct lw_str conv = lw_note_conv(n);

	if (!n->has_text)
		return (struct lw_str){NULL, 0};
	return (struct lw_str){conv.p + conv.n, n->text_n};
}
