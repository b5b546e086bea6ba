/* SPDX-License-Identifier: Apache-2.0 */
/* The moderation queue: flags in, cases out. One writer; SQLite in WAL mode with
 * synchronous=FULL. Evidence text is sealed (libsodium secretbox under a key derived from
 * the key file) before it reaches the store. */
#ifndef LW_QUEUE_QUEUE_H
#define LW_QUEUE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/json.h"
#include "event/verdict.h"

/* ---- seals: text at rest ---- */
struct lw_seal { /* wiped by lw_seal_clear */
	uint8_t key[32];
};
/* Read the key file (64 hex digits). LW_EREFUSED when others can read it, LW_ENOENT. */
int lw_seal_open_file(struct lw_seal *s, const char *path);
int lw_seal_new_file(const char *path); /* LW_EEXIST rather than overwrite; mode 0600 */
void lw_seal_clear(struct lw_seal *s);
/* nonce || box; `context` (a file or column name, a record number) is authenticated. */
int lw_seal_put(const struct lw_seal *s, struct lw_str context, struct lw_str clear,
    struct lw_buf *out);
int lw_seal_take(const struct lw_seal *s, struct lw_str context, struct lw_str box,
    struct lw_buf *out);

/* ---- cases ---- */
struct lw_queue;
/* A writer with another key than the store was made with gets LW_ECRYPT. */
int lw_queue_open(struct lw_queue **out, const char *path, const struct lw_seal *seal,
    bool read_only);
void lw_queue_close(struct lw_queue *q);
/* All of n flags in one transaction; a flag whose id is known changes nothing. Returns
 * LW_ENOSPC on a full disk with nothing half-done: try again. */
int lw_queue_put(
    struct lw_queue *q, const struct lw_flag *const *flags, size_t n, uint64_t now_ms);

struct lw_queue_filter {
	struct lw_str tenant; /* absent: all */
	const char *state;    /* "open", "closed", NULL all */
	enum lw_band min_band;
	size_t limit; /* 0: 100 */
};
/* A JSON array of cases without any text: id, state, kind, band, risk, from, to, conv,
 * categories, flags, opened_ms, due_ms, updated_ms; in the queue's order: band, then due
 * time, then score, then age. */
int lw_queue_list(
    struct lw_queue *q, const struct lw_queue_filter *f, struct lw_json *out);
/* One case as a JSON object with its flags, contributions and evidence; text only with
 * show_text. id: hex, or a unique prefix of at least 6. LW_ENOENT, LW_EINVAL. */
int lw_queue_show(
    struct lw_queue *q, struct lw_str id, bool show_text, struct lw_json *out);
struct lw_queue_stats {
	uint64_t cases, open, flags;
};
int lw_queue_stats(struct lw_queue *q, struct lw_queue_stats *out);

#endif
