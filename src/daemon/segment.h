/* SPDX-License-Identifier: Apache-2.0 */
/* Private to the journal: the form of a segment file.
 *
 *   segment  64 bytes: magic 8, version 4, zero 4, first seq 8, zero 24, tag 16
 *   block    32 bytes: magic 4, length 4, last seq 8, tag 16; then length bytes of records
 *   record   type 1, length 4, body
 *
 * A tag is a keyed hash over what stands before it, the block's place in its segment and
 * its records: a block that was moved, or is left over from elsewhere, does not verify. */
#ifndef LW_DAEMON_SEGMENT_H
#define LW_DAEMON_SEGMENT_H

#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>
#include "base/hash.h"
#include "base/str.h"

#define LW_SEGMENT_HEAD 64
#define LW_SEGMENT_VERSION 1
#define LW_BLOCK_HEAD 32
#define LW_RECORD_HEAD 5

struct lw_segment {
	uint64_t first_seq;
	uint64_t bytes;
};

struct lw_journal {
	char *dir;
	int dirfd, fd; /* fd: of the segment that is written, or -1 */
	struct lw_hash_key key;
	struct lw_segment *seg; /* by first_seq; the last one is written */
	size_t nseg, cap;
	uint64_t segment_bytes;
};

#define LW_SEGMENT_NAME_MAX 40
void lw_segment_name(char to[LW_SEGMENT_NAME_MAX], uint64_t first_seq);
bool lw_segment_name_parse(const char *name, uint64_t *first_seq);
void lw_segment_head(
    const struct lw_hash_key *key, uint64_t first_seq, uint8_t head[LW_SEGMENT_HEAD]);
/* 0, LW_ECRYPT (whole, but of another key) or LW_EINVAL. */
int lw_segment_head_check(
    const struct lw_hash_key *key, uint64_t first_seq, const uint8_t *p, size_t n);
void lw_block_head(const struct lw_hash_key *key, uint64_t first_seq, uint64_t at,
    uint64_t last_seq, struct lw_str records, uint8_t head[LW_BLOCK_HEAD]);
/* Is there a whole block at `at` of a segment of n bytes? */
bool lw_block_check(const struct lw_hash_key *key, uint64_t first_seq,
    const uint8_t *seg, size_t n, size_t at, uint64_t *last_seq, struct lw_str *records);

#endif
