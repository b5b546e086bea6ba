/* SPDX-License-Identifier: Apache-2.0 */
/* One event's map, read with the cursor. */
#ifndef LW_WIRE_EVENT_MAP_H
#define LW_WIRE_EVENT_MAP_H

#include "event/event.h"
#include "wire/cursor.h"
#include "wire/fields.h"

/* *ev must be zeroed. r->bad says that it is a map, but no event that can be taken. */
int lw_event_map_read(struct lw_cursor *c, struct lw_field_read *r, struct lw_event *ev);

#endif
