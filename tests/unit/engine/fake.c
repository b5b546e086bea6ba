/* SPDX-License-Identifier: Apache-2.0 */
/* The tests' pack and matcher. */
#include "fake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

#define SPLIT 1000001u

/* One pack a test program: rule names are asked for without naming a pack. */
static const struct lw_ruleset *current;

struct lw_matcher {
	struct lw_match_times *times;
};

uint32_t
fake_rule(enum lw_category c, int which)
{
	return 1 + (uint32_t)c * 2 + (uint32_t)which;
}

void
fake_init(struct lw_ruleset *rs)
{
	memset(rs, 0, sizeof(*rs));
	rs->model.bias = -4;
	rs->model.alone = 1u << LW_CAT_COERCION | 1u << LW_CAT_HELP_REQUEST;
	for (int c = 0; c < LW_CAT_MAX; c++) {
		rs->model.beta[c] = 3;
		rs->model.half_life_ms[c] = 14ull * 24 * 60 * 60 * 1000;
		for (int i = 0; i < 2; i++) {
			uint32_t id = fake_rule((enum lw_category)c, i);
			struct lw_rule *r = &rs->rule[id - 1];

			snprintf(rs->name[id - 1], sizeof(rs->name[0]), "xx.%s%s",
			    lw_category_name((enum lw_category)c), i == 0 ? "" : "2");
			r->id = id;
			r->name = lw_str(rs->name[id - 1]);
			r->title = LW_STR("a title");
			r->rev = 3;
			r->category = (enum lw_category)c;
			r->weight = i == 0 ? 1.5f : 0.8f;
		}
	}
	current = rs;
}

const struct lw_model *
lw_ruleset_model(const struct lw_ruleset *rs)
{
	return &rs->model;
}

const struct lw_rule *
lw_ruleset_rule(const struct lw_ruleset *rs, uint32_t id)
{
	if (id == 0 || id > 2 * LW_CAT_MAX || rs->gone[id - 1])
		return NULL;
	return &rs->rule[id - 1];
}

const char *
lw_ruleset_hash(const struct lw_ruleset *rs)
{
	(void)rs;
	return "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
}

const struct lw_intern *
lw_ruleset_intern(const struct lw_ruleset *rs)
{
	(void)rs;
	return NULL;
}

struct lw_str
lw_intern_rule_name(const struct lw_intern *t, uint32_t id)
{
	(void)t;
	if (id == 0 || id > 2 * LW_CAT_MAX)
		return (struct lw_str){NULL, 0};
	return lw_str(current->name[id - 1]);
}

struct lw_ruleset *
lw_ruleset_ref(struct lw_ruleset *rs)
{
	return rs;
}

void
lw_ruleset_unref(struct lw_ruleset *rs)
{
	(void)rs;
}

int
lw_matcher_new(struct lw_matcher **out, size_t memo_words)
{
	(void)memo_words;
	*out = calloc(1, sizeof(**out));
	return *out == NULL ? LW_ENOMEM : 0;
}

void
lw_matcher_free(struct lw_matcher *m)
{
	free(m);
}

void
lw_matcher_timing(struct lw_matcher *m, struct lw_match_times *times)
{
	m->times = times;
}

static void
add_hit(struct lw_match *out, uint32_t rule, uint8_t category, double weight,
    enum lw_how how, uint32_t start, uint32_t end)
{
	struct lw_hit *h = &out->hit[out->nhit];

	for (size_t i = 0; i < out->nhit; i++)
		if (out->hit[i].rule == rule)
			return;
	memset(h, 0, sizeof(*h));
	h->rule = rule;
	h->category = category;
	h->how = (uint8_t)how;
	h->weight = (float)(weight * lw_how_confidence(how));
	h->nspans = 1;
	h->spans[0] = (struct lw_span){start, end};
	out->nhit++;
}

static void
add_word(
    const struct lw_ruleset *rs, struct lw_str word, uint32_t at, struct lw_match *out)
{
	enum lw_how how = LW_HOW_EXACT;
	struct lw_str w = word;
	int which = 0, c;

	if (w.n > 0 && w.p[0] == '~') {
		how = LW_HOW_SKELETON;
		w.p++;
		w.n--;
	}
	if (w.n > 0 && w.p[w.n - 1] == '2') {
		which = 1;
		w.n--;
	}
	c = lw_category_find(w);
	if (c >= 0) {
		uint32_t id = fake_rule((enum lw_category)c, which);

		add_hit(out, id, (uint8_t)c, rs->rule[id - 1].weight, how, at,
		    at + (uint32_t)word.n);
	}
}

static bool
ring_ends_in_split(const struct lw_ring *r)
{
	return r != NULL && r->n > 0 &&
	       r->tok[(r->head + r->n - 1u) % LW_RING_TOKENS].lexeme == SPLIT;
}

int
lw_match_scan(struct lw_matcher *m, const struct lw_ruleset *rs,
    const struct lw_ring *ring, struct lw_str text, uint64_t ts_ms,
    enum lw_channel channel, struct lw_match *out)
{
	(void)m;
	(void)ts_ms;
	(void)channel;
	out->ntok = out->nhit = 0;
	out->words = 0;
	out->capped = false;
	for (size_t i = 0; i < text.n;) {
		size_t n = 0;
		struct lw_str w;
		struct lw_token *t = &out->tok[out->ntok];

		while (i + n < text.n && text.p[i + n] != ' ')
			n++;
		w = (struct lw_str){text.p + i, n};
		if (n > 0 && out->ntok < LW_MATCH_TOKENS_MAX) {
			memset(t, 0, sizeof(*t));
			t->lexeme =
			    lw_str_is(w, "split") ? SPLIT : (uint32_t)(w.p[0] * 131 + n);
			t->len = 1;
			t->pos = out->words++;
			out->ntok++;
			if (t->pos == 0 && lw_str_is(w, "phrase") &&
			    ring_ends_in_split(ring))
				add_hit(out, fake_rule(LW_CAT_COERCION, 0),
				    LW_CAT_COERCION, 1.5, LW_HOW_EXACT, 0, 6);
			add_word(rs, w, (uint32_t)i, out);
		}
		i += n + 1;
	}
	return 0;
}

void
lw_ring_push(struct lw_ring *r, const struct lw_token *tok, size_t ntok, uint16_t words,
    uint64_t ts_ms)
{
	r->msg_s[r->mark % LW_RING_MESSAGES] = (uint32_t)(ts_ms / 1000);
	for (size_t i = 0; i < ntok; i++) {
		unsigned at = (r->head + r->n) % LW_RING_TOKENS;

		r->tok[at] = tok[i];
		r->tok[at].pos = (uint16_t)(r->pos + tok[i].pos);
		r->tok[at].mark = r->mark;
		if (r->n < LW_RING_TOKENS)
			r->n++;
		else
			r->head = (uint8_t)((r->head + 1) % LW_RING_TOKENS);
	}
	r->pos = (uint16_t)(r->pos + words);
	r->mark++;
	if (r->messages < 255)
		r->messages++;
}
