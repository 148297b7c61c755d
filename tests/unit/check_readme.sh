#!/bin/sh
# The READMEs' code samples are true: each is taken out of README.md and sip/README.md, compiled with
# warnings as errors, and run; the snippets for CMake and Meson are built by CI (tests/tools/vendor.sh).
# Each file or folder that a README names is there.
set -u
B=${B:-build}
CC=${CC:-cc}
dir=$B/tests/readme
rm -rf "$dir"
mkdir -p "$dir"
rc=0
fail() { echo "READMEs: $*"; rc=1; }

awk -v dir="$dir" -f tests/tools/samples.awk README.md sip/README.md

# names FILE: `folder/...` between backticks, {a,b} taken apart
names() {
    awk '
        function expand(s, before, list, after, n, i, word) {
            if (!match(s, /\{[^}]*\}/)) { print s; return }
            before = substr(s, 1, RSTART - 1)
            list = substr(s, RSTART + 1, RLENGTH - 2)
            after = substr(s, RSTART + RLENGTH)
            n = split(list, word, ",")
            for (i = 1; i <= n; i++) expand(before word[i] after)
        }
        { while (match($0, /`(sip|sdp|digest|transport|apps|tests|fuzz)\/[^` ]*`/)) {
              name = substr($0, RSTART + 1, RLENGTH - 2)
              $0 = substr($0, RSTART + RLENGTH)
              expand(name)
          } }' "$1"
}
for f in *.md */README.md tests/*/README.md tests/rules/*.md; do
    for name in $(names "$f" | grep -v '[A-Z][A-Z]*$\|\*/\|NAME'); do
        ls -d $name >/dev/null 2>&1 || ls $name.* >/dev/null 2>&1 || { echo "$f: there is no $name"; rc=1; }
    done
done
[ "$(names README.md | grep -c .)" -gt 20 ] || fail "its table of files was not seen"

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
