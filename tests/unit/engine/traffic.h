/* SPDX-License-Identifier: Apache-2.0 */
/* Made-up traffic of every kind of event, the same for the same seed. */
#ifndef LW_TESTS_TRAFFIC_H
#define LW_TESTS_TRAFFIC_H

#include "world.h"

#define TRAFFIC_TEXT 96

struct traffic_event {
	struct lw_event ev;
	char from[24], to[24], conv[24], id[24], reply[24], mention[24],
	    text[TRAFFIC_TEXT];
};

/* n events of seq 1.., among `people` people. Slices point into the events. */
void traffic_make(struct traffic_event *t, size_t n, unsigned people, uint64_t seed);
/* The event as it was made: routers change it. */
struct lw_event traffic_event(const struct traffic_event *t);

#endif
