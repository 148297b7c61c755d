# Kamailio as a proxy with Digest and Record-Route, between `plainsip call` and a registered
# `plainsip answer`: 407 is answered, ACK and BYE of both sides follow the route set, CANCEL works,
# and so do requests outside of a call.
. tests/interop/kamailio_lib.sh
need kamailio kamcmd
export PLAINSIP_PASSWORD

kamailio_start "" 1

# bob registers, and answers where he said he is
free_port
bob=$port
PLAINSIP_PASSWORD=pw-bob
start bob_registers "$PLAINSIP" register --aor sip:bob@plainsip.test --registrar "$proxy" \
    --user bob --once --listen "127.0.0.1:$bob"
ended bob_registers 0
bob_answers() {
    start bob "$PLAINSIP" answer --listen "127.0.0.1:$bob" --stats --trace "$@"
    listening bob
}

PLAINSIP_PASSWORD=pw-alice
alice() { # NAME COMMAND ARGUMENT...
    name=$1
    shift
    start "$name" "$PLAINSIP" "$@" --proxy "$proxy" --user alice --listen 127.0.0.1:0 --stats --trace
}

# the caller hangs up
bob_answers
alice call call --to sip:bob@plainsip.test --talk 0
ended call 0
has_line call.out '^status 200 OK$' || die "call: no status"
has_line call.out '^media audio 127\.0\.0\.1:[0-9]+ PCMU/8000 sendrecv$' || die "call: no media"
[ "$(grep -c ' <- .* 407 ' "$WORK/call.err")" = 1 ] || die "call: not one 407"
[ "$(seen 'INVITE to')" = 1 ] || die "kamailio: INVITE"
[ "$(seen 'ACK by its route set')" = 1 ] || die "kamailio: ACK"
[ "$(seen 'BYE by its route set')" = 1 ] || die "kamailio: BYE"
counted call retransmissions_sent 0
counted call dropped_response_stray 0

# requests outside of a call
alice message message sip:bob@plainsip.test 'on my way'
ended message 0
await bob '^message on my way$'
alice options options sip:bob@plainsip.test
ended options 0
has_line options.out '^Allow: INVITE, ACK, ' || die "options: no Allow"
alice nobody call --to sip:nobody@plainsip.test
ended nobody 1
has_line nobody.out '^status 404 Not Here$' || die "nobody: no status"
stop bob

# the callee hangs up
bob_answers --hangup 1
alice longer call --to sip:bob@plainsip.test --talk 60
ended longer 0
[ "$(seen 'ACK by its route set')" = 2 ] || die "kamailio: ACK"
[ "$(seen 'BYE by its route set')" = 2 ] || die "kamailio: BYE from the callee"
stop bob

# nobody picks up
bob_answers --ring 60000
alice cancelled call --to sip:bob@plainsip.test --cancel-after 400
ended cancelled 0
has_line cancelled.out '^status 487 ' || die "cancelled: no status"
[ "$(grep -c ' <- .* CANCEL ' "$WORK/bob.err")" = 1 ] || die "bob: no CANCEL"
# an end in order while it rings
alice ringing call --to sip:bob@plainsip.test
within 50 has_line ringing.err ' <- .* 180 ' || die "ringing: no 180"
stop ringing
stop bob

# ... and while it talks: BYE by the route set
bob_answers
alice talking call --to sip:bob@plainsip.test --talk 60
await talking '^status 200 OK$'
stop talking
[ "$(seen 'BYE by its route set')" = 3 ] || die "kamailio: BYE at the end"
alice left call --to sip:bob@plainsip.test --talk 60
await left '^status 200 OK$'
stop bob
ended left 0
[ "$(seen 'BYE by its route set')" = 4 ] || die "kamailio: BYE at bob's end"

# refused
bob_answers --status 486
alice busy call --to sip:bob@plainsip.test
ended busy 1
has_line busy.out '^status 486 ' || die "busy: no status"
stop bob

# without credentials, and with wrong ones
start without "$PLAINSIP" call --to sip:bob@plainsip.test --proxy "$proxy" --listen 127.0.0.1:0
ended without 1
has_line without.out '^status 407 ' || die "without: no status"
PLAINSIP_PASSWORD=nonsense
alice wrong call --to sip:bob@plainsip.test
ended wrong 1
has_line wrong.out '^status 407 ' || die "wrong: no status"
[ "$(grep -c ' -> .* INVITE ' "$WORK/wrong.err")" = 2 ] || die "wrong: not two INVITEs"
kamailio_stop
! grep -E 'ERROR|CRITICAL' "$WORK/kamailio.err" | grep -v 'seen:' || die "kamailio complains"
ok
