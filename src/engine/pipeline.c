/* SPDX-License-Identifier: Apache-2.0 */
/* Everything in one thread: router, 256 shards, a worker and the fan-out stage. For files,
 * tests and benches; the daemon has threads of its own around the same parts. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "engine/engine.h"

#define ARENA_MAX ((size_t)1 << 30)
#define AHEAD_INDEX 12 /* events from a prefetch of the index to the step */
#define AHEAD_WINDOW 6

struct lw_pipeline {
	struct lw_router *router;
	struct lw_shard *shard[LW_SHARDS];
	struct lw_worker *worker;
	struct lw_fanout *fanout;
	struct lw_ruleset *rs;
	const struct lw_policy *policy; /* lent */
	struct lw_arena arena;		/* of the last call */
	uint64_t seq;
	uint16_t *where; /* owned: shards of a batch, room for cap_where */
	size_t cap_where;
};

int
lw_pipeline_new(struct lw_pipeline **out, const struct lw_engine_conf *conf,
    struct lw_ruleset *rs, const struct lw_policy *policy, size_t memo_words)
{
	struct lw_pipeline *p = calloc(1, sizeof(*p));
	int rc;

	if (p == NULL)
		return LW_ENOMEM;
	lw_arena_init(&p->arena, ARENA_MAX);
	p->policy = policy;
	p->rs = lw_ruleset_ref(rs);
	if ((rc = lw_router_new(&p->router, conf)) != 0 ||
	    (rc = lw_fanout_new(&p->fanout, conf)) != 0 ||
	    (rc = lw_worker_new(&p->worker, memo_words)) != 0)
		goto out;
	for (unsigned i = 0; i < LW_SHARDS; i++)
		if ((rc = lw_shard_new(&p->shard[i], conf, i)) != 0)
			goto out;
	*out = p;
	return 0;
out:
	lw_pipeline_free(p);
	return rc;
}

void
lw_pipeline_free(struct lw_pipeline *p)
{
	if (p == NULL)
		return;
	for (unsigned i = 0; i < LW_SHARDS; i++)
		lw_shard_free(p->shard[i]);
	lw_worker_free(p->worker);
	lw_fanout_free(p->fanout);
	lw_router_free(p->router);
	lw_ruleset_unref(p->rs);
	lw_arena_clear(&p->arena);
	free(p->where);
	free(p);
}

static unsigned
route(struct lw_pipeline *p, struct lw_event *ev)
{
	if (ev->seq == 0)
		ev->seq = ++p->seq;
	else if (ev->seq > p->seq)
		p->seq = ev->seq;
	return lw_router_route(p->router, ev, &p->arena);
}

static int
step_all(struct lw_pipeline *p, const struct lw_event *ev, struct lw_outcome *out)
{
	for (unsigned i = 0; i < LW_SHARDS; i++) {
		int rc = lw_engine_step(
		    p->worker, p->shard[i], p->rs, p->policy, ev, &p->arena, out);

		if (rc != 0)
			return rc;
	}
	return 0;
}

/* One routed event through its shard and the fan-out stage. */
static int
run(struct lw_pipeline *p, unsigned shard, const struct lw_event *ev,
    struct lw_outcome *out, const struct lw_flag **fan)
{
	int rc;

	*fan = NULL;
	if (shard == LW_SHARD_ALL)
		return step_all(p, ev, out);
	rc = lw_engine_step(
	    p->worker, p->shard[shard], p->rs, p->policy, ev, &p->arena, out);
	if (rc == 0 && out->categories != 0)
		rc = lw_fanout_step(
		    p->fanout, p->rs, p->policy, ev, out->categories, &p->arena, fan);
	return rc;
}

int
lw_pipeline_step(struct lw_pipeline *p, struct lw_event *ev, struct lw_outcome *out,
    const struct lw_flag *flags[2], size_t *nflags)
{
	const struct lw_flag *fan;
	int rc;

	lw_arena_reset(&p->arena);
	*nflags = 0;
	rc = run(p, route(p, ev), ev, out, &fan);
	if (rc != 0)
		return rc;
	if (out->flag != NULL)
		flags[(*nflags)++] = out->flag;
	if (fan != NULL)
		flags[(*nflags)++] = fan;
	return 0;
}

static int
make_room(struct lw_pipeline *p, size_t n)
{
	uint16_t *where;

	if (n <= p->cap_where)
		return 0;
	where = realloc(p->where, n * sizeof(*where));
	if (where == NULL)
		return LW_ENOMEM;
	p->where = where;
	p->cap_where = n;
	return 0;
}

static void
prefetch(struct lw_pipeline *p, const struct lw_event *evs, size_t n, size_t i, bool again)
{
	if (i < n && p->where[i] < LW_SHARDS)
		lw_shard_prefetch(p->shard[p->where[i]], &evs[i], again);
}

int
lw_pipeline_batch(struct lw_pipeline *p, struct lw_event *evs, size_t n,
    struct lw_outcome *outs, const struct lw_flag **extra, size_t *nextra)
{
	int rc = make_room(p, n);

	*nextra = 0;
	if (rc != 0)
		return rc;
	lw_arena_reset(&p->arena);
	for (size_t i = 0; i < n; i++)
		p->where[i] = (uint16_t)route(p, &evs[i]);
	for (size_t i = 0; i < AHEAD_INDEX; i++)
		prefetch(p, evs, n, i, false);
	for (size_t i = 0; i < AHEAD_WINDOW; i++)
		prefetch(p, evs, n, i, true);
	for (size_t i = 0; i < n; i++) {
		const struct lw_flag *fan;

		prefetch(p, evs, n, i + AHEAD_INDEX, false);
		prefetch(p, evs, n, i + AHEAD_WINDOW, true);
		rc = run(p, p->where[i], &evs[i], &outs[i], &fan);
		if (rc != 0)
			return rc;
		if (fan != NULL)
			extra[(*nextra)++] = fan;
	}
	return 0;
}

struct lw_worker *
lw_pipeline_worker(struct lw_pipeline *p)
{
	return p->worker;
}

void
lw_pipeline_stats(const struct lw_pipeline *p, struct lw_shard_stats *out)
{
	memset(out, 0, sizeof(*out));
	for (unsigned i = 0; i < LW_SHARDS; i++) {
		struct lw_shard_stats s;

		lw_shard_stats(p->shard[i], &s);
		out->windows += s.windows;
		out->with_hits += s.with_hits;
		out->bytes += s.bytes;
		out->evicted += s.evicted;
		out->expired += s.expired;
	}
}

/* A conversation that began without a target stays in its own shard, so the pair's event
 * alone does not tell where its window is. */
int
lw_pipeline_explain(
    struct lw_pipeline *p, const struct lw_event *ev, struct lw_explanation *out)
{
	int rc = 0;

	lw_arena_reset(&p->arena);
	memset(out, 0, sizeof(*out));
	for (unsigned i = 0; i < LW_SHARDS && rc == 0 && out->view == NULL; i++)
		rc = lw_engine_explain(
		    p->worker, p->shard[i], p->rs, p->policy, ev, &p->arena, out);
	return rc;
}
