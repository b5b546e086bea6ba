/* SPDX-License-Identifier: Apache-2.0 */
/* Letters that stand alone, read as words: `m e e t`, `m.e.e.t`. In: a run of three or more
 * single letters. Out: tokens at the first letter, as long as the letters they join. The
 * whole run is tried first, then its skeleton, then the longest words inside, from the left. */
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "match/matcher.h"

#define LETTER_BYTES 4

struct joined {
	uint8_t room[LW_TEXT_PAD + 1 + LW_RUN_MAX * LETTER_BYTES + 1 + LW_TEXT_PAD];
	uint8_t *p; /* the letters, one behind the other; p[-1] is a space */
	size_t n;
	uint16_t letter[LW_RUN_MAX * LETTER_BYTES + 1]; /* by byte */
};

static void
push(struct lw_matcher *m, uint32_t lexeme, uint32_t first, uint32_t n)
{
	lw_matcher_push(m, &(struct lw_mtok){.pos = (int32_t)m->run[first].pos,
			       .lexeme = lexeme,
			       .start = m->run[first].start,
			       .end = m->run[first + n - 1].end,
			       .len = (uint8_t)n,
			       .how = LW_HOW_JOINED});
}

static void
push_all(struct lw_matcher *m, const struct lw_lexdb *db)
{
	for (uint32_t i = 0; i < m->nfound; i++)
		if (db->pat[m->found[i].pat].kind != LW_LEX_LITERAL)
			push(m, db->pat[m->found[i].pat].lexeme, 0, m->nrun);
}

/* false when a letter does not fold to one character again, or all are digits. */
static bool
gather(const struct lw_matcher *m, struct joined *j)
{
	bool has_letter = false, has_space;

	memset(j->room, ' ', sizeof(j->room));
	j->p = j->room + LW_TEXT_PAD + 1;
	j->n = 0;
	for (uint32_t i = 0; i < m->nrun; i++) {
		const struct lw_letter *l = &m->run[i];
		size_t k = lw_fold_word(m->text + l->start, l->end - l->start,
		    j->p + j->n, LETTER_BYTES, &has_space);

		if (k == 0 || has_space)
			return false;
		has_letter |= j->p[j->n] < '0' || j->p[j->n] > '9';
		for (size_t b = 0; b < k; b++)
			j->letter[j->n + b] = (uint16_t)i;
		j->n += k;
	}
	j->letter[j->n] = (uint16_t)m->nrun;
	j->p[j->n] = ' ';
	return has_letter;
}

/* The whole run as one word; true when it is one. */
static int
try_whole(
    struct lw_matcher *m, const struct lw_ruleset *rs, struct joined *j, bool *is_done)
{
	uint8_t room[LW_TEXT_PAD + LW_FORM_MAX + LW_TEXT_PAD], *form = room + LW_TEXT_PAD;
	uint32_t ntok = m->ntok;
	size_t k;
	int err;

	if (m->nrun > 63)
		return 0;
	if ((err = lw_lex_scan(m, rs->words.db, j->p - 1, j->n + 2)) != 0)
		return err;
	push_all(m, &rs->words);
	*is_done = m->ntok > ntok;
	if (*is_done || j->n > LW_WORD_MAX)
		return 0;
	memset(room, ' ', sizeof(room));
	if ((k = lw_text_skeleton(j->p, j->n, form, LW_FORM_MAX)) < LW_SKELETON_BYTES_MIN)
		return 0;
	form[k] = ' ';
	if ((err = lw_lex_scan(m, rs->skeletons.db, form - 1, k + 2)) != 0)
		return err;
	push_all(m, &rs->skeletons);
	*is_done = m->ntok > ntok;
	return 0;
}

struct piece {
	uint32_t from, to, lexeme;
};

static int
by_place(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	if (x->to != y->to)
		return x->to > y->to ? -1 : 1;
	return (x->lexeme > y->lexeme) - (x->lexeme < y->lexeme);
}

static bool
is_number(const struct joined *j, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++)
		if (j->p[i] < '0' || j->p[i] > '9')
			return false;
	return true;
}

static int
try_pieces(struct lw_matcher *m, const struct lw_ruleset *rs, struct joined *j)
{
	struct piece pieces[LW_RUN_MAX * 2];
	size_t n = 0;
	uint32_t done = 0;
	int err;

	if ((err = lw_lex_scan(m, rs->joined.db, j->p, j->n)) != 0)
		return err;
	for (uint32_t i = 0; i < m->nfound; i++) {
		const struct lw_lexpat *pat = &rs->joined.pat[m->found[i].pat];
		uint32_t to = m->found[i].to, from = to - pat->bytes;

		if (n == LW_RUN_MAX * 2)
			m->capped = true;
		else if (pat->chars <= 63 && !is_number(j, from, to))
			pieces[n++] = (struct piece){from, to, pat->lexeme};
	}
	qsort(pieces, n, sizeof(pieces[0]), by_place);
	for (size_t i = 0; i < n; i++) {
		uint32_t first = j->letter[pieces[i].from], end = j->letter[pieces[i].to];

		if (pieces[i].from < done)
			continue;
		push(m, pieces[i].lexeme, first, end - first);
		done = pieces[i].to;
	}
	return 0;
}

int
lw_join_run(struct lw_matcher *m, const struct lw_ruleset *rs)
{
	struct joined j;
	bool is_done = false;
	int err = 0;

	if (gather(m, &j) && (err = try_whole(m, rs, &j, &is_done)) == 0 && !is_done)
		err = try_pieces(m, rs, &j);
	m->nrun = 0;
	return err;
}
