#!/bin/sh
# Runs the test programs given and the scripts tests/*/check_*.sh, one on each core; prints each
# Check summary line as it comes and, at the end, a count over all. Output of what failed is shown
# whole.
# JOBS=1 runs one after the other. RUN="qemu-arm" runs the programs under another one, and leaves
# the scripts out; SCRIPTS="tests/cli/check_*.sh" runs these scripts alone.
set -u
B=${B:-build}
out=$B/tests/run
export B

# one PROGRAM|SCRIPT: leaves "checks failures errors" in $out/NAME.count
one() {
    name=${1#"$B"/}
    name=${name#tests/}
    log=$out/$(echo "$name" | tr / _)
    case $1 in
    *.sh)
        if sh "$1" >"$log" 2>&1; then
            line=ok count='1 0 0'
        else
            line=failed count='1 1 0'
        fi
        ;;
    *)
        ${RUN:-} "$1" >"$log" 2>&1
        rc=$?
        line=$(grep -E '^[0-9]+%: Checks: [0-9]+' "$log" | tail -n 1)
        count=$(echo "$line" | tr -d , | awk 'NF { print $3, $5, $7 }')
        [ -n "$line" ] || line="no Check summary (exit $rc)" count='0 0 1'
        [ $rc -eq 0 ] || [ "${count#* }" != '0 0' ] || line="$line, but exit $rc" count="${count%0}1"
        ;;
    esac
    echo "$count" >"$log.count"
    # in one write, so that two which end together do not mix
    case $count in
    *' 0 0') shown=$(grep -E '^(note|states|mutants):' "$log") ;;
    *) shown=$(cat "$log") ;;
    esac
    printf '%s%s: %s\n' "${shown:+$shown
}" "$name" "$line"
}

if [ "${1:-}" = --one ]; then
    one "$2"
    exit 0
fi

rm -rf "$out"
mkdir -p "$out"
{
    # the scripts first: the longest are among them
    [ -n "${RUN:-}" ] || for s in ${SCRIPTS:-tests/unit/check_*.sh tests/cli/check_*.sh}; do echo "$s"; done
    for t in "$@"; do echo "$t"; done
} >"$out/list"
xargs -n 1 -P "${JOBS:-$(nproc 2>/dev/null || echo 2)}" sh "$0" --one <"$out/list"
[ -n "${RUN:-}" ] || sh tests/rows.sh || { echo rows >>"$out/list"; echo "1 1 0" >"$out/rows.count"; }
cat "$out"/*.count | awk -v expected="$(grep -c . "$out/list")" '
    { checks += $1; failures += $2; errors += $3 }
    END {
        errors += expected - NR # what did not live to count
        good = checks - failures - errors
        printf "%d%%: Checks: %d, Failures: %d, Errors: %d\n", checks ? 100 * good / checks : 0,
            checks, failures, errors
        exit !(checks && !failures && !errors)
    }'
