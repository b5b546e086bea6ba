/* SPDX-License-Identifier: Apache-2.0 */
/* Cases out as JSON: the list in the queue's order, and one case with all that is known of
 * it. Text leaves its seal only where the caller asks for it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "queue/store.h"

#define CASE_COLUMNS                                                                      \
	"n,id,state,kind,band,risk,from_id,to_id,conv,categories,flags,opened_ms,due_ms," \
	"updated_ms,tenant,version,closed_ms,key"

static void
put_str(struct lw_json *j, const char *key, sqlite3_stmt *st, int column)
{
	struct lw_str s = lw_store_str(st, column);

	lw_json_key(j, key);
	if (s.p == NULL)
		lw_json_null(j);
	else
		lw_json_str(j, s);
}

static void
put_uint(struct lw_json *j, const char *key, sqlite3_stmt *st, int column)
{
	lw_json_key(j, key);
	if (sqlite3_column_type(st, column) == SQLITE_NULL)
		lw_json_null(j);
	else
		lw_json_uint(j, (uint64_t)sqlite3_column_int64(st, column));
}

static void
put_double(struct lw_json *j, const char *key, sqlite3_stmt *st, int column)
{
	lw_json_key(j, key);
	lw_json_double(j, sqlite3_column_double(st, column));
}

static void
put_bool(struct lw_json *j, const char *key, sqlite3_stmt *st, int column)
{
	lw_json_key(j, key);
	lw_json_bool(j, sqlite3_column_int(st, column) != 0);
}

static void
put_name(struct lw_json *j, const char *key, const char *name)
{
	lw_json_key(j, key);
	lw_json_strz(j, name);
}

static void
put_categories(struct lw_json *j, sqlite3_stmt *st, int column)
{
	int64_t bits = sqlite3_column_int64(st, column);
	int c;

	lw_json_key(j, "categories");
	lw_json_array(j);
	for (c = 0; c < LW_CAT_MAX; c++)
		if ((bits >> c & 1) != 0)
			lw_json_strz(j, lw_category_name((enum lw_category)c));
	lw_json_array_end(j);
}

static void
put_case(struct lw_json *j, sqlite3_stmt *st)
{
	put_str(j, "id", st, 1);
	put_str(j, "tenant", st, 14);
	put_str(j, "state", st, 2);
	put_name(
	    j, "kind", lw_flag_kind_name((enum lw_flag_kind)sqlite3_column_int(st, 3)));
	put_name(j, "band", lw_band_name((enum lw_band)sqlite3_column_int(st, 4)));
	put_double(j, "risk", st, 5);
	put_str(j, "from", st, 6);
	put_str(j, "to", st, 7);
	put_str(j, "conv", st, 8);
	put_categories(j, st, 9);
	put_uint(j, "flags", st, 10);
	put_uint(j, "opened_ms", st, 11);
	put_uint(j, "due_ms", st, 12);
	put_uint(j, "updated_ms", st, 13);
	put_uint(j, "closed_ms", st, 16);
	put_uint(j, "version", st, 15);
}

static int
prepare(struct lw_queue *q, const char *sql, sqlite3_stmt **st)
{
	return lw_store_err(q->db, sqlite3_prepare_v2(q->db, sql, -1, st, NULL));
}

int
lw_queue_list(struct lw_queue *q, const struct lw_queue_filter *f, struct lw_json *out)
{
	size_t limit = f->limit == 0 ? 100 : f->limit;
	sqlite3_stmt *st = NULL;
	int rc = SQLITE_DONE, err;

	if (f->state != NULL && strcmp(f->state, "open") != 0 &&
	    strcmp(f->state, "closed") != 0)
		return LW_EINVAL;
	if (limit > LW_QUEUE_LIST_MAX)
		limit = LW_QUEUE_LIST_MAX;
	err = prepare(q,
	    "SELECT " CASE_COLUMNS " FROM cases"
	    " WHERE (?1 IS NULL OR tenant=?1) AND (?2 IS NULL OR state=?2) AND band>=?3"
	    " ORDER BY band DESC,due_ms,risk DESC,opened_ms,n LIMIT ?4",
	    &st);
	if (err != 0)
		return err;
	lw_store_bind_str(st, 1, f->tenant);
	if (f->state != NULL)
		sqlite3_bind_text(st, 2, f->state, -1, SQLITE_STATIC);
	sqlite3_bind_int(st, 3, (int)f->min_band);
	sqlite3_bind_int64(st, 4, (int64_t)limit);
	lw_json_array(out);
	while (out->out->err == 0 && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		lw_json_object(out);
		put_case(out, st);
		lw_json_object_end(out);
	}
	lw_json_array_end(out);
	err = out->out->err != 0 ? out->out->err : lw_store_err(q->db, rc);
	sqlite3_finalize(st);
	return err;
}

/* Terms are kept as JSON text and read again one by one, so that the writer's indentation
 * holds. */
static int
put_contributions(struct lw_queue *q, struct lw_json *j, sqlite3_stmt *flag, int column)
{
	sqlite3_stmt *st = NULL;
	int rc, err;

	err = prepare(q,
	    "SELECT json_extract(value,'$.name'),json_extract(value,'$.value'),"
	    "json_extract(value,'$.evidence') FROM json_each(?1)",
	    &st);
	if (err != 0)
		return err;
	lw_store_bind_str(st, 1, lw_store_str(flag, column));
	lw_json_key(j, "contributions");
	lw_json_array(j);
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		lw_json_object(j);
		put_str(j, "name", st, 0);
		put_double(j, "value", st, 1);
		put_double(j, "evidence", st, 2);
		lw_json_object_end(j);
	}
	lw_json_array_end(j);
	err = lw_store_err(q->db, rc);
	sqlite3_finalize(st);
	return err;
}

/* Evidence is named by its number in the case. */
static int
put_links(struct lw_queue *q, struct lw_json *j, int64_t flag_n)
{
	sqlite3_stmt *st = NULL;
	int rc, err;

	err = prepare(q,
	    "SELECT evidence_n FROM flag_evidence WHERE flag_n=?1 ORDER BY evidence_n",
	    &st);
	if (err != 0)
		return err;
	sqlite3_bind_int64(st, 1, flag_n);
	lw_json_key(j, "evidence");
	lw_json_array(j);
	while ((rc = sqlite3_step(st)) == SQLITE_ROW)
		lw_json_uint(j, (uint64_t)sqlite3_column_int64(st, 0));
	lw_json_array_end(j);
	err = lw_store_err(q->db, rc);
	sqlite3_finalize(st);
	return err;
}

static void
put_hex(struct lw_json *j, const char *key, struct lw_str blob)
{
	char hex[65];
	size_t i;

	hex[0] = '\0';
	for (i = 0; i < blob.n && i < 32; i++)
		snprintf(hex + 2 * i, 3, "%02x", (unsigned)(uint8_t)blob.p[i]);
	lw_json_key(j, key);
	lw_json_strz(j, hex);
}

static int
put_flags(struct lw_queue *q, struct lw_json *j, int64_t case_n)
{
	sqlite3_stmt *st = NULL;
	int rc = SQLITE_DONE, err;

	err = prepare(q,
	    "SELECT n,id,seq,ts_ms,added_ms,kind,band,risk,log_odds,categories,conv,message,"
	    "contributions,clause,pack,engine FROM flags WHERE case_n=?1"
	    " ORDER BY seq DESC,n DESC LIMIT ?2",
	    &st);
	if (err != 0)
		return err;
	sqlite3_bind_int64(st, 1, case_n);
	sqlite3_bind_int(st, 2, LW_QUEUE_SHOW_FLAGS);
	lw_json_key(j, "flag_list");
	lw_json_array(j);
	while (err == 0 && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		lw_json_object(j);
		put_hex(j, "id", lw_store_blob(st, 1));
		put_name(j, "kind",
		    lw_flag_kind_name((enum lw_flag_kind)sqlite3_column_int(st, 5)));
		put_name(j, "band", lw_band_name((enum lw_band)sqlite3_column_int(st, 6)));
		put_uint(j, "seq", st, 2);
		put_uint(j, "ts", st, 3);
		put_uint(j, "added_ms", st, 4);
		put_double(j, "risk", st, 7);
		put_double(j, "log_odds", st, 8);
		put_categories(j, st, 9);
		put_str(j, "conv", st, 10);
		put_str(j, "message", st, 11);
		err = put_contributions(q, j, st, 12);
		if (err == 0)
			err = put_links(q, j, sqlite3_column_int64(st, 0));
		put_str(j, "clause", st, 13);
		put_str(j, "pack", st, 14);
		put_str(j, "engine", st, 15);
		lw_json_object_end(j);
	}
	lw_json_array_end(j);
	if (err == 0)
		err = lw_store_err(q->db, rc);
	sqlite3_finalize(st);
	return err;
}

static int
put_text(struct lw_json *j, const struct lw_seal *key, struct lw_str case_id,
    sqlite3_stmt *st, int column)
{
	struct lw_str box = lw_store_blob(st, column);
	struct lw_buf context, clear;
	int err;

	lw_buf_init(&context, 4096);
	lw_buf_init(&clear, 1u << 20);
	lw_json_key(j, "text");
	if (box.p == NULL) {
		lw_json_null(j);
		return 0;
	}
	err = lw_store_evidence_context(
	    &context, case_id, lw_store_str(st, 1), lw_store_str(st, 2));
	if (err == 0)
		err = lw_seal_take(key,
		    (struct lw_str){(char *)context.data, context.len}, box, &clear);
	if (err == 0)
		lw_json_str(j, (struct lw_str){(char *)clear.data, clear.len});
	else
		lw_json_null(j);
	lw_buf_clear(&clear);
	lw_buf_clear(&context);
	return err;
}

/* "[[start,end],...]" as it was stored, number by number. */
static void
put_spans(struct lw_json *j, struct lw_str s)
{
	bool inside = false;
	uint64_t v;
	size_t i = 1;

	lw_json_key(j, "spans");
	lw_json_array(j);
	while (i + 1 < s.n) {
		if (s.p[i] == '[') {
			lw_json_array(j);
			inside = true;
		} else if (s.p[i] == ']' && inside) {
			lw_json_array_end(j);
			inside = false;
		} else if (s.p[i] >= '0' && s.p[i] <= '9' && inside) {
			for (v = 0; s.p[i] >= '0' && s.p[i] <= '9'; i++)
				v = v * 10 + (uint64_t)(s.p[i] - '0');
			lw_json_uint(j, v);
			continue;
		}
		i++;
	}
	lw_json_array_end(j);
}

static int
put_evidence_rows(struct lw_json *j, const struct lw_seal *key, struct lw_str case_id,
    sqlite3_stmt *st, int *rc)
{
	int err = 0;

	while (err == 0 && (*rc = sqlite3_step(st)) == SQLITE_ROW) {
		lw_json_object(j);
		put_uint(j, "n", st, 0);
		put_str(j, "message", st, 1);
		put_str(j, "rule", st, 2);
		put_uint(j, "rev", st, 3);
		put_str(j, "title", st, 4);
		put_name(j, "category",
		    lw_category_name((enum lw_category)sqlite3_column_int(st, 5)));
		put_uint(j, "ts", st, 6);
		put_name(j, "how", lw_how_name((enum lw_how)sqlite3_column_int(st, 7)));
		put_double(j, "weight", st, 8);
		put_uint(j, "back", st, 9);
		put_bool(j, "from_target", st, 10);
		put_bool(j, "deleted", st, 11);
		put_spans(j, lw_store_str(st, 12));
		lw_json_key(j, "has_text");
		lw_json_bool(j, sqlite3_column_type(st, 13) != SQLITE_NULL);
		if (key != NULL)
			err = put_text(j, key, case_id, st, 13);
		lw_json_object_end(j);
	}
	return err;
}

static int
put_evidence(struct lw_queue *q, struct lw_json *j, int64_t case_n,
    struct lw_str case_id, const struct lw_seal *key)
{
	sqlite3_stmt *st = NULL;
	int rc = SQLITE_DONE, err;

	err = prepare(q,
	    "SELECT n,message,rule,rev,title,category,ts_ms,how,weight,back,from_target,"
	    "deleted,spans,text FROM evidence WHERE case_n=?1 ORDER BY ts_ms DESC,n DESC"
	    " LIMIT ?2",
	    &st);
	if (err != 0)
		return err;
	sqlite3_bind_int64(st, 1, case_n);
	sqlite3_bind_int(st, 2, LW_QUEUE_SHOW_EVIDENCE);
	lw_json_key(j, "evidence");
	lw_json_array(j);
	err = put_evidence_rows(j, key, case_id, st, &rc);
	lw_json_array_end(j);
	if (err == 0)
		err = lw_store_err(q->db, rc);
	sqlite3_finalize(st);
	return err;
}

static int
show_row(struct lw_queue *q, sqlite3_stmt *st, bool show_text, struct lw_json *out)
{
	struct lw_str id = lw_store_str(st, 1);
	int64_t n = sqlite3_column_int64(st, 0);
	struct lw_seal key;
	int err = 0;

	if (show_text)
		err = lw_store_case_key_open(q, id, lw_store_blob(st, 17), &key);
	if (err != 0)
		return err;
	lw_json_object(out);
	put_case(out, st);
	err = put_flags(q, out, n);
	if (err == 0)
		err = put_evidence(
		    q, out, n, lw_store_str(st, 1), show_text ? &key : NULL);
	lw_json_object_end(out);
	if (show_text)
		lw_seal_clear(&key);
	return err != 0 ? err : out->out->err;
}

static bool
is_hex(struct lw_str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (strchr("0123456789abcdef", s.p[i]) == NULL || s.p[i] == '\0')
			return false;
	return true;
}

int
lw_queue_show(struct lw_queue *q, struct lw_str id, bool show_text, struct lw_json *out)
{
	sqlite3_stmt *st = NULL, *other = NULL;
	char from[33], to[34];
	int rc, err;

	if (id.n < LW_QUEUE_ID_MIN || id.n > 32 || !is_hex(id))
		return LW_EINVAL;
	snprintf(from, sizeof(from), "%.*s", (int)id.n, id.p);
	snprintf(to, sizeof(to), "%.*sg", (int)id.n, id.p); /* g follows every hex digit */
	err = prepare(q,
	    "SELECT " CASE_COLUMNS
	    " FROM cases WHERE id>=?1 AND id<?2 ORDER BY id LIMIT 1",
	    &st);
	if (err == 0)
		err = prepare(
		    q, "SELECT count(*) FROM cases WHERE id>=?1 AND id<?2", &other);
	if (err != 0)
		goto out;
	sqlite3_bind_text(st, 1, from, -1, SQLITE_STATIC);
	sqlite3_bind_text(st, 2, to, -1, SQLITE_STATIC);
	sqlite3_bind_text(other, 1, from, -1, SQLITE_STATIC);
	sqlite3_bind_text(other, 2, to, -1, SQLITE_STATIC);
	rc = sqlite3_step(other);
	err = lw_store_err(q->db, rc);
	if (err == 0 && sqlite3_column_int64(other, 0) > 1)
		err = LW_EINVAL; /* more than one case begins so */
	if (err != 0)
		goto out;
	rc = sqlite3_step(st);
	err = lw_store_err(q->db, rc);
	if (err == 0)
		err = rc == SQLITE_ROW ? show_row(q, st, show_text, out) : LW_ENOENT;
out:
	sqlite3_finalize(other);
	sqlite3_finalize(st);
	return err;
}

int
lw_queue_stats(struct lw_queue *q, struct lw_queue_stats *out)
{
	sqlite3_stmt *st = NULL;
	int rc, err;

	err = prepare(q,
	    "SELECT count(*),coalesce(sum(state='open'),0),(SELECT count(*) FROM flags)"
	    " FROM cases",
	    &st);
	if (err != 0)
		return err;
	rc = sqlite3_step(st);
	err = lw_store_err(q->db, rc);
	if (rc == SQLITE_ROW) {
		out->cases = (uint64_t)sqlite3_column_int64(st, 0);
		out->open = (uint64_t)sqlite3_column_int64(st, 1);
		out->flags = (uint64_t)sqlite3_column_int64(st, 2);
	}
	sqlite3_finalize(st);
	return err;
}
