/* SPDX-License-Identifier: Apache-2.0 */
/* Bounded growing byte buffer with a read offset. A failed append sets a sticky error and
 * changes nothing, so a writer may append many things and test once. */
#ifndef LW_BASE_BUF_H
#define LW_BASE_BUF_H

#include <stdint.h>
#include <stddef.h>
#include "base/str.h"

struct lw_buf {
	uint8_t *data; /* owned */
	size_t off;    /* first unread byte */
	size_t len;    /* end of the written bytes; off <= len <= cap <= max */
	size_t cap, max;
	int err; /* 0, LW_ENOMEM or LW_ELIMIT */
};

void lw_buf_init(struct lw_buf *b, size_t max);
void lw_buf_clear(struct lw_buf *b); /* wipes, frees, leaves an empty buffer */
void lw_buf_reset(struct lw_buf *b); /* wipes the content, keeps the memory, clears err */
static inline size_t
lw_buf_left(const struct lw_buf *b)
{
	return b->len - b->off;
}
/* Never NULL, even before the first append. */
static inline const uint8_t *
lw_buf_peek(const struct lw_buf *b)
{
	return b->data != NULL ? b->data + b->off : (const uint8_t *)"";
}
/* Room for n more bytes at the end; the pointer is lent until the next call. NULL on
 * failure (err is set). Commit what was written with lw_buf_commit. */
uint8_t *lw_buf_reserve(struct lw_buf *b, size_t n);
void lw_buf_commit(struct lw_buf *b, size_t n);
int lw_buf_put(struct lw_buf *b, const void *p, size_t n);
int lw_buf_puts(struct lw_buf *b, const char *z);
int lw_buf_putc(struct lw_buf *b, int c);
int lw_buf_printf(struct lw_buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
int lw_buf_put_u32be(struct lw_buf *b, uint32_t v);
void lw_buf_consume(struct lw_buf *b, size_t n); /* n <= lw_buf_left */
/* Overwrite memory in a way that the compiler may not drop. */
void lw_wipe(void *p, size_t n);

#endif
