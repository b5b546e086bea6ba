/* SPDX-License-Identifier: Apache-2.0 */
/* Wakes a thread: any thread rings, one thread waits. A ring costs a system call only when
 * the waiter may be asleep. The waiter arms the bell, looks for work once more, then
 * waits; so no ring is lost. */
#ifndef LW_DAEMON_BELL_H
#define LW_DAEMON_BELL_H

#include <stdatomic.h>
#include <stdint.h>

struct lw_bell {
	int fd;
	atomic_int armed;
};

int lw_bell_init(struct lw_bell *b);
void lw_bell_clear(struct lw_bell *b);
void lw_bell_ring(struct lw_bell *b);
void lw_bell_arm(struct lw_bell *b);
/* Until rung, or timeout_ms passed (-1: none). */
void lw_bell_wait(struct lw_bell *b, int timeout_ms);
/* The waiter found work after arming, or was woken by an event loop. */
void lw_bell_quiet(struct lw_bell *b);

#endif
