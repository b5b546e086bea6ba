/* SPDX-License-Identifier: Apache-2.0 */
/* A line of a replay file. What is an event is written, and must be the same event again, as
 * JSON and as MessagePack. */
#include <stdlib.h>
#include "wire/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool ok)
{
	if (!ok)
		abort();
}

static struct lw_str
json_of(const struct lw_event *ev, struct lw_buf *b)
{
	struct lw_json j;

	lw_json_init(&j, b, 0);
	lw_event_json(&j, ev);
	check(b->err == 0);
	return (struct lw_str){(const char *)b->data, b->len};
}

static void
check_again(const struct lw_event *ev, struct lw_arena *arena)
{
	struct lw_buf first, second, map;
	struct lw_reader *r;
	struct lw_event out;
	const char *why;
	size_t at;

	lw_buf_init(&first, 1u << 20);
	lw_buf_init(&second, 1u << 20);
	lw_buf_init(&map, 1u << 20);
	check(lw_reader_new(&r) == 0);
	check(lw_event_from_json(json_of(ev, &first), arena, &out, &why, &at) == 0);
	check(lw_str_eq(json_of(&out, &second), json_of(ev, &map)));
	lw_buf_reset(&map);
	lw_put_event_map(&map, ev);
	check(lw_event_map_decode(r, (struct lw_str){(const char *)map.data, map.len},
		  arena, &out) == 0);
	lw_buf_reset(&first);
	check(lw_str_eq(
	    json_of(&out, &first), (struct lw_str){(char *)second.data, second.len}));
	lw_reader_free(r);
	lw_buf_clear(&first);
	lw_buf_clear(&second);
	lw_buf_clear(&map);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lw_str line = {(const char *)data, size};
	struct lw_arena arena;
	struct lw_event ev;
	const char *why = NULL;
	size_t at;

	lw_arena_init(&arena, 16u << 20);
	if (lw_event_from_json(line, &arena, &ev, &why, &at) == 0)
		check_again(&ev, &arena);
	else
		check(why != NULL && at <= size);
	lw_arena_clear(&arena);
	return 0;
}
