/* SPDX-License-Identifier: Apache-2.0 */
/* A line of a replay file. An event that is taken is written as a line again, and that
 * line is read as the same event. */
#include <stdint.h>
#include <stdlib.h>
#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "wire/wire.h"

#define ARENA_MAX ((size_t)64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
check_again(const struct lw_event *ev)
{
	struct lw_arena arena;
	struct lw_event back;
	struct lw_buf b;
	struct lw_json j;
	const char *why;
	size_t at;

	lw_buf_init(&b, 4u << 20);
	lw_arena_init(&arena, ARENA_MAX);
	lw_json_init(&j, &b, 0);
	lw_event_json(&j, ev);
	if (b.err != 0)
		abort();
	if (lw_event_from_json(
		(struct lw_str){(const char *)lw_buf_peek(&b), lw_buf_left(&b)}, &arena,
		&back, &why, &at) != 0)
		abort();
	if (back.kind != ev->kind || back.ts_ms != ev->ts_ms ||
	    back.channel != ev->channel || !lw_str_eq(back.text, ev->text) ||
	    !lw_str_eq(back.from, ev->from) || !lw_str_eq(back.to, ev->to) ||
	    !lw_str_eq(back.conv, ev->conv) || back.nmentions != ev->nmentions)
		abort();
	lw_arena_clear(&arena);
	lw_buf_clear(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct lw_arena arena;
	struct lw_event ev;
	const char *why = NULL;
	size_t at = 0;

	lw_arena_init(&arena, ARENA_MAX);
	if (lw_event_from_json(
		(struct lw_str){(const char *)data, n}, &arena, &ev, &why, &at) == 0)
		check_again(&ev);
	else if (why == NULL || at > n)
		abort(); /* a refusal says why, and where in the line */
	lw_arena_clear(&arena);
	return 0;
}
