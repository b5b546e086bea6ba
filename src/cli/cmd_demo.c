/* SPDX-License-Identifier: Apache-2.0 */
/* lapwing demo: a daemon of its own, five short conversations over the socket at a readable
 * pace, and what arrives in the queue. Nothing is left running. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/err.h"
#include "cli/control.h"
#include "cli/demo_data.h"
#include "cli/home.h"
#include "cli/print.h"
#include "cli/send.h"
#include "pack/pack.h"

#define PACE_MS 140 /* a line, with what it takes to send it and to look */

struct demo {
	struct lw_own_daemon daemon;
	struct lw_sender sender;
	json_t *seen; /* case id -> flags printed */
	uint64_t pace_ms, n;
	size_t cases;
	bool colour;
};

static volatile sig_atomic_t interrupted;

static void
on_interrupt(int sig)
{
	interrupted = sig;
}

static void
nap_ms(uint64_t ms)
{
	nanosleep(
	    &(struct timespec){(time_t)(ms / 1000), (long)(ms % 1000) * 1000000}, NULL);
}

static json_t *
call(struct demo *d, const char *verb, const char *arg)
{
	struct lw_buf body;
	json_t *v = NULL;

	lw_buf_init(&body, 16u << 20);
	if (lw_cli_call(&d->daemon.conf, lw_str(verb), lw_str(arg), &body) == LW_EXIT_OK)
		v = json_loadb(
		    (const char *)lw_buf_peek(&body), lw_buf_left(&body), 0, NULL);
	lw_buf_clear(&body);
	return v;
}

static void
show_case(struct demo *d, const char *id, bool is_new)
{
	char arg[128];
	json_t *v;

	snprintf(arg, sizeof(arg), "{\"id\":\"%s\",\"show_text\":true}", id);
	v = call(d, "queue.show", arg);
	if (v == NULL)
		return;
	printf("\n  %s>> %s%s\n", d->colour ? "\033[1m" : "",
	    is_new ? "a case for people to look at:" : "the same case, with more to it:",
	    d->colour ? "\033[0m" : "");
	lw_print_case(stdout, v, d->colour);
	putchar('\n');
	fflush(stdout);
	json_decref(v);
}

/* Print every case that has come or grown since the last look. */
static void
look(struct demo *d)
{
	json_t *list = call(d, "queue.list", "{\"limit\":100}"), *c;
	size_t i;

	json_array_foreach(list, i, c)
	{
		const char *id = json_string_value(json_object_get(c, "id"));
		json_t *flags = json_object_get(c, "flags"), *before;

		if (id == NULL || !json_is_integer(flags))
			continue;
		before = json_object_get(d->seen, id);
		if (before != NULL && json_equal(before, flags))
			continue;
		show_case(d, id, before == NULL);
		json_object_set(d->seen, id, flags);
	}
	d->cases = json_array_size(list);
	json_decref(list);
}

static int
say(struct demo *d, const char *conv, const struct lw_demo_line *line)
{
	char id[32];
	int n = snprintf(id, sizeof(id), "demo-%llu", (unsigned long long)++d->n), code;
	uint64_t start = lw_clock_mono_ns(), took;
	struct lw_event ev = {.kind = LW_EV_MESSAGE,
	    .channel = LW_CH_DIRECT,
	    .conv = lw_str(conv),
	    .from = lw_str(line->from),
	    .to = lw_str(line->to),
	    .text = lw_str(line->text),
	    .id = {id, (size_t)n},
	    .ts_ms = lw_clock_wall_ms()};

	printf("  %s%-9s%s %s\n", d->colour ? "\033[36m" : "", line->from,
	    d->colour ? "\033[0m" : "", line->text);
	fflush(stdout);
	if ((code = lw_sender_put(&d->sender, &ev)) != LW_EXIT_OK ||
	    (code = lw_sender_flush(&d->sender)) != LW_EXIT_OK)
		return code;
	look(d);
	took = (lw_clock_mono_ns() - start) / 1000000;
	if (took < d->pace_ms)
		nap_ms(d->pace_ms - took);
	return LW_EXIT_OK;
}

static int
play(struct demo *d)
{
	struct lw_demo_line test = {"operator", "console", lw_test_phrase()};
	int code = LW_EXIT_OK;

	for (size_t i = 0; i < lw_demo_ntalks && code == LW_EXIT_OK && !interrupted; i++) {
		const struct lw_demo_talk *t = &lw_demo_talks[i];

		printf("%s%s%s: %s\n", d->colour ? "\033[1m" : "", t->name,
		    d->colour ? "\033[0m" : "", t->about);
		for (size_t k = 0; k < t->n && code == LW_EXIT_OK && !interrupted; k++)
			code = say(d, t->name, &t->line[k]);
		putchar('\n');
	}
	if (code != LW_EXIT_OK || interrupted)
		return code;
	puts("the test phrase: how an operator sees the whole way work");
	return say(d, "test", &test);
}

static void
say_where(const struct demo *d, bool stay)
{
	printf("\n%zu cases in the queue.\n", d->cases);
	if (stay)
		printf("Until Ctrl-C, which leaves nothing behind, things are here:\n"
		       "  configuration  %s/lapwing.yaml\n"
		       "  queue          %s/queue.db\n"
		       "  plugin socket  %s\n"
		       "From another terminal: lapwing queue list -c %s/lapwing.yaml\n",
		    d->daemon.dir, d->daemon.conf.state_dir, d->daemon.conf.socket,
		    d->daemon.dir);
	else
		puts("The daemon is stopped and its folder removed; --stay keeps both for a "
		     "while.");
	puts("\nTo attach a server: lapwing init DIR, lapwingd --config DIR/lapwing.yaml, then "
	     "a\nplugin, such as plugins/prosody. See README.md.");
	fflush(stdout);
}

static int
run(struct demo *d, bool stay)
{
	int code = lw_own_daemon_start(&d->daemon, NULL, 0);
	bool is_cut;

	if (code == LW_EXIT_OK)
		code = lw_sender_open(&d->sender, d->daemon.conf.socket, "default");
	if (code == LW_EXIT_OK)
		code = play(d);
	is_cut = interrupted != 0;
	if (code == LW_EXIT_OK && !is_cut && stay) {
		say_where(d, true);
		while (!interrupted)
			nap_ms(100);
	}
	lw_sender_close(&d->sender);
	lw_own_daemon_stop(&d->daemon);
	if (code == LW_EXIT_OK && is_cut) {
		fputs("\nlapwing: interrupted; nothing is left behind\n", stderr);
		return 128 + interrupted;
	}
	if (code == LW_EXIT_OK && !stay)
		say_where(d, false);
	return code;
}

int
lw_cmd_demo(int argc, char **argv)
{
	struct demo d = {.pace_ms = PACE_MS};
	bool fast = false, stay = false;
	const struct lw_opt opts[] = {
	    {"fast", 0, LW_OPT_FLAG, &fast, NULL, "no pauses between the lines"},
	    {"stay", 0, LW_OPT_FLAG, &stay, NULL, "keep the daemon until Ctrl-C"},
	};
	const struct lw_usage u = {"demo [options]",
	    "Starts a daemon in a folder of its own, says a few synthetic conversations over\n"
	    "its socket, and shows what arrives in the moderation queue and why.",
	    "  lapwing demo\n  lapwing demo --stay\n", opts,
	    sizeof(opts) / sizeof(opts[0])};
	struct sigaction sa = {.sa_handler = on_interrupt};
	int code, n = lw_cli_options(&u, argc, argv, &code);

	if (n < 0)
		return code;
	if (n > 0)
		return lw_cli_usage_error("demo takes no arguments");
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
	d.colour = lw_cli_colour(stdout);
	d.seen = json_object();
	if (fast)
		d.pace_ms = 0;
	code = run(&d, stay);
	json_decref(d.seen);
	return code;
}
