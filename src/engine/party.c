/* SPDX-License-Identifier: Apache-2.0 */
/* Conversations as the router knows them: people and last messages. Owns names and
 * rings. */
#include "engine/party.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "event/event.h"

void
lw_parties_init(struct lw_parties *ps, size_t max)
{
	lw_table_init(&ps->table, sizeof(struct lw_party), offsetof(struct lw_party, key));
	ps->max = max < 1 ? 1 : max > LW_TABLE_MAX ? LW_TABLE_MAX : max;
}

static void
party_clear(struct lw_party *p)
{
	for (unsigned i = 0; i < p->cap_person; i++)
		free(p->person[i].name);
	free(p->person);
	free(p->message);
	p->person = NULL;
	p->message = NULL;
	p->cap_person = 0;
}

void
lw_parties_clear(struct lw_parties *ps)
{
	for (uint32_t s = 0; s < ps->table.nslot; s++) {
		struct lw_party *p = lw_table_at(&ps->table, s);

		if (p != NULL)
			party_clear(p);
	}
	lw_table_clear(&ps->table);
}

struct lw_party *
lw_parties_find(const struct lw_parties *ps, struct lw_id128 conv)
{
	return lw_table_find(&ps->table, conv);
}

static uint64_t
rank(const void *entry, const void *ctx)
{
	const struct lw_party *p = entry;

	(void)ctx;
	return p->last_ms;
}

static bool
drop_one(struct lw_parties *ps)
{
	struct lw_party *p = lw_table_victim(&ps->table, rank, NULL);

	if (p == NULL)
		return false;
	party_clear(p);
	lw_table_del(&ps->table, p);
	return true;
}

struct lw_party *
lw_parties_add(struct lw_parties *ps, struct lw_id128 conv)
{
	if (ps->table.live >= ps->max)
		drop_one(ps);
	return lw_table_add(&ps->table, conv);
}

struct lw_str
lw_party_name(const struct lw_party *p, int place)
{
	return (struct lw_str){p->person[place].name, p->person[place].n};
}

int
lw_party_find(const struct lw_party *p, struct lw_str name)
{
	for (int i = 0; i < p->cap_person; i++)
		if (p->person[i].stamp != 0 && lw_str_eq(lw_party_name(p, i), name))
			return i;
	return -1;
}

/* A message by one who is gone has nobody to answer to. */
static void
vacate(struct lw_party *p, int place)
{
	free(p->person[place].name);
	memset(&p->person[place], 0, sizeof(p->person[place]));
	for (unsigned i = 0; p->message != NULL && i < LW_PARTY_MESSAGES; i++) {
		if (p->message[i].author == place)
			p->message[i].author = LW_PARTY_PEOPLE;
		if (p->message[i].target == place)
			p->message[i].target = LW_PARTY_PEOPLE;
	}
}

/* A free place: one there is, one more, or that of whoever was silent longest. */
static int
place_for_one(struct lw_party *p)
{
	struct lw_party_person *more;
	int oldest = -1, cap;

	for (int i = 0; i < p->cap_person; i++) {
		if (p->person[i].stamp == 0)
			return i;
		if (oldest < 0 || p->person[i].stamp < p->person[oldest].stamp)
			oldest = i;
	}
	if (p->cap_person == LW_PARTY_PEOPLE) {
		vacate(p, oldest);
		return oldest;
	}
	cap = p->cap_person == 0 ? 2 : p->cap_person * 2;
	more = realloc(p->person, (size_t)cap * sizeof(*more));
	if (more == NULL)
		return -1;
	memset(more + p->cap_person, 0, (size_t)(cap - p->cap_person) * sizeof(*more));
	p->person = more;
	cap = p->cap_person;
	p->cap_person = (uint8_t)(cap == 0 ? 2 : cap * 2);
	return cap;
}

unsigned
lw_party_people(const struct lw_party *p)
{
	unsigned n = 0;

	for (unsigned i = 0; i < p->cap_person; i++)
		n += p->person[i].stamp != 0;
	return n;
}

int
lw_party_join(struct lw_party *p, struct lw_str name)
{
	int i = lw_party_find(p, name);

	if (i < 0) {
		char *copy = malloc(name.n + 1);

		if (copy == NULL)
			return -1;
		i = place_for_one(p);
		if (i < 0) {
			free(copy);
			return -1;
		}
		memcpy(copy, name.p, name.n);
		p->person[i].name = copy;
		p->person[i].n = (uint16_t)name.n;
		p->person[i].stamp = 1;
		if (!p->crowd && lw_party_people(p) > 2)
			p->crowd = true;
	}
	if (p->clock < UINT32_MAX)
		p->clock++;
	p->person[i].stamp = p->clock;
	return i;
}

void
lw_party_leave(struct lw_party *p, struct lw_str name)
{
	int i = lw_party_find(p, name);

	/* Of two, either is still the one whom the other talks to. */
	if (i >= 0 && p->crowd)
		vacate(p, i);
}

int
lw_party_other(const struct lw_party *p, int place)
{
	int other = -1;

	for (int i = 0; i < p->cap_person; i++) {
		if (p->person[i].stamp == 0 || i == place)
			continue;
		if (other >= 0)
			return -1;
		other = i;
	}
	return other;
}

void
lw_party_remember(struct lw_party *p, uint64_t id, int author, int target)
{
	struct lw_party_message *m;

	/* Between two it is plain who is answered. */
	if (!p->crowd)
		return;
	if (p->message == NULL)
		p->message = calloc(LW_PARTY_MESSAGES, sizeof(*p->message));
	if (p->message == NULL)
		return; /* then a reply finds no author, as when it is older */
	m = &p->message[p->next];
	p->next = (uint8_t)((p->next + 1) % LW_PARTY_MESSAGES);
	m->id = id;
	m->author = (uint8_t)author;
	m->target = (uint8_t)(target < 0 ? LW_PARTY_PEOPLE : target);
}

const struct lw_party_message *
lw_party_message(const struct lw_party *p, uint64_t id)
{
	for (unsigned i = 0; p->message != NULL && i < LW_PARTY_MESSAGES; i++)
		if (p->message[i].id == id && id != 0)
			return &p->message[i];
	return NULL;
}

static void
put(struct lw_buf *out, const void *entry, void *ctx)
{
	const struct lw_party *p = entry;

	(void)ctx;
	lw_enc_u64(out, p->last_ms);
	lw_enc_u32(out, p->clock);
	lw_enc_u8(out, p->next);
	lw_enc_u8(out, p->crowd | p->here << 1 | (p->message != NULL) << 2);
	lw_enc_u8(out, p->cap_person);
	for (unsigned i = 0; i < p->cap_person; i++) {
		lw_enc_u32(out, p->person[i].stamp);
		if (p->person[i].stamp != 0)
			lw_enc_str(out, lw_party_name(p, (int)i));
	}
	for (unsigned i = 0; p->message != NULL && i < LW_PARTY_MESSAGES; i++) {
		lw_enc_u64(out, p->message[i].id);
		lw_enc_u8(out, p->message[i].author);
		lw_enc_u8(out, p->message[i].target);
	}
}

static int
get_person(struct lw_dec *d, struct lw_party *p, struct lw_party_person *q)
{
	uint32_t stamp = lw_dec_u32(d);
	struct lw_str name;

	if (stamp == 0)
		return 0;
	name = lw_dec_str(d, LW_EVENT_ID_MAX);
	if (d->bad || stamp > p->clock)
		return LW_EINVAL;
	q->name = malloc(name.n + 1);
	if (q->name == NULL)
		return LW_ENOMEM;
	if (name.n > 0)
		memcpy(q->name, name.p, name.n);
	q->n = (uint16_t)name.n;
	q->stamp = stamp;
	return 0;
}

static int
get_messages(struct lw_dec *d, struct lw_party *p)
{
	p->message = calloc(LW_PARTY_MESSAGES, sizeof(*p->message));
	if (p->message == NULL)
		return LW_ENOMEM;
	for (unsigned i = 0; i < LW_PARTY_MESSAGES; i++) {
		struct lw_party_message *m = &p->message[i];

		m->id = lw_dec_u64(d);
		m->author = lw_dec_u8(d);
		m->target = lw_dec_u8(d);
		if ((m->author >= p->cap_person || p->person[m->author].stamp == 0) &&
		    m->id != 0 && m->author != LW_PARTY_PEOPLE)
			return LW_EINVAL;
		if ((m->target >= p->cap_person || p->person[m->target].stamp == 0) &&
		    m->id != 0 && m->target != LW_PARTY_PEOPLE)
			return LW_EINVAL;
	}
	return 0;
}

static int
get(struct lw_dec *d, void *entry, void *ctx)
{
	struct lw_party *p = entry;
	uint8_t bits, cap;

	(void)ctx;
	p->last_ms = lw_dec_u64(d);
	p->clock = lw_dec_u32(d);
	p->next = lw_dec_u8(d);
	bits = lw_dec_u8(d);
	cap = lw_dec_u8(d);
	if (d->bad || p->next >= LW_PARTY_MESSAGES || cap > LW_PARTY_PEOPLE ||
	    (cap & (cap - 1)) != 0 || cap == 1)
		return LW_EINVAL;
	p->crowd = (bits & 1) != 0;
	p->here = (bits & 2) != 0;
	if (cap > 0) {
		p->person = calloc(cap, sizeof(*p->person));
		if (p->person == NULL)
			return LW_ENOMEM;
		p->cap_person = cap;
	}
	for (unsigned i = 0; i < cap; i++) {
		int rc = get_person(d, p, &p->person[i]);

		if (rc != 0)
			return rc;
	}
	return (bits & 4) != 0 ? get_messages(d, p) : 0;
}

void
lw_parties_save(const struct lw_parties *ps, struct lw_buf *out)
{
	lw_table_save(&ps->table, out, put, NULL);
}

int
lw_parties_load(struct lw_parties *ps, struct lw_dec *d)
{
	int rc = lw_table_load(&ps->table, d, LW_TABLE_MAX, get, NULL);

	if (rc != 0)
		lw_parties_clear(ps);
	/* It may have been saved under a larger cap. */
	while (ps->table.live > ps->max && drop_one(ps))
		;
	return rc;
}
