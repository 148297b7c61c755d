#!/bin/sh
# Bytes out for each byte in, to a source that may be forged and never answers: against the library,
# then, for 40 s, against the program on loopback. Prints the tables; fails where a row does not
# hold.
set -u
B=${B:-build}
PLAINSIP=${PLAINSIP:-$B/plainsip}
WORK=$B/amplification
tool=$B/tests/tools/amplification
rm -rf "$WORK"
mkdir -p "$WORK"
. tests/tools/processes.sh

ports=
begin() { # NAME ARGUMENT...
    begun=$1
    shift
    start "$begun" "$PLAINSIP" "$@" --listen 127.0.0.1:0
    listening "$begun"
    ports="$ports $port"
}

"$tool" library
library=$?
echo
printf '%s\n' u:u w:w n:n >"$WORK/users"
echo secret >"$WORK/password"
begin answer answer
begin asking answer --user u --realm example.com --password-file "$WORK/password"
begin refusing answer --status 486
begin full answer --calls 1
begin serve serve --users "$WORK/users" --realm r
# shellcheck disable=SC2086 # the ports are words
"$tool" program $ports
program=$?
[ $library -eq 0 ] && [ $program -eq 0 ]
