#!/bin/sh
# The values of the public headers' enumerators: programs have them compiled in, so a value that is
# once given stays. Compares what the headers say with tests/unit/enumerators.txt, name and value a
# line, and shows the difference; a new name is one, too. A difference that is meant is taken over by
#   sh tests/unit/check_enumerators.sh --update
# Names that end in _COUNT say how many there are, and are left out. Shows first, on a header with
# two values exchanged, that a difference is seen.
set -u
B=${B:-build}
CC=${CC:-cc}
tools=$PWD/tests/tools
list=$PWD/tests/unit/enumerators.txt
work=$B/tests/enumerators
rc=0
rm -rf "$work"
mkdir -p "$work"

sh tests/tools/border.sh | sed 's/.*/#include "&"/' >"$work/all.c"
values() { # ROOT: "name value" of each enumerator of the public headers there
    (cd "$1" && $CC -std=c11 -I. -E -x c -) <"$work/all.c" |
        awk -v only=enumerator -f "$tools/names.awk" -f "$tools/public_names.awk" |
        grep -v '_COUNT$' | LC_ALL=C sort >"$work/names"
    {
        cat "$work/all.c"
        echo '#include <stdio.h>'
        echo 'int main(void)'
        echo '{'
        sed 's/.*/    printf("& %lld\\n", (long long)&);/' "$work/names"
        echo '    return 0;'
        echo '}'
    } >"$work/print.c"
    $CC -std=c11 -I"$1" -o "$work/print" "$work/print.c" && "$work/print"
}

values . >"$work/values" || { echo "the headers do not compile together"; exit 1; }
grep -qx 'PS_OK 0' "$work/values" || { echo "PS_OK was not seen"; exit 1; }
if [ "${1:-}" = --update ]; then
    cp "$work/values" "$list"
    exit 0
fi

mkdir -p "$work/broken"
cp -R sip sdp digest transport "$work/broken/"
sed 's/X(BYE, 3,/X(BYE, 4,/; s/X(CANCEL, 4,/X(CANCEL, 3,/' sip/names.h >"$work/broken/sip/names.h"
values "$work/broken" >"$work/broken/values"
diff "$list" "$work/broken/values" | grep -q '^> PS_METHOD_BYE 4$' || { echo "an exchange of two values was not noticed"; rc=1; }

diff "$list" "$work/values" || { echo "enumerators differ from $list: see the head of $0"; rc=1; }
exit $rc
