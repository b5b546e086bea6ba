/* SPDX-License-Identifier: Apache-2.0 */
/* Fan-out: the same approach to many people. Outcomes with hits in, in sequence; at most
 * one flag a sender and window out. Owns what it remembers of senders. It never feeds back
 * into the scores of pairs. */
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "engine/engine.h"
#include "verdict/flag.h"
#include "window/key.h"
#include "window/window.h"

#define FANOUT_MAGIC 0x3146574cu /* "LWF1" */
#define TARGETS_MAX 32 /* of one sender; then the one reached longest ago goes */

#define BIT(c) (1u << (c))
/* Talk that makes reaching many people a sign: friendliness and questions about oneself
 * are what everybody in a lobby does. */
#define STRONG                                                                           \
	(BIT(LW_CAT_SECRECY) | BIT(LW_CAT_RISK_ASSESSMENT) | BIT(LW_CAT_IMAGE_REQUEST) | \
	    BIT(LW_CAT_SEXUALISATION) | BIT(LW_CAT_ISOLATION) | BIT(LW_CAT_COERCION) |   \
	    BIT(LW_CAT_MEETING) | BIT(LW_CAT_AGE_PROBE) | BIT(LW_CAT_PLATFORM_SHIFT) |   \
	    BIT(LW_CAT_GIFT) | BIT(LW_CAT_COMPLIANCE_TEST))
#define COUNTED                                                                        \
	((BIT(LW_CAT_SENDER_MAX) - 1) &                                                \
	    ~(BIT(LW_CAT_RAPPORT) | BIT(LW_CAT_PERSONAL_INFO)))

struct reached {
	uint64_t who; /* keyed hash */
	uint64_t ms;
	uint32_t categories, spare;
};

struct sender {
	struct lw_id128 key;
	uint64_t last_ms, flagged_ms;
	uint32_t n, flags;
	struct reached *to; /* owned, cap */
	uint32_t cap, spare;
};

struct lw_fanout {
	struct lw_hash_key key;
	struct lw_table table;
	size_t max;
};

int
lw_fanout_new(struct lw_fanout **out, const struct lw_engine_conf *conf)
{
	struct lw_fanout *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return LW_ENOMEM;
	f->key = conf->key;
	lw_table_init(&f->table, sizeof(struct sender), offsetof(struct sender, key));
	f->max = conf->max_windows < 64 ? 64 : conf->max_windows * 8;
	if (f->max > LW_TABLE_MAX)
		f->max = LW_TABLE_MAX;
	*out = f;
	return 0;
}

static void
clear(struct lw_fanout *f)
{
	for (uint32_t i = 0; i < f->table.nslot; i++) {
		struct sender *s = lw_table_at(&f->table, i);

		if (s != NULL)
			free(s->to);
	}
	lw_table_clear(&f->table);
}

void
lw_fanout_free(struct lw_fanout *f)
{
	if (f == NULL)
		return;
	clear(f);
	free(f);
}

static uint64_t
rank(const void *entry, const void *ctx)
{
	const struct sender *s = entry;

	(void)ctx;
	return s->last_ms;
}

static bool
drop_one(struct lw_fanout *f)
{
	struct sender *s = lw_table_victim(&f->table, rank, NULL);

	if (s == NULL)
		return false;
	free(s->to);
	lw_table_del(&f->table, s);
	return true;
}

static struct sender *
sender_of(struct lw_fanout *f, struct lw_id128 key)
{
	struct sender *s = lw_table_find(&f->table, key);

	if (s != NULL)
		return s;
	if (f->table.live >= f->max)
		drop_one(f);
	return lw_table_add(&f->table, key);
}

static struct reached *
place_for_one(struct sender *s)
{
	struct reached *r = s->to;

	if (s->n == TARGETS_MAX) {
		for (uint32_t i = 1; i < s->n; i++)
			if (s->to[i].ms < r->ms)
				r = &s->to[i];
		memset(r, 0, sizeof(*r));
		return r;
	}
	if (s->n == s->cap) {
		uint32_t cap = s->cap == 0 ? 2 : s->cap * 2;

		r = realloc(s->to, cap * sizeof(*r));
		if (r == NULL)
			return NULL;
		s->to = r;
		s->cap = cap;
	}
	r = &s->to[s->n++];
	memset(r, 0, sizeof(*r));
	return r;
}

static int
reach(struct sender *s, uint64_t who, uint32_t categories)
{
	struct reached *r = NULL;

	for (uint32_t i = 0; i < s->n && r == NULL; i++)
		if (s->to[i].who == who)
			r = &s->to[i];
	if (r == NULL && (r = place_for_one(s)) == NULL)
		return LW_ENOMEM;
	r->who = who;
	r->ms = s->last_ms;
	r->categories |= categories;
	return 0;
}

/* Forget who was reached before the window. */
static void
prune(struct sender *s, uint64_t window_ms)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < s->n; i++)
		if (s->last_ms - s->to[i].ms <= window_ms)
			s->to[n++] = s->to[i];
	s->n = n;
}

static int
make_flag(const struct lw_fanout *f, const struct sender *s, uint32_t categories,
    const struct lw_ruleset *rs, const struct lw_policy *policy,
    const struct lw_event *ev, struct lw_arena *arena, const struct lw_flag **out)
{
	struct lw_flag_in in = {.key = &f->key,
	    .ev = ev,
	    .from = ev->from,
	    .pair = s->key,
	    .kind = LW_FLAG_FANOUT,
	    .band = LW_BAND_MEDIUM,
	    .pack = lw_ruleset_hash(rs),
	    .engine = LW_ENGINE_VERSION};
	struct lw_flag *g = lw_flag_new(arena, &in);
	double risk = policy->band_at[LW_BAND_MEDIUM];
	enum lw_category c = LW_CAT_PERSONAL_INFO;

	if (g == NULL)
		return LW_ENOMEM;
	if (risk <= 0 || risk >= 1)
		risk = 0.5;
	g->risk = risk;
	g->log_odds = log(risk / (1 - risk));
	g->categories = categories;
	/* No score was made: the one term says how many people were reached. */
	g->contributions[0].value = g->log_odds;
	g->contributions[0].evidence = s->n;
	snprintf(g->contributions[0].name, sizeof(g->contributions[0].name), "%s",
	    lw_feature_name(LW_FEAT_ONE_TO_MANY));
	g->ncontributions = 1;
	while (c < LW_CAT_SENDER_MAX && (categories & STRONG & BIT(c)) == 0)
		c++;
	*out = g;
	return lw_flag_clause(g, arena, policy, c);
}

int
lw_fanout_step(struct lw_fanout *f, const struct lw_ruleset *rs,
    const struct lw_policy *policy, const struct lw_event *ev, uint32_t categories,
    struct lw_arena *arena, const struct lw_flag **flag)
{
	uint32_t all = 0;
	struct sender *s;
	int rc;

	*flag = NULL;
	if (policy->fanout_targets == 0 || (categories & STRONG) == 0 ||
	    !lw_has_target(ev))
		return 0;
	s = sender_of(f, lw_key_user(&f->key, ev->tenant, ev->from));
	if (s == NULL)
		return LW_ENOMEM;
	if (ev->ts_ms > s->last_ms)
		s->last_ms = ev->ts_ms < LW_TIME_MAX_MS ? ev->ts_ms : LW_TIME_MAX_MS;
	prune(s, policy->fanout_window_ms);
	rc = reach(s, lw_key_user(&f->key, ev->tenant, ev->to).lo, categories);
	if (rc != 0)
		return rc;
	for (uint32_t i = 0; i < s->n; i++)
		all |= s->to[i].categories;
	if (s->n < policy->fanout_targets ||
	    (uint32_t)__builtin_popcount(all & COUNTED) < policy->fanout_categories)
		return 0;
	if (s->flags > 0 && s->last_ms - s->flagged_ms < policy->fanout_window_ms)
		return 0;
	s->flagged_ms = s->last_ms;
	if (s->flags < UINT32_MAX)
		s->flags++;
	return make_flag(f, s, all, rs, policy, ev, arena, flag);
}

static void
put(struct lw_buf *out, const void *entry, void *ctx)
{
	const struct sender *s = entry;

	(void)ctx;
	lw_enc_u64(out, s->last_ms);
	lw_enc_u64(out, s->flagged_ms);
	lw_enc_u32(out, s->flags);
	lw_enc_u32(out, s->n);
	for (uint32_t i = 0; i < s->n; i++) {
		lw_enc_u64(out, s->to[i].who);
		lw_enc_u64(out, s->to[i].ms);
		lw_enc_u32(out, s->to[i].categories);
	}
}

static int
get(struct lw_dec *d, void *entry, void *ctx)
{
	struct sender *s = entry;
	uint32_t n;

	(void)ctx;
	s->last_ms = lw_dec_u64(d);
	s->flagged_ms = lw_dec_u64(d);
	s->flags = lw_dec_u32(d);
	n = lw_dec_count(d, TARGETS_MAX, 20);
	if (d->bad || s->last_ms > LW_TIME_MAX_MS || s->flagged_ms > s->last_ms)
		return LW_EINVAL;
	for (uint32_t i = 0; i < n; i++) {
		struct reached *r = place_for_one(s);

		if (r == NULL)
			return LW_ENOMEM;
		r->who = lw_dec_u64(d);
		r->ms = lw_dec_u64(d);
		r->categories = lw_dec_u32(d);
		if (r->ms > s->last_ms)
			return LW_EINVAL;
	}
	return d->bad ? LW_EINVAL : 0;
}

int
lw_fanout_save(const struct lw_fanout *f, struct lw_buf *out)
{
	lw_enc_u32(out, FANOUT_MAGIC);
	lw_table_save(&f->table, out, put, NULL);
	return out->err;
}

int
lw_fanout_load(struct lw_fanout *f, struct lw_str saved)
{
	struct lw_dec d;
	int rc;

	lw_dec_init(&d, saved);
	clear(f);
	if (lw_dec_u32(&d) != FANOUT_MAGIC)
		return LW_EINVAL;
	rc = lw_table_load(&f->table, &d, LW_TABLE_MAX, get, NULL);
	if (rc == 0 && d.n != 0)
		rc = LW_EINVAL;
	if (rc != 0)
		clear(f);
	while (f->table.live > f->max && drop_one(f))
		;
	return rc;
}
