/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of replay files, and a flag's JSON. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include "base/err.h"
#include "wire/wire.h"

static struct lw_arena arena;
static struct lw_event ev;
static const char *why;
static size_t at;

static int
begin(void **state)
{
	(void)state;
	lw_arena_init(&arena, 1 << 20);
	why = NULL;
	return 0;
}

static int
end(void **state)
{
	(void)state;
	lw_arena_clear(&arena);
	return 0;
}

static int
read_line(const char *line)
{
	return lw_event_from_json(lw_str(line), &arena, &ev, &why, &at);
}

static void
a_message(void **state)
{
	(void)state;
	assert_int_equal(
	    read_line(
		"{\"conv\":\"c1\",\"id\":\"m1\",\"from\":\"a\",\"to\":\"b\","
		"\"ts\":1700000000000,\"text\":\"caf\\u00e9\",\"channel\":\"public\","
		"\"lang\":\"fr\",\"mentions\":[\"x\",1,null,\"y\"],\"new\":{\"a\":[]}}\n"),
	    0);
	assert_int_equal(ev.kind, LW_EV_MESSAGE);
	assert_true(lw_str_is(ev.conv, "c1"));
	assert_true(lw_str_is(ev.id, "m1"));
	assert_true(lw_str_is(ev.from, "a"));
	assert_true(lw_str_is(ev.to, "b"));
	assert_int_equal(ev.ts_ms, 1700000000000);
	assert_true(lw_str_is(ev.text, "caf\xc3\xa9"));
	assert_int_equal(ev.channel, LW_CH_PUBLIC);
	assert_true(lw_str_is(ev.lang, "fr"));
	assert_int_equal(ev.nmentions, 2);
	assert_true(lw_str_is(ev.mentions[1], "y"));
	/* The least. */
	assert_int_equal(read_line("{\"conv\":\"c\",\"from\":\"a\",\"text\":\"\"}"), 0);
	assert_null(ev.to.p);
	assert_int_equal(ev.ts_ms, 0);
	assert_non_null(ev.text.p);
}

static void
facts(void **state)
{
	(void)state;
	assert_int_equal(
	    read_line("{\"kind\":\"user\",\"from\":\"a\",\"age_band\":\"child\","
		      "\"created_ms\":7,\"role\":\"bot\",\"locale\":\"de\"}"),
	    0);
	assert_int_equal(ev.kind, LW_EV_USER);
	assert_int_equal(ev.user.age_band, LW_AGE_CHILD);
	assert_int_equal(ev.user.created_ms, 7);
	assert_true(lw_str_is(ev.user.role, "bot"));
	assert_int_equal(
	    read_line("{\"kind\":\"relation\",\"from\":\"a\",\"to\":\"b\",\"family\":true,"
		      "\"blocked\":false,\"guardian\":\"maybe\"}"),
	    0);
	assert_int_equal(ev.relation.family, LW_YES);
	assert_int_equal(ev.relation.blocked, LW_NO);
	assert_int_equal(ev.relation.guardian, LW_UNKNOWN);
	assert_int_equal(
	    read_line(
		"{\"kind\":\"decision\",\"from\":\"a\",\"to\":\"b\",\"reason\":\"ok\"}"),
	    0);
	assert_true(lw_str_is(ev.item, "ok"));
}

static void
bad_lines_say_why_and_where(void **state)
{
	static const struct {
		const char *line, *why;
		size_t at;
	} bad[] = {
	    {"", "the line ends too early", 0},
	    {"[]", "not an object", 0},
	    {"17", "invalid JSON", 0},
	    {"{\"conv\":\"c\",\"from\":\"a\",\"text\":\"x\"} {}",
		"more than one value on the line", 36},
	    {"{\"conv\":\"c\",\"from\":\"a\",\"text\":\"\xff\"}", "invalid UTF-8", 31},
	    {"{\"conv\":nope}", "invalid JSON", 12},
	    {"{\"conv\":\"c\",\"from", "the line ends too early", 17},
	    {"{\"from\":\"a\",\"text\":\"x\"}", "neither `conv` nor `to`", 0},
	    {"{\"conv\":\"c\",\"text\":\"x\"}", "no `from`", 0},
	    {"{\"conv\":\"c\",\"from\":\"a\"}", "no `text`", 0},
	    {"{\"conv\":\"c\",\"from\":\"\",\"text\":\"x\"}", "no `from`", 0},
	    {"{\"kind\":\"wink\",\"from\":\"a\"}", "unknown `kind`", 0},
	};
	char longer[400] = "{\"from\":\"";
	size_t i;

	(void)state;
	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(read_line(bad[i].line), LW_EINVAL);
		assert_string_equal(why, bad[i].why);
		if (bad[i].at > 0)
			assert_in_range(at, bad[i].at - 1, bad[i].at);
	}
	memset(longer + 9, 'x', 256);
	strcpy(longer + 265, "\"}");
	assert_int_equal(read_line(longer), LW_EINVAL);
	assert_string_equal(why, "an id is longer than 255 bytes");
}

static void
there_and_back(void **state)
{
	static const char *const lines[] = {
	    "{\"conv\":\"c\",\"from\":\"a\",\"ts\":5,\"text\":\"a \\\"quote\\\"\"}",
	    "{\"kind\":\"gift\",\"channel\":\"direct\",\"tenant\":\"t\",\"from\":\"a\","
	    "\"to\":\"b\",\"id\":\"m\",\"mentions\":[\"x\",\"y\"],\"members\":3,"
	    "\"item\":\"coins\"}",
	    "{\"kind\":\"report\",\"from\":\"a\",\"to\":\"b\",\"reason\":\"spam\"}",
	    "{\"kind\":\"user\",\"from\":\"a\",\"age_band\":\"adult\",\"created_ms\":1,"
	    "\"role\":\"r\",\"locale\":\"l\"}",
	    "{\"kind\":\"relation\",\"from\":\"a\",\"to\":\"b\",\"connected\":true,"
	    "\"blocked\":false,\"family\":true,\"guardian\":false}",
	    "{\"kind\":\"delete\",\"from\":\"a\",\"lang\":\"en\",\"reply_to\":\"m\"}",
	};
	struct lw_json j;
	struct lw_buf b;
	size_t i;

	(void)state;
	lw_buf_init(&b, 4096);
	for (i = 0; i < sizeof lines / sizeof *lines; i++) {
		assert_int_equal(read_line(lines[i]), 0);
		ev.seq = 9; /* never written */
		ev.key.hi = 9;
		lw_buf_reset(&b);
		lw_json_init(&j, &b, 0);
		lw_event_json(&j, &ev);
		lw_buf_putc(&b, '\0');
		assert_string_equal((char *)b.data, lines[i]);
	}
	lw_buf_clear(&b);
}

static void
json_and_messagepack_say_the_same(void **state)
{
	struct lw_reader *rd;
	struct lw_event out;
	struct lw_buf b, c;
	struct lw_json j;

	(void)state;
	lw_buf_init(&b, 4096);
	lw_buf_init(&c, 4096);
	assert_int_equal(lw_reader_new(&rd), 0);
	assert_int_equal(
	    read_line("{\"kind\":\"edit\",\"conv\":\"c\",\"from\":\"a\",\"text\":\"t\","
		      "\"members\":4,\"mentions\":[\"x\"],\"reply_to\":\"m\",\"ts\":1}"),
	    0);
	lw_put_event_map(&b, &ev);
	assert_int_equal(lw_event_map_decode(
			     rd, (struct lw_str){(char *)b.data, b.len}, &arena, &out),
	    0);
	lw_json_init(&j, &c, 0);
	lw_event_json(&j, &out);
	lw_buf_reset(&b);
	lw_json_init(&j, &b, 0);
	lw_event_json(&j, &ev);
	assert_int_equal(b.len, c.len);
	assert_memory_equal(b.data, c.data, b.len);
	lw_reader_free(rd);
	lw_buf_clear(&b);
	lw_buf_clear(&c);
}

static void
a_flag(void **state)
{
	static struct lw_flag flag = {.id = {1, 0xabcdef},
	    .pair = {2, 3},
	    .kind = LW_FLAG_RISK,
	    .band = LW_BAND_HIGH,
	    .seq = 4,
	    .ts_ms = 1700000000000,
	    .risk = 0.75,
	    .log_odds = 1.5,
	    .tenant = {"default", 7},
	    .conv = {"c", 1},
	    .from = {"a", 1},
	    .message = {"m1", 2},
	    .categories = 1u << LW_CAT_SECRECY | 1u << LW_CAT_MEETING,
	    .contributions = {{"bias", -4, 0}, {"secrecy", 5.5, 1.25}},
	    .ncontributions = 2,
	    .nevidence = 1,
	    .pack = "00ff",
	    .engine = "0.1.0"};
	struct lw_evidence *e = &flag.evidence[0];
	struct lw_json j;
	struct lw_buf b;

	(void)state;
	*e = (struct lw_evidence){.rule = LW_STR("en.secrecy.keep"),
	    .title = LW_STR("Asks to keep quiet"),
	    .message = LW_STR("m1"),
	    .text = LW_STR("the text"),
	    .category = LW_CAT_SECRECY,
	    .ts_ms = 9,
	    .rev = 2,
	    .how = LW_HOW_SKELETON,
	    .weight = 1.2f,
	    .back = 1,
	    .nspans = 2,
	    .spans = {{0, 3}, {4, 8}}};
	lw_buf_init(&b, 8192);
	lw_json_init(&j, &b, 0);
	lw_flag_json(&j, &flag, true);
	lw_buf_putc(&b, '\0');
	assert_string_equal((char *)b.data,
	    "{\"id\":\"00000000000000010000000000abcdef\","
	    "\"pair\":\"00000000000000020000000000000003\",\"kind\":\"risk\","
	    "\"band\":\"high\",\"risk\":0.75,\"log_odds\":1.5,\"ts\":1700000000000,"
	    "\"tenant\":\"default\",\"conv\":\"c\",\"from\":\"a\",\"to\":null,"
	    "\"message\":\"m1\",\"categories\":[\"secrecy\",\"meeting\"],"
	    "\"contributions\":[{\"name\":\"bias\",\"value\":-4,\"evidence\":0},"
	    "{\"name\":\"secrecy\",\"value\":5.5,\"evidence\":1.25}],"
	    "\"evidence\":[{\"rule\":\"en.secrecy.keep\",\"title\":\"Asks to keep quiet\","
	    "\"category\":\"secrecy\",\"message\":\"m1\",\"ts\":9,\"how\":\"skeleton\","
	    "\"weight\":1.200,\"rev\":2,\"back\":1,\"spans\":[[0,3],[4,8]],"
	    "\"from_target\":false,\"text\":\"the text\"}],"
	    "\"pack\":\"00ff\",\"engine\":\"0.1.0\"}");
	lw_buf_reset(&b);
	lw_json_init(&j, &b, 0);
	e->deleted = true;
	flag.clause = LW_STR("4.2");
	lw_flag_json(&j, &flag, false);
	lw_buf_putc(&b, '\0');
	assert_null(strstr((char *)b.data, "the text"));
	assert_non_null(strstr((char *)b.data, "\"deleted\":true"));
	assert_non_null(strstr((char *)b.data, "\"clause\":\"4.2\",\"pack\""));
	lw_buf_clear(&b);
}

int
main(void)
{
#define T(t) cmocka_unit_test_setup_teardown(t, begin, end)
	const struct CMUnitTest tests[] = {
	    T(a_message),
	    T(facts),
	    T(bad_lines_say_why_and_where),
	    T(there_and_back),
	    T(json_and_messagepack_say_the_same),
	    T(a_flag),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
