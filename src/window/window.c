/* SPDX-License-Identifier: Apache-2.0 */
/* Making, touching, expiring and evicting windows: keys and times in, windows out. Owns
 * the windows of one shard and their traces. */
#include "window/window.h"

#include <stddef.h>
#include <string.h>

#include "base/err.h"

#define WINDOWS_MIN 8 /* a message may work with some at once */
#define TRIM_TRIES 8  /* evictions for one growth; then the window itself gives way */

void
lw_windows_init(
    struct lw_windows *ws, size_t max_windows, size_t max_bytes, uint64_t idle_ms)
{
	memset(ws, 0, sizeof(*ws));
	lw_table_init(
	    &ws->table, sizeof(struct lw_window), offsetof(struct lw_window, key));
	if (max_windows < WINDOWS_MIN)
		max_windows = WINDOWS_MIN;
	if (max_windows > LW_TABLE_MAX)
		max_windows = LW_TABLE_MAX;
	ws->max_windows = max_windows;
	ws->max_bytes = max_bytes;
	ws->idle_ms = idle_ms;
}

static void
free_trace(struct lw_windows *ws, struct lw_window *w)
{
	if (w->trace == NULL)
		return;
	lw_trace_free(w->trace, &ws->trace_bytes);
	w->trace = NULL;
	ws->with_trace--;
}

void
lw_windows_clear(struct lw_windows *ws)
{
	for (uint32_t s = 0; s < ws->table.nslot; s++) {
		struct lw_window *w = lw_table_at(&ws->table, s);

		if (w != NULL)
			free_trace(ws, w);
	}
	lw_table_clear(&ws->table);
	ws->evicted = ws->expired = 0;
}

struct lw_window *
lw_windows_find(const struct lw_windows *ws, struct lw_id128 key)
{
	return lw_table_find(&ws->table, key);
}

void
lw_windows_drop(struct lw_windows *ws, struct lw_window *w)
{
	free_trace(ws, w);
	lw_table_del(&ws->table, w);
}

/* Least risky first: plain windows, then by band; among equals the longest idle. */
static uint64_t
rank(const void *entry, const void *ctx)
{
	const struct lw_window *w = entry;
	const bool *only_traced = ctx;
	uint64_t risk = w->trace == NULL ? 0 : 1u + w->trace->band;

	if (w->busy || (*only_traced && w->trace == NULL))
		return LW_TABLE_NEVER;
	return risk << 56 | w->last_ms;
}

static bool
evict(struct lw_windows *ws, bool only_traced)
{
	struct lw_window *w = lw_table_victim(&ws->table, rank, &only_traced);

	if (w == NULL)
		return false;
	lw_windows_drop(ws, w);
	ws->evicted++;
	return true;
}

void
lw_windows_fit(struct lw_windows *ws)
{
	while (ws->table.live > ws->max_windows && evict(ws, false))
		;
}

/* Room for one more, by evicting where a cap is met. With nothing to evict the cap on
 * bytes gives way: there must be a window to work in. */
static void
make_room(struct lw_windows *ws)
{
	for (;;) {
		size_t cost = lw_table_add_cost(&ws->table);
		bool full = ws->table.live >= ws->max_windows ||
			    (cost > 0 && lw_windows_bytes(ws) + cost > ws->max_bytes);

		if (!full || !evict(ws, false))
			return;
	}
}

static void
restart(struct lw_windows *ws, struct lw_window *w)
{
	struct lw_id128 key = w->key;
	uint8_t from = w->from_who, to = w->to_who;

	free_trace(ws, w);
	memset(w, 0, sizeof(*w));
	w->key = key;
	w->from_who = from;
	w->to_who = to;
	ws->expired++;
}

int
lw_windows_touch(struct lw_windows *ws, struct lw_id128 key, uint64_t *now_ms,
    struct lw_window **out)
{
	struct lw_window *w = lw_table_find(&ws->table, key);
	uint64_t now = *now_ms < LW_TIME_MAX_MS ? *now_ms : LW_TIME_MAX_MS;

	if (w == NULL) {
		make_room(ws);
		w = lw_table_add(&ws->table, key);
		if (w == NULL)
			return LW_ENOMEM;
	} else if (now > w->last_ms && now - w->last_ms > ws->idle_ms && w->used) {
		restart(ws, w);
	}
	if (now < w->last_ms)
		now = w->last_ms;
	if (!w->used) {
		w->used = 1;
		w->first_ms = now;
		ws->gap_ms = UINT64_MAX;
	} else {
		ws->gap_ms = now - w->last_ms;
	}
	w->last_ms = now;
	*now_ms = now;
	*out = w;
	return 0;
}

int
lw_windows_trace(struct lw_windows *ws, struct lw_window *w)
{
	if (w->trace != NULL)
		return 0;
	w->trace = lw_trace_new(&ws->trace_bytes);
	if (w->trace == NULL)
		return LW_ENOMEM;
	ws->with_trace++;
	return 0;
}

void
lw_windows_trim(struct lw_windows *ws, struct lw_window *w)
{
	/* Slabs are not given back, so only what has a trace helps. */
	for (int i = 0; i < TRIM_TRIES && lw_windows_bytes(ws) > ws->max_bytes; i++)
		if (!evict(ws, true))
			break;
	while (lw_windows_bytes(ws) > ws->max_bytes && w->trace->first != w->trace->last)
		(void)lw_trace_drop(w->trace, &ws->trace_bytes);
}
