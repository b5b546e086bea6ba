/* SPDX-License-Identifier: Apache-2.0 */
/* Traffic for the daemon's tests: harmless chat in which some pairs say the phrases of the
 * test pack now and then. A seed in, events out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "house.h"

#define PEOPLE 60
#define T0 UINT64_C(1700000000000)

static const char *const plain[] = {
    "good game everyone",
    "see you after lunch",
    "who took the last boat",
    "that map is too large",
    "the update fixed it",
    "nice move",
    "brb",
    "the plover is a wader",
    "my pond has frogs",
    "a heron stood there",
};
static const char *const marked[] = {
    "found a plover by the nest",
    "the heron left our pond",
    "that curlew calls again",
    "a dunlin ate the seed",
    "heron",
    "at the pond today",
    "plover",
    "in a nest",
};

uint64_t
test_random(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

uint64_t
test_seed(void)
{
	const char *given = getenv("LAPWING_TEST_SEED");
	uint64_t seed = given != NULL ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);

	print_message("LAPWING_TEST_SEED=%" PRIu64 "\n", seed);
	return seed;
}

static void
name(char to[32], const char *who, const char *kind, uint64_t n)
{
	snprintf(to, 32, "%s-%s%" PRIu64, who, kind, n);
}

/* Direct talk says whom it is for; in a room it shows from replies, or never. */
static void
say(struct lw_client_event *ev, char s[5][32], const char *who, uint64_t r, size_t i)
{
	uint64_t from = r % PEOPLE, to = (r >> 8) % PEOPLE;

	if (to == from)
		to = (from + 1) % PEOPLE;
	name(s[1], who, "p", from);
	name(s[3], who, "m", i);
	ev->from = s[1];
	ev->id = s[3];
	ev->ts_ms = T0 + i * 1500;
	ev->text = (r >> 16) % 12 == 0 ? marked[(r >> 24) % 8] : plain[(r >> 24) % 10];
	if ((r >> 32) % 4 != 0) {
		name(s[2], who, "p", to);
		ev->to = s[2];
		ev->channel = LW_CLIENT_DIRECT;
		if ((r >> 40) % 300 == 0)
			ev->text = "a skua dives";
		return;
	}
	name(s[0], who, "room", (r >> 36) % 6);
	ev->conv = s[0];
	ev->channel = LW_CLIENT_GROUP;
	if ((r >> 40) % 2 == 0 && i > 40) {
		name(s[4], who, "m", i - 1 - (r >> 44) % 30);
		ev->reply_to = s[4];
	}
}

/* Few: a shard's memory of people is bounded, and which of many it keeps depends on the
 * order in which plugins spoke. */
static void
know(struct lw_client_event *ev, char s[5][32], const char *who, uint64_t r)
{
	name(s[1], who, "p", r % 4);
	ev->kind = LW_CLIENT_USER;
	ev->from = s[1];
	ev->age_band = r % 3 == 0 ? LW_CLIENT_CHILD : LW_CLIENT_ADULT;
}

static void
take_back(struct lw_client_event *ev, char s[5][32], const char *who, uint64_t r, size_t i)
{
	ev->kind = LW_CLIENT_DELETE;
	name(s[1], who, "p", r % PEOPLE);
	name(s[0], who, "room", (r >> 36) % 6);
	name(s[4], who, "m", i - 1 - (r >> 44) % 30);
	ev->from = s[1];
	ev->conv = s[0];
	ev->reply_to = s[4];
}

void
talk_make(struct talk *t, const char *who, size_t n, uint64_t seed)
{
	uint64_t r, state = seed;
	size_t i;

	t->n = n;
	t->ev = calloc(n, sizeof(*t->ev));
	t->name = calloc(n, sizeof(*t->name));
	assert_non_null(t->ev);
	assert_non_null(t->name);
	for (i = 0; i < n; i++) {
		t->ev[i] = lw_client_event_init();
		r = test_random(&state);
		if (i > 50 && (r >> 52) % 200 == 0)
			take_back(&t->ev[i], t->name[i], who, r, i);
		else if ((r >> 52) % 200 == 1)
			know(&t->ev[i], t->name[i], who, r);
		else
			say(&t->ev[i], t->name[i], who, r, i);
		/* ids for all, so that what is sent again is known again */
		name(t->name[i][3], who, "m", i);
		t->ev[i].id = t->name[i][3];
		t->ev[i].ts_ms = T0 + i * 1500;
	}
}

void
talk_clear(struct talk *t)
{
	free(t->ev);
	free(t->name);
}
