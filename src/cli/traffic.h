/* SPDX-License-Identifier: Apache-2.0 */
/* Traffic for benches: read from replay files, or generated to look like chat: word
 * frequencies, lengths, shares of non-ASCII and obfuscated text, new words all the time. */
#ifndef LW_CLI_TRAFFIC_H
#define LW_CLI_TRAFFIC_H

#include "base/arena.h"
#include "base/json.h"
#include "cli/cli.h"
#include "event/event.h"

struct lw_traffic {
	struct lw_event *ev; /* owned; slices live in arena */
	size_t n, cap;
	struct lw_arena arena;
	uint64_t bytes, words, non_ascii, obfuscated, conversations;
	const char *source; /* "generated" or "files" */
	uint64_t seed;
};

#define LW_TRAFFIC_MAX 20000000 /* messages held in memory */

/* n messages of `conversations` pairs, interleaved; the same seed gives the same bytes. */
int lw_traffic_generate(
    struct lw_traffic *t, size_t n, size_t conversations, uint64_t seed);
/* Messages of files; other kinds of event are left out. Returns an exit code. */
int lw_traffic_read(struct lw_traffic *t, const struct lw_opt_list *files);
void lw_traffic_clear(struct lw_traffic *t);
/* The "traffic" object of a bench's conditions. */
void lw_traffic_json(const struct lw_traffic *t, struct lw_json *j);

/* A small deterministic generator of numbers (SplitMix64, Steele et al. 2014). */
static inline uint64_t
lw_random(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

#endif
