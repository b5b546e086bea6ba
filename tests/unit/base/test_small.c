/* SPDX-License-Identifier: Apache-2.0 */
/* Error texts, errno mapping, clocks, log lines. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"

static void
every_error_has_its_own_text(void **state)
{
	(void)state;
	for (int e = LW_ELIB; e <= LW_OK; e++) {
		assert_string_not_equal(lw_strerror(e), lw_strerror(LW_ELIB - 1));
		for (int f = LW_ELIB; f < e; f++)
			assert_string_not_equal(lw_strerror(e), lw_strerror(f));
	}
	assert_string_equal(lw_strerror(1), "unknown error");
	assert_string_equal(lw_strerror(-1000), "unknown error");
}

static void
errno_maps(void **state)
{
	(void)state;
	assert_int_equal(lw_err_from_errno(0), LW_OK);
	assert_int_equal(lw_err_from_errno(ENOMEM), LW_ENOMEM);
	assert_int_equal(lw_err_from_errno(ENOENT), LW_ENOENT);
	assert_int_equal(lw_err_from_errno(ENOSPC), LW_ENOSPC);
	assert_int_equal(lw_err_from_errno(EAGAIN), LW_EAGAIN);
	assert_int_equal(lw_err_from_errno(EPIPE), LW_ECLOSED);
	assert_int_equal(lw_err_from_errno(EACCES), LW_EREFUSED);
	assert_int_equal(lw_err_from_errno(EADDRINUSE), LW_EBUSY);
	assert_int_equal(lw_err_from_errno(EIO), LW_EIO);
	assert_int_equal(lw_err_from_errno(99999), LW_EIO);
}

static void
clocks_run_and_clamp(void **state)
{
	uint64_t a = lw_clock_mono_ns(), b = lw_clock_mono_ns();

	(void)state;
	assert_true(b >= a);
	assert_true(lw_clock_wall_ms() > UINT64_C(1600000000000));
	assert_true(lw_clock_clamp(0, 5000) == 5000);
	assert_true(lw_clock_clamp(1, 5000) == 1);
	assert_true(lw_clock_clamp(125000, 5000) == 125000);
	assert_true(lw_clock_clamp(125001, 5000) == 125000);
	assert_true(lw_clock_clamp(UINT64_MAX, 5000) == 125000);
}

/* What lw_log writes to stderr while a level is set. */
static size_t
catch_log(char *line, size_t cap, enum lw_log_level set, enum lw_log_level at,
    const char *message)
{
	int fd[2], saved = dup(STDERR_FILENO);
	ssize_t n;

	assert_int_equal(pipe(fd), 0);
	dup2(fd[1], STDERR_FILENO);
	lw_log_set_level(set);
	lw_log(at, "%s", message);
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(fd[1]);
	n = read(fd[0], line, cap - 1);
	close(fd[0]);
	assert_true(n >= 0);
	line[n] = '\0';
	return (size_t)n;
}

static void
log_lines(void **state)
{
	char line[4096], longer[3000];

	(void)state;
	lw_log_set_name("tester");
	catch_log(line, sizeof(line), LW_LOG_INFO, LW_LOG_WARN, "7 of 9");
	assert_string_equal(line, "tester: warning: 7 of 9\n");
	assert_int_equal(catch_log(line, sizeof(line), LW_LOG_INFO, LW_LOG_DEBUG, "x"), 0);
	catch_log(line, sizeof(line), LW_LOG_DEBUG, LW_LOG_DEBUG, "a\nb\x1b[1m");
	assert_string_equal(line, "tester: debug: a?b?[1m\n");
	memset(longer, 'y', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(
	    catch_log(line, sizeof(line), LW_LOG_INFO, LW_LOG_ERROR, longer), 1024);
	assert_int_equal(line[1023], '\n');
	lw_log_set_level(LW_LOG_INFO);
}

static size_t
count_lines(FILE *f, bool *told)
{
	char line[2048];
	size_t n = 0;

	rewind(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		n++;
		if (strstr(line, "lines were left out") != NULL)
			*told = true;
	}
	return n;
}

/* A storm is cut, an error still gets through, and later one is told. */
static void
log_storms(void **state)
{
	FILE *f = tmpfile();
	int saved = dup(STDERR_FILENO), i;
	struct timespec second = {1, 50000000};
	bool told = false;
	size_t n;

	(void)state;
	assert_non_null(f);
	dup2(fileno(f), STDERR_FILENO);
	for (i = 0; i < 5000; i++)
		lw_info("connection");
	lw_error("disk");
	n = count_lines(f, &told);
	nanosleep(&second, NULL);
	lw_info("calm");
	dup2(saved, STDERR_FILENO);
	close(saved);
	assert_in_range(n, 100, 900); /* the second may have turned meanwhile */
	count_lines(f, &told);
	assert_true(told);
	fclose(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_error_has_its_own_text),
	    cmocka_unit_test(errno_maps),
	    cmocka_unit_test(clocks_run_and_clamp),
	    cmocka_unit_test(log_lines),
	    cmocka_unit_test(log_storms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
