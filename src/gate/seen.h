/* SPDX-License-Identifier: Apache-2.0 */
/* The last N keys, first in first out: was this event here before? */
#ifndef LW_GATE_SEEN_H
#define LW_GATE_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/hash.h"

struct lw_seen {
	struct lw_id128 *ring; /* cap keys, oldest at head */
	uint32_t *table;       /* ring index + 1, by the key's low bits; 0 empty */
	size_t cap, n, head, mask;
};

int lw_seen_init(struct lw_seen *s, uint64_t cap);
void lw_seen_clear(struct lw_seen *s);
/* Fetch what lw_seen_add of this key, and of the one it drives out `ahead` adds from now,
 * will touch. */
void lw_seen_prefetch(const struct lw_seen *s, struct lw_id128 key, size_t ahead);
/* True when the key was new; then it is remembered, and the oldest forgotten at the cap. */
bool lw_seen_add(struct lw_seen *s, struct lw_id128 key);
int lw_seen_save(const struct lw_seen *s, struct lw_buf *out);
int lw_seen_load(struct lw_seen *s, struct lw_str saved);

#endif
