/* SPDX-License-Identifier: Apache-2.0 */
/* Sample flags for the room's tests, and a scratch folder. */
#ifndef LW_TEST_QUEUE_SAMPLE_H
#define LW_TEST_QUEUE_SAMPLE_H

#include "queue/queue.h"

#define SAMPLE_TEXT "a marked sample line"

/* A flag of pair `pair` with one piece of evidence whose text is SAMPLE_TEXT. */
void sample_flag(
    struct lw_flag *f, uint64_t pair, uint64_t id, enum lw_band band, double risk);
void sample_seal(struct lw_seal *s, uint8_t fill);
/* A new folder; its path stays valid for the process. */
const char *sample_dir(void);
void sample_remove(const char *dir);
void sample_path(char *to, size_t size, const char *dir, const char *name);

#endif
