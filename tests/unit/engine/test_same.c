/* SPDX-License-Identifier: Apache-2.0 */
/* The same events give the same flags, byte for byte: one by one, in batches, shard by
 * shard, from records, and after saving and loading. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "traffic.h"

#define N 6000
#define PEOPLE 24

struct bench {
	struct world w;
	struct traffic_event *t;
	struct lw_buf want; /* flags in sequence, the pair's before the sender's */
	unsigned flags;
};

/* The parts of a pipeline, driven by hand. */
struct parts {
	struct lw_router *router;
	struct lw_shard *shard[LW_SHARDS];
	struct lw_worker *worker;
	struct lw_fanout *fanout;
	struct lw_arena arena;
};

static void
parts_init(struct parts *p, const struct lw_engine_conf *conf)
{
	assert_int_equal(lw_router_new(&p->router, conf), 0);
	assert_int_equal(lw_fanout_new(&p->fanout, conf), 0);
	assert_int_equal(lw_worker_new(&p->worker, 0), 0);
	for (unsigned i = 0; i < LW_SHARDS; i++)
		assert_int_equal(lw_shard_new(&p->shard[i], conf, i), 0);
	lw_arena_init(&p->arena, (size_t)1 << 30);
}

static void
parts_clear(struct parts *p)
{
	lw_router_free(p->router);
	lw_fanout_free(p->fanout);
	lw_worker_free(p->worker);
	for (unsigned i = 0; i < LW_SHARDS; i++)
		lw_shard_free(p->shard[i]);
	lw_arena_clear(&p->arena);
}

static int
setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	assert_non_null(b);
	world_init(&b->w);
	/* Small caps, so that eviction is part of what must be the same. */
	b->w.conf.max_windows = 8;
	b->w.policy.fanout_targets = 3;
	b->w.policy.fanout_categories = 3;
	b->w.policy.fanout_window_ms = DAY;
	for (int f = 0; f < LW_FEAT_MAX; f++)
		b->w.rs.model.gamma[f] = 0.3 + f / 10.0;
	b->w.rs.model.pair[LW_CAT_SECRECY][LW_CAT_MEETING] = 0.7;
	world_restart(&b->w);
	b->t = calloc(N, sizeof(*b->t));
	assert_non_null(b->t);
	traffic_make(b->t, N, PEOPLE, 42);
	lw_buf_init(&b->want, (size_t)1 << 28);
	for (size_t i = 0; i < N; i++) {
		(void)feed(&b->w, traffic_event(&b->t[i]));
		for (size_t k = 0; k < b->w.nflags; k++, b->flags++)
			flag_bytes(b->w.flags[k], &b->want);
	}
	*state = b;
	return 0;
}

static int
teardown(void **state)
{
	struct bench *b = *state;

	world_clear(&b->w);
	lw_buf_clear(&b->want);
	free(b->t);
	free(b);
	return 0;
}

static void
assert_same(const struct bench *b, struct lw_buf *got)
{
	assert_int_equal(got->len, b->want.len);
	assert_memory_equal(got->data, b->want.data, got->len);
	lw_buf_clear(got);
}

static void
traffic_is_worth_it(void **state)
{
	struct bench *b = *state;
	struct lw_shard_stats st;

	lw_pipeline_stats(b->w.p, &st);
	assert_true(b->flags > 200);
	assert_true(st.evicted > 20);
	assert_true(st.with_hits > 100);
}

static void
batches(void **state)
{
	static const size_t sizes[] = {1, 7, 64, 1000};
	struct bench *b = *state;

	for (size_t s = 0; s < 4; s++) {
		struct lw_event *evs = calloc(sizes[s], sizeof(*evs));
		struct lw_outcome *outs = calloc(sizes[s], sizeof(*outs));
		const struct lw_flag **extra = calloc(sizes[s], sizeof(*extra));
		struct lw_buf got;

		lw_buf_init(&got, (size_t)1 << 28);
		world_restart(&b->w);
		for (size_t at = 0; at < N; at += sizes[s]) {
			size_t n = N - at < sizes[s] ? N - at : sizes[s], x = 0, nextra;

			for (size_t i = 0; i < n; i++)
				evs[i] = traffic_event(&b->t[at + i]);
			assert_int_equal(
			    lw_pipeline_batch(b->w.p, evs, n, outs, extra, &nextra), 0);
			for (size_t i = 0; i < n; i++) {
				if (outs[i].flag != NULL)
					flag_bytes(outs[i].flag, &got);
				if (x < nextra && extra[x]->seq == evs[i].seq)
					flag_bytes(extra[x++], &got);
			}
		}
		assert_same(b, &got);
		free(evs);
		free(outs);
		free(extra);
	}
}

/* One shard after the other, as if each had a worker of its own; with prefetch or not. */
static void
shard_by_shard(void **state)
{
	struct bench *b = *state;
	struct parts p;
	struct lw_event *evs = calloc(N, sizeof(*evs));
	struct lw_outcome *outs = calloc(N, sizeof(*outs));
	unsigned *where = calloc(N, sizeof(*where));
	struct lw_buf got;

	parts_init(&p, &b->w.conf);
	lw_buf_init(&got, (size_t)1 << 28);
	for (size_t i = 0; i < N; i++) {
		evs[i] = traffic_event(&b->t[i]);
		where[i] = lw_router_route(p.router, &evs[i], &p.arena);
	}
	for (unsigned s = LW_SHARDS; s-- > 0;)
		for (size_t i = 0; i < N; i++) {
			struct lw_outcome o;
			bool all = where[i] == LW_SHARD_ALL;

			if (where[i] != s && !all)
				continue;
			if (s % 2 == 0)
				lw_shard_prefetch(p.shard[s], &evs[i], i % 3 == 0);
			assert_int_equal(
			    lw_engine_step(p.worker, p.shard[s], &b->w.rs, &b->w.policy,
				&evs[i], &p.arena, all ? &o : &outs[i]),
			    0);
		}
	for (size_t i = 0; i < N; i++) {
		const struct lw_flag *fan = NULL;

		if (outs[i].categories != 0)
			assert_int_equal(lw_fanout_step(p.fanout, &b->w.rs, &b->w.policy,
					     &evs[i], outs[i].categories, &p.arena, &fan),
			    0);
		if (outs[i].flag != NULL)
			flag_bytes(outs[i].flag, &got);
		if (fan != NULL)
			flag_bytes(fan, &got);
	}
	assert_same(b, &got);
	parts_clear(&p);
	free(evs);
	free(outs);
	free(where);
}

/* Each shard's state to bytes and into a new one; what was there before goes. */
static void
reload(struct parts *p, const struct lw_engine_conf *conf)
{
	struct lw_buf buf, again;
	struct lw_str saved;

	lw_buf_init(&buf, (size_t)1 << 28);
	lw_buf_init(&again, (size_t)1 << 28);
	for (unsigned i = 0; i < LW_SHARDS; i++) {
		struct lw_shard *s;
		struct lw_shard_stats a, c;

		lw_buf_reset(&buf);
		lw_buf_reset(&again);
		assert_int_equal(lw_shard_save(p->shard[i], &buf), 0);
		saved = (struct lw_str){(const char *)buf.data, buf.len};
		assert_int_equal(lw_shard_new(&s, conf, i), 0);
		assert_int_equal(lw_shard_load(s, saved), 0);
		assert_int_equal(lw_shard_save(s, &again), 0);
		assert_int_equal(buf.len, again.len);
		assert_memory_equal(buf.data, again.data, buf.len);
		lw_shard_stats(p->shard[i], &a);
		lw_shard_stats(s, &c);
		assert_memory_equal(&a, &c, sizeof(a));
		lw_shard_free(p->shard[i]);
		p->shard[i] = s;
	}
	lw_buf_reset(&buf);
	assert_int_equal(lw_router_save(p->router, &buf), 0);
	lw_router_free(p->router);
	assert_int_equal(lw_router_new(&p->router, conf), 0);
	saved = (struct lw_str){(const char *)buf.data, buf.len};
	assert_int_equal(lw_router_load(p->router, saved), 0);
	lw_buf_reset(&buf);
	assert_int_equal(lw_fanout_save(p->fanout, &buf), 0);
	lw_fanout_free(p->fanout);
	assert_int_equal(lw_fanout_new(&p->fanout, conf), 0);
	saved = (struct lw_str){(const char *)buf.data, buf.len};
	assert_int_equal(lw_fanout_load(p->fanout, saved), 0);
	lw_buf_clear(&buf);
	lw_buf_clear(&again);
}

/* A record as a journal would keep it: copies, and text only where it says so. */
static void
apply_one(struct bench *b, struct parts *live, struct parts *back, struct lw_event *ev,
    unsigned s, struct lw_buf *got)
{
	struct lw_outcome o, r;
	struct lw_record rec;
	struct lw_event bare = *ev;
	const struct lw_flag *fan = NULL;
	struct lw_buf x, y;

	assert_int_equal(lw_engine_step(live->worker, live->shard[s], &b->w.rs,
			     &b->w.policy, ev, &live->arena, &o),
	    0);
	rec = o.record;
	if (!rec.keep_text)
		bare.text = (struct lw_str){NULL, 0};
	assert_int_equal(lw_engine_apply(back->worker, back->shard[s], &b->w.rs,
			     &b->w.policy, &bare, &rec, &back->arena, &r),
	    0);
	assert_int_equal(o.categories, r.categories);
	assert_memory_equal(&o.verdict, &r.verdict, sizeof(o.verdict));
	assert_true((o.flag == NULL) == (r.flag == NULL));
	if (r.categories != 0)
		assert_int_equal(lw_fanout_step(back->fanout, &b->w.rs, &b->w.policy,
				     ev, r.categories, &back->arena, &fan),
		    0);
	if (o.flag != NULL) {
		lw_buf_init(&x, 1 << 20);
		lw_buf_init(&y, 1 << 20);
		flag_bytes(o.flag, &x);
		flag_bytes(r.flag, &y);
		assert_int_equal(x.len, y.len);
		assert_memory_equal(x.data, y.data, x.len);
		flag_bytes(r.flag, got);
		lw_buf_clear(&x);
		lw_buf_clear(&y);
	}
	if (fan != NULL)
		flag_bytes(fan, got);
}

static void
records_and_reloads(void **state)
{
	struct bench *b = *state;
	struct parts live, back;
	struct lw_buf got;

	parts_init(&live, &b->w.conf);
	parts_init(&back, &b->w.conf);
	lw_buf_init(&got, (size_t)1 << 28);
	for (size_t i = 0; i < N; i++) {
		struct lw_event ev = traffic_event(&b->t[i]), same = ev;
		unsigned s = lw_router_route(live.router, &ev, &live.arena);

		assert_int_equal(lw_router_route(back.router, &same, &back.arena), s);
		assert_true(lw_str_eq(ev.to, same.to));
		if (s == LW_SHARD_ALL)
			for (unsigned k = 0; k < LW_SHARDS; k++)
				apply_one(b, &live, &back, &ev, k, &got);
		else
			apply_one(b, &live, &back, &ev, s, &got);
		if (i % 1500 == 749)
			reload(&back, &b->w.conf);
		if (i % 100 == 0) {
			lw_arena_reset(&live.arena);
			lw_arena_reset(&back.arena);
		}
	}
	assert_same(b, &got);
	parts_clear(&live);
	parts_clear(&back);
}

/* The shard with the most in it, as bytes. */
static unsigned
biggest(struct bench *b, struct parts *p, struct lw_buf *buf)
{
	unsigned best = 0;
	size_t most = 0;

	for (size_t i = 0; i < N; i++) {
		struct lw_event ev = traffic_event(&b->t[i]);
		unsigned s = lw_router_route(p->router, &ev, &p->arena);
		struct lw_outcome o;

		for (unsigned k = 0; k < LW_SHARDS; k++)
			if (s == k || s == LW_SHARD_ALL)
				assert_int_equal(
				    lw_engine_step(p->worker, p->shard[k], &b->w.rs,
					&b->w.policy, &ev, &p->arena, &o),
				    0);
	}
	for (unsigned k = 0; k < LW_SHARDS; k++) {
		lw_buf_reset(buf);
		assert_int_equal(lw_shard_save(p->shard[k], buf), 0);
		if (buf->len > most) {
			most = buf->len;
			best = k;
		}
	}
	lw_buf_reset(buf);
	assert_int_equal(lw_shard_save(p->shard[best], buf), 0);
	return best;
}

static int
load_shard(void *to, struct lw_str s)
{
	return lw_shard_load(to, s);
}

static int
load_router(void *to, struct lw_str s)
{
	return lw_router_load(to, s);
}

static int
load_fanout(void *to, struct lw_str s)
{
	return lw_fanout_load(to, s);
}

/* Cut short and with bytes changed: refused or taken, never a crash. */
static void
attack(int (*load)(void *to, struct lw_str s), void *to, struct lw_buf *buf)
{
	struct lw_str whole = {(const char *)buf->data, buf->len};
	uint64_t x = 7;
	int refused = 0;

	assert_int_equal(load(to, whole), 0);
	for (size_t n = 0; n < buf->len; n += 1 + n / 64)
		assert_int_equal(load(to, (struct lw_str){whole.p, n}), LW_EINVAL);
	for (int i = 0; i < 3000; i++) {
		size_t at;
		uint8_t was;
		int rc;

		x = x * UINT64_C(6364136223846793005) + 1442695040888963407u;
		at = (size_t)(x >> 20) % buf->len;
		was = buf->data[at];
		buf->data[at] = (uint8_t)(x >> 12);
		rc = load(to, whole);
		assert_true(rc == 0 || rc == LW_EINVAL);
		refused += rc != 0;
		buf->data[at] = was;
	}
	assert_true(refused > 0);
}

static void
hostile_state(void **state)
{
	struct bench *b = *state;
	struct parts p;
	struct lw_buf buf;
	unsigned k;

	parts_init(&p, &b->w.conf);
	lw_buf_init(&buf, (size_t)1 << 28);
	k = biggest(b, &p, &buf);
	assert_true(buf.len > 4000);
	attack(load_shard, p.shard[k], &buf);
	/* A shard does not take another's state. */
	assert_int_equal(lw_shard_load(p.shard[(k + 1) % LW_SHARDS],
			     (struct lw_str){(const char *)buf.data, buf.len}),
	    LW_EINVAL);
	lw_buf_reset(&buf);
	assert_int_equal(lw_router_save(p.router, &buf), 0);
	attack(load_router, p.router, &buf);
	for (size_t i = 0; i < 200; i++) {
		struct lw_event ev = traffic_event(&b->t[i]);
		const struct lw_flag *flag;

		assert_int_equal(lw_fanout_step(p.fanout, &b->w.rs, &b->w.policy, &ev,
				     1u << LW_CAT_MEETING, &p.arena, &flag),
		    0);
	}
	lw_buf_reset(&buf);
	assert_int_equal(lw_fanout_save(p.fanout, &buf), 0);
	attack(load_fanout, p.fanout, &buf);
	lw_buf_clear(&buf);
	parts_clear(&p);
}

/* Saved under large caps and loaded under small ones: the rest is evicted, and life goes
 * on. Otherwise a lower `max_windows` could never be set. */
static void
caps_may_shrink(void **state)
{
	struct bench *b = *state;
	struct lw_engine_conf large = b->w.conf, small = b->w.conf;
	struct parts p, q;
	struct lw_buf buf;
	struct lw_shard_stats st;
	struct lw_outcome out;
	const struct lw_flag *flag;
	struct lw_event ev;
	unsigned k;

	large.max_windows = 1000;
	large.max_bytes = (size_t)16 << 20;
	small.max_windows = 8;
	parts_init(&p, &large);
	parts_init(&q, &small);
	lw_buf_init(&buf, (size_t)1 << 28);
	for (size_t i = 0; i < 300; i++) {
		char name[32];

		snprintf(name, sizeof(name), "c%zu", i);
		ev = (struct lw_event){.seq = i + 1,
		    .ts_ms = 1000 + i,
		    .tenant = LW_STR("t"),
		    .conv = lw_str(name),
		    .from = lw_str(name),
		    .channel = LW_CH_GROUP,
		    .text = LW_STR("hello")};
		lw_router_route(p.router, &ev, &p.arena);
		assert_int_equal(lw_engine_step(p.worker, p.shard[0], &b->w.rs,
				     &b->w.policy, &ev, &p.arena, &out),
		    0);
		ev.to = LW_STR("x");
		assert_int_equal(lw_fanout_step(p.fanout, &b->w.rs, &b->w.policy, &ev,
				     1u << LW_CAT_MEETING, &p.arena, &flag),
		    0);
	}
	lw_shard_stats(p.shard[0], &st);
	assert_int_equal(st.windows, 300);
	assert_int_equal(lw_shard_save(p.shard[0], &buf), 0);
	assert_int_equal(
	    load_shard(q.shard[0], (struct lw_str){(char *)buf.data, buf.len}), 0);
	lw_shard_stats(q.shard[0], &st);
	assert_int_equal(st.windows, 8);
	for (k = 0; k < 20; k++) {
		ev.seq++;
		ev.from = (struct lw_str){"abcdefghijklmnopqrstuvwxyz", k + 1};
		assert_int_equal(lw_engine_step(q.worker, q.shard[0], &b->w.rs,
				     &b->w.policy, &ev, &q.arena, &out),
		    0);
	}
	lw_shard_stats(q.shard[0], &st);
	assert_int_equal(st.windows, 8);
	lw_buf_reset(&buf);
	assert_int_equal(lw_router_save(p.router, &buf), 0);
	assert_int_equal(
	    load_router(q.router, (struct lw_str){(char *)buf.data, buf.len}), 0);
	lw_buf_reset(&buf);
	assert_int_equal(lw_fanout_save(p.fanout, &buf), 0);
	assert_int_equal(
	    load_fanout(q.fanout, (struct lw_str){(char *)buf.data, buf.len}), 0);
	lw_buf_clear(&buf);
	parts_clear(&p);
	parts_clear(&q);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(traffic_is_worth_it),
	    cmocka_unit_test(batches),
	    cmocka_unit_test(shard_by_shard),
	    cmocka_unit_test(records_and_reloads),
	    cmocka_unit_test(hostile_state),
	    cmocka_unit_test(caps_may_shrink),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
