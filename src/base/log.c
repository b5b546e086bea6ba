/* SPDX-License-Identifier: Apache-2.0 */
/* Log lines. In: a level and a format. Out: one line on stderr, in one write, so that
 * lines of different threads do not mix. Owns the level and the program's name. */
#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/log.h"

#define LINE_MAX_BYTES 1024 /* the rest of a longer line is cut */
#define LINES_A_SECOND 200  /* errors, and all else; more are counted, and left out */
#define SECOND_NS UINT64_C(1000000000)

/* Who connects again and again makes lines again and again: that must not fill the disk. */
struct budget {
	_Atomic uint64_t second;
	atomic_uint lines, left_out;
};

static atomic_int log_level = LW_LOG_INFO;
static _Atomic(const char *) log_name = "lapwing";

void
lw_log_set_level(enum lw_log_level level)
{
	atomic_store(&log_level, (int)level);
}

void
lw_log_set_name(const char *program)
{
	atomic_store(&log_name, program);
}

static const char *
level_word(enum lw_log_level level)
{
	switch (level) {
	case LW_LOG_ERROR:
		return "error";
	case LW_LOG_WARN:
		return "warning";
	case LW_LOG_INFO:
		return "info";
	case LW_LOG_DEBUG:
		return "debug";
	}
	return "log";
}

/* A control byte must not end the line early or move a terminal's cursor. */
static void
make_printable(char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
			s[i] = '?';
}

static void
write_all(const char *s, size_t n)
{
	while (n > 0) {
		ssize_t w = write(STDERR_FILENO, s, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			return; /* nowhere left to complain */
		s += w;
		n -= (size_t)w;
	}
}

/* Threads that begin a second together may spend a line more or less: no harm. *left_out
 * is what to tell of the seconds before. */
static bool
may_write(struct budget *b, unsigned *left_out)
{
	uint64_t now = lw_clock_mono_ns() / SECOND_NS, then = atomic_load(&b->second);

	*left_out = 0;
	if (now != then && atomic_compare_exchange_strong(&b->second, &then, now)) {
		atomic_store(&b->lines, 0);
		*left_out = atomic_exchange(&b->left_out, 0);
	}
	if (atomic_fetch_add(&b->lines, 1) < LINES_A_SECOND)
		return true;
	atomic_fetch_add(&b->left_out, 1);
	return false;
}

static void
tell_left_out(enum lw_log_level level, unsigned n)
{
	char line[128];
	int w = snprintf(line, sizeof(line), "%s: %s: %u lines were left out\n",
	    atomic_load(&log_name), level_word(level), n);

	if (w > 0 && (size_t)w < sizeof(line))
		write_all(line, (size_t)w);
}

void
lw_log(enum lw_log_level level, const char *fmt, ...)
{
	static struct budget budgets[2];
	char line[LINE_MAX_BYTES + 1];
	unsigned left_out;
	size_t n;
	int w;
	va_list ap;

	if ((int)level > atomic_load(&log_level) ||
	    !may_write(&budgets[level == LW_LOG_ERROR], &left_out))
		return;
	if (left_out > 0)
		tell_left_out(level, left_out);
	w = snprintf(line, LINE_MAX_BYTES, "%s: %s: ", atomic_load(&log_name),
	    level_word(level));
	if (w < 0 || w >= LINE_MAX_BYTES)
		return;
	n = (size_t)w;
	va_start(ap, fmt);
	w = vsnprintf(line + n, LINE_MAX_BYTES - n, fmt, ap);
	va_end(ap);
	if (w < 0)
		return;
	n += (size_t)w;
	if (n > LINE_MAX_BYTES - 1)
		n = LINE_MAX_BYTES - 1;
	make_printable(line, n);
	line[n++] = '\n';
	write_all(line, n);
}
