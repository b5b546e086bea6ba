/* SPDX-License-Identifier: Apache-2.0 */
/* Made-up traffic. */
#include <stdio.h>
#include <string.h>

#include "traffic.h"

static uint64_t
next(uint64_t *x)
{
	*x += UINT64_C(0x9e3779b97f4a7c15);
	uint64_t z = *x;

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static unsigned
below(uint64_t *x, unsigned n)
{
	return (unsigned)(next(x) % n);
}

static void
make_text(struct traffic_event *t, uint64_t *x)
{
	unsigned words = 1 + below(x, 6), n = 0;

	for (unsigned i = 0; i < words && n + 24 < sizeof(t->text); i++) {
		unsigned r = below(x, 100);
		const char *w = "hello";

		if (r < 8)
			w = lw_category_name((enum lw_category)below(x, LW_CAT_MAX));
		else if (r < 12)
			w = i == 0 ? "phrase" : "split";
		n += (unsigned)snprintf(t->text + n, sizeof(t->text) - n, "%s%s%s",
		    i > 0 ? " " : "", w, r == 1 ? "2" : "");
	}
}

static enum lw_event_kind
make_kind(uint64_t *x)
{
	unsigned r = below(x, 100);

	if (r < 80)
		return LW_EV_MESSAGE;
	return (enum lw_event_kind)below(x, LW_EV_MAX);
}

static void
make_facts(struct lw_event *ev, uint64_t *x)
{
	static const char *const reasons[] = {
	    "confirmed", "peer", "false_positive.quote", "insufficient"};

	ev->user.age_band = (enum lw_age_band)below(x, 4);
	if (below(x, 8) == 0)
		ev->user.role = LW_STR("moderator");
	ev->relation.connected = (enum lw_tristate)below(x, 3);
	if (below(x, 6) == 0)
		ev->relation.family = LW_YES;
	ev->item = lw_str(reasons[below(x, 4)]);
}

void
traffic_make(struct traffic_event *t, size_t n, unsigned people, uint64_t seed)
{
	uint64_t x = seed, now = T0;

	memset(t, 0, n * sizeof(*t));
	for (size_t i = 0; i < n; i++, t++) {
		struct lw_event *ev = &t->ev;

		now += below(&x, 40) == 0 ? below(&x, 8 * (unsigned)HOUR)
					  : below(&x, (unsigned)MINUTE);
		ev->kind = make_kind(&x);
		ev->channel = (enum lw_channel)below(&x, 4);
		ev->seq = i + 1;
		ev->ts_ms = below(&x, 20) == 0 ? now - MINUTE : now;
		snprintf(t->from, sizeof(t->from), "u%u", below(&x, people));
		snprintf(t->to, sizeof(t->to), "u%u", below(&x, people));
		snprintf(t->conv, sizeof(t->conv), "c%u", below(&x, people));
		snprintf(t->id, sizeof(t->id), "m%zu", i);
		snprintf(
		    t->reply, sizeof(t->reply), "m%zu", i - (i < 6 ? 0 : below(&x, 6)));
		snprintf(t->mention, sizeof(t->mention), "u%u", below(&x, people));
		ev->tenant = LW_STR("t");
		ev->ask = below(&x, 3) == 0;
		ev->members = below(&x, 4);
		if (below(&x, 2) == 0)
			ev->to = lw_str(t->to);
		if (below(&x, 3) == 0)
			ev->reply_to = lw_str(t->reply);
		ev->nmentions = below(&x, 5) == 0;
		make_text(t, &x);
		make_facts(ev, &x);
	}
}

struct lw_event
traffic_event(const struct traffic_event *t)
{
	struct lw_event ev = t->ev;

	ev.from = lw_str(t->from);
	ev.conv = lw_str(t->conv);
	ev.id = lw_str(t->id);
	ev.text = lw_str(t->text);
	if (ev.to.p != NULL)
		ev.to = lw_str(t->to);
	if (ev.reply_to.p != NULL)
		ev.reply_to = lw_str(t->reply);
	ev.mentions[0] = lw_str(t->mention);
	return ev;
}
