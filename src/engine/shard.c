/* SPDX-License-Identifier: Apache-2.0 */
/* A shard's tables: events and keys in, windows and facts out. Owns them all. */
#include "engine/shard.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"

void
lw_engine_conf_default(struct lw_engine_conf *c)
{
	memset(c, 0, sizeof(*c));
	c->max_windows = 9216;				 /* 2,000,000 spread unevenly */
	c->max_bytes = ((size_t)1228 << 20) / LW_SHARDS; /* 1.2 GiB in all */
	c->idle_ms = 30ull * 24 * 60 * 60 * 1000;
}

int
lw_shard_new(struct lw_shard **out, const struct lw_engine_conf *conf, unsigned index)
{
	struct lw_shard *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return LW_ENOMEM;
	s->key = conf->key;
	s->index = index;
	lw_windows_init(&s->windows, conf->max_windows, conf->max_bytes, conf->idle_ms);
	lw_convs_init(&s->convs, conf->max_windows / 4);
	lw_facts_init(&s->users, LW_FACTS_MAX);
	lw_facts_init(&s->pairs, LW_FACTS_MAX);
	lw_facts_init(&s->foreign, LW_FOREIGN_BUCKETS);
	*out = s;
	return 0;
}

void
lw_shard_free(struct lw_shard *s)
{
	if (s == NULL)
		return;
	lw_windows_clear(&s->windows);
	lw_convs_clear(&s->convs);
	lw_facts_clear(&s->users);
	lw_facts_clear(&s->pairs);
	lw_facts_clear(&s->foreign);
	free(s);
}

void
lw_shard_account(struct lw_shard *s)
{
	s->windows.other_bytes = lw_convs_bytes(&s->convs) + s->users.bytes +
				 s->pairs.bytes + s->foreign.bytes + sizeof(*s);
}

void
lw_shard_stats(const struct lw_shard *s, struct lw_shard_stats *out)
{
	out->windows = s->windows.table.live;
	out->with_hits = s->windows.with_trace;
	out->bytes = lw_windows_bytes(&s->windows);
	out->evicted = s->windows.evicted;
	out->expired = s->windows.expired;
}

struct lw_id128
lw_shard_key(const struct lw_shard *s, const struct lw_event *ev)
{
	return (ev->window.lo | ev->window.hi) != 0 ? ev->window
						    : lw_key_window(&s->key, ev);
}

/* The first call for an event fetches the index, the second reads the index and fetches
 * the window: call it twice, some events apart. */
void
lw_shard_prefetch(struct lw_shard *s, const struct lw_event *ev, bool again)
{
	struct lw_id128 key = lw_shard_key(s, ev);
	const struct lw_window *w;

	if (!again) {
		lw_table_prefetch(&s->windows.table, key);
		return;
	}
	w = lw_table_guess(&s->windows.table, key);
	for (size_t at = 0; w != NULL && at < sizeof(*w); at += 64)
		__builtin_prefetch((const char *)w + at, 1);
}

/* A direct conversation without known target runs in the conversation's shard, also when
 * its target shows later: what the sender said before then is the pair's. */
static void
adopt(struct lw_shard *s, struct lw_str tenant, struct lw_str conv, struct lw_str from,
    struct lw_id128 key)
{
	struct lw_window *w;

	if (conv.n == 0 || lw_key_shard(lw_key_conv(&s->key, tenant, conv)) != s->index)
		return;
	w = lw_windows_find(&s->windows, lw_key_sender(&s->key, tenant, conv, from));
	if (w != NULL)
		lw_table_rekey(&s->windows.table, w, key);
}

int
lw_shard_touch(struct lw_shard *s, struct lw_str tenant, struct lw_str conv,
    struct lw_str from, struct lw_str to, struct lw_id128 key, uint64_t *now_ms,
    struct lw_window **out)
{
	struct lw_window *w;
	int rc;

	if (to.n > 0 && lw_windows_find(&s->windows, key) == NULL)
		adopt(s, tenant, conv, from, key);
	rc = lw_windows_touch(&s->windows, key, now_ms, out);
	if (rc != 0)
		return rc;
	w = *out;
	/* Facts are looked up now and then, so that those in use stay known. */
	if (w->messages % 16 == 0)
		lw_shard_who(s, w, tenant, from, to);
	return 0;
}

void
lw_shard_look(const struct lw_shard *s, const struct lw_window *w, struct lw_str tenant,
    struct lw_str from, struct lw_str to, uint8_t who[2])
{
	uint8_t bits = lw_facts_peek(&s->users, lw_key_user(&s->key, tenant, from));

	who[0] = bits != 0 ? bits : w->from_who;
	bits = to.n == 0 ? 0 : lw_facts_peek(&s->users, lw_key_user(&s->key, tenant, to));
	who[1] = bits != 0 ? bits : w->to_who;
}

void
lw_shard_who(struct lw_shard *s, struct lw_window *w, struct lw_str tenant,
    struct lw_str from, struct lw_str to)
{
	uint8_t bits;

	if (s->users.live == 0)
		return;
	bits = lw_facts_get(&s->users, lw_key_user(&s->key, tenant, from));
	if (bits != 0)
		w->from_who = bits;
	if (to.n == 0)
		return;
	bits = lw_facts_get(&s->users, lw_key_user(&s->key, tenant, to));
	if (bits != 0)
		w->to_who = bits;
}
