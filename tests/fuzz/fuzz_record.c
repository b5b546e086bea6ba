/* SPDX-License-Identifier: Apache-2.0 */
/* Records of the journal from whatever bytes: refused or taken, within bounds; what was
 * taken is written and read again to the same. The first byte chooses the kind. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/journal.h"
#include "daemon/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const struct lw_seal seal = {{1, 2, 3}};

static void
event(struct lw_reader *reader, struct lw_str body)
{
	struct lw_jevent e, again;
	struct lw_arena arena;
	struct lw_buf block;

	lw_arena_init(&arena, 4u << 20);
	lw_buf_init(&block, 4u << 20);
	if (lw_record_get_event(body, reader, &seal, &arena, &e) == 0) {
		if (lw_record_put_event(&block, &e, &seal) != 0 ||
		    lw_record_get_event(
			(struct lw_str){(char *)block.data + 5, block.len - 5}, reader,
			&seal, &arena, &again) != 0 ||
		    again.ev.seq != e.ev.seq || again.rec.ntok != e.rec.ntok ||
		    !lw_str_eq(again.ev.from, e.ev.from))
			abort();
	}
	lw_buf_clear(&block);
	lw_arena_clear(&arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct lw_str body = {(const char *)data + 1, n - 1};
	struct lw_reader *reader;
	struct lw_intern *t;

	if (n == 0 || lw_reader_new(&reader) != 0)
		return 0;
	if ((data[0] & 1) == 0) {
		event(reader, body);
	} else if ((t = lw_intern_new()) != NULL) {
		lw_record_get_intern(body, t);
		lw_intern_free(t);
	}
	lw_reader_free(reader);
	return 0;
}
