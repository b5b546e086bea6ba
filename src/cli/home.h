/* SPDX-License-Identifier: Apache-2.0 */
/* A folder with everything that a daemon needs: configuration, key, policy, state. */
#ifndef LW_CLI_HOME_H
#define LW_CLI_HOME_H

#include <stdbool.h>
#include "cli/cli.h"
#include "conf/config.h"
#include "conf/policy.h"

/* Make dir (and what is in it) and write lapwing.yaml, policy.yaml and a key; nothing that
 * exists is overwritten. conf is filled with what the file says. Returns an exit code. */
int lw_home_make(const char *dir, struct lw_config *conf);

/* A daemon of our own on such a folder: bench and demo. */
struct lw_own_daemon {
	int pid;
	struct lw_config conf;
	char dir[LW_CONF_PATH_MAX];
	bool temporary;
};
/* dir NULL: a new temporary folder, removed by stop. `log` names a file for what the
 * daemon says, NULL for none. workers 0: auto. Waits until the control socket answers. */
int lw_own_daemon_start(struct lw_own_daemon *d, const char *dir, unsigned workers);
/* The lapwingd that lies beside this program. */
int lw_own_daemon_find(char *out, size_t size);
/* SIGTERM, wait, and SIGKILL after 10 s; by pid, only what start started. */
void lw_own_daemon_stop(struct lw_own_daemon *d);
/* The configuration that a command talks to: --config, else the installed default. */
#define LW_HOME_CONFIG LW_SYSCONFDIR "/lapwing.yaml"
#define LW_HOME_OPT(into)                                                              \
	{                                                                              \
		"config", 'c', LW_OPT_TEXT, into, "FILE",                              \
		    "the daemon's lapwing.yaml (default:\n"                            \
		    "                               " LW_HOME_CONFIG ")"               \
	}
int lw_home_config(struct lw_config *conf, const char *path);

#endif
