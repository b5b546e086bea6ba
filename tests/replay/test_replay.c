/* SPDX-License-Identifier: Apache-2.0 */
/* Scenarios on event time: each *.jsonl of a folder through the real matcher and a small
 * pack, its flags compared with *.flags. One by one, in batches, and with the word memo
 * off, the flags are the same. In: the folder, and "-w" to print instead of compare. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "engine/engine.h"
#include "text/fold.h"
#include "wire/wire.h"

#define EVENTS_MAX 256
#define BATCH 7

struct scenario {
	char path[512];
	struct lw_event ev[EVENTS_MAX];
	size_t n;
	struct lw_arena arena;
};

static int
load(struct scenario *s)
{
	FILE *f = fopen(s->path, "r");
	char line[4096];

	s->n = 0;
	lw_arena_reset(&s->arena);
	if (f == NULL)
		return LW_ENOENT;
	while (s->n < EVENTS_MAX && fgets(line, sizeof(line), f) != NULL) {
		struct lw_str l = {line, strcspn(line, "\n")};
		const char *why = "";
		size_t at;

		if (lw_event_from_json(l, &s->arena, &s->ev[s->n], &why, &at) != 0) {
			fprintf(stderr, "%s:%zu: %s\n", s->path, s->n + 1, why);
			fclose(f);
			return LW_EINVAL;
		}
		s->n++;
	}
	fclose(f);
	return s->n == 0 ? LW_EINVAL : 0;
}

static void
put(struct lw_buf *out, const struct lw_flag *f)
{
	(void)lw_buf_printf(out, "%llu %s %s %.*s->%.*s %.4f", (unsigned long long)f->seq,
	    lw_flag_kind_name(f->kind), lw_band_name(f->band), (int)f->from.n,
	    f->from.p, (int)f->to.n, f->to.n > 0 ? f->to.p : "", f->risk);
	for (uint32_t i = 0; i < f->ncontributions; i++)
		(void)lw_buf_printf(out, " %s=%.3f", f->contributions[i].name,
		    f->contributions[i].value);
	for (uint32_t i = 0; i < f->nevidence; i++) {
		const struct lw_evidence *e = &f->evidence[i];

		(void)lw_buf_printf(out, " [%.*s %.*s back=%u%s%s", (int)e->rule.n,
		    e->rule.p, (int)e->message.n, e->message.n > 0 ? e->message.p : "",
		    e->back, e->from_target ? " target" : "",
		    e->deleted ? " deleted" : "");
		for (unsigned k = 0; k < e->nspans && e->text.p != NULL; k++)
			(void)lw_buf_printf(out, " %.*s",
			    (int)(e->spans[k].end - e->spans[k].start),
			    e->text.p + e->spans[k].start);
		(void)lw_buf_puts(out, "]");
	}
	(void)lw_buf_puts(out, "\n");
}

static int
run(struct scenario *s, struct lw_ruleset *rs, size_t memo, size_t batch,
    struct lw_buf *out)
{
	struct lw_policy policy;
	struct lw_engine_conf conf;
	struct lw_pipeline *p;
	int rc = load(s);

	if (rc != 0)
		return rc;
	lw_policy_default(&policy);
	policy.fanout_categories = 2;
	lw_engine_conf_default(&conf);
	if ((rc = lw_pipeline_new(&p, &conf, rs, &policy, memo)) != 0)
		return rc;
	for (size_t at = 0; at < s->n && rc == 0; at += batch) {
		size_t n = s->n - at < batch ? s->n - at : batch, nextra = 0, x = 0;
		struct lw_outcome o[BATCH];
		const struct lw_flag *extra[BATCH];

		rc = lw_pipeline_batch(p, s->ev + at, n, o, extra, &nextra);
		for (size_t i = 0; i < n && rc == 0; i++) {
			if (o[i].flag != NULL)
				put(out, o[i].flag);
			while (x < nextra && extra[x]->seq == s->ev[at + i].seq)
				put(out, extra[x++]);
		}
	}
	lw_pipeline_free(p);
	return rc;
}

static int
read_file(const char *path, struct lw_buf *out)
{
	FILE *f = fopen(path, "r");
	char block[4096];
	size_t n;

	if (f == NULL)
		return LW_ENOENT;
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		(void)lw_buf_put(out, block, n);
	fclose(f);
	return out->err;
}

static bool
same(const struct lw_buf *a, const struct lw_buf *b)
{
	return a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

/* 0 when all runs give what the file beside the scenario says. */
static int
check(struct scenario *s, struct lw_ruleset *rs, bool write)
{
	static const struct {
		size_t memo, batch;
	} way[] = {{LW_MEMO_DEFAULT, 1}, {0, 1}, {16, BATCH}};
	struct lw_buf want, got;
	char *dot = strrchr(s->path, '.'), path[512];
	int rc = 0;

	snprintf(path, sizeof(path), "%.*s.flags", (int)(dot - s->path), s->path);
	lw_buf_init(&want, 1 << 20);
	lw_buf_init(&got, 1 << 20);
	if (!write && read_file(path, &want) != 0)
		rc = LW_ENOENT;
	for (size_t i = 0; i < sizeof(way) / sizeof(way[0]) && rc == 0; i++) {
		lw_buf_reset(&got);
		rc = run(s, rs, way[i].memo, way[i].batch, &got);
		if (rc == 0 && write) {
			printf("== %s\n%.*s", path, (int)got.len,
			    got.len > 0 ? (char *)got.data : "");
			break;
		}
		if (rc == 0 && !same(&want, &got)) {
			fprintf(stderr, "%s, way %zu: want\n%.*sgot\n%.*s", path, i,
			    (int)want.len, want.len > 0 ? (char *)want.data : "",
			    (int)got.len, got.len > 0 ? (char *)got.data : "");
			rc = LW_EINVAL;
		}
	}
	if (rc != 0)
		fprintf(stderr, "%s: %s\n", path, lw_strerror(rc));
	lw_buf_clear(&want);
	lw_buf_clear(&got);
	return rc;
}

static int
is_scenario(const struct dirent *d)
{
	const char *dot = strrchr(d->d_name, '.');

	return dot != NULL && strcmp(dot, ".jsonl") == 0;
}

static int
check_all(const char *dir, struct lw_ruleset *rs, bool write)
{
	static struct scenario s;
	struct dirent **entry;
	int n = scandir(dir, &entry, is_scenario, alphasort), bad = n <= 0;

	lw_arena_init(&s.arena, 16 << 20);
	for (int i = 0; i < n; i++) {
		snprintf(s.path, sizeof(s.path), "%s/%s", dir, entry[i]->d_name);
		bad += check(&s, rs, write) != 0;
		free(entry[i]);
	}
	if (n >= 0)
		free(entry);
	lw_arena_clear(&s.arena);
	printf("%d scenarios, %d wrong\n", n, bad);
	return bad;
}

int
main(int argc, char **argv)
{
	const char *dir = argc > 1 ? argv[1] : LW_REPLAY_DIR;
	char pack[512];
	const char *dirs[1] = {pack};
	struct lw_intern *intern = lw_intern_new();
	struct lw_ruleset *rs = NULL;
	static struct lw_diag diag;
	int bad = 1;

	snprintf(pack, sizeof(pack), "%s/en-scenarios", dir);
	lw_diag_init(&diag);
	if (lw_text_init() == 0 && intern != NULL &&
	    lw_ruleset_load(&rs, intern, dirs, 1, &diag) == 0)
		bad = check_all(dir, rs, argc > 2 && strcmp(argv[2], "-w") == 0);
	else
		lw_diag_print(&diag, stderr);
	lw_diag_clear(&diag);
	lw_ruleset_unref(rs);
	lw_intern_free(intern);
	return bad == 0 ? 0 : 1;
}
