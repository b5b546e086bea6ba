/* SPDX-License-Identifier: Apache-2.0 */
/* Makes phrases and messages. In: a seed. Out: trees with their text, texts of messages.
 * Words share beginnings, so that stems find several; some are never in a phrase. */
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include "generate.h"

static const char *const words[] = {"lor", "lorem", "ipsum", "dolor", "sit"};
static const char *const stems[] = {"lor", "ips"};
static const char *const literals[] = {"甲", "乙", "甲乙"};
static const char *const others[] = {"nunc", "loris", "ipsa", "13", "丙"};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

uint32_t
gen_random(struct gen *g, uint32_t below)
{
	g->state =
	    g->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)((g->state >> 33) % below);
}

static int
add(struct ref_phrase *p, enum ref_kind kind, const char *text)
{
	struct ref_node *n = &p->node[p->n];

	assert(p->n < REF_NODES);
	memset(n, 0, sizeof(*n));
	n->kind = kind;
	n->kid = n->next = -1;
	snprintf(n->text, sizeof(n->text), "%s", text);
	return p->n++;
}

static void
adopt(struct ref_phrase *p, int parent, int child)
{
	int *at = &p->node[parent].kid;

	while (*at >= 0)
		at = &p->node[*at].next;
	*at = child;
}

/* A single lexeme: tree and text. */
static int
lexeme(struct gen *g, struct ref_phrase *p, char *to)
{
	uint32_t r = gen_random(g, 10);
	const char *s;

	if (r < 6) {
		s = words[gen_random(g, COUNT(words))];
		strcat(to, s);
		return add(p, REF_WORD, s);
	}
	if (r < 8) {
		s = stems[gen_random(g, COUNT(stems))];
		strcat(strcat(to, s), "*");
		return add(p, REF_STEM, s);
	}
	s = literals[gen_random(g, COUNT(literals))];
	strcat(to, s);
	return add(p, REF_LITERAL, s);
}

/* The words of a list's entry. */
static int
entry(struct ref_phrase *p, const char *text)
{
	int seq = add(p, REF_SEQ, "");
	char copy[32], *save = NULL;

	snprintf(copy, sizeof(copy), "%s", text);
	for (char *w = strtok_r(copy, " ", &save); w != NULL;
	     w = strtok_r(NULL, " ", &save)) {
		size_t n = strlen(w);

		if (w[n - 1] == '*') {
			w[n - 1] = '\0';
			adopt(p, seq, add(p, REF_STEM, w));
		} else {
			adopt(p, seq,
			    add(p, (unsigned char)w[0] >= 0x80 ? REF_LITERAL : REF_WORD,
				w));
		}
	}
	return seq;
}

static int
list(struct gen *g, struct ref_phrase *p, char *to)
{
	uint32_t which = gen_random(g, GEN_LISTS);
	int n = add(p, REF_LIST, "");

	sprintf(to + strlen(to), "<list%c>", 'a' + (char)which);
	for (int i = 0; i < g->nentries[which]; i++)
		adopt(p, n, entry(p, g->entry[which][i]));
	return n;
}

static int item(struct gen *g, struct ref_phrase *p, char *to, int depth);

static int
sequence(struct gen *g, struct ref_phrase *p, char *to, int depth, int n)
{
	int seq = add(p, REF_SEQ, "");

	for (int i = 0; i < n; i++) {
		if (i > 0)
			strcat(to, " ");
		adopt(p, seq, item(g, p, to, depth));
	}
	return seq;
}

static int
item(struct gen *g, struct ref_phrase *p, char *to, int depth)
{
	uint32_t r = gen_random(g, depth > 0 ? 10 : 6);
	int n, alternatives;

	if (r == 5)
		return list(g, p, to);
	if (r < 6)
		return lexeme(g, p, to);
	if (r < 8) {
		n = add(p, REF_ALT, "");
		strcat(to, "(");
		alternatives = 2 + (int)gen_random(g, 2);
		for (int i = 0; i < alternatives; i++) {
			if (i > 0)
				strcat(to, "|");
			adopt(p, n,
			    sequence(g, p, to, depth - 1, 1 + (int)gen_random(g, 2)));
		}
		strcat(to, ")");
		return n;
	}
	n = add(p, REF_OPT, "");
	strcat(to, "[");
	adopt(p, n, sequence(g, p, to, depth - 1, 1));
	strcat(to, "]");
	return n;
}

/* A gap, an edge in the middle, or nothing between two items; edges only beside lexemes. */
static void
between(struct gen *g, struct ref_phrase *p, int seq, char *to)
{
	uint32_t r = gen_random(g, 8);
	int n;

	strcat(to, " ");
	if (r < 3) {
		n = add(p, REF_GAP, "");
		p->node[n].gap = r == 0 ? 3 : 1 + gen_random(g, 5);
		sprintf(to + strlen(to), r == 0 ? ".. " : "..%u ", p->node[n].gap);
		adopt(p, seq, n);
	}
	if (r == 3) {
		adopt(p, seq, add(p, REF_FIRST, ""));
		strcat(to, "^ ");
		adopt(p, seq, lexeme(g, p, to));
		strcat(to, " ");
	}
}

/* Slots of the longest way through a tree, and ways at most: a pack refuses what has more
 * than 12 or 512. */
static unsigned
measure(const struct ref_phrase *p, int node, unsigned *ways)
{
	const struct ref_node *n = &p->node[node];
	unsigned slots = 0, k, w;

	*ways = n->kind == REF_ALT || n->kind == REF_LIST ? 0 : 1;
	for (int c = n->kid; c >= 0; c = p->node[c].next) {
		k = measure(p, c, &w);
		if (n->kind == REF_ALT || n->kind == REF_LIST) {
			*ways += w;
			slots = k > slots ? k : slots;
		} else {
			*ways = n->kind == REF_OPT ? w + 1 : *ways * w;
			slots += k;
		}
	}
	return n->kind == REF_WORD || n->kind == REF_STEM || n->kind == REF_LITERAL
		   ? 1
		   : slots;
}

static void
draw_phrase(struct gen *g, struct ref_phrase *p, char *text)
{
	int n = (int)gen_random(g, 3), seq;

	p->n = 0;
	text[0] = '\0';
	seq = p->root = add(p, REF_SEQ, "");
	if (gen_random(g, 10) == 0) {
		adopt(p, seq, add(p, REF_FIRST, ""));
		strcat(text, "^ ");
		adopt(p, seq, lexeme(g, p, text));
		strcat(text, " ");
	}
	/* One lexeme at least, so that no phrase is empty. */
	adopt(p, seq, lexeme(g, p, text));
	for (int i = 0; i < n; i++) {
		between(g, p, seq, text);
		adopt(p, seq, item(g, p, text, 2));
	}
	if (gen_random(g, 10) == 0) {
		strcat(text, " ");
		adopt(p, seq, lexeme(g, p, text));
		adopt(p, seq, add(p, REF_LAST, ""));
		strcat(text, " $");
	}
}

void
gen_phrase(struct gen *g, struct ref_phrase *p, char *text, size_t size)
{
	unsigned ways;

	assert(size >= 512);
	do
		draw_phrase(g, p, text);
	while (measure(p, p->root, &ways) > 12 || ways > 500);
}

void
gen_lists(struct gen *g)
{
	for (int l = 0; l < GEN_LISTS; l++) {
		g->nentries[l] = 2 + (int)gen_random(g, GEN_ENTRIES - 1);
		for (int i = 0; i < g->nentries[l]; i++) {
			char *to = g->entry[l][i];

			to[0] = '\0';
			for (uint32_t k = 0, n = 1 + gen_random(g, 3) / 2; k < n; k++) {
				static struct ref_phrase scratch;

				scratch.n = 0;
				if (k > 0)
					strcat(to, " ");
				lexeme(g, &scratch, to);
			}
		}
	}
}

static void
word(struct gen *g, char *to)
{
	uint32_t r = gen_random(g, 12);
	char *at = to + strlen(to);

	strcat(to, r < 8   ? words[gen_random(g, COUNT(words))]
		   : r < 9 ? others[gen_random(g, COUNT(others))]
			   : literals[gen_random(g, COUNT(literals))]);
	if (r < 8 && gen_random(g, 5) == 0)
		for (; *at != '\0'; at++)
			*at = *at >= 'a' && *at <= 'z' ? (char)(*at - 32) : *at;
}

void
gen_message(struct gen *g, char *text, size_t size)
{
	static const char *const separators[] = {
	    " ", " ", " ", " ", "  ", ", ", ". ", " (", "! ", "\t", " - "};
	int n = (int)gen_random(g, 6);

	assert(size >= 256);
	text[0] = '\0';
	for (int i = 0; i < n; i++) {
		size_t len = strlen(text);
		bool after_han = len > 0 && (unsigned char)text[len - 1] >= 0x80;

		/* Scripts without spaces stand side by side, also with words. */
		if (i > 0 && !(after_han && gen_random(g, 2) == 0))
			strcat(text, separators[gen_random(g, COUNT(separators))]);
		word(g, text);
	}
}
