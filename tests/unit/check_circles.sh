#!/bin/sh
# No circle of files: of two files of the library at most one calls the other, directly or by way of
# others. Reads what the objects define and want (nm); inline functions and includes are
# check_layers.sh's. Shows first, on objects made for it, that a circle is found and a line is not.
#
# `known` lists, one a line, the circles that are still to be cut. It only ever shrinks: a circle
# that is not within one of its lines fails, and so does a line in which no circle is left.
set -u
B=${B:-build}
CC=${CC:-cc}
NM=${NM:-nm}
work=$B/tests/circles
rc=0
known='
sip/transaction/transaction sip/transaction/transaction_perform sip/transaction/transaction_room
'

# circles ROOT NAME...: of the objects ROOT/NAME.o
circles() {
    root=$1
    shift
    for name in "$@"; do
        $NM -u "$root/$name.o" | awk -v f="$name" '$NF ~ /^ps_/ { print "U", f, $NF }'
        $NM -g --defined-only "$root/$name.o" | awk -v f="$name" '$NF ~ /^ps_/ { print "D", f, $NF }'
    done | awk -f tests/tools/circles.awk | LC_ALL=C sort
}

# made NAME 'CODE'
made() {
    printf '%s\n' "$2" >"$work/$1.c"
    $CC -O1 -c -o "$work/$1.o" "$work/$1.c" || exit 1
}

rm -rf "$work"
mkdir -p "$work"
made low 'int ps_low(int); int ps_low(int a) { return a + 1; }'
made a 'int ps_b(int); int ps_low(int); int ps_a(int); int ps_a(int n) { return ps_b(ps_low(n)); }'
made b 'int ps_low(int); int ps_b(int); int ps_b(int n) { return ps_low(n) * 2; }'
found=$(circles "$work" low a b)
[ -z "$found" ] || { echo "a line of files is taken for a circle: $found"; rc=1; }
made c 'int ps_b(int); int ps_c(int); int ps_c(int n) { return ps_b(n); }'
made b 'int ps_a(int); int ps_low(int); int ps_b(int); int ps_b(int n) { return n ? ps_a(n) : ps_low(n); }'
found=$(circles "$work" low a b c)
[ "$found" = 'a b' ] || { echo "two files that call each other: found '$found'"; rc=1; }
made a 'int ps_c(int); int ps_a(int); int ps_a(int n) { return ps_c(n); }'
found=$(circles "$work" low a b c)
[ "$found" = 'a b c' ] || { echo "three files in a circle: found '$found'"; rc=1; }

names=$(for s in sdp/*.c digest/*.c sip/*/*.c transport/*.c; do
    [ -f "$s" ] && [ -f "$B/${s%.c}.o" ] && echo "${s%.c}"
done)
[ -n "$names" ] || { echo "no object of the library under $B"; exit 1; }
circles "$B" $names >"$work/found"

# within CIRCLE LINE: each file of the circle stands on the line
within() {
    for file in $1; do
        case " $2 " in *" $file "*) ;; *) return 1 ;; esac
    done
}

# each circle found is known, and each line known holds one
while read -r circle; do
    ok=no
    while read -r line; do
        [ -n "$line" ] && within "$circle" "$line" && ok=yes
    done <<END
$known
END
    [ $ok = yes ] || { echo "these files call each other: $circle"; rc=1; }
done <"$work/found"
while read -r line; do
    [ -n "$line" ] || continue
    ok=no
    while read -r circle; do
        within "$circle" "$line" && ok=yes
    done <"$work/found"
    [ $ok = yes ] || { echo "no circle is left, take it off the list: $line"; rc=1; }
done <<END
$known
END
exit $rc
