#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Each lint passes a clean tree and fails on a tree with one violation, at its place.
set -u
lint=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
failed=0 cases=0

licence='/* SPDX-License-Identifier: Apache-2.0 */'
# A fresh tree: two rooms, of which b may include a and the library yaml.
fresh() {
	rm -rf "$dir/tree"
	mkdir -p "$dir/tree/src/a" "$dir/tree/src/b"
	cat >"$dir/rooms.txt" <<-END
		room a:
		room b: a | yaml
		library yaml: yaml.h
		library hs: hs.h hs/*
		library libc: stdio.h sys/*
	END
	printf '%s\n/* What a is. */\n#include <stdio.h>\n#include "a/x.h"\n' "$licence" \
		>"$dir/tree/src/a/x.c"
	printf '%s\n/* What b is. */\n#include <yaml.h>\n#include <sys/stat.h>\n%s\n' \
		"$licence" '#include "a/x.h"' >"$dir/tree/src/b/y.c"
}

# run WHAT: the lint's answer, for expect
run() {
	out=$(ROOMS=$dir/rooms.txt "$lint/lint.sh" "$1" "$dir/tree" 2>&1)
	rc=$?
}

# expect RC TEXT: what the last run said
expect() {
	cases=$((cases + 1))
	case $rc,$out in
	"$1",*"$2"*) ;;
	*)
		echo "case $cases: wanted status $1 and '$2', got status $rc and:"
		echo "$out"
		failed=$((failed + 1))
		;;
	esac
}

# function of N lines, braces included
long_function() {
	printf 'int\nf(void)\n{\n'
	awk -v n="$1" 'BEGIN { for (i = 0; i < n - 2; i++) print "\tg();" }'
	printf '}\n'
}

fresh
for what in rooms size spdx content; do
	run $what
	expect 0 '2 files'
done

fresh
echo '#include "b/y.h"' >>"$dir/tree/src/a/x.c"
run rooms
expect 1 "src/a/x.c:5: room 'a' may not include room 'b'"
fresh
echo '  #  include <yaml.h>' >>"$dir/tree/src/a/x.c"
run rooms
expect 1 "src/a/x.c:5: room 'a' may not use yaml (<yaml.h>)"
fresh
echo '#include <hs/hs.h>' >>"$dir/tree/src/b/y.c"
run rooms
expect 1 "room 'b' may not use hs"
fresh
echo '#include <curl/curl.h>' >>"$dir/tree/src/b/y.c"
run rooms
expect 1 'header <curl/curl.h> is not in'
fresh
echo '#include "../a/x.h"' >>"$dir/tree/src/b/y.c"
run rooms
expect 1 'no .. in an include'
fresh
echo '#include "c/z.h"' >>"$dir/tree/src/b/y.c"
run rooms
expect 1 'no such room: c/z.h'
fresh
echo '#include HEADER' >>"$dir/tree/src/b/y.c"
run rooms
expect 1 'an include that names no file'
fresh
mkdir "$dir/tree/src/c"
cp "$dir/tree/src/a/x.c" "$dir/tree/src/c/"
run rooms
expect 1 "room 'c' is not in"
fresh
sed -i.old 's/^room a:/room a: b/' "$dir/rooms.txt"
run rooms
expect 1 'the rooms form a cycle'
fresh
printf 'room d: * -b | *\n' >>"$dir/rooms.txt"
mkdir "$dir/tree/src/d"
printf '%s\n/* d */\n#include <hs.h>\n#include "a/x.h"\n' "$licence" >"$dir/tree/src/d/d.c"
run rooms
expect 0 '3 files'
echo '#include "b/y.h"' >>"$dir/tree/src/d/d.c"
run rooms
expect 1 "room 'd' may not include room 'b'"

fresh
long_function 100 >>"$dir/tree/src/a/x.c"
run size
expect 0 'the longest 100 lines at src/a/x.c:7'
long_function 101 >>"$dir/tree/src/a/x.c"
run size
expect 1 'src/a/x.c:109: a function of 101 lines'
fresh
{
	echo 'int f(void) {'
	awk 'BEGIN { for (i = 0; i < 120; i++) print "\tg();" }'
	echo '}'
} >>"$dir/tree/src/a/x.c"
run size
expect 1 'src/a/x.c:5: a function of 122 lines'
fresh
awk 'BEGIN { for (i = 0; i < 997; i++) print "int x;" }' >>"$dir/tree/src/a/x.c"
run size
expect 1 'src/a/x.c: 1001 lines'
fresh
printf 'int\nf(void)\n{\n' >>"$dir/tree/src/a/x.c"
run size
expect 1 'a function that does not end'
fresh
{
	cat "$dir/tree/src/a/x.c"
	awk 'BEGIN { for (i = 0; i < 46; i++) print "int x;" }'
} >"$dir/tree/src/a/main.c"
run size
expect 1 'src/a/main.c: 50 lines; main.c has fewer'

fresh
printf '/* no licence */\n%s\n' "$licence" >"$dir/tree/src/a/x.c"
run spdx
expect 1 'src/a/x.c: no SPDX'
fresh
printf '%s\nint x;\n' "$licence" >"$dir/tree/src/a/x.c"
run spdx
expect 1 'src/a/x.c:2: no comment'
fresh
printf '#!/bin/sh\necho\n' >"$dir/tree/t.sh"
run spdx
expect 1 't.sh: no SPDX'

fresh
printf '/* see /%s/me/notes */\n' home >>"$dir/tree/src/a/x.c"
run content
expect 1 'src/a/x.c:5: a path of one machine'
fresh
printf 'look in /%s/x\n' work >"$dir/tree/README.md"
run content
expect 1 'README.md:1: a path of one machine'
fresh
printf 'docs/%s/x and frame%s/\n' work work >"$dir/tree/README.md"
run content
expect 0 '3 files'
printf 'a line\r\n' >>"$dir/tree/README.md"
run content
expect 1 'README.md:2: carriage return'

rm -rf "$dir/tree/src" "$dir/tree/README.md"
for what in rooms size spdx content; do
	run $what
	expect 1 'no files to look at'
done

echo "$cases cases, $failed failed"
[ "$failed" -eq 0 ]
