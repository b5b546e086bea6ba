/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon as main sees it: options in, a process that serves until it is told to stop. */
#ifndef LW_DAEMON_DAEMON_H
#define LW_DAEMON_DAEMON_H

#include <stdbool.h>

enum lw_exit { /* as the manual page tells */
	LW_EXIT_OK = 0,
	LW_EXIT_USAGE = 2,
	LW_EXIT_INVALID = 3,
	LW_EXIT_IO = 4,
	LW_EXIT_REFUSED = 5
};

struct lw_daemon_options {
	const char *config;
	bool check_only;
};

/* -1 to go on, else the exit code to leave with at once. */
int lw_daemon_options_parse(struct lw_daemon_options *o, int argc, char **argv);

struct lw_daemon;

/* Each step returns an exit code; *out is for lw_daemon_stop in any case. */
int lw_daemon_start(struct lw_daemon **out, const struct lw_daemon_options *o);
int lw_daemon_run(struct lw_daemon *d); /* until a signal; finishes what is under way */
void lw_daemon_stop(struct lw_daemon *d);

#endif
