/* SPDX-License-Identifier: Apache-2.0 */
/* Frames there and back, and everything that a peer can do wrong. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <msgpack.h>
#include <stdlib.h>
#include "base/err.h"
#include "wire/wire.h"

static struct lw_buf b;
static struct lw_arena arena;
static struct lw_reader *reader;
static struct lw_frame f;

static int
begin(void **state)
{
	(void)state;
	lw_buf_init(&b, 8u << 20);
	lw_arena_init(&arena, 16u << 20);
	return lw_reader_new(&reader);
}

static int
end(void **state)
{
	(void)state;
	lw_buf_clear(&b);
	lw_arena_clear(&arena);
	lw_reader_free(reader);
	return 0;
}

#define S(lit) ((struct lw_str){lit, sizeof(lit) - 1})
#define assert_str(s, lit)                                                             \
	do {                                                                           \
		assert_int_equal((s).n, sizeof(lit) - 1);                              \
		assert_memory_equal((s).p, lit, sizeof(lit) - 1);                      \
	} while (0)

static int
decode(struct lw_str body)
{
	/* An exact copy: a read behind its end is seen by the sanitizer. */
	char *copy = malloc(body.n > 0 ? body.n : 1);
	int r;

	assert_non_null(copy);
	memcpy(copy, body.p, body.n);
	lw_arena_reset(&arena);
	r = lw_frame_decode(reader, (struct lw_str){copy, body.n}, &arena, &f);
	/* Strings are lent from it: keep it as long as the arena. */
	if (r == 0) {
		char *kept = lw_arena_dup(&arena, body.p, body.n);

		r = lw_frame_decode(reader, (struct lw_str){kept, body.n}, &arena, &f);
	}
	free(copy);
	return r;
}

/* The one frame in b. */
static int
decode_buf(void)
{
	struct lw_str body;

	assert_int_equal(b.err, 0);
	assert_int_equal(lw_frame_next(b.data, b.len, 1u << 20, &body), 1);
	assert_int_equal(body.n + 4, b.len);
	return decode(body);
}

static struct lw_event
full_event(void)
{
	struct lw_event ev = {.kind = LW_EV_EDIT,
	    .channel = LW_CH_GROUP,
	    .seq = 1ULL << 40,
	    .ts_ms = 1700000000123,
	    .key = {0x0102030405060708, 0xfffefdfcfbfaf9f8},
	    .tenant = S("school"),
	    .conv = S("c"),
	    .from = S("a"),
	    .to = S("b"),
	    .id = S("m1"),
	    .text = S("h\xc3\xa9llo"),
	    .lang = S("fr"),
	    .reply_to = S("m0"),
	    .mentions = {S("x"), S("y")},
	    .nmentions = 2,
	    .members = 70000,
	    .user = {LW_AGE_TEEN, 99, S("bot"), S("fr_FR")},
	    .relation = {LW_YES, LW_NO, LW_UNKNOWN, LW_YES},
	    .item = S("coins"),
	    .ask = true};

	return ev;
}

static void
assert_full_event(const struct lw_event *e)
{
	assert_int_equal(e->kind, LW_EV_EDIT);
	assert_int_equal(e->channel, LW_CH_GROUP);
	assert_int_equal(e->seq, 1ULL << 40);
	assert_int_equal(e->ts_ms, 1700000000123);
	assert_true(e->key.hi == 0x0102030405060708 && e->key.lo == 0xfffefdfcfbfaf9f8);
	assert_str(e->tenant, "school");
	assert_str(e->conv, "c");
	assert_str(e->from, "a");
	assert_str(e->to, "b");
	assert_str(e->id, "m1");
	assert_str(e->text, "h\xc3\xa9llo");
	assert_str(e->lang, "fr");
	assert_str(e->reply_to, "m0");
	assert_int_equal(e->nmentions, 2);
	assert_str(e->mentions[1], "y");
	assert_int_equal(e->members, 70000);
	assert_int_equal(e->user.age_band, LW_AGE_TEEN);
	assert_int_equal(e->user.created_ms, 99);
	assert_str(e->user.role, "bot");
	assert_str(e->user.locale, "fr_FR");
	assert_int_equal(e->relation.connected, LW_YES);
	assert_int_equal(e->relation.blocked, LW_NO);
	assert_int_equal(e->relation.family, LW_UNKNOWN);
	assert_int_equal(e->relation.guardian, LW_YES);
	assert_str(e->item, "coins");
}

/* ---- cutting the stream ---- */

static void
frames_are_cut_at_every_byte(void **state)
{
	struct lw_str body;
	size_t n, first;

	(void)state;
	lw_put_ack(&b, 7);
	first = b.len;
	lw_put_simple(&b, LW_FR_PING);
	for (n = 0; n < first; n++)
		assert_int_equal(lw_frame_next(b.data, n, 100, &body), 0);
	for (; n <= b.len; n++) {
		assert_int_equal(lw_frame_next(b.data, n, 100, &body), 1);
		assert_int_equal(body.n, first - 4);
	}
	assert_int_equal(lw_frame_next(b.data + first, b.len - first, 100, &body), 1);
	assert_int_equal(decode(body), 0);
	assert_int_equal(f.type, LW_FR_PING);
}

static void
lengths_are_checked_before_the_body_is_there(void **state)
{
	struct lw_str body;

	(void)state;
	assert_int_equal(
	    lw_frame_next((const uint8_t *)"\0\0\0\0", 4, 100, &body), LW_EPROTO);
	assert_int_equal(
	    lw_frame_next((const uint8_t *)"\0\0\0\x65", 4, 100, &body), LW_ELIMIT);
	assert_int_equal(lw_frame_next((const uint8_t *)"\0\0\0\x64", 4, 100, &body), 0);
	assert_int_equal(
	    lw_frame_next((const uint8_t *)"\xff\xff\xff\xff", 4, 1 << 20, &body),
	    LW_ELIMIT);
}

/* ---- there and back ---- */

static void
hello_there_and_back(void **state)
{
	struct lw_hello h = {.v = {1, 2, 300},
	    .nv = 3,
	    .plugin = S("p"),
	    .plugin_version = S("1.0"),
	    .server = S("s"),
	    .server_version = S("2"),
	    .instance = S("i"),
	    .tenant = S("t"),
	    .token = S("secret"),
	    .session = S("9"),
	    .caps = {S("ask"), S("action")},
	    .ncaps = 2,
	    .want = {S("direct")},
	    .nwant = 1,
	    .lost = 5,
	    .max_frame = 1 << 20,
	    .window = 8192};

	(void)state;
	lw_put_hello(&b, &h);
	assert_int_equal(decode_buf(), 0);
	assert_int_equal(f.type, LW_FR_HELLO);
	assert_int_equal(f.hello.nv, 3);
	assert_int_equal(f.hello.v[2], 300);
	assert_str(f.hello.plugin, "p");
	assert_str(f.hello.plugin_version, "1.0");
	assert_str(f.hello.server, "s");
	assert_str(f.hello.server_version, "2");
	assert_str(f.hello.instance, "i");
	assert_str(f.hello.tenant, "t");
	assert_str(f.hello.token, "secret");
	assert_str(f.hello.session, "9");
	assert_int_equal(f.hello.ncaps, 2);
	assert_str(f.hello.caps[1], "action");
	assert_int_equal(f.hello.nwant, 1);
	assert_int_equal(f.hello.lost, 5);
	assert_int_equal(f.hello.max_frame, 1 << 20);
	assert_int_equal(f.hello.window, 8192);
	/* One version needs no list. */
	assert_int_equal(decode(S("\x82\xa1t\xa5hello\xa1v\x01")), 0);
	assert_int_equal(f.hello.nv, 1);
	assert_int_equal(f.hello.v[0], 1);
}

static void
events_there_and_back(void **state)
{
	struct lw_event ev[3] = {full_event(), full_event(), full_event()};

	(void)state;
	ev[0].ask = false;
	lw_put_events(&b, 1ULL << 33, ev, 3);
	assert_int_equal(decode_buf(), 0);
	assert_int_equal(f.type, LW_FR_EVENTS);
	assert_int_equal(f.seq, 1ULL << 33);
	assert_int_equal(f.nevents, 3);
	assert_int_equal(f.bad + f.repaired, 0);
	assert_full_event(&f.events[0]);
	assert_full_event(&f.events[2]);
	assert_false(f.events[0].ask);
	assert_true(f.events[1].ask);
	assert_true(f.events[2].ask);
	lw_buf_reset(&b);
	lw_put_events(&b, 1, &ev[1], 2); /* all ask */
	assert_int_equal(decode_buf(), 0);
	assert_true(f.events[0].ask && f.events[1].ask);
	lw_buf_reset(&b);
	lw_put_events(&b, 1, ev, 1); /* none */
	assert_int_equal(decode_buf(), 0);
	assert_false(f.events[0].ask);
}

static void
raw_maps_make_the_same_frame(void **state)
{
	struct lw_event ev[3] = {full_event(), full_event(), full_event()};
	const uint32_t asks[] = {1, 2};
	struct lw_str pieces[2];
	struct lw_buf maps, raw;

	(void)state;
	ev[0].ask = false;
	lw_buf_init(&maps, 1 << 20);
	lw_buf_init(&raw, 1 << 20);
	lw_put_event_map(&maps, &ev[0]);
	lw_put_event_map(&maps, &ev[1]);
	lw_put_event_map(&maps, &ev[2]);
	pieces[0] = (struct lw_str){(char *)maps.data, 37};
	pieces[1] = (struct lw_str){(char *)maps.data + 37, maps.len - 37};
	lw_put_event_maps(&raw, 5, 3, pieces, asks, 2);
	lw_put_events(&b, 5, ev, 3);
	assert_int_equal(raw.len, b.len);
	assert_memory_equal(raw.data, b.data, b.len);
	lw_buf_clear(&maps);
	lw_buf_clear(&raw);
}

static void
event_map_there_and_back(void **state)
{
	struct lw_event ev = full_event(), out;
	struct lw_str map;

	(void)state;
	lw_put_event_map(&b, &ev);
	map = (struct lw_str){(char *)b.data, b.len};
	assert_int_equal(lw_event_map_decode(reader, map, &arena, &out), 0);
	assert_full_event(&out);
	assert_false(out.ask);
	for (map.n = 0; map.n < b.len; map.n++)
		assert_int_not_equal(lw_event_map_decode(reader, map, &arena, &out), 0);
	lw_buf_reset(&b);
	/* A report's `item` goes by its own name. */
	ev.kind = LW_EV_REPORT;
	lw_put_event_map(&b, &ev);
	map = (struct lw_str){(char *)b.data, b.len};
	assert_non_null(memmem(map.p, map.n,
	    "\xa6reason\xa5"
	    "coins",
	    13));
	assert_int_equal(lw_event_map_decode(reader, map, &arena, &out), 0);
	assert_str(out.item, "coins");
	/* A decision is fine in the daemon's own files. */
	lw_buf_reset(&b);
	ev.kind = LW_EV_DECISION;
	lw_put_event_map(&b, &ev);
	map = (struct lw_str){(char *)b.data, b.len};
	assert_int_equal(lw_event_map_decode(reader, map, &arena, &out), 0);
	assert_int_equal(out.kind, LW_EV_DECISION);
}

static void
other_frames_there_and_back(void **state)
{
	struct lw_verdict v[2] = {{.seq = 3,
				      .action = LW_ACT_HOLD,
				      .band = LW_BAND_HIGH,
				      .ttl_ms = 70000,
				      .reason = "under_review",
				      .risk = 0.8125},
	    {.seq = 4, .action = LW_ACT_ALLOW}};
	struct lw_frame action = {.type = LW_FR_ACTION,
	    .id = S("a"),
	    .code = S("hide"),
	    .subject = S("m"),
	    .ttl_ms = 9,
	    .text = S("why")};
	struct lw_frame done = {.type = LW_FR_DONE, .id = S("a"), .text = S("no")};

	(void)state;
	lw_put_verdicts(&b, v, 2);
	assert_int_equal(decode_buf(), 0);
	assert_int_equal(f.nverdicts, 2);
	assert_int_equal(f.verdicts[0].seq, 3);
	assert_int_equal(f.verdicts[0].action, LW_ACT_HOLD);
	assert_int_equal(f.verdicts[0].band, LW_BAND_HIGH);
	assert_int_equal(f.verdicts[0].ttl_ms, 70000);
	assert_string_equal(f.verdicts[0].reason, "under_review");
	assert_true(f.verdicts[0].risk == 0.8125);
	assert_int_equal(f.verdicts[1].action, LW_ACT_ALLOW);
	assert_null(f.verdicts[1].reason);
	lw_buf_reset(&b);
	lw_put_ack(&b, UINT64_MAX);
	assert_int_equal(decode_buf(), 0);
	assert_true(f.type == LW_FR_ACK && f.upto == UINT64_MAX);
	lw_buf_reset(&b);
	lw_put_window(&b, 0);
	assert_int_equal(decode_buf(), 0);
	assert_true(f.type == LW_FR_WINDOW && f.n == 0);
	lw_buf_reset(&b);
	lw_put_bye(&b, "restart", NULL, 1500);
	assert_int_equal(decode_buf(), 0);
	assert_true(f.type == LW_FR_BYE && f.retry_ms == 1500 && f.text.p == NULL);
	assert_str(f.code, "restart");
	lw_buf_reset(&b);
	lw_put_call(&b, S("status"), S("{}"));
	assert_int_equal(decode_buf(), 0);
	assert_str(f.code, "status");
	assert_str(f.text, "{}");
	lw_buf_reset(&b);
	lw_put_reply(&b, true, S("[1]"));
	assert_int_equal(decode_buf(), 0);
	assert_true(f.ok);
	assert_str(f.text, "[1]");
	lw_buf_reset(&b);
	lw_put_frame(&b, &action);
	assert_int_equal(decode_buf(), 0);
	assert_str(f.id, "a");
	assert_str(f.code, "hide");
	assert_str(f.subject, "m");
	assert_str(f.text, "why");
	assert_int_equal(f.ttl_ms, 9);
	lw_buf_reset(&b);
	lw_put_frame(&b, &done);
	assert_int_equal(decode_buf(), 0);
	assert_true(f.type == LW_FR_DONE && !f.ok);
	assert_str(f.text, "no");
}

/* What another implementation makes of our bytes. */
static void
messagepack_c_reads_our_events(void **state)
{
	struct lw_event ev = full_event();
	msgpack_object o, events;
	msgpack_zone zone;
	size_t off = 0;

	(void)state;
	lw_put_events(&b, 1, &ev, 1);
	msgpack_zone_init(&zone, 8192);
	assert_int_equal(msgpack_unpack((char *)b.data + 4, b.len - 4, &off, &zone, &o),
	    MSGPACK_UNPACK_SUCCESS);
	assert_int_equal(o.type, MSGPACK_OBJECT_MAP);
	assert_int_equal(o.via.map.size, 4);
	assert_memory_equal(o.via.map.ptr[0].key.via.str.ptr, "t", 1);
	events = o.via.map.ptr[3].val;
	assert_int_equal(events.type, MSGPACK_OBJECT_ARRAY);
	assert_int_equal(
	    events.via.array.ptr[0].via.map.size, 23); /* all but `family`, `reason` */
	msgpack_zone_destroy(&zone);
}

/* ---- what others may write ---- */

static void
every_width_of_a_number(void **state)
{
	static const struct {
		const char *p;
		size_t n;
		uint64_t want;
	} ts[] = {{"\x05", 1, 5}, {"\xcc\xff", 2, 255}, {"\xcd\x01\x00", 3, 256},
	    {"\xce\0\1\0\0", 5, 65536}, {"\xcf\0\0\1\0\0\0\0\0", 9, 1ULL << 40},
	    {"\xd0\x07", 2, 7}, {"\xd1\x01\x02", 3, 258}, {"\xd2\0\0\0\x09", 5, 9},
	    {"\xd3\0\0\0\0\0\0\0\x0b", 9, 11},
	    {"\xcb\x42\x78\xbc\xfe\x56\x80\x00\x00", 9, 1700000000000ULL}, /* a double */
	    {"\xca\x43\x80\x00\x00", 5, 256},				   /* a float */
	    /* and what is no such number: absent */
	    {"\xff", 1, 0}, {"\xd0\xff", 2, 0}, {"\xd3\x80\0\0\0\0\0\0\0", 9, 0},
	    {"\xcb\x7f\xf8\0\0\0\0\0\0", 9, 0}, {"\xcb\x7f\xf0\0\0\0\0\0\0", 9, 0},
	    {"\xcb\xbf\xf0\0\0\0\0\0\0", 9, 0},
	    {"\xa1"
	     "5",
		2, 0},
	    {"\xc0", 1, 0}, {"\xc3", 1, 0}, {"\x91\x05", 2, 0}, {"\x81\x05\x06", 3, 0},
	    {"\xd4\x01\x02", 3, 0}, {"\xc7\x02\x01zz", 5, 0},
	    {"\xd8\1"
	     "0123456789abcdef",
		18, 0}};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof ts / sizeof *ts; i++) {
		lw_buf_reset(&b);
		lw_buf_put(&b,
		    "\x85\xa4"
		    "from\xa1"
		    "a\xa2ts",
		    11);
		lw_buf_put(&b, ts[i].p, ts[i].n);
		lw_buf_put(&b,
		    "\xa2to\xa1"
		    "b\xa4text\xa1x\xa1z\xc2",
		    15);
		{
			struct lw_event out;
			struct lw_str map = {(char *)b.data, b.len};

			assert_int_equal(
			    lw_event_map_decode(reader, map, &arena, &out), 0);
			assert_int_equal(out.ts_ms, ts[i].want);
			assert_str(out.to, "b");
		}
	}
}

/* Keys in any order, `t` last; strings of every width; str and bin alike. */
static void
strings_and_keys_of_any_shape(void **state)
{
	(void)state;
	assert_int_equal(decode(S("\x84\xd9\x06"
				  "events\xdc\0\1\xde\0\4"
				  "\xda\0\4text\xc4\2hi"
				  "\xdb\0\0\0\4from\xc5\0\1a"
				  "\xa2to\xc6\0\0\0\1b"
				  "\x07\xa1q" /* a key that is no string */
				  "\xa3"
				  "ask\xdd\0\0\0\1\0"
				  "\xa3seq\xcc\x09"
				  "\xa1t\xa6"
				  "events")),
	    0);
	assert_int_equal(f.nevents, 1);
	assert_int_equal(f.seq, 9);
	assert_true(f.events[0].ask);
	assert_str(f.events[0].text, "hi");
	assert_str(f.events[0].from, "a");
	assert_str(f.events[0].to, "b");
}

static void
unknown_is_skipped_or_absent(void **state)
{
	(void)state;
	/* {t:events, seq:1, new:{a:[1,{}]}, events:[{from:a,to:b,text:x,new:[[]],
	 *  channel:"astral", members:"many", mentions:[1,"m",[],null,"n"], age_band:7}]} */
	assert_int_equal(decode(S("\x84\xa1t\xa6"
				  "events\xa3seq\1\xa3new\x81\xa1"
				  "a\x92\1\x80"
				  "\xa6"
				  "events\x91\x88\xa4"
				  "from\xa1"
				  "a\xa2to\xa1"
				  "b\xa4text\xa1x"
				  "\xa3new\x91\x90\xa7"
				  "channel\xa6"
				  "astral\xa7members\xa4many"
				  "\xa8mentions\x95\1\xa1m\x90\xc0\xa1n\xa8"
				  "age_band\7")),
	    0);
	assert_int_equal(f.bad, 0);
	assert_int_equal(f.events[0].channel, LW_CH_UNKNOWN);
	assert_int_equal(f.events[0].members, 0);
	assert_int_equal(f.events[0].nmentions, 2);
	assert_str(f.events[0].mentions[1], "n");
	assert_int_equal(f.events[0].user.age_band, LW_AGE_UNKNOWN);
	/* Of a later version. */
	assert_int_equal(decode(S("\x82\xa1t\xa5sonar\xa1x\x90")), 0);
	assert_int_equal(f.type, LW_FR_UNKNOWN);
	assert_int_equal(decode(S("\x83\xa1t\xa3"
				  "ack\xa4upto\1\xa3new\x81\xa1"
				  "a\x90")),
	    0);
	assert_int_equal(f.upto, 1);
	assert_int_equal(decode(S("\x82\xa1t\xa8verdicts\xa8verdicts\x91\x82\xa3seq\1"
				  "\xa6"
				  "action\xa4"
				  "fade")),
	    0);
	assert_int_equal(f.verdicts[0].action, LW_ACT_ALLOW);
}

static void
what_is_required_is_required(void **state)
{
	static const struct lw_str bad[] = {S("\x80"), S("\x81\xa1q\1"),
	    S("\x81\xa1t\1"), S("\x90"), S("\xc0"), S("\xa1t"),
	    S("\x81\xa1t\xa3"
	      "ack"),
	    S("\x82\xa1t\xa3"
	      "ack\xa4upto\xc0"),
	    S("\x81\xa1t\xa5hello"),
	    S("\x81\xa1t\xa3"
	      "bye"),
	    S("\x82\xa1t\xa3"
	      "bye\xa4"
	      "code\1"),
	    S("\x81\xa1t\xa4"
	      "call"),
	    S("\x82\xa1t\xa8verdicts\xa8verdicts\1"),
	    S("\x82\xa1t\xa8verdicts\xa8verdicts\x91\1"),
	    S("\x82\xa1t\xa8verdicts\xa8verdicts\x91\x81\xa3seq\1"),
	    S("\x81\xa1t\xa6"
	      "events"),
	    S("\x82\xa1t\xa6"
	      "events\xa3seq\1"),
	    S("\x82\xa1t\xa6"
	      "events\xa6"
	      "events\x90"),
	    S("\x83\xa1t\xa6"
	      "events\xa3seq\xff\xa6"
	      "events\x90"),
	    S("\x83\xa1t\xa6"
	      "events\xa3seq\1\xa6"
	      "events\x91\1"),
	    S("\x83\xa1t\xa6"
	      "events\xa3seq\1\xa6"
	      "events\x80"),
	    S("\x84\xa1t\xa6"
	      "events\xa3seq\1\xa6"
	      "events\x90\xa6"
	      "events\x90"),
	    S("\x81\xa1t\xa4ping\xc0"), S("\x81\xa1t\xa5sonar\xc0"), /* and then some */
	    S("\x83\xa1t\xa6"
	      "events\xa3seq\1\xa6"
	      "events\x90\xc0"),
	    S("\xc1"), S("\x82\xa1t\xa4ping\xa1x\xc1")};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(decode(bad[i]), LW_EPROTO);
}

static void
no_part_of_a_frame_is_a_frame(void **state)
{
	struct lw_event ev = full_event();
	struct lw_verdict v = {.seq = 1, .reason = "ok", .risk = 0.5};
	struct lw_hello h = {
	    .v = {1}, .nv = 1, .plugin = S("p"), .caps = {S("ask")}, .ncaps = 1};
	size_t n;
	int k;

	(void)state;
	for (k = 0; k < 3; k++) {
		lw_buf_reset(&b);
		if (k == 0)
			lw_put_events(&b, 1, &ev, 1);
		else if (k == 1)
			lw_put_verdicts(&b, &v, 1);
		else
			lw_put_hello(&b, &h);
		for (n = 0; n < b.len - 4; n++)
			assert_int_not_equal(
			    decode((struct lw_str){(char *)b.data + 4, n}), 0);
		assert_int_equal(decode((struct lw_str){(char *)b.data + 4, n}), 0);
	}
}

/* ---- bombs ---- */

/* An unknown key whose value is `levels` arrays within one another. */
static int
nested(const char *front, size_t n, int levels)
{
	lw_buf_reset(&b);
	lw_buf_put(&b, front, n);
	while (levels-- > 1)
		lw_buf_putc(&b, 0x91);
	lw_buf_putc(&b, 0x90);
	return decode((struct lw_str){(char *)b.data, b.len});
}

static void
nesting_is_bounded(void **state)
{
	static const char ping[] = "\x82\xa1t\xa4ping\xa1x";
	static const char strange[] = "\x82\xa1t\xa5sonar\xa1x";
	static const char events[] = "\x84\xa1t\xa6"
				     "events\xa3seq\1\xa6"
				     "events\x90\xa1x";
	static const char event[] = "\x83\xa1t\xa6"
				    "events\xa3seq\1\xa6"
				    "events\x91\x84"
				    "\xa4"
				    "from\xa1"
				    "a\xa2to\xa1"
				    "b\xa4text\xa1x\xa1x";

	(void)state;
	/* 8 levels, the frame's own map included. */
	assert_int_equal(nested(ping, sizeof ping - 1, 7), 0);
	assert_int_equal(nested(ping, sizeof ping - 1, 8), LW_ELIMIT);
	assert_int_equal(nested(strange, sizeof strange - 1, 7), 0);
	assert_int_equal(nested(strange, sizeof strange - 1, 8), LW_ELIMIT);
	assert_int_equal(nested(events, sizeof events - 1, 7), 0);
	assert_int_equal(nested(events, sizeof events - 1, 8), LW_ELIMIT);
	assert_int_equal(nested(event, sizeof event - 1, 5), 0);
	assert_int_equal(nested(event, sizeof event - 1, 6), LW_ELIMIT);
	assert_int_equal(nested(event, sizeof event - 1, 100000), LW_ELIMIT);
}

static void
counts_are_bounded(void **state)
{
	static const struct lw_str lies[] = {S("\xdf\xff\xff\xff\xff\xa1t\xa4ping"),
	    S("\x82\xa1t\xa4ping\xa1x\xdd\xff\xff\xff\xff"),
	    S("\x82\xa1t\xa5hello\xa1v\xdd\x7f\xff\xff\xff"),
	    S("\x82\xa1t\xa8verdicts\xa8verdicts\xdd\0\1\0\0\xc0"),
	    S("\x83\xa1t\xa6"
	      "events\xa3seq\1\xa6"
	      "events\xdd\xff\xff\xff\xff"),
	    S("\x83\xa1t\xa6"
	      "events\xa3seq\1\xa6"
	      "events\x91\xdf\x80\0\0\0"),
	    S("\x82\xa1t\xa4ping\xa1x\xdb\xff\xff\xff\xff"),
	    S("\x82\xa1t\xa4ping\xa1x\xc9\xff\xff\xff\xff\1")};
	uint32_t n;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof lies / sizeof *lies; i++)
		assert_int_equal(decode(lies[i]), LW_EPROTO);
	/* Honest, but too many: events in a frame, values in another. */
	for (n = LW_BATCH_MAX; n <= LW_BATCH_MAX + 1; n++) {
		lw_buf_reset(&b);
		lw_buf_put(&b,
		    "\x83\xa1t\xa6"
		    "events\xa3seq\1\xa6"
		    "events\xdd",
		    23);
		lw_buf_put_u32be(&b, n);
		for (i = 0; i < n; i++)
			lw_buf_putc(&b, 0x80);
		assert_int_equal(decode((struct lw_str){(char *)b.data, b.len}),
		    n > LW_BATCH_MAX ? LW_ELIMIT : 0);
	}
	lw_buf_reset(&b);
	lw_buf_put(&b, "\x82\xa1t\xa4ping\xa1x\xdd", 11);
	lw_buf_put_u32be(&b, LW_WIRE_OBJECTS_MAX);
	for (i = 0; i < LW_WIRE_OBJECTS_MAX; i++)
		lw_buf_putc(&b, 0xc0);
	assert_int_equal(decode((struct lw_str){(char *)b.data, b.len}), LW_ELIMIT);
	/* An arena that is too small says so. */
	{
		struct lw_arena small;

		lw_buf_reset(&b);
		lw_buf_put(&b,
		    "\x83\xa1t\xa6"
		    "events\xa3seq\1\xa6"
		    "events\xdc\0\x20",
		    25);
		for (i = 0; i < 32; i++)
			lw_buf_putc(&b, 0x80);
		lw_arena_init(&small, 4096);
		assert_int_equal(lw_frame_decode(reader,
				     (struct lw_str){(char *)b.data, b.len}, &small, &f),
		    LW_ENOMEM);
		lw_arena_clear(&small);
	}
}

/* ---- events that cannot be taken ---- */

static void
bad_events_keep_their_place(void **state)
{
	char longer[LW_EVENT_ID_MAX + 1];
	struct lw_event ev[6];
	int i;

	(void)state;
	memset(longer, 'x', sizeof longer);
	for (i = 0; i < 6; i++)
		ev[i] = full_event();
	ev[0].from = (struct lw_str){longer, sizeof longer};
	ev[1].text = (struct lw_str){NULL, 0};
	ev[2].conv = (struct lw_str){longer, LW_EVENT_ID_MAX}; /* just fits */
	ev[3].id = (struct lw_str){longer, sizeof longer};
	ev[4].lang = (struct lw_str){longer, sizeof longer}; /* no identity: absent */
	ev[5].from = S("");
	lw_put_events(&b, 1, ev, 6);
	assert_int_equal(decode_buf(), 0);
	assert_int_equal(f.nevents, 6);
	assert_int_equal(f.bad, 4);
	for (i = 0; i < 6; i++) {
		assert_int_equal(
		    f.events[i].kind, i == 2 || i == 4 ? LW_EV_EDIT : LW_EV_MAX);
		assert_true(f.events[i].ask);
	}
	assert_null(f.events[4].lang.p);
	/* A kind of a later version is not a message. */
	assert_int_equal(decode(S("\x83\xa1t\xa6"
				  "events\xa3seq\1\xa6"
				  "events\x91\x84\xa4kind\xa4wink"
				  "\xa4"
				  "from\xa1"
				  "a\xa2to\xa1"
				  "b\xa4text\xa1x")),
	    0);
	assert_int_equal(f.bad, 1);
	assert_int_equal(f.events[0].kind, LW_EV_MAX);
}

static void
each_kind_needs_something(void **state)
{
	static const struct {
		enum lw_event_kind kind;
		const char *has; /* of: f t c x r */
		bool enough;
	} tries[] = {{LW_EV_MESSAGE, "fcx", true}, {LW_EV_MESSAGE, "ftx", true},
	    {LW_EV_MESSAGE, "fx", false}, {LW_EV_MESSAGE, "tcx", false},
	    {LW_EV_MESSAGE, "ftc", false}, {LW_EV_EDIT, "ftx", true},
	    {LW_EV_EDIT, "ft", false}, {LW_EV_DELETE, "fr", true},
	    {LW_EV_DELETE, "ftcx", false}, {LW_EV_JOIN, "fc", true},
	    {LW_EV_JOIN, "ft", false}, {LW_EV_LEAVE, "fc", true},
	    {LW_EV_CONTACT_REQUEST, "ft", true}, {LW_EV_CONTACT_REQUEST, "fc", false},
	    {LW_EV_CONTACT_ACCEPT, "ft", true}, {LW_EV_GIFT, "ft", true},
	    {LW_EV_GIFT, "f", false}, {LW_EV_ATTACHMENT, "fc", true},
	    {LW_EV_USER, "f", true}, {LW_EV_USER, "tc", false},
	    {LW_EV_RELATION, "ft", true}, {LW_EV_RELATION, "fc", false},
	    {LW_EV_REPORT, "ft", true}, {LW_EV_REPORT, "f", false},
	    {LW_EV_DECISION, "f", true}};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof tries / sizeof *tries; i++) {
		struct lw_event ev = {.kind = tries[i].kind};

		if (strchr(tries[i].has, 'f') != NULL)
			ev.from = S("a");
		if (strchr(tries[i].has, 't') != NULL)
			ev.to = S("b");
		if (strchr(tries[i].has, 'c') != NULL)
			ev.conv = S("c");
		if (strchr(tries[i].has, 'x') != NULL)
			ev.text = S("");
		if (strchr(tries[i].has, 'r') != NULL)
			ev.reply_to = S("m");
		assert_int_equal(lw_event_lacks(&ev) == NULL, tries[i].enough);
	}
}

/* ---- text ---- */

static void
text_is_repaired(void **state)
{
	static const struct {
		struct lw_str in, out;
	} t[] = {{S(""), S("")},
	    {S("plain ascii, a bit longer"), S("plain ascii, a bit longer")},
	    {S("\0x"), S("\0x")}, {S("h\xc3\xa9"), S("h\xc3\xa9")},
	    {S("\xf4\x8f\xbf\xbf"), S("\xf4\x8f\xbf\xbf")},
	    {S("\xff"), S("\xef\xbf\xbd")},
	    {S("a\x80"
	       "b"),
		S("a\xef\xbf\xbd"
		  "b")},
	    {S("\xc0\xaf"), S("\xef\xbf\xbd\xef\xbf\xbd")}, /* overlong */
	    {S("\xe0\x80\xaf"), S("\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd")},
	    {S("\xed\xa0\x80"), S("\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd")}, /* surrogate */
	    {S("\xf4\x90\x80\x80"), S("\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd")},
	    {S("\xe2\x82"), S("\xef\xbf\xbd")}, /* cut short: one mistake */
	    {S("\xf0\x9f\x90x"), S("\xef\xbf\xbdx")},
	    {S("12345678\xe9 latin"), S("12345678\xef\xbf\xbd latin")}};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof t / sizeof *t; i++) {
		struct lw_str s = t[i].in;
		bool same = s.n == t[i].out.n && memcmp(s.p, t[i].out.p, s.n) == 0;

		assert_int_equal(lw_text_repair(&s, &arena), !same);
		assert_int_equal(s.n, t[i].out.n);
		assert_memory_equal(s.p, t[i].out.p, s.n);
		assert_int_equal(s.p == t[i].in.p, same); /* lent on as it is */
	}
}

static void
text_is_cut_between_characters(void **state)
{
	static char text[LW_EVENT_TEXT_MAX + 8];
	struct lw_arena none;
	struct lw_str s;
	size_t k;

	(void)state;
	for (k = 0; k < 4; k++) {
		memset(text, 'x', sizeof text);
		memcpy(text + LW_EVENT_TEXT_MAX - k, "\xf0\x9f\x90\xa6", 4);
		s = (struct lw_str){text, sizeof text};
		assert_true(lw_text_repair(&s, &arena));
		assert_int_equal(s.n, LW_EVENT_TEXT_MAX - k);
	}
	memcpy(text + LW_EVENT_TEXT_MAX - 4, "\xf0\x9f\x90\xa6", 4);
	s = (struct lw_str){text, sizeof text};
	assert_true(lw_text_repair(&s, &arena));
	assert_int_equal(s.n, LW_EVENT_TEXT_MAX);
	/* Mistakes grow to three bytes each, and are cut again. */
	memset(text, '\xff', sizeof text);
	s = (struct lw_str){text, sizeof text};
	assert_true(lw_text_repair(&s, &arena));
	assert_int_equal(s.n, LW_EVENT_TEXT_MAX / 3 * 3);
	/* Without memory the sound part remains. */
	lw_arena_init(&none, 0);
	s = S("fine\xff rest");
	assert_true(lw_text_repair(&s, &none));
	assert_str(s, "fine");
	lw_arena_clear(&none);
}

static void
repairs_are_counted(void **state)
{
	struct lw_event ev[2] = {full_event(), full_event()};

	(void)state;
	ev[1].text = S("caf\xe9");
	lw_put_events(&b, 1, ev, 2);
	assert_int_equal(decode_buf(), 0);
	assert_int_equal(f.repaired, 1);
	assert_int_equal(f.bad, 0);
	assert_str(f.events[1].text, "caf\xef\xbf\xbd");
}

static void
full_buffer_is_an_error_that_stays(void **state)
{
	struct lw_event ev = full_event();
	struct lw_buf small;

	(void)state;
	lw_buf_init(&small, 64);
	lw_put_events(&small, 1, &ev, 1);
	assert_int_equal(small.err, LW_ELIMIT);
	lw_put_simple(&small, LW_FR_PING);
	assert_int_equal(small.err, LW_ELIMIT);
	lw_buf_clear(&small);
}

int
main(void)
{
#define T(t) cmocka_unit_test_setup_teardown(t, begin, end)
	const struct CMUnitTest tests[] = {
	    T(frames_are_cut_at_every_byte),
	    T(lengths_are_checked_before_the_body_is_there),
	    T(hello_there_and_back),
	    T(events_there_and_back),
	    T(raw_maps_make_the_same_frame),
	    T(event_map_there_and_back),
	    T(other_frames_there_and_back),
	    T(messagepack_c_reads_our_events),
	    T(every_width_of_a_number),
	    T(strings_and_keys_of_any_shape),
	    T(unknown_is_skipped_or_absent),
	    T(what_is_required_is_required),
	    T(no_part_of_a_frame_is_a_frame),
	    T(nesting_is_bounded),
	    T(counts_are_bounded),
	    T(bad_events_keep_their_place),
	    T(each_kind_needs_something),
	    T(text_is_repaired),
	    T(text_is_cut_between_characters),
	    T(repairs_are_counted),
	    T(full_buffer_is_an_error_that_stays),
	};

	return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
