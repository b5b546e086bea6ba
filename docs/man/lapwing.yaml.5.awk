# SPDX-License-Identifier: Apache-2.0
# configuration.md in, lapwing.yaml(5) out: the tables become lists, prose is copied.
function roff(s) {
	gsub(/\\/, "\\e", s)
	gsub(/`/, "", s)
	gsub(/\*\*/, "", s)
	gsub(/\. /, ".\n", s)
	if (s ~ /^[.']/)
		s = "\\&" s
	return s
}
BEGIN {
	print ".\\\" SPDX-License-Identifier: Apache-2.0"
	print ".\\\" Made from docs/configuration.md."
	print ".Dd November 24, 2026\n.Dt LAPWING.YAML 5\n.Os"
	print ".Sh NAME\n.Nm lapwing.yaml , policy.yaml\n.Nd configuration of lapwingd"
	print ".Sh DESCRIPTION"
	fresh = 1
}
/^# / || /^\(Written from/ { next }
/^```/ {
	print in_code ? ".Ed" : ".Bd -literal -offset indent"
	in_code = !in_code
	next
}
in_code { print roff($0); next }
/^## / {
	if (in_list)
		print ".El"
	in_list = 0
	print ".Ss " roff(substr($0, 4))
	fresh = 1
	next
}
/^\| key/ || /^\|---/ { next }
/^\|/ {
	n = split($0, cell, / *\| */)
	if (!in_list)
		print ".Bl -tag -width Ds"
	in_list = 1
	print ".It Li " roff(cell[2])
	how = (n > 6) ? "; changes by " roff(cell[5]) : ""
	print roff(cell[3]) "; default " roff(cell[4]) how ".\n.br"
	print roff(cell[(n > 6) ? 6 : 5])
	fresh = 0
	next
}
/^$/ { pending = !fresh; next }
{
	if (in_list)
		print ".El"
	in_list = 0
	if (pending)
		print ".Pp"
	pending = fresh = 0
	print roff($0)
}
END {
	if (in_list)
		print ".El"
	print ".Sh SEE ALSO\n.Xr lapwing 1 ,\n.Xr lapwing-pack 5 ,\n.Xr lapwingd 8"
}
