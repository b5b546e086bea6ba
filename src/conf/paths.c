/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the shipped packs, so that no command needs an option for them. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/err.h"
#include "conf/paths.h"

int
lw_conf_program_dir(char *out, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", out, size - 1);
	char *slash;

	if (n <= 0)
		return LW_EIO;
	out[n] = '\0';
	slash = strrchr(out, '/');
	if (slash == NULL)
		return LW_EIO;
	*slash = '\0';
	return LW_OK;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Folders with a pack.yaml in root; 0 or LW_ENOENT. */
static int
collect(const char *root, struct lw_conf_packs *out)
{
	DIR *d = opendir(root);
	struct dirent *e;
	char manifest[LW_CONF_PATH_MAX + 16];

	out->n = 0;
	if (d == NULL)
		return LW_ENOENT;
	while (out->n < LW_CONF_PACKS && (e = readdir(d)) != NULL) {
		int n = snprintf(
		    out->dir[out->n], LW_CONF_PATH_MAX, "%s/%s", root, e->d_name);

		if (e->d_name[0] == '.' || n < 0 || n >= LW_CONF_PATH_MAX)
			continue;
		snprintf(manifest, sizeof(manifest), "%s/pack.yaml", out->dir[out->n]);
		if (access(manifest, R_OK) == 0)
			out->n++;
	}
	closedir(d);
	qsort(out->dir, out->n, sizeof(out->dir[0]), by_name);
	return out->n > 0 ? LW_OK : LW_ENOENT;
}

int
lw_conf_shipped_packs(struct lw_conf_packs *out)
{
	static const char *const beside[] = {"../patterns", "../share/lapwing/patterns"};
	const char *env = getenv("LAPWING_PATTERNS");
	char dir[LW_CONF_PATH_MAX], root[LW_CONF_PATH_MAX + 64];

	if (env != NULL && *env != '\0')
		return collect(env, out);
	if (lw_conf_program_dir(dir, sizeof(dir)) == 0) {
		for (size_t i = 0; i < sizeof(beside) / sizeof(beside[0]); i++) {
			snprintf(root, sizeof(root), "%s/%s", dir, beside[i]);
			if (collect(root, out) == 0)
				return LW_OK;
		}
	}
	return collect(LW_PATTERNS_DIR, out);
}
