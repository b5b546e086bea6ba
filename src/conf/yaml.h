/* SPDX-License-Identifier: Apache-2.0 */
/* Strict YAML: one file or string in, a tree of nodes with positions out. Refused with
 * file:line:col: anchors, aliases, tags, merge keys, second documents, tabs, duplicate keys,
 * NUL, BOM, invalid UTF-8, depth over 8, size over 4 MiB, more than 1,000,000 nodes.
 * Scalars stay text: the reader of a value says what type it wants. */
#ifndef LW_CONF_YAML_H
#define LW_CONF_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/str.h"
#include "conf/diag.h"

enum lw_yaml_type { LW_YAML_SCALAR, LW_YAML_LIST, LW_YAML_MAP };

struct lw_yaml {
	enum lw_yaml_type type;
	bool double_quoted, plain; /* style of a scalar */
	unsigned line, col;	   /* 1-based */
	struct lw_str text;	   /* scalar; NUL-terminated behind the slice */
	struct lw_str key;	   /* of this node in its map, else absent */
	unsigned key_line, key_col;
	struct lw_yaml *child, *next; /* first child; next sibling */
	size_t nchildren;
};

struct lw_yaml_doc {
	char *file;	      /* owned */
	struct lw_yaml *root; /* NULL for an empty document */
	void *memory;	      /* owned */
};

/* Both add to diag and return 0 or LW_EINVAL, LW_ELIMIT, LW_EIO, LW_ENOENT, LW_ENOMEM. */
int lw_yaml_read(struct lw_yaml_doc *doc, const char *path, struct lw_diag *diag);
int lw_yaml_parse(struct lw_yaml_doc *doc, const char *name, struct lw_str text,
    struct lw_diag *diag);
void lw_yaml_clear(struct lw_yaml_doc *doc);

/* The value of key in a map, or NULL. */
struct lw_yaml *lw_yaml_get(const struct lw_yaml *map, const char *key);

/* Table-driven maps: every key is listed, everything else is an error with a hint. */
enum lw_yaml_want {
	LW_WANT_TEXT,	  /* struct lw_str, lent from the document */
	LW_WANT_INT,	  /* int64_t within min..max */
	LW_WANT_DOUBLE,	  /* double within min..max */
	LW_WANT_BOOL,	  /* bool: true or false only */
	LW_WANT_DURATION, /* uint64_t ms: 250ms 30s 10m 2h 14d; a unit is required */
	LW_WANT_SIZE,	  /* uint64_t bytes: 64B 64KiB 1MiB 2GiB; a unit is required */
	LW_WANT_NODE, /* struct lw_yaml *, any type: the caller goes on from there */
	LW_WANT_LIST, /* struct lw_yaml *, must be a list */
	LW_WANT_MAP   /* struct lw_yaml *, must be a map */
};

struct lw_yaml_field {
	const char *key;
	enum lw_yaml_want want;
	bool required;
	size_t offset; /* of the result in the caller's struct */
	double min, max; /* of INT, DOUBLE, DURATION (ms), SIZE (bytes); both 0: no bound */
};

/* Fill `into` from a map; absent optional fields are left as they are. */
int lw_yaml_fields(const struct lw_yaml_doc *doc, const struct lw_yaml *map,
    const struct lw_yaml_field *fields, size_t nfields, void *into, struct lw_diag *diag);
/* One scalar read as `want`; the same checks and messages. */
int lw_yaml_scalar(const struct lw_yaml_doc *doc, const struct lw_yaml *node,
    enum lw_yaml_want want, double min, double max, void *into, struct lw_diag *diag);
/* The nearest of names to what was written, or NULL: for "did you mean". */
const char *lw_conf_nearest(struct lw_str written, const char *const *names, size_t n);

#endif
