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
	m->victim = calloc(nsets, 1);
	if (m->entry == NULL || m->tag == NULL || m->victim == NULL) {
		lw_memo_clear(m);
		return LW_ENOMEM;
	}
	memset(m->entry, 0, nsets * LW_MEMO_WAYS * sizeof(*m->entry));
	if (getrandom(m->key, sizeof(m->key), GRND_NONBLOCK) != sizeof(m->key))
		m->key[0] = lw_clock_mono_ns() * UINT64_C(0x9e3779b97f4a7c15);
	m->key[1] |= UINT64_C(1) << 63;
	return 0;
}

void
lw_memo_clear(struct lw_memo *m)
{
	if (m->entry != NULL)
		lw_wipe(m->entry, m->nsets * LW_MEMO_WAYS * sizeof(*m->entry));
	free(m->entry);
	free(m->tag);
	free(m->victim);
	*m = (struct lw_memo){0};
}

struct lw_memo_entry *
lw_memo_replace(
    struct lw_memo *m, uint64_t hash, uint64_t generation, const uint8_t *p, size_t n)
{
	size_t set = (size_t)hash & (m->nsets - 1);
	unsigned way = m->victim[set]++ % LW_MEMO_WAYS;
	struct lw_memo_entry *e = &m->entry[set * LW_MEMO_WAYS + way];

	m->tag[set * LW_MEMO_WAYS + way] = (uint32_t)(hash >> 32) | 1;
	memset(e, 0, sizeof(*e));
	memcpy(e->raw, p, n);
	e->len = (uint8_t)n;
	e->generation = generation;
	return e;
}
