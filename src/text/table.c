/* SPDX-License-Identifier: Apache-2.0 */
/* Builds the fold table: every code point's derived fold in, deduplicated blocks out.
 * Owner of the one table of the process. */
#include <stdlib.h>
#include "base/err.h"
#include "text/derive.h"
#include "text/fold.h"
#include "text/table.h"

#define BLOCK_SLOTS 8192 /* hash tables of the build; both are at most half full */
#define POOL_SLOTS 65536
#define POOL_SLACK 4	    /* bytes that may be read behind an expansion */
#define SECOND_MAX 0x20000u /* nothing above composes */

/* What the build alone needs. */
struct builder {
	struct lw_text_table *t;
	struct lw_deriver *d;
	uint16_t *block_slot; /* block number + 1 */
	uint32_t *pool_slot;  /* entry bits of an expansion, 0 free */
	size_t pool_used;
	uint8_t second[SECOND_MAX / 8]; /* bit: second half of some composition */
};

const struct lw_text_table *lw_text_table;

static struct lw_text_table *
owned(void)
{
	static struct lw_text_table table;

	return &table;
}

static uint32_t
mix(uint32_t h, const void *p, size_t n)
{
	const uint8_t *b = p;

	while (n-- > 0)
		h = (h ^ *b++) * 16777619u;
	return h;
}

static int
pairs_add(struct lw_text_table *t, struct lw_text_pair pair)
{
	struct lw_text_pair *v;
	size_t cap;

	if (t->npairs == t->pairs_cap) {
		cap = t->pairs_cap != 0 ? t->pairs_cap * 2 : 64;
		if ((v = realloc(t->pairs, cap * sizeof(*v))) == NULL)
			return LW_ENOMEM;
		t->pairs = v;
		t->pairs_cap = cap;
	}
	t->pairs[t->npairs++] = pair;
	return 0;
}

static int
pair_cmp(const void *va, const void *vb)
{
	const struct lw_text_pair *x = va, *y = vb;

	if (x->a != y->a)
		return x->a < y->a ? -1 : 1;
	return (x->b > y->b) - (x->b < y->b);
}

/* Hangul is composed by arithmetic (Unicode, section 3.12), the rest by table. */
uint32_t
lw_text_compose(const struct lw_text_table *t, uint32_t a, uint32_t b)
{
	struct lw_text_pair key = {.a = a, .b = b}, *hit;

	if (a - 0x1100 < 19 && b - 0x1161 < 21)
		return 0xac00 + ((a - 0x1100) * 21 + (b - 0x1161)) * 28;
	if (a - 0xac00 < 11172 && (a - 0xac00) % 28 == 0 && b - 0x11a8 < 27)
		return a + (b - 0x11a7);
	hit = bsearch(&key, t->pairs, t->npairs, sizeof(key), pair_cmp);
	return hit != NULL ? hit->c : 0;
}

/* Place of an expansion in the pool, as the bits of an entry. */
static int
pool_put(struct builder *b, const uint8_t *p, size_t n, uint32_t *bits)
{
	struct lw_text_table *t = b->t;
	uint32_t i = mix(2166136261u, p, n) % POOL_SLOTS;
	uint8_t *grown;

	for (; b->pool_slot[i] != 0; i = (i + 1) % POOL_SLOTS) {
		*bits = b->pool_slot[i];
		if (LW_E_LEN(*bits) == n && memcmp(t->pool + LW_E_HIGH(*bits), p, n) == 0)
			return 0;
	}
	if (b->pool_used >= POOL_SLOTS / 2 || t->pool_n + n > LW_E_HIGH_MAX)
		return LW_ELIMIT;
	if (t->pool_n + n + POOL_SLACK > t->pool_cap) {
		if ((grown = realloc(t->pool, t->pool_cap + 16384)) == NULL)
			return LW_ENOMEM;
		t->pool = grown;
		t->pool_cap += 16384;
	}
	memcpy(t->pool + t->pool_n, p, n);
	*bits = (uint32_t)(t->pool_n << 14 | n << 8);
	b->pool_slot[i] = *bits;
	b->pool_used++;
	t->pool_n += n;
	return 0;
}

static int
expansion_put(struct builder *b, const struct lw_derived *f, uint32_t *e)
{
	uint8_t bytes[4 * LW_DERIVED_MAX];
	uint32_t bits = 0;
	size_t n = 0;
	int i, r;

	for (i = 0; i < f->n; i++)
		n += lw_utf8_put(bytes + n, (uint32_t)f->seq[i]);
	/* a complex one may get a space before each code point */
	if (n + (f->complex ? (size_t)f->n : 0) > LW_E_LEN_MAX)
		return LW_ELIMIT;
	if ((r = pool_put(b, bytes, n, &bits)) != 0)
		return r;
	*e = (uint32_t)f->cls | bits | (f->complex ? LW_E_COMPLEX : 0);
	return 0;
}

static int
entry_make(struct builder *b, UChar32 c, uint32_t *e, uint16_t *form)
{
	struct lw_derived f;
	int r, ccc;

	if ((r = lw_derive(b->d, c, &f)) != 0)
		return r;
	*form = lw_derive_form(b->d, c, &f);
	if (f.cls > LW_C_FLAG) {
		*e = (uint32_t)f.cls;
		return 0;
	}
	if (f.n != 1 || f.seq[0] != c)
		return expansion_put(b, &f, e);
	*e = (uint32_t)f.cls | LW_E_IDENT;
	if ((ccc = lw_derive_ccc(c)) > 0)
		*e |= (uint32_t)ccc << 14 | LW_E_MARK;
	if ((uint32_t)c < SECOND_MAX && (b->second[c >> 3] >> (c & 7) & 1) != 0)
		*e |= LW_E_PAIRS;
	return 0;
}

/* Number of a block with this content, added when new. */
static int
block_put(struct builder *b, const uint32_t *fold, const uint16_t *form, uint16_t *number)
{
	struct lw_text_table *t = b->t;
	uint32_t h = mix(2166136261u, fold, LW_T_BLOCK * sizeof(*fold));
	uint32_t i = mix(h, form, LW_T_BLOCK * sizeof(*form)) % BLOCK_SLOTS;
	size_t at, cap;
	void *grown;

	for (; b->block_slot[i] != 0; i = (i + 1) % BLOCK_SLOTS) {
		*number = (uint16_t)(b->block_slot[i] - 1);
		at = (size_t)*number << LW_T_SHIFT;
		if (memcmp(t->fold + at, fold, LW_T_BLOCK * sizeof(*fold)) == 0 &&
		    memcmp(t->form + at, form, LW_T_BLOCK * sizeof(*form)) == 0)
			return 0;
	}
	if (t->nblocks >= BLOCK_SLOTS / 2)
		return LW_ELIMIT;
	if (t->nblocks == t->blocks_cap) {
		cap = t->blocks_cap + 128;
		if ((grown = realloc(t->fold, cap * LW_T_BLOCK * sizeof(*fold))) == NULL)
			return LW_ENOMEM;
		t->fold = grown;
		if ((grown = realloc(t->form, cap * LW_T_BLOCK * sizeof(*form))) == NULL)
			return LW_ENOMEM;
		t->form = grown;
		t->blocks_cap = cap;
	}
	at = t->nblocks << LW_T_SHIFT;
	memcpy(t->fold + at, fold, LW_T_BLOCK * sizeof(*fold));
	memcpy(t->form + at, form, LW_T_BLOCK * sizeof(*form));
	*number = (uint16_t)t->nblocks++;
	b->block_slot[i] = (uint16_t)(*number + 1);
	return 0;
}

/* Planes without a single assigned character, and the private ones. */
static bool
is_blank(uint32_t cp)
{
	return (cp >= 0x40000 && cp < 0xe0000) || cp >= 0xe1000 ||
	       (cp >= 0xd800 && cp < 0xf900);
}

static int
pairs_make(struct builder *b)
{
	struct lw_text_pair pair;
	uint32_t cp;
	int r;

	for (cp = 0; cp < SECOND_MAX; cp++) {
		if (is_blank(cp) || !lw_derive_pair(b->d, (UChar32)cp, &pair))
			continue;
		if ((r = pairs_add(b->t, pair)) != 0)
			return r;
		b->second[pair.b >> 3] |= (uint8_t)(1u << (pair.b & 7));
	}
	for (cp = 0x1161; cp < 0x11c3; cp++) { /* Hangul vowels and finals */
		if (cp < 0x1176 || cp >= 0x11a8)
			b->second[cp >> 3] |= (uint8_t)(1u << (cp & 7));
	}
	qsort(b->t->pairs, b->t->npairs, sizeof(*b->t->pairs), pair_cmp);
	return 0;
}

static int
blocks_make(struct builder *b)
{
	uint32_t fold[LW_T_BLOCK], i, k, cp;
	uint16_t form[LW_T_BLOCK];
	int r;

	for (i = 0; i < LW_T_STAGE1; i++) {
		cp = i << LW_T_SHIFT;
		for (k = 0; k < LW_T_BLOCK; k++) {
			fold[k] = LW_C_SEP;
			form[k] = 0;
			if (!is_blank(cp) && (r = entry_make(b, (UChar32)(cp + k),
						  &fold[k], &form[k])) != 0)
				return r;
		}
		if ((r = block_put(b, fold, form, &b->t->stage1[i])) != 0)
			return r;
	}
	return 0;
}

static void
ascii_make(struct lw_text_table *t)
{
	uint32_t cp, e;

	for (cp = 0; cp < 128; cp++) {
		e = lw_text_entry(t, cp);
		if (LW_E_CLASS(e) > LW_C_FLAG)
			t->ascii[cp] = LW_E_CLASS(e) == LW_C_APOS ? '\'' : ' ';
		else
			t->ascii[cp] =
			    (e & LW_E_IDENT) != 0 ? (uint8_t)cp : t->pool[LW_E_HIGH(e)];
	}
}

int
lw_text_init(void)
{
	struct builder *b;
	int r = LW_ENOMEM;

	if (lw_text_table != NULL)
		return 0;
	if ((b = calloc(1, sizeof(*b))) == NULL)
		return LW_ENOMEM;
	b->t = owned();
	if ((b->block_slot = calloc(BLOCK_SLOTS, sizeof(*b->block_slot))) == NULL ||
	    (b->pool_slot = calloc(POOL_SLOTS, sizeof(*b->pool_slot))) == NULL)
		goto out;
	if ((r = lw_deriver_new(&b->d)) != 0 || (r = pairs_make(b)) != 0 ||
	    (r = blocks_make(b)) != 0)
		goto out;
	ascii_make(b->t);
	lw_text_table = b->t;
out:
	if (r != 0)
		lw_text_exit();
	lw_deriver_free(b->d);
	free(b->block_slot);
	free(b->pool_slot);
	free(b);
	return r;
}

void
lw_text_exit(void)
{
	struct lw_text_table *t = owned();

	lw_text_table = NULL;
	free(t->fold);
	free(t->form);
	free(t->pool);
	free(t->pairs);
	memset(t, 0, sizeof(*t));
}
