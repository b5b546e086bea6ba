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

static int
emit_entry(struct lw_matcher *m, const struct lw_ruleset *rs,
    const struct lw_memo_entry *e, uint32_t start, uint32_t end)
{
	int err = 0;

	if (e->is_single)
		err = lw_join_letter(m, rs, m->words, start, end);
	else if (m->nrun > 0 && e->positions > 0)
		err = lw_join_break(m, rs);
	for (unsigned i = 0; i < e->ntok; i++) {
		const struct lw_memo_token *t = &e->tok[i];

		lw_matcher_push(m, &(struct lw_mtok){.pos = (int32_t)m->words + t->pos,
				       .lexeme = t->lexeme,
				       .start = start + t->start,
				       .end = start + t->end,
				       .len = (uint8_t)t->len,
				       .how = (uint8_t)t->how});
	}
	m->words += e->positions;
	return err;
}

static void
remember(struct lw_matcher *m, const struct lw_ruleset *rs, uint64_t hash,
    const struct lw_lexed *x, const uint8_t *p, size_t n)
{
	struct lw_memo_entry *e;

	if (x->ntok > LW_MEMO_TOKENS || x->positions > UINT8_MAX || x->has_letters)
		return;
	e = lw_memo_replace(&m->memo, hash, rs->generation, p, n);
	e->positions = (uint8_t)x->positions;
	e->ntok = (uint8_t)x->ntok;
	e->is_single = x->is_single;
	for (unsigned i = 0; i < x->ntok; i++)
		e->tok[i] = (struct lw_memo_token){.lexeme = x->tok[i].lexeme,
		    .how = x->tok[i].how,
		    .len = x->tok[i].len,
		    .pos = (uint8_t)x->tok[i].pos,
		    .start = (uint8_t)x->tok[i].start,
		    .end = (uint8_t)x->tok[i].end};
}

static inline int
word(struct lw_matcher *m, const struct lw_ruleset *rs, uint32_t start, uint32_t end)
{
	const uint8_t *p = m->text;
	struct lw_lexed lexed;
	uint64_t hash = 0;
	bool is_kept;
	int err;

	while (start < end && (trims[p[start]] & TRIM_FRONT))
		start++;
	while (start < end && (trims[p[end - 1]] & TRIM_BACK))
		end--;
	if (start == end)
		return 0;
	is_kept = end - start <= LW_MEMO_BYTES && m->memo.entry != NULL;
	if (is_kept) {
		const struct lw_memo_entry *e;

		hash = lw_memo_hash(&m->memo, p + start, end - start);
		e = lw_memo_find(&m->memo, hash, rs->generation, p + start, end - start);
		if (e != NULL)
			return emit_entry(m, rs, e, start, end);
	}
	if ((err = lw_lex_word(m, rs, start, end, &lexed)) == 0 && is_kept)
		remember(m, rs, hash, &lexed, p + start, end - start);
	return err;
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
lw_match_words(struct lw_matcher *m, const struct lw_ruleset *rs, size_t n)
{
	uint64_t carry = 0;
	uint32_t start = 0;
	int err;

	m->words = m->ntok = m->nrun = 0;
	m->is_unsorted = false;
	for (size_t block = 0; block <= n; block += 64) {
		/* The text is followed by spaces: the last word always ends. */
		uint64_t w = ~space_mask(m->text + block), edges = w ^ (w << 1 | carry);

		for (carry = w >> 63; edges != 0; edges &= edges - 1) {
			uint32_t at = (uint32_t)block + (uint32_t)__builtin_ctzll(edges);

			if ((w >> (at & 63)) & 1)
				start = at;
			else if ((err = word(m, rs, start, at)) != 0)
				return err;
		}
	}
	if ((err = lw_join_break(m, rs)) != 0)
		return err;
	if (m->is_unsorted)
		sort_tokens(m->tok + LW_RING_TOKENS, m->ntok);
	return 0;
}
