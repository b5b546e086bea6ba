/* SPDX-License-Identifier: Apache-2.0 */
/* What servers tell about people and pairs: eight bits behind 56 bits of a keyed hash, in
 * a set of buckets of eight, so that each shard can keep its own copy. A full bucket
 * forgets the fact that was used longest ago. */
#ifndef LW_WINDOW_FACTS_H
#define LW_WINDOW_FACTS_H

#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/hash.h"
#include "window/codec.h"

#define LW_FACTS_WAYS 8
#define LW_FACTS_MIN 8	  /* buckets at first */
#define LW_FACTS_MAX 4096 /* buckets at most: 256 KiB */

/* Bits of a person's fact. */
#define LW_WHO_AGE 0x03u     /* enum lw_age_band */
#define LW_WHO_ROLE 0x0cu    /* enum lw_who_role << 2 */
#define LW_WHO_REPORTS 0xf0u /* reports on this person, saturating */
enum lw_who_role { LW_ROLE_UNKNOWN, LW_ROLE_PERSON, LW_ROLE_STAFF, LW_ROLE_BOT };
/* Bits of a pair's fact: enum lw_tristate each. */
#define LW_REL_CONNECTED 0
#define LW_REL_BLOCKED 2
#define LW_REL_FAMILY 4
#define LW_REL_GUARDIAN 6

struct lw_facts {
	uint64_t *e;	   /* owned; buckets of LW_FACTS_WAYS, last used first */
	uint32_t nbuckets; /* 0 or a power of two */
	uint32_t max_buckets;
	uint32_t live;
	size_t bytes;
};

void lw_facts_init(struct lw_facts *f, uint32_t max_buckets);
void lw_facts_clear(struct lw_facts *f);
/* The bits of id, 0 when nothing is known. Marks it as used. */
uint8_t lw_facts_get(struct lw_facts *f, struct lw_id128 id);
/* The same without a mark. */
uint8_t lw_facts_peek(const struct lw_facts *f, struct lw_id128 id);
/* 0 or LW_ENOMEM. Bits 0 are kept too: they say that nothing is known any more. */
int lw_facts_put(struct lw_facts *f, struct lw_id128 id, uint8_t bits);
void lw_facts_save(const struct lw_facts *f, struct lw_buf *out);
int lw_facts_load(struct lw_facts *f, struct lw_dec *d); /* into an empty set */

#endif
