/* SPDX-License-Identifier: Apache-2.0 */
/* Loading packs and policy. Folders in, one reference-counted struct lw_rules out; the last
 * reference frees it. */
#include <stdio.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "conf/paths.h"
#include "daemon/rules.h"

int
lw_rules_source(struct lw_rules_source *out, const struct lw_config *conf)
{
	struct lw_conf_packs shipped;
	size_t i;
	int err;

	memset(out, 0, sizeof(*out));
	memcpy(out->policy, conf->policy, sizeof(out->policy));
	for (i = 0; i < conf->npacks; i++)
		memcpy(out->dir[i], conf->packs[i], sizeof(out->dir[i]));
	out->ndirs = conf->npacks;
	if (out->ndirs > 0)
		return 0;
	err = lw_conf_shipped_packs(&shipped);
	if (err != 0)
		return err;
	for (i = 0; i < shipped.n; i++)
		memcpy(out->dir[i], shipped.dir[i], sizeof(out->dir[i]));
	out->ndirs = shipped.n;
	return 0;
}

int
lw_rules_load(struct lw_rules **out, const struct lw_rules_source *src,
    struct lw_intern *intern, struct lw_diag *diag)
{
	const char *dirs[LW_CONF_PACKS];
	struct lw_rules *r;
	size_t i;
	int err;

	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return LW_ENOMEM;
	atomic_init(&r->refs, 1);
	for (i = 0; i < src->ndirs; i++)
		dirs[i] = src->dir[i];
	if (src->policy[0] != '\0')
		err = lw_policy_read(&r->policy, src->policy, diag);
	else
		lw_policy_default(&r->policy), err = 0;
	if (err == 0)
		err = lw_rules_id(src, NULL, r->id);
	if (err == 0)
		err = lw_ruleset_load(&r->rs, intern, dirs, src->ndirs, diag);
	if (err != 0) {
		lw_rules_unref(r);
		return err;
	}
	r->mark.lexemes = lw_intern_lexemes(intern);
	r->mark.rules = lw_intern_rules(intern);
	*out = r;
	return 0;
}

struct lw_rules *
lw_rules_ref(struct lw_rules *r)
{
	atomic_fetch_add(&r->refs, 1);
	return r;
}

void
lw_rules_unref(struct lw_rules *r)
{
	if (r == NULL || atomic_fetch_sub(&r->refs, 1) != 1)
		return;
	lw_ruleset_unref(r->rs);
	free(r);
	/* A ruleset and the making of it leave tens of MiB that nobody needs any more. */
	malloc_trim(0);
}
