/* SPDX-License-Identifier: Apache-2.0 */
/* Random phrases and messages over a small alphabet, for the differential test. */
#ifndef LW_TEST_GENERATE_H
#define LW_TEST_GENERATE_H

#include <stddef.h>
#include <stdint.h>
#include "reference.h"

#define GEN_LISTS 3
#define GEN_ENTRIES 5

struct gen {
	uint64_t state;
	/* Entries of lists, as text; each is one or two words. */
	char entry[GEN_LISTS][GEN_ENTRIES][32];
	int nentries[GEN_LISTS];
};

uint32_t gen_random(struct gen *g, uint32_t below);
void gen_lists(struct gen *g);
/* A phrase as tree and as text; both say the same. */
void gen_phrase(struct gen *g, struct ref_phrase *p, char *text, size_t size);
void gen_message(struct gen *g, char *text, size_t size);

#endif
