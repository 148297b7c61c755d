#!/bin/sh
# plainsip states: each machine in both forms, and wrong arguments. What the rows are, test_machines
# holds; here that each row is printed and that the graph is one.
set -u
B=${B:-build}
P=$B/plainsip
work=$B/tests/states
mkdir -p "$work"
rc=0
fail() {
    echo "$1"
    rc=1
}

for m in ict nict ist nist; do
    "$P" states $m >"$work/text" || fail "$m: exit $?"
    "$P" states --dot $m >"$work/dot" || fail "$m --dot: exit $?"
    rows=$(grep -c -e ' -> ' "$work/text")
    [ "$rows" -gt 10 ] && [ "$rows" = "$(grep -c -e ' -> .*label' "$work/dot")" ] || fail "$m: rows"
    head -n 1 "$work/dot" | grep -q "^digraph $m {$" || fail "$m: no graph"
    if command -v dot >/dev/null 2>&1; then dot -Tsvg "$work/dot" >/dev/null || fail "$m: dot"; fi
done
"$P" states ict | grep -q '^    1xx  *-> proceeding  17.1.1.2  *tell the user, stop sending, start guard$' ||
    fail 'ict: calling on 1xx is not shown'
[ "$("$P" states)" = "$("$P" states --text)" ] || fail '--text is not the default'
[ "$("$P" states | grep -c '^[in]')" = 4 ] || fail 'not all four'
"$P" states --help | grep -q '^Example' || fail 'no help with an example'
for wrong in bogus --bogus 'ict nist'; do
    # shellcheck disable=SC2086
    "$P" states $wrong >"$work/out" 2>"$work/err"
    [ $? -eq 2 ] && [ ! -s "$work/out" ] && [ "$(wc -l <"$work/err")" -eq 1 ] || fail "$wrong: not refused"
done
exit $rc
