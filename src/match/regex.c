/* SPDX-License-Identifier: Apache-2.0 */
/* Rules with a regular expression. In: the message. Out: candidates, each with the end that
 * comes first; the library tells no starts, so the span begins at the last word from which
 * the regex still matches to there. Costs a fold of the text, and only with such rules. */
#include "base/err.h"
#include "match/matcher.h"

#define WORDS_BACK_MAX 48 /* words that are tried as a start; then the message's */

struct ends {
	struct lw_matcher *m;
	const struct lw_ruleset *rs;
	unsigned channel;
};

static int
on_end(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
    void *arg)
{
	struct ends *x = arg;
	uint32_t rule = x->rs->regexes.rule[id];
	struct lw_candidate *c;
	bool is_new;

	(void)from;
	(void)flags;
	if (!lw_match_is_in_channel(&x->rs->rule[rule], x->channel) ||
	    (c = lw_match_candidate(x->m, rule, &is_new)) == NULL)
		return 0;
	if (is_new || (int32_t)to < c->end)
		c->end = (int32_t)to;
	return 0;
}

struct probe {
	uint32_t id;
	unsigned long long to;
	bool is_found;
};

static int
on_probe(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
    void *arg)
{
	struct probe *p = arg;

	(void)from;
	(void)flags;
	p->is_found |= id == p->id && to == p->to;
	return p->is_found;
}

/* Start of the span of a match that ends at `end` of the folded text. */
static size_t
find_start(struct lw_matcher *m, const hs_database_t *db, uint32_t regex, size_t end)
{
	const uint8_t *p = m->folded.p;
	unsigned words = 0;

	for (size_t s = end; s-- > 0;) {
		struct probe probe = {.id = regex, .to = end - s};

		if (p[s] != ' ' && s > 0)
			continue;
		if (++words > WORDS_BACK_MAX)
			break;
		hs_scan(db, (const char *)p + s, (unsigned)(end - s), 0, m->scratch,
		    on_probe, &probe);
		if (probe.is_found)
			return s;
	}
	return 0;
}

static void
set_span(struct lw_matcher *m, const hs_database_t *db, uint32_t regex,
    struct lw_candidate *c)
{
	const struct lw_folded *f = &m->folded;
	size_t end = (size_t)c->end, s = find_start(m, db, regex, end);

	while (end > 1 && f->p[end - 1] == ' ')
		end--;
	while (s + 1 < end && f->p[s] == ' ')
		s++;
	c->nspans = 1;
	c->spans[0] = (struct lw_span){f->start[s], f->end[end - 1]};
	if (c->spans[0].end < c->spans[0].start)
		c->spans[0].end = c->spans[0].start;
}

int
lw_match_regexes(
    struct lw_matcher *m, const struct lw_ruleset *rs, size_t n, unsigned channel)
{
	struct ends x = {.m = m, .rs = rs, .channel = channel};
	const struct lw_regexdb *r = &rs->regexes;
	uint32_t first = m->ncandidates;
	int err;

	if (r->ndbs == 0)
		return 0;
	if ((err = lw_fold(&m->folded, m->text, n)) != 0)
		return err;
	for (uint32_t i = 0; i < r->ndbs; i++)
		if (hs_scan(r->db[i], (const char *)m->folded.p, (unsigned)m->folded.n,
			0, m->scratch, on_end, &x) != HS_SUCCESS)
			return LW_ELIB;
	for (uint32_t i = first; i < m->ncandidates; i++) {
		struct lw_candidate *c = &m->candidate[i];
		uint32_t regex = rs->regex_of[c->rule] - 1;

		set_span(m, r->db[regex / LW_REGEX_CHUNK], regex, c);
	}
	return 0;
}
