/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of this room share: diagnostics as text, temporary files. */
#ifndef TEST_CONF_HELPER_H
#define TEST_CONF_HELPER_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "conf/diag.h"

/* All diagnostics in their printed form; the caller frees. Not inlined: gcc would take
 * what open_memstream writes through the pointers for dangling. */
__attribute__((noinline, unused)) static char *
diag_text(const struct lw_diag *d)
{
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	assert_non_null(f);
	lw_diag_print(d, f);
	fclose(f);
	return text;
}

/* The printed form equals want, or begins with it when want ends in '*'. */
static inline void
check_diag(struct lw_diag *d, const char *want)
{
	char *got = diag_text(d);
	size_t n = strlen(want);

	if (n > 0 && want[n - 1] == '*') {
		char *head = strndup(got, n - 1), *whole = strndup(want, n - 1);

		assert_string_equal(head, whole);
		free(head);
		free(whole);
	} else {
		assert_string_equal(got, want);
	}
	free(got);
	lw_diag_clear(d);
}

static char temp_dir[64];

static inline int
make_temp_dir(void **state)
{
	(void)state;
	strcpy(temp_dir, "conf-test-XXXXXX");
	return mkdtemp(temp_dir) != NULL ? 0 : -1;
}

static inline const char *
temp_path(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", temp_dir, name);
	return path;
}

static inline const char *
write_temp(const char *name, const char *text, size_t n)
{
	const char *path = temp_path(name);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
	return path;
}

static inline int
drop_temp_dir(void **state)
{
	(void)state;
	unlink(temp_path("a.yaml"));
	unlink(temp_path("fifo"));
	return rmdir(temp_dir);
}

#endif
