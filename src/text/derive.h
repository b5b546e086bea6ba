/* SPDX-License-Identifier: Apache-2.0 */
/* The fold of one code point, worked out with ICU. Private to the room; used while the
 * table is built and by nothing that runs per message. */
#ifndef LW_TEXT_DERIVE_H
#define LW_TEXT_DERIVE_H

#include <stdint.h>
#include <unicode/unorm2.h>
#include <unicode/utypes.h>
#include "text/table.h"

#define LW_DERIVED_MAX 32

struct lw_derived {
	UChar32 seq[LW_DERIVED_MAX];
	int n;
	enum lw_text_class cls;
	bool complex; /* seq has separators, or what may join the text around it */
};

struct lw_deriver;

int lw_deriver_new(struct lw_deriver **out);
void lw_deriver_free(struct lw_deriver *d);
/* 0 or LW_ELIB. */
int lw_derive(const struct lw_deriver *d, UChar32 c, struct lw_derived *out);
uint16_t lw_derive_form(
    const struct lw_deriver *d, UChar32 c, const struct lw_derived *fold);
/* Combining class that is kept: 0 for a starter, -1 for a mark that vanishes. */
int lw_derive_ccc(UChar32 c);
/* a and b of a composition whose marks are kept; false when c is none. */
bool lw_derive_pair(const struct lw_deriver *d, UChar32 c, struct lw_text_pair *out);

#endif
