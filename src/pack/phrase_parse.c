/* SPDX-License-Identifier: Apache-2.0 */
/* Recursive-descent parser of phrases. In: a phrase with its place in a file. Out: a tree
 * of lexemes that are folded already, in the caller's arena. Depth and nodes are capped. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "base/err.h"
#include "pack/phrase.h"
#include "pack/segment.h"
#include "text/fold.h"

struct parser {
	struct lw_arena *arena;
	const struct lw_source_text *at;
	struct lw_diag *diag;
	const char *p;
	size_t n, i;
	unsigned depth, nodes;
	bool entry; /* of a list: no operators */
	int err;
};

static struct lw_ph *parse_seq(struct parser *s);

__attribute__((format(printf, 4, 5))) static struct lw_ph *
fail(struct parser *s, size_t off, const char *hint, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (s->err == 0)
		lw_diag_error(s->diag, s->at->file, s->at->line,
		    lw_source_col(s->at, off), hint, "%s", text);
	s->err = LW_EINVAL;
	return NULL;
}

static struct lw_ph *
node(struct parser *s, enum lw_ph_kind kind, size_t off)
{
	struct lw_ph *n;

	if (++s->nodes > LW_PHRASE_NODES_MAX)
		return fail(s, off, "use a <list>", "the phrase is too long");
	if ((n = lw_arena_alloc(s->arena, sizeof(*n))) == NULL) {
		s->err = LW_ENOMEM;
		return NULL;
	}
	n->kind = kind;
	n->off = off;
	return n;
}

static void
add(struct lw_ph *parent, struct lw_ph **last, struct lw_ph *child)
{
	if (*last != NULL)
		(*last)->next = child;
	else
		parent->child = child;
	*last = child;
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static bool
is_special(const struct parser *s, char c)
{
	return !s->entry && c != '\0' && strchr("()[]|<>^$", c) != NULL;
}

static void
skip_space(struct parser *s)
{
	while (s->i < s->n && is_space(s->p[s->i]))
		s->i++;
}

/* One folded segment as a lexeme. */
static struct lw_ph *
lexeme(struct parser *s, size_t off, const uint8_t *p, const struct lw_segment *seg,
    bool stem)
{
	struct lw_ph *n = node(s, LW_PH_LEXEME, off);

	if (n == NULL)
		return NULL;
	n->lexeme = seg->is_nospace ? LW_LEX_LITERAL : stem ? LW_LEX_STEM : LW_LEX_WORD;
	n->chars = seg->chars;
	n->text =
	    lw_arena_str(s->arena, (struct lw_str){(const char *)p + seg->off, seg->n});
	if (n->text.p == NULL) {
		s->err = LW_ENOMEM;
		return NULL;
	}
	if (n->lexeme == LW_LEX_STEM && seg->chars < LW_STEM_CHARS_MIN)
		return fail(s, off, "write the words out",
		    "a stem has %d letters or more", LW_STEM_CHARS_MIN);
	if (n->lexeme == LW_LEX_LITERAL && seg->chars > LW_LITERAL_CHARS_MAX)
		return fail(
		    s, off, NULL, "longer than %d characters", LW_LITERAL_CHARS_MAX);
	return n;
}

/* A raw word: one lexeme, or several one behind the other when its fold has spaces or
 * mixes scripts with and without them. */
static struct lw_ph *
parse_word(struct parser *s)
{
	uint8_t folded[LW_WORD_BYTES_MAX];
	size_t off = s->i, raw, n, at = 0;
	struct lw_ph *seq = node(s, LW_PH_SEQ, off), *last = NULL, *one;
	struct lw_segment seg, next;
	bool stem, has_space, more;

	while (s->i < s->n && !is_space(s->p[s->i]) && !is_special(s, s->p[s->i]))
		s->i++;
	raw = s->i - off;
	stem = raw > 1 && s->p[s->i - 1] == '*';
	raw -= stem;
	if (seq == NULL)
		return NULL;
	if (memchr(s->p + off, '*', raw) != NULL)
		return fail(s, off, "such as word*", "* may only end a word");
	n = lw_fold_word(s->p + off, raw, folded, sizeof(folded), &has_space);
	if (n == 0)
		return fail(s, off, NULL,
		    raw > LW_WORD_BYTES_MAX / 3 ? "the word is too long"
						: "no letter or digit");
	for (more = lw_segment_next(folded, n, &at, &seg); more; seg = next) {
		more = lw_segment_next(folded, n, &at, &next);
		if ((one = lexeme(s, off, folded, &seg, stem && !more)) == NULL)
			return NULL;
		add(seq, &last, one);
	}
	return seq->child == NULL	  ? fail(s, off, NULL, "no letter or digit")
	       : seq->child->next == NULL ? seq->child
					  : seq;
}

static struct lw_ph *
parse_gap(struct parser *s)
{
	struct lw_ph *n = node(s, LW_PH_GAP, s->i);

	if (n == NULL)
		return NULL;
	s->i += 2;
	if (s->i < s->n && s->p[s->i] >= '0' && s->p[s->i] <= '9') {
		for (; s->i < s->n && s->p[s->i] >= '0' && s->p[s->i] <= '9'; s->i++)
			n->gap = n->gap < 1000
				     ? n->gap * 10 + (unsigned)(s->p[s->i] - '0')
				     : 1000;
	} else {
		n->gap = 3;
	}
	if (n->gap == 0 || n->gap > LW_GAP_MAX)
		return fail(s, n->off, NULL, "a gap has 1 to %d words", LW_GAP_MAX);
	if (s->i < s->n && !is_space(s->p[s->i]) && !is_special(s, s->p[s->i]))
		return fail(s, n->off, "put spaces around it", "bad gap");
	return n;
}

static struct lw_ph *
parse_list(struct parser *s)
{
	struct lw_ph *n = node(s, LW_PH_LIST, s->i);
	size_t start = ++s->i;

	if (n == NULL)
		return NULL;
	while (s->i < s->n && s->p[s->i] != '>' && !is_space(s->p[s->i]))
		s->i++;
	if (s->i == s->n || s->p[s->i] != '>' || s->i == start)
		return fail(s, n->off, "such as <name>", "bad name of a list");
	n->text = (struct lw_str){s->p + start, s->i - start};
	s->i++;
	return n;
}

static struct lw_ph *
parse_optional(struct parser *s)
{
	struct lw_ph *n = node(s, LW_PH_OPT, s->i);

	s->i++;
	if (n == NULL || (n->child = parse_seq(s)) == NULL)
		return NULL;
	if (s->i < s->n && s->p[s->i] == '|')
		return fail(s, s->i, "write [(a|b)]", "alternatives stand in ( )");
	if (s->i == s->n || s->p[s->i] != ']')
		return fail(s, n->off, NULL, "[ without ]");
	s->i++;
	return n;
}

static struct lw_ph *
parse_alternatives(struct parser *s)
{
	struct lw_ph *n = node(s, LW_PH_ALT, s->i), *last = NULL, *one;

	if (n == NULL)
		return NULL;
	do {
		s->i++;
		if ((one = parse_seq(s)) == NULL)
			return NULL;
		add(n, &last, one);
	} while (s->i < s->n && s->p[s->i] == '|');
	if (s->i == s->n || s->p[s->i] != ')')
		return fail(s, n->off, NULL, "( without )");
	s->i++;
	return n;
}

static struct lw_ph *
parse_item(struct parser *s)
{
	char c = s->p[s->i];

	if (s->entry)
		return parse_word(s);
	if (c == '(')
		return parse_alternatives(s);
	if (c == '[')
		return parse_optional(s);
	if (c == '<')
		return parse_list(s);
	if (c == '^' || c == '$')
		return node(s, c == '^' ? LW_PH_FIRST : LW_PH_LAST, s->i++);
	if (c == '>')
		return fail(s, s->i, NULL, "> without <");
	if (c == '.' && s->i + 1 < s->n && s->p[s->i + 1] == '.')
		return parse_gap(s);
	return parse_word(s);
}

/* Items up to the end, or the `|`, `)` or `]` of whoever called. */
static struct lw_ph *
parse_seq(struct parser *s)
{
	struct lw_ph *seq = node(s, LW_PH_SEQ, s->i), *last = NULL, *one;

	if (seq == NULL)
		return NULL;
	if (++s->depth > LW_PHRASE_DEPTH_MAX)
		return fail(s, s->i, NULL, "nested deeper than %d", LW_PHRASE_DEPTH_MAX);
	for (skip_space(s); s->i < s->n; skip_space(s)) {
		if (!s->entry && strchr("|)]", s->p[s->i]) != NULL && s->p[s->i] != '\0')
			break;
		if ((one = parse_item(s)) == NULL)
			return NULL;
		add(seq, &last, one);
	}
	s->depth--;
	if (seq->child == NULL)
		return fail(s, seq->off, "for a part that may be absent write [part]",
		    s->depth == 0 && s->n == s->i ? "empty phrase" : "empty alternative");
	return seq;
}

static struct lw_ph *
parse(struct parser *s, int *err)
{
	struct lw_ph *root, *last;

	root = parse_seq(s);
	if (root != NULL && s->i < s->n)
		root = fail(s, s->i, NULL,
		    s->p[s->i] == '|'	? "| outside of ( )"
		    : s->p[s->i] == ')' ? ") without ("
					: "] without [");
	if (root != NULL) {
		for (last = root->child; last->next != NULL;)
			last = last->next;
		if (root->child->kind == LW_PH_GAP)
			root = fail(s, root->child->off, NULL,
			    "a phrase does not begin with a gap");
		else if (last->kind == LW_PH_GAP)
			root =
			    fail(s, last->off, NULL, "a phrase does not end with a gap");
	}
	*err = s->err;
	return root;
}

struct lw_ph *
lw_phrase_parse(
    struct lw_arena *a, const struct lw_source_text *at, struct lw_diag *diag, int *err)
{
	struct parser s = {
	    .arena = a, .at = at, .diag = diag, .p = at->text.p, .n = at->text.n};

	return parse(&s, err);
}

struct lw_ph *
lw_phrase_parse_entry(
    struct lw_arena *a, const struct lw_source_text *at, struct lw_diag *diag, int *err)
{
	struct parser s = {.arena = a,
	    .at = at,
	    .diag = diag,
	    .p = at->text.p,
	    .n = at->text.n,
	    .entry = true};

	return parse(&s, err);
}
