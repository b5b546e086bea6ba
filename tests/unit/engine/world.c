/* SPDX-License-Identifier: Apache-2.0 */
/* A pipeline for tests. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "world.h"

void
world_init(struct world *w)
{
	memset(w, 0, sizeof(*w));
	fake_init(&w->rs);
	lw_policy_default(&w->policy);
	lw_engine_conf_default(&w->conf);
	world_restart(w);
}

void
world_restart(struct world *w)
{
	lw_pipeline_free(w->p);
	assert_int_equal(lw_pipeline_new(&w->p, &w->conf, &w->rs, &w->policy, 0), 0);
}

void
world_clear(struct world *w)
{
	lw_pipeline_free(w->p);
}

struct lw_event
event(enum lw_event_kind kind, const char *from, const char *to, uint64_t ts)
{
	struct lw_event ev;

	memset(&ev, 0, sizeof(ev));
	ev.kind = kind;
	ev.tenant = LW_STR("t");
	ev.from = lw_str(from);
	if (to != NULL)
		ev.to = lw_str(to);
	ev.ts_ms = ts;
	return ev;
}

struct lw_event
message(const char *from, const char *to, const char *text, uint64_t ts)
{
	struct lw_event ev = event(LW_EV_MESSAGE, from, to, ts);

	ev.conv = LW_STR("c");
	ev.text = lw_str(text);
	return ev;
}

const struct lw_flag *
feed(struct world *w, struct lw_event ev)
{
	assert_int_equal(lw_pipeline_step(w->p, &ev, &w->out, w->flags, &w->nflags), 0);
	return w->out.flag;
}

const struct lw_flag *
say(struct world *w, const char *from, const char *to, const char *text, uint64_t ts)
{
	return feed(w, message(from, to, text, ts));
}

double
contribution(const struct lw_flag *f, const char *name)
{
	for (uint32_t i = 0; i < f->ncontributions; i++)
		if (strcmp(f->contributions[i].name, name) == 0)
			return f->contributions[i].value;
	return 0;
}

static void
put_str(struct lw_buf *out, struct lw_str s)
{
	(void)lw_buf_put(out, &s.n, sizeof(s.n));
	if (s.n > 0)
		(void)lw_buf_put(out, s.p, s.n);
}

void
flag_bytes(const struct lw_flag *f, struct lw_buf *out)
{
	(void)lw_buf_put(out, &f->id, sizeof(f->id));
	(void)lw_buf_put(out, &f->pair, sizeof(f->pair));
	(void)lw_buf_printf(out, "%d %d %llu %llu %a %a %u\n", (int)f->kind,
	    (int)f->band, (unsigned long long)f->seq, (unsigned long long)f->ts_ms,
	    f->risk, f->log_odds, f->categories);
	put_str(out, f->tenant);
	put_str(out, f->conv);
	put_str(out, f->from);
	put_str(out, f->to);
	put_str(out, f->message);
	put_str(out, f->clause);
	for (uint32_t i = 0; i < f->ncontributions; i++)
		(void)lw_buf_printf(out, "%s %a %a\n", f->contributions[i].name,
		    f->contributions[i].value, f->contributions[i].evidence);
	for (uint32_t i = 0; i < f->nevidence; i++) {
		const struct lw_evidence *e = &f->evidence[i];

		put_str(out, e->rule);
		put_str(out, e->title);
		put_str(out, e->message);
		put_str(out, e->text);
		(void)lw_buf_printf(out, "%d %llu %u %d %a %u %d %d\n",
		    (int)e->category, (unsigned long long)e->ts_ms, e->rev, (int)e->how,
		    (double)e->weight, e->back, e->from_target, e->deleted);
		(void)lw_buf_put(out, e->spans, e->nspans * sizeof(e->spans[0]));
	}
	(void)lw_buf_puts(out, f->pack);
	(void)lw_buf_puts(out, f->engine);
	assert_int_equal(out->err, 0);
}
