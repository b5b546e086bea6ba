/* SPDX-License-Identifier: Apache-2.0 */
/* The gate against a peer that minds no manners, over real sockets. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/err.h"
#include "fake.h"

static struct fake d;
static struct lw_buf b;

static int
begin(void **state)
{
	(void)state;
	fake_init(&d);
	fake_start(&d);
	lw_buf_init(&b, 8u << 20);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	fake_clear(&d);
	lw_buf_clear(&b);
	return 0;
}

static struct lw_event
message(const char *id)
{
	return (struct lw_event){.conv = LW_STR("c"),
	    .from = LW_STR("a"),
	    .to = LW_STR("b"),
	    .text = LW_STR("hello"),
	    .id = lw_str(id)};
}

static void
expect_bye(struct peer *p, const char *code)
{
	struct lw_frame f;

	assert_int_equal(peer_frame(p, &f), LW_FR_BYE);
	assert_true(lw_str_is(f.code, code));
	assert_int_equal(peer_frame(p, &f), LW_FR_MAX);
}

static void
expect_ack(struct peer *p, uint64_t upto)
{
	struct lw_frame f;

	assert_int_equal(peer_frame(p, &f), LW_FR_ACK);
	assert_int_equal(f.upto, upto);
}

static void
modes_of_sockets(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(stat(d.conf.socket, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	assert_int_equal(stat(d.conf.control, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void
second_daemon_is_refused_stale_file_is_not(void **state)
{
	struct lw_gate_callbacks cb = {NULL, NULL, NULL};
	struct lw_gate *g = NULL;
	char away[600];
	struct stat st;

	(void)state;
	assert_int_equal(lw_gate_new(&g, d.base, &d.conf, &cb, &d.key, 1), LW_EBUSY);
	assert_null(g);
	assert_int_equal(stat(d.conf.socket, &st), 0); /* still the first one's */
	/* A crash leaves the file: keep it over the gate's own clean-up. */
	snprintf(away, sizeof away, "%s.away", d.conf.socket);
	assert_int_equal(rename(d.conf.socket, away), 0);
	fake_stop(&d);
	assert_int_equal(rename(away, d.conf.socket), 0);
	fake_start(&d);
}

static void
events_are_stamped_and_acknowledged(void **state)
{
	struct lw_event ev[3] = {message("1"), message(NULL), message("3")};
	uint64_t now = lw_clock_wall_ms();
	struct peer p;

	(void)state;
	ev[2].ts_ms = now + 3600000; /* a clock that is wrong */
	ev[2].tenant = LW_STR("other");
	ev[2].seq = 77;
	peer_init(&p, &d);
	peer_hello(&p);
	lw_put_events(&b, 10, ev, 3);
	peer_flush(&p, &b);
	expect_ack(&p, 12);
	assert_int_equal(d.events, 3);
	assert_false(d.disorder);
	assert_int_equal(d.last.seq, 3);
	assert_true(lw_str_is(d.last.tenant, "default"));
	assert_true(lw_str_is(d.last.text, "hello"));
	assert_in_range(d.last.ts_ms, now, now + 121000);
	peer_clear(&p);
}

static void
acknowledges_only_what_is_durable(void **state)
{
	struct lw_event ev[2] = {message("1"), message("2")};
	struct peer p;

	(void)state;
	d.durable = false;
	peer_init(&p, &d);
	peer_hello(&p);
	lw_put_events(&b, 1, &ev[0], 1);
	lw_put_events(&b, 2, &ev[1], 1);
	peer_flush(&p, &b);
	assert_true(peer_is_quiet(&p));
	assert_int_equal(d.batches, 1); /* two frames of one read */
	lw_gate_durable(d.gate, 1);
	expect_ack(&p, 1);
	/* A duplicate waits for all that was seen before it. */
	lw_put_events(&b, 3, &ev[0], 1);
	peer_flush(&p, &b);
	assert_true(peer_is_quiet(&p));
	lw_gate_durable(d.gate, 2);
	expect_ack(&p, 3);
	assert_int_equal(d.events, 2);
	peer_clear(&p);
}

static void
duplicates_have_no_effect(void **state)
{
	struct lw_event ev[3] = {message("1"), message("2"), message("1")};
	struct lw_gate_stats st;
	struct lw_frame f;
	struct peer p;

	(void)state;
	peer_init(&p, &d);
	peer_hello(&p);
	ev[2].ask = true;
	lw_put_events(&b, 1, ev, 3);
	peer_flush(&p, &b);
	assert_int_equal(peer_frame(&p, &f), LW_FR_VERDICTS);
	assert_int_equal(f.verdicts[0].seq, 3);
	assert_int_equal(f.verdicts[0].action, LW_ACT_ALLOW);
	assert_string_equal(f.verdicts[0].reason, "duplicate");
	expect_ack(&p, 3);
	assert_int_equal(d.events, 2);
	/* The same after a reconnect, but not from another instance's name or text. */
	peer_clear(&p);
	peer_init(&p, &d);
	peer_hello(&p);
	ev[1].text = LW_STR("other words, old id");
	lw_put_events(&b, 1, ev, 2);
	peer_flush(&p, &b);
	expect_ack(&p, 2);
	assert_int_equal(d.events, 3);
	assert_false(d.disorder);
	lw_gate_stats(d.gate, &st);
	assert_int_equal(st.duplicates, 2);
	assert_int_equal(st.sessions, 1);
	peer_clear(&p);
}

static void
memory_of_events_survives_a_restart(void **state)
{
	struct lw_event ev = message("1");
	struct lw_id128 key;
	struct lw_buf saved;
	struct peer p;

	(void)state;
	lw_buf_init(&saved, 1 << 20);
	peer_init(&p, &d);
	peer_hello(&p);
	lw_put_events(&b, 1, &ev, 1);
	peer_flush(&p, &b);
	expect_ack(&p, 1);
	key = d.last.key;
	assert_int_equal(lw_gate_seen_save(d.gate, &saved), 0);
	peer_clear(&p);
	fake_stop(&d);
	fake_start(&d);
	assert_int_equal(
	    lw_gate_seen_load(d.gate, (struct lw_str){(char *)saved.data, saved.len}), 0);
	lw_gate_seen(d.gate, key); /* once more, as from a journal */
	assert_int_equal(
	    lw_gate_seen_load(d.gate, (struct lw_str){(char *)saved.data, 20}), LW_EINVAL);
	peer_init(&p, &d);
	peer_hello(&p);
	lw_put_events(&b, 1, &ev, 1);
	peer_flush(&p, &b);
	expect_ack(&p, 1);
	assert_int_equal(d.events, 1);
	peer_clear(&p);
	lw_buf_clear(&saved);
}

static void
events_that_cannot_be_taken_are_acknowledged(void **state)
{
	char longer[LW_EVENT_ID_MAX + 1];
	struct lw_event ev[4] = {message("1"), message("2"), message("3"), message("4")};
	struct lw_gate_stats st;
	struct lw_frame f;
	struct peer p;

	(void)state;
	memset(longer, 'x', sizeof longer);
	ev[0].from = (struct lw_str){longer, sizeof longer};
	ev[1].text = (struct lw_str){NULL, 0};
	ev[1].ask = true;
	ev[2].kind = LW_EV_DECISION;
	peer_init(&p, &d);
	peer_hello(&p);
	lw_put_events(&b, 1, ev, 4);
	peer_flush(&p, &b);
	assert_int_equal(peer_frame(&p, &f), LW_FR_VERDICTS);
	assert_int_equal(f.verdicts[0].seq, 2);
	assert_string_equal(f.verdicts[0].reason, "invalid");
	expect_ack(&p, 4);
	assert_int_equal(d.events, 1);
	assert_true(lw_str_is(d.last.id, "4"));
	lw_gate_stats(d.gate, &st);
	assert_int_equal(st.bad_events, 3);
	assert_int_equal(st.bad_frames, 0);
	peer_clear(&p);
}

static void
verdicts_find_their_ask_in_any_order(void **state)
{
	struct lw_event ev[64];
	struct lw_frame f;
	struct peer p;
	char id[64][8];
	int i;

	(void)state;
	d.answer = d.durable = false;
	for (i = 0; i < 64; i++) {
		snprintf(id[i], sizeof id[i], "%d", i % 32); /* half are duplicates */
		ev[i] = message(id[i]);
		ev[i].ask = i % 2 == 1;
	}
	peer_init(&p, &d);
	peer_hello(&p);
	lw_put_events(&b, 1000, ev, 64);
	peer_flush(&p, &b);
	for (i = 0; i < 16; i++) {
		assert_int_equal(peer_frame(&p, &f), LW_FR_VERDICTS);
		assert_int_equal(f.verdicts[0].seq, 1000 + 33 + 2 * i);
	}
	assert_int_equal(d.nasks, 16);
	for (i = 15; i >= 0; i--) {
		struct lw_verdict v = {.seq = d.asks[i].seq,
		    .action = LW_ACT_HOLD,
		    .reason = "under_review",
		    .ttl_ms = 5,
		    .risk = 0.5,
		    .band = LW_BAND_HIGH};

		lw_gate_verdicts(d.gate, d.asks[i].session, &v, 1);
		lw_gate_verdicts(d.gate, d.asks[i].session, &v, 1); /* once is enough */
		assert_int_equal(peer_frame(&p, &f), LW_FR_VERDICTS);
		assert_int_equal(f.nverdicts, 1);
		assert_int_equal(f.verdicts[0].seq, 1000 + 1 + 2 * i);
		assert_int_equal(f.verdicts[0].action, LW_ACT_HOLD);
		assert_int_equal(f.verdicts[0].ttl_ms, 5);
		assert_int_equal(f.verdicts[0].band, LW_BAND_HIGH);
		assert_true(f.verdicts[0].risk == 0.5);
	}
	assert_true(peer_is_quiet(&p));
	peer_clear(&p);
	lw_gate_verdicts(d.gate, d.asks[0].session, NULL, 0); /* it went away */
}

static void
window_stops_reading(void **state)
{
	struct lw_event ev;
	char id[16];
	struct peer p;
	int i;

	(void)state;
	d.conf.window = 100;
	d.durable = false;
	peer_init(&p, &d);
	peer_hello(&p);
	for (i = 1; i <= 200; i++) {
		snprintf(id, sizeof id, "%d", i);
		ev = message(id);
		lw_put_events(&b, (uint64_t)i, &ev, 1);
	}
	peer_flush(&p, &b);
	assert_true(peer_is_quiet(&p));
	assert_int_equal(d.events, 100);
	lw_gate_durable(d.gate, 40);
	expect_ack(&p, 40);
	fake_turn(&d);
	assert_int_equal(d.events, 140);
	lw_gate_durable(d.gate, 140);
	expect_ack(&p, 140);
	fake_turn(&d);
	assert_int_equal(d.events, 200);
	peer_clear(&p);
}

/* Facts about people go to every shard, so fewer of them are let in at a time. */
static void
facts_fill_the_window_sooner(void **state)
{
	struct lw_event ev;
	char id[16];
	struct peer p;
	int i;

	(void)state;
	d.conf.window = 10 * LW_GATE_FACT_COST;
	d.durable = false;
	peer_init(&p, &d);
	peer_hello(&p);
	for (i = 1; i <= 50; i++) {
		snprintf(id, sizeof id, "%d", i);
		ev = (struct lw_event){.kind = i % 2 == 0 ? LW_EV_USER : LW_EV_RELATION,
		    .from = LW_STR("a"),
		    .to = LW_STR("b"),
		    .id = lw_str(id)};
		lw_put_events(&b, (uint64_t)i, &ev, 1);
	}
	peer_flush(&p, &b);
	assert_true(peer_is_quiet(&p));
	assert_int_equal(d.events, 10);
	for (i = 10; i <= 50; i += 10) {
		lw_gate_durable(d.gate, (uint64_t)i);
		expect_ack(&p, (uint64_t)i);
		fake_turn(&d);
	}
	assert_int_equal(d.events, 50);
	peer_clear(&p);
}

/* Whoever sends without end and is acknowledged one by one is slow, and no more. */
static void
a_flood_past_the_window_is_no_error(void **state)
{
	enum { N = 20000 };
	struct lw_event ev;
	struct lw_frame f;
	char id[16];
	struct peer p;
	ssize_t w;
	int i;

	(void)state;
	d.conf.window = 1;
	d.conf.max_frame = LW_FRAME_HELLO_MAX;
	d.durable = false;
	peer_init(&p, &d);
	peer_hello(&p);
	for (i = 1; i <= N; i++) {
		snprintf(id, sizeof id, "%d", i);
		ev = message(id);
		lw_put_events(&b, (uint64_t)i, &ev, 1);
	}
	while (d.last_seq < N) {
		w = send(p.fd, lw_buf_peek(&b), lw_buf_left(&b), MSG_NOSIGNAL);
		assert_true(w >= 0 || errno == EAGAIN);
		if (w > 0)
			lw_buf_consume(&b, (size_t)w);
		fake_turn(&d);
		lw_gate_durable(d.gate, d.last_seq);
	}
	do
		assert_int_equal(peer_frame(&p, &f), LW_FR_ACK);
	while (f.upto < N);
	assert_int_equal(d.events, N);
	peer_clear(&p);
}

static void
pause_tells_and_stops_reading(void **state)
{
	struct lw_event ev = message("1");
	struct lw_frame f;
	struct peer p;

	(void)state;
	peer_init(&p, &d);
	peer_hello(&p);
	lw_gate_pause(d.gate, true);
	assert_int_equal(peer_frame(&p, &f), LW_FR_PAUSE);
	lw_put_events(&b, 1, &ev, 1);
	peer_flush(&p, &b);
	assert_true(peer_is_quiet(&p));
	assert_int_equal(d.events, 0);
	lw_gate_pause(d.gate, false);
	assert_int_equal(peer_frame(&p, &f), LW_FR_WINDOW);
	assert_int_equal(f.n, d.conf.window);
	expect_ack(&p, 1);
	peer_clear(&p);
}

static void
batches_with_the_daemon_are_bounded(void **state)
{
	struct lw_event ev;
	struct peer p;
	char id[16];
	int i;

	(void)state;
	d.hold = true;
	d.durable = false;
	peer_init(&p, &d);
	peer_hello(&p);
	for (i = 1; i <= LW_GATE_ARENAS + 10; i++) {
		snprintf(id, sizeof id, "%d", i);
		ev = message(id);
		lw_put_events(&b, (uint64_t)i, &ev, 1);
		peer_flush(&p, &b);
		fake_turn(&d);
	}
	assert_int_equal(d.events, LW_GATE_ARENAS);
	d.hold = false;
	fake_release(&d);
	fake_turn(&d);
	assert_int_equal(d.events, LW_GATE_ARENAS + 10);
	peer_clear(&p);
}

static void
split_at_every_byte(void **state)
{
	struct lw_hello h = {.v = {9, 1}, .nv = 2, .plugin = LW_STR("test")};
	struct lw_event ev[2] = {message("1"), message("2")};
	struct lw_frame f;
	struct peer p;
	size_t i;

	(void)state;
	peer_init(&p, &d);
	lw_put_hello(&b, &h);
	lw_put_events(&b, 1, ev, 2);
	lw_put_simple(&b, LW_FR_PING);
	for (i = 0; i < b.len; i++) {
		peer_send(&p, b.data + i, 1);
		fake_turn(&d);
	}
	assert_int_equal(peer_frame(&p, &f), LW_FR_HELLO);
	expect_ack(&p, 2);
	assert_int_equal(peer_frame(&p, &f), LW_FR_PONG);
	peer_clear(&p);
}

/* Each of these ends its session, and no other. */
static void
bad_frames_end_their_session_only(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
		const char *code;
	} bad[] = {
	    {"\0\0\0\0", 4, "protocol"},
	    {"\xff\xff\xff\xff", 4, "too_large"},
	    {"\0\0\0\1\xc0", 5, "protocol"},
	    {"\0\0\0\1\x80", 5, "protocol"},
	    {"\0\0\0\5\xdf\xff\xff\xff\xff", 9, "protocol"},
	    {"\0\0\0\x0c\x81\xa1t\xa8verdicts", 16, "protocol"},
	    {"\0\0\0\x0a\x81\xa1t\xa6"
	     "events",
		14, "protocol"},
	};
	struct lw_event ev = message("1");
	struct peer p, good;
	struct lw_frame f;
	size_t i;

	(void)state;
	peer_init(&good, &d);
	peer_hello(&good);
	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		peer_init(&p, &d);
		peer_hello(&p);
		peer_send(&p, bad[i].bytes, bad[i].n);
		expect_bye(&p, bad[i].code);
		peer_clear(&p);
	}
	/* Numbers that go back. */
	peer_init(&p, &d);
	peer_hello(&p);
	lw_put_events(&b, 5, &ev, 1);
	lw_put_events(&b, 5, &ev, 1);
	peer_flush(&p, &b);
	assert_int_equal(peer_frame(&p, &f), LW_FR_ACK); /* the first was good */
	expect_bye(&p, "protocol");
	peer_clear(&p);
	/* The daemon's words in a plugin's mouth. */
	peer_init(&p, &d);
	peer_hello(&p);
	lw_put_ack(&b, 1);
	peer_flush(&p, &b);
	expect_bye(&p, "protocol");
	peer_clear(&p);
	lw_put_simple(&b, LW_FR_PING);
	peer_flush(&good, &b);
	assert_int_equal(peer_frame(&good, &f), LW_FR_PONG);
	peer_clear(&good);
}

static void
before_hello_little_is_allowed(void **state)
{
	struct lw_event ev = message("1");
	struct peer p;

	(void)state;
	peer_init(&p, &d);
	lw_put_events(&b, 1, &ev, 1);
	peer_flush(&p, &b);
	expect_bye(&p, "protocol");
	peer_clear(&p);
	peer_init(&p, &d);
	peer_send(&p, "\0\1\0\1", 4); /* 64 KiB and one byte */
	expect_bye(&p, "too_large");
	peer_clear(&p);
	assert_int_equal(d.events, 0);
}

static void
slow_hello_and_silence_time_out(void **state)
{
	struct lw_gate_times t = {
	    .hello = 60, .idle = 80, .dead = 300, .linger = 100, .control_idle = 100};
	struct peer slow, silent;
	struct lw_frame f;
	uint64_t start;

	(void)state;
	lw_gate_set_times(d.gate, &t);
	peer_init(&slow, &d);
	peer_send(&slow, "\0\0", 2);
	expect_bye(&slow, "timeout");
	peer_clear(&slow);
	peer_init(&silent, &d);
	peer_hello(&silent);
	assert_int_equal(peer_frame(&silent, &f), LW_FR_PING);
	lw_put_simple(&b, LW_FR_PONG);
	peer_flush(&silent, &b);
	start = lw_mono_ms();
	assert_int_equal(peer_frame(&silent, &f), LW_FR_PING);
	expect_bye(&silent, "timeout");
	assert_true(lw_mono_ms() - start >= 250);
	peer_clear(&silent);
}

static void
version_tenant_and_token(void **state)
{
	static const struct {
		uint32_t v;
		const char *tenant, *token, *code;
	} tries[] = {
	    {2, "school", "s3cret", "version"}, {1, "school", NULL, "auth"},
	    {1, "school", "s3creT", "auth"}, {1, "school", "s3cret\n", "auth"},
	    {1, "other", "s3cret", "auth"}, {1, "school", "s3cret", NULL},
	    {1, NULL, "s3cret", NULL}, /* the only tenant need not be named */
	};
	struct lw_event ev = message("1");
	struct peer p;
	size_t i;
	FILE *to;

	(void)state;
	d.conf.ntenants = 1;
	snprintf(d.conf.tenants[0].name, 64, "school");
	snprintf(d.conf.tenants[0].token_file, LW_CONF_PATH_MAX, "%s/token", d.dir);
	assert_non_null(to = fopen(d.conf.tenants[0].token_file, "w"));
	fputs("s3cret \n", to);
	fclose(to);
	for (i = 0; i < sizeof tries / sizeof *tries; i++) {
		struct lw_hello h = {.v = {tries[i].v},
		    .nv = 1,
		    .tenant = lw_str(tries[i].tenant),
		    .token = lw_str(tries[i].token)};
		struct lw_frame f;

		peer_init(&p, &d);
		lw_put_hello(&b, &h);
		peer_flush(&p, &b);
		if (tries[i].code != NULL)
			expect_bye(&p, tries[i].code);
		else
			assert_int_equal(peer_frame(&p, &f), LW_FR_HELLO);
		if (i + 1 < sizeof tries / sizeof *tries)
			peer_clear(&p);
	}
	lw_put_events(&b, 1, &ev, 1);
	peer_flush(&p, &b);
	expect_ack(&p, 1);
	assert_true(lw_str_is(d.last.tenant, "school"));
	peer_clear(&p);
	/* No file, no entry. */
	unlink(d.conf.tenants[0].token_file);
	peer_init(&p, &d);
	{
		struct lw_hello h = {.v = {1}, .nv = 1, .token = LW_STR("s3cret")};

		lw_put_hello(&b, &h);
	}
	peer_flush(&p, &b);
	expect_bye(&p, "auth");
	peer_clear(&p);
}

static void
too_many_connections(void **state)
{
	struct peer p[9];
	struct lw_frame f;
	int i;

	(void)state;
	for (i = 0; i < 9; i++)
		peer_init(&p[i], &d);
	expect_bye(&p[8], "quota");
	peer_clear(&p[0]);
	peer_clear(&p[8]);
	peer_init(&p[0], &d); /* room again */
	peer_hello(&p[0]);
	assert_int_equal(peer_is_quiet(&p[0]), true);
	lw_put_simple(&b, LW_FR_PING);
	peer_flush(&p[0], &b);
	assert_int_equal(peer_frame(&p[0], &f), LW_FR_PONG);
	for (i = 0; i < 8; i++)
		peer_clear(&p[i]);
}

static void
peer_that_never_reads_is_closed(void **state)
{
	struct lw_gate_stats st;
	struct peer p;
	int i;

	(void)state;
	peer_init(&p, &d);
	peer_hello(&p);
	for (i = 0; i < 1000; i++)
		lw_put_simple(&b, LW_FR_PING);
	for (i = 0; i < 3000; i++) {
		lw_gate_stats(d.gate, &st);
		if (st.sessions == 0)
			break;
		if (write(p.fd, b.data, b.len) < 0)
			fake_turn(&d);
		fake_turn(&d);
	}
	assert_int_equal(st.sessions, 0);
	lw_buf_reset(&b);
	peer_clear(&p);
}

static void
drain_says_bye_and_still_answers(void **state)
{
	struct lw_event ev = message("1");
	struct lw_verdict v = {.reason = "ok"};
	struct lw_frame f;
	struct peer p;

	(void)state;
	d.answer = d.durable = false;
	ev.ask = true;
	peer_init(&p, &d);
	peer_hello(&p);
	lw_put_events(&b, 1, &ev, 1);
	peer_flush(&p, &b);
	fake_turn(&d);
	assert_int_equal(d.nasks, 1);
	lw_gate_drain(d.gate, "restart", 1234);
	assert_int_equal(peer_frame(&p, &f), LW_FR_BYE);
	assert_true(lw_str_is(f.code, "restart"));
	assert_int_equal(f.retry_ms, 1234);
	ev = message("2");
	lw_put_events(&b, 2, &ev, 1); /* too late: it will be sent again */
	peer_flush(&p, &b);
	v.seq = d.asks[0].seq;
	lw_gate_verdicts(d.gate, d.asks[0].session, &v, 1);
	assert_int_equal(peer_frame(&p, &f), LW_FR_VERDICTS);
	lw_gate_durable(d.gate, 1);
	expect_ack(&p, 1);
	assert_int_equal(d.events, 1);
	assert_int_equal(access(d.conf.socket, F_OK), -1);
	peer_clear(&p);
}

/* ---- control ---- */

static int
control(const char *verb, const char *arg, bool *ok, struct lw_buf *body)
{
	pid_t pid;
	int fds[2], err, i;
	char head[2];
	uint8_t *room;
	ssize_t n;

	/* The call blocks: it gets a process, the gate keeps this one. */
	assert_int_equal(pipe(fds), 0);
	assert_true((pid = fork()) >= 0);
	if (pid == 0) {
		err = lw_control_call(
		    d.conf.control, lw_str(verb), lw_str(arg), 3000, ok, body);
		head[0] = (char)-err;
		head[1] = *ok;
		n = write(fds[1], head, 2);
		for (i = 0; n > 0 && (size_t)i < body->len; i += (int)n)
			n = write(fds[1], body->data + i, body->len - (size_t)i);
		_exit(0);
	}
	close(fds[1]);
	for (;;) {
		struct pollfd pf = {.fd = fds[0], .events = POLLIN};

		fake_turn(&d);
		if (poll(&pf, 1, 1) == 0)
			continue;
		assert_non_null(room = lw_buf_reserve(body, 65536));
		if ((n = read(fds[0], room, 65536)) <= 0)
			break;
		lw_buf_commit(body, (size_t)n);
	}
	close(fds[0]);
	assert_true(body->len >= 2);
	err = -(int)body->data[0];
	*ok = body->data[1];
	lw_buf_consume(body, 2);
	return err;
}

static void
control_calls(void **state)
{
	struct lw_buf body;
	bool ok = false;
	struct peer p;

	(void)state;
	lw_buf_init(&body, 8u << 20);
	assert_int_equal(control("echo", "{\"a\":1}", &ok, &body), 0);
	assert_true(ok);
	assert_int_equal(lw_buf_left(&body), 7);
	assert_memory_equal(lw_buf_peek(&body), "{\"a\":1}", 7);
	lw_buf_reset(&body);
	assert_int_equal(control("nothing", NULL, &ok, &body), 0);
	assert_false(ok);
	assert_memory_equal(lw_buf_peek(&body), "{\"error\":", 9);
	lw_buf_reset(&body);
	assert_int_equal(control("big", NULL, &ok, &body), 0);
	assert_true(ok);
	assert_int_equal(lw_buf_left(&body), 3u << 20);
	lw_buf_reset(&body);
	assert_int_equal(d.calls, 3);
	/* A plugin's socket takes no calls. */
	peer_init(&p, &d);
	peer_hello(&p);
	lw_put_call(&b, LW_STR("echo"), LW_STR(""));
	peer_flush(&p, &b);
	expect_bye(&p, "protocol");
	peer_clear(&p);
	fake_stop(&d);
	assert_int_equal(
	    lw_control_call(d.conf.control, LW_STR("echo"), LW_STR(""), 100, &ok, &body),
	    LW_ENOENT);
	lw_buf_clear(&body);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
	    T(modes_of_sockets),
	    T(second_daemon_is_refused_stale_file_is_not),
	    T(events_are_stamped_and_acknowledged),
	    T(acknowledges_only_what_is_durable),
	    T(duplicates_have_no_effect),
	    T(memory_of_events_survives_a_restart),
	    T(events_that_cannot_be_taken_are_acknowledged),
	    T(verdicts_find_their_ask_in_any_order),
	    T(window_stops_reading),
	    T(facts_fill_the_window_sooner),
	    T(a_flood_past_the_window_is_no_error),
	    T(pause_tells_and_stops_reading),
	    T(batches_with_the_daemon_are_bounded),
	    T(split_at_every_byte),
	    T(bad_frames_end_their_session_only),
	    T(before_hello_little_is_allowed),
	    T(slow_hello_and_silence_time_out),
	    T(version_tenant_and_token),
	    T(too_many_connections),
	    T(peer_that_never_reads_is_closed),
	    T(drain_says_bye_and_still_answers),
	    T(control_calls),
	};

	return cmocka_run_group_tests_name("gate", tests, NULL, NULL);
}
