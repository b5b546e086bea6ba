#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Long runs, by hand: kill -9 with one seed after another, the matcher against its reference
# with fresh seeds, and a daemon under load whose memory and descriptors must not grow.
# Usage: soak.sh MINUTES (from the build folder, with srcdir set)
set -eu
minutes=${1:-10}
bin=$(pwd)
src=$(cd "${srcdir:-.}" && pwd)
LAPWING_PATTERNS=$src/patterns
export LAPWING_PATTERNS
tmp=$(mktemp -d "${TMPDIR:-/tmp}/lapwing-soak-XXXXXX")
pid=
passed=0 failed=0
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null; rm -rf "$tmp"' EXIT INT TERM

result() { # NAME STATUS
	if [ "$2" -eq 0 ]; then passed=$((passed + 1)); else
		failed=$((failed + 1))
		echo "FAILED: $1"
	fi
}

# repeat PROGRAM VARIABLE: with a new seed each time, for a third of the time
repeat() {
	end=$(($(date +%s) + minutes * 20))
	seed=$(date +%s)
	while [ "$(date +%s)" -lt "$end" ]; do
		status=0
		env "$2=$seed" "$bin/$1" >"$tmp/log" 2>&1 || status=$?
		[ "$status" -eq 0 ] || cat "$tmp/log"
		result "$1 with $2=$seed" "$status"
		seed=$((seed + 1))
	done
}

# One round of chat: 20,000 messages of 1,000 pairs, a few of them risky, ids of their own.
chat() { # ROUND
	awk -v round="$1" 'BEGIN {
		srand(round)
		split("hello|what are you doing today|gg that was a nice round|see you at eight|i like pizza and music|how old are you|dont tell your parents about me|are your parents home", line, "|")
		for (i = 0; i < 20000; i++) {
			a = int(rand() * 1000); risky = rand() < 0.0005
			printf "{\"conv\":\"c%d\",\"id\":\"r%d-%d\",\"from\":\"a%d\",\"to\":\"b%d\",\"ts\":%.0f,\"text\":\"%s\"}\n",
			    a, round, i, a, a, 1700000000000 + (round * 20000 + i) * 20,
			    line[1 + int(rand() * (risky ? 8 : 5))]
		}
	}'
}

rss() { awk '/^VmRSS/ { print $2 }' "/proc/$pid/status"; }
fds() { find "/proc/$pid/fd" -type l | wc -l; }

load() {
	"$bin/lapwing" init "$tmp/home" >/dev/null
	# a small memory of past events fills early, so that what grows later is a leak
	echo 'dedupe_events: 20000' >>"$tmp/home/lapwing.yaml"
	"$bin/lapwingd" --config "$tmp/home/lapwing.yaml" 2>"$tmp/daemon.log" &
	pid=$!
	for _ in $(seq 100); do
		"$bin/lapwing" ctl -c "$tmp/home/lapwing.yaml" status >/dev/null 2>&1 && break
		sleep 0.1
	done
	# The arenas of batches in flight grow to what the largest batch needed, then stay:
	# what counts is the second half.
	half=$(($(date +%s) + minutes * 10)) end=$(($(date +%s) + minutes * 20))
	round=0 early=0 early_fds=0 worst=0
	while [ "$(date +%s)" -lt "$end" ] || [ "$early" -eq 0 ]; do
		round=$((round + 1))
		chat "$round" | "$bin/lapwing" replay --socket "$tmp/home/run/plugin.sock" - ||
			{ result "round $round of load" 1; return; }
		[ $((round % 7)) -ne 0 ] ||
			"$bin/lapwing" ctl -c "$tmp/home/lapwing.yaml" reload >/dev/null
		now=$(rss)
		if [ "$early" -eq 0 ] && [ "$(date +%s)" -ge "$half" ]; then
			early=$now early_fds=$(fds)
		fi
		[ "$now" -le "$worst" ] || worst=$now
	done
	echo "load: $round rounds of 20,000 messages, $early KiB at half time, $worst KiB at most"
	status=0
	[ "$worst" -le $((early * 13 / 10)) ] || status=1
	result "memory under load: $early KiB, then $worst KiB" "$status"
	status=0
	[ "$(fds)" -le $((early_fds + 2)) ] || status=1
	result "descriptors under load" "$status"
	kill "$pid"
	status=0
	wait "$pid" || status=$?
	pid=
	result "an orderly end" "$status"
}

repeat tests/integration/daemon/test_kill LAPWING_TEST_SEED
repeat tests/unit/match/test_differential LW_TEST_SEED
load
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
