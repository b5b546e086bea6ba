/* SPDX-License-Identifier: Apache-2.0 */
/* Common ground of the benches: options, medians, and the conditions of a figure. */
#ifndef LW_CLI_BENCH_H
#define LW_CLI_BENCH_H

#include "base/json.h"
#include "cli/cli.h"
#include "cli/setup.h"
#include "cli/traffic.h"

#define LW_BENCH_ROUNDS_MAX 51

struct lw_bench {
	struct lw_opt_list packs, traffic_files;
	bool json;
	uint64_t messages, conversations, rounds, seed, memo, workers, batch,
	    asks_per_s, seconds;
	struct lw_setup setup;
	struct lw_traffic traffic;
};

int lw_bench_engine(struct lw_bench *b);
int lw_bench_socket(struct lw_bench *b);
int lw_bench_windows(struct lw_bench *b);

/* Traffic of --traffic, or generated; an exit code. */
int lw_bench_traffic(struct lw_bench *b);
double lw_bench_median(double *v, size_t n); /* sorts v */
uint64_t lw_bench_rss(int pid);		     /* resident bytes; pid 0: this process */
/* Begins the object with what every bench reports; the caller goes on with its own keys and
 * ends with lw_bench_report_end, which adds the conditions and prints. */
struct lw_bench_report {
	struct lw_buf buf;
	struct lw_json json;
};
void lw_bench_report_begin(struct lw_bench_report *r, const struct lw_bench *b,
    const char *name, double ns_per_message, unsigned cores, uint64_t rss);
int lw_bench_report_end(struct lw_bench_report *r, const struct lw_bench *b);

#endif
