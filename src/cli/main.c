/* SPDX-License-Identifier: Apache-2.0 */
/* lapwing: the command line. Finds the command and lets it run. */
#include <locale.h>
#include <signal.h>
#include "cli/cli.h"

const struct lw_command lw_commands[] = {
    {"replay", "feed conversations through the engine and print flags", lw_cmd_replay},
    {"explain", "show how each pair's score came about", lw_cmd_explain},
    {"pack", "check, test and format pattern packs", lw_cmd_pack},
    {"bench", "measure throughput, latency and memory", lw_cmd_bench},
    {"queue", "the moderation queue: list, show", lw_cmd_queue},
    {"ctl", "a running daemon: status, reload", lw_cmd_ctl},
    {"init", "write a commented configuration, keys and the test phrase", lw_cmd_init},
    {"demo", "the whole way on synthetic conversations", lw_cmd_demo},
};
const size_t lw_ncommands = sizeof(lw_commands) / sizeof(lw_commands[0]);

int
main(int argc, char **argv)
{
	setlocale(LC_CTYPE, "C.UTF-8");
	signal(SIGPIPE, SIG_IGN);
	return lw_cli_dispatch(lw_commands, lw_ncommands, "lapwing", argc, argv);
}
