/* SPDX-License-Identifier: Apache-2.0 */
/* The slow matcher of the differential test. In: texts, phrase trees. Out: best matches.
 * Backtracking with what is left to do as a linked list; no variants, no index, no ring. */
#include <stdlib.h>
#include <string.h>
#include "reference.h"

/* ---- text ---- */

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Three bytes E7 xx xx or E4 xx xx: the Han characters of the test. */
static bool
is_han(const char *p)
{
	return (unsigned char)p[0] == 0xe7 || (unsigned char)p[0] == 0xe4;
}

void
ref_cut(struct ref_message *m, const char *text, uint32_t time_s)
{
	const char *p = text;
	bool after_han = false;

	m->n = 0;
	m->time_s = time_s;
	while (*p != '\0' && m->n < REF_POSITIONS) {
		struct ref_unit *u = &m->unit[m->n];
		size_t k = 0;

		memset(u, 0, sizeof(*u));
		u->start = (unsigned)(p - text);
		if (is_letter(*p)) {
			for (; is_letter(p[k]) && k < sizeof(u->text) - 1; k++)
				u->text[k] =
				    p[k] >= 'A' && p[k] <= 'Z' ? (char)(p[k] + 32) : p[k];
			after_han = false;
		} else if (is_han(p)) {
			memcpy(u->text, p, k = 3);
			u->is_char = true;
			u->is_joined = after_han;
			after_han = true;
		} else {
			after_han = false;
			p++;
			continue;
		}
		p += k;
		u->end = (unsigned)(p - text);
		m->n++;
	}
}

/* ---- matching ---- */

struct todo {
	int node;
	const struct todo *next;
};

struct state {
	int end; /* position behind the last slot; -1 before the first */
	int gap; /* words that may be skipped */
	bool first;
	int start;
	int slots, slot_pos[REF_SPANS], slot_len[REF_SPANS];
};

struct search {
	const struct ref_phrase *p;
	const struct ref_message *messages;
	int nmessages, from; /* messages from..nmessages may take part */
	int base[REF_MESSAGES + 1];
	bool last_is_current;
	struct ref_match *best;
};

static void run(struct search *s, const struct todo *todo, struct state st);

static const struct ref_unit *
unit_at(const struct search *s, int pos, int *message)
{
	*message = -1;
	for (int m = s->from; m < s->nmessages; m++) {
		if (pos >= s->base[m] && pos < s->base[m + 1]) {
			*message = m;
			return &s->messages[m].unit[pos - s->base[m]];
		}
	}
	return NULL;
}

/* Positions that the node takes at pos; 0 when it does not match there. */
static int
length_at(const struct search *s, const struct ref_node *n, int pos)
{
	int m, m2;
	const struct ref_unit *u = unit_at(s, pos, &m);
	size_t len = strlen(n->text);

	if (u == NULL)
		return 0;
	if (n->kind == REF_WORD)
		return !u->is_char && strcmp(u->text, n->text) == 0;
	if (n->kind == REF_STEM)
		return !u->is_char && strncmp(u->text, n->text, len) == 0;
	for (size_t i = 0; i < len / 3; i++) {
		const struct ref_unit *v = unit_at(s, pos + (int)i, &m2);

		if (v == NULL || m2 != m || !v->is_char ||
		    memcmp(v->text, n->text + 3 * i, 3) != 0 || (i > 0 && !v->is_joined))
			return 0;
	}
	return (int)(len / 3);
}

static void
complete(struct search *s, const struct state *st)
{
	struct ref_match *b = s->best;
	int m, k = 0;

	if (st->slots == 0 || (s->last_is_current && st->slot_pos[st->slots - 1] <
							 s->base[s->nmessages - 1]))
		return;
	if (b->is_found &&
	    (st->start < b->start || (st->start == b->start && st->end > b->end)))
		return;
	if (!b->is_found || st->start != b->start || st->end != b->end)
		b->nways = 0;
	b->is_found = true;
	b->start = st->start;
	b->end = st->end;
	unit_at(s, st->start, &m);
	b->back = s->nmessages - 1 - m;
	if (b->nways == REF_WAYS)
		return;
	for (int i = 0; i < st->slots; i++) {
		const struct ref_unit *u = unit_at(s, st->slot_pos[i], &m);

		if (m != s->nmessages - 1)
			continue;
		b->way[b->nways].start[k] = u->start;
		b->way[b->nways].end[k++] =
		    unit_at(s, st->slot_pos[i] + st->slot_len[i] - 1, &m)->end;
	}
	b->way[b->nways++].n = k;
}

static void
place(struct search *s, const struct ref_node *n, const struct todo *rest, struct state st)
{
	int lo = st.end < 0 ? s->base[s->from] : st.end;
	int hi = st.end < 0 ? s->base[s->nmessages] - 1 : st.end + st.gap;

	for (int pos = lo; pos <= hi; pos++) {
		int m, len = length_at(s, n, pos);
		struct state next = st;

		if (len == 0 || st.slots == REF_SPANS)
			continue;
		unit_at(s, pos, &m);
		if (st.first && pos != s->base[m])
			continue;
		if (st.end < 0)
			next.start = pos;
		next.end = pos + len;
		next.gap = 0;
		next.first = false;
		next.slot_pos[next.slots] = pos;
		next.slot_len[next.slots++] = len;
		run(s, rest, next);
	}
}

static void
run_children(struct search *s, const struct ref_node *n, const struct todo *next,
    struct state st)
{
	struct todo chain[16];
	int k = 0;

	for (int c = n->kid; c >= 0 && k < 16; c = s->p->node[c].next)
		chain[k++].node = c;
	for (int i = 0; i < k; i++)
		chain[i].next = i + 1 < k ? &chain[i + 1] : next;
	run(s, k > 0 ? &chain[0] : next, st);
}

static void
run(struct search *s, const struct todo *todo, struct state st)
{
	const struct ref_node *n;
	struct todo kid, rest;
	int m;

	if (todo == NULL) {
		complete(s, &st);
		return;
	}
	if (todo->node < 0) {
		run(s, todo->next, st);
		return;
	}
	n = &s->p->node[todo->node];
	switch (n->kind) {
	case REF_SEQ:
		run_children(s, n, todo->next, st);
		return;
	case REF_ALT:
	case REF_LIST:
		for (int c = n->kid; c >= 0; c = s->p->node[c].next) {
			kid = (struct todo){c, todo->next};
			run(s, &kid, st);
		}
		return;
	case REF_OPT:
		run(s, todo->next, st);
		kid = (struct todo){n->kid, todo->next};
		run(s, &kid, st);
		return;
	case REF_GAP:
		st.gap += (int)n->gap;
		break;
	case REF_FIRST:
		st.first = true;
		break;
	case REF_LAST:
		if (st.slots == 0 || unit_at(s, st.end - 1, &m) == NULL ||
		    st.end != s->base[m + 1])
			return;
		break;
	default:
		place(s, n, todo->next, st);
		return;
	}
	rest = (struct todo){-1, todo->next};
	run(s, &rest, st);
}

static void
search(struct search *s, struct ref_match *best)
{
	struct todo root = {s->p->root, NULL};
	struct state st = {.end = -1};

	memset(best, 0, offsetof(struct ref_match, way));
	best->nways = 0;
	s->best = best;
	s->base[s->from] = 0;
	for (int m = s->from; m < s->nmessages; m++)
		s->base[m + 1] = s->base[m] + s->messages[m].n;
	run(s, &root, st);
}

void
ref_find(const struct ref_phrase *p, const struct ref_message *messages, int n,
    int back, struct ref_match *best)
{
	struct search s = {.p = p,
	    .messages = messages,
	    .nmessages = n,
	    .from = n - 1 - back > 0 ? n - 1 - back : 0,
	    .last_is_current = true};

	search(&s, best);
}

bool
ref_is_in(const struct ref_phrase *p, const struct ref_message *messages, int from, int n)
{
	struct search s = {.p = p, .messages = messages, .nmessages = n, .from = from};
	struct ref_match *m = malloc(sizeof(*m));
	bool is_found;

	if (m == NULL)
		abort();
	search(&s, m);
	is_found = m->is_found;
	free(m);
	return is_found;
}
