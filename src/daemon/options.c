/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon's command line. Words in; a struct, or an exit code, out. */
#include <stdio.h>
#include <string.h>
#include "daemon/daemon.h"
#include "engine/engine.h"
#include "pack/pack.h"

static const char help[] =
    "Usage: lapwingd [-c|--config FILE] [--check-config] [--version] [--help]\n"
    "\n"
    "Watches chat for grooming risk: chat and game servers attach to its plugin socket.\n"
    "Stays in the foreground and logs to standard error.\n"
    "\n"
    "  -c, --config FILE\n"
    "                   configuration (default " LW_SYSCONFDIR "/lapwing.yaml)\n"
    "  --check-config   read configuration, policy and packs, say what is wrong, leave\n"
    "  --version        print versions and leave\n"
    "  -h, --help       print this and leave\n"
    "\n"
    "  lapwingd --config /srv/lapwing/lapwing.yaml\n";

static int
usage_error(const char *what, const char *arg)
{
	fprintf(stderr, "lapwingd: %s: %s (see lapwingd --help)\n", what, arg);
	return LW_EXIT_USAGE;
}

static bool
is_config(const char *arg)
{
	return strcmp(arg, "--config") == 0 || strcmp(arg, "-c") == 0;
}

int
lw_daemon_options_parse(struct lw_daemon_options *o, int argc, char **argv)
{
	int i;

	o->config = LW_SYSCONFDIR "/lapwing.yaml";
	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
			fputs(help, stdout);
			return LW_EXIT_OK;
		}
		if (strcmp(argv[i], "--version") == 0) {
			printf("lapwingd %s (%s)\n", LW_ENGINE_VERSION, lw_pack_library());
			return LW_EXIT_OK;
		}
		if (strcmp(argv[i], "--check-config") == 0)
			o->check_only = true;
		else if (strncmp(argv[i], "--config=", 9) == 0)
			o->config = argv[i] + 9;
		else if (is_config(argv[i]) && i + 1 < argc)
			o->config = argv[++i];
		else if (is_config(argv[i]))
			return usage_error("an option wants a file", argv[i]);
		else
			return usage_error("unknown argument", argv[i]);
	}
	return -1;
}
