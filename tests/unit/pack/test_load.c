/* SPDX-License-Identifier: Apache-2.0 */
/* Loading packs: what is refused, where the error stands, what a good set answers. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/err.h"
#include "pack/source.h"
#include "packdir.h"
#include "text/fold.h"

static struct packdir dir;

static int
setup(void **state)
{
	(void)state;
	packdir_init(&dir, "test-en");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	packdir_clear(&dir);
	return 0;
}

static void
put_rule(const char *keys)
{
	char yaml[8192];

	packdir_rule(yaml, sizeof(yaml), "en.test.rule", keys);
	packdir_put(&dir, "rules/a.yaml", yaml);
}

/* A phrase in the sixth line of its file, from column 12 on. */
static bool
is_phrase_refused(const char *phrase, const char *message, unsigned at)
{
	char keys[4096];

	snprintf(keys, sizeof(keys), "  phrase: '%s'\n", phrase);
	put_rule(keys);
	return packdir_refused(&dir, message, at > 0 ? 6 : 0, at > 0 ? 10 + at : 0);
}

static void
test_phrase_errors_have_places(void **state)
{
	(void)state;
	assert_true(is_phrase_refused("a (b|c d", "( without )", 4));
	assert_true(is_phrase_refused("a b) c", ") without (", 5));
	assert_true(is_phrase_refused("a [b c", "[ without ]", 4));
	assert_true(is_phrase_refused("a ] c", "] without [", 4));
	assert_true(is_phrase_refused("a | c", "| outside of ( )", 4));
	assert_true(is_phrase_refused("a [b|c]", "alternatives stand in ( )", 6));
	assert_true(is_phrase_refused("a (b||c)", "empty alternative", 7));
	assert_true(is_phrase_refused("a () c", "empty alternative", 5));
	assert_true(is_phrase_refused("a <list", "bad name of a list", 4));
	assert_true(is_phrase_refused("a > b", "> without <", 4));
	assert_true(is_phrase_refused("a <nobody> b", "unknown list <nobody>", 4));
	assert_true(is_phrase_refused(".. a b", "does not begin with a gap", 2));
	assert_true(is_phrase_refused("a b ..", "does not end with a gap", 6));
	assert_true(is_phrase_refused("a ..13 b", "a gap has 1 to 12 words", 4));
	assert_true(is_phrase_refused("a ..0 b", "a gap has 1 to 12 words", 4));
	assert_true(is_phrase_refused("a ..x b", "bad gap", 4));
	assert_true(is_phrase_refused("a me* b", "a stem has 3 letters or more", 4));
	assert_true(is_phrase_refused("a m*et b", "* may only end a word", 4));
	assert_true(is_phrase_refused("a ,; b", "no letter or digit", 4));
	assert_true(is_phrase_refused("", "empty phrase", 0));
	assert_true(is_phrase_refused("[a] [b]", "the phrase can be empty", 2));
	assert_true(is_phrase_refused("^ [a] .. b", "^ stands right before a word", 8));
	assert_true(is_phrase_refused("a .. $", "^ stands right before a word", 7));
	assert_true(is_phrase_refused("$ a", "^ stands right before a word", 2));
	assert_true(is_phrase_refused("a ^", "^ stands right before a word", 2));
	assert_true(
	    is_phrase_refused("a b c d e f g h i j k l m", "longer than 12 words", 26));
	/* A quote counts twice in the file. */
	assert_true(is_phrase_refused("don''t (a", "( without )", 9));
	assert_true(is_phrase_refused(
	    "((((((((((((((((((a))))))))))))))))))", "nested deeper", 0));
	assert_true(is_phrase_refused("(a b|c d|e f|g h) (a b|c d|e f|g h) (a b|c d|e f|g h) "
				      "(a b|c d|e f|g h) (a b|c d|e f|g h)",
	    "more than 512 variants", 0));
}

static void
test_rule_lint(void **state)
{
	static const struct {
		const char *was, *is, *message;
	} edits[] = {
	    {"en.test.rule", "en.Test.rule", "bad rule id"},
	    {"en.test.rule", "en.rule", "bad rule id"},
	    {"en.test.rule", "de.test.rule", "no language of this pack"},
	    {"weight: 1.0", "weight: 4.5", ""},
	    {"weight: 1.0", "weight: 0.01", ""},
	    {"rev: 1", "rev: 0", ""},
	    {"category: secrecy", "category: secrecyy", "unknown category 'secrecyy'"},
	    {"category: secrecy", "category: test", "unknown category"},
	    {"status: test", "status: good", "unknown status"},
	    {"match: ['one', 'two']", "match: ['one']", "at least two match examples"},
	    {"no_match: ['three']", "no_match: []", "at least one no_match example"},
	    {"phrase: 'a b'", "regex: \"a\\b\"", "must be single-quoted or a block"},
	    {"phrase: 'a b'", "regex: ab+", "must be single-quoted or a block"},
	    {"phrase: 'a b'", "regex: '(ab'", ""},
	    {"phrase: 'a b'", "regex: 'a*'", "matches empty text"},
	    {"phrase: 'a b'", "regex: '(a)\\1'", "the regex is refused"},
	    {"phrase: 'a b'", "phrase: 'a'\n  regex: 'b'", "either phrase or regex"},
	    {"phrase: 'a b'", "unless: 'a b'", "either phrase or regex"},
	    {"phrase: 'a b'", "phrase: []", "expected a phrase"},
	    {"phrase: 'a b'", "phrase: 'a b'\n  channels: [nowhere]", "unknown channel"},
	    {"phrase: 'a b'", "phrase: 'a b'\n  span: {messages: 9}", ""},
	    {"phrase: 'a b'", "phrase: 'a b'\n  phrases: 'c'", ""},
	    {"title: A rule", "title: ''", "a title is one line"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		char yaml[2048], edited[2048];
		const char *at;

		packdir_rule(yaml, sizeof(yaml), "en.test.rule", "  phrase: 'a b'\n");
		at = strstr(yaml, edits[i].was);
		assert_non_null(at);
		snprintf(edited, sizeof(edited), "%.*s%s%s", (int)(at - yaml), yaml,
		    edits[i].is, at + strlen(edits[i].was));
		packdir_put(&dir, "rules/a.yaml", edited);
		assert_true(packdir_refused(&dir, edits[i].message, 0, 0));
	}
}

static void
test_all_errors_at_once(void **state)
{
	struct lw_intern *intern = lw_intern_new();
	const char *dirs[1] = {dir.dir};
	struct lw_ruleset *rs = NULL;
	struct lw_diag diag;
	char yaml[4096], one[1024];

	(void)state;
	yaml[0] = '\0';
	for (int i = 0; i < 3; i++) {
		char id[32];

		snprintf(id, sizeof(id), "en.test.rule-%d", i);
		packdir_rule(one, sizeof(one), id, "  phrase: ['a (', 'b (', 'c d']\n");
		strcat(yaml, one);
	}
	packdir_put(&dir, "rules/a.yaml", yaml);
	lw_diag_init(&diag);
	assert_int_equal(lw_ruleset_load(&rs, intern, dirs, 1, &diag), LW_EINVAL);
	assert_int_equal(diag.errors, 6);
	lw_diag_clear(&diag);
	lw_intern_free(intern);
}

static void
test_doubles_are_refused(void **state)
{
	char yaml[2048];

	(void)state;
	packdir_rule(yaml, sizeof(yaml), "en.test.rule", "  phrase: 'a b'\n");
	packdir_put(&dir, "rules/a.yaml", yaml);
	packdir_put(&dir, "rules/b.yaml", yaml);
	assert_true(
	    packdir_refused(&dir, "rule id 'en.test.rule' is taken already", 1, 3));
}

static void
test_lists(void **state)
{
	struct lw_intern *intern = lw_intern_new();
	const char *dirs[1] = {dir.dir};
	struct lw_ruleset *rs = NULL;
	struct lw_diag diag;

	(void)state;
	put_rule("  phrase: 'a <things> b'\n");
	packdir_put(&dir, "lists/thing.txt",
	    "# none\nlorem\nipsum dolor # two words\n\nsit*\n");
	assert_true(packdir_refused(&dir, "unknown list <things>", 6, 14));
	put_rule("  phrase: 'a <thing> b'\n");
	packdir_put(&dir, "lists/other.txt", "lorem\n");
	packdir_put(&dir, "lists/common.txt", "the\nof\na\n");
	lw_diag_init(&diag);
	assert_int_equal(lw_ruleset_load(&rs, intern, dirs, 1, &diag), 0);
	assert_int_equal(
	    diag.warnings, 1); /* other.txt is not used; common.txt need not be */
	assert_non_null(strstr(diag.item[0].file, "other.txt"));
	assert_int_equal(lw_ruleset_nlexemes(rs), 4 + 2 + 5); /* and the test phrase's */
	lw_ruleset_unref(rs);
	lw_diag_clear(&diag);
	lw_intern_free(intern);
	packdir_put(&dir, "lists/thing.txt", "# nothing\n");
	assert_true(packdir_refused(&dir, "the list is empty", 0, 0));
	packdir_put(&dir, "lists/thing.txt", "lorem\nip*um\n");
	assert_true(packdir_refused(&dir, "* may only end a word", 2, 1));
	packdir_put_n(&dir, "lists/thing.txt", "lorem\n\xff\xfe\n", 9);
	assert_true(packdir_refused(&dir, "not valid UTF-8", 0, 0));
}

static void
test_manifest_and_model(void **state)
{
	(void)state;
	put_rule("  phrase: 'a b'\n");
	packdir_put(&dir, "pack.yaml", "format: 2\n");
	assert_true(packdir_refused(&dir, "", 0, 0));
	packdir_put(&dir, "pack.yaml",
	    "format: 1\nid: other\nversion: '1'\ntitle: T\nlanguages: [en]\nengine: '>=0.1'\n"
	    "taxonomy: 1\nlicence: CC0-1.0\nmaintainers: [x]\n");
	assert_true(packdir_refused(&dir, "is not its folder's name", 2, 5));
	packdir_put(&dir, "pack.yaml",
	    "format: 1\nid: test-en\nversion: '1'\ntitle: T\nlanguages: [en]\nengine: '>=99'\n"
	    "taxonomy: 1\nlicence: CC0-1.0\nmaintainers: [x]\n");
	assert_true(packdir_refused(&dir, "another version of the engine", 6, 9));
	packdir_clear(&dir);
	packdir_init(&dir, "test-en");
	put_rule("  phrase: 'a b'\n");
	packdir_put(&dir, "model.yaml",
	    "format: 1\nprovenance: p\nbias: -4\nbeta: {secrecu: 1}\n");
	assert_true(packdir_refused(&dir, "unknown category 'secrecu'", 0, 0));
	packdir_put(&dir, "model.yaml",
	    "format: 1\nprovenance: p\nbias: -4\nbeta: {secrecy: 1}\nthreshold: 1\n");
	assert_true(packdir_refused(&dir, "", 5, 1));
}

static void
test_model_values(void **state)
{
	struct lw_intern *intern = lw_intern_new();
	const struct lw_model *m;
	struct lw_ruleset *rs;

	(void)state;
	put_rule("  phrase: 'a b'\n");
	rs = packdir_load(&dir, intern);
	m = lw_ruleset_model(rs);
	assert_true(m->bias == -4.0);
	assert_true(m->beta[LW_CAT_PLATFORM_SHIFT] == 2.0);
	assert_true(m->beta[LW_CAT_GIFT] == 0.0);
	assert_true(m->pair[LW_CAT_SECRECY][LW_CAT_PLATFORM_SHIFT] == 1.0);
	assert_true(m->pair[LW_CAT_PLATFORM_SHIFT][LW_CAT_SECRECY] == 1.0);
	assert_true(m->gamma[LW_FEAT_AGE_GAP] == 1.2);
	assert_int_equal(m->half_life_ms[LW_CAT_PERSONAL_INFO], UINT64_C(7) * 86400000);
	assert_int_equal(m->half_life_ms[LW_CAT_SECRECY], UINT64_C(14) * 86400000);
	assert_int_equal(m->alone, 1u << LW_CAT_COERCION);
	lw_ruleset_unref(rs);
	lw_intern_free(intern);
}

static void
test_sets(void **state)
{
	struct lw_intern *intern = lw_intern_new();
	struct packdir second;
	const char *dirs[2];
	struct lw_ruleset *rs = NULL, *again;
	struct lw_diag diag;
	char yaml[1024], path[300];
	const struct lw_rule *rule;

	(void)state;
	put_rule(
	    "  phrase: 'a b'\n  span: {messages: 2, minutes: 3}\n  channels: [public]\n");
	packdir_init(&second, "more-en");
	packdir_rule(yaml, sizeof(yaml), "en.more.rule", "  phrase: 'c d'\n");
	packdir_put(&second, "rules/a.yaml", yaml);
	snprintf(path, sizeof(path), "%s/model.yaml", second.dir);
	assert_int_equal(unlink(path), 0);
	dirs[0] = dir.dir;
	dirs[1] = second.dir;
	lw_diag_init(&diag);
	assert_int_equal(lw_ruleset_load(&rs, intern, dirs, 2, &diag), 0);
	assert_int_equal(lw_ruleset_npacks(rs), 2);
	assert_true(lw_str_is(lw_ruleset_pack_id(rs, 1), "more-en"));
	assert_true(lw_str_is(lw_ruleset_pack_version(rs, 0), "1.0"));
	assert_int_equal(lw_ruleset_nrules(rs), 3);
	rule = lw_ruleset_rule(rs, lw_intern_rule(intern, LW_STR("en.test.rule")));
	assert_non_null(rule);
	assert_int_equal(rule->span_messages, 2);
	assert_int_equal(rule->span_s, 180);
	assert_int_equal(rule->channels, 1 << LW_CH_PUBLIC);
	assert_int_equal(rule->category, LW_CAT_SECRECY);
	assert_int_equal(rule->pack, 0);
	assert_null(lw_ruleset_rule(rs, 999));
	assert_int_equal(strlen(lw_ruleset_hash(rs)), 64);
	/* The same bytes give the same hash; another order, or a changed byte, does not. */
	assert_int_equal(lw_ruleset_load(&again, intern, dirs, 2, &diag), 0);
	assert_string_equal(lw_ruleset_hash(rs), lw_ruleset_hash(again));
	assert_true(lw_ruleset_generation(again) > lw_ruleset_generation(rs));
	lw_ruleset_unref(again);
	put_rule("  phrase: 'a  b'\n");
	assert_int_equal(lw_ruleset_load(&again, intern, dirs, 2, &diag), 0);
	assert_string_not_equal(lw_ruleset_hash(rs), lw_ruleset_hash(again));
	lw_ruleset_unref(again);
	/* One pack twice; a set without a model. */
	dirs[1] = dir.dir;
	assert_int_equal(lw_ruleset_load(&again, intern, dirs, 2, &diag), LW_EINVAL);
	assert_int_equal(
	    lw_ruleset_load(&again, intern, &(const char *){second.dir}, 1, &diag),
	    LW_EINVAL);
	assert_int_equal(lw_ruleset_load(&again, intern, dirs, 0, &diag), LW_EINVAL);
	lw_ruleset_unref(lw_ruleset_ref(rs));
	lw_ruleset_unref(rs);
	lw_ruleset_unref(NULL);
	lw_diag_clear(&diag);
	packdir_clear(&second);
	lw_intern_free(intern);
}

static void
test_deprecated_rules_are_linted_only(void **state)
{
	struct lw_intern *intern = lw_intern_new();
	char yaml[2048], *at;
	struct lw_ruleset *rs;

	(void)state;
	packdir_rule(
	    yaml, sizeof(yaml), "en.test.rule", "  phrase: 'a b'\n  unless: 'c'\n");
	at = strstr(yaml, "status: test");
	strcpy(at, "status: deprecated\n");
	packdir_rule(yaml + strlen(yaml), 512, "en.test.live", "  phrase: 'd e'\n");
	packdir_put(&dir, "rules/a.yaml", yaml);
	rs = packdir_load(&dir, intern);
	assert_int_equal(lw_ruleset_nrules(rs), 2);
	assert_null(lw_ruleset_rule(rs, lw_intern_rule(intern, LW_STR("en.test.rule"))));
	assert_int_equal(lw_ruleset_nlexemes(rs), 5 + 2);
	lw_ruleset_unref(rs);
	lw_intern_free(intern);
}

static void
test_files_are_taken_as_they_are(void **state)
{
	char path[300];

	(void)state;
	put_rule("  phrase: 'a b'\n");
	snprintf(path, sizeof(path), "%s/rules/link.yaml", dir.dir);
	assert_int_equal(symlink("a.yaml", path), 0);
	assert_true(packdir_refused(&dir, "", 0, 0));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_true(packdir_refused(&dir, "not a regular file", 0, 0));
}

static void
test_source_has_examples_and_tests(void **state)
{
	struct lw_pack_source *s = NULL;
	struct lw_diag diag;

	(void)state;
	packdir_put(&dir, "rules/a.yaml",
	    "- id: en.test.rule\n  rev: 3\n  title: A rule\n  category: gift\n  weight: 1.5\n"
	    "  phrase: 'a b'\n  match:\n    - 'a b'\n    - ['a', 'b']\n  no_match: ['b a']\n"
	    "  todo_match: ['ab']\n  status: experimental\n  references: ['doi:1']\n"
	    "  false_positives: ['shops']\n");
	packdir_put(&dir, "tests/a.yaml",
	    "- name: first\n  kind: positive\n  flag_by: 2\n  categories: [gift, secrecy]\n"
	    "  parties: {b: {age_band: child}}\n  messages:\n"
	    "    - {from: a, to: b, text: 'one'}\n    - {from: b, text: 'two', after: 40s}\n"
	    "- name: second\n  kind: lookalike\n  channel: group\n"
	    "  messages: [{from: a, text: 'three'}]\n");
	lw_diag_init(&diag);
	assert_int_equal(lw_pack_source_load(&s, dir.dir, true, &diag), 0);
	assert_int_equal(s->nrules, 1);
	assert_int_equal(s->rule[0].rev, 3);
	assert_int_equal(s->rule[0].status, LW_STATUS_EXPERIMENTAL);
	assert_int_equal(s->rule[0].match.n, 2);
	assert_int_equal(s->rule[0].match.item[0].n, 1);
	assert_int_equal(s->rule[0].match.item[1].n, 2);
	assert_true(lw_str_is(s->rule[0].match.item[1].message[1], "b"));
	assert_int_equal(s->rule[0].todo_match.n, 1);
	assert_int_equal(s->rule[0].nreferences, 1);
	assert_int_equal(s->ntests, 2);
	assert_true(s->test[0].positive);
	assert_int_equal(s->test[0].flag_by, 2);
	assert_int_equal(s->test[0].categories, 1u << LW_CAT_GIFT | 1u << LW_CAT_SECRECY);
	assert_int_equal(s->test[0].channel, LW_CH_DIRECT);
	assert_int_equal(s->test[0].nparties, 1);
	assert_int_equal(s->test[0].party[0].age_band, LW_AGE_CHILD);
	assert_int_equal(s->test[0].nmessages, 2);
	assert_int_equal(s->test[0].message[0].after_ms, 20000);
	assert_int_equal(s->test[0].message[1].after_ms, 40000);
	assert_null(s->test[0].message[1].to.p);
	assert_false(s->test[1].positive);
	assert_int_equal(s->test[1].channel, LW_CH_GROUP);
	lw_pack_source_free(s);
	packdir_put(&dir, "tests/a.yaml",
	    "- name: first\n  kind: positive\n  flag_by: 5\n  categories: [gift]\n"
	    "  messages: [{from: a, text: 'one'}]\n");
	assert_int_equal(lw_pack_source_load(&s, dir.dir, true, &diag), LW_EINVAL);
	assert_non_null(strstr(diag.item[diag.n - 1].message, "behind the last message"));
	lw_diag_clear(&diag);
	lw_pack_source_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		test_phrase_errors_have_places, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_rule_lint, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_all_errors_at_once, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_doubles_are_refused, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_lists, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_manifest_and_model, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_model_values, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_sets, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		test_deprecated_rules_are_linted_only, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		test_files_are_taken_as_they_are, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		test_source_has_examples_and_tests, setup, teardown),
	};
	int failed;

	if (lw_text_init() != 0)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	lw_text_exit();
	return failed;
}
