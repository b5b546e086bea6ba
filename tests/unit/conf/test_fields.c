/* SPDX-License-Identifier: Apache-2.0 */
/* Typed values: what each type takes and refuses, and the words it refuses with. */
#include "helper.h"
#include "base/err.h"
#include "conf/yaml.h"

struct values {
	struct lw_str text;
	int64_t count;
	double weight;
	bool on;
	uint64_t pause, space;
	struct lw_yaml *any, *list, *map;
};

#define AT(m) offsetof(struct values, m)
static const struct lw_yaml_field fields[] = {
    {"text", LW_WANT_TEXT, false, AT(text), 0, 0},
    {"count", LW_WANT_INT, false, AT(count), -5, 8},
    {"weight", LW_WANT_DOUBLE, false, AT(weight), 0.1, 4.0},
    {"on", LW_WANT_BOOL, false, AT(on), 0, 0},
    {"pause", LW_WANT_DURATION, false, AT(pause), 1000, 60000},
    {"space", LW_WANT_SIZE, false, AT(space), 1024, 1048576},
    {"any", LW_WANT_NODE, false, AT(any), 0, 0},
    {"list", LW_WANT_LIST, false, AT(list), 0, 0},
    {"map", LW_WANT_MAP, false, AT(map), 0, 0},
};
#define NFIELDS (sizeof(fields) / sizeof(fields[0]))

static struct lw_yaml_doc doc;
static struct lw_diag diag;

static int
read_as(const char *text, const struct lw_yaml_field *f, size_t n, void *into)
{
	lw_diag_init(&diag);
	assert_int_equal(lw_yaml_parse(&doc, "f", lw_str(text), &diag), LW_OK);
	return lw_yaml_fields(&doc, doc.root, f, n, into, &diag);
}

static void
reads_every_type(void **state)
{
	struct values v = {.count = 77};

	(void)state;
	assert_int_equal(read_as("text: no\ncount: -5\nweight: 1.5e0\non: true\n"
				 "pause: 30s\nspace: '64KiB'\nany: [x]\nlist: []\n"
				 "map: {}\n",
			     fields, NFIELDS, &v),
	    LW_OK);
	assert_int_equal(diag.errors, 0);
	assert_string_equal(v.text.p, "no");
	assert_int_equal(v.count, -5);
	assert_true(v.weight == 1.5);
	assert_true(v.on);
	assert_int_equal(v.pause, 30000);
	assert_int_equal(v.space, 65536);
	assert_int_equal(v.any->nchildren, 1);
	assert_int_equal(v.list->type, LW_YAML_LIST);
	assert_int_equal(v.map->type, LW_YAML_MAP);
	lw_yaml_clear(&doc);
}

static void
absent_keeps_what_was(void **state)
{
	struct values v = {.count = 77, .weight = 2};

	(void)state;
	assert_int_equal(read_as("weight: 3\n", fields, NFIELDS, &v), LW_OK);
	assert_int_equal(v.count, 77);
	assert_true(v.weight == 3);
	lw_yaml_clear(&doc);
}

struct refusal {
	const char *text, *want;
};

static const struct refusal refusals[] = {
    {"count: 9\n", "f:1:8: error: must be from -5 to 8\n"},
    {"count: '3'\n",
	"f:1:8: error: expected an integer, found '3' (digits, without quotes)\n"},
    {"count: 07\n",
	"f:1:8: error: expected an integer, found '07' (digits, without quotes)\n"},
    {"count: 0x7\n",
	"f:1:8: error: expected an integer, found '0x7' (digits, without quotes)\n"},
    {"count: +1\n",
	"f:1:8: error: expected an integer, found '+1' (digits, without quotes)\n"},
    {"count: -\n", "f:1:8: error: not valid YAML: *"},
    {"count: 1_0\n",
	"f:1:8: error: expected an integer, found '1_0' (digits, without quotes)\n"},
    {"count: 99999999999999999999\n", "f:1:8: error: the number is too large\n"},
    {"count:\n",
	"f:1:7: error: expected an integer, found nothing (digits, without quotes)\n"},
    {"count: [1]\n", "f:1:8: error: expected an integer, found a list\n"},
    {"weight: 0.05\n", "f:1:9: error: must be from 0.1 to 4\n"},
    {"weight: .nan\n", "f:1:9: error: expected a number, found '.nan' (such as 0.75, "
		       "without quotes)\n"},
    {"weight: 1e999\n", "f:1:9: error: the number is too large\n"},
    {"weight: 0x1p3\n", "f:1:9: error: expected a number, found '0x1p3' (such as 0.75, "
			"without quotes)\n"},
    {"weight: 1.\n", "f:1:9: error: expected a number, found '1.' (such as 0.75, without "
		     "quotes)\n"},
    {"on: yes\n", "f:1:5: error: expected true or false, found 'yes' (without quotes)\n"},
    {"on: 'true'\n",
	"f:1:5: error: expected true or false, found 'true' (without quotes)\n"},
    {"pause: 30\n", "f:1:8: error: expected a duration, found '30' (such as 250ms, 30s, "
		    "10m, 2h or 14d)\n"},
    {"pause: 30sec\n", "f:1:8: error: expected a duration, found '30sec' (such as 250ms, "
		       "30s, 10m, 2h or 14d)\n"},
    {"pause: 2h\n", "f:1:8: error: must be from 1s to 1m\n"},
    {"pause: 999999999999999999d\n", "f:1:8: error: the number is too large\n"},
    {"space: 64KB\n", "f:1:8: error: expected a size, found '64KB' (such as 64KiB, 1MiB "
		      "or 2GiB)\n"},
    {"space: 1B\n", "f:1:8: error: must be from 1KiB to 1MiB\n"},
    {"text: {a: 1}\n", "f:1:7: error: expected text, found a map\n"},
    {"text:\n", "f:1:6: error: expected text, found nothing\n"},
    {"list: x\n", "f:1:7: error: expected a list, found text\n"},
    {"map: [x]\n", "f:1:6: error: expected a map, found a list\n"},
    {"\nwieght: 1\n", "f:2:1: error: unknown key 'wieght' (did you mean 'weight'?)\n"},
    {"zzzzzz: 1\n", "f:1:1: error: unknown key 'zzzzzz' (known keys: text, count, weight, "
		    "on, pause, space, any, list, map)\n"},
    {"count: x\nweight: y\n", "f:1:8: error: expected an integer, found 'x' (digits, "
			      "without quotes)\nf:2:9: error: expected a number, found "
			      "'y' (such as 0.75, without quotes)\n"},
    {"[x]\n", "f:1:1: error: expected a map, found a list\n"},
};

static void
refuses_with_a_hint(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		struct values v = {.count = 3}, before = v;

		lw_diag_init(&diag);
		if (lw_yaml_parse(&doc, "f", lw_str(refusals[i].text), &diag) == LW_OK)
			assert_int_equal(
			    lw_yaml_fields(&doc, doc.root, fields, NFIELDS, &v, &diag),
			    LW_EINVAL);
		check_diag(&diag, refusals[i].want);
		assert_memory_equal(&v, &before, sizeof(v)); /* nothing was written */
		lw_yaml_clear(&doc);
	}
}

static void
required_keys(void **state)
{
	static const struct lw_yaml_field two[] = {
	    {"text", LW_WANT_TEXT, true, AT(text), 0, 0},
	    {"count", LW_WANT_INT, true, AT(count), 0, 0},
	};
	struct values v = {.count = 0};

	(void)state;
	assert_int_equal(read_as("text: a\n", two, 2, &v), LW_EINVAL);
	check_diag(&diag, "f:1:1: error: missing key 'count'\n");
	lw_yaml_clear(&doc);
	/* without bounds, the type's own range holds */
	assert_int_equal(
	    read_as("text: a\ncount: 9223372036854775807\n", two, 2, &v), LW_OK);
	assert_true(v.count == INT64_MAX);
	lw_yaml_clear(&doc);
	assert_int_equal(
	    read_as("text: a\ncount: 9223372036854775808\n", two, 2, &v), LW_EINVAL);
	lw_diag_clear(&diag);
	lw_yaml_clear(&doc);
}

static void
long_and_odd_words_are_cut(void **state)
{
	struct values v = {.count = 0};

	(void)state;
	assert_int_equal(read_as("count: \"h\xc3\xa9 and so on and on and on and on and on "
				 "and on\"\n",
			     fields, NFIELDS, &v),
	    LW_EINVAL);
	check_diag(&diag, "f:1:8: error: expected an integer, found 'h?? and so on and on "
			  "and on and on and on ...' (digits, without quotes)\n");
	lw_yaml_clear(&doc);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_every_type),
	    cmocka_unit_test(absent_keeps_what_was),
	    cmocka_unit_test(refuses_with_a_hint),
	    cmocka_unit_test(required_keys),
	    cmocka_unit_test(long_and_odd_words_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
