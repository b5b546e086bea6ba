/* SPDX-License-Identifier: Apache-2.0 */
/* The disk of the state folder runs full under load: the daemon says so, acknowledges
 * nothing more, goes on by itself when there is room, and has lost nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../tmpdisk.h"
#include "house.h"

#define EVENTS 30000
#define DISK (24u << 20)

/* No snapshots: one that does not fit gives back what it took, and there is room again. */
static const char settings[] = "workers: 2\nlog_level: info\nsnapshot_interval: 1d\n";

static void
feed(struct lw_client *c, const struct talk *t, size_t from, size_t upto)
{
	for (; from < upto; from++) {
		assert_int_equal(lw_client_observe(c, &t->ev[from]), 0);
		if (from % 200 == 0)
			plugins_turn(&c, 1, 0);
	}
}

static uint64_t
acked(struct lw_client *c)
{
	struct lw_client_stats s;

	lw_client_stats(c, &s);
	return s.acked;
}

static void
wait_for_disk(struct house *h, struct lw_client *c, const char *want)
{
	uint64_t until = now_ms() + 20000;
	char *disk;
	bool is;

	do {
		plugins_turn(&c, 1, 10);
		disk = house_text(h, "disk");
		is = strcmp(disk, want) == 0;
		free(disk);
	} while (!is && now_ms() < until);
	if (!is)
		house_print_log(h);
	assert_true(is);
}

static void
on_a_small_disk(struct house *h, const struct talk *t, size_t *n, char **flags)
{
	struct lw_client *c;
	uint64_t so_far;

	house_start(h);
	c = house_plugin(h, "one", 64);
	feed(c, t, 0, EVENTS / 3);
	assert_true(plugins_flush(&c, 1, 30000));
	assert_true(tmpdisk_fill(h->state, 64 * 1024));
	feed(c, t, EVENTS / 3, 2 * EVENTS / 3);
	/* a group or two may still find room here and there; then nothing goes any more */
	do {
		wait_for_disk(h, c, "full");
		so_far = acked(c);
		plugins_turn(&c, 1, 1200);
	} while (acked(c) != so_far);
	assert_true(so_far < 2 * EVENTS / 3);
	assert_true(house_number(h, "durable") < house_number(h, "seq"));
	assert_true(house_log_has(h, "acknowledging nothing"));
	tmpdisk_free(h->state);
	wait_for_disk(h, c, "ok");
	feed(c, t, 2 * EVENTS / 3, EVENTS);
	assert_true(plugins_flush(&c, 1, 30000));
	/* once more, and killed while it is full */
	assert_true(tmpdisk_fill(h->state, 16 * 1024));
	assert_int_equal(house_end(h, SIGKILL), -SIGKILL);
	tmpdisk_free(h->state);
	house_start(h);
	assert_int_equal(house_number(h, "durable"), EVENTS);
	lw_client_free(c);
	assert_int_equal(house_end(h, SIGTERM), 0);
	*flags = house_flags(h, n);
}

static void
a_full_disk_loses_nothing(void **state)
{
	uint64_t seed = test_seed();
	struct house calm, small;
	struct lw_client *c;
	char *want, *got, why[128];
	struct talk t;
	size_t nwant, ngot;

	(void)state;
	house_make(&calm, settings, NULL);
	house_make(&small, settings, &calm);
	if (!tmpdisk_mount(small.state, DISK, why, sizeof(why))) {
		print_message("skipped, no small disk here: %s\n", why);
		house_clear(&calm);
		house_clear(&small);
		skip();
	}
	talk_make(&t, "a", EVENTS, seed);
	house_start(&calm);
	c = house_plugin(&calm, "one", 64);
	feed(c, &t, 0, EVENTS);
	assert_true(plugins_flush(&c, 1, 30000));
	lw_client_free(c);
	assert_int_equal(house_end(&calm, SIGTERM), 0);
	want = house_flags(&calm, &nwant);
	on_a_small_disk(&small, &t, &ngot, &got);
	house_same_flags(want, got);
	assert_int_equal(nwant, ngot);
	free(want);
	free(got);
	talk_clear(&t);
	tmpdisk_unmount(small.state);
	house_clear(&calm);
	house_clear(&small);
}

/* Told to stop while the disk is full: it leaves in time and says that it could not write. */
static void
a_full_disk_does_not_hold_up_a_stop(void **state)
{
	struct lw_client *c;
	struct house h;
	struct talk t;
	char why[128];
	uint64_t start;

	(void)state;
	house_make(&h, settings, NULL);
	if (!tmpdisk_mount(h.state, DISK, why, sizeof(why))) {
		print_message("skipped, no small disk here: %s\n", why);
		house_clear(&h);
		skip();
	}
	talk_make(&t, "a", 2000, 1);
	house_start(&h);
	c = house_plugin(&h, "one", 64);
	assert_true(tmpdisk_fill(h.state, 0));
	feed(c, &t, 0, 2000);
	wait_for_disk(&h, c, "full");
	assert_int_equal(acked(c), 0);
	start = now_ms();
	assert_int_equal(house_end(&h, SIGTERM), 4);
	assert_true(now_ms() - start < 20000);
	/* with room again, the plugin sends what it kept */
	tmpdisk_free(h.state);
	house_start(&h);
	assert_true(plugins_flush(&c, 1, 30000));
	assert_int_equal(house_number(&h, "durable"), 2000);
	lw_client_free(c);
	assert_int_equal(house_end(&h, SIGTERM), 0);
	talk_clear(&t);
	tmpdisk_unmount(h.state);
	house_clear(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_full_disk_loses_nothing),
	    cmocka_unit_test(a_full_disk_does_not_hold_up_a_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
