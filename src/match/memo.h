/* SPDX-License-Identifier: Apache-2.0 */
/* The word memo: what a raw word became the last time, so that folding and scanning it
 * happen once. 4-way sets of 64-byte entries that hold the word itself: an answer is never
 * another word's. It holds message text: wiped when freed. */
#ifndef LW_MATCH_MEMO_H
#define LW_MATCH_MEMO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define LW_MEMO_BYTES 28 /* longest raw word that is kept */
#define LW_MEMO_TOKENS 3
#define LW_MEMO_WAYS 4

struct lw_memo_token {
	uint32_t lexeme : 22;
	uint32_t how : 2;
	uint32_t len : 6;
	uint8_t pos, start, end, pad; /* relative to the word */
};

struct lw_memo_entry {
	uint8_t raw[LW_MEMO_BYTES]; /* zero behind len */
	uint8_t len, positions, ntok, is_single;
	uint64_t generation; /* of the ruleset */
	struct lw_memo_token tok[LW_MEMO_TOKENS];
};
_Static_assert(sizeof(struct lw_memo_entry) == 64, "one cache line");

struct lw_memo {
	struct lw_memo_entry *entry; /* NULL: off */
	uint32_t *tag;		     /* of each entry; 0 empty */
	uint8_t *victim;	     /* of each set: next way to give up */
	size_t nsets;		     /* power of two */
	uint64_t key[2];
};

/* words is rounded up to a power of two; 0 gives a memo that is off. 0 or LW_ENOMEM. */
int lw_memo_init(struct lw_memo *m, size_t words);
void lw_memo_clear(struct lw_memo *m);
/* The entry to fill for this word, of which all but tokens is filled. */
struct lw_memo_entry *lw_memo_replace(
    struct lw_memo *m, uint64_t hash, uint64_t generation, const uint8_t *p, size_t n);

static inline uint64_t
lw_memo_load(const uint8_t *p, size_t n)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return n >= 8 ? v : v & (((uint64_t)1 << (8 * n)) - 1);
}

/* n in 1..LW_MEMO_BYTES; 32 bytes are readable at p. */
static inline uint64_t
lw_memo_hash(const struct lw_memo *m, const uint8_t *p, size_t n)
{
	uint64_t a = lw_memo_load(p, n), b = 0;

	if (n > 8) {
		uint64_t tail;

		memcpy(&tail, p + n - 8, sizeof(tail));
		b = tail;
		if (n > 16) {
			uint64_t mid;

			memcpy(&mid, p + 8, sizeof(mid));
			b = b * UINT64_C(0x9fb21c651e98df25) ^ mid;
			memcpy(&mid, p + n - 16, sizeof(mid));
			b = (b ^ (b >> 31)) * UINT64_C(0x9fb21c651e98df25) ^ mid;
		}
	}
	{
		unsigned __int128 v =
		    (unsigned __int128)(a ^ m->key[0] ^ n) * (b ^ m->key[1]);

		return (uint64_t)v ^ (uint64_t)(v >> 64);
	}
}

static inline bool
lw_memo_is(const struct lw_memo_entry *e, const uint8_t *p, size_t n, uint64_t generation)
{
	if (e->len != n || e->generation != generation)
		return false;
	if (n <= 8)
		return lw_memo_load(e->raw, 8) == lw_memo_load(p, n);
	return memcmp(e->raw, p, n) == 0;
}

static inline struct lw_memo_entry *
lw_memo_find(const struct lw_memo *m, uint64_t hash, uint64_t generation,
    const uint8_t *p, size_t n)
{
	size_t set = (size_t)hash & (m->nsets - 1);
	uint32_t tag = (uint32_t)(hash >> 32) | 1;
	const uint32_t *tags = m->tag + set * LW_MEMO_WAYS;

	for (unsigned w = 0; w < LW_MEMO_WAYS; w++) {
		struct lw_memo_entry *e = &m->entry[set * LW_MEMO_WAYS + w];

		if (tags[w] == tag && lw_memo_is(e, p, n, generation))
			return e;
	}
	return NULL;
}

#endif
