/* SPDX-License-Identifier: Apache-2.0 */
/* A small disk for tests of a full one: a tmpfs in a mount namespace of the test's own, so
 * that it vanishes with the process. Root may do that everywhere; others where the system
 * gives user namespaces to them. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include "tmpdisk.h"

static bool
write_file(const char *path, const char *what)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok;

	if (fd < 0)
		return false;
	ok = write(fd, what, strlen(what)) == (ssize_t)strlen(what);
	close(fd);
	return ok;
}

static bool
enter_user_namespace(void)
{
	unsigned uid = (unsigned)getuid(), gid = (unsigned)getgid();
	char map[64];

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
		return false;
	snprintf(map, sizeof(map), "%u %u 1", uid, uid);
	if (!write_file("/proc/self/uid_map", map))
		return false;
	write_file("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "%u %u 1", gid, gid);
	return write_file("/proc/self/gid_map", map);
}

bool
tmpdisk_mount(const char *dir, size_t bytes, char *why, size_t why_size)
{
	static bool inside;
	char options[64];

	if (!inside && unshare(CLONE_NEWNS) != 0 && !enter_user_namespace()) {
		snprintf(why, why_size, "no mount namespace: %s", strerror(errno));
		return false;
	}
	if (!inside && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) {
		snprintf(why, why_size, "mounts stay shared: %s", strerror(errno));
		return false;
	}
	inside = true;
	snprintf(options, sizeof(options), "size=%zu,mode=0700", bytes);
	if (mount("tmpfs", dir, "tmpfs", MS_NOSUID | MS_NODEV, options) != 0) {
		snprintf(why, why_size, "no tmpfs: %s", strerror(errno));
		return false;
	}
	return true;
}

void
tmpdisk_unmount(const char *dir)
{
	umount2(dir, MNT_DETACH);
}

bool
tmpdisk_fill(const char *dir, size_t leave)
{
	struct statvfs v;
	char path[512];
	off_t size;
	int fd, rc;

	if (statvfs(dir, &v) != 0)
		return false;
	size = (off_t)(v.f_bavail * v.f_frsize) - (off_t)leave;
	if (size <= 0)
		return true;
	snprintf(path, sizeof(path), "%s/ballast", dir);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	rc = posix_fallocate(fd, 0, size);
	close(fd);
	return rc == 0;
}

void
tmpdisk_free(const char *dir)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/ballast", dir);
	unlink(path);
}
