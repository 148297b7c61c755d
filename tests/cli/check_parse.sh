#!/bin/sh
# plainsip parse and plainsip uri: the JSON of the contract, escapes, exit statuses, what is said of
# invalid input and of a wrong command line, canonical rewriting. Not here: the grammar (tests/unit).
set -u
B=${B:-build}
P=$B/plainsip
T=tests/traces
work=$B/tests/parse
rc=0
mkdir -p "$work"

complain() {
    echo "$*"
    rc=1
}

# run STATUS ARGUMENT...: exits with STATUS; output in $work/out, diagnostics in $work/err
run() {
    wanted=$1
    shift
    "$P" "$@" >"$work/out" 2>"$work/err" </dev/null
    status=$?
    [ $status -eq "$wanted" ] || complain "plainsip $*: exit $status, expected $wanted"
}
has() { grep -qF -e "$1" "$work/out" || complain "not printed: $1 (but: $(head -c 300 "$work/out"))"; }
lines() { [ "$(wc -l <"$work/out")" -eq "$1" ] || complain "$(wc -l <"$work/out") lines, expected $1"; }

# refused NAME ARGUMENT...: exit 2, nothing printed, one line of diagnostics that names it
refused() {
    name=$1
    shift
    run 2 "$@"
    [ ! -s "$work/out" ] || complain "plainsip $*: printed something"
    { [ "$(wc -l <"$work/err")" -eq 1 ] && grep -qF -e "$name" "$work/err"; } ||
        complain "plainsip $*: diagnostics do not name $name: $(cat "$work/err")"
}

# ---- parse ----

run 0 parse --json $T/000-INVITE.sip $T/002-180.sip
lines 2
has '{"file":"tests/traces/000-INVITE.sip","valid":true,"kind":"request","method":"INVITE","request_uri":"sip:'
has '"kind":"response","status":180,"reason":"Ringing","headers":[{"name":"Via","as_written":"Via","value":"SIP/2.0/UDP '
has '"body_length":0}'

run 0 parse --json $T/rfc4475/wsinv.sip
has '{"name":"Contact","as_written":"m","value":"\"Quoted string \\\"\\\"\" <sip:jdrosen@example.com> ; newparam = newvalue ; secondparam ; q = 0.33"}'
has '"name":"Subject","as_written":"s","value":""'
run 0 parse --json $T/rfc4475/intmeth.sip
has 'NUL:\\\u0000'
has '大停電'

run 1 parse --json $T/rfc4475/ncl.sip $T/rfc4475/bigcode.sip $T/000-INVITE.sip
lines 3
has '"valid":false,"error":"Content-Length does not fit the message","offset":326,"rfc":"RFC 3261 18.3","answer":400}'
has '{"file":"tests/traces/rfc4475/ncl.sip","header":"Content-Length","valid":false,'
has '{"file":"tests/traces/rfc4475/bigcode.sip","header":null,"valid":false,'
has '"rfc":"RFC 3261 7.2","answer":null}'
run 1 parse $T/rfc4475/unkscm.sip
has 'invalid: unknown URI scheme at byte 8 (RFC 3261 8.2.2.1), answer 416'

# every message of both RFCs: what a server owes is what the tables say
for folder in rfc4475 rfc5118; do
    grep -v '^#' $T/$folder/verdicts.tsv | cut -f 1,4 | while read -r name answer; do
        "$P" parse --json $T/$folder/$name.sip >"$work/one"
        case $answer in
        -) expected='"valid":true' ;;
        drop) expected='"answer":null}' ;;
        *) expected="\"answer\":$answer}" ;;
        esac
        grep -qF -e "$expected" "$work/one" || echo "$folder/$name: no $expected in $(cat "$work/one")"
    done
done >"$work/verdicts"
[ -s "$work/verdicts" ] && { cat "$work/verdicts"; rc=1; }

# standard input, and bytes that are no UTF-8
printf 'OPTIONS sip:a SIP/2.0\nVia: SIP/2.0/UDP h\nf: <sip:a@b>;tag=1\nt: <sip:b>\ni: x\nCSeq: 1 OPTIONS\nSubject: \377\303\250\n\n' >"$work/latin"
"$P" parse --json <"$work/latin" >"$work/out" || complain "standard input: exit $?"
has '"file":"-","valid":true'
has '{"name":"From","as_written":"f","value":"<sip:a@b>;tag=1"}'
has '"value":"\udcffè"'
run 0 parse "$work/latin"
has 'Subject: \xffè'
has '    ;tag=1'

run 0 parse --rewrite "$work/latin"
tr -d '\r' <"$work/out" >"$work/canonical"
grep -qxF 'From: <sip:a@b>;tag=1' "$work/canonical" || complain "compact form not written in full"
grep -qxF 'Content-Length: 0' "$work/canonical" || complain "Content-Length not written"
cp "$work/out" "$work/first"
run 0 parse --rewrite "$work/first"
cmp -s "$work/first" "$work/out" || complain "rewriting a canonical message changes it"
run 1 parse --rewrite $T/rfc4475/ncl.sip
[ ! -s "$work/out" ] || complain "an invalid message was rewritten"

refused no/such/file parse no/such/file
refused --jsn parse --jsn
refused --rewrite parse --rewrite --json $T/000-INVITE.sip
run 0 parse --help
has Example

# ---- uri ----

run 0 uri 'sip:al%69ce;x:pw@[2001:db8::1]:5070;transport=tcp;lr?Subject=a&To='
for line in 'scheme: sip' 'user: al%69ce;x' 'password: pw' 'host: [2001:db8::1]' 'port: 5070' \
    'parameter: transport=tcp' 'parameter: lr' 'header: Subject=a' 'header: To='; do has "$line"; done
run 0 uri --json 'sips:example.com'
has '{"uri":"sips:example.com","valid":true,"scheme":"sips","user":null,"password":null,"host":"example.com","port":null,"parameters":[],"headers":[],"opaque":null}'
run 0 uri --json 'tel:+1-201-555-0123;phone-context=x'
has '"parameters":[{"name":"phone-context","value":"x"}]'
run 0 uri urn:service:sos
has 'opaque: service:sos'
run 1 uri 'sip:alice@'
has 'invalid: malformed host at byte 10 (RFC 3261 19.1.1)'
run 1 uri --json 'sip:a@b:x'
has '{"uri":"sip:a@b:x","valid":false,"error":"malformed port","offset":8,"rfc":"RFC 3261 19.1.1"}'

run 0 uri 'sip:%61lice@atlanta.com;transport=TCP' 'sip:alice@AtLanTa.CoM;Transport=tcp'
[ "$(cat "$work/out")" = equal ] || complain "not 'equal': $(cat "$work/out")"
run 1 uri sip:ALICE@AtLanTa.CoM sip:alice@AtLanTa.CoM
has 'different: user'
run 1 uri sip:bob@biloxi.com sip:bob@biloxi.com:5060
has 'different: port'
run 1 uri sip:a@b 'sip:a@b@c'
has 'different: '

refused URI uri
refused -x uri -x
refused three uri one two three
refused two uri --json one two
run 0 uri --help
has Example
exit $rc
