#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# replay and explain on files: flags, counts, stdin, gzip, bad lines, hostile text.
. "${srcdir:-.}/tests/integration/cli/lib.sh"

line() { # conv id from to ts text
	printf '{"conv":"%s","id":"%s","from":"%s","to":"%s","ts":%s,"text":"%s"}\n' "$@"
}

{
	line c1 m1 ann ben 1700000000000 'how old are you?'
	line c1 m2 ben ann 1700000020000 'im 12'
	line c1 m3 ann ben 1700000040000 'are your parents home?'
	line c1 m4 ann ben 1700000060000 'dont tell your parents about me'
	line c2 m5 cat dan 1700000080000 'the raid starts at eight'
} >"$tmp/chat.jsonl"

run 0 "$bin/lapwing" replay --summary "$tmp/chat.jsonl"
says out '"conversations":2,"messages":5,'
says out '"flagged_conversations":1,'
run 0 "$bin/lapwing" replay --json "$tmp/chat.jsonl"
for key in conv from to ts band risk categories contributions evidence pack; do
	says out "\"$key\":"
done
says out '"from":"ann","to":"ben"'
cp "$tmp/out" "$tmp/flags"

# stdin, gzip and a second run give the same flags
gzip -k "$tmp/chat.jsonl"
"$bin/lapwing" replay --json - <"$tmp/chat.jsonl" | cmp - "$tmp/flags" || fail "stdin differs"
"$bin/lapwing" replay --json "$tmp/chat.jsonl.gz" | cmp - "$tmp/flags" || fail "gzip differs"
"$bin/lapwing" replay --json - <"$tmp/chat.jsonl.gz" | cmp - "$tmp/flags" || fail "gzip stdin differs"

# without to, channel and ids
sed 's/"to":"[a-z]*",//; s/"id":"[a-z0-9]*",//' "$tmp/chat.jsonl" >"$tmp/bare.jsonl"
run 0 "$bin/lapwing" replay --summary "$tmp/bare.jsonl"
says out '"flagged_conversations":1,'

# text can be left out
run 0 "$bin/lapwing" replay --json --hide-text "$tmp/chat.jsonl"
! grep -q 'your parents' "$tmp/out" || fail "text in spite of --hide-text"

# bad lines: said where, left out, the rest counts
{
	head -n 2 "$tmp/chat.jsonl"
	echo 'not json'
	echo '{"conv":"c1"}'
	echo '[1,2'
	printf '{"conv":"c1","from":"x","text":"\377\376 bytes"}\n'
	tail -n 3 "$tmp/chat.jsonl"
} >"$tmp/bad.jsonl"
run 3 "$bin/lapwing" replay --summary "$tmp/bad.jsonl"
says err "bad.jsonl:3:"
says err "bad.jsonl:4:"
says out '"flagged_conversations":1,'
head -c 100 "$tmp/chat.jsonl.gz" >"$tmp/cut.jsonl.gz"
run 3 "$bin/lapwing" replay --summary "$tmp/cut.jsonl.gz"
says err "damaged"
run 4 "$bin/lapwing" replay "$tmp/none.jsonl"
run 0 "$bin/lapwing" replay --summary /dev/null
says out '"messages":0'
awk 'BEGIN { printf "{\"conv\":\"c\",\"from\":\"a\",\"text\":\""; for (i = 0; i < 1200000; i++) printf "x"; print "\"}" }' \
	>"$tmp/long.jsonl"
run 3 "$bin/lapwing" replay --summary "$tmp/long.jsonl"
says err "longer than 1 MiB"

# text from strangers does not steer the terminal
line c1 m1 ann ben 1700000000000 'dont tell your parents about me' |
	sed 's/"text":"/"text":"\\u001b[2J/' >"$tmp/esc.jsonl"
line c1 m2 ann ben 1700000010000 'send me a pic of you, are your parents home' >>"$tmp/esc.jsonl"
run 0 "$bin/lapwing" explain "$tmp/esc.jsonl"
! grep -q "$(printf '\033')" "$tmp/out" || fail "an escape reached the terminal"

run 0 "$bin/lapwing" explain "$tmp/chat.jsonl"
says out 'log odds: risk'
says out '[parents]'
run 0 "$bin/lapwing" explain --why-not --json "$tmp/chat.jsonl"
says out '"why_not":"no rule matched"'

# a broken policy and a broken pack are refused with their place
printf 'bands: {low: 0.9, medium: 0.5}\n' >"$tmp/policy.yaml"
run 3 "$bin/lapwing" replay --policy "$tmp/policy.yaml" "$tmp/chat.jsonl"
says err "policy.yaml:1:"
mkdir "$tmp/pack"
printf 'format: 1\nid: pack\nversoin: 1\n' >"$tmp/pack/pack.yaml"
run 3 "$bin/lapwing" replay --pack "$tmp/pack" "$tmp/chat.jsonl"
says err "did you mean"
code=0
"$bin/lapwing" replay --json "$tmp/chat.jsonl" >/dev/full 2>"$tmp/err" || code=$?
[ "$code" -eq 4 ] || fail "a full disk gave $code"
finish
