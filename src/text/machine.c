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
step(struct lw_machine *m, uint32_t e, const uint8_t *b, size_t n, uint32_t from,
    uint32_t to)
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

/* State of the fast loops, in locals. */
struct quick {
	uint8_t *p;
	uint32_t *start, *end, seen;
	size_t o;
	unsigned pend, kind, last;
};

/* A stretch of ASCII without an apostrophe: spaces are written as they come, without a
 * branch on what a byte is, and the one at the end is taken back. */
static inline size_t
quick_ascii(struct quick *q, const uint8_t *tab, const uint8_t *s, size_t i, size_t n,
    uint32_t base)
{
	uint8_t *p = q->p, c;
	uint32_t *start = q->start, *end = q->end, gap = q->seen;
	size_t o = q->o, sep = q->pend == LW_P_SEP, again;
	unsigned letter = sep ? 0 : q->kind;

	if (tab[s[i]] == '\'')
		return i;
	if (sep) {
		p[o] = ' ';
		start[o] = gap;
		end[o++] = base + (uint32_t)i;
	}
	for (; i < n && s[i] < 0x80; i++) {
		c = tab[s[i]];
		if (c == '\'')
			break;
		again = sep & (c == ' ');
		sep = c == ' ';
		gap = again ? gap : base + (uint32_t)i;
		letter = (letter | (c > '9')) & (unsigned)(sep - 1);
		o -= again;
		p[o] = c;
		start[o] = gap;
		end[o++] = base + (uint32_t)i + 1;
	}
	q->pend = sep ? LW_P_SEP : LW_P_NONE;
	q->seen = sep ? start[o - 1] : base + (uint32_t)i;
	q->o = o - sep;
	q->kind = letter;
	q->last = !sep && p[o - 1] > '9' ? LW_C_LETTER : LW_C_DIGIT;
	return i;
}

/* Before a word character that needs no thought. */
static inline void
quick_gap(struct quick *q, unsigned cls, uint32_t at)
{
	if (q->pend == LW_P_SEP ||
	    (cls != q->kind && cls != LW_C_DIGIT && q->kind != LW_C_DIGIT)) {
		q->p[q->o] = ' ';
		q->start[q->o] = q->seen;
		q->end[q->o++] = at;
		q->kind = LW_C_DIGIT;
	}
	q->pend = LW_P_NONE;
	q->kind = cls != LW_C_DIGIT ? cls : q->kind;
	q->last = cls;
}

/* One code point that is a separator, or a letter or digit that needs no thought; b has four
 * readable bytes. Returns its length, 0 when it does need some. */
static inline size_t
quick_one(struct quick *q, const struct lw_text_table *t, const uint8_t *b, uint32_t from)
{
	uint32_t e, cp;
	size_t k, len;
	unsigned cls;
	int bad;

	k = lw_utf8_decode(b, 4, &cp, &bad);
	e = bad ? LW_C_SEP : lw_text_entry(t, cp);
	cls = LW_E_CLASS(e);
	if (cls == LW_C_SEP) {
		q->pend = LW_P_SEP;
		return k;
	}
	len = (e & LW_E_IDENT) != 0 ? k : LW_E_LEN(e);
	if (cls > LW_C_NOSPACE || len > 4 ||
	    (e & (LW_E_COMPLEX | LW_E_MARK | LW_E_PAIRS)) != 0)
		return 0;
	quick_gap(q, cls, from);
	memcpy(q->p + q->o, (e & LW_E_IDENT) != 0 ? b : t->pool + LW_E_HIGH(e), 4);
	q->seen = from + (uint32_t)k;
	put_four(q->start + q->o, from);
	put_four(q->end + q->o, q->seen);
	q->o += len;
	return k;
}

/* The bulk of any text, with the state in locals: stores through byte pointers would
 * otherwise make it read from memory again and again. Returns where it met what it leaves
 * to step(). */
static size_t
run_fast(struct lw_machine *m, const uint8_t *s, size_t i, size_t n, uint32_t base)
{
	struct quick q = {.p = m->p,
	    .start = m->start,
	    .end = m->end,
	    .seen = m->seen,
	    .o = m->o,
	    .pend = m->pend,
	    .kind = m->kind,
	    .last = m->last};
	size_t k = 1;

	while (k != 0 && i + 4 <= n && q.pend != LW_P_APOS) {
		if (s[i] < 0x80 && (q.pend == LW_P_SEP || q.kind <= LW_C_LETTER))
			k = quick_ascii(&q, m->t->ascii, s, i, n, base) - i;
		else
			k = quick_one(&q, m->t, s + i, base + (uint32_t)i);
		i += k;
	}
	if (q.o != m->o)
		m->ccc = m->marks = 0;
	m->o = q.o;
	m->seen = q.seen;
	m->pend = (uint8_t)q.pend;
	m->kind = (uint8_t)q.kind;
	m->last = (uint8_t)q.last;
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
