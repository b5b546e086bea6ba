/* SPDX-License-Identifier: Apache-2.0 */
/* A flag for eyes: who, how high, why, and the words that did it. Works on the one JSON form
 * that flags have everywhere: from the engine, the queue or a file. */
#ifndef LW_CLI_PRINT_H
#define LW_CLI_PRINT_H

#include <stdbool.h>
#include <stdio.h>
#include <jansson.h>
#include "event/verdict.h"

/* Bytes from strangers: control and direction characters are shown as '?'. */
void lw_print_safe(FILE *to, const char *p, size_t n);
/* Text is shown where the object has it. */
void lw_print_flag(FILE *to, const json_t *flag, bool colour);
/* A case as the queue shows it: its newest flag's sum, all of its evidence. */
void lw_print_case(FILE *to, const json_t *kase, bool colour);
/* A flag of the engine as JSON: owned by the caller, NULL without memory. */
json_t *lw_flag_to_json(const struct lw_flag *f, bool show_text);

#endif
