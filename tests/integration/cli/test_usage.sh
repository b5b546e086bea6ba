#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Wrong usage gets a helpful word and exit code 2; every command has help with examples.
. "${srcdir:-.}/tests/integration/cli/lib.sh"

run 2 "$bin/lapwing"
run 0 "$bin/lapwing" --version
run 2 "$bin/lapwing" replya
says err "did you mean 'replay'"
run 2 "$bin/lapwing" replay
says err "wants a file"
run 2 "$bin/lapwing" replay --sumary x
says err "did you mean --summary"
run 2 "$bin/lapwing" replay --speed fast x
run 2 "$bin/lapwing" bench --messages many engine
says err "whole number"
run 2 "$bin/lapwing" bench nothing
run 2 "$bin/lapwing" queue
run 2 "$bin/lapwing" queue list --min-band huge
run 2 "$bin/lapwing" ctl statsu
says err "did you mean 'status'"
run 2 "$bin/lapwing" queue lst
says err "did you mean 'list'"
run 2 "$bin/lapwing" queue show
says err "wants one CASE"
run 2 "$bin/lapwing" pack check
says err "wants the folder of a pack"
run 2 "$bin/lapwing" pack tset x
says err "did you mean 'test'"
for command in replay explain pack bench queue ctl init demo; do
	run 0 "$bin/lapwing" "$command" --help
	says out "Usage: lapwing $command"
	says out "Examples:"
	# every option of the help stands in the man page
	sed -n 's/^  .*--\([a-z-]*\).*/\1/p' "$tmp/out" | grep -v '^help$' | while read -r option; do
		grep -q "Fl -$option" "$src/docs/man/lapwing.1" || echo "$option"
	done >"$tmp/missing"
	[ ! -s "$tmp/missing" ] || fail "lapwing.1 lacks $(tr '\n' ' ' <"$tmp/missing")of $command"
done
run 4 "$bin/lapwing" ctl -c "$tmp/none.yaml" status
run 4 "$bin/lapwing" init "$tmp/none/home"
says err "the folder above it does not exist"
run 4 "$bin/lapwing" replay "$tmp"
says err "a folder, not a file"
run 4 "$bin/lapwing" replay --socket "$tmp/none.sock" /dev/null
says err "no daemon answers on $tmp/none.sock"
run 4 "$bin/lapwingd" -c "$tmp/none.yaml"
says err "lapwing init DIR"
run 2 "$bin/lapwingd" --nonsense
finish
