/* SPDX-License-Identifier: Apache-2.0 */
/* Many pairs that talk. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "crowd.h"

#define PLAIN "one two three four five six seven eight"

void
crowd_flush(struct crowd *c)
{
	size_t nextra;

	if (c->n > 0)
		assert_int_equal(
		    lw_pipeline_batch(c->w->p, c->ev, c->n, c->out, c->extra, &nextra), 0);
	c->n = 0;
}

void
crowd_say(struct crowd *c, size_t window, const char *text)
{
	size_t i = c->n++, pair = window / 2, side = window % 2;
	struct lw_event *ev = &c->ev[i];

	snprintf(c->name[i][0], sizeof(c->name[i][0]), "user-%zu", pair * 2 + side);
	snprintf(c->name[i][1], sizeof(c->name[i][1]), "user-%zu", pair * 2 + 1 - side);
	snprintf(c->name[i][2], sizeof(c->name[i][2]), "message-%zu", window);
	*ev = message(c->name[i][0], c->name[i][1], text != NULL ? text : PLAIN, T0);
	ev->channel = LW_CH_DIRECT;
	ev->seq = ++c->seq;
	ev->ts_ms = T0 + c->seq;
	ev->id = lw_str(c->name[i][2]);
	ev->conv = ev->id;
	if (c->n == CROWD_BATCH)
		crowd_flush(c);
}

void
crowd_fill(struct crowd *c)
{
	static const char *const found[] = {
	    "a message of some sixty bytes, as people write, with rapport",
	    "another message of some seventy bytes, as people do write, personal_info",
	    "more of the same: what people say to one another in a chat rapport2",
	    "the last of four, which has the average length of them all gift"};

	for (size_t w = 0; w < c->pairs * 2; w++) {
		for (size_t i = 0; i < 5; i++)
			crowd_say(c, w, i < 4 && w % 20 == 0 ? found[i] : NULL);
	}
	crowd_flush(c);
}

size_t
crowd_resident(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	size_t all = 0, resident = 0;

	if (f == NULL)
		return 0;
	if (fscanf(f, "%zu %zu", &all, &resident) != 2)
		resident = 0;
	fclose(f);
	return resident * (size_t)sysconf(_SC_PAGESIZE);
}
