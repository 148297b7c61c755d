#!/bin/sh
# The order of the house: no direct #include goes upwards (tests/tools/layers.awk says what may
# include what). Shows first that the check can fail: breaks a copy of the tree in one way at a time
# and expects a complaint about that very line. Does not look at what a header brings with it.
set -u
B=${B:-build}
tools=$PWD/tests/tools
copy=$B/tests/layers
rc=0

layers() {
    find sip sdp digest transport apps tests fuzz -name '*.[ch]' 2>/dev/null | LC_ALL=C sort |
        xargs awk -f "$tools/house.awk" -f "$tools/layers.awk"
}

fresh_copy() {
    rm -rf "$copy"
    mkdir -p "$copy/sdp" "$copy/digest" "$copy/transport" "$copy/apps" "$copy/tests" "$copy/fuzz"
    for d in sip sdp digest transport apps; do
        [ -d $d ] && cp -R $d "$copy/"
    done
}

# must_fail FILE LINE: the tree with LINE added to FILE is refused because of it
must_fail() {
    fresh_copy
    printf '%s\n' "$2" >>"$copy/$1"
    out=$(cd "$copy" && layers) && { echo "not noticed: $2 in $1"; rc=1; return; }
    case $out in
    "$1":*) ;;
    *) echo "refused for another reason: $2 in $1: $out"; rc=1 ;;
    esac
}

layers || exit 1

must_fail sip/text.h '#include "message.h"'
must_fail sip/error.h '#include "text.h"'
must_fail sip/uri.h '#include "header.h"'
must_fail sip/uri.h '#include "../sip/header.h"'
must_fail sip/names.h '  #  include "sip/transaction.h"'
must_fail sip/names_table.c '#include "transaction.h"'
must_fail sip/message.h '#include <stdio.h>'
must_fail sip/message.h '#include <stdlib.h>'
must_fail sip/message.h '#include "address.c"'
must_fail sip/message.h '#include "absent.h"'
must_fail sip/message.h '#include SOMETHING'
must_fail sip/gadget.c '#include "text.h"'
must_fail digest/md5_extra.c '#include "sip/message.h"'
must_fail sdp/extra.c '#include "../sip/uri.h"'
must_fail digest/extra.c '#include "../sip/address.h"'
must_fail transport/extra.c '#include "apps/apps.h"'
fresh_copy
echo 'int x;' >"$copy/digest/mine.h"
echo '#include "digest/mine.h"' >>"$copy/sip/message.h"
(cd "$copy" && layers) >/dev/null && { echo "not noticed: sip/message.h reads digest/"; rc=1; }
rm -rf "$copy"
exit $rc
