# baresip, a phone: it registers with `plainsip serve`, is called by way of it, calls `plainsip
# answer`, holds, resumes, hangs up, and is hung up on.
. tests/interop/lib.sh
need baresip mkfifo

printf 'alice:secret\n' >"$WORK/users"
# this phone gives up where another algorithm stands beside MD5
start serve "$PLAINSIP" serve --users "$WORK/users" --realm here.test --algorithms MD5 \
    --listen 127.0.0.1:0 --stats --trace
listening serve
serve=127.0.0.1:$port
start answer "$PLAINSIP" answer --listen 127.0.0.1:0 --stats --trace=full
listening answer
answer=127.0.0.1:$port

for modules in /usr/lib/baresip/modules /usr/lib/*/baresip/modules /usr/local/lib/baresip/modules; do
    [ ! -e "$modules/aubridge.so" ] || break
done
free_port
cat >"$WORK/config" <<END
sip_listen 127.0.0.1:$port
net_interface 127.0.0.1
audio_source aubridge,one
audio_player aubridge,one
audio_alert aubridge,two
module_path $modules
module stdio.so
module g711.so
module aubridge.so
module_tmp account.so
module_app menu.so
END
echo "<sip:alice@$serve>;auth_user=alice;auth_pass=secret;answermode=auto;regint=60" \
    >"$WORK/accounts"
: >"$WORK/contacts"
mkfifo "$WORK/keys"
exec 3<>"$WORK/keys"
start phone sh -c 'exec baresip -f "$1" <"$1/keys"' phone "$WORK"
press() { echo "$1" >&3; }
within 100 has_line phone.out '200 OK \(\) \[1 binding\]' || die "phone: is not registered"

# called
start call "$PLAINSIP" call --to "sip:alice@$serve" --talk 0 --trace
ended call 0
has_line call.out '^status 200 ' || die "call: no status"
has_line call.out '^media audio 127\.0\.0\.1:[0-9]+ PCMU/8000 sendrecv$' || die "call: no media"
within 50 has_line phone.out 'session closed' || die "phone: still talks"

# calls; each re-INVITE is answered as RFC 3264 8.4 says
calls() { # COUNT: how many calls of the phone are established
    [ "$(grep -c 'Call established' "$WORK/phone.out")" = "$1" ]
}
acks() { # COUNT
    [ "$(grep -c ' <- .* ACK ' "$WORK/answer.err")" = "$1" ]
}
press "/dial sip:bob@$answer"
within 50 calls 2 || die "phone: is not answered"
within 50 acks 1 || die "answer: no ACK"
press /hold
within 50 acks 2 || die "answer: no ACK of the hold"
has_line answer.err '\| a=recvonly' || die "answer: does not hold"
press /resume
within 50 acks 3 || die "answer: no ACK of the resume"
[ "$(grep 'a=\(sendrecv\|sendonly\|recvonly\|inactive\)' "$WORK/answer.err" | tail -n 1 |
    tr -d ' |\r')" = a=sendrecv ] || die "answer: does not resume"
[ "$(sed -n 's/.*| o=plainsip 1 \([0-9]*\) .*/\1/p' "$WORK/answer.err" | tr '\n' ' ')" = "1 2 3 " ] ||
    die "answer: another origin"
press /hangup
within 50 has_line answer.err ' <- .* BYE ' || die "answer: no BYE"

# is hung up on
press "/dial sip:bob@$answer"
within 50 calls 3 || die "phone: is not answered again"
within 50 acks 4 || die "answer: no ACK"
stop answer
has_line answer.err ' -> .* BYE ' || die "answer: no BYE of its own"
counted answer dropped_unparseable 0

# leaves, and takes its binding with it
press /quit
ended phone 0
start call "$PLAINSIP" call --to "sip:alice@$serve"
ended call 1
has_line call.out '^status 480 ' || die "serve: still has the binding"
stop serve
counted serve dropped_unparseable 0
ok
