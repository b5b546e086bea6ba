/* SPDX-License-Identifier: Apache-2.0 */
/* The public header comes first and alone. */
#include <lapwing/lapwing.h>
#include "header.h"

int
main(void)
{
	return quick_start();
}
