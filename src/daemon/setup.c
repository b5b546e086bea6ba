/* SPDX-License-Identifier: Apache-2.0 */
/* Start-up, before anything runs: configuration, packs, key, state folder. Refuses what
 * would not be safe, with words that say what to do. Fills the daemon, which owns it. */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/err.h"
#include "base/log.h"
#include "daemon/inside.h"

int
lw_daemon_exit_of(int err)
{
	switch (err) {
	case 0:
		return LW_EXIT_OK;
	case LW_EINVAL:
	case LW_ELIMIT:
		return LW_EXIT_INVALID;
	case LW_EREFUSED:
	case LW_ECRYPT:
	case LW_EBUSY:
	case LW_ELIB:
		return LW_EXIT_REFUSED;
	default:
		return LW_EXIT_IO;
	}
}

void
lw_daemon_tell(const struct lw_diag *diag, char *why, size_t why_size)
{
	const struct lw_diag_item *it;
	char line[1024];
	size_t i;

	why[0] = '\0';
	for (i = 0; i < diag->n && i < LW_DIAG_MAX; i++) {
		it = &diag->item[i];
		snprintf(line, sizeof(line), "%s:%u:%u: %s%s%s%s",
		    it->file != NULL ? it->file : "?", it->line, it->col, it->message,
		    it->hint != NULL ? " (" : "", it->hint != NULL ? it->hint : "",
		    it->hint != NULL ? ")" : "");
		if (it->is_warning)
			lw_warn("%s", line);
		else
			lw_error("%s", line);
		if (!it->is_warning && why[0] == '\0')
			snprintf(why, why_size, "%s", line);
	}
	if (diag->errors + diag->warnings > diag->n)
		lw_error("and %zu more", diag->errors + diag->warnings - diag->n);
}

int
lw_daemon_read_config(struct lw_daemon *d, const struct lw_daemon_options *o)
{
	struct lw_diag diag;
	int err;

	d->config_path = strdup(o->config);
	if (d->config_path == NULL)
		return LW_EXIT_IO;
	lw_diag_init(&diag);
	lw_config_default(&d->conf);
	err = lw_config_read(&d->conf, o->config, &diag);
	lw_diag_print(&diag, stderr);
	if (err == LW_ENOENT)
		lw_error(
		    "no configuration: `lapwing init DIR` writes one, --config names it");
	else if (err != 0 && diag.errors == 0)
		lw_error("%s: %s", o->config, lw_strerror(err));
	lw_diag_clear(&diag);
	if (err != 0)
		return lw_daemon_exit_of(err);
	lw_log_set_level((enum lw_log_level)d->conf.log_level);
	return LW_EXIT_OK;
}

int
lw_daemon_load_rules(struct lw_daemon *d)
{
	struct lw_rules_source *src;
	struct lw_diag diag;
	int err;

	src = malloc(sizeof(*src));
	if (src == NULL)
		return LW_EXIT_IO;
	err = lw_rules_source(src, &d->conf);
	if (err != 0) {
		lw_error("no packs: none configured, and none shipped with this program");
		free(src);
		return LW_EXIT_INVALID;
	}
	lw_diag_init(&diag);
	err = lw_rules_load(&d->rules, src, d->intern, &diag);
	lw_diag_print(&diag, stderr);
	lw_diag_clear(&diag);
	free(src);
	if (err == 0)
		return LW_EXIT_OK;
	lw_error("packs or policy: %s", lw_strerror(err));
	/* what cannot be found or read is wrong in the configuration */
	return err == LW_ENOMEM ? LW_EXIT_IO : LW_EXIT_INVALID;
}

/* ---- the key ---- */

static bool
is_inside(const char *path, const char *dir)
{
	char *p = realpath(path, NULL), *d = realpath(dir, NULL);
	bool inside = false;
	size_t n;

	if (p != NULL && d != NULL) {
		n = strlen(d);
		inside = strncmp(p, d, n) == 0 && (p[n] == '/' || p[n] == '\0');
	}
	free(p);
	free(d);
	return inside;
}

static void
derive(struct lw_hash_key *out, const struct lw_seal *seal, const char *what)
{
	crypto_generichash(out->b, sizeof(out->b), (const unsigned char *)what,
	    strlen(what), seal->key, sizeof(seal->key));
}

static int
open_key(struct lw_daemon *d)
{
	int err;

	if (is_inside(d->conf.key_file, d->conf.state_dir)) {
		lw_error("the key file %s lies in the state folder: who gets the one gets "
			 "the other; move it",
		    d->conf.key_file);
		return LW_EREFUSED;
	}
	err = lw_seal_open_file(&d->seal, d->conf.key_file);
	if (err == LW_EREFUSED)
		lw_error(
		    "others can read the key file %s: chmod 600 it", d->conf.key_file);
	else if (err == LW_ENOENT)
		lw_error("there is no key file %s: `lapwing init` makes one",
		    d->conf.key_file);
	else if (err != 0)
		lw_error("key file %s: %s", d->conf.key_file, lw_strerror(err));
	if (err != 0)
		return err;
	derive(&d->journal_key, &d->seal, "lapwing journal");
	derive(&d->engine_key, &d->seal, "lapwing engine");
	derive(&d->seen_key, &d->seal, "lapwing seen");
	return 0;
}

/* ---- the state folder ---- */

/* Made where it is not there. Who may write in it could put links where files of ours will
 * be. */
static int
make_state(const char *dir)
{
	struct stat st;
	int err;

	if ((mkdir(dir, 0700) != 0 && errno != EEXIST) || stat(dir, &st) != 0) {
		err = lw_err_from_errno(errno);
		lw_error("state folder %s: %s", dir, strerror(errno));
		return err;
	}
	if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
		lw_error("others can write in the state folder %s: chmod 700 it", dir);
		return LW_EREFUSED;
	}
	return 0;
}

/* The folders in it must be there after a power cut, like the files in them. */
static int
sync_state(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), err = 0;

	if (fd < 0 || fsync(fd) != 0)
		err = lw_err_from_errno(errno);
	if (fd >= 0)
		close(fd);
	return err;
}

static int
lock_state(struct lw_daemon *d)
{
	char path[LW_CONF_PATH_MAX + 16];
	int err = make_state(d->conf.state_dir);

	if (err != 0)
		return err;
	snprintf(path, sizeof(path), "%s/lock", d->conf.state_dir);
	d->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (d->lock_fd < 0) {
		err = lw_err_from_errno(errno);
		lw_error("%s: %s", path, strerror(errno));
		return err;
	}
	if (flock(d->lock_fd, LOCK_EX | LOCK_NB) != 0) {
		lw_error("another daemon holds the state folder %s", d->conf.state_dir);
		return LW_EBUSY;
	}
	return 0;
}

static int
open_snaps(struct lw_daemon *d)
{
	char path[LW_CONF_PATH_MAX + 16];

	snprintf(path, sizeof(path), "%s/snap", d->conf.state_dir);
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return lw_err_from_errno(errno);
	d->snap_dirfd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (d->snap_dirfd < 0)
		return lw_err_from_errno(errno);
	lw_snap_clean(d->snap_dirfd);
	return 0;
}

static int
open_queue(struct lw_daemon *d)
{
	char path[LW_CONF_PATH_MAX + 16];
	int err;

	snprintf(path, sizeof(path), "%s/queue.db", d->conf.state_dir);
	err = lw_queue_open(&d->queue, path, &d->seal, false);
	if (err == 0)
		err = lw_queue_open(&d->reading, path, &d->seal, true);
	if (err == LW_ECRYPT)
		lw_error("%s was made with another key file", path);
	else if (err != 0)
		lw_error("%s: %s", path, lw_strerror(err));
	return err;
}

int
lw_daemon_open_state(struct lw_daemon *d)
{
	char path[LW_CONF_PATH_MAX + 16];
	int err;

	err = lock_state(d);
	if (err == 0)
		err = open_key(d);
	if (err == 0)
		err = open_queue(d);
	if (err != 0)
		return lw_daemon_exit_of(err);
	err = open_snaps(d);
	if (err == 0) {
		snprintf(path, sizeof(path), "%s/journal", d->conf.state_dir);
		err = lw_journal_open(&d->journal, path, &d->journal_key);
	}
	if (err == 0)
		err = sync_state(d->conf.state_dir);
	if (err != 0)
		lw_error("state folder %s: %s", d->conf.state_dir, lw_strerror(err));
	return lw_daemon_exit_of(err);
}
