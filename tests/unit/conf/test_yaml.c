/* SPDX-License-Identifier: Apache-2.0 */
/* The strict reader: what it makes of good YAML, and each refusal at its place. */
#include <sys/stat.h>
#include "helper.h"
#include "base/err.h"
#include "conf/yaml.h"

static struct lw_diag diag;

static int
parse(struct lw_yaml_doc *doc, const char *text, size_t n)
{
	lw_diag_init(&diag);
	return lw_yaml_parse(doc, "f", (struct lw_str){text, n}, &diag);
}

static void
check_str(struct lw_str s, const char *want)
{
	assert_int_equal(s.n, strlen(want));
	assert_string_equal(s.p, want);
}

static void
makes_a_tree(void **state)
{
	static const char text[] = "# comment\n"
				   "a: plain text\n"
				   "b: 'it''s'\n"
				   "c: \"\\x41\"\n"
				   "list:\n"
				   "  - no\n"
				   "  - {k: v, l: [1, 2]}\n"
				   "\"h\xc3\xa9\": |\n"
				   "  two\n"
				   "  lines\n"
				   "empty:\n";
	struct lw_yaml_doc doc;
	struct lw_yaml *n;

	(void)state;
	assert_int_equal(parse(&doc, text, sizeof(text) - 1), LW_OK);
	assert_int_equal(diag.errors, 0);
	assert_int_equal(doc.root->type, LW_YAML_MAP);
	assert_int_equal(doc.root->nchildren, 6);
	n = lw_yaml_get(doc.root, "a");
	check_str(n->text, "plain text");
	assert_true(n->plain);
	assert_int_equal(n->line, 2);
	assert_int_equal(n->col, 4);
	assert_int_equal(n->key_line, 2);
	assert_int_equal(n->key_col, 1);
	n = lw_yaml_get(doc.root, "b");
	check_str(n->text, "it's");
	assert_false(n->plain);
	assert_false(n->double_quoted);
	n = lw_yaml_get(doc.root, "c");
	check_str(n->text, "A");
	assert_true(n->double_quoted);
	n = lw_yaml_get(doc.root, "list");
	assert_int_equal(n->type, LW_YAML_LIST);
	assert_int_equal(n->nchildren, 2);
	check_str(n->child->text, "no");
	assert_null(n->child->key.p);
	n = n->child->next;
	assert_int_equal(n->line, 7);
	assert_int_equal(n->col, 5);
	check_str(lw_yaml_get(n, "l")->child->next->text, "2");
	check_str(lw_yaml_get(doc.root, "h\xc3\xa9")->text, "two\nlines\n");
	n = lw_yaml_get(doc.root, "empty");
	assert_int_equal(n->text.n, 0);
	assert_true(n->plain);
	assert_null(lw_yaml_get(doc.root, "k"));
	assert_null(lw_yaml_get(n, "k"));
	lw_yaml_clear(&doc);
}

static void
empty_documents(void **state)
{
	static const char *const texts[] = {
	    "", "\n\n", "# only this\n", "---\n", "---\n...\n"};
	struct lw_yaml_doc doc;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(parse(&doc, texts[i], strlen(texts[i])), LW_OK);
		assert_null(doc.root);
		assert_string_equal(doc.file, "f");
		lw_yaml_clear(&doc);
	}
}

struct refusal {
	const char *text;
	size_t n; /* 0: strlen */
	int err;
	const char *want;
};

static const struct refusal refusals[] = {
    {"a: &x 1\n", 0, LW_EINVAL, "f:1:4: error: anchors are not allowed\n"},
    {"a:\n  - &x [1]\n", 0, LW_EINVAL, "f:2:5: error: anchors are not allowed\n"},
    {"a: &x {b: 1}\n", 0, LW_EINVAL, "f:1:4: error: anchors are not allowed\n"},
    {"&k a: 1\n", 0, LW_EINVAL, "f:1:1: error: anchors are not allowed\n"},
    {"a: 1\nb: *x\n", 0, LW_EINVAL,
	"f:2:4: error: aliases are not allowed (write the value out)\n"},
    {"a: !!str 1\n", 0, LW_EINVAL, "f:1:4: error: tags are not allowed\n"},
    {"a: ! 1\n", 0, LW_EINVAL, "f:1:4: error: tags are not allowed\n"},
    {"a: !!set {b}\n", 0, LW_EINVAL, "f:1:4: error: tags are not allowed\n"},
    {"a: !x [1]\n", 0, LW_EINVAL, "f:1:4: error: tags are not allowed\n"},
    {"a:\n  <<: {b: 1}\n", 0, LW_EINVAL, "f:2:3: error: merge keys are not allowed\n"},
    {"a: 1\n---\nb: 2\n", 0, LW_EINVAL, "f:2:1: error: a second document is not allowed\n"},
    {"%YAML 1.1\n---\na: 1\n", 0, LW_EINVAL, "f:1:1: error: directives are not allowed\n"},
    {"%TAG ! tag:x,2000:\n---\na: 1\n", 0, LW_EINVAL,
	"f:1:1: error: directives are not allowed\n"},
    {"a:\n\tb: 1\n", 0, LW_EINVAL, "f:2:1: error: tab (use spaces)\n"},
    {"a: 'x\ty'\n", 0, LW_EINVAL, "f:1:6: error: tab (use spaces)\n"},
    {"a: 1\nb: 2\na: 3\n", 0, LW_EINVAL,
	"f:3:1: error: duplicate key 'a' (first at line 1)\n"},
    {"m: {a: 1, 'a': 2, a: 3}\n", 0, LW_EINVAL,
	"f:1:11: error: duplicate key 'a' (first at line 1)\n"
	"f:1:19: error: duplicate key 'a' (first at line 1)\n"},
    {"a: x\0y\n", 7, LW_EINVAL, "f:1:5: error: NUL byte (is this a text file?)\n"},
    {"a: \"x\\0y\"\n", 0, LW_EINVAL, "f:1:4: error: NUL byte\n"},
    {"\"k\\0\": 1\n", 0, LW_EINVAL, "f:1:1: error: empty or unprintable key\n"},
    {"\"\": 1\n", 0, LW_EINVAL, "f:1:1: error: empty or unprintable key\n"},
    {"\xef\xbb\xbf"
     "a: 1\n",
	0, LW_EINVAL, "f:1:1: error: byte order mark (save without BOM)\n"},
    {"\xff\xfe"
     "a\0",
	4, LW_EINVAL, "f:1:1: error: this is not valid UTF-8 (save as UTF-8)\n"},
    {"a: \xe9t\xe9\n", 0, LW_EINVAL,
	"f:1:4: error: this is not valid UTF-8 (save as UTF-8)\n"},
    {"a: h\xc3\xa9\nb: \xed\xa0\x80\n", 0, LW_EINVAL,
	"f:2:4: error: this is not valid UTF-8 (save as UTF-8)\n"},
    {"a: \xc0\xaf\n", 0, LW_EINVAL,
	"f:1:4: error: this is not valid UTF-8 (save as UTF-8)\n"},
    {"a: h\xc3\xa9 \xf0\x9f\x90", 0, LW_EINVAL,
	"f:1:7: error: this is not valid UTF-8 (save as UTF-8)\n"},
    {"a: \x1b[1m\n", 0, LW_EINVAL, "f:1:4: error: control character\n"},
    {"[a]: 1\n", 0, LW_EINVAL, "f:1:1: error: a key must be text\n"},
    {"? {a: 1}\n: 2\n", 0, LW_EINVAL, "f:1:3: error: a key must be text\n"},
    {"[[[[[[[[[1]]]]]]]]]\n", 0, LW_ELIMIT, "f:1:9: error: nested deeper than 8\n"},
    {"a: [1\n", 0, LW_EINVAL, "f:2:1: error: not valid YAML: *"},
    {"a: 'x\n", 0, LW_EINVAL, "f:2:1: error: not valid YAML: *"},
    {"a: 1\n  b: 2\n", 0, LW_EINVAL, "f:2:4: error: not valid YAML: *"},
    {"a: @x\n", 0, LW_EINVAL, "f:1:4: error: not valid YAML: *"},
};

static void
refuses_at_the_place(void **state)
{
	struct lw_yaml_doc doc;

	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const struct refusal *r = &refusals[i];
		int err = parse(&doc, r->text, r->n > 0 ? r->n : strlen(r->text));

		if (err != r->err)
			print_error("refusal %zu: %s", i, r->text);
		assert_int_equal(err, r->err);
		assert_null(doc.root);
		assert_null(doc.memory);
		check_diag(&diag, r->want);
	}
}

static void
eight_levels_are_fine(void **state)
{
	struct lw_yaml_doc doc;

	(void)state;
	assert_int_equal(parse(&doc, "[[[[[[[[1]]]]]]]]\n", 18), LW_OK);
	lw_yaml_clear(&doc);
}

/* n times piece, between head and tail. */
static char *
repeat(const char *head, const char *piece, size_t n, const char *tail, size_t *len)
{
	size_t h = strlen(head), p = strlen(piece), t = strlen(tail);
	char *text = malloc(h + n * p + t + 1), *at = text;

	assert_non_null(text);
	memcpy(at, head, h);
	at += h;
	for (size_t i = 0; i < n; i++, at += p)
		memcpy(at, piece, p);
	memcpy(at, tail, t + 1);
	*len = h + n * p + t;
	return text;
}

static void
hostile_sizes(void **state)
{
	struct lw_yaml_doc doc;
	size_t n;
	char *text;

	(void)state;
	text = repeat("", "[", 100000, "", &n); /* deep nesting */
	assert_int_equal(parse(&doc, text, n), LW_ELIMIT);
	check_diag(&diag, "f:1:9: error: nested deeper than 8\n");
	free(text);
	text = repeat("", "- ", 100000, "", &n);
	assert_int_equal(parse(&doc, text, n), LW_ELIMIT);
	check_diag(&diag, "f:1:17: error: nested deeper than 8\n");
	free(text);
	text = repeat("a: ", "x", 5 * 1024 * 1024, "\n", &n); /* 5 MiB */
	assert_int_equal(parse(&doc, text, n), LW_ELIMIT);
	check_diag(&diag, "f: error: larger than 4 MiB\n");
	free(text);
	text = repeat("[", "a,", 1000001, "]", &n); /* too many nodes */
	assert_int_equal(parse(&doc, text, n), LW_ELIMIT);
	check_diag(&diag, "f:1:*");
	free(text);
	text = repeat("a: '", "x", 4 * 1024 * 1024 - 6, "'\n", &n); /* just fits */
	assert_int_equal(n, 4 * 1024 * 1024);
	assert_int_equal(parse(&doc, text, n), LW_OK);
	assert_int_equal(doc.root->child->text.n, 4 * 1024 * 1024 - 6);
	lw_yaml_clear(&doc);
	free(text);
}

static void
billion_laughs(void **state)
{
	static const char text[] =
	    "a: &a [x, x, x]\nb: &b [*a, *a, *a]\nc: [*b, *b, *b]\n";
	struct lw_yaml_doc doc;

	(void)state;
	assert_int_equal(parse(&doc, text, sizeof(text) - 1), LW_EINVAL);
	check_diag(&diag, "f:1:4: error: anchors are not allowed\n");
}

static void
duplicates_in_a_large_map(void **state)
{
	char *text = malloc(300 * 8), *at = text;
	struct lw_yaml_doc doc;

	(void)state;
	assert_non_null(text);
	for (int i = 0; i < 200; i++)
		at += sprintf(at, "k%d: 1\n", i);
	assert_int_equal(parse(&doc, text, (size_t)(at - text)), LW_OK);
	assert_int_equal(doc.root->nchildren, 200);
	lw_yaml_clear(&doc);
	at += sprintf(at, "k7: 2\n");
	assert_int_equal(parse(&doc, text, (size_t)(at - text)), LW_EINVAL);
	check_diag(&diag, "f:201:1: error: duplicate key 'k7' (first at line 8)\n");
	free(text);
}

static void
files(void **state)
{
	struct lw_yaml_doc doc;
	const char *path;

	(void)state;
	lw_diag_init(&diag);
	path = write_temp("a.yaml", "k: v\n", 5);
	assert_int_equal(lw_yaml_read(&doc, path, &diag), LW_OK);
	assert_string_equal(doc.file, path);
	check_str(lw_yaml_get(doc.root, "k")->text, "v");
	lw_yaml_clear(&doc);
	assert_int_equal(lw_yaml_read(&doc, "conf-test-none/x", &diag), LW_ENOENT);
	check_diag(
	    &diag, "conf-test-none/x: error: cannot open: No such file or directory\n");
	assert_int_equal(lw_yaml_read(&doc, ".", &diag), LW_EIO);
	check_diag(&diag, ".: error: not a regular file\n");
	assert_int_equal(mkfifo(temp_path("fifo"), 0600), 0);
	assert_int_equal(lw_yaml_read(&doc, temp_path("fifo"), &diag), LW_EIO);
	lw_diag_clear(&diag);
}

static void
diagnostics_are_bounded(void **state)
{
	char *text;

	(void)state;
	lw_diag_init(&diag);
	for (int i = 0; i < 150; i++)
		lw_diag_error(&diag, "f", 1, 1, NULL, "number %d\n\x1b", i);
	lw_diag_warn(&diag, NULL, 0, 0, "h", "w");
	assert_int_equal(diag.n, LW_DIAG_MAX);
	assert_int_equal(diag.errors, 150);
	assert_int_equal(diag.warnings, 1);
	text = diag_text(&diag);
	assert_non_null(strstr(text, "f:1:1: error: number 99?\?\n... and 51 more\n"));
	free(text);
	lw_diag_clear(&diag);
	lw_diag_warn(&diag, NULL, 3, 0, "h", "w");
	check_diag(&diag, "-:3: warning: w (h)\n");
}

static void
nearest_names(void **state)
{
	static const char *const names[] = {"socket", "state_dir", "idle", "id"};

	(void)state;
	assert_string_equal(lw_conf_nearest(LW_STR("sokcet"), names, 4), "socket");
	assert_string_equal(lw_conf_nearest(LW_STR("stat_dir"), names, 4), "state_dir");
	assert_string_equal(lw_conf_nearest(LW_STR("ilde"), names, 4), "idle");
	assert_string_equal(lw_conf_nearest(LW_STR("statedirs"), names, 4), "state_dir");
	assert_null(lw_conf_nearest(LW_STR("directory"), names, 4));
	assert_null(lw_conf_nearest(LW_STR("xy"), names, 4));
	assert_string_equal(lw_conf_nearest(LW_STR("ix"), names, 4), "id");
	assert_null(lw_conf_nearest(LW_STR(""), names, 4));
	assert_null(lw_conf_nearest(lw_str(NULL), names, 4));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(makes_a_tree),
	    cmocka_unit_test(empty_documents),
	    cmocka_unit_test(refuses_at_the_place),
	    cmocka_unit_test(eight_levels_are_fine),
	    cmocka_unit_test(hostile_sizes),
	    cmocka_unit_test(billion_laughs),
	    cmocka_unit_test(duplicates_in_a_large_map),
	    cmocka_unit_test_setup_teardown(files, make_temp_dir, drop_temp_dir),
	    cmocka_unit_test(diagnostics_are_bounded),
	    cmocka_unit_test(nearest_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
