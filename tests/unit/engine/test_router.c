/* SPDX-License-Identifier: Apache-2.0 */
/* Who is talked to, and which shard hears of it: events in, targets and shards out. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "window/key.h"
#include "world.h"

struct bench {
	struct lw_router *r;
	struct lw_engine_conf conf;
	struct lw_arena arena;
};

static int
setup(void **state)
{
	static struct bench b;

	lw_engine_conf_default(&b.conf);
	lw_arena_init(&b.arena, 1 << 20);
	assert_int_equal(lw_router_new(&b.r, &b.conf), 0);
	*state = &b;
	return 0;
}

static int
teardown(void **state)
{
	struct bench *b = *state;

	lw_router_free(b->r);
	lw_arena_clear(&b->arena);
	return 0;
}

static struct lw_event
in(const char *conv, const char *from, const char *id, enum lw_channel channel)
{
	struct lw_event ev = event(LW_EV_MESSAGE, from, NULL, T0);

	ev.conv = lw_str(conv);
	ev.id = lw_str(id);
	ev.channel = channel;
	return ev;
}

static unsigned
pair_shard(const struct bench *b, const char *x, const char *y)
{
	return lw_key_shard(lw_key_pair(&b->conf.key, LW_STR("t"), lw_str(x), lw_str(y)));
}

static unsigned
conv_shard(const struct bench *b, const char *conv)
{
	return lw_key_shard(lw_key_conv(&b->conf.key, LW_STR("t"), lw_str(conv)));
}

/* Route; the target must be `to` (NULL: unknown). */
static unsigned
route(struct bench *b, struct lw_event *ev, const char *to)
{
	unsigned s = lw_router_route(b->r, ev, &b->arena);

	if (to == NULL)
		assert_false(lw_has_target(ev));
	else
		assert_true(lw_str_is(ev->to, to));
	return s;
}

static void
told_target(void **state)
{
	struct bench *b = *state;
	struct lw_event ev = in("g", "a", "1", LW_CH_PUBLIC);

	ev.to = LW_STR("b");
	assert_int_equal(route(b, &ev, "b"), pair_shard(b, "a", "b"));
	/* Both directions, whatever the conversation. */
	ev = in("other", "b", "2", LW_CH_DIRECT);
	ev.to = LW_STR("a");
	assert_int_equal(route(b, &ev, "a"), pair_shard(b, "a", "b"));
	/* To oneself is to nobody. */
	ev = in("g", "a", "3", LW_CH_PUBLIC);
	ev.to = LW_STR("a");
	assert_int_equal(route(b, &ev, NULL), conv_shard(b, "g"));
}

static void
replies_and_mentions(void **state)
{
	struct bench *b = *state;
	struct lw_event ev;

	for (int i = 0; i < 3; i++) {
		static const char *const who[] = {"a", "b", "c"};
		static const char *const id[] = {"1", "2", "3"};

		ev = in("g", who[i], id[i], LW_CH_GROUP);
		assert_int_equal(route(b, &ev, NULL), conv_shard(b, "g"));
	}
	ev = in("g", "a", "4", LW_CH_GROUP);
	ev.reply_to = LW_STR("3");
	assert_int_equal(route(b, &ev, "c"), pair_shard(b, "a", "c"));
	/* A reply goes before a mention, a mention of two says nothing. */
	ev = in("g", "a", "5", LW_CH_GROUP);
	ev.reply_to = LW_STR("3");
	ev.mentions[0] = LW_STR("b");
	ev.nmentions = 1;
	(void)route(b, &ev, "c");
	ev = in("g", "a", "6", LW_CH_GROUP);
	ev.mentions[0] = LW_STR("b");
	ev.nmentions = 1;
	(void)route(b, &ev, "b");
	ev = in("g", "a", "7", LW_CH_GROUP);
	ev.mentions[0] = LW_STR("b");
	ev.mentions[1] = LW_STR("c");
	ev.nmentions = 2;
	(void)route(b, &ev, NULL);
	/* One's own message, or one forgotten, is no target. */
	ev = in("g", "a", "8", LW_CH_GROUP);
	ev.reply_to = LW_STR("7");
	(void)route(b, &ev, NULL);
	ev = in("g", "a", "9", LW_CH_GROUP);
	ev.reply_to = LW_STR("nowhere");
	(void)route(b, &ev, NULL);
	/* An edit goes where its message went. */
	ev = in("g", "a", "4", LW_CH_GROUP);
	ev.kind = LW_EV_EDIT;
	(void)route(b, &ev, "c");
	/* A deletion too, whoever deletes. */
	ev = in("g", "moderator", "4", LW_CH_GROUP);
	ev.kind = LW_EV_DELETE;
	assert_int_equal(route(b, &ev, "c"), pair_shard(b, "a", "c"));
	assert_true(lw_str_is(ev.from, "a"));
}

static void
ring_forgets(void **state)
{
	struct bench *b = *state;
	struct lw_event ev;
	char id[16];

	for (int i = 0; i < 40; i++) {
		snprintf(id, sizeof(id), "%d", i);
		ev = in("g",
		    i % 3 == 0	 ? "a"
		    : i % 3 == 1 ? "b"
				 : "c",
		    id, LW_CH_GROUP);
		(void)route(b, &ev, NULL);
	}
	ev = in("g", "d", "x", LW_CH_GROUP);
	ev.reply_to = LW_STR("39");
	(void)route(b, &ev, "a");
	ev = in("g", "d", "y", LW_CH_GROUP);
	ev.reply_to = LW_STR("20");
	(void)route(b, &ev, NULL);
}

static void
two_people(void **state)
{
	struct bench *b = *state;
	struct lw_event ev = in("d", "a", "1", LW_CH_DIRECT);

	assert_int_equal(route(b, &ev, NULL), conv_shard(b, "d"));
	ev = in("d", "b", "2", LW_CH_DIRECT);
	/* It began without a target and stays where it began. */
	assert_int_equal(route(b, &ev, "a"), conv_shard(b, "d"));
	ev = in("d", "a", "3", LW_CH_DIRECT);
	assert_int_equal(route(b, &ev, "b"), conv_shard(b, "d"));
	/* Reports and decisions about the two find it. */
	ev = event(LW_EV_REPORT, "b", "a", T0);
	ev.conv = LW_STR("d");
	assert_int_equal(route(b, &ev, "a"), conv_shard(b, "d"));
	ev = event(LW_EV_DECISION, "a", NULL, T0);
	ev.conv = LW_STR("d");
	assert_int_equal(route(b, &ev, "b"), conv_shard(b, "d"));
	/* A third makes it a group. */
	ev = in("d", "c", "4", LW_CH_DIRECT);
	assert_int_equal(route(b, &ev, NULL), conv_shard(b, "d"));
	ev = in("d", "a", "5", LW_CH_DIRECT);
	(void)route(b, &ev, NULL);
}

static void
joins_tell_targets(void **state)
{
	struct bench *b = *state;
	struct lw_event ev = event(LW_EV_JOIN, "a", NULL, T0);

	ev.conv = LW_STR("d");
	(void)route(b, &ev, NULL);
	ev.from = LW_STR("b");
	(void)route(b, &ev, NULL);
	ev = in("d", "a", "1", LW_CH_UNKNOWN);
	assert_int_equal(route(b, &ev, "b"), pair_shard(b, "a", "b"));
	/* In a group of two by the server's count, after one left. */
	ev = event(LW_EV_JOIN, "c", NULL, T0);
	ev.conv = LW_STR("d");
	(void)route(b, &ev, NULL);
	ev.kind = LW_EV_LEAVE;
	ev.from = LW_STR("b");
	(void)route(b, &ev, NULL);
	ev = in("d", "a", "2", LW_CH_GROUP);
	(void)route(b, &ev, NULL);
	ev = in("d", "a", "3", LW_CH_GROUP);
	ev.members = 2;
	assert_int_equal(route(b, &ev, "c"), pair_shard(b, "a", "c"));
}

static void
groups_of_two_are_groups(void **state)
{
	struct bench *b = *state;
	struct lw_event ev = in("g", "a", "1", LW_CH_PUBLIC);

	(void)route(b, &ev, NULL);
	ev = in("g", "b", "2", LW_CH_PUBLIC);
	(void)route(b, &ev, NULL);
}

static void
facts_go_everywhere(void **state)
{
	struct bench *b = *state;
	struct lw_event ev = event(LW_EV_USER, "a", NULL, T0);

	assert_int_equal(lw_router_route(b->r, &ev, &b->arena), LW_SHARD_ALL);
	ev = event(LW_EV_RELATION, "a", "b", T0);
	assert_int_equal(lw_router_route(b->r, &ev, &b->arena), LW_SHARD_ALL);
	ev = event(LW_EV_REPORT, "", "b", T0);
	assert_int_equal(lw_router_route(b->r, &ev, &b->arena), LW_SHARD_ALL);
	ev = event(LW_EV_REPORT, "a", "b", T0);
	assert_int_equal(lw_router_route(b->r, &ev, &b->arena), pair_shard(b, "a", "b"));
}

static void
memory_is_bounded(void **state)
{
	struct bench *b = *state;
	struct lw_buf buf;
	char name[32], conv[32];

	lw_router_free(b->r);
	b->conf.max_windows = 1; /* 32 conversations */
	assert_int_equal(lw_router_new(&b->r, &b->conf), 0);
	for (int i = 0; i < 20000; i++) {
		struct lw_event ev;

		snprintf(name, sizeof(name), "u%d", i % 97);
		snprintf(conv, sizeof(conv), "c%d", i / 40);
		ev = in(conv, name, name, LW_CH_GROUP);
		ev.ts_ms = T0 + (uint64_t)i;
		(void)lw_router_route(b->r, &ev, &b->arena);
	}
	lw_buf_init(&buf, 1 << 20);
	assert_int_equal(lw_router_save(b->r, &buf), 0);
	assert_true(buf.len < 32 * 1024);
	lw_buf_clear(&buf);
}

/* What was said before the target was known counts with what follows. */
static void
early_words_are_adopted(void **state)
{
	static struct world w;
	struct lw_event ev = message("a", NULL, "secrecy", T0);
	const struct lw_flag *f;

	(void)state;
	world_init(&w);
	ev.channel = LW_CH_DIRECT;
	assert_null(feed(&w, ev));
	ev = message("b", NULL, "hello", T0 + MINUTE);
	ev.channel = LW_CH_DIRECT;
	assert_null(feed(&w, ev));
	ev = message("a", NULL, "meeting", T0 + 2 * MINUTE);
	ev.channel = LW_CH_DIRECT;
	f = feed(&w, ev);
	assert_non_null(f);
	assert_true(lw_str_is(f->to, "b"));
	assert_int_equal(f->nevidence, 2);
	/* Also when the other's words are credited before the sender speaks again. */
	ev = message("x", NULL, "secrecy", T0);
	ev.channel = LW_CH_DIRECT;
	ev.conv = LW_STR("c2");
	assert_null(feed(&w, ev));
	ev = message("y", NULL, "age_disclosure", T0 + MINUTE);
	ev.channel = LW_CH_DIRECT;
	ev.conv = LW_STR("c2");
	f = feed(&w, ev);
	assert_non_null(f);
	assert_true(lw_str_is(f->from, "x") && lw_str_is(f->to, "y"));
	/* Facts about such a pair are known where it runs. */
	ev = event(LW_EV_RELATION, "a", "b", T0);
	ev.relation.family = LW_YES;
	assert_null(feed(&w, ev));
	ev = message("a", NULL, "gift", T0 + 3 * MINUTE);
	ev.channel = LW_CH_DIRECT;
	assert_null(feed(&w, ev));
	world_clear(&w);
}

/* In a group, what one says of oneself counts against those who spoke last. */
static void
group_credit(void **state)
{
	static struct world w;
	struct lw_event ev = message("a", NULL, "secrecy", T0);
	const struct lw_flag *f;

	(void)state;
	world_init(&w);
	ev.channel = LW_CH_GROUP;
	assert_null(feed(&w, ev));
	ev = message("z", NULL, "hello", T0);
	ev.channel = LW_CH_GROUP;
	assert_null(feed(&w, ev));
	ev = message("b", NULL, "age_disclosure", T0 + 5 * MINUTE);
	ev.channel = LW_CH_GROUP;
	f = feed(&w, ev);
	assert_non_null(f);
	assert_true(lw_str_is(f->from, "a"));
	assert_int_equal(f->to.n, 0);
	assert_true(lw_str_is(f->conv, "c"));
	assert_true(f->evidence[1].from_target);
	/* Not those who spoke long ago. */
	ev = message("q", NULL, "secrecy", T0 + HOUR);
	ev.channel = LW_CH_GROUP;
	ev.conv = LW_STR("c3");
	assert_null(feed(&w, ev));
	ev = message("b", NULL, "age_disclosure", T0 + HOUR + 11 * MINUTE);
	ev.channel = LW_CH_GROUP;
	ev.conv = LW_STR("c3");
	assert_null(feed(&w, ev));
	world_clear(&w);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(told_target),
	    T(replies_and_mentions),
	    T(ring_forgets),
	    T(two_people),
	    T(joins_tell_targets),
	    T(groups_of_two_are_groups),
	    T(facts_go_everywhere),
	    T(memory_is_bounded),
	    T(early_words_are_adopted),
	    T(group_credit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
