/* SPDX-License-Identifier: Apache-2.0 */
/*
 * liblapwing: attach a chat or game server to a Lapwing daemon.
 *
 * QUICK START
 *
 *	struct lw_client_options o = lw_client_options_init();
 *	struct lw_client *c;
 *
 *	o.socket = "/run/lapwing/lapwing.sock";
 *	o.plugin = "mychat";
 *	o.instance = "chat-1";
 *	if (lw_client_new(&c, &o) != 0)
 *		...
 *
 * A server that may block asks like this, and waits at most o.deadline_ms:
 *
 *	struct lw_client_event ev = lw_client_event_init();
 *	struct lw_client_verdict v;
 *
 *	ev.conv = "room-7";  ev.from = "account-1";  ev.to = "account-2";
 *	ev.text = line;
 *	ev.ts_ms = now;
 *	lw_client_ask_wait(c, &ev, &v);
 *	if (v.action == LW_CLIENT_BLOCK)
 *		...
 *
 * A server with a loop of its own never waits. It watches one descriptor:
 *
 *	poll for reading on lw_client_fd(c), and for writing if lw_client_wants_write(c),
 *	for at most lw_client_timeout_ms(c, 0); then
 *	lw_client_step(c, readable, writable, 0);
 *
 * and says lw_client_observe(c, &ev), which needs no answer, or
 * lw_client_ask(c, &ev, on_verdict, cookie, 0), whose answer comes to on_verdict during a
 * later step. The descriptor changes with each connection, and is -1 between two: look at it
 * anew after every call. With -1 there is just the timeout to wait for.
 *
 * WHAT IT PROMISES
 *
 * - The host's chat keeps flowing. No call but the two named ..._wait and lw_client_flush
 *   ever blocks. An ask that the daemon does not answer in time, because it is dead, busy
 *   or told us to wait, is answered by o.on_unavailable; the callback comes exactly once.
 * - No event is lost while the daemon is away, up to o.spool_events and o.spool_bytes. Events
 *   stay in memory until the daemon says that what they contributed is on its disk, and are
 *   sent again after a reconnect; the daemon drops what it has seen. At the bound the oldest
 *   go, and how many is told to the daemon.
 * - Reconnects happen by themselves, 50 ms to 10 s apart, with jitter; after a clean restart
 *   when the daemon said that it will be back.
 * - A daemon that hangs costs a host that waits no more than a few deadlines: after 8 missed
 *   ones in a row, asks are answered at once, but for one a second that tries it again.
 *
 * CALLBACKS may observe and ask; they must not step, flush, wait or free.
 *
 * THREADS: a client belongs to one thread at a time; it starts none, and has no globals.
 * No signal is raised or caught. Not to be used across fork.
 *
 * OWNERSHIP: everything passed in is copied before the call returns. Strings in a verdict
 * or action are lent for the time of the callback; of lw_client_ask_wait, until the next
 * call with this client.
 *
 * ERRORS: functions return 0 or a negative enum lw_client_error; lw_client_strerror has
 * words. Trouble with the connection is no error: it is what the spool is for.
 * lw_client_last_error says why there is no connection.
 *
 * TIMES are milliseconds. Where a function takes `now_ms`, pass any monotonic clock, always
 * the same one, or always 0 to let the library read CLOCK_MONOTONIC.
 *
 * PRIVACY: text is wiped from memory when it is acknowledged; none is ever logged.
 */
#ifndef LAPWING_LAPWING_H
#define LAPWING_LAPWING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define LW_CLIENT_API __attribute__((visibility("default")))
#else
#define LW_CLIENT_API
#endif

enum lw_client_error {
	LW_CLIENT_OK = 0,
	LW_CLIENT_ENOMEM = -1,
	LW_CLIENT_EINVAL = -2,	/* an option or event lacks something or is too long */
	LW_CLIENT_ELIMIT = -3,	/* an event is larger than the whole spool */
	LW_CLIENT_ETIMEOUT = -4 /* flush: not all was acknowledged in time */
};

enum lw_client_action { LW_CLIENT_ALLOW, LW_CLIENT_HOLD, LW_CLIENT_BLOCK };

enum lw_client_kind {
	LW_CLIENT_MESSAGE,
	LW_CLIENT_EDIT,	  /* reply_to: which message; text: as it is now */
	LW_CLIENT_DELETE, /* reply_to: which message */
	LW_CLIENT_JOIN,
	LW_CLIENT_LEAVE,
	LW_CLIENT_CONTACT_REQUEST,
	LW_CLIENT_CONTACT_ACCEPT,
	LW_CLIENT_GIFT,	      /* item: what */
	LW_CLIENT_ATTACHMENT, /* item: its type, such as "image" */
	LW_CLIENT_USER,	      /* what is known about `from` */
	LW_CLIENT_RELATION,   /* what is known about the pair `from`, `to` */
	LW_CLIENT_REPORT      /* `from` reports `to`; reason: a code of yours */
};

enum lw_client_channel {
	LW_CLIENT_CHANNEL_UNKNOWN,
	LW_CLIENT_DIRECT,
	LW_CLIENT_GROUP,
	LW_CLIENT_PUBLIC
};

enum lw_client_age {
	LW_CLIENT_AGE_UNKNOWN,
	LW_CLIENT_CHILD,
	LW_CLIENT_TEEN,
	LW_CLIENT_ADULT
};

enum lw_client_fact { LW_CLIENT_FACT_UNKNOWN, LW_CLIENT_NO, LW_CLIENT_YES };

/* An event. Leave NULL or 0 what your server does not know: never guess, never put "". Ids
 * are your server's account and room ids, not names that people choose; at most 255 bytes. */
struct lw_client_event {
	size_t size; /* set by lw_client_event_init */
	enum lw_client_kind kind;
	enum lw_client_channel channel;
	uint64_t ts_ms; /* since 1970 UTC */
	const char *conv; /* conversation: room, channel, match; for direct talk may be NULL */
	const char *from;     /* who does it; required */
	const char *to;	      /* whom it is meant for, if the server knows */
	const char *id;	      /* of this event, never used twice; NULL: one is made */
	const char *text;     /* any bytes; what is no UTF-8 is repaired */
	size_t text_len;      /* 0: up to the NUL */
	const char *lang;     /* BCP 47 */
	const char *reply_to; /* message id that is answered, edited or deleted */
	const char *const *mentions;
	size_t nmentions;
	uint32_t members; /* of the conversation */
	/* kind user */
	enum lw_client_age age_band;
	uint64_t created_ms; /* of the account */
	const char *role;    /* "moderator", "bot", ... */
	const char *locale;
	/* kind relation */
	enum lw_client_fact connected, blocked, family, guardian;
	const char *item;
	const char *reason;
};

static inline struct lw_client_event
lw_client_event_init(void)
{
	struct lw_client_event ev;

	memset(&ev, 0, sizeof(ev));
	ev.size = sizeof(ev);
	return ev;
}

struct lw_client_verdict {
	enum lw_client_action action;
	const char *reason; /* "ok", "under_review", ...; when unavailable: why */
	uint32_t ttl_ms;    /* of a hold; 0: not said */
	double risk;	    /* 0 to 1; 0: not said */
	bool unavailable;   /* the daemon did not say so, on_unavailable did */
};

/* Something that the daemon wants done, such as "hide" a message; idempotent by id. Answer
 * with lw_client_done. */
struct lw_client_request {
	const char *id, *kind, *subject, *text; /* subject, text: NULL when absent */
	uint32_t ttl_ms;
};

typedef void (*lw_client_verdict_fn)(void *cookie, const struct lw_client_verdict *v);
typedef void (*lw_client_request_fn)(void *cookie, const struct lw_client_request *r);

struct lw_client_options {
	size_t size;	    /* set by lw_client_options_init */
	const char *socket; /* required: path of the daemon's plugin socket */
	const char *plugin; /* required: name of your plugin */
	const char *plugin_version, *server, *server_version;
	/* Which server this is: stable over its restarts. NULL: a new one each time, so that
	 * what was sent, but not acknowledged, before a restart could count twice. */
	const char *instance;
	const char *tenant, *token;
	uint32_t deadline_ms;		      /* of an ask; 0: 250 */
	enum lw_client_action on_unavailable; /* default allow */
	uint32_t spool_events;		      /* 0: 65536 */
	size_t spool_bytes;		      /* 0: 16 MiB */
	uint32_t batch;			      /* events a frame; 0: 256; at most 4096 */
	lw_client_request_fn on_request; /* NULL: the daemon is told that we do none */
	void *request_cookie;
};

static inline struct lw_client_options
lw_client_options_init(void)
{
	struct lw_client_options o;

	memset(&o, 0, sizeof(o));
	o.size = sizeof(o);
	return o;
}

struct lw_client_stats {
	uint64_t observed, asked;    /* events given to us */
	uint64_t acked;		     /* on the daemon's disk */
	uint64_t spooled;	     /* now in memory */
	uint64_t lost;		     /* given up at the spool's bound */
	uint64_t unavailable;	     /* asks that on_unavailable answered */
	uint64_t late;		     /* verdicts after their deadline */
	uint64_t connects, failures; /* connections opened; ended or refused */
	bool connected;		     /* hello was answered */
};

struct lw_client;

LW_CLIENT_API int lw_client_new(
    struct lw_client **out, const struct lw_client_options *options);
/* Says bye. Asks that wait get no callback any more; what is in the spool is gone: flush
 * before. NULL is fine. */
LW_CLIENT_API void lw_client_free(struct lw_client *c);
LW_CLIENT_API const char *lw_client_strerror(int error);
LW_CLIENT_API const char *lw_client_version(void);

/* ---- for a loop of your own ---- */
LW_CLIENT_API int lw_client_fd(const struct lw_client *c);
LW_CLIENT_API bool lw_client_wants_write(const struct lw_client *c);
/* At most so long until the next step; -1: no need. */
LW_CLIENT_API int lw_client_timeout_ms(const struct lw_client *c, uint64_t now_ms);
/* Connects, reads, writes, and looks at the clock; calls back. Harmless at any time. */
LW_CLIENT_API void lw_client_step(
    struct lw_client *c, bool readable, bool writable, uint64_t now_ms);

LW_CLIENT_API int lw_client_observe(struct lw_client *c, const struct lw_client_event *ev);
/* The callback may come before this returns (when it is clear that there will be no answer
 * in time). On an error there is none. */
LW_CLIENT_API int lw_client_ask(struct lw_client *c, const struct lw_client_event *ev,
    lw_client_verdict_fn fn, void *cookie, uint64_t now_ms);
LW_CLIENT_API void lw_client_done(
    struct lw_client *c, const char *request_id, bool ok, const char *error);

/* ---- blocking ---- */
LW_CLIENT_API int lw_client_ask_wait(struct lw_client *c,
    const struct lw_client_event *ev, struct lw_client_verdict *verdict);
/* Send all, and wait until it is acknowledged. */
LW_CLIENT_API int lw_client_flush(struct lw_client *c, uint32_t timeout_ms);

LW_CLIENT_API void lw_client_stats(const struct lw_client *c, struct lw_client_stats *out);
/* Why there is no connection, in English ("" when there is); lent until the next call. */
LW_CLIENT_API const char *lw_client_last_error(const struct lw_client *c);

#ifdef __cplusplus
}
#endif

#endif
