/* SPDX-License-Identifier: Apache-2.0 */
/* Splits a message at white space and turns each raw word into tokens. In: a padded copy of
 * the text. Out: tokens in order of position. Ordinary words end in one memo look-up. */
#include "match/matcher.h"
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define TRIM_FRONT 1
#define TRIM_BACK 2
#define TRIM_BOTH 3

/* Plain punctuation, which folding would drop anyway; symbols that stand for letters in
 * obfuscated words stay, but for ! at the end. */
static const uint8_t trims[256] = {['"'] = TRIM_BOTH,
    ['\''] = TRIM_BOTH,
    ['('] = TRIM_BOTH,
    [')'] = TRIM_BOTH,
    ['['] = TRIM_BOTH,
    [']'] = TRIM_BOTH,
    ['{'] = TRIM_BOTH,
    ['}'] = TRIM_BOTH,
    ['<'] = TRIM_BOTH,
    ['>'] = TRIM_BOTH,
    ['*'] = TRIM_BOTH,
    ['_'] = TRIM_BOTH,
    ['~'] = TRIM_BOTH,
    ['-'] = TRIM_BOTH,
    ['.'] = TRIM_BOTH,
    [','] = TRIM_BOTH,
    [';'] = TRIM_BOTH,
    [':'] = TRIM_BOTH,
    ['?'] = TRIM_BOTH,
    ['/'] = TRIM_BOTH,
    ['#'] = TRIM_FRONT,
    ['!'] = TRIM_BACK};

/* Bit i: byte i of 64 is white space (HT LF VT FF CR, space). */
static inline uint64_t
space_mask(const uint8_t *p)
{
	uint64_t mask = 0;

#ifdef __SSE2__
	const __m128i space = _mm_set1_epi8(' '), tab = _mm_set1_epi8('\t' - 1),
		      cr = _mm_set1_epi8('\r' + 1);

	for (unsigned i = 0; i < 4; i++) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + 16 * i));
		__m128i blank = _mm_or_si128(_mm_cmpeq_epi8(v, space),
		    _mm_and_si128(_mm_cmpgt_epi8(v, tab), _mm_cmplt_epi8(v, cr)));

		mask |= (uint64_t)(uint32_t)_mm_movemask_epi8(blank) << (16 * i);
	}
#else
	for (unsigned i = 0; i < 64; i++)
		mask |= (uint64_t)(p[i] == ' ' || (p[i] >= '\t' && p[i] <= '\r')) << i;
#endif
	return mask;
}

static inline void
put_token(
    struct lw_mtok *to, const struct lw_memo_token *t, uint32_t words, uint32_t start)
{
	to->pos = (int32_t)(words + t->pos);
	to->lexeme = t->lexeme;
	to->start = (uint16_t)(start + t->start);
	to->end = (uint16_t)(start + t->end);
	memcpy(&to->len, &t->len, 2); /* and how */
	memset(&to->back, 0, 2);      /* and flags */
}

/* What the memo holds, in the general case. */
static int
emit_entry(struct lw_matcher *m, const struct lw_ruleset *rs,
    const struct lw_memo_entry *e, const struct lw_raw_word *w)
{
	int err = 0;

	if (e->is_single)
		err = lw_join_letter(m, rs, m->words, w->start, w->end);
	else if (e->positions > 0)
		err = lw_join_break(m, rs);
	for (unsigned i = 0; i < e->ntok; i++) {
		struct lw_mtok t;

		put_token(&t, &e->tok[i], m->words, w->start);
		lw_matcher_push(m, &t);
	}
	m->words += e->positions;
	return err;
}

/* The usual case, almost without a branch: no letters to join, room for all tokens. Those of
 * a word are sorted and come behind all others; the first is written even when there is
 * none, which is cheaper than to ask. */
static inline bool
emit_quickly(
    struct lw_matcher *m, const struct lw_memo_entry *e, const struct lw_raw_word *w)
{
	uint32_t single = e->is_single, keep = single | (uint32_t)(e->positions == 0);
	uint32_t words = m->words, nrun = m->nrun, ntok = m->ntok;

	if (nrun + single >= LW_JOIN_CHARS_MIN ||
	    ntok + LW_MEMO_TOKENS > LW_MATCH_TOKENS_MAX)
		return false;
	m->run[nrun] = (struct lw_letter){words, w->start, w->end};
	m->nrun = (nrun + single) & -keep;
	m->words = words + e->positions;
	put_token(&m->tok[LW_RING_TOKENS + ntok], &e->tok[0], words, w->start);
	if (e->ntok > 1)
		put_token(&m->tok[LW_RING_TOKENS + ntok + 1], &e->tok[1], words, w->start);
	m->ntok = ntok + e->ntok;
	return true;
}

static void
remember(struct lw_matcher *m, const struct lw_memo_key *key, const struct lw_lexed *x,
    const uint8_t *p)
{
	struct lw_memo_entry *e;

	if (x->ntok > LW_MEMO_TOKENS || x->positions > UINT8_MAX || x->has_letters)
		return;
	e = lw_memo_replace(&m->memo, key, p);
	e->positions = (uint8_t)x->positions;
	e->ntok = (uint8_t)x->ntok;
	e->is_single = x->is_single;
	for (unsigned i = 0; i < x->ntok; i++)
		e->tok[i] = (struct lw_memo_token){.lexeme = x->tok[i].lexeme,
		    .how = x->tok[i].how,
		    .len = x->tok[i].len,
		    .pos = (uint8_t)x->tok[i].pos,
		    .start = x->tok[i].start,
		    .end = x->tok[i].end};
	if (e->ntok == 2 &&
	    (e->tok[0].pos > e->tok[1].pos ||
		(e->tok[0].pos == e->tok[1].pos && e->tok[0].lexeme > e->tok[1].lexeme))) {
		struct lw_memo_token t = e->tok[0];

		e->tok[0] = e->tok[1];
		e->tok[1] = t;
	}
}

static int
take_word(struct lw_matcher *m, const struct lw_ruleset *rs,
    const struct lw_raw_word *w, const struct lw_memo_entry *e)
{
	const uint8_t *p = m->text + w->start;
	bool is_kept = w->end - w->start <= m->memo_bytes;
	struct lw_lexed lexed;
	int err;

	/* What was guessed may have been replaced since, or have come since. */
	if (is_kept && e == NULL)
		e = lw_memo_guess(&m->memo, &w->key);
	if (e != NULL && lw_memo_is(e, &w->key, p))
		return emit_quickly(m, e, w) ? 0 : emit_entry(m, rs, e, w);
	if ((err = lw_lex_word(m, rs, w->start, w->end, &lexed)) == 0 && is_kept)
		remember(m, &w->key, &lexed, p);
	return err;
}

static void
guess_words(struct lw_matcher *m, struct lw_word_queue *q)
{
	for (unsigned i = 0; i < q->n; i++) {
		q->guess[i] = NULL;
		if (q->w[i].end - q->w[i].start > m->memo_bytes)
			continue;
		q->guess[i] = lw_memo_guess(&m->memo, &q->w[i].key);
		__builtin_prefetch(q->guess[i]);
	}
}

static int
take_words(struct lw_matcher *m, const struct lw_ruleset *rs, struct lw_word_queue *q)
{
	int err = 0;

	for (unsigned i = 0; i < q->n && err == 0; i++)
		err = take_word(m, rs, &q->w[i], q->guess[i]);
	q->n = 0;
	return err;
}

static inline int
add_word(struct lw_matcher *m, const struct lw_ruleset *rs, struct lw_word_queue *q,
    uint32_t start, uint32_t end)
{
	const uint8_t *p = m->text;
	struct lw_raw_word *w = &q->w[q->n];

	if (((trims[p[start]] & TRIM_FRONT) | (trims[p[end - 1]] & TRIM_BACK)) != 0) {
		while (start < end && (trims[p[start]] & TRIM_FRONT))
			start++;
		while (start < end && (trims[p[end - 1]] & TRIM_BACK))
			end--;
		if (start == end)
			return 0;
	}
	w->start = start;
	w->end = end;
	if (end - start <= m->memo_bytes) {
		w->key = lw_memo_key(
		    &m->memo, p + start, end - start, (uint32_t)rs->generation);
		lw_memo_fetch(&m->memo, &w->key);
	}
	if (++q->n < LW_WORDS_AHEAD)
		return 0;
	guess_words(m, q);
	return take_words(m, rs, q);
}

/* Few are out of place: a joined word comes after its letters. */
static void
sort_tokens(struct lw_mtok *t, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct lw_mtok x = t[i];
		size_t k = i;

		for (; k > 0 && (t[k - 1].pos > x.pos || (t[k - 1].pos == x.pos &&
							     t[k - 1].lexeme > x.lexeme));
		     k--)
			t[k] = t[k - 1];
		t[k] = x;
	}
}

int
lw_words_split(struct lw_matcher *m, const struct lw_ruleset *rs, size_t n)
{
	struct lw_word_queue *q = &m->queue;
	uint32_t open = 0; /* start of a word that goes on in the next block */
	uint64_t carry = 0;
	int err;

	m->words = m->ntok = m->nrun = 0;
	m->is_unsorted = false;
	q->n = 0;
	for (size_t block = 0; block <= n; block += 64) {
		/* The text is followed by spaces: the last word always ends. */
		uint64_t in = ~space_mask(m->text + block), before = in << 1 | carry;
		uint64_t starts = in & ~before, ends = ~in & before;

		for (; ends != 0; ends &= ends - 1) {
			uint32_t start = open;

			if (carry == 0) {
				start =
				    (uint32_t)block + (uint32_t)__builtin_ctzll(starts);
				starts &= starts - 1;
			}
			carry = 0;
			err = add_word(m, rs, q, start,
			    (uint32_t)block + (uint32_t)__builtin_ctzll(ends));
			if (err != 0)
				return err;
		}
		if (starts != 0)
			open = (uint32_t)block + (uint32_t)__builtin_ctzll(starts);
		carry = in >> 63;
	}
	guess_words(m, q);
	return 0;
}

int
lw_words_take(struct lw_matcher *m, const struct lw_ruleset *rs)
{
	int err;

	if ((err = take_words(m, rs, &m->queue)) != 0 || (err = lw_join_break(m, rs)) != 0)
		return err;
	if (m->is_unsorted)
		sort_tokens(m->tok + LW_RING_TOKENS, m->ntok);
	return 0;
}
