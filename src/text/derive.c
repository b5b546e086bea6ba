/* SPDX-License-Identifier: Apache-2.0 */
/* One code point in, its fold and its form out: NFKC_Casefold, then accents off, then the
 * supplement, then composed again, until nothing changes. Owner: the table's builder. */
#include <stdlib.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utf16.h>
#include "base/err.h"
#include "text/data.h"
#include "text/derive.h"
#include "text/utf8.h"

#define ROUNDS_MAX 8
#define UNITS_MAX 128

/* A code point of the supplement (word < 0: folds to base) or a look-alike. */
struct item {
	uint32_t cp;
	int word;
	char base;
	uint16_t likeness; /* LW_F_EXACT, LW_F_NEAR */
};

struct lw_deriver {
	const UNormalizer2 *cf, *nfc, *nfd;
	struct item *supp, *look;
	size_t nsupp, nlook;
};

static int
item_cmp(const void *a, const void *b)
{
	uint32_t x = ((const struct item *)a)->cp, y = ((const struct item *)b)->cp;

	return (x > y) - (x < y);
}

static const struct item *
item_find(const struct item *v, size_t n, UChar32 c)
{
	struct item key = {.cp = (uint32_t)c};

	return bsearch(&key, v, n, sizeof(*v), item_cmp);
}

static size_t
list_len(const char32_t *z)
{
	size_t n = 0;

	while (z[n] != 0)
		n++;
	return n;
}

static bool
list_has(const char32_t *z, UChar32 c)
{
	for (; *z != 0; z++) {
		if (*z == (char32_t)c)
			return true;
	}
	return false;
}

static int
supplement_load(struct lw_deriver *d)
{
	size_t i, j, n = 0;

	for (i = 0; i < lw_text_nsupplement; i++)
		n += list_len(lw_text_supplement[i].from);
	for (i = 0; i < lw_text_nranges; i++)
		n += lw_text_ranges[i].last - lw_text_ranges[i].first + 1;
	if ((d->supp = calloc(n, sizeof(*d->supp))) == NULL)
		return LW_ENOMEM;
	for (i = 0; i < lw_text_nsupplement; i++) {
		for (j = 0; lw_text_supplement[i].from[j] != 0; j++) {
			d->supp[d->nsupp++] = (struct item){
			    .cp = lw_text_supplement[i].from[j], .word = (int)i};
		}
	}
	for (i = 0; i < lw_text_nranges; i++) {
		for (j = lw_text_ranges[i].first; j <= lw_text_ranges[i].last; j++) {
			d->supp[d->nsupp++] = (struct item){.cp = (uint32_t)j,
			    .word = -1,
			    .base = (char)(lw_text_ranges[i].base +
					   (char)(j - lw_text_ranges[i].first))};
		}
	}
	qsort(d->supp, d->nsupp, sizeof(*d->supp), item_cmp);
	return 0;
}

static void
lookalikes_add(struct lw_deriver *d, const char32_t *from, char to, uint16_t likeness)
{
	for (; *from != 0; from++)
		d->look[d->nlook++] =
		    (struct item){.cp = *from, .base = to, .likeness = likeness};
}

static int
lookalikes_load(struct lw_deriver *d)
{
	const struct lw_text_lookalike *k;
	size_t i, n = 0;

	for (i = 0; i < lw_text_nlookalikes; i++) {
		k = &lw_text_lookalikes[i];
		n += list_len(k->exact) + list_len(k->near) + list_len(k->far);
	}
	if ((d->look = calloc(n, sizeof(*d->look))) == NULL)
		return LW_ENOMEM;
	for (i = 0; i < lw_text_nlookalikes; i++) {
		k = &lw_text_lookalikes[i];
		lookalikes_add(d, k->exact, k->to, LW_F_EXACT | LW_F_NEAR);
		lookalikes_add(d, k->near, k->to, LW_F_NEAR);
		lookalikes_add(d, k->far, k->to, 0);
	}
	qsort(d->look, d->nlook, sizeof(*d->look), item_cmp);
	return 0;
}

int
lw_deriver_new(struct lw_deriver **out)
{
	struct lw_deriver *d = calloc(1, sizeof(*d));
	UErrorCode e = U_ZERO_ERROR;
	int r;

	if (d == NULL)
		return LW_ENOMEM;
	d->cf = unorm2_getNFKCCasefoldInstance(&e);
	d->nfc = unorm2_getNFCInstance(&e);
	d->nfd = unorm2_getNFDInstance(&e);
	r = U_FAILURE(e) ? LW_ELIB : 0;
	if (r == 0 && (r = supplement_load(d)) == 0)
		r = lookalikes_load(d);
	if (r != 0) {
		lw_deriver_free(d);
		return r;
	}
	*out = d;
	return 0;
}

void
lw_deriver_free(struct lw_deriver *d)
{
	if (d == NULL)
		return;
	free(d->supp);
	free(d->look);
	free(d);
}

/* Vowel signs, viramas, kana voicing and tone marks of Thai, Lao, Tibetan and Telugu are
 * spelling; accents, Arabic and Hebrew points, nuktas are not. */
int
lw_derive_ccc(UChar32 c)
{
	static const uint8_t kept[] = {0, 8, 9, 84, 91, 103, 107, 118, 122, 129, 130, 132};
	unsigned ccc = u_getCombiningClass(c);
	size_t i;

	if (u_charType(c) == U_ENCLOSING_MARK)
		return -1;
	for (i = 0; i < sizeof(kept); i++) {
		if (ccc == kept[i])
			return (int)ccc;
	}
	return -1;
}

static bool
is_nospace_script(UScriptCode s)
{
	return s == USCRIPT_HAN || s == USCRIPT_HIRAGANA || s == USCRIPT_KATAKANA ||
	       s == USCRIPT_BOPOMOFO || s == USCRIPT_THAI || s == USCRIPT_LAO ||
	       s == USCRIPT_KHMER || s == USCRIPT_MYANMAR;
}

static enum lw_text_class
letter_class(UChar32 c)
{
	UErrorCode e = U_ZERO_ERROR;
	UScriptCode s = uscript_getScript(c, &e);

	if (s == USCRIPT_COMMON || s == USCRIPT_INHERITED)
		return uscript_hasScript(c, USCRIPT_KATAKANA) ||
			       uscript_hasScript(c, USCRIPT_HIRAGANA) ||
			       uscript_hasScript(c, USCRIPT_HAN)
			   ? LW_C_NOSPACE
			   : LW_C_LETTER;
	return is_nospace_script(s) ? LW_C_NOSPACE : LW_C_LETTER;
}

/* Class of a code point as it stands, whatever it folds to. */
static enum lw_text_class
raw_class(UChar32 c)
{
	uint32_t m = U_GET_GC_MASK(c);

	if (list_has(lw_text_apostrophes, c))
		return LW_C_APOS;
	if (list_has(lw_text_ignored, c) || (m & U_GC_CF_MASK) != 0 ||
	    u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT))
		return LW_C_IGNORE;
	if ((m & U_GC_M_MASK) != 0 && lw_derive_ccc(c) < 0)
		return LW_C_DROP;
	if ((m & (U_GC_ND_MASK | U_GC_NO_MASK)) != 0)
		return LW_C_DIGIT;
	if ((m & (U_GC_L_MASK | U_GC_M_MASK | U_GC_NL_MASK)) != 0)
		return letter_class(c);
	return LW_C_SEP;
}

static int
seq_normalize(const UNormalizer2 *n2, UChar32 *seq, int n)
{
	UChar in[UNITS_MAX], res[UNITS_MAX];
	UErrorCode e = U_ZERO_ERROR;
	int32_t i, len = 0, m;

	for (i = 0; i < n; i++)
		U16_APPEND_UNSAFE(in, len, seq[i]);
	m = unorm2_normalize(n2, in, len, res, UNITS_MAX, &e);
	if (U_FAILURE(e) || m >= UNITS_MAX)
		return LW_ELIB;
	for (i = 0, n = 0; i < m;) {
		if (n == LW_DERIVED_MAX)
			return LW_ELIB;
		U16_NEXT_UNSAFE(res, i, seq[n]);
		n++;
	}
	return n;
}

static int
seq_read(UChar32 *seq, const char *utf8, size_t len)
{
	const uint8_t *p = (const uint8_t *)utf8;
	uint32_t cp;
	size_t i = 0;
	int n = 0, bad;

	while (i < len) {
		i += lw_utf8_decode(p + i, len - i, &cp, &bad);
		seq[n++] = (UChar32)cp;
	}
	return n;
}

/* Marks off, digits to ASCII, supplement in. */
static int
seq_replace(const struct lw_deriver *d, UChar32 *seq, int n)
{
	UChar32 res[LW_DERIVED_MAX];
	const struct item *it;
	const char *to;
	int i, m = 0, len;

	for (i = 0; i < n; i++) {
		enum lw_text_class cls = raw_class(seq[i]);

		if (cls == LW_C_DROP || cls == LW_C_IGNORE)
			continue;
		it = item_find(d->supp, d->nsupp, seq[i]);
		to = it != NULL && it->word >= 0 ? lw_text_supplement[it->word].to : NULL;
		len = to != NULL ? (int)strlen(to) : 1;
		if (m + len > LW_DERIVED_MAX)
			return LW_ELIB;
		if (to != NULL) {
			m += seq_read(res + m, to, (size_t)len);
		} else if (it != NULL) {
			res[m++] = it->base;
		} else if (u_charType(seq[i]) == U_DECIMAL_DIGIT_NUMBER) {
			res[m++] = '0' + u_charDigitValue(seq[i]);
		} else {
			res[m++] = seq[i];
		}
	}
	memcpy(seq, res, (size_t)m * sizeof(*seq));
	return m;
}

static int
seq_close(const struct lw_deriver *d, UChar32 *seq, int n)
{
	UChar32 before[LW_DERIVED_MAX];
	int round, m;

	for (round = 0; round < ROUNDS_MAX; round++) {
		memcpy(before, seq, (size_t)n * sizeof(*seq));
		m = n;
		if ((n = seq_replace(d, seq, n)) < 0 ||
		    (n = seq_normalize(d->cf, seq, n)) < 0 ||
		    (n = seq_normalize(d->nfd, seq, n)) < 0 ||
		    (n = seq_replace(d, seq, n)) < 0 ||
		    (n = seq_normalize(d->nfc, seq, n)) < 0)
			return n;
		if (n == m && memcmp(before, seq, (size_t)n * sizeof(*seq)) == 0)
			return n;
	}
	return LW_ELIB;
}

static bool
is_identity(const struct lw_deriver *d, UChar32 c, enum lw_text_class cls)
{
	UChar buf[UNITS_MAX];
	UErrorCode e = U_ZERO_ERROR;

	if (c >= 0xac00 && c <= 0xd7a3) /* Hangul syllables: they decompose, and come back */
		return true;
	if (item_find(d->supp, d->nsupp, c) != NULL)
		return false;
	if (cls == LW_C_DIGIT && c > '9' && u_charType(c) == U_DECIMAL_DIGIT_NUMBER)
		return false;
	if (unorm2_getDecomposition(d->cf, c, buf, UNITS_MAX, &e) >= 0)
		return false;
	return unorm2_getDecomposition(d->nfd, c, buf, UNITS_MAX, &e) < 0;
}

/* May what begins with c join the text before it? */
static bool
is_joining(const struct lw_deriver *d, UChar32 c)
{
	return lw_derive_ccc(c) != 0 || unorm2_hasBoundaryBefore(d->nfc, c) == 0;
}

/* Class of a whole expansion; complex when one entry cannot tell it. */
static void
seq_classify(const struct lw_deriver *d, UChar32 c, struct lw_derived *out)
{
	enum lw_text_class k;
	bool words = false, others = false, joins = false;
	int i;

	out->cls = LW_C_DIGIT;
	for (i = 0; i < out->n; i++) {
		k = raw_class(out->seq[i]);
		if (k > LW_C_FLAG) {
			others = true;
			continue;
		}
		words = true;
		/* what joins, and a change of kind within */
		joins = joins || is_joining(d, out->seq[i]) ||
			(k != LW_C_DIGIT && out->cls != LW_C_DIGIT && k != out->cls);
		if (k != LW_C_DIGIT)
			out->cls = k;
	}
	if (!words)
		out->cls = out->n == 1 ? raw_class(out->seq[0]) : LW_C_SEP;
	else if (c >= 0x1f1e6 && c <= 0x1f1ff)
		out->cls = LW_C_FLAG;
	out->complex = words && (others || joins);
}

int
lw_derive(const struct lw_deriver *d, UChar32 c, struct lw_derived *out)
{
	enum lw_text_class cls = raw_class(c);

	*out = (struct lw_derived){.n = 1, .seq = {c}, .cls = cls};
	if (cls == LW_C_APOS || cls == LW_C_IGNORE || cls == LW_C_DROP) {
		out->n = 0;
		/* U+0345 is a mark that folds to a letter */
		if (cls != LW_C_DROP || c != 0x345)
			return 0;
		out->n = 1;
		out->seq[0] = 0x3b9;
	}
	if (is_identity(d, c, cls))
		return 0;
	if ((out->n = seq_close(d, out->seq, out->n)) < 0)
		return out->n;
	if (out->n == 0) {
		out->cls = cls <= LW_C_FLAG ? LW_C_DROP : LW_C_IGNORE;
		return 0;
	}
	seq_classify(d, c, out);
	return 0;
}

bool
lw_derive_pair(const struct lw_deriver *d, UChar32 c, struct lw_text_pair *out)
{
	UChar buf[UNITS_MAX];
	UErrorCode e = U_ZERO_ERROR;
	int32_t n, i = 0;
	UChar32 a, b;

	if (c >= 0xac00 && c <= 0xd7a3)
		return false;
	n = unorm2_getRawDecomposition(d->nfc, c, buf, UNITS_MAX, &e);
	if (n <= 0 || U_FAILURE(e))
		return false;
	U16_NEXT(buf, i, n, a);
	if (i == n)
		return false;
	U16_NEXT(buf, i, n, b);
	if (i != n || lw_derive_ccc(b) < 0 || unorm2_composePair(d->nfc, a, b) != c)
		return false;
	*out = (struct lw_text_pair){(uint32_t)a, (uint32_t)b, (uint32_t)c};
	return true;
}

static enum lw_text_script
script_group(UChar32 c)
{
	UErrorCode e = U_ZERO_ERROR;

	switch (uscript_getScript(c, &e)) {
	case USCRIPT_LATIN:
		return LW_S_LATIN;
	case USCRIPT_CYRILLIC:
		return LW_S_CYRILLIC;
	case USCRIPT_GREEK:
		return LW_S_GREEK;
	case USCRIPT_ARMENIAN:
		return LW_S_ARMENIAN;
	case USCRIPT_CHEROKEE:
	case USCRIPT_COPTIC:
	case USCRIPT_LISU:
		return LW_S_EXOTIC;
	default:
		return LW_S_NONE;
	}
}

uint16_t
lw_derive_form(const struct lw_deriver *d, UChar32 c, const struct lw_derived *fold)
{
	bool word = fold->cls <= LW_C_FLAG, one = word && fold->n == 1;
	const struct item *it = item_find(d->look, d->nlook, one ? fold->seq[0] : c);
	unsigned f = 0;

	if (it != NULL && (one || !word))
		f |= (unsigned)(unsigned char)it->base | it->likeness;
	/* small capitals, IPA and everything from the compatibility planes; one letter only */
	if (one && fold->seq[0] >= 'a' && fold->seq[0] <= 'z' &&
	    ((c >= 0x1d00 && c < 0x1e00) || c >= 0x2000 || (c >= 0x250 && c < 0x2b0)))
		f |= LW_F_STYLED;
	if (fold->cls == LW_C_LETTER)
		f |= (unsigned)script_group(fold->seq[0]) << 9;
	return (uint16_t)f;
}
