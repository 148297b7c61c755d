#!/bin/sh
# The README's code samples are true: each is taken out of README.md, compiled with warnings as
# errors, and run. "<!-- sample NAME -->" stands before a sample's block; "after OTHER" puts it
# behind another one. Also: every file of the tables exists.
set -u
B=${B:-build}
CC=${CC:-cc}
dir=$B/tests/readme
rm -rf "$dir"
mkdir -p "$dir"
rc=0
fail() { echo "README.md: $*"; rc=1; }

awk -v dir="$dir" '
    /^<!-- sample / { name = $3; after = $4 == "after" ? $5 : "" }
    /^```$/ { if (out) close(out); out = "" }
    out { print > out }
    /^```c$/ && name {
        out = dir "/" name
        if (after) { while ((getline line < (dir "/" after)) > 0) print line > out }
        name = ""
    }' README.md

for s in parse phone door; do
    [ -s "$dir/$s.c" ] || { fail "no sample $s.c"; continue; }
    $CC -std=gnu11 -Wall -Wextra -Werror -I. -o "$dir/$s" "$dir/$s.c" "$B/libplainsip.a" || fail "$s.c does not compile"
done
[ "$(wc -l <"$dir/driver.c")" -lt 40 ] || fail "the driver has 40 lines or more"
[ "$(wc -l <"$dir/phone.c")" -le 40 ] || fail "the smallest phone has more than 40 lines"

"$dir/parse" <tests/traces/000-INVITE.sip | grep -q '^0 sip:888001@10.3.0.11$' || fail "parse.c prints something else"
echo nonsense | "$dir/parse" 2>/dev/null && fail "parse.c takes nonsense"

# each program leaves by itself once it was called; a port in use fails the sample, not the machine
"$dir/phone" & phone=$!
"$dir/door" & door=$!
tries=0
until "$B/plainsip" call --to sip:phone@127.0.0.1:5066 --talk 0 >"$dir/call.out" 2>&1; do
    tries=$((tries + 1))
    [ $tries -lt 20 ] || { fail "the smallest phone does not answer"; cat "$dir/call.out"; break; }
done
grep -q '^media audio 127.0.0.1:4000 PCMU/8000 sendrecv$' "$dir/call.out" || fail "the phone's answer names other media"
wait $phone || fail "the phone did not leave in order"
"$B/plainsip" call --to sip:door@127.0.0.1:5067 2>&1 | grep -q '^status 603' || fail "the door bell does not ring"
"$B/plainsip" options sip:door@127.0.0.1:5067 2>&1 | grep -q '^status 200' || fail "the door does not answer"
wait $door || fail "the door did not leave in order"
exit $rc
