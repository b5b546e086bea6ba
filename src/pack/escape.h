/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes as a regular expression that matches just them. */
#ifndef LW_PACK_ESCAPE_H
#define LW_PACK_ESCAPE_H

#include <stddef.h>
#include <stdint.h>

/* Writes at most 4 * n + 1 bytes with a NUL; returns the length. */
size_t lw_escape(char *to, const uint8_t *p, size_t n);

#endif
