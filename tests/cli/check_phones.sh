#!/bin/sh
# answer, call, options, message against each other on loopback: results, exit statuses, signals, what
# --stats and --trace show, and that nothing is left behind. Not here: register, serve (check_serve.sh).
set -u
B=${B:-build}
PLAINSIP=${PLAINSIP:-$B/plainsip}
WORK=$B/tests/cli_phones
rm -rf "$WORK"
mkdir -p "$WORK"
. tests/tools/processes.sh

answers() { # NAME ARGUMENT...: sets $port
    answers_name=$1
    shift
    start "$answers_name" "$PLAINSIP" answer --listen 127.0.0.1:0 --stats --trace "$@"
    listening "$answers_name"
}
# run NAME STATUS COMMAND...: to the end
run() {
    run_name=$1 run_status=$2
    shift 2
    start "$run_name" "$PLAINSIP" "$@"
    ended "$run_name" "$run_status" 100
}
line() { has_line "$1.out" "$2" || die "$1: no line $2"; }
error() { # NAME REGEX: one line of diagnostics
    [ "$(wc -l <"$WORK/$1.err")" -eq 1 ] && has_line "$1.err" "$2" || die "$1: not one line $2"
}
silent() { [ ! -s "$WORK/$1.err" ] || die "$1: has diagnostics"; }

# ---- one request ----

answers bob --t1 2000 # what is counted below must not hang on how busy this machine is
bob=127.0.0.1:$port
run options 0 options "sip:$bob"
line options '^status 200 OK$'
line options '^Allow: INVITE, '
silent options
run message 0 message "sip:bob@$bob" 'hello, bob'
line message '^status 200 OK$'
await bob '^message hello, bob$'
run other 0 message sip:far.invalid 'by way of bob' --proxy "$bob" --from tel:+1234
await bob '^message by way of bob$'

# ---- a call ----

run call 0 call --to "sip:bob@$bob" --talk 0 --stats --trace --t1 2000
line call '^listening on udp:0\.0\.0\.0:[0-9]+$'
line call '^status 200 OK$'
line call '^media audio 127\.0\.0\.1:[0-9]+ PCMU/8000 sendrecv$'
for step in 'ict initial -> calling on request \(17\.1\.1\.2\)' \
    'ict proceeding -> accepted on 2xx \(6026 7\.2\)' \
    '[0-9]\.[0-9]{3} -> 127\.0\.0\.1:[0-9]+ INVITE sip:bob@127\.0\.0\.1:[0-9]+ \(1 INVITE\)' \
    '[0-9]\.[0-9]{3} <- 127\.0\.0\.1:[0-9]+ 180 Ringing \(1 INVITE\)' \
    'ACK sip:' 'BYE sip:' '200 OK \(2 BYE\)'; do
    has_line call.err "$step" || die "call: no trace of $step"
done
counted call messages_sent 3
counted call messages_received 3
counted call transactions_ict 1
counted call dropped_unparseable 0

# the media address is the way to a host's address, also where the host is a name
if grep -q '^127\.0\.0\.1[[:space:]].*localhost' /etc/hosts 2>/dev/null; then
    run byname 0 call --to "sip:bob@localhost:$port" --talk 0
    line byname '^media audio 127\.0\.0\.1:[0-9]+ PCMU/8000 sendrecv$'
fi

# ---- a message that is none: counted by its reason, told in the trace ----

printf 'nonsense\r\n\r\n' >"$WORK/nonsense"
if datagram "$port" "$WORK/nonsense"; then
    wrong=1
    within 20 has_line bob.err 'no valid message: ' || die "bob: no trace of what is wrong"
fi

# ---- ends ----

# the phone that is ended says BYE; the other one's call ends with it
start talking "$PLAINSIP" call --to "sip:bob@$bob" --talk 60 --trace
await talking '^status 200 OK$'
stop bob TERM
ended talking 0
has_line talking.err ' <- .* BYE ' || die "talking: no BYE"
! taken "$port" || die "the port is still taken"
[ "$(counter bob messages_received)" -gt 8 ] || die "bob: no counters"
counted bob dropped_unparseable ${wrong:-0}
[ -z "${wrong:-}" ] || line bob '^fault_.* 1$'

answers carol
carol=127.0.0.1:$port
for signal in INT TERM; do
    start leaving "$PLAINSIP" call --to "sip:$carol" --talk 60 --trace
    await leaving '^status 200 OK$'
    stop leaving $signal
    has_line leaving.err ' -> .* BYE ' || die "leaving: no BYE"
    has_line leaving.err ' <- .* 200 OK \(2 BYE\)' || die "leaving: BYE is not answered"
done
stop carol

answers dave --ring 60000
start ringing "$PLAINSIP" call --to "sip:127.0.0.1:$port" --trace
within 50 has_line ringing.err '180 Ringing' || die "ringing: no 180"
stop ringing
has_line ringing.err ' -> .* CANCEL ' || die "ringing: no CANCEL"
start ringing "$PLAINSIP" call --to "sip:127.0.0.1:$port" --trace
within 50 has_line ringing.err '180 Ringing' || die "ringing: no 180"
stop dave
ended ringing 1
line ringing '^status 4[0-9][0-9] '

# ---- cancelled, refused, hung up ----

answers erin --ring 60000
run cancelled 0 call --to "sip:127.0.0.1:$port" --cancel-after 200
line cancelled '^status 487 Request Terminated$'
silent cancelled
stop erin
answers frank
run late 1 call --to "sip:127.0.0.1:$port" --cancel-after 60000 --talk 0
line late '^status 200 OK$'
stop frank
for status in 486 603 404 500; do
    answers grace --status $status
    run refused 1 call --to "sip:127.0.0.1:$port"
    line refused "^status $status "
    stop grace
done
answers heidi --hangup 1 --ring 100
run hungup 0 call --to "sip:127.0.0.1:$port" --talk 60
stop heidi

# ---- many ----

answers ivan --t1 2000
run many 0 call --to "sip:127.0.0.1:$port" --count 50 --rate 200 --talk 0 --stats --t1 2000
line many '^calls 50 succeeded 50 failed 0$'
counted many retransmissions_sent 0
start busy "$PLAINSIP" call --to "sip:127.0.0.1:$port" --count 2000 --rate 100 --talk 60
sleep 0.3
stop busy
line busy '^calls [0-9]+ succeeded [0-9]+ failed 0$'
stop ivan

# ---- Digest ----

printf 'open sesame\nnot this\n' >"$WORK/password"
answers judy --user alice --realm here --password-file "$WORK/password"
judy=127.0.0.1:$port
for command in "call --talk 0 --to" options message; do
    text=
    [ "$command" != message ] || text=hi
    run known 0 $command "sip:$judy" $text --user alice --password-file "$WORK/password" --trace=full
    line known '^status 200 '
    has_line known.err '\(credentials not shown\)' || die "known: nothing is hidden"
    ! grep -qE 'response=|sesame' "$WORK/known.err" || die "known: a secret shows"
    has_line known.err '\| WWW-Authenticate: Digest realm="here"' || die "known: no challenge"
    run unknown 1 $command "sip:$judy" $text
    line unknown '^status 401 '
    start wrong env PLAINSIP_PASSWORD= "$PLAINSIP" $command "sip:$judy" $text --user alice
    ended wrong 1
    line wrong '^status 401 '
done
stop judy

# ---- nobody answers ----

answers mute
kill -STOP "$(pid_of mute)"
mute=127.0.0.1:$port
start t1 "$PLAINSIP" call --to "sip:$mute" --t1 10
start t2 "$PLAINSIP" options "sip:$mute" --t1 10
start t3 "$PLAINSIP" message "sip:far.invalid" hi --proxy "$mute" --t1 10
start t4 "$PLAINSIP" register --aor sip:a@far.invalid --registrar "$mute" --once --t1 10
start t5 "$PLAINSIP" call --to "sip:$mute" --t1 10 --count 5 --rate 100
start t6 "$PLAINSIP" call --to "sip:$mute" --t1 10 --cancel-after 50
for name in t1 t2 t3 t4 t5 t6; do
    ended $name 3
    error $name "$mute: nobody answered"
done
# ... nor at the end: 2 s are enough
start end1 "$PLAINSIP" call --to "sip:$mute"
start end2 "$PLAINSIP" register --aor sip:a@far.invalid --registrar "$mute"
start end3 "$PLAINSIP" options "sip:$mute"
sleep 0.2
for name in end1 end2 end3; do kill -INT "$(pid_of $name)"; done
for name in end1 end2 end3; do ended $name 0 21; done
kill -CONT "$(pid_of mute)"
stop mute
# nobody is there
run gone1 3 call --to "sip:$mute"
error gone1 "$mute: cannot be reached"
run gone2 3 options "sip:$mute"
error gone2 "$mute: cannot be reached"
run gone3 3 register --aor sip:a@far.invalid --registrar "$mute" --once
error gone3 "$mute: cannot be reached"

# ---- limits ----

for calls in 10 10000; do
    answers few --calls $calls
    stop few
    counted few per_source $((calls + 64)) # a quarter of the transactions: 4 a call and 256
done
answers few --per-source 7
stop few
counted few per_source 7

# ---- a port in use ----

answers owner
run taken1 2 answer --listen "127.0.0.1:$port"
error taken1 "127\.0\.0\.1:$port: bind: "
run taken2 2 call --to sip:127.0.0.1 --listen "127.0.0.1:$port"
error taken2 "127\.0\.0\.1:$port: bind: "
stop owner

# ---- IPv6 ----

if grep -q '^0\{31\}1 ' /proc/net/if_inet6 2>/dev/null; then
    start six "$PLAINSIP" answer --listen '[::1]:0'
    listening six
    line six '^listening on udp:\[::1\]:[0-9]+$'
    run sixcall 0 call --to "sip:[::1]:$port" --talk 0 --listen '[::1]:0'
    line sixcall '^media audio ::1:[0-9]+ PCMU/8000 sendrecv$'
    run sixoptions 0 options "sip:[::1]:$port" --listen '[::]'
    stop six
else
    echo "note: no IPv6 here; not tested"
fi
exit 0
