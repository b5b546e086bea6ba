/* SPDX-License-Identifier: Apache-2.0 */
/* Events other than messages: deletions, gifts, reports, decisions, facts. They change
 * windows; only a report may raise a flag. */
#include <string.h>

#include "base/err.h"
#include "engine/shard.h"

static void
bump(uint16_t *n)
{
	if (*n < UINT16_MAX)
		++*n;
}

static int
touch(const struct lw_pass *p, struct lw_str from, struct lw_str to, struct lw_part *part)
{
	const struct lw_event *ev = p->ev;

	memset(part, 0, sizeof(*part));
	part->from = from;
	part->to = to;
	part->now_ms = ev->ts_ms;
	part->key = to.n > 0 ? lw_key_pair(&p->s->key, ev->tenant, from, to)
			     : lw_key_sender(&p->s->key, ev->tenant, ev->conv, from);
	return lw_shard_touch(
	    p->s, ev->tenant, ev->conv, from, to, part->key, &part->now_ms, &part->win);
}

/* Evidence stays and is marked. Who deletes may be a moderator, so both directions of the
 * pair are looked at. */
static void
forget_message(const struct lw_pass *p)
{
	struct lw_windows *ws = &p->s->windows;
	struct lw_id128 key = lw_shard_key(p->s, p->ev);
	struct lw_window *w = lw_windows_find(ws, key);

	if (w != NULL && w->trace != NULL)
		lw_trace_delete(w->trace, lw_subject(p->ev));
	if (!lw_has_target(p->ev))
		return;
	w = lw_windows_find(ws, lw_key_back(key));
	if (w != NULL && w->trace != NULL)
		lw_trace_delete(w->trace, lw_subject(p->ev));
}

static int
take_gift(const struct lw_pass *p, struct lw_part *part)
{
	const struct lw_model *m = lw_ruleset_model(p->rs);
	int rc = lw_windows_trace(&p->s->windows, part->win);
	struct lw_trace *t = part->win->trace;

	if (rc != 0)
		return rc;
	t->gift *= lw_decay(part->now_ms - t->gift_ms, m->half_life_ms[LW_CAT_GIFT]);
	t->gift += LW_GIFT_EVIDENCE;
	t->gift_ms = part->now_ms;
	part->win->busy = 1;
	lw_windows_trim(&p->s->windows, part->win);
	part->win->busy = 0;
	return 0;
}

/* Gifts, attachments and requests for contact are counted. */
static int
take_deed(const struct lw_pass *p)
{
	const struct lw_event *ev = p->ev;
	struct lw_str to = lw_has_target(ev) ? ev->to : (struct lw_str){NULL, 0};
	struct lw_part part;
	int rc = touch(p, ev->from, to, &part);

	if (rc != 0)
		return rc;
	switch (ev->kind) {
	case LW_EV_GIFT:
		bump(&part.win->gifts);
		return to.n > 0 ? take_gift(p, &part) : 0;
	case LW_EV_ATTACHMENT:
		bump(&part.win->attachments);
		return 0;
	default:
		bump(&part.win->requests);
		return 0;
	}
}

/* `from` reports `to`: it weighs in the window of what `to` writes to `from`. */
static int
take_report(const struct lw_pass *p)
{
	const struct lw_event *ev = p->ev;
	struct lw_part part;
	int rc;

	if (!lw_has_target(ev) || ev->from.n == 0)
		return lw_shard_learn(p->s, ev);
	if ((rc = touch(p, ev->to, ev->from, &part)) != 0 ||
	    (rc = lw_windows_trace(&p->s->windows, part.win)) != 0)
		return rc;
	bump(&part.win->trace->reports);
	part.why.report = true;
	return lw_parts_judge(p, &part, 1);
}

/* The case's own words: `from` is under review, `to` the target, if known. */
static int
take_decision(const struct lw_pass *p)
{
	const struct lw_event *ev = p->ev;
	struct lw_str to = lw_has_target(ev) ? ev->to : (struct lw_str){NULL, 0};
	struct lw_part part;
	int rc;

	if ((rc = touch(p, ev->from, to, &part)) != 0 ||
	    (rc = lw_windows_trace(&p->s->windows, part.win)) != 0)
		return rc;
	lw_judge_decide(part.win->trace, ev->item);
	return 0;
}

int
lw_pass_event(const struct lw_pass *p)
{
	switch (p->ev->kind) {
	case LW_EV_DELETE:
		forget_message(p);
		return 0;
	case LW_EV_CONTACT_REQUEST:
	case LW_EV_GIFT:
	case LW_EV_ATTACHMENT:
		return take_deed(p);
	case LW_EV_USER:
	case LW_EV_RELATION:
		return lw_shard_learn(p->s, p->ev);
	case LW_EV_REPORT:
		return take_report(p);
	case LW_EV_DECISION:
		return take_decision(p);
	case LW_EV_MESSAGE:
	case LW_EV_EDIT:
	case LW_EV_JOIN:
	case LW_EV_LEAVE:
	case LW_EV_CONTACT_ACCEPT:
	case LW_EV_MAX:
		break;
	}
	return 0;
}
