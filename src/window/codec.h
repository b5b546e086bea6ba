/* SPDX-License-Identifier: Apache-2.0 */
/* Little-endian fields of saved state. Writing is onto a buffer, whose error is sticky;
 * reading is bounded, and after the first field that is missing or wrong everything reads
 * as zero and `bad` stays set. Used by window and engine; owns nothing. */
#ifndef LW_WINDOW_CODEC_H
#define LW_WINDOW_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/hash.h"
#include "base/str.h"

void lw_enc_u8(struct lw_buf *b, unsigned v);
void lw_enc_u16(struct lw_buf *b, unsigned v);
void lw_enc_u32(struct lw_buf *b, uint32_t v);
void lw_enc_u64(struct lw_buf *b, uint64_t v);
void lw_enc_f64(struct lw_buf *b, double v);
void lw_enc_id(struct lw_buf *b, struct lw_id128 v);
void lw_enc_str(struct lw_buf *b, struct lw_str s); /* absent reads back as empty */

struct lw_dec {
	const uint8_t *p;
	size_t n; /* bytes left */
	bool bad;
};
void lw_dec_init(struct lw_dec *d, struct lw_str s);
uint8_t lw_dec_u8(struct lw_dec *d);
uint16_t lw_dec_u16(struct lw_dec *d);
uint32_t lw_dec_u32(struct lw_dec *d);
uint64_t lw_dec_u64(struct lw_dec *d);
/* Not a number and infinities are wrong: no sum of the engine is one. */
double lw_dec_f64(struct lw_dec *d);
float lw_dec_f32(struct lw_dec *d);
void lw_enc_f32(struct lw_buf *b, float v);
struct lw_id128 lw_dec_id(struct lw_dec *d);
/* Lent from what is read; longer than max is wrong. */
struct lw_str lw_dec_str(struct lw_dec *d, size_t max);
/* A count of things of at least `each` bytes: more than can follow is wrong. */
uint32_t lw_dec_count(struct lw_dec *d, uint32_t max, size_t each);

#endif
