/* SPDX-License-Identifier: Apache-2.0 */
/* A small disk for tests of a full one: a tmpfs in a mount namespace of the test's own. */
#ifndef LW_TEST_TMPDISK_H
#define LW_TEST_TMPDISK_H

#include <stdbool.h>
#include <stddef.h>

/* Leave the machine's mount table alone from now on, and mount a tmpfs of so many bytes on
 * an existing folder. False where the system does not allow it, with the reason in why. */
bool tmpdisk_mount(const char *dir, size_t bytes, char *why, size_t why_size);
void tmpdisk_unmount(const char *dir);
/* Take all but `leave` bytes of the disk that dir is on; give them back. */
bool tmpdisk_fill(const char *dir, size_t leave);
void tmpdisk_free(const char *dir);

#endif
