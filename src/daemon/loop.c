/* SPDX-License-Identifier: Apache-2.0 */
/* The loop's thread: events from the gate into the pipeline, verdicts and durability back,
 * snapshots in turn, signals. Runs until it was told to stop and everything is on disk. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "daemon/inside.h"

#define DRAIN_TICK_MS 10
#define RETRY_AFTER_MS 1000 /* told to plugins at a stop */
#define SNAP_TICK_MIN_MS 5

static struct timeval
ms(uint64_t n)
{
	return (struct timeval){(time_t)(n / 1000), (suseconds_t)(n % 1000 * 1000)};
}

/* ---- between gate and pipeline ---- */

static void
on_verdicts(void *ctx, uint64_t session, const struct lw_verdict *v, size_t n)
{
	struct lw_daemon *d = ctx;

	lw_gate_verdicts(d->gate, session, v, n);
}

static void
on_release(void *ctx, struct lw_arena *arena)
{
	struct lw_daemon *d = ctx;

	lw_gate_release(d->gate, arena);
}

/* Events that have a number must reach the journal: without memory this waits for some. */
static void
on_events(
    void *ctx, uint64_t session, struct lw_event *evs, size_t n, struct lw_arena *arena)
{
	struct lw_daemon *d = ctx;
	struct lw_pipe_calls calls = {on_verdicts, on_release, d};
	struct timespec nap = {0, 10000000};
	bool told = false;
	int err;

	while ((err = lw_pipe_push_events(d->pipe, d->rules, session, evs, n, arena)) !=
	       0) {
		if (!told)
			lw_error("taking events: %s, trying again", lw_strerror(err));
		told = true;
		nanosleep(&nap, NULL);
		lw_pipe_poll(d->pipe, &calls);
	}
}

static void
watch_disk(struct lw_daemon *d)
{
	bool bad = lw_pipe_disk(d->pipe) != LW_DISK_OK;

	if (bad == d->paused)
		return;
	d->paused = bad;
	if (bad)
		lw_error("plugins are paused until the disk takes writes");
	else
		lw_info("plugins go on");
	lw_gate_pause(d->gate, bad);
}

/* ---- snapshots ---- */

static void
snap_one(struct lw_daemon *d)
{
	unsigned piece = d->snap_next;
	struct lw_buf state;
	int err;

	lw_buf_init(&state, LW_SNAP_BYTES_MAX);
	if (piece == LW_PIECE_SEEN)
		err = lw_gate_seen_save(d->gate, &state);
	else
		err = 0;
	if (err == 0)
		err = lw_pipe_push_snap(
		    d->pipe, piece, piece == LW_PIECE_SEEN ? &state : NULL);
	lw_buf_clear(&state);
	if (err != 0)
		lw_warn("snapshot %u: %s", piece, lw_strerror(err));
	d->snap_next = (piece + 1) % LW_PIECES;
}

static void
snap_on(struct lw_daemon *d)
{
	while (d->snaps_at_once > 0 && lw_pipe_snaps_open(d->pipe) == 0) {
		d->snaps_at_once--;
		snap_one(d);
	}
}

void
lw_daemon_snap_all(struct lw_daemon *d)
{
	d->snaps_at_once = LW_PIECES;
	snap_on(d);
}

static void
on_snap(evutil_socket_t fd, short what, void *arg)
{
	struct lw_daemon *d = arg;

	(void)fd;
	(void)what;
	/* one at a time: what is copied and not yet written is memory */
	if (!d->draining && d->snaps_at_once == 0 && lw_pipe_snaps_open(d->pipe) == 0)
		snap_one(d);
}

/* ---- the end ---- */

static bool
is_finished(struct lw_daemon *d)
{
	uint64_t waited_ms = (lw_clock_mono_ns() - d->drain_ns) / 1000000;

	if (lw_pipe_disk(d->pipe) != LW_DISK_OK && waited_ms > LW_DAEMON_DRAIN_MS) {
		lw_error("leaving with a disk that takes no writes: plugins keep what was "
			 "not acknowledged");
		d->exit_code = LW_EXIT_IO;
		return true;
	}
	if (!lw_pipe_is_idle(d->pipe))
		return false;
	if (!d->snap_at_end) {
		d->snap_at_end = true;
		lw_daemon_snap_all(d);
		return false;
	}
	return d->snaps_at_once == 0 && lw_pipe_snaps_open(d->pipe) == 0;
}

static void
on_drain(evutil_socket_t fd, short what, void *arg)
{
	struct lw_daemon *d = arg;

	(void)fd;
	(void)what;
	lw_pipe_hurry(d->pipe);
	if (is_finished(d))
		event_base_loopbreak(d->base);
}

void
lw_daemon_begin_drain(struct lw_daemon *d)
{
	struct timeval tick = ms(DRAIN_TICK_MS);

	if (d->draining) {
		lw_info("told to stop again: no snapshots, the journal has everything");
		d->snap_at_end = true;
		d->snaps_at_once = 0;
		return;
	}
	lw_info("stopping");
	d->draining = true;
	d->drain_ns = lw_clock_mono_ns();
	lw_gate_drain(d->gate, "restart", RETRY_AFTER_MS);
	event_del(d->on_snap);
	event_add(d->on_drain, &tick);
}

static void
on_stop_signal(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	lw_daemon_begin_drain(arg);
}

static void
on_reload_signal(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	lw_daemon_reload(arg);
}

static void
on_bell(evutil_socket_t fd, short what, void *arg)
{
	struct lw_daemon *d = arg;
	struct lw_pipe_calls calls = {on_verdicts, on_release, d};

	(void)fd;
	(void)what;
	lw_bell_quiet(&d->bell);
	lw_bell_arm(&d->bell);
	lw_pipe_poll(d->pipe, &calls);
	lw_gate_durable(d->gate, lw_pipe_durable(d->pipe));
	watch_disk(d);
	snap_on(d);
	lw_daemon_reload_poll(d);
}

/* ---- the beginning ---- */

static int
give_seen(struct lw_daemon *d, struct lw_recovery *r)
{
	size_t i;
	int err = 0;

	if (r->seen.len > 0)
		err = lw_gate_seen_load(
		    d->gate, (struct lw_str){(char *)r->seen.data, r->seen.len});
	for (i = 0; err == 0 && i < r->nkeys; i++)
		lw_gate_seen(d->gate, r->keys[(r->keys_head + i) % r->nkeys]);
	return err;
}

static int
make_events(struct lw_daemon *d)
{
	struct timeval tick;
	uint64_t each = d->conf.snapshot_ms / LW_PIECES;

	tick = ms(each < SNAP_TICK_MIN_MS ? SNAP_TICK_MIN_MS : each);
	d->on_bell = event_new(d->base, d->bell.fd, EV_READ | EV_PERSIST, on_bell, d);
	d->on_term = evsignal_new(d->base, SIGTERM, on_stop_signal, d);
	d->on_int = evsignal_new(d->base, SIGINT, on_stop_signal, d);
	d->on_hup = evsignal_new(d->base, SIGHUP, on_reload_signal, d);
	d->on_snap = event_new(d->base, -1, EV_PERSIST, on_snap, d);
	d->on_drain = event_new(d->base, -1, EV_PERSIST, on_drain, d);
	if (d->on_bell == NULL || d->on_term == NULL || d->on_int == NULL ||
	    d->on_hup == NULL || d->on_snap == NULL || d->on_drain == NULL)
		return LW_ENOMEM;
	if (event_add(d->on_bell, NULL) != 0 || event_add(d->on_term, NULL) != 0 ||
	    event_add(d->on_int, NULL) != 0 || event_add(d->on_hup, NULL) != 0 ||
	    event_add(d->on_snap, &tick) != 0)
		return LW_ENOMEM;
	/* Answers before input: verdicts do not queue behind what comes in meanwhile. */
	lw_bell_ring(&d->bell);
	lw_bell_arm(&d->bell);
	return 0;
}

int
lw_daemon_open_gate(struct lw_daemon *d, struct lw_recovery *r)
{
	struct lw_gate_callbacks cb = {on_events, lw_daemon_call, d};
	int err;

	d->base = event_base_new();
	err = d->base != NULL ? make_events(d) : LW_ENOMEM;
	if (err == 0)
		err = lw_gate_new(
		    &d->gate, d->base, &d->conf, &cb, &d->seen_key, r->next_seq);
	if (err == 0)
		err = give_seen(d, r);
	if (err != 0)
		lw_error("sockets %s, %s: %s", d->conf.socket, d->conf.control,
		    lw_strerror(err));
	return lw_daemon_exit_of(err);
}
