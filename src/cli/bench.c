/* SPDX-License-Identifier: Apache-2.0 */
/* lapwing bench: which bench, with what traffic, and how a figure is reported. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/err.h"
#include "cli/bench.h"

#define PAIRS_DEFAULT 10000

int
lw_bench_traffic(struct lw_bench *b)
{
	int err;

	if (b->traffic_files.n > 0)
		return lw_traffic_read(&b->traffic, &b->traffic_files);
	err = lw_traffic_generate(&b->traffic, b->messages,
	    b->conversations > 0 ? b->conversations : PAIRS_DEFAULT, b->seed);
	return err != 0 ? lw_cli_fail(err, "generating traffic") : LW_EXIT_OK;
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double
lw_bench_median(double *v, size_t n)
{
	qsort(v, n, sizeof(*v), by_value);
	return n % 2 == 1 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

uint64_t
lw_bench_rss(int pid)
{
	char path[64], line[256];
	unsigned long long kib = 0;
	FILE *f;

	if (pid == 0)
		pid = (int)getpid();
	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	f = fopen(path, "r");
	if (f == NULL)
		return 0;
	while (fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "VmRSS: %llu", &kib) == 1)
			break;
	fclose(f);
	return kib * 1024;
}

static void
cpu_name(char *out, size_t size)
{
	char line[256];
	FILE *f = fopen("/proc/cpuinfo", "r");

	snprintf(out, size, "unknown");
	if (f == NULL)
		return;
	while (fgets(line, sizeof(line), f) != NULL) {
		char *at = strchr(line, ':');

		if (strncmp(line, "model name", 10) != 0 || at == NULL)
			continue;
		line[strcspn(line, "\n")] = '\0';
		snprintf(out, size, "%s", at + 2);
		break;
	}
	fclose(f);
}

void
lw_bench_report_begin(struct lw_bench_report *r, const struct lw_bench *b,
    const char *name, double ns_per_message, unsigned cores, uint64_t rss)
{
	struct lw_json *j = &r->json;

	lw_buf_init(&r->buf, 1 << 20);
	lw_json_init(j, &r->buf, b->json ? 0 : 2);
	lw_json_object(j);
	lw_json_key(j, "bench");
	lw_json_strz(j, name);
	lw_json_key(j, "messages_per_s");
	lw_json_fixed(j, 1e9 / ns_per_message, 0);
	lw_json_key(j, "ns_per_message");
	lw_json_fixed(j, ns_per_message, 1);
	lw_json_key(j, "cores");
	lw_json_uint(j, cores);
	lw_json_key(j, "rules");
	lw_json_uint(j, lw_ruleset_nrules(b->setup.rules));
	lw_json_key(j, "lexemes");
	lw_json_uint(j, lw_ruleset_nlexemes(b->setup.rules));
	lw_json_key(j, "rss_bytes");
	lw_json_uint(j, rss);
}

static void
put_packs(struct lw_json *j, const struct lw_ruleset *rs)
{
	lw_json_key(j, "packs");
	lw_json_array(j);
	for (size_t i = 0; i < lw_ruleset_npacks(rs); i++) {
		lw_json_object(j);
		lw_json_key(j, "id");
		lw_json_str(j, lw_ruleset_pack_id(rs, i));
		lw_json_key(j, "version");
		lw_json_str(j, lw_ruleset_pack_version(rs, i));
		lw_json_object_end(j);
	}
	lw_json_array_end(j);
	lw_json_key(j, "pack_hash");
	lw_json_strz(j, lw_ruleset_hash(rs));
}

int
lw_bench_report_end(struct lw_bench_report *r, const struct lw_bench *b)
{
	char cpu[256];
	struct lw_json *j = &r->json;
	int code;

	cpu_name(cpu, sizeof(cpu));
	lw_json_key(j, "conditions");
	lw_json_object(j);
	lw_json_key(j, "cpu");
	lw_json_strz(j, cpu);
	lw_json_key(j, "cpus_online");
	lw_json_int(j, sysconf(_SC_NPROCESSORS_ONLN));
	lw_json_key(j, "engine");
	lw_json_strz(j, LW_ENGINE_VERSION);
	lw_json_key(j, "compiler");
	lw_json_strz(j, __VERSION__);
	lw_json_key(j, "matcher_library");
	lw_json_strz(j, lw_pack_library());
	put_packs(j, b->setup.rules);
	lw_json_key(j, "rounds");
	lw_json_uint(j, b->rounds);
	lw_traffic_json(&b->traffic, j);
	lw_json_object_end(j);
	lw_json_object_end(j);
	code = lw_cli_print(&r->buf);
	lw_buf_clear(&r->buf);
	return code;
}

static int
run_bench(struct lw_bench *b, const char *which)
{
	static const struct {
		const char *name;
		int (*run)(struct lw_bench *);
	} table[] = {{"engine", lw_bench_engine}, {"socket", lw_bench_socket},
	    {"windows", lw_bench_windows}};
	int code = LW_EXIT_USAGE;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (strcmp(table[i].name, which) != 0)
			continue;
		code = lw_setup_open(&b->setup, &b->packs, NULL);
		if (code == LW_EXIT_OK)
			code = table[i].run(b);
		lw_traffic_clear(&b->traffic);
		lw_setup_close(&b->setup);
		return code;
	}
	return lw_cli_usage_error("no bench '%s': engine, socket or windows", which);
}

int
lw_cmd_bench(int argc, char **argv)
{
	struct lw_bench b = {.messages = 400000,
	    .rounds = 5,
	    .seed = 1,
	    .memo = LW_MEMO_DEFAULT,
	    .batch = 64,
	    .asks_per_s = 10000,
	    .seconds = 5};
	const struct lw_opt opts[] = {
	    {"traffic", 't', LW_OPT_LIST, &b.traffic_files, "FILE",
		"replay file to take messages from (may be repeated)"},
	    {"messages", 'n', LW_OPT_COUNT, &b.messages, "N", "messages to generate"},
	    {"conversations", 'c', LW_OPT_COUNT, &b.conversations, "N",
		"pairs to spread them over (default 10000; windows: 1000000)"},
	    {"seed", 0, LW_OPT_COUNT, &b.seed, "N", "of the generator"},
	    {"rounds", 'r', LW_OPT_COUNT, &b.rounds, "N", "rounds; the median is reported"},
	    {"memo", 0, LW_OPT_COUNT, &b.memo, "N", "engine: words of the word memo"},
	    {"workers", 'w', LW_OPT_COUNT, &b.workers, "N",
		"socket: worker threads of the daemon (0: auto)"},
	    {"batch", 'b', LW_OPT_COUNT, &b.batch, "N", "messages in a frame"},
	    {"asks", 0, LW_OPT_COUNT, &b.asks_per_s, "N", "socket: asks a second"},
	    {"seconds", 's', LW_OPT_COUNT, &b.seconds, "N", "socket: how long to ask"},
	    {"pack", 'p', LW_OPT_LIST, &b.packs, "DIR",
		"packs to load (default: the shipped ones)"},
	    {"json", 0, LW_OPT_FLAG, &b.json, NULL, "print one line of JSON"},
	};
	const struct lw_usage u = {"bench [options] engine|socket|windows",
	    "engine   decode to verdict in one thread: messages a second, ns by room\n"
	    "socket   a real daemon on the Unix socket: messages a second, latency of asks\n"
	    "windows  memory and cost with a thousand and a million live pairs",
	    "  lapwing bench engine\n"
	    "  lapwing bench engine --json --traffic chat.jsonl.gz\n"
	    "  lapwing bench socket --workers 1\n",
	    opts, sizeof(opts) / sizeof(opts[0])};
	int code, n = lw_cli_options(&u, argc, argv, &code);

	if (n < 0)
		return code;
	if (n != 1)
		return lw_cli_usage_error("bench wants one of engine, socket, windows");
	if (b.rounds < 1 || b.rounds > LW_BENCH_ROUNDS_MAX || b.batch < 1 ||
	    b.batch > 4096 || b.messages < 1 || b.messages > LW_TRAFFIC_MAX)
		return lw_cli_usage_error("rounds 1..%d, batch 1..4096, messages 1..%d",
		    LW_BENCH_ROUNDS_MAX, LW_TRAFFIC_MAX);
	return run_bench(&b, argv[1]);
}
