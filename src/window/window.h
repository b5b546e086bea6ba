/* SPDX-License-Identifier: Apache-2.0 */
/* The windows of one shard: what one person says to another. Keys in, windows out, under
 * caps on their number and their memory. At a cap the least risky goes, longest idle
 * first; a window with evidence goes only when no plain one is among the candidates. */
#ifndef LW_WINDOW_WINDOW_H
#define LW_WINDOW_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/hash.h"
#include "match/match.h"
#include "window/evidence.h"
#include "window/table.h"

#define LW_TIME_MAX_MS (UINT64_C(1) << 48) /* later times are taken as this one */

/* What a message touches lies together at the end, on two cache lines. */
struct lw_window {
	struct lw_ring ring;
	struct lw_id128 key;
	uint64_t first_ms, last_ms;
	struct lw_trace *trace; /* owned; NULL while nothing was found */
	uint32_t messages;	/* of the sender, saturating */
	uint16_t starts; /* times that the sender spoke first after a long pause */
	uint16_t gifts, attachments, requests; /* events, saturating */
	uint8_t from_who, to_who;	       /* LW_WHO_ bits, as last seen */
	uint8_t used; /* a message or event came since it was made */
	uint8_t busy; /* a pass works with it: it is not evicted */
};

struct lw_windows {
	struct lw_table table;
	size_t trace_bytes;
	size_t other_bytes; /* of the shard's other tables, kept up to date by it */
	size_t max_windows, max_bytes;
	uint64_t idle_ms;
	uint64_t gap_ms; /* of the last touch: since the window's event before; at most
			  * UINT64_MAX, for a window that is new */
	uint64_t with_trace, evicted, expired;
};

void lw_windows_init(
    struct lw_windows *ws, size_t max_windows, size_t max_bytes, uint64_t idle_ms);
void lw_windows_clear(struct lw_windows *ws);
static inline size_t
lw_windows_bytes(const struct lw_windows *ws)
{
	return ws->table.bytes + ws->trace_bytes + ws->other_bytes;
}
/* The window as it is, or NULL. */
struct lw_window *lw_windows_find(const struct lw_windows *ws, struct lw_id128 key);
/* The window of key, made when there is none, empty again when it was idle for too long.
 * *now_ms: in the event's time, out the window's time, which never runs backwards. 0 or
 * LW_ENOMEM. */
int lw_windows_touch(struct lw_windows *ws, struct lw_id128 key, uint64_t *now_ms,
    struct lw_window **out);
/* The trace of a window, made when there is none. */
int lw_windows_trace(struct lw_windows *ws, struct lw_window *w);
/* After the trace of w grew: evict others, then forget w's oldest notes, until under the
 * cap. */
void lw_windows_trim(struct lw_windows *ws, struct lw_window *w);
/* Evict what is above the cap on windows: it may be lower than it was. */
void lw_windows_fit(struct lw_windows *ws);
void lw_windows_drop(struct lw_windows *ws, struct lw_window *w);

void lw_windows_save(const struct lw_windows *ws, struct lw_buf *out);
/* Into empty windows. On failure they are empty again. */
int lw_windows_load(struct lw_windows *ws, struct lw_dec *d);

#endif
