/* SPDX-License-Identifier: Apache-2.0 */
/* Facts about people and pairs: keyed hash in, eight bits out. Owns its buckets. */
#include "window/facts.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"

/* An entry is 56 bits of the hash over 8 bits of fact; 0 is free. */
static uint64_t
name_of(struct lw_id128 id)
{
	uint64_t h = (id.lo >> 8) << 8;

	return h == 0 ? 1u << 8 : h;
}

static uint64_t *
bucket_of(const struct lw_facts *f, uint64_t name)
{
	size_t i = (name >> 8) & (f->nbuckets - 1);

	return f->e + i * LW_FACTS_WAYS;
}

void
lw_facts_init(struct lw_facts *f, uint32_t max_buckets)
{
	memset(f, 0, sizeof(*f));
	f->max_buckets = max_buckets;
}

void
lw_facts_clear(struct lw_facts *f)
{
	free(f->e);
	lw_facts_init(f, f->max_buckets);
}

/* Bring way i to the front of its bucket. */
static void
use(uint64_t *bucket, unsigned i)
{
	uint64_t e = bucket[i];

	memmove(bucket + 1, bucket, i * sizeof(*bucket));
	bucket[0] = e;
}

static int
find(const uint64_t *bucket, uint64_t name)
{
	for (int i = 0; i < LW_FACTS_WAYS; i++)
		if ((bucket[i] & ~UINT64_C(0xff)) == name)
			return i;
	return -1;
}

uint8_t
lw_facts_get(struct lw_facts *f, struct lw_id128 id)
{
	uint64_t name = name_of(id), *b;
	int i;

	if (f->nbuckets == 0)
		return 0;
	b = bucket_of(f, name);
	i = find(b, name);
	if (i < 0)
		return 0;
	use(b, (unsigned)i);
	return (uint8_t)b[0];
}

uint8_t
lw_facts_peek(const struct lw_facts *f, struct lw_id128 id)
{
	uint64_t name = name_of(id), *b;
	int i;

	if (f->nbuckets == 0)
		return 0;
	b = bucket_of(f, name);
	i = find(b, name);
	return i < 0 ? 0 : (uint8_t)b[i];
}

/* Twice the buckets; each old one splits by the next bit of the hash, in order. */
static int
grow(struct lw_facts *f)
{
	uint32_t old = f->nbuckets, n = old == 0 ? LW_FACTS_MIN : old * 2;
	uint64_t *e = calloc((size_t)n * LW_FACTS_WAYS, sizeof(*e));

	if (e == NULL)
		return LW_ENOMEM;
	for (uint32_t b = 0; b < old; b++) {
		uint64_t *lo = e + (size_t)b * LW_FACTS_WAYS;
		uint64_t *hi = e + (size_t)(b + old) * LW_FACTS_WAYS;

		for (unsigned w = 0; w < LW_FACTS_WAYS; w++) {
			uint64_t v = f->e[(size_t)b * LW_FACTS_WAYS + w];

			if (v == 0)
				continue;
			if ((v >> 8 & old) != 0)
				*hi++ = v;
			else
				*lo++ = v;
		}
	}
	free(f->e);
	f->e = e;
	f->nbuckets = n;
	f->bytes = (size_t)n * LW_FACTS_WAYS * sizeof(*e);
	return 0;
}

/* The way of a name, or a free one; -1 when its bucket is full of others. */
static int
place(const uint64_t *bucket, uint64_t name)
{
	int i = find(bucket, name);

	return i >= 0 ? i : find(bucket, 0);
}

int
lw_facts_put(struct lw_facts *f, struct lw_id128 id, uint8_t bits)
{
	uint64_t name = name_of(id), *b = NULL;
	int i = -1, rc;

	/* Nobody is forgotten while there may be more buckets. */
	if (f->nbuckets == 0 && (rc = grow(f)) != 0)
		return rc;
	while ((i = place(b = bucket_of(f, name), name)) < 0 &&
	       f->nbuckets < f->max_buckets)
		if ((rc = grow(f)) != 0)
			return rc;
	if (i < 0)
		i = LW_FACTS_WAYS - 1; /* forget the one used longest ago */
	else if (b[i] == 0)
		f->live++;
	b[i] = name | bits;
	use(b, (unsigned)i);
	return 0;
}

void
lw_facts_save(const struct lw_facts *f, struct lw_buf *out)
{
	lw_enc_u32(out, f->nbuckets);
	for (size_t i = 0; i < (size_t)f->nbuckets * LW_FACTS_WAYS; i++)
		lw_enc_u64(out, f->e[i]);
}

int
lw_facts_load(struct lw_facts *f, struct lw_dec *d)
{
	uint32_t n = lw_dec_count(d, f->max_buckets, LW_FACTS_WAYS * 8);

	if (d->bad || (n & (n - 1)) != 0 || (n > 0 && n < LW_FACTS_MIN))
		return LW_EINVAL;
	if (n == 0)
		return 0;
	f->e = calloc((size_t)n * LW_FACTS_WAYS, sizeof(*f->e));
	if (f->e == NULL)
		return LW_ENOMEM;
	f->nbuckets = n;
	f->bytes = (size_t)n * LW_FACTS_WAYS * sizeof(*f->e);
	for (size_t i = 0; i < (size_t)n * LW_FACTS_WAYS; i++) {
		uint64_t v = lw_dec_u64(d);

		f->e[i] = v;
		if (v == 0)
			continue;
		if (bucket_of(f, v) != f->e + i / LW_FACTS_WAYS * LW_FACTS_WAYS ||
		    (v >> 8) == 0)
			return LW_EINVAL;
		f->live++;
	}
	return d->bad ? LW_EINVAL : 0;
}
