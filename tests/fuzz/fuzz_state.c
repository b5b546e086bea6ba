/* SPDX-License-Identifier: Apache-2.0 */
/* Saved state: the first byte says of what (shard, router, fan-out), the rest is loaded.
 * What is taken is saved, loaded and saved again to the same bytes, and must carry on. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/engine/fake.h"
#include "engine/engine.h"

#define SHARD 119 /* where the seeds' pairs are */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct lw_ruleset rs;
static struct lw_policy policy;
static struct lw_engine_conf conf;
static struct lw_worker *worker;

static void
must(bool ok)
{
	if (!ok)
		abort();
}

static struct lw_event
make(unsigned i)
{
	static const char *const text[] = {"hello", "secrecy meeting", "age_disclosure",
	    "refusal gift", "test", "help_request coercion"};
	static const char *const who[] = {"a", "b", "c"};
	struct lw_event ev = {.kind = (enum lw_event_kind)(i % LW_EV_MAX),
	    .seq = i + 1,
	    .ts_ms = UINT64_C(1700000000000) + i * 1000,
	    .tenant = LW_STR("t"),
	    .conv = LW_STR("c"),
	    .id = LW_STR("m"),
	    .item = LW_STR("peer"),
	    .ask = i % 2 == 0};

	if (i % 3 != 0)
		ev.kind = LW_EV_MESSAGE;
	ev.from = lw_str(who[i % 3]);
	ev.to = lw_str(who[(i + 1 + i / 3 % 2) % 3]);
	if (i % 5 == 0)
		ev.to = (struct lw_str){NULL, 0};
	ev.text = lw_str(text[i % 6]);
	return ev;
}

static int
save(void *what, int kind, struct lw_buf *out)
{
	lw_buf_init(out, (size_t)64 << 20);
	if (kind == 0)
		return lw_shard_save(what, out);
	return kind == 1 ? lw_router_save(what, out) : lw_fanout_save(what, out);
}

static int
load(void *what, int kind, struct lw_str s)
{
	if (kind == 0)
		return lw_shard_load(what, s);
	return kind == 1 ? lw_router_load(what, s) : lw_fanout_load(what, s);
}

static void
carry_on(void *what, int kind)
{
	struct lw_arena arena;

	lw_arena_init(&arena, (size_t)64 << 20);
	for (unsigned i = 0; i < 60; i++) {
		struct lw_event ev = make(i);
		struct lw_outcome o;
		const struct lw_flag *flag;

		if (kind == 0)
			must(lw_engine_step(
				 worker, what, &rs, &policy, &ev, &arena, &o) == 0);
		else if (kind == 1)
			must(lw_router_route(what, &ev, &arena) <= LW_SHARD_ALL);
		else
			must(lw_fanout_step(what, &rs, &policy, &ev,
				 1u << LW_CAT_MEETING, &arena, &flag) == 0);
	}
	lw_arena_clear(&arena);
}

static void
try(void *what, int kind, struct lw_str s)
{
	struct lw_buf a, b;

	if (load(what, kind, s) != 0)
		return;
	must(save(what, kind, &a) == 0);
	must(load(what, kind, (struct lw_str){(const char *)a.data, a.len}) == 0);
	must(save(what, kind, &b) == 0);
	must(a.len == b.len && memcmp(a.data, b.data, a.len) == 0);
	carry_on(what, kind);
	lw_buf_clear(&a);
	lw_buf_clear(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct lw_shard *shard;
	struct lw_router *router;
	struct lw_fanout *fanout;
	struct lw_str s = {(const char *)data + 1, n - 1};

	if (n < 2)
		return 0;
	if (worker == NULL) {
		fake_init(&rs);
		lw_policy_default(&policy);
		lw_engine_conf_default(&conf);
		conf.max_windows = 64;
		must(lw_worker_new(&worker, 0) == 0);
	}
	must(lw_shard_new(&shard, &conf, SHARD) == 0);
	must(lw_router_new(&router, &conf) == 0);
	must(lw_fanout_new(&fanout, &conf) == 0);
	if (data[0] % 3 == 0)
		try(shard, 0, s);
	else if (data[0] % 3 == 1)
		try(router, 1, s);
	else
		try(fanout, 2, s);
	lw_shard_free(shard);
	lw_router_free(router);
	lw_fanout_free(fanout);
	return 0;
}
