/* SPDX-License-Identifier: Apache-2.0 */
/* liblapwing's calls: begin and end, observe and ask, the host's loop and the blocking
 * default. lapwing/lapwing.h is the manual. */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/un.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/err.h"
#include "client/client.h"

uint64_t
lw_client_now(uint64_t now_ms)
{
	return now_ms != 0 ? now_ms : lw_clock_mono_ns() / 1000000;
}

uint64_t
lw_client_random(struct lw_client *c)
{
	c->random ^= c->random << 13;
	c->random ^= c->random >> 7;
	c->random ^= c->random << 17;
	return c->random;
}

const char *
lw_client_strerror(int error)
{
	switch ((enum lw_client_error)error) {
	case LW_CLIENT_OK:
		return "ok";
	case LW_CLIENT_ENOMEM:
		return "out of memory";
	case LW_CLIENT_EINVAL:
		return "something is missing, unknown or too long";
	case LW_CLIENT_ELIMIT:
		return "larger than the spool";
	case LW_CLIENT_ETIMEOUT:
		return "not everything was acknowledged in time";
	}
	return "unknown error";
}

const char *
lw_client_version(void)
{
	return PACKAGE_VERSION;
}

/* ---- begin and end ---- */

static int
keep(struct lw_client *c, const char **z)
{
	if (*z == NULL || **z == '\0') {
		*z = NULL;
		return 0;
	}
	*z = lw_arena_str(&c->strings, lw_str(*z)).p;
	return *z == NULL ? LW_CLIENT_ENOMEM : 0;
}

static int
keep_options(struct lw_client *c)
{
	struct lw_client_options *o = &c->o;
	int err;

	if ((err = keep(c, &o->socket)) != 0 || (err = keep(c, &o->plugin)) != 0 ||
	    (err = keep(c, &o->plugin_version)) != 0 || (err = keep(c, &o->server)) != 0 ||
	    (err = keep(c, &o->server_version)) != 0 || (err = keep(c, &o->tenant)) != 0 ||
	    (err = keep(c, &o->token)) != 0 || (err = keep(c, &o->instance)) != 0)
		return err;
	if (o->socket == NULL || o->plugin == NULL || o->batch > LW_BATCH_MAX ||
	    strlen(o->socket) >= sizeof(((struct sockaddr_un *)NULL)->sun_path) ||
	    (unsigned)o->on_unavailable > LW_CLIENT_BLOCK)
		return LW_CLIENT_EINVAL;
	if ((o->instance != NULL && strlen(o->instance) > LW_EVENT_ID_MAX) ||
	    (o->tenant != NULL && strlen(o->tenant) > LW_EVENT_ID_MAX))
		return LW_CLIENT_EINVAL;
	o->deadline_ms = o->deadline_ms > 0 ? o->deadline_ms : 250;
	o->spool_events = o->spool_events > 0 ? o->spool_events : 65536;
	o->spool_bytes = o->spool_bytes > 0 ? o->spool_bytes : (size_t)16 << 20;
	o->batch = o->batch > 0 ? o->batch : 256;
	return 0;
}

/* Ids of ours must not repeat over restarts: a random word, then a count. */
static int
mint_identity(struct lw_client *c)
{
	if (getrandom(&c->random, sizeof c->random, 0) != sizeof c->random)
		return LW_CLIENT_ENOMEM;
	snprintf(c->mint, sizeof c->mint, "~%016llx", (unsigned long long)c->random);
	c->random |= 1; /* never 0, where the generator would stay */
	if (c->o.instance == NULL)
		c->o.instance = c->mint;
	return 0;
}

int
lw_client_new(struct lw_client **out, const struct lw_client_options *options)
{
	struct lw_client *c;
	int err;

	if (options->size < offsetof(struct lw_client_options, plugin_version))
		return LW_CLIENT_EINVAL;
	if ((c = calloc(1, sizeof *c)) == NULL)
		return LW_CLIENT_ENOMEM;
	c->fd = -1;
	memcpy(&c->o, options, options->size < sizeof c->o ? options->size : sizeof c->o);
	lw_arena_init(&c->strings, 1 << 16);
	lw_arena_init(&c->scratch, 8 << 20);
	lw_buf_init(&c->in, LW_FRAME_MAX + 4 + LW_CLIENT_READ);
	lw_buf_init(&c->out, LW_CLIENT_OUT_MAX);
	lw_buf_init(&c->encoded, LW_FRAME_HELLO_MAX);
	if ((err = keep_options(c)) != 0 || (err = mint_identity(c)) != 0)
		goto out;
	lw_spool_init(&c->spool, c->o.spool_bytes, c->o.spool_events);
	snprintf(c->error, sizeof c->error, "not connected yet");
	err = lw_reader_new(&c->reader) != 0 ? LW_CLIENT_ENOMEM : 0;
out:
	if (err != 0) {
		lw_client_free(c);
		return err;
	}
	*out = c;
	return 0;
}

void
lw_client_free(struct lw_client *c)
{
	if (c == NULL)
		return;
	if (c->state == LW_CLIENT_UP && !c->blocked) {
		lw_put_bye(&c->out, "leaving", NULL, 0);
		c->paused = true; /* no new events */
		c->nasks = 0;	  /* and no callbacks */
		lw_client_pump(c, lw_client_now(0));
	}
	if (c->fd >= 0)
		close(c->fd);
	lw_spool_clear(&c->spool);
	lw_reader_free(c->reader);
	lw_buf_clear(&c->in);
	lw_buf_clear(&c->out);
	lw_buf_clear(&c->encoded);
	lw_arena_clear(&c->strings);
	lw_arena_clear(&c->scratch);
	free(c->asks);
	lw_wipe(c, sizeof *c);
	free(c);
}

/* ---- events ---- */

static void
drop_oldest(struct lw_client *c)
{
	if (c->spool.first < c->spool.unsent) {
		c->flying++;
		c->flying_upto = c->spool.first;
	} else {
		c->skipped++;
		c->skipped_upto = c->spool.first;
		c->untold++;
		c->stats.lost++;
	}
	lw_spool_drop(&c->spool);
}

static int
spool(struct lw_client *c, const struct lw_client_event *ev)
{
	struct lw_str map;
	int err;

	if ((err = lw_client_encode(c, ev)) != 0)
		return err;
	map = (struct lw_str){(const char *)c->encoded.data, c->encoded.len};
	if (map.n > c->spool.max_bytes)
		return LW_CLIENT_ELIMIT;
	while ((err = lw_spool_push(&c->spool, map)) == LW_ELIMIT && c->spool.n > 0)
		drop_oldest(c);
	lw_buf_reset(&c->encoded); /* wiped */
	return err != 0 ? LW_CLIENT_ENOMEM : 0;
}

int
lw_client_observe(struct lw_client *c, const struct lw_client_event *ev)
{
	int err = spool(c, ev);

	if (err != 0)
		return err;
	c->stats.observed++;
	/* A frame's worth: not to wait for the host's next turn. */
	if (lw_spool_next(&c->spool) - c->spool.unsent >= c->o.batch)
		lw_client_pump(c, lw_client_now(0));
	return 0;
}

/* Why an ask of now cannot be answered in time, or NULL. */
static const char *
hopeless(struct lw_client *c, uint64_t now_ms)
{
	if (c->state == LW_CLIENT_DOWN)
		return "no daemon";
	if (c->state == LW_CLIENT_PARTING)
		return "restart";
	if (c->paused)
		return "paused";
	if (c->state == LW_CLIENT_UP &&
	    lw_client_in_flight(c) + lw_spool_next(&c->spool) - c->spool.unsent > c->window)
		return "busy";
	if (c->missed >= LW_CLIENT_MISSED_MAX) {
		if (now_ms - c->probe_ms < LW_CLIENT_PROBE_MS)
			return "not answering";
		c->probe_ms = now_ms;
	}
	return NULL;
}

int
lw_client_ask(struct lw_client *c, const struct lw_client_event *ev,
    lw_client_verdict_fn fn, void *cookie, uint64_t now_ms)
{
	const char *why;
	int err;

	now_ms = lw_client_now(now_ms);
	if ((err = spool(c, ev)) != 0)
		return err;
	c->stats.asked++;
	if (c->state == LW_CLIENT_DOWN && now_ms >= c->retry_ms)
		lw_client_connect(c, now_ms);
	why = hopeless(c, now_ms);
	if (why == NULL && lw_client_asks_add(c, lw_spool_next(&c->spool) - 1,
			       now_ms + c->o.deadline_ms, fn, cookie) != 0)
		why = "busy";
	if (why != NULL)
		lw_client_unavailable(c, fn, cookie, why);
	lw_client_pump(c, now_ms);
	return 0;
}

void
lw_client_done(struct lw_client *c, const char *request_id, bool ok, const char *error)
{
	struct lw_frame f = {
	    .type = LW_FR_DONE, .id = lw_str(request_id), .ok = ok, .text = lw_str(error)};

	/* After a reconnect the daemon asks again. */
	if (c->state == LW_CLIENT_UP)
		lw_put_frame(&c->out, &f);
}

/* ---- the host's loop ---- */

int
lw_client_fd(const struct lw_client *c)
{
	return c->fd;
}

bool
lw_client_wants_write(const struct lw_client *c)
{
	return c->fd >= 0 && (lw_buf_left(&c->out) > 0 || lw_client_may_send(c));
}

static void
sooner(uint64_t *at, uint64_t candidate)
{
	if (candidate != 0 && (*at == 0 || candidate < *at))
		*at = candidate;
}

int
lw_client_timeout_ms(const struct lw_client *c, uint64_t now_ms)
{
	uint64_t at = lw_client_asks_deadline(c);

	now_ms = lw_client_now(now_ms);
	if (c->state == LW_CLIENT_DOWN)
		sooner(&at, c->retry_ms > 0 ? c->retry_ms : 1);
	if (c->state == LW_CLIENT_HELLOING)
		sooner(&at, c->hello_ms);
	if (c->state == LW_CLIENT_PARTING && c->nasks == 0)
		return 0;
	if (at == 0)
		return -1;
	return at <= now_ms ? 0 : (int)(at - now_ms);
}

static void
look_at_clock(struct lw_client *c, uint64_t now_ms)
{
	uint64_t retry = c->retry_ms;

	lw_client_asks_expire(c, now_ms);
	if (c->state == LW_CLIENT_HELLOING && now_ms >= c->hello_ms)
		lw_client_disconnect(c, "the daemon does not say hello", now_ms);
	if (c->state == LW_CLIENT_PARTING && c->nasks == 0) {
		/* All is answered; it comes back when it said. */
		lw_client_disconnect(c, "the daemon restarts", now_ms);
		c->failures = 0;
		c->retry_ms = retry;
	}
	if (c->state == LW_CLIENT_DOWN && now_ms >= c->retry_ms)
		lw_client_connect(c, now_ms);
}

void
lw_client_step(struct lw_client *c, bool readable, bool writable, uint64_t now_ms)
{
	now_ms = lw_client_now(now_ms);
	if (writable)
		c->blocked = false;
	if (readable && c->fd >= 0)
		lw_client_read(c, now_ms);
	look_at_clock(c, now_ms);
	lw_client_pump(c, now_ms);
}

/* ---- blocking ---- */

/* One turn of a loop of our own, at most until `until_ms`. */
static void
turn(struct lw_client *c, uint64_t until_ms)
{
	struct pollfd p = {.fd = c->fd, .events = POLLIN};
	uint64_t now_ms = lw_client_now(0);
	int ms = lw_client_timeout_ms(c, now_ms);
	int left = until_ms > now_ms ? (int)(until_ms - now_ms) : 0;

	if (ms < 0 || ms > left)
		ms = left;
	if (lw_client_wants_write(c))
		p.events |= POLLOUT;
	if (poll(&p, c->fd >= 0, ms) < 0)
		p.revents = 0;
	lw_client_step(c, (p.revents & (POLLIN | POLLHUP | POLLERR)) != 0,
	    (p.revents & POLLOUT) != 0, 0);
}

struct wait {
	struct lw_client *c;
	struct lw_client_verdict v;
	bool done;
};

static void
on_verdict(void *cookie, const struct lw_client_verdict *v)
{
	struct wait *w = cookie;

	w->v = *v;
	snprintf(w->c->reason, sizeof w->c->reason, "%s", v->reason);
	w->v.reason = w->c->reason;
	w->done = true;
}

int
lw_client_ask_wait(struct lw_client *c, const struct lw_client_event *ev,
    struct lw_client_verdict *verdict)
{
	struct wait w = {.c = c};
	uint64_t until;
	int err;

	/* What came while nobody was in a loop: acknowledgements, a bye. */
	lw_client_step(c, true, true, 0);
	if ((err = lw_client_ask(c, ev, on_verdict, &w, 0)) != 0)
		return err;
	until = lw_client_now(0) + c->o.deadline_ms + 1000; /* the ask expires before */
	while (!w.done)
		turn(c, until);
	*verdict = w.v;
	return 0;
}

int
lw_client_flush(struct lw_client *c, uint32_t timeout_ms)
{
	uint64_t until = lw_client_now(0) + timeout_ms;

	lw_client_step(c, true, true, 0);
	while (c->spool.n > 0 && lw_client_now(0) < until)
		turn(c, until);
	return c->spool.n > 0 ? LW_CLIENT_ETIMEOUT : 0;
}

void
lw_client_stats(const struct lw_client *c, struct lw_client_stats *out)
{
	*out = c->stats;
	out->spooled = c->spool.n;
}

const char *
lw_client_last_error(const struct lw_client *c)
{
	return c->error;
}
