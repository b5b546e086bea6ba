/* SPDX-License-Identifier: Apache-2.0 */
/* A second matcher for the differential test, as slow and plain as can be: it cuts the
 * original text by a few rules that hold for its small alphabet, and tries every way through
 * a phrase's tree. It shares no code with the product. */
#ifndef LW_TEST_REFERENCE_H
#define LW_TEST_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REF_NODES 512
#define REF_MESSAGES 64
#define REF_POSITIONS 48 /* of one message */
#define REF_SPANS 16
#define REF_WAYS 64

enum ref_kind {
	REF_SEQ,
	REF_ALT,
	REF_OPT,
	REF_WORD,    /* text */
	REF_STEM,    /* text: beginning */
	REF_LITERAL, /* text: characters of a script without spaces */
	REF_LIST,    /* kids: entries, each a SEQ */
	REF_GAP,
	REF_FIRST,
	REF_LAST
};

struct ref_node {
	enum ref_kind kind;
	char text[16];
	unsigned gap;
	int kid, next; /* index; -1 none */
};

struct ref_phrase {
	struct ref_node node[REF_NODES];
	int n, root;
};

/* A word or a character of a script without spaces. */
struct ref_unit {
	char text[16];
	unsigned start, end;	 /* bytes of the message */
	bool is_char, is_joined; /* joined: no separator before it in a run */
};

struct ref_message {
	struct ref_unit unit[REF_POSITIONS];
	int n;
	uint32_t time_s;
};

/* The best match: latest start, then earliest end, and all ways to have these. */
struct ref_match {
	bool is_found;
	int start, end; /* positions over all messages */
	int back;
	struct {
		unsigned start[REF_SPANS], end[REF_SPANS];
		int n;
	} way[REF_WAYS];
	int nways;
};

void ref_cut(struct ref_message *m, const char *text, uint32_t time_s);
/* Best match of a phrase in messages[0..n), the last one being the current one, that begins
 * at most `back` messages before it. */
void ref_find(const struct ref_phrase *p, const struct ref_message *messages, int n,
    int back, struct ref_match *best);
/* Is the phrase anywhere in messages[from..n)? */
bool ref_is_in(
    const struct ref_phrase *p, const struct ref_message *messages, int from, int n);

#endif
