/* SPDX-License-Identifier: Apache-2.0 */
/* Reads conversation tests. In: a YAML document of tests/. Out: struct lw_source_test,
 * appended to the pack. Running them is the command line's work. */
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "pack/source.h"

#define FLAG_BY_MAX LW_TEST_MESSAGES_MAX
#define AFTER_DEFAULT_MS 20000
#define AFTER_MAX_MS (400.0 * 86400 * 1000)

struct raw {
	struct lw_str name, kind, channel;
	int64_t flag_by;
	struct lw_yaml *categories, *parties, *messages;
};

#define FIELD(key, want, required, min, max)                                           \
	{                                                                              \
#key, want, required, offsetof(struct raw, key), min, max              \
	}
static const struct lw_yaml_field test_fields[] = {
    FIELD(name, LW_WANT_TEXT, true, 0, 0),
    FIELD(kind, LW_WANT_TEXT, true, 0, 0),
    FIELD(channel, LW_WANT_TEXT, false, 0, 0),
    FIELD(flag_by, LW_WANT_INT, false, 1, FLAG_BY_MAX),
    FIELD(categories, LW_WANT_LIST, false, 0, 0),
    FIELD(parties, LW_WANT_MAP, false, 0, 0),
    FIELD(messages, LW_WANT_LIST, true, 0, 0),
};

static const struct lw_yaml_field message_fields[] = {
    {"from", LW_WANT_TEXT, true, offsetof(struct lw_source_message, from), 0, 0},
    {"to", LW_WANT_TEXT, false, offsetof(struct lw_source_message, to), 0, 0},
    {"text", LW_WANT_TEXT, true, offsetof(struct lw_source_message, text), 0, 0},
    {"after", LW_WANT_DURATION, false, offsetof(struct lw_source_message, after_ms), 0,
	AFTER_MAX_MS},
};

static void
read_kind(struct lw_source_reader *r, const struct lw_yaml *n, const struct raw *raw,
    struct lw_source_test *t)
{
	int c;

	t->positive = lw_str_is(raw->kind, "positive");
	if (!t->positive && !lw_str_is(raw->kind, "lookalike"))
		lw_source_fail(r, lw_yaml_get(n, "kind"), "positive or lookalike",
		    "unknown kind of test");
	else if (t->positive && (raw->flag_by == 0 || raw->categories == NULL))
		lw_source_fail(r, n, NULL, "a positive test has flag_by and categories");
	else if (!t->positive && (raw->flag_by != 0 || raw->categories != NULL))
		lw_source_fail(
		    r, n, NULL, "a look-alike has no flag_by and no categories");
	t->flag_by = (uint32_t)raw->flag_by;
	if (raw->categories == NULL)
		return;
	for (const struct lw_yaml *e = raw->categories->child; e != NULL; e = e->next)
		if (e->type != LW_YAML_SCALAR)
			lw_source_fail(r, e, NULL, "expected a category");
		else if (lw_source_category(r, e, e->text, &c))
			t->categories |= 1u << c;
}

static int
read_parties(
    struct lw_source_reader *r, const struct lw_yaml *map, struct lw_source_test *t)
{
	static const struct lw_yaml_field fields[] = {
	    {"age_band", LW_WANT_TEXT, true, 0, 0, 0}};

	t->party =
	    lw_arena_alloc(&r->pack->arena, (map->nchildren + 1) * sizeof(*t->party));
	if (t->party == NULL)
		return r->err = LW_ENOMEM;
	for (const struct lw_yaml *p = map->child; p != NULL; p = p->next) {
		struct lw_str band;
		int err;

		if (p->type != LW_YAML_MAP) {
			lw_source_fail(
			    r, p, "{age_band: child}", "expected facts about a party");
			continue;
		}
		if ((err = lw_yaml_fields(r->doc, p, fields, 1, &band, r->diag)) != 0) {
			r->err = err;
			continue;
		}
		t->party[t->nparties] = (struct lw_source_party){
		    .name = p->key, .age_band = lw_age_band_find(band)};
		if (t->party[t->nparties++].age_band == LW_AGE_UNKNOWN)
			lw_source_fail(r, p, "child, teen or adult", "unknown age band");
	}
	return r->err;
}

static int
read_messages(
    struct lw_source_reader *r, const struct lw_yaml *list, struct lw_source_test *t)
{
	int err;

	t->message =
	    lw_arena_alloc(&r->pack->arena, (list->nchildren + 1) * sizeof(*t->message));
	if (t->message == NULL)
		return r->err = LW_ENOMEM;
	if (list->nchildren == 0 || list->nchildren > LW_TEST_MESSAGES_MAX) {
		lw_source_fail(
		    r, list, NULL, "a test has 1 to %d messages", LW_TEST_MESSAGES_MAX);
		return r->err;
	}
	for (const struct lw_yaml *n = list->child; n != NULL; n = n->next) {
		struct lw_source_message *m = &t->message[t->nmessages];

		m->after_ms = AFTER_DEFAULT_MS;
		if (n->type != LW_YAML_MAP)
			lw_source_fail(r, n, NULL, "a message is a map");
		else if ((err = lw_yaml_fields(
			      r->doc, n, message_fields, 4, m, r->diag)) != 0)
			r->err = err;
		else if (m->text.n > LW_EVENT_TEXT_MAX || m->from.n == 0 ||
			 m->from.n > LW_EVENT_ID_MAX || m->to.n > LW_EVENT_ID_MAX)
			lw_source_fail(r, n, NULL, "text or names are too long or empty");
		else
			t->nmessages++;
	}
	if (t->flag_by > list->nchildren)
		lw_source_fail(r, list, NULL, "flag_by is behind the last message");
	return r->err;
}

static int
read_test(struct lw_source_reader *r, const struct lw_yaml *n, struct lw_source_test *t)
{
	struct raw raw = {0};
	int err = lw_yaml_fields(r->doc, n, test_fields,
	    sizeof(test_fields) / sizeof(test_fields[0]), &raw, r->diag);

	if (err != 0)
		return r->err = err;
	*t = (struct lw_source_test){.file = r->doc->file,
	    .line = n->line,
	    .col = n->col,
	    .name = raw.name,
	    .channel = LW_CH_DIRECT};
	read_kind(r, n, &raw, t);
	if (raw.channel.p != NULL &&
	    (t->channel = lw_channel_find(raw.channel)) == LW_CH_UNKNOWN)
		lw_source_fail(r, lw_yaml_get(n, "channel"), "direct, group or public",
		    "unknown channel");
	if (raw.parties != NULL)
		read_parties(r, raw.parties, t);
	read_messages(r, raw.messages, t);
	return r->err;
}

int
lw_source_read_tests(struct lw_source_reader *r)
{
	struct lw_pack_source *s = r->pack;
	const struct lw_yaml *root = r->doc->root;
	struct lw_source_test test, *tests;
	int err = 0;

	if (root == NULL || root->type != LW_YAML_LIST) {
		lw_source_fail(r, root, "each test begins with '- name:'",
		    "a file of tests is a list of maps");
		return r->err;
	}
	for (const struct lw_yaml *n = root->child; n != NULL; n = n->next) {
		r->err = 0;
		if (n->type != LW_YAML_MAP)
			lw_source_fail(r, n, NULL, "a test is a map");
		else if (read_test(r, n, &test) == 0 &&
			 (tests = lw_source_grow(r, s->test, s->ntests, &s->tests_cap,
			      sizeof(*tests))) != NULL) {
			s->test = tests;
			s->test[s->ntests++] = test;
		}
		err = r->err != 0 ? r->err : err;
	}
	return r->err = err;
}
