/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of plain or gzip files and of stdin, one at a time, bounded. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include "base/err.h"
#include "base/buf.h"
#include "cli/cli.h"

#define LINE_MAX_BYTES (1u << 20)

struct lw_lines {
	gzFile gz;
	uint64_t number;
	char line[LINE_MAX_BYTES];
};

int
lw_lines_open(struct lw_lines **out, const char *path)
{
	bool is_stdin = strcmp(path, "-") == 0;
	struct lw_lines *l;
	struct stat st;
	int err;

	*out = NULL;
	if (!is_stdin && (access(path, R_OK) != 0 || stat(path, &st) != 0))
		return lw_err_from_errno(errno);
	if (!is_stdin && S_ISDIR(st.st_mode))
		return LW_EINVAL;
	if ((l = malloc(sizeof(*l))) == NULL)
		return LW_ENOMEM;
	l->number = 0;
	errno = 0;
	l->gz = is_stdin ? gzdopen(dup(STDIN_FILENO), "rb") : gzopen(path, "rb");
	if (l->gz == NULL) {
		err = lw_err_from_errno(errno != 0 ? errno : ENOMEM);
		free(l);
		return err;
	}
	gzbuffer(l->gz, 256 << 10);
	*out = l;
	return LW_OK;
}

/* The rest of a line that is too long. */
static int
skip_line(struct lw_lines *l)
{
	do {
		if (gzgets(l->gz, l->line, sizeof(l->line)) == NULL)
			break;
	} while (strchr(l->line, '\n') == NULL);
	return LW_ELIMIT;
}

int
lw_lines_next(struct lw_lines *l, struct lw_str *line)
{
	int err;
	size_t n;

	if (gzgets(l->gz, l->line, sizeof(l->line)) == NULL) {
		gzerror(l->gz, &err);
		return err == Z_OK || err == Z_STREAM_END ? 0 : LW_EIO;
	}
	l->number++;
	n = strlen(l->line);
	if (n == sizeof(l->line) - 1 && l->line[n - 1] != '\n')
		return skip_line(l);
	while (n > 0 && (l->line[n - 1] == '\n' || l->line[n - 1] == '\r'))
		n--;
	*line = (struct lw_str){l->line, n};
	return 1;
}

uint64_t
lw_lines_number(const struct lw_lines *l)
{
	return l->number;
}

void
lw_lines_close(struct lw_lines *l)
{
	if (l == NULL)
		return;
	gzclose(l->gz);
	lw_wipe(l->line, sizeof(l->line));
	free(l);
}
