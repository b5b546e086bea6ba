/* SPDX-License-Identifier: Apache-2.0 */
/* Seals: round trip, wrong key, wrong context, every flipped byte, key files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/err.h"
#include "queue/queue.h"

static struct lw_str
buf_str(const struct lw_buf *b)
{
	return (struct lw_str){(const char *)b->data, b->len};
}

static void
seals_and_opens(void **state)
{
	struct lw_seal s;
	struct lw_buf box, again, clear;
	struct lw_str text = LW_STR("some words"), none = {NULL, 0};

	(void)state;
	memset(s.key, 7, sizeof(s.key));
	lw_buf_init(&box, 4096);
	lw_buf_init(&again, 4096);
	lw_buf_init(&clear, 4096);
	assert_int_equal(lw_seal_put(&s, LW_STR("row 1"), text, &box), 0);
	assert_int_equal(box.len, text.n + 40);
	assert_null(memmem(box.data, box.len, "words", 5));
	assert_int_equal(lw_seal_take(&s, LW_STR("row 1"), buf_str(&box), &clear), 0);
	assert_true(lw_str_is(buf_str(&clear), "some words"));
	/* sealing the same again gives other bytes */
	assert_int_equal(lw_seal_put(&s, LW_STR("row 1"), text, &again), 0);
	assert_memory_not_equal(box.data, again.data, box.len);
	/* nothing is something that can be sealed too */
	lw_buf_reset(&again);
	lw_buf_reset(&clear);
	assert_int_equal(lw_seal_put(&s, none, none, &again), 0);
	assert_int_equal(lw_seal_take(&s, none, buf_str(&again), &clear), 0);
	assert_int_equal(clear.len, 0);
	lw_buf_clear(&box);
	lw_buf_clear(&again);
	lw_buf_clear(&clear);
}

static void
refuses_what_was_touched(void **state)
{
	struct lw_seal s, other;
	struct lw_buf box, clear;
	size_t i;

	(void)state;
	memset(s.key, 7, sizeof(s.key));
	memset(other.key, 8, sizeof(other.key));
	lw_buf_init(&box, 4096);
	lw_buf_init(&clear, 4096);
	lw_seal_put(&s, LW_STR("row 1"), LW_STR("some words"), &box);
	assert_int_equal(
	    lw_seal_take(&other, LW_STR("row 1"), buf_str(&box), &clear), LW_ECRYPT);
	assert_int_equal(
	    lw_seal_take(&s, LW_STR("row 2"), buf_str(&box), &clear), LW_ECRYPT);
	for (i = 0; i < box.len; i++) {
		box.data[i] ^= 0x10;
		assert_int_equal(
		    lw_seal_take(&s, LW_STR("row 1"), buf_str(&box), &clear), LW_ECRYPT);
		box.data[i] ^= 0x10;
	}
	for (i = 0; i < box.len; i++)
		assert_int_equal(lw_seal_take(&s, LW_STR("row 1"),
				     (struct lw_str){(char *)box.data, i}, &clear),
		    LW_ECRYPT);
	assert_int_equal(clear.len, 0);
	lw_buf_clear(&box);
	lw_buf_clear(&clear);
}

static void
write_file(const char *path, const char *what, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, what, strlen(what)), strlen(what));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void
key_files(void **state)
{
	static const char hex[] = "00112233445566778899aabbccddeeff"
				  "0123456789abcdef0123456789abcdef";
	char dir[] = "/tmp/lapwing-seal-XXXXXX", path[64], bad[80];
	struct lw_seal a, b;
	struct stat st;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/key", dir);
	assert_int_equal(lw_seal_open_file(&a, path), LW_ENOENT);
	assert_int_equal(lw_seal_new_file(path), 0);
	assert_int_equal(lw_seal_new_file(path), LW_EEXIST);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(lw_seal_open_file(&a, path), 0);
	assert_int_equal(lw_seal_open_file(&b, path), 0);
	assert_memory_equal(a.key, b.key, 32);
	chmod(path, 0640);
	assert_int_equal(lw_seal_open_file(&a, path), LW_EREFUSED);
	chmod(path, 0604);
	assert_int_equal(lw_seal_open_file(&a, path), LW_EREFUSED);
	write_file(path, hex, 0600);
	assert_int_equal(lw_seal_open_file(&a, path), 0);
	assert_int_equal(a.key[1], 0x11);
	assert_int_equal(a.key[31], 0xef);
	snprintf(bad, sizeof(bad), "%s\n", hex);
	write_file(path, bad, 0600);
	assert_int_equal(lw_seal_open_file(&a, path), 0);
	snprintf(bad, sizeof(bad), "%s0", hex);
	write_file(path, bad, 0600);
	assert_int_equal(lw_seal_open_file(&a, path), LW_EINVAL);
	snprintf(bad, sizeof(bad), "%.63s", hex);
	write_file(path, bad, 0600);
	assert_int_equal(lw_seal_open_file(&a, path), LW_EINVAL);
	snprintf(bad, sizeof(bad), "%.63sz", hex);
	write_file(path, bad, 0600);
	assert_int_equal(lw_seal_open_file(&a, path), LW_EINVAL);
	assert_int_equal(lw_seal_open_file(&a, dir), LW_EINVAL);
	unlink(path);
	rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(seals_and_opens),
	    cmocka_unit_test(refuses_what_was_touched),
	    cmocka_unit_test(key_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
