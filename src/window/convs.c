/* SPDX-License-Identifier: Apache-2.0 */
/* Recent speakers of conversations without known targets. Owns the speakers' names. */
#include "window/convs.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "event/event.h"

void
lw_convs_init(struct lw_convs *c, size_t max)
{
	memset(c, 0, sizeof(*c));
	lw_table_init(&c->table, sizeof(struct lw_conv), offsetof(struct lw_conv, key));
	c->max = max < 1 ? 1 : max > LW_TABLE_MAX ? LW_TABLE_MAX : max;
}

static void
forget(struct lw_convs *c, struct lw_speaker *s)
{
	c->name_bytes -= s->n;
	free(s->name);
	memset(s, 0, sizeof(*s));
}

static void
forget_all(struct lw_convs *c, struct lw_conv *v)
{
	for (unsigned i = 0; i < v->nspeakers; i++)
		forget(c, &v->speaker[i]);
	v->nspeakers = 0;
}

void
lw_convs_clear(struct lw_convs *c)
{
	for (uint32_t s = 0; s < c->table.nslot; s++) {
		struct lw_conv *v = lw_table_at(&c->table, s);

		if (v != NULL)
			forget_all(c, v);
	}
	lw_table_clear(&c->table);
}

static uint64_t
rank(const void *entry, const void *ctx)
{
	const struct lw_conv *v = entry;

	(void)ctx;
	return v->last_ms;
}

static bool
drop_one(struct lw_convs *c)
{
	struct lw_conv *v = lw_table_victim(&c->table, rank, NULL);

	if (v == NULL)
		return false;
	forget_all(c, v);
	lw_table_del(&c->table, v);
	return true;
}

static struct lw_conv *
conv_of(struct lw_convs *c, struct lw_id128 key)
{
	struct lw_conv *v = lw_table_find(&c->table, key);

	if (v != NULL)
		return v;
	if (c->table.live >= c->max)
		drop_one(c);
	return lw_table_add(&c->table, key);
}

static int
name_speaker(struct lw_convs *c, struct lw_speaker *s, struct lw_str from)
{
	s->name = malloc(from.n + 1);
	if (s->name == NULL)
		return LW_ENOMEM;
	if (from.n > 0)
		memcpy(s->name, from.p, from.n);
	s->n = (uint32_t)from.n;
	c->name_bytes += from.n;
	return 0;
}

int
lw_convs_speak(struct lw_convs *c, struct lw_id128 conv, struct lw_str from,
    struct lw_id128 window, uint64_t now_ms, const struct lw_conv **out)
{
	struct lw_conv *v = conv_of(c, conv);
	struct lw_speaker s = {.window = window};
	unsigned i = 0;

	if (v == NULL)
		return LW_ENOMEM;
	while (i < v->nspeakers && !lw_id128_eq(v->speaker[i].window, window))
		i++;
	if (i == v->nspeakers) {
		int rc = name_speaker(c, &s, from);

		if (rc != 0)
			return rc;
		if (i == LW_CONV_SPEAKERS)
			forget(c, &v->speaker[--i]);
		else
			v->nspeakers++;
	} else {
		s = v->speaker[i];
	}
	memmove(v->speaker + 1, v->speaker, i * sizeof(s));
	v->last_ms = now_ms > v->last_ms ? now_ms : v->last_ms;
	s.last_ms = v->last_ms;
	v->speaker[0] = s;
	*out = v;
	return 0;
}

static void
put(struct lw_buf *out, const void *entry, void *ctx)
{
	const struct lw_conv *v = entry;

	(void)ctx;
	lw_enc_u64(out, v->last_ms);
	lw_enc_u32(out, v->nspeakers);
	for (unsigned i = 0; i < v->nspeakers; i++) {
		const struct lw_speaker *s = &v->speaker[i];

		lw_enc_id(out, s->window);
		lw_enc_u64(out, s->last_ms);
		lw_enc_str(out, (struct lw_str){s->name, s->n});
	}
}

static int
get(struct lw_dec *d, void *entry, void *ctx)
{
	struct lw_convs *c = ctx;
	struct lw_conv *v = entry;
	uint32_t n;

	v->last_ms = lw_dec_u64(d);
	n = lw_dec_count(d, LW_CONV_SPEAKERS, 28);
	for (uint32_t i = 0; i < n; i++) {
		struct lw_speaker *s = &v->speaker[i];
		int rc;

		s->window = lw_dec_id(d);
		s->last_ms = lw_dec_u64(d);
		rc = name_speaker(c, s, lw_dec_str(d, LW_EVENT_ID_MAX));
		if (rc != 0)
			return rc;
		v->nspeakers++;
		if (d->bad || s->last_ms > v->last_ms)
			return LW_EINVAL;
	}
	return d->bad ? LW_EINVAL : 0;
}

void
lw_convs_save(const struct lw_convs *c, struct lw_buf *out)
{
	lw_table_save(&c->table, out, put, NULL);
}

int
lw_convs_load(struct lw_convs *c, struct lw_dec *d)
{
	int rc = lw_table_load(&c->table, d, LW_TABLE_MAX, get, c);

	if (rc != 0)
		lw_convs_clear(c);
	while (c->table.live > c->max && drop_one(c))
		;
	return rc;
}
