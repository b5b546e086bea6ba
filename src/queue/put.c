/* SPDX-License-Identifier: Apache-2.0 */
/* Flags into cases. A batch of flags in, one transaction out: all of them or none. The
 * same flag twice changes nothing, and the order of flags does not matter to a case. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "base/err.h"
#include "base/hash.h"
#include "base/json.h"
#include "queue/store.h"

#define HOUR_MS UINT64_C(3600000)
#define ID_HEX 32
#define CONTRIBUTIONS_MAX (64u << 10) /* bytes of JSON */
#define SEALED_MAX (1u << 20)

struct case_row {
	int64_t n;
	char id[ID_HEX + 1];
	int kind, band;
	bool is_open;
	double risk;
	uint32_t categories, categories_closed;
	uint64_t last_seq, due_ms;
	struct lw_seal key;
};

static uint64_t
due_after_ms(enum lw_band band)
{
	switch (band) {
	case LW_BAND_CRITICAL:
		return HOUR_MS;
	case LW_BAND_HIGH:
		return 4 * HOUR_MS;
	case LW_BAND_MEDIUM:
		return 24 * HOUR_MS;
	case LW_BAND_LOW:
	case LW_BAND_NONE:
		break;
	}
	return 72 * HOUR_MS;
}

static struct lw_str
or_empty(struct lw_str s)
{
	return s.p != NULL ? s : LW_STR("");
}

static int
case_find(struct lw_queue *q, struct case_row *c, bool *found)
{
	sqlite3_stmt *st = lw_store_statement(q, LW_Q_CASE_FIND);
	int rc, err;

	*found = false;
	if (st == NULL)
		return lw_store_err(q->db, sqlite3_errcode(q->db));
	sqlite3_bind_text(st, 1, c->id, ID_HEX, SQLITE_STATIC);
	rc = sqlite3_step(st);
	err = lw_store_err(q->db, rc);
	if (rc == SQLITE_ROW) {
		*found = true;
		c->n = sqlite3_column_int64(st, 0);
		c->kind = sqlite3_column_int(st, 1);
		c->is_open = lw_str_is(lw_store_str(st, 2), "open");
		c->band = sqlite3_column_int(st, 3);
		c->risk = sqlite3_column_double(st, 4);
		c->categories = (uint32_t)sqlite3_column_int64(st, 5);
		c->categories_closed = (uint32_t)sqlite3_column_int64(st, 6);
		c->last_seq = (uint64_t)sqlite3_column_int64(st, 7);
		c->due_ms = (uint64_t)sqlite3_column_int64(st, 8);
		err = lw_store_case_key_open(
		    q, lw_str(c->id), lw_store_blob(st, 9), &c->key);
	}
	sqlite3_reset(st);
	return err;
}

static int
case_add(struct lw_queue *q, struct case_row *c, const struct lw_flag *f, uint64_t now_ms)
{
	sqlite3_stmt *st;
	struct lw_buf wrapped;
	int err;

	lw_buf_init(&wrapped, 256);
	err = lw_store_case_key_new(q, lw_str(c->id), &c->key, &wrapped);
	st = lw_store_statement(q, LW_Q_CASE_ADD);
	if (err == 0 && st != NULL) {
		sqlite3_bind_text(st, 1, c->id, ID_HEX, SQLITE_STATIC);
		lw_store_bind_str(st, 2, or_empty(f->tenant));
		lw_store_bind_str(st, 3, or_empty(f->from));
		lw_store_bind_str(st, 4, f->to);
		lw_store_bind_str(st, 5, f->conv);
		sqlite3_bind_int(st, 6, (int)f->kind);
		sqlite3_bind_int(st, 7, (int)f->band);
		sqlite3_bind_double(st, 8, f->risk);
		sqlite3_bind_int64(st, 9, f->categories);
		sqlite3_bind_int64(st, 10, (int64_t)f->seq);
		sqlite3_bind_int64(st, 11, (int64_t)now_ms);
		sqlite3_bind_int64(st, 12, (int64_t)(now_ms + due_after_ms(f->band)));
		sqlite3_bind_blob(st, 13, wrapped.data, (int)wrapped.len, SQLITE_STATIC);
	}
	if (err == 0)
		err = lw_store_run(q, st);
	if (err == 0)
		c->n = sqlite3_last_insert_rowid(q->db);
	lw_buf_clear(&wrapped);
	return err;
}

/* What a case shows is the most of what its flags say, so that the order in which they
 * arrive does not matter; its kind is that of the latest one that is not a test. */
static int
case_update(
    struct lw_queue *q, struct case_row *c, const struct lw_flag *f, uint64_t now_ms)
{
	sqlite3_stmt *st = lw_store_statement(q, LW_Q_CASE_SET);
	uint64_t due;

	if (!c->is_open && (f->categories & ~c->categories_closed) != 0) {
		/* a closed case opens again on a category it did not know */
		c->is_open = true;
		c->band = LW_BAND_NONE;
		c->risk = 0;
		c->due_ms = UINT64_MAX >> 1;
	}
	if (f->kind != LW_FLAG_TEST && (f->seq >= c->last_seq || c->kind == LW_FLAG_TEST))
		c->kind = (int)f->kind;
	if ((int)f->band > c->band)
		c->band = (int)f->band;
	if (f->risk > c->risk)
		c->risk = f->risk;
	due = now_ms + due_after_ms((enum lw_band)c->band);
	if (due < c->due_ms)
		c->due_ms = due;
	if (f->seq > c->last_seq)
		c->last_seq = f->seq;
	c->categories |= f->categories;
	if (st != NULL) {
		sqlite3_bind_int64(st, 1, c->n);
		sqlite3_bind_int(st, 2, c->kind);
		sqlite3_bind_text(
		    st, 3, c->is_open ? "open" : "closed", -1, SQLITE_STATIC);
		sqlite3_bind_int(st, 4, c->band);
		sqlite3_bind_double(st, 5, c->risk);
		sqlite3_bind_int64(st, 6, c->categories);
		sqlite3_bind_int64(st, 7, (int64_t)c->last_seq);
		sqlite3_bind_int64(st, 8, (int64_t)now_ms);
		sqlite3_bind_int64(st, 9, (int64_t)c->due_ms);
	}
	return lw_store_run(q, st);
}

static void
contributions_json(struct lw_buf *out, const struct lw_flag *f)
{
	struct lw_json j;
	uint32_t i;

	lw_json_init(&j, out, 0);
	lw_json_array(&j);
	for (i = 0; i < f->ncontributions && i < LW_CONTRIB_MAX; i++) {
		lw_json_object(&j);
		lw_json_key(&j, "name");
		lw_json_strz(&j, f->contributions[i].name);
		lw_json_key(&j, "value");
		lw_json_double(&j, f->contributions[i].value);
		lw_json_key(&j, "evidence");
		lw_json_double(&j, f->contributions[i].evidence);
		lw_json_object_end(&j);
	}
	lw_json_array_end(&j);
}

static void
id_bytes(uint8_t out[16], struct lw_id128 id)
{
	int i;

	for (i = 0; i < 8; i++) {
		out[i] = (uint8_t)(id.hi >> (56 - 8 * i));
		out[8 + i] = (uint8_t)(id.lo >> (56 - 8 * i));
	}
}

static int
flag_add(struct lw_queue *q, const struct case_row *c, const struct lw_flag *f,
    uint64_t now_ms, int64_t *flag_n)
{
	sqlite3_stmt *st = lw_store_statement(q, LW_Q_FLAG_ADD);
	struct lw_buf json;
	uint8_t id[16];
	int err;

	lw_buf_init(&json, CONTRIBUTIONS_MAX);
	contributions_json(&json, f);
	id_bytes(id, f->id);
	err = json.err;
	if (err == 0 && st != NULL) {
		sqlite3_bind_blob(st, 1, id, sizeof(id), SQLITE_STATIC);
		sqlite3_bind_int64(st, 2, c->n);
		sqlite3_bind_int64(st, 3, (int64_t)f->seq);
		sqlite3_bind_int64(st, 4, (int64_t)f->ts_ms);
		sqlite3_bind_int64(st, 5, (int64_t)now_ms);
		sqlite3_bind_int(st, 6, (int)f->kind);
		sqlite3_bind_int(st, 7, (int)f->band);
		sqlite3_bind_double(st, 8, f->risk);
		sqlite3_bind_double(st, 9, f->log_odds);
		sqlite3_bind_int64(st, 10, f->categories);
		lw_store_bind_str(st, 11, f->conv);
		lw_store_bind_str(st, 12, f->message);
		sqlite3_bind_text(st, 13, (char *)json.data, (int)json.len, SQLITE_STATIC);
		lw_store_bind_str(st, 14, f->clause);
		sqlite3_bind_text(st, 15, f->pack, -1, SQLITE_STATIC);
		sqlite3_bind_text(
		    st, 16, f->engine != NULL ? f->engine : "", -1, SQLITE_STATIC);
	}
	if (err == 0)
		err = lw_store_run(q, st);
	if (err == 0)
		*flag_n = sqlite3_last_insert_rowid(q->db);
	lw_buf_clear(&json);
	return err;
}

static int
evidence_seal(const struct case_row *c, const struct lw_evidence *e, struct lw_buf *box)
{
	struct lw_buf context;
	int err;

	lw_buf_init(&context, 4096);
	err = lw_store_evidence_context(
	    &context, lw_str(c->id), or_empty(e->message), or_empty(e->rule));
	if (err == 0)
		err = lw_seal_put(&c->key,
		    (struct lw_str){(char *)context.data, context.len}, e->text, box);
	lw_buf_clear(&context);
	return err;
}

static void
spans_json(char *to, size_t size, const struct lw_evidence *e)
{
	size_t at = 1, i;

	snprintf(to, size, "[");
	for (i = 0; i < e->nspans && i < LW_HIT_SPANS && at + 32 < size; i++)
		at += (size_t)snprintf(to + at, size - at, "%s[%" PRIu32 ",%" PRIu32 "]",
		    i > 0 ? "," : "", e->spans[i].start, e->spans[i].end);
	snprintf(to + at, size - at, "]");
}

static int
evidence_write(struct lw_queue *q, const struct case_row *c, const struct lw_evidence *e)
{
	sqlite3_stmt *st = lw_store_statement(q, LW_Q_EVIDENCE_ADD);
	struct lw_buf box;
	char spans[512];
	int err = 0;

	lw_buf_init(&box, SEALED_MAX);
	if (e->text.p != NULL)
		err = evidence_seal(c, e, &box);
	spans_json(spans, sizeof(spans), e);
	if (err == 0 && st != NULL) {
		sqlite3_bind_int64(st, 1, c->n);
		lw_store_bind_str(st, 2, or_empty(e->message));
		lw_store_bind_str(st, 3, or_empty(e->rule));
		sqlite3_bind_int64(st, 4, e->rev);
		lw_store_bind_str(st, 5, e->title);
		sqlite3_bind_int(st, 6, (int)e->category);
		sqlite3_bind_int64(st, 7, (int64_t)e->ts_ms);
		sqlite3_bind_int(st, 8, (int)e->how);
		sqlite3_bind_double(st, 9, (double)e->weight);
		sqlite3_bind_int(st, 10, e->back);
		sqlite3_bind_int(st, 11, e->from_target);
		sqlite3_bind_int(st, 12, e->deleted);
		sqlite3_bind_text(st, 13, spans, -1, SQLITE_STATIC);
		if (box.len > 0)
			sqlite3_bind_blob(st, 14, box.data, (int)box.len, SQLITE_STATIC);
	}
	if (err == 0)
		err = lw_store_run(q, st);
	lw_buf_clear(&box);
	return err;
}

static int
evidence_link(struct lw_queue *q, const struct case_row *c, int64_t flag_n,
    const struct lw_evidence *e)
{
	sqlite3_stmt *st = lw_store_statement(q, LW_Q_EVIDENCE_FIND);
	sqlite3_stmt *link;
	int64_t n = 0;
	int rc;

	if (st == NULL)
		return lw_store_err(q->db, sqlite3_errcode(q->db));
	sqlite3_bind_int64(st, 1, c->n);
	lw_store_bind_str(st, 2, or_empty(e->message));
	lw_store_bind_str(st, 3, or_empty(e->rule));
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		n = sqlite3_column_int64(st, 0);
	sqlite3_reset(st);
	if (rc != SQLITE_ROW)
		return rc == SQLITE_DONE ? LW_ELIB : lw_store_err(q->db, rc);
	link = lw_store_statement(q, LW_Q_LINK_ADD);
	if (link != NULL) {
		sqlite3_bind_int64(link, 1, flag_n);
		sqlite3_bind_int64(link, 2, n);
	}
	return lw_store_run(q, link);
}

static int
flag_is_known(struct lw_queue *q, const struct lw_flag *f, bool *known)
{
	sqlite3_stmt *st = lw_store_statement(q, LW_Q_FLAG_KNOWN);
	uint8_t id[16];
	int rc;

	if (st == NULL)
		return lw_store_err(q->db, sqlite3_errcode(q->db));
	id_bytes(id, f->id);
	sqlite3_bind_blob(st, 1, id, sizeof(id), SQLITE_STATIC);
	rc = sqlite3_step(st);
	sqlite3_reset(st);
	*known = rc == SQLITE_ROW;
	return lw_store_err(q->db, rc);
}

static int
put_one(struct lw_queue *q, const struct lw_flag *f, uint64_t now_ms)
{
	struct case_row c = {0};
	bool known = false, found;
	int64_t flag_n = 0;
	uint32_t i;
	int err;

	err = flag_is_known(q, f, &known);
	if (err != 0 || known)
		return err;
	snprintf(c.id, sizeof(c.id), "%016" PRIx64 "%016" PRIx64, f->pair.hi, f->pair.lo);
	err = case_find(q, &c, &found);
	if (err == 0)
		err = found ? case_update(q, &c, f, now_ms) : case_add(q, &c, f, now_ms);
	if (err == 0)
		err = flag_add(q, &c, f, now_ms, &flag_n);
	for (i = 0; err == 0 && i < f->nevidence && i < LW_EVIDENCE_MAX; i++) {
		err = evidence_write(q, &c, &f->evidence[i]);
		if (err == 0)
			err = evidence_link(q, &c, flag_n, &f->evidence[i]);
	}
	lw_seal_clear(&c.key);
	return err;
}

int
lw_queue_put(
    struct lw_queue *q, const struct lw_flag *const *flags, size_t n, uint64_t now_ms)
{
	size_t i;
	int err;

	if (q->read_only)
		return LW_EREFUSED;
	if (n == 0)
		return 0;
	err = lw_store_run(q, lw_store_statement(q, LW_Q_BEGIN));
	if (err != 0)
		return err;
	for (i = 0; err == 0 && i < n; i++)
		err = put_one(q, flags[i], now_ms);
	if (err == 0)
		err = lw_store_run(q, lw_store_statement(q, LW_Q_COMMIT));
	/* SQLite may have rolled back by itself, on a full disk for one */
	if (err != 0 && !sqlite3_get_autocommit(q->db))
		lw_store_run(q, lw_store_statement(q, LW_Q_ROLLBACK));
	return err;
}
