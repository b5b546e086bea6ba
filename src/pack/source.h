/* SPDX-License-Identifier: Apache-2.0 */
/* The source of one pack as parsed values: what lint, examples and conversation tests work
 * on, and what the compiler reads. In: a folder. Out: one struct that owns everything in
 * it, until lw_pack_source_free. Every file is read once; the hash is of the bytes read. */
#ifndef LW_PACK_SOURCE_H
#define LW_PACK_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"
#include "base/str.h"
#include "conf/diag.h"
#include "conf/yaml.h"
#include "event/category.h"
#include "event/event.h"
#include "pack/pack.h"

#define LW_PACK_FILES_MAX 512		     /* of one sub-folder */
#define LW_PACK_BYTES_MAX ((size_t)64 << 20) /* of all files of a pack */
#define LW_LIST_BYTES_MAX ((size_t)1 << 20)
#define LW_LIST_ENTRIES_MAX 50000
#define LW_TEST_MESSAGES_MAX 1000
#define LW_PHRASE_BYTES_MAX 8192
#define LW_REGEX_BYTES_MAX 4096

/* A phrase, regex or list entry and where it stands. */
struct lw_source_text {
	struct lw_str text;
	const char *file;
	unsigned line, col; /* of the first byte of text; 1-based */
	bool quoted; /* stands in single quotes: each ' in text is two in the file */
};

/* The column of a byte of the text; the text's own line holds unless it has several. */
unsigned lw_source_col(const struct lw_source_text *t, size_t off);

/* One sender's consecutive messages. */
struct lw_source_example {
	struct lw_str *message;
	size_t n;
	unsigned line, col;
};

struct lw_source_examples {
	struct lw_source_example *item;
	size_t n;
};

struct lw_source_texts {
	struct lw_source_text *item;
	size_t n;
};

enum lw_rule_status {
	LW_STATUS_EXPERIMENTAL,
	LW_STATUS_TEST,
	LW_STATUS_STABLE,
	LW_STATUS_DEPRECATED
};

struct lw_source_rule {
	const char *file;
	unsigned line, col;
	struct lw_str id, title;
	uint32_t rev;
	enum lw_category category;
	double weight;
	struct lw_source_texts phrase, unless;
	struct lw_source_text regex; /* text absent: a rule of phrases */
	uint8_t span_messages;
	uint32_t span_s;
	uint8_t channels; /* bit per enum lw_channel; 0 all */
	struct lw_source_examples match, no_match, todo_match;
	enum lw_rule_status status;
	struct lw_str *references, *false_positives;
	size_t nreferences, nfalse_positives;
};

struct lw_source_list {
	struct lw_str name; /* without .txt */
	const char *file;
	struct lw_source_texts entry;
	bool used; /* set by the compiler */
};

struct lw_source_party {
	struct lw_str name;
	enum lw_age_band age_band;
};

struct lw_source_message {
	struct lw_str from, to, text; /* to may be absent */
	uint64_t after_ms;	      /* pause before it */
};

struct lw_source_test {
	const char *file;
	unsigned line, col;
	struct lw_str name;
	bool positive;		      /* else a look-alike */
	uint32_t flag_by, categories; /* of positives */
	enum lw_channel channel;
	struct lw_source_party *party;
	struct lw_source_message *message;
	size_t nparties, nmessages;
};

struct lw_pack_source {
	const char *dir, *manifest; /* path of the folder and of pack.yaml */
	struct lw_str id, version, title, engine, licence;
	struct lw_str *language, *maintainer;
	size_t nlanguages, nmaintainers;
	struct lw_source_rule *rule;
	struct lw_source_list *list;
	struct lw_source_test *test; /* only when asked for */
	size_t nrules, nlists, ntests, bytes;
	bool has_model;
	struct lw_model model;
	char hash[65]; /* of pack.yaml, rules, lists and model, hex */

	/* Private to the readers. */
	struct lw_arena arena;
	struct lw_yaml_doc **doc;
	size_t ndocs, rules_cap, tests_cap;
	void *hash_state;
};

/* Read and lint one pack by itself; with_tests reads tests/ as well. Every error found is
 * in diag. 0 with *out set, or LW_EINVAL, LW_ELIMIT, LW_EIO, LW_ENOENT, LW_ENOMEM. */
int lw_pack_source_load(struct lw_pack_source **out, const char *dir, bool with_tests,
    struct lw_diag *diag);
void lw_pack_source_free(struct lw_pack_source *s);

/* Parts of the reader, one file each. */
struct lw_source_reader {
	struct lw_pack_source *pack;
	const struct lw_yaml_doc *doc;
	struct lw_diag *diag;
	int err; /* sticky; diag has the reason unless it is LW_ENOMEM */
};
void lw_source_fail(struct lw_source_reader *r, const struct lw_yaml *at,
    const char *hint, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
int lw_source_texts(struct lw_source_reader *r, const struct lw_yaml *list,
    struct lw_str **out, size_t *n);
bool lw_source_category(
    struct lw_source_reader *r, const struct lw_yaml *at, struct lw_str name, int *out);
void *lw_source_grow(
    struct lw_source_reader *r, void *p, size_t n, size_t *cap, size_t size);
int lw_source_read_rules(struct lw_source_reader *r);
int lw_source_read_tests(struct lw_source_reader *r);
int lw_source_read_model(struct lw_source_reader *r);
int lw_source_read_list(
    struct lw_source_reader *r, struct lw_source_list *list, struct lw_str text);

#endif
