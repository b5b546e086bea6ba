/* SPDX-License-Identifier: Apache-2.0 */
/* A group commit while it is filled: records, flags with all that they point to, and the
 * snapshots that may be written once it is durable. */
#include "base/err.h"
#include "daemon/pipe_inside.h"

#define FLAGS_BYTES ((size_t)32 << 20)

void
lw_group_init(struct lw_group *g)
{
	lw_buf_init(&g->block, LW_DAEMON_GROUP_MAX + LW_DAEMON_RECORD_MAX);
	lw_arena_init(&g->arena, FLAGS_BYTES);
}

void
lw_group_reset(struct lw_group *g)
{
	lw_buf_reset(&g->block);
	lw_arena_reset(&g->arena);
	lw_rules_unref(g->rules);
	g->rules = NULL;
	g->nflags = 0;
	g->since_ns = 0;
	g->urgent = false;
}

void
lw_group_clear(struct lw_group *g)
{
	struct lw_snap_job *job;

	while ((job = g->snaps) != NULL) {
		g->snaps = job->next;
		lw_snap_job_drop(job);
	}
	lw_group_reset(g);
	lw_buf_clear(&g->block);
	lw_arena_clear(&g->arena);
}

bool
lw_group_is_empty(const struct lw_group *g)
{
	return g->since_ns == 0;
}

bool
lw_group_is_big(const struct lw_group *g)
{
	return g->urgent || g->block.len >= LW_DAEMON_GROUP_BYTES ||
	       g->nflags >= LW_DAEMON_GROUP_FLAGS / 2;
}

static bool
keep(struct lw_arena *a, struct lw_str *s)
{
	if (s->p != NULL)
		*s = lw_arena_str(a, *s);
	else
		return true;
	return s->p != NULL;
}

int
lw_group_add_flag(struct lw_group *g, const struct lw_flag *f)
{
	struct lw_flag *c;
	bool ok;
	uint32_t i;

	if (g->nflags == LW_DAEMON_GROUP_FLAGS)
		return LW_ELIMIT;
	c = lw_arena_dup(&g->arena, f, sizeof(*f));
	if (c == NULL)
		return LW_ENOMEM;
	ok = keep(&g->arena, &c->tenant) && keep(&g->arena, &c->conv) &&
	     keep(&g->arena, &c->from) && keep(&g->arena, &c->to) &&
	     keep(&g->arena, &c->message) && keep(&g->arena, &c->clause);
	for (i = 0; ok && i < c->nevidence && i < LW_EVIDENCE_MAX; i++)
		ok = keep(&g->arena, &c->evidence[i].rule) &&
		     keep(&g->arena, &c->evidence[i].title) &&
		     keep(&g->arena, &c->evidence[i].message) &&
		     keep(&g->arena, &c->evidence[i].text);
	if (!ok)
		return LW_ENOMEM;
	g->flag[g->nflags++] = c;
	return 0;
}
