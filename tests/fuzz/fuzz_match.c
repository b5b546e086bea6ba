/* SPDX-License-Identifier: Apache-2.0 */
/* One sender's messages through the matcher. In: lines, each a message. Out: nothing, but
 * that tokens and spans lie where they should, and that matchers with and without a memo
 * agree to the byte. */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "match/match.h"
#include "text/fold.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define RULE(id, body)                                                                 \
	"- {id: en.fuzz." id ", rev: 1, title: t, category: gift, weight: 1.0, " body  \
	", match: [a, b], no_match: [c], status: test}\n"

static const char *const files[][2] = {
    {"pack.yaml", "format: 1\nid: fuzz-en\nversion: '1'\ntitle: t\nlanguages: [en]\n"
		  "engine: '>=0.1'\ntaxonomy: 1\nlicence: CC0-1.0\nmaintainers: [x]\n"},
    {"model.yaml", "format: 1\nprovenance: p\nbias: -4\nbeta: {gift: 1}\n"},
    {"rules/a.yaml",
	RULE("a", "phrase: 'a (b|c d) .. e'") RULE("b", "phrase: '^ lorem [ipsum] $'")
	    RULE("c", "phrase: 'lor* ..5 (dolor|sit)', unless: 'amet'")
		RULE("d", "phrase: '\xe7\x94\xa8 ..2 \xe7\x85\xa7'")
		    RULE("e", "phrase: 'lorem', channels: [direct]")
			RULE("f", "regex: '[0-9]{3,}|ab+c'") RULE("g",
			    "phrase: 'a a a', span: {messages: 8, minutes: 1440}")},
};

static struct lw_ruleset *rs;
static struct lw_intern *intern;
static struct lw_matcher *with, *without;
static struct lw_match a, b;

static void
load(void)
{
	char root[] = "fuzz-match-XXXXXX", dir[64], path[128];
	const char *dirs[1] = {dir};
	struct lw_diag diag;

	assert(mkdtemp(root) != NULL);
	snprintf(dir, sizeof(dir), "%s/fuzz-en", root);
	snprintf(path, sizeof(path), "%s/rules", dir);
	assert(mkdir(dir, 0700) == 0 && mkdir(path, 0700) == 0);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		FILE *f;

		snprintf(path, sizeof(path), "%s/%s", dir, files[i][0]);
		f = fopen(path, "w");
		assert(f != NULL && fputs(files[i][1], f) >= 0 && fclose(f) == 0);
	}
	lw_diag_init(&diag);
	intern = lw_intern_new();
	if (lw_text_init() != 0 || lw_ruleset_load(&rs, intern, dirs, 1, &diag) != 0) {
		lw_diag_print(&diag, stderr);
		abort();
	}
	lw_diag_clear(&diag);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, files[i][0]);
		unlink(path);
	}
	snprintf(path, sizeof(path), "%s/rules", dir);
	rmdir(path);
	rmdir(dir);
	rmdir(root);
	assert(lw_matcher_new(&with, 64) == 0 && lw_matcher_new(&without, 0) == 0);
}

static void
check(const struct lw_match *m, size_t n, const struct lw_ring *ring)
{
	assert(m->ntok <= LW_MATCH_TOKENS_MAX && m->nhit <= LW_MATCH_HITS_MAX);
	for (size_t i = 0; i < m->ntok; i++) {
		uint16_t pos = (uint16_t)(m->tok[i].pos - ring->pos);

		assert(m->tok[i].lexeme != 0 && m->tok[i].len > 0);
		assert(pos + m->tok[i].len <= m->words);
		assert(i == 0 || pos >= (uint16_t)(m->tok[i - 1].pos - ring->pos));
	}
	for (size_t i = 0; i < m->nhit; i++) {
		assert(lw_ruleset_rule(rs, m->hit[i].rule) != NULL);
		assert(m->hit[i].nspans > 0 && m->hit[i].back < LW_RING_MESSAGES);
		for (size_t k = 0; k < m->hit[i].nspans; k++)
			assert(m->hit[i].spans[k].start <= m->hit[i].spans[k].end &&
			       m->hit[i].spans[k].end <= n);
	}
}

static void
one_message(struct lw_ring *ring, const uint8_t *p, size_t n, uint64_t ts_ms)
{
	struct lw_str text = {(const char *)p, n};
	enum lw_channel channel = (enum lw_channel)(n % 4);

	memset(&a, 0, sizeof(a));
	memset(&b, 0, sizeof(b));
	assert(lw_match_scan(with, rs, ring, text, ts_ms, channel, &a) == 0);
	assert(lw_match_scan(without, rs, ring, text, ts_ms, channel, &b) == 0);
	assert(memcmp(&a, &b, sizeof(a)) == 0);
	check(&a, n, ring);
	lw_ring_push(ring, a.tok, a.ntok, a.words, ts_ms);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct lw_ring ring = {.pos = 65500, .mark = 250};
	uint64_t ts_ms = UINT64_C(1700000000000);

	if (rs == NULL)
		load();
	for (size_t i = 0; i < n;) {
		const uint8_t *nl = memchr(data + i, '\n', n - i);
		size_t end = nl != NULL ? (size_t)(nl - data) : n;

		ts_ms += (end - i) * 1000;
		one_message(&ring, data + i, end - i, ts_ms);
		i = end + 1;
	}
	return 0;
}
