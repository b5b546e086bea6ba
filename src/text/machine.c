/* SPDX-License-Identifier: Apache-2.0 */
/* Folding, code point by code point: bytes in, folded bytes and their origins out. Owns
 * nothing; the sink belongs to the caller. Hot for all text that is not plain ASCII. */
#include "text/machine.h"
#include "text/utf8.h"

/* Bytes of one code point or expansion. With a map the sink has LW_STEP_MAX to spare. */
static inline void
put(struct lw_machine *m, const uint8_t *b, size_t n, uint32_t from, uint32_t to)
{
	size_t i, o = m->o;

	if (n > m->cap - o) {
		m->full = true;
		return;
	}
	for (i = 0; i < n; i++)
		m->p[o + i] = b[i];
	if (m->start != NULL) {
		for (i = 0; i < n; i++) {
			m->start[o + i] = from;
			m->end[o + i] = to;
		}
	}
	m->o = o + n;
}

/* The gap between the last word character and the one at `at`; words that come out of one
 * code point have that code point between them. */
static void
put_space(struct lw_machine *m, uint32_t at)
{
	uint32_t lo = m->seen < at ? m->seen : at;
	uint32_t hi = m->seen < at ? at : m->seen;

	put(m, (const uint8_t *)" ", 1, lo, hi);
	m->spaced = true;
	m->kind = LW_C_DIGIT;
	m->ccc = 0;
	m->marks = 0;
}

/* An apostrophe vanishes between letters, and between a letter and a digit. */
static bool
is_apostrophe_cut(const struct lw_machine *m, unsigned cls)
{
	return cls == LW_C_NOSPACE || m->last == LW_C_NOSPACE ||
	    (cls == LW_C_DIGIT && m->last == LW_C_DIGIT);
}

/* Called before each word character: decides whether a new word begins. */
static inline void
word_char(struct lw_machine *m, unsigned cls, uint32_t at)
{
	bool cut = m->pend == LW_P_SEP;

	if (m->pend == LW_P_APOS)
		cut = is_apostrophe_cut(m, cls);
	if (cls != LW_C_DIGIT) {
		cut = cut || (m->kind != LW_C_DIGIT && m->kind != cls);
		if (cut)
			put_space(m, at);
		m->kind = (uint8_t)cls;
	} else if (cut) {
		put_space(m, at);
	}
	m->pend = LW_P_NONE;
	m->last = (uint8_t)cls;
}

static void
drop_mark(struct lw_machine *m, uint32_t to)
{
	size_t i = m->o;

	if (m->pend != LW_P_NONE || i == 0)
		return;
	m->seen = to;
	if (m->end == NULL)
		return;
	do
		m->end[--i] = to;
	while (i > 0 && lw_utf8_is_tail(m->p[i]));
}

static inline void
no_word_char(struct lw_machine *m, unsigned cls, uint32_t to)
{
	if (cls == LW_C_SEP) {
		if (m->o > 0)
			m->pend = LW_P_SEP;
	} else if (cls == LW_C_APOS) {
		if (m->o > 0)
			m->pend = m->pend == LW_P_NONE ? LW_P_APOS : LW_P_SEP;
	} else if (cls == LW_C_DROP) {
		drop_mark(m, to);
	}
}

static void step_complex(struct lw_machine *m, uint32_t e, uint32_t from, uint32_t to);

static inline void
step(struct lw_machine *m, uint32_t e, const uint8_t *b, size_t n, uint32_t from, uint32_t to)
{
	unsigned cls = LW_E_CLASS(e);
	uint32_t cp;
	int bad;

	if (cls > LW_C_FLAG) {
		no_word_char(m, cls, to);
		return;
	}
	if ((e & LW_E_COMPLEX) != 0) {
		step_complex(m, e, from, to);
		return;
	}
	word_char(m, cls, from);
	if ((e & (LW_E_MARK | LW_E_PAIRS)) != 0) {
		(void)lw_utf8_decode(b, n, &cp, &bad);
		lw_machine_mark(m, cp, e, from, to);
	} else {
		if ((e & LW_E_IDENT) != 0)
			put(m, b, n, from, to);
		else
			put(m, m->t->pool + LW_E_HIGH(e), LW_E_LEN(e), from, to);
		m->ccc = 0;
		m->marks = 0;
	}
	m->seen = to;
}

/* Everything in an expansion folds to itself, so this nests once at most. */
static void
step_complex(struct lw_machine *m, uint32_t e, uint32_t from, uint32_t to)
{
	const uint8_t *b = m->t->pool + LW_E_HIGH(e);
	size_t i, k, n = LW_E_LEN(e);
	uint32_t cp;
	int bad;

	for (i = 0; i < n; i += k) {
		k = lw_utf8_decode(b + i, n - i, &cp, &bad);
		step(m, lw_text_entry(m->t, cp) & ~LW_E_COMPLEX, b + i, k, from, to);
	}
}

static inline void
put_four(uint32_t *to, uint32_t v)
{
	to[0] = v;
	to[1] = v;
	to[2] = v;
	to[3] = v;
}

/* Letters and digits that need no thought, and separators: the bulk of any text. Works on
 * copies of the state, which stores through byte pointers would otherwise make it read
 * again and again. Returns where it met something else. */
static size_t
run_fast(struct lw_machine *m, const uint8_t *s, size_t i, size_t n, uint32_t base)
{
	const struct lw_text_table *t = m->t;
	uint8_t *p = m->p;
	uint32_t *start = m->start, *end = m->end, seen = m->seen, from, e, cp;
	size_t o = m->o, k, len;
	unsigned pend = m->pend, kind = m->kind, last = m->last, cls;
	int bad;

	for (; i + 4 <= n; i += k) {
		k = lw_utf8_decode(s + i, 4, &cp, &bad);
		e = bad ? LW_C_SEP : lw_text_entry(t, cp);
		cls = LW_E_CLASS(e);
		if (cls == LW_C_SEP) {
			pend = LW_P_SEP;
			continue;
		}
		len = (e & LW_E_IDENT) != 0 ? k : LW_E_LEN(e);
		if (cls > LW_C_NOSPACE || pend == LW_P_APOS || len > 4 ||
		    (e & (LW_E_COMPLEX | LW_E_MARK | LW_E_PAIRS)) != 0)
			break;
		from = base + (uint32_t)i;
		if (pend == LW_P_SEP || (cls != kind && cls != LW_C_DIGIT && kind != LW_C_DIGIT)) {
			p[o] = ' ';
			start[o] = seen;
			end[o++] = from;
			kind = LW_C_DIGIT;
		}
		pend = LW_P_NONE;
		kind = cls != LW_C_DIGIT ? cls : kind;
		last = cls;
		memcpy(p + o, (e & LW_E_IDENT) != 0 ? s + i : t->pool + LW_E_HIGH(e), 4);
		seen = from + (uint32_t)k;
		put_four(start + o, from);
		put_four(end + o, seen);
		o += len;
	}
	if (o != m->o)
		m->ccc = m->marks = 0;
	m->o = o;
	m->seen = seen;
	m->pend = (uint8_t)pend;
	m->kind = (uint8_t)kind;
	m->last = (uint8_t)last;
	return i;
}

void
lw_machine_run(struct lw_machine *m, const uint8_t *s, size_t n, size_t base)
{
	size_t i = 0, k, from;
	uint32_t cp, e;
	int bad;

	while (!m->full) {
		if (m->start != NULL)
			i = run_fast(m, s, i, n, (uint32_t)base);
		if (i >= n)
			return;
		k = lw_utf8_decode(s + i, n - i, &cp, &bad);
		e = bad ? LW_C_SEP : lw_text_entry(m->t, cp);
		from = base + i;
		step(m, e, s + i, k, (uint32_t)from, (uint32_t)(from + k));
		i += k;
	}
}
