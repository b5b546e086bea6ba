/* SPDX-License-Identifier: Apache-2.0 */
/* The bridge from files to a daemon: our events into the client's, at the daemon's pace. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "base/err.h"
#include "cli/cli.h"
#include "cli/send.h"
#include "config.h"

#define SPOOL_HIGH 16384 /* events that may wait for their acknowledgement */
#define CONNECT_MS 10000 /* for a daemon that is busy */
#define ABSENT_MS 1000	 /* and for one that nobody sees */
#define STALL_MS 30000

int
lw_sender_open(struct lw_sender *s, const char *socket, const char *tenant)
{
	struct lw_client_options o = lw_client_options_init();
	int err;

	memset(s, 0, sizeof(*s));
	lw_arena_init(&s->arena, 1u << 20);
	s->socket = socket;
	o.socket = socket;
	o.plugin = "lapwing-replay";
	o.plugin_version = PACKAGE_VERSION;
	o.tenant = tenant;
	err = lw_client_new(&s->client, &o);
	if (err != 0) {
		fprintf(stderr, "lapwing: %s: %s\n", socket, lw_client_strerror(err));
		return LW_EXIT_IO;
	}
	for (int ms = 0; ms < CONNECT_MS; ms += 10) {
		struct lw_client_stats st;

		lw_sender_turn(s->client, 10000);
		lw_client_stats(s->client, &st);
		if (st.connected)
			return LW_EXIT_OK;
		if (st.connects == 0 && ms >= ABSENT_MS)
			break;
	}
	fprintf(stderr, "lapwing: no daemon answers on %s: %s\n", socket,
	    lw_client_last_error(s->client));
	return LW_EXIT_IO;
}

void
lw_sender_turn(struct lw_client *c, int wait_us)
{
	struct pollfd p = {.fd = lw_client_fd(c), .events = POLLIN};
	struct timespec ts = {wait_us / 1000000, (long)(wait_us % 1000000) * 1000};
	int n;

	if (lw_client_wants_write(c))
		p.events |= POLLOUT;
	n = ppoll(&p, p.fd >= 0 ? 1 : 0, &ts, NULL);
	lw_client_step(c, n > 0 && (p.revents & ~POLLOUT) != 0,
	    n > 0 && (p.revents & (POLLOUT | POLLERR | POLLHUP)) != 0, 0);
}

static const char *
zstr(struct lw_arena *a, struct lw_str s, bool *ok)
{
	struct lw_str z;

	if (s.n == 0)
		return NULL;
	z = lw_arena_str(a, s);
	*ok &= z.p != NULL;
	return z.p;
}

int
lw_sender_event(
    struct lw_arena *arena, const struct lw_event *ev, struct lw_client_event *out)
{
	static const int fact[] = {LW_CLIENT_FACT_UNKNOWN, LW_CLIENT_NO, LW_CLIENT_YES};
	const char **mention =
	    lw_arena_alloc(arena, sizeof(*mention) * LW_EVENT_MENTIONS_MAX);
	bool ok = mention != NULL;

	*out = lw_client_event_init();
	out->kind = (enum lw_client_kind)ev->kind;
	out->channel = (enum lw_client_channel)ev->channel;
	out->ts_ms = ev->ts_ms;
	out->conv = zstr(arena, ev->conv, &ok);
	out->from = zstr(arena, ev->from, &ok);
	out->to = zstr(arena, ev->to, &ok);
	out->id = zstr(arena, ev->id, &ok);
	out->text = zstr(arena, ev->text, &ok);
	out->text_len = ev->text.n;
	out->lang = zstr(arena, ev->lang, &ok);
	out->reply_to = zstr(arena, ev->reply_to, &ok);
	for (uint32_t i = 0; ok && i < ev->nmentions; i++)
		mention[i] = zstr(arena, ev->mentions[i], &ok);
	out->mentions = mention;
	out->nmentions = ev->nmentions;
	out->members = ev->members;
	out->age_band = (enum lw_client_age)ev->user.age_band;
	out->created_ms = ev->user.created_ms;
	out->role = zstr(arena, ev->user.role, &ok);
	out->locale = zstr(arena, ev->user.locale, &ok);
	out->connected = (enum lw_client_fact)fact[ev->relation.connected];
	out->blocked = (enum lw_client_fact)fact[ev->relation.blocked];
	out->family = (enum lw_client_fact)fact[ev->relation.family];
	out->guardian = (enum lw_client_fact)fact[ev->relation.guardian];
	out->item = out->reason = zstr(arena, ev->item, &ok);
	return ok ? LW_OK : LW_ENOMEM;
}

/* Wait until at most `most` events are unacknowledged. */
static int
drain(struct lw_sender *s, uint64_t most)
{
	uint64_t acked = 0;
	struct lw_client_stats st;

	for (int still = 0; still < STALL_MS;) {
		lw_client_stats(s->client, &st);
		if (st.spooled <= most)
			return LW_EXIT_OK;
		still = st.acked != acked ? 0 : still + 1;
		acked = st.acked;
		lw_sender_turn(s->client, 1000);
	}
	fprintf(stderr, "lapwing: %s: the daemon acknowledges nothing any more (%s)\n",
	    s->socket, lw_client_last_error(s->client));
	return LW_EXIT_IO;
}

int
lw_sender_put(struct lw_sender *s, const struct lw_event *ev)
{
	struct lw_client_event out;
	int err;

	lw_arena_reset(&s->arena);
	if ((err = lw_sender_event(&s->arena, ev, &out)) != 0)
		return lw_cli_fail(err, "sending");
	if ((err = lw_client_observe(s->client, &out)) != 0) {
		fprintf(stderr, "lapwing: sending: %s\n", lw_client_strerror(err));
		return LW_EXIT_INPUT;
	}
	return drain(s, SPOOL_HIGH);
}

int
lw_sender_flush(struct lw_sender *s)
{
	return drain(s, 0);
}

void
lw_sender_close(struct lw_sender *s)
{
	if (s->client != NULL)
		lw_client_free(s->client);
	lw_arena_clear(&s->arena);
}
