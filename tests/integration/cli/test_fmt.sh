#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# pack fmt: canonical order, comments above rules kept, meaning unchanged, a second run idle.
. "${srcdir:-.}/tests/integration/cli/lib.sh"

mkdir -p "$tmp/demo/rules"
cat >"$tmp/demo/pack.yaml" <<-END
	format: 1
	id: demo
	version: 1.0.0
	title: A pack for a test
	languages: [en]
	engine: '>=0.1'
	taxonomy: 1
	licence: CC-BY-4.0
	maintainers: [us]
END
cat >"$tmp/demo/rules/a.yaml" <<-END
	# stays: a remark above the rule
	- rev: 1
	  id: en.demo.one
	  category: secrecy
	  title: "It's a title"
	  weight: 1.0
	  status: test
	  no_match: ['tell us']
	  match: [ 'quiet zebra one',  ['quiet', 'zebra two'] ]
	  phrase: 'quiet zebra'
	# stays, too
END
cp "$tmp/demo/rules/a.yaml" "$tmp/before"
run 1 "$bin/lapwing" pack fmt "$tmp/demo"
cmp -s "$tmp/before" "$tmp/demo/rules/a.yaml" || fail "written without --write"
run 0 "$bin/lapwing" pack fmt --write "$tmp/demo"
run 0 "$bin/lapwing" pack fmt "$tmp/demo"
head -n 2 "$tmp/demo/rules/a.yaml" | tail -n 1 | grep -q '^- id: en.demo.one' || fail "id is not first"
grep -q '^# stays: a remark' "$tmp/demo/rules/a.yaml" || fail "a comment was lost"
grep -q '^# stays, too' "$tmp/demo/rules/a.yaml" || fail "the last comment was lost"
run 0 "$bin/lapwing" pack test "$tmp/demo"
says out '3 examples, 0 failed'

# a comment inside a rule is refused rather than lost
sed -i '3i\  # inside' "$tmp/demo/rules/a.yaml"
run 3 "$bin/lapwing" pack fmt --write "$tmp/demo"
says err "would be lost"
# a failing example is a finding, named by place, quoted only on demand
sed -i "/inside/d; s/'tell us'/'a quiet zebra'/" "$tmp/demo/rules/a.yaml"
run 1 "$bin/lapwing" pack test "$tmp/demo"
says err "en.demo.one matches what it must not match"
! grep -q 'a quiet zebra' "$tmp/err" || fail "the example was quoted"
run 1 "$bin/lapwing" pack test --show-text "$tmp/demo"
says err 'a quiet zebra'
finish
