/* SPDX-License-Identifier: Apache-2.0 */
/* Time. The engine never reads a clock: wall time is read at the gate, and events carry
 * it on as milliseconds since 1970-01-01 UTC. */
#ifndef LW_BASE_CLOCK_H
#define LW_BASE_CLOCK_H

#include <stdint.h>

uint64_t lw_clock_wall_ms(void);
uint64_t lw_clock_mono_ns(void);
/* The gate's rule for a sender's time stamp: unknown (0) becomes the time of receipt, and
 * nothing lies more than 2 minutes after it. */
uint64_t lw_clock_clamp(uint64_t ts_ms, uint64_t received_ms);

#endif
