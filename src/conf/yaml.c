/* SPDX-License-Identifier: Apache-2.0 */
/* The strict YAML reader. In: a file or a string. Out: a tree of nodes with positions, in
 * an arena that the document owns. libyaml's event interface does the syntax; what this
 * project does not allow is refused here, at its place in the file. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yaml.h>
#include "base/arena.h"
#include "base/err.h"
#include "conf/scalar.h"
#include "conf/yaml.h"

#define SIZE_CAP ((size_t)4 * 1024 * 1024)
#define DEPTH_CAP 8
#define NODES_CAP 1000000
#define MEMORY_CAP ((size_t)512 * 1024 * 1024)
#define FEW_KEYS 16 /* up to here duplicates are sought pair by pair */

struct level {
	struct lw_yaml *node, *last;
	struct lw_yaml key; /* of the next value: key, key_line, key_col */
	bool has_key;
};

struct reader {
	yaml_parser_t parser;
	struct lw_arena *arena;
	const char *name;
	struct lw_diag *diag;
	struct level level[DEPTH_CAP];
	size_t depth, nodes;
	unsigned documents;
	struct lw_yaml *root;
	int err; /* first error that lets reading go on */
};

#define FAIL(r, mark, hint, ...)                                                       \
	lw_diag_error((r)->diag, (r)->name, (unsigned)(mark).line + 1,                 \
	    (unsigned)(mark).column + 1, hint, __VA_ARGS__)

/* What may not stand anywhere in the text, found before libyaml sees it. */
static int
check_bytes(const char *name, struct lw_str s, struct lw_diag *diag)
{
	const unsigned char *p = (const unsigned char *)s.p;
	unsigned line = 1, col = 1;
	const char *what = NULL, *hint = NULL;

	for (size_t i = 0, len; i < s.n && what == NULL; i += len) {
		unsigned c = p[i];

		len = 1;
		if (c >= 0x80) {
			unsigned lo = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
			unsigned hi = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;

			len = c < 0xc2	 ? 0
			      : c < 0xe0 ? 2
			      : c < 0xf0 ? 3
			      : c < 0xf5 ? 4
					 : 0;
			if (len == 0 || len > s.n - i || p[i + 1] < lo ||
			    p[i + 1] > hi || (len > 2 && (p[i + 2] & 0xc0) != 0x80) ||
			    (len > 3 && (p[i + 3] & 0xc0) != 0x80))
				what = "this is not valid UTF-8", hint = "save as UTF-8";
			else if (len == 3 && memcmp(p + i, "\xef\xbb\xbf", 3) == 0)
				what = "byte order mark", hint = "save without BOM";
		} else if (c == 0) {
			what = "NUL byte", hint = "is this a text file?";
		} else if (c == '\t') {
			what = "tab", hint = "use spaces";
		} else if ((c < 0x20 && c != '\n' && c != '\r') || c == 0x7f) {
			what = "control character";
		}
		if (what != NULL)
			break;
		col++;
		if (c == '\n') {
			line++;
			col = 1;
		}
	}
	if (what == NULL)
		return LW_OK;
	lw_diag_error(diag, name, line, col, hint, "%s", what);
	return LW_EINVAL;
}

static struct lw_yaml *
add_node(struct reader *r, enum lw_yaml_type type, yaml_mark_t mark)
{
	struct level *up = r->depth > 0 ? &r->level[r->depth - 1] : NULL;
	struct lw_yaml *node;

	if (r->nodes++ >= NODES_CAP) {
		FAIL(r, mark, NULL, "more than %d nodes", NODES_CAP);
		r->err = LW_ELIMIT;
		return NULL;
	}
	node = lw_arena_alloc(r->arena, sizeof(*node));
	if (node == NULL) {
		r->err = LW_ENOMEM;
		return NULL;
	}
	node->type = type;
	node->line = (unsigned)mark.line + 1;
	node->col = (unsigned)mark.column + 1;
	if (up == NULL) {
		r->root = node;
		return node;
	}
	if (up->node->type == LW_YAML_MAP) {
		node->key = up->key.key;
		node->key_line = up->key.key_line;
		node->key_col = up->key.key_col;
		up->has_key = false;
	}
	if (up->last != NULL)
		up->last->next = node;
	else
		up->node->child = node;
	up->last = node;
	up->node->nchildren++;
	return node;
}

static bool
wants_key(const struct reader *r)
{
	const struct level *up = r->depth > 0 ? &r->level[r->depth - 1] : NULL;

	return up != NULL && up->node->type == LW_YAML_MAP && !up->has_key;
}

static struct lw_str
copy_scalar(struct reader *r, const yaml_event_t *e)
{
	struct lw_str s = {(const char *)e->data.scalar.value, e->data.scalar.length};
	struct lw_str copy = lw_arena_str(r->arena, s);

	if (copy.p == NULL)
		r->err = LW_ENOMEM;
	return copy;
}

static int
take_key(struct reader *r, const yaml_event_t *e)
{
	struct level *up = &r->level[r->depth - 1];
	struct lw_str key = copy_scalar(r, e);

	if (key.p == NULL)
		return LW_ENOMEM;
	if (e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && lw_str_is(key, "<<")) {
		FAIL(r, e->start_mark, NULL, "merge keys are not allowed");
		return LW_EINVAL;
	}
	if (memchr(key.p, '\0', key.n) != NULL || key.n == 0) {
		FAIL(r, e->start_mark, NULL, "empty or unprintable key");
		return LW_EINVAL;
	}
	up->key.key = key;
	up->key.key_line = (unsigned)e->start_mark.line + 1;
	up->key.key_col = (unsigned)e->start_mark.column + 1;
	up->has_key = true;
	return LW_OK;
}

static int
take_scalar(struct reader *r, const yaml_event_t *e)
{
	struct lw_yaml *node;

	if (e->data.scalar.anchor != NULL) {
		FAIL(r, e->start_mark, NULL, "anchors are not allowed");
		return LW_EINVAL;
	}
	if (e->data.scalar.tag != NULL) {
		FAIL(r, e->start_mark, NULL, "tags are not allowed");
		return LW_EINVAL;
	}
	if (wants_key(r))
		return take_key(r, e);
	node = add_node(r, LW_YAML_SCALAR, e->start_mark);
	if (node == NULL)
		return r->err;
	node->plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	node->double_quoted = e->data.scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE;
	node->text = copy_scalar(r, e);
	if (node->text.p == NULL)
		return LW_ENOMEM;
	/* "\0" in double quotes */
	if (memchr(node->text.p, '\0', node->text.n) != NULL) {
		FAIL(r, e->start_mark, NULL, "NUL byte");
		return LW_EINVAL;
	}
	return LW_OK;
}

static int
open_level(struct reader *r, enum lw_yaml_type type, const yaml_event_t *e)
{
	bool is_map = type == LW_YAML_MAP;
	struct lw_yaml *node;

	if ((is_map ? e->data.mapping_start.anchor : e->data.sequence_start.anchor) !=
	    NULL) {
		FAIL(r, e->start_mark, NULL, "anchors are not allowed");
		return LW_EINVAL;
	}
	if ((is_map ? e->data.mapping_start.tag : e->data.sequence_start.tag) != NULL) {
		FAIL(r, e->start_mark, NULL, "tags are not allowed");
		return LW_EINVAL;
	}
	if (wants_key(r)) {
		FAIL(r, e->start_mark, NULL, "a key must be text");
		return LW_EINVAL;
	}
	if (r->depth == DEPTH_CAP) {
		FAIL(r, e->start_mark, NULL, "nested deeper than %d", DEPTH_CAP);
		return LW_ELIMIT;
	}
	node = add_node(r, type, e->start_mark);
	if (node == NULL)
		return r->err;
	memset(&r->level[r->depth], 0, sizeof(r->level[0]));
	r->level[r->depth++].node = node;
	return LW_OK;
}

static void
tell_duplicate(struct reader *r, const struct lw_yaml *a, const struct lw_yaml *b)
{
	bool a_first = a->key_line < b->key_line ||
		       (a->key_line == b->key_line && a->key_col < b->key_col);
	const struct lw_yaml *first = a_first ? a : b, *second = a_first ? b : a;
	char quoted[LW_CONF_QUOTE_MAX], hint[64];

	snprintf(hint, sizeof(hint), "first at line %u", first->key_line);
	lw_diag_error(r->diag, r->name, second->key_line, second->key_col, hint,
	    "duplicate key %s", lw_conf_quote(quoted, second->key));
	r->err = LW_EINVAL;
}

static int
by_key(const void *a, const void *b)
{
	const struct lw_yaml *x = *(const struct lw_yaml *const *)a;
	const struct lw_yaml *y = *(const struct lw_yaml *const *)b;
	size_t n = x->key.n < y->key.n ? x->key.n : y->key.n;
	int c = memcmp(x->key.p, y->key.p, n);

	if (c != 0)
		return c;
	if (x->key.n != y->key.n)
		return x->key.n < y->key.n ? -1 : 1;
	if (x->key_line != y->key_line)
		return x->key_line < y->key_line ? -1 : 1;
	return x->key_col < y->key_col ? -1 : x->key_col > y->key_col;
}

static int
check_duplicates(struct reader *r, const struct lw_yaml *map)
{
	struct lw_yaml **all;
	size_t n = 0;

	if (map->nchildren <= FEW_KEYS) {
		for (const struct lw_yaml *a = map->child; a != NULL; a = a->next)
			for (const struct lw_yaml *b = map->child; b != a; b = b->next)
				if (lw_str_eq(a->key, b->key)) {
					tell_duplicate(r, a, b);
					break;
				}
		return LW_OK;
	}
	all = malloc(map->nchildren * sizeof(struct lw_yaml *));
	if (all == NULL)
		return LW_ENOMEM;
	for (struct lw_yaml *a = map->child; a != NULL; a = a->next)
		all[n++] = a;
	qsort(all, n, sizeof(struct lw_yaml *), by_key);
	for (size_t i = 1; i < n; i++)
		if (lw_str_eq(all[i - 1]->key, all[i]->key))
			tell_duplicate(r, all[i - 1], all[i]);
	free(all);
	return LW_OK;
}

static int
close_level(struct reader *r)
{
	const struct lw_yaml *node = r->level[--r->depth].node;

	return node->type == LW_YAML_MAP ? check_duplicates(r, node) : LW_OK;
}

static int
start_document(struct reader *r, const yaml_event_t *e)
{
	if (e->data.document_start.version_directive != NULL ||
	    e->data.document_start.tag_directives.start !=
		e->data.document_start.tag_directives.end) {
		FAIL(r, e->start_mark, NULL, "directives are not allowed");
		return LW_EINVAL;
	}
	if (r->documents++ > 0) {
		FAIL(r, e->start_mark, NULL, "a second document is not allowed");
		return LW_EINVAL;
	}
	return LW_OK;
}

static int
take_event(struct reader *r, const yaml_event_t *e)
{
	switch (e->type) {
	case YAML_DOCUMENT_START_EVENT:
		return start_document(r, e);
	case YAML_ALIAS_EVENT:
		FAIL(r, e->start_mark, "write the value out", "aliases are not allowed");
		return LW_EINVAL;
	case YAML_SCALAR_EVENT:
		return take_scalar(r, e);
	case YAML_SEQUENCE_START_EVENT:
		return open_level(r, LW_YAML_LIST, e);
	case YAML_MAPPING_START_EVENT:
		return open_level(r, LW_YAML_MAP, e);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return close_level(r);
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_STREAM_END_EVENT:
	case YAML_DOCUMENT_END_EVENT:
		break;
	}
	return LW_OK;
}

/* libyaml's own complaint; its context says where the broken thing began. */
static int
tell_syntax(struct reader *r)
{
	const yaml_parser_t *p = &r->parser;
	char hint[128];
	bool has_context =
	    p->context != NULL && p->context_mark.line != p->problem_mark.line;

	if (p->error == YAML_MEMORY_ERROR)
		return LW_ENOMEM;
	if (has_context)
		snprintf(hint, sizeof(hint), "%s that began at line %zu", p->context,
		    p->context_mark.line + 1);
	FAIL(r, p->problem_mark, has_context ? hint : NULL, "not valid YAML: %s",
	    p->problem != NULL ? p->problem : "unknown problem");
	return LW_EINVAL;
}

static int
read_events(struct reader *r)
{
	yaml_event_t e;
	yaml_event_type_t type;
	int err;

	do {
		if (!yaml_parser_parse(&r->parser, &e))
			return tell_syntax(r);
		type = e.type;
		err = take_event(r, &e);
		yaml_event_delete(&e);
		if (err != LW_OK)
			return err;
	} while (type != YAML_STREAM_END_EVENT);
	/* `---` alone is one empty scalar. */
	if (r->root != NULL && r->root->type == LW_YAML_SCALAR && r->root->plain &&
	    r->root->text.n == 0)
		r->root = NULL;
	return r->err;
}

int
lw_yaml_parse(
    struct lw_yaml_doc *doc, const char *name, struct lw_str text, struct lw_diag *diag)
{
	struct reader r = {.name = name, .diag = diag};
	int err;

	memset(doc, 0, sizeof(*doc));
	if (text.n > SIZE_CAP) {
		lw_diag_error(diag, name, 0, 0, NULL, "larger than 4 MiB");
		return LW_ELIMIT;
	}
	if ((err = check_bytes(name, text, diag)) != LW_OK)
		return err;
	doc->file = strdup(name);
	r.arena = calloc(1, sizeof(*r.arena));
	doc->memory = r.arena;
	if (doc->file == NULL || r.arena == NULL || !yaml_parser_initialize(&r.parser)) {
		lw_yaml_clear(doc);
		return LW_ENOMEM;
	}
	lw_arena_init(r.arena, MEMORY_CAP);
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(
	    &r.parser, (const unsigned char *)(text.n > 0 ? text.p : ""), text.n);
	err = read_events(&r);
	yaml_parser_delete(&r.parser);
	if (err == LW_ENOMEM)
		lw_diag_error(diag, name, 0, 0, NULL, "%s", lw_strerror(err));
	doc->root = r.root;
	if (err != LW_OK)
		lw_yaml_clear(doc);
	return err;
}

/* The whole file, up to one byte more than the cap, so that the cap shows. */
static int
read_all(int fd, char *text, size_t *n)
{
	*n = 0;
	while (*n <= SIZE_CAP) {
		ssize_t got = read(fd, text + *n, SIZE_CAP + 1 - *n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return lw_err_from_errno(errno);
		if (got == 0)
			break;
		*n += (size_t)got;
	}
	return LW_OK;
}

int
lw_yaml_read(struct lw_yaml_doc *doc, const char *path, struct lw_diag *diag)
{
	/* Without O_NONBLOCK a FIFO would keep us here for ever. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), err = LW_OK;
	struct lw_str text = {NULL, 0};
	struct stat st;
	char *buf = NULL;

	memset(doc, 0, sizeof(*doc));
	if (fd < 0 || fstat(fd, &st) < 0) {
		err = errno == ENOENT ? LW_ENOENT : LW_EIO;
		lw_diag_error(diag, path, 0, 0, NULL, "cannot open: %s", strerror(errno));
		goto out;
	}
	if (!S_ISREG(st.st_mode)) {
		err = LW_EIO;
		lw_diag_error(diag, path, 0, 0, NULL, "not a regular file");
		goto out;
	}
	buf = malloc(SIZE_CAP + 1);
	err = buf == NULL ? LW_ENOMEM : read_all(fd, buf, &text.n);
	if (err != LW_OK) {
		lw_diag_error(diag, path, 0, 0, NULL, "cannot read: %s", lw_strerror(err));
		err = err == LW_ENOMEM ? err : LW_EIO;
		goto out;
	}
	text.p = buf;
	err = lw_yaml_parse(doc, path, text, diag);
out:
	free(buf);
	if (fd >= 0)
		close(fd);
	return err;
}

void
lw_yaml_clear(struct lw_yaml_doc *doc)
{
	if (doc->memory != NULL)
		lw_arena_clear(doc->memory);
	free(doc->memory);
	free(doc->file);
	memset(doc, 0, sizeof(*doc));
}

struct lw_yaml *
lw_yaml_get(const struct lw_yaml *map, const char *key)
{
	if (map == NULL || map->type != LW_YAML_MAP)
		return NULL;
	for (struct lw_yaml *n = map->child; n != NULL; n = n->next)
		if (lw_str_is(n->key, key))
			return n;
	return NULL;
}
