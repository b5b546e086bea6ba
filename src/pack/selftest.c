/* SPDX-License-Identifier: Apache-2.0 */
/* Start-up test of the matcher library. In: nothing. Out: fit or not, and why. Small sets of
 * regexes are scanned over short texts at every alignment and compared with a matcher of a
 * few lines below; some builds of the library lose matches of just this kind, depending on
 * shape, place and address. Seeds are fixed: a build always gets the same verdict. */
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "pack/pack.h"
#include <hs.h>

#define TEXT_MAX 96
#define PAD 64
#define SET_MAX 24  /* patterns of a set */
#define PARTS_MAX 3 /* parts of a pattern */
#define ALTS_MAX 3  /* alternatives of a part */
#define ALT_BYTES 6
#define SETS 12
#define TEXTS 24

/* A pattern: parts one behind the other, each a choice of short literals. */
struct part {
	char alt[ALTS_MAX][ALT_BYTES];
	unsigned n;
};

struct pattern {
	struct part part[PARTS_MAX];
	unsigned n;
	char expr[160];
};

struct scan {
	uint8_t found[SET_MAX][TEXT_MAX + 1];
};

struct test {
	uint64_t random;
	struct pattern pattern[SET_MAX];
	unsigned n;
	hs_database_t *db;
	hs_scratch_t *scratch;
	struct scan want, got;
};

static uint32_t
next_random(struct test *t)
{
	t->random =
	    t->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(t->random >> 33);
}

static void
write_expr(struct pattern *p)
{
	char *to = p->expr;

	for (unsigned i = 0; i < p->n; i++) {
		to += sprintf(to, "(?:");
		for (unsigned k = 0; k < p->part[i].n; k++)
			to += sprintf(to, "%s%s", k > 0 ? "|" : "", p->part[i].alt[k]);
		to += sprintf(to, ")");
	}
}

static void
make_pattern(struct test *t, struct pattern *p)
{
	static const char letters[] = "0123456789adry";

	memset(p, 0, sizeof(*p));
	p->n = 1 + next_random(t) % PARTS_MAX;
	for (unsigned i = 0; i < p->n; i++) {
		struct part *q = &p->part[i];

		q->n = 1 + next_random(t) % ALTS_MAX;
		for (unsigned k = 0; k < q->n; k++) {
			unsigned len = 1 + next_random(t) % (ALT_BYTES - 2);

			for (unsigned c = 0; c < len; c++)
				q->alt[k][c] =
				    letters[next_random(t) % (sizeof(letters) - 1)];
		}
	}
	write_expr(p);
}

/* All ends of matches, by trying every start. */
static void
reference(const struct pattern *p, const char *text, unsigned n, uint8_t *found)
{
	for (unsigned start = 0; start < n; start++) {
		uint8_t at[TEXT_MAX + 1] = {0}, next[TEXT_MAX + 1];

		at[start] = 1;
		for (unsigned i = 0; i < p->n; i++) {
			memset(next, 0, sizeof(next));
			for (unsigned s = start; s <= n; s++) {
				for (unsigned k = 0; at[s] && k < p->part[i].n; k++) {
					unsigned len =
					    (unsigned)strlen(p->part[i].alt[k]);

					if (s + len <= n &&
					    memcmp(text + s, p->part[i].alt[k], len) == 0)
						next[s + len] = 1;
				}
			}
			memcpy(at, next, sizeof(at));
		}
		for (unsigned e = 0; e <= n; e++)
			found[e] |= at[e];
	}
}

static int
on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
    void *arg)
{
	struct test *t = arg;

	(void)from;
	(void)flags;
	if (id < t->n && to <= TEXT_MAX)
		t->got.found[id][to] = 1;
	return 0;
}

static int
compile(struct test *t)
{
	const char *expr[SET_MAX];
	unsigned ids[SET_MAX];
	hs_compile_error_t *error = NULL;

	for (unsigned i = 0; i < t->n; i++) {
		expr[i] = t->pattern[i].expr;
		ids[i] = i;
	}
	hs_free_database(t->db);
	t->db = NULL;
	if (hs_compile_multi(expr, NULL, ids, t->n, HS_MODE_BLOCK, NULL, &t->db,
		&error) != HS_SUCCESS) {
		hs_free_compile_error(error);
		return LW_ELIB;
	}
	return hs_alloc_scratch(t->db, &t->scratch) == HS_SUCCESS ? 0 : LW_ELIB;
}

/* One text, placed at an address with the given alignment. */
static int
check_text(struct test *t, const char *text, unsigned n, unsigned align)
{
	alignas(64) char room[PAD + 64 + TEXT_MAX + PAD];
	char *p = room + PAD + align;

	memset(room, ' ', sizeof(room));
	memcpy(p, text, n);
	memset(&t->want, 0, sizeof(t->want));
	memset(&t->got, 0, sizeof(t->got));
	for (unsigned i = 0; i < t->n; i++)
		reference(&t->pattern[i], p, n, t->want.found[i]);
	if (hs_scan(t->db, p, n, 0, t->scratch, on_match, t) != HS_SUCCESS)
		return LW_ELIB;
	return memcmp(&t->want, &t->got, sizeof(t->want)) == 0 ? 0 : LW_ELIB;
}

/* A text of filler with pieces of the set's patterns in it, one of them at its end. */
static unsigned
make_text(struct test *t, char *text)
{
	unsigned n = 20 + next_random(t) % (TEXT_MAX - 40), at = 0;

	for (unsigned i = 0; i < n; i++)
		text[i] = "0123456789adry  "[next_random(t) % 16];
	while (at < n) {
		const struct pattern *p = &t->pattern[next_random(t) % t->n];

		at += next_random(t) % 12;
		for (unsigned i = 0; i < p->n; i++) {
			const char *alt = p->part[i].alt[next_random(t) % p->part[i].n];

			if (at + strlen(alt) > TEXT_MAX)
				return n;
			memcpy(text + at, alt, strlen(alt));
			at += (unsigned)strlen(alt);
		}
		n = at > n ? at : n;
	}
	return n;
}

/* The smallest loss that is known: 4(22da|y) at the end of 45 bytes. */
static int
known_shape(struct test *t)
{
	static const char *const alts[2] = {"22da", "y"};
	char text[TEXT_MAX];
	int err;

	t->n = 1;
	memset(&t->pattern[0], 0, sizeof(t->pattern[0]));
	t->pattern[0].n = 2;
	t->pattern[0].part[0].n = 1;
	strcpy(t->pattern[0].part[0].alt[0], "4");
	t->pattern[0].part[1].n = 2;
	strcpy(t->pattern[0].part[1].alt[0], alts[0]);
	strcpy(t->pattern[0].part[1].alt[1], alts[1]);
	write_expr(&t->pattern[0]);
	if ((err = compile(t)) != 0)
		return err;
	for (unsigned n = 8; n <= 80; n++) {
		for (unsigned k = 0; k < 2; k++) {
			unsigned len = 1 + (unsigned)strlen(alts[k]);

			for (unsigned i = 0; i < n; i++)
				text[i] = "abcdefgh 123"[(i * 7 + n) % 12];
			text[n - len] = '4';
			memcpy(text + n - len + 1, alts[k], len - 1);
			if ((err = check_text(t, text, n, n % 64)) != 0 ||
			    (err = check_text(t, text, n, (n * 5 + 3) % 64)) != 0)
				return err;
		}
	}
	return 0;
}

static int
random_sets(struct test *t)
{
	char text[TEXT_MAX];
	int err;

	for (unsigned s = 0; s < SETS; s++) {
		t->n = s % 3 == 0 ? 1 + next_random(t) % 3
				  : 4 + next_random(t) % (SET_MAX - 4);
		for (unsigned i = 0; i < t->n; i++)
			make_pattern(t, &t->pattern[i]);
		if ((err = compile(t)) != 0)
			return err;
		for (unsigned k = 0; k < TEXTS; k++) {
			unsigned n = make_text(t, text);

			if ((err = check_text(t, text, n, next_random(t) % 64)) != 0)
				return err;
		}
	}
	return 0;
}

const char *
lw_pack_library(void)
{
	return hs_version();
}

int
lw_pack_selftest(char *why, size_t why_size)
{
	struct test *t = calloc(1, sizeof(*t));
	int err;

	if (t == NULL)
		return LW_ENOMEM;
	t->random = 20240229;
	if (hs_valid_platform() != HS_SUCCESS) {
		err = LW_ELIB;
		snprintf(why, why_size,
		    "this processor lacks what the matcher library needs");
		goto out;
	}
	if ((err = known_shape(t)) != 0 || (err = random_sets(t)) != 0)
		snprintf(why, why_size,
		    "libhs %s loses matches on this machine; use Hyperscan 5.4.0 to 5.4.2",
		    lw_pack_library());
out:
	hs_free_scratch(t->scratch);
	hs_free_database(t->db);
	free(t);
	return err;
}
