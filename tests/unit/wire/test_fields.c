/* SPDX-License-Identifier: Apache-2.0 */
/* docs/protocol.md and the program's table of fields say the same: every frame with fields
 * has its section, with the same keys, types and required marks, in the same order. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include "wire/fields.h"

static const char *const types[] = {[LW_F_ID] = "id",
    [LW_F_NAME] = "name",
    [LW_F_TEXT] = "text",
    [LW_F_STR] = "string",
    [LW_F_ZSTR] = "string",
    [LW_F_U64] = "uint",
    [LW_F_U32] = "uint",
    [LW_F_REAL] = "real",
    [LW_F_BOOL] = "bool",
    [LW_F_TRI] = "bool",
    [LW_F_KIND] = "kind",
    [LW_F_CHANNEL] = "channel",
    [LW_F_AGE] = "age",
    [LW_F_ACTION] = "action",
    [LW_F_BAND] = "band",
    [LW_F_ID128] = "bin",
    [LW_F_IDS] = "[id]",
    [LW_F_U32S] = "[uint]",
    [LW_F_EVENTS] = "[event]",
    [LW_F_ASK] = "bool or [uint]",
    [LW_F_VERDICTS] = "[verdict]"};

/* The text between two bars, without blanks around it, NUL-terminated. */
static char *
cell(char **at)
{
	char *start = *at, *end = strchr(start, '|');

	if (end == NULL)
		return NULL;
	*at = end + 1;
	*end = '\0';
	while (*start == ' ')
		start++;
	while (end > start && end[-1] == ' ')
		*--end = '\0';
	return start;
}

/* The rows of one section against one table; returns how many. */
static size_t
compare(FILE *doc, const struct lw_fields *t)
{
	char line[1024], want[64];
	bool in_section = false, in_table = false;
	size_t n = 0;

	rewind(doc);
	snprintf(want, sizeof want, "### `%s`\n", t->name);
	while (fgets(line, sizeof line, doc) != NULL) {
		char *at = line + 1, *key, *type, *required;

		if (line[0] == '#') {
			if (in_section)
				break;
			in_section = strcmp(line, want) == 0;
			continue;
		}
		if (!in_section)
			continue;
		if (strncmp(line, "| key | type |", 14) == 0)
			in_table = true;
		else if (line[0] != '|')
			in_table = false;
		if (!in_table || strncmp(line, "| `", 3) != 0)
			continue;
		key = cell(&at);
		type = cell(&at);
		required = cell(&at);
		assert_non_null(required);
		assert_true(n < t->n);
		assert_int_equal(strlen(key), t->f[n].len + 2u);
		assert_memory_equal(key + 1, t->f[n].name, t->f[n].len);
		assert_string_equal(type, types[t->f[n].type]);
		assert_string_equal(required, t->f[n].flags & LW_FF_REQUIRED ? "yes" : "");
		n++;
	}
	return n;
}

static void
docs_and_table_agree(void **state)
{
	FILE *doc = fopen(LW_DOCS "/protocol.md", "r");
	int i;

	(void)state;
	assert_non_null(doc);
	assert_int_equal(compare(doc, &lw_event_fields), lw_event_fields.n);
	assert_int_equal(compare(doc, &lw_verdict_fields), lw_verdict_fields.n);
	for (i = 0; i < LW_FR_UNKNOWN; i++)
		assert_int_equal(compare(doc, &lw_frame_fields[i]), lw_frame_fields[i].n);
	fclose(doc);
}

/* Sections with a table of keys that the program does not know would be a lie too. */
static void
docs_have_no_more(void **state)
{
	FILE *doc = fopen(LW_DOCS "/protocol.md", "r");
	size_t rows = 0, want = lw_event_fields.n + lw_verdict_fields.n;
	bool in_table = false;
	char line[1024];
	int i;

	(void)state;
	assert_non_null(doc);
	while (fgets(line, sizeof line, doc) != NULL) {
		if (strncmp(line, "| key | type |", 14) == 0)
			in_table = true;
		else if (line[0] != '|')
			in_table = false;
		rows += in_table && strncmp(line, "| `", 3) == 0;
	}
	for (i = 0; i < LW_FR_UNKNOWN; i++)
		want += lw_frame_fields[i].n;
	assert_int_equal(rows, want);
	fclose(doc);
}

/* Every name of a frame and every kind of event is explained. */
static void
names_are_documented(void **state)
{
	FILE *doc = fopen(LW_DOCS "/protocol.md", "r");
	static char all[65536];
	char quoted[64];
	int i;

	(void)state;
	assert_non_null(doc);
	assert_true(fread(all, 1, sizeof all - 1, doc) > 1000);
	fclose(doc);
	for (i = 0; i < LW_FR_UNKNOWN; i++) {
		snprintf(quoted, sizeof quoted, "`%s`", lw_frame_fields[i].name);
		assert_non_null(strstr(all, quoted));
	}
	for (i = 0; i < LW_EV_MAX; i++) {
		snprintf(quoted, sizeof quoted, "`%s`",
		    lw_event_kind_name((enum lw_event_kind)i));
		assert_non_null(strstr(all, quoted));
	}
}

static void
names_are_found_from_any_hint(void **state)
{
	size_t i, hint, h;

	(void)state;
	for (h = 0; h < lw_event_fields.n; h++) {
		for (i = 0; i < lw_event_fields.n; i++) {
			const struct lw_field *f = &lw_event_fields.f[i];

			hint = h;
			assert_ptr_equal(lw_field_find(&lw_event_fields,
					     (struct lw_str){f->name, f->len}, &hint),
			    f);
			assert_int_equal(hint, i);
		}
		hint = h;
		assert_null(lw_field_find(&lw_event_fields, LW_STR("fro"), &hint));
		assert_int_equal(hint, h);
	}
	hint = SIZE_MAX;
	assert_null(lw_field_find(&lw_frame_fields[LW_FR_PING], LW_STR("x"), &hint));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(docs_and_table_agree),
	    cmocka_unit_test(docs_have_no_more),
	    cmocka_unit_test(names_are_documented),
	    cmocka_unit_test(names_are_found_from_any_hint),
	};

	return cmocka_run_group_tests_name("fields", tests, NULL, NULL);
}
