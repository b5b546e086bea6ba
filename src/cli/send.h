/* SPDX-License-Identifier: Apache-2.0 */
/* Events to a running daemon through the client library. */
#ifndef LW_CLI_SEND_H
#define LW_CLI_SEND_H

#include "client/lapwing/lapwing.h"
#include "event/event.h"

struct lw_sender {
	struct lw_client *client;
	size_t pending;
};
/* All return an exit code and say what went wrong. */
int lw_sender_open(struct lw_sender *s, const char *socket, const char *tenant);
int lw_sender_put(struct lw_sender *s, const struct lw_event *ev);
int lw_sender_flush(struct lw_sender *s); /* until everything is acknowledged */
void lw_sender_close(struct lw_sender *s);

#endif
