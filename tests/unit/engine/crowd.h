/* SPDX-License-Identifier: Apache-2.0 */
/* Many pairs, both writing: full rings everywhere, four hits with text in one window of
 * twenty. Shared by the memory test and the measuring program. */
#ifndef LW_TESTS_CROWD_H
#define LW_TESTS_CROWD_H

#include "world.h"

#define CROWD_BATCH 64

struct crowd {
	struct world *w;
	size_t pairs;
	uint64_t seq;
	char name[CROWD_BATCH][3][24];
	struct lw_event ev[CROWD_BATCH];
	struct lw_outcome out[CROWD_BATCH];
	const struct lw_flag *extra[CROWD_BATCH];
	size_t n;
};

/* One message of window 0..2*pairs-1; text NULL is plain. Runs when a batch is full. */
void crowd_say(struct crowd *c, size_t window, const char *text);
void crowd_flush(struct crowd *c);
void crowd_fill(struct crowd *c);
/* Bytes of this process in memory; 0 unknown. */
size_t crowd_resident(void);

#endif
