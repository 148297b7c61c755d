#!/bin/sh
# Comparing secrets takes the same instructions wherever the first difference is, and checking
# credentials nearly the same for a wrong response, an unknown user and a stored hash: counted with
# callgrind. Shows first that the counting tells: a comparison that stops early is noticed. Says so
# and passes where valgrind is not installed.
set -u
B=${B:-build}
CC=${CC:-cc}
work=$B/tests/constant_time
rc=0
command -v valgrind >/dev/null 2>&1 || { echo "note: no valgrind: constant time was not looked at"; exit 0; }
mkdir -p "$work"
# with the optimiser, and without whatever instruments the build under test (valgrind does not read
# every compiler's debug information, and needs none)
$CC -std=c11 -O2 -I. -o "$work/program" tests/tools/constant_time.c digest/*.c || exit 1

# count FUNCTION PROGRAM ARGUMENT...: the instructions in FUNCTION and what it calls
count() {
    function=$1
    shift
    valgrind --tool=callgrind --callgrind-out-file=/dev/null --toggle-collect="$function" "$@" \
        2>"$work/log" || { cat "$work/log" >&2; echo failed; return; }
    sed -n 's/.*Collected *: *\([0-9]*\).*/\1/p' "$work/log"
}

# a comparison that stops early, to see that it would be noticed
cat >"$work/early.c" <<'END'
#include <string.h>
#include "digest/secret_internal.h"
void ps_wipe(void *bytes, size_t n)
{
    memset(bytes, 0, n);
}
bool ps_same_secret(const void *a, const void *b, size_t n)
{
    const char *x = a, *y = b;
    for (size_t i = 0; i < n; i++)
        if (x[i] != y[i])
            return false;
    return true;
}
END
$CC -std=c11 -O2 -I. -o "$work/early" tests/tools/constant_time.c "$work/early.c" \
    $(ls digest/*.c | grep -v secret.c) || exit 1
first=$(count ps_same_secret "$work/early" compare 0)
last=$(count ps_same_secret "$work/early" compare 63)
[ "$first" -lt "$last" ] || { echo "an early stop was not seen: $first, $last"; rc=1; }

first=$(count ps_same_secret "$work/program" compare 0)
[ "$first" -gt 32 ] || { echo "nothing was counted: $first"; rc=1; }
for at in 1 31 63 64; do
    n=$(count ps_same_secret "$work/program" compare $at)
    [ "$n" = "$first" ] || { echo "ps_same_secret: $first instructions, $n at byte $at"; rc=1; }
done

wrong=$(count ps_digest_server_check "$work/program" wrong 0)
[ "$wrong" -gt 1000 ] || { echo "nothing was counted: $wrong"; rc=1; }
n=$(count ps_digest_server_check "$work/program" wrong 31)
[ "$n" = "$wrong" ] || { echo "a check: $wrong instructions, $n where the last digit is wrong"; rc=1; }
for who in unknown stored; do
    n=$(count ps_digest_server_check "$work/program" $who)
    difference=$((n > wrong ? n - wrong : wrong - n))
    echo "a check: $wrong instructions, $n for a user that is $who"
    [ $((100 * difference)) -le "$wrong" ] || { echo "that is more than 1 %"; rc=1; }
done
exit $rc
