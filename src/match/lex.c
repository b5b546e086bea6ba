/* SPDX-License-Identifier: Apache-2.0 */
/* Lexes one raw word that the memo does not hold. In: a slice of the message. Out: tokens.
 * Folds it, lets the library find its lexemes and, only when there is none and the word has
 * a suspicious shape, tries its confusable form and then its skeleton. */
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/err.h"
#include "match/matcher.h"
#include "pack/segment.h"

#define SHORT_BYTES 128 /* raw bytes of a word that is folded in one piece */

struct lexing {
	struct lw_matcher *m;
	const struct lw_ruleset *rs;
	uint32_t start, end; /* of the raw word */
	uint32_t ntok0;
	uint32_t letters; /* words of one letter: join.c reads them */
	bool is_nospace;
	struct lw_lexed *out;
};

static int
on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
    void *arg)
{
	struct lw_matcher *m = arg;

	(void)from;
	(void)flags;
	if (m->nfound == LW_FOUND_MAX) {
		m->capped = true;
		return 1;
	}
	m->found[m->nfound++] = (struct lw_found){id, (uint32_t)to};
	return 0;
}

int
lw_lex_scan(struct lw_matcher *m, const hs_database_t *db, const uint8_t *p, size_t n)
{
	hs_error_t e;

	m->nfound = 0;
	if (db == NULL)
		return 0;
	e = hs_scan(db, (const char *)p, (unsigned)n, 0, m->scratch, on_match, m);
	return e == HS_SUCCESS || e == HS_SCAN_TERMINATED ? 0 : LW_ELIB;
}

static void
push(struct lexing *x, struct lw_mtok t)
{
	struct lw_lexed *out = x->out;

	if (out->ntok < LW_MEMO_TOKENS)
		out->tok[out->ntok] = t;
	out->ntok++;
	t.pos += (int32_t)x->m->words;
	t.start += x->start;
	t.end += x->start;
	lw_matcher_push(x->m, &t);
}

/* Everything that was found stands for the whole raw word. */
static void
push_whole(struct lexing *x, const struct lw_lexdb *db, enum lw_how how)
{
	struct lw_matcher *m = x->m;

	for (uint32_t i = 0; i < m->nfound; i++) {
		const struct lw_lexpat *pat = &db->pat[m->found[i].pat];

		if (pat->kind == LW_LEX_LITERAL || x->out->positions > 63)
			continue;
		push(x, (struct lw_mtok){.pos = 0,
			    .lexeme = pat->lexeme,
			    .start = 0,
			    .end = x->end - x->start,
			    .len = (uint8_t)x->out->positions,
			    .how = (uint8_t)how});
	}
}

static int
scan_form(struct lexing *x, uint8_t *form, size_t n, const struct lw_lexdb *db,
    enum lw_how how)
{
	int err;

	/* form has room for the spaces and padding around its n bytes. */
	form[-1] = form[n] = ' ';
	if ((err = lw_lex_scan(x->m, db->db, form - 1, n + 2)) != 0)
		return err;
	push_whole(x, db, how);
	return 0;
}

/* The second try: what the word may be meant to look like. */
static int
deobfuscate(struct lexing *x)
{
	uint8_t room[LW_TEXT_PAD + LW_FORM_MAX + LW_TEXT_PAD];
	uint8_t *form = room + LW_TEXT_PAD;
	const uint8_t *raw = x->m->text + x->start;
	size_t n = x->end - x->start, k;
	int err;

	if (n > LW_WORD_MAX || (lw_text_shape(raw, n) & LW_SHAPE_SUSPICIOUS) == 0)
		return 0;
	memset(room, ' ', sizeof(room));
	k = lw_text_confusable(raw, n, form, LW_FORM_MAX);
	if (k > 0 && (err = scan_form(x, form, k, &x->rs->words, LW_HOW_CONFUSABLE)) != 0)
		return err;
	if (x->out->ntok > 0)
		return 0;
	k = lw_text_skeleton(raw, n, form, LW_FORM_MAX);
	if (k >= LW_SKELETON_BYTES_MIN)
		return scan_form(x, form, k, &x->rs->skeletons, LW_HOW_SKELETON);
	return 0;
}

/* The usual case: one word, no script without spaces. */
static int
lex_plain(struct lexing *x, uint8_t *folded, size_t n, const struct lw_segment *seg)
{
	struct lw_lexed *out = x->out;
	int err;

	out->positions = 1;
	out->is_single = seg->chars == 1;
	if (out->is_single)
		err = lw_join_letter(x->m, x->rs, x->m->words, x->start, x->end);
	else
		err = lw_join_break(x->m, x->rs);
	if (err == 0)
		err = scan_form(x, folded, n, &x->rs->words, LW_HOW_EXACT);
	return err;
}

static int
lex_room(struct lw_matcher *m, size_t n)
{
	size_t cap = n * 2 + 1024;
	uint8_t *lex;
	uint32_t *src, *pos;

	if (n <= m->lex_cap)
		return 0;
	if ((lex = realloc(m->lex, cap + 2 * LW_TEXT_PAD)) != NULL)
		m->lex = lex;
	if ((src = realloc(m->lex_src, cap * sizeof(*src))) != NULL)
		m->lex_src = src;
	if ((pos = realloc(m->lex_pos, cap * sizeof(*pos))) != NULL)
		m->lex_pos = pos;
	if (lex == NULL || src == NULL || pos == NULL)
		return LW_ENOMEM;
	m->lex_cap = cap;
	return 0;
}

/* Words and runs of m->folded with one space between, each byte with its source and
 * position. */
static int
lay_out(struct lexing *x, size_t *len)
{
	struct lw_matcher *m = x->m;
	const struct lw_folded *f = &m->folded;
	uint8_t *lex;
	struct lw_segment seg;
	size_t k = 0;
	int err;

	if ((err = lex_room(m, f->n * 2 + 2)) != 0)
		return err;
	lex = m->lex + LW_TEXT_PAD;
	lex[k++] = ' ';
	for (size_t at = 0; lw_segment_next(f->p, f->n, &at, &seg);) {
		uint32_t pos = x->out->positions;

		if (!seg.is_nospace && seg.chars == 1) {
			x->out->has_letters = true;
			x->letters++;
			err = lw_join_letter(m, x->rs, m->words + pos,
			    x->start + f->start[seg.off],
			    x->start + f->end[seg.off + seg.n - 1]);
		} else {
			err = lw_join_break(m, x->rs);
		}
		if (err != 0)
			return err;
		x->is_nospace |= seg.is_nospace;
		for (size_t i = 0; i < seg.n; i++) {
			uint8_t b = f->p[seg.off + i];

			if (seg.is_nospace && i > 0 && (b & 0xc0) != 0x80)
				pos++;
			m->lex_src[k] = (uint32_t)(seg.off + i);
			m->lex_pos[k] = pos;
			lex[k++] = b;
		}
		x->out->positions += lw_segment_positions(&seg);
		lex[k++] = ' ';
	}
	memset(lex + k, ' ', LW_TEXT_PAD);
	*len = k;
	return 0;
}

static void
push_found(struct lexing *x, const struct lw_found *found)
{
	struct lw_matcher *m = x->m;
	const struct lw_folded *f = &m->folded;
	const struct lw_lexpat *pat = &x->rs->words.pat[found->pat];
	const uint8_t *lex = m->lex + LW_TEXT_PAD;
	uint32_t to = found->to - (pat->kind == LW_LEX_WORD), from = to - pat->bytes;

	while (pat->kind == LW_LEX_STEM && lex[to] != ' ')
		to++; /* the token is the whole word */
	push(x, (struct lw_mtok){.pos = (int32_t)m->lex_pos[from],
		    .lexeme = pat->lexeme,
		    .start = f->start[m->lex_src[from]],
		    .end = f->end[m->lex_src[to - 1]],
		    .len = pat->kind == LW_LEX_LITERAL ? pat->chars : 1,
		    .how = LW_HOW_EXACT});
}

/* Several words, scripts without spaces, or a long one. */
static int
lex_text(struct lexing *x)
{
	struct lw_matcher *m = x->m;
	size_t n = 0;
	int err;

	if ((err = lw_fold(&m->folded, m->text + x->start, x->end - x->start)) != 0 ||
	    (err = lay_out(x, &n)) != 0 ||
	    (err = lw_lex_scan(m, x->rs->words.db, m->lex + LW_TEXT_PAD, n)) != 0)
		return err;
	for (uint32_t i = 0; i < m->nfound; i++)
		push_found(x, &m->found[i]);
	return 0;
}

static int
lex(struct lexing *x)
{
	uint8_t room[LW_TEXT_PAD + 3 * SHORT_BYTES + LW_TEXT_PAD];
	uint8_t *form = room + LW_TEXT_PAD;
	const uint8_t *raw = x->m->text + x->start;
	size_t n = x->end - x->start, k = 0, at = 0;
	bool has_space = false;
	struct lw_segment seg;

	if (n > SHORT_BYTES)
		return lex_text(x);
	k = lw_fold_word(raw, n, form, 3 * SHORT_BYTES, &has_space);
	if (k > 0 && !has_space && lw_segment_next(form, k, &at, &seg) && at == k &&
	    !seg.is_nospace) {
		memset(form + k, ' ', LW_TEXT_PAD);
		return lex_plain(x, form, k, &seg);
	}
	return lex_text(x);
}

int
lw_lex_word(struct lw_matcher *m, const struct lw_ruleset *rs, uint32_t start,
    uint32_t end, struct lw_lexed *out)
{
	struct lexing x = {.m = m, .rs = rs, .start = start, .end = end, .out = out};
	uint64_t t = m->times != NULL ? lw_clock_mono_ns() : 0;
	int err;

	out->positions = out->ntok = 0;
	out->is_single = out->has_letters = false;
	err = lex(&x);
	if (err == 0 && out->ntok == 0 && out->positions > x.letters && !x.is_nospace)
		err = deobfuscate(&x);
	m->words += out->positions;
	if (m->times != NULL)
		m->times->fold_ns += lw_clock_mono_ns() - t;
	return err;
}
