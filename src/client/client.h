/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of liblapwing: the client's state and what its files ask of one another. */
#ifndef LW_CLIENT_CLIENT_H
#define LW_CLIENT_CLIENT_H

#include "base/arena.h"
#include "base/buf.h"
#include "client/spool.h"
#include "event/event.h"
#include "lapwing/lapwing.h"
#include "wire/wire.h"

/* Caps of the room; those that options set are in lapwing.h. */
#define LW_CLIENT_OUT_SOFT 65536u /* no more frames are made while so much is unsent */
#define LW_CLIENT_OUT_MAX (4u << 20)
#define LW_CLIENT_FRAME 262144u /* bytes of events in a frame */
#define LW_CLIENT_ASKS_MAX 65536u
#define LW_CLIENT_READ 65536u
#define LW_CLIENT_RETRY_MIN_MS 50
#define LW_CLIENT_RETRY_MAX_MS 10000
#define LW_CLIENT_HELLO_MS 5000
#define LW_CLIENT_MISSED_MAX 8 /* deadlines in a row; then one ask a second is sent */
#define LW_CLIENT_PROBE_MS 1000

enum lw_client_state {
	LW_CLIENT_DOWN, /* no connection; the next try is at retry_ms */
	LW_CLIENT_HELLOING,
	LW_CLIENT_UP,
	LW_CLIENT_PARTING /* the daemon said bye: nothing goes out, answers still come */
};

struct lw_client_ask { /* waits for a verdict */
	uint64_t seq, deadline_ms;
	lw_client_verdict_fn fn; /* NULL: answered */
	void *cookie;
};

struct lw_client {
	struct lw_client_options o; /* strings live in `strings` */
	struct lw_arena strings, scratch;
	enum lw_client_state state;
	int fd;
	bool blocked; /* the socket took no more: wait for writable */
	struct lw_buf in, out, encoded;
	struct lw_reader *reader;
	struct lw_spool spool;
	uint32_t window, max_frame; /* from hello */
	bool paused;
	uint64_t acked;
	/* Numbers behind `acked` that were dropped unsent, and so are not in flight. */
	uint64_t skipped, skipped_upto;
	struct lw_client_ask *asks; /* ring by rising seq; cap a power of two */
	size_t ask_head, nasks, ask_cap;
	unsigned missed;	     /* deadlines in a row */
	uint64_t probe_ms;	     /* when the last ask went out in spite of them */
	uint64_t retry_ms, hello_ms; /* monotonic */
	unsigned failures;	     /* in a row */
	/* Dropped while in flight: lost, unless the daemon acknowledges them yet. */
	uint64_t flying, flying_upto;
	uint64_t untold,
	    telling; /* lost events that no hello told, and that this one tells */
	char mint[24];
	uint64_t minted, random;
	char error[160], reason[64];
	struct lw_client_stats stats;
};

/* ---- encode.c ---- */
int lw_client_encode(struct lw_client *c, const struct lw_client_event *ev);

/* ---- asks.c ---- */
int lw_client_asks_add(struct lw_client *c, uint64_t seq, uint64_t deadline_ms,
    lw_client_verdict_fn fn, void *cookie);
/* Places within [seq, seq + n) that wait for a verdict. */
size_t lw_client_asks_in(
    const struct lw_client *c, uint64_t seq, size_t n, uint32_t *places);
void lw_client_asks_answer(struct lw_client *c, const struct lw_verdict *v);
void lw_client_asks_expire(struct lw_client *c, uint64_t now_ms);
void lw_client_asks_fail(struct lw_client *c, const char *reason); /* all of them */
uint64_t lw_client_asks_deadline(const struct lw_client *c); /* the next; 0 none */
void lw_client_unavailable(
    struct lw_client *c, lw_client_verdict_fn fn, void *cookie, const char *reason);

/* ---- link.c ---- */
void lw_client_connect(struct lw_client *c, uint64_t now_ms);
void lw_client_disconnect(struct lw_client *c, const char *why, uint64_t now_ms);
void lw_client_read(struct lw_client *c, uint64_t now_ms);
/* Make frames of what may be sent, and send. */
void lw_client_pump(struct lw_client *c, uint64_t now_ms);
bool lw_client_may_send(const struct lw_client *c);
uint64_t lw_client_in_flight(const struct lw_client *c); /* sent, not acknowledged */

/* ---- client.c ---- */
uint64_t lw_client_now(uint64_t now_ms);
uint64_t lw_client_random(struct lw_client *c);

#endif
