/* SPDX-License-Identifier: Apache-2.0 */
/* Rules into programs. In: the source of a pack. Out: rules, programs and slots appended to
 * the ruleset. Goes on after an error, so that one run reports them all. */
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "pack/compile.h"

#define TEST_RULE "lapwing.test"
#define TEST_TITLE "The test phrase: nobody is in danger"
#define TEST_PHRASE "lapwing test flag qanovex rilmudu"

const char *
lw_test_phrase(void)
{
	return TEST_PHRASE;
}

/* Variants as programs of a rule. */
static void
emit(struct lw_compiler *c, const struct lw_source_text *at, uint32_t rule,
    const struct lw_variants *v, bool is_unless)
{
	if (c->nprograms + v->n > LW_PROGRAMS_MAX) {
		lw_compile_fail(c, at, 0,
		    "use lists instead of alternatives of several words",
		    "more than %d variants in all rules", LW_PROGRAMS_MAX);
		return;
	}
	for (size_t i = 0; i < v->n; i++) {
		if (!lw_compile_room(c, (void **)&c->program, c->nprograms,
			&c->programs_cap, sizeof(*c->program)))
			return;
		c->program[c->nprograms++] =
		    (struct lw_program){.slot0 = (uint32_t)c->nslots,
			.rule = rule,
			.n = v->v[i].n,
			.is_unless = is_unless};
		for (uint8_t k = 0; k < v->v[i].n; k++) {
			if (!lw_compile_room(c, (void **)&c->slot, c->nslots,
				&c->slots_cap, sizeof(*c->slot)))
				return;
			c->slot[c->nslots++] = v->v[i].slot[k];
		}
	}
}

static int
emit_phrases(struct lw_compiler *c, const struct lw_source_texts *texts, uint32_t rule,
    struct lw_variants *v, bool is_unless)
{
	int err = 0;

	for (size_t i = 0; i < texts->n; i++) {
		if (lw_compile_phrase(c, &texts->item[i], v) == 0)
			emit(c, &texts->item[i], rule, v, is_unless);
		err = c->err != 0 ? c->err : err;
		if (err == LW_ENOMEM)
			break;
	}
	return c->err = err;
}

static bool
add_regex(struct lw_compiler *c, const struct lw_source_text *at, uint32_t rule)
{
	if (!lw_compile_room(
		c, (void **)&c->regex, c->nregexes, &c->regexes_cap, sizeof(*c->regex)))
		return false;
	c->regex[c->nregexes].text = *at;
	c->regex[c->nregexes++].rule = rule;
	return true;
}

static int
new_rule(struct lw_compiler *c, const struct lw_source_rule *src, uint16_t pack)
{
	struct lw_ruleset *rs = c->rs;
	struct lw_rule *rule;

	if (rs->nrules >= LW_RULES_MAX + 1) { /* one is the test phrase's */
		lw_diag_error(c->diag, src->file, src->line, src->col, NULL,
		    "more than %d rules in all packs", LW_RULES_MAX);
		return c->err = LW_ELIMIT;
	}
	if (!lw_compile_room(
		c, (void **)&rs->rule, rs->nrules, &c->rules_cap, sizeof(*rs->rule)) ||
	    !lw_compile_room(c, (void **)&rs->regex_of, rs->nrules, &c->regex_of_cap,
		sizeof(*rs->regex_of)) ||
	    !lw_compile_room(c, (void **)&rs->has_unless, rs->nrules,
		&c->has_unless_cap, sizeof(*rs->has_unless)))
		return c->err;
	rule = &rs->rule[rs->nrules];
	*rule = (struct lw_rule){.id = lw_intern_rule(c->intern, src->id),
	    .title = lw_arena_str(&rs->arena, src->title),
	    .rev = src->rev,
	    .category = src->category,
	    .weight = (float)src->weight,
	    .channels = src->channels,
	    .span_messages = src->span_messages,
	    .span_s = src->span_s,
	    .pack = pack};
	if (rule->id == 0 || rule->title.p == NULL)
		return c->err = LW_ENOMEM;
	rule->name = lw_intern_rule_name(c->intern, rule->id);
	rs->regex_of[rs->nrules] = 0;
	rs->has_unless[rs->nrules] = src->unless.n > 0;
	rs->nrules++;
	return 0;
}

static int
compile_rule(struct lw_compiler *c, const struct lw_source_rule *src, uint16_t pack,
    struct lw_variants *v)
{
	uint32_t index = (uint32_t)c->rs->nrules;
	size_t nprograms = c->nprograms, nslots = c->nslots, nregexes = c->nregexes;
	int err;

	c->err = 0;
	if (new_rule(c, src, pack) != 0)
		return c->err;
	err = emit_phrases(c, &src->phrase, index, v, false);
	if (emit_phrases(c, &src->unless, index, v, true) != 0)
		err = c->err;
	if (src->regex.text.p != NULL) {
		c->err = 0;
		if (add_regex(c, &src->regex, index))
			c->rs->regex_of[index] = (uint32_t)c->nregexes;
		err = c->err != 0 ? c->err : err;
	}
	if (src->status == LW_STATUS_DEPRECATED) {
		/* Linted like any other, then dropped; ids stay interned. */
		c->rs->nrules--;
		c->nprograms = nprograms;
		c->nslots = nslots;
		c->nregexes = nregexes;
	}
	return c->err = err;
}

int
lw_compile_pack(struct lw_compiler *c, struct lw_pack_source *pack, uint16_t index)
{
	struct lw_variants v = {0};
	int err = 0;

	c->pack = pack;
	lw_arena_reset(&c->arena);
	c->list = lw_arena_alloc(&c->arena, (pack->nlists + 1) * sizeof(*c->list));
	if (c->list == NULL)
		return c->err = LW_ENOMEM;
	for (size_t i = 0; i < pack->nrules && err != LW_ENOMEM && err != LW_ELIMIT; i++)
		if (compile_rule(c, &pack->rule[i], index, &v) != 0)
			err = c->err;
	free(v.v);
	c->err = 0;
	lw_compile_frequencies(c);
	err = c->err != 0 ? c->err : err;
	lw_compile_end_lists(c);
	return c->err = err;
}

int
lw_compile_test_rule(struct lw_compiler *c)
{
	struct lw_source_text phrase = {.text = LW_STR(TEST_PHRASE), .file = TEST_RULE};
	struct lw_source_rule src = {.id = LW_STR(TEST_RULE),
	    .title = LW_STR(TEST_TITLE),
	    .rev = 1,
	    .category = LW_CAT_TEST,
	    .weight = 1.0,
	    .phrase = {&phrase, 1},
	    .span_messages = 1,
	    .span_s = 60};
	struct lw_pack_source none = {0};
	struct lw_variants v = {0};
	int err;

	c->pack = &none;
	err = compile_rule(c, &src, UINT16_MAX, &v);
	free(v.v);
	c->pack = NULL;
	return err;
}
