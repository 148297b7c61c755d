#!/bin/sh
# The rounds of the hash functions are loops where the compiler is asked for little code, and written
# out at -O2, where they are to be fast; the known answers of test_hash are right both ways. (With

set -u
B=${B:-build}
CC=${CC:-cc}
work=$B/tests/hash_size
rc=0
mkdir -p "$work"
libs=$(pkg-config --libs check 2>/dev/null || echo -lcheck -lsubunit -lm -lrt -lpthread)

text() { # FILE FLAG...
    file=$1
    shift
    $CC -std=c11 -I. "$@" -c -o "$work/hash.o" "digest/$file.c" || exit 1
    size "$work/hash.o" | awk 'NR == 2 { print $1 }'
}

[ "$(uname -m)" = x86_64 ] && for hash in md5:1300 sha256:1500 sha512:2300; do
    file=${hash%:*} most=${hash#*:}
    small=$(text "$file" -Os) || exit 1
    fast=$(text "$file" -O2) || exit 1
    echo "digest/$file.c: $small bytes at -Os, $fast at -O2"
    [ "$small" -le "$most" ] || { echo "digest/$file.c is no loop at -Os: more than $most bytes"; rc=1; }
    [ "$fast" -ge $((2 * small)) ] || { echo "digest/$file.c is not written out at -O2"; rc=1; }
done

$CC -std=c11 -Os -I. -o "$work/test_hash" tests/unit/test_hash.c digest/*.c $libs &&
    "$work/test_hash" >"$work/log" || { cat "$work/log"; rc=1; }
exit $rc
