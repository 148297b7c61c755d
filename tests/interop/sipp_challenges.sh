# sipp as a server that challenges, each way that servers do: what `plainsip register` and `call`
# answer is computed again with md5sum and sha256sum.
. tests/interop/digest_lib.sh
need sipp md5sum sha256sum
export PLAINSIP_PASSWORD=secret
crlf=$(printf '\r\n.') crlf=${crlf%.}

# server NAME SCENARIO CODE ARGUMENT...: the scenario with its statuses and its part filled in (sipp
# takes no variables there); sets $port
part=/dev/null final=200 again='Server: sipp'
server() {
    server_name=$1
    sed -e "/^@AGAIN@/r $part" -e '/^@AGAIN@/d' -e "s/@CODE@/$3/;s/@FINAL@/$final/" \
        "tests/interop/$2.xml" >"$WORK/$server_name.xml"
    shift 3
    sipp_peer "$server_name" -sf "$WORK/$server_name.xml" -m 1 -timeout 20 -timeout_error \
        -trace_msg -message_file "$WORK/$server_name.messages" -key again "$again" "$@"
}
register() { # NAME STATUS
    start "$1" "$PLAINSIP" register --once --aor sip:alice@here.test --user alice \
        --registrar "127.0.0.1:$port" --listen 127.0.0.1:0 --stats
    ended "$1" "$2"
}
www() { printf 'WWW-Authenticate: Digest %s' "$1"; }
proxy() { printf 'Proxy-Authenticate: Digest %s' "$1"; }

# same_but FILE FILE: 22.2: the second has the first's Call-ID and From, and CSeq one higher
same_but() {
    for field in Call-ID From; do
        [ "$(grep "^$field:" "$1")" = "$(grep "^$field:" "$2")" ] || die "$field has changed"
    done
    first=$(sed -n 's/^CSeq: \([0-9]*\) .*/\1/p' "$1")
    second=$(sed -n 's/^CSeq: \([0-9]*\) .*/\1/p' "$2")
    [ "$second" = $((first + 1)) ] || die "CSeq went from $first to $second"
}

# once NAME CODE CHALLENGE REALM: a REGISTER, challenged once
once() {
    server "${1}_server" register_challenged "$2" -key challenge "$3"
    register "$1" 0
    ended "${1}_server" 0 100
    sipp_clean "${1}_server" 1
    has_line "$1.out" '^status 200 Done$' || die "$1: no status"
    for nth in 1 2; do
        message "${1}_server" received $nth REGISTER >"$WORK/$1.$nth"
    done
    ! grep -qi '^\(Proxy-\)\{0,1\}Authorization:' "$WORK/$1.1" || die "$1: credentials at first"
    same_but "$WORK/$1.1" "$WORK/$1.2"
    right "$WORK/$1.2" "$4" alice secret
}
is() { [ "$(value "$1")" = "$2" ] || die "$1 is not '$2': $header"; }

once r401 401 "$(www 'realm="here.test", nonce="n1", qop="auth"')" here.test
is qop auth && is nc 00000001 && is nonce n1
grep -q '^Authorization:' "$WORK/r401.2" || die "r401: another header"
once r407 407 "$(proxy 'realm="proxy.test", nonce="n2", opaque="o p", qop="auth,auth-int"')" proxy.test
is qop auth && is opaque 'o p'
grep -q '^Proxy-Authorization:' "$WORK/r407.2" || die "r407: another header"
once noqop 401 "$(www 'realm="here.test", nonce="n3"')" here.test
is qop '' && is nc '' && is cnonce ''
once authint 401 "$(www 'realm="here.test", nonce="n4", qop="auth-int"')" here.test
is qop auth-int
once sha256 401 "$(www 'realm="here.test", nonce="n5", qop="auth", algorithm=SHA-256')" here.test
is algorithm SHA-256
# MD5 beside SHA-256: the topmost that is known (RFC 8760 2.4)
md5=$(www 'realm="here.test", nonce="n6", qop="auth", algorithm=MD5')
sha=$(www 'realm="here.test", nonce="n7", qop="auth", algorithm=SHA-256')
new=$(www 'realm="here.test", nonce="n8", qop="auth", algorithm=SHA3-512')
once upper 401 "$sha$crlf$md5" here.test
is nonce n7 && is algorithm SHA-256
once lower 401 "$md5$crlf$sha" here.test
is nonce n6 && is algorithm MD5
once unknown 401 "$new$crlf$sha$crlf$md5" here.test
is nonce n7

# a stale nonce is no reason to give up
part=tests/interop/register_challenged_again.part
again=$(www 'realm="here.test", nonce="new", qop="auth", stale=true')
server stale_server register_challenged 401 \
    -key challenge "$(www 'realm="here.test", nonce="old", qop="auth"')"
register stale 0
ended stale_server 0 100
sipp_clean stale_server 1
message stale_server received 3 REGISTER >"$WORK/stale.3"
right "$WORK/stale.3" here.test alice secret
is nonce new && is nc 00000001

# a wrong password is: asked again without stale, we say no third thing
part=/dev/null final=401
again=$(www 'realm="here.test", nonce="two", qop="auth"')
server wrong_server register_challenged 401 \
    -key challenge "$(www 'realm="here.test", nonce="one", qop="auth"')"
register wrong 1
ended wrong_server 0 100
has_line wrong.out '^status 401 Done$' || die "wrong: no status"
counted wrong messages_sent 2

# calls
caller() { # NAME CODE ARGUMENT...
    caller_name=$1 code=$2
    shift 2
    server "${caller_name}_server" invite_challenged "$code" "$@"
    start "$caller_name" "$PLAINSIP" call --to "sip:bob@127.0.0.1:$port" --user alice --talk 0 \
        --listen 127.0.0.1:0
    ended "$caller_name" 0
    ended "${caller_name}_server" 0 100
    sipp_clean "${caller_name}_server" 1
    for nth in 1 2 3; do
        message "${caller_name}_server" received $nth INVITE >"$WORK/$caller_name.$nth"
    done
    same_but "$WORK/$caller_name.1" "$WORK/$caller_name.2"
}
caller i401 401 -key challenge "$(www 'realm="here.test", nonce="n1", qop="auth"')"
right "$WORK/i401.2" here.test alice secret
caller i407 407 \
    -key challenge "$(proxy 'realm="proxy.test", nonce="n1", qop="auth-int", algorithm=SHA-256')"
right "$WORK/i407.2" proxy.test alice secret
is qop auth-int && is algorithm SHA-256
# two realms in one answer
caller both 407 -key challenge \
    "$(proxy 'realm="one.test", nonce="n1", qop="auth"')$crlf$(proxy 'realm="two.test", nonce="n2"')"
right "$WORK/both.2" one.test alice secret
right "$WORK/both.2" two.test alice secret
# ... and one behind the other: the proxy's, then the phone's
part=tests/interop/invite_challenged_again.part
again=$(www 'realm="here.test", nonce="n2", qop="auth"')
caller chain 407 -key challenge "$(proxy 'realm="proxy.test", nonce="n1", qop="auth"')"
right "$WORK/chain.2" proxy.test alice secret
right "$WORK/chain.3" proxy.test alice secret
is nc 00000002
right "$WORK/chain.3" here.test alice secret
is nc 00000001
same_but "$WORK/chain.2" "$WORK/chain.3"
# what was agreed on goes into ACK and BYE unasked
message chain_server received 1 BYE >"$WORK/chain.bye"
right "$WORK/chain.bye" here.test alice secret
ok
