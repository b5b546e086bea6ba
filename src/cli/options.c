/* SPDX-License-Identifier: Apache-2.0 */
/* Commands and options from tables: words in, typed values or a helpful complaint out. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "cli/cli.h"
#include "conf/yaml.h"
#include "config.h"

#define OPTS_MAX 40

int
lw_cli_usage_error(const char *fmt, ...)
{
	va_list ap;

	fputs("lapwing: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return LW_EXIT_USAGE;
}

int
lw_cli_verb(const char *command, const char *word, const char *const *verbs, size_t nverbs)
{
	const char *near = lw_conf_nearest(lw_str(word), verbs, nverbs);

	for (size_t i = 0; i < nverbs; i++) {
		if (strcmp(verbs[i], word) == 0)
			return (int)i;
	}
	if (near != NULL)
		lw_cli_usage_error(
		    "%s has no '%s' (did you mean '%s'?)", command, word, near);
	else
		lw_cli_usage_error(
		    "%s has no '%s' (see lapwing %s --help)", command, word, command);
	return -1;
}

int
lw_cli_exit_code(int err)
{
	switch (err) {
	case LW_OK:
		return LW_EXIT_OK;
	case LW_EINVAL:
	case LW_ELIMIT:
	case LW_ETRUNC:
	case LW_EPROTO:
		return LW_EXIT_INPUT;
	case LW_EREFUSED:
	case LW_ECRYPT:
	case LW_ELIB:
		return LW_EXIT_REFUSED;
	default:
		return LW_EXIT_IO;
	}
}

int
lw_cli_fail(int err, const char *fmt, ...)
{
	va_list ap;

	fputs("lapwing: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, ": %s\n", lw_strerror(err));
	return lw_cli_exit_code(err);
}

static void
print_commands(const struct lw_command *table, size_t n, const char *prefix)
{
	printf("Usage: %s <command> [options] [arguments]\n\n", prefix);
	for (size_t i = 0; i < n; i++)
		printf("  %-9s %s\n", table[i].name, table[i].summary);
	printf("\n`%s <command> --help` shows options and examples.\n", prefix);
}

int
lw_cli_dispatch(
    const struct lw_command *table, size_t n, const char *prefix, int argc, char **argv)
{
	const char *names[16], *near;

	if (argc < 2) {
		print_commands(table, n, prefix);
		return LW_EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0) {
		print_commands(table, n, prefix);
		return LW_EXIT_OK;
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("lapwing %s\n", PACKAGE_VERSION);
		return LW_EXIT_OK;
	}
	for (size_t i = 0; i < n; i++) {
		if (strcmp(table[i].name, argv[1]) == 0)
			return table[i].run(argc - 1, argv + 1);
		names[i] = table[i].name;
	}
	near = lw_conf_nearest(lw_str(argv[1]), names, n);
	if (near != NULL)
		return lw_cli_usage_error("%s has no command '%s' (did you mean '%s'?)",
		    prefix, argv[1], near);
	return lw_cli_usage_error(
	    "%s has no command '%s' (see %s --help)", prefix, argv[1], prefix);
}

static void
print_help(const struct lw_usage *u)
{
	char left[64];

	printf("Usage: lapwing %s\n\n%s\n\nOptions:\n", u->synopsis, u->about);
	for (size_t i = 0; i < u->nopts; i++) {
		const struct lw_opt *o = &u->opts[i];
		char letter[8] = "    ";

		if (o->letter != 0)
			snprintf(letter, sizeof(letter), "-%c, ", o->letter);
		snprintf(left, sizeof(left), "%s--%s%s%s", letter, o->name,
		    o->arg != NULL ? " " : "", o->arg != NULL ? o->arg : "");
		printf("  %-28s %s\n", left, o->help);
	}
	printf("  %-28s %s\n\nExamples:\n%s", "-h, --help", "this text", u->examples);
}

static const struct lw_opt *
find_option(const struct lw_usage *u, const char *word, const char **value)
{
	*value = NULL;
	for (size_t i = 0; i < u->nopts; i++) {
		const struct lw_opt *o = &u->opts[i];
		size_t n = strlen(o->name);

		if (word[1] == '-' && strncmp(word + 2, o->name, n) == 0 &&
		    (word[2 + n] == '\0' || word[2 + n] == '=')) {
			*value = word[2 + n] == '=' ? word + 3 + n : NULL;
			return o;
		}
		if (word[1] != '-' && o->letter != 0 && word[1] == o->letter &&
		    word[2] == '\0')
			return o;
	}
	return NULL;
}

static int
unknown_option(const struct lw_usage *u, const char *word)
{
	const char *names[OPTS_MAX], *near;

	for (size_t i = 0; i < u->nopts && i < OPTS_MAX; i++)
		names[i] = u->opts[i].name;
	near = lw_conf_nearest(lw_str(word + (word[1] == '-' ? 2 : 1)), names, u->nopts);
	if (near != NULL)
		return lw_cli_usage_error(
		    "no option '%s' here (did you mean --%s?)", word, near);
	return lw_cli_usage_error("no option '%s' here (see --help)", word);
}

static int
store_option(const struct lw_opt *o, const char *value)
{
	struct lw_opt_list *list = o->into;
	char *end;

	switch (o->type) {
	case LW_OPT_FLAG:
		*(bool *)o->into = true;
		return LW_EXIT_OK;
	case LW_OPT_TEXT:
		*(const char **)o->into = value;
		return LW_EXIT_OK;
	case LW_OPT_LIST:
		if (list->n == sizeof(list->item) / sizeof(list->item[0]))
			return lw_cli_usage_error("--%s is given too often", o->name);
		list->item[list->n++] = value;
		return LW_EXIT_OK;
	case LW_OPT_COUNT:
		errno = 0;
		*(uint64_t *)o->into = strtoull(value, &end, 10);
		if (errno != 0 || *end != '\0' || *value < '0' || *value > '9')
			return lw_cli_usage_error(
			    "--%s wants a whole number, not '%s'", o->name, value);
		return LW_EXIT_OK;
	}
	return LW_EXIT_USAGE;
}

int
lw_cli_options(const struct lw_usage *u, int argc, char **argv, int *code)
{
	int words = 0;
	bool ended = false;

	*code = LW_EXIT_OK;
	for (int i = 1; i < argc; i++) {
		const char *value = NULL;
		const struct lw_opt *o;

		if (ended || argv[i][0] != '-' || argv[i][1] == '\0') {
			argv[++words] = argv[i];
			continue;
		}
		if (strcmp(argv[i], "--") == 0) {
			ended = true;
			continue;
		}
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
			print_help(u);
			return -1;
		}
		o = find_option(u, argv[i], &value);
		if (o == NULL) {
			*code = unknown_option(u, argv[i]);
			return -1;
		}
		if (o->type == LW_OPT_FLAG && value != NULL) {
			*code = lw_cli_usage_error("--%s takes no value", o->name);
			return -1;
		}
		if (o->type != LW_OPT_FLAG && value == NULL) {
			if (i + 1 == argc) {
				*code =
				    lw_cli_usage_error("--%s wants %s", o->name, o->arg);
				return -1;
			}
			value = argv[++i];
		}
		*code = store_option(o, value);
		if (*code != LW_EXIT_OK)
			return -1;
	}
	argv[words + 1] = NULL;
	return words;
}
