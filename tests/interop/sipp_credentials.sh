# sipp as the client of `plainsip serve` and `answer --user`: with -au and -ap it gets in; with
# credentials made by hand (md5sum), what is replayed, tampered with, expired or forged stays out.
. tests/interop/digest_lib.sh
need sipp md5sum

# client NAME SCENARIO ARGUMENT...: to $server
client() {
    client_name=$1
    sed "s/@METHOD@/$method/" "tests/interop/$2.xml" >"$WORK/$client_name.xml"
    shift 2
    sipp_start "$client_name" -sf "$WORK/$client_name.xml" -trace_msg \
        -message_file "$WORK/$client_name.messages" -timeout 20 -timeout_error "$server" "$@"
    ended "$client_name" 0 250
}

# ask NAME URI LINE: a $method; sets $got to the status of the answer, and $said to its challenges
ask() {
    client "$1" request_given -m 1 -key uri "$2" -key line "$3"
    sipp_clean "$1" 1
    message "$1" received 1 >"$WORK/$1.answer"
    got=$(sed -n '1s/^SIP\/2\.0 \([0-9]*\) .*/\1/p' "$WORK/$1.answer")
    said=$(grep '^WWW-Authenticate:' "$WORK/$1.answer" | head -n 1)
}
is() { [ "$got" = "$1" ] || { cat "$WORK"/*.answer; die "answered $got, expected $1: $2"; }; }
stale() { printf '%s\n' "$said" | grep -qi 'stale=true' || die "not stale: $1: $said"; }
fresh() { ! printf '%s\n' "$said" | grep -qi 'stale=true' || die "stale: $1: $said"; }

# nonce: a new one, in $nonce
nonce() {
    asked=$((${asked:-0} + 1))
    ask "nonce$asked" "$uri" 'Subject: none'
    is 401 "no credentials"
    fresh "no credentials"
    nonce=$(printf '%s\n' "$said" | parameter nonce)
    [ -n "$nonce" ] || die "no nonce"
}
# given NAME METHOD-OF-THE-HASH NC [NONCE [URI-OF-CREDENTIALS [PASSWORD]]]: asks with these
given() {
    with_nonce=${4:-$nonce} with_uri=${5:-$uri}
    answer=$(response alice here.test "${6:-secret}" "$2" "$with_uri" "$with_nonce" MD5 auth "$3" c0)
    ask "$1" "$uri" "Authorization: Digest username=\"alice\", realm=\"here.test\", \
nonce=\"$with_nonce\", uri=\"$with_uri\", response=\"$answer\", algorithm=MD5, cnonce=\"c0\", \
qop=auth, nc=$3"
}

# what both servers are asked; $method is what they ask credentials for, $server where they are
refusals() {
    which=$1
    uri=sip:$server
    nonce
    given "${which}_right" "$method" 00000001
    is 200 "right credentials"
    given "${which}_next" "$method" 00000002
    is 200 "the next count"
    given "${which}_replay" "$method" 00000002
    is 401 "a count used before"
    stale "a count used before"
    given "${which}_older" "$method" 00000001
    is 401 "an older count"
    nonce
    given "${which}_uri" "$method" 00000001 "$nonce" sip:elsewhere.test
    is 400 "another uri"
    given "${which}_method" MESSAGE 00000001
    is 401 "another method"
    fresh "another method"
    given "${which}_password" "$method" 00000001 "$nonce" "$uri" nonsense
    is 401 "a wrong password"
    fresh "a wrong password"
    # nothing of that has used up the count
    given "${which}_still" "$method" 00000001
    is 200 "right credentials"
    forged=$(printf '%s' "$nonce" | tr '0123456789abcdef' '123456789abcdef0')
    given "${which}_forged" "$method" 00000001 "$forged"
    is 401 "a forged nonce"
    given "${which}_other" "$method" 00000001 dcd98b7102dd2f0e8b11d0f600bfb0c093
    is 401 "a nonce of another server's"
    nonce
    sleep 2.2
    given "${which}_expired" "$method" 00000001
    is 401 "an expired nonce"
    stale "an expired nonce"
}

printf 'alice:secret\nbob:hush\n' >"$WORK/users"
start serve "$PLAINSIP" serve --users "$WORK/users" --realm here.test --listen 127.0.0.1:0 --stats
listening serve
server=127.0.0.1:$port method=REGISTER
client registers register_uac -au alice -ap secret -m 20 -r 100
sipp_clean registers 20
# the right password of somebody else does not do for alice's bindings
client stranger request_given -m 1 -key uri "sip:$server" -key line 'Subject: none'
nonce=$(message stranger received 1 | grep -m 1 '^WWW-Auth' | parameter nonce)
ask bob "sip:$server" "Authorization: Digest username=\"bob\", realm=\"here.test\", \
nonce=\"$nonce\", uri=\"sip:$server\", response=\"$(response bob here.test hush REGISTER \
    "sip:$server" "$nonce" MD5 auth 00000001 c0)\", cnonce=\"c0\", qop=auth, nc=00000001"
is 403 "bob for alice"
stop serve

start serve "$PLAINSIP" serve --users "$WORK/users" --realm here.test --listen 127.0.0.1:0 \
    --nonce-life 2
listening serve
server=127.0.0.1:$port
refusals serve
stop serve

PLAINSIP_PASSWORD=secret
export PLAINSIP_PASSWORD
start answer "$PLAINSIP" answer --user alice --realm here.test --listen 127.0.0.1:0 --stats
listening answer
server=127.0.0.1:$port
client calls invite_uac -au alice -ap secret -m 20 -r 100
sipp_clean calls 20
stop answer
counted answer retransmissions_sent 0

start answer "$PLAINSIP" answer --user alice --realm here.test --listen 127.0.0.1:0 --nonce-life 2
listening answer
server=127.0.0.1:$port method=OPTIONS
refusals answer
stop answer
ok
