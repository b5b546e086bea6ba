/* SPDX-License-Identifier: Apache-2.0 */
/* lapwing init: a folder that a daemon can start on, and what to do next. */
#include <stdio.h>
#include "cli/home.h"
#include "pack/pack.h"

int
lw_cmd_init(int argc, char **argv)
{
	const struct lw_usage u = {"init [DIR]",
	    "Writes a commented lapwing.yaml, a policy.yaml and a new key into DIR (default:\n"
	    "lapwing), and prints the test phrase. Nothing that exists is overwritten.",
	    "  lapwing init /srv/lapwing\n", NULL, 0};
	char program[LW_CONF_PATH_MAX + 32];
	struct lw_config conf;
	const char *dir;
	int code, n = lw_cli_options(&u, argc, argv, &code);

	if (n < 0)
		return code;
	if (n > 1)
		return lw_cli_usage_error("init takes one folder");
	dir = n == 1 ? argv[1] : "lapwing";
	if ((code = lw_home_make(dir, &conf)) != LW_EXIT_OK)
		return code;
	/* sbin is not on everybody's path */
	if (lw_own_daemon_find(program, sizeof(program)) != 0)
		snprintf(program, sizeof(program), "lapwingd");
	printf("%s/lapwing.yaml   how the daemon runs\n"
	       "%s/policy.yaml    what a risk means here\n"
	       "%s  seals evidence: back it up apart from the data\n\n"
	       "Start the daemon:   %s --config %s/lapwing.yaml\n"
	       "Attach a server to: %s\n"
	       "Then say this in a chat to see the whole way work (it raises a test flag):\n\n"
	       "    %s\n",
	    dir, dir, conf.key_file, program, dir, conf.socket, lw_test_phrase());
	return LW_EXIT_OK;
}
