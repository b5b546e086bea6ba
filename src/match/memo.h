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
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define LW_MEMO_BYTES 32 /* longest raw word that is kept */
#define LW_MEMO_TOKENS 2
#define LW_MEMO_WAYS 4

/* Relative to the word; span and the rest are laid out as in struct lw_mtok. */
struct lw_memo_token {
	uint32_t lexeme;
	uint16_t start, end;
	uint8_t len, how, pos, pad;
};

struct lw_memo_entry {
	uint8_t raw[LW_MEMO_BYTES]; /* zero behind len */
	uint32_t generation;	    /* of the ruleset, low half */
	uint8_t len, positions, ntok, is_single;
	struct lw_memo_token tok[LW_MEMO_TOKENS];
};
_Static_assert(sizeof(struct lw_memo_entry) == 64, "one cache line");

struct lw_memo {
	struct lw_memo_entry *entry; /* NULL: off */
	uint32_t *tag;		     /* of each entry; 0 empty */
	uint8_t *used;		     /* of each set: ways that were asked for lately */
	uint8_t *victim; /* of each set: next way to look at for giving up */
	size_t nsets;	 /* power of two */
	uint64_t secret[2];
	uint64_t mask[LW_MEMO_BYTES + 1][2]; /* of the first 16 bytes, by length */
};

/* words is rounded up to a power of two; 0 gives a memo that is off. 0 or LW_ENOMEM. */
int lw_memo_init(struct lw_memo *m, size_t words);
void lw_memo_clear(struct lw_memo *m);
/* A raw word as the memo sees it. */
struct lw_memo_key {
	uint64_t lo, hi; /* the first 16 bytes, zero behind the word */
	uint64_t hash;
	uint32_t n, generation;
};

static inline uint64_t
lw_memo_load(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* n in 1..LW_MEMO_BYTES; 32 bytes are readable at p. */
static inline struct lw_memo_key
lw_memo_key(const struct lw_memo *m, const uint8_t *p, uint32_t n, uint32_t generation)
{
	struct lw_memo_key k = {.lo = lw_memo_load(p) & m->mask[n][0],
	    .hi = lw_memo_load(p + 8) & m->mask[n][1],
	    .n = n,
	    .generation = generation};
	uint64_t rest = (uint64_t)generation << 8 | n;
	unsigned __int128 v;

	if (n > 16) {
		rest ^= lw_memo_load(p + n - 8) * UINT64_C(0x9fb21c651e98df25);
		rest ^= lw_memo_load(p + n - 16) >> 7;
	}
	v = (unsigned __int128)(k.lo ^ m->secret[0]) * (k.hi ^ rest ^ m->secret[1]);
	k.hash = (uint64_t)v ^ (uint64_t)(v >> 64);
	return k;
}

static inline bool
lw_memo_is(const struct lw_memo_entry *e, const struct lw_memo_key *k, const uint8_t *p)
{
	uint64_t differs = (lw_memo_load(e->raw) ^ k->lo) |
			   (lw_memo_load(e->raw + 8) ^ k->hi) | (e->len ^ k->n) |
			   (e->generation ^ k->generation);

	return differs == 0 &&
	       (k->n <= 16 || memcmp(e->raw + 16, p + 16, k->n - 16) == 0);
}

/* Where the tags of this word's set are, into the cache. */
static inline void
lw_memo_fetch(const struct lw_memo *m, const struct lw_memo_key *k)
{
	__builtin_prefetch(m->tag + ((size_t)k->hash & (m->nsets - 1)) * LW_MEMO_WAYS);
}

/* The entry whose tag fits, or NULL: not yet known to be this word's. */
static inline struct lw_memo_entry *
lw_memo_guess(struct lw_memo *m, const struct lw_memo_key *k)
{
	size_t set = (size_t)k->hash & (m->nsets - 1);
	uint32_t tag = (uint32_t)(k->hash >> 32) | 1;
	const uint32_t *t = m->tag + set * LW_MEMO_WAYS;
	unsigned fits, way;

#ifdef __SSE2__
	fits = (unsigned)_mm_movemask_ps(_mm_castsi128_ps(_mm_cmpeq_epi32(
	    _mm_loadu_si128((const __m128i *)(const void *)t), _mm_set1_epi32((int)tag))));
#else
	fits = (unsigned)(t[0] == tag) | (unsigned)(t[1] == tag) << 1 |
	       (unsigned)(t[2] == tag) << 2 | (unsigned)(t[3] == tag) << 3;
#endif
	if (fits == 0)
		return NULL;
	way = (unsigned)__builtin_ctz(fits);
	m->used[set] |= (uint8_t)fits;
	return &m->entry[set * LW_MEMO_WAYS + way];
}

/* The entry to fill for this word, of which all but its tokens is filled. */
struct lw_memo_entry *lw_memo_replace(
    struct lw_memo *m, const struct lw_memo_key *k, const uint8_t *p);

#endif
