/* SPDX-License-Identifier: Apache-2.0 */
/* The gate as the daemon sees it: begin and end, arenas, and what the daemon tells: verdicts,
 * durability, pause, drain. */
#include <event2/event.h>
#include <stdlib.h>
#include <sys/random.h>
#include "base/err.h"
#include "base/log.h"
#include "gate/session.h"

#define VERDICTS 256 /* in one frame */

/* ---- arenas ---- */

struct lw_gate_arena *
lw_gate_arena_take(struct lw_gate *g)
{
	struct lw_gate_arena *a = g->free_arenas;

	if (g->arenas_out >= LW_GATE_ARENAS)
		return NULL;
	if (a != NULL) {
		g->free_arenas = a->next;
	} else {
		if ((a = calloc(1, sizeof *a)) == NULL)
			return NULL;
		lw_arena_init(
		    &a->arena, LW_GATE_ARENA_MAX + 4 * (size_t)g->conf->max_frame);
	}
	g->arenas_out++;
	return a;
}

void
lw_gate_arena_give(struct lw_gate *g, struct lw_gate_arena *a)
{
	/* A batch of unusual size is not kept for ever. */
	if (a->arena.used > LW_GATE_BATCH_BYTES)
		lw_arena_clear(&a->arena);
	else
		lw_arena_reset(&a->arena);
	a->next = g->free_arenas;
	g->free_arenas = a;
	g->arenas_out--;
}

/* Whoever is told first takes the arena that came back: each time another one. */
static void
update_all(struct lw_gate *g)
{
	size_t i, at;

	g->turn = (g->turn + 1) % g->nslots;
	for (i = 0; i < g->nslots; i++) {
		at = (g->turn + i) % g->nslots;
		if (g->slots[at] != NULL)
			lw_session_update(g->slots[at]);
	}
}

void
lw_gate_release(struct lw_gate *g, struct lw_arena *arena)
{
	bool was_full = g->arenas_out >= LW_GATE_ARENAS;

	lw_gate_arena_give(g, (struct lw_gate_arena *)arena);
	if (was_full)
		update_all(g);
}

/* ---- begin and end ---- */

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct lw_gate *g = arg;
	uint64_t now = lw_mono_ms();
	size_t i;

	(void)fd;
	(void)what;
	lw_listener_retry(&g->plugins);
	lw_listener_retry(&g->controls);
	for (i = 0; i < g->nslots; i++) {
		if (g->slots[i] != NULL)
			lw_session_tick(g->slots[i], now);
	}
}

static void
on_reap(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	lw_gate_reap(arg);
}

void
lw_gate_set_times(struct lw_gate *g, const struct lw_gate_times *times)
{
	uint64_t ms = times->hello / 4;
	struct timeval tv;

	ms = ms < 10 ? 10 : ms > 500 ? 500 : ms;
	tv = (struct timeval){.tv_usec = (suseconds_t)(ms * 1000)};
	g->times = *times;
	event_add(g->tick, &tv);
}

static int
set_up(struct lw_gate *g)
{
	static const struct lw_gate_times times = {.hello = 5000,
	    .idle = 30000,
	    .dead = 120000,
	    .linger = 2000,
	    .control_idle = 60000};
	int err;

	if (getrandom(&g->salt, sizeof g->salt, 0) != sizeof g->salt)
		return LW_EIO;
	g->nslots = (size_t)g->conf->max_sessions + LW_GATE_CONTROLS;
	if (g->nslots > 0xffff)
		g->nslots = 0xffff;
	g->slots = calloc(g->nslots, sizeof(struct lw_session *));
	g->tick = event_new(g->base, -1, EV_PERSIST, on_tick, g);
	g->reaper = event_new(g->base, -1, 0, on_reap, g);
	if (g->slots == NULL || g->tick == NULL || g->reaper == NULL)
		return LW_ENOMEM;
	lw_gate_set_times(g, &times);
	if ((err = lw_reader_new(&g->reader)) != 0 ||
	    (err = lw_seen_init(&g->seen, g->conf->dedupe_events)) != 0 ||
	    (err = lw_listener_open(
		 &g->plugins, g, g->conf->socket, LW_SESSION_PLUGIN, 0660)) != 0)
		return err;
	return lw_listener_open(
	    &g->controls, g, g->conf->control, LW_SESSION_CONTROL, 0600);
}

int
lw_gate_new(struct lw_gate **out, struct event_base *base, const struct lw_config *conf,
    const struct lw_gate_callbacks *cb, const struct lw_hash_key *key, uint64_t next_seq)
{
	struct lw_gate *g = calloc(1, sizeof *g);
	int err;

	if (g == NULL)
		return LW_ENOMEM;
	g->base = base;
	g->conf = conf;
	g->cb = *cb;
	g->key = *key;
	g->next_seq = next_seq > 0 ? next_seq : 1;
	/* What came before this start was durable before it. */
	g->durable = g->next_seq - 1;
	g->plugins.fd = g->controls.fd = -1;
	if ((err = set_up(g)) != 0) {
		lw_gate_free(g);
		return err;
	}
	*out = g;
	return 0;
}

void
lw_gate_free(struct lw_gate *g)
{
	struct lw_gate_arena *a;
	size_t i;

	if (g == NULL)
		return;
	lw_listener_close(&g->plugins);
	lw_listener_close(&g->controls);
	for (i = 0; g->slots != NULL && i < g->nslots; i++) {
		if (g->slots[i] != NULL)
			lw_session_flush(g->slots[i]);
		if (g->slots[i] != NULL)
			lw_session_close(g->slots[i]);
	}
	lw_gate_reap(g);
	while ((a = g->free_arenas) != NULL) {
		g->free_arenas = a->next;
		lw_arena_clear(&a->arena);
		free(a);
	}
	if (g->tick != NULL)
		event_free(g->tick);
	if (g->reaper != NULL)
		event_free(g->reaper);
	lw_seen_clear(&g->seen);
	lw_reader_free(g->reader);
	free(g->slots);
	lw_wipe(g, sizeof *g);
	free(g);
}

/* ---- what the daemon tells ---- */

void
lw_gate_verdicts(struct lw_gate *g, uint64_t session, const struct lw_verdict *v, size_t n)
{
	struct lw_session *s = lw_session_find(g, session);
	struct lw_verdict out[VERDICTS];
	size_t i, k = 0;
	uint64_t client;

	if (s == NULL)
		return;
	for (i = 0; i < n; i++) {
		if ((client = lw_asks_take(&s->asks, v[i].seq)) == 0)
			continue;
		out[k] = v[i];
		out[k++].seq = client;
		if (k == VERDICTS) {
			lw_put_verdicts(&s->out, out, k);
			k = 0;
		}
	}
	if (k > 0)
		lw_put_verdicts(&s->out, out, k);
	lw_session_flush_soon(s);
}

void
lw_gate_durable(struct lw_gate *g, uint64_t upto)
{
	size_t i;

	if (upto <= g->durable)
		return;
	g->durable = upto;
	for (i = 0; i < g->nslots; i++) {
		if (g->slots[i] != NULL)
			lw_session_ack(g->slots[i]);
	}
}

void
lw_gate_pause(struct lw_gate *g, bool paused)
{
	struct lw_session *s;
	size_t i;

	if (paused == g->paused)
		return;
	g->paused = paused;
	for (i = 0; i < g->nslots; i++) {
		s = g->slots[i];
		if (s == NULL || s->kind != LW_SESSION_PLUGIN ||
		    s->state != LW_SESSION_OPEN)
			continue;
		if (paused)
			lw_put_simple(&s->out, LW_FR_PAUSE);
		else
			lw_put_window(&s->out, g->conf->window);
		lw_session_flush_soon(s);
		lw_session_update(s);
	}
}

void
lw_gate_drain(struct lw_gate *g, const char *code, uint64_t retry_ms)
{
	struct lw_session *s;
	size_t i;

	g->draining = true;
	lw_listener_close(&g->plugins);
	lw_listener_close(&g->controls);
	for (i = 0; i < g->nslots; i++) {
		s = g->slots[i];
		if (s == NULL || s->kind != LW_SESSION_PLUGIN || s->state > LW_SESSION_OPEN)
			continue;
		lw_put_bye(&s->out, code, NULL, retry_ms);
		s->state = LW_SESSION_DRAINING;
		lw_session_flush_soon(s);
		lw_session_update(s);
	}
}

uint64_t
lw_gate_next_seq(const struct lw_gate *g)
{
	return g->next_seq;
}

void
lw_gate_stats(const struct lw_gate *g, struct lw_gate_stats *out)
{
	*out = g->stats;
	out->sessions = g->nplugins;
}

void
lw_gate_seen(struct lw_gate *g, struct lw_id128 key)
{
	lw_seen_add(&g->seen, key);
}

int
lw_gate_seen_save(const struct lw_gate *g, struct lw_buf *out)
{
	return lw_seen_save(&g->seen, out);
}

int
lw_gate_seen_load(struct lw_gate *g, struct lw_str saved)
{
	return lw_seen_load(&g->seen, saved);
}
