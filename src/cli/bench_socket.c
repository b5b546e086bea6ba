/* SPDX-License-Identifier: Apache-2.0 */
/* bench socket: a real daemon on a Unix socket in a folder of its own. First observed events
 * as fast as they are acknowledged, then asks at a steady rate. */
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/err.h"
#include "cli/bench.h"
#include "cli/home.h"
#include "cli/send.h"

#define SPOOL_HIGH 32768
#define SPOOL_BYTES ((size_t)64 << 20)
#define CONNECT_TURNS 2000 /* of 1 ms */
#define STALL_NS 60000000000u

struct asks {
	uint64_t *latency_ns; /* of each answered ask */
	uint64_t *asked_ns;
	size_t n, answered, unavailable;
};

struct ask_cookie {
	struct asks *all;
	size_t index;
};

struct link {
	struct lw_bench *b;
	struct lw_own_daemon daemon;
	struct lw_client *client;
	struct lw_client_event *ev; /* the traffic in the client's form */
	struct asks asks;
	struct ask_cookie *cookies;
	uint64_t rss;
};

static int
attach(struct link *l)
{
	struct lw_client_options o = lw_client_options_init();
	struct lw_client_stats st;

	o.socket = l->daemon.conf.socket;
	o.plugin = "lapwing-bench";
	o.instance = "bench";
	o.batch = (uint32_t)l->b->batch;
	o.spool_bytes = SPOOL_BYTES;
	o.deadline_ms = 2000;
	if (lw_client_new(&l->client, &o) != 0)
		return lw_cli_fail(LW_ENOMEM, "client");
	for (int i = 0; i < CONNECT_TURNS; i++) {
		lw_sender_turn(l->client, 1000);
		lw_client_stats(l->client, &st);
		if (st.connected)
			return LW_EXIT_OK;
	}
	fprintf(stderr, "lapwing: bench: %s\n", lw_client_last_error(l->client));
	return LW_EXIT_IO;
}

static int
convert(struct link *l)
{
	struct lw_traffic *t = &l->b->traffic;
	int err = LW_OK;

	l->ev = calloc(t->n, sizeof(*l->ev));
	if (l->ev == NULL)
		return lw_cli_fail(LW_ENOMEM, "bench");
	for (size_t i = 0; i < t->n && err == 0; i++) {
		err = lw_sender_event(&t->arena, &t->ev[i], &l->ev[i]);
		l->ev[i].id =
		    NULL; /* the client makes one: rounds must not be duplicates */
	}
	return err != 0 ? lw_cli_fail(err, "bench") : LW_EXIT_OK;
}

/* ns a message from the first event to the last acknowledgement; 0 on failure. */
static double
one_round(struct link *l)
{
	size_t n = l->b->traffic.n;
	struct lw_client_stats st, first;
	uint64_t start = lw_clock_mono_ns(), moved = start, acked = 0;

	lw_client_stats(l->client, &first);
	for (size_t i = 0;;) {
		lw_client_stats(l->client, &st);
		while (i < n && st.spooled < SPOOL_HIGH) {
			if (lw_client_observe(l->client, &l->ev[i++]) != 0)
				return 0;
			st.spooled++;
			if (i % l->b->batch == 0)
				break;
		}
		lw_sender_turn(l->client, st.spooled >= SPOOL_HIGH || i == n ? 1000 : 0);
		lw_client_stats(l->client, &st);
		if (st.acked != acked) {
			acked = st.acked;
			moved = lw_clock_mono_ns();
		}
		if (i == n && st.acked - first.acked >= n)
			break;
		if (lw_clock_mono_ns() - moved > STALL_NS || st.lost > 0)
			return 0;
	}
	return (double)(lw_clock_mono_ns() - start) / (double)n;
}

static void
on_verdict(void *cookie, const struct lw_client_verdict *v)
{
	struct ask_cookie *c = cookie;

	if (v->unavailable)
		c->all->unavailable++;
	c->all->latency_ns[c->all->answered++] =
	    lw_clock_mono_ns() - c->all->asked_ns[c->index];
}

static int
by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Asks at the wanted rate, whatever their answers do: a slow answer delays no ask. */
static int
ask_all(struct link *l)
{
	struct asks *a = &l->asks;
	uint64_t start, now;
	size_t total = l->b->asks_per_s * l->b->seconds;

	a->latency_ns = calloc(total + 1, sizeof(*a->latency_ns));
	a->asked_ns = calloc(total + 1, sizeof(*a->asked_ns));
	l->cookies = calloc(total + 1, sizeof(*l->cookies));
	if (a->latency_ns == NULL || a->asked_ns == NULL || l->cookies == NULL)
		return lw_cli_fail(LW_ENOMEM, "bench");
	start = lw_clock_mono_ns();
	while (a->answered < total) {
		now = lw_clock_mono_ns();
		while (a->n < total &&
		       start + a->n * (1000000000u / l->b->asks_per_s) <= now) {
			struct ask_cookie *c = &l->cookies[a->n];

			*c = (struct ask_cookie){a, a->n};
			a->asked_ns[a->n++] = lw_clock_mono_ns();
			if (lw_client_ask(l->client, &l->ev[c->index % l->b->traffic.n],
				on_verdict, c, 0) != 0)
				return lw_cli_fail(LW_EINVAL, "ask");
		}
		lw_sender_turn(l->client, 20);
		if (now - start > (l->b->seconds + 30) * 1000000000u)
			return lw_cli_fail(LW_ETIMEOUT, "asks");
	}
	qsort(a->latency_ns, a->answered, sizeof(*a->latency_ns), by_value);
	return LW_EXIT_OK;
}

static double
quantile_us(const struct asks *a, double q)
{
	size_t i = (size_t)(q * (double)(a->answered - 1));

	return a->answered > 0 ? (double)a->latency_ns[i] / 1000 : 0;
}

static int
report(struct link *l, double *ns)
{
	struct lw_bench_report rep;
	struct lw_json *j = &rep.json;

	lw_bench_report_begin(
	    &rep, l->b, "socket", lw_bench_median(ns, l->b->rounds), 2, l->rss);
	lw_json_key(j, "ns_min");
	lw_json_fixed(j, ns[0], 1);
	lw_json_key(j, "ns_max");
	lw_json_fixed(j, ns[l->b->rounds - 1], 1);
	lw_json_key(j, "batch");
	lw_json_uint(j, l->b->batch);
	lw_json_key(j, "workers");
	lw_json_uint(j, l->b->workers);
	lw_json_key(j, "asks_per_s");
	lw_json_uint(j, l->b->asks_per_s);
	lw_json_key(j, "asks");
	lw_json_uint(j, l->asks.answered);
	lw_json_key(j, "unavailable");
	lw_json_uint(j, l->asks.unavailable);
	lw_json_key(j, "p50_us");
	lw_json_fixed(j, quantile_us(&l->asks, 0.5), 1);
	lw_json_key(j, "p99_us");
	lw_json_fixed(j, quantile_us(&l->asks, 0.99), 1);
	lw_json_key(j, "p999_us");
	lw_json_fixed(j, quantile_us(&l->asks, 0.999), 1);
	return lw_bench_report_end(&rep, l->b);
}

static int
measure(struct link *l)
{
	double ns[LW_BENCH_ROUNDS_MAX];
	int code;

	if (one_round(l) == 0) /* warm-up */
		return lw_cli_fail(LW_ETIMEOUT, "the daemon stopped acknowledging");
	for (size_t i = 0; i < l->b->rounds; i++)
		if ((ns[i] = one_round(l)) == 0)
			return lw_cli_fail(
			    LW_ETIMEOUT, "the daemon stopped acknowledging");
	l->rss = lw_bench_rss(l->daemon.pid);
	if ((code = ask_all(l)) != LW_EXIT_OK)
		return code;
	return report(l, ns);
}

int
lw_bench_socket(struct lw_bench *b)
{
	struct link l = {.b = b};
	int code = lw_bench_traffic(b);

	if (code == LW_EXIT_OK && (b->asks_per_s < 1 || b->seconds < 1))
		code = lw_cli_usage_error("--asks and --seconds are at least 1");
	if (code == LW_EXIT_OK && b->packs.n > 0)
		code = lw_cli_usage_error("bench socket runs with the shipped packs");
	if (code == LW_EXIT_OK && (code = convert(&l)) == LW_EXIT_OK &&
	    (code = lw_own_daemon_start(&l.daemon, NULL, (unsigned)b->workers)) ==
		LW_EXIT_OK &&
	    (code = attach(&l)) == LW_EXIT_OK)
		code = measure(&l);
	if (l.client != NULL)
		lw_client_free(l.client);
	lw_own_daemon_stop(&l.daemon);
	free(l.ev);
	free(l.cookies);
	free(l.asks.latency_ns);
	free(l.asks.asked_ns);
	return code;
}
