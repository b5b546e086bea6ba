/* SPDX-License-Identifier: Apache-2.0 */
/* lapwingd: options in, exit code out. Stays in the foreground. */
#include <malloc.h>
#include <stddef.h>
#include "daemon/daemon.h"

int
main(int argc, char **argv)
{
	struct lw_daemon_options options = {0};
	struct lw_daemon *daemon = NULL;
	int code;

	/* Every reload is a thread of its own; with a heap of its own, too, each would keep
	 * what a compilation needs at its peak. */
	mallopt(M_ARENA_MAX, 2);
	code = lw_daemon_options_parse(&options, argc, argv);
	if (code >= 0)
		return code;
	code = lw_daemon_start(&daemon, &options);
	if (code == LW_EXIT_OK && !options.check_only)
		code = lw_daemon_run(daemon);
	lw_daemon_stop(daemon);
	return code;
}
