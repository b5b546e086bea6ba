/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the room's tests: random numbers, and the fold as ICU alone computes it. */
#ifndef LW_TEST_TEXT_UTIL_H
#define LW_TEST_TEXT_UTIL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/* Seed of the random tests: LW_TEST_SEED, else the clock; printed. */
uint64_t test_seed(void);
uint32_t test_random(uint64_t *state);

int test_text_setup(void **state);
int test_text_teardown(void **state);

/* NFKC_Casefold, marks stripped, digits to ASCII, NFC: twice, by ICU's own functions. */
size_t test_reference(const char *in, size_t n, char *out, size_t cap);

#endif
