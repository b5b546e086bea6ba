/* SPDX-License-Identifier: Apache-2.0 */
/* Loads packs into a ruleset and answers questions about it. In: folders, the process's
 * intern table. Out: one read-only, reference-counted struct lw_ruleset. All or nothing. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/log.h"
#include "pack/compile.h"

static _Atomic uint64_t generations;

struct seen {
	const char **file; /* by intern rule id */
	unsigned *line;
	size_t n;
};

struct loader {
	struct lw_compiler c;
	struct lw_pack_source **source; /* alive until the end: regexes point into them */
	size_t nsources;
	struct seen seen;
	int err;
};

static void
keep_error(struct loader *l, int err)
{
	if (l->err == 0)
		l->err = err;
}

static bool
seen_room(struct loader *l, uint32_t id)
{
	size_t n = (size_t)id * 2 + 256;
	const char **file;
	unsigned *line;

	if (id < l->seen.n)
		return true;
	if ((file = realloc(l->seen.file, n * sizeof(*file))) != NULL)
		l->seen.file = file;
	if ((line = realloc(l->seen.line, n * sizeof(*line))) != NULL)
		l->seen.line = line;
	if (file == NULL || line == NULL) {
		keep_error(l, LW_ENOMEM);
		return false;
	}
	memset(file + l->seen.n, 0, (n - l->seen.n) * sizeof(*file));
	l->seen.n = n;
	return true;
}

/* Rule ids are unique over all packs of a set. */
static void
check_doubles(struct loader *l, const struct lw_pack_source *s)
{
	for (size_t i = 0; i < s->nrules; i++) {
		const struct lw_source_rule *r = &s->rule[i];
		uint32_t id = lw_intern_rule(l->c.intern, r->id);

		if (id == 0 || !seen_room(l, id)) {
			keep_error(l, id == 0 ? LW_ELIMIT : LW_ENOMEM);
			return;
		}
		if (l->seen.file[id] != NULL) {
			lw_diag_error(l->c.diag, r->file, r->line, r->col, NULL,
			    "rule id '%.*s' is taken already, at %s:%u", (int)r->id.n,
			    r->id.p, l->seen.file[id], l->seen.line[id]);
			keep_error(l, LW_EINVAL);
			continue;
		}
		l->seen.file[id] = r->file;
		l->seen.line[id] = r->line;
	}
}

static void
check_pack_id(struct loader *l, const struct lw_pack_source *s)
{
	for (size_t i = 0; i < l->nsources; i++) {
		if (l->source[i] != s && lw_str_eq(l->source[i]->id, s->id)) {
			lw_diag_error(l->c.diag, s->manifest, 0, 0, NULL,
			    "a pack of this id is loaded already, from %s",
			    l->source[i]->dir);
			keep_error(l, LW_EINVAL);
			return;
		}
	}
}

static void
load_pack(struct loader *l, const char *dir, uint16_t index)
{
	struct lw_ruleset *rs = l->c.rs;
	struct lw_pack_info *info = &rs->pack[index];
	struct lw_pack_source *s;
	int err = lw_pack_source_load(&s, dir, false, l->c.diag);

	if (err != 0) {
		keep_error(l, err);
		return;
	}
	l->source[l->nsources++] = s;
	check_pack_id(l, s);
	check_doubles(l, s);
	if ((err = lw_compile_pack(&l->c, s, index)) != 0)
		keep_error(l, err);
	info->id = lw_arena_str(&rs->arena, s->id);
	info->version = lw_arena_str(&rs->arena, s->version);
	if (info->id.p == NULL || info->version.p == NULL)
		keep_error(l, LW_ENOMEM);
	memcpy(info->hash, s->hash, sizeof(info->hash));
}

static void
take_model(struct loader *l)
{
	for (size_t i = 0; i < l->nsources; i++) {
		if (l->source[i]->has_model) {
			l->c.rs->model = l->source[i]->model;
			return;
		}
	}
	lw_diag_error(l->c.diag, l->nsources > 0 ? l->source[0]->dir : "packs", 0, 0,
	    "see model.yaml in docs/pack-format.md",
	    "no pack of the set brings the weights of the risk model");
	keep_error(l, LW_EINVAL);
}

static void
hash_set(struct lw_ruleset *rs)
{
	unsigned char sum[32];
	crypto_generichash_state *st =
	    aligned_alloc(64, (crypto_generichash_statebytes() + 63) / 64 * 64);

	if (st == NULL)
		return;
	crypto_generichash_init(st, NULL, 0, sizeof(sum));
	for (size_t i = 0; i < rs->npacks; i++)
		crypto_generichash_update(st, (const unsigned char *)rs->pack[i].hash,
		    sizeof(rs->pack[i].hash));
	crypto_generichash_final(st, sum, sizeof(sum));
	sodium_bin2hex(rs->hash, sizeof(rs->hash), sum, sizeof(sum));
	free(st);
}

static int
index_rules(struct lw_ruleset *rs, struct lw_intern *intern)
{
	rs->rule_id_max = lw_intern_rules(intern);
	rs->rule_index = calloc((size_t)rs->rule_id_max + 1, sizeof(*rs->rule_index));
	if (rs->rule_index == NULL)
		return LW_ENOMEM;
	for (size_t i = 0; i < rs->nrules; i++) {
		const struct lw_rule *r = &rs->rule[i];

		rs->rule_index[r->id] = (uint32_t)i + 1;
		if (r->span_messages > rs->span_messages_max)
			rs->span_messages_max = r->span_messages;
		if (r->span_s > rs->span_s_max)
			rs->span_s_max = r->span_s;
	}
	return 0;
}

static void
load(struct loader *l, const char *const *dirs, size_t ndirs)
{
	struct lw_ruleset *rs = l->c.rs;
	int err;

	rs->pack = calloc(ndirs + 1, sizeof(*rs->pack));
	l->source = calloc(ndirs + 1, sizeof(*l->source));
	if (rs->pack == NULL || l->source == NULL || sodium_init() < 0) {
		keep_error(l, LW_ENOMEM);
		return;
	}
	rs->npacks = ndirs;
	if ((err = lw_compile_test_rule(&l->c)) != 0)
		keep_error(l, err);
	for (size_t i = 0; i < ndirs && l->err != LW_ENOMEM; i++)
		load_pack(l, dirs[i], (uint16_t)i);
	if (l->err == 0)
		take_model(l);
	if (l->err == 0 && ((err = lw_compile_index(&l->c)) != 0 ||
			       (err = lw_compile_lexemes(&l->c)) != 0 ||
			       (err = lw_compile_regexes(&l->c)) != 0 ||
			       (err = index_rules(rs, l->c.intern)) != 0))
		keep_error(l, err);
	hash_set(rs);
	if (l->err == 0 && rs->hash[0] == '\0')
		keep_error(l, LW_ENOMEM);
}

static void
free_loader(struct loader *l)
{
	for (size_t i = 0; i < l->nsources; i++)
		lw_pack_source_free(l->source[i]);
	free(l->source);
	free(l->seen.file);
	free(l->seen.line);
	free(l->c.ids.id);
	free(l->c.freq);
	free(l->c.regex);
	free(l->c.program);
	free(l->c.slot);
	lw_setpool_clear(&l->c.sets);
	lw_arena_clear(&l->c.arena);
}

int
lw_ruleset_load(struct lw_ruleset **out, struct lw_intern *intern,
    const char *const *dirs, size_t ndirs, struct lw_diag *diag)
{
	struct lw_ruleset *rs;
	struct loader l = {0};

	if (ndirs == 0 || ndirs > LW_PACKS_MAX) {
		lw_diag_error(diag, "packs", 0, 0, NULL,
		    "a set has 1 to %d packs, this one has %zu", LW_PACKS_MAX, ndirs);
		return ndirs == 0 ? LW_EINVAL : LW_ELIMIT;
	}
	if ((rs = calloc(1, sizeof(*rs))) == NULL)
		return LW_ENOMEM;
	atomic_init(&rs->refs, 1);
	rs->intern = intern;
	lw_arena_init(&rs->arena, (size_t)256 << 20);
	lw_arena_init(&l.c.arena, (size_t)512 << 20);
	l.c.rs = rs;
	l.c.intern = intern;
	l.c.diag = diag;
	load(&l, dirs, ndirs);
	free_loader(&l);
	if (l.err != 0) {
		lw_ruleset_unref(rs);
		return l.err;
	}
	rs->generation = atomic_fetch_add(&generations, 1) + 1;
	*out = rs;
	return 0;
}

struct lw_ruleset *
lw_ruleset_ref(struct lw_ruleset *rs)
{
	atomic_fetch_add_explicit(&rs->refs, 1, memory_order_relaxed);
	return rs;
}

static void
free_lexdb(struct lw_lexdb *d)
{
	hs_free_database(d->db);
	free(d->pat);
}

static void
free_trie(struct lw_trie *t)
{
	free(t->entry_off);
	free(t->entry);
	free(t->reach_of);
	free(t->step);
	free(t->mask);
	free(t->sight);
	free(t->end);
}

void
lw_ruleset_unref(struct lw_ruleset *rs)
{
	if (rs == NULL ||
	    atomic_fetch_sub_explicit(&rs->refs, 1, memory_order_acq_rel) != 1)
		return;
	free_lexdb(&rs->words);
	free_lexdb(&rs->skeletons);
	free_lexdb(&rs->joined);
	for (uint32_t i = 0; i < rs->regexes.ndbs; i++)
		hs_free_database(rs->regexes.db[i]);
	free(rs->regexes.db);
	free(rs->regexes.rule);
	free(rs->rule);
	free(rs->regex_of);
	free(rs->has_unless);
	free(rs->rule_index);
	free(rs->set_off);
	free(rs->set_id);
	free(rs->set_bloom);
	free(rs->bit_of);
	free(rs->part_of);
	free_trie(&rs->phrases);
	free_trie(&rs->silencers);
	free(rs->pack);
	lw_arena_clear(&rs->arena);
	free(rs);
}

const struct lw_model *
lw_ruleset_model(const struct lw_ruleset *rs)
{
	return &rs->model;
}

const struct lw_rule *
lw_ruleset_rule(const struct lw_ruleset *rs, uint32_t rule_id)
{
	uint32_t i = rule_id <= rs->rule_id_max ? rs->rule_index[rule_id] : 0;

	return i != 0 ? &rs->rule[i - 1] : NULL;
}

size_t
lw_ruleset_nrules(const struct lw_ruleset *rs)
{
	return rs->nrules;
}

const struct lw_rule *
lw_ruleset_rule_at(const struct lw_ruleset *rs, size_t i)
{
	return i < rs->nrules ? &rs->rule[i] : NULL;
}

size_t
lw_ruleset_nlexemes(const struct lw_ruleset *rs)
{
	return rs->nlexemes;
}

size_t
lw_ruleset_npacks(const struct lw_ruleset *rs)
{
	return rs->npacks;
}

struct lw_str
lw_ruleset_pack_id(const struct lw_ruleset *rs, size_t i)
{
	return i < rs->npacks ? rs->pack[i].id : (struct lw_str){NULL, 0};
}

struct lw_str
lw_ruleset_pack_version(const struct lw_ruleset *rs, size_t i)
{
	return i < rs->npacks ? rs->pack[i].version : (struct lw_str){NULL, 0};
}

const char *
lw_ruleset_hash(const struct lw_ruleset *rs)
{
	return rs->hash;
}

const struct lw_intern *
lw_ruleset_intern(const struct lw_ruleset *rs)
{
	return rs->intern;
}

uint64_t
lw_ruleset_generation(const struct lw_ruleset *rs)
{
	return rs->generation;
}
