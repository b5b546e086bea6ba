/* SPDX-License-Identifier: Apache-2.0 */
/* Records to bytes and back. Outcomes of the engine in, journal records out, and the other
 * way at a start; owns nothing. */
#include <string.h>
#include "base/err.h"
#include "daemon/bytes.h"
#include "daemon/journal.h"
#include "daemon/record.h"

#define FLAG_TO_ABSENT 1u
#define FLAG_TEXT 2u
#define FLAG_ASK 4u
#define FLAG_FROM_WAS 8u

#define BOX_EXTRA 64 /* more than nonce and tag take */

static void
text_context(char to[32], uint64_t seq)
{
	memcpy(to, "journal-text\n", 14);
	lw_le_set((uint8_t *)to + 16, seq, 8);
}

/* The sealed text with its length before it. */
static void
put_text(struct lw_buf *b, const struct lw_jevent *e, const struct lw_seal *seal)
{
	char context[32] = {0};
	size_t at = lw_buf_left(b);

	text_context(context, e->ev.seq);
	lw_le_put(b, 0, 4);
	lw_seal_put(seal, (struct lw_str){context, 24}, e->ev.text, b);
	if (b->err == 0)
		lw_le_set(b->data + b->off + at, lw_buf_left(b) - at - 4, 4);
}

static void
put_token(struct lw_buf *b, const struct lw_token *t)
{
	uint64_t v = t->lexeme;

	v |= (uint64_t)t->len << 22 | (uint64_t)t->how << 28 | (uint64_t)t->first << 30 |
	     (uint64_t)t->last << 31 | (uint64_t)t->pos << 32 | (uint64_t)t->mark << 48;
	lw_le_put(b, v, 8);
}

static void
take_token(struct lw_le_in *in, struct lw_token *t)
{
	uint64_t v = lw_le_take(in, 8);

	memset(t, 0, sizeof(*t));
	t->lexeme = (uint32_t)(v & 0x3fffff);
	t->len = (uint32_t)(v >> 22 & 0x3f);
	t->how = (uint32_t)(v >> 28 & 3);
	t->first = (uint32_t)(v >> 30 & 1);
	t->last = (uint32_t)(v >> 31 & 1);
	t->pos = (uint16_t)(v >> 32);
	t->mark = (uint8_t)(v >> 48);
}

static void
put_hit(struct lw_buf *b, const struct lw_hit *h)
{
	uint32_t weight;
	size_t i;

	memcpy(&weight, &h->weight, sizeof(weight));
	lw_le_put(b, h->rule, 4);
	lw_le_put(b, h->how, 1);
	lw_le_put(b, h->category, 1);
	lw_le_put(b, h->back, 1);
	lw_le_put(b, h->nspans, 1);
	lw_le_put(b, weight, 4);
	for (i = 0; i < h->nspans && i < LW_HIT_SPANS; i++) {
		lw_le_put(b, h->spans[i].start, 4);
		lw_le_put(b, h->spans[i].end, 4);
	}
}

static void
take_hit(struct lw_le_in *in, struct lw_hit *h)
{
	uint32_t weight;
	size_t i;

	memset(h, 0, sizeof(*h));
	h->rule = (uint32_t)lw_le_take(in, 4);
	h->how = (uint8_t)lw_le_take(in, 1);
	h->category = (uint8_t)lw_le_take(in, 1);
	h->back = (uint8_t)lw_le_take(in, 1);
	h->nspans = (uint8_t)lw_le_take(in, 1);
	weight = (uint32_t)lw_le_take(in, 4);
	memcpy(&h->weight, &weight, sizeof(weight));
	if (h->nspans > LW_HIT_SPANS || h->how >= LW_HOW_MAX || h->category >= LW_CAT_MAX)
		in->bad = true;
	for (i = 0; !in->bad && i < h->nspans; i++) {
		h->spans[i].start = (uint32_t)lw_le_take(in, 4);
		h->spans[i].end = (uint32_t)lw_le_take(in, 4);
	}
}

int
lw_record_put_event(
    struct lw_buf *block, const struct lw_jevent *e, const struct lw_seal *seal)
{
	bool keep = e->rec.keep_text && e->ev.text.p != NULL;
	size_t begin = lw_journal_put_begin(block, LW_REC_EVENT), map;
	struct lw_event bare = e->ev;
	uint32_t i;

	lw_le_put(block, e->ev.seq, 8);
	lw_le_put(block, e->ev.ts_ms, 8);
	lw_le_put(block, e->ev.key.hi, 8);
	lw_le_put(block, e->ev.key.lo, 8);
	lw_le_put(block,
	    (e->to_was_absent ? FLAG_TO_ABSENT : 0) | (keep ? FLAG_TEXT : 0) |
		(e->ev.ask ? FLAG_ASK : 0) | (e->from_was.p != NULL ? FLAG_FROM_WAS : 0),
	    1);
	lw_le_put(block, e->shard, 2);
	lw_le_put(block, e->categories, 4);
	lw_le_put(block, e->rec.words, 2);
	lw_le_put(block, e->rec.ntok, 2);
	lw_le_put(block, e->rec.nhit, 2);
	for (i = 0; i < e->rec.ntok; i++)
		put_token(block, &e->rec.tok[i]);
	for (i = 0; i < e->rec.nhit; i++)
		put_hit(block, &e->rec.hit[i]);
	lw_le_put_str(block, e->ev.tenant);
	if (e->from_was.p != NULL)
		lw_le_put_str(block, e->from_was);
	if (keep)
		put_text(block, e, seal);
	bare.text = (struct lw_str){NULL, 0};
	if (e->ev.kind == LW_EV_MESSAGE || e->ev.kind == LW_EV_EDIT)
		bare.text = LW_STR(""); /* the map's reader wants one */
	map = lw_buf_left(block);
	lw_le_put(block, 0, 4);
	lw_put_event_map(block, &bare);
	if (block->err == 0)
		lw_le_set(block->data + block->off + map, lw_buf_left(block) - map - 4, 4);
	lw_journal_put_end(block, begin);
	return block->err;
}

static int
take_text(struct lw_str box, uint64_t seq, const struct lw_seal *seal,
    struct lw_arena *arena, struct lw_str *out)
{
	char context[32] = {0};
	struct lw_buf clear;
	int err;

	text_context(context, seq);
	lw_buf_init(&clear, box.n + BOX_EXTRA);
	err = lw_seal_take(seal, (struct lw_str){context, 24}, box, &clear);
	if (err == 0) {
		*out =
		    lw_arena_str(arena, (struct lw_str){(char *)clear.data, clear.len});
		if (out->p == NULL)
			err = LW_ENOMEM;
	}
	lw_buf_clear(&clear);
	return err;
}

static int
take_lists(struct lw_le_in *in, struct lw_arena *arena, struct lw_record *rec)
{
	struct lw_token *tok;
	struct lw_hit *hit;
	uint32_t i;

	rec->words = (uint16_t)lw_le_take(in, 2);
	rec->ntok = (uint32_t)lw_le_take(in, 2);
	rec->nhit = (uint32_t)lw_le_take(in, 2);
	if (in->bad || rec->ntok > LW_MATCH_TOKENS_MAX || rec->nhit > LW_MATCH_HITS_MAX)
		return LW_EINVAL;
	tok = lw_arena_alloc(arena, rec->ntok * sizeof(*tok));
	hit = lw_arena_alloc(arena, rec->nhit * sizeof(*hit));
	if (tok == NULL || hit == NULL)
		return LW_ENOMEM;
	for (i = 0; i < rec->ntok; i++)
		take_token(in, &tok[i]);
	for (i = 0; i < rec->nhit; i++)
		take_hit(in, &hit[i]);
	rec->tok = tok;
	rec->hit = hit;
	return in->bad ? LW_EINVAL : 0;
}

int
lw_record_get_event(struct lw_str body, struct lw_reader *reader,
    const struct lw_seal *seal, struct lw_arena *arena, struct lw_jevent *out)
{
	struct lw_le_in in = lw_le_in(body);
	struct lw_str tenant, box = {NULL, 0}, map;
	struct lw_event head;
	uint8_t flags;
	int err;

	memset(out, 0, sizeof(*out));
	memset(&head, 0, sizeof(head));
	head.seq = lw_le_take(&in, 8);
	head.ts_ms = lw_le_take(&in, 8);
	head.key.hi = lw_le_take(&in, 8);
	head.key.lo = lw_le_take(&in, 8);
	flags = (uint8_t)lw_le_take(&in, 1);
	out->shard = (uint16_t)lw_le_take(&in, 2);
	out->categories = (uint32_t)lw_le_take(&in, 4);
	err = take_lists(&in, arena, &out->rec);
	if (err != 0)
		return err;
	tenant = lw_le_take_str(&in);
	if ((flags & FLAG_FROM_WAS) != 0)
		out->from_was = lw_le_take_str(&in);
	if ((flags & FLAG_TEXT) != 0)
		box = lw_le_take_bytes(&in, (size_t)lw_le_take(&in, 4));
	map = lw_le_take_bytes(&in, (size_t)lw_le_take(&in, 4));
	if (in.bad || in.p != in.end || out->shard > LW_SHARD_ALL)
		return LW_EINVAL;
	if (lw_event_map_decode(reader, map, arena, &out->ev) != 0)
		return LW_EINVAL;
	out->ev.seq = head.seq;
	out->ev.ts_ms = head.ts_ms;
	out->ev.key = head.key;
	out->ev.tenant = tenant;
	out->ev.ask = (flags & FLAG_ASK) != 0;
	out->ev.text = (struct lw_str){NULL, 0};
	out->to_was_absent = (flags & FLAG_TO_ABSENT) != 0;
	out->rec.keep_text = (flags & FLAG_TEXT) != 0;
	if (out->rec.keep_text)
		err = take_text(box, head.seq, seal, arena, &out->ev.text);
	return err;
}

void
lw_record_put_intern(struct lw_buf *block, const struct lw_intern *t,
    struct lw_intern_mark after, struct lw_intern_mark upto)
{
	size_t begin = lw_journal_put_begin(block, LW_REC_INTERN);
	enum lw_lexeme_kind kind;
	struct lw_str name;
	uint32_t i;

	lw_le_put(block, after.lexemes, 4);
	lw_le_put(block, upto.lexemes, 4);
	for (i = after.lexemes + 1; i <= upto.lexemes; i++) {
		name = lw_intern_lexeme_name(t, i, &kind);
		lw_le_put(block, (uint64_t)kind, 1);
		lw_le_put_str(block, name);
	}
	lw_le_put(block, after.rules, 4);
	lw_le_put(block, upto.rules, 4);
	for (i = after.rules + 1; i <= upto.rules; i++)
		lw_le_put_str(block, lw_intern_rule_name(t, i));
	lw_journal_put_end(block, begin);
}

int
lw_record_get_intern(struct lw_str body, struct lw_intern *t)
{
	struct lw_le_in in = lw_le_in(body);
	enum lw_lexeme_kind kind;
	uint32_t i, upto;

	i = (uint32_t)lw_le_take(&in, 4);
	upto = (uint32_t)lw_le_take(&in, 4);
	while (!in.bad && i < upto) {
		kind = (enum lw_lexeme_kind)lw_le_take(&in, 1);
		if (lw_intern_lexeme(t, kind, lw_le_take_str(&in)) != ++i)
			return LW_EINVAL;
	}
	i = (uint32_t)lw_le_take(&in, 4);
	upto = (uint32_t)lw_le_take(&in, 4);
	while (!in.bad && i < upto)
		if (lw_intern_rule(t, lw_le_take_str(&in)) != ++i)
			return LW_EINVAL;
	return in.bad || in.p != in.end ? LW_EINVAL : 0;
}
