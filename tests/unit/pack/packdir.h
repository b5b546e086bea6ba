/* SPDX-License-Identifier: Apache-2.0 */
/* Packs for tests, written into a folder below the build's current directory. */
#ifndef LW_TEST_PACKDIR_H
#define LW_TEST_PACKDIR_H

#include <stddef.h>
#include "conf/diag.h"
#include "pack/pack.h"

struct packdir {
	char root[128]; /* temporary folder */
	char dir[192];	/* root/test-en: the pack */
};

/* A pack with a manifest and a model, without rules. */
void packdir_init(struct packdir *p, const char *id);
/* Write or replace a file of the pack, such as rules/a.yaml. */
void packdir_put(const struct packdir *p, const char *name, const char *text);
void packdir_put_n(const struct packdir *p, const char *name, const char *text, size_t n);
void packdir_clear(struct packdir *p);

/* Text of one rule; keys is YAML of the rule's own keys, each line indented by two. Its
 * examples are placeholders: loading does not run them. */
void packdir_rule(char *to, size_t size, const char *id, const char *keys);

/* Load one pack that must be fine; fails the test with its diagnostics when it is not. */
struct lw_ruleset *packdir_load(const struct packdir *p, struct lw_intern *intern);
/* Load one pack that must be refused; true when a diagnostic holds `text` (and stands at
 * line:col, unless they are 0). */
bool packdir_refused(
    const struct packdir *p, const char *text, unsigned line, unsigned col);

#endif
