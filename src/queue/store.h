/* SPDX-License-Identifier: Apache-2.0 */
/* Private to the room: the open store, its prepared statements and small SQLite helpers. */
#ifndef LW_QUEUE_STORE_H
#define LW_QUEUE_STORE_H

#include <sqlite3.h>
#include "queue/queue.h"

#define LW_QUEUE_SCHEMA 1	   /* user_version of the newest schema */
#define LW_QUEUE_LIST_MAX 10000	   /* cases of one list; a larger limit is cut to it */
#define LW_QUEUE_SHOW_FLAGS 1000   /* newest flags shown of one case */
#define LW_QUEUE_SHOW_EVIDENCE 500 /* newest evidence shown of one case */
#define LW_QUEUE_BUSY_MS 5000	   /* wait for another process's lock */
#define LW_QUEUE_ID_MIN 6	   /* hex digits of a case's id that may be given */

enum lw_queue_statement {
	LW_Q_BEGIN,
	LW_Q_COMMIT,
	LW_Q_ROLLBACK,
	LW_Q_FLAG_KNOWN,
	LW_Q_CASE_FIND,
	LW_Q_CASE_ADD,
	LW_Q_CASE_SET,
	LW_Q_FLAG_ADD,
	LW_Q_EVIDENCE_ADD,
	LW_Q_EVIDENCE_FIND,
	LW_Q_LINK_ADD,
	LW_Q_COUNT_STATEMENTS
};

struct lw_queue {
	sqlite3 *db;
	struct lw_seal seal;
	bool has_seal, read_only;
	sqlite3_stmt *st[LW_Q_COUNT_STATEMENTS]; /* prepared on first use */
};

/* The lw_err of what SQLite last said; 0 for SQLITE_OK, ROW and DONE. */
int lw_store_err(sqlite3 *db, int rc);
/* The reset statement, prepared once; NULL on failure. */
sqlite3_stmt *lw_store_statement(struct lw_queue *q, enum lw_queue_statement which);
/* Run one that gives no rows. */
int lw_store_run(struct lw_queue *q, sqlite3_stmt *st);
/* Absent slices bind NULL; the slice must live until the statement is reset. */
void lw_store_bind_str(sqlite3_stmt *st, int at, struct lw_str s);
/* Lent until the next step; NULL columns are absent. */
struct lw_str lw_store_str(sqlite3_stmt *st, int column);
struct lw_str lw_store_blob(sqlite3_stmt *st, int column);
/* The seal of a case: its own key, kept in the store wrapped by the installation's. */
int lw_store_case_key_new(struct lw_queue *q, struct lw_str case_id,
    struct lw_seal *key, struct lw_buf *wrapped);
int lw_store_case_key_open(struct lw_queue *q, struct lw_str case_id,
    struct lw_str wrapped, struct lw_seal *key);
/* Context that ties evidence text to its row: case, message, rule. */
int lw_store_evidence_context(struct lw_buf *out, struct lw_str case_id,
    struct lw_str message, struct lw_str rule);

#endif
