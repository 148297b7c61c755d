#!/bin/sh
# register and serve on loopback, and call and message by way of serve: bindings, redirections, who is
# let in, what is said of whom. Not here: calls themselves (check_phones.sh); foreign peers (interop).
set -u
B=${B:-build}
PLAINSIP=${PLAINSIP:-$B/plainsip}
WORK=$B/tests/cli_serve
rm -rf "$WORK"
mkdir -p "$WORK"
. tests/tools/processes.sh

run() { # NAME STATUS COMMAND...: to the end
    run_name=$1 run_status=$2
    shift 2
    start "$run_name" "$PLAINSIP" "$@"
    ended "$run_name" "$run_status" 100
}
line() { has_line "$1.out" "$2" || die "$1: no line $2"; }
no_line() { ! has_line "$1.out" "$2" || die "$1: a line $2"; }
md5() { printf '%s' "$1" | md5sum | cut -d ' ' -f 1; }
sha256() { printf '%s' "$1" | sha256sum | cut -d ' ' -f 1; }

# every form of a line; passwords with colons, blanks, and none
cat >"$WORK/users" <<END
# people
alice:open sesame

bob:a:b:c
empty:
@ha1 carol here.test MD5 $(md5 'carol:here.test:pw-carol')
@ha1 carol here.test SHA-256 $(sha256 'carol:here.test:pw-carol')
@ha1  dave  here.test  SHA-256  $(sha256 'dave:here.test:pw-dave')
@ha1 erin elsewhere.test MD5 $(md5 'erin:elsewhere.test:pw-erin')
END
start serve "$PLAINSIP" serve --users "$WORK/users" --realm here.test --listen 127.0.0.1:0 --stats \
    --trace=full
listening serve
serve=127.0.0.1:$port

# register NAME STATUS USER PASSWORD ARGUMENT...
register() {
    register_name=$1 register_status=$2 user=$3 password=$4
    shift 4
    start "$register_name" env PLAINSIP_PASSWORD="$password" "$PLAINSIP" register --user "$user" \
        --aor "sip:$user@here.test" --registrar "$serve" --listen 127.0.0.1:0 "$@"
    [ "$register_status" = run ] || ended "$register_name" "$register_status"
}

# ---- who is let in ----

register alice 0 alice 'open sesame' --once --expires 600
line alice '^status 200 OK$'
listening alice
line alice "^contact <sip:alice@127\.0\.0\.1:$port>;expires=(600|599)$"
register bob 0 bob a:b:c --once
register empty 0 empty '' --once
free_port
carol=127.0.0.1:$port
register carol 0 carol pw-carol --once --listen "$carol"
register dave 0 dave pw-dave --once # only a SHA-256 of his is known: MD5 is not offered
for name in alice carol erin nobody; do # a wrong password, another realm's, nobody: the same answer
    register refused 1 $name wrong --once --trace
    line refused '^status 401 Unauthorized$'
    sed -n 's/.*<- [^ ]* \(.*\)/\1/p' "$WORK/refused.err" >"$WORK/answers.$name"
    cmp -s "$WORK/answers.alice" "$WORK/answers.$name" || die "$name is told apart from alice"
done
# somebody, but not the owner of the address
start other env PLAINSIP_PASSWORD=a:b:c "$PLAINSIP" register --user bob --aor sip:alice@here.test \
    --registrar "$serve" --once
ended other 1
line other '^status 403 Forbidden$'
# an escape in a name is no other name (19.1.4), and is not escaped again in the Contact
start escaped env PLAINSIP_PASSWORD='open sesame' "$PLAINSIP" register --user alice --once \
    --aor 'sip:%61lice@here.test?subject=x' --registrar "$serve" --listen 127.0.0.1:0 --expires 60
ended escaped 0
listening escaped
line escaped "^contact <sip:alice@127\.0\.0\.1:$port>;expires=60$"
# removed, and the end of the command
register removed 0 carol pw-carol --expires 0 --listen "$carol"
line removed '^status 200 OK$'
no_line removed '^contact '

# ---- a binding that is kept ----

register kept run bob a:b:c --expires 600
await kept '^status 200 OK$'
[ "$(grep -c '^contact ' "$WORK/kept.out")" = 2 ] || die "kept: not two bindings"
stop kept TERM
line kept '^status 200 OK$'

# ---- redirections ----

free_port
phone=$port
start frank env PLAINSIP_PASSWORD='open sesame' "$PLAINSIP" register --user alice --once \
    --aor sip:alice@here.test --registrar "$serve" --listen "127.0.0.1:$phone"
ended frank 0
# the binding of the first test leads to nobody; the second Contact is tried then
start phone "$PLAINSIP" answer --listen "127.0.0.1:$phone" --stats
listening phone
run called 0 call --to sip:alice@here.test --proxy "$serve" --talk 0 --trace
line called '^status 200 OK$'
[ "$(grep -c ' <- .* 302 ' "$WORK/called.err")" = 1 ] || die "called: no redirection"
run asked 0 options sip:alice@here.test --proxy "$serve"
run told 0 message sip:alice@here.test 'by way of serve' --proxy "$serve"
await phone '^message by way of serve$'
run absent 1 call --to 'sip:carol@here.test?subject=x' --proxy "$serve"
line absent '^status 480 '
run nobody 1 call --to sip:nobody@here.test --proxy "$serve"
line nobody '^status 404 Not Found$'
run nobody2 1 message sip:nobody@here.test hi --proxy "$serve"
line nobody2 '^status 404 Not Found$'
run server 0 options "sip:$serve"
line server '^status 200 OK$'
stop phone
# and now that it is gone
run gone 3 call --to sip:alice@here.test --proxy "$serve"

# ---- what the trace shows ----

# credentials may be folded, or stand in strange places; none of it is shown
printf '%s\r\n' 'REGISTER sip:here.test SIP/2.0' 'Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKfolded' \
    'Max-Forwards: 1' 'From: <sip:alice@here.test>;tag=1' 'To: <sip:alice@here.test>' \
    'Call-ID: folded' 'CSeq: 1 REGISTER' \
    'AUTHORIZATION : Digest username="alice", realm="here.test",' '   nonce="1", uri="sip:here.test",' \
    '	response="0123456789abcdef"' 'Content-Length: 0' '' >"$WORK/folded"
if datagram "${serve#*:}" "$WORK/folded"; then
    within 20 has_line serve.err '\| Call-ID: folded' || die "serve: did not see it"
fi
stop serve
has_line serve.err '\(credentials not shown\)' || die "serve: hides nothing"
! grep -qE 'response="|0123456789abcdef|sesame|a:b:c|pw-' "$WORK/serve.err" || die "serve: a secret shows"
counted serve dropped_unparseable 0
[ "$(counter serve messages_received)" -gt 30 ] || die "serve: no counters"

# ---- with nobody to serve ----

: >"$WORK/none"
start none "$PLAINSIP" serve --users "$WORK/none" --listen 127.0.0.1:0
listening none
run nobody3 1 call --to sip:alice@here.test --proxy "127.0.0.1:$port"
line nobody3 '^status 404 Not Found$'
stop none
# users of another realm are said to be passed over
start foreign "$PLAINSIP" serve --users "$WORK/users" --realm other.test --listen 127.0.0.1:0
listening foreign
has_line foreign.err 'carol is of realm here\.test' || die "foreign: says nothing"
stop foreign
exit 0
