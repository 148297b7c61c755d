#!/bin/sh
# Runs the test programs given, then the scripts tests/*/check_*.sh; prints each Check summary line
# and, at the end, a count over all. Output of a program that failed is shown whole.
# RUN="qemu-arm" runs the programs under another one, and leaves the scripts out;
# SCRIPTS="tests/cli/check_*.sh" runs these scripts alone.
set -u
B=${B:-build}
log=$B/tests/log
mkdir -p "$B/tests"
checks=0 failures=0 errors=0 broken=0
for t in "$@"; do
    name=${t#"$B"/}
    name=${name#tests/}
    ${RUN:-} "$t" >"$log" 2>&1
    rc=$?
    line=$(grep -E '^[0-9]+%: Checks: [0-9]+' "$log" | tail -n 1)
    if [ $rc -ne 0 ] || [ -z "$line" ]; then
        cat "$log"
        [ -n "$line" ] || { echo "$name: no Check summary (exit $rc)"; broken=$((broken + 1)); }
    else
        grep -E '^(note|rows|states|mutants):' "$log"
    fi
    echo "$name: ${line:-none}"
    set -- ${line:-}
    [ $# -ge 7 ] && {
        checks=$((checks + ${3%,}))
        failures=$((failures + ${5%,}))
        errors=$((errors + $7))
    }
done
for s in ${SCRIPTS:-tests/unit/check_*.sh tests/cli/check_*.sh}; do
    [ -f "$s" ] && [ -z "${RUN:-}" ] || continue
    checks=$((checks + 1))
    if B=$B sh "$s" >"$log" 2>&1; then
        grep -E '^note:' "$log"
        echo "${s#tests/}: ok"
    else
        cat "$log"
        echo "${s#tests/}: failed"
        failures=$((failures + 1))
    fi
done
[ -n "${RUN:-}" ] || sh tests/rows.sh
good=$((checks - failures - errors))
percent=0
[ $checks -gt 0 ] && percent=$((100 * good / checks))
echo "$percent%: Checks: $checks, Failures: $failures, Errors: $((errors + broken))"
[ $failures -eq 0 ] && [ $errors -eq 0 ] && [ $broken -eq 0 ] && [ $checks -gt 0 ]
