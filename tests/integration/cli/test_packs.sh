#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The shipped packs: lint clean, every example and every conversation as it should be, enough
# of each, in canonical form, and no test sentence taken from an example.
. "${srcdir:-.}/tests/integration/cli/lib.sh"

count() { # PATTERN FILE...
	pattern=$1
	shift
	cat "$@" | grep -c "$pattern"
}

for pack in core-en core-es; do
	dir=$src/patterns/$pack
	run 0 "$bin/lapwing" pack check "$dir"
	! grep -q warning: "$tmp/err" || fail "$pack: $(head -n 3 "$tmp/err")"
	run 0 "$bin/lapwing" pack test "$dir"
	cat "$tmp/out" "$tmp/err"
	run 0 "$bin/lapwing" pack fmt "$dir"
done
en=$src/patterns/core-en es=$src/patterns/core-es
[ "$(count '^- id:' "$en"/rules/*.yaml)" -ge 200 ] || fail "fewer than 200 English rules"
[ "$(count '^- id:' "$es"/rules/*.yaml)" -ge 60 ] || fail "fewer than 60 Spanish rules"
[ "$(count 'kind: positive' "$en"/tests/*.yaml)" -ge 40 ] || fail "fewer than 40 positives"
[ "$(count 'kind: lookalike' "$en"/tests/*.yaml)" -ge 80 ] || fail "fewer than 80 look-alikes"
for category in personal_info age_probe rapport relationship_probe risk_assessment secrecy \
	isolation platform_shift image_request sexualisation compliance_test gift meeting \
	coercion age_disclosure refusal help_request; do
	for dir in "$en" "$es"; do
		cat "$dir"/rules/*.yaml | grep -q "category: $category\$" ||
			fail "${dir##*/} has no rule of $category"
	done
done
# sentences: text of tests against whole examples
for dir in "$en" "$es"; do
	sed -n "s/^    - '\(.*\)'\$/\1/p" "$dir"/rules/*.yaml | sort -u >"$tmp/examples"
	sed -n "s/.*text: '\(.*\)'[,}].*/\1/p" "$dir"/tests/*.yaml | sort -u >"$tmp/sentences"
	[ -s "$tmp/sentences" ] || fail "no test sentences found"
	comm -12 "$tmp/examples" "$tmp/sentences" >"$tmp/shared"
	[ ! -s "$tmp/shared" ] || fail "${dir##*/}: tests share sentences with examples: $(head -n 3 "$tmp/shared")"
done
finish
