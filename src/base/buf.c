/* SPDX-License-Identifier: Apache-2.0 */
/* The byte buffer. In: bytes. Out: the same bytes in order. Owns its memory and wipes what
 * it gives back, as it may have held message text. */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/buf.h"
#include "base/err.h"

#define CAP_MIN ((size_t)64)

void
lw_wipe(void *p, size_t n)
{
	if (n == 0)
		return;
	memset(p, 0, n);
	/* The bytes are "read" here, so the memset is not dead. */
	__asm__ __volatile__("" : : "r"(p) : "memory");
}

void
lw_buf_init(struct lw_buf *b, size_t max)
{
	memset(b, 0, sizeof(*b));
	b->max = max;
}

void
lw_buf_clear(struct lw_buf *b)
{
	size_t max = b->max;

	if (b->data != NULL)
		lw_wipe(b->data, b->cap);
	free(b->data);
	lw_buf_init(b, max);
}

void
lw_buf_reset(struct lw_buf *b)
{
	if (b->data != NULL)
		lw_wipe(b->data, b->len);
	b->off = 0;
	b->len = 0;
	b->err = LW_OK;
}

/* Move the unread bytes to the front. */
static void
compact(struct lw_buf *b)
{
	size_t left = lw_buf_left(b);

	memmove(b->data, b->data + b->off, left);
	lw_wipe(b->data + left, b->off);
	b->off = 0;
	b->len = left;
}

static int
grow(struct lw_buf *b, size_t need)
{
	size_t cap = b->cap < CAP_MIN ? CAP_MIN : b->cap;
	size_t left = lw_buf_left(b);
	uint8_t *data;

	while (cap < need)
		cap = cap > b->max / 2 ? b->max : cap * 2;
	if (cap > b->max)
		cap = b->max;
	/* Not realloc: what it leaves behind would not be wiped. */
	data = malloc(cap);
	if (data == NULL)
		return LW_ENOMEM;
	if (left > 0)
		memcpy(data, b->data + b->off, left);
	if (b->data != NULL)
		lw_wipe(b->data, b->len);
	free(b->data);
	b->data = data;
	b->cap = cap;
	b->off = 0;
	b->len = left;
	return LW_OK;
}

uint8_t *
lw_buf_reserve(struct lw_buf *b, size_t n)
{
	size_t left = lw_buf_left(b);

	if (b->err != LW_OK)
		return NULL;
	if (n > b->max || left > b->max - n) {
		b->err = LW_ELIMIT;
		return NULL;
	}
	if (b->data != NULL && n <= b->cap - b->len)
		return b->data + b->len;
	if (b->data != NULL && n <= b->cap - left)
		compact(b);
	else
		b->err = grow(b, left + n);
	return b->err == LW_OK ? b->data + b->len : NULL;
}

void
lw_buf_commit(struct lw_buf *b, size_t n)
{
	assert(n <= b->cap - b->len);
	b->len += n;
}

int
lw_buf_put(struct lw_buf *b, const void *p, size_t n)
{
	uint8_t *to = lw_buf_reserve(b, n);

	if (to == NULL)
		return b->err;
	if (n > 0)
		memcpy(to, p, n);
	lw_buf_commit(b, n);
	return LW_OK;
}

int
lw_buf_puts(struct lw_buf *b, const char *z)
{
	return lw_buf_put(b, z, strlen(z));
}

int
lw_buf_putc(struct lw_buf *b, int c)
{
	uint8_t byte = (uint8_t)c;

	return lw_buf_put(b, &byte, 1);
}

int
lw_buf_printf(struct lw_buf *b, const char *fmt, ...)
{
	char *to;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0) {
		if (b->err == LW_OK)
			b->err = LW_EINVAL;
		return b->err;
	}
	/* One more byte for the NUL of vsnprintf; it is not committed. */
	to = (char *)lw_buf_reserve(b, (size_t)n + 1);
	if (to == NULL)
		return b->err;
	va_start(ap, fmt);
	vsnprintf(to, (size_t)n + 1, fmt, ap);
	va_end(ap);
	lw_buf_commit(b, (size_t)n);
	return LW_OK;
}

int
lw_buf_put_u32be(struct lw_buf *b, uint32_t v)
{
	uint8_t be[4] = {
	    (uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v};

	return lw_buf_put(b, be, sizeof(be));
}

void
lw_buf_consume(struct lw_buf *b, size_t n)
{
	assert(n <= lw_buf_left(b));
	b->off += n;
	if (b->off == b->len) {
		/* All read: start over at the front, without a move later. */
		if (b->data != NULL)
			lw_wipe(b->data, b->len);
		b->off = 0;
		b->len = 0;
	}
}
