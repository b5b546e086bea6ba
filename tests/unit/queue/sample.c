/* SPDX-License-Identifier: Apache-2.0 */
/* Sample flags for the room's tests, and a scratch folder. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "sample.h"

void
sample_flag(struct lw_flag *f, uint64_t pair, uint64_t id, enum lw_band band, double risk)
{
	struct lw_evidence *e = &f->evidence[0];

	memset(f, 0, sizeof(*f));
	f->id = (struct lw_id128){0x1111, id};
	f->pair = (struct lw_id128){pair, 0x2222};
	f->kind = LW_FLAG_RISK;
	f->band = band;
	f->seq = id;
	f->ts_ms = 1700000000000 + id;
	f->risk = risk;
	f->log_odds = 1.25;
	f->tenant = LW_STR("default");
	f->conv = LW_STR("c1");
	f->from = LW_STR("sender");
	f->to = LW_STR("target");
	f->message = LW_STR("m1");
	f->categories = 1u << LW_CAT_SECRECY | 1u << LW_CAT_MEETING;
	snprintf(f->contributions[0].name, sizeof(f->contributions[0].name), "bias");
	f->contributions[0].value = -6.5;
	snprintf(f->contributions[1].name, sizeof(f->contributions[1].name), "secrecy");
	f->contributions[1].value = 0.1;
	f->contributions[1].evidence = 1.5;
	f->ncontributions = 2;
	e->rule = LW_STR("en.secrecy.sample");
	e->title = LW_STR("Sample");
	e->message = LW_STR("m1");
	e->text = LW_STR(SAMPLE_TEXT);
	e->category = LW_CAT_SECRECY;
	e->ts_ms = f->ts_ms;
	e->rev = 3;
	e->weight = 1.5f;
	e->nspans = 2;
	e->spans[0] = (struct lw_span){2, 8};
	e->spans[1] = (struct lw_span){9, 15};
	f->nevidence = 1;
	f->clause = LW_STR("4.2");
	memset(f->pack, 'a', 64);
	f->engine = "0.1.0";
}

void
sample_seal(struct lw_seal *s, uint8_t fill)
{
	memset(s->key, fill, sizeof(s->key));
}

const char *
sample_dir(void)
{
	static char path[64];

	snprintf(path, sizeof(path), "/tmp/lapwing-queue-XXXXXX");
	return mkdtemp(path);
}

void
sample_path(char *to, size_t size, const char *dir, const char *name)
{
	snprintf(to, size, "%s/%s", dir, name);
}

void
sample_remove(const char *dir)
{
	struct dirent *e;
	char path[512];
	DIR *d = opendir(dir);

	if (d == NULL)
		return;
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		unlink(path);
	}
	closedir(d);
	rmdir(dir);
}
