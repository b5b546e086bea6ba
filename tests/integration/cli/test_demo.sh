#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The demo: both risky pairs and the test flag become cases, no look-alike does; it fits a
# terminal of 80 columns; it leaves no process and no folder, also when it is interrupted.
. "${srcdir:-.}/tests/integration/cli/lib.sh"
TMPDIR=$tmp/t
export TMPDIR
mkdir "$TMPDIR"

# Daemons whose folder is ours: their command line names it. The pattern comes from a file, so
# that grep does not find itself.
echo "$TMPDIR/" >"$tmp/pattern"
daemons() {
	grep -lFf "$tmp/pattern" /proc/[0-9]*/cmdline 2>/dev/null
}

nothing_left() { # WHEN
	[ -z "$(daemons)" ] || fail "$1: a daemon is left: $(daemons)"
	[ -z "$(ls -A "$TMPDIR")" ] || fail "$1: left in the folder: $(ls -A "$TMPDIR")"
}

# wait_for COMMAND...: until it succeeds, for at most 10 s
wait_for() {
	tries=100
	until "$@"; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return 1
		sleep 0.1
	done
}

in_file() { # TEXT FILE
	grep -qsF -- "$1" "$2"
}

seconds() {
	cut -d . -f 1 /proc/uptime
}

start=$(seconds)
run 0 "$bin/lapwing" demo
took=$(($(seconds) - start))
[ "$took" -lt 20 ] || fail "the demo took $took s"
says out 'rook -> pip  in lobby'
says out 'drake -> wren  in trade'
says out 'operator -> console  in test'
says out '3 cases in the queue'
for other in family raid support; do
	says out "$other: "
	! grep -q -- "-> .*  in $other " "$tmp/out" || fail "the look-alike $other became a case"
done
# Some awks count bytes; only the bars have more than one a column.
sed 's/▪/#/g' "$tmp/out" | awk 'length($0) > 80 { print; bad = 1 } END { exit bad }' \
	>"$tmp/wide" || fail "lines of more than 80 columns: $(head -n 3 "$tmp/wide")"
! grep -q "$(printf '\033')" "$tmp/out" || fail "colour without a terminal"
nothing_left "after the demo"

# In a terminal: colour, unless it is not wanted.
if command -v script >/dev/null; then
	env -u NO_COLOR TERM=xterm script -qec "'$bin/lapwing' demo --fast" /dev/null \
		>"$tmp/tty" </dev/null || fail "the demo failed in a terminal"
	grep -q "$(printf '\033')" "$tmp/tty" || fail "no colour in a terminal"
	NO_COLOR=1 TERM=xterm script -qec "'$bin/lapwing' demo --fast" /dev/null \
		>"$tmp/tty" </dev/null || fail "the demo failed with NO_COLOR"
	! grep -q "$(printf '\033')" "$tmp/tty" || fail "colour in spite of NO_COLOR"
	nothing_left "after a terminal"
fi

# cut_at TEXT SIGNAL CODE OPTION...: once TEXT was said, SIGNAL ends the demo with CODE.
# Without job control a shell lets what it starts ignore SIGINT: env gives it back.
cut_at() {
	text=$1 signal=$2 want=$3
	shift 3
	rm -f "$tmp/out" # it may say the text already, until it is opened anew
	env --default-signal=INT "$bin/lapwing" demo "$@" >"$tmp/out" 2>"$tmp/err" &
	pid=$!
	wait_for in_file "$text" "$tmp/out" || fail "the demo never said '$text'"
	[ -n "$(daemons)" ] || fail "no daemon runs in mid-demo"
	kill -s "$signal" "$pid"
	code=0
	wait "$pid" || code=$?
	[ "$code" -eq "$want" ] || fail "$signal at '$text': exit code $code instead of $want"
	nothing_left "$signal at '$text'"
}
cut_at 'gg, you play' INT 130
! in_file 'cases in the queue' "$tmp/out" || fail "the demo went on after SIGINT"
cut_at 'gg, you play' TERM 143
cut_at 'gg, you play' HUP 129
cut_at 'From another terminal' INT 0 --fast --stay

# Killed, it cannot clean up; but its daemon must not outlive it.
rm -f "$tmp/out"
"$bin/lapwing" demo >"$tmp/out" 2>"$tmp/err" &
pid=$!
wait_for in_file 'gg, you play' "$tmp/out" || fail "the demo never began"
kill -s KILL "$pid"
wait "$pid" 2>/dev/null || :
no_daemon() {
	[ -z "$(daemons)" ]
}
wait_for no_daemon || fail "a daemon outlives its demo"
finish
