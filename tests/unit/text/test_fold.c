/* SPDX-License-Identifier: Apache-2.0 */
/* What people write and what it folds to, script by script; offsets; edges. */
#include "util.h"
#include <string.h>
#include "base/err.h"
#include "event/event.h"
#include "text/fold.h"

struct row {
	const char *in, *want; /* want with its sentinels */
};

static const struct row rows[] = {
    /* plain ASCII */
    {"", " "},
    {" ", " "},
    {"?!", " "},
    {"Hello", " hello "},
    {"Hello, World!", " hello world "},
    {"  two   spaces  ", " two spaces "},
    {"tab\tnew\nline\r\nend", " tab new line end "},
    {"well-known e-mail", " well known e mail "},
    {"snake_case", " snake case "},
    {"10am mp3 2nd", " 10am mp3 2nd "},
    {"a\001b\177c", " a b c "},
    {"THE QUICK BROWN FOX JUMPS OVER THE DOG", " the quick brown fox jumps over the dog "},
    {"exactly sixteen.", " exactly sixteen "},
    {"sixteen and then one more.. or two", " sixteen and then one more or two "},
    /* apostrophes */
    {"don't let's", " dont lets "},
    {"don`t", " dont "},
    {"don’t", " dont "},
    {"donʼt", " dont "},
    {"don´t", " dont "},
    {"don′t", " dont "},
    {"don＇t", " dont "},
    {"'tis rock 'n' roll'", " tis rock n roll "},
    {"a''b", " a b "},
    {"don' t", " don t "},
    {"the 90's", " the 90s "},
    {"5'11", " 5 11 "},
    {"㎡'5", " m25 "},
    {"col·lecció", " colleccio "},
    {"‘quoted’ word", " quoted word "},
    /* Latin with marks and strokes */
    {"Café CAFE\314\201", " cafe cafe "},
    {"Straße STRAẞE", " strasse strasse "},
    {"İstanbul Iığır", " istanbul iigir "},
    {"không được", " khong duoc "},
    {"Łódź Żółw", " lodz zolw "},
    {"smørrebrød Ærø", " smorrebrod aero "},
    {"cœur Œuvre", " coeur oeuvre "},
    {"Þór Ðæd", " thor daed "},
    {"naïve—yes", " naive yes "},
    {"Z\314\267\315\201a\314\264\315\222lgo\314\265", " zalgo "},
    /* Cyrillic */
    {"ПРИВЕТ", " привет "},
    {"Ёж е\314\210ж", " еж еж "},
    {"мой", " мои "},
    {"п'ять", " пять "},
    {"IT-отдел", " it отдел "},
    /* Greek */
    {"Οδός", " οδοσ "},
    {"ᾄδη", " αιδη "},
    /* Armenian: the ligature comes apart */
    {"Եւև", " եւեւ "},
    /* Hebrew: points off, geresh like an apostrophe */
    {"ש\327\201\326\270לו\326\271ם", " שלום "},
    {"ג׳י ג'י", " גי גי "},
    /* Arabic: harakat, tatweel, presentation forms, ligature, digits, ZWNJ */
    {"م\331\216ر\331\222ح\331\216ب\331\213ا", " مرحبا "},
    {"مــرـحبا", " مرحبا "},
    {"ﻳﺎ", " يا "},
    {"ﻻ", " لا "},
    {"١٣", " 13 "},
    {"۱۳؟", " 13 "},
    {"می\342\200\214روم", " میروم "},
    /* Devanagari, Bengali, Tamil: vowel signs and viramas stay, nuktas go */
    {"ह\340\244\277न\340\245\215द\340\245\200।",
	" ह\340\244\277न\340\245\215द\340\245\200 "},
    {"क़ क\340\244\274", " क क "},
    {"१३", " 13 "},
    {"ক\340\247\207\340\246\276", " ক\340\247\213 "},
    {"க\340\257\206\340\256\276", " க\340\257\212 "},
    /* Thai, Lao, Khmer, Myanmar: one run; marks in canonical order */
    {"สว\340\270\261สด\340\270\265", " สว\340\270\261สด\340\270\265 "},
    {"ก\340\271\210\340\270\270", " ก\340\270\270\340\271\210 "},
    {"น\340\271\211ำ", " น\340\271\211\340\271\215า "},
    {"๑๓ ป\340\270\265", " 13 ป\340\270\265 "},
    {"lineไอด\340\270\265", " line ไอด\340\270\265 "},
    {"ບ\340\273\211\340\272\270", " ບ\340\272\270\340\273\211 "},
    {"ក\341\237\222រ", " ក\341\237\222រ "},
    {"ဥ\341\200\256", " ဦ "},
    /* Han, kana */
    {"你好，世界。", " 你好 世界 "},
    {"加qq吧", " 加 qq 吧 "},
    {"我13岁", " 我13岁 "},
    {"我１３岁", " 我13岁 "},
    {"體 体", " 體 体 "},
    {"\357\244\200", " 豈 "},
    {"か\343\202\231 が か゛", " が が が "},
    {"ｶﾞｯｺｰ", " ガッコー "},
    {"カフェ・ラテ", " カフェ ラテ "},
    {"你’好", " 你 好 "},
    {"ㄅ我", " ㄅ我 "},
    /* Hangul: syllables stay, jamo join */
    {"한국", " 한국 "},
    {"\341\204\222\341\205\241\341\206\253", " 한 "},
    {"ㄱㅏ", " 가 "},
    {"ﾡￂ", " 가 "},
    /* obfuscation that the fold alone undoes */
    {"ＬＩＮＥ\343\200\200）", " line "},
    {"s\342\200\213e\342\200\214c\342\200\215r\342\201\240e\357\273\277t", " secret "},
    {"se\302\255cret", " secret "},
    {"𝓼𝓮𝓬𝓻𝓮𝓽", " secret "},
    {"ⓢⓔⒸ", " sec "},
    {"🅰🅿🅿", " app "},
    {"🄰🄿🅟", " app "},
    {"\360\237\207\246\360\237\207\265\342\200\213\360\237\207\265", " app "},
    {"brazil\360\237\207\247\360\237\207\267", " brazil br "},
    {"ᴀᴘᴘ", " app "},
    {"ɹǝʇɐʍ", " retaw "},
    {"⒜⒫⒫", " app "},
    {"1\357\270\217\342\203\2433\357\270\217\342\203\243", " 13 "},
    {"❶❸ ①③", " 13 13 "},
    {"¹³", " 13 "},
    {"ﬁne", " fine "},
    /* emoji, symbols, invalid bytes separate */
    {"hi😀there", " hi there "},
    {"👩\342\200\215👧🏽 ok", " ok "},
    {"ok🆗ok", " ok ok ok "},
    {"care ℅ x", " care c o x "},
    {"Lapwing™", " lapwing "},
    {"a\377b\303c\355\240\200d", " a b c d "},
    {"\300\257x\365\200\200\200y", " x y "},
    {"caf\303", " caf "},
    {"x\342\200\250y\302\240z", " x y z "},
};

static void
test_table(void **state)
{
	struct lw_folded f;
	size_t i, n;

	(void)state;
	lw_folded_init(&f);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(lw_fold(&f, rows[i].in, strlen(rows[i].in)), 0);
		n = strlen(rows[i].want);
		if (f.n != n || memcmp(f.p, rows[i].want, n) != 0)
			fail_msg("row %zu: want [%s] got [%.*s]", i, rows[i].want,
			    (int)f.n, (const char *)f.p);
	}
	lw_folded_clear(&f);
	assert_true(i >= 90);
}

/* Words alone fold as they do in a message, without the sentinels. */
static void
test_table_by_word(void **state)
{
	uint8_t out[LW_FORM_MAX];
	const char *want;
	size_t i, n;
	bool space;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		want = rows[i].want;
		n = lw_fold_word(rows[i].in, strlen(rows[i].in), out, sizeof(out), &space);
		if (strlen(want) == 1) {
			assert_int_equal(n, 0);
			continue;
		}
		assert_int_equal(n, strlen(want) - 2);
		assert_memory_equal(out, want + 1, n);
		assert_int_equal(space, memchr(out, ' ', n) != NULL);
	}
}

static void
map_is(const char *in, size_t word, uint32_t from, uint32_t to)
{
	struct lw_folded f;
	size_t a, b;

	lw_folded_init(&f);
	assert_int_equal(lw_fold(&f, in, strlen(in)), 0);
	for (a = 1; word > 0; a++)
		word -= f.p[a] == ' ';
	for (b = a; f.p[b] != ' '; b++)
		;
	assert_int_equal(f.start[a], from);
	assert_int_equal(f.end[b - 1], to);
	assert_int_equal(f.end[a - 1], from); /* the gap before ends where the word begins */
	assert_int_equal(f.start[b], to);
	assert_int_equal(f.start[0], 0);
	assert_int_equal(f.end[f.n - 1], strlen(in));
	lw_folded_clear(&f);
}

static void
test_map(void **state)
{
	(void)state;
	map_is("see you, later", 0, 0, 3);
	map_is("see you, later", 1, 4, 7);
	map_is("see you, later", 2, 9, 14);
	map_is("  (don't)  ", 0, 3, 8);
	map_is("one two three four five six seven", 6, 28, 33);
	map_is("Stra\xc3\x9f"
	       "e da",
	    0, 0, 7);
	map_is("Stra\xc3\x9f"
	       "e da",
	    1, 8, 10);
	map_is("cafe\xcc\x81 x", 0, 0, 6); /* the accent is part of the letter */
	map_is("a \xe2\x80\x8bs\xe2\x80\x8b"
	       "e",
	    1, 5, 10);
	map_is("\xe5\x8a\xa0qq\xe5\x90\xa7", 1, 3, 5); /* no gap between the words */
	map_is("x \xe3\x81\x8b\xe3\x82\x99 y", 1, 2, 8);
	map_is("\xf0\x9f\x98\x80\xf0\x9f\x85\xb0!", 0, 4, 8);
}

static void
test_ascii_flag(void **state)
{
	struct lw_folded f;

	(void)state;
	lw_folded_init(&f);
	assert_int_equal(lw_fold(&f, "plain", 5), 0);
	assert_true(f.ascii);
	assert_int_equal(lw_fold(&f, "pl\xc3\xa4in", 6), 0);
	assert_false(f.ascii);
	assert_int_equal(lw_fold(&f, NULL, 0), 0);
	assert_int_equal(f.n, 1);
	assert_int_equal(f.p[0], ' ');
	lw_folded_clear(&f);
	assert_null(f.p);
}

/* The longest expansion there is, as often as a message can hold it. */
static void
test_limits(void **state)
{
	static char text[LW_EVENT_TEXT_MAX + 1];
	struct lw_folded f;
	uint8_t out[8];
	size_t i;
	bool space;

	(void)state;
	lw_folded_init(&f);
	assert_int_equal(lw_fold(&f, text, sizeof(text)), LW_ELIMIT);
	for (i = 0; i + 3 <= LW_EVENT_TEXT_MAX; i += 3)
		memcpy(text + i, "\xef\xb7\xba", 3);
	assert_int_equal(lw_fold(&f, text, i), 0);
	assert_true(f.n > 11 * i);
	assert_int_equal(f.end[f.n - 1], i);
	memset(text, 'x', LW_EVENT_TEXT_MAX);
	assert_int_equal(lw_fold(&f, text, LW_EVENT_TEXT_MAX), 0);
	assert_int_equal(f.n, LW_EVENT_TEXT_MAX + 2);
	lw_folded_clear(&f);

	assert_int_equal(lw_fold_word("12345678", 8, out, sizeof(out), &space), 8);
	assert_int_equal(lw_fold_word("123456789", 9, out, sizeof(out), &space), 0);
	assert_int_equal(lw_fold_word("1234567\xc3\x9f", 9, out, sizeof(out), &space), 0);
}

/* A heap of marks costs no more than its length, and keeps sixteen. */
static void
test_piled_marks(void **state)
{
	static char text[LW_EVENT_TEXT_MAX];
	struct lw_folded f;
	size_t i;

	(void)state;
	text[0] = 'x';
	for (i = 1; i + 6 <= sizeof(text); i += 6)
		memcpy(text + i, "\xe0\xb9\x88\xe0\xb8\xb8", 6); /* out of order, too */
	lw_folded_init(&f);
	assert_int_equal(lw_fold(&f, text, i), 0);
	/* the marks are Thai, the x is not: two words */
	assert_int_equal(f.n, 1 + 1 + 1 + 16 * 3 + 1);
	assert_int_equal(f.end[f.n - 2], i);
	lw_folded_clear(&f);
}

static void
test_utf8(void **state)
{
	uint32_t cp;

	(void)state;
	assert_int_equal(lw_utf8_next((const uint8_t *)"\xf0\x9f\x98\x80", 4, &cp), 4);
	assert_int_equal(cp, 0x1f600);
	assert_int_equal(lw_utf8_next((const uint8_t *)"\xf0\x9f\x98", 3, &cp), 1);
	assert_int_equal(cp, 0xfffd);
	assert_int_equal(lw_utf8_next((const uint8_t *)"\xed\xa0\x80", 3, &cp), 1);
	assert_int_equal(cp, 0xfffd);
	assert_true(lw_utf8_is_valid("\xef\xbf\xbd", 3));
	assert_true(lw_utf8_is_valid("", 0));
	assert_false(lw_utf8_is_valid("\xc1\x81", 2));
	assert_false(lw_utf8_is_valid("\xf4\x90\x80\x80", 4));
	assert_true(lw_text_is_nospace(0x4e00));
	assert_true(lw_text_is_nospace(0x3042));
	assert_true(lw_text_is_nospace(0x30fc));
	assert_true(lw_text_is_nospace(0xff76));
	assert_true(lw_text_is_nospace(0xff9e));
	assert_true(lw_text_is_nospace(0x0e01));
	assert_true(lw_text_is_nospace(0x0e81));
	assert_true(lw_text_is_nospace(0x1780));
	assert_true(lw_text_is_nospace(0x1000));
	assert_false(lw_text_is_nospace(0xac00));
	assert_false(lw_text_is_nospace('a'));
	assert_false(lw_text_is_nospace(0x3002));
	assert_false(lw_text_is_nospace(0x110000));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_table),
	    cmocka_unit_test(test_table_by_word),
	    cmocka_unit_test(test_map),
	    cmocka_unit_test(test_ascii_flag),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_piled_marks),
	    cmocka_unit_test(test_utf8),
	};

	return cmocka_run_group_tests(tests, test_text_setup, test_text_teardown);
}
