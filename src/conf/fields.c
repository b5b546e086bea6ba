/* SPDX-License-Identifier: Apache-2.0 */
/* Typed values out of YAML nodes. In: a node and what is wanted. Out: the value, or a
 * diagnostic that says what was expected, with a hint where one can be guessed. */
#include <stdlib.h>
#include "base/err.h"
#include "conf/scalar.h"
#include "conf/table.h"
#include "conf/yaml.h"

#define HINT_MAX 200
#define NAMES_MAX 128 /* fields of one table that "did you mean" looks at */

struct want_words {
	const char *a, *hint;
};

static const struct want_words words[] = {
    [LW_WANT_TEXT] = {"text", NULL},
    [LW_WANT_INT] = {"an integer", "digits, without quotes"},
    [LW_WANT_DOUBLE] = {"a number", "such as 0.75, without quotes"},
    [LW_WANT_BOOL] = {"true or false", "without quotes"},
    [LW_WANT_DURATION] = {"a duration", "such as 250ms, 30s, 10m, 2h or 14d"},
    [LW_WANT_SIZE] = {"a size", "such as 64KiB, 1MiB or 2GiB"},
    [LW_WANT_NODE] = {"a value", NULL},
    [LW_WANT_LIST] = {"a list", NULL},
    [LW_WANT_MAP] = {"a map", NULL},
};

static const char *
type_word(const struct lw_yaml *node)
{
	if (node->type == LW_YAML_MAP)
		return "a map";
	return node->type == LW_YAML_LIST ? "a list" : "text";
}

static int
refuse(const struct lw_yaml_doc *doc, const struct lw_yaml *node,
    enum lw_yaml_want want, struct lw_diag *diag)
{
	char quoted[LW_CONF_QUOTE_MAX];

	if (node->type != LW_YAML_SCALAR)
		lw_diag_error(diag, doc->file, node->line, node->col, NULL,
		    "expected %s, found %s", words[want].a, type_word(node));
	else if (node->plain && node->text.n == 0)
		lw_diag_error(diag, doc->file, node->line, node->col, words[want].hint,
		    "expected %s, found nothing", words[want].a);
	else if (want == LW_WANT_LIST || want == LW_WANT_MAP)
		lw_diag_error(diag, doc->file, node->line, node->col, NULL,
		    "expected %s, found text", words[want].a);
	else
		lw_diag_error(diag, doc->file, node->line, node->col, words[want].hint,
		    "expected %s, found %s", words[want].a,
		    lw_conf_quote(quoted, node->text));
	return LW_EINVAL;
}

static void
put_bound(struct lw_buf *b, enum lw_yaml_want want, double v)
{
	if (v >= 0 && want == LW_WANT_DURATION)
		lw_conf_put_duration(b, (uint64_t)v);
	else if (v >= 0 && want == LW_WANT_SIZE)
		lw_conf_put_size(b, (uint64_t)v);
	else
		lw_buf_printf(b, "%.15g", v);
}

static int
check_range(const struct lw_yaml_doc *doc, const struct lw_yaml *node,
    enum lw_yaml_want want, double v, double min, double max, struct lw_diag *diag)
{
	struct lw_buf b;

	if ((min == 0 && max == 0) || (v >= min && v <= max))
		return LW_OK;
	lw_buf_init(&b, 256);
	lw_buf_puts(&b, "must be from ");
	put_bound(&b, want, min);
	lw_buf_puts(&b, " to ");
	put_bound(&b, want, max);
	lw_buf_putc(&b, '\0');
	lw_diag_error(diag, doc->file, node->line, node->col, NULL, "%s",
	    b.err == LW_OK ? (const char *)lw_buf_peek(&b) : "out of range");
	lw_buf_clear(&b);
	return LW_EINVAL;
}

/* Numbers and booleans: *v is the value for the range check. */
static int
parse_value(const struct lw_yaml *node, enum lw_yaml_want want, void *into, double *v)
{
	int err;

	switch (want) {
	case LW_WANT_INT:
		err = node->plain ? lw_conf_parse_int(node->text, into) : LW_EINVAL;
		*v = err == LW_OK ? (double)*(int64_t *)into : 0;
		return err;
	case LW_WANT_DOUBLE:
		err = node->plain ? lw_conf_parse_double(node->text, into) : LW_EINVAL;
		*v = err == LW_OK ? *(double *)into : 0;
		return err;
	case LW_WANT_BOOL:
		*v = 0;
		return node->plain ? lw_conf_parse_bool(node->text, into) : LW_EINVAL;
	case LW_WANT_DURATION:
		err = lw_conf_parse_duration(node->text, into);
		*v = err == LW_OK ? (double)*(uint64_t *)into : 0;
		return err;
	case LW_WANT_SIZE:
		err = lw_conf_parse_size(node->text, into);
		*v = err == LW_OK ? (double)*(uint64_t *)into : 0;
		return err;
	case LW_WANT_TEXT:
	case LW_WANT_NODE:
	case LW_WANT_LIST:
	case LW_WANT_MAP:
		break;
	}
	return LW_EINVAL;
}

int
lw_yaml_scalar(const struct lw_yaml_doc *doc, const struct lw_yaml *node,
    enum lw_yaml_want want, double min, double max, void *into, struct lw_diag *diag)
{
	union {
		int64_t i;
		uint64_t u;
		double d;
		bool b;
	} parsed;
	double v;
	int err;

	if (node->type != LW_YAML_SCALAR || want > LW_WANT_SIZE ||
	    (node->plain && node->text.n == 0))
		return refuse(doc, node, want, diag);
	if (want == LW_WANT_TEXT) {
		*(struct lw_str *)into = node->text;
		return LW_OK;
	}
	/* Range is judged before *into is written. */
	err = parse_value(node, want, &parsed, &v);
	if (err == LW_ELIMIT) {
		lw_diag_error(diag, doc->file, node->line, node->col, NULL,
		    "the number is too large");
		return LW_EINVAL;
	}
	if (err != LW_OK)
		return refuse(doc, node, want, diag);
	if (want == LW_WANT_BOOL) {
		*(bool *)into = parsed.b;
		return LW_OK;
	}
	err = check_range(doc, node, want, v, min, max, diag);
	if (err == LW_OK)
		memcpy(into, &parsed, sizeof(uint64_t));
	return err;
}

static int
read_field(const struct lw_yaml_doc *doc, struct lw_yaml *node,
    const struct lw_yaml_field *f, void *into, struct lw_diag *diag)
{
	char *to = (char *)into + f->offset;

	if (f->want == LW_WANT_NODE ||
	    (f->want == LW_WANT_LIST && node->type == LW_YAML_LIST) ||
	    (f->want == LW_WANT_MAP && node->type == LW_YAML_MAP)) {
		memcpy(to, &node, sizeof(node));
		return LW_OK;
	}
	return lw_yaml_scalar(doc, node, f->want, f->min, f->max, to, diag);
}

int
lw_conf_unknown_key(const struct lw_yaml_doc *doc, const struct lw_yaml *node,
    const char *const *names, size_t n, struct lw_diag *diag)
{
	const char *near = lw_conf_nearest(node->key, names, n);
	char hint[HINT_MAX] = "known keys:", quoted[LW_CONF_QUOTE_MAX];
	size_t len = strlen(hint);

	if (near != NULL) {
		snprintf(hint, sizeof(hint), "did you mean '%s'?", near);
	} else {
		for (size_t i = 0; i < n; i++) {
			size_t more = strlen(names[i]) + 2;

			if (len + more + sizeof(", ...") > sizeof(hint)) {
				memcpy(hint + len, ", ...", sizeof(", ..."));
				break;
			}
			len += (size_t)snprintf(hint + len, sizeof(hint) - len, "%s %s",
			    i > 0 ? "," : "", names[i]);
		}
	}
	lw_diag_error(diag, doc->file, node->key_line, node->key_col, hint,
	    "unknown key %s", lw_conf_quote(quoted, node->key));
	return LW_EINVAL;
}

static int
tell_unknown(const struct lw_yaml_doc *doc, const struct lw_yaml *node,
    const struct lw_yaml_field *fields, size_t nfields, struct lw_diag *diag)
{
	const char *names[NAMES_MAX];
	size_t n;

	for (n = 0; n < nfields && n < NAMES_MAX; n++)
		names[n] = fields[n].key;
	return lw_conf_unknown_key(doc, node, names, n, diag);
}

int
lw_yaml_fields(const struct lw_yaml_doc *doc, const struct lw_yaml *map,
    const struct lw_yaml_field *fields, size_t nfields, void *into, struct lw_diag *diag)
{
	int err = LW_OK;

	if (map->type != LW_YAML_MAP)
		return refuse(doc, map, LW_WANT_MAP, diag);
	for (struct lw_yaml *node = map->child; node != NULL; node = node->next) {
		size_t i = 0;
		int got;

		while (i < nfields && !lw_str_is(node->key, fields[i].key))
			i++;
		if (i < nfields)
			got = read_field(doc, node, &fields[i], into, diag);
		else
			got = tell_unknown(doc, node, fields, nfields, diag);
		if (got != LW_OK)
			err = got;
	}
	for (size_t i = 0; i < nfields; i++) {
		if (!fields[i].required || lw_yaml_get(map, fields[i].key) != NULL)
			continue;
		lw_diag_error(diag, doc->file, map->line, map->col, NULL,
		    "missing key '%s'", fields[i].key);
		err = LW_EINVAL;
	}
	return err;
}
