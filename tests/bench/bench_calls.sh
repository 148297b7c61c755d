#!/bin/sh
# Measures a call: plainsip answer on one core, the load on another. Prints, for each server, the
# CPU microseconds of its process a call, failures, and resident memory; and the ratios.
#   sipp -sn uac as the load: plainsip answer, the copier (tests/bench/copier.c: the floor), sipp -sn uas
#   plainsip call as the load: the rate that one core answers, and system calls a call (strace -c)
#   memory at 0 calls, while calls stand, and in their wait states
# Environment: RATE (4000 calls a second), SECONDS_EACH (5), OWN_RATE (20000), STANDING (10000).
set -u
B=${B:-build}
RATE=${RATE:-4000} SECONDS_EACH=${SECONDS_EACH:-5} OWN_RATE=${OWN_RATE:-20000} STANDING=${STANDING:-10000}
PORT=${PORT:-5970}
dir=$B/bench/calls
mkdir -p "$dir"
server=
trap 'kill $server 2>/dev/null' EXIT
two=$(nproc)
if [ "$two" -gt 1 ]; then core0='taskset -c 0' core1='taskset -c 1'; else core0='' core1=''; fi
spent_ns() { cut -d ' ' -f 1 "/proc/$server/schedstat"; }
rss() { awk '/^VmRSS/ { print $2 }' "/proc/$server/status"; }
start() { # COMMAND...
    $core0 "$@" >"$dir/server.out" 2>&1 &
    server=$!
    sleep 0.7
    kill -0 $server 2>/dev/null || { echo "did not start: $*"; cat "$dir/server.out"; exit 1; }
}
stop() { kill -TERM $server 2>/dev/null; sleep 0.3; kill -9 $server 2>/dev/null; wait $server 2>/dev/null; }
sipp_load() { # CALLS -> failed calls
    $core1 sipp -sn uac 127.0.0.1:$PORT -i 127.0.0.1 -p $((PORT + 1)) -r "$RATE" -d 0 -m "$1" -nostdin -buff_size 8000000 -recv_timeout 10000 >"$dir/load.out" 2>&1
    awk -F'|' '/Failed call/ { n = $3 } END { print n + 0 }' "$dir/load.out"
}
us() { awk -v t="$1" -v n="$2" 'BEGIN { printf "%.1f", t / 1000 / n }'; }
measure() { # NAME
    calls=$((RATE * SECONDS_EACH))
    sipp_load "$RATE" >/dev/null # warm-up
    before=$(spent_ns)
    failed=$(sipp_load "$calls")
    spent=$(($(spent_ns) - before))
    eval "us_$1=$(us $spent $calls)"
    printf '%-8s %7s us of CPU a call, %s failed of %s at %s/s, %s kB resident\n' "$1" "$(us $spent $calls)" "$failed" "$calls" "$RATE" "$(rss)"
}
answer() { start "$B/plainsip" answer --listen 127.0.0.1:$PORT --calls 400000 --per-source 1000000 "$@"; }

${CC:-cc} -O2 -o "$dir/copier" tests/bench/copier.c || exit 1
if command -v sipp >/dev/null 2>&1; then
    for round in 1 2 3; do
        start "$dir/copier" $PORT; measure copier; stop
        answer; measure plainsip; stop
        start sipp -sn uas -i 127.0.0.1 -p $PORT -nostdin; measure sipp; stop
        awk -v p="$us_plainsip" -v c="$us_copier" -v s="$us_sipp" \
            'BEGIN { printf "round: plainsip/copier %.2f (goal 1.6), plainsip/sipp %.2f (goal 0.5)\n", p / c, p / s }'
    done
else
    echo "sipp is not installed: its load is left out"
fi

answer
before=$(spent_ns)
$core1 "$B/plainsip" call --to sip:x@127.0.0.1:$PORT --talk 0 --count $((OWN_RATE * 3)) --rate "$OWN_RATE" >"$dir/own.out" 2>&1
echo "own generator: $(tail -n 1 "$dir/own.out"), asked for $OWN_RATE/s, $(us $(($(spent_ns) - before)) $((OWN_RATE * 3))) us of CPU a call"
stop
if command -v strace >/dev/null 2>&1; then
    answer
    timeout 60 strace -c -f -o "$dir/strace.out" -p $server 2>/dev/null &
    tracer=$!
    sleep 0.5
    $core1 "$B/plainsip" call --to sip:x@127.0.0.1:$PORT --talk 0 --count 50000 --rate 50000 >"$dir/own.out" 2>&1
    stop
    wait $tracer 2>/dev/null
    awk '$NF == "total" { printf "system calls: %.2f a call at full load (goal 3)\n", $(NF > 5 ? 4 : 3) / 50000 }' "$dir/strace.out"
fi
# pages that were touched once stay resident: each state has a server of its own
answer --ring 60000
zero=$(rss)
$core1 "$B/plainsip" call --to sip:x@127.0.0.1:$PORT --count "$STANDING" --rate 5000 >"$dir/own.out" 2>&1 &
load=$!
sleep $((STANDING / 5000 + 4))
echo "memory: $zero kB without a call, $((($(rss) - zero) * 1024 / STANDING)) bytes a call that rings"
kill -9 $load 2>/dev/null
wait $load 2>/dev/null
stop
answer
zero=$(rss)
$core1 "$B/plainsip" call --to sip:x@127.0.0.1:$PORT --talk 15 --count "$STANDING" --rate 5000 >"$dir/own.out" 2>&1 &
load=$!
sleep $((STANDING / 5000 + 4))
stand=$(rss)
wait $load
waits=$(rss)
echo "memory: $(((stand - zero) * 1024 / STANDING)) bytes a call that stands, $(((waits - zero) * 1024 / STANDING)) in all after they ended (peak)"
stop
