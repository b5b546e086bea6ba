/* SPDX-License-Identifier: Apache-2.0 */
/* Matching: a message and its sender's ring in, tokens and hits out. */
#ifndef LW_MATCH_MATCH_H
#define LW_MATCH_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/str.h"
#include "event/event.h"
#include "event/hit.h"
#include "pack/pack.h"

#define LW_RING_TOKENS 32
#define LW_RING_MESSAGES 8
#define LW_MATCH_TOKENS_MAX 1024  /* lexemes of one message; further ones are dropped */
#define LW_MATCH_HITS_MAX 64	  /* hits of one message; further ones are dropped */
#define LW_MATCH_CHECKS_MAX 60000 /* steps of phrases for one message; then it stops */
#define LW_MEMO_DEFAULT 65536	  /* words: 4.5 MiB a thread */

/* The last lexemes of one sender to one target: embedded in each window, so small. */
struct lw_ring {
	struct lw_token tok[LW_RING_TOKENS]; /* oldest first from head */
	uint32_t msg_s[LW_RING_MESSAGES];    /* time of message mark%8, s since 1970 */
	uint16_t pos;			     /* words written so far, wraps */
	uint8_t mark;			     /* messages written so far, wraps */
	uint8_t head, n;		     /* n tokens, the oldest at head */
	uint8_t messages;		     /* saturates at 255 */
};

struct lw_match {
	struct lw_token tok[LW_MATCH_TOKENS_MAX]; /* of this message, by position */
	size_t ntok;
	struct lw_hit hit[LW_MATCH_HITS_MAX]; /* by rule id; one a rule */
	size_t nhit;
	uint16_t words; /* length of the message in words (characters where no spaces) */
	bool capped;	/* some bound above was met */
};

/* Stage times in ns, summed; only filled while a bench asks for it. fold_ns: words that the
 * memo did not hold, folded and lexed; lex_ns: the other words; verify_ns: phrases. */
struct lw_match_times {
	uint64_t fold_ns, lex_ns, verify_ns;
};

/* Scratch, memo and buffers of one thread. memo_words 0 turns the memo off; hits are the
 * same whatever its size. */
struct lw_matcher;
int lw_matcher_new(struct lw_matcher **out, size_t memo_words);
void lw_matcher_free(struct lw_matcher *m);
void lw_matcher_timing(
    struct lw_matcher *m, struct lw_match_times *times); /* lent; NULL off */

/* Find tokens and hits of a message after what ring holds (ring NULL: none). Pure: ring
 * is not changed. 0 or LW_ENOMEM, LW_ELIB. */
int lw_match_scan(struct lw_matcher *m, const struct lw_ruleset *rs,
    const struct lw_ring *ring, struct lw_str text, uint64_t ts_ms,
    enum lw_channel channel, struct lw_match *out);

/* Append a message's tokens to the ring: the one way a ring changes, live and in replay. */
void lw_ring_push(struct lw_ring *r, const struct lw_token *tok, size_t ntok,
    uint16_t words, uint64_t ts_ms);

#endif
