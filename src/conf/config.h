/* SPDX-License-Identifier: Apache-2.0 */
/* lapwing.yaml: how the daemon runs. One table names every key, its type, range, default
 * and help; the parser, the sample file and docs/configuration.md come from it. */
#ifndef LW_CONF_CONFIG_H
#define LW_CONF_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include "conf/diag.h"

#define LW_CONF_PATH_MAX 512
#define LW_CONF_PACKS 64
#define LW_CONF_TENANTS 64

struct lw_config_tenant {
	char name[64];
	char token_file[LW_CONF_PATH_MAX]; /* "" when the socket's file mode is enough */
};

struct lw_config {
	char socket[LW_CONF_PATH_MAX];	  /* plugin socket; bound 0660 */
	char control[LW_CONF_PATH_MAX];	  /* control socket; bound 0600 */
	char state_dir[LW_CONF_PATH_MAX]; /* journal, snapshots, queue.db */
	char key_file[LW_CONF_PATH_MAX];  /* 32 random bytes, hex; outside state_dir */
	char policy[LW_CONF_PATH_MAX];	  /* "" for the shipped default */
	char packs[LW_CONF_PACKS][LW_CONF_PATH_MAX];
	uint32_t npacks;	/* 0: the shipped packs */
	uint32_t workers;	/* 0: auto, one a core */
	uint64_t max_windows;	/* over all shards */
	uint64_t max_memory;	/* bytes of windows over all shards */
	uint64_t idle_ms;	/* a window idle for so long is dropped */
	uint64_t dedupe_events; /* event ids remembered */
	uint64_t commit_ms;	/* longest wait of a group commit */
	uint64_t snapshot_ms;	/* every shard is snapshot once in this time */
	uint64_t retention_ms;	/* of dismissed evidence */
	uint32_t max_sessions;	/* plugin connections */
	uint32_t window;	/* events a plugin may have unacknowledged */
	uint64_t max_frame;	/* bytes, after hello */
	struct lw_config_tenant tenants[LW_CONF_TENANTS];
	uint32_t ntenants; /* 0: one tenant "default" without a token */
	int log_level;	   /* enum lw_log_level */
};

void lw_config_default(struct lw_config *c);
/* Relative paths are relative to the file's folder. *c is only written on success. */
int lw_config_read(struct lw_config *c, const char *path, struct lw_diag *diag);
/* The commented sample that `lapwing init` writes, and the reference table in Markdown. */
void lw_config_write_sample(FILE *to, const struct lw_config *c);
void lw_config_write_reference(FILE *to);
/* Keys that differ: those that a reload takes over (is_live), or those that it cannot.
 * Names are static; at most max of them. */
size_t lw_config_diff(const struct lw_config *a, const struct lw_config *b,
    bool is_live, const char **keys, size_t max);

#endif
