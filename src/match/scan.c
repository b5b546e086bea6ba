/* SPDX-License-Identifier: Apache-2.0 */
/* One message: words, then phrases and regexes, then hits. In: text, the sender's ring, a
 * ruleset. Out: struct lw_match. Deterministic: the memo, the thread and what was scanned
 * before change nothing. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "match/matcher.h"

int
lw_matcher_new(struct lw_matcher **out, size_t memo_words)
{
	struct lw_matcher *m = calloc(1, sizeof(*m));
	size_t room = LW_EVENT_TEXT_MAX + 2 * LW_TEXT_PAD + 64;
	int err;

	if (m == NULL)
		return LW_ENOMEM;
	lw_folded_init(&m->folded);
	if ((m->text = malloc(room)) == NULL) {
		free(m);
		return LW_ENOMEM;
	}
	memset(m->text, ' ', room);
	m->text += LW_TEXT_PAD;
	for (unsigned i = 0; i < LW_PLACES_PAD; i++) {
		const unsigned behind = LW_PLACES_PAD + LW_PLACES + i;

		m->begin[i] = m->begin[behind] = m->end[i] = m->end[behind] = UINT64_MAX;
	}
	if ((err = lw_memo_init(&m->memo, memo_words)) != 0) {
		lw_matcher_free(m);
		return err;
	}
	m->memo_bytes = m->memo.entry != NULL ? LW_MEMO_BYTES : 0;
	*out = m;
	return 0;
}

void
lw_matcher_free(struct lw_matcher *m)
{
	if (m == NULL)
		return;
	lw_memo_clear(&m->memo);
	lw_folded_clear(&m->folded);
	lw_wipe(m->text, LW_EVENT_TEXT_MAX);
	free(m->text - LW_TEXT_PAD);
	if (m->lex != NULL)
		lw_wipe(m->lex, m->lex_cap);
	free(m->lex);
	free(m->lex_src);
	free(m->lex_pos);
	free(m->candidate_of);
	hs_free_scratch(m->scratch);
	free(m);
}

void
lw_matcher_timing(struct lw_matcher *m, struct lw_match_times *times)
{
	m->times = times;
}

static int
grow_scratch(struct lw_matcher *m, const hs_database_t *db)
{
	if (db == NULL)
		return 0;
	switch (hs_alloc_scratch(db, &m->scratch)) {
	case HS_SUCCESS:
		return 0;
	case HS_NOMEM:
		return LW_ENOMEM;
	default:
		return LW_ELIB;
	}
}

/* Make scratch and tables large enough for a ruleset that was not seen lately. */
static int
get_ready(struct lw_matcher *m, const struct lw_ruleset *rs)
{
	uint16_t *of;
	int err;

	for (unsigned i = 0; i < sizeof(m->ready) / sizeof(m->ready[0]); i++)
		if (m->ready[i] == rs->generation)
			return 0;
	if ((err = grow_scratch(m, rs->words.db)) != 0 ||
	    (err = grow_scratch(m, rs->skeletons.db)) != 0 ||
	    (err = grow_scratch(m, rs->joined.db)) != 0)
		return err;
	for (uint32_t i = 0; i < rs->regexes.ndbs; i++)
		if ((err = grow_scratch(m, rs->regexes.db[i])) != 0)
			return err;
	if (rs->nrules > m->candidate_of_n) {
		if ((of = calloc(rs->nrules, sizeof(*of))) == NULL)
			return LW_ENOMEM;
		free(m->candidate_of);
		m->candidate_of = of;
		m->candidate_of_n = rs->nrules;
	}
	m->ready[m->ready_next++ % 4] = rs->generation;
	return 0;
}

/* Where each message back begins, when no token of the ring is in reach. */
static void
no_ring(struct lw_matcher *m)
{
	m->ring0 = LW_RING_TOKENS;
	for (unsigned b = 0; b < LW_RING_MESSAGES; b++) {
		m->first_of_back[b] = LW_RING_TOKENS;
		m->age_s[b] = b == 0 ? 0 : UINT32_MAX;
	}
}

/* How old each of the last messages is; never less than a later one. */
static void
fill_ages(struct lw_matcher *m, const struct lw_ring *ring, uint32_t now_s)
{
	uint32_t age = 0;

	for (unsigned b = 1; b < LW_RING_MESSAGES && b <= ring->messages; b++) {
		uint32_t t = ring->msg_s[(uint8_t)(ring->mark - b) % LW_RING_MESSAGES];

		if (now_s > t && now_s - t > age)
			age = now_s - t;
		m->age_s[b] = age;
	}
}

/* May a rule look so many messages back? Notes where the messages before begin. */
static bool
reach_back(struct lw_matcher *m, const struct lw_ruleset *rs, unsigned *back,
    unsigned b, uint32_t at)
{
	if (b == 0 || b < *back || b >= rs->span_messages_max ||
	    m->age_s[b] > rs->span_s_max)
		return false;
	for (; *back < b; ++*back)
		m->first_of_back[*back] = (uint16_t)at;
	return true;
}

/* From where on no token of the ring takes part. */
static uint32_t
part_limit(const struct lw_ruleset *rs)
{
	return rs->part_end < LW_REACH_MAX ? rs->part_end : UINT16_MAX + 1u;
}

/* The ring's end, newest first, as far as any rule may look. A ring that makes no sense
 * (positions or marks that run backwards) is read up to there. Unless all are asked for,
 * what can take no part in a phrase that ends in this message is left out; how far that is
 * counts on words of one position. */
static void
take_ring(struct lw_matcher *m, const struct lw_ruleset *rs, const struct lw_ring *ring,
    uint32_t now_s, bool is_all)
{
	uint32_t n = ring->n <= LW_RING_TOKENS ? ring->n : LW_RING_TOKENS;
	uint32_t len_max = m->len_max, i = ring->head + n, gone_before = 1;
	uint32_t limit = is_all || len_max > 1 ? UINT32_MAX : part_limit(rs);
	struct lw_mtok *to = &m->tok[LW_RING_TOKENS];
	unsigned back = 0, of = UINT_MAX;

	fill_ages(m, ring, now_s);
	for (; n > 0; n--) {
		const struct lw_token *t = &ring->tok[--i % LW_RING_TOKENS];
		uint32_t gone = (uint16_t)(ring->pos - t->pos), lexeme = t->lexeme;
		uint32_t known;
		unsigned b = (uint8_t)(ring->mark - t->mark);

		if (gone < gone_before ||
		    (b != of && !reach_back(m, rs, &back, b, (uint32_t)(to - m->tok))))
			break;
		gone_before = gone;
		of = b;
		if (t->len > len_max) {
			len_max = t->len;
			limit = UINT32_MAX;
		}
		if (gone >= limit)
			break;
		known = lexeme <= rs->lexeme_max ? lexeme : 0; /* 0: of a newer ruleset */
		to[-1] = (struct lw_mtok){.pos = -(int32_t)gone,
		    .lexeme = lexeme,
		    .len = (uint8_t)t->len,
		    .how = (uint8_t)t->how,
		    .back = (uint8_t)b,
		    .flags = (uint8_t)(t->first | t->last << 1)};
		/* Which ones stay is nothing that a processor could foresee: no branch. */
		if (limit == UINT32_MAX)
			to -= known != 0;
		else
			to -= rs->part_of[known] >
			      (gone < LW_REACH_MAX ? gone : LW_REACH_MAX - 1);
	}
	for (; back < LW_RING_MESSAGES; back++)
		m->first_of_back[back] = (uint16_t)(to - m->tok);
	m->ring0 = (uint32_t)(to - m->tok);
	m->len_max = len_max;
}

/* Edges of this message's tokens; tokens as others see them. Returns the longest's length. */
static uint32_t
finish_tokens(struct lw_matcher *m, const struct lw_ring *ring, struct lw_match *out)
{
	uint16_t base = ring != NULL ? ring->pos : 0;
	uint8_t mark = ring != NULL ? ring->mark : 0;
	struct lw_mtok *t = &m->tok[LW_RING_TOKENS];
	uint32_t n = m->ntok, words = m->words, len_max = 1;

	_Static_assert(LW_SLOT_FIRST == 1 && LW_SLOT_LAST == 2, "bits of the flags below");
	for (uint32_t i = 0; i < n; i++, t++) {
		unsigned first = t->pos == 0, last = (uint32_t)t->pos + t->len == words;

		t->flags = (uint8_t)(first | last << 1);
		t->back = 0;
		len_max = t->len > len_max ? t->len : len_max;
		out->tok[i] = (struct lw_token){.lexeme = t->lexeme,
		    .len = t->len,
		    .how = t->how,
		    .first = first,
		    .last = last,
		    .pos = (uint16_t)(base + (uint32_t)t->pos),
		    .mark = mark};
	}
	m->len_max = len_max > m->len_max ? len_max : m->len_max;
	out->ntok = m->ntok;
	out->words = (uint16_t)(m->words < UINT16_MAX ? m->words : UINT16_MAX);
	return len_max;
}

static int
by_weight(const void *a, const void *b)
{
	const struct lw_hit *x = a, *y = b;

	if (x->weight != y->weight)
		return x->weight > y->weight ? -1 : 1;
	return (x->rule > y->rule) - (x->rule < y->rule);
}

static int
by_rule(const void *a, const void *b)
{
	const struct lw_hit *x = a, *y = b;

	return (x->rule > y->rule) - (x->rule < y->rule);
}

static struct lw_hit
hit_of(const struct lw_ruleset *rs, const struct lw_candidate *c)
{
	const struct lw_rule *rule = &rs->rule[c->rule];
	struct lw_hit h = {.rule = rule->id,
	    .how = c->how,
	    .category = (uint8_t)rule->category,
	    .back = c->back,
	    .nspans = c->nspans,
	    .weight = (float)(rule->weight * lw_how_confidence((enum lw_how)c->how))};

	memcpy(h.spans, c->spans, sizeof(h.spans));
	return h;
}

/* Candidates that no `unless` silences; the heaviest ones when there are too many. */
static void
finish_hits(struct lw_matcher *m, const struct lw_ruleset *rs,
    const struct lw_ring *ring, uint32_t now_s, struct lw_match *out)
{
	struct lw_hit hits[LW_CANDIDATES_MAX];
	int back = lw_verify_wants(m, rs);
	size_t n = 0;

	if (back > 0)
		take_ring(m, rs, ring, now_s, true);
	if (back >= 0)
		lw_verify_silencers(m, rs, (unsigned)back);
	for (uint32_t i = 0; i < m->ncandidates; i++) {
		const struct lw_candidate *c = &m->candidate[i];

		m->candidate_of[c->rule] = 0;
		if (!c->is_silenced)
			hits[n++] = hit_of(rs, c);
	}
	m->ncandidates = 0;
	if (n > LW_MATCH_HITS_MAX) {
		qsort(hits, n, sizeof(hits[0]), by_weight);
		n = LW_MATCH_HITS_MAX;
		m->capped = true;
	}
	if (n > 1)
		qsort(hits, n, sizeof(hits[0]), by_rule);
	if (n > 0)
		memcpy(out->hit, hits, n * sizeof(hits[0]));
	out->nhit = n;
}

static uint64_t
lap(struct lw_matcher *m)
{
	return m->times != NULL ? lw_clock_mono_ns() : 0;
}

int
lw_match_scan(struct lw_matcher *m, const struct lw_ruleset *rs,
    const struct lw_ring *ring, struct lw_str text, uint64_t ts_ms,
    enum lw_channel channel, struct lw_match *out)
{
	size_t n = text.n < LW_EVENT_TEXT_MAX ? text.n : LW_EVENT_TEXT_MAX;
	uint32_t now_s = (uint32_t)(ts_ms / 1000);
	uint64_t t0 = lap(m), fold0 = m->times != NULL ? m->times->fold_ns : 0, t1;
	int err;

	out->ntok = out->nhit = 0;
	if ((err = get_ready(m, rs)) != 0)
		return err;
	if (n > 0)
		memcpy(m->text, text.p, n);
	memset(m->text + n, ' ', LW_TEXT_PAD + 64);
	m->capped = text.n > n;
	m->len_max = 1;
	m->checks = 0;
	no_ring(m);
	if ((err = lw_words_split(m, rs, n)) != 0)
		return err;
	if (ring != NULL && ring->n > 0)
		take_ring(m, rs, ring, now_s, false);
	if ((err = lw_words_take(m, rs)) != 0)
		return err;
	if (finish_tokens(m, ring, out) > 1 && ring != NULL)
		take_ring(m, rs, ring, now_s, true); /* what was left out was counted on 1 */
	t1 = lap(m);
	if (m->ntok > 0)
		lw_verify_phrases(m, rs, (unsigned)channel);
	if ((err = lw_match_regexes(m, rs, n, (unsigned)channel)) == 0)
		finish_hits(m, rs, ring, now_s, out);
	out->capped = m->capped;
	if (m->times != NULL) {
		m->times->lex_ns += t1 - t0 - (m->times->fold_ns - fold0);
		m->times->verify_ns += lw_clock_mono_ns() - t1;
	}
	return err;
}
