/* SPDX-License-Identifier: Apache-2.0 */
/* What one event added, as a record of the journal: the event without its text, how it was
 * routed, and the engine's record. Text that belongs to evidence is sealed in it. */
#ifndef LW_DAEMON_RECORD_H
#define LW_DAEMON_RECORD_H

#include "base/arena.h"
#include "base/buf.h"
#include "engine/engine.h"
#include "event/event.h"
#include "pack/intern.h"
#include "queue/queue.h"
#include "wire/wire.h"

enum lw_record_type {
	LW_REC_EVENT = 1,
	LW_REC_INTERN = 2, /* lexemes and rule names, with the ids that they have */
	LW_REC_RULES = 3   /* from here on: the packs and policy of this id */
};

struct lw_jevent {
	struct lw_event ev; /* as routed; text only when it is kept */
	bool to_was_absent; /* the router found ev.to: take it away to route again */
	struct lw_str from_was; /* where the router found another sender; else absent */
	uint16_t shard;
	uint32_t categories; /* for the fan-out stage */
	struct lw_record rec;
};

/* Appends a whole record to a block; errors are sticky in the buffer. */
int lw_record_put_event(
    struct lw_buf *block, const struct lw_jevent *e, const struct lw_seal *seal);
/* Slices are lent from body or live in arena. LW_EINVAL, LW_ECRYPT, LW_ENOMEM. */
int lw_record_get_event(struct lw_str body, struct lw_reader *reader,
    const struct lw_seal *seal, struct lw_arena *arena, struct lw_jevent *out);

/* Entries after the given counts, up to the given counts. */
struct lw_intern_mark {
	uint32_t lexemes, rules;
};
void lw_record_put_intern(struct lw_buf *block, const struct lw_intern *t,
    struct lw_intern_mark after, struct lw_intern_mark upto);
/* Adds what is new; LW_EINVAL when an id would not be the recorded one. */
int lw_record_get_intern(struct lw_str body, struct lw_intern *t);

#endif
