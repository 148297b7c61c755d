#!/bin/sh
# The way of one INVITE through the house to its 200: how many files are visited, how often the next
# function stands in another file than the one before, how many functions are entered (those that a
# compiler would put in line, too). `make walk`;
#   sh tests/tools/walk.sh [TREE]      of another tree, for a comparison; its steps are in $B/walk/steps
set -u
B=${B:-build}
CC=${CC:-gcc}
tree=${1:-.}
work=$B/walk
case $work in /*) ;; *) work=$PWD/$work ;; esac
mkdir -p "$work"
calls=
grep -q '^struct ps_calls \*ps_stack_calls(' "$tree/sip/stack.h" && calls=-DWALK_CALLS=ps_stack_calls
core=$(cd "$tree" && ls sip/*.c sip/*/*.c sdp/*.c digest/*.c 2>/dev/null)
cp tests/tools/walk.c "$work/walk.c"
(cd "$tree" && $CC -std=c11 -I. -O0 -gdwarf-4 -no-pie -finstrument-functions $calls -o "$work/walk" "$work/walk.c" $core) || exit 1
"$work/walk" >"$work/addresses" || { echo "walk: the INVITE found no 200"; exit 1; }
LC_ALL=C sort -u "$work/addresses" >"$work/unique"
(cd "$tree" && addr2line -f -e "$work/walk" <"$work/unique") | paste - - | paste "$work/unique" - |
    sed -E 's|/\./|/|g; s|:[0-9?]+( .*)?$||' >"$work/names"
top=$(cd "$tree" && pwd)/
awk -v top="$top" '
    FNR == NR {
        path = $3
        if (index(path, top) == 1) path = substr(path, length(top) + 1)
        while (sub(/[^\/.]+\/\.\.\//, "", path)) ;
        name[$1] = $2
        file[$1] = path
        next
    }
    file[$1] !~ /walk\.c$/ { print file[$1], name[$1] }' "$work/names" "$work/addresses" >"$work/steps"
count() { # WHICH STEPS
    awk -v which="$1" '{ calls++; if (!($1 in seen)) { seen[$1] = 1; files++ }
        if (calls > 1 && $1 != last) moves++; last = $1 }
        END { printf "%s: %d files, %d moves between files, %d calls\n", which, files, moves, calls }' "$2"
}
count 'one INVITE to its 200, every function' "$work/steps"
grep -v '\.h ' "$work/steps" >"$work/steps_c"
count 'one INVITE to its 200, less inline functions of headers' "$work/steps_c"
