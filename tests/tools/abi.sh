#!/bin/sh
# Lists what a program linked with the shared library relies on: the functions that it exports, the
# layouts of the structures that plainsip.h shows, the values of its enumerators.
#   sh tests/tools/abi.sh make       writes the list, tests/abi/x86_64.txt (`make abi`)
#   sh tests/tools/abi.sh check      compares; what differs is a break, or an addition, to be decided on:
#                                    by a new list in the same commit, and a line in CHANGELOG.md
# For x86-64 and the default limits: another machine would show the same change in other numbers. Needs
# gcc and readelf. Before it compares, it shows on three broken copies that it can fail.
set -u
B=${B:-build}
list=tests/abi/x86_64.txt
work=$B/abi
mkdir -p "$work" tests/abi
[ "$(uname -m)" = x86_64 ] || { echo "skipped: abi: the list is of x86-64"; exit 0; }

names() { # SHARED-LIBRARY
    nm -D --defined-only "$1" | awk 'NF == 3 && $2 == "T" { sub(/@.*/, "", $3); print $3 }' | LC_ALL=C sort
}

dump() { # HEADER NAMES
    printf '#include "%s"\n' "$1" >"$work/user.c"
    gcc -std=c11 -g -fno-eliminate-unused-debug-types -DPS_WITH_TRANSPORT -c -o "$work/user.o" "$work/user.c" &&
        gcc -std=c11 -DPS_WITH_TRANSPORT -E -P "$1" >"$work/header" || return 1
    LC_ALL=C awk -f tests/tools/prototypes.awk "$2" "$work/header" | LC_ALL=C sort
    readelf --debug-dump=info "$work/user.o" 2>/dev/null | LC_ALL=C awk -f tests/tools/abi.awk
}

# must_differ WHAT SED-SCRIPT: the list of a header changed so is another one
must_differ() {
    sed "$2" "$B/plainsip.h" >"$work/broken.h"
    if cmp -s "$B/plainsip.h" "$work/broken.h"; then
        echo "abi: $1: the header has no such line"
        exit 1
    fi
    dump "$PWD/$work/broken.h" "$work/names" >"$work/broken" || exit 1
    if cmp -s "$work/now" "$work/broken"; then
        echo "abi: not noticed: $1"
        exit 1
    fi
}

make -s B="$B" CC=gcc shared >/dev/null || exit 1
so=$(ls -t "$B"/libplainsip.so.*.*.* | head -n 1)
names "$so" >"$work/names"
case $B in /*) header=$B/plainsip.h ;; *) header=$PWD/$B/plainsip.h ;; esac
dump "$header" "$work/names" >"$work/now" || exit 1
missing=$(awk '/^function/ { while (match($0, /ps_[a-z0-9_]+ ?\(/)) { n = substr($0, RSTART, RLENGTH)
    sub(/ ?\($/, "", n); print n; break } }' "$work/now" | LC_ALL=C sort | LC_ALL=C comm -23 "$work/names" -)
[ -z "$missing" ] || { echo "abi: exported, without a declaration: $(echo $missing)"; exit 1; }

case ${1:-check} in
make) cp "$work/now" $list && echo "$list: $(grep -c ^function $list) functions, $(grep -c ^enum $list) enumerators" ;;
check)
    must_differ 'a member added' 's/^struct ps_fault {/& int added;/'
    must_differ 'an enumerator added' 's/^enum ps_error {/& PS_ADDED,/'
    must_differ 'a parameter added' 's/ps_error_text(enum/ps_error_text(int more, enum/'
    [ -f $list ] || { echo "no $list: make abi"; exit 1; }
    diff -u $list "$work/now" || { echo "abi: differs from $list; if that is meant: make abi"; exit 1; }
    echo "abi: as in $list"
    ;;
esac
