/* SPDX-License-Identifier: Apache-2.0 */
/* bench engine: frames of traffic, decode to verdict, in this thread. */
#include <stdlib.h>
#include <time.h>
#include "base/clock.h"
#include "base/err.h"
#include "cli/bench.h"
#include "wire/wire.h"

#define FRAMES_BYTES ((size_t)8 << 30)

struct run {
	struct lw_bench *b;
	struct lw_buf frames;
	struct lw_reader *reader;
	struct lw_pipeline *pipe;
	struct lw_arena arena;
	struct lw_outcome outs[LW_BATCH_MAX];
	const struct lw_flag *extra[LW_BATCH_MAX];
	uint64_t span_ms; /* of the traffic; each round comes after the one before */
	uint64_t decode_ns, verdicts, flags;
};

static void
encode(struct run *r)
{
	const struct lw_traffic *t = &r->b->traffic;
	uint64_t first = UINT64_MAX, last = 0;

	lw_buf_init(&r->frames, FRAMES_BYTES);
	for (size_t i = 0; i < t->n; i += r->b->batch) {
		size_t n = t->n - i < r->b->batch ? t->n - i : r->b->batch;

		lw_put_events(&r->frames, i + 1, &t->ev[i], n);
	}
	for (size_t i = 0; i < t->n; i++) {
		first = t->ev[i].ts_ms < first ? t->ev[i].ts_ms : first;
		last = t->ev[i].ts_ms > last ? t->ev[i].ts_ms : last;
	}
	r->span_ms = last - first + 1000;
}

static int
one_frame(struct run *r, struct lw_str body, uint64_t round, bool timed)
{
	struct lw_frame f;
	size_t nextra = 0;
	uint64_t start = timed ? lw_clock_mono_ns() : 0;
	int err;

	lw_arena_reset(&r->arena);
	if ((err = lw_frame_decode(r->reader, body, &r->arena, &f)) != 0)
		return err;
	if (timed)
		r->decode_ns += lw_clock_mono_ns() - start;
	for (size_t i = 0; i < f.nevents; i++) {
		f.events[i].seq = f.seq + i + round * r->b->traffic.n;
		f.events[i].ts_ms += round * r->span_ms;
		f.events[i].tenant = LW_STR("default");
	}
	err = lw_pipeline_batch(r->pipe, f.events, f.nevents, r->outs, r->extra, &nextra);
	for (size_t i = 0; err == 0 && i < f.nevents; i++) {
		r->verdicts += r->outs[i].verdict.action == LW_ACT_ALLOW;
		r->flags += r->outs[i].flag != NULL;
	}
	return err;
}

/* Time that this thread was on a processor: below the wall time, others were. */
static double
cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* ns a message of one pass over all frames, or a negative error. */
static double
one_round(struct run *r, uint64_t round, bool timed)
{
	const uint8_t *p = lw_buf_peek(&r->frames);
	size_t left = lw_buf_left(&r->frames);
	uint64_t start = lw_clock_mono_ns();
	struct lw_str body;
	int err = 0;

	while (err == 0 && left > 0 &&
	       lw_frame_next(p, left, LW_FRAME_MAX * 8, &body) == 1) {
		err = one_frame(r, body, round, timed);
		left -= body.n + 4;
		p += body.n + 4;
	}
	if (err != 0)
		return err;
	return (double)(lw_clock_mono_ns() - start) / (double)r->b->traffic.n;
}

static void
put_rooms(struct lw_json *j, const struct run *r, const struct lw_engine_times *t)
{
	double n = (double)r->b->traffic.n;
	const struct {
		const char *name;
		uint64_t ns;
	} room[] = {{"decode", r->decode_ns}, {"fold", t->match.fold_ns},
	    {"match", t->match.lex_ns + t->match.verify_ns}, {"window", t->window_ns},
	    {"score", t->score_ns}, {"verdict", t->verdict_ns}};

	lw_json_key(j, "ns");
	lw_json_object(j);
	for (size_t i = 0; i < sizeof(room) / sizeof(room[0]); i++) {
		lw_json_key(j, room[i].name);
		lw_json_fixed(j, (double)room[i].ns / n, 1);
	}
	lw_json_object_end(j);
	lw_json_key(j, "ns_match"); /* its two halves: words to tokens, tokens to hits */
	lw_json_object(j);
	lw_json_key(j, "lex");
	lw_json_fixed(j, (double)t->match.lex_ns / n, 1);
	lw_json_key(j, "verify");
	lw_json_fixed(j, (double)t->match.verify_ns / n, 1);
	lw_json_object_end(j);
}

static int
report(struct run *r, double *ns, const struct lw_engine_times *times, double timed_ns,
    double cpu)
{
	struct lw_bench_report rep;
	struct lw_shard_stats st;
	size_t n = r->b->rounds;
	double median = lw_bench_median(ns, n);

	lw_pipeline_stats(r->pipe, &st);
	lw_bench_report_begin(&rep, r->b, "engine", median, 1, lw_bench_rss(0));
	put_rooms(&rep.json, r, times);
	lw_json_key(&rep.json, "ns_timed_pass"); /* the rooms' clock reads cost, too */
	lw_json_fixed(&rep.json, timed_ns, 1);
	lw_json_key(&rep.json, "cpu_ns_per_message");
	lw_json_fixed(&rep.json, cpu, 1);
	lw_json_key(&rep.json, "ns_min");
	lw_json_fixed(&rep.json, ns[0], 1);
	lw_json_key(&rep.json, "ns_max");
	lw_json_fixed(&rep.json, ns[n - 1], 1);
	lw_json_key(&rep.json, "conversations");
	lw_json_uint(&rep.json, r->b->traffic.conversations);
	lw_json_key(&rep.json, "windows");
	lw_json_uint(&rep.json, st.windows);
	lw_json_key(&rep.json, "flags");
	lw_json_uint(&rep.json, r->flags);
	lw_json_key(&rep.json, "batch");
	lw_json_uint(&rep.json, r->b->batch);
	return lw_bench_report_end(&rep, r->b);
}

static int
measure(struct run *r)
{
	struct lw_engine_times times = {0};
	double ns[LW_BENCH_ROUNDS_MAX], timed, cpu;
	uint64_t round = 0;

	if ((timed = one_round(r, round++, false)) < 0) /* warm-up: memo, windows, rings */
		return lw_cli_fail((int)timed, "engine");
	r->flags = 0;
	cpu = cpu_ns();
	for (size_t i = 0; i < r->b->rounds; i++)
		if ((ns[i] = one_round(r, round++, false)) < 0)
			return lw_cli_fail((int)ns[i], "engine");
	cpu = (cpu_ns() - cpu) / (double)(r->b->rounds * r->b->traffic.n);
	lw_worker_timing(lw_pipeline_worker(r->pipe), &times);
	timed = one_round(r, round++, true);
	lw_worker_timing(lw_pipeline_worker(r->pipe), NULL);
	if (timed < 0)
		return lw_cli_fail((int)timed, "engine");
	return report(r, ns, &times, timed, cpu);
}

int
lw_bench_engine(struct lw_bench *b)
{
	struct run *r = calloc(1, sizeof(*r));
	struct lw_engine_conf conf;
	int code, err;

	if (r == NULL)
		return lw_cli_fail(LW_ENOMEM, "bench");
	r->b = b;
	lw_arena_init(&r->arena, 256u << 20);
	if ((code = lw_bench_traffic(b)) != LW_EXIT_OK)
		goto out;
	encode(r);
	lw_engine_conf_default(&conf);
	if ((err = r->frames.err) != 0 || (err = lw_reader_new(&r->reader)) != 0 ||
	    (err = lw_pipeline_new(
		 &r->pipe, &conf, b->setup.rules, &b->setup.policy, b->memo)) != 0)
		code = lw_cli_fail(err, "starting the engine");
	else
		code = measure(r);
out:
	lw_pipeline_free(r->pipe);
	lw_reader_free(r->reader);
	lw_buf_clear(&r->frames);
	lw_arena_clear(&r->arena);
	free(r);
	return code;
}
