/* SPDX-License-Identifier: Apache-2.0 */
/* Reads model.yaml. In: a YAML document. Out: struct lw_model of the pack. Categories that
 * the file does not name weigh nothing; half-lives have a default. */
#include <stdio.h>
#include "base/err.h"
#include "pack/source.h"

#define WEIGHT_MAX 50.0
#define DAYS_MIN 0.01
#define DAYS_MAX 3650.0
#define DAYS_DEFAULT 14.0
#define DAY_MS (86400.0 * 1000)

struct raw {
	int64_t format;
	struct lw_str provenance;
	double bias;
	struct lw_yaml *half_life_days, *beta, *pair, *feature, *alone;
};

#define FIELD(key, want, required, min, max)                                           \
	{                                                                              \
#key, want, required, offsetof(struct raw, key), min, max              \
	}
static const struct lw_yaml_field model_fields[] = {
    FIELD(format, LW_WANT_INT, true, 1, 1),
    FIELD(provenance, LW_WANT_TEXT, true, 0, 0),
    FIELD(bias, LW_WANT_DOUBLE, true, -WEIGHT_MAX, WEIGHT_MAX),
    FIELD(half_life_days, LW_WANT_MAP, false, 0, 0),
    FIELD(beta, LW_WANT_MAP, true, 0, 0),
    FIELD(pair, LW_WANT_LIST, false, 0, 0),
    FIELD(feature, LW_WANT_MAP, false, 0, 0),
    FIELD(alone, LW_WANT_LIST, false, 0, 0),
};

static bool
number(struct lw_source_reader *r, const struct lw_yaml *n, double min, double max,
    double *out)
{
	int err;

	if (n->type != LW_YAML_SCALAR) {
		lw_source_fail(r, n, NULL, "expected a number");
		return false;
	}
	if ((err = lw_yaml_scalar(r->doc, n, LW_WANT_DOUBLE, min, max, out, r->diag)) != 0)
		r->err = err;
	return err == 0;
}

static void
read_half_lives(struct lw_source_reader *r, const struct lw_yaml *map, struct lw_model *m)
{
	const struct lw_yaml *d = map != NULL ? lw_yaml_get(map, "default") : NULL;
	double days = DAYS_DEFAULT;
	int c;

	if (d != NULL)
		number(r, d, DAYS_MIN, DAYS_MAX, &days);
	for (int i = 0; i < LW_CAT_MAX; i++)
		m->half_life_ms[i] = (uint64_t)(days * DAY_MS);
	for (const struct lw_yaml *n = map != NULL ? map->child : NULL; n != NULL;
	     n = n->next)
		if (n != d && lw_source_category(r, n, n->key, &c) &&
		    number(r, n, DAYS_MIN, DAYS_MAX, &days))
			m->half_life_ms[c] = (uint64_t)(days * DAY_MS);
}

static void
read_beta(struct lw_source_reader *r, const struct lw_yaml *map, struct lw_model *m)
{
	int c;

	for (const struct lw_yaml *n = map->child; n != NULL; n = n->next)
		if (lw_source_category(r, n, n->key, &c))
			number(r, n, -WEIGHT_MAX, WEIGHT_MAX, &m->beta[c]);
}

static void
read_pair(struct lw_source_reader *r, const struct lw_yaml *n, struct lw_model *m)
{
	struct {
		struct lw_str a, b;
		double weight;
	} v;
	const struct lw_yaml_field fields[] = {
	    {"a", LW_WANT_TEXT, true, 0, 0, 0},
	    {"b", LW_WANT_TEXT, true, (size_t)((char *)&v.b - (char *)&v), 0, 0},
	    {"weight", LW_WANT_DOUBLE, true, (size_t)((char *)&v.weight - (char *)&v),
		-WEIGHT_MAX, WEIGHT_MAX},
	};
	int a, b, err;

	if (n->type != LW_YAML_MAP) {
		lw_source_fail(
		    r, n, "{a: secrecy, b: meeting, weight: 1.0}", "expected a pair");
		return;
	}
	if ((err = lw_yaml_fields(r->doc, n, fields, 3, &v, r->diag)) != 0) {
		r->err = err;
		return;
	}
	if (!lw_source_category(r, n, v.a, &a) || !lw_source_category(r, n, v.b, &b))
		return;
	if (a == b)
		lw_source_fail(r, n, NULL, "a pair has two different categories");
	m->pair[a][b] = m->pair[b][a] = v.weight;
}

static void
read_features(struct lw_source_reader *r, const struct lw_yaml *map, struct lw_model *m)
{
	const char *names[LW_FEAT_MAX], *near;
	char hint[96];

	for (int i = 0; i < LW_FEAT_MAX; i++)
		names[i] = lw_feature_name((enum lw_feature)i);
	for (const struct lw_yaml *n = map->child; n != NULL; n = n->next) {
		int f = lw_feature_find(n->key);

		if (f >= 0) {
			number(r, n, -WEIGHT_MAX, WEIGHT_MAX, &m->gamma[f]);
			continue;
		}
		if ((near = lw_conf_nearest(n->key, names, LW_FEAT_MAX)) != NULL)
			snprintf(hint, sizeof(hint), "did you mean %s?", near);
		lw_source_fail(r, n, near != NULL ? hint : NULL, "unknown feature");
	}
}

static void
read_alone(struct lw_source_reader *r, const struct lw_yaml *list, struct lw_model *m)
{
	int c;

	for (const struct lw_yaml *n = list->child; n != NULL; n = n->next)
		if (n->type != LW_YAML_SCALAR)
			lw_source_fail(r, n, NULL, "expected a category");
		else if (lw_source_category(r, n, n->text, &c))
			m->alone |= 1u << c;
}

int
lw_source_read_model(struct lw_source_reader *r)
{
	const struct lw_yaml *root = r->doc->root;
	struct lw_model *m = &r->pack->model;
	struct raw raw = {0};
	int err;

	if (root == NULL || root->type != LW_YAML_MAP) {
		lw_source_fail(r, root, NULL, "model.yaml must be a map");
		return r->err;
	}
	err = lw_yaml_fields(r->doc, root, model_fields,
	    sizeof(model_fields) / sizeof(model_fields[0]), &raw, r->diag);
	if (err != 0)
		return r->err = err;
	m->bias = raw.bias;
	read_half_lives(r, raw.half_life_days, m);
	read_beta(r, raw.beta, m);
	for (const struct lw_yaml *n = raw.pair != NULL ? raw.pair->child : NULL;
	     n != NULL; n = n->next)
		read_pair(r, n, m);
	if (raw.feature != NULL)
		read_features(r, raw.feature, m);
	if (raw.alone != NULL)
		read_alone(r, raw.alone, m);
	r->pack->has_model = r->err == 0;
	return r->err;
}
