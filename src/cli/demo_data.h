/* SPDX-License-Identifier: Apache-2.0 */
/* The demo's conversations: synthetic, short, neutral in wording. */
#ifndef LW_CLI_DEMO_DATA_H
#define LW_CLI_DEMO_DATA_H

#include <stddef.h>

struct lw_demo_line {
	const char *from, *to, *text;
};
struct lw_demo_talk {
	const char *name, *about;
	const struct lw_demo_line *line;
	size_t n;
};
extern const struct lw_demo_talk lw_demo_talks[];
extern const size_t lw_demo_ntalks;

#endif
