# SPDX-License-Identifier: Apache-2.0
# awk -f spdx.awk FILE...: every source says its licence in the first two lines; C files in
# the first, followed by the comment that says what the file is for.

function end_file() {
	if (!nfiles)
		return
	if (!has_licence) {
		print file ": no SPDX-License-Identifier in the first two lines"
		failed = 1
	} else if (is_c && !has_comment) {
		print file ":2: no comment that says what the file is for"
		failed = 1
	}
}

FNR == 1 {
	end_file()
	nfiles++
	file = FILENAME
	is_c = file ~ /\.[ch]$/
	has_licence = 0
	has_comment = 0
}

FNR <= (is_c ? 1 : 2) && /SPDX-License-Identifier: [A-Z]/ {
	has_licence = 1
}

FNR == 2 && /^\/\*/ {
	has_comment = 1
}

END {
	end_file()
	if (!nfiles) {
		print "no files to look at"
		failed = 1
	} else {
		print nfiles " files"
	}
	exit failed
}
