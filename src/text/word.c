/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a raw word apart: bytes in, units with class and form out. Owns nothing. */
#include "text/utf8.h"
#include "text/word.h"

#define SOFT_HYPHEN 0xadu

static bool
has(const uint8_t *raw, size_t n, const char *z)
{
	size_t k = strlen(z), i;

	for (i = 0; i + k <= n; i++) {
		if (memcmp(raw + i, z, k) == 0)
			return true;
	}
	return false;
}

/* URLs and mail addresses are full of symbols that mean themselves. */
static bool
is_address(const uint8_t *raw, size_t n)
{
	const uint8_t *at = n > 0 ? memchr(raw, '@', n) : NULL;
	const uint8_t *dot = n > 0 ? memchr(raw, '.', n) : NULL;

	if (has(raw, n, "://") || (n > 4 && memcmp(raw, "www.", 4) == 0))
		return true;
	if (dot == NULL)
		return false;
	if (at != NULL && at > raw && memchr(at, '.', n - (size_t)(at - raw)) != NULL)
		return true;
	return memchr(dot, '/', n - (size_t)(dot - raw)) != NULL;
}

static uint32_t
first_of(const struct lw_text_table *t, uint32_t cp, uint32_t e)
{
	int bad;

	if (LW_E_CLASS(e) <= LW_C_FLAG && (e & LW_E_IDENT) == 0)
		(void)lw_utf8_decode(t->pool + LW_E_HIGH(e), LW_E_LEN(e), &cp, &bad);
	return cp;
}

void
lw_word_split(struct lw_word *w, const uint8_t *raw, size_t n)
{
	const struct lw_text_table *t = lw_text_table;
	bool gap = false;
	struct lw_unit *u;
	size_t i, k;
	uint32_t cp, e;
	int bad;

	w->raw = raw;
	w->n = 0;
	w->hidden = false;
	w->address = is_address(raw, n);
	for (i = 0; i < n; i += k) {
		k = lw_utf8_decode(raw + i, n - i, &cp, &bad);
		e = lw_text_entry(t, cp);
		if (LW_E_CLASS(e) == LW_C_IGNORE)
			gap = gap || cp != SOFT_HYPHEN;
		if (LW_E_CLASS(e) > LW_C_APOS)
			continue;
		u = &w->u[w->n++];
		*u = (struct lw_unit){.cp = cp,
		    .first = first_of(t, cp, e),
		    .form = t->form[lw_text_index(t, cp)],
		    .cls = (uint8_t)LW_E_CLASS(e),
		    .at = (uint8_t)i,
		    .len = (uint8_t)k};
		if (gap && w->n > 1 && LW_F_SCRIPT(u->form) != LW_S_NONE &&
		    LW_F_SCRIPT(u[-1].form) != LW_S_NONE)
			w->hidden = true;
		gap = false;
	}
}

static bool
has_closing(const struct lw_word *w)
{
	size_t i;

	for (i = 0; i < w->n; i++) {
		if (w->u[i].cp == ')')
			return true;
	}
	return false;
}

/* u[a..b) stands between two word characters of which one is a letter; in s.$.c it does so
 * with a separator on either side. */
static bool
is_inside(const struct lw_word *w, size_t a, size_t b)
{
	const struct lw_unit *u = w->u;

	if (a > 1 && b + 1 < w->n && !lw_unit_is_word(&u[a - 1]) &&
	    !lw_unit_is_word(&u[b])) {
		a--;
		b++;
	}
	return lw_unit_is_word(&u[a - 1]) && lw_unit_is_word(&u[b]) &&
	       (lw_unit_is_letter(&u[a - 1]) || lw_unit_is_letter(&u[b]));
}

bool
lw_word_is_leet(const struct lw_word *w, size_t i)
{
	const struct lw_unit *u = w->u;
	uint32_t cp = u[i].cp;
	size_t a = i, b = i + 1;

	if (!lw_unit_is_symbol(&u[i]) || (cp == '(' && has_closing(w)))
		return false;
	while (a > 0 && lw_unit_is_symbol(&u[a - 1]))
		a--;
	while (b < w->n && lw_unit_is_symbol(&u[b]))
		b++;
	if (b - a > 2) /* a row of symbols is decoration */
		return false;
	if (a > 0 && b < w->n)
		return is_inside(w, a, b);
	if (a == 0 && b < w->n)
		return (cp == '$' || cp == '@' || cp == 0x20ac) &&
		       lw_unit_is_letter(&u[b]);
	return a > 0 && (cp == '$' || cp == '@') && lw_unit_is_letter(&u[a - 1]);
}
