/* SPDX-License-Identifier: Apache-2.0 */
/* Writes and removes the packs of tests. In: text. Out: files in a folder of mkdtemp. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "packdir.h"

static const char model[] = "format: 1\n"
			    "provenance: 'made up for a test'\n"
			    "bias: -4.0\n"
			    "half_life_days: {default: 14, personal_info: 7}\n"
			    "beta: {platform_shift: 2.0, secrecy: 1.5}\n"
			    "pair: [{a: platform_shift, b: secrecy, weight: 1.0}]\n"
			    "feature: {age_gap: 1.2}\n"
			    "alone: [coercion]\n";

void
packdir_put_n(const struct packdir *p, const char *name, const char *text, size_t n)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", p->dir, name);
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

void
packdir_put(const struct packdir *p, const char *name, const char *text)
{
	packdir_put_n(p, name, text, strlen(text));
}

void
packdir_init(struct packdir *p, const char *id)
{
	static const char *const folders[] = {"rules", "lists", "tests"};
	char text[512], path[512];

	snprintf(p->root, sizeof(p->root), "packs-XXXXXX");
	assert_non_null(mkdtemp(p->root));
	snprintf(p->dir, sizeof(p->dir), "%s/%.40s", p->root, id);
	assert_int_equal(mkdir(p->dir, 0700), 0);
	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/%s", p->dir, folders[i]);
		assert_int_equal(mkdir(path, 0700), 0);
	}
	snprintf(text, sizeof(text),
	    "format: 1\nid: %s\nversion: '1.0'\ntitle: Test pack\nlanguages: [en]\n"
	    "engine: '>=0.1'\ntaxonomy: 1\nlicence: CC-BY-4.0\nmaintainers: ['nobody']\n",
	    id);
	packdir_put(p, "pack.yaml", text);
	packdir_put(p, "model.yaml", model);
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void
packdir_clear(struct packdir *p)
{
	assert_int_equal(nftw(p->root, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

void
packdir_rule(char *to, size_t size, const char *id, const char *keys)
{
	int n = snprintf(to, size,
	    "- id: %s\n  rev: 1\n  title: A rule\n  category: secrecy\n  weight: 1.0\n"
	    "%s"
	    "  match: ['one', 'two']\n  no_match: ['three']\n  status: test\n",
	    id, keys);

	assert_true(n > 0 && (size_t)n < size);
}

struct lw_ruleset *
packdir_load(const struct packdir *p, struct lw_intern *intern)
{
	const char *dirs[1] = {p->dir};
	struct lw_ruleset *rs = NULL;
	struct lw_diag diag;
	int err;

	lw_diag_init(&diag);
	err = lw_ruleset_load(&rs, intern, dirs, 1, &diag);
	if (err != 0)
		lw_diag_print(&diag, stderr);
	assert_int_equal(err, 0);
	lw_diag_clear(&diag);
	return rs;
}

bool
packdir_refused(const struct packdir *p, const char *text, unsigned line, unsigned col)
{
	const char *dirs[1] = {p->dir};
	struct lw_intern *intern = lw_intern_new();
	struct lw_ruleset *rs = NULL;
	struct lw_diag diag;
	bool is_found = false;

	assert_non_null(intern);
	lw_diag_init(&diag);
	assert_int_not_equal(lw_ruleset_load(&rs, intern, dirs, 1, &diag), 0);
	assert_null(rs);
	for (size_t i = 0; i < diag.n; i++)
		is_found |= !diag.item[i].is_warning &&
			    strstr(diag.item[i].message, text) != NULL &&
			    (line == 0 ||
				(diag.item[i].line == line && diag.item[i].col == col));
	if (!is_found) {
		fprintf(stderr, "wanted at %u:%u: %s; got:\n", line, col, text);
		lw_diag_print(&diag, stderr);
	}
	lw_diag_clear(&diag);
	lw_intern_free(intern);
	return is_found;
}
