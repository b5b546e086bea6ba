# SPDX-License-Identifier: Apache-2.0
# awk -f commands.awk [-v sections='A|B'] FILE: the commands that a document shows, one a line,
# in order: indented lines, and `lapwing ...` with arguments in a table. A line that ends in | goes
# on in the next one. Without sections the whole document counts.

/^```/ { fenced = !fenced; next }
fenced { next }
/^## / { wanted = index("|" sections "|", "|" substr($0, 4) "|") > 0 }
sections != "" && !wanted { next }

/^    / {
	line = substr($0, 5)
	sub(/^ +/, "", line)
	command = command (command == "" ? "" : " ") line
	if (command ~ /\|$/)
		next
	print command
	command = ""
	next
}

/^\|/ {
	rest = $0
	while (match(rest, /`lapwing [a-z]+ [^`]*`/)) {
		print substr(rest, RSTART + 1, RLENGTH - 2)
		rest = substr(rest, RSTART + RLENGTH)
	}
}
