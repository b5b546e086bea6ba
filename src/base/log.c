/* SPDX-License-Identifier: Apache-2.0 */
/* Log lines. In: a level and a format. Out: one line on stderr, in one write, so that
 * lines of different threads do not mix. Owns the level and the program's name. */
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>
#include "base/log.h"

#define LINE_MAX_BYTES 1024 /* the rest of a longer line is cut */

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

		if (w <= 0)
			return; /* nowhere left to complain */
		s += w;
		n -= (size_t)w;
	}
}

void
lw_log(enum lw_log_level level, const char *fmt, ...)
{
	char line[LINE_MAX_BYTES + 1];
	size_t n;
	int w;
	va_list ap;

	if ((int)level > atomic_load(&log_level))
		return;
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
