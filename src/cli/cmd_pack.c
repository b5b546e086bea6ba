/* SPDX-License-Identifier: Apache-2.0 */
/* lapwing pack: lint, tests and canonical form of pattern packs. */
#include <string.h>
#include "base/err.h"
#include "cli/pack_cmd.h"
#include "text/fold.h"

/* Lint one pack, and compile it: alone when it has a model, else with the shipped packs. */
int
lw_pack_check(struct lw_pack_cmd *c, const char *dir)
{
	struct lw_pack_source *src = NULL;
	struct lw_intern *intern = lw_intern_new();
	struct lw_ruleset *rs = NULL;
	struct lw_diag diag;
	int err;

	(void)c;
	lw_diag_init(&diag);
	err = lw_pack_source_load(&src, dir, true, &diag);
	if (err == 0 && src->has_model)
		err = lw_ruleset_load(&rs, intern, &dir, 1, &diag);
	else if (err == 0)
		err = lw_pack_load_with_shipped(&rs, intern, &dir, 1, &diag);
	lw_diag_print(&diag, stderr);
	if (err != 0 && diag.errors == 0)
		lw_cli_fail(err, "%s", dir);
	if (err == 0)
		printf("%s: %.*s %.*s, %zu rules, %zu lists, %zu conversations, %zu warnings\n",
		    dir, (int)src->id.n, src->id.p, (int)src->version.n, src->version.p,
		    src->nrules, src->nlists, src->ntests, diag.warnings);
	lw_diag_clear(&diag);
	lw_ruleset_unref(rs);
	lw_intern_free(intern);
	lw_pack_source_free(src);
	if (err == LW_EINVAL || err == LW_ELIMIT)
		return LW_EXIT_INPUT;
	return lw_cli_exit_code(err);
}

static int
each(struct lw_pack_cmd *c, int (*run)(struct lw_pack_cmd *, const char *), char **dirs,
    int n)
{
	int worst = LW_EXIT_OK;

	for (int i = 0; i < n; i++) {
		int code = run(c, dirs[i]);

		worst = code > worst ? code : worst;
	}
	return worst;
}

int
lw_cmd_pack(int argc, char **argv)
{
	static const char *const verbs[] = {"check", "test", "fmt"};
	struct lw_pack_cmd c = {0};
	const struct lw_opt opts[] = {
	    {"policy", 0, LW_OPT_TEXT, &c.policy, "FILE", "test: policy.yaml to use"},
	    {"show-text", 0, LW_OPT_FLAG, &c.show_text, NULL,
		"test: quote the examples that fail"},
	    {"write", 'w', LW_OPT_FLAG, &c.write, NULL,
		"fmt: write the files (default: name those that differ)"},
	    {"json", 0, LW_OPT_FLAG, &c.json, NULL, "test: print counts as JSON"},
	};
	const struct lw_usage u = {"pack [options] check|test|fmt DIR...",
	    "check  lint and compile\n"
	    "test   run every rule's examples and every conversation\n"
	    "fmt    canonical order and quoting of the rules",
	    "  lapwing pack check patterns/core-en\n"
	    "  lapwing pack test patterns/*\n"
	    "  lapwing pack fmt --write mypack\n",
	    opts, sizeof(opts) / sizeof(opts[0])};
	int verb, code, err, n = lw_cli_options(&u, argc, argv, &code);

	if (n < 0)
		return code;
	if (n == 0)
		return lw_cli_usage_error("pack wants check, test or fmt, and a folder");
	if ((verb = lw_cli_verb("pack", argv[1], verbs, 3)) < 0)
		return LW_EXIT_USAGE;
	if (n < 2)
		return lw_cli_usage_error("pack %s wants the folder of a pack", argv[1]);
	if ((err = lw_text_init()) != 0)
		return lw_cli_fail(err, "building the folding table");
	if (verb == 0)
		code = each(&c, lw_pack_check, argv + 2, n - 1);
	else if (verb == 1)
		code = lw_pack_test(&c, (const char *const *)argv + 2, (size_t)n - 1);
	else
		code = each(&c, lw_pack_fmt, argv + 2, n - 1);
	lw_text_exit();
	return code;
}
