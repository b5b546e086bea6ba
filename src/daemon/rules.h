/* SPDX-License-Identifier: Apache-2.0 */
/* Packs and policy as one read-only, reference-counted thing: what a batch is judged by.
 * Its id is a hash of the files' contents. A copy of the files is kept in the state folder
 * while the journal refers to them, so that a replay uses the rules of the time. */
#ifndef LW_DAEMON_RULES_H
#define LW_DAEMON_RULES_H

#include <stdatomic.h>
#include "conf/config.h"
#include "conf/diag.h"
#include "conf/policy.h"
#include "daemon/record.h"
#include "pack/pack.h"

#define LW_RULES_ID 64 /* hex digits */

struct lw_rules {
	atomic_uint refs;
	struct lw_ruleset *rs;
	struct lw_policy policy;
	char id[LW_RULES_ID + 1];
	struct lw_intern_mark mark; /* the intern table right after loading */
};

struct lw_rules_source {
	char dir[LW_CONF_PACKS][LW_CONF_PATH_MAX];
	size_t ndirs;
	char policy[LW_CONF_PATH_MAX]; /* "" for the default */
};

/* What the configuration names; the shipped packs where it names none. */
int lw_rules_source(struct lw_rules_source *out, const struct lw_config *conf);
/* Hash of the files; with copy_to also a copy of them in that new folder. */
int lw_rules_id(
    const struct lw_rules_source *src, const char *copy_to, char id[LW_RULES_ID + 1]);
int lw_rules_load(struct lw_rules **out, const struct lw_rules_source *src,
    struct lw_intern *intern, struct lw_diag *diag);
struct lw_rules *lw_rules_ref(struct lw_rules *r);
void lw_rules_unref(struct lw_rules *r);

/* ---- kept copies: <state>/rules/<id> ---- */
int lw_rules_keep(
    const char *state_dir, const struct lw_rules_source *src, const char *id);
int lw_rules_kept(struct lw_rules_source *out, const char *state_dir, const char *id);
/* Remove all copies but this one. */
void lw_rules_forget(const char *state_dir, const char *but_id);

#endif
