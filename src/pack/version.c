/* SPDX-License-Identifier: Apache-2.0 */
/* Compares dotted versions. In: the `engine` key of a manifest, our version. Out: yes, no,
 * or not a range. Owns nothing. */
#include <stdint.h>
#include "pack/version.h"

/* The next number of a dotted version; a missing one is 0. -1 on anything else. */
static int64_t
next_number(struct lw_str *s)
{
	int64_t v = 0;
	size_t i = 0;

	if (s->n == 0)
		return 0;
	for (; i < s->n && s->p[i] >= '0' && s->p[i] <= '9'; i++)
		if ((v = v * 10 + (s->p[i] - '0')) > 1000000000)
			return -1;
	if (i == 0 || (i < s->n && s->p[i] != '.'))
		return -1;
	if (i < s->n && ++i == s->n)
		return -1; /* ends in a dot */
	s->p += i;
	s->n -= i;
	return v;
}

static int
compare(struct lw_str a, struct lw_str b, int *out)
{
	*out = 0;
	while (a.n > 0 || b.n > 0) {
		int64_t x = next_number(&a), y = next_number(&b);

		if (x < 0 || y < 0)
			return -1;
		if (*out == 0)
			*out = (x > y) - (x < y);
	}
	return 0;
}

static int
term_holds(struct lw_str term, struct lw_str version)
{
	bool less = term.n > 0 && term.p[0] == '<', more = term.n > 0 && term.p[0] == '>';
	bool equal = true;
	int c;

	if (less || more) {
		term.p++;
		term.n--;
		equal = false;
	}
	if (term.n > 0 && term.p[0] == '=') {
		term.p++;
		term.n--;
		equal = true;
	}
	if (term.n == 0 || compare(version, term, &c) != 0)
		return -1;
	return (c == 0 && equal) || (c < 0 && less) || (c > 0 && more);
}

int
lw_version_in_range(struct lw_str range, const char *version)
{
	int all = 1, terms = 0;

	for (size_t i = 0; i < range.n; terms++) {
		size_t start;
		int r;

		while (i < range.n && range.p[i] == ' ')
			i++;
		for (start = i; i < range.n && range.p[i] != ' '; i++)
			;
		if (start == i)
			break;
		r = term_holds(
		    (struct lw_str){range.p + start, i - start}, lw_str(version));
		if (r < 0)
			return -1;
		all &= r;
	}
	return terms > 0 ? all : -1;
}
