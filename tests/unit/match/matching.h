/* SPDX-License-Identifier: Apache-2.0 */
/* A pack, a matcher and one sender's ring, for tests that say things in few lines. */
#ifndef LW_TEST_MATCHING_H
#define LW_TEST_MATCHING_H

#include "../pack/packdir.h"
#include "match/match.h"

struct matching {
	struct packdir dir;
	struct lw_intern *intern;
	struct lw_ruleset *rs;
	struct lw_matcher *m;
	struct lw_match *out;
	struct lw_ring ring;
	uint64_t now_ms;
	char yaml[65536];
	enum lw_channel channel;
};

void matching_init(struct matching *t);
/* One more rule en.test.<name>; keys as in packdir_rule. */
void matching_rule(struct matching *t, const char *name, const char *keys);
void matching_load(struct matching *t); /* or reload, after more rules */
void matching_forget_rules(struct matching *t);
void matching_clear(struct matching *t);

/* Scan one message, 20 s after the last, and put it into the ring. */
void matching_say(struct matching *t, const char *text);
void matching_say_n(struct matching *t, const char *text, size_t n);
void matching_silence(struct matching *t); /* forget the ring */
/* The last message's hit of en.test.<name>, or NULL. */
const struct lw_hit *matching_hit(const struct matching *t, const char *name);
/* Say it with an empty ring: the hit's enum lw_how, or -1. */
int matching_how(struct matching *t, const char *name, const char *text);

#endif
