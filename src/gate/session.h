/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the gate: its state, its sessions, and what its files ask of one another. */
#ifndef LW_GATE_SESSION_H
#define LW_GATE_SESSION_H

#include <sys/types.h>
#include <sys/un.h>
#include "gate/acks.h"
#include "gate/gate.h"
#include "gate/seen.h"
#include "wire/wire.h"

/* Caps of the room. */
#define LW_GATE_READ 131072 /* bytes of one read(2) */
#define LW_GATE_OUT_MAX                                                                \
	(4u << 20)	  /* unsent bytes of a session; beyond: it does not read */
#define LW_GATE_ARENAS 32 /* batches with the callee; at the cap reading stops */
#define LW_GATE_ARENA_MAX (32u << 20)  /* of a batch, and 4 times the largest frame */
#define LW_GATE_BATCH_BYTES (4u << 20) /* a batch with more is passed on */
#define LW_GATE_CONTROLS 16	       /* control connections */
#define LW_CONTROL_FRAME_MAX (16u << 20)
#define LW_TOKEN_MAX 4096
#define LW_GATE_FACT_COST                                                              \
	16 /* messages that a fact about people weighs in the window */

struct event;

enum lw_session_kind { LW_SESSION_PLUGIN, LW_SESSION_CONTROL };
enum lw_session_state {
	LW_SESSION_HELLO, /* nothing but hello is taken */
	LW_SESSION_OPEN,
	LW_SESSION_DRAINING, /* bye was said: input is dropped, answers still go out */
	LW_SESSION_LEAVING,  /* closed as soon as all is sent */
	LW_SESSION_DEAD	     /* closed; memory goes at the next turn of the loop */
};

struct lw_session {
	struct lw_gate *gate;
	struct lw_session *next_dead;
	uint64_t id; /* generation << 16 | slot: never used twice */
	int fd;
	enum lw_session_kind kind;
	enum lw_session_state state;
	struct event *rd, *wr;
	struct lw_buf in, out;
	bool reading, writing; /* is rd, wr added? */
	bool flush_soon;       /* wr is active: more output needs no other wake-up */
	bool pinged;
	struct lw_str tenant; /* lent from the configuration */
	char instance[LW_EVENT_ID_MAX];
	size_t instance_len;
	uint64_t last_seq; /* the client's, of the last event */
	struct lw_acks acks;
	struct lw_asks asks;
	uint64_t opened_ms, rx_ms, tx_ms, left_ms; /* monotonic */
};

struct lw_gate_arena {
	struct lw_arena arena; /* first: what the callee holds */
	struct lw_gate_arena *next;
};

struct lw_listener {
	char path[LW_CONF_PATH_MAX];
	int fd;
	struct event *ev;
	bool waiting; /* out of descriptors: the tick tries again */
	dev_t dev;
	ino_t ino;
	enum lw_session_kind kind;
	struct lw_gate *gate;
};

struct lw_gate_times { /* ms */
	uint64_t hello, idle, dead, linger, control_idle;
};

struct lw_gate {
	struct event_base *base;
	const struct lw_config *conf;
	struct lw_gate_callbacks cb;
	struct lw_hash_key key;
	struct lw_reader *reader;
	struct lw_listener plugins, controls;
	struct lw_session **slots;
	struct lw_session *dead;
	struct event *tick, *reaper;
	size_t nslots, nplugins, ncontrols, turn;
	uint64_t generation, salt; /* salt: makes minted ids unique over restarts */
	struct lw_gate_arena *free_arenas;
	size_t arenas_out;
	struct lw_seen seen;
	uint64_t next_seq, durable;
	bool paused, draining;
	struct lw_gate_times times;
	struct lw_gate_stats stats;
};

/* ---- listen.c ---- */
int lw_listener_open(struct lw_listener *l, struct lw_gate *g, const char *path,
    enum lw_session_kind kind, mode_t mode);
void lw_listener_retry(struct lw_listener *l);
void lw_listener_close(struct lw_listener *l);
int lw_socket_address(const char *path, struct sockaddr_un *sa);

/* ---- session.c ---- */
void lw_session_accept(struct lw_gate *g, int fd, enum lw_session_kind kind);
/* Closed at once; its memory lives until the loop turns. */
void lw_session_close(struct lw_session *s);
/* Say bye and leave. */
void lw_session_bye(struct lw_session *s, const char *code, const char *text);
/* Send what is in s->out soon; closes a session whose buffer is full. */
void lw_session_flush_soon(struct lw_session *s);
void lw_session_flush(struct lw_session *s);
/* Read from this session if it may be read from now. */
void lw_session_update(struct lw_session *s);
void lw_session_tick(struct lw_session *s, uint64_t now_ms);
void lw_session_ack(struct lw_session *s);
void lw_gate_reap(struct lw_gate *g); /* free what was closed */
struct lw_session *lw_session_find(const struct lw_gate *g, uint64_t id);

/* ---- input.c: what a plugin or a control client says ---- */
void lw_session_input(struct lw_session *s);
/* Is there a whole frame, or one that is none, to deal with before more is read? */
bool lw_session_has_frame(const struct lw_session *s);

/* ---- admit.c ---- */
/* NULL, or the code of the bye; *text says why. Sets the session's tenant. */
const char *lw_session_admit(
    struct lw_session *s, const struct lw_hello *h, const char **text);

/* ---- gate.c ---- */
struct lw_gate_arena *lw_gate_arena_take(struct lw_gate *g); /* NULL at the cap */
void lw_gate_arena_give(struct lw_gate *g, struct lw_gate_arena *a);
uint64_t lw_mono_ms(void);
/* Shorter ones, for tests. */
void lw_gate_set_times(struct lw_gate *g, const struct lw_gate_times *times);

#endif
