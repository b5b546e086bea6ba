/* SPDX-License-Identifier: Apache-2.0 */
/* The names of everything that travels, each in one table: what MessagePack and JSON readers
 * and writers share, and what a test compares with docs/protocol.md. */
#ifndef LW_WIRE_FIELDS_H
#define LW_WIRE_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"
#include "base/str.h"
#include "wire/cursor.h"
#include "wire/wire.h"

enum lw_field_type {
	LW_F_ID,   /* struct lw_str, at most LW_EVENT_ID_MAX; longer: bad record */
	LW_F_NAME, /* the same, but longer is absent */
	LW_F_TEXT, /* struct lw_str, repaired and cut */
	LW_F_STR,  /* struct lw_str of any length */
	LW_F_ZSTR, /* const char * */
	LW_F_U64,
	LW_F_U32,
	LW_F_REAL,
	LW_F_BOOL,
	LW_F_TRI, /* enum lw_tristate, from a bool */
	LW_F_KIND,
	LW_F_CHANNEL,
	LW_F_AGE,
	LW_F_ACTION,
	LW_F_BAND,  /* by name */
	LW_F_ID128, /* 16 bytes */
	LW_F_IDS,   /* array of struct lw_str, its count in `count` */
	LW_F_U32S,  /* array of uint32_t; one number is an array of one */
	LW_F_EVENTS,
	LW_F_ASK,
	LW_F_VERDICTS /* of a frame: written and read by hand */
};

enum lw_field_flag {
	LW_FF_REQUIRED = 1, /* the frame is no such frame without it; always written */
	LW_FF_OWN = 2,	    /* in the daemon's own files only: never in JSON */
	LW_FF_REASON = 4, /* of a report or a decision: shares its place with `item` */
	LW_FF_ITEM = 8
};

struct lw_field {
	const char *name;
	uint8_t len, type, flags, max; /* max: elements of an array */
	uint16_t at, count;	       /* offsets */
};

struct lw_fields {
	const char *name; /* the frame's `t`; "event", "verdict" */
	const struct lw_field *f;
	size_t n;
};

extern const struct lw_fields lw_event_fields;		      /* of struct lw_event */
extern const struct lw_fields lw_verdict_fields;	      /* of struct lw_verdict */
extern const struct lw_fields lw_frame_fields[LW_FR_UNKNOWN]; /* of struct lw_frame */

/* The field of a name, or NULL. *hint is where the last one was found: a writer has an
 * order, so the search begins behind it. */
const struct lw_field *lw_field_find(
    const struct lw_fields *t, struct lw_str name, size_t *hint);

/* What reading one record needs, and tells. */
struct lw_field_read {
	struct lw_arena *arena; /* lent */
	uint32_t repaired;
	const char *bad; /* why the record cannot be taken; static */
};
/* Set a field from a scalar, or add an element to an array. A value of the wrong type or
 * range leaves the field absent. LW_ENOMEM; what is worse than absent goes to r->bad. */
int lw_field_set(const struct lw_field *f, void *record, const struct lw_value *v,
    struct lw_field_read *r);
static inline bool
lw_field_is_array(const struct lw_field *f)
{
	return f->type == LW_F_IDS || f->type == LW_F_U32S;
}

/* A whole number that is not negative and not above max. */
bool lw_value_uint(const struct lw_value *v, uint64_t max, uint64_t *u);

/* Is there anything to write? */
bool lw_field_is_set(const struct lw_field *f, const void *record);
/* Was a required field really there, with a value of its type? */
bool lw_field_is_there(const struct lw_field *f, const void *record);
static inline const void *
lw_field_at(const struct lw_field *f, const void *record)
{
	return (const char *)record + f->at;
}
static inline uint32_t
lw_field_count(const struct lw_field *f, const void *record)
{
	uint32_t n;

	memcpy(&n, (const char *)record + f->count, sizeof n);
	return n;
}
/* Name of an enumerated field's value. */
const char *lw_field_enum_name(const struct lw_field *f, const void *record);

#endif
