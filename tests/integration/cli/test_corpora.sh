#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# False flags over benign corpora: LAPWING_CORPORA, or a folder beside the source tree. At most 5
# conversations of all, none where people arrange meetings, get acquainted or are a family.
. "${srcdir:-.}/tests/integration/cli/lib.sh"

corpora=${LAPWING_CORPORA:-$src/../shared/corpora}
if ! ls "$corpora"/*.jsonl.gz >/dev/null 2>&1; then
	echo "skipped: no benign corpora here (set LAPWING_CORPORA)"
	exit 77
fi
run 0 "$bin/lapwing" replay --summary "$corpora"/*.jsonl.gz
cat "$tmp/out"
flagged=$(sed 's/.*"flagged_conversations":\([0-9]*\).*/\1/' "$tmp/out")
[ "$flagged" -le 5 ] || fail "$flagged benign conversations flagged, at most 5 are allowed"
for name in en-sgd en-persona ja-family-multiparty; do
	[ -f "$corpora/$name.jsonl.gz" ] || continue
	run 0 "$bin/lapwing" replay --summary "$corpora/$name.jsonl.gz"
	says out '"flagged_conversations":0,'
done
finish
