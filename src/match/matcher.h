/* SPDX-License-Identifier: Apache-2.0 */
/* Private to the room: a thread's matcher and what its files hand to each other. One scan
 * goes words (split, memo, lex, join) -> tokens -> phrases (verify) and regexes -> hits. */
#ifndef LW_MATCH_MATCHER_H
#define LW_MATCH_MATCHER_H

#include <hs.h>
#include <stdbool.h>
#include <stdint.h>
#include "event/event.h"
#include "match/match.h"
#include "match/memo.h"
#include "pack/program.h"
#include "text/fold.h"

#define LW_NODES_MAX 4096 /* partial matches of one verification */
#define LW_PLACES 1024	  /* power of two; positions so far apart share filters */
#define LW_PLACES_PAD 8	  /* LW_SIGHT_GAPS and more */
#define LW_WORDS_AHEAD 16 /* words that are asked for before the first is used */
#define LW_RUN_MAX 256	  /* letters that are joined at a time */
#define LW_FOUND_MAX 4096 /* reports of one library scan that are looked at */
#define LW_CANDIDATES_MAX 512

/* A token while it is worked on: positions are relative to the current message's start, so
 * those of the ring are negative. */
struct lw_mtok {
	int32_t pos;
	uint32_t lexeme;
	uint16_t start, end; /* bytes of the current message */
	uint8_t len, how, back;
	uint8_t flags; /* LW_SLOT_FIRST, LW_SLOT_LAST */
};
_Static_assert(LW_EVENT_TEXT_MAX <= UINT16_MAX, "offsets of a message fit");

struct lw_found {
	uint32_t pat, to;
};

/* A raw word, trimmed, and how the memo knows it. */
struct lw_raw_word {
	uint32_t start, end;
	struct lw_memo_key key;
};

/* Words on their way through the memo: it is large, and to wait for one entry at a time
 * would cost more than all the rest. */
struct lw_word_queue {
	struct lw_raw_word w[LW_WORDS_AHEAD];
	struct lw_memo_entry *guess[LW_WORDS_AHEAD];
	unsigned n;
};

/* A single letter between separators. */
struct lw_letter {
	uint32_t pos, start, end;
};

struct lw_node {
	uint16_t tok, parent;
	uint8_t cost; /* least certain `how` on the way to the anchor */
};

/* The best match of a rule so far. */
struct lw_candidate {
	uint32_t rule; /* index in the ruleset */
	int32_t start, end;
	uint8_t how, back, nspans;
	bool is_silenced;
	struct lw_span spans[LW_HIT_SPANS];
};

struct lw_matcher {
	/* Library. */
	hs_scratch_t *scratch;
	uint64_t ready[4]; /* generations that scratch is large enough for */
	unsigned ready_next;
	struct lw_match_times *times;

	/* The message. */
	uint8_t *text;	/* LW_TEXT_PAD readable bytes on both sides */
	uint32_t words; /* positions so far */
	bool capped, is_unsorted;
	struct lw_memo memo;
	struct lw_word_queue queue;
	uint32_t memo_bytes; /* longest word to ask it for; 0: it is off */

	/* Tokens: the ring's end at LW_RING_TOKENS, this message's begin there. */
	struct lw_mtok tok[LW_RING_TOKENS + LW_MATCH_TOKENS_MAX];
	uint32_t ring0, ntok; /* tok[ring0 .. LW_RING_TOKENS + ntok) */
	uint32_t len_max;     /* longest token among them */

	/* Lexing of what the memo does not hold. */
	struct lw_folded folded;
	uint8_t *lex; /* words with spaces between, padded */
	uint32_t *lex_src, *lex_pos;
	size_t lex_cap;
	struct lw_found found[LW_FOUND_MAX];
	uint32_t nfound;
	struct lw_letter run[LW_RUN_MAX + 1];
	uint32_t nrun;

	/* Verification. */
	/* Filters of the lexemes that begin at a position, and that end right before it; all
	 * zero between verifications, but for the pads: they are all ones. */
	uint64_t begin[LW_PLACES_PAD + LW_PLACES + LW_PLACES_PAD];
	uint64_t end[LW_PLACES_PAD + LW_PLACES + LW_PLACES_PAD];
	uint16_t anchor[LW_RING_TOKENS + LW_MATCH_TOKENS_MAX];
	uint16_t first_of_back[LW_RING_MESSAGES]; /* first token at most so many messages back */
	uint32_t age_s[LW_RING_MESSAGES];
	uint32_t checks;
	struct lw_node node[LW_NODES_MAX];
	struct lw_candidate candidate[LW_CANDIDATES_MAX];
	uint32_t ncandidates;
	uint16_t *candidate_of; /* by rule index: candidate + 1 */
	size_t candidate_of_n;
};

/* What one raw word became: tokens relative to its first position and byte. */
struct lw_lexed {
	uint32_t positions;
	uint32_t ntok;
	bool is_single, has_letters; /* one letter by itself; letters among several words */
	struct lw_mtok tok[LW_MEMO_TOKENS]; /* the first ones, for the memo */
};

static inline void
lw_matcher_push(struct lw_matcher *m, const struct lw_mtok *t)
{
	struct lw_mtok *to = &m->tok[LW_RING_TOKENS + m->ntok];

	if (m->ntok == LW_MATCH_TOKENS_MAX) {
		m->capped = true;
		return;
	}
	if (m->ntok > 0 && (t->pos < to[-1].pos ||
			       (t->pos == to[-1].pos && t->lexeme <= to[-1].lexeme)))
		m->is_unsorted = true;
	*to = *t;
	m->ntok++;
}

/* lex.c: lex text[start..end) into tokens; *out says what the memo may keep. */
int lw_lex_word(struct lw_matcher *m, const struct lw_ruleset *rs, uint32_t start,
    uint32_t end, struct lw_lexed *out);
/* Reports of db over p[0..n) in m->found; p must be padded. */
int lw_lex_scan(struct lw_matcher *m, const hs_database_t *db, const uint8_t *p, size_t n);

/* join.c: the letters of m->run as words, when they are three or more. Empties the run. */
int lw_join_run(struct lw_matcher *m, const struct lw_ruleset *rs);

static inline int
lw_join_letter(struct lw_matcher *m, const struct lw_ruleset *rs, uint32_t pos,
    uint32_t start, uint32_t end)
{
	m->run[m->nrun++] = (struct lw_letter){pos, start, end};
	return m->nrun == LW_RUN_MAX ? lw_join_run(m, rs) : 0;
}

/* A word that is no letter by itself. */
static inline int
lw_join_break(struct lw_matcher *m, const struct lw_ruleset *rs)
{
	if (m->nrun >= LW_JOIN_CHARS_MIN)
		return lw_join_run(m, rs);
	m->nrun = 0;
	return 0;
}

/* words.c: all tokens of m->text[0..n), in two halves: between them what the memo holds is
 * on its way, and there is time for something else. */
int lw_words_split(struct lw_matcher *m, const struct lw_ruleset *rs, size_t n);
int lw_words_take(struct lw_matcher *m, const struct lw_ruleset *rs);

/* verify.c: candidates of all phrases; then those that an `unless` silences. */
void lw_verify_phrases(
    struct lw_matcher *m, const struct lw_ruleset *rs, unsigned channel);
void lw_verify_silencers(struct lw_matcher *m, const struct lw_ruleset *rs, unsigned back);
/* Does any candidate need the silencers, and how many messages back? -1: none. */
int lw_verify_wants(const struct lw_matcher *m, const struct lw_ruleset *rs);
/* The rule's candidate, or a new one with *is_new; NULL at the cap. */
struct lw_candidate *lw_match_candidate(struct lw_matcher *m, uint32_t rule, bool *is_new);
bool lw_match_is_in_channel(const struct lw_rule *rule, unsigned channel);

/* regex.c: candidates of all regexes over m->text[0..n). */
int lw_match_regexes(
    struct lw_matcher *m, const struct lw_ruleset *rs, size_t n, unsigned channel);

#endif
