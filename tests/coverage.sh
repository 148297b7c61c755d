#!/bin/sh
# Branch coverage of the unit tests by gcov: tests/coverage.sh FILE.c|FILE.h...
# Builds under build/cov, runs the Check programs of tests/unit and tests/sim, prints a line a file
# and fails where a branch of one of the files is not taken. An uncovered branch is listed.
set -u
B=build/cov
CC=${CC:-gcc}
GCOV=${GCOV:-gcov}
make -s -j"$(nproc)" B=$B CC="$CC" CFLAGS="-O0 -g --coverage" test-programs || exit 2
find $B -name '*.gcda' -delete
for t in $B/tests/unit/test_* $B/tests/sim/test_*; do
    [ -x "$t" ] && case $t in *.o | *.d | *.gcno) ;; *) "$t" >/dev/null || echo "failed: $t" ;; esac
done
rc=0
for f in "$@"; do
    case $f in
    *.h) name=$(basename "$f" .h); data=$B/tests/unit/test_$name.gcda ;; # inline: its own test's copy
    *) data=$B/${f%.c}.gcda ;;
    esac
    out=$B/gcov-$(echo "$f" | tr / _)
    mkdir -p "$out"
    $GCOV -b -c -p "$data" >"$out/summary" 2>&1 # from here: it reads the sources by relative path
    mv ./*.gcov "$out"
    line=$(awk -v f="File '$f'" '$0 == f { hit = 1 } hit && /Taken at least once|No branches/ { print; exit }' "$out/summary")
    echo "$f: ${line:-no data}"
    case $line in
    "Taken at least once:100.00%"* | "No branches"*) ;;
    *)
        rc=1
        awk '/^ *[0-9#=-]+[*]?: *[0-9]+:/ { src = $0 } /^branch +[0-9]+ (taken 0|never executed)/ { if (src != last) print "  " src; last = src }' \
            "$out"/"$(echo "$f" | tr / '#')".gcov | head -n 60
        ;;
    esac
done
exit $rc
