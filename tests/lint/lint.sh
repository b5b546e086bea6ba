#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: lint.sh WHAT [TREE]: one lint over a source tree (default $srcdir).
# rooms: includes obey rooms.txt    size: files and functions are not too long
# spdx: licence lines               content: no machine's own paths
# symbols: liblapwing exports lw_* only (needs the built library; 77: skipped)
set -eu
what=$1
tree=${2:-${srcdir:-.}}
lint=$(cd "$(dirname "$0")" && pwd)
built=$(pwd)

# Source files below TREE whose names match, without what a build leaves behind.
sources() {
	find . -type d \( -name .git -o -name 'build*' -o -name autom4te.cache -o -name m4 \
		-o -name node_modules -o -name fuzz-out -o -name _build -o -name 'lapwing-*' \) \
		-prune -o -type f \( "$@" \) -print | sed 's|^\./||' | LC_ALL=C sort
}

run_awk() {
	script=$1
	shift
	# No file name of ours has a blank.
	# shellcheck disable=SC2046
	awk -f "$lint/$script.awk" "$@" $(cat)
}

check_symbols() {
	so=$built/src/client/.libs/liblapwing.so
	if [ ! -e "$so" ]; then
		echo "skipped: liblapwing.so is not built"
		exit 77
	fi
	if ! command -v nm >/dev/null || ! command -v readelf >/dev/null; then
		echo "skipped: no nm or readelf"
		exit 77
	fi
	foreign=$(nm -D --defined-only "$so" | awk '$2 != "A" && $3 !~ /^lw_/ { print $3 }')
	count=$(nm -D --defined-only "$so" | awk '$3 ~ /^lw_/' | wc -l)
	needed=$(readelf -d "$so" | sed -n 's/.*NEEDED.*\[\(.*\)\].*/\1/p')
	heavy=$(echo "$needed" | grep -E 'yaml|icu|libhs|sqlite|sodium|jansson|event' || true)
	[ -z "$foreign" ] || echo "exported without lw_: $foreign"
	[ -z "$heavy" ] || echo "a plugin would have to load: $heavy"
	echo "$count symbols exported"
	[ -z "$foreign$heavy" ] && [ "$count" -gt 0 ]
}

cd "$tree"
case $what in
rooms)
	sources -path './src/*' -name '*.[ch]' ! -path ./src/config.h |
		run_awk rooms "${ROOMS:-$lint/rooms.txt}"
	;;
size)
	sources -name '*.[ch]' -o -name '*.sh' -o -name '*.awk' -o -name '*.py' \
		-o -name '*.lua' -o -name '*.am' | run_awk size
	;;
spdx)
	sources \( -name '*.[ch]' ! -path ./src/config.h \) -o -name '*.sh' -o -name '*.awk' \
		-o -name '*.py' -o -name '*.lua' -o -name '*.am' -o -name configure.ac \
		-o -name bootstrap -o -path ./.ci/run -o -path './patterns/*.yaml' |
		run_awk spdx
	;;
content)
	sources -name '*.[ch]' -o -name '*.sh' -o -name '*.awk' -o -name '*.py' \
		-o -name '*.lua' -o -name '*.am' -o -name '*.md' -o -name '*.yaml' \
		-o -name '*.txt' -o -name '*.in' -o -name configure.ac -o -name bootstrap \
		-o -name '*.[1-8]' -o -name '*.jsonl' -o -path ./.ci/run | run_awk content
	;;
symbols)
	check_symbols
	;;
format)
	if ! clang-format --version 2>/dev/null | grep -q 'version 14\.'; then
		echo "skipped: no clang-format 14"
		exit 77
	fi
	# shellcheck disable=SC2046
	clang-format --dry-run -Werror --ferror-limit=1 $(sources -name '*.[ch]' ! -path ./src/config.h)
	;;
*)
	echo "usage: lint.sh rooms|size|spdx|content|symbols|format [TREE]" >&2
	exit 2
	;;
esac
