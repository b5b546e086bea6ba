/* SPDX-License-Identifier: Apache-2.0 */
/* lapwing ctl: calls on a running daemon's control socket. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <jansson.h>
#include "base/err.h"
#include "cli/control.h"
#include "cli/home.h"

#define CALL_TIMEOUT_MS 60000
#define RELOAD_TRIES 1200 /* of 50 ms */

/* A reply that says no is {"error": why}. */
static void
print_refusal(struct lw_buf *body)
{
	json_t *v =
	    json_loadb((const char *)lw_buf_peek(body), lw_buf_left(body), 0, NULL);
	const char *why = json_string_value(json_object_get(v, "error"));

	fprintf(stderr, "lapwing: %s\n", why != NULL ? why : "the daemon says no");
	json_decref(v);
}

int
lw_cli_call(const struct lw_config *conf, struct lw_str verb, struct lw_str arg,
    struct lw_buf *body)
{
	bool ok = false;
	int err = lw_control_call(conf->control, verb, arg, CALL_TIMEOUT_MS, &ok, body);

	if (err != 0) {
		if (err == LW_ENOENT)
			fprintf(stderr,
			    "lapwing: no daemon answers on %s (-c FILE names its lapwing.yaml)\n",
			    conf->control);
		else
			lw_cli_fail(err, "%s", conf->control);
		return LW_EXIT_IO;
	}
	if (ok)
		return LW_EXIT_OK;
	print_refusal(body);
	return LW_EXIT_REFUSED;
}

/* JSON for eyes: `key: value` lines, nested objects indented. */
static void
print_plain(const json_t *v, int depth)
{
	const char *key;
	json_t *item;
	char *text;

	json_object_foreach((json_t *)v, key, item)
	{
		printf("%*s%s:", depth * 2, "", key);
		if (json_is_object(item)) {
			putchar('\n');
			print_plain(item, depth + 1);
			continue;
		}
		text = json_dumps(item, JSON_ENCODE_ANY | JSON_COMPACT);
		printf(" %s\n", json_is_string(item) ? json_string_value(item)
						     : (text != NULL ? text : ""));
		free(text);
	}
}

int
lw_cli_print_reply(struct lw_buf *body, bool json)
{
	json_t *v;

	if (json)
		return lw_cli_print(body);
	v = json_loadb((const char *)lw_buf_peek(body), lw_buf_left(body), 0, NULL);
	if (!json_is_object(v)) {
		json_decref(v);
		return lw_cli_print(body);
	}
	print_plain(v, 0);
	json_decref(v);
	return LW_EXIT_OK;
}

static json_t *
reload_state(const struct lw_config *conf, json_int_t number)
{
	struct lw_buf body;
	json_t *status = NULL, *reload;

	lw_buf_init(&body, 4u << 20);
	if (lw_cli_call(conf, LW_STR("status"), LW_STR(""), &body) == LW_EXIT_OK)
		status = json_loadb(
		    (const char *)lw_buf_peek(&body), lw_buf_left(&body), 0, NULL);
	lw_buf_clear(&body);
	reload = json_object_get(status, "reload");
	if (json_integer_value(json_object_get(reload, "number")) < number)
		reload = NULL;
	json_incref(reload);
	json_decref(status);
	return reload;
}

/* The daemon reloads beside its work and says in its status how that went: wait for it. */
static int
await_reload(const struct lw_config *conf, struct lw_buf *body, bool json)
{
	json_t *v =
	    json_loadb((const char *)lw_buf_peek(body), lw_buf_left(body), 0, NULL);
	json_int_t number =
	    json_integer_value(json_object_get(json_object_get(v, "reload"), "number"));
	int code = LW_EXIT_IO;

	json_decref(v);
	for (int i = 0; i < RELOAD_TRIES; i++) {
		json_t *r = reload_state(conf, number);
		const char *state = json_string_value(json_object_get(r, "state"));
		const char *why = json_string_value(json_object_get(r, "error"));

		if (state != NULL && strcmp(state, "running") != 0) {
			code = strcmp(state, "ok") == 0 ? LW_EXIT_OK : LW_EXIT_REFUSED;
			if (json)
				json_dumpf(r, stdout, JSON_COMPACT);
			else if (code == LW_EXIT_OK)
				fputs("packs and policy are loaded anew", stdout);
			if (json || code == LW_EXIT_OK)
				putchar('\n');
			if (code != LW_EXIT_OK)
				fprintf(stderr,
				    "lapwing: reload: %s (the old ones stay)\n",
				    why != NULL ? why : state);
			json_decref(r);
			return code;
		}
		json_decref(r);
		nanosleep(&(struct timespec){0, 50 * 1000000}, NULL);
	}
	fputs("lapwing: reload: the daemon is still at it; see its log\n", stderr);
	return code;
}

int
lw_cmd_ctl(int argc, char **argv)
{
	static const char *const verbs[] = {"status", "reload", "snapshot"};
	const char *config = NULL;
	bool json = false;
	const struct lw_opt opts[] = {
	    LW_HOME_OPT(&config),
	    {"json", 0, LW_OPT_FLAG, &json, NULL, "print the reply as JSON"},
	};
	const struct lw_usage u = {"ctl [options] status|reload|snapshot",
	    "Asks a running daemon: its state, to load packs and policy anew, or to write\n"
	    "every snapshot now.",
	    "  lapwing ctl status\n  lapwing ctl -c /srv/lapwing/lapwing.yaml reload\n",
	    opts, sizeof(opts) / sizeof(opts[0])};
	struct lw_config conf;
	struct lw_buf body;
	int code, n = lw_cli_options(&u, argc, argv, &code);

	if (n < 0)
		return code;
	if (n != 1)
		return lw_cli_usage_error("ctl wants one of status, reload, snapshot");
	if (lw_cli_verb("ctl", argv[1], verbs, 3) < 0)
		return LW_EXIT_USAGE;
	if ((code = lw_home_config(&conf, config)) != LW_EXIT_OK)
		return code;
	lw_buf_init(&body, 4u << 20);
	code = lw_cli_call(&conf, lw_str(argv[1]), LW_STR(""), &body);
	if (code == LW_EXIT_OK && strcmp(argv[1], "reload") == 0)
		code = await_reload(&conf, &body, json);
	else if (code == LW_EXIT_OK)
		code = lw_cli_print_reply(&body, json);
	lw_buf_clear(&body);
	return code;
}
