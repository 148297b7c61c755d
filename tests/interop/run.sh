#!/bin/sh
# Runs the interop tests: every other tests/interop/*.sh, or those named as arguments. Each prints
# what it likes and ends with a line `ok`, `failed` or `skipped: why`, and exits 0 unless it failed.
# Prints a line a script and a last line that counts them; fails where one failed. A script gets
# $PLAINSIP (the program) and $WORK (an empty folder under build/ for its files) in its environment.
set -u
B=${B:-build}
cd "$(dirname "$0")/../.." || exit 1
PLAINSIP=${PLAINSIP:-$PWD/$B/plainsip}
export PLAINSIP WORK
good=0 bad=0 skipped=0
[ $# -gt 0 ] || set -- tests/interop/*.sh
for s in "$@"; do
    name=${s##*/}
    name=${name%.sh}
    case $name in run | lib | *_lib) continue ;; esac
    WORK=$PWD/$B/tests/interop/$name
    rm -rf "$WORK"
    mkdir -p "$WORK"
    began=$(date +%s)
    timeout -k 5 "${INTEROP_TIMEOUT:-180}" sh "$s" >"$WORK/log" 2>&1 </dev/null
    rc=$?
    last=$(tail -n 1 "$WORK/log")
    took=$(($(date +%s) - began))
    case $rc:$last in
    0:ok) good=$((good + 1)); grep -E '^note:' "$WORK/log" ;;
    0:skipped*) skipped=$((skipped + 1)) ;;
    *)
        bad=$((bad + 1))
        tail -n 60 "$WORK/log"
        last="failed (exit $rc)"
        ;;
    esac
    echo "interop/$name: $last, $took s"
done
echo "interop: $good ok, $bad failed, $skipped skipped"
[ $bad -eq 0 ]
