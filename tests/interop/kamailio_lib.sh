# Kamailio with kamailio.cfg, for the scripts that need it.
. tests/interop/lib.sh

# kamailio_start ALGORITHM QOP: sets $proxy to its address
kamailio_start() {
    free_port
    proxy=127.0.0.1:$port
    ctl=$(mktemp -u "${TMPDIR:-/tmp}/plainsip-ctl.XXXXXX") # a socket's name has 107 bytes at most
    start kamailio kamailio -f tests/interop/kamailio.cfg -DD -E -m 16 -M 4 -Y "$WORK" -w "$WORK" \
        -l "udp:$proxy" -A "CTL=\"unix:$ctl\"" -A "ALGORITHM=\"$1\"" -A "QOP=\"$2\""
    within 100 kamailio_answers || die "kamailio: does not start"
}
kamailio_answers() { kamcmd -s "unix:$ctl" core.version >/dev/null 2>&1; }
kamailio_stop() {
    kill -TERM "$(pid_of kamailio)"
    ended kamailio 0
    rm -f "$ctl"
}

# the Contacts that it holds for a user
bindings() {
    kamcmd -s "unix:$ctl" ul.lookup location "$1" 2>/dev/null |
        sed -n 's/^[[:space:]]*Address: //p'
}
bound() { [ -n "$(bindings "$1")" ]; }
unbound() { [ -z "$(bindings "$1")" ]; }

# what its script has seen: a count of lines
seen() { grep -c -e "seen: $1" "$WORK/kamailio.err"; }
