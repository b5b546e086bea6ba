/* SPDX-License-Identifier: Apache-2.0 */
/* The reading half of a table: defaults, then what a YAML file says. In: a table and a
 * document. Out: a filled struct, or diagnostics. Owns nothing. */
#include <assert.h>
#include <stdlib.h>
#include "base/err.h"
#include "conf/config.h"
#include "conf/scalar.h"
#include "conf/table.h"

static int
refuse(const struct lw_conf_reading *r, const struct lw_yaml *node, const char *hint,
    const char *what)
{
	lw_diag_error(r->diag, r->doc->file, node->line, node->col, hint, "%s", what);
	return LW_EINVAL;
}

static int
read_text(const struct lw_conf_reading *r, const struct lw_yaml *node, char *to,
    size_t cap, const char *prefix, const char *what)
{
	struct lw_str s;
	size_t skip = strlen(prefix);
	int err = lw_yaml_scalar(r->doc, node, LW_WANT_TEXT, 0, 0, &s, r->diag);

	if (err != LW_OK)
		return err;
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return refuse(r, node, NULL, "must be one line");
	if (skip + s.n >= cap) {
		lw_diag_error(r->diag, r->doc->file, node->line, node->col, NULL,
		    "%s of more than %zu bytes", what, cap - 1);
		return LW_EINVAL;
	}
	memset(to, 0, cap);
	memcpy(to, prefix, skip);
	memcpy(to + skip, s.p, s.n);
	return LW_OK;
}

int
lw_conf_read_name(const struct lw_conf_reading *r, const struct lw_yaml *node, char *to)
{
	char name[LW_CONF_NAME_MAX];
	int err = read_text(r, node, name, sizeof(name), "", "a name");

	if (err == LW_OK && name[0] == '\0')
		err = refuse(r, node, NULL, "must not be empty");
	if (err == LW_OK)
		memcpy(to, name, sizeof(name));
	return err;
}

int
lw_conf_read_path(const struct lw_conf_reading *r, const struct lw_yaml *node, char *to)
{
	bool is_relative =
	    node->type == LW_YAML_SCALAR && node->text.n > 0 && node->text.p[0] != '/';

	return read_text(
	    r, node, to, LW_CONF_PATH_MAX, is_relative ? r->dir : "", "a path");
}

static int
read_socket(const struct lw_conf_reading *r, const struct lw_yaml *node, char *to)
{
	int err = lw_conf_read_path(r, node, to);

	if (err == LW_OK && to[0] == '\0')
		return refuse(r, node, NULL, "must not be empty");
	if (err == LW_OK && strlen(to) >= LW_CONF_SOCKET_MAX)
		return refuse(r, node, "the system allows 107 bytes",
		    "the path is too long for a socket");
	return err;
}

static int
read_choice(const struct lw_conf_reading *r, const struct lw_yaml *node,
    const struct lw_conf_key *k, int *to)
{
	const char *names[16], *near;
	char hint[128], quoted[LW_CONF_QUOTE_MAX];
	struct lw_str s;
	size_t n = 0, len = 0;
	int err = lw_yaml_scalar(r->doc, node, LW_WANT_TEXT, 0, 0, &s, r->diag);

	if (err != LW_OK)
		return err;
	for (int i = (int)k->min; i <= (int)k->max; i++) {
		if (lw_str_is(s, k->name(i))) {
			*to = i;
			return LW_OK;
		}
		assert(n < sizeof(names) / sizeof(names[0]));
		names[n++] = k->name(i);
		len += (size_t)snprintf(hint + len, sizeof(hint) - len, "%s%s",
		    n > 1 ? ", " : "one of: ", k->name(i));
	}
	near = lw_conf_nearest(s, names, n);
	if (near != NULL)
		snprintf(hint, sizeof(hint), "did you mean '%s'?", near);
	lw_diag_error(r->diag, r->doc->file, node->line, node->col, hint,
	    "unknown value %s", lw_conf_quote(quoted, s));
	return LW_EINVAL;
}

static int
read_count(const struct lw_conf_reading *r, const struct lw_yaml *node,
    const struct lw_conf_key *k, char *to)
{
	bool is_auto = k->kind == LW_KEY_AUTO && node->type == LW_YAML_SCALAR &&
		       lw_str_is(node->text, "auto");
	int64_t v = 0;
	int err = LW_OK;

	if (!is_auto)
		err = lw_yaml_scalar(
		    r->doc, node, LW_WANT_INT, k->min, k->max, &v, r->diag);
	if (err == LW_OK && k->kind == LW_KEY_COUNT64)
		memcpy(to, &v, sizeof(uint64_t));
	else if (err == LW_OK)
		memcpy(to, &(uint32_t){(uint32_t)v}, sizeof(uint32_t));
	return err;
}

static int
read_key(const struct lw_conf_reading *r, const struct lw_yaml *node,
    const struct lw_conf_key *k, void *into)
{
	char *to = (char *)into + k->offset;

	switch (k->kind) {
	case LW_KEY_COUNT32:
	case LW_KEY_COUNT64:
	case LW_KEY_AUTO:
		return read_count(r, node, k, to);
	case LW_KEY_REAL:
		return lw_yaml_scalar(
		    r->doc, node, LW_WANT_DOUBLE, k->min, k->max, to, r->diag);
	case LW_KEY_DURATION:
		return lw_yaml_scalar(
		    r->doc, node, LW_WANT_DURATION, k->min, k->max, to, r->diag);
	case LW_KEY_SIZE:
		return lw_yaml_scalar(
		    r->doc, node, LW_WANT_SIZE, k->min, k->max, to, r->diag);
	case LW_KEY_NAME:
		return lw_conf_read_name(r, node, to);
	case LW_KEY_PATH:
		return lw_conf_read_path(r, node, to);
	case LW_KEY_SOCKET:
		return read_socket(r, node, to);
	case LW_KEY_CHOICE:
		return read_choice(r, node, k, (int *)(void *)to);
	case LW_KEY_OWN:
		return k->read(r, node, into);
	}
	return LW_EINVAL;
}

/* @conf@/x becomes the installation's path. */
static void
expand(const char *def, char *to, size_t cap)
{
	static const struct {
		const char *mark, *dir;
	} dirs[] = {
	    {"@conf@", LW_SYSCONFDIR}, {"@state@", LW_STATEDIR}, {"@run@", LW_RUNDIR}};
	const char *dir = "";

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		size_t n = strlen(dirs[i].mark);

		if (strncmp(def, dirs[i].mark, n) == 0) {
			dir = dirs[i].dir;
			def += n;
			break;
		}
	}
	snprintf(to, cap, "%s%s", dir, def);
}

/* A default goes through the same code as a value in a file, so it cannot be one that the
 * file could not have. */
void
lw_conf_table_default(const struct lw_conf_table *t, void *into)
{
	struct lw_yaml_doc doc = {.file = (char *)"default"};
	struct lw_diag diag;
	struct lw_conf_reading r = {.doc = &doc, .dir = "", .diag = &diag};
	char text[LW_CONF_PATH_MAX];

	memset(into, 0, t->size);
	lw_diag_init(&diag);
	for (size_t i = 0; i < t->n; i++) {
		const struct lw_conf_key *k = &t->key[i];
		struct lw_yaml node = {.type = LW_YAML_SCALAR, .plain = true};

		/* Zeroed is the default of lists and of paths that may be absent. */
		if (k->kind == LW_KEY_OWN || k->def[0] == '\0')
			continue;
		expand(k->def, text, sizeof(text));
		node.text = lw_str(text);
		if (read_key(&r, &node, k, into) != LW_OK)
			abort(); /* our own table is wrong: every test would see it */
	}
	lw_diag_clear(&diag);
}

static int
tell_unknown(const struct lw_conf_table *t, const struct lw_conf_reading *r,
    const struct lw_yaml *node, const char *group)
{
	const char *names[LW_CONF_KEYS_MAX];
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++) {
		const struct lw_conf_key *k = &t->key[i];
		const char *name = k->key;

		/* At the top, groups are keys; a group's rows stand together. */
		if (group[0] == '\0' && k->group[0] != '\0')
			name = k->group;
		else if (strcmp(k->group, group) != 0)
			continue;
		if (n == 0 || strcmp(names[n - 1], name) != 0)
			names[n++] = name;
	}
	return lw_conf_unknown_key(r->doc, node, names, n, r->diag);
}

static const struct lw_conf_key *
find_key(const struct lw_conf_table *t, const char *group, struct lw_str key)
{
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->key[i].group, group) == 0 && lw_str_is(key, t->key[i].key))
			return &t->key[i];
	return NULL;
}

static const char *
find_group(const struct lw_conf_table *t, struct lw_str name)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->key[i].group[0] != '\0' && lw_str_is(name, t->key[i].group))
			return t->key[i].group;
	return NULL;
}

static int
read_group(const struct lw_conf_table *t, const struct lw_conf_reading *r,
    const struct lw_yaml *map, const char *group, void *into, struct lw_conf_place *places)
{
	int err = LW_OK;

	/* A group whose keys are all commented out. */
	if (group[0] != '\0' && map->type == LW_YAML_SCALAR && map->plain &&
	    map->text.n == 0)
		return LW_OK;
	if (map->type != LW_YAML_MAP)
		return refuse(r, map, NULL, "expected a map of keys and values");
	for (struct lw_yaml *node = map->child; node != NULL; node = node->next) {
		const struct lw_conf_key *k = find_key(t, group, node->key);
		const char *sub = group[0] == '\0' ? find_group(t, node->key) : NULL;
		int got;

		if (k != NULL)
			got = read_key(r, node, k, into);
		else if (sub != NULL)
			got = read_group(t, r, node, sub, into, places);
		else
			got = tell_unknown(t, r, node, group);
		if (got != LW_OK)
			err = got;
		else if (k != NULL)
			places[k - t->key] =
			    (struct lw_conf_place){node->line, node->col};
	}
	return err;
}

struct lw_conf_place
lw_conf_table_place(
    const struct lw_conf_table *t, const struct lw_conf_place *places, size_t offset)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->key[i].offset == offset && t->key[i].kind != LW_KEY_OWN)
			return places[i];
	return (struct lw_conf_place){0, 0};
}

int
lw_conf_table_load(const struct lw_conf_table *t, const char *path, void *into,
    struct lw_conf_place *places, struct lw_diag *diag)
{
	struct lw_yaml_doc doc;
	char dir[LW_CONF_PATH_MAX];
	const char *slash = strrchr(path, '/');
	size_t n = slash != NULL ? (size_t)(slash - path) + 1 : 0;
	struct lw_conf_reading r = {.doc = &doc, .dir = dir, .diag = diag};
	int err;

	assert(t->n <= LW_CONF_KEYS_MAX);
	if (n >= sizeof(dir)) {
		lw_diag_error(diag, path, 0, 0, NULL, "the path is too long");
		return LW_EINVAL;
	}
	memcpy(dir, path, n);
	dir[n] = '\0';
	err = lw_yaml_read(&doc, path, diag);
	if (err != LW_OK)
		return err;
	if (doc.root != NULL) /* else the file is empty: all defaults */
		err = read_group(t, &r, doc.root, "", into, places);
	lw_yaml_clear(&doc);
	return err;
}
