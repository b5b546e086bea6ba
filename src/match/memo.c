/* SPDX-License-Identifier: Apache-2.0 */
/* Storage of the word memo. In: a size. Out: a table with a random key, so that nobody can
 * choose words that share a set. Owner: one matcher. */
#include <stdlib.h>
#include <sys/random.h>
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "match/memo.h"

#define WORDS_MAX ((size_t)1 << 24)

int
lw_memo_init(struct lw_memo *m, size_t words)
{
	size_t nsets = 1;

	*m = (struct lw_memo){0};
	if (words == 0)
		return 0;
	if (words > WORDS_MAX)
		words = WORDS_MAX;
	while (nsets * LW_MEMO_WAYS < words)
		nsets *= 2;
	m->nsets = nsets;
	m->entry = aligned_alloc(64, nsets * LW_MEMO_WAYS * sizeof(*m->entry));
	m->tag = calloc(nsets * LW_MEMO_WAYS, sizeof(*m->tag));
	m->used = calloc(nsets, 1);
	m->victim = calloc(nsets, 1);
	if (m->entry == NULL || m->tag == NULL || m->used == NULL || m->victim == NULL) {
		lw_memo_clear(m);
		return LW_ENOMEM;
	}
	memset(m->entry, 0, nsets * LW_MEMO_WAYS * sizeof(*m->entry));
	if (getrandom(m->secret, sizeof(m->secret), GRND_NONBLOCK) != sizeof(m->secret))
		m->secret[0] = lw_clock_mono_ns() * UINT64_C(0x9e3779b97f4a7c15);
	m->secret[1] |= UINT64_C(1) << 63;
	for (unsigned n = 1; n <= LW_MEMO_BYTES; n++) {
		m->mask[n][0] = n < 8 ? ~UINT64_C(0) >> (64 - 8 * n) : ~UINT64_C(0);
		m->mask[n][1] = n <= 8	 ? 0
				: n < 16 ? ~UINT64_C(0) >> (128 - 8 * n)
					 : ~UINT64_C(0);
	}
	return 0;
}

void
lw_memo_clear(struct lw_memo *m)
{
	if (m->entry != NULL)
		lw_wipe(m->entry, m->nsets * LW_MEMO_WAYS * sizeof(*m->entry));
	free(m->entry);
	free(m->tag);
	free(m->used);
	free(m->victim);
	*m = (struct lw_memo){0};
}

struct lw_memo_entry *
lw_memo_replace(struct lw_memo *m, const struct lw_memo_key *k, const uint8_t *p)
{
	size_t set = (size_t)k->hash & (m->nsets - 1);
	uint32_t tag = (uint32_t)(k->hash >> 32) | 1, *tags = m->tag + set * LW_MEMO_WAYS;
	struct lw_memo_entry *e;
	unsigned way = 0;

	/* A tag stands once in its set; else the next way that was not asked for lately. */
	while (way < LW_MEMO_WAYS && tags[way] != tag)
		way++;
	if (way == LW_MEMO_WAYS) {
		if (m->used[set] == (1u << LW_MEMO_WAYS) - 1)
			m->used[set] = 0;
		do
			way = m->victim[set]++ % LW_MEMO_WAYS;
		while ((m->used[set] >> way) & 1);
	}
	tags[way] = tag;
	e = &m->entry[set * LW_MEMO_WAYS + way];
	memset(e, 0, sizeof(*e));
	memcpy(e->raw, p, k->n);
	e->len = (uint8_t)k->n;
	e->generation = k->generation;
	return e;
}
