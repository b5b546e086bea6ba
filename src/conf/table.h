/* SPDX-License-Identifier: Apache-2.0 */
/* One table per file format: reader, defaults, sample and reference all come from it.
 * Private to the room. */
#ifndef LW_CONF_TABLE_H
#define LW_CONF_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include "base/buf.h"
#include "conf/diag.h"
#include "conf/yaml.h"

#define LW_CONF_NAME_MAX 64    /* bytes of a LW_KEY_NAME, with its NUL */
#define LW_CONF_SOCKET_MAX 108 /* bytes of a socket's path, with its NUL */
#define LW_CONF_KEYS_MAX 64    /* rows of a table */

enum lw_conf_kind {
	LW_KEY_COUNT32,	 /* uint32_t */
	LW_KEY_COUNT64,	 /* uint64_t */
	LW_KEY_AUTO,	 /* uint32_t; 0 is written `auto` */
	LW_KEY_REAL,	 /* double */
	LW_KEY_DURATION, /* uint64_t, milliseconds */
	LW_KEY_SIZE,	 /* uint64_t, bytes */
	LW_KEY_NAME,	 /* char[LW_CONF_NAME_MAX], one line */
	LW_KEY_PATH,	 /* char[LW_CONF_PATH_MAX] */
	LW_KEY_SOCKET,	 /* the same, short enough to bind */
	LW_KEY_CHOICE,	 /* an enum: min..max of name() */
	LW_KEY_OWN	 /* read() and put() of the row; default empty */
};

/* Where a key stands in the file; line 0: it does not. */
struct lw_conf_place {
	unsigned line, col;
};

struct lw_conf_reading {
	const struct lw_yaml_doc *doc;
	const char *dir; /* of the file; relative paths start there */
	struct lw_diag *diag;
};

struct lw_conf_key {
	const char *group, *key; /* group "" for the top level */
	enum lw_conf_kind kind;
	bool is_live; /* a reload takes it over; else a restart is needed */
	size_t offset;
	double min, max;
	const char *def; /* as it would stand in the file; @conf@ @state@ @run@ stand for
			  * the folders of the installation */
	const char *help;
	const char *(*name)(int i);
	int (*read)(
	    const struct lw_conf_reading *r, const struct lw_yaml *node, void *into);
	void (*put)(struct lw_buf *out, const void *from);
};

struct lw_conf_table {
	const struct lw_conf_key *key;
	size_t n;
	size_t size;	   /* of the struct that it fills */
	const char *title; /* first lines of a sample, as comments */
	bool has_reload;   /* is_live means something */
};

void lw_conf_table_default(const struct lw_conf_table *t, void *into);
/* Reads path by the table over what *into holds. places is [t->n], zeroed. */
int lw_conf_table_load(const struct lw_conf_table *t, const char *path, void *into,
    struct lw_conf_place *places, struct lw_diag *diag);
/* The place of the row that fills this offset. */
struct lw_conf_place lw_conf_table_place(
    const struct lw_conf_table *t, const struct lw_conf_place *places, size_t offset);
void lw_conf_table_sample(const struct lw_conf_table *t, const void *from, FILE *to);
void lw_conf_table_reference(const struct lw_conf_table *t, FILE *to);
/* Names of rows whose values differ, and whose is_live is as given. */
size_t lw_conf_table_diff(const struct lw_conf_table *t, const void *a, const void *b,
    bool is_live, const char **keys, size_t max);

/* Helpers of rows that read themselves. */
int lw_conf_read_path(
    const struct lw_conf_reading *r, const struct lw_yaml *node, char *to);
int lw_conf_read_name(
    const struct lw_conf_reading *r, const struct lw_yaml *node, char *to);
void lw_conf_put_quoted(struct lw_buf *out, const char *z);
int lw_conf_unknown_key(const struct lw_yaml_doc *doc, const struct lw_yaml *node,
    const char *const *names, size_t n, struct lw_diag *diag);

#endif
