/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes in: the fold is well formed, stable, maps back, and the second looks keep to
 * their buffers. The same invariants as the random unit test. */
#include "../unit/text/invariants.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	MUST(lw_text_init() == 0);
	fold_must_hold(data, size < LW_EVENT_TEXT_MAX ? size : LW_EVENT_TEXT_MAX);
	return 0;
}
