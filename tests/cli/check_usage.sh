#!/bin/sh
# Covers what every command says about a wrong command line or file: one line on standard error that names
# the argument, exit 2, nothing printed; and --help. Not here: digest, parse, uri, sdp, states.
set -u
B=${B:-build}
PLAINSIP=${PLAINSIP:-$B/plainsip}
WORK=$B/tests/cli_usage
rc=0
rm -rf "$WORK"
mkdir -p "$WORK"
unset PLAINSIP_PASSWORD

# refused NAME ARGUMENT...: exits 2, one line on standard error that holds NAME, nothing printed
refused() {
    name=$1
    shift
    got=$(timeout 10 "$PLAINSIP" "$@" 2>"$WORK/err" </dev/null)
    status=$?
    [ $status -eq 2 ] && [ -z "$got" ] && [ "$(wc -l <"$WORK/err")" -eq 1 ] &&
        grep -qF -e "$name" "$WORK/err" && return
    echo "plainsip $*: exit $status, '$got', expected 2 and one line with $name"
    cat "$WORK/err"
    rc=1
}

# ---- help ----

helps() {
    got=$("$PLAINSIP" "$@" --help 2>"$WORK/err" </dev/null)
    status=$?
    [ $status -eq 0 ] && [ ! -s "$WORK/err" ] &&
        printf '%s\n' "$got" | grep -A 3 '^Example' | grep -q "^  .*plainsip ${*:-[a-z]}" && return
    echo "plainsip $* --help: exit $status, or no example"
    rc=1
}
helps
commands=$("$PLAINSIP" --help | sed -n '/^commands:/,/^$/s/^  \([a-z]*\) .*/\1/p')
for command in answer call register serve options message subscribe demo; do
    case " $(echo $commands) " in *" $command "*) ;; *) echo "--help lacks $command"; rc=1 ;; esac
done
for command in $commands; do helps "$command"; done

refused dial dial
refused --help -x

# ---- options that all have ----

for command in answer "call --to sip:127.0.0.1" "options sip:127.0.0.1" "message sip:127.0.0.1 hi" \
    "subscribe sip:127.0.0.1 --event presence" \
    "register --aor sip:a@b --registrar 127.0.0.1" "serve --users $WORK/good"; do
    printf 'alice:secret\n' >"$WORK/good"
    refused 127.0.0.1:65536 $command --listen 127.0.0.1:65536
    refused 127.0.0.1:x $command --listen 127.0.0.1:x
    refused 1.2.3.4.5 $command --listen 1.2.3.4.5
    refused '[::1' $command --listen '[::1'
    refused '[::g]:5060' $command --listen '[::g]:5060'
    refused 192.0.2.1:5060 $command --listen 192.0.2.1:5060 # nobody's: bind says no
    refused "--listen" $command --listen
    refused "--t1 0" $command --t1 0
    refused "--t1 1e3" $command --t1 1e3
    refused "--t1 -1" $command --t1 -1
    refused "--t1 99999999999" $command --t1 99999999999
    refused "--trace" $command --trace=some
    refused "--stats" $command --stats=yes
    refused --lisen $command --lisen 127.0.0.1
    refused -v $command -v
    refused extra $command extra
done

# ---- each command's own ----

refused --to call
for uri in bob sip: sip:bob@ 'sip:bob@host:99999' 'sip:bob@[::1' mailto:bob@host 'sip:b ob@host'; do
    refused "$uri" call --to "$uri"
    refused "$uri" options "$uri"
    refused "$uri" message "$uri" hi
    refused "$uri" register --aor "$uri" --registrar 127.0.0.1
    [ "$uri" = mailto:bob@host ] || refused "$uri" call --to sip:bob@127.0.0.1 --from "$uri"
done
refused nowhere..invalid call --to sip:a@127.0.0.1 --proxy nowhere..invalid
refused 127.0.0.1:0x5 call --to sip:a@127.0.0.1 --proxy 127.0.0.1:0x5
refused "--talk x" call --to sip:a@127.0.0.1 --talk x
refused "--cancel-after 0" call --to sip:a@127.0.0.1 --cancel-after 0
refused "--count 0" call --to sip:a@127.0.0.1 --count 0
refused "--rate 0" call --to sip:a@127.0.0.1 --rate 0
refused --aor register --registrar 127.0.0.1
refused --registrar register --aor sip:a@b
refused nowhere..invalid register --aor sip:a@b --registrar nowhere..invalid
refused "--expires x" register --aor sip:a@b --registrar 127.0.0.1 --expires x
refused URI options
refused URI message
refused TEXT message sip:a@127.0.0.1
refused URI subscribe --event presence
refused --event subscribe sip:a@127.0.0.1
refused 'a b' subscribe sip:a@127.0.0.1 --event 'a b'
refused nonsense subscribe nonsense --event presence
refused '--expires -1' subscribe sip:a@127.0.0.1 --event presence --expires -1
refused "--ring x" answer --ring x
refused "--status 200" answer --status 200
refused "--status 700" answer --status 700
refused "--hangup 0" answer --hangup 0
refused "--per-source 0" answer --per-source 0
refused --users serve
refused "a b" serve --users "$WORK/good" --domain "a b"
refused sip:here.test serve --users "$WORK/good" --domain here.test --domain sip:here.test
refused here.test:5060 serve --users "$WORK/good" --domain here.test:5060
refused "--domain 33" serve --users "$WORK/good" $(i=0; while [ $((i += 1)) -le 33 ]; do echo "--domain $i"; done)

# ---- passwords ----

for command in "call --to sip:127.0.0.1" "options sip:127.0.0.1" "message sip:127.0.0.1 hi" \
    "subscribe sip:127.0.0.1 --event presence" \
    "register --aor sip:a@b --registrar 127.0.0.1" answer; do
    refused PLAINSIP_PASSWORD $command --user alice
    refused "$WORK/absent" $command --user alice --password-file "$WORK/absent"
    refused "$WORK" $command --user alice --password-file "$WORK"
    refused "--password" $command --password secret
done
PLAINSIP_PASSWORD=x
export PLAINSIP_PASSWORD
refused --realm answer --user alice --realm 'a"b'
unset PLAINSIP_PASSWORD

# ---- users files ----

refused "$WORK/absent" serve --users "$WORK/absent"
refused "$WORK" serve --users "$WORK"
refused --realm serve --users "$WORK/good" --realm 'a"b'
users() { printf "$@" >"$WORK/users"; }
hex32=0123456789abcdef0123456789abcdef
# wrong LINE FORMAT: the file is wrong at that line; its passwords are not shown
wrong() {
    users "$2"
    refused "$WORK/users line $1:" serve --users "$WORK/users" --realm r
    ! grep -q "secret" "$WORK/err" || { echo "a password is shown:"; cat "$WORK/err"; rc=1; }
}
wrong 1 'alice-secret\n'
wrong 2 'alice:secret\nbob-secret\n'
wrong 4 '# users\n\nalice:secret\n:secret\n'
wrong 3 'alice:secret\r\n\r\nsecret'
wrong 1 'alice:sec\0ret\n'
wrong 1 '@ha1 alice\n'
wrong 1 "@ha1 alice r MD5 ${hex32}0\n"
wrong 1 "@ha1 alice r MD5 ${hex32%f}g\n"
wrong 1 "@ha1 alice r SHA-256 $hex32\n"
wrong 1 "@ha1 alice r MD5-sess $hex32\n"
wrong 1 "@ha1 alice r SHA-1 $hex32\n"
wrong 1 "@ha1 alice r MD5 $hex32 more\n"
if [ "$(id -u)" != 0 ]; then
    users 'alice:secret\n'
    chmod 000 "$WORK/users"
    refused "$WORK/users" serve --users "$WORK/users"
    chmod 600 "$WORK/users"
fi
exit $rc
