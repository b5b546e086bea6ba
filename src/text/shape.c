/* SPDX-License-Identifier: Apache-2.0 */
/* Which words are worth a second look: raw word in, bit set out. Narrow on purpose: a word
 * that is called suspicious costs look-ups and may collide with another, so what people
 * write every day (2nd, 10am, mp3, don't, well-known, sooo, addresses, smileys) is not. */
#include "text/utf8.h"
#include "text/word.h"

/* Letters that follow a digit in ordinary writing; shorter ones pass anyway. */
static const char *const units[] = {"min", "mins", "hrs", "hour", "hours", "sec", "secs",
    "day", "days", "week", "weeks", "wks", "mth", "mths", "month", "months", "yrs",
    "year", "years", "old", "yrold", "fps", "mph", "kmh", "mbps", "gbit", "usd", "eur",
    "gbp", "ish", "pcs", "way", "star", "stars", "player", "players", "times", "pack",
    "jahre", "tage", "ans", "jours", "heures", "euro", "euros", "anos", "horas", "dias"};

static bool
is_leet_digit(uint32_t c)
{
	return c >= '0' && c <= '9' && c != '2' && c != '6';
}

static bool
is_unit(const struct lw_unit *u, size_t n)
{
	size_t i, k;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		for (k = 0; k < n && units[i][k] != '\0'; k++) {
			if (u[k].first != (uint8_t)units[i][k])
				break;
		}
		if (k == n && units[i][k] == '\0')
			return true;
	}
	return false;
}

/* What is counted about the digits of a run of letters and digits. */
struct digits {
	size_t letters, digits, lead, trail;
	bool leet; /* those with a letter on their right and left are all leet digits */
	bool hex;  /* nothing but hexadecimal digits */
	bool number; /* three or more in a row that are not all the same, or beside letters
		      * that no digit looks like (Hangul, Arabic) */
};

static void
digits_count(const struct lw_unit *u, size_t n, struct digits *d)
{
	size_t i, run = 0;
	bool same = true;

	*d = (struct digits){.leet = true, .hex = true};
	for (i = 0; i < n; i++) {
		if (u[i].cls != LW_C_DIGIT) {
			d->letters++;
			d->number = d->number || LW_F_SCRIPT(u[i].form) == LW_S_NONE;
			d->hex = d->hex && u[i].first >= 'a' && u[i].first <= 'f';
			run = 0;
			continue;
		}
		d->digits++;
		same = run == 0 || (same && u[i].first == u[i - 1].first);
		if (++run >= 3 && !same)
			d->number = true;
	}
	while (d->lead < n && u[d->lead].cls == LW_C_DIGIT)
		d->lead++;
	while (d->trail < n - d->lead && u[n - 1 - d->trail].cls == LW_C_DIGIT)
		d->trail++;
	for (i = d->lead; i < n - d->trail; i++) {
		if (u[i].cls == LW_C_DIGIT && !is_leet_digit(u[i].first))
			d->leet = false;
	}
}

/* A run of letters and digits in which digits look like letters. */
static bool
is_mixed_with_digits(const struct lw_unit *u, size_t n)
{
	struct digits d;

	digits_count(u, n, &d);
	if (d.digits == 0 || d.letters < 2 || d.digits > d.letters || d.number)
		return false;
	if (d.digits > d.lead + d.trail)
		return d.leet && !(d.hex && n >= 6 && d.digits >= 2);
	if (d.lead == 1 && d.trail == 0)
		return d.letters >= 3 && is_leet_digit(u[0].first) &&
		       !is_unit(u + 1, n - 1);
	if (d.lead != 0 || !is_leet_digit(u[n - 1].first))
		return false;
	if (d.trail == 1)
		return d.letters >= 4;
	return d.trail == 2 && u[n - 1].first == u[n - 2].first;
}

/* cooool, but not sooo, hmmm or www: a drawn-out sound has two letters at most. */
static bool
is_drawn_out(const struct lw_unit *u, size_t n)
{
	size_t i, k, distinct = 0, run = 1, longest = 0;

	for (i = 0; i < n; i++) {
		for (k = 0; k < i && u[k].first != u[i].first; k++)
			;
		distinct += k == i;
		run = i > 0 && u[i].first == u[i - 1].first ? run + 1 : 1;
		if (u[i].cls == LW_C_LETTER && run > longest)
			longest = run;
	}
	return longest >= 3 && distinct >= 3;
}

static bool
is_of_two_scripts(const struct lw_unit *u, size_t n)
{
	unsigned seen = 0, s;
	size_t i;

	for (i = 0; i < n; i++) {
		s = LW_F_SCRIPT(u[i].form);
		if (s != LW_S_NONE && u[i].cp != 0xb5) /* micro sign */
			seen |= 1u << s;
	}
	return (seen & (seen - 1)) != 0;
}

/* vv for w, a capital I for l, letters out of other planes. */
static bool
is_dressed_up(const struct lw_unit *u, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if ((u[i].form & LW_F_STYLED) != 0 && u[i].cls != LW_C_FLAG)
			return true;
		if (i == 0)
			continue;
		if (u[i].first == 'v' && u[i - 1].first == 'v')
			return true;
		if (u[i].cp == 'I' && u[i - 1].cp >= 'a' && u[i - 1].cp <= 'z' &&
		    (i + 1 == n || u[i + 1].cp == 'I' || u[i + 1].cp >= 'a'))
			return true;
	}
	return false;
}

/* Runs of letters and digits between separators and letters of scripts without spaces. */
static bool
has_odd_run(const struct lw_word *w)
{
	const struct lw_unit *u = w->u;
	size_t a, b, singles = 0;

	for (a = 0; a < w->n; a = b) {
		b = a;
		while (b < w->n && lw_unit_is_word(&u[b]) && u[b].cls != LW_C_NOSPACE)
			b++;
		if (b == a) {
			if (u[b].cls == LW_C_NOSPACE)
				singles = 0;
			b++;
			continue;
		}
		if (b - a != 1)
			singles = 0;
		else if (lw_unit_is_letter(&u[a]))
			singles++;
		if (singles >= 3 || is_mixed_with_digits(u + a, b - a) ||
		    is_drawn_out(u + a, b - a) || is_of_two_scripts(u + a, b - a) ||
		    is_dressed_up(u + a, b - a))
			return true;
	}
	return false;
}

static bool
has_odd_symbol(const struct lw_word *w)
{
	size_t i, letters = 0;

	for (i = 0; i < w->n; i++)
		letters += lw_unit_is_letter(&w->u[i]);
	for (i = 0; i < w->n && letters >= 2; i++) {
		if (lw_word_is_leet(w, i))
			return true;
	}
	return false;
}

/* @name: names have digits and runs of letters for no bad reason. */
static bool
is_mention(const struct lw_word *w)
{
	return w->n > 1 && w->u[0].cp == '@' && lw_unit_is_word(&w->u[1]);
}

/* Every letter looks Latin and none is. */
static bool
is_lookalike(const struct lw_word *w)
{
	size_t i, letters = 0;
	unsigned s, f;

	for (i = 0; i < w->n; i++) {
		f = w->u[i].form;
		s = LW_F_SCRIPT(f);
		if (!lw_unit_is_word(&w->u[i]) || w->u[i].cls == LW_C_DIGIT)
			continue;
		if (s == LW_S_NONE || s == LW_S_LATIN || LW_F_ASCII(f) == 0 ||
		    (s != LW_S_EXOTIC && (f & LW_F_EXACT) == 0))
			return false;
		letters++;
	}
	return letters >= 3;
}

static unsigned
word_shape(const uint8_t *raw, size_t n)
{
	struct lw_word w;
	unsigned bits = 0;

	lw_word_split(&w, raw, n);
	if (w.address)
		return 0;
	if (w.hidden || (!is_mention(&w) && (has_odd_run(&w) || has_odd_symbol(&w))))
		bits |= LW_SHAPE_SUSPICIOUS;
	if (is_lookalike(&w))
		bits |= LW_SHAPE_LOOKALIKE;
	return bits;
}

unsigned
lw_text_shape(const void *text, size_t n)
{
	const uint8_t *raw = text;
	bool plain = n > 0;
	unsigned bits = 0;
	size_t i;
	uint32_t cp;
	int bad;

	for (i = 0; i < n && plain; i++)
		plain = (raw[i] | 0x20) >= 'a' && (raw[i] | 0x20) <= 'z';
	for (i = 0; i < n && !plain;) {
		i += lw_utf8_decode(raw + i, n - i, &cp, &bad);
		if (cp >= 0x80 && lw_text_is_nospace(cp))
			bits |= LW_SHAPE_NOSPACE;
	}
	if (n <= LW_WORD_MAX)
		bits |= word_shape(raw, n);
	return plain && bits == 0 ? LW_SHAPE_PLAIN_ASCII : bits;
}
