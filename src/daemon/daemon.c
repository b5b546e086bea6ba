/* SPDX-License-Identifier: Apache-2.0 */
/* The list of what starts, in order, and what stops, in reverse. Options in, a running
 * daemon out; owns everything in it. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "daemon/inside.h"
#include "text/fold.h"

static int
start_libraries(void)
{
	char why[256] = "";
	int err;

	err = lw_text_init();
	if (err != 0) {
		lw_error("fold tables: %s", lw_strerror(err));
		return lw_daemon_exit_of(err);
	}
	if (lw_pack_selftest(why, sizeof(why)) == 0)
		return LW_EXIT_OK;
	lw_error("the matcher library %s fails its self-test: %s", lw_pack_library(), why);
	return LW_EXIT_REFUSED;
}

static unsigned
count_workers(const struct lw_config *c)
{
	long n = c->workers;

	if (n == 0)
		n = sysconf(_SC_NPROCESSORS_ONLN);
	if (n < 1)
		n = 1;
	return n > LW_DAEMON_WORKERS_MAX ? LW_DAEMON_WORKERS_MAX : (unsigned)n;
}

static int
start_pipe(struct lw_daemon *d)
{
	struct lw_pipe_conf pc = {0};
	int err;

	lw_engine_conf_default(&pc.engine);
	pc.engine.key = d->engine_key;
	pc.engine.max_windows = (size_t)(d->conf.max_windows / LW_SHARDS);
	pc.engine.max_bytes = (size_t)(d->conf.max_memory / LW_SHARDS);
	pc.engine.idle_ms = d->conf.idle_ms;
	pc.workers = count_workers(&d->conf);
	pc.commit_ms = d->conf.commit_ms;
	pc.seal = &d->seal;
	pc.journal = d->journal;
	pc.queue = d->queue;
	pc.intern = d->intern;
	pc.snap_dirfd = d->snap_dirfd;
	pc.bell = &d->bell;
	err = lw_bell_init(&d->bell);
	if (err == 0)
		err = lw_pipe_new(&d->pipe, &pc);
	if (err == 0)
		err = lw_keeper_new(&d->helper);
	if (err != 0)
		lw_error("starting threads: %s", lw_strerror(err));
	return lw_daemon_exit_of(err);
}

static int
recover(struct lw_daemon *d, struct lw_recovery *r)
{
	struct lw_recovery_conf rc = {.state_dir = d->conf.state_dir,
	    .snap_dirfd = d->snap_dirfd,
	    .seal = &d->seal,
	    .journal = d->journal,
	    .intern = d->intern,
	    .pipe = d->pipe,
	    .bell = &d->bell,
	    .keys_max = d->conf.dedupe_events};
	int err = lw_recover(r, &rc);

	if (err != 0)
		lw_error("the state folder cannot be read: %s", lw_strerror(err));
	return lw_daemon_exit_of(err);
}

/* The configured rules: those of the journal's end when they are the same, else loaded. A
 * copy is kept before the first event is judged by them. */
static int
choose_rules(struct lw_daemon *d, struct lw_recovery *r)
{
	struct lw_rules_source *src = malloc(sizeof(*src));
	char id[LW_RULES_ID + 1];
	int code = LW_EXIT_OK, err, tries;

	if (src == NULL)
		return LW_EXIT_IO;
	err = lw_rules_source(src, &d->conf);
	if (err == 0 && r->rules != NULL && lw_rules_id(src, NULL, id) == 0 &&
	    strcmp(id, r->rules->id) == 0)
		d->rules = lw_rules_ref(r->rules);
	for (tries = 0; tries < 3; tries++) {
		if (d->rules == NULL && (code = lw_daemon_load_rules(d)) != LW_EXIT_OK)
			break;
		err = lw_rules_keep(d->conf.state_dir, src, d->rules->id);
		if (err != LW_EAGAIN)
			break;
		lw_rules_unref(d->rules); /* the files changed meanwhile */
		d->rules = NULL;
	}
	free(src);
	if (code == LW_EXIT_OK && err != 0) {
		lw_error("keeping a copy of the packs: %s", lw_strerror(err));
		code = lw_daemon_exit_of(err);
	}
	return code;
}

static int
go_live(struct lw_daemon *d, struct lw_recovery *r)
{
	int err = lw_pipe_go_live(d->pipe, r->next_seq, d->rules);

	if (err != 0)
		lw_error("journal: %s", lw_strerror(err));
	/* nothing left to replay by other rules than these */
	else if (lw_journal_segments(d->journal) == 1)
		lw_rules_forget(d->conf.state_dir, d->rules->id);
	return lw_daemon_exit_of(err);
}

static int
start_state(struct lw_daemon *d)
{
	struct lw_recovery r = {0};
	int code;

	code = lw_daemon_open_state(d);
	if (code == LW_EXIT_OK)
		code = start_pipe(d);
	if (code == LW_EXIT_OK)
		code = recover(d, &r);
	if (code == LW_EXIT_OK)
		code = choose_rules(d, &r);
	if (code == LW_EXIT_OK)
		code = go_live(d, &r);
	if (code == LW_EXIT_OK)
		code = lw_daemon_open_gate(d, &r);
	lw_recovery_clear(&r);
	return code;
}

int
lw_daemon_start(struct lw_daemon **out, const struct lw_daemon_options *o)
{
	struct lw_daemon *d;
	int code;

	signal(SIGPIPE, SIG_IGN);
	umask(077);
	lw_log_set_name("lapwingd");
	d = calloc(1, sizeof(*d));
	if (d == NULL)
		return LW_EXIT_IO;
	*out = d;
	d->lock_fd = d->snap_dirfd = d->bell.fd = -1;
	d->started_ms = lw_clock_wall_ms();
	d->started_ns = lw_clock_mono_ns();
	d->intern = lw_intern_new();
	if (d->intern == NULL)
		return LW_EXIT_IO;
	code = lw_daemon_read_config(d, o);
	if (code == LW_EXIT_OK)
		code = start_libraries();
	if (code == LW_EXIT_OK && o->check_only) {
		code = lw_daemon_load_rules(d);
		if (code == LW_EXIT_OK)
			printf("%s: good; %zu packs, %zu rules\n", o->config,
			    lw_ruleset_npacks(d->rules->rs),
			    lw_ruleset_nrules(d->rules->rs));
		return code;
	}
	return code == LW_EXIT_OK ? start_state(d) : code;
}

int
lw_daemon_run(struct lw_daemon *d)
{
	lw_info("version %s is ready: %zu packs, %zu rules, next event %llu",
	    LW_ENGINE_VERSION, lw_ruleset_npacks(d->rules->rs),
	    lw_ruleset_nrules(d->rules->rs),
	    (unsigned long long)lw_gate_next_seq(d->gate));
	event_base_dispatch(d->base);
	return d->exit_code;
}

static void
free_event(struct event *e)
{
	if (e != NULL)
		event_free(e);
}

void
lw_daemon_stop(struct lw_daemon *d)
{
	if (d == NULL)
		return;
	lw_gate_free(d->gate); /* before the pipeline: nobody asks any more */
	lw_keeper_free(d->helper);
	lw_daemon_reload_free(d);
	lw_pipe_free(d->pipe, d->exit_code != LW_EXIT_OK);
	free_event(d->on_bell);
	free_event(d->on_term);
	free_event(d->on_int);
	free_event(d->on_hup);
	free_event(d->on_snap);
	free_event(d->on_drain);
	if (d->base != NULL)
		event_base_free(d->base);
	lw_bell_clear(&d->bell);
	lw_journal_close(d->journal);
	lw_queue_close(d->reading);
	lw_queue_close(d->queue);
	lw_rules_unref(d->rules);
	lw_intern_free(d->intern);
	if (d->snap_dirfd >= 0)
		close(d->snap_dirfd);
	if (d->lock_fd >= 0)
		close(d->lock_fd);
	lw_seal_clear(&d->seal);
	free(d->config_path);
	lw_wipe(d, sizeof(*d));
	free(d);
}
