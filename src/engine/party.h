/* SPDX-License-Identifier: Apache-2.0 */
/* What the router remembers of a conversation: who takes part, and who wrote its last
 * messages to whom. Only conversations where a message came without its target are
 * remembered; the one silent longest goes, within a sample. */
#ifndef LW_ENGINE_PARTY_H
#define LW_ENGINE_PARTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/str.h"
#include "window/table.h"

#define LW_PARTY_PEOPLE 16   /* of one conversation; then the one silent longest goes */
#define LW_PARTY_MESSAGES 16 /* of one group */

struct lw_party_person {
	char *name; /* owned */
	uint16_t n;
	uint32_t stamp; /* of the last act, 0 a free place */
};

struct lw_party_message {
	uint64_t id;		/* keyed hash, 0 none */
	uint8_t author, target; /* places; LW_PARTY_PEOPLE: unknown */
};

struct lw_party {
	struct lw_id128 key;
	uint64_t last_ms;
	struct lw_party_person *person;	  /* owned, cap_person */
	struct lw_party_message *message; /* owned, LW_PARTY_MESSAGES or NULL */
	uint32_t clock;
	uint8_t cap_person, next;
	bool crowd; /* a group, or had three people at once, ever */
	bool here;  /* runs in the conversation's shard: began without a target */
};

struct lw_parties {
	struct lw_table table;
	size_t max;
};

void lw_parties_init(struct lw_parties *ps, size_t max);
void lw_parties_clear(struct lw_parties *ps);
struct lw_party *lw_parties_find(const struct lw_parties *ps, struct lw_id128 conv);
struct lw_party *lw_parties_add(struct lw_parties *ps, struct lw_id128 conv);

/* The place of a person, -1 when not there. */
int lw_party_find(const struct lw_party *p, struct lw_str name);
/* The same, taking them in; marks them as the last to act. -1 without memory. */
int lw_party_join(struct lw_party *p, struct lw_str name);
void lw_party_leave(struct lw_party *p, struct lw_str name);
unsigned lw_party_people(const struct lw_party *p);
/* The other one of exactly two, -1 otherwise. */
int lw_party_other(const struct lw_party *p, int place);
struct lw_str lw_party_name(const struct lw_party *p, int place);
void lw_party_remember(struct lw_party *p, uint64_t id, int author, int target);
const struct lw_party_message *lw_party_message(const struct lw_party *p, uint64_t id);

void lw_parties_save(const struct lw_parties *ps, struct lw_buf *out);
int lw_parties_load(struct lw_parties *ps, struct lw_dec *d); /* into empty ones */

#endif
