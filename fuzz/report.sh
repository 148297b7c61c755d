#!/bin/sh
# Prints what the runs of `make fuzz` did, from their logs: report.sh FOLDER TARGET...
out=$1
shift
printf '%-12s %12s %10s %10s %10s %8s\n' target executions exec/s edges features inputs
total=0
targets=$*
for t in $targets; do
    log=$out/$t.log
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    rate=$(sed -n 's/^stat::average_exec_per_sec: *//p' "$log")
    last=$(grep -o 'cov: [0-9]* ft: [0-9]* corp: [0-9]*' "$log" | tail -n 1)
    # shellcheck disable=SC2086
    set -- $last
    printf '%-12s %12s %10s %10s %10s %8s\n' "$t" "${runs:-0}" "${rate:-0}" "${2:-0}" "${4:-0}" "${6:-0}"
    total=$((total + ${runs:-0}))
done
echo "$total executions in all"
