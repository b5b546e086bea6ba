/* SPDX-License-Identifier: Apache-2.0 */
/* lapwing pack test: examples of rules through the matcher, one rule at a time. */
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "cli/pack_cmd.h"
#include "match/match.h"

#define GAP_MS 20000 /* between the messages of an example */
#define START_MS 1700000000000u

struct tester {
	struct lw_pack_cmd *c;
	struct lw_setup setup;
	struct lw_matcher *matcher;
	struct lw_match *match;
};

/* Does the rule hit anywhere in one sender's consecutive messages? 1, 0 or an error. */
static int
example_hits(struct tester *t, uint32_t rule, const struct lw_source_example *ex)
{
	struct lw_ring ring = {0};
	int found = 0;

	for (size_t i = 0; i < ex->n; i++) {
		uint64_t ts = START_MS + i * GAP_MS;
		int err = lw_match_scan(t->matcher, t->setup.rules, &ring,
		    ex->message[i], ts, LW_CH_UNKNOWN, t->match);

		if (err != 0)
			return err;
		for (size_t k = 0; k < t->match->nhit; k++)
			found |= t->match->hit[k].rule == rule;
		lw_ring_push(&ring, t->match->tok, t->match->ntok, t->match->words, ts);
	}
	return found;
}

static void
say_failed(const struct tester *t, const struct lw_source_rule *r,
    const struct lw_source_example *ex, const char *what)
{
	fprintf(stderr, "%s:%u:%u: error: %.*s %s", r->file, ex->line, ex->col,
	    (int)r->id.n, r->id.p, what);
	if (t->c->show_text)
		for (size_t i = 0; i < ex->n; i++)
			fprintf(stderr, "%s'%.*s'", i == 0 ? ": " : " / ",
			    (int)ex->message[i].n, ex->message[i].p);
	fputc('\n', stderr);
}

static int
test_examples(struct tester *t, const struct lw_source_rule *r, uint32_t id,
    const struct lw_source_examples *list, bool want, const char *what)
{
	for (size_t i = 0; i < list->n; i++) {
		int got = example_hits(t, id, &list->item[i]);

		if (got < 0)
			return lw_cli_fail(got, "matching");
		t->c->examples++;
		if (got == want)
			continue;
		t->c->failed_examples++;
		say_failed(t, r, &list->item[i], what);
	}
	return LW_EXIT_OK;
}

static int
test_rule(struct tester *t, const struct lw_source_rule *r)
{
	uint32_t id = lw_intern_rule(t->setup.intern, r->id);
	int code;

	if (r->status == LW_STATUS_DEPRECATED)
		return LW_EXIT_OK;
	code = test_examples(t, r, id, &r->match, true, "does not match its example");
	if (code == LW_EXIT_OK)
		code = test_examples(
		    t, r, id, &r->no_match, false, "matches what it must not match");
	for (size_t i = 0; code == LW_EXIT_OK && i < r->todo_match.n; i++) {
		t->c->todo++;
		t->c->todo_matched += example_hits(t, id, &r->todo_match.item[i]) == 1;
	}
	return code;
}

static int
test_pack(struct tester *t, const char *dir)
{
	struct lw_pack_source *src = NULL;
	struct lw_diag diag;
	int code, err;

	lw_diag_init(&diag);
	err = lw_pack_source_load(&src, dir, true, &diag);
	if (err != 0) /* warnings are for `check` */
		lw_diag_print(&diag, stderr);
	code = lw_cli_exit_code(err);
	lw_diag_clear(&diag);
	for (size_t i = 0; code == LW_EXIT_OK && i < src->nrules; i++)
		code = test_rule(t, &src->rule[i]);
	if (code == LW_EXIT_OK)
		code = lw_pack_test_conversations(t->c, &t->setup, src);
	lw_pack_source_free(src);
	return code;
}

static int
open_tester(struct tester *t, const char *const *dirs, size_t n)
{
	struct lw_diag diag;
	int err;

	lw_policy_default(&t->setup.policy);
	lw_diag_init(&diag);
	if (t->c->policy != NULL &&
	    (err = lw_policy_read(&t->setup.policy, t->c->policy, &diag)) != 0)
		goto out;
	err = LW_ENOMEM;
	if ((t->setup.intern = lw_intern_new()) == NULL ||
	    (t->match = calloc(1, sizeof(*t->match))) == NULL)
		goto out;
	err = lw_pack_load_with_shipped(&t->setup.rules, t->setup.intern, dirs, n, &diag);
	if (err == 0)
		err = lw_matcher_new(&t->matcher, LW_MEMO_DEFAULT);
out:
	if (err != 0) {
		lw_diag_print(&diag, stderr);
		if (diag.errors == 0)
			lw_cli_fail(err, "loading packs");
	}
	lw_diag_clear(&diag);
	return lw_cli_exit_code(err);
}

static int
report(const struct lw_pack_cmd *c)
{
	const char *form =
	    c->json
		? "{\"examples\":%llu,\"failed_examples\":%llu,\"conversations\":%llu,"
		  "\"failed_conversations\":%llu,\"todo\":%llu,\"todo_matched\":%llu}\n"
		: "%llu examples, %llu failed; %llu conversations, %llu failed; "
		  "%llu known gaps, %llu of them match now\n";

	printf(form, (unsigned long long)c->examples,
	    (unsigned long long)c->failed_examples, (unsigned long long)c->conversations,
	    (unsigned long long)c->failed_conversations, (unsigned long long)c->todo,
	    (unsigned long long)c->todo_matched);
	return c->failed_examples + c->failed_conversations > 0 ? LW_EXIT_FINDINGS
								: LW_EXIT_OK;
}

int
lw_pack_test(struct lw_pack_cmd *c, const char *const *dirs, size_t n)
{
	struct tester t = {.c = c};
	int code = open_tester(&t, dirs, n);

	for (size_t i = 0; code == LW_EXIT_OK && i < n; i++)
		code = test_pack(&t, dirs[i]);
	if (code == LW_EXIT_OK)
		code = report(c);
	lw_matcher_free(t.matcher);
	free(t.match);
	lw_ruleset_unref(t.setup.rules);
	lw_intern_free(t.setup.intern);
	return code;
}
