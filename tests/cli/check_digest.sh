#!/bin/sh
# plainsip digest: the published examples, the captured phones' answers, every option, and what is
# said about a wrong command line. Not here: the wire.
set -u
B=${B:-build}
P=$B/plainsip
work=$B/tests/digest
rc=0
mkdir -p "$work"

# want EXPECTED ARGUMENT...: prints that, exits 0
want() {
    expected=$1
    shift
    got=$("$P" digest "$@" 2>"$work/err")
    status=$?
    [ $status -eq 0 ] && [ "$got" = "$expected" ] && return
    echo "plainsip digest $*: exit $status, '$got', expected '$expected'"
    cat "$work/err"
    rc=1
}

# refused NAME ARGUMENT...: exits 2, one line on standard error that holds NAME, nothing printed
refused() {
    name=$1
    shift
    got=$("$P" digest "$@" 2>"$work/err")
    status=$?
    [ $status -eq 2 ] && [ -z "$got" ] && [ "$(wc -l <"$work/err")" -eq 1 ] &&
        grep -qF -e "$name" "$work/err" && return
    echo "plainsip digest $*: exit $status, '$got', expected 2 and a line with $name"
    cat "$work/err"
    rc=1
}

# RFC 2617 3.5
export PLAINSIP_PASSWORD='Circle Of Life'
rfc2617="--user Mufasa --realm testrealm@host.com --method GET --uri /dir/index.html
    --nonce dcd98b7102dd2f0e8b11d0f600bfb0c093"
want 6629fae49393a05397450978507c4ef1 $rfc2617 --qop auth --nc 00000001 --cnonce 0a4f113b
want 6629fae49393a05397450978507c4ef1 $rfc2617 --qop auth --nc 1 --cnonce 0a4f113b --algorithm md5
# by RFC 2069's formula; computed with another implementation of MD5
want 670fd8c2df070c60b045671b8b24ff02 $rfc2617

# RFC 7616 3.9.1
rfc7616="--user Mufasa --realm http-auth@example.org --method GET --uri /dir/index.html
    --nonce 7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v --qop auth --nc 00000001
    --cnonce f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
export PLAINSIP_PASSWORD='Circle of Life'
want 8ca523f5e9506fed4657c9700eebdbec $rfc7616
want 753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1 $rfc7616 --algorithm SHA-256

# the captured answers, with the password in a file; the second line is not read
answer() {
    file=$1 method=$2
    header=$(grep -a 'uthorization: Digest' "tests/traces/$file" | tr -d '\r')
    value() { printf '%s\n' "$header" | sed -n "s/.*[ ,]$1=\"\{0,1\}\([^\",]*\).*/\1/p"; }
    want "$(value response)" --user "$(value username)" --realm "$(value realm)" \
        --method "$method" --uri "$(value uri)" --nonce "$(value nonce)" --qop auth \
        --nc "$(value nc)" --cnonce "$(value cnonce)" --password-file "$work/password"
}
unset PLAINSIP_PASSWORD
printf '123456\nsecond line\n' >"$work/password"
answer 013-REGISTER.sip REGISTER
printf '1234\r\n' >"$work/password"
answer 022-INVITE.sip INVITE
printf '1234' >"$work/password"
answer 032-REGISTER.sip REGISTER

# auth-int and -sess, computed by hand with md5sum
export PLAINSIP_PASSWORD=pw
printf 'v=0\r\n' >"$work/body"
: >"$work/empty"
md5() { printf '%s' "$1" | md5sum | cut -d ' ' -f 1; }
ha1=$(md5 u:r:pw)
ha2=$(md5 "MESSAGE:sip:b:$(md5sum <"$work/body" | cut -d ' ' -f 1)")
plain="--user u --realm r --method MESSAGE --uri sip:b --nonce n"
want "$(md5 "$ha1:n:0000000a:c:auth-int:$ha2")" $plain --qop auth-int --nc a --cnonce c \
    --body "$work/body"
ha2=$(md5 "MESSAGE:sip:b:$(md5 '')")
want "$(md5 "$ha1:n:0000000a:c:auth-int:$ha2")" $plain --qop auth-int --nc a --cnonce c
want "$(md5 "$ha1:n:0000000a:c:auth-int:$ha2")" $plain --qop auth-int --nc a --cnonce c \
    --body "$work/empty"
want "$(md5 "$(md5 "$ha1:n:c"):n:0000000a:c:auth:$(md5 MESSAGE:sip:b)")" $plain --qop auth \
    --nc a --cnonce c --algorithm MD5-sess
head -c 200000 /dev/zero >"$work/long"
want "$(md5 "$ha1:n:0000000a:c:auth-int:$(md5 "MESSAGE:sip:b:$(md5sum <"$work/long" | cut -d ' ' -f 1)")")" \
    $plain --qop auth-int --nc a --cnonce c --body "$work/long"

# a password that is set but empty is one
export PLAINSIP_PASSWORD=
want "$(md5 "$(md5 u:r:):n:$(md5 MESSAGE:sip:b)")" $plain
unset PLAINSIP_PASSWORD
want "$(md5 "$(md5 u:r:):n:$(md5 MESSAGE:sip:b)")" $plain --password-file "$work/empty"

refused PLAINSIP_PASSWORD $plain
refused "$work/absent" $plain --password-file "$work/absent"
refused "$work" $plain --password-file "$work"
refused "$work/long" $plain --password-file "$work/long"
export PLAINSIP_PASSWORD=pw
refused --nonce --user u --realm r --method M --uri sip:b
refused --user
refused --pasword $plain --pasword pw
refused --password $plain --password pw
refused --uri $plain --uri
refused --qop $plain --qop auth-conf --nc 1 --cnonce c
refused --nc $plain --qop auth --cnonce c
refused --nc $plain --qop auth --cnonce c --nc 123456789
refused --nc $plain --qop auth --cnonce c --nc g
refused --cnonce $plain --qop auth --nc 1
refused --cnonce $plain --algorithm SHA-256-sess
refused --algorithm $plain --algorithm SHA-1
refused "$work/absent" $plain --qop auth-int --nc 1 --cnonce c --body "$work/absent"

"$P" digest --help >"$work/help" && grep -q '^Example' "$work/help" ||
    { echo "no help with an example"; rc=1; }
# the help's own example
eval "got=\$($(sed -n '/^Example/,$p' "$work/help" | sed '1d;s/\\$//' | tr -d '\n' |
    sed "s|plainsip digest|'$P' digest|"))"
[ "$got" = 6629fae49393a05397450978507c4ef1 ] || { echo "the help's example prints '$got'"; rc=1; }
exit $rc
