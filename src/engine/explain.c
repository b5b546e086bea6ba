/* SPDX-License-Identifier: Apache-2.0 */
/* The score of a pair as it stands, for people: a look that changes nothing. */
#include <string.h>

#include "base/err.h"
#include "engine/shard.h"
#include "verdict/flag.h"

int
lw_engine_explain(struct lw_worker *w, struct lw_shard *s, const struct lw_ruleset *rs,
    const struct lw_policy *policy, const struct lw_event *ev, struct lw_arena *arena,
    struct lw_explanation *out)
{
	struct lw_pass p = {w, s, rs, policy, ev, arena, NULL};
	struct lw_part part = {.key = lw_shard_key(s, ev),
	    .from = ev->from,
	    .to = lw_has_target(ev) ? ev->to : (struct lw_str){NULL, 0},
	    .now_ms = ev->ts_ms};
	struct lw_flag_in fi = {.key = &s->key,
	    .ev = ev,
	    .from = part.from,
	    .to = part.to,
	    .pair = part.key,
	    .pack = lw_ruleset_hash(rs),
	    .engine = LW_ENGINE_VERSION};
	struct lw_score_in in;
	struct lw_flag *f;
	int rc;

	memset(out, 0, sizeof(*out));
	part.win = lw_windows_find(&s->windows, part.key);
	if (part.win == NULL || part.win->trace == NULL)
		return 0;
	if (part.now_ms < part.win->last_ms)
		part.now_ms = part.win->last_ms;
	lw_part_score(&p, &part, &in, true);
	lw_judge(policy, part.win->trace, &part.score, &part.why, part.now_ms,
	    &part.judgement);
	fi.kind = part.judgement.kind;
	fi.band = part.judgement.band;
	f = lw_flag_new(arena, &fi);
	if (f == NULL)
		return LW_ENOMEM;
	if ((rc = lw_score_explain(&in, &part.score, arena, f)) != 0)
		return rc;
	out->view = f;
	out->qualified = part.score.qualified;
	out->flags = part.win->trace->flags;
	out->closed = part.win->trace->closed;
	return lw_flag_clause(
	    f, arena, policy, lw_score_strongest(&part.score, lw_ruleset_model(rs)));
}
