/* SPDX-License-Identifier: Apache-2.0 */
/* A pipeline over the fake pack, and short ways to say events. */
#ifndef LW_TESTS_WORLD_H
#define LW_TESTS_WORLD_H

#include "engine/engine.h"
#include "fake.h"

struct world {
	struct lw_ruleset rs;
	struct lw_policy policy;
	struct lw_engine_conf conf;
	struct lw_pipeline *p;
	/* of the last event */
	struct lw_outcome out;
	const struct lw_flag *flags[2];
	size_t nflags;
};

#define T0 UINT64_C(1700000000000)
#define SECOND UINT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

void world_init(struct world *w);
void world_restart(struct world *w); /* a new pipeline, after a change of conf */
void world_clear(struct world *w);
struct lw_event message(const char *from, const char *to, const char *text, uint64_t ts);
struct lw_event event(
    enum lw_event_kind kind, const char *from, const char *to, uint64_t ts);
/* Step; the flag of the pair, or NULL. */
const struct lw_flag *feed(struct world *w, struct lw_event ev);
const struct lw_flag *say(
    struct world *w, const char *from, const char *to, const char *text, uint64_t ts);
/* The contribution of a name; 0 when there is none. */
double contribution(const struct lw_flag *f, const char *name);
/* Everything of a flag as bytes, for comparing. */
void flag_bytes(const struct lw_flag *f, struct lw_buf *out);

#endif
