/* SPDX-License-Identifier: Apache-2.0 */
/* The router: events in sequence in, their target and shard out. Owns what it remembers
 * of conversations. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "engine/engine.h"
#include "engine/party.h"
#include "window/key.h"

#define ROUTER_MAGIC 0x3152574cu /* "LWR1" */

struct lw_router {
	struct lw_hash_key key;
	struct lw_parties parties;
};

/* What one routing works with. */
struct route {
	struct lw_router *r;
	struct lw_event *ev;
	struct lw_arena *arena;
	struct lw_party *party; /* NULL: not remembered */
	struct lw_id128 conv;
	bool told; /* the event said its target */
};

int
lw_router_new(struct lw_router **out, const struct lw_engine_conf *conf)
{
	struct lw_router *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return LW_ENOMEM;
	r->key = conf->key;
	/* Most servers tell targets; eight windows a conversation is plenty. */
	lw_parties_init(&r->parties, conf->max_windows * (LW_SHARDS / 8));
	*out = r;
	return 0;
}

void
lw_router_free(struct lw_router *r)
{
	if (r == NULL)
		return;
	lw_parties_clear(&r->parties);
	free(r);
}

static uint64_t
message_id(const struct lw_router *r, struct lw_str id)
{
	uint64_t h = id.n == 0 ? 0 : lw_hash64(&r->key, id.p, id.n);

	return h == 0 && id.n > 0 ? 1 : h;
}

static bool
is_two(const struct route *t)
{
	enum lw_channel c = t->ev->channel;

	if (t->party == NULL)
		return false;
	if (t->ev->members == 2)
		return true;
	return !t->party->crowd && (c == LW_CH_DIRECT || c == LW_CH_UNKNOWN);
}

/* Names of the router may go before the event does. */
static void
set_name(const struct route *t, struct lw_str *field, int place)
{
	struct lw_str s = lw_arena_str(t->arena, lw_party_name(t->party, place));

	if (s.p != NULL)
		*field = s;
}

/* The place of whom a message answers or names, or of the only other one; -1 unknown. */
static int
resolve(const struct route *t, int from)
{
	const struct lw_event *ev = t->ev;
	const struct lw_party_message *m;
	int place;

	if (ev->kind == LW_EV_EDIT) {
		m = lw_party_message(t->party, message_id(t->r, lw_subject(ev)));
		if (m != NULL && m->author == from && m->target < LW_PARTY_PEOPLE)
			return m->target;
	}
	m = lw_party_message(t->party, message_id(t->r, ev->reply_to));
	if (m != NULL && m->author < LW_PARTY_PEOPLE && m->author != from)
		return m->author;
	if (ev->nmentions == 1 && ev->mentions[0].n > 0 &&
	    !lw_str_eq(ev->mentions[0], ev->from)) {
		place = lw_party_join(t->party, ev->mentions[0]);
		if (place >= 0)
			return place;
	}
	return is_two(t) ? lw_party_other(t->party, from) : -1;
}

/* A conversation of two that began before its target was known stays in its own shard, so
 * that what was said before then counts with what follows. */
static bool
stays_here(const struct route *t)
{
	const struct lw_party *p = t->party;

	return p != NULL && p->here && !p->crowd &&
	       lw_party_find(p, t->ev->from) >= 0 && lw_party_find(p, t->ev->to) >= 0;
}

static unsigned
shard_of(const struct route *t)
{
	struct lw_event *ev = t->ev;

	ev->window = lw_key_window(&t->r->key, ev);
	if (lw_has_target(ev) ? stays_here(t) : ev->conv.n > 0)
		return lw_key_shard(t->conv);
	return lw_key_shard(ev->window);
}

/* Somebody does something in a conversation, towards somebody. */
static void
route_deed(struct route *t)
{
	struct lw_event *ev = t->ev;
	int from, to;

	if (t->party == NULL && !t->told && ev->conv.n > 0)
		t->party = lw_parties_add(&t->r->parties, t->conv);
	if (t->party == NULL)
		return;
	if (ev->ts_ms > t->party->last_ms)
		t->party->last_ms = ev->ts_ms;
	if ((ev->channel == LW_CH_GROUP || ev->channel == LW_CH_PUBLIC) &&
	    ev->members != 2)
		t->party->crowd = true;
	from = lw_party_join(t->party, ev->from);
	if (from < 0)
		return;
	if (t->told) {
		to = lw_party_join(t->party, ev->to);
	} else {
		to = resolve(t, from);
		if (to >= 0)
			set_name(t, &ev->to, to);
		else if (!t->party->crowd && (ev->members == 2 || is_two(t)))
			t->party->here = true;
	}
	lw_party_remember(t->party, message_id(t->r, ev->id), from, to);
}

/* Whoever deletes, the evidence is in the windows of who wrote it. */
static void
route_delete(struct route *t)
{
	struct lw_event *ev = t->ev;
	const struct lw_party_message *m;
	int from;

	if (t->told || t->party == NULL)
		return;
	m = lw_party_message(t->party, message_id(t->r, lw_subject(ev)));
	if (m != NULL && m->author < LW_PARTY_PEOPLE) {
		set_name(t, &ev->from, m->author);
		if (m->target < LW_PARTY_PEOPLE)
			set_name(t, &ev->to, m->target);
		return;
	}
	if (t->party->crowd || lw_party_people(t->party) != 2)
		return;
	from = lw_party_find(t->party, ev->from);
	if (from < 0) {
		from = 0;
		set_name(t, &ev->from, from);
	}
	set_name(t, &ev->to, lw_party_other(t->party, from));
}

/* A case about a sender in a conversation whose target has shown since is the pair's. */
static void
route_decision(struct route *t)
{
	struct lw_event *ev = t->ev;
	int from, to;

	if (t->told || t->party == NULL || !t->party->here || t->party->crowd)
		return;
	from = lw_party_find(t->party, ev->from);
	to = from < 0 ? -1 : lw_party_other(t->party, from);
	if (to >= 0)
		set_name(t, &ev->to, to);
}

static void
route_member(struct route *t)
{
	const struct lw_event *ev = t->ev;

	if (ev->conv.n == 0 || ev->from.n == 0)
		return;
	if (ev->kind == LW_EV_LEAVE) {
		if (t->party != NULL)
			lw_party_leave(t->party, ev->from);
		return;
	}
	if (t->party == NULL)
		t->party = lw_parties_add(&t->r->parties, t->conv);
	if (t->party != NULL)
		(void)lw_party_join(t->party, ev->from);
}

unsigned
lw_router_route(struct lw_router *r, struct lw_event *ev, struct lw_arena *arena)
{
	struct route t = {.r = r, .ev = ev, .arena = arena, .told = lw_has_target(ev)};
	bool any = r->parties.table.live > 0;

	/* Where every target is told, conversations are never looked up. */
	if (ev->conv.n > 0 && (any || !t.told || ev->kind == LW_EV_JOIN))
		t.conv = lw_key_conv(&r->key, ev->tenant, ev->conv);
	if (ev->conv.n > 0 && any)
		t.party = lw_parties_find(&r->parties, t.conv);
	switch (ev->kind) {
	case LW_EV_USER:
	case LW_EV_RELATION:
		return LW_SHARD_ALL;
	case LW_EV_REPORT:
		/* Without a pair it is a fact about a person. */
		if (!t.told || ev->from.n == 0)
			return LW_SHARD_ALL;
		break;
	case LW_EV_DELETE:
		route_delete(&t);
		break;
	case LW_EV_DECISION:
		route_decision(&t);
		break;
	case LW_EV_JOIN:
	case LW_EV_LEAVE:
		route_member(&t);
		break;
	case LW_EV_MESSAGE:
	case LW_EV_EDIT:
	case LW_EV_CONTACT_REQUEST:
	case LW_EV_CONTACT_ACCEPT:
	case LW_EV_GIFT:
	case LW_EV_ATTACHMENT:
	case LW_EV_MAX:
		route_deed(&t);
		break;
	}
	return shard_of(&t);
}

int
lw_router_save(const struct lw_router *r, struct lw_buf *out)
{
	lw_enc_u32(out, ROUTER_MAGIC);
	lw_parties_save(&r->parties, out);
	return out->err;
}

int
lw_router_load(struct lw_router *r, struct lw_str saved)
{
	struct lw_dec d;
	int rc;

	lw_dec_init(&d, saved);
	lw_parties_clear(&r->parties);
	if (lw_dec_u32(&d) != ROUTER_MAGIC)
		return LW_EINVAL;
	rc = lw_parties_load(&r->parties, &d);
	if (rc == 0 && d.n != 0) {
		lw_parties_clear(&r->parties);
		return LW_EINVAL;
	}
	return rc;
}
