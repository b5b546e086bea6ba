/* SPDX-License-Identifier: Apache-2.0 */
/* bench windows: memory of a million live pairs, both writing, with full rings and four hits
 * in one window of twenty; and the cost of a message there against a thousand pairs. */
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/err.h"
#include "cli/bench.h"
#include "conf/paths.h"
#include "pack/source.h"

#define SMALL_PAIRS 1000
#define LARGE_PAIRS 1000000
#define BATCH 64
#define HITS 4
#define HIT_EVERY 20
#define MEASURE 200000 /* messages of a round */
#define FILL_MAX 24    /* messages to a window at most until its ring is full */
#define POOL 8192      /* texts */

struct house {
	struct lw_pipeline *pipe;
	size_t pairs;
	uint64_t seq, ts_ms, state;
	char name[BATCH][3][32];
	struct lw_event ev[BATCH];
	struct lw_outcome out[BATCH];
	const struct lw_flag *extra[BATCH];
};

struct texts {
	const struct lw_traffic *pool;
	struct lw_str hit[HITS]; /* each matches a rule */
	struct lw_pack_source *src;
	double mean_lexemes;
};

static void
set_event(struct house *h, size_t i, uint64_t pair, unsigned side, struct lw_str text)
{
	struct lw_event *ev = &h->ev[i];
	uint64_t who[2] = {pair * 2 + side, pair * 2 + 1 - side};
	int n;

	memset(ev, 0, sizeof(*ev));
	ev->kind = LW_EV_MESSAGE;
	ev->channel = LW_CH_DIRECT;
	ev->tenant = LW_STR("default");
	ev->seq = ++h->seq;
	ev->ts_ms = ++h->ts_ms;
	n = snprintf(h->name[i][0], 32, "c%llu", (unsigned long long)pair);
	ev->conv = (struct lw_str){h->name[i][0], (size_t)n};
	n = snprintf(h->name[i][1], 32, "u%llu", (unsigned long long)who[0]);
	ev->from = (struct lw_str){h->name[i][1], (size_t)n};
	n = snprintf(h->name[i][2], 32, "u%llu", (unsigned long long)who[1]);
	ev->to = (struct lw_str){h->name[i][2], (size_t)n};
	ev->id = ev->conv;
	ev->text = text;
}

/* Run what set_event prepared; ns spent, or a negative error. */
static int64_t
run_batch(struct house *h, size_t n)
{
	uint64_t start = lw_clock_mono_ns();
	size_t nextra = 0;
	int err = lw_pipeline_batch(h->pipe, h->ev, n, h->out, h->extra, &nextra);

	return err != 0 ? err : (int64_t)(lw_clock_mono_ns() - start);
}

static struct lw_str
pick_text(struct house *h, const struct texts *t)
{
	return t->pool->ev[lw_random(&h->state) % t->pool->n].text;
}

/* Every window gets messages until its ring must be full; every twentieth gets its hits. */
static int
fill(struct house *h, const struct texts *t)
{
	size_t each = (size_t)(1.5 * LW_RING_TOKENS / t->mean_lexemes) + 1, n = 0;
	int64_t r = 0;

	each = each > FILL_MAX ? FILL_MAX : each;
	for (uint64_t w = 0; w < h->pairs * 2 && r >= 0; w++) {
		size_t hits = w % HIT_EVERY == 0 ? HITS : 0;

		for (size_t k = 0; k < each + hits && r >= 0; k++) {
			struct lw_str text = k < hits ? t->hit[k] : pick_text(h, t);

			set_event(h, n++, w / 2, (unsigned)(w & 1), text);
			if (n == BATCH) {
				r = run_batch(h, n);
				n = 0;
			}
		}
	}
	if (r >= 0 && n > 0)
		r = run_batch(h, n);
	return r < 0 ? (int)r : LW_OK;
}

/* ns a message over random windows. */
static double
measure(struct house *h, const struct texts *t)
{
	int64_t sum = 0;

	for (size_t done = 0; done < MEASURE; done += BATCH) {
		int64_t r;

		for (size_t i = 0; i < BATCH; i++) {
			uint64_t w = lw_random(&h->state) % (h->pairs * 2);

			set_event(h, i, w / 2, (unsigned)(w & 1), pick_text(h, t));
		}
		if ((r = run_batch(h, BATCH)) < 0)
			return (double)r;
		sum += r;
	}
	return (double)sum / (MEASURE / BATCH * BATCH);
}

static int
house_new(struct house **out, struct lw_bench *b, size_t pairs)
{
	struct lw_engine_conf conf;
	struct house *h = calloc(1, sizeof(*h));

	*out = h;
	if (h == NULL)
		return LW_ENOMEM;
	lw_engine_conf_default(&conf);
	/* Hashing spreads windows over shards unevenly: leave a quarter of room. */
	conf.max_windows = pairs * 2 / LW_SHARDS * 5 / 4 + 1024;
	conf.max_bytes = (size_t)1 << 30;
	h->pairs = pairs;
	h->ts_ms = 1700000000000u;
	h->state = b->seed;
	return lw_pipeline_new(&h->pipe, &conf, b->setup.rules, &b->setup.policy, b->memo);
}

static void
house_free(struct house *h)
{
	if (h != NULL)
		lw_pipeline_free(h->pipe);
	free(h);
}

/* Sentences that match one rule each, of the first pack: its rules' own examples. */
static int
find_hits(struct lw_bench *b, struct texts *t)
{
	struct lw_conf_packs shipped;
	struct lw_diag diag;
	const char *dir = b->packs.n > 0 ? b->packs.item[0] : NULL;
	size_t found = 0;
	int err = LW_OK;

	if (dir == NULL && (err = lw_conf_shipped_packs(&shipped)) == 0)
		dir = shipped.dir[0];
	lw_diag_init(&diag);
	if (err == 0)
		err = lw_pack_source_load(&t->src, dir, false, &diag);
	lw_diag_clear(&diag);
	if (err != 0)
		return err;
	for (size_t i = 0; i < t->src->nrules && found < HITS; i += 7)
		if (t->src->rule[i].match.n > 0)
			t->hit[found++] = t->src->rule[i].match.item[0].message[0];
	return found == HITS ? LW_OK : LW_EINVAL;
}

static int
count_lexemes(struct lw_bench *b, struct texts *t)
{
	struct lw_matcher *m = NULL;
	struct lw_match *match = calloc(1, sizeof(*match));
	size_t sum = 0, n = t->pool->n < 2000 ? t->pool->n : 2000;
	int err = match == NULL ? LW_ENOMEM : lw_matcher_new(&m, b->memo);

	for (size_t i = 0; err == 0 && i < n; i++) {
		err = lw_match_scan(m, b->setup.rules, NULL, t->pool->ev[i].text, 0,
		    LW_CH_DIRECT, match);
		sum += match->ntok;
	}
	t->mean_lexemes = sum > n ? (double)sum / (double)n : 1.0;
	lw_matcher_free(m);
	free(match);
	return err;
}

static int
report(struct lw_bench *b, const struct house *small, const struct house *large,
    double *ns_small, double *ns_large, uint64_t rss_before, uint64_t rss)
{
	struct lw_bench_report rep;
	struct lw_json *j = &rep.json;
	struct lw_shard_stats st;
	double s = lw_bench_median(ns_small, b->rounds);
	double l = lw_bench_median(ns_large, b->rounds);

	lw_pipeline_stats(large->pipe, &st);
	lw_bench_report_begin(&rep, b, "windows", l, 1, rss);
	lw_json_key(j, "conversations");
	lw_json_uint(j, large->pairs);
	lw_json_key(j, "windows");
	lw_json_uint(j, st.windows);
	lw_json_key(j, "windows_with_hits");
	lw_json_uint(j, st.with_hits);
	lw_json_key(j, "evicted");
	lw_json_uint(j, st.evicted);
	lw_json_key(j, "rss_before_bytes");
	lw_json_uint(j, rss_before);
	lw_json_key(j, "bytes_per_window");
	lw_json_fixed(j, (double)(rss - rss_before) / (double)(st.windows + 1), 1);
	lw_json_key(j, "small_conversations");
	lw_json_uint(j, small->pairs);
	lw_json_key(j, "small_ns_per_message");
	lw_json_fixed(j, s, 1);
	lw_json_key(j, "cost_ratio");
	lw_json_fixed(j, l / s, 2);
	return lw_bench_report_end(&rep, b);
}

static int
compare(
    struct lw_bench *b, const struct texts *t, struct house *small, struct house *large)
{
	double ns[2][LW_BENCH_ROUNDS_MAX];
	uint64_t before = lw_bench_rss(0), rss;
	int err;

	fprintf(stderr, "filling %zu pairs ...\n", large->pairs);
	if ((err = fill(large, t)) != 0)
		return lw_cli_fail(err, "filling the windows");
	rss = lw_bench_rss(0);
	if ((err = fill(small, t)) != 0)
		return lw_cli_fail(err, "filling the windows");
	for (size_t i = 0; i < b->rounds; i++) { /* in turn: the machine's speed drifts */
		ns[0][i] = measure(small, t);
		ns[1][i] = measure(large, t);
		if (ns[0][i] < 0 || ns[1][i] < 0)
			return lw_cli_fail(LW_ENOMEM, "engine");
	}
	return report(b, small, large, ns[0], ns[1], before, rss);
}

int
lw_bench_windows(struct lw_bench *b)
{
	struct texts t = {.pool = &b->traffic};
	struct house *small = NULL, *large = NULL;
	size_t pairs = b->conversations > 0 ? b->conversations : LARGE_PAIRS;
	int code, err;

	b->messages = POOL;
	if ((code = lw_bench_traffic(b)) != LW_EXIT_OK)
		return code;
	if ((err = find_hits(b, &t)) != 0 || (err = count_lexemes(b, &t)) != 0 ||
	    (err = house_new(&small, b, SMALL_PAIRS)) != 0 ||
	    (err = house_new(&large, b, pairs)) != 0)
		code = lw_cli_fail(err, "preparing the bench");
	else
		code = compare(b, &t, small, large);
	house_free(small);
	house_free(large);
	lw_pack_source_free(t.src);
	return code;
}
