/* SPDX-License-Identifier: Apache-2.0 */
/* Reload: packs and policy anew while chat flows. A helper thread loads; the loop then
 * swaps between two batches, with a record in the journal. On any error the old ones stay,
 * and the reason is in the log and in the status. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "daemon/inside.h"

struct lw_reload {
	struct lw_daemon *daemon; /* the helper reads only what does not change */
	struct lw_config conf;
	struct lw_rules_source src;
	struct lw_rules *rules;
	uint64_t began_ns;
	char why[512];
	int err;
	atomic_bool done;
};

/* The copy in the state folder must be what was loaded: files may change in between. */
static int
load_and_keep(struct lw_reload *r, struct lw_diag *diag)
{
	int err, tries;

	for (tries = 0; tries < 3; tries++) {
		err = lw_rules_load(&r->rules, &r->src, r->daemon->intern, diag);
		if (err != 0)
			return err;
		err = lw_rules_keep(r->conf.state_dir, &r->src, r->rules->id);
		if (err == 0)
			return 0;
		lw_rules_unref(r->rules);
		r->rules = NULL;
		if (err != LW_EAGAIN)
			return err;
	}
	return LW_EAGAIN;
}

static void
run(void *arg)
{
	struct lw_reload *r = arg;
	struct lw_daemon *d = r->daemon;
	struct lw_config *before = &d->conf;
	struct lw_diag diag;
	int err;

	lw_diag_init(&diag);
	r->conf = *before;
	err = lw_config_read(&r->conf, r->daemon->config_path, &diag);
	if (err == 0)
		err = lw_rules_source(&r->src, &r->conf);
	if (err == 0) {
		/* where the state is does not change under a running daemon */
		memcpy(r->conf.state_dir, before->state_dir, sizeof(r->conf.state_dir));
		err = load_and_keep(r, &diag);
	}
	lw_daemon_tell(&diag, r->why, sizeof(r->why));
	lw_diag_clear(&diag);
	if (err != 0 && r->why[0] == '\0')
		snprintf(r->why, sizeof(r->why), "%s", lw_strerror(err));
	r->err = err;
	atomic_store(&r->done, true); /* from here on it is the loop's */
	lw_bell_ring(&d->bell);
}

int
lw_daemon_reload(struct lw_daemon *d)
{
	struct lw_reload *r;

	if (d->reload != NULL || d->draining)
		return LW_EBUSY;
	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return LW_ENOMEM;
	r->daemon = d;
	r->began_ns = lw_clock_mono_ns();
	if (lw_keeper_post(d->helper, run, r) != 0) {
		free(r);
		return LW_ENOMEM;
	}
	d->reload = r;
	d->reloaded.number++;
	d->reloaded.is_running = true;
	lw_info("reload %llu: loading packs and policy",
	    (unsigned long long)d->reloaded.number);
	return 0;
}

static void
warn_fixed_keys(const struct lw_config *now, const struct lw_config *want)
{
	const char *keys[32];
	size_t i, n = lw_config_diff(now, want, false, keys, 32);

	for (i = 0; i < n; i++)
		lw_warn("configuration: `%s` changed; it takes a restart", keys[i]);
}

/* What a reload takes over besides packs and policy, which came with the rules. */
static void
take_live_keys(struct lw_daemon *d, const struct lw_config *want)
{
	warn_fixed_keys(&d->conf, want);
	d->conf.log_level = want->log_level;
	memcpy(d->conf.policy, want->policy, sizeof(d->conf.policy));
	memcpy(d->conf.packs, want->packs, sizeof(d->conf.packs));
	d->conf.npacks = want->npacks;
	lw_log_set_level((enum lw_log_level)d->conf.log_level);
}

static int
swap(struct lw_daemon *d, struct lw_reload *r)
{
	int err;

	if (strcmp(d->rules->id, r->rules->id) == 0)
		return 0; /* the same: nothing to record */
	err = lw_pipe_push_rules(d->pipe, r->rules);
	if (err != 0)
		return err;
	lw_rules_unref(d->rules);
	d->rules = lw_rules_ref(r->rules);
	return 0;
}

void
lw_daemon_reload_poll(struct lw_daemon *d)
{
	struct lw_reload *r = d->reload;
	int err;

	if (r == NULL || !atomic_load(&r->done))
		return;
	err = r->err;
	if (err == 0 && (err = swap(d, r)) != 0)
		snprintf(r->why, sizeof(r->why), "%s", lw_strerror(err));
	if (err == 0)
		take_live_keys(d, &r->conf);
	d->reloaded.is_running = false;
	d->reloaded.err = err;
	d->reloaded.took_ms = (lw_clock_mono_ns() - r->began_ns) / 1000000;
	snprintf(d->reloaded.why, sizeof(d->reloaded.why), "%s", err != 0 ? r->why : "");
	if (err == 0)
		lw_info("reload %llu: %zu packs, %zu rules",
		    (unsigned long long)d->reloaded.number,
		    lw_ruleset_npacks(d->rules->rs), lw_ruleset_nrules(d->rules->rs));
	else
		lw_error("reload %llu failed, the old packs and policy stay: %s",
		    (unsigned long long)d->reloaded.number, r->why);
	lw_daemon_reload_free(d);
}

void
lw_daemon_reload_free(struct lw_daemon *d)
{
	if (d->reload == NULL)
		return;
	lw_rules_unref(d->reload->rules);
	free(d->reload);
	d->reload = NULL;
}
