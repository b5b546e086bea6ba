# SPDX-License-Identifier: Apache-2.0
# awk -f content.awk FILE...: nothing that only means something on the machine where it was
# written: home and work folders, user names in paths; and no carriage returns.

BEGIN {
	# in pieces, so that this file does not find itself
	n = split("work home root Users", dirs, " ")
	for (i = 1; i <= n; i++)
		banned[i] = "/" dirs[i] "/"
}

FNR == 1 {
	nfiles++
}

{
	for (i = 1; i <= n; i++) {
		at = index($0, banned[i])
		# inside a longer path it is another thing
		if (at && (at == 1 || substr($0, at - 1, 1) !~ /[A-Za-z0-9_.)}*$@-]/)) {
			print FILENAME ":" FNR ": a path of one machine: " banned[i]
			failed = 1
		}
	}
	if (/\r$/) {
		print FILENAME ":" FNR ": carriage return"
		failed = 1
	}
}

END {
	if (!nfiles) {
		print "no files to look at"
		failed = 1
	} else {
		print nfiles " files"
	}
	exit failed
}
