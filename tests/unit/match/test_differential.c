/* SPDX-License-Identifier: Apache-2.0 */
/* The matcher against a second one that is slow and plain: random phrases with
 * alternatives, optional parts, lists, stems, gaps, edges, `unless`, literals of scripts
 * without spaces, over messages and time. Every difference is a failure. The seed is printed
 * and can be set with LW_TEST_SEED; LW_TEST_PAIRS sets how many rule and message pairs. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "../pack/packdir.h"
#include "generate.h"
#include "match/match.h"
#include "text/fold.h"

#define RULES 6
#define MESSAGES 48
#define PAIRS 300000
#define MATCHERS 3

struct rule {
	struct ref_phrase phrase[2], unless;
	char text[2][512], unless_text[512];
	int nphrases;
	bool has_unless;
	int span_messages, span_minutes;
	unsigned channels;
	uint32_t id;
};

struct world {
	struct gen gen;
	struct rule rule[RULES];
	struct lw_intern *intern;
	struct lw_ruleset *rs;
	struct lw_matcher *matcher[MATCHERS];
	struct lw_match *out[MATCHERS];
	struct lw_ring ring;
	struct ref_message message[MESSAGES];
	char text[MESSAGES][256];
	uint16_t tokens[MESSAGES];
	unsigned long pairs, hits, silenced, skipped, split;
};

static void
make_rules(struct world *w)
{
	for (int i = 0; i < RULES; i++) {
		struct rule *r = &w->rule[i];

		r->nphrases = 1 + (int)gen_random(&w->gen, 2);
		for (int k = 0; k < r->nphrases; k++)
			gen_phrase(&w->gen, &r->phrase[k], r->text[k], sizeof(r->text[k]));
		r->has_unless = gen_random(&w->gen, 3) == 0;
		if (r->has_unless)
			gen_phrase(&w->gen, &r->unless, r->unless_text,
			    sizeof(r->unless_text));
		r->span_messages = 1 + (int)gen_random(&w->gen, 8);
		r->span_minutes = 1 + (int)gen_random(&w->gen, 20);
		r->channels = gen_random(&w->gen, 4) == 0 ? 1u << LW_CH_DIRECT : 0;
	}
}

static void
write_pack(struct world *w, const struct packdir *dir)
{
	static char yaml[RULES * 4096], one[4096], keys[3072];
	char list[GEN_ENTRIES * 33], name[32], id[32];
	size_t n = 0;

	for (int l = 0; l < GEN_LISTS; l++) {
		list[0] = '\0';
		for (int i = 0; i < w->gen.nentries[l]; i++)
			strcat(strcat(list, w->gen.entry[l][i]), "\n");
		snprintf(name, sizeof(name), "lists/list%c.txt", 'a' + l);
		packdir_put(dir, name, list);
	}
	for (int i = 0; i < RULES; i++) {
		const struct rule *r = &w->rule[i];
		int k = snprintf(keys, sizeof(keys), "  phrase: ['%s'%s%s%s]\n",
		    r->text[0], r->nphrases > 1 ? ", '" : "",
		    r->nphrases > 1 ? r->text[1] : "", r->nphrases > 1 ? "'" : "");

		if (r->has_unless)
			k += snprintf(keys + k, sizeof(keys) - (size_t)k,
			    "  unless: '%s'\n", r->unless_text);
		if (r->channels != 0)
			k += snprintf(keys + k, sizeof(keys) - (size_t)k,
			    "  channels: [direct]\n");
		snprintf(keys + k, sizeof(keys) - (size_t)k,
		    "  span: {messages: %d, minutes: %d}\n", r->span_messages,
		    r->span_minutes);
		snprintf(id, sizeof(id), "en.test.rule-%d", i);
		packdir_rule(one, sizeof(one), id, keys);
		n += (size_t)snprintf(yaml + n, sizeof(yaml) - n, "%s", one);
	}
	packdir_put(dir, "rules/a.yaml", yaml);
}

/* How many messages back the rule may look at message m. */
static int
reach_of(const struct world *w, const struct rule *r, int m)
{
	int back = 0;

	while (back + 1 < r->span_messages && m - back - 1 >= 0 &&
	       w->message[m].time_s - w->message[m - back - 1].time_s <=
		   (uint32_t)r->span_minutes * 60)
		back++;
	return back;
}

static void
expect(struct world *w, const struct rule *r, int m, enum lw_channel channel,
    struct ref_match *best)
{
	static struct ref_match other;
	int back = reach_of(w, r, m);

	memset(best, 0, sizeof(*best));
	if (r->channels != 0 && channel != LW_CH_UNKNOWN &&
	    (r->channels & (1u << channel)) == 0)
		return;
	for (int k = 0; k < r->nphrases; k++) {
		ref_find(&r->phrase[k], w->message, m + 1, back, &other);
		if (!other.is_found)
			continue;
		if (!best->is_found || other.start > best->start ||
		    (other.start == best->start && other.end < best->end)) {
			*best = other;
		} else if (other.start == best->start && other.end == best->end) {
			for (int i = 0; i < other.nways && best->nways < REF_WAYS; i++)
				best->way[best->nways++] = other.way[i];
		}
	}
	if (best->is_found && r->has_unless &&
	    ref_is_in(&r->unless, w->message, m - best->back, m + 1)) {
		best->is_found = false;
		w->silenced++;
	}
}

static const struct lw_hit *
find_hit(const struct lw_match *out, uint32_t rule)
{
	for (size_t i = 0; i < out->nhit; i++)
		if (out->hit[i].rule == rule)
			return &out->hit[i];
	return NULL;
}

static bool
is_a_way(const struct ref_match *want, const struct lw_hit *hit)
{
	for (int i = 0; i < want->nways; i++) {
		bool same = want->way[i].n == hit->nspans;

		for (int k = 0; same && k < hit->nspans; k++)
			same = want->way[i].start[k] == hit->spans[k].start &&
			       want->way[i].end[k] == hit->spans[k].end;
		if (same)
			return true;
	}
	return want->nways == REF_WAYS; /* more ways than were kept */
}

static void
report(const struct world *w, const struct rule *r, int m, const struct ref_match *want,
    const struct lw_hit *hit)
{
	fprintf(stderr, "phrase '%s' '%s' unless '%s' span %d messages %d minutes\n",
	    r->text[0], r->nphrases > 1 ? r->text[1] : "",
	    r->has_unless ? r->unless_text : "", r->span_messages, r->span_minutes);
	for (int l = 0; l < GEN_LISTS; l++)
		for (int i = 0; i < w->gen.nentries[l]; i++)
			fprintf(stderr, "  list%c: %s\n", 'a' + l, w->gen.entry[l][i]);
	for (int i = m > 7 ? m - 7 : 0; i <= m; i++)
		fprintf(stderr, "  %u s: |%s|\n", w->message[i].time_s, w->text[i]);
	fprintf(stderr, "want %d back %d ways %d; got %d back %d spans", want->is_found,
	    want->back, want->nways, hit != NULL, hit != NULL ? hit->back : 0);
	for (int i = 0; hit != NULL && i < hit->nspans; i++)
		fprintf(stderr, " %u-%u", hit->spans[i].start, hit->spans[i].end);
	fprintf(stderr, "\n");
}

static void
check_message(struct world *w, int m, enum lw_channel channel)
{
	static struct ref_match want;

	for (int i = 0; i < RULES; i++) {
		const struct rule *r = &w->rule[i];
		const struct lw_hit *hit = find_hit(w->out[0], r->id);
		unsigned kept = 0;

		/* The ring keeps 32 tokens: further back nothing can be compared. */
		for (int k = 1; k < r->span_messages && m - k >= 0; k++)
			kept += w->tokens[m - k];
		if (kept > LW_RING_TOKENS) {
			w->skipped++;
			continue;
		}
		expect(w, r, m, channel, &want);
		w->pairs++;
		w->hits += want.is_found;
		w->split += want.is_found && want.back > 0;
		if (want.is_found != (hit != NULL) ||
		    (hit != NULL && (hit->back != want.back || hit->how != LW_HOW_EXACT ||
					!is_a_way(&want, hit)))) {
			report(w, r, m, &want, hit);
			fail();
		}
	}
}

static void
scan_all(struct world *w, int m, enum lw_channel channel)
{
	struct lw_str text = lw_str(w->text[m]);
	uint64_t ts_ms = (uint64_t)w->message[m].time_s * 1000 + 999;

	for (int i = 0; i < MATCHERS; i++) {
		memset(w->out[i], 0, sizeof(*w->out[i]));
		assert_int_equal(lw_match_scan(w->matcher[i], w->rs, &w->ring, text,
				     ts_ms, channel, w->out[i]),
		    0);
		assert_false(w->out[i]->capped);
		assert_int_equal(w->out[i]->words, w->message[m].n);
		/* The memo changes nothing. */
		assert_memory_equal(w->out[i], w->out[0], sizeof(*w->out[0]));
	}
	w->tokens[m] = (uint16_t)w->out[0]->ntok;
}

static void
one_pack(struct world *w)
{
	struct packdir dir;
	uint32_t now = 1700000000;
	char id[32];

	gen_lists(&w->gen);
	make_rules(w);
	packdir_init(&dir, "test-en");
	write_pack(w, &dir);
	w->rs = packdir_load(&dir, w->intern);
	packdir_clear(&dir);
	for (int i = 0; i < RULES; i++) {
		snprintf(id, sizeof(id), "en.test.rule-%d", i);
		w->rule[i].id = lw_intern_rule(w->intern, lw_str(id));
	}
	/* Positions are near the end of their range: they wrap on the way. */
	memset(&w->ring, 0, sizeof(w->ring));
	w->ring.pos = (uint16_t)(65536 - gen_random(&w->gen, 200));
	w->ring.mark = (uint8_t)gen_random(&w->gen, 256);
	for (int m = 0; m < MESSAGES; m++) {
		enum lw_channel channel = (enum lw_channel)gen_random(&w->gen, 4);

		now += gen_random(&w->gen, 3) == 0 ? gen_random(&w->gen, 600)
						   : gen_random(&w->gen, 30);
		gen_message(&w->gen, w->text[m], sizeof(w->text[m]));
		ref_cut(&w->message[m], w->text[m], now);
		scan_all(w, m, channel);
		check_message(w, m, channel);
		lw_ring_push(&w->ring, w->out[0]->tok, w->out[0]->ntok,
		    w->out[0]->words, (uint64_t)now * 1000 + 999);
	}
	lw_ruleset_unref(w->rs);
}

static unsigned long
number_from(const char *name, unsigned long otherwise)
{
	const char *s = getenv(name);

	return s != NULL && *s != '\0' ? strtoul(s, NULL, 10) : otherwise;
}

static void
test_same_as_reference(void **state)
{
	static const size_t memo[MATCHERS] = {0, 16, LW_MEMO_DEFAULT};
	static struct world w;
	unsigned long seed = number_from("LW_TEST_SEED", (unsigned long)time(NULL));
	unsigned long pairs = number_from("LW_TEST_PAIRS", PAIRS);

	(void)state;
	printf("LW_TEST_SEED=%lu\n", seed);
	w.gen.state = seed;
	w.intern = lw_intern_new();
	assert_non_null(w.intern);
	for (int i = 0; i < MATCHERS; i++) {
		assert_int_equal(lw_matcher_new(&w.matcher[i], memo[i]), 0);
		w.out[i] = malloc(sizeof(*w.out[i]));
		assert_non_null(w.out[i]);
	}
	while (w.pairs < pairs)
		one_pack(&w);
	printf("%lu pairs: %lu hits, %lu over several messages, %lu silenced, %lu not compared\n",
	    w.pairs, w.hits, w.split, w.silenced, w.skipped);
	/* The test is worth little when nothing happens in it. */
	assert_true(w.hits > w.pairs / 50);
	assert_true(w.split > w.pairs / 200);
	assert_true(w.silenced > w.pairs / 1000);
	assert_true(w.skipped < w.pairs / 4);
	for (int i = 0; i < MATCHERS; i++) {
		lw_matcher_free(w.matcher[i]);
		free(w.out[i]);
	}
	lw_intern_free(w.intern);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_same_as_reference),
	};
	int failed;

	if (lw_text_init() != 0)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	lw_text_exit();
	return failed;
}
