/* SPDX-License-Identifier: Apache-2.0 */
/* What a window knows beyond its lexemes, from the first hit, report or decision on: sums
 * per rule, the last hits with their text, and what was flagged and decided. Each block of
 * memory is counted into *bytes of its shard, and wiped when freed. */
#ifndef LW_WINDOW_EVIDENCE_H
#define LW_WINDOW_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"
#include "event/category.h"
#include "event/event.h"
#include "event/hit.h"
#include "event/verdict.h"
#include "pack/pack.h"
#include "window/codec.h"

#define LW_SUMS_MAX 64 /* rules of one window; then the one unseen longest goes */
#define LW_NOTE_HITS_MAX LW_EVIDENCE_MAX /* hits kept; older messages go */
#define LW_NOTE_TEXT_WHOLE 1024		 /* bytes: text up to this is kept whole */
#define LW_NOTE_TEXT_CUT 512 /* bytes kept around the spans of longer text */

/* Evidence of one rule: sum of confidences, decayed up to last_ms. The weight is looked up
 * when it is scored, so that a new model or pack weighs old evidence anew. */
struct lw_sum {
	uint32_t rule;
	uint16_t n; /* hits, saturating */
	uint8_t category;
	uint64_t last_ms;
	double e;
};

struct lw_note_hit {
	uint32_t rule, rev;
	float weight;
	uint8_t how, category, back, nspans;
};

/* A message that hit. One block: hits, spans, then id, conversation and text follow. */
struct lw_note {
	struct lw_note *next;
	uint64_t ts_ms;
	uint32_t text_n;
	uint16_t id_n, conv_n, nspans;
	uint8_t nhits;
	bool from_target, deleted, has_text;
};

struct lw_trace {
	struct lw_note *first, *last; /* owned; oldest first */
	struct lw_sum *sum;	      /* owned */
	uint16_t nsum, cap_sum;
	uint8_t nhits;	      /* of all notes */
	uint8_t band;	      /* enum lw_band, when last scored */
	uint8_t flagged_band; /* of the last flag */
	bool closed;	 /* decided: new evidence of old categories does not flag */
	int8_t decision; /* of moderators: -2 .. 2, halves */
	bool persisted;	 /* after a refusal, at persisted_ms */
	uint16_t reports;
	uint16_t flags;	      /* raised, saturating */
	uint32_t seen;	      /* categories ever found in this window */
	uint32_t early;	      /* sender's categories found in the first moments */
	uint32_t flagged;     /* categories of the last flag */
	uint32_t closed_cats; /* categories that were there when it was decided */
	uint32_t refused;     /* sender's categories before the target's last refusal */
	uint64_t refused_ms, persisted_ms, flagged_ms, gift_ms;
	double gift; /* from gift events, decayed up to gift_ms */
	double risk; /* when last scored */
};

struct lw_trace *lw_trace_new(size_t *bytes);
void lw_trace_free(struct lw_trace *t, size_t *bytes); /* NULL is fine */

/* 2^-(age / half life); a half life of 0 does not decay. */
double lw_decay(uint64_t age_ms, uint64_t half_life_ms);
/* Count one hit. now_ms never runs backwards within a trace. 0 or LW_ENOMEM. */
int lw_trace_sum(struct lw_trace *t, const struct lw_hit *hit, double confidence,
    uint64_t now_ms, uint64_t half_life_ms, size_t *bytes);

struct lw_note_in {
	struct lw_str id, conv, text; /* text absent: not known any more */
	uint64_t ts_ms;
	const struct lw_hit *const *hit;
	const uint32_t *rev; /* of each hit's rule */
	size_t nhit;
	bool from_target;
};
/* Keep a message and its hits; older messages go at the bound. 0 or LW_ENOMEM. */
int lw_trace_note(struct lw_trace *t, const struct lw_note_in *in, size_t *bytes);
/* Forget the oldest message; false when there is none. */
bool lw_trace_drop(struct lw_trace *t, size_t *bytes);
/* Mark the evidence of a message as deleted. */
void lw_trace_delete(struct lw_trace *t, struct lw_str message);

const struct lw_note_hit *lw_note_hits(const struct lw_note *n);
const struct lw_span *lw_note_spans(const struct lw_note *n); /* of the hits in turn */
struct lw_str lw_note_id(const struct lw_note *n);
struct lw_str lw_note_conv(const struct lw_note *n);
struct lw_str lw_note_text(const struct lw_note *n);

void lw_trace_save(const struct lw_trace *t, struct lw_buf *out);
int lw_trace_load(struct lw_trace **out, struct lw_dec *d, size_t *bytes);

#endif
