/* SPDX-License-Identifier: Apache-2.0 */
/* Facts about people and pairs, as servers tell them: events in, a shard's facts out. */
#include <string.h>

#include "base/err.h"
#include "engine/shard.h"

/* Both directions of a pair have one fact. */
static struct lw_id128
pair_id(struct lw_id128 key)
{
	key.lo &= ~UINT64_C(1);
	return key;
}

static bool
is_one_of(struct lw_str s, const char *const *names)
{
	for (; *names != NULL; names++)
		if (lw_str_is(s, *names))
			return true;
	return false;
}

static enum lw_who_role
role_of(struct lw_str role)
{
	static const char *const staff[] = {
	    "moderator", "admin", "administrator", "staff", "operator", "owner", NULL};
	static const char *const bots[] = {"bot", "service", "system", NULL};

	if (role.n == 0)
		return LW_ROLE_UNKNOWN;
	if (is_one_of(role, staff))
		return LW_ROLE_STAFF;
	return is_one_of(role, bots) ? LW_ROLE_BOT : LW_ROLE_PERSON;
}

static int
learn_user(struct lw_shard *s, const struct lw_event *ev)
{
	struct lw_id128 id = lw_key_user(&s->key, ev->tenant, ev->from);
	uint8_t bits = lw_facts_get(&s->users, id);
	unsigned role = role_of(ev->user.role);

	if (ev->user.age_band != LW_AGE_UNKNOWN)
		bits = (uint8_t)((bits & ~LW_WHO_AGE) | ev->user.age_band);
	if (role != LW_ROLE_UNKNOWN)
		bits = (uint8_t)((bits & ~LW_WHO_ROLE) | role << 2);
	return bits == 0 ? 0 : lw_facts_put(&s->users, id, bits);
}

/* A report on somebody without a pair weighs in all their windows. */
static int
learn_report(struct lw_shard *s, const struct lw_event *ev)
{
	struct lw_id128 id = lw_key_user(&s->key, ev->tenant, ev->to);
	uint8_t bits = lw_facts_get(&s->users, id);

	if (ev->to.n == 0)
		return 0;
	if ((bits & LW_WHO_REPORTS) != LW_WHO_REPORTS)
		bits = (uint8_t)(bits + 0x10);
	return lw_facts_put(&s->users, id, bits);
}

static uint8_t
with(uint8_t bits, unsigned shift, enum lw_tristate v)
{
	if (v == LW_UNKNOWN)
		return bits;
	return (uint8_t)((bits & ~(3u << shift)) | (unsigned)v << shift);
}

/* Every shard hears of every pair. A pair's own shard keeps the fact for good; others
 * keep the latest few, for conversations that run there, see adopt in shard.c. */
static int
learn_relation(struct lw_shard *s, const struct lw_event *ev)
{
	const struct lw_relation_facts *r = &ev->relation;
	struct lw_id128 key = lw_key_pair(&s->key, ev->tenant, ev->from, ev->to);
	bool own = lw_key_shard(key) == s->index ||
		   lw_windows_find(&s->windows, key) != NULL ||
		   lw_windows_find(&s->windows, lw_key_back(key)) != NULL;
	uint8_t bits = lw_shard_relation(s, key);

	bits = with(bits, LW_REL_CONNECTED, r->connected);
	bits = with(bits, LW_REL_BLOCKED, r->blocked);
	bits = with(bits, LW_REL_FAMILY, r->family);
	bits = with(bits, LW_REL_GUARDIAN, r->guardian);
	return lw_facts_put(own ? &s->pairs : &s->foreign, pair_id(key), bits);
}

uint8_t
lw_shard_relation(struct lw_shard *s, struct lw_id128 pair)
{
	uint8_t bits = lw_facts_get(&s->pairs, pair_id(pair));

	return bits != 0 ? bits : lw_facts_get(&s->foreign, pair_id(pair));
}

uint8_t
lw_shard_relation_look(const struct lw_shard *s, struct lw_id128 pair)
{
	uint8_t bits = lw_facts_peek(&s->pairs, pair_id(pair));

	return bits != 0 ? bits : lw_facts_peek(&s->foreign, pair_id(pair));
}

int
lw_shard_learn(struct lw_shard *s, const struct lw_event *ev)
{
	int rc = 0;

	if (ev->kind == LW_EV_USER && ev->from.n > 0)
		rc = learn_user(s, ev);
	else if (ev->kind == LW_EV_REPORT)
		rc = learn_report(s, ev);
	else if (ev->kind == LW_EV_RELATION && lw_has_target(ev))
		rc = learn_relation(s, ev);
	lw_shard_account(s);
	return rc;
}
