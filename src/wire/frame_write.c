/* SPDX-License-Identifier: Apache-2.0 */
/* struct lw_frame and struct lw_event in, bytes out, packed by MessagePack-C into the
 * caller's buffer. The tables of fields.c say what is written and in which order. */
#include <msgpack.h>
#include "wire/fields.h"

/* MessagePack-C's sink. */
static int
write_bytes(void *data, const char *p, size_t n)
{
	return lw_buf_put(data, p, n);
}

static void
pack_str(msgpack_packer *pk, struct lw_str s)
{
	msgpack_pack_str(pk, s.n);
	msgpack_pack_str_body(pk, s.p, s.n);
}

static void
pack_id128(msgpack_packer *pk, struct lw_id128 id)
{
	char b[16];
	int i;

	for (i = 0; i < 8; i++) {
		b[i] = (char)(id.hi >> (56 - 8 * i));
		b[8 + i] = (char)(id.lo >> (56 - 8 * i));
	}
	msgpack_pack_bin(pk, sizeof b);
	msgpack_pack_bin_body(pk, b, sizeof b);
}

static void
pack_array(msgpack_packer *pk, const struct lw_field *f, const void *record)
{
	const void *at = lw_field_at(f, record);
	uint32_t i, n = lw_field_count(f, record);

	msgpack_pack_array(pk, n);
	for (i = 0; i < n; i++) {
		if (f->type == LW_F_IDS)
			pack_str(pk, ((const struct lw_str *)at)[i]);
		else
			msgpack_pack_uint32(pk, ((const uint32_t *)at)[i]);
	}
}

static void pack_map(msgpack_packer *pk, const struct lw_fields *t, const void *record,
    const char *type);

static void
pack_ask(msgpack_packer *pk, const struct lw_frame *fr, size_t nasks)
{
	size_t i;

	if (nasks == fr->nevents) {
		msgpack_pack_true(pk);
		return;
	}
	msgpack_pack_array(pk, nasks);
	for (i = 0; i < fr->nevents; i++) {
		if (fr->events[i].ask)
			msgpack_pack_uint32(pk, (uint32_t)i);
	}
}

static size_t
count_asks(const struct lw_frame *fr)
{
	size_t i, n = 0;

	for (i = 0; i < fr->nevents; i++)
		n += fr->events[i].ask;
	return n;
}

static void
pack_records(msgpack_packer *pk, const struct lw_field *f, const struct lw_frame *fr)
{
	size_t i;

	if (f->type == LW_F_EVENTS) {
		msgpack_pack_array(pk, fr->nevents);
		for (i = 0; i < fr->nevents; i++)
			pack_map(pk, &lw_event_fields, &fr->events[i], NULL);
	} else {
		msgpack_pack_array(pk, fr->nverdicts);
		for (i = 0; i < fr->nverdicts; i++)
			pack_map(pk, &lw_verdict_fields, &fr->verdicts[i], NULL);
	}
}

static void
pack_field(msgpack_packer *pk, const struct lw_field *f, const void *record)
{
	const void *at = lw_field_at(f, record);

	switch ((enum lw_field_type)f->type) {
	case LW_F_ID:
	case LW_F_NAME:
	case LW_F_TEXT:
	case LW_F_STR:
		pack_str(pk, *(const struct lw_str *)at);
		break;
	case LW_F_ZSTR:
		pack_str(pk, lw_str(*(const char *const *)at));
		break;
	case LW_F_U64:
		msgpack_pack_uint64(pk, *(const uint64_t *)at);
		break;
	case LW_F_U32:
		msgpack_pack_uint32(pk, *(const uint32_t *)at);
		break;
	case LW_F_REAL:
		msgpack_pack_double(pk, *(const double *)at);
		break;
	case LW_F_BOOL:
		if (*(const bool *)at)
			msgpack_pack_true(pk);
		else
			msgpack_pack_false(pk);
		break;
	case LW_F_TRI:
		if (*(const enum lw_tristate *)at == LW_YES)
			msgpack_pack_true(pk);
		else
			msgpack_pack_false(pk);
		break;
	case LW_F_KIND:
	case LW_F_CHANNEL:
	case LW_F_AGE:
	case LW_F_ACTION:
	case LW_F_BAND:
		pack_str(pk, lw_str(lw_field_enum_name(f, record)));
		break;
	case LW_F_ID128:
		pack_id128(pk, *(const struct lw_id128 *)at);
		break;
	case LW_F_IDS:
	case LW_F_U32S:
		pack_array(pk, f, record);
		break;
	case LW_F_ASK:
		pack_ask(pk, record, count_asks(record));
		break;
	case LW_F_EVENTS:
	case LW_F_VERDICTS:
		pack_records(pk, f, record);
		break;
	}
}

/* `type` is the frame's `t`; an event and a verdict have none. */
static void
pack_map(
    msgpack_packer *pk, const struct lw_fields *t, const void *record, const char *type)
{
	const struct lw_field *set[32];
	size_t i, n = 0;

	for (i = 0; i < t->n; i++) {
		const struct lw_field *f = &t->f[i];

		if (f->type == LW_F_ASK ? count_asks(record) > 0
					: lw_field_is_set(f, record))
			set[n++] = f;
	}
	msgpack_pack_map(pk, n + (type != NULL));
	if (type != NULL) {
		pack_str(pk, LW_STR("t"));
		pack_str(pk, lw_str(type));
	}
	for (i = 0; i < n; i++) {
		pack_str(pk, (struct lw_str){set[i]->name, set[i]->len});
		pack_field(pk, set[i], record);
	}
}

/* ---- frames ---- */

static size_t
frame_begin(struct lw_buf *b)
{
	size_t at = b->len - b->off;

	lw_buf_put_u32be(b, 0);
	return at;
}

/* The length is known only now. An offset, not a pointer: the buffer may have moved. */
static void
frame_end(struct lw_buf *b, size_t at)
{
	uint32_t n = (uint32_t)(b->len - b->off - at - 4);
	uint8_t *p;

	if (b->err != 0)
		return;
	p = b->data + b->off + at;
	p[0] = (uint8_t)(n >> 24);
	p[1] = (uint8_t)(n >> 16);
	p[2] = (uint8_t)(n >> 8);
	p[3] = (uint8_t)n;
}

void
lw_put_frame(struct lw_buf *b, const struct lw_frame *f)
{
	size_t at = frame_begin(b);
	msgpack_packer pk;

	msgpack_packer_init(&pk, b, write_bytes);
	pack_map(&pk, &lw_frame_fields[f->type], f, lw_frame_fields[f->type].name);
	frame_end(b, at);
}

void
lw_put_hello(struct lw_buf *b, const struct lw_hello *h)
{
	struct lw_frame f = {.type = LW_FR_HELLO, .hello = *h};

	lw_put_frame(b, &f);
}

void
lw_put_events(struct lw_buf *b, uint64_t seq, const struct lw_event *ev, size_t n)
{
	/* Only read from: the struct has no const because a reader fills it too. */
	struct lw_frame f = {.type = LW_FR_EVENTS, .seq = seq, .nevents = n};

	f.events = (struct lw_event *)(uintptr_t)ev;
	lw_put_frame(b, &f);
}

void
lw_put_verdicts(struct lw_buf *b, const struct lw_verdict *v, size_t n)
{
	struct lw_frame f = {.type = LW_FR_VERDICTS, .nverdicts = n};

	f.verdicts = (struct lw_verdict *)(uintptr_t)v;
	lw_put_frame(b, &f);
}

void
lw_put_ack(struct lw_buf *b, uint64_t upto)
{
	struct lw_frame f = {.type = LW_FR_ACK, .upto = upto};

	lw_put_frame(b, &f);
}

void
lw_put_window(struct lw_buf *b, uint32_t n)
{
	struct lw_frame f = {.type = LW_FR_WINDOW, .n = n};

	lw_put_frame(b, &f);
}

void
lw_put_simple(struct lw_buf *b, enum lw_frame_type t)
{
	struct lw_frame f = {.type = t};

	lw_put_frame(b, &f);
}

void
lw_put_bye(struct lw_buf *b, const char *code, const char *text, uint64_t retry_ms)
{
	struct lw_frame f = {.type = LW_FR_BYE,
	    .code = lw_str(code),
	    .text = lw_str(text),
	    .retry_ms = retry_ms};

	lw_put_frame(b, &f);
}

void
lw_put_call(struct lw_buf *b, struct lw_str verb, struct lw_str arg)
{
	struct lw_frame f = {.type = LW_FR_CALL, .code = verb, .text = arg};

	lw_put_frame(b, &f);
}

void
lw_put_reply(struct lw_buf *b, bool ok, struct lw_str body)
{
	struct lw_frame f = {.type = LW_FR_REPLY, .ok = ok, .text = body};

	lw_put_frame(b, &f);
}

void
lw_put_event_map(struct lw_buf *b, const struct lw_event *ev)
{
	msgpack_packer pk;

	msgpack_packer_init(&pk, b, write_bytes);
	pack_map(&pk, &lw_event_fields, ev, NULL);
}

void
lw_put_event_maps(struct lw_buf *b, uint64_t seq, size_t n,
    const struct lw_str pieces[2], const uint32_t *asks, size_t nasks)
{
	size_t at = frame_begin(b), i;
	msgpack_packer pk;

	msgpack_packer_init(&pk, b, write_bytes);
	msgpack_pack_map(&pk, 3 + (nasks > 0));
	pack_str(&pk, LW_STR("t"));
	pack_str(&pk, LW_STR("events"));
	pack_str(&pk, LW_STR("seq"));
	msgpack_pack_uint64(&pk, seq);
	if (nasks > 0) {
		pack_str(&pk, LW_STR("ask"));
		msgpack_pack_array(&pk, nasks);
		for (i = 0; i < nasks; i++)
			msgpack_pack_uint32(&pk, asks[i]);
	}
	pack_str(&pk, LW_STR("events"));
	msgpack_pack_array(&pk, n);
	lw_buf_put(b, pieces[0].p, pieces[0].n);
	lw_buf_put(b, pieces[1].p, pieces[1].n);
	frame_end(b, at);
}
