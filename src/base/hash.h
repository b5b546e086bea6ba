/* SPDX-License-Identifier: Apache-2.0 */
/* Keyed hashes (SipHash-2-4, Aumasson and Bernstein 2012), for tables that strangers
 * fill. Keys are 16 bytes. lw_hash128 is the 128-bit output variant. */
#ifndef LW_BASE_HASH_H
#define LW_BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lw_hash_key {
	uint8_t b[16];
};
struct lw_id128 {
	uint64_t hi, lo;
};

uint64_t lw_hash64(const struct lw_hash_key *k, const void *p, size_t n);
struct lw_id128 lw_hash128(const struct lw_hash_key *k, const void *p, size_t n);
/* Hash of several parts, each framed by its length so that parts cannot run together. */
struct lw_str;
struct lw_id128 lw_hash128_parts(
    const struct lw_hash_key *k, const struct lw_str *parts, size_t nparts);
static inline bool
lw_id128_eq(struct lw_id128 a, struct lw_id128 b)
{
	return a.hi == b.hi && a.lo == b.lo;
}

#endif
