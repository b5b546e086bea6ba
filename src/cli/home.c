/* SPDX-License-Identifier: Apache-2.0 */
/* Lays a daemon's folder out; nothing that is there is overwritten. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/err.h"
#include "cli/home.h"
#include "event/category.h"
#include "queue/queue.h"

static int
make_folder(const char *path, mode_t mode)
{
	if (mkdir(path, mode) == 0 || errno == EEXIST)
		return LW_EXIT_OK;
	if (errno == ENOENT) {
		fprintf(stderr, "lapwing: %s: the folder above it does not exist\n", path);
		return LW_EXIT_IO;
	}
	return lw_cli_fail(lw_err_from_errno(errno), "%s", path);
}

/* A new file for writing, or NULL with *code set; an existing one is an error. */
static FILE *
new_file(const char *path, int *code)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	FILE *f;

	if (fd < 0) {
		*code = errno == EEXIST
			    ? (fprintf(stderr,
				   "lapwing: %s exists and is left as it is\n", path),
				  LW_EXIT_REFUSED)
			    : lw_cli_fail(lw_err_from_errno(errno), "%s", path);
		return NULL;
	}
	f = fdopen(fd, "w");
	if (f == NULL) {
		*code = lw_cli_fail(lw_err_from_errno(errno), "%s", path);
		close(fd);
	}
	return f;
}

static int
close_file(FILE *f, const char *path)
{
	bool bad = ferror(f) != 0;

	if (fclose(f) != 0 || bad)
		return lw_cli_fail(LW_EIO, "%s", path);
	return LW_EXIT_OK;
}

static int
write_policy(const char *path)
{
	struct lw_policy policy;
	int code;
	FILE *f = new_file(path, &code);

	if (f == NULL)
		return code;
	lw_policy_default(&policy);
	lw_policy_write_sample(f, &policy);
	return close_file(f, path);
}

static int
write_config(const char *path, const struct lw_config *conf)
{
	int code;
	FILE *f = new_file(path, &code);

	if (f == NULL)
		return code;
	lw_config_write_sample(f, conf);
	return close_file(f, path);
}

static int
fill_paths(struct lw_config *c, const char *dir)
{
	const struct {
		char *into;
		const char *name;
	} path[] = {{c->socket, "run/plugin.sock"}, {c->control, "run/control.sock"},
	    {c->state_dir, "state"}, {c->key_file, "keys/evidence.key"},
	    {c->policy, "policy.yaml"}};

	for (size_t i = 0; i < sizeof(path) / sizeof(path[0]); i++) {
		int n =
		    snprintf(path[i].into, LW_CONF_PATH_MAX, "%s/%s", dir, path[i].name);

		if (n < 0 || n >= LW_CONF_PATH_MAX)
			return lw_cli_fail(LW_ELIMIT, "%s: path too long", dir);
	}
	return LW_EXIT_OK;
}

int
lw_home_make(const char *dir, struct lw_config *conf)
{
	char abs[LW_CONF_PATH_MAX], path[LW_CONF_PATH_MAX + 32];
	static const char *const sub[] = {"run", "state", "keys"};
	int code, err;

	lw_config_default(conf);
	if ((code = make_folder(dir, 0750)) != LW_EXIT_OK)
		return code;
	if (strlen(dir) >= sizeof(abs) || realpath(dir, path) == NULL ||
	    strlen(path) >= sizeof(abs))
		return lw_cli_fail(LW_ELIMIT, "%s: path too long", dir);
	strcpy(abs, path);
	for (size_t i = 0; i < sizeof(sub) / sizeof(sub[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", abs, sub[i]);
		if ((code = make_folder(path, i == 0 ? 0750 : 0700)) != LW_EXIT_OK)
			return code;
	}
	if ((code = fill_paths(conf, abs)) != LW_EXIT_OK)
		return code;
	snprintf(path, sizeof(path), "%s/lapwing.yaml", abs);
	if ((code = write_config(path, conf)) != LW_EXIT_OK ||
	    (code = write_policy(conf->policy)) != LW_EXIT_OK)
		return code;
	if ((err = lw_seal_new_file(conf->key_file)) != 0)
		return lw_cli_fail(err, "%s", conf->key_file);
	return LW_EXIT_OK;
}

int
lw_home_config(struct lw_config *conf, const char *path)
{
	struct lw_diag diag;
	int err;

	lw_config_default(conf);
	if (path == NULL) {
		if (access(LW_HOME_CONFIG, F_OK) != 0)
			return LW_EXIT_OK;
		path = LW_HOME_CONFIG;
	}
	lw_diag_init(&diag);
	err = lw_config_read(conf, path, &diag);
	lw_diag_print(&diag, stderr);
	if (err != 0 && diag.errors == 0)
		lw_cli_fail(err, "%s", path);
	lw_diag_clear(&diag);
	return lw_cli_exit_code(err);
}
