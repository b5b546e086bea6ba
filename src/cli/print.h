/* SPDX-License-Identifier: Apache-2.0 */
/* A flag for eyes: who, how high, why, and the words that did it. */
#ifndef LW_CLI_PRINT_H
#define LW_CLI_PRINT_H

#include <stdbool.h>
#include <stdio.h>
#include "event/verdict.h"

void lw_print_flag(FILE *to, const struct lw_flag *f, bool colour, bool show_text);
/* The terms of a score as a waterfall, one a line. */
void lw_print_waterfall(FILE *to, const struct lw_flag *f, bool colour);
/* Bytes from strangers: control and direction characters are shown as '?'. */
void lw_print_safe(FILE *to, const char *p, size_t n);
/* Text with the spans marked. */
void lw_print_marked(FILE *to, struct lw_str text, const struct lw_span *spans, size_t n,
    bool colour);

#endif
