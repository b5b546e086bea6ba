/* SPDX-License-Identifier: Apache-2.0 */
/* Conversation tests of a pack: each through a fresh engine; positives must be flagged by
 * their marked message, look-alikes never. */
#include <string.h>
#include "base/err.h"
#include "cli/pack_cmd.h"
#include "engine/engine.h"

#define START_MS 1700000000000u

struct play {
	struct lw_pipeline *pipe;
	struct lw_arena arena;
	uint64_t seq, ts_ms;
	uint32_t flagged_at; /* message of the first flag, 1-based; 0 none */
	uint32_t categories;
};

static int
step(struct play *p, struct lw_event *ev, uint32_t index)
{
	const struct lw_flag *flags[2];
	struct lw_outcome oc;
	size_t n = 0;
	int err;

	ev->seq = ++p->seq;
	ev->ts_ms = p->ts_ms;
	ev->tenant = LW_STR("default");
	err = lw_pipeline_step(p->pipe, ev, &oc, flags, &n);
	for (size_t i = 0; err == 0 && i < n; i++) {
		if (p->flagged_at == 0)
			p->flagged_at = index;
		p->categories |= flags[i]->categories;
	}
	return err;
}

static int
play_facts(struct play *p, const struct lw_source_test *t)
{
	int err = LW_OK;

	for (size_t i = 0; err == 0 && i < t->nparties; i++) {
		struct lw_event ev = {.kind = LW_EV_USER,
		    .from = t->party[i].name,
		    .user.age_band = t->party[i].age_band};

		err = step(p, &ev, 0);
	}
	return err;
}

static int
play_messages(struct play *p, const struct lw_source_test *t)
{
	int err = LW_OK;

	for (size_t i = 0; err == 0 && i < t->nmessages; i++) {
		const struct lw_source_message *m = &t->message[i];
		struct lw_event ev = {.kind = LW_EV_MESSAGE,
		    .channel = t->channel,
		    .conv = t->name,
		    .from = m->from,
		    .to = m->to,
		    .text = m->text};
		char id[24];
		int n = snprintf(id, sizeof(id), "m%zu", i + 1);

		ev.id = (struct lw_str){id, (size_t)n};
		p->ts_ms += m->after_ms;
		err = step(p, &ev, (uint32_t)i + 1);
	}
	return err;
}

/* NULL when the conversation did what it should. */
static const char *
complaint(const struct play *p, const struct lw_source_test *t)
{
	if (!t->positive)
		return p->flagged_at != 0 ? "is a look-alike and was flagged" : NULL;
	if (p->flagged_at == 0)
		return "is a positive and was not flagged";
	if (p->flagged_at > t->flag_by)
		return "was flagged too late";
	if ((t->categories & ~p->categories) != 0)
		return "was flagged without a category that it names";
	return NULL;
}

static void
say_missing(const struct play *p, const struct lw_source_test *t)
{
	uint32_t missing = t->categories & ~p->categories;

	for (int c = 0; c < LW_CAT_MAX; c++)
		if (missing >> c & 1)
			fprintf(stderr, " %s", lw_category_name((enum lw_category)c));
}

static int
play_test(
    struct lw_pack_cmd *c, const struct lw_setup *setup, const struct lw_source_test *t)
{
	struct play p = {.ts_ms = START_MS};
	struct lw_engine_conf conf;
	const char *wrong;
	int err;

	lw_engine_conf_default(&conf);
	err = lw_pipeline_new(
	    &p.pipe, &conf, setup->rules, &setup->policy, LW_MEMO_DEFAULT);
	if (err == 0 && (err = play_facts(&p, t)) == 0)
		err = play_messages(&p, t);
	lw_pipeline_free(p.pipe);
	if (err != 0)
		return lw_cli_fail(err, "engine");
	c->conversations++;
	wrong = complaint(&p, t);
	if (wrong == NULL)
		return LW_EXIT_OK;
	c->failed_conversations++;
	fprintf(stderr, "%s:%u:%u: error: '%.*s' %s", t->file, t->line, t->col,
	    (int)t->name.n, t->name.p, wrong);
	if (t->positive)
		fprintf(stderr, " (message %u, wanted by %u)", p.flagged_at, t->flag_by);
	else
		fprintf(stderr, " (message %u)", p.flagged_at);
	if (t->positive && p.flagged_at != 0 && p.flagged_at <= t->flag_by)
		say_missing(&p, t);
	fputc('\n', stderr);
	return LW_EXIT_OK;
}

int
lw_pack_test_conversations(struct lw_pack_cmd *c, const struct lw_setup *setup,
    const struct lw_pack_source *src)
{
	int code = LW_EXIT_OK;

	for (size_t i = 0; code == LW_EXIT_OK && i < src->ntests; i++)
		code = play_test(c, setup, &src->test[i]);
	return code;
}
