#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# docs/configuration.md says what the code's tables say.
set -eu
tests/unit/conf/write_reference | diff "${srcdir:-.}/docs/configuration.md" - || {
	echo "docs/configuration.md is stale: run make configuration-reference" >&2
	exit 1
}
