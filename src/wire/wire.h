/* SPDX-License-Identifier: Apache-2.0 */
/* Frames and maps: bytes <-> event, verdict, ack, action. The same field names in
 * MessagePack on the socket and in JSON lines of replay files. docs/protocol.md has the
 * table; a test checks both against it. */
#ifndef LW_WIRE_WIRE_H
#define LW_WIRE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "event/event.h"
#include "event/verdict.h"

#define LW_WIRE_VERSION 1
#define LW_FRAME_HELLO_MAX (64u << 10) /* bytes of a frame before hello */
#define LW_FRAME_MAX (1u << 20)	       /* after it, default */
#define LW_WIRE_DEPTH_MAX 8
#define LW_WIRE_OBJECTS_MAX 65536u /* values in a frame that is no `events` */
#define LW_BATCH_MAX 4096	   /* events, or verdicts, in a frame */

enum lw_frame_type {
	LW_FR_HELLO,
	LW_FR_EVENTS,
	LW_FR_VERDICTS,
	LW_FR_ACK,
	LW_FR_WATCH,
	LW_FR_ACTION,
	LW_FR_DONE,
	LW_FR_WINDOW,
	LW_FR_PAUSE,
	LW_FR_PING,
	LW_FR_PONG,
	LW_FR_BYE,
	LW_FR_CALL,
	LW_FR_REPLY, /* control socket: verb and JSON text */
	LW_FR_UNKNOWN,
	LW_FR_MAX
};

struct lw_hello {	   /* both directions; absent fields are empty or 0 */
	uint32_t v[8], nv; /* versions offered; in an answer v[0] is the chosen one */
	struct lw_str plugin, plugin_version, server, server_version, instance, tenant,
	    token;
	struct lw_str session;
	struct lw_str caps[16], want[16];
	uint32_t ncaps, nwant;
	uint64_t lost;
	uint32_t max_frame, window;
};

struct lw_frame {
	enum lw_frame_type type;
	struct lw_hello hello;
	uint64_t seq; /* events: of the first */
	/* In arena; event.ask is set from the frame's `ask`. An event that cannot be taken
	 * keeps its place, so that the sequence holds, with kind LW_EV_MAX. */
	struct lw_event *events;
	size_t nevents;
	struct lw_verdict *verdicts; /* in arena; reason is a copy in arena */
	size_t nverdicts;
	uint64_t upto; /* ack */
	uint32_t n;    /* window */
	/* bye; call: verb and argument; action: kind and text; done: error; reply: body */
	struct lw_str code, text;
	uint64_t retry_ms;	   /* bye */
	struct lw_str id, subject; /* action; done has the id only */
	uint32_t ttl_ms;	   /* action */
	bool ok;		   /* done, reply */
	uint32_t repaired;	   /* texts whose UTF-8 was repaired or cut */
	uint32_t bad;		   /* events that cannot be taken */
};

/* Is a whole frame at the front of these bytes? Returns 1 and its body, 0 when more bytes
 * are needed, or LW_EPROTO (length 0), LW_ELIMIT (longer than max). */
int lw_frame_next(const uint8_t *p, size_t n, size_t max, struct lw_str *body);
/* Body to frame. Strings are lent from the body or put in arena. Unknown keys are skipped,
 * an unknown value is an absent key; LW_EPROTO for what is no map with a known `t`'s required
 * fields. Bounds are checked before anything is allocated. One reader a thread. */
struct lw_reader;
int lw_reader_new(struct lw_reader **out);
void lw_reader_free(struct lw_reader *r);
int lw_frame_decode(struct lw_reader *r, struct lw_str body, struct lw_arena *arena,
    struct lw_frame *out);

/* Writers append one whole frame; errors are sticky in the buffer. */
void lw_put_frame(struct lw_buf *b, const struct lw_frame *f); /* any, by f->type */
void lw_put_hello(struct lw_buf *b, const struct lw_hello *h);
void lw_put_events(struct lw_buf *b, uint64_t seq, const struct lw_event *ev, size_t n);
void lw_put_verdicts(struct lw_buf *b, const struct lw_verdict *v, size_t n);
void lw_put_ack(struct lw_buf *b, uint64_t upto);
void lw_put_window(struct lw_buf *b, uint32_t n);
void lw_put_simple(struct lw_buf *b, enum lw_frame_type t); /* pause, ping, pong */
void lw_put_bye(struct lw_buf *b, const char *code, const char *text, uint64_t retry_ms);
void lw_put_call(struct lw_buf *b, struct lw_str verb, struct lw_str arg);
void lw_put_reply(struct lw_buf *b, bool ok, struct lw_str body);
/* An `events` frame of n maps that lw_put_event_map wrote, in one or two pieces (a ring's
 * two ends). asks are ascending places within the n. */
void lw_put_event_maps(struct lw_buf *b, uint64_t seq, size_t n,
    const struct lw_str pieces[2], const uint32_t *asks, size_t nasks);
/* One event as a map without a frame: spool and journal keep this form. It has all of the
 * event but `ask`, `seq` and `key` included. */
void lw_put_event_map(struct lw_buf *b, const struct lw_event *ev);
int lw_event_map_decode(struct lw_reader *r, struct lw_str map, struct lw_arena *arena,
    struct lw_event *out);

/* One line of a replay file. LW_EINVAL with a reason (static text) for what is not an
 * event; byte offset of the trouble in *at. */
int lw_event_from_json(struct lw_str line, struct lw_arena *arena, struct lw_event *out,
    const char **why, size_t *at);
/* An event as such a line, without seq and key. */
void lw_event_json(struct lw_json *j, const struct lw_event *ev);
/* What its kind requires and the event lacks (static text), or NULL. */
const char *lw_event_lacks(const struct lw_event *ev);
/* Text repaired to valid UTF-8 and cut to LW_EVENT_TEXT_MAX; true when it was changed. */
bool lw_text_repair(struct lw_str *text, struct lw_arena *arena);

/* A flag as one JSON object: the form of `replay --json`, of the control socket and of
 * stored cases. show_text false leaves the evidence's text out. */
void lw_flag_json(struct lw_json *j, const struct lw_flag *f, bool show_text);

#endif
