/* SPDX-License-Identifier: Apache-2.0 */
/* Who spoke last in conversations where targets are unknown: so that what one person says
 * about themselves counts in the windows of those they were talking with. Bounded: the
 * conversation silent longest goes, within a sample. */
#ifndef LW_WINDOW_CONVS_H
#define LW_WINDOW_CONVS_H

#include <stddef.h>
#include <stdint.h>
#include "base/str.h"
#include "window/table.h"

#define LW_CONV_SPEAKERS 4
#define LW_CONV_RECENT_MS (10u * 60 * 1000)

struct lw_speaker {
	struct lw_id128 window;
	uint64_t last_ms;
	char *name; /* owned */
	uint32_t n;
};

struct lw_conv {
	struct lw_id128 key;
	uint64_t last_ms;
	struct lw_speaker speaker[LW_CONV_SPEAKERS]; /* the most recent first */
	uint32_t nspeakers;
};

struct lw_convs {
	struct lw_table table;
	size_t name_bytes;
	size_t max;
};

void lw_convs_init(struct lw_convs *c, size_t max);
void lw_convs_clear(struct lw_convs *c);
static inline size_t
lw_convs_bytes(const struct lw_convs *c)
{
	return c->table.bytes + c->name_bytes;
}
/* Somebody speaks; the conversation is lent until the next call. 0 or LW_ENOMEM. */
int lw_convs_speak(struct lw_convs *c, struct lw_id128 conv, struct lw_str from,
    struct lw_id128 window, uint64_t now_ms, const struct lw_conv **out);
void lw_convs_save(const struct lw_convs *c, struct lw_buf *out);
int lw_convs_load(struct lw_convs *c, struct lw_dec *d); /* into an empty table */

#endif
