/* SPDX-License-Identifier: Apache-2.0 */
/* Where the shipped packs are: beside a build tree, or installed. */
#ifndef LW_CONF_PATHS_H
#define LW_CONF_PATHS_H

#include "conf/config.h"

struct lw_conf_packs {
	char dir[LW_CONF_PACKS][LW_CONF_PATH_MAX];
	size_t n;
};

/* Every folder with a pack.yaml, in name order, of the first of these that has any:
 * $LAPWING_PATTERNS; patterns/ of the source tree that the program was built in; the
 * installed place, relative to the program or as configured. LW_ENOENT when none has. */
int lw_conf_shipped_packs(struct lw_conf_packs *out);
/* The folder that the running program lies in, resolved. LW_EIO. */
int lw_conf_program_dir(char *out, size_t size);

#endif
