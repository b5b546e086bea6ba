/* SPDX-License-Identifier: Apache-2.0 */
/* Drives a matcher for tests. In: rules and messages. Out: hits. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "matching.h"

void
matching_init(struct matching *t)
{
	memset(t, 0, sizeof(*t));
	packdir_init(&t->dir, "test-en");
	t->intern = lw_intern_new();
	assert_non_null(t->intern);
	assert_int_equal(lw_matcher_new(&t->m, 64), 0);
	t->out = calloc(1, sizeof(*t->out));
	assert_non_null(t->out);
	t->now_ms = UINT64_C(1700000000000);
}

void
matching_rule(struct matching *t, const char *name, const char *keys)
{
	size_t n = strlen(t->yaml);
	char id[64];

	snprintf(id, sizeof(id), "en.test.%s", name);
	packdir_rule(t->yaml + n, sizeof(t->yaml) - n, id, keys);
}

void
matching_load(struct matching *t)
{
	packdir_put(&t->dir, "rules/a.yaml", t->yaml[0] != '\0' ? t->yaml : "[]\n");
	lw_ruleset_unref(t->rs);
	t->rs = packdir_load(&t->dir, t->intern);
}

void
matching_forget_rules(struct matching *t)
{
	t->yaml[0] = '\0';
}

void
matching_clear(struct matching *t)
{
	packdir_clear(&t->dir);
	lw_ruleset_unref(t->rs);
	lw_matcher_free(t->m);
	lw_intern_free(t->intern);
	free(t->out);
}

void
matching_say_n(struct matching *t, const char *text, size_t n)
{
	t->now_ms += 20000;
	assert_int_equal(lw_match_scan(t->m, t->rs, &t->ring, (struct lw_str){text, n},
			     t->now_ms, t->channel, t->out),
	    0);
	lw_ring_push(&t->ring, t->out->tok, t->out->ntok, t->out->words, t->now_ms);
}

void
matching_say(struct matching *t, const char *text)
{
	matching_say_n(t, text, strlen(text));
}

void
matching_silence(struct matching *t)
{
	memset(&t->ring, 0, sizeof(t->ring));
}

const struct lw_hit *
matching_hit(const struct matching *t, const char *name)
{
	char id[64];

	snprintf(id, sizeof(id), "en.test.%s", name);
	for (size_t i = 0; i < t->out->nhit; i++) {
		const struct lw_rule *r = lw_ruleset_rule(t->rs, t->out->hit[i].rule);

		assert_non_null(r);
		if (lw_str_is(r->name, id))
			return &t->out->hit[i];
	}
	return NULL;
}

int
matching_how(struct matching *t, const char *name, const char *text)
{
	const struct lw_hit *h;

	matching_silence(t);
	matching_say(t, text);
	h = matching_hit(t, name);
	return h != NULL ? h->how : -1;
}
