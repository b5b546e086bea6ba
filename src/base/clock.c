/* SPDX-License-Identifier: Apache-2.0 */
/* Time from the operating system, and the gate's rule for time stamps. Owns nothing. */
#include <time.h>
#include "base/clock.h"

#define AHEAD_MAX_MS UINT64_C(120000)

uint64_t
lw_clock_wall_ms(void)
{
	struct timespec t = {0, 0};

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

uint64_t
lw_clock_mono_ns(void)
{
	struct timespec t = {0, 0};

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

uint64_t
lw_clock_clamp(uint64_t ts_ms, uint64_t received_ms)
{
	if (ts_ms == 0)
		return received_ms;
	if (ts_ms > received_ms && ts_ms - received_ms > AHEAD_MAX_MS)
		return received_ms + AHEAD_MAX_MS;
	return ts_ms;
}
