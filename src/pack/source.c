/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a pack's folder: the manifest, then rules, lists, the model and, when asked, the
 * tests, in order of their names. In: a folder. Out: struct lw_pack_source. Symbolic links
 * and odd names are not followed; every file and the sum of files are capped. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/err.h"
#include "pack/source.h"
#include "pack/version.h"

#define YAML_BYTES_MAX ((size_t)4 << 20)
#define ARENA_MAX ((size_t)512 << 20)
#define NAME_BYTES_MAX 128

void
lw_source_fail(struct lw_source_reader *r, const struct lw_yaml *at, const char *hint,
    const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	lw_diag_error(r->diag, r->doc->file, at != NULL ? at->line : 0,
	    at != NULL ? at->col : 0, hint, "%s", text);
	r->err = LW_EINVAL;
}

void *
lw_source_grow(struct lw_source_reader *r, void *p, size_t n, size_t *cap, size_t size)
{
	size_t more = *cap != 0 ? *cap * 2 : 16;
	void *q;

	if (n < *cap)
		return p;
	if ((q = realloc(p, more * size)) == NULL) {
		r->err = LW_ENOMEM;
		return NULL;
	}
	*cap = more;
	return q;
}

int
lw_source_texts(struct lw_source_reader *r, const struct lw_yaml *list,
    struct lw_str **out, size_t *n)
{
	struct lw_str *to =
	    lw_arena_alloc(&r->pack->arena, (list->nchildren + 1) * sizeof(*to));

	if (to == NULL)
		return r->err = LW_ENOMEM;
	*out = to;
	*n = 0;
	for (const struct lw_yaml *c = list->child; c != NULL; c = c->next) {
		if (c->type != LW_YAML_SCALAR) {
			lw_source_fail(r, c, NULL, "expected text");
			return r->err;
		}
		to[(*n)++] = c->text;
	}
	return 0;
}

bool
lw_source_category(
    struct lw_source_reader *r, const struct lw_yaml *at, struct lw_str name, int *out)
{
	const char *names[LW_CAT_MAX];
	char hint[96];
	const char *near;

	*out = lw_category_find(name);
	if (*out >= 0 && *out != LW_CAT_TEST)
		return true;
	for (int i = 0; i < LW_CAT_MAX; i++)
		names[i] = lw_category_name((enum lw_category)i);
	near = lw_conf_nearest(name, names, LW_CAT_TEST);
	if (near != NULL)
		snprintf(hint, sizeof(hint), "did you mean %s?", near);
	lw_source_fail(r, at, near != NULL ? hint : NULL, "unknown category '%.*s'",
	    (int)(name.n < 64 ? name.n : 64), name.p);
	return false;
}

/* ---- files ---- */

static void
io_error(struct lw_source_reader *r, const char *path, int err, const char *what)
{
	lw_diag_error(r->diag, path, 0, 0, NULL, "%s", what);
	r->err = err;
}

static int
read_all(int fd, char *p, size_t n)
{
	for (size_t done = 0; done < n;) {
		ssize_t k = read(fd, p + done, n - done);

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return LW_EIO;
		done += (size_t)k;
	}
	return 0;
}

/* The bytes of a file, in the pack's arena and in its hash. */
static struct lw_str
read_file(struct lw_source_reader *r, const char *path, const char *name, size_t max)
{
	struct lw_str s = {NULL, 0};
	struct stat st;
	uint64_t size;
	char *p = NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (fd < 0) {
		io_error(r, path, lw_err_from_errno(errno), strerror(errno));
		return s;
	}
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		io_error(r, path, LW_EINVAL, "not a regular file");
		goto out;
	}
	size = (uint64_t)st.st_size;
	if (size > max || r->pack->bytes + size > LW_PACK_BYTES_MAX) {
		io_error(r, path, LW_ELIMIT,
		    "the file, or the pack as a whole, is too large");
		goto out;
	}
	p = lw_arena_alloc(&r->pack->arena, (size_t)size + 1);
	if (p == NULL || read_all(fd, p, (size_t)size) != 0) {
		io_error(r, path, p == NULL ? LW_ENOMEM : LW_EIO, "cannot be read");
		goto out;
	}
	s = (struct lw_str){p, (size_t)size};
	r->pack->bytes += s.n;
	/* Names and contents are framed, so that they cannot run together. */
	crypto_generichash_update(
	    r->pack->hash_state, (const unsigned char *)name, strlen(name) + 1);
	crypto_generichash_update(
	    r->pack->hash_state, (const unsigned char *)&size, sizeof(size));
	crypto_generichash_update(r->pack->hash_state, (const unsigned char *)s.p, s.n);
out:
	close(fd);
	return s;
}

static int
read_yaml(struct lw_source_reader *r, const char *path, const char *name)
{
	struct lw_pack_source *s = r->pack;
	struct lw_str text = read_file(r, path, name, YAML_BYTES_MAX);
	struct lw_yaml_doc *doc, **docs;
	int err;

	if (text.p == NULL)
		return r->err;
	docs = realloc(s->doc, (s->ndocs + 1) * sizeof(*docs));
	if (docs != NULL)
		s->doc = docs;
	if (docs == NULL || (doc = calloc(1, sizeof(*doc))) == NULL)
		return r->err = LW_ENOMEM;
	if ((err = lw_yaml_parse(doc, path, text, r->diag)) != 0) {
		lw_yaml_clear(doc);
		free(doc);
		return r->err = err;
	}
	s->doc[s->ndocs++] = doc;
	r->doc = doc;
	return 0;
}

/* Sorted names of the files in a sub-folder that end in ext; a missing folder is empty. */
struct names {
	char *name[LW_PACK_FILES_MAX];
	size_t n;
};

static bool
is_wanted(const char *name, const char *ext)
{
	size_t n = strlen(name), e = strlen(ext);

	return n > e && n < NAME_BYTES_MAX && strcmp(name + n - e, ext) == 0 &&
	       name[0] != '.' &&
	       strspn(name,
		   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
		   n;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int
list_names(struct lw_source_reader *r, const char *dir, const char *ext, struct names *out)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	out->n = 0;
	if (d == NULL) {
		if (errno != ENOENT)
			io_error(r, dir, lw_err_from_errno(errno), strerror(errno));
		return errno == ENOENT ? 0 : r->err;
	}
	while ((e = readdir(d)) != NULL) {
		if (!is_wanted(e->d_name, ext))
			continue;
		if (out->n == LW_PACK_FILES_MAX) {
			io_error(r, dir, LW_ELIMIT, "too many files");
			break;
		}
		if ((out->name[out->n] = strdup(e->d_name)) == NULL) {
			r->err = LW_ENOMEM;
			break;
		}
		out->n++;
	}
	closedir(d);
	qsort(out->name, out->n, sizeof(out->name[0]), by_name);
	return r->err;
}

static const char *
join(struct lw_source_reader *r, const char *a, const char *b)
{
	size_t na = strlen(a), nb = strlen(b);
	char *p = lw_arena_alloc(&r->pack->arena, na + nb + 2);

	if (p == NULL) {
		r->err = LW_ENOMEM;
		return NULL;
	}
	memcpy(p, a, na);
	p[na] = '/';
	memcpy(p + na + 1, b, nb + 1);
	return p;
}

/* Read every file of a sub-folder through `one`; goes on after errors to report them all. */
static int
each_file(struct lw_source_reader *r, const char *sub, const char *ext,
    int (*one)(struct lw_source_reader *, const char *path, const char *name))
{
	struct names *names = malloc(sizeof(*names));
	const char *dir = join(r, r->pack->dir, sub), *path, *name;
	int err = 0;

	if (names == NULL || dir == NULL) {
		free(names);
		return r->err = LW_ENOMEM;
	}
	if (list_names(r, dir, ext, names) != 0)
		err = r->err;
	for (size_t i = 0; i < names->n; i++) {
		if ((path = join(r, dir, names->name[i])) != NULL &&
		    (name = join(r, sub, names->name[i])) != NULL) {
			r->err = 0;
			one(r, path, name);
		}
		if (r->err != 0)
			err = r->err;
		free(names->name[i]);
	}
	free(names);
	return r->err = err;
}

static int
one_rules_file(struct lw_source_reader *r, const char *path, const char *name)
{
	return read_yaml(r, path, name) == 0 ? lw_source_read_rules(r) : r->err;
}

static int
one_tests_file(struct lw_source_reader *r, const char *path, const char *name)
{
	return read_yaml(r, path, name) == 0 ? lw_source_read_tests(r) : r->err;
}

static int
one_list_file(struct lw_source_reader *r, const char *path, const char *name)
{
	struct lw_pack_source *s = r->pack;
	struct lw_source_list *list;
	const char *base = strrchr(path, '/') + 1;
	struct lw_str text = read_file(r, path, name, LW_LIST_BYTES_MAX);

	if (text.p == NULL)
		return r->err;
	list = realloc(s->list, (s->nlists + 1) * sizeof(*list));
	if (list == NULL)
		return r->err = LW_ENOMEM;
	s->list = list;
	list += s->nlists++;
	*list = (struct lw_source_list){.name = {base, strlen(base) - 4}, .file = path};
	return lw_source_read_list(r, list, text);
}

/* ---- manifest ---- */

struct manifest {
	int64_t format, taxonomy;
	struct lw_str id, version, title, engine, licence;
	struct lw_yaml *languages, *maintainers;
};

static const struct lw_yaml_field manifest_fields[] = {
    {"format", LW_WANT_INT, true, offsetof(struct manifest, format), 1, 1},
    {"id", LW_WANT_TEXT, true, offsetof(struct manifest, id), 0, 0},
    {"version", LW_WANT_TEXT, true, offsetof(struct manifest, version), 0, 0},
    {"title", LW_WANT_TEXT, true, offsetof(struct manifest, title), 0, 0},
    {"languages", LW_WANT_LIST, true, offsetof(struct manifest, languages), 0, 0},
    {"engine", LW_WANT_TEXT, true, offsetof(struct manifest, engine), 0, 0},
    {"taxonomy", LW_WANT_INT, true, offsetof(struct manifest, taxonomy), 1, 1},
    {"licence", LW_WANT_TEXT, true, offsetof(struct manifest, licence), 0, 0},
    {"maintainers", LW_WANT_LIST, true, offsetof(struct manifest, maintainers), 0, 0},
};

static bool
is_id(struct lw_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (strchr("abcdefghijklmnopqrstuvwxyz0123456789-", s.p[i]) == NULL ||
		    s.p[i] == '\0')
			return false;
	return s.n > 0 && s.n <= 64;
}

static bool
is_folder_name(const char *dir, struct lw_str id)
{
	size_t n = strlen(dir);

	while (n > 1 && dir[n - 1] == '/')
		n--;
	return n >= id.n && memcmp(dir + n - id.n, id.p, id.n) == 0 &&
	       (n == id.n || dir[n - id.n - 1] == '/');
}

static void
check_manifest(struct lw_source_reader *r, const struct manifest *m)
{
	const struct lw_yaml *root = r->doc->root;

	if (!is_id(m->id))
		lw_source_fail(r, lw_yaml_get(root, "id"),
		    "lower-case letters, digits and hyphens", "bad pack id");
	else if (!is_folder_name(r->pack->dir, m->id))
		lw_source_fail(r, lw_yaml_get(root, "id"), "rename the folder or the pack",
		    "the pack's id '%.*s' is not its folder's name", (int)m->id.n,
		    m->id.p);
	if (m->version.n == 0 || m->version.n > 64)
		lw_source_fail(r, lw_yaml_get(root, "version"), NULL, "bad version");
	if (m->languages->nchildren == 0)
		lw_source_fail(
		    r, m->languages, NULL, "a pack names at least one language");
	switch (lw_version_in_range(m->engine, PACKAGE_VERSION)) {
	case 1:
		break;
	case 0:
		lw_source_fail(r, lw_yaml_get(root, "engine"),
		    "this engine is " PACKAGE_VERSION,
		    "the pack needs another version of the engine");
		break;
	default:
		lw_source_fail(r, lw_yaml_get(root, "engine"), "such as '>=0.1 <2'",
		    "not a range of versions");
	}
}

static int
read_manifest(struct lw_source_reader *r)
{
	struct lw_pack_source *s = r->pack;
	struct manifest m = {0};
	int err;

	if ((s->manifest = join(r, s->dir, "pack.yaml")) == NULL ||
	    read_yaml(r, s->manifest, "pack.yaml") != 0)
		return r->err;
	if (r->doc->root == NULL || r->doc->root->type != LW_YAML_MAP) {
		lw_source_fail(r, r->doc->root, NULL, "pack.yaml must be a map");
		return r->err;
	}
	err = lw_yaml_fields(r->doc, r->doc->root, manifest_fields,
	    sizeof(manifest_fields) / sizeof(manifest_fields[0]), &m, r->diag);
	if (err != 0)
		return r->err = err;
	check_manifest(r, &m);
	s->id = m.id;
	s->version = m.version;
	s->title = m.title;
	s->engine = m.engine;
	s->licence = m.licence;
	if (lw_source_texts(r, m.languages, &s->language, &s->nlanguages) == 0)
		lw_source_texts(r, m.maintainers, &s->maintainer, &s->nmaintainers);
	return r->err;
}

/* ---- whole pack ---- */

static int
read_model(struct lw_source_reader *r)
{
	const char *path = join(r, r->pack->dir, "model.yaml");
	struct stat st;

	if (path == NULL)
		return r->err;
	r->err = 0;
	if (lstat(path, &st) != 0 && errno == ENOENT)
		return 0;
	return read_yaml(r, path, "model.yaml") == 0 ? lw_source_read_model(r) : r->err;
}

static void
finish_hash(struct lw_pack_source *s)
{
	unsigned char sum[32];

	crypto_generichash_final(s->hash_state, sum, sizeof(sum));
	sodium_bin2hex(s->hash, sizeof(s->hash), sum, sizeof(sum));
}

static int
read_pack(struct lw_source_reader *r, bool with_tests)
{
	int err, first = 0;

	if ((err = read_manifest(r)) != 0)
		return err;
	if ((err = each_file(r, "lists", ".txt", one_list_file)) != 0)
		first = err;
	if ((err = each_file(r, "rules", ".yaml", one_rules_file)) != 0)
		first = first != 0 ? first : err;
	if ((err = read_model(r)) != 0)
		first = first != 0 ? first : err;
	finish_hash(r->pack);
	if (with_tests && (err = each_file(r, "tests", ".yaml", one_tests_file)) != 0)
		first = first != 0 ? first : err;
	return first;
}

int
lw_pack_source_load(
    struct lw_pack_source **out, const char *dir, bool with_tests, struct lw_diag *diag)
{
	struct lw_pack_source *s = calloc(1, sizeof(*s));
	struct lw_source_reader r = {.pack = s, .diag = diag};
	struct lw_str copy;
	int err = LW_ENOMEM;

	if (s == NULL)
		return LW_ENOMEM;
	lw_arena_init(&s->arena, ARENA_MAX);
	copy = lw_arena_str(&s->arena, lw_str(dir));
	s->dir = copy.p;
	s->hash_state =
	    aligned_alloc(64, (crypto_generichash_statebytes() + 63) / 64 * 64);
	if (s->dir == NULL || s->hash_state == NULL || sodium_init() < 0 ||
	    crypto_generichash_init(s->hash_state, NULL, 0, 32) != 0)
		goto out;
	if ((err = read_pack(&r, with_tests)) != 0)
		goto out;
	*out = s;
	s = NULL;
out:
	lw_pack_source_free(s);
	return err;
}

void
lw_pack_source_free(struct lw_pack_source *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->ndocs; i++) {
		lw_yaml_clear(s->doc[i]);
		free(s->doc[i]);
	}
	free(s->doc);
	free(s->rule);
	free(s->list);
	free(s->test);
	free(s->hash_state);
	lw_arena_clear(&s->arena);
	free(s);
}
