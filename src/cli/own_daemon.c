/* SPDX-License-Identifier: Apache-2.0 */
/* A daemon of the command's own: started beside this program, stopped by its pid. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "base/err.h"
#include "cli/home.h"
#include "conf/paths.h"
#include "gate/gate.h"

#define START_TRIES 200 /* of 50 ms */
#define STOP_TRIES 200
#define TMPDIR_MAX 60 /* a socket in the folder must have a path of at most 107 bytes */

static void
nap(void)
{
	nanosleep(&(struct timespec){0, 50 * 1000000}, NULL);
}

int
lw_own_daemon_find(char *out, size_t size)
{
	static const char *const beside[] = {"lapwingd", "../sbin/lapwingd"};
	char dir[LW_CONF_PATH_MAX], path[LW_CONF_PATH_MAX + 32], *real;
	int err = lw_conf_program_dir(dir, sizeof(dir));

	for (size_t i = 0; err == 0 && i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, beside[i]);
		if (access(path, X_OK) != 0 || (real = realpath(path, NULL)) == NULL)
			continue;
		snprintf(out, size, "%s", real);
		free(real);
		return LW_OK;
	}
	return err != 0 ? err : LW_ENOENT;
}

static int
is_up(const struct lw_config *c)
{
	struct lw_buf body;
	bool ok = false;
	int err;

	lw_buf_init(&body, 1 << 20);
	err = lw_control_call(c->control, LW_STR("status"), LW_STR(""), 1000, &ok, &body);
	lw_buf_clear(&body);
	return err == 0 && ok;
}

static int
spawn(struct lw_own_daemon *d, const char *program)
{
	char config[LW_CONF_PATH_MAX + 32], log[LW_CONF_PATH_MAX + 32];
	pid_t parent = getpid();
	int fd;

	snprintf(config, sizeof(config), "%s/lapwing.yaml", d->dir);
	snprintf(log, sizeof(log), "%s/lapwingd.log", d->dir);
	d->pid = fork();
	if (d->pid != 0)
		return d->pid < 0 ? lw_err_from_errno(errno) : LW_OK;
	/* The daemon must not outlive a parent that was killed. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(127);
	signal(SIGINT, SIG_IGN); /* Ctrl-C goes to the parent, which stops us */
	fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
	if (fd >= 0) {
		dup2(fd, STDOUT_FILENO);
		dup2(fd, STDERR_FILENO);
	}
	execl(program, "lapwingd", "--config", config, (char *)NULL);
	_exit(127);
}

static int
set_workers(const char *dir, unsigned workers)
{
	char path[LW_CONF_PATH_MAX + 32];
	struct lw_config c;
	struct lw_diag diag;
	FILE *f;
	int err;

	snprintf(path, sizeof(path), "%s/lapwing.yaml", dir);
	lw_diag_init(&diag);
	err = lw_config_read(&c, path, &diag);
	lw_diag_print(&diag, stderr);
	lw_diag_clear(&diag);
	if (err != 0)
		return err;
	c.workers = workers;
	if ((f = fopen(path, "w")) == NULL)
		return lw_err_from_errno(errno);
	lw_config_write_sample(f, &c);
	return fclose(f) == 0 ? LW_OK : LW_EIO;
}

/* A new folder under $TMPDIR, or under /tmp. */
static int
make_temporary(struct lw_own_daemon *d)
{
	const char *tmp = getenv("TMPDIR");

	if (tmp == NULL || *tmp == '\0' || strlen(tmp) > TMPDIR_MAX)
		tmp = "/tmp";
	snprintf(d->dir, sizeof(d->dir), "%s/lapwing-XXXXXX", tmp);
	if (mkdtemp(d->dir) == NULL)
		return lw_cli_fail(lw_err_from_errno(errno), "%s", d->dir);
	d->temporary = true;
	return LW_EXIT_OK;
}

/* What the daemon said before it left. */
static int
fail_start(const struct lw_own_daemon *d)
{
	char path[LW_CONF_PATH_MAX + 32], line[1024];
	FILE *log;

	snprintf(path, sizeof(path), "%s/lapwingd.log", d->dir);
	fputs("lapwing: lapwingd did not come up\n", stderr);
	if ((log = fopen(path, "r")) == NULL)
		return LW_EXIT_IO;
	while (fgets(line, sizeof(line), log) != NULL)
		fprintf(stderr, "  %s", line);
	fclose(log);
	return LW_EXIT_IO;
}

int
lw_own_daemon_start(struct lw_own_daemon *d, const char *dir, unsigned workers)
{
	char program[LW_CONF_PATH_MAX + 32];
	int code, err;

	memset(d, 0, sizeof(*d));
	if ((err = lw_own_daemon_find(program, sizeof(program))) != 0)
		return lw_cli_fail(err, "lapwingd is not beside this program");
	if (dir != NULL)
		snprintf(d->dir, sizeof(d->dir), "%s", dir);
	else if ((code = make_temporary(d)) != LW_EXIT_OK)
		return code;
	if ((code = lw_home_make(d->dir, &d->conf)) != LW_EXIT_OK)
		return code;
	if ((workers != 0 && (err = set_workers(d->dir, workers)) != 0) ||
	    (err = spawn(d, program)) != 0)
		return lw_cli_fail(err, "starting lapwingd");
	for (int i = 0; i < START_TRIES; i++) {
		int status;

		if (is_up(&d->conf))
			return LW_EXIT_OK;
		if (waitpid(d->pid, &status, WNOHANG) == d->pid) {
			d->pid = 0;
			break;
		}
		nap();
	}
	return fail_start(d);
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

void
lw_own_daemon_stop(struct lw_own_daemon *d)
{
	int status;

	if (d->pid > 0) {
		kill(d->pid, SIGTERM);
		for (int i = 0; i < STOP_TRIES; i++) {
			if (waitpid(d->pid, &status, WNOHANG) == d->pid) {
				d->pid = 0;
				break;
			}
			nap();
		}
	}
	if (d->pid > 0) {
		kill(d->pid, SIGKILL);
		waitpid(d->pid, &status, 0);
		d->pid = 0;
	}
	if (d->temporary)
		nftw(d->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
