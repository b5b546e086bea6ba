/* SPDX-License-Identifier: Apache-2.0 */
/* The store on a full disk: a batch is put whole or not at all, says LW_ENOSPC, and goes in
 * once there is room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/err.h"
#include "../../integration/tmpdisk.h"
#include "sample.h"

#define NOW UINT64_C(1700000100000)
#define BATCH 40

static void
a_full_disk_keeps_batches_whole(void **state)
{
	static struct lw_flag flag[BATCH];
	const struct lw_flag *batch[BATCH];
	const char *dir = sample_dir();
	struct lw_queue_stats s;
	struct lw_queue *q;
	struct lw_seal seal;
	char path[128], why[128];
	uint64_t done = 0;
	int err = 0, i, round;

	(void)state;
	if (!tmpdisk_mount(dir, 1u << 20, why, sizeof(why))) {
		print_message("skipped, no small disk here: %s\n", why);
		rmdir(dir);
		skip();
	}
	assert_true(tmpdisk_fill(dir, 512 * 1024));
	sample_seal(&seal, 9);
	sample_path(path, sizeof(path), dir, "queue.db");
	assert_int_equal(lw_queue_open(&q, path, &seal, false), 0);
	for (round = 0; err == 0 && round < 1000; round++) {
		for (i = 0; i < BATCH; i++) {
			sample_flag(&flag[i], done + (uint64_t)i + 1,
			    done + (uint64_t)i + 1, LW_BAND_HIGH, 0.8);
			batch[i] = &flag[i];
		}
		err = lw_queue_put(q, batch, BATCH, NOW);
		if (err == 0)
			done += BATCH;
	}
	assert_int_equal(err, LW_ENOSPC);
	assert_true(done > 0);
	for (round = 0; round < 3; round++)
		assert_int_equal(lw_queue_put(q, batch, BATCH, NOW), LW_ENOSPC);
	assert_int_equal(lw_queue_stats(q, &s), 0);
	assert_int_equal(s.flags, done);
	assert_int_equal(s.cases, done);
	tmpdisk_free(dir);
	assert_int_equal(lw_queue_put(q, batch, BATCH, NOW), 0);
	assert_int_equal(lw_queue_stats(q, &s), 0);
	assert_int_equal(s.flags, done + BATCH);
	lw_queue_close(q);
	assert_int_equal(lw_queue_open(&q, path, &seal, false), 0);
	assert_int_equal(lw_queue_stats(q, &s), 0);
	assert_int_equal(s.flags, done + BATCH);
	lw_queue_close(q);
	tmpdisk_unmount(dir);
	rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_full_disk_keeps_batches_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
