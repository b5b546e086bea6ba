/* SPDX-License-Identifier: Apache-2.0 */
/* The lexeme ring: what a sender's last messages held. In: tokens of a message that was
 * scanned. Out: a ring that has them at its end. The one place where a ring changes. */
#include "match/match.h"

static void
drop_oldest(struct lw_ring *r)
{
	r->head = (uint8_t)((r->head + 1) % LW_RING_TOKENS);
	r->n--;
}

void
lw_ring_push(struct lw_ring *r, const struct lw_token *tok, size_t ntok, uint16_t words,
    uint64_t ts_ms)
{
	/* Marks are one byte: what is older than any span goes before they wrap. */
	while (r->n > 0 && (uint8_t)(r->mark - r->tok[r->head % LW_RING_TOKENS].mark) >=
			       LW_RING_MESSAGES)
		drop_oldest(r);
	if (ntok > LW_RING_TOKENS) {
		tok += ntok - LW_RING_TOKENS;
		ntok = LW_RING_TOKENS;
	}
	for (size_t i = 0; i < ntok; i++) {
		if (r->n == LW_RING_TOKENS)
			drop_oldest(r);
		r->tok[(r->head + r->n++) % LW_RING_TOKENS] = tok[i];
	}
	r->msg_s[r->mark % LW_RING_MESSAGES] = (uint32_t)(ts_ms / 1000);
	r->pos = (uint16_t)(r->pos + words);
	r->mark++;
	if (r->messages < UINT8_MAX)
		r->messages++;
}
