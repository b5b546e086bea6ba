#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The self-test must refuse Vectorscan 5.4.9, which loses matches on x86. Fetches Debian's
# package into a temporary folder; where that is not possible the test is skipped.
set -u
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
skip() {
	echo "SKIP: $1"
	exit 77
}

[ "$(uname -m)" = x86_64 ] || skip "Vectorscan 5.4.9 is only known to be unfit on x86-64"
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || skip "no apt-get, dpkg-deb"
program=$PWD/tests/unit/pack/test_selftest
(cd "$tmp" && timeout 60 apt-get -q download libvectorscan5=5.4.9-1 >log 2>&1) ||
	skip "the package libvectorscan5 5.4.9-1 cannot be fetched"
dpkg-deb -x "$tmp"/libvectorscan5_*.deb "$tmp/root" || skip "the package cannot be unpacked"
lib=$(dirname "$(find "$tmp/root" -name 'libhs.so.5' | head -n 1)")
[ -e "$lib/libhs.so.5" ] || skip "the package holds no libhs.so.5"

LD_LIBRARY_PATH=$lib "$program" verdict
status=$?
[ "$status" -eq 3 ] && exit 0
echo "FAIL: the self-test did not refuse this library (status $status)"
exit 1
