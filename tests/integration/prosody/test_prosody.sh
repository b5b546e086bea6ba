#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs the Prosody test with the system's python3, which has slixmpp.
[ -x /usr/bin/python3 ] || { echo "skipped: no /usr/bin/python3"; exit 77; }
bindir=$(pwd)
srcdir=$(cd "${srcdir:-.}" && pwd)
LAPWING_PATTERNS=$srcdir/patterns
PYTHONDONTWRITEBYTECODE=1
export LAPWING_PATTERNS PYTHONDONTWRITEBYTECODE
exec /usr/bin/python3 "$srcdir/tests/integration/prosody/test_prosody.py" \
	"$bindir" "$srcdir/plugins/prosody"
