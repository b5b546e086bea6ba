/* SPDX-License-Identifier: Apache-2.0 */
/* How many states a regex has once its counted repeats are written out: a bound on what its
 * compilation costs, so that (a{1,1000}){1,1000} is refused before the library sees it. In:
 * a pattern. Out: a number, saturated. Reads the pattern much more simply than the library. */
#include <stdbool.h>
#include <string.h>
#include "pack/compile.h"

#define STATES_CAP 1000000L
#define DEPTH_MAX 64

struct cursor {
	const char *p;
	size_t n, i;
	int depth;
	bool is_odd; /* brackets do not pair, or syntax that would hide repeats */
};

static long sum_of(struct cursor *c);

static long
cap(long v)
{
	return v < STATES_CAP ? v : STATES_CAP;
}

/* [...] with its own rules: ] may stand first, \ escapes, [:name:] nests. */
static void
skip_class(struct cursor *c)
{
	c->i++;
	if (c->i < c->n && c->p[c->i] == '^')
		c->i++;
	if (c->i < c->n && c->p[c->i] == ']')
		c->i++;
	while (c->i < c->n && c->p[c->i] != ']') {
		if (c->p[c->i] == '[' && c->i + 1 < c->n && c->p[c->i + 1] == ':') {
			const char *end = memchr(c->p + c->i + 2, ']', c->n - c->i - 2);

			c->i = end != NULL && end[-1] == ':' ? (size_t)(end - c->p) + 1
							     : c->i + 1;
			continue;
		}
		c->i += c->p[c->i] == '\\' ? 2 : 1;
	}
	if (c->i >= c->n)
		c->is_odd = true;
	c->i++;
}

/* The largest factor of a quantifier at the cursor, 1 when there is none. */
static long
factor_of(struct cursor *c)
{
	long lo = 0, hi = -1;
	size_t i = c->i;

	if (i < c->n && strchr("*+?", c->p[i]) != NULL && c->p[i] != '\0') {
		c->i++;
		return 1;
	}
	if (i >= c->n || c->p[i] != '{')
		return 1;
	for (i++; i < c->n && c->p[i] >= '0' && c->p[i] <= '9'; i++)
		lo = cap(lo * 10 + (c->p[i] - '0'));
	if (i < c->n && c->p[i] == ',')
		for (i++; i < c->n && c->p[i] >= '0' && c->p[i] <= '9'; i++)
			hi = cap((hi < 0 ? 0 : hi) * 10 + (c->p[i] - '0'));
	if (i >= c->n || c->p[i] != '}')
		return 1; /* a brace that stands for itself */
	c->i = i + 1;
	return lo > hi ? (lo > 0 ? lo : 1) : (hi > 0 ? hi : 1);
}

static long
group_of(struct cursor *c)
{
	long v;

	c->i++;
	if (c->i < c->n && c->p[c->i] == '*')
		c->is_odd = true; /* (*UTF8) and its like change the library's mode */
	if (c->i < c->n && c->p[c->i] == '?') {
		/* Free spacing and comments could hide what follows. */
		for (c->i++; c->i < c->n && strchr(":)=!<>P'|#(", c->p[c->i]) == NULL;
		     c->i++)
			if (c->p[c->i] == 'x')
				c->is_odd = true;
		if (c->i < c->n && strchr("#(", c->p[c->i]) != NULL)
			c->is_odd = true;
		if (c->i < c->n && c->p[c->i] == ':')
			c->i++;
	}
	if (++c->depth > DEPTH_MAX)
		c->is_odd = true;
	v = c->is_odd ? STATES_CAP : sum_of(c);
	c->depth--;
	if (c->i >= c->n || c->p[c->i] != ')')
		c->is_odd = true;
	c->i++;
	return v;
}

static long
sum_of(struct cursor *c)
{
	long sum = 0;

	while (c->i < c->n && c->p[c->i] != ')' && !c->is_odd) {
		long v = 1;

		switch (c->p[c->i]) {
		case '(':
			v = group_of(c);
			break;
		case '[':
			skip_class(c);
			break;
		case '\\':
			if (c->i + 1 < c->n && c->p[c->i + 1] == 'Q')
				c->is_odd = true;
			c->i += 2;
			break;
		default:
			c->i++;
		}
		for (size_t at = c->i + 1; at != c->i && !c->is_odd;) {
			at = c->i;
			v = cap(v * factor_of(c));
		}
		sum = cap(sum + v);
	}
	return sum;
}

long
lw_regex_states(struct lw_str pattern)
{
	struct cursor c = {.p = pattern.p, .n = pattern.n};
	long v = sum_of(&c);

	return c.is_odd || c.i != c.n ? -1 : v;
}
