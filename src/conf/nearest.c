/* SPDX-License-Identifier: Apache-2.0 */
/* "Did you mean": the name at the smallest edit distance. In: what was written and the
 * names that exist. Out: one of them or NULL. Owns nothing. */
#include <stdint.h>
#include "conf/yaml.h"

#define WORD_MAX 64 /* longer words have no neighbours */
#define DISTANCE_MAX 2

/* Insertions, deletions, replacements and swaps of neighbours, up to DISTANCE_MAX; more
 * counts as DISTANCE_MAX + 1. */
static unsigned
distance(struct lw_str a, struct lw_str b)
{
	uint8_t row[3][WORD_MAX + 1];

	if (a.n > WORD_MAX || b.n > WORD_MAX)
		return DISTANCE_MAX + 1;
	for (size_t j = 0; j <= b.n; j++)
		row[0][j] = (uint8_t)j;
	for (size_t i = 1; i <= a.n; i++) {
		uint8_t *now = row[i % 3], *up = row[(i + 2) % 3],
			*up2 = row[(i + 1) % 3];

		now[0] = (uint8_t)i;
		for (size_t j = 1; j <= b.n; j++) {
			bool is_same = a.p[i - 1] == b.p[j - 1];
			unsigned best = up[j - 1] + (is_same ? 0u : 1u);

			if (up[j] + 1u < best)
				best = up[j] + 1u;
			if (now[j - 1] + 1u < best)
				best = now[j - 1] + 1u;
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] &&
			    a.p[i - 2] == b.p[j - 1] && up2[j - 2] + 1u < best)
				best = up2[j - 2] + 1u;
			now[j] = (uint8_t)best;
		}
	}
	return row[a.n % 3][b.n];
}

const char *
lw_conf_nearest(struct lw_str written, const char *const *names, size_t n)
{
	/* In a word of three letters two edits make any other word. */
	unsigned best = written.n > 3 ? DISTANCE_MAX + 1 : DISTANCE_MAX;
	const char *found = NULL;

	if (written.p == NULL)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		unsigned d = distance(written, lw_str(names[i]));

		if (d < best) {
			best = d;
			found = names[i];
		}
	}
	return found;
}
