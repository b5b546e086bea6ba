/* SPDX-License-Identifier: Apache-2.0 */
/* A daemon's core without an engine, around a real gate on real sockets in one process; and
 * a peer that says whatever bytes a test wants. Shared by the tests of gate and client. */
#ifndef TESTS_GATE_FAKE_H
#define TESTS_GATE_FAKE_H

#include <event2/event.h>
#include "gate/session.h"

#define FAKE_ASKS 65536

struct fake {
	char dir[64];
	struct lw_config conf;
	struct lw_hash_key key;
	struct event_base *base;
	struct lw_gate *gate;
	uint64_t next_seq; /* of the next start */
	/* what it does */
	bool durable; /* acknowledge at once */
	bool answer;  /* answer asks at once */
	bool hold;    /* keep the batches */
	/* what it saw */
	uint64_t events, batches, last_seq, calls;
	bool disorder;	      /* a sequence number was not the next one */
	struct lw_event last; /* slices into `copy` */
	char copy[6][4096];
	struct {
		uint64_t session, seq;
	} asks[FAKE_ASKS];
	size_t nasks;
	struct lw_arena *held[LW_GATE_ARENAS];
	size_t nheld;
};

void fake_init(struct fake *d); /* folder, configuration; both modes on */
void fake_start(struct fake *d);
void fake_stop(struct fake *d); /* as a crash: no bye */
void fake_clear(struct fake *d);
void fake_turn(struct fake *d); /* what the loop has to do now */
void fake_release(struct fake *d);

struct peer {
	struct fake *d;
	int fd;
	struct lw_buf in;
	struct lw_arena arena;
	struct lw_reader *reader;
	size_t used; /* of `in`, by the last frame */
};

void peer_init(struct peer *p, struct fake *d);
void peer_clear(struct peer *p);
void peer_send(struct peer *p, const void *bytes, size_t n);
void peer_flush(struct peer *p, struct lw_buf *b); /* send and reset */
void peer_hello(struct peer *p);		   /* said and answered */
/* The next frame, lent until the next call: its type, or LW_FR_MAX at the end of the
 * connection. Fails the test after 5 s. */
enum lw_frame_type peer_frame(struct peer *p, struct lw_frame *f);
/* Turns of the loop while nothing may come; true when nothing came. */
bool peer_is_quiet(struct peer *p);

#endif
