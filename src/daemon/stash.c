/* SPDX-License-Identifier: Apache-2.0 */
/* Contents of pack folders: hashed for the id of a set of rules, and copied into the state
 * folder. Folders in, id and copy out. Only plain files below a pack's folder count, by
 * name order; links and what begins with a dot do not. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "daemon/limits.h"
#include "daemon/rules.h"

#define DEPTH_MAX 8
#define PATH_SIZE 4096

struct walk {
	crypto_generichash_state *hash;
	const char *copy_to; /* NULL: no copy */
	size_t files, bytes;
	char buf[65536];
};

static void
hash_str(struct walk *w, const char *s)
{
	crypto_generichash_update(w->hash, (const unsigned char *)s, strlen(s) + 1);
}

/* from_fd's bytes into the hash and, where to_fd is one, into it. */
static int
take_bytes(struct walk *w, int from_fd, int to_fd)
{
	ssize_t r;

	while ((r = read(from_fd, w->buf, sizeof(w->buf))) != 0) {
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return lw_err_from_errno(errno);
		w->bytes += (size_t)r;
		if (w->bytes > LW_DAEMON_STASH_BYTES)
			return LW_ELIMIT;
		crypto_generichash_update(
		    w->hash, (const unsigned char *)w->buf, (size_t)r);
		if (to_fd >= 0 && write(to_fd, w->buf, (size_t)r) != r)
			return errno == 0 ? LW_ENOSPC : lw_err_from_errno(errno);
	}
	return 0;
}

static int
take_file(struct walk *w, const char *from, const char *to)
{
	struct stat st;
	int in, out = -1, err = 0;

	if (++w->files > LW_DAEMON_STASH_FILES)
		return LW_ELIMIT;
	in = open(from, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (in < 0 || fstat(in, &st) != 0)
		err = lw_err_from_errno(errno);
	if (err == 0 && w->copy_to != NULL) {
		out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (out < 0)
			err = lw_err_from_errno(errno);
	}
	if (err == 0) {
		snprintf(w->buf, sizeof(w->buf), "%lld", (long long)st.st_size);
		hash_str(w, w->buf);
		err = take_bytes(w, in, out);
	}
	if (out >= 0 && err == 0 && fsync(out) != 0)
		err = lw_err_from_errno(errno);
	if (out >= 0)
		close(out);
	if (in >= 0)
		close(in);
	return err;
}

static int
visible(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

/* POSIX alphasort goes by the locale; names are compared as bytes here. */
static int
by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int
sync_dir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), err = 0;

	if (fd < 0)
		return lw_err_from_errno(errno);
	if (fsync(fd) != 0)
		err = lw_err_from_errno(errno);
	close(fd);
	return err;
}

static int
take_dir(struct walk *w, const char *from, const char *to, int depth)
{
	char sub[PATH_SIZE], copy[PATH_SIZE];
	struct dirent **list = NULL;
	struct stat st;
	int n, i, err = 0;

	if (depth > DEPTH_MAX)
		return LW_ELIMIT;
	if (w->copy_to != NULL && mkdir(to, 0700) != 0)
		return lw_err_from_errno(errno);
	n = scandir(from, &list, visible, by_bytes);
	if (n < 0)
		return lw_err_from_errno(errno);
	for (i = 0; i < n; i++) {
		snprintf(sub, sizeof(sub), "%s/%s", from, list[i]->d_name);
		snprintf(copy, sizeof(copy), "%s/%s", to, list[i]->d_name);
		if (err == 0 && stat(sub, &st) != 0)
			err = errno == ENOENT ? 0 : lw_err_from_errno(errno);
		else if (err == 0 && S_ISDIR(st.st_mode)) {
			hash_str(w, list[i]->d_name);
			hash_str(w, "/");
			err = take_dir(w, sub, copy, depth + 1);
		} else if (err == 0 && S_ISREG(st.st_mode)) {
			hash_str(w, list[i]->d_name);
			err = take_file(w, sub, copy);
		}
		free(list[i]);
	}
	free(list);
	if (err == 0 && w->copy_to != NULL)
		err = sync_dir(to);
	return err;
}

/* A pack's folder bears its id, so the copy keeps the name: <copy>/pack-00/<name>. */
static int
take_pack(struct walk *w, const char *dir, size_t i)
{
	char real[PATH_SIZE], slot[PATH_SIZE], to[PATH_SIZE * 2];
	int err;

	if (realpath(dir, real) == NULL)
		return lw_err_from_errno(errno);
	hash_str(w, "pack");
	if (w->copy_to == NULL)
		return take_dir(w, real, "", 0);
	snprintf(slot, sizeof(slot), "%s/pack-%02zu", w->copy_to, i);
	if (mkdir(slot, 0700) != 0)
		return lw_err_from_errno(errno);
	snprintf(to, sizeof(to), "%s%s", slot, strrchr(real, '/'));
	err = take_dir(w, real, to, 0);
	return err != 0 ? err : sync_dir(slot);
}

static int
take_all(struct walk *w, const struct lw_rules_source *src)
{
	char to[PATH_SIZE];
	size_t i;
	int err = 0;

	if (w->copy_to != NULL && mkdir(w->copy_to, 0700) != 0)
		return lw_err_from_errno(errno);
	for (i = 0; err == 0 && i < src->ndirs; i++)
		err = take_pack(w, src->dir[i], i);
	if (err == 0 && src->policy[0] != '\0') {
		snprintf(to, sizeof(to), "%s/policy.yaml",
		    w->copy_to != NULL ? w->copy_to : "");
		hash_str(w, "policy");
		err = take_file(w, src->policy, to);
	}
	if (err == 0 && w->copy_to != NULL)
		err = sync_dir(w->copy_to);
	return err;
}

int
lw_rules_id(
    const struct lw_rules_source *src, const char *copy_to, char id[LW_RULES_ID + 1])
{
	unsigned char sum[LW_RULES_ID / 2];
	crypto_generichash_state hash;
	struct walk *w;
	int err;

	if (sodium_init() < 0)
		return LW_ELIB;
	w = calloc(1, sizeof(*w));
	if (w == NULL)
		return LW_ENOMEM;
	w->copy_to = copy_to;
	w->hash = &hash;
	crypto_generichash_init(w->hash, NULL, 0, sizeof(sum));
	err = take_all(w, src);
	crypto_generichash_final(w->hash, sum, sizeof(sum));
	sodium_bin2hex(id, LW_RULES_ID + 1, sum, sizeof(sum));
	free(w);
	return err;
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static void
remove_tree(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int
lw_rules_keep(const char *state_dir, const struct lw_rules_source *src, const char *id)
{
	char root[PATH_SIZE], tmp[PATH_SIZE + 8], path[PATH_SIZE + LW_RULES_ID + 2];
	char copied[LW_RULES_ID + 1];
	int err;

	snprintf(root, sizeof(root), "%s/rules", state_dir);
	snprintf(tmp, sizeof(tmp), "%s/new", root);
	snprintf(path, sizeof(path), "%s/%s", root, id);
	if (access(path, F_OK) == 0)
		return 0;
	if (mkdir(root, 0700) != 0 && errno != EEXIST)
		return lw_err_from_errno(errno);
	remove_tree(tmp);
	err = lw_rules_id(src, tmp, copied);
	/* files that changed since they were loaded: the caller loads again */
	if (err == 0 && strcmp(copied, id) != 0)
		err = LW_EAGAIN;
	if (err == 0 && rename(tmp, path) != 0)
		err = lw_err_from_errno(errno);
	if (err == 0)
		err = sync_dir(root);
	if (err == 0)
		err = sync_dir(state_dir);
	if (err != 0)
		remove_tree(tmp);
	return err;
}

/* The one folder in pack-NN. */
static int
kept_pack(char out[LW_CONF_PATH_MAX], const char *slot)
{
	struct dirent **list = NULL;
	int n, i, len, err = LW_EINVAL;

	n = scandir(slot, &list, visible, by_bytes);
	if (n < 0)
		return lw_err_from_errno(errno);
	if (n == 1) {
		len = snprintf(out, LW_CONF_PATH_MAX, "%s/%s", slot, list[0]->d_name);
		err = len < LW_CONF_PATH_MAX ? 0 : LW_ELIMIT;
	}
	for (i = 0; i < n; i++)
		free(list[i]);
	free(list);
	return err;
}

int
lw_rules_kept(struct lw_rules_source *out, const char *state_dir, const char *id)
{
	char path[PATH_SIZE];
	size_t i;
	int n, err;

	memset(out, 0, sizeof(*out));
	if (strlen(id) != LW_RULES_ID || strspn(id, "0123456789abcdef") != LW_RULES_ID)
		return LW_EINVAL;
	for (i = 0; i < LW_CONF_PACKS; i++) {
		snprintf(path, sizeof(path), "%s/rules/%s/pack-%02zu", state_dir, id, i);
		err = kept_pack(out->dir[i], path);
		if (err == LW_ENOENT)
			break;
		if (err != 0)
			return err;
		out->ndirs++;
	}
	n = snprintf(path, sizeof(path), "%s/rules/%s/policy.yaml", state_dir, id);
	if (n >= LW_CONF_PATH_MAX)
		return LW_ELIMIT;
	if (access(path, F_OK) == 0)
		memcpy(out->policy, path, (size_t)n + 1);
	return out->ndirs > 0 ? 0 : LW_ENOENT;
}

void
lw_rules_forget(const char *state_dir, const char *but_id)
{
	char root[PATH_SIZE], path[PATH_SIZE + 300];
	struct dirent *e;
	DIR *d;

	snprintf(root, sizeof(root), "%s/rules", state_dir);
	d = opendir(root);
	if (d == NULL)
		return;
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.' || strcmp(e->d_name, but_id) == 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s", root, e->d_name);
		remove_tree(path);
	}
	closedir(d);
}
