/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes of a connection: cut into frames, decoded; what was understood is written, and must
 * be understood the same again. */
#include <stdlib.h>
#include "wire/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool ok)
{
	if (!ok)
		abort();
}

/* Strings of a good event are bounded, its text is valid: a second repair finds nothing. */
static void
check_event(const struct lw_event *ev, struct lw_arena *arena)
{
	struct lw_str text = ev->text;

	if (ev->kind == LW_EV_MAX)
		return;
	check(ev->from.p != NULL && ev->from.n > 0 && ev->from.n <= LW_EVENT_ID_MAX);
	check(ev->id.n <= LW_EVENT_ID_MAX && ev->conv.n <= LW_EVENT_ID_MAX);
	check(ev->nmentions <= LW_EVENT_MENTIONS_MAX);
	check(!lw_text_repair(&text, arena));
	check(lw_event_lacks(ev) == NULL);
}

static void
check_again(struct lw_reader *r, const struct lw_frame *f, struct lw_arena *arena)
{
	struct lw_frame g;
	struct lw_str body;
	struct lw_buf b, c;

	lw_buf_init(&b, 64u << 20);
	lw_buf_init(&c, 64u << 20);
	lw_put_frame(&b, f);
	check(b.err == 0);
	check(lw_frame_next(b.data, b.len, b.len, &body) == 1);
	check(lw_frame_decode(r, body, arena, &g) == 0);
	check(g.type == f->type && g.nevents == f->nevents && g.bad == f->bad);
	check(g.repaired == 0 && g.nverdicts == f->nverdicts);
	lw_put_frame(&c, &g);
	check(c.len == b.len && memcmp(c.data, b.data, b.len) == 0);
	lw_buf_clear(&b);
	lw_buf_clear(&c);
}

static void
one_frame(struct lw_reader *r, struct lw_str body, struct lw_arena *arena)
{
	struct lw_event ev;
	struct lw_frame f;
	size_t i;

	if (lw_event_map_decode(r, body, arena, &ev) == 0)
		check_event(&ev, arena);
	if (lw_frame_decode(r, body, arena, &f) != 0 || f.type == LW_FR_UNKNOWN)
		return;
	check(f.nevents <= LW_BATCH_MAX && f.nverdicts <= LW_BATCH_MAX);
	for (i = 0; i < f.nevents; i++)
		check_event(&f.events[i], arena);
	if (f.bad == 0 && f.type != LW_FR_WATCH)
		check_again(r, &f, arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lw_reader *r;
	struct lw_arena arena;
	struct lw_str body;

	if (lw_reader_new(&r) != 0)
		return 0;
	lw_arena_init(&arena, 64u << 20);
	while (lw_frame_next(data, size, LW_FRAME_MAX, &body) == 1) {
		one_frame(r, body, &arena);
		lw_arena_reset(&arena);
		data += 4 + body.n;
		size -= 4 + body.n;
	}
	/* And the rest as a body, without the fuzzer having to find its length. */
	one_frame(r, (struct lw_str){(const char *)data, size}, &arena);
	lw_arena_clear(&arena);
	lw_reader_free(r);
	return 0;
}
