/* SPDX-License-Identifier: Apache-2.0 */
/* The matcher library's start-up test: passes here, and quickly. With the argument `verdict`
 * it only says what it thinks of the library that it runs on (vectorscan.sh uses that). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "base/err.h"
#include "pack/pack.h"

static void
test_this_library_is_fit(void **state)
{
	char why[256] = "";
	clock_t start = clock();
	int err = lw_pack_selftest(why, sizeof(why));

	(void)state;
	printf("libhs %s: %.0f ms\n", lw_pack_library(),
	    1000.0 * (double)(clock() - start) / CLOCKS_PER_SEC);
	assert_string_equal(why, "");
	assert_int_equal(err, 0);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_this_library_is_fit),
	};
	char why[256] = "fit";
	int err;

	if (argc == 2 && strcmp(argv[1], "verdict") == 0) {
		err = lw_pack_selftest(why, sizeof(why));
		printf("libhs %s: %s\n", lw_pack_library(), why);
		return err == LW_ELIB ? 3 : err != 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
