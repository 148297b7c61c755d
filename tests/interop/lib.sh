# Gives the interop scripts what they share: sipp, and the answers by which a script ends.
. tests/tools/processes.sh
: "${PLAINSIP:?}" "${WORK:?}"

ok() { echo ok; exit 0; }
need() {
    for tool in "$@"; do
        command -v "$tool" >/dev/null 2>&1 || { echo "skipped: no $tool"; exit 0; }
    done
}

# sipp_start NAME ARGUMENT...: in the background, with its counters, errors and messages in
# $WORK/NAME.*. Its screen is thrown away.
sipp_start() {
    sipp_name=$1
    shift
    start "$sipp_name" sh -c 'TERM=dumb exec sipp "$@" >/dev/null' sipp -i 127.0.0.1 -nostdin -trace_stat -fd 1 \
        -stf "$WORK/$sipp_name.csv" -trace_err -error_file "$WORK/$sipp_name.errors" "$@"
}
# sipp_peer NAME ARGUMENT...: one that waits for calls; sets $port
sipp_peer() {
    free_port
    sipp_name=$1 sipp_port=$port
    shift
    sipp_start "$sipp_name" -p "$sipp_port" "$@"
    within 50 taken "$sipp_port" || die "$sipp_name: does not listen"
    port=$sipp_port
}

# sipp_value NAME COLUMN: the last value of a column of its counters
sipp_value() {
    awk -F ';' -v want="$2" '
        NR == 1 { for (i = 1; i <= NF; i++) if ($i == want) column = i }
        END { if (column) print $column + 0; else print "none" }' "$WORK/$1.csv"
}
sipp_counted() { # NAME COLUMN VALUE
    [ "$(sipp_value "$1" "$2")" = "$3" ] ||
        { cat "$WORK/$1.errors" 2>/dev/null | head -n 40
          die "$1: $2 is $(sipp_value "$1" "$2"), expected $3"; }
}
# sipp_clean NAME CALLS: so many succeeded, and nothing else happened
sipp_clean() {
    sipp_counted "$1" 'SuccessfulCall(C)' "$2"
    for column in FailedCall FailedUnexpectedMessage OutOfCallMsgs Retransmissions Warnings \
        FatalErrors FailedTimeoutOnRecv DeadCallMsgs; do
        sipp_counted "$1" "$column(C)" 0
    done
    [ ! -s "$WORK/$1.errors" ] || { cat "$WORK/$1.errors"; die "$1: has something to say"; }
}
