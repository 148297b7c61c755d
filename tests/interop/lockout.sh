#!/bin/sh
# Strangers lock nobody out: eight sources that never acknowledge send 4,000 INVITEs a second each to
# a registrar at its defaults while a phone registers 40 times, and after that; and 40,000 calls come to a phone at its
# defaults, 4,000 a second, of which none is refused: answered transactions make room.
set -u
. tests/interop/lib.sh
need cc sipp
cc -O2 -o "$WORK/flood" tests/tools/flood.c || die "tests/tools/flood.c does not compile"
value() { v=$(counter "$1" "$2"); echo "${v:-0}"; }

# ---- eight sources ----

echo alice:secret >"$WORK/users"
start serve "$PLAINSIP" serve --users "$WORK/users" --listen 127.0.0.1:0 --stats
listening serve
serve=$port
free_port
phone=$port
export PLAINSIP_PASSWORD=secret
register() {
    "$PLAINSIP" register --user alice --aor sip:alice@127.0.0.1 --registrar "127.0.0.1:$serve" \
        --listen "127.0.0.1:$phone" --once --t1 100 >"$WORK/phone.out" 2>&1
}
for source in 2 3 4 5 6 7 8 9; do
    start "flood_$source" "$WORK/flood" invite "${FLOOD:-40000}" 127.0.0.1 "$serve" "127.0.0.$source" 4000
done
good=0
while [ $good -lt 40 ]; do
    register || die "does not register during the flood, at the try $good"
    good=$((good + 1))
done
for source in 2 3 4 5 6 7 8 9; do
    within 600 is_gone "$(pid_of "flood_$source")" || die "the flood from 127.0.0.$source lasts"
done
for i in 1 2 3 4 5; do
    register || die "does not register after the flood"
done
stop serve
[ "$(value serve refused_503_pool_empty)" -eq 0 ] || die "serve: somebody was locked out"
[ "$(value serve answered_given_up_for_new)" -gt 0 ] || die "serve: the pool was never full"
echo "note: $good times registered during a flood from 8 sources; $(value serve answered_given_up_for_new) answered made room"

# ---- 4,000 calls a second ----

start answer "$PLAINSIP" answer --listen 127.0.0.1:0 --stats
listening answer
answer=$port
free_port
sipp_start caller -sn uac "127.0.0.1:$answer" -p "$port" -r 4000 -m 40000 -l 20000 -d 0
within 1200 is_gone "$(pid_of caller)" || die "the calls last"
stop answer
[ "$(value answer refused_503_pool_empty)" -eq 0 ] || die "answer: calls were refused for want of room"
[ "$(value answer refused_503_per_source)" -eq 0 ] || die "answer: calls were refused at the cap a source"
echo "note: $(sipp_value caller 'SuccessfulCall(C)') of 40000 calls at 4,000 a second succeeded, none was refused"
ok
