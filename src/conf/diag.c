/* SPDX-License-Identifier: Apache-2.0 */
/* Diagnostics. In: places and messages. Out: the list, and its printed form. Owns copies
 * of all strings; when memory is short an item is counted but not kept. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "conf/diag.h"

#define MESSAGE_MAX 512

void
lw_diag_init(struct lw_diag *d)
{
	memset(d, 0, sizeof(*d));
}

void
lw_diag_clear(struct lw_diag *d)
{
	for (size_t i = 0; i < d->n; i++) {
		free(d->item[i].file);
		free(d->item[i].message);
		free(d->item[i].hint);
	}
	lw_diag_init(d);
}

/* A copy on one line: what a file says must not steer a terminal. */
static char *
copy_line(const char *z)
{
	char *copy = strdup(z);

	if (copy != NULL)
		for (char *c = copy; *c != '\0'; c++)
			if ((unsigned char)*c < 0x20 || *c == 0x7f)
				*c = '?';
	return copy;
}

void
lw_diag_add(struct lw_diag *d, bool is_warning, const char *file, unsigned line,
    unsigned col, const char *hint, const char *fmt, ...)
{
	struct lw_diag_item *it;
	char message[MESSAGE_MAX];
	va_list ap;

	if (is_warning)
		d->warnings++;
	else
		d->errors++;
	if (d->n == LW_DIAG_MAX)
		return;
	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	it = &d->item[d->n];
	it->file = copy_line(file != NULL ? file : "-");
	it->message = copy_line(message);
	it->hint = hint != NULL ? copy_line(hint) : NULL;
	if (it->file == NULL || it->message == NULL || (hint != NULL && it->hint == NULL)) {
		free(it->file);
		free(it->message);
		free(it->hint);
		memset(it, 0, sizeof(*it));
		return;
	}
	it->line = line;
	it->col = col;
	it->is_warning = is_warning;
	d->n++;
}

void
lw_diag_print(const struct lw_diag *d, FILE *to)
{
	for (size_t i = 0; i < d->n; i++) {
		const struct lw_diag_item *it = &d->item[i];

		fprintf(to, "%s:", it->file);
		if (it->line > 0)
			fprintf(to, "%u:", it->line);
		if (it->line > 0 && it->col > 0)
			fprintf(to, "%u:", it->col);
		fprintf(to, " %s: %s", it->is_warning ? "warning" : "error", it->message);
		if (it->hint != NULL)
			fprintf(to, " (%s)", it->hint);
		fputc('\n', to);
	}
	if (d->errors + d->warnings > d->n)
		fprintf(to, "... and %zu more\n", d->errors + d->warnings - d->n);
}
