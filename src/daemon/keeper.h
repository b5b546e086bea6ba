/* SPDX-License-Identifier: Apache-2.0 */
/* One helper thread that runs jobs in order: what may take long and nobody waits for. */
#ifndef LW_DAEMON_KEEPER_H
#define LW_DAEMON_KEEPER_H

struct lw_keeper;

int lw_keeper_new(struct lw_keeper **out);
/* Runs what was posted, then ends. */
void lw_keeper_free(struct lw_keeper *k);
/* LW_ENOMEM: not posted. */
int lw_keeper_post(struct lw_keeper *k, void (*run)(void *), void *arg);

#endif
