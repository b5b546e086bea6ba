/* SPDX-License-Identifier: Apache-2.0 */
/* A rule that matched, and a lexeme that was seen. Offsets are bytes, 0-based, start
 * included, end excluded, in the original text of the current message. */
#ifndef LW_EVENT_HIT_H
#define LW_EVENT_HIT_H

#include <stdint.h>

/* How a lexeme was reached; later means less certain. A hit has its least certain one. */
enum lw_how {
	LW_HOW_EXACT,
	LW_HOW_CONFUSABLE,
	LW_HOW_SKELETON,
	LW_HOW_JOINED,
	LW_HOW_MAX
};

const char *lw_how_name(enum lw_how h);
/* 1.0, 0.9, 0.8, 0.7: factor on a hit's weight. */
double lw_how_confidence(enum lw_how h);

#define LW_HIT_SPANS 12 /* at most one a slot */

struct lw_span {
	uint32_t start, end;
};

struct lw_hit {
	uint32_t rule;	  /* rule id of the process-wide intern table */
	uint8_t how;	  /* enum lw_how */
	uint8_t category; /* enum lw_category */
	uint8_t back; /* how many of the sender's messages before this one it began */
	uint8_t nspans;
	float weight;			    /* the rule's weight times confidence */
	struct lw_span spans[LW_HIT_SPANS]; /* of the slots in this message, ascending */
};

/* A lexeme in a sender's stream. 8 bytes: a window holds 32 of them. */
struct lw_token {
	uint32_t lexeme : 22; /* id of the intern table */
	uint32_t len : 6;     /* words (1), or characters in scripts without spaces */
	uint32_t how : 2;     /* enum lw_how */
	uint32_t first : 1;   /* first word of its message */
	uint32_t last : 1;    /* last word of its message */
	uint16_t pos;	      /* word position in the sender's stream, wraps */
	uint8_t mark;	      /* low byte of the sender's message counter */
	uint8_t pad;
};

#endif
