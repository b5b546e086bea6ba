/* SPDX-License-Identifier: Apache-2.0 */
/* Diagnostics: `file:line:col: error: message (hint)`, collected up to a cap. */
#ifndef LW_CONF_DIAG_H
#define LW_CONF_DIAG_H

#include <stdbool.h>
#include <stdio.h>

#define LW_DIAG_MAX 100 /* kept; further ones are only counted */

struct lw_diag_item {
	char *file, *message, *hint; /* owned; hint may be NULL */
	unsigned line, col;	     /* 1-based; 0 unknown */
	bool is_warning;
};

struct lw_diag {
	struct lw_diag_item item[LW_DIAG_MAX];
	size_t n, errors, warnings; /* errors and warnings count all, kept or not */
};

void lw_diag_init(struct lw_diag *d);
void lw_diag_clear(struct lw_diag *d);
/* hint may be NULL. The message never quotes chat text. */
void lw_diag_add(struct lw_diag *d, bool is_warning, const char *file, unsigned line,
    unsigned col, const char *hint, const char *fmt, ...)
    __attribute__((format(printf, 7, 8)));
#define lw_diag_error(d, file, line, col, hint, ...)                                   \
	lw_diag_add(d, false, file, line, col, hint, __VA_ARGS__)
#define lw_diag_warn(d, file, line, col, hint, ...)                                    \
	lw_diag_add(d, true, file, line, col, hint, __VA_ARGS__)
void lw_diag_print(const struct lw_diag *d, FILE *to);

#endif
