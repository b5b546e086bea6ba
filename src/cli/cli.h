/* SPDX-License-Identifier: Apache-2.0 */
/* The command line's common ground: one file per command, options from tables, results on
 * stdout and talk on stderr. */
#ifndef LW_CLI_CLI_H
#define LW_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include "base/buf.h"
#include "base/str.h"

enum lw_exit {
	LW_EXIT_OK = 0,
	LW_EXIT_FINDINGS = 1,
	LW_EXIT_USAGE = 2,
	LW_EXIT_INPUT = 3,
	LW_EXIT_IO = 4,
	LW_EXIT_REFUSED = 5
};

struct lw_command {
	const char *name, *summary;
	int (*run)(int argc, char **argv); /* argv[0] is the command's own name */
};
extern const struct lw_command lw_commands[];
extern const size_t lw_ncommands;
int lw_cli_dispatch(const struct lw_command *table, size_t n, const char *prefix,
    int argc, char **argv);

int lw_cmd_replay(int argc, char **argv);
int lw_cmd_explain(int argc, char **argv);
int lw_cmd_pack(int argc, char **argv);
int lw_cmd_bench(int argc, char **argv);
int lw_cmd_queue(int argc, char **argv);
int lw_cmd_ctl(int argc, char **argv);
int lw_cmd_init(int argc, char **argv);
int lw_cmd_demo(int argc, char **argv);

/* ---- options ---- */
enum lw_opt_type {
	LW_OPT_FLAG,  /* bool: set to true */
	LW_OPT_TEXT,  /* const char *, lent from argv */
	LW_OPT_COUNT, /* uint64_t, decimal */
	LW_OPT_LIST   /* struct lw_opt_list: may be given several times */
};
struct lw_opt_list {
	const char *item[64];
	size_t n;
};
struct lw_opt {
	const char *name; /* without dashes */
	char letter;	  /* 0: none */
	enum lw_opt_type type;
	void *into;
	const char *arg, *help; /* arg: its name in the help, NULL for a flag */
};
struct lw_usage {
	const char *synopsis, *about, *examples;
	const struct lw_opt *opts;
	size_t nopts;
};
/* Options anywhere, `--` ends them. Returns the number of words that are left in argv[1..],
 * or -1 when the command should return *code at once (help shown, or a usage error). */
int lw_cli_options(const struct lw_usage *u, int argc, char **argv, int *code);
int lw_cli_usage_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Which of the verbs of a command the word is; -1 after a complaint. */
int lw_cli_verb(
    const char *command, const char *word, const char *const *verbs, size_t nverbs);
/* Exit code for an lw_err. */
int lw_cli_exit_code(int err);
/* "lapwing: WHAT: reason" on stderr; returns lw_cli_exit_code(err). */
int lw_cli_fail(int err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* ---- terminal ---- */
bool lw_cli_colour(FILE *to); /* a terminal, NO_COLOR unset, TERM not dumb */
/* Progress on stderr, at most ten times a second, only on a terminal; erased by done. */
struct lw_progress {
	const char *what;
	uint64_t last_ns;
	bool on, shown;
};
void lw_progress_start(struct lw_progress *p, const char *what);
void lw_progress_tick(struct lw_progress *p, uint64_t n);
void lw_progress_done(struct lw_progress *p);
/* Print a buffer and a newline to stdout; LW_EXIT_IO when stdout fails. */
int lw_cli_print(struct lw_buf *b);

/* ---- files of events ---- */
struct lw_lines; /* a plain or gzip file, or stdin for "-" */
/* LW_EINVAL for a folder, else what the system says. */
int lw_lines_open(struct lw_lines **out, const char *path);
/* Next line without its newline, lent until the next call. 1, 0 at the end, LW_ELIMIT
 * for a line over 1 MiB (skipped), LW_EIO. */
int lw_lines_next(struct lw_lines *l, struct lw_str *line);
uint64_t lw_lines_number(const struct lw_lines *l);
void lw_lines_close(struct lw_lines *l);

#endif
