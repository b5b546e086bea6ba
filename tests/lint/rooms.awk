# SPDX-License-Identifier: Apache-2.0
# awk -f rooms.awk rooms.txt src/ROOM/FILE...: refuses includes that the table does not
# allow. Run from the folder above src.

function fail(text) {
	print text
	failed = 1
}

# w is in the table's list for the room: itself, `*`, and not `-w`
function allows(list, w) {
	if ((" " list " ") ~ (" -" w " "))
		return 0
	return index(" " list " ", " " w " ") > 0 || index(" " list " ", " * ") > 0
}

function library_of(header,    i, h) {
	for (i = 1; i <= nheaders; i++) {
		h = headers[i]
		if (h == header)
			return owner[i]
		if (substr(h, length(h)) == "*" &&
		    index(header, substr(h, 1, length(h) - 1)) == 1)
			return owner[i]
	}
	return ""
}

# A cycle in the table itself, by depth-first search over named rooms.
function visit(r, path,    i, n, w) {
	if (mark[r] == 2)
		return
	if (mark[r] == 1) {
		fail(table ": the rooms form a cycle: " path r)
		return
	}
	mark[r] = 1
	n = split(rooms[r], w, " ")
	for (i = 1; i <= n; i++)
		if (w[i] in rooms)
			visit(w[i], path r " > ")
	mark[r] = 2
}

function read_table(    name, rest, i, n, w) {
	sub(/#.*/, "")
	if ($1 == "room" || $1 == "library") {
		name = $2
		sub(/:$/, "", name)
		rest = $0
		sub(/^[^:]*:/, "", rest)
		if ($1 == "library") {
			n = split(rest, w, " ")
			for (i = 1; i <= n; i++) {
				headers[++nheaders] = w[i]
				owner[nheaders] = name
			}
			return
		}
		n = split(rest, w, "|")
		rooms[name] = w[1]
		libraries[name] = (n > 1 ? w[2] : "") " libc"
	} else if (NF > 0) {
		fail(table ":" FNR ": neither room nor library")
	}
}

FNR == 1 && !table {
	table = FILENAME
}

FILENAME == table {
	read_table()
	next
}

FNR == 1 {
	if (!checked_table++)
		for (r in rooms)
			visit(r, "")
	split(FILENAME, part, "/")
	room = part[2]
	nfiles++
	if (!(room in rooms))
		fail(FILENAME ": room '" room "' is not in " table)
}

/^[ \t]*#[ \t]*include/ {
	line = $0
	sub(/^[ \t]*#[ \t]*include[ \t]*/, "", line)
	at = FILENAME ":" FNR ": "
	if (line ~ /^"[^"]*"/) {
		target = line
		sub(/^"/, "", target)
		sub(/".*/, "", target)
		if (target ~ /\.\./) {
			fail(at "no .. in an include: " target)
			next
		}
		if (split(target, part, "/") < 2)
			next # beside the file itself
		other = part[1] == "lapwing" ? "client" : part[1]
		if (!(other in rooms))
			fail(at "no such room: " target)
		else if (other != room && !allows(rooms[room], other))
			fail(at "room '" room "' may not include room '" other "'")
	} else if (line ~ /^<[^>]*>/) {
		target = line
		sub(/^</, "", target)
		sub(/>.*/, "", target)
		if (target ~ /^lapwing\// && room == "client")
			next
		lib = library_of(target)
		if (lib == "")
			fail(at "header <" target "> is not in " table)
		else if (!allows(libraries[room], lib))
			fail(at "room '" room "' may not use " lib " (<" target ">)")
	} else {
		fail(at "an include that names no file")
	}
}

END {
	if (!nfiles)
		fail("no files to look at")
	else
		print nfiles " files, " (failed ? "not all in order" : "all in order")
	exit failed
}
