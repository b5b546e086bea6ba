#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs libFuzzer programs, each for a bounded time, and sums up.
# usage: run.sh SECONDS JOBS CORPUS_DIR OUT_DIR FUZZER...
set -u
seconds=$1 jobs=$2 corpus=$3 out=$4
shift 4
if [ $# -eq 0 ]; then
	echo "fuzz: no targets" >&2
	exit 1
fi

# One target: new inputs go to OUT_DIR/NAME, so that the sources stay as they are.
run_one() {
	name=$(basename "$1" | sed 's/^fuzz_//')
	mkdir -p "$out/$name"
	if timeout -k 10 $((seconds + 60)) "$1" -max_total_time="$seconds" -timeout=10 \
		-rss_limit_mb=2048 -print_final_stats=1 -max_len=65536 \
		-artifact_prefix="$out/$name-" \
		"$out/$name" "$corpus/$name" >"$out/$name.log" 2>&1; then
		echo pass >"$out/$name.result"
	else
		echo fail >"$out/$name.result"
	fi
}

mkdir -p "$out"
rm -f "$out"/*.result
running=0
for fuzzer; do
	run_one "$fuzzer" &
	running=$((running + 1))
	if [ "$running" -ge "$jobs" ]; then
		wait
		running=0
	fi
done
wait

passed=0 failed=0
for fuzzer; do
	name=$(basename "$fuzzer" | sed 's/^fuzz_//')
	units=$(sed -n 's/^stat::number_of_executed_units: *//p' "$out/$name.log")
	if [ "$(cat "$out/$name.result" 2>/dev/null)" = pass ]; then
		echo "PASS: fuzz $name (${units:-0} inputs in $seconds s)"
		passed=$((passed + 1))
	else
		echo "FAIL: fuzz $name, see $out/$name.log"
		tail -n 20 "$out/$name.log"
		failed=$((failed + 1))
	fi
done
echo "fuzz: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
