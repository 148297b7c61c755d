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

# ---- domains ----

# says NAME STATUS URI: what serve says of a MESSAGE there
says() {
    start "$1" "$PLAINSIP" message "$3" hi --proxy "$serve"
    ended "$1" "$([ "$2" = 200 ] && echo 0 || echo 1)"
    line "$1" "^status $2 "
}
serves() { # NAME ARGUMENT...
    serves_name=$1
    shift
    start "$serves_name" "$PLAINSIP" serve --users "$WORK/users" --listen 127.0.0.1:0 --trace=full "$@"
    listening "$serves_name"
    serve=127.0.0.1:$port
}
serves plain --realm here.test
start phone "$PLAINSIP" answer --listen "127.0.0.1:$phone"
listening phone
for aor in sip:alice@here.test:5060 "sip:alice@127.0.0.1:9;x=y" sips:%61lice@HERE.test; do
    start spelt env PLAINSIP_PASSWORD='open sesame' "$PLAINSIP" register --user alice --once \
        --aor "$aor" --registrar "$serve" --listen 127.0.0.1:0
    ended spelt 0
done
[ "$(grep -c '^contact ' "$WORK/spelt.out")" = 3 ] || die "spelt: not three bindings of one user"
has_line plain.err '\| Date: [A-Z][a-z]{2}, [0-3][0-9] [A-Z][a-z]{2} 20[0-9]{2} [0-9:]{8} GMT' ||
    die "plain: no Date"
start spelt env PLAINSIP_PASSWORD='a:b:c' "$PLAINSIP" register --user bob --once \
    --aor "sip:bob@here.test" --registrar "$serve" --listen "127.0.0.1:$phone" --expires 0
ended spelt 2 # the phone has that port
stop phone
start spelt env PLAINSIP_PASSWORD='a:b:c' "$PLAINSIP" register --user bob --once \
    --aor sip:bob@here.test --registrar "$serve" --listen "127.0.0.1:$phone"
ended spelt 0
start phone "$PLAINSIP" answer --listen "127.0.0.1:$phone"
listening phone
for uri in sip:bob@here.test sip:bob@here.test:5060 "sip:bob@here.test:9;x=y" "sip:bob@$serve" \
    sip:bob@127.0.0.1 sip:bob@localhost; do
    says found 200 "$uri"
done
for uri in sip:bob@elsewhere.test sip:bob@sub.here.test sip:bob@127.0.0.1:9 sip:bob@127.0.0.2 \
    sip:here.test sip:nobody@here.test; do
    says foreign 404 "$uri"
done
start spelt env PLAINSIP_PASSWORD='a:b:c' "$PLAINSIP" register --user bob --once \
    --aor sip:bob@elsewhere.test --registrar "$serve" --listen 127.0.0.1:0
ended spelt 1
line spelt '^status 404 '
run pinged 0 options "sip:$serve"
run pinged 1 options sip:elsewhere.test --proxy "$serve"
line pinged '^status 404 '
stop plain

serves named --realm here.test --domain one.test --domain '[::1]'
start spelt env PLAINSIP_PASSWORD='a:b:c' "$PLAINSIP" register --user bob --once \
    --aor 'sip:bob@[::1]' --registrar "$serve" --listen "127.0.0.1:0"
ended spelt 0
run found 3 message sip:bob@one.test:7000 hi --proxy "$serve" # redirected, to where nobody is
has_line named.err ' 302 Moved Temporarily' || die "named: no redirection"
for uri in sip:bob@here.test sip:bob@127.0.0.1 "sip:bob@$serve" sip:bob@localhost; do
    says foreign 404 "$uri"
done
stop named

# ---- what a stranger can have sent to somebody else ----

# reply FILE: the bytes of the first answers to a datagram from here, 0.4 s long
reply() {
    bash -c 'exec 3<>"/dev/udp/127.0.0.1/$1" && cat "$2" >&3 && timeout 0.4 cat <&3' reply \
        "${serve#*:}" "$1" 2>/dev/null
}
# invite METHOD NUMBER BYTES [CONTACT]: a request to alice, so long with its body
invite() {
    printf '%s\r\n' "$1 sip:alice@here.test SIP/2.0" "Via: SIP/2.0/UDP 127.0.0.1:9;rport;branch=z9hG4bK$1$2" \
        'Max-Forwards: 1' 'From: <sip:x@here.test>;tag=1' 'To: <sip:alice@here.test>' \
        "Call-ID: $1$2" "CSeq: 1 $1" "Contact: <${4:-sip:x@127.0.0.1:9}>" 'Content-Type: text/plain' \
        'Content-Length: LENGTH' '' >"$WORK/head"
    bytes=$(($3 - $(wc -c <"$WORK/head") + 2))
    { sed "s/LENGTH/$(printf '%04d' $bytes)/" "$WORK/head"; head -c $bytes /dev/zero | tr '\0' x; }
}
if command -v bash >/dev/null && command -v timeout >/dev/null; then
    serves small --realm here.test
    i=0
    while [ $((i += 1)) -le 16 ]; do
        register many 0 alice 'open sesame' --once
    done
    for asks in "INVITE 400 14 11" "INVITE 700 14 11" "INVITE 1200 14 11" "MESSAGE 400 4 1"; do
        set -- $asks
        invite "$1" "$2" "$2" >"$WORK/asks"
        reply "$WORK/asks" >"$WORK/answers"
        has_line answers '^SIP/2\.0 (302|480) ' || die "$asks: no answer"
        grep -v '^SIP/2.0 100' "$WORK/answers" >"$WORK/counted"
        got=$(wc -c <"$WORK/counted") asked=$(wc -c <"$WORK/asks")
        [ $((got * $4)) -le $((asked * $3)) ] || die "$asks: $got bytes for $asked"
        contacts=$(grep -cE '^(Contact|m): ' "$WORK/answers")
        echo "note: $1 of $asked bytes: $contacts Contacts in $got"
        [ "$2" != 1200 ] || [ "$contacts" = 16 ] || die "$asks: not all Contacts, though they fit"
    done
    # who is redirected need not be reached from here
    for contact in 'sip:x@nowhere.invalid' 'sip:x@127.0.0.1;transport=tcp' 'sips:x@127.0.0.1'; do
        invite INVITE "$((i += 1))" 1200 "$contact" >"$WORK/asks"
        reply "$WORK/asks" >"$WORK/answers"
        has_line answers '^SIP/2\.0 302 ' || die "$contact: not redirected"
    done
    stop small
fi

# ---- a file of secrets that others may read ----

chmod 644 "$WORK/users"
serves readable
has_line readable.err "users: others may read it" || die "readable: no warning"
stop readable
chmod 600 "$WORK/users"
serves private
! has_line private.err "others may read it" || die "private: a warning"
stop private

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
