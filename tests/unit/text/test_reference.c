/* SPDX-License-Identifier: Apache-2.0 */
/* The fold against ICU: random words of many scripts, and every code point on its own. */
#include "util.h"
#include <stdio.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>
#include "text/data.h"
#include "text/fold.h"

#define LETTERS_MAX 8192
#define WORDS 1500 /* of each script */

static const UScriptCode scripts[] = {USCRIPT_LATIN, USCRIPT_CYRILLIC, USCRIPT_GREEK,
    USCRIPT_ARMENIAN, USCRIPT_GEORGIAN, USCRIPT_HEBREW, USCRIPT_ARABIC, USCRIPT_SYRIAC,
    USCRIPT_THAANA, USCRIPT_DEVANAGARI, USCRIPT_BENGALI, USCRIPT_GURMUKHI,
    USCRIPT_GUJARATI, USCRIPT_ORIYA, USCRIPT_TAMIL, USCRIPT_TELUGU, USCRIPT_KANNADA,
    USCRIPT_MALAYALAM, USCRIPT_SINHALA, USCRIPT_THAI, USCRIPT_LAO, USCRIPT_TIBETAN,
    USCRIPT_MYANMAR, USCRIPT_KHMER, USCRIPT_HANGUL, USCRIPT_HIRAGANA, USCRIPT_KATAKANA,
    USCRIPT_HAN, USCRIPT_BOPOMOFO, USCRIPT_ETHIOPIC, USCRIPT_CHEROKEE, USCRIPT_MONGOLIAN,
    USCRIPT_BALINESE, USCRIPT_CHAKMA, USCRIPT_TIRHUTA, USCRIPT_GRANTHA};

struct letters {
	UChar32 c[LETTERS_MAX];
	size_t n;
};

/* Has the room its own mind about this one? Then ICU is no reference for it. */
static bool
is_own_mind(UChar32 c)
{
	const char32_t *z;
	size_t i;

	for (i = 0; i < lw_text_nsupplement; i++) {
		for (z = lw_text_supplement[i].from; *z != 0; z++) {
			if (*z == (char32_t)c)
				return true;
		}
	}
	for (i = 0; i < lw_text_nranges; i++) {
		if ((uint32_t)c >= lw_text_ranges[i].first &&
		    (uint32_t)c <= lw_text_ranges[i].last)
			return true;
	}
	for (z = lw_text_apostrophes; *z != 0; z++) {
		if (*z == (char32_t)c)
			return true;
	}
	for (z = lw_text_ignored; *z != 0; z++) {
		if (*z == (char32_t)c)
			return true;
	}
	return false;
}

/* Does what it decomposes to hold such a one (a stroked letter under an accent)? */
static bool
is_own_mind_inside(UChar32 c)
{
	const UNormalizer2 *v[2];
	UErrorCode e = U_ZERO_ERROR;
	UChar buf[64];
	UChar32 part;
	int32_t n, i;
	int k;

	v[0] = unorm2_getNFKCCasefoldInstance(&e);
	v[1] = unorm2_getNFKDInstance(&e);
	for (k = 0; k < 2; k++) {
		e = U_ZERO_ERROR;
		n = unorm2_getDecomposition(v[k], c, buf, 64, &e);
		for (i = 0; i < n;) {
			U16_NEXT(buf, i, n, part);
			if (is_own_mind(part) || (part != c && is_own_mind_inside(part)))
				return true;
		}
	}
	return is_own_mind(c);
}

/* Some letters are spelt with a space (Arabic ligatures of whole phrases): not a word. */
static bool
is_phrase(UChar32 c)
{
	char in[8], want[256];
	int32_t n = 0;

	U8_APPEND_UNSAFE((uint8_t *)in, n, c);
	return memchr(want, ' ', test_reference(in, (size_t)n, want, sizeof(want))) !=
	       NULL;
}

static void
letters_of(UScriptCode script, struct letters *l)
{
	UErrorCode e = U_ZERO_ERROR;
	UChar32 c;
	uint32_t m;

	l->n = 0;
	for (c = 'A'; c < 0x30000 && l->n < LETTERS_MAX; c++) {
		m = U_GET_GC_MASK(c);
		if ((m & (U_GC_L_MASK | U_GC_M_MASK | U_GC_ND_MASK)) != 0 &&
		    uscript_getScript(c, &e) == script && !is_own_mind_inside(c) &&
		    !is_phrase(c))
			l->c[l->n++] = c;
	}
	/* voicing marks are of no script, accents neither */
	if (script == USCRIPT_HIRAGANA || script == USCRIPT_KATAKANA) {
		l->c[l->n++] = 0x3099;
		l->c[l->n++] = 0x309a;
	} else if (l->n + 2 < LETTERS_MAX) {
		l->c[l->n++] = 0x301;
		l->c[l->n++] = 0x323;
	}
}

static size_t
word_make(const struct letters *l, uint64_t *state, char *out)
{
	size_t i, n = 1 + test_random(state) % 12;
	size_t near =
	    test_random(state) % l->n; /* neighbours meet more often than strangers */
	int32_t o = 0;
	UChar32 c;

	for (i = 0; i < n; i++) {
		c = test_random(state) % 2 != 0
			? l->c[test_random(state) % l->n]
			: l->c[(near + test_random(state) % 24) % l->n];
		U8_APPEND_UNSAFE((uint8_t *)out, o, c);
	}
	return (size_t)o;
}

static void
fails(UScriptCode script, const char *in, size_t n, const char *want, size_t nwant,
    const uint8_t *got, size_t ngot)
{
	size_t i;

	print_error("%s:", uscript_getName(script));
	for (i = 0; i < n; i++)
		print_error(" %02x", (unsigned char)in[i]);
	print_error(" want");
	for (i = 0; i < nwant; i++)
		print_error(" %02x", (unsigned char)want[i]);
	print_error(" got");
	for (i = 0; i < ngot; i++)
		print_error(" %02x", got[i]);
	fail_msg("%s", "fold differs from ICU");
}

static void
test_words_equal_icu(void **st)
{
	static struct letters l;
	uint64_t state = test_seed();
	char in[256], want[1024];
	uint8_t got[1024];
	size_t s, i, n, nwant, ngot;
	bool space;

	(void)st;
	for (s = 0; s < sizeof(scripts) / sizeof(scripts[0]); s++) {
		letters_of(scripts[s], &l);
		assert_true(l.n > 20);
		for (i = 0; i < WORDS; i++) {
			n = word_make(&l, &state, in);
			nwant = test_reference(in, n, want, sizeof(want));
			ngot = lw_fold_word(in, n, got, sizeof(got), &space);
			if (ngot != nwant || memcmp(got, want, ngot) != 0 || space)
				fails(scripts[s], in, n, want, nwant, got, ngot);
		}
	}
}

/* Decomposed and composed text is the same text. */
static void
test_forms_of_normalization_are_one(void **st)
{
	static struct letters l;
	uint64_t state = test_seed();
	const UNormalizer2 *nfd;
	UErrorCode e = U_ZERO_ERROR;
	UChar a[1024], b[1024];
	char in[256], other[1024];
	uint8_t x[1024], y[1024];
	int32_t len, nother;
	size_t s, i, n, nx, ny;
	bool space;

	(void)st;
	nfd = unorm2_getNFDInstance(&e);
	for (s = 0; s < sizeof(scripts) / sizeof(scripts[0]); s++) {
		letters_of(scripts[s], &l);
		for (i = 0; i < WORDS / 4; i++) {
			n = word_make(&l, &state, in);
			u_strFromUTF8(a, 1024, &len, in, (int32_t)n, &e);
			len = unorm2_normalize(nfd, a, len, b, 1024, &e);
			u_strToUTF8(other, sizeof(other), &nother, b, len, &e);
			assert_true(U_SUCCESS(e));
			nx = lw_fold_word(in, n, x, sizeof(x), &space);
			ny = lw_fold_word(other, (size_t)nother, y, sizeof(y), &space);
			if (nx != ny || memcmp(x, y, nx) != 0)
				fails(scripts[s], in, n, (char *)y, ny, x, nx);
		}
	}
}

/* Every code point: a letter folds as ICU has it, nothing folds to what folds further. */
static void
test_every_code_point(void **st)
{
	char in[8], want[256];
	uint8_t got[256], again[256];
	size_t n, nwant, ngot, nagain, checked = 0;
	uint32_t m;
	UChar32 c;
	bool space;

	(void)st;
	for (c = 0; c <= 0x10ffff; c++) {
		int32_t o = 0;

		if (c >= 0xd800 && c < 0xe000)
			continue;
		U8_APPEND_UNSAFE((uint8_t *)in, o, c);
		n = (size_t)o;
		ngot = lw_fold_word(in, n, got, sizeof(got), &space);
		assert_true(lw_utf8_is_valid(got, ngot));
		nagain = lw_fold_word(got, ngot, again, sizeof(again), &space);
		if (ngot != nagain || memcmp(got, again, ngot) != 0)
			fail_msg("U+%04X folds to what folds further", (unsigned)c);
		m = U_GET_GC_MASK(c);
		if ((m & (U_GC_L_MASK | U_GC_ND_MASK)) == 0) {
			if ((m & (U_GC_P_MASK | U_GC_Z_MASK | U_GC_C_MASK)) != 0 &&
			    U_GET_GC_MASK(c) != U_GC_CF_MASK &&
			    is_own_mind_inside(c) == 0 && c < 0x2000)
				assert_int_equal(ngot, 0);
			continue;
		}
		nwant = test_reference(in, n, want, sizeof(want));
		if (is_own_mind_inside(c) || is_phrase(c))
			continue;
		if (ngot != nwant || memcmp(got, want, ngot) != 0)
			fails(USCRIPT_COMMON, in, n, want, nwant, got, ngot);
		checked++;
	}
	assert_true(checked > 120000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_code_point),
	    cmocka_unit_test(test_words_equal_icu),
	    cmocka_unit_test(test_forms_of_normalization_are_one),
	};

	return cmocka_run_group_tests(tests, test_text_setup, test_text_teardown);
}
