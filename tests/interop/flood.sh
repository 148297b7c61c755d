#!/bin/sh
# A flood over loopback, at the rate that it takes: 200,000 datagrams (FLOOD=N) each of garbage, of
# half-valid INVITEs, of REGISTERs with wrong credentials and of responses to nothing, to a registrar
# and to a phone, while another phone registers and calls. Its calls succeed, memory stays where it
# was, and the counters account for every datagram that the kernel delivered.
set -u
. tests/interop/lib.sh
need cc
cc -O2 -o "$WORK/flood" tests/tools/flood.c || die "tests/tools/flood.c does not compile"
echo alice:secret >"$WORK/users"
start serve "$PLAINSIP" serve --users "$WORK/users" --per-source 50 --listen 127.0.0.1:0 --stats
listening serve
serve=$port
start answer "$PLAINSIP" answer --per-source 50 --listen 127.0.0.1:0 --stats
listening answer
answer=$port
free_port
phone=$port
export PLAINSIP_PASSWORD=secret

registers() {
    "$PLAINSIP" register --user alice --aor sip:alice@127.0.0.1 --registrar "127.0.0.1:$serve" \
        --listen "127.0.0.1:$phone" --once --t1 100 >"$WORK/phone.out" 2>&1
}
calls() {
    "$PLAINSIP" call --to "sip:bob@127.0.0.1:$answer" --listen 127.0.0.1:0 --talk 0 --t1 100 \
        >"$WORK/phone.out" 2>&1
}
memory() { sed -n 's/^VmRSS:[[:space:]]*\([0-9]*\).*/\1/p' "/proc/$(pid_of "$1")/status"; }

good=0
phone_lives() { # DURING
    registers || die "$1: does not register"
    calls || die "$1: does not call"
    good=$((good + 1))
}

phone_lives nothing
before_serve=$(memory serve) before_answer=$(memory answer)
for kind in garbage invite register response; do
    for to in $serve $answer; do
        start "flood_${kind}_$to" "$WORK/flood" $kind "${FLOOD:-200000}" 127.0.0.1 "$to" 127.0.0.2
    done
    phone_lives "$kind"
    until is_gone "$(pid_of "flood_${kind}_$serve")" && is_gone "$(pid_of "flood_${kind}_$answer")"; do
        phone_lives "$kind"
    done
    phone_lives "after $kind"
done
after_serve=$(memory serve) after_answer=$(memory answer)
stop serve
stop answer

# ---- the books ----

value() { v=$(counter "$1" "$2"); echo "${v:-0}"; }
# Counts what became of each message: a response that was waited for has no counter of its own.
unaccounted() {
    sum=0
    for c in dropped_unparseable dropped_response_invalid dropped_response_stray \
        dropped_response_foreign_via dropped_ack_stray acks_in_dialogs answered_statelessly transactions_ist \
        transactions_nist retransmissions_absorbed; do
        sum=$((sum + $(value "$1" $c)))
    done
    # those that a full pool or a full source refused were begun, and answered statelessly
    echo $(($(value "$1" messages_received) - sum + $(value "$1" refused_503_per_source)))
}
for p in serve answer; do
    delivered=$(value $p udp_datagrams_in) taken=$(value $p messages_received)
    [ "$delivered" -eq $((taken + $(value $p keepalives_ignored))) ] ||
        die "$p: $delivered datagrams were delivered, $taken looked at"
    [ "$(value $p refused_503_pool_empty)" -eq 0 ] || die "$p: somebody was locked out"
    [ "$(value $p refused_503_per_source)" -gt 1000 ] || die "$p: the cap a source was never met"
    sent=$((8 * ${FLOOD:-200000} / 2))
    echo "note: $p: $sent sent to it, $delivered delivered, $(value $p udp_kernel_dropped) dropped by the kernel, $(value $p acks_in_dialogs) were ACKs of calls; $(value $p answered_given_up_for_new) answered given up for new"
done
[ "$(unaccounted serve)" -eq 0 ] || die "serve: $(unaccounted serve) messages are in no counter"
[ "$(unaccounted answer)" -eq 0 ] || die "answer: $(unaccounted answer) messages are in no counter"
acks=$(value answer acks_in_dialogs) # the kernel drops some of them, too
[ "$acks" -gt 0 ] && [ "$acks" -le $((3 * good)) ] || die "answer: $acks ACKs of $good calls"
# pools are taken at start; their pages are touched when they are used first
[ $((after_serve - before_serve)) -lt 40000 ] || die "serve: grew from $before_serve to $after_serve kB"
[ $((after_answer - before_answer)) -lt 40000 ] || die "answer: grew from $before_answer to $after_answer kB"
echo "note: $good times registered and called meanwhile; serve $before_serve to $after_serve kB, answer $before_answer to $after_answer kB"
ok
