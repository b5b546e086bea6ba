/* SPDX-License-Identifier: Apache-2.0 */
/* Keys in, "new" or "seen" out. A ring holds the order, an open-addressing table with linear
 * probing finds. Keys are SipHash output under a secret key, so their bits need no mixing and
 * nobody can aim at a slot. At most half full: probes stay short. */
#include <stdlib.h>
#include "base/err.h"
#include "gate/seen.h"

#define CAP_MIN 1024
#define CAP_MAX (1u << 30)
#define MAGIC 0x4c57534e /* "LWSN" */

int
lw_seen_init(struct lw_seen *s, uint64_t cap)
{
	size_t slots = 1;

	if (cap < CAP_MIN)
		cap = CAP_MIN;
	if (cap > CAP_MAX)
		cap = CAP_MAX;
	while (slots < cap * 2)
		slots *= 2;
	*s = (struct lw_seen){.cap = (size_t)cap, .mask = slots - 1};
	s->ring = calloc(s->cap, sizeof *s->ring);
	s->table = calloc(slots, sizeof *s->table);
	if (s->ring != NULL && s->table != NULL)
		return 0;
	lw_seen_clear(s);
	return LW_ENOMEM;
}

void
lw_seen_clear(struct lw_seen *s)
{
	free(s->ring);
	free(s->table);
	*s = (struct lw_seen){.ring = NULL};
}

void
lw_seen_prefetch(const struct lw_seen *s, struct lw_id128 key, size_t ahead)
{
	size_t at = s->head + ahead;

	__builtin_prefetch(&s->table[key.lo & s->mask], 1);
	if (s->n < s->cap)
		return;
	at = at < s->cap ? at : at - s->cap;
	if (at < s->cap)
		__builtin_prefetch(&s->table[s->ring[at].lo & s->mask], 1);
}

/* Take a slot out, and close the gap: what probed past it moves up. */
static void
empty_slot(struct lw_seen *s, size_t slot)
{
	size_t next = slot, home;

	for (;;) {
		next = (next + 1) & s->mask;
		if (s->table[next] == 0)
			break;
		home = s->ring[s->table[next] - 1].lo & s->mask;
		if (((next - home) & s->mask) < ((next - slot) & s->mask))
			continue;
		s->table[slot] = s->table[next];
		slot = next;
	}
	s->table[slot] = 0;
}

static void
forget_oldest(struct lw_seen *s)
{
	size_t slot = s->ring[s->head].lo & s->mask;

	while (s->table[slot] != s->head + 1)
		slot = (slot + 1) & s->mask;
	empty_slot(s, slot);
	s->head = s->head + 1 == s->cap ? 0 : s->head + 1;
	s->n--;
}

bool
lw_seen_add(struct lw_seen *s, struct lw_id128 key)
{
	size_t slot = key.lo & s->mask, at;

	for (; s->table[slot] != 0; slot = (slot + 1) & s->mask) {
		if (lw_id128_eq(s->ring[s->table[slot] - 1], key))
			return false;
	}
	if (s->n == s->cap) {
		forget_oldest(s);
		/* The gap that it left may have moved the end of our own run. */
		slot = key.lo & s->mask;
		while (s->table[slot] != 0)
			slot = (slot + 1) & s->mask;
	}
	at = s->head + s->n;
	at = at < s->cap ? at : at - s->cap;
	s->ring[at] = key;
	s->table[slot] = (uint32_t)at + 1;
	s->n++;
	return true;
}

static int
put_u64(struct lw_buf *out, uint64_t v)
{
	lw_buf_put_u32be(out, (uint32_t)(v >> 32));
	return lw_buf_put_u32be(out, (uint32_t)v);
}

int
lw_seen_save(const struct lw_seen *s, struct lw_buf *out)
{
	size_t i, at;

	lw_buf_put_u32be(out, MAGIC);
	put_u64(out, s->n);
	for (i = 0; i < s->n; i++) {
		at = s->head + i;
		at = at < s->cap ? at : at - s->cap;
		put_u64(out, s->ring[at].hi);
		put_u64(out, s->ring[at].lo);
	}
	return out->err;
}

static uint64_t
get_u64(const char *p)
{
	uint64_t v = 0;
	int i;

	for (i = 0; i < 8; i++)
		v = v << 8 | (uint8_t)p[i];
	return v;
}

int
lw_seen_load(struct lw_seen *s, struct lw_str saved)
{
	static const char magic[] = "LWSN";
	uint64_t n;
	size_t i;

	if (saved.n < 12)
		return LW_ETRUNC;
	if (memcmp(saved.p, magic, 4) != 0)
		return LW_EINVAL;
	n = get_u64(saved.p + 4);
	if (n != (saved.n - 12) / 16 || (saved.n - 12) % 16 != 0)
		return LW_EINVAL;
	for (i = 0; i < n; i++) {
		const char *p = saved.p + 12 + i * 16;

		lw_seen_add(s, (struct lw_id128){get_u64(p), get_u64(p + 8)});
	}
	return 0;
}
