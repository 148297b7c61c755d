#!/bin/sh
# The border: what an application may include (tests/tools/border.sh).
# - each function that it declares is used by someone who stands outside: the program, the bare phone,
#   a sample of a README, or a test or fuzz target that includes installed headers alone;
# - there are no more of them than MOST: a new one is a decision.
# Shows first that an unused function is noticed.
set -u
B=${B:-build}
CC=${CC:-cc}
MOST=330
work=$B/tests/border
rc=0
mkdir -p "$work"

for h in $(sh tests/tools/border.sh); do echo "#include \"$h\""; done >"$work/all.h"
# a name that PS_LIMITED makes (limits.h) is that of the inline function beside it
$CC -std=c11 -I. -E -x c "$work/all.h" |
    awk -v only=function -f tests/tools/names.awk -f tests/tools/public_names.awk |
    grep -Ev '^ps_.*_[0-9]+(_[0-9]+)*$|^ps_sha512_256' | LC_ALL=C sort -u >"$work/functions"

# who stands outside: no private header among all that it includes
sh tests/tools/border.sh --private >"$work/private"
outside() {
    for f in apps/*.c apps/bare/*.c; do echo "$f"; done
    for f in tests/*/*.c fuzz/*.c; do
        $CC -std=c11 -I. -MM "$f" 2>/dev/null | tr ' ' '\n' | sed 's|[^/]*/\.\./||' |
            grep -qxFf "$work/private" || echo "$f"
    done
}
outside >"$work/outside"
awk -v dir="$work" -f tests/tools/samples.awk README.md sip/README.md

unused() { # FILE...: the functions that stand in none of them
    cat "$@" | tr -c 'A-Za-z0-9_' '\n' | grep '^ps_' | LC_ALL=C sort -u >"$work/words"
    LC_ALL=C sort -u "$work/functions" | LC_ALL=C comm -23 - "$work/words"
}

n=$(wc -l <"$work/functions")
[ "$n" -gt 200 ] || { echo "the public functions were not seen"; rc=1; }
[ "$n" -le $MOST ] || { echo "$n public functions, at most $MOST"; rc=1; }
left=$(unused $(cat "$work/outside") "$work"/*.c)
[ -z "$left" ] || { echo "of no use to anybody outside:" $left; rc=1; }
echo ps_nobody_uses_it >>"$work/functions"
[ "$(unused $(cat "$work/outside") | grep -c '^ps_nobody_uses_it$')" = 1 ] ||
    { echo "an unused function was not noticed"; rc=1; }
exit $rc
