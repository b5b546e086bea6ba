/* SPDX-License-Identifier: Apache-2.0 */
/* lapwing queue: the moderation queue from a terminal. Asks the daemon when one runs, for
 * it is the one writer; else opens the store alone, read-only. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <jansson.h>
#include "base/err.h"
#include "cli/control.h"
#include "cli/home.h"
#include "cli/print.h"
#include "queue/queue.h"

struct ask {
	const char *config, *tenant, *state, *min_band;
	uint64_t limit;
	bool json, show_text;
	struct lw_config conf;
};

/* The filter as the control socket takes it. */
static void
list_arg(const struct ask *a, struct lw_buf *out)
{
	struct lw_json j;

	lw_json_init(&j, out, 0);
	lw_json_object(&j);
	if (a->tenant != NULL) {
		lw_json_key(&j, "tenant");
		lw_json_strz(&j, a->tenant);
	}
	if (a->state != NULL && strcmp(a->state, "all") != 0) {
		lw_json_key(&j, "state");
		lw_json_strz(&j, a->state);
	}
	if (a->min_band != NULL) {
		lw_json_key(&j, "min_band");
		lw_json_strz(&j, a->min_band);
	}
	lw_json_key(&j, "limit");
	lw_json_uint(&j, a->limit);
	lw_json_object_end(&j);
}

static void
show_arg(const struct ask *a, const char *id, struct lw_buf *out)
{
	struct lw_json j;

	lw_json_init(&j, out, 0);
	lw_json_object(&j);
	lw_json_key(&j, "id");
	lw_json_strz(&j, id);
	lw_json_key(&j, "show_text");
	lw_json_bool(&j, a->show_text);
	lw_json_object_end(&j);
}

static int
from_store(struct ask *a, const char *id, struct lw_buf *body)
{
	char path[LW_CONF_PATH_MAX + 16];
	struct lw_seal seal;
	struct lw_queue *q = NULL;
	struct lw_json j;
	int err;

	snprintf(path, sizeof(path), "%s/queue.db", a->conf.state_dir);
	if (access(path, R_OK) != 0)
		return lw_cli_fail(access(path, F_OK) == 0 ? LW_EREFUSED : LW_ENOENT,
		    "no daemon answers on %s (-c FILE names its lapwing.yaml); %s",
		    a->conf.control, path);
	if ((err = lw_seal_open_file(&seal, a->conf.key_file)) != 0)
		return lw_cli_fail(err, "%s", a->conf.key_file);
	lw_json_init(&j, body, 0);
	err = lw_queue_open(&q, path, &seal, true);
	if (err == 0 && id != NULL) {
		err = lw_queue_show(q, lw_str(id), a->show_text, &j);
	} else if (err == 0) {
		int band = a->min_band != NULL ? lw_band_find(lw_str(a->min_band)) : 0;
		struct lw_queue_filter f = {.limit = a->limit,
		    .tenant = lw_str(a->tenant),
		    .min_band = (enum lw_band)band,
		    .state = a->state != NULL && strcmp(a->state, "all") != 0 ? a->state
									      : NULL};

		err = lw_queue_list(q, &f, &j);
	}
	lw_queue_close(q);
	lw_seal_clear(&seal);
	if (err == 0)
		return LW_EXIT_OK;
	if (id != NULL && (err == LW_ENOENT || err == LW_EINVAL)) {
		fputs(err == LW_ENOENT
			  ? "lapwing: no such case\n"
			  : "lapwing: a case is named by 6 or more hex digits that only it has\n",
		    stderr);
		return LW_EXIT_REFUSED;
	}
	return lw_cli_fail(err, "%s", path);
}

static bool
daemon_runs(const struct lw_config *c)
{
	struct lw_buf body;
	bool ok;
	int err;

	lw_buf_init(&body, 1 << 20);
	err = lw_control_call(c->control, LW_STR("status"), LW_STR(""), 5000, &ok, &body);
	lw_buf_clear(&body);
	return err != LW_ENOENT;
}

static int
fetch(struct ask *a, const char *id, struct lw_buf *body)
{
	struct lw_buf arg;
	int code;

	if (!daemon_runs(&a->conf))
		return from_store(a, id, body);
	lw_buf_init(&arg, 4096);
	if (id != NULL)
		show_arg(a, id, &arg);
	else
		list_arg(a, &arg);
	code = lw_cli_call(&a->conf,
	    id != NULL ? LW_STR("queue.show") : LW_STR("queue.list"),
	    (struct lw_str){(const char *)lw_buf_peek(&arg), lw_buf_left(&arg)}, body);
	lw_buf_clear(&arg);
	return code;
}

static const char *
text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s != NULL ? s : "-";
}

static void
print_age(json_int_t ms)
{
	json_int_t now = (json_int_t)time(NULL) * 1000, left = (ms - now) / 60000;

	if (left < 0)
		printf("overdue %lldh%02lld", -left / 60, -left % 60);
	else
		printf("due in %lldh%02lld", left / 60, left % 60);
}

/* Names come from strangers, and columns should line up. */
static void
print_person(const char *name)
{
	size_t n = strlen(name);

	lw_print_safe(stdout, name, n);
	printf("%*s", n < 20 ? (int)(20 - n) : 0, "");
}

/* A line a case: what a moderator picks from. */
static void
print_list(const json_t *list, bool colour)
{
	size_t i;
	json_t *c;

	if (json_array_size(list) == 0)
		puts("The queue is empty.");
	json_array_foreach((json_t *)list, i, c)
	{
		const char *band = text_of(c, "band");

		printf("%.12s  %s%-8s%s %.3f %-7s ", text_of(c, "id"),
		    colour ? "\033[1;33m" : "", band, colour ? "\033[0m" : "",
		    json_number_value(json_object_get(c, "risk")), text_of(c, "kind"));
		print_person(text_of(c, "from"));
		fputs(" -> ", stdout);
		print_person(text_of(c, "to"));
		fputs("  ", stdout);
		print_age(json_integer_value(json_object_get(c, "due_ms")));
		putchar('\n');
	}
}

static int
print_result(const struct ask *a, struct lw_buf *body)
{
	json_t *v = NULL;

	if (a->json)
		return lw_cli_print(body);
	v = json_loadb((const char *)lw_buf_peek(body), lw_buf_left(body), 0, NULL);
	if (json_is_array(v)) {
		print_list(v, lw_cli_colour(stdout));
	} else {
		json_int_t flags = json_integer_value(json_object_get(v, "flags"));

		printf("case %s, %s, %lld flag%s\n", text_of(v, "id"),
		    text_of(v, "state"), (long long)flags, flags == 1 ? "" : "s");
		lw_print_case(stdout, v, lw_cli_colour(stdout));
	}
	json_decref(v);
	return LW_EXIT_OK;
}

int
lw_cmd_queue(int argc, char **argv)
{
	static const char *const verbs[] = {"list", "show"};
	struct ask a = {.limit = 100, .state = "open"};
	const struct lw_opt opts[] = {
	    LW_HOME_OPT(&a.config),
	    {"tenant", 0, LW_OPT_TEXT, &a.tenant, "NAME", "only this tenant's cases"},
	    {"state", 0, LW_OPT_TEXT, &a.state, "open|closed|all", "default: open"},
	    {"min-band", 0, LW_OPT_TEXT, &a.min_band, "BAND",
		"low, medium, high, critical"},
	    {"limit", 'n', LW_OPT_COUNT, &a.limit, "N", "at most so many (default 100)"},
	    {"show-text", 0, LW_OPT_FLAG, &a.show_text, NULL,
		"show: unseal the text of evidence"},
	    {"json", 0, LW_OPT_FLAG, &a.json, NULL, "print JSON"},
	};
	const struct lw_usage u = {"queue [options] list | show CASE",
	    "Lists open cases, most urgent first, or shows one with its evidence. Text stays\n"
	    "masked without --show-text.",
	    "  lapwing queue list --min-band high\n  lapwing queue show 3fa09c --show-text\n",
	    opts, sizeof(opts) / sizeof(opts[0])};
	struct lw_buf body;
	int verb, code, n = lw_cli_options(&u, argc, argv, &code);

	if (n < 0)
		return code;
	if (n == 0)
		return lw_cli_usage_error("queue wants list, or show CASE");
	if ((verb = lw_cli_verb("queue", argv[1], verbs, 2)) < 0)
		return LW_EXIT_USAGE;
	if (n != 1 + verb)
		return lw_cli_usage_error(verb == 0 ? "queue list takes no arguments"
						    : "queue show wants one CASE");
	if (a.min_band != NULL && lw_band_find(lw_str(a.min_band)) < 0)
		return lw_cli_usage_error("no band '%s'", a.min_band);
	if ((code = lw_home_config(&a.conf, a.config)) != LW_EXIT_OK)
		return code;
	lw_buf_init(&body, 64u << 20);
	code = fetch(&a, verb == 1 ? argv[2] : NULL, &body);
	if (code == LW_EXIT_OK)
		code = print_result(&a, &body);
	lw_buf_clear(&body);
	return code;
}
