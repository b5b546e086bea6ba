/* SPDX-License-Identifier: Apache-2.0 */
/* Folding of plain ASCII, which most chat in Latin script is. Private to the room. */
#ifndef LW_TEXT_ASCII_H
#define LW_TEXT_ASCII_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room the output needs beyond the input: two sentinels and a whole vector. */
#define LW_ASCII_SLACK 32

bool lw_ascii_is(const uint8_t *s, size_t n);
/* tab: folded byte, ' ' for a separator, '\'' for an apostrophe. out, start and end have
 * room for n + LW_ASCII_SLACK. Returns the folded length, sentinels included. */
size_t lw_ascii_fold(const uint8_t *tab, const uint8_t *s, size_t n, uint8_t *out,
    uint32_t *start, uint32_t *end);

#endif
