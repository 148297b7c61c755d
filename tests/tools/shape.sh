#!/bin/sh
# The shape of the sources: lines of at most 100 columns, files of at most 600 lines (test programs,
# which are lists of cases, may have more), and in the library no function above cyclomatic 15 (the traditional count of pmccabe: each case of a switch is
# one) or of more than 45 lines, and none nested deeper than 4. Prints what is over; fails then. Shows
# first, on a file made for it, that each can fail.
#   sh tests/tools/shape.sh
set -u
B=${B:-build}
work=$B/shape
rc=0
command -v pmccabe >/dev/null 2>&1 || { echo "shape: pmccabe is missing"; exit 1; }

columns() { # FILE...: a character is a column; continuation bytes of UTF-8 are none
    LC_ALL=C awk '{ line = $0; gsub(/[\200-\277]/, "", line) }
        length(line) > 100 { print FILENAME ":" FNR ": " length(line) " columns"; bad = 1 }
        END { exit bad }' "$@"
}
lines() {
    awk 'FNR == 601 { print FILENAME ": more than 600 lines"; bad = 1 } END { exit bad }' "$@"
}
functions() {
    pmccabe "$@" | awk '
        $2 > 15 { print $6 " " $7 ": cyclomatic " $2; bad = 1 }
        $5 > 45 { print $6 " " $7 ": " $5 " lines"; bad = 1 }
        END { exit bad }'
}
# clang-format indents by four, and a statement that controls begins its line
nesting() {
    awk 'match($0, /^ *(if|for|while|do|switch) *[({]/) && match($0, /[^ ]/) && RSTART - 1 > 16 {
            print FILENAME ":" FNR ": nested " (RSTART - 1) / 4 " deep"; bad = 1 }
        END { exit bad }' "$@"
}

must_fail() { # CHECK
    "$1" "$work/broken.c" >/dev/null && { echo "shape: $1 does not notice $work/broken.c"; exit 1; }
}
mkdir -p "$work"
awk 'BEGIN {
    print "int f(int a)\n{\n    if (a)\n        if (a > 1)\n            if (a > 2)\n                if (a > 3)"
    print "                    if (a > 4)\n                        return 1;"
    for (i = 0; i < 20; i++) print "    a += a > " i " && a < 99;"
    for (i = 0; i < 700; i++) print "    a++;"
    print "    /* " sprintf("%110s", "") "*/\n    return a;\n}"
}' >"$work/broken.c"
for check in columns lines functions nesting; do must_fail $check; done

library=$(ls sip/*.h sip/*/*.[ch] sdp/*.[ch] digest/*.[ch] transport/*.[ch])
all="$library $(ls apps/*.[ch] apps/*/*.[ch] fuzz/*.[ch] tests/*/*.[ch])"
columns $all || rc=1
lines $(echo "$all" | tr ' ' '\n' | grep -v '/test_[a-z0-9_]*\.c$') || rc=1
functions $library || rc=1
nesting $library || rc=1
exit $rc
