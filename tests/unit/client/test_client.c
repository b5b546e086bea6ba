/* SPDX-License-Identifier: Apache-2.0 */
/* liblapwing against a real gate with a fake daemon's core, in one process. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../gate/fake.h"
#include "lapwing/lapwing.h"

static struct fake d;
static struct lw_client *c;
static struct lw_client_options o;

static struct {
	unsigned n;
	struct lw_client_verdict last;
	char reason[64];
	uintptr_t order[256]; /* cookies, as they came */
} got;

static int
begin(void **state)
{
	(void)state;
	memset(&got, 0, sizeof got);
	fake_init(&d);
	o = lw_client_options_init();
	o.socket = d.conf.socket;
	o.plugin = "test";
	o.instance = "chat-1";
	o.deadline_ms = 60;
	return 0;
}

static int
end(void **state)
{
	(void)state;
	lw_client_free(c);
	c = NULL;
	fake_clear(&d);
	return 0;
}

static void
start(void)
{
	fake_start(&d);
	assert_int_equal(lw_client_new(&c, &o), 0);
}

static void
on_verdict(void *cookie, const struct lw_client_verdict *v)
{
	got.order[got.n % 256] = (uintptr_t)cookie;
	got.n++;
	got.last = *v;
	snprintf(got.reason, sizeof got.reason, "%s", v->reason);
}

/* One turn of both ends; the client only hears of what poll says. */
static void
turn(void)
{
	struct pollfd p = {.fd = lw_client_fd(c), .events = POLLIN};

	if (lw_client_wants_write(c))
		p.events |= POLLOUT;
	if (p.fd >= 0 && poll(&p, 1, 0) < 0)
		p.revents = 0;
	lw_client_step(
	    c, (p.revents & (POLLIN | POLLHUP)) != 0, (p.revents & POLLOUT) != 0, 0);
	if (d.gate != NULL)
		fake_turn(&d);
}

static struct lw_client_stats
stats(void)
{
	struct lw_client_stats st;

	lw_client_stats(c, &st);
	return st;
}

#define UNTIL(condition)                                                               \
	do {                                                                           \
		uint64_t until_ = lw_mono_ms() + 8000;                                 \
		while (!(condition)) {                                                 \
			assert_true(lw_mono_ms() < until_);                            \
			turn();                                                        \
		}                                                                      \
	} while (0)

static void
turns(unsigned ms)
{
	uint64_t until = lw_mono_ms() + ms;

	while (lw_mono_ms() < until)
		turn();
}

static struct lw_client_event
message(const char *text)
{
	struct lw_client_event ev = lw_client_event_init();

	ev.conv = "c1";
	ev.from = "alice";
	ev.to = "bob";
	ev.text = text;
	return ev;
}

static void
observe(unsigned n)
{
	struct lw_client_event ev;
	char text[32];
	unsigned i;

	for (i = 0; i < n; i++) {
		snprintf(text, sizeof text, "line %u", i);
		ev = message(text);
		assert_int_equal(lw_client_observe(c, &ev), 0);
	}
}

static void
ask(uintptr_t cookie)
{
	struct lw_client_event ev = message("hello");

	assert_int_equal(lw_client_ask(c, &ev, on_verdict, (void *)cookie, 0), 0);
}

/* ---- the way through ---- */

static void
hundred_thousand_events_in_batches(uint32_t batch, unsigned n)
{
	unsigned i;

	o.batch = batch;
	start();
	UNTIL(stats().connected);
	for (i = 0; i < n; i += 500) {
		observe(500);
		turn();
		/* As fast as the daemon takes them, not faster. */
		UNTIL(stats().spooled < 20000);
	}
	UNTIL(stats().acked == n);
	assert_int_equal(d.events, n);
	assert_false(d.disorder);
	assert_int_equal(stats().spooled, 0);
	assert_int_equal(stats().lost, 0);
	lw_client_free(c);
	c = NULL;
	fake_stop(&d);
	d.events = 0;
}

static void
all_events_arrive_once_in_order(void **state)
{
	(void)state;
	hundred_thousand_events_in_batches(1, 20000);
	hundred_thousand_events_in_batches(7, 20000);
	hundred_thousand_events_in_batches(64, 100000);
}

static void
everything_said_arrives(void **state)
{
	static const char *const mentions[] = {"carol", "", "dave"};
	struct lw_client_event ev = message("caf\xe9 \xf0\x9f\x90\xa6");

	(void)state;
	ev.mentions = mentions;
	ev.nmentions = 3;
	ev.channel = LW_CLIENT_GROUP;
	ev.members = 5;
	ev.id = "m-1";
	ev.ts_ms = 1700000000000;
	ev.lang = "fr";
	start();
	assert_int_equal(lw_client_observe(c, &ev), 0);
	UNTIL(d.events == 1);
	assert_true(lw_str_is(d.last.text, "caf\xef\xbf\xbd \xf0\x9f\x90\xa6"));
	assert_true(lw_str_is(d.last.from, "alice"));
	assert_true(lw_str_is(d.last.id, "m-1"));
	assert_int_equal(d.last.nmentions, 2);
	assert_int_equal(d.last.channel, LW_CH_GROUP);
	assert_int_equal(d.last.ts_ms, 1700000000000);

	ev = lw_client_event_init();
	ev.kind = LW_CLIENT_USER;
	ev.from = "alice";
	ev.age_band = LW_CLIENT_TEEN;
	ev.created_ms = 5;
	assert_int_equal(lw_client_observe(c, &ev), 0);
	UNTIL(d.events == 2);
	assert_int_equal(d.last.kind, LW_EV_USER);
	assert_int_equal(d.last.user.age_band, LW_AGE_TEEN);
	assert_int_equal(d.last.user.created_ms, 5);
	assert_int_equal(d.last.id.p[0], '~'); /* minted */

	ev = lw_client_event_init();
	ev.kind = LW_CLIENT_REPORT;
	ev.from = "bob";
	ev.to = "alice";
	ev.reason = "spam";
	ev.item = "ignored";
	assert_int_equal(lw_client_observe(c, &ev), 0);
	ev.kind = LW_CLIENT_RELATION;
	ev.connected = LW_CLIENT_YES;
	ev.family = LW_CLIENT_NO;
	assert_int_equal(lw_client_observe(c, &ev), 0);
	UNTIL(d.events == 4);
	assert_int_equal(d.last.relation.connected, LW_YES);
	assert_int_equal(d.last.relation.family, LW_NO);
	assert_int_equal(d.last.relation.blocked, LW_UNKNOWN);
}

static void
bad_events_and_options_are_refused_here(void **state)
{
	struct lw_client_event ev = message("x");
	struct lw_client_options bad = o;
	char longer[300];

	(void)state;
	memset(longer, 'x', sizeof longer);
	longer[299] = '\0';
	bad.plugin = NULL;
	assert_int_equal(lw_client_new(&c, &bad), LW_CLIENT_EINVAL);
	bad = o;
	bad.socket = longer;
	assert_int_equal(lw_client_new(&c, &bad), LW_CLIENT_EINVAL);
	bad = o;
	bad.size = 4;
	assert_int_equal(lw_client_new(&c, &bad), LW_CLIENT_EINVAL);
	start();
	ev.from = NULL;
	assert_int_equal(lw_client_observe(c, &ev), LW_CLIENT_EINVAL);
	ev.from = longer;
	assert_int_equal(lw_client_observe(c, &ev), LW_CLIENT_EINVAL);
	ev = message(NULL);
	assert_int_equal(lw_client_observe(c, &ev), LW_CLIENT_EINVAL);
	ev = message("x");
	ev.size = 8;
	assert_int_equal(lw_client_observe(c, &ev), LW_CLIENT_EINVAL);
	assert_int_equal(stats().observed, 0);
	assert_int_equal(stats().spooled, 0);
	assert_string_not_equal(lw_client_strerror(LW_CLIENT_EINVAL), "");
	assert_string_not_equal(lw_client_version(), "");
}

/* ---- durable ---- */

static void
kept_until_durable_and_sent_again(void **state)
{
	struct lw_gate_stats st;
	struct lw_buf saved;

	(void)state;
	d.durable = false;
	start();
	observe(10);
	UNTIL(d.events == 10);
	turns(20);
	assert_int_equal(stats().acked, 0);
	assert_int_equal(stats().spooled, 10);
	lw_gate_durable(d.gate, 4);
	turns(5);
	/* One frame's events are told together. */
	assert_int_equal(stats().acked, 0);

	/* The daemon dies with them. */
	fake_stop(&d);
	turns(5);
	assert_int_equal(lw_client_fd(c), -1);
	assert_string_not_equal(lw_client_last_error(c), "");
	observe(5);
	d.durable = true;
	fake_start(&d);
	UNTIL(stats().spooled == 0);
	assert_int_equal(d.events, 10 + 15); /* to it they are new */
	assert_int_equal(stats().acked, 15);

	/* One that did not forget drops them. */
	d.durable = false;
	observe(3);
	UNTIL(d.events == 28);
	assert_int_equal(stats().spooled, 3);
	lw_gate_drain(d.gate, "restart", 10);
	turns(5);
	assert_int_equal(lw_client_fd(c), -1);
	lw_buf_init(&saved, 1 << 20);
	assert_int_equal(lw_gate_seen_save(d.gate, &saved), 0);
	fake_stop(&d);
	d.durable = true;
	fake_start(&d);
	assert_int_equal(
	    lw_gate_seen_load(d.gate, (struct lw_str){(char *)saved.data, saved.len}), 0);
	lw_buf_clear(&saved);
	UNTIL(stats().spooled == 0);
	assert_int_equal(d.events, 28);
	lw_gate_stats(d.gate, &st);
	assert_int_equal(st.duplicates, 3);
	assert_int_equal(stats().lost, 0);
}

static void
spool_is_bounded_and_losses_are_told(void **state)
{
	struct lw_gate_stats st;

	(void)state;
	o.spool_events = 100;
	assert_int_equal(lw_client_new(&c, &o), 0);
	observe(130);
	assert_int_equal(stats().lost, 30);
	assert_int_equal(stats().spooled, 100);
	fake_start(&d);
	UNTIL(stats().acked == 100);
	lw_gate_stats(d.gate, &st);
	assert_int_equal(st.lost, 30);
	assert_int_equal(d.events, 100);

	/* Dropped in flight, then acknowledged: not lost. */
	d.durable = false;
	observe(60);
	UNTIL(d.events == 160);
	observe(60);
	assert_int_equal(stats().lost, 30);
	UNTIL(d.events == 220);
	lw_gate_durable(d.gate, d.last_seq);
	UNTIL(stats().spooled == 0);
	assert_int_equal(stats().lost, 30);
	assert_int_equal(stats().acked, 220);

	/* Dropped in flight, and the connection broke: lost, as far as anybody knows. */
	observe(60);
	UNTIL(d.events == 280);
	observe(60);
	UNTIL(d.events == 340);
	fake_stop(&d);
	turns(2);
	assert_int_equal(stats().lost, 50);
	d.durable = true;
	fake_start(&d);
	UNTIL(stats().spooled == 0);
	lw_gate_stats(d.gate, &st);
	assert_int_equal(st.lost, 20);
}

static void
bytes_of_the_spool_are_bounded(void **state)
{
	struct lw_client_event ev;
	static char text[3000];
	unsigned i;

	(void)state;
	memset(text, 'x', sizeof text - 1);
	o.spool_bytes = 20000;
	assert_int_equal(lw_client_new(&c, &o), 0);
	ev = message(text);
	for (i = 0; i < 500; i++)
		assert_int_equal(lw_client_observe(c, &ev), 0);
	assert_int_equal(stats().spooled, 6);
	assert_int_equal(stats().lost, 494);
	fake_start(&d);
	UNTIL(stats().spooled == 0);
	assert_int_equal(d.events, 6);
	lw_client_free(c);
	o.spool_bytes = 1000;
	assert_int_equal(lw_client_new(&c, &o), 0);
	assert_int_equal(lw_client_observe(c, &ev), LW_CLIENT_ELIMIT);
}

/* A long outage drops more than a window: the numbers jump, the flow goes on. */
static void
flow_goes_on_behind_a_gap(void **state)
{
	(void)state;
	d.conf.window = 50;
	o.spool_events = 20;
	o.batch = 4;
	start();
	UNTIL(stats().connected);
	lw_gate_pause(d.gate, true);
	turns(3);
	observe(500);
	lw_gate_pause(d.gate, false);
	UNTIL(stats().spooled == 0);
	fake_stop(&d);
	observe(500);
	fake_start(&d);
	UNTIL(stats().spooled == 0);
	assert_int_equal(d.events, 40);
	assert_int_equal(stats().lost, 960);
}

static void
window_is_kept(void **state)
{
	(void)state;
	d.durable = false;
	d.conf.window = 32;
	start();
	observe(100);
	turns(30);
	assert_int_equal(d.events, 32);
	lw_gate_durable(d.gate, 32);
	UNTIL(d.events == 64);
	d.durable = true;
	lw_gate_durable(d.gate, 64);
	UNTIL(stats().acked == 100);
}

/* ---- asks ---- */

static void
verdicts_in_any_order(void **state)
{
	uintptr_t i;

	(void)state;
	o.deadline_ms = 5000;
	d.answer = false;
	start();
	for (i = 0; i < 100; i++) {
		ask(i);
		if (i % 3 == 0)
			observe(1);
	}
	UNTIL(d.nasks == 100);
	for (i = 0; i < 100; i++) {
		size_t k = 99 - i;
		struct lw_verdict v = {.seq = d.asks[k].seq,
		    .action = LW_ACT_BLOCK,
		    .reason = "blocked",
		    .risk = 0.25};

		lw_gate_verdicts(d.gate, d.asks[k].session, &v, 1);
	}
	UNTIL(got.n == 100);
	for (i = 0; i < 100; i++)
		assert_int_equal(got.order[i], 99 - i);
	assert_int_equal(got.last.action, LW_CLIENT_BLOCK);
	assert_string_equal(got.reason, "blocked");
	assert_true(got.last.risk == 0.25);
	assert_false(got.last.unavailable);
	assert_int_equal(stats().unavailable, 0);
}

static void
deadline_then_late_verdict(void **state)
{
	struct lw_verdict v = {.action = LW_ACT_BLOCK, .reason = "blocked"};
	uint64_t from;

	(void)state;
	d.answer = false;
	o.on_unavailable = LW_CLIENT_HOLD;
	start();
	UNTIL(stats().connected);
	from = lw_mono_ms();
	ask(1);
	UNTIL(got.n == 1);
	assert_in_range(lw_mono_ms() - from, 58, 500);
	assert_int_equal(got.last.action, LW_CLIENT_HOLD);
	assert_true(got.last.unavailable);
	assert_string_equal(got.reason, "deadline");
	UNTIL(d.nasks == 1);
	v.seq = d.asks[0].seq;
	lw_gate_verdicts(d.gate, d.asks[0].session, &v, 1);
	UNTIL(stats().late == 1);
	assert_int_equal(got.n, 1); /* called once */
	UNTIL(stats().acked == 1);  /* and observed all the same */
}

static void
no_daemon_answers_at_once(void **state)
{
	(void)state;
	o.on_unavailable = LW_CLIENT_BLOCK;
	assert_int_equal(lw_client_new(&c, &o), 0);
	ask(1);
	assert_int_equal(got.n, 1);
	assert_int_equal(got.last.action, LW_CLIENT_BLOCK);
	assert_string_equal(got.reason, "no daemon");
	fake_start(&d);
	UNTIL(stats().acked == 1);
}

static void
death_answers_what_waits(void **state)
{
	(void)state;
	o.deadline_ms = 60000;
	d.answer = d.durable = false;
	start();
	ask(1);
	ask(2);
	UNTIL(d.nasks == 2);
	fake_stop(&d);
	turns(5);
	assert_int_equal(got.n, 2);
	assert_true(got.last.unavailable);
	/* Sent again, but nobody waits for an answer to it. */
	d.nasks = 0;
	d.durable = true;
	fake_start(&d);
	UNTIL(stats().spooled == 0);
	assert_int_equal(d.nasks, 0);
	assert_int_equal(got.n, 2);
}

static void
full_window_and_pause_answer_at_once(void **state)
{
	(void)state;
	o.deadline_ms = 60000;
	d.conf.window = 4;
	d.durable = d.answer = false;
	start();
	UNTIL(stats().connected);
	observe(4);
	ask(1);
	assert_int_equal(got.n, 1);
	assert_string_equal(got.reason, "busy");
	lw_gate_durable(d.gate, 4);
	UNTIL(d.events == 4);
	lw_gate_durable(d.gate, 4);
	UNTIL(d.events == 5);
	lw_gate_durable(d.gate, 5);
	UNTIL(stats().spooled == 0);
	lw_gate_pause(d.gate, true);
	turns(5);
	ask(2);
	assert_int_equal(got.n, 2);
	assert_string_equal(got.reason, "paused");
	turns(20);
	assert_int_equal(d.events, 5);
	lw_gate_pause(d.gate, false);
	UNTIL(d.events == 6);
	ask(3);
	UNTIL(d.nasks == 1);
	assert_int_equal(got.n, 2);
}

static void
hanging_daemon_costs_few_deadlines(void **state)
{
	struct lw_client_event ev = message("x");
	struct lw_client_verdict v;
	uint64_t from;
	int i;

	(void)state;
	o.deadline_ms = 10;
	start();
	UNTIL(stats().connected);
	/* From here on nobody runs the daemon's loop. */
	from = lw_mono_ms();
	for (i = 0; i < 500; i++) {
		assert_int_equal(lw_client_ask_wait(c, &ev, &v), 0);
		assert_true(v.unavailable);
	}
	assert_true(lw_mono_ms() - from < 9 * 10 + 900);
	assert_int_equal(stats().unavailable, 500);
	/* It comes back. */
	UNTIL(stats().acked == 500);
	ask(1);
	UNTIL(got.n == 1 && !got.last.unavailable);
}

static void
restart_comes_back_when_told(void **state)
{
	uint64_t from;

	(void)state;
	start();
	UNTIL(stats().connected);
	lw_gate_drain(d.gate, "restart", 300);
	turns(5);
	from = lw_mono_ms();
	assert_int_equal(lw_client_fd(c), -1);
	assert_string_equal(lw_client_last_error(c), "the daemon restarts");
	ask(1);
	assert_int_equal(got.n, 1);
	fake_stop(&d);
	fake_start(&d);
	UNTIL(stats().connected);
	assert_in_range(lw_mono_ms() - from, 290, 1000);
	assert_int_equal(stats().connects, 2);
}

static void
wrong_token_is_not_tried_often(void **state)
{
	FILE *to;

	(void)state;
	d.conf.ntenants = 1;
	snprintf(d.conf.tenants[0].name, 64, "school");
	snprintf(d.conf.tenants[0].token_file, LW_CONF_PATH_MAX, "%s/token", d.dir);
	assert_non_null(to = fopen(d.conf.tenants[0].token_file, "w"));
	fputs("s3cret\n", to);
	fclose(to);
	o.token = "guess";
	start();
	turns(100);
	assert_int_equal(stats().failures, 1);
	assert_true(strncmp(lw_client_last_error(c), "bye: auth", 9) == 0);
	assert_true(lw_client_timeout_ms(c, 0) > 1000);
	lw_client_free(c);
	o.token = "s3cret";
	o.tenant = "school";
	assert_int_equal(lw_client_new(&c, &o), 0);
	observe(1);
	UNTIL(stats().acked == 1);
	assert_true(lw_str_is(d.last.tenant, "school"));
}

static void
retries_grow_with_jitter(void **state)
{
	uint64_t now = 1000000;
	int i, ms, max = 0;

	(void)state;
	/* A clock of our own: no waiting. */
	assert_int_equal(lw_client_new(&c, &o), 0);
	for (i = 0; i < 14; i++) {
		int limit = 50 << (i < 8 ? i : 8);

		lw_client_step(c, false, false, now);
		ms = lw_client_timeout_ms(c, now);
		limit = limit < 10000 ? limit : 10000;
		assert_in_range(ms, limit / 2, limit);
		max = ms > max ? ms : max;
		now += (uint64_t)ms;
	}
	assert_int_equal(stats().failures, 14);
	assert_true(max >= 5000);
}

/* ---- blocking, with the daemon in another process ---- */

static pid_t
fork_daemon(void)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	fake_start(&d);
	for (;;)
		event_base_loop(d.base, EVLOOP_ONCE);
}

static void
blocking_default(void **state)
{
	struct lw_client_event ev = message("hello");
	struct lw_client_verdict v;
	pid_t pid;
	int i;

	(void)state;
	o.deadline_ms = 2000;
	assert_int_equal(lw_client_new(&c, &o), 0);
	assert_int_equal(lw_client_flush(c, 10), 0); /* nothing to send */
	pid = fork_daemon();
	for (i = 0; i < 200 && access(d.conf.socket, F_OK) != 0; i++)
		poll(NULL, 0, 5);
	for (i = 0; i < 50; i++) {
		assert_int_equal(lw_client_ask_wait(c, &ev, &v), 0);
		if (!v.unavailable)
			break;
		poll(NULL, 0, 20); /* the first try was before the daemon */
	}
	for (i = 0; i < 200; i++) {
		assert_int_equal(lw_client_ask_wait(c, &ev, &v), 0);
		assert_int_equal(v.action, LW_CLIENT_ALLOW);
		assert_false(v.unavailable);
		assert_string_equal(v.reason, "ok");
	}
	observe(3000);
	assert_int_equal(lw_client_flush(c, 5000), 0);
	assert_int_equal(stats().spooled, 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_int_equal(lw_client_ask_wait(c, &ev, &v), 0);
	assert_true(v.unavailable);
	assert_int_equal(lw_client_flush(c, 30), LW_CLIENT_ETIMEOUT);
	assert_int_equal(stats().spooled, 1);
	unlink(d.conf.socket);
	unlink(d.conf.control);
}

/* ---- requests of the daemon: a peer plays it ---- */

static int
listen_on(const char *path)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(sa.sun_path, sizeof sa.sun_path, "%.100s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof sa), 0);
	assert_int_equal(listen(fd, 1), 0);
	return fd;
}

static void
on_request(void *cookie, const struct lw_client_request *r)
{
	assert_ptr_equal(cookie, &d);
	assert_string_equal(r->id, "a1");
	assert_string_equal(r->kind, "hide");
	assert_string_equal(r->subject, "m-9");
	assert_null(r->text);
	got.n++;
	lw_client_done(c, r->id, true, NULL);
}

static void
requests_and_unknown_frames(void **state)
{
	static const char strange[] = "\0\0\0\x0d\x82\xa1t\xa6strang\xa1x\xc0";
	struct lw_frame hello = {
	    .type = LW_FR_HELLO, .hello = {.v = {1}, .nv = 1, .window = 10}};
	struct lw_frame action = {.type = LW_FR_ACTION,
	    .id = LW_STR("a1"),
	    .code = LW_STR("hide"),
	    .subject = LW_STR("m-9")};
	int ls = listen_on(d.conf.socket), s, i;
	struct lw_reader *rd;
	struct lw_arena a;
	struct lw_frame f;
	struct lw_str body;
	struct lw_buf b;
	uint8_t in[4096];
	ssize_t n = 0, r;

	(void)state;
	lw_buf_init(&b, 65536);
	lw_arena_init(&a, 1 << 20);
	assert_int_equal(lw_reader_new(&rd), 0);
	o.on_request = on_request;
	o.request_cookie = &d;
	assert_int_equal(lw_client_new(&c, &o), 0);
	turn();
	assert_true((s = accept(ls, NULL, NULL)) >= 0);
	lw_put_frame(&b, &hello);
	lw_buf_put(&b, strange, sizeof strange - 1);
	lw_put_frame(&b, &action);
	/* A byte at a time. */
	for (i = 0; i < (int)b.len; i++) {
		assert_int_equal(write(s, b.data + i, 1), 1);
		turn();
	}
	UNTIL(got.n == 1);
	turns(3);
	n = read(s, in, sizeof in);
	assert_true(n > 0);
	assert_int_equal(lw_frame_next(in, (size_t)n, 65536, &body), 1);
	assert_int_equal(lw_frame_decode(rd, body, &a, &f), 0);
	assert_int_equal(f.type, LW_FR_HELLO);
	assert_true(lw_str_is(f.hello.plugin, "test"));
	assert_true(lw_str_is(f.hello.instance, "chat-1"));
	assert_int_equal(f.hello.ncaps, 2);
	r = (ssize_t)body.n + 4;
	assert_int_equal(lw_frame_next(in + r, (size_t)(n - r), 65536, &body), 1);
	assert_int_equal(lw_frame_decode(rd, body, &a, &f), 0);
	assert_int_equal(f.type, LW_FR_DONE);
	assert_true(lw_str_is(f.id, "a1"));
	assert_true(f.ok);
	/* And what breaks the protocol ends the connection, not the host. */
	assert_int_equal(write(s, "\0\0\0\0", 4), 4);
	UNTIL(stats().failures == 1);
	assert_string_equal(lw_client_last_error(c), "the daemon breaks the protocol");
	close(s);
	close(ls);
	unlink(d.conf.socket);
	lw_buf_clear(&b);
	lw_arena_clear(&a);
	lw_reader_free(rd);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
	    T(all_events_arrive_once_in_order),
	    T(everything_said_arrives),
	    T(bad_events_and_options_are_refused_here),
	    T(kept_until_durable_and_sent_again),
	    T(spool_is_bounded_and_losses_are_told),
	    T(bytes_of_the_spool_are_bounded),
	    T(flow_goes_on_behind_a_gap),
	    T(window_is_kept),
	    T(verdicts_in_any_order),
	    T(deadline_then_late_verdict),
	    T(no_daemon_answers_at_once),
	    T(death_answers_what_waits),
	    T(full_window_and_pause_answer_at_once),
	    T(hanging_daemon_costs_few_deadlines),
	    T(restart_comes_back_when_told),
	    T(wrong_token_is_not_tried_often),
	    T(retries_grow_with_jitter),
	    T(blocking_default),
	    T(requests_and_unknown_frames),
	};

	return cmocka_run_group_tests_name("client", tests, NULL, NULL);
}
