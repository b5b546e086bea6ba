/* SPDX-License-Identifier: Apache-2.0 */
/* lapwing explain: how each pair's score came about, from a file of events. */
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "cli/print.h"
#include "cli/setup.h"
#include "wire/wire.h"

#define ARENA_MAX ((size_t)4 << 30)
#define EVENT_MAX (8u << 20)
#define PAIRS_MAX 1000000

/* A direction of a pair, or a sender in a conversation, in order of appearance. */
struct pair {
	struct lw_event last; /* its strings live in the arena */
	struct lw_id128 key;
};

struct explain {
	bool json, why_not, hide_text, colour;
	const char *policy, *from;
	struct lw_opt_list packs;
	struct lw_setup setup;
	struct lw_pipeline *pipe;
	struct lw_arena arena;
	struct pair *pair;
	size_t *slot; /* open addressing: index + 1 */
	size_t n, cap;
};

static struct lw_id128
key_of(const struct lw_event *ev)
{
	static const struct lw_hash_key zero;
	struct lw_str part[] = {ev->tenant, ev->from, ev->to,
	    ev->to.n > 0 ? (struct lw_str){NULL, 0} : ev->conv};

	return lw_hash128_parts(&zero, part, 4);
}

static int
grow(struct explain *x)
{
	size_t cap = x->cap == 0 ? 1024 : x->cap * 2;
	struct pair *pair = realloc(x->pair, cap / 2 * sizeof(*pair));

	if (pair == NULL)
		return LW_ENOMEM;
	x->pair = pair;
	free(x->slot);
	x->slot = calloc(cap, sizeof(*x->slot));
	x->cap = cap;
	if (x->slot == NULL)
		return LW_ENOMEM;
	for (size_t i = 0; i < x->n; i++) {
		size_t at = x->pair[i].key.lo & (cap - 1);

		while (x->slot[at] != 0)
			at = (at + 1) & (cap - 1);
		x->slot[at] = i + 1;
	}
	return LW_OK;
}

/* Remember the pair and the time of its last event. */
static int
note_pair(struct explain *x, const struct lw_event *ev)
{
	struct lw_id128 key = key_of(ev);
	struct lw_event *e;
	size_t at;
	int err;

	if (x->n * 2 >= x->cap && (err = grow(x)) != 0)
		return err;
	for (at = key.lo & (x->cap - 1); x->slot[at] != 0; at = (at + 1) & (x->cap - 1))
		if (lw_id128_eq(x->pair[x->slot[at] - 1].key, key)) {
			x->pair[x->slot[at] - 1].last.ts_ms = ev->ts_ms;
			return LW_OK;
		}
	if (x->n == PAIRS_MAX)
		return LW_ELIMIT;
	x->slot[at] = ++x->n;
	x->pair[x->n - 1].key = key;
	e = &x->pair[x->n - 1].last;
	*e = (struct lw_event){
	    .kind = LW_EV_MESSAGE, .channel = ev->channel, .ts_ms = ev->ts_ms};
	e->tenant = lw_arena_str(&x->arena, ev->tenant);
	e->conv = lw_arena_str(&x->arena, ev->conv);
	e->from = lw_arena_str(&x->arena, ev->from);
	e->to = lw_arena_str(&x->arena, ev->to);
	return e->from.p != NULL && e->conv.p != NULL ? LW_OK : LW_ENOMEM;
}

static int
feed(struct explain *x, struct lw_source *src)
{
	struct lw_arena arena;
	struct lw_event ev;
	int err = LW_OK;

	lw_arena_init(&arena, EVENT_MAX);
	while (err == 0 && lw_source_next(src, &arena, &ev) == 1) {
		struct lw_outcome oc;
		const struct lw_flag *flags[2];
		size_t n;

		err = lw_pipeline_step(x->pipe, &ev, &oc, flags, &n);
		if (err == 0 && (ev.kind == LW_EV_MESSAGE || ev.kind == LW_EV_EDIT))
			err = note_pair(x, &ev);
		lw_arena_reset(&arena);
	}
	lw_arena_clear(&arena);
	return err;
}

/* What kept a pair from being flagged; NULL when it was. */
static const char *
why_not(const struct explain *x, const struct lw_explanation *e)
{
	if (e->flags > 0)
		return NULL;
	if (e->view == NULL)
		return "no rule matched";
	if (e->closed)
		return "moderators closed its case, and nothing of a new category came since";
	if (!e->qualified)
		return "evidence in one category only, or none of the sender's: a flag needs two "
		       "categories of the sender, or one with an age that was disclosed, or one "
		       "that the model lets flag alone";
	if (e->view->band < x->setup.policy.flag_from)
		return "the risk is below the band from which policy flags";
	return "the risk rose without new evidence in a message";
}

static int
print_json(struct explain *x, const struct lw_event *ev, const struct lw_explanation *e)
{
	const char *why = why_not(x, e);
	struct lw_buf b;
	struct lw_json j;
	int code;

	lw_buf_init(&b, 4u << 20);
	lw_json_init(&j, &b, 0);
	lw_json_object(&j);
	lw_json_key(&j, "from");
	lw_json_str(&j, ev->from);
	lw_json_key(&j, "to");
	if (ev->to.n > 0)
		lw_json_str(&j, ev->to);
	else
		lw_json_null(&j);
	lw_json_key(&j, "conv");
	lw_json_str(&j, ev->conv);
	lw_json_key(&j, "flags");
	lw_json_uint(&j, e->flags);
	lw_json_key(&j, "why_not");
	lw_json_strz(&j, why);
	lw_json_key(&j, "score");
	if (e->view != NULL)
		lw_flag_json(&j, e->view, !x->hide_text);
	else
		lw_json_null(&j);
	lw_json_object_end(&j);
	code = lw_cli_print(&b);
	lw_buf_clear(&b);
	return code;
}

static int
print_plain(struct explain *x, const struct lw_event *ev, const struct lw_explanation *e)
{
	const char *why = why_not(x, e);
	json_t *v;

	if (e->view != NULL) {
		if ((v = lw_flag_to_json(e->view, !x->hide_text)) == NULL)
			return lw_cli_fail(LW_ENOMEM, "explain");
		lw_print_flag(stdout, v, x->colour);
		json_decref(v);
	} else {
		lw_print_safe(stdout, ev->from.p, ev->from.n);
		fputs(" -> ", stdout);
		lw_print_safe(stdout, ev->to.n > 0 ? ev->to.p : ev->conv.p,
		    ev->to.n > 0 ? ev->to.n : ev->conv.n);
		putchar('\n');
	}
	if (x->why_not)
		printf("    %s%s\n", why != NULL ? "not flagged: " : "flagged",
		    why != NULL ? why : "");
	return ferror(stdout) ? LW_EXIT_IO : LW_EXIT_OK;
}

static int
print_all(struct explain *x)
{
	int code = LW_EXIT_OK;

	for (size_t i = 0; i < x->n && code == LW_EXIT_OK; i++) {
		const struct lw_event *ev = &x->pair[i].last;
		struct lw_explanation e;
		int err;

		if (x->from != NULL && !lw_str_is(ev->from, x->from))
			continue;
		if ((err = lw_pipeline_explain(x->pipe, ev, &e)) != 0)
			return lw_cli_fail(err, "explain");
		if (e.view == NULL && !x->why_not)
			continue;
		code = x->json ? print_json(x, ev, &e) : print_plain(x, ev, &e);
	}
	return code;
}

static int
run(struct explain *x, const char *const *paths, size_t npaths)
{
	struct lw_engine_conf conf;
	struct lw_source src;
	int code = lw_setup_open(&x->setup, &x->packs, x->policy), err;

	lw_arena_init(&x->arena, ARENA_MAX);
	lw_source_open(&src, paths, npaths);
	lw_engine_conf_default(&conf);
	if (code != LW_EXIT_OK)
		goto out;
	err = lw_pipeline_new(
	    &x->pipe, &conf, x->setup.rules, &x->setup.policy, LW_MEMO_DEFAULT);
	if (err == 0)
		err = feed(x, &src);
	code = err != 0 ? lw_cli_fail(err, "explain") : print_all(x);
	if (code == LW_EXIT_OK)
		code = lw_source_code(&src);
out:
	lw_source_close(&src);
	lw_pipeline_free(x->pipe);
	lw_setup_close(&x->setup);
	lw_arena_clear(&x->arena);
	free(x->pair);
	free(x->slot);
	return code;
}

int
lw_cmd_explain(int argc, char **argv)
{
	struct explain x = {0};
	const struct lw_opt opts[] = {
	    {"why-not", 0, LW_OPT_FLAG, &x.why_not, NULL,
		"show every pair, and what kept it from being flagged"},
	    {"from", 0, LW_OPT_TEXT, &x.from, "ID", "only what this person said"},
	    {"json", 0, LW_OPT_FLAG, &x.json, NULL, "print a pair a line as JSON"},
	    {"hide-text", 0, LW_OPT_FLAG, &x.hide_text, NULL,
		"leave the text of evidence out"},
	    {"pack", 'p', LW_OPT_LIST, &x.packs, "DIR",
		"load this pack (may be repeated; default: the shipped ones)"},
	    {"policy", 0, LW_OPT_TEXT, &x.policy, "FILE", "policy.yaml to use"},
	};
	const struct lw_usage u = {"explain [options] FILE...",
	    "Shows, for each pair with evidence, the hits quoted from the original and every\n"
	    "term of the score, as it stands at the end of the files.",
	    "  lapwing explain chat.jsonl\n"
	    "  lapwing explain --why-not --from u17 chat.jsonl.gz\n",
	    opts, sizeof(opts) / sizeof(opts[0])};
	int code, n = lw_cli_options(&u, argc, argv, &code);

	if (n < 0)
		return code;
	if (n == 0)
		return lw_cli_usage_error("explain wants a file, or - for stdin");
	x.colour = lw_cli_colour(stdout);
	return run(&x, (const char *const *)argv + 1, (size_t)n);
}
