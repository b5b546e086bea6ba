/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of saved state: values in, little-endian bytes out, and back with every bound
 * checked. Owns nothing. */
#include "window/codec.h"

#include <math.h>
#include <string.h>

static void
put_le(struct lw_buf *b, uint64_t v, size_t n)
{
	uint8_t tmp[8];

	for (size_t i = 0; i < n; i++)
		tmp[i] = (uint8_t)(v >> (8 * i));
	(void)lw_buf_put(b, tmp, n);
}

void
lw_enc_u8(struct lw_buf *b, unsigned v)
{
	put_le(b, v, 1);
}

void
lw_enc_u16(struct lw_buf *b, unsigned v)
{
	put_le(b, v, 2);
}

void
lw_enc_u32(struct lw_buf *b, uint32_t v)
{
	put_le(b, v, 4);
}

void
lw_enc_u64(struct lw_buf *b, uint64_t v)
{
	put_le(b, v, 8);
}

void
lw_enc_f64(struct lw_buf *b, double v)
{
	uint64_t bits;

	memcpy(&bits, &v, sizeof(bits));
	put_le(b, bits, 8);
}

void
lw_enc_f32(struct lw_buf *b, float v)
{
	uint32_t bits;

	memcpy(&bits, &v, sizeof(bits));
	put_le(b, bits, 4);
}

void
lw_enc_id(struct lw_buf *b, struct lw_id128 v)
{
	put_le(b, v.hi, 8);
	put_le(b, v.lo, 8);
}

void
lw_enc_str(struct lw_buf *b, struct lw_str s)
{
	put_le(b, s.n, 4);
	if (s.n > 0)
		(void)lw_buf_put(b, s.p, s.n);
}

void
lw_dec_init(struct lw_dec *d, struct lw_str s)
{
	d->p = (const uint8_t *)s.p;
	d->n = s.p != NULL ? s.n : 0;
	d->bad = false;
}

static uint64_t
get_le(struct lw_dec *d, size_t n)
{
	uint64_t v = 0;

	if (d->bad || d->n < n) {
		d->bad = true;
		return 0;
	}
	for (size_t i = 0; i < n; i++)
		v |= (uint64_t)d->p[i] << (8 * i);
	d->p += n;
	d->n -= n;
	return v;
}

uint8_t
lw_dec_u8(struct lw_dec *d)
{
	return (uint8_t)get_le(d, 1);
}

uint16_t
lw_dec_u16(struct lw_dec *d)
{
	return (uint16_t)get_le(d, 2);
}

uint32_t
lw_dec_u32(struct lw_dec *d)
{
	return (uint32_t)get_le(d, 4);
}

uint64_t
lw_dec_u64(struct lw_dec *d)
{
	return get_le(d, 8);
}

double
lw_dec_f64(struct lw_dec *d)
{
	uint64_t bits = get_le(d, 8);
	double v;

	memcpy(&v, &bits, sizeof(v));
	if (!isfinite(v)) {
		d->bad = true;
		return 0;
	}
	return v;
}

float
lw_dec_f32(struct lw_dec *d)
{
	uint32_t bits = (uint32_t)get_le(d, 4);
	float v;

	memcpy(&v, &bits, sizeof(v));
	if (!isfinite(v)) {
		d->bad = true;
		return 0;
	}
	return v;
}

struct lw_id128
lw_dec_id(struct lw_dec *d)
{
	struct lw_id128 id;

	id.hi = get_le(d, 8);
	id.lo = get_le(d, 8);
	return id;
}

struct lw_str
lw_dec_str(struct lw_dec *d, size_t max)
{
	size_t n = (size_t)get_le(d, 4);
	struct lw_str s = {NULL, 0};

	if (d->bad || n > max || n > d->n) {
		d->bad = true;
		return s;
	}
	s.p = (const char *)d->p;
	s.n = n;
	d->p += n;
	d->n -= n;
	return s;
}

uint32_t
lw_dec_count(struct lw_dec *d, uint32_t max, size_t each)
{
	uint32_t n = lw_dec_u32(d);

	if (d->bad || n > max || (each > 0 && n > d->n / each)) {
		d->bad = true;
		return 0;
	}
	return n;
}
