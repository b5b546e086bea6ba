/* SPDX-License-Identifier: Apache-2.0 */
/* lapwing replay: events of files through the engine in-process, or to a daemon; flags or
 * a summary out. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/clock.h"
#include "base/err.h"
#include "cli/print.h"
#include "cli/send.h"
#include "cli/setup.h"
#include "cli/strset.h"
#include "wire/wire.h"

#define ARENA_MAX (8u << 20) /* bytes of one event's strings and results */

struct replay {
	bool json, summary, hide_text;
	const char *policy, *socket, *speed, *tenant;
	struct lw_opt_list packs;
	struct lw_strset convs, flagged;
	uint64_t messages, flags;
	uint64_t last_ts;
	bool colour;
};

static void
pace(struct replay *r, const struct lw_event *ev)
{
	uint64_t gap;

	if (r->speed == NULL || strcmp(r->speed, "real") != 0)
		return;
	gap = r->last_ts != 0 && ev->ts_ms > r->last_ts ? ev->ts_ms - r->last_ts : 0;
	r->last_ts = ev->ts_ms;
	nanosleep(&(struct timespec){(time_t)(gap / 1000), (long)(gap % 1000) * 1000000},
	    NULL);
}

static int
print_plain(const struct replay *r, const struct lw_flag *f)
{
	json_t *v = lw_flag_to_json(f, !r->hide_text);

	if (v == NULL)
		return lw_cli_fail(LW_ENOMEM, "replay");
	lw_print_flag(stdout, v, r->colour);
	json_decref(v);
	return ferror(stdout) ? LW_EXIT_IO : LW_EXIT_OK;
}

static int
print_flag(struct replay *r, const struct lw_flag *f)
{
	struct lw_buf b;
	struct lw_json j;
	int code;

	r->flags++;
	if (lw_strset_add(&r->flagged, f->conv) < 0)
		return lw_cli_fail(LW_ENOMEM, "replay");
	if (r->summary)
		return LW_EXIT_OK;
	if (!r->json)
		return print_plain(r, f);
	lw_buf_init(&b, 4u << 20);
	lw_json_init(&j, &b, 0);
	lw_flag_json(&j, f, !r->hide_text);
	code = lw_cli_print(&b);
	lw_buf_clear(&b);
	return code;
}

static int
count_event(struct replay *r, const struct lw_event *ev)
{
	if (ev->kind != LW_EV_MESSAGE && ev->kind != LW_EV_EDIT)
		return LW_EXIT_OK;
	r->messages++;
	return lw_strset_add(&r->convs, ev->conv) < 0 ? lw_cli_fail(LW_ENOMEM, "replay")
						      : LW_EXIT_OK;
}

static int
run_engine(struct replay *r, struct lw_source *src, struct lw_arena *arena)
{
	struct lw_setup setup;
	struct lw_engine_conf conf;
	struct lw_pipeline *pipe = NULL;
	struct lw_progress progress;
	struct lw_event ev;
	int code = lw_setup_open(&setup, &r->packs, r->policy), err;

	if (code != LW_EXIT_OK)
		goto out;
	lw_engine_conf_default(&conf);
	err = lw_pipeline_new(&pipe, &conf, setup.rules, &setup.policy, LW_MEMO_DEFAULT);
	if (err != 0) {
		code = lw_cli_fail(err, "starting the engine");
		goto out;
	}
	lw_progress_start(&progress, "replay");
	while (code == LW_EXIT_OK && lw_source_next(src, arena, &ev) == 1) {
		struct lw_outcome oc;
		const struct lw_flag *flags[2];
		size_t nflags = 0;

		pace(r, &ev);
		lw_progress_tick(&progress, r->messages);
		code = count_event(r, &ev);
		if (code == LW_EXIT_OK &&
		    (err = lw_pipeline_step(pipe, &ev, &oc, flags, &nflags)) != 0)
			code = lw_cli_fail(err, "engine");
		for (size_t i = 0; code == LW_EXIT_OK && i < nflags; i++) {
			lw_progress_done(&progress);
			code = print_flag(r, flags[i]);
		}
		lw_arena_reset(arena);
	}
	lw_progress_done(&progress);
out:
	lw_pipeline_free(pipe);
	lw_setup_close(&setup);
	return code;
}

static int
run_daemon(struct replay *r, struct lw_source *src, struct lw_arena *arena)
{
	struct lw_sender sender;
	struct lw_event ev;
	int code = lw_sender_open(&sender, r->socket, r->tenant);

	src->is_live = true;
	while (code == LW_EXIT_OK && lw_source_next(src, arena, &ev) == 1) {
		pace(r, &ev);
		code = count_event(r, &ev);
		if (code == LW_EXIT_OK)
			code = lw_sender_put(&sender, &ev);
		lw_arena_reset(arena);
	}
	if (code == LW_EXIT_OK)
		code = lw_sender_flush(&sender);
	lw_sender_close(&sender);
	return code;
}

static int
print_summary(const struct replay *r, uint64_t ns)
{
	struct lw_buf b;
	struct lw_json j;
	int code;

	lw_buf_init(&b, 4096);
	lw_json_init(&j, &b, 0);
	lw_json_object(&j);
	lw_json_key(&j, "conversations");
	lw_json_uint(&j, r->convs.n);
	lw_json_key(&j, "messages");
	lw_json_uint(&j, r->messages);
	if (r->socket == NULL) { /* the daemon keeps its flags in the queue */
		lw_json_key(&j, "flags");
		lw_json_uint(&j, r->flags);
		lw_json_key(&j, "flagged_conversations");
		lw_json_uint(&j, r->flagged.n);
	}
	lw_json_key(&j, "seconds");
	lw_json_fixed(&j, (double)ns / 1e9, 3);
	lw_json_object_end(&j);
	code = lw_cli_print(&b);
	lw_buf_clear(&b);
	return code;
}

static int
run(struct replay *r, const char *const *paths, size_t npaths)
{
	struct lw_source src;
	struct lw_arena arena;
	uint64_t start = lw_clock_mono_ns();
	int code;

	r->colour = lw_cli_colour(stdout);
	lw_arena_init(&arena, ARENA_MAX);
	lw_source_open(&src, paths, npaths);
	code = r->socket != NULL ? run_daemon(r, &src, &arena)
				 : run_engine(r, &src, &arena);
	if (code == LW_EXIT_OK && r->summary)
		code = print_summary(r, lw_clock_mono_ns() - start);
	if (code == LW_EXIT_OK)
		code = lw_source_code(&src);
	if (src.bad > 0)
		fprintf(stderr, "lapwing: %llu bad %s left out\n",
		    (unsigned long long)src.bad,
		    src.bad == 1 ? "line was" : "lines were");
	lw_source_close(&src);
	lw_arena_clear(&arena);
	return code;
}

int
lw_cmd_replay(int argc, char **argv)
{
	struct replay r = {.tenant = "default"};
	const struct lw_opt opts[] = {
	    {"json", 0, LW_OPT_FLAG, &r.json, NULL, "print a flag a line as JSON"},
	    {"summary", 0, LW_OPT_FLAG, &r.summary, NULL,
		"print one JSON object of counts instead of flags"},
	    {"pack", 'p', LW_OPT_LIST, &r.packs, "DIR",
		"load this pack (may be repeated; default: the shipped ones)"},
	    {"policy", 0, LW_OPT_TEXT, &r.policy, "FILE", "policy.yaml to use"},
	    {"hide-text", 0, LW_OPT_FLAG, &r.hide_text, NULL,
		"leave the text of evidence out"},
	    {"socket", 0, LW_OPT_TEXT, &r.socket, "PATH",
		"send the events to a daemon's plugin socket"},
	    {"tenant", 0, LW_OPT_TEXT, &r.tenant, "NAME", "tenant to name to the daemon"},
	    {"speed", 0, LW_OPT_TEXT, &r.speed, "max|real",
		"as fast as it goes, or at the pace of the time stamps"},
	};
	const struct lw_usage u = {"replay [options] FILE...",
	    "Feeds conversations (JSON lines, plain or gzip; - is stdin) through the engine\n"
	    "and prints the flags it raises.",
	    "  lapwing replay chat.jsonl.gz\n"
	    "  lapwing replay --summary *.jsonl.gz\n"
	    "  zcat chat.jsonl.gz | lapwing replay --json - | jq .band\n",
	    opts, sizeof(opts) / sizeof(opts[0])};
	int code, n = lw_cli_options(&u, argc, argv, &code);

	if (n < 0)
		return code;
	if (n == 0)
		return lw_cli_usage_error("replay wants a file, or - for stdin");
	if (r.speed != NULL && strcmp(r.speed, "max") != 0 && strcmp(r.speed, "real") != 0)
		return lw_cli_usage_error("--speed is max or real, not '%s'", r.speed);
	code = run(&r, (const char *const *)argv + 1, (size_t)n);
	lw_strset_clear(&r.convs);
	lw_strset_clear(&r.flagged);
	return code;
}
