/* SPDX-License-Identifier: Apache-2.0 */
/* Packs and policy for a command: paths in, a compiled ruleset or complaints out. */
#include <string.h>
#include "base/err.h"
#include "cli/setup.h"
#include "conf/paths.h"
#include "text/fold.h"

static int
load_rules(struct lw_setup *s, const struct lw_opt_list *packs, struct lw_diag *diag)
{
	struct lw_conf_packs shipped;
	const char *dirs[LW_PACKS_MAX];
	size_t n = packs->n;
	int err;

	for (size_t i = 0; i < n; i++)
		dirs[i] = packs->item[i];
	if (n == 0) {
		if ((err = lw_conf_shipped_packs(&shipped)) != 0)
			return lw_cli_fail(err, "no shipped packs found");
		for (n = 0; n < shipped.n; n++)
			dirs[n] = shipped.dir[n];
	}
	err = lw_ruleset_load(&s->rules, s->intern, dirs, n, diag);
	lw_diag_print(diag, stderr);
	if (err != 0 && diag->errors == 0)
		return lw_cli_fail(err, "loading packs");
	return lw_cli_exit_code(err);
}

/* Last part of a path, trailing slashes left out. */
static struct lw_str
base_name(const char *path)
{
	size_t n = strlen(path), from;

	while (n > 1 && path[n - 1] == '/')
		n--;
	for (from = n; from > 0 && path[from - 1] != '/'; from--)
		;
	return (struct lw_str){path + from, n - from};
}

int
lw_pack_load_with_shipped(struct lw_ruleset **out, struct lw_intern *intern,
    const char *const *dirs, size_t n, struct lw_diag *diag)
{
	struct lw_conf_packs shipped;
	const char *all[LW_PACKS_MAX];
	size_t count = 0;

	if (lw_conf_shipped_packs(&shipped) != 0)
		shipped.n = 0;
	for (size_t i = 0; i < n && count < LW_PACKS_MAX; i++)
		all[count++] = dirs[i];
	for (size_t i = 0; i < shipped.n && count < LW_PACKS_MAX; i++) {
		bool given = false;

		for (size_t k = 0; k < n; k++)
			given |= lw_str_eq(base_name(shipped.dir[i]), base_name(dirs[k]));
		if (!given)
			all[count++] = shipped.dir[i];
	}
	return lw_ruleset_load(out, intern, all, count, diag);
}

int
lw_setup_open(struct lw_setup *s, const struct lw_opt_list *packs, const char *policy)
{
	char why[256];
	struct lw_diag diag;
	int err, code;

	memset(s, 0, sizeof(*s));
	lw_policy_default(&s->policy);
	if ((err = lw_text_init()) != 0)
		return lw_cli_fail(err, "building the folding table");
	if ((err = lw_pack_selftest(why, sizeof(why))) != 0)
		return lw_cli_fail(err, "matcher self-test: %s", why);
	if ((s->intern = lw_intern_new()) == NULL)
		return lw_cli_fail(LW_ENOMEM, "start");
	lw_diag_init(&diag);
	if (policy != NULL && (err = lw_policy_read(&s->policy, policy, &diag)) != 0) {
		lw_diag_print(&diag, stderr);
		code = diag.errors > 0 ? lw_cli_exit_code(err)
				       : lw_cli_fail(err, "%s", policy);
	} else {
		code = load_rules(s, packs, &diag);
	}
	lw_diag_clear(&diag);
	return code;
}

void
lw_setup_close(struct lw_setup *s)
{
	lw_ruleset_unref(s->rules);
	lw_intern_free(s->intern);
	lw_text_exit();
	memset(s, 0, sizeof(*s));
}
