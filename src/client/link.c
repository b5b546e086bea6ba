/* SPDX-License-Identifier: Apache-2.0 */
/* The connection: dial, hello, frames out of the spool, frames in, and what to do when it
 * ends. Never blocks. */
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "base/err.h"
#include "client/client.h"

/* ---- end ---- */

static uint64_t
jitter(struct lw_client *c, uint64_t ms)
{
	return ms / 2 + lw_client_random(c) % (ms / 2 + 1);
}

static void
close_link(struct lw_client *c, const char *why)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	c->state = LW_CLIENT_DOWN;
	c->stats.connected = false;
	c->stats.failures++;
	snprintf(c->error, sizeof c->error, "%s", why);
	lw_buf_reset(&c->in);
	lw_buf_reset(&c->out);
	lw_spool_rewind(&c->spool);
	/* Nobody can say any more whether those arrived. */
	c->untold += c->flying;
	c->stats.lost += c->flying;
	c->flying = 0;
	c->telling = 0;
}

/* The retry time stands already when the callbacks run: they find a client that is down. */
void
lw_client_disconnect(struct lw_client *c, const char *why, uint64_t now_ms)
{
	uint64_t ms = LW_CLIENT_RETRY_MIN_MS;
	unsigned i;

	for (i = 0; i < c->failures && ms < LW_CLIENT_RETRY_MAX_MS; i++)
		ms *= 2;
	c->failures++;
	if (ms > LW_CLIENT_RETRY_MAX_MS)
		ms = LW_CLIENT_RETRY_MAX_MS;
	c->retry_ms = now_ms + jitter(c, ms);
	close_link(c, why);
	lw_client_asks_fail(c, "no daemon");
}

/* ---- begin ---- */

static void
say_hello(struct lw_client *c)
{
	struct lw_hello h = {.v = {LW_WIRE_VERSION},
	    .nv = 1,
	    .plugin = lw_str(c->o.plugin),
	    .plugin_version = lw_str(c->o.plugin_version),
	    .server = lw_str(c->o.server),
	    .server_version = lw_str(c->o.server_version),
	    .instance = lw_str(c->o.instance),
	    .tenant = lw_str(c->o.tenant),
	    .token = lw_str(c->o.token),
	    .lost = c->untold};

	h.caps[h.ncaps++] = LW_STR("ask");
	if (c->o.on_request != NULL)
		h.caps[h.ncaps++] = LW_STR("action");
	c->telling = c->untold;
	lw_put_hello(&c->out, &h);
}

void
lw_client_connect(struct lw_client *c, uint64_t now_ms)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0) {
		lw_client_disconnect(c, "no descriptor left", now_ms);
		return;
	}
	strcpy(sa.sun_path, c->o.socket); /* its length was checked by lw_client_new */
	c->fd = fd;
	/* A Unix socket connects at once or not: a full backlog is a busy daemon. */
	if (connect(fd, (const struct sockaddr *)&sa, sizeof sa) != 0) {
		lw_client_disconnect(c,
		    errno == EAGAIN ? "the daemon is busy"
				    : lw_strerror(lw_err_from_errno(errno)),
		    now_ms);
		return;
	}
	c->state = LW_CLIENT_HELLOING;
	c->hello_ms = now_ms + LW_CLIENT_HELLO_MS;
	c->blocked = c->paused = false;
	c->window = 0;
	say_hello(c);
}

/* ---- in ---- */

static void
take_hello(struct lw_client *c, const struct lw_hello *h, uint64_t now_ms)
{
	if (c->state != LW_CLIENT_HELLOING || h->nv == 0 || h->v[0] != LW_WIRE_VERSION) {
		lw_client_disconnect(c, "the daemon speaks another version", now_ms);
		return;
	}
	c->state = LW_CLIENT_UP;
	c->window = h->window > 0 ? h->window : 1;
	c->max_frame =
	    h->max_frame >= LW_FRAME_HELLO_MAX ? h->max_frame : LW_FRAME_HELLO_MAX;
	c->untold -= c->telling;
	c->telling = 0;
	c->failures = 0;
	c->missed = 0;
	c->acked = c->spool.first - 1;
	c->skipped = 0;
	c->error[0] = '\0';
	c->stats.connects++;
	c->stats.connected = true;
}

static void
take_ack(struct lw_client *c, uint64_t upto)
{
	if (upto >= lw_spool_next(&c->spool))
		upto = lw_spool_next(&c->spool) - 1;
	if (upto <= c->acked)
		return;
	/* A number that we did not send yet cannot be acknowledged. */
	while (c->spool.n > 0 && c->spool.first <= upto &&
	       c->spool.first < c->spool.unsent) {
		lw_spool_drop(&c->spool);
		c->stats.acked++;
	}
	c->acked = upto;
	if (upto >= c->skipped_upto)
		c->skipped = 0;
	if (c->flying > 0 && upto >= c->flying_upto) {
		c->stats.acked += c->flying;
		c->flying = 0;
	}
}

static void
take_bye(struct lw_client *c, const struct lw_frame *f, uint64_t now_ms)
{
	char why[160], code[32];

	snprintf(code, sizeof code, "%.*s", (int)(f->code.n < 31 ? f->code.n : 31),
	    f->code.p);
	snprintf(why, sizeof why, "bye: %s%s%.*s", code, f->text.p != NULL ? ": " : "",
	    (int)(f->text.n < 100 ? f->text.n : 100), f->text.p != NULL ? f->text.p : "");
	if (f->retry_ms > 0 || lw_str_is(f->code, "restart") ||
	    lw_str_is(f->code, "draining")) {
		/* No outage: it told us. Answers may still be on their way. */
		c->retry_ms =
		    now_ms + f->retry_ms + jitter(c, LW_CLIENT_RETRY_MIN_MS * 4);
		c->state = LW_CLIENT_PARTING;
		snprintf(c->error, sizeof c->error, "%s", why);
		return;
	}
	lw_client_disconnect(c, why, now_ms);
	/* Nothing that a quick second try would change. */
	if (strcmp(code, "auth") == 0 || strcmp(code, "version") == 0)
		c->retry_ms = now_ms + jitter(c, LW_CLIENT_RETRY_MAX_MS);
}

static void
take_action(struct lw_client *c, const struct lw_frame *f)
{
	struct lw_client_request r = {.ttl_ms = f->ttl_ms};

	r.id = lw_arena_str(&c->scratch, f->id).p;
	r.kind = lw_arena_str(&c->scratch, f->code).p;
	r.subject = lw_arena_str(&c->scratch, f->subject).p;
	r.text = lw_arena_str(&c->scratch, f->text).p;
	if (r.id == NULL || r.kind == NULL)
		return;
	if (c->o.on_request != NULL)
		c->o.on_request(c->o.request_cookie, &r);
	else
		lw_client_done(c, r.id, false, "unsupported");
}

static void
take_frame(struct lw_client *c, const struct lw_frame *f, uint64_t now_ms)
{
	size_t i;

	switch (f->type) {
	case LW_FR_HELLO:
		take_hello(c, &f->hello, now_ms);
		break;
	case LW_FR_VERDICTS:
		for (i = 0; i < f->nverdicts; i++)
			lw_client_asks_answer(c, &f->verdicts[i]);
		break;
	case LW_FR_ACK:
		take_ack(c, f->upto);
		break;
	case LW_FR_WINDOW:
		c->paused = f->n == 0;
		c->window = f->n > 0 ? f->n : c->window;
		break;
	case LW_FR_PAUSE:
		c->paused = true;
		break;
	case LW_FR_PING:
		lw_put_simple(&c->out, LW_FR_PONG);
		break;
	case LW_FR_ACTION:
		take_action(c, f);
		break;
	case LW_FR_BYE:
		take_bye(c, f, now_ms);
		break;
	default: /* of a later version, or not for us */
		break;
	}
}

static void
take_frames(struct lw_client *c, uint64_t now_ms)
{
	struct lw_frame f;
	struct lw_str body;
	int r = 0;

	while (c->fd >= 0 && lw_buf_left(&c->in) > 0) {
		r = lw_frame_next(
		    lw_buf_peek(&c->in), lw_buf_left(&c->in), LW_FRAME_MAX, &body);
		if (r <= 0)
			break;
		r = lw_frame_decode(c->reader, body, &c->scratch, &f);
		if (r != 0)
			break;
		take_frame(c, &f, now_ms);
		lw_arena_reset(&c->scratch);
		/* Unless the frame ended the connection, and its buffer with it. */
		if (c->fd >= 0)
			lw_buf_consume(&c->in, 4 + body.n);
	}
	lw_arena_reset(&c->scratch);
	if (r < 0)
		lw_client_disconnect(c, "the daemon breaks the protocol", now_ms);
}

void
lw_client_read(struct lw_client *c, uint64_t now_ms)
{
	uint8_t *room;
	ssize_t n;

	while (c->fd >= 0) {
		if ((room = lw_buf_reserve(&c->in, LW_CLIENT_READ)) == NULL) {
			lw_client_disconnect(c, "out of memory", now_ms);
			return;
		}
		n = read(c->fd, room, LW_CLIENT_READ);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			if (c->state == LW_CLIENT_PARTING) {
				close_link(c, c->error);
				lw_client_asks_fail(c, "restart");
			} else {
				lw_client_disconnect(
				    c, "the daemon closed the connection", now_ms);
			}
			return;
		}
		lw_buf_commit(&c->in, (size_t)n);
		take_frames(c, now_ms);
		if ((size_t)n < LW_CLIENT_READ)
			return;
	}
}

/* ---- out ---- */

uint64_t
lw_client_in_flight(const struct lw_client *c)
{
	uint64_t done = c->acked + c->skipped, sent = c->spool.unsent - 1;

	return sent > done ? sent - done : 0;
}

bool
lw_client_may_send(const struct lw_client *c)
{
	return c->state == LW_CLIENT_UP && !c->paused &&
	       c->spool.unsent < lw_spool_next(&c->spool) &&
	       lw_client_in_flight(c) < c->window &&
	       lw_buf_left(&c->out) < LW_CLIENT_OUT_SOFT;
}

static void
put_frame(struct lw_client *c)
{
	uint32_t places[LW_BATCH_MAX];
	struct lw_str pieces[2] = {{NULL, 0}, {NULL, 0}};
	uint64_t seq = c->spool.unsent, room = c->window - lw_client_in_flight(c);
	size_t n = c->o.batch < room ? c->o.batch : (size_t)room;
	size_t bytes = c->max_frame - 64 - 5 * n, nasks;

	/* 5 bytes for the place of each that asks. */
	if (bytes > LW_CLIENT_FRAME)
		bytes = LW_CLIENT_FRAME;
	n = lw_spool_take(&c->spool, n, bytes, pieces);
	nasks = lw_client_asks_in(c, seq, n, places);
	lw_put_event_maps(&c->out, seq, n, pieces, places, nasks);
}

void
lw_client_pump(struct lw_client *c, uint64_t now_ms)
{
	ssize_t n;

	while (c->fd >= 0 && !c->blocked) {
		while (lw_client_may_send(c))
			put_frame(c);
		if (c->out.err != 0) {
			lw_client_disconnect(c, "out of memory", now_ms);
			return;
		}
		if (lw_buf_left(&c->out) == 0)
			return;
		n = send(c->fd, lw_buf_peek(&c->out), lw_buf_left(&c->out), MSG_NOSIGNAL);
		if (n >= 0)
			lw_buf_consume(&c->out, (size_t)n);
		else if (errno == EAGAIN)
			c->blocked = true;
		else if (errno != EINTR) {
			/* What it said before it went, such as why, may still be there. */
			lw_client_read(c, now_ms);
			if (c->fd >= 0)
				lw_client_disconnect(c, "the daemon went away", now_ms);
		}
	}
}
