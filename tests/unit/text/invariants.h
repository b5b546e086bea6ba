/* SPDX-License-Identifier: Apache-2.0 */
/* What must hold for the fold of any bytes whatever: shared by the random test and the
 * fuzz target. A broken one aborts. */
#ifndef LW_TEST_TEXT_INVARIANTS_H
#define LW_TEST_TEXT_INVARIANTS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "event/event.h"
#include "text/fold.h"

#define MUST(what)                                                                     \
	do {                                                                           \
		if (!(what)) {                                                         \
			fprintf(                                                       \
			    stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #what); \
			abort();                                                       \
		}                                                                      \
	} while (0)

/* A copy in its own block, so that a sanitiser sees a read one byte too far. */
static uint8_t *
exact_copy(const uint8_t *p, size_t n)
{
	uint8_t *copy = malloc(n > 0 ? n : 1);

	MUST(copy != NULL);
	if (n > 0)
		memcpy(copy, p, n);
	return copy;
}

static void
must_be_well_formed(const struct lw_folded *f, size_t n)
{
	size_t i;

	MUST(f->n >= 1 && f->n <= f->cap);
	MUST(f->p[0] == ' ' && f->p[f->n - 1] == ' ');
	MUST(lw_utf8_is_valid(f->p, f->n));
	MUST(f->start[0] == 0 && f->end[f->n - 1] == n);
	for (i = 0; i < f->n; i++) {
		MUST(f->start[i] <= f->end[i] && f->end[i] <= n);
		MUST(f->p[i] >= 0x80 || f->p[i] == ' ' ||
		     (f->p[i] >= 'a' && f->p[i] <= 'z') ||
		     (f->p[i] >= '0' && f->p[i] <= '9'));
		if (i == 0)
			continue;
		MUST(f->p[i] != ' ' || f->p[i - 1] != ' ');
		MUST(f->start[i] >= f->start[i - 1] && f->end[i] >= f->end[i - 1]);
	}
}

static void
must_fold_to(const uint8_t *s, size_t n, const uint8_t *want, size_t nwant)
{
	uint8_t *copy = exact_copy(s, n);
	struct lw_folded f;

	lw_folded_init(&f);
	MUST(lw_fold(&f, copy, n) == 0);
	MUST(f.n == nwant && memcmp(f.p, want, nwant) == 0);
	lw_folded_clear(&f);
	free(copy);
}

/* The original bytes of a word fold to that word, unless it shares them with another. */
static void
words_must_map(const struct lw_folded *f, const uint8_t *s)
{
	size_t a = 1, b;

	while (a < f->n) {
		for (b = a; f->p[b] != ' '; b++)
			;
		if ((a == 1 || f->end[a - 2] <= f->start[a]) &&
		    (b + 1 == f->n || f->end[b - 1] <= f->start[b + 1]))
			must_fold_to(s + f->start[a], f->end[b - 1] - f->start[a],
			    f->p + a - 1, b - a + 2);
		a = b + 1;
	}
}

/* Words between white space fold alone as they do together. */
static void
words_must_fold_alone(const struct lw_folded *f, const uint8_t *s, size_t n)
{
	size_t i, k, len, at = 1, cap = 64 * n + 64;
	uint8_t *out = malloc(cap);
	bool space;

	MUST(out != NULL);
	for (i = 0; i < n; i = k + 1) {
		for (k = i; k < n && s[k] > ' '; k++)
			;
		len = lw_fold_word(s + i, k - i, out, cap, &space);
		MUST(space == (memchr(out, ' ', len) != NULL));
		if (len == 0)
			continue;
		MUST(at + len < f->n && memcmp(f->p + at, out, len) == 0);
		at += len;
		MUST(f->p[at] == ' ');
		at++;
	}
	MUST(at == f->n);
	free(out);
}

/* With an invisible character behind it, plain ASCII goes the other way round. */
static void
paths_must_agree(const struct lw_folded *f, const uint8_t *s, size_t n)
{
	uint8_t *longer;
	struct lw_folded g;
	size_t i;

	if (!f->ascii || n + 3 > LW_EVENT_TEXT_MAX)
		return;
	longer = malloc(n + 3);
	MUST(longer != NULL);
	if (n > 0)
		memcpy(longer, s, n);
	memcpy(longer + n, "\342\200\213", 3);
	lw_folded_init(&g);
	MUST(lw_fold(&g, longer, n + 3) == 0 && !g.ascii);
	MUST(f->n == g.n && memcmp(f->p, g.p, f->n) == 0);
	for (i = 0; i < f->n; i++)
		MUST(f->start[i] == g.start[i] &&
		     (f->end[i] == g.end[i] || i + 1 == f->n));
	lw_folded_clear(&g);
	free(longer);
}

static void
form_must_be_well_formed(const uint8_t *p, size_t n, size_t cap)
{
	MUST(n <= cap);
	MUST(lw_utf8_is_valid(p, n));
	MUST(memchr(p, ' ', n) == NULL);
}

static void
forms_must_hold(const uint8_t *s, size_t n)
{
	uint8_t *out = malloc(LW_FORM_MAX), again[LW_FORM_MAX];
	size_t cap, len, i;
	unsigned shape = lw_text_shape(s, n);
	bool ascii = true;

	MUST(out != NULL);
	MUST(shape <= 15 && ((shape & LW_SHAPE_PLAIN_ASCII) == 0 || shape == 1));
	len = lw_text_confusable(s, n, out, LW_FORM_MAX);
	form_must_be_well_formed(out, len, LW_FORM_MAX);
	len = lw_text_skeleton(s, n, out, LW_FORM_MAX);
	form_must_be_well_formed(out, len, LW_FORM_MAX);
	for (i = 0; i < len; i++)
		ascii = ascii && out[i] < 0x80;
	if (ascii && len > 0) /* a skeleton is its own skeleton */
		MUST(lw_text_skeleton(out, len, again, sizeof(again)) == len &&
		     memcmp(out, again, len) == 0);
	free(out);
	for (cap = 1; cap < 9; cap += 3) {
		out = malloc(cap);
		MUST(out != NULL);
		MUST(lw_text_confusable(s, n, out, cap) <= cap);
		MUST(lw_text_skeleton(s, n, out, cap) <= cap);
		free(out);
	}
}

static void
fold_must_hold(const uint8_t *text, size_t n)
{
	uint8_t *s = exact_copy(text, n), *folded;
	struct lw_folded f;
	size_t i, k;

	lw_folded_init(&f);
	MUST(lw_fold(&f, s, n) == 0);
	must_be_well_formed(&f, n);
	if (f.n <= LW_EVENT_TEXT_MAX) {
		folded = exact_copy(f.p, f.n);
		must_fold_to(folded, f.n, f.p, f.n);
		free(folded);
	}
	words_must_map(&f, s);
	words_must_fold_alone(&f, s, n);
	paths_must_agree(&f, s, n);
	for (i = 0; i < n; i = k + 1) {
		for (k = i; k < n && s[k] > ' '; k++)
			;
		folded = exact_copy(s + i, k - i);
		forms_must_hold(folded, k - i);
		free(folded);
	}
	lw_folded_clear(&f);
	free(s);
}

#endif
