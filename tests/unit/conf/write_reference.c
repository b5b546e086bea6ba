/* SPDX-License-Identifier: Apache-2.0 */
/* Prints docs/configuration.md: the words here, the tables from the code. */
#include <stdio.h>
#include "conf/config.h"
#include "conf/policy.h"

int
main(void)
{
	puts(
	    "# Configuration\n\n"
	    "(Written from the code by `make configuration-reference`; a test fails when it "
	    "is stale.)\n\n"
	    "`lapwingd` reads two files: `lapwing.yaml` says how it runs, and the policy file "
	    "that it\n"
	    "names says what a risk means here. Both may be empty: every key has a default. "
	    "`lapwing init`\n"
	    "writes a commented sample.\n\n"
	    "Both are strict YAML: UTF-8, maps, lists and text only. Anchors, aliases, tags, "
	    "tabs, duplicate\n"
	    "and unknown keys are errors with their place, `file:line:col: error: ... "
	    "(hint)`. Times need a\n"
	    "unit (`ms`, `s`, `m`, `h`, `d`), sizes too (`B`, `KiB`, `MiB`, `GiB`, `TiB`); "
	    "booleans are `true` or\n"
	    "`false`. Relative paths start at the folder of the file. In the defaults, "
	    "`@conf@`, `@state@`\n"
	    "and `@run@` stand for the installation's folders, such as `/etc/lapwing`, "
	    "`/var/lib/lapwing`\n"
	    "and `/run/lapwing`.\n\n"
	    "## lapwing.yaml\n");
	lw_config_write_reference(stdout);
	puts("\nA tenant is a map of `name` (lower-case letters, digits, `.`, `_`, `-`) and "
	     "`token_file` (a\n"
	     "file with the secret that its servers say hello with):\n\n"
	     "```yaml\n"
	     "tenants:\n"
	     "  - name: 'north'\n"
	     "    token_file: 'north.token'\n"
	     "```\n\n"
	     "## The policy file\n\n"
	     "A reload takes over every key. A dot stands for nesting: `bands.low` is `low` in "
	     "the map `bands`.\n"
	     "Bands must ascend; an action other than `allow` is only taken for bands that are "
	     "flagged; who\n"
	     "names one clause names all (but `test`).\n");
	lw_policy_write_reference(stdout);
	return fflush(stdout) != 0;
}
