/* SPDX-License-Identifier: Apache-2.0 */
/* A daemon of the test's own in a folder of its own, and plugins that talk to it. */
#ifndef LW_TEST_HOUSE_H
#define LW_TEST_HOUSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "client/lapwing/lapwing.h"

struct house {
	char dir[64]; /* run in here: sockets, state, key, configuration, log */
	char config[96], socket[96], control[96], log[96], key[96], state[96], pack[96];
	pid_t pid; /* 0: not running */
};

/* A folder with a configuration (extra: more lines of YAML), the test pack and a key: that
 * of `like`, when given, since ids of flags depend on it. */
void house_make(struct house *h, const char *extra, const struct house *like);
void house_clear(struct house *h); /* stops, and removes the folder */
/* Start and wait until it answers. */
void house_start(struct house *h);
/* Start without waiting for more than its end: the exit code, or -1 when it serves. */
int house_try(struct house *h);
/* A signal, then wait for the end: exit code, or minus the signal that ended it. */
int house_end(struct house *h, int sig);
/* One number of the status; dotted names go into objects. */
uint64_t house_number(struct house *h, const char *name);
/* Text of the status, malloc'ed. */
char *house_text(struct house *h, const char *name);
/* Every flag of the queue with its contributions and evidence, by id; malloc'ed. What
 * depends on the order of arrival (seq) is left out. */
char *house_flags(const struct house *h, size_t *n);
/* Fails with the first lines that differ. */
void house_same_flags(const char *want, const char *got);
bool house_log_has(const struct house *h, const char *what);
void house_print_log(const struct house *h);

/* ---- plugins ---- */
struct lw_client *house_plugin(struct house *h, const char *instance, uint32_t batch);
/* Let these clients read and write for about so long. */
void plugins_turn(struct lw_client **c, size_t n, unsigned ms);
/* Until all is acknowledged; false after `ms`. */
bool plugins_flush(struct lw_client **c, size_t n, unsigned ms);

/* ---- traffic: the same for the same seed ---- */
struct talk {
	struct lw_client_event *ev;
	char (*name)[5][32]; /* strings of each event: conv, from, to, id, reply_to */
	size_t n;
};
/* People of one plugin: their names begin with `who`. */
void talk_make(struct talk *t, const char *who, size_t n, uint64_t seed);
void talk_clear(struct talk *t);

uint64_t now_ms(void);
uint64_t test_random(uint64_t *state);
/* From LAPWING_TEST_SEED, else of the clock; printed. */
uint64_t test_seed(void);

#endif
