# SPDX-License-Identifier: Apache-2.0
# awk -f size.awk FILE...: files of more than 1000 lines, functions of more than 100, a
# main.c of 50 or more. A function's body runs from a line `{` (or one that begins at the
# first column and ends with `) {`) to the next line `}`.

function fail(text) {
	print text
	failed = 1
}

function end_file() {
	if (lines > 1000)
		fail(file ": " lines " lines; split it at 600")
	if (file ~ /\/main\.c$/ && file ~ /(^|\/)src\// && lines >= 50)
		fail(file ": " lines " lines; main.c has fewer than 50")
	if (start)
		fail(file ":" start ": a function that does not end")
	start = 0
}

FNR == 1 {
	if (nfiles++)
		end_file()
	file = FILENAME
	is_c = file ~ /\.[ch]$/
}

{
	lines = FNR
}

is_c && !start && (/^\{[ \t]*$/ || /^[A-Za-z_].*\)[ \t]*\{[ \t]*$/) {
	start = FNR
}

is_c && start && /^\}/ {
	nfunctions++
	if (FNR - start + 1 > longest) {
		longest = FNR - start + 1
		where = file ":" start
	}
	if (FNR - start + 1 > 100)
		fail(file ":" start ": a function of " FNR - start + 1 " lines")
	start = 0
}

END {
	if (!nfiles) {
		fail("no files to look at")
	} else {
		end_file()
		print nfiles " files, " nfunctions " functions, the longest " longest \
			" lines at " where
	}
	exit failed
}
