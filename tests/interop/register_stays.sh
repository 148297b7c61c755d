# sipp as a registrar that refuses: `plainsip register` stays where the refusal may pass, at first and
# at a refresh, and leaves where it is for good or with --once.
. tests/interop/lib.sh
need sipp

# registrar NAME CODE LINE FINAL: answers two REGISTERs; sets $port
registrar() {
    sed -e '/^@AGAIN@/d' -e "s/@CODE@/$2/;s/@FINAL@/$4/" tests/interop/register_challenged.xml \
        >"$WORK/$1.xml"
    sipp_peer "$1" -sf "$WORK/$1.xml" -m 1 -timeout 20 -key challenge "$3" -key again 'Server: sipp'
}
register() { # NAME ARGUMENT...
    register_name=$1
    shift
    start "$register_name" "$PLAINSIP" register --aor sip:alice@here.test --registrar \
        "127.0.0.1:$port" --listen 127.0.0.1:0 "$@"
}

# refused at first, for the moment; its end in order is the second REGISTER
for code in 500 503 408 480; do
    registrar first_server $code 'Retry-After: 40' 200
    register first
    await first "^status $code "
    within 20 has_line first.err '^plainsip register: tries again in 40 s$' || die "first: does not stay"
    stop first
    has_line first.out '^status 200 ' || die "first: was not removed"
    ended first_server 0
done

# a refresh is refused (after 2 s of 4): for the moment, and for good
registrar moment_server 200 'Expires: 4' 503
register moment
await moment '^status 503 ' 100
within 20 has_line moment.err '^plainsip register: tries again in 30 s$' || die "moment: does not stay"
ended moment_server 0
! is_gone "$(pid_of moment)" || die "moment: has left"
kill -TERM "$(pid_of moment)"
ended moment 0 40 # nobody is there to hear that it leaves
registrar good_server 200 'Expires: 4' 403
register good
ended good 1 100
has_line good.out '^status 403 ' || die "good: no status"
ended good_server 0

# and with --once
registrar once_server 500 'Retry-After: 1' 200
register once --once
ended once 1
ok
