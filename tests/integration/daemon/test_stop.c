/* SPDX-License-Identifier: Apache-2.0 */
/* An orderly stop in the middle of traffic, and new packs in the middle of traffic: nothing
 * is lost, a broken pack changes nothing, and a crash after a reload replays each event by
 * the rules of its time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "house.h"

#define EVENTS 20000

static const char settings[] = "workers: 2\nlog_level: info\n";

static void
feed(struct lw_client *c, const struct talk *t, size_t from, size_t upto)
{
	for (; from < upto; from++) {
		assert_int_equal(lw_client_observe(c, &t->ev[from]), 0);
		if (from % 200 == 0)
			plugins_turn(&c, 1, 0);
	}
}

static char *
calm(struct house *h, const struct talk *t, size_t *n)
{
	struct lw_client *c;

	house_make(h, settings, NULL);
	house_start(h);
	c = house_plugin(h, "one", 64);
	feed(c, t, 0, t->n);
	assert_true(plugins_flush(&c, 1, 30000));
	lw_client_free(c);
	assert_int_equal(house_end(h, SIGTERM), 0);
	return house_flags(h, n);
}

static void
stops_in_order(void **state)
{
	uint64_t seed = test_seed();
	struct house first, other;
	struct lw_client_stats s;
	struct lw_client *c;
	char *want, *got;
	struct talk t;
	size_t i, nwant, ngot, stops = 0;

	(void)state;
	talk_make(&t, "a", EVENTS, seed);
	want = calm(&first, &t, &nwant);
	house_make(&other, settings, &first);
	house_start(&other);
	c = house_plugin(&other, "one", 64);
	for (i = 0; i < EVENTS; i += 2000) {
		feed(c, &t, i, i + 2000);
		/* SIGINT is as good as SIGTERM */
		assert_int_equal(
		    house_end(&other, stops++ % 2 == 0 ? SIGTERM : SIGINT), 0);
		house_start(&other);
	}
	assert_true(plugins_flush(&c, 1, 30000));
	lw_client_stats(c, &s);
	assert_int_equal(s.lost, 0);
	lw_client_free(c);
	/* a stop leaves snapshots: the next start has nothing to replay */
	assert_int_equal(house_end(&other, SIGTERM), 0);
	house_start(&other);
	assert_true(house_log_has(&other, ": 0 events replayed"));
	assert_int_equal(house_number(&other, "journal.segments"), 1);
	assert_int_equal(house_end(&other, SIGTERM), 0);
	got = house_flags(&other, &ngot);
	house_same_flags(want, got);
	free(want);
	free(got);
	talk_clear(&t);
	house_clear(&first);
	house_clear(&other);
}

/* Replace a word of the pack's model. */
static void
change_model(const struct house *h, const char *from, const char *to)
{
	char path[160], text[4096], *at;
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/model.yaml", h->pack);
	f = fopen(path, "r");
	assert_non_null(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	fclose(f);
	at = strstr(text, from);
	assert_non_null(at);
	f = fopen(path, "w");
	assert_non_null(f);
	fprintf(f, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
	assert_int_equal(fclose(f), 0);
}

static void
reload(struct house *h, struct lw_client *c, const char *want)
{
	uint64_t before = house_number(h, "reload.number"), until = now_ms() + 20000;
	char *got;

	assert_int_equal(kill(h->pid, SIGHUP), 0);
	do {
		plugins_turn(&c, 1, 5);
		got = house_text(h, "reload.state");
		if (house_number(h, "reload.number") > before &&
		    strcmp(got, "running") != 0)
			break;
		free(got);
		got = NULL;
	} while (now_ms() < until);
	assert_non_null(got);
	assert_string_equal(got, want);
	free(got);
}

static void
reloads_in_traffic(void **state)
{
	uint64_t seed = test_seed();
	struct lw_client *c;
	struct house h;
	struct talk t;
	char *pack[3], *before, *after, *why;
	size_t nbefore, nafter;

	(void)state;
	talk_make(&t, "a", EVENTS, seed);
	house_make(&h, settings, NULL);
	house_start(&h);
	c = house_plugin(&h, "one", 64);
	pack[0] = house_text(&h, "pack");
	feed(c, &t, 0, EVENTS / 4);
	change_model(&h, "bias: -3.0", "bias: -2.0");
	reload(&h, c, "ok");
	pack[1] = house_text(&h, "pack");
	assert_string_not_equal(pack[0], pack[1]);
	feed(c, &t, EVENTS / 4, EVENTS / 2);
	/* a broken pack: the old one stays, and the status says where */
	change_model(&h, "bias: -2.0", "bias: many");
	reload(&h, c, "failed");
	pack[2] = house_text(&h, "pack");
	assert_string_equal(pack[1], pack[2]);
	why = house_text(&h, "reload.error");
	assert_non_null(strstr(why, "model.yaml:4:"));
	free(why);
	feed(c, &t, EVENTS / 2, EVENTS);
	assert_true(plugins_flush(&c, 1, 30000));
	lw_client_free(c);
	assert_int_equal(house_end(&h, SIGKILL), -SIGKILL);
	before = house_flags(&h, &nbefore);
	/* a start with a pack that is different again: what is replayed raises nothing new */
	change_model(&h, "bias: many", "bias: -0.5");
	house_start(&h);
	assert_true(house_log_has(&h, "events replayed"));
	free(pack[2]);
	pack[2] = house_text(&h, "pack");
	assert_string_not_equal(pack[1], pack[2]);
	assert_int_equal(house_end(&h, SIGTERM), 0);
	after = house_flags(&h, &nafter);
	house_same_flags(before, after);
	for (size_t i = 0; i < 3; i++)
		free(pack[i]);
	free(before);
	free(after);
	talk_clear(&t);
	house_clear(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(stops_in_order),
	    cmocka_unit_test(reloads_in_traffic),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
