/* SPDX-License-Identifier: Apache-2.0 */
/* Anything that stands in a pack. In: one byte that says which reader, then its file. Out:
 * nothing but the promise that no input does harm. Rules are compiled up to the tries; the
 * library's own compilation is left out, for speed. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "pack/compile.h"
#include "text/fold.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
compile_all(struct lw_pack_source *pack, struct lw_diag *diag)
{
	struct lw_ruleset *rs = calloc(1, sizeof(*rs));
	struct lw_compiler c = {.rs = rs, .intern = lw_intern_new(), .diag = diag};

	assert(rs != NULL && c.intern != NULL);
	atomic_init(&rs->refs, 1);
	lw_arena_init(&rs->arena, (size_t)64 << 20);
	lw_arena_init(&c.arena, (size_t)64 << 20);
	if (lw_compile_pack(&c, pack, 0) == 0)
		lw_compile_index(&c);
	for (size_t i = 0; i < c.nregexes; i++)
		lw_regex_states(c.regex[i].text.text);
	free(c.ids.id);
	free(c.freq);
	free(c.regex);
	free(c.program);
	free(c.slot);
	lw_setpool_clear(&c.sets);
	lw_arena_clear(&c.arena);
	lw_ruleset_unref(rs);
	lw_intern_free(c.intern);
}

/* A list that phrases of the corpus name. */
static void
add_list(struct lw_source_reader *r)
{
	r->pack->list = calloc(1, sizeof(*r->pack->list));
	assert(r->pack->list != NULL);
	r->pack->nlists = 1;
	r->pack->list[0] =
	    (struct lw_source_list){.name = LW_STR("list"), .file = "list.txt"};
	lw_source_read_list(r, &r->pack->list[0], LW_STR("lorem\nipsum dolor\nsit*\n"));
}

static void
phrase(struct lw_source_reader *r, struct lw_str text)
{
	struct lw_source_text at = {.text = text, .file = "phrase", .line = 1, .col = 1};
	struct lw_source_rule *rule = calloc(1, sizeof(*rule));

	assert(rule != NULL);
	*rule = (struct lw_source_rule){.id = LW_STR("en.a.b"),
	    .title = LW_STR("t"),
	    .phrase = {&at, 1},
	    .span_messages = 1,
	    .span_s = 1,
	    .status = LW_STATUS_TEST};
	r->pack->rule = rule;
	r->pack->nrules = 1;
	compile_all(r->pack, r->diag);
}

static void
file(struct lw_source_reader *r, unsigned which, struct lw_str text)
{
	struct lw_yaml_doc doc = {0};
	struct lw_source_list list = {.file = "list.txt"};

	if (which == 0) {
		lw_source_read_list(r, &list, text);
		return;
	}
	if (lw_yaml_parse(&doc, "fuzz.yaml", text, r->diag) != 0)
		return;
	r->doc = &doc;
	r->err = 0;
	if (which == 1 && lw_source_read_rules(r) == 0)
		compile_all(r->pack, r->diag);
	else if (which == 2)
		lw_source_read_tests(r);
	else if (which == 3)
		lw_source_read_model(r);
	lw_yaml_clear(&doc);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct lw_str language = {"en", 2};
	static bool is_ready;
	struct lw_pack_source pack = {
	    .language = &language, .nlanguages = 1, .dir = "fuzz"};
	struct lw_source_reader r = {.pack = &pack};
	struct lw_diag diag;
	struct lw_str text = {(const char *)data + 1, n - 1};

	if (!is_ready)
		is_ready = lw_text_init() == 0;
	if (n < 2 || n > 65536 || !is_ready)
		return 0;
	lw_arena_init(&pack.arena, (size_t)64 << 20);
	lw_diag_init(&diag);
	r.diag = &diag;
	add_list(&r);
	if (data[0] % 8 >= 4)
		phrase(&r, text);
	else
		file(&r, data[0] % 4, text);
	lw_diag_clear(&diag);
	free(pack.rule);
	free(pack.test);
	free(pack.list);
	lw_arena_clear(&pack.arena);
	return 0;
}
