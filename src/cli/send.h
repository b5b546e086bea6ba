/* SPDX-License-Identifier: Apache-2.0 */
/* Events to a running daemon through the client library, with bounded memory. */
#ifndef LW_CLI_SEND_H
#define LW_CLI_SEND_H

#include "base/arena.h"
#include "client/lapwing/lapwing.h"
#include "event/event.h"

struct lw_sender {
	struct lw_client *client;
	struct lw_arena arena; /* NUL-terminated copies of one event's strings */
	const char *socket;
};
/* All return an exit code and say what went wrong. */
int lw_sender_open(struct lw_sender *s, const char *socket, const char *tenant);
int lw_sender_put(struct lw_sender *s, const struct lw_event *ev);
int lw_sender_flush(struct lw_sender *s); /* until everything is acknowledged */
void lw_sender_close(struct lw_sender *s);

/* The client's form of an event; strings live in arena. LW_ENOMEM. */
int lw_sender_event(
    struct lw_arena *arena, const struct lw_event *ev, struct lw_client_event *out);
/* Let the client read and write for at most wait_us. */
void lw_sender_turn(struct lw_client *c, int wait_us);

#endif
