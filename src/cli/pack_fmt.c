/* SPDX-License-Identifier: Apache-2.0 */
/* lapwing pack fmt: rules in canonical form, so that differences stay small. Comments above
 * a rule are kept; one inside a rule would be lost, so it is refused. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/err.h"
#include "cli/pack_cmd.h"
#include "conf/config.h"
#include "conf/yaml.h"

#define FILE_BYTES_MAX (8u << 20)

static const char *const rule_keys[] = {"id", "rev", "title", "category", "weight",
    "phrase", "regex", "unless", "span", "channels", "match", "no_match", "todo_match",
    "status", "false_positives", "references"};
#define NKEYS (sizeof(rule_keys) / sizeof(rule_keys[0]))

struct fmt {
	const char *path;
	struct lw_buf in, out;
	struct lw_yaml_doc doc;
};

static bool
is_bare(struct lw_str s)
{
	if (s.n == 0 || s.n > 64)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (strchr("abcdefghijklmnopqrstuvwxyz0123456789._-", s.p[i]) == NULL)
			return false;
	return s.p[0] != '-' && s.p[0] != '.';
}

static void
put_scalar(struct lw_buf *b, struct lw_str s)
{
	if (is_bare(s)) {
		lw_buf_put(b, s.p, s.n);
		return;
	}
	lw_buf_putc(b, '\'');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\'')
			lw_buf_putc(b, '\'');
		lw_buf_putc(b, s.p[i]);
	}
	lw_buf_putc(b, '\'');
}

/* A value on one line: scalars, [lists] and {maps}. */
static void
put_inline(struct lw_buf *b, const struct lw_yaml *v)
{
	const char *open = v->type == LW_YAML_LIST ? "[]" : "{}";

	if (v->type == LW_YAML_SCALAR) {
		put_scalar(b, v->text);
		return;
	}
	lw_buf_putc(b, open[0]);
	for (const struct lw_yaml *c = v->child; c != NULL; c = c->next) {
		if (c != v->child)
			lw_buf_puts(b, ", ");
		if (c->key.p != NULL)
			lw_buf_printf(b, "%.*s: ", (int)c->key.n, c->key.p);
		put_inline(b, c);
	}
	lw_buf_putc(b, open[1]);
}

/* Text of several lines, as a block: quoted, its line ends would become spaces. */
static void
put_block(struct lw_buf *b, struct lw_str s)
{
	lw_buf_puts(b, "|-\n    ");
	for (size_t i = 0; i < s.n; i++) {
		lw_buf_putc(b, s.p[i]);
		if (s.p[i] == '\n')
			lw_buf_puts(b, "    ");
	}
}

static void
put_field(struct lw_buf *b, const struct lw_yaml *v, bool first)
{
	lw_buf_printf(b, "%s%.*s:", first ? "- " : "  ", (int)v->key.n, v->key.p);
	if (v->type != LW_YAML_LIST) {
		lw_buf_putc(b, ' ');
		if (v->type == LW_YAML_SCALAR && memchr(v->text.p, '\n', v->text.n) != NULL)
			put_block(b, v->text);
		else
			put_inline(b, v);
		lw_buf_putc(b, '\n');
		return;
	}
	lw_buf_putc(b, '\n');
	for (const struct lw_yaml *c = v->child; c != NULL; c = c->next) {
		lw_buf_puts(b, "    - ");
		put_inline(b, c);
		lw_buf_putc(b, '\n');
	}
}

static void
put_rule(struct lw_buf *b, const struct lw_yaml *rule)
{
	bool first = true;

	for (size_t i = 0; i < NKEYS; i++) {
		const struct lw_yaml *v = lw_yaml_get(rule, rule_keys[i]);

		if (v == NULL)
			continue;
		put_field(b, v, first);
		first = false;
	}
}

static bool
is_comment(struct lw_str line, bool *indented)
{
	size_t i = 0;

	while (i < line.n && line.p[i] == ' ')
		i++;
	*indented = i > 0;
	return i < line.n && line.p[i] == '#';
}

static bool
next_line(struct lw_str *rest, struct lw_str *line)
{
	const char *nl;

	if (rest->n == 0)
		return false;
	nl = memchr(rest->p, '\n', rest->n);
	line->p = rest->p;
	line->n = nl != NULL ? (size_t)(nl - rest->p) : rest->n;
	rest->n -= line->n + (nl != NULL);
	rest->p += line->n + (nl != NULL);
	return true;
}

/* Comment lines of (from, to], 1-based lines; an indented one inside a rule is refused. */
static int
put_comments(struct fmt *f, unsigned from, unsigned to)
{
	struct lw_str rest = {(const char *)lw_buf_peek(&f->in), lw_buf_left(&f->in)},
		      line;
	bool indented;

	for (unsigned n = 1; next_line(&rest, &line) && n < to; n++) {
		if (n < from || !is_comment(line, &indented))
			continue;
		if (indented) {
			fprintf(stderr,
			    "%s:%u:1: error: a comment inside a rule would be lost "
			    "(move it above the rule)\n",
			    f->path, n);
			return LW_EXIT_INPUT;
		}
		lw_buf_put(&f->out, line.p, line.n);
		lw_buf_putc(&f->out, '\n');
	}
	return LW_EXIT_OK;
}

static int
canonical(struct fmt *f)
{
	unsigned from = 1;
	int code = LW_EXIT_OK;

	for (const struct lw_yaml *r = f->doc.root != NULL ? f->doc.root->child : NULL;
	     r != NULL && code == LW_EXIT_OK; r = r->next) {
		if (r != f->doc.root->child)
			lw_buf_putc(&f->out, '\n');
		code = put_comments(f, from, r->line);
		put_rule(&f->out, r);
		from = r->line + 1;
	}
	return code == LW_EXIT_OK ? put_comments(f, from, (unsigned)-1) : code;
}

static int
read_file(const char *path, struct lw_buf *into)
{
	FILE *f = fopen(path, "r");
	uint8_t *at;
	size_t n;
	int err = LW_OK;

	if (f == NULL)
		return lw_err_from_errno(errno);
	do {
		at = lw_buf_reserve(into, 65536);
		n = at != NULL ? fread(at, 1, 65536, f) : 0;
		if (at != NULL)
			lw_buf_commit(into, n);
	} while (n > 0);
	if (into->err != 0 || ferror(f))
		err = into->err != 0 ? into->err : LW_EIO;
	fclose(f);
	return err;
}

/* Written beside and renamed: a full disk leaves the old file whole. */
static int
replace_file(const char *path, const struct lw_buf *b)
{
	char tmp[LW_CONF_PATH_MAX * 2 + 8];
	FILE *f;
	bool ok;

	snprintf(tmp, sizeof(tmp), "%s.new", path);
	f = fopen(tmp, "w");
	if (f == NULL)
		return lw_err_from_errno(errno);
	ok = fwrite(lw_buf_peek(b), 1, lw_buf_left(b), f) == lw_buf_left(b);
	ok = fflush(f) == 0 && fsync(fileno(f)) == 0 && ok;
	ok = fclose(f) == 0 && ok;
	if (ok && rename(tmp, path) == 0)
		return LW_OK;
	unlink(tmp);
	return LW_EIO;
}

static int
settle(const struct lw_pack_cmd *c, struct fmt *f)
{
	bool same =
	    lw_buf_left(&f->in) == lw_buf_left(&f->out) &&
	    memcmp(lw_buf_peek(&f->in), lw_buf_peek(&f->out), lw_buf_left(&f->in)) == 0;
	int err;

	if (f->out.err != 0)
		return lw_cli_fail(f->out.err, "%s", f->path);
	if (same)
		return LW_EXIT_OK;
	printf("%s\n", f->path);
	if (!c->write)
		return LW_EXIT_FINDINGS;
	err = replace_file(f->path, &f->out);
	return err != 0 ? lw_cli_fail(err, "%s", f->path) : LW_EXIT_OK;
}

static int
format_file(const struct lw_pack_cmd *c, const char *path)
{
	struct fmt f = {.path = path};
	struct lw_diag diag;
	int code, err;

	lw_buf_init(&f.in, FILE_BYTES_MAX);
	lw_buf_init(&f.out, FILE_BYTES_MAX);
	lw_diag_init(&diag);
	if ((err = read_file(path, &f.in)) == 0)
		err = lw_yaml_parse(&f.doc, path,
		    (struct lw_str){(const char *)lw_buf_peek(&f.in), lw_buf_left(&f.in)},
		    &diag);
	lw_diag_print(&diag, stderr);
	if (err != 0 && diag.errors == 0)
		lw_cli_fail(err, "%s", path);
	code = lw_cli_exit_code(err);
	if (code == LW_EXIT_OK && (code = canonical(&f)) == LW_EXIT_OK)
		code = settle(c, &f);
	lw_diag_clear(&diag);
	lw_yaml_clear(&f.doc);
	lw_buf_clear(&f.in);
	lw_buf_clear(&f.out);
	return code;
}

static int
is_yaml(const struct dirent *e)
{
	size_t n = strlen(e->d_name);

	return e->d_name[0] != '.' && n > 5 && strcmp(e->d_name + n - 5, ".yaml") == 0;
}

int
lw_pack_fmt(struct lw_pack_cmd *c, const char *dir)
{
	char path[LW_CONF_PATH_MAX * 2];
	struct dirent **list;
	struct lw_pack_source *src = NULL;
	struct lw_diag diag;
	int n, code, err;

	/* Only what is a good pack is written anew: nothing unknown can be dropped. */
	lw_diag_init(&diag);
	if ((err = lw_pack_source_load(&src, dir, false, &diag)) != 0)
		lw_diag_print(&diag, stderr);
	lw_diag_clear(&diag);
	lw_pack_source_free(src);
	if (err != 0)
		return lw_cli_exit_code(err);
	snprintf(path, sizeof(path), "%s/rules", dir);
	if ((n = scandir(path, &list, is_yaml, alphasort)) < 0)
		return lw_cli_fail(lw_err_from_errno(errno), "%s", path);
	code = LW_EXIT_OK;
	for (int i = 0; i < n; i++) {
		int one;

		snprintf(path, sizeof(path), "%s/rules/%s", dir, list[i]->d_name);
		one = format_file(c, path);
		code = one > code ? one : code;
		free(list[i]);
	}
	free(list);
	return code;
}
