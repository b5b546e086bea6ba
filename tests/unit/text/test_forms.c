/* SPDX-License-Identifier: Apache-2.0 */
/* Second looks: which words get one, and what they come to. */
#include "util.h"
#include <string.h>
#include "text/fold.h"

struct pair {
	const char *raw, *plain;
};

/* Suspicious, and of one skeleton with the plain word. */
static const struct pair skeletons[] = {
    /* digits */
    {"s3cret", "secret"},
    {"5ecret", "secret"},
    {"secre7", "secret"},
    {"s3cr3t", "secret"},
    {"he1lo", "hello"},
    {"h3ll0", "hello"},
    {"ph0ne", "phone"},
    {"4ctually", "actually"},
    {"ba8y", "baby"},
    {"pictur3", "picture"},
    {"n1ce", "nice"},
    {"cla55", "class"},
    {"s3crét", "secret"},
    {"ｓ３cret", "secret"},
    /* symbols */
    {"$ecret", "secret"},
    {"cla$$", "class"},
    {"p@ss", "pass"},
    {"k!nd", "kind"},
    {"he||o", "hello"},
    {"pho+o", "photo"},
    {"se(ret", "secret"},
    {"s€cret", "secret"},
    {"se©ret", "secret"},
    /* drawn out */
    {"cooool", "cool"},
    {"secreeeet", "secret"},
    {"hellooooo", "hello"},
    /* something between the letters */
    {"s.e.c.r.e.t", "secret"},
    {"s-e-c-r-e-t", "secret"},
    {"s_e_c_r_e_t", "secret"},
    {"s*e*c*r*e*t", "secret"},
    {"s•e•c•r•e•t", "secret"},
    {"s😀e😀c😀r😀e😀t", "secret"},
    {"s\342\200\213e\342\200\213c\342\200\213ret", "secret"},
    /* letters of other scripts and planes */
    {"sесrеt", "secret"},
    {"рhоnе", "phone"},
    {"phοne", "phone"},
    {"օpen", "open"},
    {"ꓑhone", "phone"},
    {"ｓｅｃret", "secret"},
    {"\360\237\205\277hone", "phone"},
    /* one for two, one for another */
    {"vvhat", "what"},
    {"heIIo", "hello"},
    /* several at once */
    {"s.3.c.r.3.t", "secret"},
    {"p.a.$.t", "past"},
    {"5еcr3eeet", "secret"},
    /* other scripts have digits for letters, too */
    {"с3крет", "секрет"},
};

/* Suspicious, and the plain word once letters of another script are replaced. */
static const struct pair confusables[] = {
    {"sесrеt", "secret"},
    {"рhоnе", "phone"},
    {"SEСRET", "secret"},
    {"phοne", "phone"},
    {"Ρhone", "phone"},
    {"hellօ", "hello"},
    {"ꓚellꓳ", "cello"},
    /* the other way round: a few Latin letters in a word of another script */
    {"пpивeт", "привет"},
    {"mогy", "могу"},
    {"с3кpетж", "сзкретж"},
    {"λoγος", "λογοσ"},
};

/* Ordinary writing: no second look. */
static const char *const ordinary[] = {"hello", "Hello", "HELLO", "don't", "well-known",
    "2nd", "1st", "4th", "21st", "10am", "3pm", "5min", "3days", "8years", "60fps",
    "100mb", "mp3", "b4", "m8", "gr8", "h264", "ps5", "v2", "2nite", "covid19",
    "alex2009", "13yo", "14f", "a3f9c2", "deadbeef01", "9f8e7d6c", "b2b", "p2p", "13",
    "1337", "3.14", "2024-05-01", "12:30", "10:30pm", "+1", "$100", "5$", "100%",
    "50/50", "http://a.example/b3c?d=4$5", "https://example.org/x", "www.example.org",
    "me.you@example.org", "example.org/p4ge", "@name", "@name99", "@j0hn", "4살이야",
    "5km를", "🇧🇷", "ok🇧🇷", "#tag", ":)", ":-(", ":D", "xD", "<3", "o_o", "^_^", "T_T",
    "sooo", "aaah", "hmmm", "www", "zzzz", "nooo!!!", "what?!", "hi!", "(hi)",
    "word(s)", "c++", "18+", "and/or", "w/o", "snake_case", "e.g.", "p.m.",
    "\"quoted\"", "*bold*", "O'Neill", "café", "straße", "naïve", "привет", "IT-отдел",
    "λόγος", "5µm", "10€", "¡hola!", "wi\302\255fi", "می\342\200\214روم", "한국",
    "ह\340\244\277न\340\245\215द\340\245\200", ""};

static void
skeletons_must_meet(const char *raw, const char *plain)
{
	uint8_t a[LW_FORM_MAX], b[LW_FORM_MAX];
	size_t na = lw_text_skeleton(raw, strlen(raw), a, sizeof(a));
	size_t nb = lw_text_skeleton(plain, strlen(plain), b, sizeof(b));

	if (na == 0 || na != nb || memcmp(a, b, na) != 0)
		fail_msg("%s [%.*s] is not %s [%.*s]", raw, (int)na, (char *)a, plain,
		    (int)nb, (char *)b);
}

static void
test_skeletons(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(skeletons) / sizeof(skeletons[0]); i++) {
		skeletons_must_meet(skeletons[i].raw, skeletons[i].plain);
		if ((lw_text_shape(skeletons[i].raw, strlen(skeletons[i].raw)) &
			LW_SHAPE_SUSPICIOUS) == 0)
			fail_msg("%s is not suspicious", skeletons[i].raw);
	}
}

static void
test_confusables(void **state)
{
	uint8_t out[LW_FORM_MAX];
	const struct pair *p;
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(confusables) / sizeof(confusables[0]); i++) {
		p = &confusables[i];
		n = lw_text_confusable(p->raw, strlen(p->raw), out, sizeof(out));
		if (n != strlen(p->plain) || memcmp(out, p->plain, n) != 0)
			fail_msg("%s: want %s got %.*s", p->raw, p->plain, (int)n,
			    (char *)out);
		if ((lw_text_shape(p->raw, strlen(p->raw)) & LW_SHAPE_SUSPICIOUS) == 0)
			fail_msg("%s is not suspicious", p->raw);
	}
}

static void
test_no_confusable(void **state)
{
	static const char *const words[] = {
	    "hello", "s3cret", "two words", "привет", "λόγος", "sеcret s", "", "?"};
	uint8_t out[LW_FORM_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		assert_int_equal(
		    lw_text_confusable(words[i], strlen(words[i]), out, sizeof(out)), 0);
}

static void
test_no_skeleton(void **state)
{
	static const char *const words[] = {
	    "13", "2009", "$$$", "!!", "", "?", "i", "ill"};
	char longest[LW_WORD_MAX + 1];
	uint8_t out[LW_FORM_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		assert_int_equal(
		    lw_text_skeleton(words[i], strlen(words[i]), out, sizeof(out)), 0);
	memset(longest, 'x', sizeof(longest));
	longest[0] = '3';
	longest[1] = 'y';
	assert_int_equal(lw_text_skeleton(longest, LW_WORD_MAX, out, sizeof(out)), 3);
	assert_int_equal(lw_text_skeleton(longest, LW_WORD_MAX + 1, out, sizeof(out)), 0);
	assert_int_equal(lw_text_skeleton("wider", 5, out, 4), 0);
}

static void
test_skeletons_stay_apart(void **state)
{
	static const struct pair words[] = {{"secret", "sacred"}, {"phone", "photo"},
	    {"meet", "meat"}, {"2nd", "end"}, {"send", "sand"}, {"app", "apt"}};
	uint8_t a[LW_FORM_MAX], b[LW_FORM_MAX];
	size_t i, na, nb;

	(void)state;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		na = lw_text_skeleton(words[i].raw, strlen(words[i].raw), a, sizeof(a));
		nb = lw_text_skeleton(
		    words[i].plain, strlen(words[i].plain), b, sizeof(b));
		assert_true(na > 0 && nb > 0);
		assert_false(na == nb && memcmp(a, b, na) == 0);
	}
}

static void
test_ordinary_words(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(ordinary) / sizeof(ordinary[0]); i++) {
		if ((lw_text_shape(ordinary[i], strlen(ordinary[i])) &
			LW_SHAPE_SUSPICIOUS) != 0)
			fail_msg("%s is suspicious", ordinary[i]);
	}
}

static unsigned
shape(const char *z)
{
	return lw_text_shape(z, strlen(z));
}

static void
test_shapes(void **state)
{
	(void)state;
	assert_int_equal(shape("word"), LW_SHAPE_PLAIN_ASCII);
	assert_int_equal(shape("wooord"), LW_SHAPE_SUSPICIOUS);
	assert_int_equal(shape("word,"), 0);
	assert_int_equal(shape(""), 0);
	assert_int_equal(shape("你好"), LW_SHAPE_NOSPACE);
	assert_int_equal(shape("加qq吧"), LW_SHAPE_NOSPACE);
	assert_int_equal(shape("かok"), LW_SHAPE_NOSPACE);
	assert_int_equal(shape("s3cret你"), LW_SHAPE_NOSPACE | LW_SHAPE_SUSPICIOUS);
	/* wholly Cyrillic, wholly of twins */
	assert_int_equal(shape("арр"), LW_SHAPE_LOOKALIKE);
	assert_int_equal(shape("АРР"), LW_SHAPE_LOOKALIKE);
	assert_int_equal(shape("арка"), 0);
	assert_int_equal(shape("он"), 0);
}

static void
test_lookalike_word(void **state)
{
	uint8_t out[LW_FORM_MAX];
	size_t n;

	(void)state;
	n = lw_text_confusable("арр", 6, out, sizeof(out));
	assert_int_equal(n, 3);
	assert_memory_equal(out, "app", 3);
}

/* Words of any length have a shape; only short ones get a second look. */
static void
test_long_words(void **state)
{
	char text[400];
	size_t i;

	(void)state;
	for (i = 0; i + 3 <= sizeof(text); i += 3)
		memcpy(text + i, "你", 3);
	assert_int_equal(lw_text_shape(text, i), LW_SHAPE_NOSPACE);
	memset(text, 'x', sizeof(text));
	assert_int_equal(lw_text_shape(text, sizeof(text)), LW_SHAPE_PLAIN_ASCII);
	memcpy(text, "s3cret", 6);
	assert_int_equal(lw_text_shape(text, sizeof(text)), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_skeletons),
	    cmocka_unit_test(test_confusables),
	    cmocka_unit_test(test_no_confusable),
	    cmocka_unit_test(test_no_skeleton),
	    cmocka_unit_test(test_skeletons_stay_apart),
	    cmocka_unit_test(test_ordinary_words),
	    cmocka_unit_test(test_shapes),
	    cmocka_unit_test(test_lookalike_word),
	    cmocka_unit_test(test_long_words),
	};

	return cmocka_run_group_tests(tests, test_text_setup, test_text_teardown);
}
