/* SPDX-License-Identifier: Apache-2.0 */
/* Reads and lints one file of rules. In: a YAML document. Out: struct lw_source_rule,
 * appended to the pack. What needs the compiler (grammar, lists, regexes) is checked there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "pack/source.h"

#define ID_BYTES_MAX 128
#define TITLE_BYTES_MAX 200

struct raw {
	struct lw_str id, title, category, status;
	int64_t rev;
	double weight;
	struct lw_yaml *phrase, *regex, *unless, *span, *channels;
	struct lw_yaml *match, *no_match, *todo_match, *references, *false_positives;
};

#define FIELD(key, want, required, min, max)                                           \
	{                                                                              \
#key, want, required, offsetof(struct raw, key), min, max              \
	}
static const struct lw_yaml_field rule_fields[] = {
    FIELD(id, LW_WANT_TEXT, true, 0, 0),
    FIELD(rev, LW_WANT_INT, true, 1, 1000000000),
    FIELD(title, LW_WANT_TEXT, true, 0, 0),
    FIELD(category, LW_WANT_TEXT, true, 0, 0),
    FIELD(weight, LW_WANT_DOUBLE, true, 0.1, 4.0),
    FIELD(phrase, LW_WANT_NODE, false, 0, 0),
    FIELD(regex, LW_WANT_NODE, false, 0, 0),
    FIELD(unless, LW_WANT_NODE, false, 0, 0),
    FIELD(span, LW_WANT_MAP, false, 0, 0),
    FIELD(channels, LW_WANT_LIST, false, 0, 0),
    FIELD(match, LW_WANT_LIST, false, 0, 0),
    FIELD(no_match, LW_WANT_LIST, false, 0, 0),
    FIELD(todo_match, LW_WANT_LIST, false, 0, 0),
    FIELD(status, LW_WANT_TEXT, true, 0, 0),
    FIELD(references, LW_WANT_LIST, false, 0, 0),
    FIELD(false_positives, LW_WANT_LIST, false, 0, 0),
};

/* Where the text of a scalar begins: behind its quote, unless it runs over lines. */
static struct lw_source_text
text_of(const struct lw_source_reader *r, const struct lw_yaml *n)
{
	return (struct lw_source_text){.text = n->text,
	    .file = r->doc->file,
	    .line = n->line,
	    .col = n->col + (n->plain ? 0 : 1),
	    .quoted = !n->plain};
}

unsigned
lw_source_col(const struct lw_source_text *t, size_t off)
{
	unsigned col = t->col;

	if (memchr(t->text.p, '\n', t->text.n) != NULL)
		return col;
	for (size_t i = 0; i < off && i < t->text.n; i++)
		col += 1 + (t->quoted && t->text.p[i] == '\'');
	return col;
}

/* A phrase, or a list of phrases. */
static int
read_phrases(
    struct lw_source_reader *r, const struct lw_yaml *n, struct lw_source_texts *out)
{
	const struct lw_yaml *c = n->type == LW_YAML_LIST ? n->child : n;
	size_t count = n->type == LW_YAML_LIST ? n->nchildren : 1;

	out->item = lw_arena_alloc(&r->pack->arena, (count + 1) * sizeof(*out->item));
	if (out->item == NULL)
		return r->err = LW_ENOMEM;
	if (count == 0 || n->type == LW_YAML_MAP) {
		lw_source_fail(r, n, NULL, "expected a phrase, or a list of phrases");
		return r->err;
	}
	for (; c != NULL && out->n < count; c = c->next) {
		if (c->type != LW_YAML_SCALAR)
			lw_source_fail(r, c, NULL, "expected a phrase");
		else if (c->text.n > LW_PHRASE_BYTES_MAX)
			lw_source_fail(r, c, "use a <list>",
			    "phrase longer than %d bytes", LW_PHRASE_BYTES_MAX);
		else
			out->item[out->n++] = text_of(r, c);
	}
	return r->err;
}

static void
read_regex(
    struct lw_source_reader *r, const struct lw_yaml *n, struct lw_source_rule *rule)
{
	if (n->type != LW_YAML_SCALAR)
		lw_source_fail(r, n, NULL, "expected a regular expression");
	else if (n->double_quoted)
		lw_source_fail(r, n,
		    "in double quotes \\b is a backspace; use single quotes",
		    "a regex must be single-quoted or a block");
	else if (n->plain)
		lw_source_fail(r, n, "put it in single quotes",
		    "a regex must be single-quoted or a block");
	else if (n->text.n == 0 || n->text.n > LW_REGEX_BYTES_MAX)
		lw_source_fail(
		    r, n, NULL, "a regex has 1 to %d bytes", LW_REGEX_BYTES_MAX);
	else
		rule->regex = text_of(r, n);
}

/* Examples: each item is a message, or a list of one sender's messages. */
static int
read_examples(struct lw_source_reader *r, const struct lw_yaml *list,
    struct lw_source_examples *out)
{
	struct lw_arena *a = &r->pack->arena;

	out->item = lw_arena_alloc(a, (list->nchildren + 1) * sizeof(*out->item));
	if (out->item == NULL)
		return r->err = LW_ENOMEM;
	for (const struct lw_yaml *c = list->child; c != NULL; c = c->next) {
		struct lw_source_example *e = &out->item[out->n];

		e->line = c->line;
		e->col = c->col;
		if (c->type == LW_YAML_MAP ||
		    (c->type == LW_YAML_LIST && c->nchildren == 0)) {
			lw_source_fail(
			    r, c, NULL, "expected a message, or a list of messages");
			return r->err;
		}
		if (c->type == LW_YAML_LIST) {
			if (lw_source_texts(r, c, &e->message, &e->n) != 0)
				return r->err;
		} else {
			e->n = 1;
			e->message = lw_arena_dup(a, &c->text, sizeof(c->text));
			if (e->message == NULL)
				return r->err = LW_ENOMEM;
		}
		out->n++;
	}
	return 0;
}

static bool
is_language_of(const struct lw_pack_source *s, struct lw_str lang)
{
	for (size_t i = 0; i < s->nlanguages; i++) {
		const char *dash = memchr(s->language[i].p, '-', s->language[i].n);
		struct lw_str primary = {s->language[i].p,
		    dash != NULL ? (size_t)(dash - s->language[i].p) : s->language[i].n};

		if (lw_str_eq(lang, s->language[i]) || lw_str_eq(lang, primary))
			return true;
	}
	return false;
}

static void
check_id(struct lw_source_reader *r, const struct lw_yaml *at, struct lw_str id)
{
	size_t dots = 0, lang = 0;
	bool good = id.n > 0 && id.n <= ID_BYTES_MAX && id.p[id.n - 1] != '.';

	for (size_t i = 0; good && i < id.n; i++) {
		char c = id.p[i];

		if (c == '.') {
			good = i > 0 && id.p[i - 1] != '.';
			lang = dots++ == 0 ? i : lang;
		} else {
			good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
			       c == '-';
		}
	}
	if (!good || dots < 2)
		lw_source_fail(r, at, "lang.topic.name, of a-z 0-9 . -", "bad rule id");
	else if (!is_language_of(r->pack, (struct lw_str){id.p, lang}))
		lw_source_fail(r, at, "see languages in pack.yaml",
		    "rule id begins with '%.*s', which is no language of this pack",
		    (int)lang, id.p);
}

static void
read_span(
    struct lw_source_reader *r, const struct lw_yaml *span, struct lw_source_rule *rule)
{
	struct {
		int64_t messages, minutes;
	} v = {.messages = 4, .minutes = 10};
	const struct lw_yaml_field fields[] = {
	    {"messages", LW_WANT_INT, false, 0, 1, 8},
	    {"minutes", LW_WANT_INT, false, sizeof(int64_t), 1, 1440},
	};
	int err = 0;

	if (span != NULL &&
	    (err = lw_yaml_fields(r->doc, span, fields, 2, &v, r->diag)) != 0)
		r->err = err;
	rule->span_messages = (uint8_t)v.messages;
	rule->span_s = (uint32_t)v.minutes * 60;
}

static void
read_channels(
    struct lw_source_reader *r, const struct lw_yaml *n, struct lw_source_rule *rule)
{
	for (const struct lw_yaml *c = n->child; c != NULL; c = c->next) {
		enum lw_channel ch =
		    c->type == LW_YAML_SCALAR ? lw_channel_find(c->text) : LW_CH_UNKNOWN;

		if (ch == LW_CH_UNKNOWN)
			lw_source_fail(r, c, "direct, group or public", "unknown channel");
		rule->channels |= (uint8_t)(1u << ch);
	}
	if (n->nchildren == 0)
		lw_source_fail(
		    r, n, "leave the key out for all channels", "no channel named");
}

static void
read_status(struct lw_source_reader *r, const struct lw_yaml *at, struct lw_str s,
    struct lw_source_rule *rule)
{
	static const char *const names[] = {
	    "experimental", "test", "stable", "deprecated"};

	for (int i = 0; i < 4; i++) {
		if (lw_str_is(s, names[i])) {
			rule->status = (enum lw_rule_status)i;
			return;
		}
	}
	lw_source_fail(
	    r, at, "experimental, test, stable or deprecated", "unknown status");
}

static void
check_rule(struct lw_source_reader *r, const struct lw_yaml *n, const struct raw *raw,
    const struct lw_source_rule *rule)
{
	if ((raw->phrase != NULL) == (raw->regex != NULL))
		lw_source_fail(r, n, NULL, "a rule has either phrase or regex");
	if (rule->match.n < 2)
		lw_source_fail(r, raw->match != NULL ? raw->match : n,
		    "add a message that it must find",
		    "a rule has at least two match examples");
	if (rule->no_match.n < 1)
		lw_source_fail(r, raw->no_match != NULL ? raw->no_match : n,
		    "add a harmless message that comes close",
		    "a rule has at least one no_match example");
	if (rule->title.n == 0 || rule->title.n > TITLE_BYTES_MAX ||
	    memchr(rule->title.p, '\n', rule->title.n) != NULL)
		lw_source_fail(r, lw_yaml_get(n, "title"), NULL,
		    "a title is one line of 1 to %d bytes", TITLE_BYTES_MAX);
}

static void
read_lists(struct lw_source_reader *r, const struct raw *raw, struct lw_source_rule *rule)
{
	if (raw->match != NULL)
		read_examples(r, raw->match, &rule->match);
	if (raw->no_match != NULL)
		read_examples(r, raw->no_match, &rule->no_match);
	if (raw->todo_match != NULL)
		read_examples(r, raw->todo_match, &rule->todo_match);
	if (raw->references != NULL)
		lw_source_texts(r, raw->references, &rule->references, &rule->nreferences);
	if (raw->false_positives != NULL)
		lw_source_texts(r, raw->false_positives, &rule->false_positives,
		    &rule->nfalse_positives);
}

static int
read_rule(struct lw_source_reader *r, const struct lw_yaml *n, struct lw_source_rule *rule)
{
	struct raw raw = {0};
	int category = 0, err;

	err = lw_yaml_fields(r->doc, n, rule_fields,
	    sizeof(rule_fields) / sizeof(rule_fields[0]), &raw, r->diag);
	if (err != 0)
		return r->err = err;
	*rule = (struct lw_source_rule){.file = r->doc->file,
	    .line = n->line,
	    .col = n->col,
	    .id = raw.id,
	    .title = raw.title,
	    .rev = (uint32_t)raw.rev,
	    .weight = raw.weight};
	check_id(r, lw_yaml_get(n, "id"), raw.id);
	if (lw_source_category(r, lw_yaml_get(n, "category"), raw.category, &category))
		rule->category = (enum lw_category)category;
	if (raw.phrase != NULL)
		read_phrases(r, raw.phrase, &rule->phrase);
	if (raw.regex != NULL)
		read_regex(r, raw.regex, rule);
	if (raw.unless != NULL)
		read_phrases(r, raw.unless, &rule->unless);
	read_span(r, raw.span, rule);
	if (raw.channels != NULL)
		read_channels(r, raw.channels, rule);
	read_status(r, lw_yaml_get(n, "status"), raw.status, rule);
	read_lists(r, &raw, rule);
	check_rule(r, n, &raw, rule);
	return r->err;
}

int
lw_source_read_rules(struct lw_source_reader *r)
{
	struct lw_pack_source *s = r->pack;
	const struct lw_yaml *root = r->doc->root;
	struct lw_source_rule *rules, rule;
	int err = 0;

	if (root == NULL || root->type != LW_YAML_LIST) {
		lw_source_fail(r, root, "each rule begins with '- id:'",
		    "a file of rules is a list of maps");
		return r->err;
	}
	for (const struct lw_yaml *n = root->child; n != NULL; n = n->next) {
		r->err = 0;
		if (n->type != LW_YAML_MAP)
			lw_source_fail(r, n, NULL, "a rule is a map");
		else if (s->nrules == LW_RULES_MAX)
			lw_source_fail(r, n, NULL, "more than %d rules", LW_RULES_MAX);
		else if (read_rule(r, n, &rule) == 0 &&
			 (rules = lw_source_grow(r, s->rule, s->nrules, &s->rules_cap,
			      sizeof(*rules))) != NULL) {
			s->rule = rules;
			s->rule[s->nrules++] = rule;
		}
		err = r->err != 0 ? r->err : err;
		if (s->nrules == LW_RULES_MAX && err != 0)
			break;
	}
	return r->err = err;
}
