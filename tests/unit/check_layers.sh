#!/bin/sh
# The order of the house: no direct #include crosses the border or goes up a room, no circle of
# includes (tests/tools/layers.awk); no call goes up a room, no circle of files that call each other
# (tests/tools/calls.awk, from the objects under $B). Shows first that each can fail: breaks a copy of
# the tree in one way at a time and expects a complaint about that very line. Does not see calls by
# pointer.
set -u
B=${B:-build}
CC=${CC:-cc}
NM=${NM:-nm}
tools=$PWD/tests/tools
copy=$B/tests/layers
rc=0
# what is known to break the order, on its way to nothing
open=
[ ! -f tests/tools/layers.open ] || open='-v open=tests/tools/layers.open'

layers() {
    find sip sdp digest transport apps tests fuzz -name '*.[ch]' 2>/dev/null | LC_ALL=C sort |
        LC_ALL=C xargs awk $open -f "$tools/house.awk" -f "$tools/layers.awk"
}

calls() { # FOLDER-OF-OBJECTS ROOT: of the sources that are there
    (cd "$2" && find sip sdp digest transport -name '*.c' 2>/dev/null | LC_ALL=C sort) |
        while read -r f; do [ ! -f "$1/${f%.c}.o" ] || echo "$1/${f%.c}.o"; done |
        xargs $NM -A -g | LC_ALL=C awk $open -v base="$1/" -f "$tools/house.awk" -f "$tools/calls.awk"
}

fresh_copy() {
    rm -rf "$copy"
    mkdir -p "$copy/tests/tools" "$copy/fuzz"
    for d in sip sdp digest transport apps; do cp -R $d "$copy/"; done
    cp tests/tools/layers.open "$copy/tests/tools/" 2>/dev/null
}

# must_fail FILE LINE: the tree with LINE added to FILE is refused because of it
must_fail() {
    mkdir -p "$copy/${1%/*}"
    : >"$copy/kept"
    [ ! -f "$copy/$1" ] || cp "$copy/$1" "$copy/kept"
    printf '%s\n' "$2" >>"$copy/$1"
    out=$(cd "$copy" && layers) && { echo "not noticed: $2 in $1"; rc=1; }
    case $out in
    *"$1"*) ;;
    *) echo "refused for another reason: $2 in $1: $out"; rc=1 ;;
    esac
    if [ -s "$copy/kept" ]; then cp "$copy/kept" "$copy/$1"; else rm "$copy/$1"; fi
}

layers || rc=1
calls "$B" . || rc=1

fresh_copy
# the border
must_fail sip/text.h '#include "message.h"'
must_fail sip/error.h '#include "text.h"'
must_fail sip/uri.h '#include "header.h"'
must_fail sip/uri.h '#include "../sip/header.h"'
must_fail sip/names.h '  #  include "sip/transaction/transaction.h"'
must_fail sip/message.h '#include "base/memory.h"'
must_fail sip/message.h '#include "../digest/client.h"'
must_fail sip/gadget.h '#include "text.h"'
must_fail sip/gadget.c '#include "text.h"'
must_fail apps/extra.c '#include "sip/base/memory.h"'
must_fail apps/extra.c '#include "transport/udp_internal.h"'
must_fail transport/extra.c '#include "sip/base/timer.h"'
must_fail transport/extra.c '#include "sdp/sdp.h"'
must_fail transport/extra.c '#include "apps/apps.h"'
# the rooms
must_fail sip/base/extra.c '#include "../transaction/transaction.h"'
must_fail sip/message/extra.c '#include "sip/core/dialog.h"'
must_fail sip/core/extra.c '#include "../call/call_internal.h"'
must_fail sip/call/extra.c '#include "../../digest/client.h"'
must_fail sip/core/auth.c '#include "../../digest/digest_internal.h"'
must_fail sip/cellar/extra.c '#include "../text.h"'
# the others
must_fail digest/md5_extra.c '#include "sip/message.h"'
must_fail digest/md5_extra.c '#include "sdp/sdp.h"'
must_fail sdp/extra.c '#include "../sip/uri.h"'
must_fail sip/message.h '#include <stdio.h>'
must_fail sip/message.h '#include <stdlib.h>'
must_fail sip/message.h '#include "address.c"'
must_fail sip/message.h '#include "absent.h"'
must_fail sip/message.h '#include SOMETHING'
# a circle that no order forbids
echo '#include "two.h"' >"$copy/apps/one.h"
must_fail apps/two.h '#include "one.h"'
rm "$copy/apps/one.h"

# calls: objects of three files, of which one calls up, or back
object() { # PATH CODE
    printf '%s\n' "$2" >"$copy/${1%.o}.c"
    $CC -c -o "$copy/$1" "$copy/${1%.o}.c" || rc=1
}
object sip/base/low.o 'int ps_low(void); int ps_low(void) { return 1; }'
object sip/call/high.o 'int ps_low(void); int ps_high(void); int ps_high(void) { return ps_low(); }'
calls "$copy" "$copy" >/dev/null || { echo "a call downwards was refused"; rc=1; }
object sip/base/up.o 'int ps_high(void); int ps_up(void); int ps_up(void) { return ps_high(); }'
calls "$copy" "$copy" >/dev/null && { echo "not noticed: base/ calls call/"; rc=1; }
rm "$copy/sip/base/up.c"
object sip/call/left.o 'int ps_r(void); int ps_l(void); int ps_l(void) { return ps_r(); }'
object sip/call/right.o 'int ps_r(void); int ps_l(void); int ps_r(void) { return ps_l(); }'
calls "$copy" "$copy" >/dev/null && { echo "not noticed: two files call each other"; rc=1; }
rm -rf "$copy"
exit $rc
