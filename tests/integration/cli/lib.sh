# SPDX-License-Identifier: Apache-2.0
# What the command line's tests share: a folder of their own, and checks that say what failed.
bin=$(pwd)
src=$(cd "${srcdir:-.}" && pwd)
LAPWING_PATTERNS=$src/patterns
NO_COLOR=1
export LAPWING_PATTERNS NO_COLOR
tmp=$(mktemp -d "${TMPDIR:-/tmp}/lapwing-cli-XXXXXX")
trap 'rm -rf "$tmp"' EXIT
failures=0

fail() {
	echo "FAILED: $*"
	failures=$((failures + 1))
}

# run CODE WORD...: the command's exit code must be CODE; output is in $tmp/out, $tmp/err
run() {
	want=$1
	shift
	code=0
	"$@" >"$tmp/out" 2>"$tmp/err" </dev/null || code=$?
	[ "$code" -eq "$want" ] || fail "exit code $code instead of $want: $*: $(head -n 3 "$tmp/err")"
}

# says FILE TEXT: the output (out or err) has it
says() {
	grep -qF -- "$2" "$tmp/$1" || fail "$1 does not say '$2': $(head -n 3 "$tmp/$1")"
}

finish() {
	[ "$failures" -eq 0 ] && echo "all is well"
	exit "$failures"
}
