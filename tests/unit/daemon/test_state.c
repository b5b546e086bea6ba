/* SPDX-License-Identifier: Apache-2.0 */
/* Files of the state folder besides the journal: snapshots, and the kept copy of packs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../../integration/tmpdisk.h"
#include "base/err.h"
#include "daemon/bell.h"
#include "daemon/rules.h"
#include "daemon/snap.h"

static char dir[64];

static int
setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/lapwing-state-XXXXXX");
	return mkdtemp(dir) == NULL;
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static int
teardown(void **state)
{
	(void)state;
	return nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static int
read_err(
    int dirfd, unsigned piece, const struct lw_seal *s, uint64_t *seq, const char *want)
{
	struct lw_buf b;
	int err;

	lw_buf_init(&b, 1u << 20);
	err = lw_snap_read(dirfd, piece, s, seq, &b);
	if (err == 0)
		assert_true(lw_str_is((struct lw_str){(char *)b.data, b.len}, want));
	lw_buf_clear(&b);
	return err;
}

static void
snapshots(void **state)
{
	struct lw_seal s = {{3}}, other = {{4}};
	int fd = open(dir, O_RDONLY | O_DIRECTORY);
	char name[LW_SNAP_NAME_MAX];
	uint64_t seq = 0;

	(void)state;
	assert_int_equal(read_err(fd, 7, &s, &seq, ""), LW_ENOENT);
	assert_int_equal(lw_snap_write(fd, 7, 1234, &s, LW_STR("the state")), 0);
	assert_int_equal(read_err(fd, 7, &s, &seq, "the state"), 0);
	assert_int_equal(seq, 1234);
	assert_int_equal(lw_snap_write(fd, 7, 1300, &s, LW_STR("another")), 0);
	assert_int_equal(read_err(fd, 7, &s, &seq, "another"), 0);
	assert_int_equal(seq, 1300);
	assert_int_equal(read_err(fd, 7, &other, &seq, ""), LW_ECRYPT);
	/* a piece under another's name is not taken for it */
	assert_int_equal(renameat(fd, "shard-007.snap", fd, "shard-008.snap"), 0);
	assert_int_equal(read_err(fd, 8, &s, &seq, ""), LW_ECRYPT);
	lw_snap_name(name, LW_PIECE_SEEN);
	assert_string_equal(name, "seen");
	assert_int_equal(lw_snap_write(fd, LW_PIECE_SEEN, 1, &s, LW_STR("")), 0);
	assert_int_equal(read_err(fd, LW_PIECE_SEEN, &s, &seq, ""), 0);
	close(fd);
}

static void
a_full_disk_keeps_the_old_snapshot(void **state)
{
	struct lw_seal s = {{3}};
	char sub[80], why[128], *big;
	uint64_t seq;
	int fd;

	(void)state;
	snprintf(sub, sizeof(sub), "%s/disk", dir);
	assert_int_equal(mkdir(sub, 0700), 0);
	if (!tmpdisk_mount(sub, 1u << 20, why, sizeof(why))) {
		print_message("skipped, no small disk here: %s\n", why);
		skip();
	}
	fd = open(sub, O_RDONLY | O_DIRECTORY);
	big = calloc(1, 512 * 1024);
	assert_int_equal(lw_snap_write(fd, 0, 1, &s, LW_STR("old")), 0);
	assert_true(tmpdisk_fill(sub, 16 * 1024));
	assert_int_equal(
	    lw_snap_write(fd, 0, 2, &s, (struct lw_str){big, 512 * 1024}), LW_ENOSPC);
	assert_int_equal(read_err(fd, 0, &s, &seq, "old"), 0);
	assert_int_equal(faccessat(fd, "snap.tmp", F_OK, 0), -1);
	tmpdisk_free(sub);
	assert_int_equal(lw_snap_write(fd, 0, 2, &s, (struct lw_str){big, 512 * 1024}), 0);
	close(fd);
	free(big);
	tmpdisk_unmount(sub);
}

static void
write_file(const char *name, const char *text)
{
	char path[160];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static void
make_dir(const char *name)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_int_equal(mkdir(path, 0700), 0);
}

static void
kept_packs(void **state)
{
	struct lw_rules_source *src = calloc(1, sizeof(*src));
	struct lw_rules_source *kept = calloc(1, sizeof(*kept));
	char id[LW_RULES_ID + 1], other[LW_RULES_ID + 1], home[80];

	(void)state;
	make_dir("birds");
	make_dir("birds/rules");
	write_file("birds/pack.yaml", "id: birds\n");
	write_file("birds/rules/a.yaml", "- id: x\n");
	write_file("policy.yaml", "flag_from: high\n");
	make_dir("state");
	snprintf(home, sizeof(home), "%s/state", dir);
	snprintf(src->dir[0], sizeof(src->dir[0]), "%s/birds/", dir);
	src->ndirs = 1;
	assert_int_equal(lw_rules_id(src, NULL, other), 0);
	snprintf(src->policy, sizeof(src->policy), "%s/policy.yaml", dir);
	assert_int_equal(lw_rules_id(src, NULL, id), 0);
	assert_string_not_equal(id, other);
	assert_int_equal(lw_rules_keep(home, src, other), LW_EAGAIN);
	assert_int_equal(lw_rules_kept(kept, home, other), LW_ENOENT);
	assert_int_equal(lw_rules_keep(home, src, id), 0);
	assert_int_equal(lw_rules_keep(home, src, id), 0);
	/* the copy is as good as the original: same id, same folder names */
	assert_int_equal(lw_rules_kept(kept, home, id), 0);
	assert_int_equal(kept->ndirs, 1);
	assert_string_equal(strrchr(kept->dir[0], '/'), "/birds");
	assert_int_equal(lw_rules_id(kept, NULL, other), 0);
	assert_string_equal(id, other);
	/* every byte counts, and every name; what begins with a dot does not */
	write_file("birds/.swap", "x");
	assert_int_equal(lw_rules_id(src, NULL, other), 0);
	assert_string_equal(id, other);
	write_file("birds/rules/a.yaml", "- id: y\n");
	assert_int_equal(lw_rules_id(src, NULL, other), 0);
	assert_string_not_equal(id, other);
	assert_int_equal(lw_rules_keep(home, src, other), 0);
	lw_rules_forget(home, other);
	assert_int_equal(lw_rules_kept(kept, home, id), LW_ENOENT);
	assert_int_equal(lw_rules_kept(kept, home, other), 0);
	assert_int_equal(lw_rules_kept(kept, home, "../../etc"), LW_EINVAL);
	free(src);
	free(kept);
}

static void
a_bell_is_heard(void **state)
{
	struct lw_bell b;

	(void)state;
	assert_int_equal(lw_bell_init(&b), 0);
	/* not armed: nobody waits, nothing is written */
	lw_bell_ring(&b);
	lw_bell_arm(&b);
	lw_bell_wait(&b, 0);
	/* rung between arming and waiting: the wait ends at once */
	lw_bell_arm(&b);
	lw_bell_ring(&b);
	lw_bell_ring(&b);
	lw_bell_wait(&b, -1);
	/* and is used up */
	lw_bell_arm(&b);
	lw_bell_wait(&b, 1);
	lw_bell_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(snapshots, setup, teardown),
	    cmocka_unit_test_setup_teardown(kept_packs, setup, teardown),
	    cmocka_unit_test(a_bell_is_heard),
	    cmocka_unit_test_setup_teardown(
		a_full_disk_keeps_the_old_snapshot, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
