/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON writer: layout, escapes, numbers that read back, broken UTF-8, depth. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"

static struct lw_buf out;

static const char *
text(void)
{
	lw_buf_putc(&out, '\0');
	assert_int_equal(out.err, LW_OK);
	return (const char *)lw_buf_peek(&out);
}

static int
fresh(void **state)
{
	(void)state;
	lw_buf_clear(&out);
	lw_buf_init(&out, 1 << 16);
	return 0;
}

static void
sample(struct lw_json *j)
{
	lw_json_object(j);
	lw_json_key(j, "a");
	lw_json_array(j);
	lw_json_int(j, -1);
	lw_json_uint(j, UINT64_MAX);
	lw_json_bool(j, true);
	lw_json_null(j);
	lw_json_object(j);
	lw_json_object_end(j);
	lw_json_array_end(j);
	lw_json_key(j, "b");
	lw_json_strz(j, NULL);
	lw_json_key(j, "c");
	lw_json_fixed(j, 0.125, 2);
	lw_json_object_end(j);
}

static void
one_line(void **state)
{
	struct lw_json j;

	(void)state;
	lw_json_init(&j, &out, 0);
	sample(&j);
	assert_string_equal(text(),
	    "{\"a\":[-1,18446744073709551615,true,null,{}],\"b\":null,\"c\":0.12}");
}

static void
indented(void **state)
{
	struct lw_json j;

	(void)state;
	lw_json_init(&j, &out, 2);
	sample(&j);
	assert_string_equal(text(), "{\n  \"a\": [\n    -1,\n    18446744073709551615,\n"
				    "    true,\n    null,\n    {}\n  ],\n"
				    "  \"b\": null,\n  \"c\": 0.12\n}");
}

static void
check_string(const char *in, size_t n, const char *want)
{
	struct lw_json j;

	lw_buf_reset(&out);
	lw_json_init(&j, &out, 0);
	lw_json_str(&j, (struct lw_str){in, n});
	assert_string_equal(text(), want);
}

static void
strings(void **state)
{
	(void)state;
	check_string(
	    "a\"b\\c\n\r\t\x01\x7f", 10, "\"a\\\"b\\\\c\\n\\r\\t\\u0001\\u007f\"");
	check_string("\0", 1, "\"\\u0000\"");
	check_string("h\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xa6", 12,
	    "\"h\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xa6\"");
	check_string("", 0, "\"\"");
}

#define FFFD "\xef\xbf\xbd"

static void
broken_utf8(void **state)
{
	(void)state;
	check_string("a\xff"
		     "b",
	    3, "\"a" FFFD "b\"");
	check_string("\xc0\x80", 2, "\"" FFFD FFFD "\"");	   /* overlong */
	check_string("\xed\xa0\x80", 3, "\"" FFFD FFFD FFFD "\""); /* surrogate */
	check_string("\xf4\x90\x80\x80", 4, "\"" FFFD FFFD FFFD FFFD "\"");
	check_string("\xe2\x82", 2, "\"" FFFD "\""); /* cut at the end */
	check_string("\xf0\x9f\x90x", 4, "\"" FFFD "x\"");
	check_string("\x80", 1, "\"" FFFD "\"");
}

static void
check_double(double v, const char *want)
{
	struct lw_json j;
	const char *got;

	lw_buf_reset(&out);
	lw_json_init(&j, &out, 0);
	lw_json_double(&j, v);
	got = text();
	if (want != NULL)
		assert_string_equal(got, want);
	assert_true(strtod(got, NULL) == v);
}

static void
doubles(void **state)
{
	struct lw_json j;
	uint64_t x = 88172645463325252;

	(void)state;
	check_double(0.1, "0.1");
	check_double(1, "1");
	check_double(-2.5, "-2.5");
	check_double(0.1 + 0.2, "0.30000000000000004");
	check_double(1.0 / 3, "0.3333333333333333");
	check_double(5e-324, "5e-324");
	check_double(DBL_MAX, "1.7976931348623157e+308");
	for (int i = 0; i < 2000; i++) {
		double v;

		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		memcpy(&v, &x, sizeof(v));
		if (isfinite(v))
			check_double(v, NULL);
	}
	lw_buf_reset(&out);
	lw_json_init(&j, &out, 0);
	lw_json_array(&j);
	lw_json_double(&j, NAN);
	lw_json_fixed(&j, INFINITY, 2);
	lw_json_array_end(&j);
	assert_string_equal(text(), "[null,null]");
}

static void
depth_and_space_are_bounded(void **state)
{
	struct lw_json j;

	(void)state;
	lw_json_init(&j, &out, 0);
	for (int i = 0; i < LW_JSON_DEPTH_MAX; i++)
		lw_json_array(&j);
	assert_int_equal(out.err, LW_OK);
	lw_json_object(&j);
	assert_int_equal(out.err, LW_ELIMIT);
	lw_json_key(&j, "k");
	lw_json_int(&j, 1);
	lw_json_object_end(&j);
	for (int i = 0; i < LW_JSON_DEPTH_MAX; i++)
		lw_json_array_end(&j);
	assert_int_equal(out.err, LW_ELIMIT);

	lw_buf_clear(&out);
	lw_buf_init(&out, 4);
	lw_json_init(&j, &out, 0);
	lw_json_strz(&j, "too long for it");
	assert_int_equal(out.err, LW_ELIMIT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(one_line, fresh),
	    cmocka_unit_test_setup(indented, fresh),
	    cmocka_unit_test_setup(strings, fresh),
	    cmocka_unit_test_setup(broken_utf8, fresh),
	    cmocka_unit_test_setup(doubles, fresh),
	    cmocka_unit_test_setup(depth_and_space_are_bounded, fresh),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	lw_buf_clear(&out);
	return failed;
}
