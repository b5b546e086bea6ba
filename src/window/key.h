/* SPDX-License-Identifier: Apache-2.0 */
/* Keys: names of people and conversations in, 128-bit keyed hashes out. Each kind of key
 * is framed by its own tag, so that kinds cannot collide. */
#ifndef LW_WINDOW_KEY_H
#define LW_WINDOW_KEY_H

#include <stdbool.h>
#include "base/hash.h"
#include "base/str.h"
#include "event/event.h"

/* The window of from -> to. The two directions differ in the last bit only, so one hash
 * gives both. */
struct lw_id128 lw_key_pair(const struct lw_hash_key *k, struct lw_str tenant,
    struct lw_str from, struct lw_str to);
static inline struct lw_id128
lw_key_back(struct lw_id128 pair)
{
	pair.lo ^= 1;
	return pair;
}
/* The window of a sender in a conversation whose target is unknown. */
struct lw_id128 lw_key_sender(const struct lw_hash_key *k, struct lw_str tenant,
    struct lw_str conv, struct lw_str from);
struct lw_id128 lw_key_conv(
    const struct lw_hash_key *k, struct lw_str tenant, struct lw_str conv);
/* Of an event's sender: to its target, or in its conversation where that is unknown. */
struct lw_id128 lw_key_window(const struct lw_hash_key *k, const struct lw_event *ev);
struct lw_id128 lw_key_user(
    const struct lw_hash_key *k, struct lw_str tenant, struct lw_str user);
/* The shard that a pair or conversation belongs to, 0..255. */
static inline unsigned
lw_key_shard(struct lw_id128 key)
{
	return (unsigned)(key.hi >> 56);
}
/* A message to oneself has no target, and says nothing to anybody. */
static inline bool
lw_is_to_self(const struct lw_event *ev)
{
	return ev->to.n > 0 && lw_str_eq(ev->to, ev->from);
}
static inline bool
lw_has_target(const struct lw_event *ev)
{
	return ev->to.n > 0 && !lw_str_eq(ev->to, ev->from);
}
/* The message that an event is about: of an edit or a deletion the one that is edited or
 * deleted (`reply_to`, where it has an id of its own), otherwise itself. */
static inline struct lw_str
lw_subject(const struct lw_event *ev)
{
	bool about = ev->kind == LW_EV_EDIT || ev->kind == LW_EV_DELETE;

	return about && ev->reply_to.n > 0 ? ev->reply_to : ev->id;
}

#endif
