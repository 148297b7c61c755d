#!/bin/sh
# plainsip sdp: every description explained, faults told by line and column, answers, and what is
# said about a wrong command line. Not here: what is valid (test_sdp, test_sdp_faults).
set -u
B=${B:-build}
P=$B/plainsip
work=$B/tests/sdp
rc=0
mkdir -p "$work"

fail() {
    echo "plainsip sdp: $*"
    cat "$work/out" "$work/err"
    rc=1
}

# runs STATUS ARGUMENT...: leaves standard output in out, standard error in err
runs() {
    want=$1
    shift
    "$P" sdp "$@" >"$work/out" 2>"$work/err"
    got=$?
    [ $got -eq "$want" ] || fail "$*: exit $got, expected $want"
}

# says FILE TEXT: the text stands in out or err
says() {
    grep -qF -e "$2" "$work/$1" || fail "no '$2' in $1"
}

for f in tests/traces/sdp/*.sdp; do
    runs 0 "$f"
    says out valid
    runs 0 --json "$f"
    says out '"valid":true'
    [ "$(wc -l <"$work/out")" -eq 1 ] || fail "--json $f: not one line"
done

runs 0 tests/traces/sdp/phone-order.sdp
says out 'note: line 6: a line stands after one that it should precede'
runs 1 --strict tests/traces/sdp/phone-order.sdp
says err 'phone-order.sdp:6:1: '
[ -s "$work/out" ] && fail "a fault is no result"

printf 'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=\303\251\377"\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n' >"$work/good"
printf 'm=audio 4000/2 RTP/AVP 96\r\na=rtpmap:96 L16/44100/2\r\na=ptime:2.5\r\na=own\r\n' >>"$work/good"
runs 0 "$work/good"
says out '; payload type 96 is L16 at 44100 Hz, 2 channels'
says out '; 2.5 ms'
says out 'attribute, kept as it is'
runs 0 --json "$work/good"
says out '"name":"'"$(printf '\303\251')"'\udcff\""'
says out '"port":4000,"ports":2,"protocol":"RTP/AVP","formats":["96"],"address":"192.0.2.1","direction":"sendrecv"'

sed 's/4000/65536/' "$work/good" >"$work/bad"
runs 1 "$work/bad"
says err "$work/bad:6:9: malformed SDP line: expected a port, 0 to 65535 (RFC 8866 5.14)"
runs 1 --json "$work/bad"
says out '"valid":false,"error":"malformed SDP line","line":6,"column":9,"offset":74,'
says out '"rfc":"RFC 8866 5.14"'
sed 's/L16.44100/L16\/0/' "$work/good" >"$work/bad"
runs 1 "$work/bad"
says err "$work/bad:7:17: malformed SDP line: expected a clock rate above 0 (RFC 8866 6.6)"
"$P" sdp <"$work/good" >"$work/out" 2>"$work/err" || fail "standard input"
says out valid
"$P" sdp --json - <"$work/good" >"$work/out" 2>"$work/err" || fail "standard input as -"
says out '"file":"-"'

# answers: RFC 3264 10.1
printf 'v=0\r\no=alice 2890844526 2890844526 IN IP4 host.anywhere.com\r\ns= \r\nc=IN IP4 host.anywhere.com\r\nt=0 0\r\nm=audio 49170 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\nm=video 51372 RTP/AVP 31\r\na=rtpmap:31 H261/90000\r\nm=video 53000 RTP/AVP 32\r\na=rtpmap:32 MPV/90000\r\n' >"$work/offer"
printf 'v=0\r\no=bob 2890844730 2890844730 IN IP4 host.example.com\r\ns= \r\nc=IN IP4 host.example.com\r\nt=0 0\r\nm=audio 49920 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\nm=video 53000 RTP/AVP 32\r\na=rtpmap:32 MPV/90000\r\n' >"$work/can"
printf 'v=0\r\no=bob 2890844730 2890844730 IN IP4 host.example.com\r\ns= \r\nc=IN IP4 host.example.com\r\nt=0 0\r\nm=audio 49920 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\nm=video 0 RTP/AVP 31\r\nm=video 53000 RTP/AVP 32\r\na=rtpmap:32 MPV/90000\r\n' >"$work/answer"
runs 0 --answer "$work/can" "$work/offer"
cmp -s "$work/out" "$work/answer" || fail "not the answer of RFC 3264 10.1"
runs 1 --answer tests/traces/sdp/fax-t38-udptl.sdp "$work/offer"
says err 'no common media'
runs 1 --answer "$work/can" "$work/bad"
runs 2 --answer "$work/bad" "$work/offer"
says err "$work/bad:7:17"
runs 2 --answer "$work/can"
says err '--answer'
runs 2 --answer "$work/can" "$work/offer" more
says err more
runs 2 --answer "$work/can" "$work/absent"
says err "$work/absent"
runs 2 --answer "$work/absent" "$work/offer"
says err "$work/absent"

runs 2 "$work/absent"
says err "$work/absent"
runs 2 --nothing
says err '--nothing'
runs 2 "$work/good" "$work/offer"
says err "$work/offer"
[ "$(wc -l <"$work/err")" -eq 1 ] || fail "more than one line on standard error"
runs 0 --help
says out 'plainsip sdp --answer phone.sdp offer.sdp'
exit $rc
