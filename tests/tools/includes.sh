#!/bin/sh
# Draws the house as it is: includes.dot and calls.dot (files in their rooms), rooms.dot (the rooms
# alone, by includes), under $B/house, and as SVG where Graphviz is; says what of it breaks the order,
# or that there is no circle and no arrow upward. `make includes`.
set -u
B=${B:-build}
out=$B/house
tools=tests/tools
rc=0
mkdir -p "$out"
files=$(find sip sdp digest transport apps -name '*.[ch]' | LC_ALL=C sort)

awk -f $tools/house.awk -f /dev/stdin $files >"$out/includes" <<'AWK'
BEGIN { for (i = 1; i < ARGC; i++) exists[ARGV[i]] = 1 }
/^[ \t]*#[ \t]*include[ \t]*"/ { print FILENAME, resolve(FILENAME, included($0)) }
AWK
objects=$(for f in sip/*/*.c sdp/*.c digest/*.c transport/*.c; do
    [ ! -f "$B/${f%.c}.o" ] || echo "$B/${f%.c}.o"
done)
nm -A -g $objects | LC_ALL=C awk -v edges_only=1 -v base="$B/" -f $tools/house.awk -f $tools/calls.awk >"$out/calls"

for graph in includes calls; do
    awk -f $tools/house.awk -f $tools/includes.awk "$out/$graph" >"$out/$graph.dot"
done
awk -v rooms_only=1 -f $tools/house.awk -f $tools/includes.awk "$out/includes" >"$out/rooms.dot"
for graph in includes calls rooms; do
    command -v dot >/dev/null 2>&1 && dot -Tsvg -o "$out/$graph.svg" "$out/$graph.dot"
done

LC_ALL=C awk -f $tools/house.awk -f $tools/layers.awk $files || rc=1
nm -A -g $objects | LC_ALL=C awk -v base="$B/" -f $tools/house.awk -f $tools/calls.awk || rc=1
echo "$(echo "$files" | wc -l) files, $(wc -l <"$out/includes") includes, $(wc -l <"$out/calls") pairs of files that call: $out/*.dot"
[ $rc = 0 ] && echo "no circle, no arrow upward"
exit $rc
