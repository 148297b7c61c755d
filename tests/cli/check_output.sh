#!/bin/sh
# Covers what reaches the terminal: nothing of what a peer or a file holds but escaped, and never less than
# everything: output that cannot be written is an error. Also the warning about a password that
# others may read, and --version. Not here: what the commands say (check_phones.sh, check_call.sh).
set -u
B=${B:-build}
PLAINSIP=${PLAINSIP:-$B/plainsip}
WORK=$B/tests/cli_output
rm -rf "$WORK"
mkdir -p "$WORK"
. tests/tools/processes.sh

run() { # NAME STATUS COMMAND...: to the end
    run_name=$1 run_status=$2
    shift 2
    start "$run_name" "$PLAINSIP" "$@"
    ended "$run_name" "$run_status" 100
}
# shows FILE TEXT: the text stands in it, literally
shows() { grep -qF -e "$2" "$WORK/$1" || die "$1: does not show $2"; }
# clean FILE: printable ASCII and é alone
clean() {
    [ "$(LC_ALL=C tr -d '\012\040-\176\303\251' <"$WORK/$1" | wc -c)" -eq 0 ] ||
        die "$1: bytes that are not escaped: $(LC_ALL=C tr -d '\012\040-\176' <"$WORK/$1" | od -c)"
}

# ESC, BEL, DEL, é; U+009B and the byte 9B; a bidirectional override, isolate and marks; the line
# separator; the byte FF; and the neighbours of each range, which are text
evil='\033[31m\007\177\303\251\302\233\233\342\200\256\342\201\246\342\200\217\330\234\342\200\250\377'
text='\x1b[31m\x07\x7fé\u009b\x9b\u202e\u2066\u200f\u061c\u2028\xff'
json='\u001b[31m\u0007\u007fé\u009b\udc9b\u202e\u2066\u200f\u061c\u2028\udcff'
neighbours='\302\240\342\200\215\342\200\220\342\200\257\342\201\245\342\201\252\330\233\330\235'

# ---- what is explained ----

printf "OPTIONS sip:a SIP/2.0\nVia: SIP/2.0/UDP h\nf: <sip:a@b>;tag=1\nt: <sip:b>\ni: x\n" >"$WORK/m"
printf "CSeq: 1 OPTIONS\nZz: $evil\nWarning: 399 h \"$evil\"\n\n" >>"$WORK/m"
run parse 0 parse "$WORK/m"
clean parse.out
shows parse.out "Zz: $text"
run parse 0 parse --json "$WORK/m"
clean parse.out
shows parse.out "\"value\":\"$json\""
# a backslash that is really there is told from one that is made
printf 'OPTIONS sip:a SIP/2.0\nVia: SIP/2.0/UDP h\nf: <sip:a@b>;tag=1\nt: <sip:b>\ni: x\n' >"$WORK/m"
printf "CSeq: 1 OPTIONS\nSubject: \\\\xff\\\\\\\\udcff $neighbours\n\n" >>"$WORK/m"
run parse 0 parse --json "$WORK/m"
shows parse.out "\"value\":\"\\\\xff\\\\\\\\udcff $(printf "$neighbours")\""
run parse 0 parse "$WORK/m"
shows parse.out "Subject: \\xff\\\\udcff $(printf "$neighbours")"

uri=$(printf "urn:x$evil")
run uri 1 uri "$uri"
clean uri.out
run uri 1 uri --json "$uri"
clean uri.out
shows uri.out "{\"uri\":\"urn:x$json\",\"valid\":false"
run uri 1 uri sip:a "$uri"
clean uri.out
shows uri.out "different: urn:x$text is no URI"
run uri 2 uri sip:a sip:b "$uri"
clean uri.err
run parse 2 parse "$WORK/absent$uri"
clean parse.err
run unknown 2 "$uri"
clean unknown.err

printf "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=$evil\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\na=x:$evil\r\n" \
    >"$WORK/sdp"
run sdp 0 sdp "$WORK/sdp"
clean sdp.out
shows sdp.out "s=$text"
run sdp 0 sdp --json "$WORK/sdp"
clean sdp.out
shows sdp.out "\"name\":\"$json\""
printf 'v=0\r\no' >"$WORK/bad$uri"
run sdp 1 sdp "$WORK/bad$uri"
clean sdp.err

# what is a document stays as it is, but on a terminal
run rewrite 0 parse --rewrite "$WORK/m"
printf "$neighbours" >"$WORK/neighbours"
grep -qF -f "$WORK/neighbours" "$WORK/rewrite.out" || die "rewritten otherwise"
if command -v script >/dev/null 2>&1; then
    printf "OPTIONS sip:a SIP/2.0\nVia: SIP/2.0/UDP h\nf: <sip:a@b>;tag=1\nt: <sip:b>\ni: x\n" >"$WORK/m"
    printf "CSeq: 1 OPTIONS\nZz: $evil\n\n" >>"$WORK/m"
    script -qc "'$PLAINSIP' parse --rewrite '$WORK/m'" "$WORK/typescript" >/dev/null 2>&1 </dev/null
    tr -d '\r' <"$WORK/typescript" | grep -v '^Script ' >"$WORK/terminal"
    clean terminal
    shows terminal "Zz: $text"
else
    echo "note: no script(1) here; the terminal is not tested"
fi

# ---- what peers say ----

ebytes='\x1b[31m\x07\x7f\xc3\xa9\xc2\x9b\x9b\xe2\x80\xae\xe2\x81\xa6\xe2\x80\x8f\xd8\x9c\xe2\x80\xa8\xff'
peer odd <<E
< OPTIONS
> SIP/2.0 200 $ebytes
> \$via
> \$from
> \$to;tag=odd
> \$callid
> \$cseq
> Server: x $ebytes
< MESSAGE
> SIP/2.0 486 $ebytes
> \$via
> \$from
> \$to;tag=odd
> \$callid
> \$cseq
< REGISTER
> SIP/2.0 200 OK
> \$via
> \$from
> \$to;tag=odd
> \$callid
> \$cseq
> Contact: "$ebytes" <sip:a@h>;expires=60
< INVITE
> SIP/2.0 180 $ebytes
> \$via
> \$from
> \$to;tag=odd
> \$callid
> \$cseq
#
> SIP/2.0 603 $ebytes
> \$via
> \$from
> \$to;tag=odd
> \$callid
> \$cseq
> Contact: "$ebytes" <sip:a@h>
< ACK
< SUBSCRIBE
> SIP/2.0 200 OK
> \$via
> \$from
> \$to;tag=odd
> \$callid
> \$cseq
> Contact: <sip:\$me>
> Expires: 0
#
> NOTIFY \$contact SIP/2.0
> Via: SIP/2.0/UDP \$me;branch=z9hG4bKodd
> From:\$tovalue;tag=odd
> To:\$fromvalue
> \$callid
> CSeq: 1 NOTIFY
> Contact: <sip:\$me>
> Max-Forwards: 70
> Event: presence
> Subscription-State: terminated;reason="$ebytes"
> Content-Type: text/plain;x="$ebytes"
> 
> one$ebytes
> two\x0d\x0d
> 
> last
< SIP/2.0 200
E
odd=127.0.0.1:$port
run options 0 options "sip:$odd" --trace=full
shows options.out "status 200 $text"
shows options.out "Server: x $text"
shows options.err "200 $text (1 OPTIONS)"
shows options.err "| Server: x $text"
clean options.out
clean options.err
run message 1 message "sip:$odd" hi
shows message.out "status 486 $text"
clean message.out
run register 0 register --aor sip:a@h --registrar "$odd" --once
shows register.out "contact \"$text\" <sip:a@h>;expires=60"
clean register.out
run call 1 call --to "sip:$odd" --trace=full
shows call.out "status 603 $text"
clean call.out
clean call.err
run subscribe 0 subscribe "sip:$odd" --event presence --expires 0
clean subscribe.out
shows subscribe.out "notify terminated;reason=\"$text\""
shows subscribe.out "content-type text/plain;x=\"$text\""
printf 'one%s\ntwo\\x0d\\x0d\n\nlast\n' "$text" >"$WORK/body"
tail -n 4 "$WORK/subscribe.out" | cmp -s - "$WORK/body" || die "subscribe: the body's lines are others"
ended odd 0

# a MESSAGE is one line, whatever it holds
start told "$PLAINSIP" answer --listen 127.0.0.1:0
listening told
told=$port
run say 0 message "sip:127.0.0.1:$told" "$(printf "a\n$evil\r\nlistening on udp:x")"
await told '^message '
shows told.out "message a\\x0a$text\\x0d\\x0alistening on udp:x"
clean told.out
stop told

# ---- output that cannot be written ----

if [ -c /dev/full ]; then
    start bob "$PLAINSIP" answer --listen 127.0.0.1:0
    listening bob
    bob=127.0.0.1:$port
    # full COMMAND...: says what is wrong, and exits 2
    full() {
        "$PLAINSIP" "$@" >/dev/full 2>"$WORK/full.err" </dev/null
        full_status=$?
        [ $full_status -eq 2 ] || die "plainsip $* >/dev/full: exit $full_status"
        shows full.err 'standard output: cannot be written'
        [ "$(wc -l <"$WORK/full.err")" -eq 1 ] || die "plainsip $*: more than one line"
    }
    full --help
    full --version
    for command in $("$PLAINSIP" --help | sed -n '/^commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
        full "$command" --help
    done
    full parse "$WORK/m"
    full parse --json "$WORK/m"
    full parse --rewrite "$WORK/m"
    full uri sip:a
    full uri --json sip:a
    full uri sip:a sip:a
    full sdp "$WORK/sdp"
    full demo --quiet
    full states
    full states ict --dot
    PLAINSIP_PASSWORD=x full digest --user u --realm r --method M --uri u --nonce n
    full options "sip:$bob"
    full options "sip:$bob" --stats
    full message "sip:$bob" hi
    full subscribe "sip:$bob" --event presence
    full answer --listen 127.0.0.1:0
    full call --to "sip:$bob" --talk 60 --stats
    full register --aor sip:a@b --registrar "$bob"
    printf 'a:b\n' >"$WORK/users"
    chmod 600 "$WORK/users"
    full serve --users "$WORK/users" --listen 127.0.0.1:0
    "$PLAINSIP" options "sip:$bob" --trace >/dev/null 2>/dev/full
    [ $? -eq 2 ] || die "a trace that cannot be written is no error"
    stop bob
else
    echo "note: no /dev/full here; not tested"
fi

# the reader goes: what runs ends in order, its calls, too
mkfifo "$WORK/pipe"
start unread sh -c 'exec "$0" answer --listen 127.0.0.1:0 --trace >"$1"' "$PLAINSIP" "$WORK/pipe"
head -n 1 <"$WORK/pipe" >"$WORK/unread.out"
listening unread
unread=$port
start talking "$PLAINSIP" call --to "sip:127.0.0.1:$unread" --talk 60
await talking '^status 200 OK$'
run say 0 message "sip:127.0.0.1:$unread" 'is anybody there?'
ended unread 2
has_line unread.err '^plainsip answer: standard output: ' || die "unread: says nothing"
has_line unread.err ' -> .* BYE ' || die "unread: no BYE"
ended talking 0

# the trace's reader, too
mkfifo "$WORK/trace"
start unseen sh -c 'exec "$0" answer --listen 127.0.0.1:0 --trace 2>"$1"' "$PLAINSIP" "$WORK/trace"
: <"$WORK/trace"
listening unseen
run say 0 message "sip:127.0.0.1:$port" hello
ended unseen 2

# ---- the rest ----

version=$(awk '/^#define PS_VERSION_(MAJOR|MINOR|PATCH) / { printf "%s%s", dot, $3; dot = "." }' sip/version.h)
[ -n "$version" ] && [ "$("$PLAINSIP" --version)" = "plainsip $version" ] || die "--version"

printf 'secret\n' >"$WORK/password"
chmod 644 "$WORK/password"
set -- digest --user u --realm r --method M --uri u --nonce n --password-file "$WORK/password"
run open 0 "$@"
shows open.err "plainsip digest: $WORK/password: others may read it"
[ "$(wc -l <"$WORK/open.err")" -eq 1 ] || die "more than a warning"
chmod 600 "$WORK/password"
run kept 0 "$@"
[ ! -s "$WORK/kept.err" ] || die "a warning about a file that is nobody else's"
exit 0
