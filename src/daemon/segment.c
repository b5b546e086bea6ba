/* SPDX-License-Identifier: Apache-2.0 */
/* Segment and block heads of the journal: numbers in, bytes out, and checked back. Owns
 * nothing. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "base/err.h"
#include "daemon/bytes.h"
#include "daemon/journal.h"
#include "daemon/segment.h"

static const char magic[8] = "LWJRNL\r\n";
#define BLOCK_MAGIC UINT32_C(0x0142574c) /* "LWB\1" */

void
lw_segment_name(char to[LW_SEGMENT_NAME_MAX], uint64_t first_seq)
{
	snprintf(to, LW_SEGMENT_NAME_MAX, "%020" PRIu64 ".lwj", first_seq);
}

bool
lw_segment_name_parse(const char *name, uint64_t *first_seq)
{
	char again[LW_SEGMENT_NAME_MAX];
	uint64_t v = 0;
	size_t i;

	for (i = 0; i < 20; i++) {
		if (name[i] < '0' || name[i] > '9')
			return false;
		v = v * 10 + (uint64_t)(name[i] - '0');
	}
	lw_segment_name(again, v);
	*first_seq = v;
	return strcmp(again, name) == 0;
}

static void
put_tag(uint8_t *to, struct lw_id128 tag)
{
	lw_le_set(to, tag.hi, 8);
	lw_le_set(to + 8, tag.lo, 8);
}

void
lw_segment_head(
    const struct lw_hash_key *key, uint64_t first_seq, uint8_t head[LW_SEGMENT_HEAD])
{
	memset(head, 0, LW_SEGMENT_HEAD);
	memcpy(head, magic, sizeof(magic));
	lw_le_set(head + 8, LW_SEGMENT_VERSION, 4);
	lw_le_set(head + 16, first_seq, 8);
	put_tag(head + 48, lw_hash128(key, head, 48));
}

int
lw_segment_head_check(
    const struct lw_hash_key *key, uint64_t first_seq, const uint8_t *p, size_t n)
{
	uint8_t want[LW_SEGMENT_HEAD];

	if (n < LW_SEGMENT_HEAD)
		return LW_EINVAL;
	lw_segment_head(key, first_seq, want);
	if (memcmp(p, want, 48) != 0)
		return LW_EINVAL;
	return memcmp(p, want, LW_SEGMENT_HEAD) == 0 ? 0 : LW_ECRYPT;
}

static struct lw_id128
block_tag(const struct lw_hash_key *key, uint64_t first_seq, uint64_t at,
    const uint8_t head[16], struct lw_str records)
{
	uint8_t place[16];
	struct lw_str parts[3];

	lw_le_set(place, first_seq, 8);
	lw_le_set(place + 8, at, 8);
	parts[0] = (struct lw_str){(const char *)place, sizeof(place)};
	parts[1] = (struct lw_str){(const char *)head, 16};
	parts[2] = records;
	return lw_hash128_parts(key, parts, 3);
}

void
lw_block_head(const struct lw_hash_key *key, uint64_t first_seq, uint64_t at,
    uint64_t last_seq, struct lw_str records, uint8_t head[LW_BLOCK_HEAD])
{
	lw_le_set(head, BLOCK_MAGIC, 4);
	lw_le_set(head + 4, records.n, 4);
	lw_le_set(head + 8, last_seq, 8);
	put_tag(head + 16, block_tag(key, first_seq, at, head, records));
}

bool
lw_block_check(const struct lw_hash_key *key, uint64_t first_seq, const uint8_t *seg,
    size_t n, size_t at, uint64_t *last_seq, struct lw_str *records)
{
	uint8_t want[16];
	size_t len;

	if (at > n || n - at < LW_BLOCK_HEAD || lw_le_get(seg + at, 4) != BLOCK_MAGIC)
		return false;
	len = (size_t)lw_le_get(seg + at + 4, 4);
	if (len > LW_JOURNAL_BLOCK_MAX || len > n - at - LW_BLOCK_HEAD)
		return false;
	*records = (struct lw_str){(const char *)seg + at + LW_BLOCK_HEAD, len};
	put_tag(want, block_tag(key, first_seq, at, seg + at, *records));
	if (memcmp(want, seg + at + 16, sizeof(want)) != 0)
		return false;
	*last_seq = lw_le_get(seg + at + 8, 8);
	return true;
}
