/* SPDX-License-Identifier: Apache-2.0 */
/* What a plugin may send: a stream of frames, a bare body, an event's map. What is taken
 * is written and read again: it must come back as the same kind of frame. */
#include <stdint.h>
#include <stdlib.h>
#include "base/arena.h"
#include "base/buf.h"
#include "wire/wire.h"

#define ARENA_MAX ((size_t)64 << 20)
#define FRAMES_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct lw_reader *reader;

static void
check_again(const struct lw_frame *f)
{
	struct lw_frame back;
	struct lw_arena arena;
	struct lw_str body;
	struct lw_buf b;

	if (f->type == LW_FR_UNKNOWN || f->bad > 0)
		return;
	lw_buf_init(&b, 16u << 20);
	lw_arena_init(&arena, ARENA_MAX);
	lw_put_frame(&b, f);
	if (b.err == 0) {
		if (lw_frame_next(lw_buf_peek(&b), lw_buf_left(&b), 16u << 20, &body) != 1)
			abort();
		if (lw_frame_decode(reader, body, &arena, &back) != 0)
			abort();
		if (back.type != f->type || back.nevents != f->nevents ||
		    back.nverdicts != f->nverdicts || back.repaired != 0)
			abort();
		for (size_t i = 0; i < f->nevents; i++)
			if (!lw_str_eq(back.events[i].text, f->events[i].text) ||
			    back.events[i].kind != f->events[i].kind)
				abort();
	}
	lw_arena_clear(&arena);
	lw_buf_clear(&b);
}

static void
take_body(struct lw_str body)
{
	struct lw_arena arena;
	struct lw_frame f;

	lw_arena_init(&arena, ARENA_MAX);
	if (lw_frame_decode(reader, body, &arena, &f) == 0)
		check_again(&f);
	lw_arena_clear(&arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct lw_str whole = {(const char *)data, n}, body;
	struct lw_arena arena;
	struct lw_event ev;
	size_t at = 0;

	if (reader == NULL && lw_reader_new(&reader) != 0)
		abort();
	for (int i = 0; i < FRAMES_MAX; i++) {
		if (lw_frame_next(data + at, n - at, LW_FRAME_HELLO_MAX, &body) != 1)
			break;
		take_body(body);
		at = (size_t)((const uint8_t *)body.p - data) + body.n;
	}
	take_body(whole);
	lw_arena_init(&arena, ARENA_MAX);
	lw_event_map_decode(reader, whole, &arena, &ev);
	lw_arena_clear(&arena);
	return 0;
}
