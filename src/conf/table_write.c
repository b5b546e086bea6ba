/* SPDX-License-Identifier: Apache-2.0 */
/* The writing half of a table: sample files, the Markdown reference, differences. In: a
 * table and a filled struct. Out: text that the reading half reads back. Owns nothing. */
#include <ctype.h>
#include <stdlib.h>
#include "base/json.h"
#include "conf/config.h"
#include "conf/scalar.h"
#include "conf/table.h"

#define VALUE_MAX ((size_t)1024 * 1024)
#define WRAP 78 /* columns of a comment */

/* Single quotes need no escapes but their own doubling. */
void
lw_conf_put_quoted(struct lw_buf *out, const char *z)
{
	lw_buf_putc(out, '\'');
	for (; *z != '\0'; z++) {
		if (*z == '\'')
			lw_buf_putc(out, '\'');
		lw_buf_putc(out, *z);
	}
	lw_buf_putc(out, '\'');
}

/* The value as it stands behind `key:`, with the space or line break before it. */
static void
put_value(const struct lw_conf_key *k, const void *from, struct lw_buf *out)
{
	const char *at = (const char *)from + k->offset;
	struct lw_json number;
	uint64_t u64 = 0;
	uint32_t u32 = 0;
	double d = 0;

	if (k->kind == LW_KEY_OWN) {
		k->put(out, from);
		return;
	}
	lw_buf_putc(out, ' ');
	switch (k->kind) {
	case LW_KEY_COUNT32:
	case LW_KEY_AUTO:
		memcpy(&u32, at, sizeof(u32));
		if (u32 == 0 && k->kind == LW_KEY_AUTO)
			lw_buf_puts(out, "auto");
		else
			lw_buf_printf(out, "%lu", (unsigned long)u32);
		break;
	case LW_KEY_COUNT64:
		memcpy(&u64, at, sizeof(u64));
		lw_buf_printf(out, "%llu", (unsigned long long)u64);
		break;
	case LW_KEY_REAL:
		memcpy(&d, at, sizeof(d));
		lw_json_init(&number, out, 0);
		lw_json_double(&number, d);
		break;
	case LW_KEY_DURATION:
		memcpy(&u64, at, sizeof(u64));
		lw_conf_put_duration(out, u64);
		break;
	case LW_KEY_SIZE:
		memcpy(&u64, at, sizeof(u64));
		lw_conf_put_size(out, u64);
		break;
	case LW_KEY_NAME:
	case LW_KEY_PATH:
	case LW_KEY_SOCKET:
		lw_conf_put_quoted(out, at);
		break;
	case LW_KEY_CHOICE:
		lw_buf_puts(out, k->name(*(const int *)(const void *)at));
		break;
	case LW_KEY_OWN:
		break;
	}
}

static bool
is_same(const struct lw_conf_key *k, const void *a, const void *b)
{
	struct lw_buf x, y;
	bool same;

	lw_buf_init(&x, VALUE_MAX);
	lw_buf_init(&y, VALUE_MAX);
	put_value(k, a, &x);
	put_value(k, b, &y);
	same = x.err == 0 && y.err == 0 && lw_buf_left(&x) == lw_buf_left(&y) &&
	       memcmp(lw_buf_peek(&x), lw_buf_peek(&y), lw_buf_left(&x)) == 0;
	lw_buf_clear(&x);
	lw_buf_clear(&y);
	return same;
}

/* Words behind `# `, broken at WRAP. */
static void
write_comment(FILE *to, const char *indent, const char *text)
{
	size_t col = 0, start = strlen(indent) + 1;

	while (*text != '\0') {
		size_t n = strcspn(text, " ");

		if (col == 0 || col + 1 + n > WRAP) {
			fprintf(to, "%s%s#", col == 0 ? "" : "\n", indent);
			col = start;
		}
		fprintf(to, " %.*s", (int)n, text);
		col += n + 1;
		text += n;
		while (*text == ' ')
			text++;
	}
	fputc('\n', to);
}

static void
write_key(const struct lw_conf_key *k, const void *from, bool is_default, FILE *to)
{
	const char *indent = k->group[0] != '\0' ? "  " : "";
	struct lw_buf value;

	lw_buf_init(&value, VALUE_MAX);
	put_value(k, from, &value);
	lw_buf_putc(&value, '\0');
	if (value.err == 0)
		fprintf(to, "%s%s%s:%s\n", indent, is_default ? "#" : "", k->key,
		    (const char *)lw_buf_peek(&value));
	lw_buf_clear(&value);
}

void
lw_conf_table_sample(const struct lw_conf_table *t, const void *from, FILE *to)
{
	void *def = malloc(t->size);
	const char *group = "";

	if (def == NULL)
		return;
	lw_conf_table_default(t, def);
	write_comment(to, "", t->title);
	for (size_t i = 0; i < t->n; i++) {
		const struct lw_conf_key *k = &t->key[i];
		bool is_new_group = strcmp(k->group, group) != 0;

		/* Rows of a group with short help stand together, without blank lines. */
		if (k->group[0] == '\0' || is_new_group)
			fputc('\n', to);
		if (is_new_group && k->group[0] != '\0')
			fprintf(to, "%s:\n", k->group);
		group = k->group;
		write_comment(to, k->group[0] != '\0' ? "  " : "", k->help);
		write_key(k, from, is_same(k, from, def), to);
	}
	free(def);
}

static void
write_range(const struct lw_conf_key *k, FILE *to)
{
	struct lw_buf b;

	lw_buf_init(&b, 1024);
	switch (k->kind) {
	case LW_KEY_DURATION:
		lw_conf_put_duration(&b, (uint64_t)k->min);
		lw_buf_puts(&b, " to ");
		lw_conf_put_duration(&b, (uint64_t)k->max);
		break;
	case LW_KEY_SIZE:
		lw_conf_put_size(&b, (uint64_t)k->min);
		lw_buf_puts(&b, " to ");
		lw_conf_put_size(&b, (uint64_t)k->max);
		break;
	case LW_KEY_AUTO:
		lw_buf_puts(&b, "`auto`, ");
		/* fall through */
	case LW_KEY_COUNT32:
	case LW_KEY_COUNT64:
	case LW_KEY_REAL:
		lw_buf_printf(&b, "%.15g to %.15g", k->min, k->max);
		break;
	case LW_KEY_CHOICE:
		for (int i = (int)k->min; i <= (int)k->max; i++)
			lw_buf_printf(
			    &b, "%s`%s`", i > (int)k->min ? ", " : "", k->name(i));
		break;
	case LW_KEY_SOCKET:
		lw_buf_puts(&b, "path, up to 107 bytes");
		break;
	case LW_KEY_PATH:
		lw_buf_puts(&b, "path");
		break;
	case LW_KEY_NAME:
		lw_buf_puts(&b, "text, up to 63 bytes");
		break;
	case LW_KEY_OWN:
		lw_buf_puts(&b, "list");
		break;
	}
	lw_buf_putc(&b, '\0');
	fprintf(to, " %s |", (const char *)lw_buf_peek(&b));
	lw_buf_clear(&b);
}

void
lw_conf_table_reference(const struct lw_conf_table *t, FILE *to)
{
	fprintf(to, "| key | values | default |%s meaning |\n",
	    t->has_reload ? " changes by |" : "");
	fprintf(to, "|---|---|---|%s---|\n", t->has_reload ? "---|" : "");
	for (size_t i = 0; i < t->n; i++) {
		const struct lw_conf_key *k = &t->key[i];

		fprintf(to, "| `%s%s%s` |", k->group, k->group[0] != '\0' ? "." : "",
		    k->key);
		write_range(k, to);
		if (k->def[0] != '\0')
			fprintf(to, " `%s` |", k->def);
		else
			fprintf(to, " none |");
		if (t->has_reload)
			fprintf(to, " %s |", k->is_live ? "reload" : "restart");
		fprintf(to, " %s |\n", k->help);
	}
}

size_t
lw_conf_table_diff(const struct lw_conf_table *t, const void *a, const void *b,
    bool is_live, const char **keys, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n && n < max; i++)
		if (t->key[i].is_live == is_live && !is_same(&t->key[i], a, b))
			keys[n++] = t->key[i].key;
	return n;
}
