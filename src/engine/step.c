/* SPDX-License-Identifier: Apache-2.0 */
/* One event through one shard: match (or a record of it), window, score, verdict. Results
 * are the caller's arena's. Workers own their scratch; shards are owned by their caller. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "engine/shard.h"

int
lw_worker_new(struct lw_worker **out, size_t memo_words)
{
	struct lw_worker *w = calloc(1, sizeof(*w));
	int rc;

	if (w == NULL)
		return LW_ENOMEM;
	rc = lw_matcher_new(&w->matcher, memo_words);
	if (rc != 0) {
		free(w);
		return rc;
	}
	*out = w;
	return 0;
}

void
lw_worker_free(struct lw_worker *w)
{
	if (w == NULL)
		return;
	lw_matcher_free(w->matcher);
	free(w);
}

void
lw_worker_timing(struct lw_worker *w, struct lw_engine_times *times)
{
	w->times = times;
	lw_matcher_timing(w->matcher, times != NULL ? &times->match : NULL);
}

static uint64_t
tick(const struct lw_pass *p)
{
	return p->w->times != NULL ? lw_clock_mono_ns() : 0;
}

/* What the matcher found, as a record in the arena. */
static int
scan(const struct lw_pass *p, const struct lw_window *win, uint64_t now_ms,
    struct lw_record *rec)
{
	struct lw_match *m = &p->w->match;
	int rc = lw_match_scan(
	    p->w->matcher, p->rs, &win->ring, p->ev->text, now_ms, p->ev->channel, m);

	if (rc != 0)
		return rc;
	rec->words = m->words;
	rec->ntok = (uint32_t)m->ntok;
	rec->nhit = (uint32_t)m->nhit;
	if (m->ntok > 0) {
		rec->tok = lw_arena_dup(p->arena, m->tok, m->ntok * sizeof(*m->tok));
		if (rec->tok == NULL)
			return LW_ENOMEM;
	}
	if (m->nhit > 0) {
		rec->hit = lw_arena_dup(p->arena, m->hit, m->nhit * sizeof(*m->hit));
		if (rec->hit == NULL)
			return LW_ENOMEM;
		rec->keep_text = true;
	}
	return 0;
}

/* Count the message, and whether it starts the pair's talk after a pause. */
static void
count(const struct lw_pass *p, struct lw_window *w, struct lw_id128 key, uint64_t now_ms)
{
	const struct lw_windows *ws = &p->s->windows;
	const struct lw_window *peer = NULL;

	if (w->messages < UINT32_MAX)
		w->messages++;
	if (ws->gap_ms < LW_PAUSE_MS)
		return;
	if (lw_has_target(p->ev))
		peer = lw_windows_find(ws, lw_key_back(key));
	if (peer != NULL && peer->messages > 0 && now_ms < peer->last_ms + LW_PAUSE_MS)
		return;
	if (w->starts < UINT16_MAX)
		w->starts++;
}

static void
part_init(struct lw_part *part, struct lw_window *w, struct lw_id128 key,
    struct lw_str from, struct lw_str to, uint64_t now_ms)
{
	memset(part, 0, sizeof(*part));
	part->win = w;
	part->key = key;
	part->from = from;
	part->to = to;
	part->now_ms = now_ms;
	w->busy = 1;
}

/* The window of one who was talking with this sender. */
static int
credit_one(const struct lw_pass *p, struct lw_part *part, struct lw_id128 key,
    struct lw_str from, struct lw_str to)
{
	uint64_t now = p->ev->ts_ms;
	struct lw_window *w;
	int rc =
	    lw_shard_touch(p->s, p->ev->tenant, p->ev->conv, from, to, key, &now, &w);

	if (rc != 0)
		return rc;
	part_init(part, w, key, from, to, now);
	part->from_target = true;
	return 0;
}

/* What somebody says about themselves counts against who writes to them: the target, or
 * where that is unknown those who spoke in the conversation last. */
static int
credit(const struct lw_pass *p, struct lw_id128 key, const struct lw_conv *conv,
    struct lw_part *parts, size_t *n)
{
	const struct lw_event *ev = p->ev;

	if (lw_has_target(ev)) {
		int rc = credit_one(p, parts + *n, lw_key_back(key), ev->to, ev->from);

		*n += rc == 0;
		return rc;
	}
	for (unsigned i = 1; conv != NULL && i < conv->nspeakers; i++) {
		const struct lw_speaker *s = &conv->speaker[i];
		struct lw_str none = {NULL, 0};
		int rc;

		if (conv->last_ms - s->last_ms > LW_CONV_RECENT_MS)
			break;
		rc = credit_one(
		    p, parts + *n, s->window, (struct lw_str){s->name, s->n}, none);
		if (rc != 0)
			return rc;
		++*n;
	}
	return 0;
}

/* Deal the hits to the windows that they belong to; returns the test hit, if any. */
static const struct lw_hit *
deal(const struct lw_record *rec, bool to_self, struct lw_part *parts, size_t n)
{
	const struct lw_hit *test = NULL;

	for (uint32_t i = 0; i < rec->nhit; i++) {
		const struct lw_hit *h = &rec->hit[i];
		bool other = lw_category_is_other_party((enum lw_category)h->category);

		if (h->category == LW_CAT_TEST) {
			test = h;
			continue;
		}
		if (to_self)
			continue;
		for (size_t k = 0; k < n; k++)
			if (parts[k].from_target == other)
				parts[k].hit[parts[k].nhit++] = h;
	}
	return test;
}

static bool
has_other_party(const struct lw_record *rec)
{
	for (uint32_t i = 0; i < rec->nhit; i++)
		if (lw_category_is_other_party((enum lw_category)rec->hit[i].category))
			return true;
	return false;
}

/* For the fan-out stage, what a person did who is neither staff nor family. */
static void
tell_fanout(const struct lw_pass *p, const struct lw_part *own)
{
	bool relative = own->to.n > 0 && lw_rel_family(lw_shard_relation(p->s, own->key));

	if (!relative && !lw_who_staff(own->win->from_who))
		p->out->categories = own->why.categories;
}

static int
take_hits(const struct lw_pass *p, const struct lw_record *rec, struct lw_window *w,
    struct lw_id128 key, const struct lw_conv *conv, uint64_t now_ms)
{
	struct lw_part parts[1 + LW_CREDIT_MAX];
	const struct lw_event *ev = p->ev;
	const struct lw_hit *test;
	size_t n = 1, with = 0;
	int rc = 0;

	part_init(&parts[0], w, key, ev->from,
	    lw_has_target(ev) ? ev->to : (struct lw_str){NULL, 0}, now_ms);
	if (has_other_party(rec))
		rc = credit(p, key, conv, parts, &n);
	test = deal(rec, lw_is_to_self(ev), parts, n);
	for (size_t i = 0; i < n && rc == 0; i++)
		if (parts[i].nhit > 0)
			rc = lw_part_take(p, &parts[i]);
	for (size_t i = 0; i < n; i++)
		parts[i].win->busy = 0;
	if (rc != 0)
		return rc;
	tell_fanout(p, &parts[0]);
	/* Only windows that got something are judged. */
	for (size_t i = 0; i < n; i++)
		if (parts[i].nhit > 0 && i != with++)
			parts[with - 1] = parts[i];
	if (with > 0)
		rc = lw_parts_judge(p, parts, with);
	if (rc == 0 && test != NULL && p->out->flag == NULL)
		rc = lw_pass_test(p, test, key);
	return rc;
}

/* What an ask is answered: by the state of the pair, which a look does not change. */
static void
answer(const struct lw_pass *p, struct lw_window *w, struct lw_id128 key, uint64_t now_ms)
{
	const struct lw_trace *t = w->trace;
	enum lw_band band = LW_BAND_NONE;
	double risk = 0;

	if (t != NULL && p->ev->ask) {
		struct lw_part part;
		struct lw_score_in in;
		struct lw_judgement j;

		part_init(&part, w, key, p->ev->from,
		    lw_has_target(p->ev) ? p->ev->to : (struct lw_str){NULL, 0}, now_ms);
		w->busy = 0;
		lw_part_score(p, &part, &in, true);
		lw_judge(p->policy, t, &part.score, &part.why, now_ms, &j);
		band = j.band;
		risk = part.score.risk;
	} else if (t != NULL) {
		band = (enum lw_band)t->band;
		risk = t->risk;
	}
	lw_judge_answer(p->policy, band, t != NULL && t->closed, risk, &p->out->verdict);
}

static int
message(const struct lw_pass *p, const struct lw_record *given)
{
	const struct lw_event *ev = p->ev;
	struct lw_shard *s = p->s;
	struct lw_record *rec = &p->out->record;
	struct lw_id128 key = lw_shard_key(s, ev);
	struct lw_str to = lw_has_target(ev) ? ev->to : (struct lw_str){NULL, 0};
	const struct lw_conv *conv = NULL;
	uint64_t now = ev->ts_ms, t0 = tick(p), t1, t2;
	struct lw_window *w;
	int rc = lw_shard_touch(s, ev->tenant, ev->conv, ev->from, to, key, &now, &w);

	t1 = tick(p);
	if (rc != 0)
		return rc;
	if (given != NULL)
		*rec = *given;
	else if ((rc = scan(p, w, now, rec)) != 0)
		return rc;
	t2 = tick(p);
	lw_ring_push(&w->ring, rec->tok, rec->ntok, rec->words, now);
	count(p, w, key, now);
	if (to.n == 0 && ev->conv.n > 0) {
		struct lw_id128 ck = lw_key_conv(&s->key, ev->tenant, ev->conv);

		rc = lw_convs_speak(&s->convs, ck, ev->from, key, now, &conv);
		lw_shard_account(s);
	}
	if (p->w->times != NULL) {
		p->w->times->window_ns += t1 - t0 + (tick(p) - t2);
		p->w->times->steps++;
	}
	if (rc == 0 && rec->nhit > 0)
		rc = take_hits(p, rec, w, key, conv, now);
	if (rc == 0)
		answer(p, w, key, now);
	return rc;
}

/* A record from a journal is bounded before it is believed. */
static bool
is_sound(const struct lw_record *r)
{
	if (r->ntok > LW_MATCH_TOKENS_MAX || r->nhit > LW_MATCH_HITS_MAX ||
	    (r->ntok > 0 && r->tok == NULL) || (r->nhit > 0 && r->hit == NULL))
		return false;
	for (uint32_t i = 0; i < r->nhit; i++)
		if (r->hit[i].category >= LW_CAT_MAX || r->hit[i].how >= LW_HOW_MAX ||
		    r->hit[i].nspans > LW_HIT_SPANS)
			return false;
	return true;
}

static int
run(const struct lw_pass *p, const struct lw_record *given)
{
	memset(p->out, 0, sizeof(*p->out));
	p->out->verdict.reason = "ok";
	p->out->verdict.seq = p->ev->seq;
	if (p->ev->kind == LW_EV_MESSAGE || p->ev->kind == LW_EV_EDIT)
		return message(p, given);
	return lw_pass_event(p);
}

int
lw_engine_step(struct lw_worker *w, struct lw_shard *s, const struct lw_ruleset *rs,
    const struct lw_policy *policy, const struct lw_event *ev, struct lw_arena *arena,
    struct lw_outcome *out)
{
	struct lw_pass p = {w, s, rs, policy, ev, arena, out};

	return run(&p, NULL);
}

int
lw_engine_apply(struct lw_worker *w, struct lw_shard *s, const struct lw_ruleset *rs,
    const struct lw_policy *policy, const struct lw_event *ev,
    const struct lw_record *rec, struct lw_arena *arena, struct lw_outcome *out)
{
	struct lw_pass p = {w, s, rs, policy, ev, arena, out};

	return is_sound(rec) ? run(&p, rec) : LW_EINVAL;
}
