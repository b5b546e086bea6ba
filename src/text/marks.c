/* SPDX-License-Identifier: Apache-2.0 */
/* Canonical order and composition of what the fold keeps: marks in any order, letters in
 * pieces (Hangul jamo, kana with a voicing mark, two-part vowel signs) in, NFC out. */
#include "text/machine.h"
#include "text/utf8.h"

/* All from `at` on now comes from one stretch of the original. */
static void
span_join(struct lw_machine *m, size_t at, uint32_t to)
{
	size_t i;

	if (m->start == NULL)
		return;
	for (i = at; i < m->o; i++) {
		m->start[i] = m->start[at];
		m->end[i] = to;
	}
}

/* Try to compose cp, which would stand at `at`, with the starter before; the starter's
 * place, or m->o when they do not compose. */
static size_t
compose_at(struct lw_machine *m, size_t at, uint32_t cp, unsigned ccc)
{
	size_t i = at;
	uint32_t prev = 0, whole;
	unsigned c = 0;

	while (i > 0) {
		i = lw_utf8_back(m->p, i, &prev);
		if ((c = lw_text_ccc(m->t, prev)) == 0)
			break;
		if (c >= ccc)
			return m->o; /* blocked */
	}
	whole = at > 0 && c == 0 ? lw_text_compose(m->t, prev, cp) : 0;
	if (whole == 0)
		return m->o;
	(void)lw_utf8_put(m->p + i, whole); /* as long as the starter was */
	return i;
}

/* Where a mark belongs among those at the end. */
static size_t
order_at(const struct lw_machine *m, unsigned ccc)
{
	size_t i = m->o, k;
	uint32_t prev;

	while (ccc != 0 && i > 0) {
		k = lw_utf8_back(m->p, i, &prev);
		if (lw_text_ccc(m->t, prev) <= ccc)
			break;
		i = k;
	}
	return i;
}

void
lw_machine_mark(struct lw_machine *m, uint32_t cp, uint32_t e, uint32_t from, uint32_t to)
{
	unsigned ccc = (e & LW_E_MARK) != 0 ? LW_E_HIGH(e) : 0;
	uint8_t b[4];
	size_t n = lw_utf8_put(b, cp), at = m->o, i;

	if (ccc != 0 && m->marks == LW_MARKS_MAX)
		ccc = 255;
	if (ccc != 0 && ccc < m->ccc)
		at = order_at(m, ccc);
	if (ccc != 255 && (e & LW_E_PAIRS) != 0 &&
	    (i = compose_at(m, at, cp, ccc)) != m->o) {
		span_join(m, i, to);
		return;
	}
	if (ccc == 255) { /* piled up: belongs to the letter, adds nothing */
		span_join(m, lw_utf8_back(m->p, m->o, &cp), to);
		return;
	}
	if (n > m->cap - m->o) {
		m->full = true;
		return;
	}
	memmove(m->p + at + n, m->p + at, m->o - at);
	memcpy(m->p + at, b, n);
	if (m->start != NULL) {
		for (i = m->o; i < m->o + n; i++) {
			m->start[i] = from;
			m->end[i] = to;
		}
	}
	m->o += n;
	if (at + n < m->o)
		span_join(m, at, to);
	else
		m->ccc = (uint8_t)ccc;
	m->marks = ccc != 0 ? m->marks + 1 : 0;
}
