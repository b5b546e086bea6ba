/* SPDX-License-Identifier: Apache-2.0 */
/* Making flags and their ids. Owns nothing: all is put in the caller's arena. */
#include "verdict/flag.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

static int
by_name(const void *a, const void *b)
{
	const struct lw_str *x = a, *y = b;
	size_t n = x->n < y->n ? x->n : y->n;
	int c = n > 0 ? memcmp(x->p, y->p, n) : 0;

	return c != 0 ? c : (x->n > y->n) - (x->n < y->n);
}

/* Anybody may say the test phrase as often as they like: that is one flag a minute. */
static size_t
add_minute(struct lw_str *part, size_t n, const struct lw_event *ev, char *z, size_t size)
{
	snprintf(z, size, "%llu", (unsigned long long)(ev->ts_ms / 60000));
	part[n++] = lw_str(z);
	return n;
}

static size_t
add_message(struct lw_str *part, size_t n, const struct lw_event *ev, char *z, size_t size)
{
	if (ev->id.n > 0) {
		part[n++] = ev->id;
	} else {
		snprintf(z, size, "%llu", (unsigned long long)ev->ts_ms);
		part[n++] = ev->conv;
		part[n++] = ev->from;
		part[n++] = lw_str(z);
	}
	/* Where people choose the ids of their messages, an old one must not make a new flag
	 * look known. Texts of other kinds are not in the journal, so not in a replay. */
	if (ev->kind == LW_EV_MESSAGE || ev->kind == LW_EV_EDIT)
		part[n++] = ev->text;
	return n;
}

static struct lw_id128
id_of(const struct lw_flag_in *in)
{
	struct lw_str part[10 + LW_FLAG_RULES_MAX];
	const struct lw_event *ev = in->ev;
	char ts[24] = "";
	size_t n = 0, rules = in->nrules;

	if (rules > LW_FLAG_RULES_MAX)
		rules = LW_FLAG_RULES_MAX;
	part[n++] = LW_STR("flag");
	part[n++] = lw_str(lw_flag_kind_name(in->kind));
	part[n++] = ev->tenant;
	part[n++] = in->from;
	part[n++] = in->to;
	part[n++] = in->to.n > 0 ? LW_STR("") : ev->conv;
	if (in->kind == LW_FLAG_TEST)
		n = add_minute(part, n, ev, ts, sizeof(ts));
	else
		n = add_message(part, n, ev, ts, sizeof(ts));
	if (rules > 0)
		memcpy(part + n, in->rules, rules * sizeof(*part));
	qsort(part + n, rules, sizeof(*part), by_name);
	return lw_hash128_parts(in->key, part, n + rules);
}

static bool
copy(struct lw_arena *arena, struct lw_str s, struct lw_str *out)
{
	*out = (struct lw_str){NULL, 0};
	if (s.p == NULL)
		return false;
	*out = lw_arena_str(arena, s);
	return out->p == NULL;
}

struct lw_flag *
lw_flag_new(struct lw_arena *arena, const struct lw_flag_in *in)
{
	struct lw_flag *f = lw_arena_alloc(arena, sizeof(*f));
	const struct lw_event *ev = in->ev;

	if (f == NULL)
		return NULL;
	f->id = id_of(in);
	f->pair = in->pair;
	f->kind = in->kind;
	f->band = in->band;
	f->seq = ev->seq;
	f->ts_ms = ev->ts_ms;
	f->engine = in->engine;
	snprintf(f->pack, sizeof(f->pack), "%s", in->pack);
	if (copy(arena, ev->tenant, &f->tenant) || copy(arena, ev->conv, &f->conv) ||
	    copy(arena, in->from, &f->from) || copy(arena, in->to, &f->to) ||
	    copy(arena, ev->id, &f->message))
		return NULL;
	return f;
}

int
lw_flag_clause(struct lw_flag *f, struct lw_arena *arena, const struct lw_policy *p,
    enum lw_category c)
{
	if (c >= LW_CAT_MAX || p->clause[c][0] == '\0')
		return 0;
	return copy(arena, lw_str(p->clause[c]), &f->clause) ? LW_ENOMEM : 0;
}
