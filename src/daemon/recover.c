/* SPDX-License-Identifier: Apache-2.0 */
/* Recovery. Files of the state folder in; a pipeline in the state that it had, the next
 * sequence number and the keys of seen events out. Every piece of state takes the records
 * that its snapshot does not have; flags are raised again and the queue knows them by id. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/log.h"
#include "daemon/bytes.h"
#include "daemon/recover.h"

#define IDLE_WAIT_MS 10
#define KEYS_MIN 1024

struct replay {
	const struct lw_recovery_conf *conf;
	struct lw_recovery *out;
	struct lw_reader *reader;
	struct lw_batch *batch; /* being filled; NULL */
	uint64_t expect;	/* next sequence number; 0 any */
	uint64_t needed;	/* records up to this one are in every snapshot */
	uint64_t seen_seq;
};

static void
no_verdicts(void *ctx, uint64_t session, const struct lw_verdict *v, size_t n)
{
	(void)ctx;
	(void)session;
	(void)v;
	(void)n;
}

static void
no_release(void *ctx, struct lw_arena *arena)
{
	(void)ctx;
	(void)arena;
}

/* ---- snapshots ---- */

static int
load_piece(struct replay *r, unsigned piece, uint64_t *seq)
{
	char name[LW_SNAP_NAME_MAX];
	struct lw_buf state;
	int err;

	*seq = 0;
	lw_buf_init(&state, LW_SNAP_BYTES_MAX);
	lw_snap_name(name, piece);
	err = lw_snap_read(r->conf->snap_dirfd, piece, r->conf->seal, seq, &state);
	if (err == LW_ENOENT) {
		lw_buf_clear(&state);
		if (lw_journal_first_seq(r->conf->journal) == 1)
			return 0;
		lw_error(
		    "snapshot %s is missing, and the journal begins at event %" PRIu64,
		    name, lw_journal_first_seq(r->conf->journal));
		return LW_EINVAL;
	}
	if (err == 0)
		err = lw_pipe_load(r->conf->pipe, piece, *seq,
		    (struct lw_str){(char *)state.data, state.len});
	if (err != 0)
		lw_error("snapshot %s: %s", name, lw_strerror(err));
	if (err == 0 && piece == LW_PIECE_SEEN) {
		r->out->seen = state;
		r->seen_seq = *seq;
		return 0;
	}
	lw_buf_clear(&state);
	return err;
}

static int
load_snapshots(struct replay *r, uint64_t *newest)
{
	uint64_t seq;
	unsigned piece;
	int err;

	r->needed = UINT64_MAX;
	*newest = 0;
	for (piece = 0; piece < LW_PIECES; piece++) {
		err = load_piece(r, piece, &seq);
		if (err != 0)
			return err;
		if (seq < r->needed)
			r->needed = seq;
		if (seq > *newest)
			*newest = seq;
	}
	return 0;
}

/* ---- records ---- */

static int
flush(struct replay *r)
{
	struct lw_batch *b = r->batch;

	r->batch = NULL;
	if (b == NULL)
		return 0;
	return lw_pipe_replay_push(r->conf->pipe, b, r->out->rules);
}

/* The rules of the time, from their kept copy. */
static int
need_rules(struct replay *r)
{
	struct lw_rules_source src;
	struct lw_diag diag;
	int err;

	if (r->out->rules != NULL)
		return 0;
	if (r->out->rules_id[0] == '\0') {
		lw_error("journal: an event stands before any rules");
		return LW_EINVAL;
	}
	lw_diag_init(&diag);
	err = lw_rules_kept(&src, r->conf->state_dir, r->out->rules_id);
	if (err == 0)
		err = lw_rules_load(&r->out->rules, &src, r->conf->intern, &diag);
	if (err != 0) {
		lw_diag_print(&diag, stderr);
		lw_error("the copy of the packs that the journal was written with "
			 "(rules/%.12s...) does not load: %s",
		    r->out->rules_id, lw_strerror(err));
	} else if (strcmp(r->out->rules->id, r->out->rules_id) != 0) {
		lw_error("the copy of the packs in rules/%.12s... was changed",
		    r->out->rules_id);
		err = LW_EINVAL;
	}
	lw_diag_clear(&diag);
	return err;
}

static int
take_rules(struct replay *r, struct lw_str id)
{
	int err;

	if (id.n != LW_RULES_ID)
		return LW_EINVAL;
	if (memcmp(r->out->rules_id, id.p, id.n) == 0)
		return 0;
	err = flush(r);
	lw_rules_unref(r->out->rules);
	r->out->rules = NULL;
	memcpy(r->out->rules_id, id.p, id.n);
	r->out->rules_id[id.n] = '\0';
	return err;
}

static int
keep_key(struct replay *r, struct lw_id128 key)
{
	struct lw_recovery *o = r->out;
	struct lw_id128 *keys;
	size_t cap;

	if (o->nkeys == o->keys_cap && o->keys_cap < r->conf->keys_max) {
		cap = o->keys_cap > 0 ? o->keys_cap * 2 : KEYS_MIN;
		if (cap > r->conf->keys_max)
			cap = r->conf->keys_max;
		keys = realloc(o->keys, cap * sizeof(*keys));
		if (keys == NULL)
			return LW_ENOMEM;
		o->keys = keys;
		o->keys_cap = cap;
	}
	if (o->nkeys < o->keys_cap) {
		o->keys[o->nkeys++] = key;
	} else if (o->keys_cap > 0) { /* the oldest goes */
		o->keys[o->keys_head] = key;
		o->keys_head = (o->keys_head + 1) % o->keys_cap;
	}
	return 0;
}

static int
take_event(struct replay *r, struct lw_str body)
{
	struct lw_le_in in = lw_le_in(body);
	uint64_t seq = lw_le_take(&in, 8);
	struct lw_jevent *e;
	const char *copy;
	int err;

	if (in.bad || (r->expect != 0 && seq != r->expect)) {
		lw_error("journal: event %" PRIu64 " stands where %" PRIu64 " belongs",
		    seq, r->expect);
		return LW_EINVAL;
	}
	r->expect = seq + 1;
	if (seq <= r->needed)
		return 0;
	err = need_rules(r);
	if (err != 0)
		return err;
	if (r->batch == NULL && (r->batch = lw_pipe_replay_begin(r->conf->pipe)) == NULL)
		return LW_ENOMEM;
	copy = lw_arena_dup(&r->batch->arena, body.p, body.n);
	if (copy == NULL)
		return LW_ENOMEM;
	e = &r->batch->replay[r->batch->n];
	err = lw_record_get_event((struct lw_str){copy, body.n}, r->reader,
	    r->conf->seal, &r->batch->arena, e);
	if (err != 0) {
		lw_error("journal: event %" PRIu64 ": %s", seq, lw_strerror(err));
		return err;
	}
	r->out->replayed++;
	if (seq > r->seen_seq)
		err = keep_key(r, e->ev.key);
	if (err == 0 && ++r->batch->n == LW_DAEMON_REPLAY_BATCH)
		err = flush(r);
	return err;
}

static int
on_record(void *ctx, uint8_t type, struct lw_str body)
{
	struct replay *r = ctx;

	switch (type) {
	case LW_REC_EVENT:
		return take_event(r, body);
	case LW_REC_INTERN:
		return lw_record_get_intern(body, r->conf->intern);
	case LW_REC_RULES:
		return take_rules(r, body);
	default:
		lw_error("journal: a record of kind %u, from a newer version?", type);
		return LW_EINVAL;
	}
}

static void
wait_idle(struct replay *r)
{
	static const struct lw_pipe_calls none = {no_verdicts, no_release, NULL};

	lw_pipe_hurry(r->conf->pipe);
	while (!lw_pipe_is_idle(r->conf->pipe)) {
		lw_bell_arm(r->conf->bell);
		lw_pipe_poll(r->conf->pipe, &none);
		if (!lw_pipe_is_idle(r->conf->pipe))
			lw_bell_wait(r->conf->bell, IDLE_WAIT_MS);
		lw_pipe_hurry(r->conf->pipe);
	}
}

int
lw_recover(struct lw_recovery *out, const struct lw_recovery_conf *conf)
{
	struct replay r = {.conf = conf, .out = out};
	const struct lw_journal_reader reader = {on_record, &r};
	struct lw_journal_found found = {0};
	uint64_t newest = 0;
	int err;

	memset(out, 0, sizeof(*out));
	err = lw_reader_new(&r.reader);
	if (err == 0)
		err = load_snapshots(&r, &newest);
	if (err == 0)
		err = lw_pipe_start(conf->pipe);
	if (err == 0)
		err = lw_journal_read(conf->journal, &reader, &found);
	if (err != 0 && r.batch != NULL)
		r.batch->n = 0; /* give it back empty */
	if (flush(&r) != 0 && err == 0)
		err = LW_ENOMEM;
	wait_idle(&r);
	if (err == 0 && newest >= found.next_seq) {
		lw_error("the journal ends at event %" PRIu64
			 ", but snapshots know event %" PRIu64
			 ": part of the state folder is missing or old",
		    found.next_seq - 1, newest);
		err = LW_EINVAL;
	}
	out->next_seq = found.next_seq;
	if (err == 0 && found.records > 0)
		lw_info("recovered up to event %" PRIu64 ": %" PRIu64
			" events replayed from "
			"%" PRIu64 " segments",
		    found.next_seq - 1, out->replayed, found.segments);
	lw_reader_free(r.reader);
	return err;
}

void
lw_recovery_clear(struct lw_recovery *r)
{
	lw_rules_unref(r->rules);
	lw_buf_clear(&r->seen);
	free(r->keys);
	memset(r, 0, sizeof(*r));
}
