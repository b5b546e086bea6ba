/* SPDX-License-Identifier: Apache-2.0 */
/* The public event in, its MessagePack map in c->encoded out. What the daemon would refuse is
 * refused here, where the host's developer sees it. */
#include <stdio.h>
#include <string.h>
#include "base/err.h"
#include "client/client.h"

/* An empty string is no name of anything: unknown, as NULL is. */
static bool
set(struct lw_str *to, const char *z)
{
	if (z == NULL || *z == '\0')
		return true;
	*to = lw_str(z);
	return to->n <= LW_EVENT_ID_MAX;
}

static enum lw_tristate
fact(enum lw_client_fact f)
{
	return f == LW_CLIENT_YES ? LW_YES : f == LW_CLIENT_NO ? LW_NO : LW_UNKNOWN;
}

static bool
set_strings(struct lw_event *to, const struct lw_client_event *ev)
{
	const char *item = ev->kind == LW_CLIENT_REPORT ? ev->reason : ev->item;
	size_t i;

	for (i = 0; i < ev->nmentions && to->nmentions < LW_EVENT_MENTIONS_MAX; i++) {
		struct lw_str *m = &to->mentions[to->nmentions];

		if (!set(m, ev->mentions[i]))
			return false;
		to->nmentions += m->p != NULL;
	}
	return set(&to->conv, ev->conv) && set(&to->from, ev->from) &&
	       set(&to->to, ev->to) && set(&to->id, ev->id) && set(&to->lang, ev->lang) &&
	       set(&to->reply_to, ev->reply_to) && set(&to->user.role, ev->role) &&
	       set(&to->user.locale, ev->locale) && set(&to->item, item);
}

static bool
set_enums(struct lw_event *to, const struct lw_client_event *ev)
{
	/* The public enums have the order of the internal ones. */
	_Static_assert((int)LW_CLIENT_REPORT == (int)LW_EV_REPORT, "kinds");
	_Static_assert((int)LW_CLIENT_PUBLIC == (int)LW_CH_PUBLIC, "channels");
	_Static_assert((int)LW_CLIENT_ADULT == (int)LW_AGE_ADULT, "ages");
	_Static_assert((int)LW_CLIENT_BLOCK == (int)LW_ACT_BLOCK, "actions");

	if ((unsigned)ev->kind > LW_CLIENT_REPORT ||
	    (unsigned)ev->channel > LW_CLIENT_PUBLIC ||
	    (unsigned)ev->age_band > LW_CLIENT_ADULT)
		return false;
	to->kind = (enum lw_event_kind)ev->kind;
	to->channel = (enum lw_channel)ev->channel;
	to->user.age_band = (enum lw_age_band)ev->age_band;
	to->relation = (struct lw_relation_facts){fact(ev->connected),
	    fact(ev->blocked), fact(ev->family), fact(ev->guardian)};
	return true;
}

int
lw_client_encode(struct lw_client *c, const struct lw_client_event *given)
{
	struct lw_client_event ev;
	struct lw_event e = {.kind = LW_EV_MESSAGE};
	char id[64];

	/* A host that was built with an earlier header has a shorter struct. */
	if (given->size < offsetof(struct lw_client_event, text_len))
		return LW_CLIENT_EINVAL;
	memset(&ev, 0, sizeof ev);
	memcpy(&ev, given, given->size < sizeof ev ? given->size : sizeof ev);
	if (!set_strings(&e, &ev) || !set_enums(&e, &ev))
		return LW_CLIENT_EINVAL;
	e.ts_ms = ev.ts_ms;
	e.members = ev.members;
	e.user.created_ms = ev.created_ms;
	if (ev.text != NULL) {
		e.text.p = ev.text;
		e.text.n = ev.text_len > 0 ? ev.text_len : strlen(ev.text);
		lw_text_repair(&e.text, &c->scratch);
	}
	if (e.id.p == NULL) {
		snprintf(
		    id, sizeof id, "%s.%llx", c->mint, (unsigned long long)++c->minted);
		e.id = lw_str(id);
	}
	lw_buf_reset(&c->encoded);
	if (lw_event_lacks(&e) == NULL)
		lw_put_event_map(&c->encoded, &e);
	else
		c->encoded.err = LW_EINVAL;
	lw_arena_reset(&c->scratch);
	if (c->encoded.err == 0)
		return 0;
	return c->encoded.err == LW_ENOMEM ? LW_CLIENT_ENOMEM : LW_CLIENT_EINVAL;
}
