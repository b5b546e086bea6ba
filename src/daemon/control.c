/* SPDX-License-Identifier: Apache-2.0 */
/* Calls on the control socket: a verb and a JSON argument in, a JSON body out. They run on
 * the loop's thread, so each is short. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "daemon/inside.h"

static void
put_u(struct lw_json *j, const char *key, uint64_t v)
{
	lw_json_key(j, key);
	lw_json_uint(j, v);
}

static void
put_z(struct lw_json *j, const char *key, const char *v)
{
	lw_json_key(j, key);
	lw_json_strz(j, v);
}

static int
fail(struct lw_buf *reply, int err, const char *text)
{
	struct lw_json j;

	lw_json_init(&j, reply, 0);
	lw_json_object(&j);
	put_z(&j, "error", text);
	lw_json_object_end(&j);
	return err;
}

/* ---- status ---- */

static uint64_t
resident_bytes(void)
{
	unsigned long long pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	if (f == NULL)
		return 0;
	if (fscanf(f, "%*u %llu", &pages) != 1)
		pages = 0;
	fclose(f);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static const char *
disk_name(enum lw_disk disk)
{
	switch (disk) {
	case LW_DISK_OK:
		return "ok";
	case LW_DISK_FULL:
		return "full";
	case LW_DISK_ERROR:
		break;
	}
	return "error";
}

static void
put_gate(struct lw_json *j, struct lw_daemon *d)
{
	struct lw_gate_stats g = {0};

	lw_gate_stats(d->gate, &g);
	put_u(j, "sessions", g.sessions);
	put_u(j, "events", g.events);
	put_u(j, "asks", g.asks);
	put_u(j, "duplicates", g.duplicates);
	put_u(j, "lost", g.lost);
	put_u(j, "repaired", g.repaired);
	put_u(j, "bad_events", g.bad_events);
	put_u(j, "bad_frames", g.bad_frames);
	put_u(j, "refused", g.refused);
}

static void
put_pipe(struct lw_json *j, struct lw_daemon *d)
{
	struct lw_pipe_stats s;

	lw_pipe_stats(d->pipe, &s);
	put_u(j, "flags", s.flags);
	put_u(j, "seq", s.pushed_seq);
	put_u(j, "durable", s.durable_seq);
	put_z(j, "disk", disk_name(s.disk));
	put_u(j, "workers", s.workers);
	put_u(j, "inflight", s.inflight);
	put_u(j, "windows", s.windows);
	put_u(j, "windows_with_hits", s.with_hits);
	put_u(j, "window_bytes", s.window_bytes);
	put_u(j, "evicted", s.evicted);
	put_u(j, "expired", s.expired);
	put_u(j, "engine_errors", s.engine_errors);
	lw_json_key(j, "journal");
	lw_json_object(j);
	put_u(j, "segments", s.journal_segments);
	put_u(j, "bytes", s.journal_bytes);
	put_u(j, "commits", s.groups);
	put_u(j, "written", s.group_bytes);
	lw_json_object_end(j);
	lw_json_key(j, "snapshots");
	lw_json_object(j);
	put_u(j, "written", s.snapshots);
	put_u(j, "errors", s.snapshot_errors);
	put_u(j, "oldest", s.oldest_snapshot_seq);
	lw_json_object_end(j);
}

static void
put_packs(struct lw_json *j, const struct lw_ruleset *rs)
{
	size_t i;

	put_z(j, "pack", lw_ruleset_hash(rs));
	put_u(j, "rules", lw_ruleset_nrules(rs));
	put_u(j, "lexemes", lw_ruleset_nlexemes(rs));
	lw_json_key(j, "packs");
	lw_json_array(j);
	for (i = 0; i < lw_ruleset_npacks(rs); i++) {
		lw_json_object(j);
		lw_json_key(j, "id");
		lw_json_str(j, lw_ruleset_pack_id(rs, i));
		lw_json_key(j, "version");
		lw_json_str(j, lw_ruleset_pack_version(rs, i));
		lw_json_object_end(j);
	}
	lw_json_array_end(j);
}

static void
put_reload(struct lw_json *j, const struct lw_daemon *d)
{
	lw_json_key(j, "reload");
	lw_json_object(j);
	put_u(j, "number", d->reloaded.number);
	put_z(j, "state",
	    d->reloaded.is_running    ? "running"
	    : d->reloaded.number == 0 ? "none"
	    : d->reloaded.err == 0    ? "ok"
				      : "failed");
	if (!d->reloaded.is_running && d->reloaded.err != 0)
		put_z(j, "error", d->reloaded.why);
	put_u(j, "took_ms", d->reloaded.took_ms);
	lw_json_object_end(j);
}

static int
call_status(struct lw_daemon *d, struct lw_buf *reply)
{
	struct lw_queue_stats q = {0};
	struct lw_json j;
	int err;

	err = lw_queue_stats(d->reading, &q);
	lw_json_init(&j, reply, 0);
	lw_json_object(&j);
	put_z(&j, "version", LW_ENGINE_VERSION);
	put_z(&j, "matcher", lw_pack_library());
	put_u(&j, "pid", (uint64_t)getpid());
	put_u(&j, "uptime_s", (lw_clock_mono_ns() - d->started_ns) / 1000000000);
	put_z(&j, "state",
	    d->draining ? "stopping"
	    : d->paused ? "paused for the disk"
			: "running");
	put_gate(&j, d);
	put_pipe(&j, d);
	put_u(&j, "memory_bytes", resident_bytes());
	put_packs(&j, d->rules->rs);
	put_reload(&j, d);
	lw_json_key(&j, "queue");
	lw_json_object(&j);
	put_u(&j, "cases", q.cases);
	put_u(&j, "open", q.open);
	put_u(&j, "flags", q.flags);
	if (err != 0)
		put_z(&j, "error", lw_strerror(err));
	lw_json_object_end(&j);
	lw_json_object_end(&j);
	return reply->err;
}

/* ---- queue ---- */

static struct lw_str
text_of(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	return json_is_string(v)
		   ? (struct lw_str){json_string_value(v), json_string_length(v)}
		   : (struct lw_str){NULL, 0};
}

static int
call_list(struct lw_daemon *d, const json_t *arg, struct lw_buf *reply)
{
	struct lw_queue_filter f = {.tenant = text_of(arg, "tenant")};
	struct lw_str band = text_of(arg, "min_band");
	json_int_t limit = json_integer_value(json_object_get(arg, "limit"));
	struct lw_json j;
	int at;

	f.state = json_string_value(json_object_get(arg, "state"));
	if (limit < 0)
		return fail(reply, LW_EINVAL, "a limit below 0");
	f.limit = (size_t)limit;
	if (band.p != NULL) {
		at = lw_band_find(band);
		if (at < 0)
			return fail(reply, LW_EINVAL, "no such band");
		f.min_band = (enum lw_band)at;
	}
	lw_json_init(&j, reply, 0);
	return lw_queue_list(d->reading, &f, &j);
}

static int
call_show(struct lw_daemon *d, const json_t *arg, struct lw_buf *reply)
{
	bool show = json_is_true(json_object_get(arg, "show_text"));
	struct lw_str id = text_of(arg, "id");
	struct lw_json j;
	int err;

	lw_json_init(&j, reply, 0);
	err = lw_queue_show(d->reading, id, show, &j);
	if (err == 0 && show)
		lw_info("queue: text of a case was shown on the control socket");
	if (err != LW_ENOENT && err != LW_EINVAL)
		return err;
	lw_buf_reset(reply);
	return fail(reply, err,
	    err == LW_ENOENT
		? "no such case"
		: "a case is named by 6 or more hex digits that only it has");
}

/* ---- the rest ---- */

static int
call_reload(struct lw_daemon *d, struct lw_buf *reply)
{
	struct lw_json j;
	int err = lw_daemon_reload(d);

	if (err != 0)
		return fail(reply, err,
		    err == LW_EBUSY ? "a reload is under way" : lw_strerror(err));
	lw_json_init(&j, reply, 0);
	lw_json_object(&j);
	put_reload(&j, d);
	lw_json_object_end(&j);
	return 0;
}

static int
say_started(struct lw_buf *reply)
{
	return lw_buf_puts(reply, "{\"started\":true}");
}

static int
dispatch(struct lw_daemon *d, struct lw_str verb, const json_t *arg, struct lw_buf *reply)
{
	if (lw_str_is(verb, "status"))
		return call_status(d, reply);
	if (lw_str_is(verb, "reload"))
		return call_reload(d, reply);
	if (lw_str_is(verb, "queue.list"))
		return call_list(d, arg, reply);
	if (lw_str_is(verb, "queue.show"))
		return call_show(d, arg, reply);
	if (lw_str_is(verb, "snapshot")) {
		lw_daemon_snap_all(d);
		return say_started(reply);
	}
	if (lw_str_is(verb, "stop")) {
		lw_daemon_begin_drain(d);
		return say_started(reply);
	}
	return fail(reply, LW_EINVAL,
	    "no such call; there are status, reload, snapshot, stop, queue.list, queue.show");
}

int
lw_daemon_call(void *ctx, struct lw_str verb, struct lw_str arg, struct lw_buf *reply)
{
	json_t *a = NULL;
	int err;

	if (arg.n > 0) {
		a = json_loadb(arg.p, arg.n, JSON_REJECT_DUPLICATES, NULL);
		if (!json_is_object(a)) {
			json_decref(a);
			return fail(reply, LW_EINVAL, "the argument is no JSON object");
		}
	}
	err = dispatch(ctx, verb, a, reply);
	json_decref(a);
	return err;
}
