# For scripts that start programs: to be sourced, with $WORK (an existing folder) and $PLAINSIP set.
# Starts and stops programs, finds ports, says what failed; whatever is still running at the end is
# killed. Knows nothing of SIP but the line "listening on".

unset PLAINSIP_PASSWORD
began_pids=

# Shows what the programs said last, says why, ends the script with failure.
die() {
    for f in $(ls -tr "$WORK"/*.out "$WORK"/*.err 2>/dev/null | tail -n 8); do
        [ -s "$f" ] && { echo "--- ${f##*/}"; tail -n 20 "$f"; }
    done
    echo "$*"
    exit 1
}

kill_all() {
    for began_pid in $began_pids; do
        kill -CONT "$began_pid" 2>/dev/null
        kill -TERM "$began_pid" 2>/dev/null
    done
    sleep 0.2
    for began_pid in $began_pids; do kill -KILL "$began_pid" 2>/dev/null; done
}
trap 'status=$?; [ -z "$began_pids" ] || kill_all >/dev/null 2>&1; exit $status' EXIT
trap 'exit 1' INT TERM HUP

# start NAME COMMAND...: in the background, with output in $WORK/NAME.out and .err
start() {
    began=$1
    shift
    : >"$WORK/$began.out" # now: who waits for a line must not find that of the one before
    : >"$WORK/$began.err"
    "$@" >"$WORK/$began.out" 2>"$WORK/$began.err" </dev/null &
    eval "pid_$began=$!"
    began_pids="$began_pids $!"
}

pid_of() { eval "echo \$pid_$1"; }

# within TENTHS COMMAND...: until it succeeds, or fails after so many tenths of a second
within() {
    left=$(($1 * 4))
    shift
    until "$@"; do
        left=$((left - 1))
        [ $left -gt 0 ] || return 1
        sleep 0.025
    done
}

has_line() { grep -qE -e "$2" "$WORK/$1"; }

# await NAME REGEX [TENTHS]: a line of its standard output
await() {
    within "${3:-50}" has_line "$1.out" "$2" || die "$1: no line $2"
}

# listening NAME: sets $port to where it listens
listening() {
    await "$1" '^listening on udp:'
    port=$(sed -n 's/^listening on udp:.*:\([0-9]*\)$/\1/p' "$WORK/$1.out" | head -n 1)
}

# ended NAME STATUS [TENTHS]: it ends by itself in that time, with that status
ended() {
    ended_pid=$(pid_of "$1")
    within "${3:-50}" is_gone "$ended_pid" || die "$1: still runs"
    wait "$ended_pid"
    ended_status=$?
    began_pids=$(echo " $began_pids " | sed "s/ $ended_pid / /")
    [ $ended_status -eq "$2" ] || die "$1: exit $ended_status, expected $2"
}
# a zombie waits for nothing but us
is_gone() {
    state=$(sed -n 's/^State:[[:space:]]*\(.\).*/\1/p' "/proc/$1/status" 2>/dev/null)
    [ -z "$state" ] || [ "$state" = Z ]
}

# stop NAME [SIGNAL [STATUS]]: ends in order within 2 s
stop() {
    kill "-${2:-INT}" "$(pid_of "$1")" || die "$1: does not run any more"
    ended "$1" "${3:-0}" 22
}

# A UDP port of nobody's. Sets $port.
next_port=$((20000 + $$ * 37 % 10000)) # scripts that start together stay apart
free_port() {
    while :; do
        next_port=$((next_port + 1))
        grep -qi "$(printf ':%04X ' $next_port)" /proc/net/udp /proc/net/udp6 2>/dev/null || break
    done
    port=$next_port
}
taken() { grep -qi "$(printf ':%04X ' "$1")" /proc/net/udp /proc/net/udp6; }

# counter NAME COUNTER: its value as --stats printed it
counter() { sed -n "s/^$2 //p" "$WORK/$1.out"; }
# counted NAME COUNTER VALUE
counted() {
    [ "$(counter "$1" "$2")" = "$3" ] || die "$1: $2 is '$(counter "$1" "$2")', expected $3"
}

# datagram PORT FILE: sends a file's bytes; fails where there is no bash to do so
datagram() { bash -c 'cat "$2" >"/dev/udp/127.0.0.1/$1"' datagram "$1" "$2" 2>/dev/null; }

# peer NAME [PORT]: starts the scripted peer tests/tools/peer.c with standard input as its script;
# sets $port to where it listens. "ended NAME 0" once it has done everything
peer() {
    cat >"$WORK/$1.script"
    start "$1" "$B/tests/tools/peer" "$WORK/$1.script" ${2:-}
    listening "$1"
}
