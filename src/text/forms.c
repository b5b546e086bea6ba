/* SPDX-License-Identifier: Apache-2.0 */
/* Second looks at a word: its confusable form and its skeleton. Raw word in, bytes in the
 * caller's buffer out. Owns nothing. */
#include "text/data.h"
#include "text/utf8.h"
#include "text/word.h"

/* Letters of a folded word, by script. */
struct census {
	size_t n[LW_S_EXOTIC + 1];
	bool own[LW_S_EXOTIC + 1];     /* has a letter without a near twin in Latin */
	bool inexact[LW_S_EXOTIC + 1]; /* ... without an exact one */
	enum lw_text_script other;     /* the most frequent script that is not Latin */
};

static unsigned
form_of(uint32_t cp)
{
	return lw_text_table->form[lw_text_index(lw_text_table, cp)];
}

static void
census_take(struct census *c, const uint8_t *p, size_t n)
{
	unsigned f, s;
	uint32_t cp;
	size_t i;
	int bad;

	*c = (struct census){.other = LW_S_NONE};
	for (i = 0; i < n;) {
		i += lw_utf8_decode(p + i, n - i, &cp, &bad);
		f = form_of(cp);
		s = LW_F_SCRIPT(f);
		if (s == LW_S_NONE)
			continue;
		c->n[s]++;
		c->own[s] |= s != LW_S_EXOTIC && (f & LW_F_NEAR) == 0;
		c->inexact[s] |= s != LW_S_EXOTIC && (f & LW_F_EXACT) == 0;
		if (s != LW_S_LATIN && (c->other == LW_S_NONE || c->n[s] > c->n[c->other]))
			c->other = (enum lw_text_script)s;
	}
}

static const struct lw_text_reverse *
reverse_of(enum lw_text_script s)
{
	size_t i;

	for (i = 0; i < lw_text_nreverse; i++) {
		if (lw_text_reverse[i].script == s)
			return &lw_text_reverse[i];
	}
	return NULL;
}

/* The letter of rev's script that looks like this ASCII letter or digit; 0 none. */
static uint32_t
reversed(const struct lw_text_reverse *rev, uint32_t cp)
{
	uint32_t to = '.';

	if (cp >= 'a' && cp <= 'z')
		to = rev->letters[cp - 'a'];
	else if (cp >= '0' && cp <= '9')
		to = rev->digits[cp - '0'];
	return to != '.' ? to : 0;
}

/* Has the folded word a Latin letter without a near twin in rev's script? */
static bool
has_own_latin(const struct lw_text_reverse *rev, const uint8_t *p, size_t n)
{
	uint32_t cp, to;
	size_t i;
	int bad;

	for (i = 0; i < n;) {
		i += lw_utf8_decode(p + i, n - i, &cp, &bad);
		if (LW_F_SCRIPT(form_of(cp)) != LW_S_LATIN)
			continue;
		to = reversed(rev, cp);
		if (to == 0 || (form_of(to) & LW_F_NEAR) == 0)
			return true;
	}
	return false;
}

/* The script that a word of letters from two is meant in: that of the letters which have
 * no twin in the other, else that of more letters, else Latin. NULL means Latin. */
static const struct lw_text_reverse *
meant_script(const uint8_t *p, size_t n)
{
	const struct lw_text_reverse *rev;
	struct census c;
	bool latin;

	census_take(&c, p, n);
	rev = reverse_of(c.other);
	if (rev == NULL)
		return NULL;
	if (c.n[LW_S_LATIN] == 0)
		return c.inexact[c.other] ? rev : NULL;
	latin = has_own_latin(rev, p, n);
	if (latin != c.own[c.other])
		return latin ? NULL : rev;
	return c.n[c.other] > c.n[LW_S_LATIN] ? rev : NULL;
}

size_t
lw_text_confusable(const void *raw, size_t n, uint8_t *out, size_t cap)
{
	const struct lw_text_reverse *rev;
	uint8_t fold[LW_FORM_MAX], b[4];
	size_t i, k, len, o = 0;
	uint32_t cp, to;
	bool has_space;
	int bad;

	len = lw_fold_word(raw, n, fold, sizeof(fold), &has_space);
	if (len == 0 || has_space)
		return 0;
	rev = meant_script(fold, len);
	for (i = 0; i < len; i += k) {
		k = lw_utf8_decode(fold + i, len - i, &cp, &bad);
		to = rev != NULL ? reversed(rev, cp) : LW_F_ASCII(form_of(cp));
		n = lw_utf8_put(b, to != 0 ? to : cp);
		if (n > cap - o)
			return 0;
		memcpy(out + o, b, n);
		o += n;
	}
	return o == len && memcmp(out, fold, len) == 0 ? 0 : o;
}

/* One letter for each class of letters that stand for each other. */
static uint32_t
leet_class(uint32_t cp)
{
	static const char from[] = "l10435789";
	static const char to[] = "iioaestbg";
	const char *hit = cp > 0 && cp < 0x80 ? strchr(from, (int)cp) : NULL;

	return hit != NULL ? (uint32_t)(uint8_t)to[hit - from] : cp;
}

/* The word without what separates its letters, symbols that stand for letters replaced. */
static size_t
word_bare(const struct lw_word *w, uint8_t *out, bool *letters)
{
	const struct lw_unit *u = w->u;
	size_t i, o = 0;

	*letters = false;
	for (i = 0; i < w->n; i++) {
		if (lw_unit_is_word(&u[i])) {
			memcpy(out + o, w->raw + u[i].at, u[i].len);
			o += u[i].len;
			*letters = *letters || u[i].cls != LW_C_DIGIT;
		} else if (lw_word_is_leet(w, i)) {
			out[o++] = (uint8_t)LW_F_ASCII(u[i].form);
		}
	}
	return o;
}

/* Classes of a folded word's letters, spaces dropped, vv as w. */
static size_t
classes_take(const uint8_t *p, size_t n, uint32_t *cls)
{
	uint32_t cp;
	size_t i, o = 0;
	int bad;

	for (i = 0; i < n;) {
		i += lw_utf8_decode(p + i, n - i, &cp, &bad);
		if (cp == ' ')
			continue;
		if (LW_F_ASCII(form_of(cp)) != 0)
			cp = LW_F_ASCII(form_of(cp));
		cls[o++] = leet_class(cp);
	}
	return o;
}

size_t
lw_text_skeleton(const void *raw, size_t n, uint8_t *out, size_t cap)
{
	uint8_t bare[LW_WORD_MAX], fold[LW_FORM_MAX], b[4];
	uint32_t cls[LW_FORM_MAX], c, last = 0;
	struct lw_word w;
	size_t i, k, len, o = 0, kept = 0;
	bool letters, has_space;

	if (n > LW_WORD_MAX)
		return 0;
	lw_word_split(&w, raw, n);
	len = word_bare(&w, bare, &letters);
	if (!letters)
		return 0;
	len = lw_fold_word(bare, len, fold, sizeof(fold), &has_space);
	len = classes_take(fold, len, cls);
	for (i = 0; i < len; i += k) {
		c = cls[i];
		for (k = 1; i + k < len && cls[i + k] == c; k++)
			;
		if (c == 'v' && k == 2)
			c = 'w';
		if (c == last)
			continue;
		last = c;
		n = lw_utf8_put(b, c);
		if (n > cap - o)
			return 0;
		memcpy(out + o, b, n);
		o += n;
		kept++;
	}
	return kept > 1 ? o : 0;
}
