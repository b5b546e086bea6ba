/* SPDX-License-Identifier: Apache-2.0 */
/* The journal: what was appended is read back; a torn end is cut at whatever byte it tore;
 * damage before the end is reported; a full disk loses nothing that was durable. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../../integration/tmpdisk.h"
#include "base/err.h"
#include "base/log.h"
#include "daemon/journal.h"

static const struct lw_hash_key key = {{1, 2, 3, 4}};

struct seen {
	char text[4u << 20]; /* the records, each as "type:body;" */
	size_t n;
	int stop_at;
};

static int
see(void *ctx, uint8_t type, struct lw_str body)
{
	struct seen *s = ctx;

	s->n += (size_t)snprintf(s->text + s->n, sizeof(s->text) - s->n, "%u:%.*s;",
	    type, (int)body.n, body.p);
	return type == s->stop_at ? LW_EREFUSED : 0;
}

static struct lw_journal *
open_journal(const char *dir)
{
	struct lw_journal *j = NULL;

	assert_int_equal(lw_journal_open(&j, dir, &key), 0);
	return j;
}

static int
read_err(const char *dir, struct seen *s, struct lw_journal_found *found)
{
	struct lw_journal *j = open_journal(dir);
	struct lw_journal_reader r = {see, s};
	int err;

	s->n = 0;
	s->text[0] = '\0';
	err = lw_journal_read(j, &r, found);
	lw_journal_close(j);
	return err;
}

static int
begin(struct lw_journal *j, uint64_t first_seq, const char *preamble)
{
	struct lw_buf b;
	int err;

	lw_buf_init(&b, 4096);
	lw_journal_put(&b, 9, lw_str(preamble));
	err = lw_journal_begin(j, first_seq, (struct lw_str){(char *)b.data, b.len});
	lw_buf_clear(&b);
	return err;
}

static int
append(struct lw_journal *j, uint64_t last_seq, const char *a, const char *b)
{
	struct lw_buf block;
	int err;

	lw_buf_init(&block, 1u << 20);
	lw_journal_put(&block, 1, lw_str(a));
	if (b != NULL)
		lw_journal_put(&block, 2, lw_str(b));
	err = lw_journal_append(
	    j, last_seq, (struct lw_str){(char *)block.data, block.len});
	lw_buf_clear(&block);
	return err;
}

static char dir[64];

static int
setup(void **state)
{
	(void)state;
	lw_log_set_level(LW_LOG_ERROR);
	snprintf(dir, sizeof(dir), "/tmp/lapwing-journal-XXXXXX");
	return mkdtemp(dir) == NULL;
}

static int
teardown(void **state)
{
	struct dirent *e;
	char path[400];
	DIR *d = opendir(dir);

	(void)state;
	while (d != NULL && (e = readdir(d)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		if (e->d_name[0] != '.')
			unlink(path);
	}
	if (d != NULL)
		closedir(d);
	rmdir(dir);
	return 0;
}

static void
path_of(char *to, size_t size, uint64_t first_seq)
{
	snprintf(to, size, "%s/%020llu.lwj", dir, (unsigned long long)first_seq);
}

static uint8_t *
slurp(uint64_t first_seq, size_t *n)
{
	char path[128];
	uint8_t *p;
	FILE *f;

	path_of(path, sizeof(path), first_seq);
	f = fopen(path, "rb");
	assert_non_null(f);
	p = malloc(1u << 20);
	*n = fread(p, 1, 1u << 20, f);
	fclose(f);
	return p;
}

static void
spill(uint64_t first_seq, const uint8_t *p, size_t n)
{
	char path[128];
	FILE *f;

	path_of(path, sizeof(path), first_seq);
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, n, f), n);
	fclose(f);
}

static void
reads_back_what_was_appended(void **state)
{
	struct lw_journal_found found;
	struct lw_journal *j;
	struct seen *s = calloc(1, sizeof(*s));

	(void)state;
	assert_int_equal(read_err(dir, s, &found), 0);
	assert_int_equal(found.next_seq, 1);
	assert_int_equal(found.segments, 0);
	j = open_journal(dir);
	assert_int_equal(append(j, 1, "x", NULL), LW_EINVAL);
	assert_int_equal(begin(j, 1, "p"), 0);
	assert_int_equal(append(j, 2, "one", "two"), 0);
	assert_int_equal(append(j, 3, "", NULL), 0);
	lw_journal_close(j);
	assert_int_equal(read_err(dir, s, &found), 0);
	assert_string_equal(s->text, "9:p;1:one;2:two;1:;");
	assert_int_equal(found.first_seq, 1);
	assert_int_equal(found.next_seq, 4);
	assert_int_equal(found.records, 4);
	assert_int_equal(found.cut, 0);
	/* what the callback says stops the reading */
	s->stop_at = 2;
	assert_int_equal(read_err(dir, s, &found), LW_EREFUSED);
	assert_string_equal(s->text, "9:p;1:one;2:two;");
	free(s);
}

static void
segments_follow_and_go(void **state)
{
	struct lw_journal_found found;
	struct lw_journal *j = open_journal(dir);
	struct seen *s = calloc(1, sizeof(*s));
	char path[128];

	(void)state;
	lw_journal_set_segment(j, 200);
	assert_true(lw_journal_is_full(j));
	assert_int_equal(begin(j, 1, "p1"), 0);
	assert_false(lw_journal_is_full(j));
	assert_int_equal(append(j, 5, "a", NULL), 0);
	assert_int_equal(append(j, 9, "b", NULL), 0);
	assert_int_equal(append(j, 10, "c", NULL), 0);
	assert_true(lw_journal_is_full(j));
	assert_int_equal(begin(j, 11, "p2"), 0);
	assert_int_equal(begin(j, 11, "p2 again"), 0);
	assert_int_equal(append(j, 20, "d", NULL), 0);
	assert_int_equal(begin(j, 21, "p3"), 0);
	assert_int_equal(lw_journal_segments(j), 3);
	assert_int_equal(read_err(dir, s, &found), 0);
	assert_string_equal(s->text, "9:p1;1:a;1:b;1:c;9:p2 again;1:d;9:p3;");
	assert_int_equal(found.next_seq, 21);
	assert_int_equal(lw_journal_drop(j, 9), 0);
	assert_int_equal(lw_journal_segments(j), 3);
	assert_int_equal(lw_journal_drop(j, 10), 0);
	assert_int_equal(lw_journal_segments(j), 2);
	assert_int_equal(lw_journal_drop(j, 1000), 0);
	assert_int_equal(lw_journal_segments(j), 1);
	lw_journal_close(j);
	assert_int_equal(read_err(dir, s, &found), 0);
	assert_string_equal(s->text, "9:p3;");
	assert_int_equal(found.first_seq, 21);
	assert_int_equal(found.next_seq, 21);
	/* a segment is missing in the middle */
	j = open_journal(dir);
	assert_int_equal(begin(j, 21, "x"), 0);
	assert_int_equal(append(j, 30, "e", NULL), 0);
	assert_int_equal(begin(j, 31, "x"), 0);
	assert_int_equal(append(j, 40, "f", NULL), 0);
	assert_int_equal(begin(j, 41, "x"), 0);
	lw_journal_close(j);
	path_of(path, sizeof(path), 31);
	unlink(path);
	assert_int_equal(read_err(dir, s, &found), LW_EINVAL);
	free(s);
}

static void
a_torn_end_is_cut_at_every_byte(void **state)
{
	struct lw_journal_found found;
	struct lw_journal *j = open_journal(dir);
	struct seen *s = calloc(1, sizeof(*s));
	size_t whole, before, at;
	uint8_t *p;

	(void)state;
	assert_int_equal(begin(j, 1, "p"), 0);
	assert_int_equal(append(j, 1, "first", NULL), 0);
	before = (size_t)lw_journal_bytes(j);
	assert_int_equal(append(j, 3, "second", "third"), 0);
	lw_journal_close(j);
	p = slurp(1, &whole);
	for (at = before; at < whole; at++) {
		spill(1, p, at);
		assert_int_equal(read_err(dir, s, &found), 0);
		assert_string_equal(s->text, "9:p;1:first;");
		assert_int_equal(found.next_seq, 2);
		assert_int_equal(found.cut, at - before);
		/* cut for good: the second reading finds nothing to cut */
		assert_int_equal(read_err(dir, s, &found), 0);
		assert_int_equal(found.cut, 0);
	}
	/* a torn end that is as long as the block was, but not written yet */
	for (at = before; at < whole; at++) {
		uint8_t *q = calloc(1, whole);

		memcpy(q, p, at);
		q[at] = (uint8_t)~p[at];
		spill(1, q, whole);
		free(q);
		assert_int_equal(read_err(dir, s, &found), 0);
		assert_string_equal(s->text, "9:p;1:first;");
	}
	/* the journal goes on after a cut: a new segment follows */
	j = open_journal(dir);
	assert_int_equal(begin(j, 2, "q"), 0);
	assert_int_equal(append(j, 2, "again", NULL), 0);
	lw_journal_close(j);
	assert_int_equal(read_err(dir, s, &found), 0);
	assert_string_equal(s->text, "9:p;1:first;9:q;1:again;");
	free(p);
	free(s);
}

static void
damage_before_the_end_is_told(void **state)
{
	struct lw_journal_found found;
	struct lw_journal *j = open_journal(dir);
	struct seen *s = calloc(1, sizeof(*s));
	size_t whole, last, at;
	uint8_t *p;
	int err;

	(void)state;
	assert_int_equal(begin(j, 1, "p"), 0);
	assert_int_equal(append(j, 1, "first", NULL), 0);
	last = (size_t)lw_journal_bytes(j);
	assert_int_equal(append(j, 3, "second", "third"), 0);
	lw_journal_close(j);
	p = slurp(1, &whole);
	for (at = 0; at < whole; at++) {
		p[at] ^= 0x20;
		spill(1, p, whole);
		err = read_err(dir, s, &found);
		if (at < 48 || (at >= 64 && at < last))
			assert_int_equal(err, LW_EINVAL);
		else if (at < 64)
			assert_int_equal(err, LW_ECRYPT);
		else
			assert_int_equal(err, 0);
		p[at] ^= 0x20;
	}
	/* in a segment that is not the last, its end counts as well */
	spill(1, p, whole);
	j = open_journal(dir);
	assert_int_equal(begin(j, 4, "q"), 0);
	lw_journal_close(j);
	assert_int_equal(read_err(dir, s, &found), 0);
	p[whole - 1] ^= 1;
	spill(1, p, whole);
	assert_int_equal(read_err(dir, s, &found), LW_EINVAL);
	spill(1, p, whole - 1);
	assert_int_equal(read_err(dir, s, &found), LW_EINVAL);
	spill(1, p, last);
	assert_int_equal(read_err(dir, s, &found), LW_EINVAL);
	spill(1, p, 10);
	assert_int_equal(read_err(dir, s, &found), LW_EINVAL);
	free(p);
	free(s);
}

static void
a_block_counts_only_in_its_place(void **state)
{
	struct lw_journal_found found;
	struct lw_journal *j = open_journal(dir);
	struct lw_hash_key other = {{9}};
	struct lw_journal_reader r;
	struct seen *s = calloc(1, sizeof(*s));
	size_t whole, before;
	uint8_t *p;

	(void)state;
	assert_int_equal(begin(j, 1, "p"), 0);
	before = (size_t)lw_journal_bytes(j);
	assert_int_equal(append(j, 1, "same", NULL), 0);
	lw_journal_close(j);
	p = slurp(1, &whole);
	/* a copy of the last block behind it is no block: its place is hashed in */
	memcpy(p + whole, p + before, whole - before);
	spill(1, p, whole + (whole - before));
	assert_int_equal(read_err(dir, s, &found), 0);
	assert_string_equal(s->text, "9:p;1:same;");
	assert_int_equal(found.cut, whole - before);
	/* nor does a whole segment under another name pass */
	spill(7, p, whole);
	assert_int_equal(read_err(dir, s, &found), LW_EINVAL);
	assert_int_equal(lw_journal_open(&j, dir, &other), 0);
	r = (struct lw_journal_reader){see, s};
	assert_int_equal(lw_journal_read(j, &r, &found), LW_ECRYPT);
	lw_journal_close(j);
	free(p);
	free(s);
}

static void
a_full_disk_loses_nothing(void **state)
{
	struct lw_journal_found found;
	struct lw_journal *j;
	struct seen *s = calloc(1, sizeof(*s));
	char why[128], want[32], big[3000], sub[80];
	uint64_t seq = 1, durable;
	int err = 0, i;

	(void)state;
	if (!tmpdisk_mount(dir, 256 * 1024, why, sizeof(why))) {
		print_message("skipped, no small disk here: %s\n", why);
		free(s);
		skip();
	}
	snprintf(sub, sizeof(sub), "%s/j", dir);
	j = open_journal(sub);
	assert_int_equal(begin(j, 1, "p"), 0);
	memset(big, 'x', sizeof(big));
	big[sizeof(big) - 1] = '\0';
	while (err == 0 && seq < 1000) {
		err = append(j, seq, big, NULL);
		if (err == 0)
			seq++;
	}
	assert_int_equal(err, LW_ENOSPC);
	durable = seq - 1;
	for (i = 0; i < 3; i++)
		assert_int_equal(append(j, seq, big, NULL), LW_ENOSPC);
	/* a new segment does not fit either, and leaves nothing behind */
	assert_int_equal(begin(j, seq, big), LW_ENOSPC);
	/* what is on the disk is whole while it is full */
	assert_int_equal(read_err(sub, s, &found), 0);
	assert_int_equal(found.next_seq, durable + 1);
	assert_int_equal(found.cut, 0);
	/* room comes: the same call goes through */
	lw_journal_close(j);
	assert_true(tmpdisk_fill(dir, 0));
	j = open_journal(sub);
	assert_int_equal(begin(j, seq, "q"), LW_ENOSPC);
	tmpdisk_unmount(dir);
	assert_true(tmpdisk_mount(dir, 1u << 20, why, sizeof(why)));
	lw_journal_close(j);
	j = open_journal(sub);
	assert_int_equal(begin(j, 1, "p"), 0);
	assert_true(tmpdisk_fill(dir, 4096));
	for (seq = 1, err = 0; err == 0 && seq < 100; seq++)
		err = append(j, seq, big, NULL);
	assert_int_equal(err, LW_ENOSPC);
	seq--;
	tmpdisk_free(dir);
	assert_int_equal(append(j, seq, "after", NULL), 0);
	lw_journal_close(j);
	assert_int_equal(read_err(sub, s, &found), 0);
	assert_int_equal(found.next_seq, seq + 1);
	snprintf(want, sizeof(want), "1:after;");
	assert_string_equal(s->text + s->n - strlen(want), want);
	tmpdisk_unmount(dir);
	free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(reads_back_what_was_appended, setup, teardown),
	    cmocka_unit_test_setup_teardown(segments_follow_and_go, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		a_torn_end_is_cut_at_every_byte, setup, teardown),
	    cmocka_unit_test_setup_teardown(damage_before_the_end_is_told, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		a_block_counts_only_in_its_place, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_full_disk_loses_nothing, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
