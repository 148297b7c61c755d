#!/bin/sh
# Covers what becomes of a call where the far end is odd or does more than most: what `call` says and exits
# with, and what the phone of `call` and `answer` takes and refuses within a call and beside it. The
# far end is scripted (tests/tools/peer.c). Not here: calls between two of ours (check_phones.sh).
set -u
B=${B:-build}
PLAINSIP=${PLAINSIP:-$B/plainsip}
WORK=$B/tests/cli_call
rm -rf "$WORK"
mkdir -p "$WORK"
. tests/tools/processes.sh

# of a response to the last message
headers="> \$via
> \$from
> \$to
> \$callid
> \$cseq
> Contact: <sip:\$me>"
# answering STATUS...: the lines of a response to the INVITE, or what else was kept
answering() {
    printf '#\n> SIP/2.0 %s\n' "$*"
    printf '> $kept.%s\n' via from 'to;tag=far' callid cseq
    echo '> Contact: <sip:$me>'
}
# replying STATUS...: to the last message
replying() { printf '#\n> SIP/2.0 %s\n%s\n' "$*" "$headers"; }
# asking METHOD CSEQ: the lines of a request within the dialog of the INVITE
asking() {
    printf '#\n> %s $kept.contact SIP/2.0\n> Via: SIP/2.0/UDP $me;branch=z9hG4bKfar$n\n' "$1"
    printf '> From:$kept.tovalue;tag=far\n> To:$kept.fromvalue\n> $kept.callid\n'
    printf '> CSeq: %s %s\n> Contact: <sip:$me>\n> Max-Forwards: 70\n' "$2" "$1"
}
# offering PORT MEDIUM PAYLOADS: a session description
offering() {
    printf '> Content-Type: application/sdp\n> \n> v=0\n> o=far 1 %s IN IP4 192.0.2.1\n> s=-\n' "$1"
    printf '> c=IN IP4 192.0.2.1\n> t=0 0\n> m=%s %s RTP/AVP %s\n' "$2" "$1" "$3"
}
# beside METHOD: the lines of a request outside of any dialog to the sender of the last message
beside() {
    printf '#\n> %s $contact SIP/2.0\n> Via: SIP/2.0/UDP $me;branch=z9hG4bKbeside$n\n' "$1"
    printf '> From: <sip:x@$me>;tag=x\n> To: <sip:phone>\n> Call-ID: beside$n\n'
    printf '> CSeq: 1 %s\n> Contact: <sip:$me>\n> Max-Forwards: 70\n' "$1"
}
ends() { # the call, by us: BYE is answered
    echo '< BYE'
    replying 200 OK
}
# calls NAME STATUS ARGUMENT...: against $WORK/script; both come to their end
calls() {
    calls_name=$1 calls_status=$2
    shift 2
    peer far <"$WORK/script"
    start "$calls_name" "$PLAINSIP" call --to "sip:127.0.0.1:$port" --t1 50 --trace=full "$@"
    ended "$calls_name" "$calls_status" 100
    ended far 0 100
}
line() { has_line "$1.out" "$2" || die "$1: no line $2"; }
no_line() { ! has_line "$1.out" "$2" || die "$1: a line $2"; }
says() { has_line "$1.err" "^plainsip call: sip:.*: $2\$" || die "$1: no diagnostics: $2"; }

# ---- calls that came to nothing: never exit 0 ----

{
    echo '< INVITE'
    answering 180 Ringing
    asking BYE 1
    echo '< SIP/2.0 200'
    answering 487 Request Terminated
    echo '< ACK'
} >"$WORK/script"
calls unanswered 1 # 15: a BYE in the early dialog
no_line unanswered '^status 200'
line unanswered '^status 487 Request Terminated$'

{
    echo '< INVITE'
    answering 200 OK
    offering 4000 audio 18
    echo '< ACK'
    ends
} >"$WORK/script"
calls unfit 1 --talk 60
line unfit '^status 200 OK$'
says unfit 'the answer holds no description that fits the offer'

# a 2xx whose Contact cannot be reached: no call
for hop in 'sip:far@127.0.0.1;transport=tcp' sips:far@127.0.0.1; do
    {
        echo '< INVITE'
        answering 200 OK | sed "s/Contact: .*/Contact: <$hop>/"
        offering 4000 audio 0
    } >"$WORK/script"
    calls nowhere 1 --talk 60
    line nowhere '^status 200 OK$'
    says nowhere 'was answered, and then lost: the next hop cannot be reached'
done

{
    echo '< INVITE'
    answering 200 OK
    echo '< ACK'
    ends
} >"$WORK/script"
calls bodyless 1 --talk 60
says bodyless 'the answer holds no description that fits the offer'

{
    echo '< INVITE'
    answering 180 Ringing
    echo '< CANCEL'
    replying 200 OK
    answering 200 OK
    offering 4000 audio 0
    echo '< ACK'
    ends
} >"$WORK/script"
calls overtaken 1 --cancel-after 50
says overtaken 'was answered before it was cancelled'

{
    echo '< INVITE'
    answering 200 OK
    offering 4000 audio 0
    echo '< ACK'
    ends
} >"$WORK/script"
calls early 1 --cancel-after 60000 --talk 0
says early 'was answered before it was cancelled'

# ---- 13.2.1: the answer in a 1xx ----

{
    echo '< INVITE'
    answering 183 Session Progress
    offering 4000 audio 8
    answering 183 Session Progress
    offering 4002 audio 8
    answering 200 OK
    echo '< ACK'
    ends
} >"$WORK/script"
calls before 0 --talk 0
line before '^media audio 192\.0\.2\.1:4000 PCMA/8000 sendrecv$'
[ ! -s "$WORK/before.err" ] || ! has_line before.err '^plainsip' || die "before: diagnostics"

{
    echo '< INVITE'
    answering 183 Session Progress
    offering 4000 audio 8
    answering 200 OK
    offering 4004 audio 0
    echo '< ACK'
    ends
} >"$WORK/script"
calls twice 0 --talk 0
line twice '^media audio 192\.0\.2\.1:4004 PCMU/8000 sendrecv$'

# ---- bodies of several parts (8.2.3, RFC 5621) ----

# parts PORT: the description stands second, behind what need not be understood
parts() {
    printf '> Content-Type: multipart/mixed;boundary=b\n> \n> --b\n> Content-Type: text/plain\n'
    printf '> Content-Disposition: render;handling=optional\n> \n> hello\n> --b\n'
    offering "$1" audio 8
    echo '> --b--'
}
{
    echo '< INVITE'
    answering 200 OK
    parts 4020
    echo '< ACK'
    asking INVITE 1
    parts 4022
    echo '< SIP/2.0 200'
    asking ACK 1
    asking MESSAGE 2
    printf '> Content-Type: text/html\n> \n> <b>\n'
    echo '< SIP/2.0 415'
    asking BYE 3
    echo '< SIP/2.0 200'
} >"$WORK/script"
calls parts 0 --talk 60
line parts '^media audio 192\.0\.2\.1:4020 PCMA/8000 sendrecv$'
has_line parts.err '\| Accept: text/plain$' || die "parts: a 415 without Accept"
no_line parts '^message'

# ---- what comes within a call ----

{
    echo '< INVITE'
    answering 200 OK
    offering 4000 audio 0
    echo '< ACK'
    asking UPDATE 1 # a refresh
    echo '< SIP/2.0 200'
    asking INVITE 2 # without an offer: the 2xx has it, the ACK the answer
    echo '< SIP/2.0 200'
    asking ACK 2
    offering 4010 audio 8
    asking INVITE 3 # the session goes on: they hold
    offering 4010 audio 8
    echo '> a=sendonly'
    echo '< SIP/2.0 200'
    asking ACK 3
    asking INVITE 4
    offering 4012 video 31
    echo '< SIP/2.0 488'
    asking ACK 4
    asking INVITE 5
    offering 4012 audio 18
    echo '< SIP/2.0 488'
    asking ACK 5
    asking INVITE 6
    printf '> Content-Type: application/sdp\n> \n> nonsense\n'
    echo '< SIP/2.0 488'
    asking ACK 6
    asking INFO 7
    echo '< SIP/2.0 200'
    asking MESSAGE 8
    printf '> Content-Type: text/plain\n> \n> in a call\n'
    echo '< SIP/2.0 200'
    asking OPTIONS 9
    echo '< SIP/2.0 200'
    asking REFER 10
    echo '< SIP/2.0 405'
    asking BYE 11
    echo '< SIP/2.0 200'
} >"$WORK/script"
calls within 0 --talk 60
line within '^message in a call\\x0d\\x0a$'
# told N REGEX: so many lines of the trace
told() {
    [ "$(grep -cE -e "$2" "$WORK/within.err")" -eq "$1" ] || die "within: not $1 lines of $2"
}
told 1 '\| a=recvonly$'
told 2 '\| m=audio .* RTP/AVP 0 8 101$' # the first INVITE's, and the offer in the 2xx
told 1 '\| Warning: 304 127\.0\.0\.1:[0-9]+ "'
told 1 '\| Warning: 305 127\.0\.0\.1:[0-9]+ "'
told 1 '\| Warning: 399 127\.0\.0\.1:[0-9]+ "'

# ---- what comes beside it ----

for method in OPTIONS INVITE; do # 11.2: what an INVITE would get, other ones do
    {
        echo '< INVITE'
        beside $method
        echo '< SIP/2.0 486'
        answering 404 Not Found
        echo '< ACK'
    } >"$WORK/script"
    calls busy 1
done

# who only asks takes no calls, and says so
for method in OPTIONS MESSAGE SUBSCRIBE; do
    {
        echo "< $method"
        echo =
        for other in 'OPTIONS 200' 'MESSAGE 405' 'INFO 405' 'NOTTHIS 501' 'INVITE 405'; do
            # not every request has a Contact
            beside ${other% *} | sed 's/\$contact/sip:you@127.0.0.1/'
            echo "< SIP/2.0 ${other#* }"
        done
        answering 404 Not Found
    } >"$WORK/script"
    peer far <"$WORK/script"
    case $method in
    OPTIONS) set -- options "sip:127.0.0.1:$port" ;;
    MESSAGE) set -- message "sip:127.0.0.1:$port" hello ;;
    SUBSCRIBE) set -- subscribe "sip:127.0.0.1:$port" --event presence ;;
    esac
    start client "$PLAINSIP" "$@" --trace=full
    ended client 1 100
    ended far 0 100
    line client '^status 404 '
    for header in Accept: Supported:; do
        has_line client.err "\| $header\$" || die "$method: OPTIONS is not told $header"
    done
    [ "$(grep -cE '\| Allow: OPTIONS(, NOTIFY)?$' "$WORK/client.err")" -eq 5 ] ||
        die "$method: not every answer has Allow"
done

# ---- answer ----

for status in 302 486 603; do
    start phone "$PLAINSIP" answer --listen 127.0.0.1:0 --status $status
    listening phone
    start asked "$PLAINSIP" options "sip:127.0.0.1:$port"
    ended asked 1
    line asked "^status $status "
    line asked '^Allow: INVITE, '
    line asked '^Accept: application/sdp, text/plain$'
    no_line asked '^Contact'
    stop phone
done

start phone "$PLAINSIP" answer --listen 127.0.0.1:0 --trace=full
listening phone
phone=$port
start follower "$PLAINSIP" subscribe "sip:127.0.0.1:$phone" --event presence
ended follower 1
line follower '^status 489 '
! has_line phone.err '\| Allow-Events' || die "phone: an Allow-Events of nothing (RFC 6665 8.2.2)"
{
    beside INVITE | sed "s/\$contact/sip:127.0.0.1/"
    offering 4000 video 31
    echo '< SIP/2.0 180'
    echo '< SIP/2.0 488'
} >"$WORK/script"
peer far "$phone" <"$WORK/script"
ended far 0 100
has_line phone.err '\| Warning: 304 127\.0\.0\.1:[0-9]+ "' || die "phone: 488 without Warning"
stop phone

# a refusal that cannot be written, and a CANCEL: the call's object is given back once
start phone "$PLAINSIP" answer --listen 127.0.0.1:0 --t1 50
listening phone
phone=$port
big() { # METHOD DISPLAY N
    printf '%s sip:a SIP/2.0\r\nv:SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKbig%s\r\n' "$1" "$3"
    printf 'f:"%s"<sip:b>;tag=1\r\nt:<sip:a>\r\ni:big%s\r\nCSeq:1 %s\r\n' "$2" "$3" "$1"
    printf 'm:<sip:b@127.0.0.1:9>\r\n'
    for via in 1 2 3 4 5 6 7 8 9 10; do # each is longer in the response
        printf 'v:SIP/2.0/UDP h\r\nv:SIP/2.0/UDP h\r\n'
    done
    printf '\r\n'
}
for n in 1 2 3; do
    long=$(printf '%064000d' 0)
    big INVITE "$long" $n >"$WORK/invite"
    long=$(printf "%0$((65507 - $(wc -c <"$WORK/invite")))d%s" 0 "$long") # the largest datagram
    big INVITE "$long" $n >"$WORK/invite"
    big CANCEL x $n >"$WORK/cancel"
    datagram "$phone" "$WORK/invite" && datagram "$phone" "$WORK/cancel" || break
done
for n in 1 2 3; do
    start after "$PLAINSIP" call --to "sip:127.0.0.1:$phone" --talk 0
    ended after 0 100
done
stop phone
exit 0
