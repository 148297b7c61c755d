# Kamailio as a registrar with Digest: a binding is made, refreshed in time and removed; each kind of
# challenge that it knows is answered; a wrong password is told once.
. tests/interop/kamailio_lib.sh
need kamailio kamcmd

register() { # NAME USER PASSWORD ARGUMENT...
    name=$1 user=$2 password=$3
    shift 3
    start "$name" env PLAINSIP_PASSWORD="$password" "$PLAINSIP" register --stats --trace \
        --aor "sip:$user@plainsip.test" --registrar "$proxy" --user "$user" \
        --listen 127.0.0.1:0 "$@"
}

kamailio_start "" 1

# --once leaves a binding behind, and prints it
register once alice pw-alice --once --expires 600
ended once 0
listening once
has_line once.out '^status 200 OK$' || die "once: no status"
has_line once.out "^contact <sip:alice@127\.0\.0\.1:$port>;expires=600$" || die "once: no contact"
[ "$(bindings alice)" = "sip:alice@127.0.0.1:$port" ] || die "kamailio has $(bindings alice)"
[ "$(grep -c ' -> .* REGISTER ' "$WORK/once.err")" = 2 ] || die "once: not two REGISTERs"

# without --once: refreshed each 2 s of 4 granted, with the nonce that is known, until SIGINT
register kept carol pw-carol --expires 4
await kept '^status 200 OK$'
within 70 sh -c "[ \$(grep -c '^status 200 OK' '$WORK/kept.out') -ge 3 ]" || die "kept: no refresh"
bound carol || die "kamailio does not know carol"
stop kept
unbound carol || die "kamailio still has $(bindings carol)"
[ "$(grep -c '^status 401' "$WORK/kept.out")" = 0 ] || die "kept: a challenge shows"
# one challenge, then REGISTERs that carry the answer unasked: 2 + 2 refreshes + 1 removal
[ "$(grep -c ' <- .* 401 ' "$WORK/kept.err")" = 1 ] || die "kept: challenged again"
[ "$(seen 'REGISTER of carol')" = 4 ] || die "kamailio saw $(seen 'REGISTER of carol') of carol"
counted kept retransmissions_sent 0


# the wrong password: no second try with the same
register wrong dave nonsense
ended wrong 1
has_line wrong.out '^status 401 Unauthorized$' || die "wrong: no status"
[ "$(grep -c ' -> .* REGISTER ' "$WORK/wrong.err")" = 2 ] || die "wrong: not two REGISTERs"
unbound dave || die "kamailio took a wrong password"

# no credentials at all
start none "$PLAINSIP" register --aor sip:dave@plainsip.test --registrar "$proxy" \
    --listen 127.0.0.1:0 --once
ended none 1
has_line none.out '^status 401 Unauthorized$' || die "none: no status"
kamailio_stop

# the other challenges that it makes: without qop (RFC 2069), and SHA-256 (RFC 8760)
for kind in "MD5:0" "SHA-256:0" "SHA-256:1"; do
    algorithm=${kind%:*} qop=${kind#*:}
    [ "$algorithm" != MD5 ] || algorithm=
    kamailio_start "$algorithm" "$qop"
    register other erin pw-erin --once
    ended other 0
    bound erin || die "kamailio does not know erin ($kind)"
    kamailio_stop
done
ok
