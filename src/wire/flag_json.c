/* SPDX-License-Identifier: Apache-2.0 */
/* A flag in, one JSON object out: the same for replay, control socket and stored cases.
 * Text appears only where the caller asks for it. */
#include <stdio.h>
#include "base/json.h"
#include "wire/wire.h"

static void
put_id(struct lw_json *j, const char *key, struct lw_id128 id)
{
	char hex[33];

	snprintf(hex, sizeof hex, "%016llx%016llx", (unsigned long long)id.hi,
	    (unsigned long long)id.lo);
	lw_json_key(j, key);
	lw_json_strz(j, hex);
}

/* Always there, null when absent: readers may count on the key. */
static void
put_str(struct lw_json *j, const char *key, struct lw_str s)
{
	lw_json_key(j, key);
	if (s.p == NULL)
		lw_json_null(j);
	else
		lw_json_str(j, s);
}

static void
put_optional(struct lw_json *j, const char *key, struct lw_str s)
{
	if (s.p != NULL)
		put_str(j, key, s);
}

static void
put_categories(struct lw_json *j, uint32_t bits)
{
	int c;

	lw_json_key(j, "categories");
	lw_json_array(j);
	for (c = 0; c < LW_CAT_MAX; c++) {
		if ((bits & 1u << c) != 0)
			lw_json_strz(j, lw_category_name((enum lw_category)c));
	}
	lw_json_array_end(j);
}

static void
put_contributions(struct lw_json *j, const struct lw_flag *f)
{
	uint32_t i;

	lw_json_key(j, "contributions");
	lw_json_array(j);
	for (i = 0; i < f->ncontributions; i++) {
		const struct lw_contribution *c = &f->contributions[i];

		lw_json_object(j);
		lw_json_key(j, "name");
		lw_json_strz(j, c->name);
		lw_json_key(j, "value");
		lw_json_double(j, c->value);
		lw_json_key(j, "evidence");
		lw_json_double(j, c->evidence);
		lw_json_object_end(j);
	}
	lw_json_array_end(j);
}

static void
put_spans(struct lw_json *j, const struct lw_evidence *e)
{
	int i;

	lw_json_key(j, "spans");
	lw_json_array(j);
	for (i = 0; i < e->nspans; i++) {
		lw_json_array(j);
		lw_json_uint(j, e->spans[i].start);
		lw_json_uint(j, e->spans[i].end);
		lw_json_array_end(j);
	}
	lw_json_array_end(j);
}

static void
put_evidence(struct lw_json *j, const struct lw_evidence *e, bool show_text)
{
	lw_json_object(j);
	put_str(j, "rule", e->rule);
	put_str(j, "title", e->title);
	lw_json_key(j, "category");
	lw_json_strz(j, lw_category_name(e->category));
	put_str(j, "message", e->message);
	lw_json_key(j, "ts");
	lw_json_uint(j, e->ts_ms);
	lw_json_key(j, "how");
	lw_json_strz(j, lw_how_name(e->how));
	lw_json_key(j, "weight");
	lw_json_fixed(j, (double)e->weight, 3);
	lw_json_key(j, "rev");
	lw_json_uint(j, e->rev);
	lw_json_key(j, "back");
	lw_json_uint(j, e->back);
	put_spans(j, e);
	lw_json_key(j, "from_target");
	lw_json_bool(j, e->from_target);
	if (e->deleted) {
		lw_json_key(j, "deleted");
		lw_json_bool(j, true);
	}
	if (show_text)
		put_optional(j, "text", e->text);
	lw_json_object_end(j);
}

void
lw_flag_json(struct lw_json *j, const struct lw_flag *f, bool show_text)
{
	uint32_t i;

	lw_json_object(j);
	put_id(j, "id", f->id);
	put_id(j, "pair", f->pair);
	lw_json_key(j, "kind");
	lw_json_strz(j, lw_flag_kind_name(f->kind));
	lw_json_key(j, "band");
	lw_json_strz(j, lw_band_name(f->band));
	lw_json_key(j, "risk");
	lw_json_double(j, f->risk);
	lw_json_key(j, "log_odds");
	lw_json_double(j, f->log_odds);
	lw_json_key(j, "ts");
	lw_json_uint(j, f->ts_ms);
	put_optional(j, "tenant", f->tenant);
	put_str(j, "conv", f->conv);
	put_str(j, "from", f->from);
	put_str(j, "to", f->to);
	put_str(j, "message", f->message);
	put_categories(j, f->categories);
	put_contributions(j, f);
	lw_json_key(j, "evidence");
	lw_json_array(j);
	for (i = 0; i < f->nevidence; i++)
		put_evidence(j, &f->evidence[i], show_text);
	lw_json_array_end(j);
	put_optional(j, "clause", f->clause);
	lw_json_key(j, "pack");
	lw_json_strz(j, f->pack);
	lw_json_key(j, "engine");
	lw_json_strz(j, f->engine);
	lw_json_object_end(j);
}
