/* SPDX-License-Identifier: Apache-2.0 */
/* What most commands begin with: packs and policy, and events out of files. */
#ifndef LW_CLI_SETUP_H
#define LW_CLI_SETUP_H

#include "base/arena.h"
#include "cli/cli.h"
#include "conf/policy.h"
#include "engine/engine.h"
#include "event/event.h"
#include "pack/pack.h"

struct lw_setup {
	struct lw_intern *intern;
	struct lw_ruleset *rules;
	struct lw_policy policy;
};
/* packs empty: the shipped ones; policy NULL: the shipped one. Complaints go to stderr;
 * returns an exit code. */
int lw_setup_open(struct lw_setup *s, const struct lw_opt_list *packs, const char *policy);
void lw_setup_close(struct lw_setup *s);
/* The packs given and those shipped ones whose folder name is not among them. */
int lw_pack_load_with_shipped(struct lw_ruleset **out, struct lw_intern *intern,
    const char *const *dirs, size_t n, struct lw_diag *diag);

/* Events from files in order, made whole: sequence, tenant, id and time stamp where the
 * line has none. Bad lines are reported as file:line:col and counted, and do not stop it. */
struct lw_source {
	const char *const *paths;
	size_t npaths, at;
	struct lw_lines *lines;
	uint64_t seq, last_ts, bad;
	int err;      /* of a file that could not be read; 0 */
	bool is_live; /* a line without a time stamp is of now */
};
void lw_source_open(struct lw_source *s, const char *const *paths, size_t npaths);
/* 1 and an event whose slices live in arena, or 0 at the end. */
int lw_source_next(struct lw_source *s, struct lw_arena *arena, struct lw_event *ev);
void lw_source_close(struct lw_source *s);
/* Exit code for what the source met: ok, bad lines, or a file that could not be read. */
int lw_source_code(const struct lw_source *s);

#endif
