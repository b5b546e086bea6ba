/* SPDX-License-Identifier: Apache-2.0 */
/* Messages and words in, folded bytes out. The caller owns struct lw_folded and its
 * buffers grow as needed; they hold message text and are wiped when let go. */
#include <assert.h>
#include <stdlib.h>
#include "base/buf.h"
#include "base/err.h"
#include "event/event.h"
#include "text/ascii.h"
#include "text/fold.h"
#include "text/machine.h"
#include "text/utf8.h"

#define CHUNK 1024 /* original bytes between two looks at the room left */

void
lw_folded_init(struct lw_folded *f)
{
	*f = (struct lw_folded){0};
}

void
lw_folded_clear(struct lw_folded *f)
{
	if (f->base != NULL) {
		lw_wipe(f->base, f->cap + 2 * LW_TEXT_PAD);
		lw_wipe(f->start, f->cap * sizeof(*f->start));
		lw_wipe(f->end, f->cap * sizeof(*f->end));
	}
	free(f->base);
	free(f->start);
	free(f->end);
	lw_folded_init(f);
}

/* Room for cap folded bytes; the first `used` are kept. */
static int
grow(struct lw_folded *f, size_t cap, size_t used)
{
	struct lw_folded g = {.cap = cap, .n = f->n, .ascii = f->ascii};

	if (cap <= f->cap)
		return 0;
	g.base = calloc(1, cap + 2 * LW_TEXT_PAD);
	g.start = calloc(cap, sizeof(*g.start));
	g.end = calloc(cap, sizeof(*g.end));
	if (g.base == NULL || g.start == NULL || g.end == NULL) {
		free(g.base);
		free(g.start);
		free(g.end);
		return LW_ENOMEM;
	}
	g.p = g.base + LW_TEXT_PAD;
	if (used > 0) {
		memcpy(g.p, f->p, used);
		memcpy(g.start, f->start, used * sizeof(*g.start));
		memcpy(g.end, f->end, used * sizeof(*g.end));
	}
	lw_folded_clear(f);
	*f = g;
	return 0;
}

static void
sink(struct lw_machine *m, const struct lw_folded *f)
{
	m->p = f->p;
	m->start = f->start;
	m->end = f->end;
	m->cap = f->cap;
}

/* Length of the longest prefix of s, at most max bytes, that cuts no character. */
static size_t
prefix(const uint8_t *s, size_t n, size_t max)
{
	size_t k = max, back;

	if (n <= max)
		return n;
	for (back = 0; back < 3 && lw_utf8_is_tail(s[k]); back++)
		k--;
	return lw_utf8_is_tail(s[k]) ? max : k;
}

static int
fold_any(struct lw_folded *f, const uint8_t *s, size_t n)
{
	struct lw_machine m = {.t = lw_text_table, .pend = LW_P_SEP};
	size_t i, k;
	int r;

	for (i = 0; i < n; i += k) {
		k = prefix(s + i, n - i, CHUNK);
		/* the worst a byte can do is a third of a long expansion */
		if ((r = grow(f, m.o + k * LW_STEP_MAX / 3 + LW_STEP_MAX, m.o)) != 0)
			return r;
		sink(&m, f);
		lw_machine_run(&m, s + i, k, i);
	}
	assert(!m.full);
	/* the last sentinel; it is the only one where no word was found */
	f->p[m.o] = ' ';
	f->start[m.o] = m.seen;
	f->end[m.o] = (uint32_t)n;
	f->n = m.o + 1;
	return 0;
}

int
lw_fold(struct lw_folded *f, const void *text, size_t n)
{
	int r;

	assert(lw_text_table != NULL);
	if (n > LW_EVENT_TEXT_MAX)
		return LW_ELIMIT;
	if ((r = grow(f, n + LW_ASCII_SLACK, 0)) != 0)
		return r;
	f->ascii = lw_ascii_is(text, n);
	if (!f->ascii)
		return fold_any(f, text, n);
	f->n = lw_ascii_fold(lw_text_table->ascii, text, n, f->p, f->start, f->end);
	return 0;
}

size_t
lw_fold_word(const void *raw, size_t n, uint8_t *out, size_t cap, bool *has_space)
{
	struct lw_machine m = {.t = lw_text_table, .p = out, .cap = cap};

	assert(lw_text_table != NULL);
	lw_machine_run(&m, raw, n, 0);
	*has_space = m.spaced;
	return m.full ? 0 : m.o;
}

bool
lw_text_is_nospace(uint32_t cp)
{
	uint32_t e;
	int bad;

	if (cp > 0x10ffff)
		return false;
	e = lw_text_entry(lw_text_table, cp);
	if ((e & LW_E_COMPLEX) != 0) {
		(void)lw_utf8_decode(
		    lw_text_table->pool + LW_E_HIGH(e), LW_E_LEN(e), &cp, &bad);
		e = lw_text_entry(lw_text_table, cp);
	}
	return LW_E_CLASS(e) == LW_C_NOSPACE;
}
