/* SPDX-License-Identifier: Apache-2.0 */
/* The store of cases: opening, schema, prepared statements. A path and a seal in, an open
 * store out; whoever opened it owns it, and uses it from one thread. */
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/err.h"
#include "base/log.h"
#include "queue/store.h"

/* Version 1. Identifiers are clear, since actions need them; text is sealed by its case's
 * key. state, version and closed_ms are for decisions; categories_closed is what a closed
 * case already knew, so that only a new category opens it again. */
static const char schema_1[] =
    "CREATE TABLE cases("
    " n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, tenant TEXT NOT NULL,"
    " from_id TEXT NOT NULL, to_id TEXT, conv TEXT, kind INTEGER NOT NULL,"
    " state TEXT NOT NULL CHECK(state IN('open','closed')), band INTEGER NOT NULL,"
    " risk REAL NOT NULL, categories INTEGER NOT NULL,"
    " categories_closed INTEGER NOT NULL DEFAULT 0, flags INTEGER NOT NULL,"
    " last_seq INTEGER NOT NULL, opened_ms INTEGER NOT NULL,"
    " updated_ms INTEGER NOT NULL, due_ms INTEGER NOT NULL, closed_ms INTEGER,"
    " version INTEGER NOT NULL, key BLOB NOT NULL);"
    "CREATE INDEX cases_order ON cases(state, band DESC, due_ms, risk DESC, opened_ms, n);"
    "CREATE TABLE flags("
    " n INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE,"
    " case_n INTEGER NOT NULL REFERENCES cases(n) ON DELETE CASCADE,"
    " seq INTEGER NOT NULL, ts_ms INTEGER NOT NULL, added_ms INTEGER NOT NULL,"
    " kind INTEGER NOT NULL, band INTEGER NOT NULL, risk REAL NOT NULL,"
    " log_odds REAL NOT NULL, categories INTEGER NOT NULL, conv TEXT, message TEXT,"
    " contributions TEXT NOT NULL, clause TEXT, pack TEXT NOT NULL,"
    " engine TEXT NOT NULL);"
    "CREATE INDEX flags_case ON flags(case_n, seq);"
    "CREATE TABLE evidence("
    " n INTEGER PRIMARY KEY,"
    " case_n INTEGER NOT NULL REFERENCES cases(n) ON DELETE CASCADE,"
    " message TEXT NOT NULL, rule TEXT NOT NULL, rev INTEGER NOT NULL, title TEXT,"
    " category INTEGER NOT NULL, ts_ms INTEGER NOT NULL, how INTEGER NOT NULL,"
    " weight REAL NOT NULL, back INTEGER NOT NULL, from_target INTEGER NOT NULL,"
    " deleted INTEGER NOT NULL, spans TEXT NOT NULL, text BLOB,"
    " UNIQUE(case_n, message, rule));"
    "CREATE TABLE flag_evidence("
    " flag_n INTEGER NOT NULL REFERENCES flags(n) ON DELETE CASCADE,"
    " evidence_n INTEGER NOT NULL REFERENCES evidence(n) ON DELETE CASCADE,"
    " PRIMARY KEY(flag_n, evidence_n)) WITHOUT ROWID;"
    "CREATE TABLE meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;"
    "PRAGMA user_version=1;";

static const char *const statements[LW_Q_COUNT_STATEMENTS] = {
    [LW_Q_BEGIN] = "BEGIN IMMEDIATE",
    [LW_Q_COMMIT] = "COMMIT",
    [LW_Q_ROLLBACK] = "ROLLBACK",
    [LW_Q_FLAG_KNOWN] = "SELECT 1 FROM flags WHERE id=?1",
    [LW_Q_CASE_FIND] = "SELECT n,kind,state,band,risk,categories,categories_closed,"
		       "last_seq,due_ms,key FROM cases WHERE id=?1",
    [LW_Q_CASE_ADD] = "INSERT INTO cases(id,tenant,from_id,to_id,conv,kind,state,band,"
		      "risk,categories,flags,last_seq,opened_ms,updated_ms,due_ms,"
		      "version,key)"
		      "VALUES(?1,?2,?3,?4,?5,?6,'open',?7,?8,?9,1,?10,?11,?11,?12,1,?13)",
    [LW_Q_CASE_SET] = "UPDATE cases SET kind=?2,state=?3,band=?4,risk=?5,categories=?6,"
		      "last_seq=?7,updated_ms=?8,due_ms=?9,flags=flags+1,"
		      "version=version+1,"
		      "closed_ms=CASE ?3 WHEN 'open' THEN NULL ELSE closed_ms END "
		      "WHERE n=?1",
    [LW_Q_FLAG_ADD] = "INSERT INTO flags(id,case_n,seq,ts_ms,added_ms,kind,band,risk,"
		      "log_odds,categories,conv,message,contributions,clause,pack,engine)"
		      "VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16)",
    [LW_Q_EVIDENCE_ADD] =
	"INSERT INTO evidence(case_n,message,rule,rev,title,category,ts_ms,how,weight,"
	"back,from_target,deleted,spans,text)"
	"VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14)"
	"ON CONFLICT DO UPDATE SET deleted=max(deleted,excluded.deleted),"
	"text=coalesce(text,excluded.text)",
    [LW_Q_EVIDENCE_FIND] =
	"SELECT n FROM evidence WHERE case_n=?1 AND message=?2 AND rule=?3",
    [LW_Q_LINK_ADD] = "INSERT OR IGNORE INTO flag_evidence VALUES(?1,?2)",
};

int
lw_store_err(sqlite3 *db, int rc)
{
	int e;

	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return 0;
	case SQLITE_NOMEM:
		return LW_ENOMEM;
	case SQLITE_FULL:
		return LW_ENOSPC;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return LW_EBUSY;
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return LW_EREFUSED;
	case SQLITE_CANTOPEN:
		/* errno tells a full disk or a missing folder */
		e = db != NULL ? sqlite3_system_errno(db) : 0;
		return e != 0 ? lw_err_from_errno(e) : LW_EIO;
	case SQLITE_IOERR:
		e = db != NULL ? sqlite3_system_errno(db) : 0;
		return e == ENOSPC || e == EDQUOT || e == EFBIG ? LW_ENOSPC : LW_EIO;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return LW_EINVAL;
	default:
		return LW_ELIB;
	}
}

sqlite3_stmt *
lw_store_statement(struct lw_queue *q, enum lw_queue_statement which)
{
	sqlite3_stmt **st = &q->st[which];

	if (*st == NULL) {
		if (sqlite3_prepare_v3(q->db, statements[which], -1,
			SQLITE_PREPARE_PERSISTENT, st, NULL) != SQLITE_OK)
			return NULL;
		return *st;
	}
	sqlite3_reset(*st);
	sqlite3_clear_bindings(*st);
	return *st;
}

int
lw_store_run(struct lw_queue *q, sqlite3_stmt *st)
{
	int rc, err;

	if (st == NULL)
		return lw_store_err(q->db, sqlite3_errcode(q->db));
	rc = sqlite3_step(st);
	err = lw_store_err(q->db, rc);
	sqlite3_reset(st);
	return err;
}

void
lw_store_bind_str(sqlite3_stmt *st, int at, struct lw_str s)
{
	if (s.p != NULL)
		sqlite3_bind_text(st, at, s.p, (int)s.n, SQLITE_STATIC);
}

struct lw_str
lw_store_str(sqlite3_stmt *st, int column)
{
	const unsigned char *p = sqlite3_column_text(st, column);

	return (struct lw_str){
	    (const char *)p, p != NULL ? (size_t)sqlite3_column_bytes(st, column) : 0};
}

struct lw_str
lw_store_blob(sqlite3_stmt *st, int column)
{
	const void *p = sqlite3_column_blob(st, column);

	return (struct lw_str){
	    p, p != NULL ? (size_t)sqlite3_column_bytes(st, column) : 0};
}

static int
case_key_context(struct lw_buf *out, struct lw_str case_id)
{
	lw_buf_puts(out, "case-key\n");
	return lw_buf_put(out, case_id.p, case_id.n);
}

int
lw_store_case_key_new(struct lw_queue *q, struct lw_str case_id, struct lw_seal *key,
    struct lw_buf *wrapped)
{
	struct lw_buf context;
	int err;

	if (!q->has_seal)
		return LW_EREFUSED;
	lw_buf_init(&context, 256);
	err = case_key_context(&context, case_id);
	if (err == 0) {
		randombytes_buf(key->key, sizeof(key->key));
		err = lw_seal_put(&q->seal,
		    (struct lw_str){(char *)context.data, context.len},
		    (struct lw_str){(char *)key->key, sizeof(key->key)}, wrapped);
	}
	lw_buf_clear(&context);
	return err;
}

int
lw_store_case_key_open(struct lw_queue *q, struct lw_str case_id, struct lw_str wrapped,
    struct lw_seal *key)
{
	struct lw_buf context, clear;
	int err;

	if (!q->has_seal)
		return LW_EREFUSED;
	lw_buf_init(&context, 256);
	lw_buf_init(&clear, 256);
	err = case_key_context(&context, case_id);
	if (err == 0)
		err = lw_seal_take(&q->seal,
		    (struct lw_str){(char *)context.data, context.len}, wrapped, &clear);
	if (err == 0 && clear.len != sizeof(key->key))
		err = LW_ECRYPT;
	if (err == 0)
		memcpy(key->key, clear.data, sizeof(key->key));
	lw_buf_clear(&clear);
	lw_buf_clear(&context);
	return err;
}

int
lw_store_evidence_context(struct lw_buf *out, struct lw_str case_id,
    struct lw_str message, struct lw_str rule)
{
	/* lengths, so that parts cannot run together */
	lw_buf_printf(out, "evidence\n%zu %zu %zu\n", case_id.n, message.n, rule.n);
	lw_buf_put(out, case_id.p, case_id.n);
	if (message.n > 0)
		lw_buf_put(out, message.p, message.n);
	lw_buf_put(out, rule.p, rule.n);
	return out->err;
}

static int
exec(sqlite3 *db, const char *sql)
{
	return lw_store_err(db, sqlite3_exec(db, sql, NULL, NULL, NULL));
}

static int
user_version(sqlite3 *db, int *version)
{
	sqlite3_stmt *st = NULL;
	int rc;

	rc = sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &st, NULL);
	if (rc == SQLITE_OK && (rc = sqlite3_step(st)) == SQLITE_ROW)
		*version = sqlite3_column_int(st, 0);
	sqlite3_finalize(st);
	return lw_store_err(db, rc);
}

/* Bring an older store to the newest schema, in one transaction. */
static int
migrate(sqlite3 *db)
{
	int version = 0, err;

	err = exec(db, "BEGIN IMMEDIATE");
	if (err == 0)
		err = user_version(db, &version);
	if (err == 0 && version == 0)
		err = exec(db, schema_1);
	if (err == 0)
		err = exec(db, "COMMIT");
	if (err != 0)
		exec(db, "ROLLBACK");
	return err;
}

/* A store is good for one key: a writer with another would seal what nobody opens. */
static int
check_key(struct lw_queue *q)
{
	const struct lw_str context = LW_STR("key-check");
	sqlite3_stmt *st = NULL;
	struct lw_buf b;
	int rc, err;

	lw_buf_init(&b, 256);
	rc = sqlite3_prepare_v2(
	    q->db, "SELECT value FROM meta WHERE name='key-check'", -1, &st, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(st);
	err = lw_store_err(q->db, rc);
	if (rc == SQLITE_ROW)
		err = lw_seal_take(&q->seal, context, lw_store_blob(st, 0), &b);
	sqlite3_finalize(st);
	st = NULL;
	if (rc != SQLITE_DONE || err != 0)
		goto out;
	err = lw_seal_put(&q->seal, context, context, &b);
	if (err != 0)
		goto out;
	rc = sqlite3_prepare_v2(
	    q->db, "INSERT INTO meta VALUES('key-check',?1)", -1, &st, NULL);
	if (rc == SQLITE_OK) {
		sqlite3_bind_blob(st, 1, b.data, (int)b.len, SQLITE_STATIC);
		rc = sqlite3_step(st);
	}
	err = lw_store_err(q->db, rc);
	sqlite3_finalize(st);
out:
	lw_buf_clear(&b);
	return err;
}

static int
prepare_store(struct lw_queue *q)
{
	int version = 0, err;

	sqlite3_extended_result_codes(q->db, 1);
	sqlite3_busy_timeout(q->db, LW_QUEUE_BUSY_MS);
	if (!q->read_only) {
		err = exec(q->db, "PRAGMA journal_mode=WAL");
		if (err != 0)
			return err;
	}
	err = exec(q->db, "PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;"
			  "PRAGMA secure_delete=ON;PRAGMA trusted_schema=OFF");
	if (err == 0)
		err = user_version(q->db, &version);
	if (err == 0 && version < LW_QUEUE_SCHEMA && !q->read_only)
		err = migrate(q->db);
	if (err == 0)
		err = user_version(q->db, &version);
	if (err == 0 && version != LW_QUEUE_SCHEMA) {
		lw_error("queue: the store has schema %d, this program knows %d",
		    version, LW_QUEUE_SCHEMA);
		err = LW_EINVAL;
	}
	if (err == 0 && q->has_seal && !q->read_only)
		err = check_key(q);
	return err;
}

int
lw_queue_open(
    struct lw_queue **out, const char *path, const struct lw_seal *seal, bool read_only)
{
	struct lw_queue *q;
	mode_t mask;
	int rc, err, flags;

	if (sodium_init() < 0)
		return LW_ELIB;
	if (read_only && access(path, F_OK) != 0)
		return lw_err_from_errno(errno);
	q = calloc(1, sizeof(*q));
	if (q == NULL)
		return LW_ENOMEM;
	q->read_only = read_only;
	if (seal != NULL) {
		q->seal = *seal;
		q->has_seal = true;
	}
	flags = read_only ? SQLITE_OPEN_READONLY
			  : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
	mask = umask(077); /* SQLite creates what is not there with mode 0644 & ~umask */
	rc = sqlite3_open_v2(path, &q->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
	err = lw_store_err(q->db, rc);
	if (err == 0)
		err = prepare_store(q);
	umask(mask);
	if (err != 0) {
		lw_queue_close(q);
		return err;
	}
	*out = q;
	return 0;
}

void
lw_queue_close(struct lw_queue *q)
{
	size_t i;

	if (q == NULL)
		return;
	for (i = 0; i < LW_Q_COUNT_STATEMENTS; i++)
		sqlite3_finalize(q->st[i]);
	sqlite3_close_v2(q->db);
	lw_seal_clear(&q->seal);
	free(q);
}
