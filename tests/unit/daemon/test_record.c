/* SPDX-License-Identifier: Apache-2.0 */
/* Records of the journal: an event, its routing and what it added come back as they were;
 * text only sealed; damaged records are refused at whatever byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "daemon/journal.h"
#include "daemon/record.h"

struct fixture {
	struct lw_seal seal;
	struct lw_reader *reader;
	struct lw_arena arena;
	struct lw_buf block;
	struct lw_token tok[3];
	struct lw_hit hit[2];
	struct lw_jevent e, got;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	memset(f->seal.key, 5, sizeof(f->seal.key));
	lw_arena_init(&f->arena, 1u << 20);
	lw_buf_init(&f->block, 1u << 20);
	*state = f;
	return lw_reader_new(&f->reader);
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	lw_reader_free(f->reader);
	lw_arena_clear(&f->arena);
	lw_buf_clear(&f->block);
	free(f);
	return 0;
}

static void
message(struct fixture *f)
{
	struct lw_event *ev = &f->e.ev;
	size_t i;

	ev->kind = LW_EV_MESSAGE;
	ev->channel = LW_CH_GROUP;
	ev->seq = 77;
	ev->ts_ms = 1700000000123;
	ev->key = (struct lw_id128){11, 22};
	ev->tenant = LW_STR("default");
	ev->conv = LW_STR("room");
	ev->from = LW_STR("a");
	ev->to = LW_STR("b");
	ev->id = LW_STR("m1");
	ev->text = LW_STR("a marked line");
	ev->lang = LW_STR("en");
	ev->reply_to = LW_STR("m0");
	ev->mentions[0] = LW_STR("c");
	ev->nmentions = 1;
	ev->members = 5;
	ev->ask = true;
	f->e.to_was_absent = true;
	f->e.shard = 200;
	f->e.categories = 1u << LW_CAT_SECRECY;
	for (i = 0; i < 3; i++) {
		f->tok[i].lexeme = (uint32_t)(0x3fffff - i);
		f->tok[i].len = (uint32_t)(63 - i) & 0x3f;
		f->tok[i].how = (uint32_t)i;
		f->tok[i].first = i == 0;
		f->tok[i].last = i == 2;
		f->tok[i].pos = (uint16_t)(65535 - i);
		f->tok[i].mark = (uint8_t)(255 - i);
	}
	for (i = 0; i < 2; i++) {
		f->hit[i].rule = 1000000 + (uint32_t)i;
		f->hit[i].how = LW_HOW_JOINED;
		f->hit[i].category = LW_CAT_MEETING;
		f->hit[i].back = 3;
		f->hit[i].nspans = (uint8_t)(i * LW_HIT_SPANS);
		f->hit[i].weight = 0.1f;
		f->hit[i].spans[11].end = 16384;
	}
	f->hit[0].spans[11].end = 0; /* beyond nspans nothing is kept */
	f->e.rec.tok = f->tok;
	f->e.rec.ntok = 3;
	f->e.rec.hit = f->hit;
	f->e.rec.nhit = 2;
	f->e.rec.words = 9;
	f->e.rec.keep_text = true;
}

/* The body of the one record in the block. */
static struct lw_str
body(const struct fixture *f)
{
	return (struct lw_str){(char *)f->block.data + 5, f->block.len - 5};
}

static int
get(struct fixture *f)
{
	return lw_record_get_event(body(f), f->reader, &f->seal, &f->arena, &f->got);
}

static void
same_str(struct lw_str a, struct lw_str b)
{
	assert_int_equal(a.p == NULL, b.p == NULL);
	assert_true(lw_str_eq(a, b));
}

static void
same_event(const struct lw_event *a, const struct lw_event *b)
{
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->channel, b->channel);
	assert_int_equal(a->seq, b->seq);
	assert_int_equal(a->ts_ms, b->ts_ms);
	assert_true(lw_id128_eq(a->key, b->key));
	same_str(a->tenant, b->tenant);
	same_str(a->conv, b->conv);
	same_str(a->from, b->from);
	same_str(a->to, b->to);
	same_str(a->id, b->id);
	same_str(a->lang, b->lang);
	same_str(a->reply_to, b->reply_to);
	assert_int_equal(a->nmentions, b->nmentions);
	same_str(a->mentions[0], b->mentions[0]);
	assert_int_equal(a->members, b->members);
	assert_int_equal(a->ask, b->ask);
	assert_int_equal(a->user.age_band, b->user.age_band);
	assert_int_equal(a->user.created_ms, b->user.created_ms);
	same_str(a->user.role, b->user.role);
	same_str(a->user.locale, b->user.locale);
	assert_memory_equal(&a->relation, &b->relation, sizeof(a->relation));
	same_str(a->item, b->item);
}

static void
a_message_comes_back(void **state)
{
	struct fixture *f = *state;

	message(f);
	assert_int_equal(lw_record_put_event(&f->block, &f->e, &f->seal), 0);
	assert_null(memmem(f->block.data, f->block.len, "marked", 6));
	assert_int_equal(get(f), 0);
	same_event(&f->e.ev, &f->got.ev);
	same_str(f->e.ev.text, f->got.ev.text);
	assert_true(f->got.to_was_absent);
	assert_null(f->got.from_was.p);
	assert_int_equal(f->got.shard, 200);
	assert_int_equal(f->got.categories, f->e.categories);
	assert_int_equal(f->got.rec.words, 9);
	assert_int_equal(f->got.rec.ntok, 3);
	assert_int_equal(f->got.rec.nhit, 2);
	assert_true(f->got.rec.keep_text);
	assert_memory_equal(f->got.rec.tok, f->tok, sizeof(f->tok));
	assert_memory_equal(f->got.rec.hit, f->hit, sizeof(f->hit));
}

static void
text_that_is_not_kept_is_nowhere(void **state)
{
	struct fixture *f = *state;

	message(f);
	f->e.rec.keep_text = false;
	f->e.from_was = LW_STR("somebody else");
	assert_int_equal(lw_record_put_event(&f->block, &f->e, &f->seal), 0);
	assert_null(memmem(f->block.data, f->block.len, "marked", 6));
	assert_int_equal(get(f), 0);
	assert_null(f->got.ev.text.p);
	assert_false(f->got.rec.keep_text);
	same_str(f->got.from_was, LW_STR("somebody else"));
	same_event(&f->e.ev, &f->got.ev);
}

static void
other_kinds_come_back(void **state)
{
	struct fixture *f = *state;
	struct lw_event *ev = &f->e.ev;

	ev->kind = LW_EV_USER;
	ev->seq = 1;
	ev->ts_ms = 5;
	ev->tenant = LW_STR("t");
	ev->from = LW_STR("a");
	ev->user.age_band = LW_AGE_TEEN;
	ev->user.created_ms = 1600000000000;
	ev->user.role = LW_STR("moderator");
	ev->user.locale = LW_STR("en-GB");
	f->e.shard = LW_SHARD_ALL;
	assert_int_equal(lw_record_put_event(&f->block, &f->e, &f->seal), 0);
	assert_int_equal(get(f), 0);
	same_event(ev, &f->got.ev);
	assert_int_equal(f->got.shard, LW_SHARD_ALL);
	lw_buf_reset(&f->block);
	memset(ev, 0, sizeof(*ev));
	ev->kind = LW_EV_RELATION;
	ev->seq = 2;
	ev->tenant = LW_STR("t");
	ev->from = LW_STR("a");
	ev->to = LW_STR("b");
	ev->relation.blocked = LW_YES;
	ev->relation.family = LW_NO;
	assert_int_equal(lw_record_put_event(&f->block, &f->e, &f->seal), 0);
	assert_int_equal(get(f), 0);
	same_event(ev, &f->got.ev);
	lw_buf_reset(&f->block);
	memset(ev, 0, sizeof(*ev));
	ev->kind = LW_EV_GIFT;
	ev->seq = 3;
	ev->tenant = LW_STR("t");
	ev->conv = LW_STR("c");
	ev->from = LW_STR("a");
	ev->to = LW_STR("b");
	ev->item = LW_STR("coins");
	assert_int_equal(lw_record_put_event(&f->block, &f->e, &f->seal), 0);
	assert_int_equal(get(f), 0);
	same_event(ev, &f->got.ev);
}

static void
damage_is_refused(void **state)
{
	struct fixture *f = *state;
	struct lw_str whole;
	size_t i;
	int err;

	message(f);
	assert_int_equal(lw_record_put_event(&f->block, &f->e, &f->seal), 0);
	whole = body(f);
	for (i = 0; i < whole.n; i++) {
		lw_arena_reset(&f->arena);
		err = lw_record_get_event((struct lw_str){whole.p, i}, f->reader,
		    &f->seal, &f->arena, &f->got);
		assert_int_equal(err, LW_EINVAL);
	}
	/* a box is bound to its record's number */
	f->block.data[5] ^= 1;
	assert_int_equal(get(f), LW_ECRYPT);
	f->block.data[5] ^= 1;
	f->seal.key[0] ^= 1;
	assert_int_equal(get(f), LW_ECRYPT);
}

static void
intern_entries_keep_their_ids(void **state)
{
	struct fixture *f = *state;
	struct lw_intern *a = lw_intern_new(), *b = lw_intern_new(), *c = lw_intern_new();
	struct lw_intern_mark none = {0, 0}, half, all;
	enum lw_lexeme_kind kind;

	lw_intern_lexeme(a, LW_LEX_WORD, LW_STR("plover"));
	lw_intern_rule(a, LW_STR("en.a.b"));
	half = (struct lw_intern_mark){lw_intern_lexemes(a), lw_intern_rules(a)};
	lw_intern_lexeme(a, LW_LEX_STEM, LW_STR("plover"));
	lw_intern_lexeme(a, LW_LEX_LITERAL, LW_STR("x"));
	lw_intern_rule(a, LW_STR("en.a.c"));
	all = (struct lw_intern_mark){lw_intern_lexemes(a), lw_intern_rules(a)};
	lw_record_put_intern(&f->block, a, none, half);
	assert_int_equal(lw_record_get_intern(body(f), b), 0);
	lw_buf_reset(&f->block);
	lw_record_put_intern(&f->block, a, half, all);
	/* the second half needs the first */
	assert_int_equal(lw_record_get_intern(body(f), c), LW_EINVAL);
	assert_int_equal(lw_record_get_intern(body(f), b), 0);
	/* the whole table again, as each segment has it */
	lw_buf_reset(&f->block);
	lw_record_put_intern(&f->block, a, none, all);
	assert_int_equal(lw_record_get_intern(body(f), b), 0);
	assert_int_equal(lw_intern_lexemes(b), 3);
	assert_int_equal(lw_intern_rules(b), 2);
	assert_true(lw_str_is(lw_intern_lexeme_name(b, 2, &kind), "plover"));
	assert_int_equal(kind, LW_LEX_STEM);
	assert_true(lw_str_is(lw_intern_rule_name(b, 2), "en.a.c"));
	lw_intern_free(a);
	lw_intern_free(b);
	lw_intern_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_message_comes_back, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		text_that_is_not_kept_is_nowhere, setup, teardown),
	    cmocka_unit_test_setup_teardown(other_kinds_come_back, setup, teardown),
	    cmocka_unit_test_setup_teardown(damage_is_refused, setup, teardown),
	    cmocka_unit_test_setup_teardown(intern_entries_keep_their_ids, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
