#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs the commands that README.md and the operator's guide show, in order, on a folder in place
# of /srv/lapwing; every one must succeed. What needs root (sudo), or builds, is only listed.
. "${srcdir:-.}/tests/integration/cli/lib.sh"

mkdir "$tmp/bin" "$tmp/home"
ln -s "$bin/lapwing" "$bin/lapwingd" "$tmp/bin"
ln -s "$src/patterns" "$tmp/home/patterns"
PATH=$tmp/bin:$PATH
daemon=
trap '[ -z "$daemon" ] || kill "$daemon"; rm -rf "$tmp"' EXIT
cd "$tmp/home" || exit 1
conf=$tmp/srv/lapwing.yaml

line() { # id from to ts text
	printf '{"conv":"c1","id":"%s","from":"%s","to":"%s","ts":%s,"text":"%s"}\n' "$@"
}

{
	line m1 ann ben 1700000000000 'how old are you?'
	line m2 ben ann 1700000020000 'im 12'
	line m3 ann ben 1700000040000 'are your parents home?'
	line m4 ann ben 1700000060000 'dont tell your parents about me'
} | gzip >chat.jsonl.gz

wait_for() { # COMMAND...: until it succeeds, for at most 20 s
	tries=200
	until "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return 1
		sleep 0.1
	done
}

stop_daemon() {
	[ -n "$daemon" ] || return 0
	kill "$daemon"
	code=0
	wait "$daemon" || code=$?
	daemon=
	[ "$code" -eq 0 ] || fail "lapwingd left with $code: $(tail -n 3 "$tmp/log")"
}

# The one that stays.
start_daemon() {
	sh -c "exec $1" >"$tmp/log" 2>&1 &
	daemon=$!
	wait_for lapwing ctl -c "$conf" status ||
		fail "lapwingd does not come up: $(tail -n 3 "$tmp/log")"
}

run_command() {
	case $1 in
	*CASE*)
		id=$(lapwing queue list -c "$conf" | head -n 1 | cut -d ' ' -f 1)
		set -- "$(echo "$1" | sed "s/CASE/$id/")"
		;;
	esac
	ran=$((ran + 1))
	case $1 in
	*lapwingd*--check-config*) run 0 sh -c "$1" ;;
	lapwingd\ *) start_daemon "$1" ;;
	*) run 0 sh -c "$1" ;;
	esac
	case $1 in
	lapwing\ queue\ list*) says out ' test ' ;;
	*--show-text*) says out '[lapwing] [test] [flag]' ;;
	*lapwing\ init*) says out 'lapwing test flag' ;;
	lapwing\ replay\ --summary*) says out '"flagged_conversations":1,' ;;
	lapwing\ ctl\ status*) says out 'state: running' ;;
	lapwing\ explain*) says out '[parents]' ;;
	esac
}

# document FILE SECTIONS LEAST: runs the commands of it, of which there are that many
document() {
	echo "$1"
	ran=0
	awk -v sections="$2" -f "$src/tests/integration/docs/commands.awk" "$src/$1" |
		sed "s|/usr/local/sbin/||g; s|/srv/lapwing|$tmp/srv|g" >"$tmp/commands"
	rm -rf "$tmp/srv"
	mkdir "$tmp/srv"
	while read -r command <&3; do
		case $command in
		sudo\ * | ./bootstrap\ *)
			echo "  not run: $command"
			;;
		*)
			echo "  $command"
			run_command "$command"
			;;
		esac
	done 3<"$tmp/commands"
	stop_daemon
	[ "$ran" -ge "$3" ] || fail "$1 shows $ran commands, at least $3 were expected"
}

document README.md 'Attach a server in ten minutes|Try it on files' 10
document docs/operator.md '' 10
finish
