#!/bin/sh
# A program whose limits are not those of the library does not compile or does not link, where it would
# write past structures otherwise: against the tree and the static library, against the two vendored
# files, against what is installed (whose limits.h says those of the build). With the same limits it
# links and runs. Where a function is called under another name for that, nothing is added to the
# program. Installs nothing: check_install.sh looks at the installed tree.
set -u
B=${B:-build}
CC=${CC:-cc}
case $B in /*) top=$B ;; *) top=$PWD/$B ;; esac
work=$top/tests/limits
rc=0
rm -rf "$work"
mkdir -p "$work/include/sip"

# uses FUNCTION... : a program that calls each with what it takes
cat >"$work/user.c" <<'C'
#ifdef VENDORED
#include "plainsip.h"
#else
#include "sdp/negotiation.h"
#include "sip/stack.h"
#endif
#include <stdio.h>

static struct ps_message m;
static struct ps_sdp sdp;
static struct ps_sdp_negotiation negotiation;
static struct ps_account account;
static struct ps_config config;

int main(int argc, char **argv)
{
    static const char text[] = "OPTIONS sip:a SIP/2.0\r\n\r\n";
    (void)argv;
    ps_message_index(&m, text, sizeof text - 1, NULL, NULL);
    if (argc > 1) { /* links; need not run */
        ps_message_parse(&m, text, sizeof text - 1, NULL, NULL);
        ps_sdp_parse(PS_S("v=0"), 0, &sdp, NULL);
        ps_sdp_negotiation_init(&negotiation, NULL, 0);
        ps_digest_client_start(&account.digest, NULL, 0, NULL);
        ps_stack_init(NULL, 0, &config);
    }
    return printf("%u\n", (unsigned)m.method) > 0 ? 0 : 1;
}
C

flags="-std=c11 ${CFLAGS:-}"
# build NAME FLAG... : is there a program afterwards?
build() {
    name=$1
    shift
    rm -f "$work/$name"
    $CC $flags -o "$work/$name" "$@" >"$work/$name.log" 2>&1
}
must_build() {
    build "$@" || { echo "$1: does not build:"; head -n 5 "$work/$1.log"; rc=1; return; }
    [ "$("$work/$1")" = 5 ] || { echo "$1: does not run"; rc=1; }
}
# must_not_build PATTERN NAME FLAG... : and says why
must_not_build() {
    pattern=$1
    shift
    build "$@" && { echo "$1 was built"; rc=1; return; }
    grep -q "$pattern" "$work/$1.log" || { echo "$1: refused for another reason:"; head -n 5 "$work/$1.log"; rc=1; }
}
# each limit that shapes a structure which a program makes room for
shapes='PS_MAX_HEADERS=16 PS_SIZE_CLASSES=5 PS_DIGEST_SESSION_TEXT=512 PS_DIGEST_MAX_SESSIONS=2
    PS_MAX_CONTACTS=8 PS_SDP_MAX_MEDIA=4 PS_SDP_MAX_LINES=64 PS_SDP_MAX_FORMATS=8'

tree="-I. $work/user.c $B/libplainsip.a"
must_build tree $tree
for limit in $shapes; do
    must_not_build "ps_[a-z_]*_[0-9_]*${limit#*=}" "tree_$limit" -D$limit $tree
done
must_not_build 'error' tree_expression '-DPS_MAX_HEADERS=(64*2)' $tree

if [ -f "$B/plainsip.c" ]; then
    vendored="-DVENDORED -I$B $work/user.c"
    $CC $flags -c -o "$work/plainsip.o" "$B/plainsip.c" || rc=1
    $CC $flags -DPS_MAX_HEADERS=40 -c -o "$work/plainsip_40.o" "$B/plainsip.c" || rc=1
    must_build vendored $vendored "$work/plainsip.o"
    must_build vendored_40 -DPS_MAX_HEADERS=40 $vendored "$work/plainsip_40.o"
    must_not_build 'ps_message_[a-z]*_128' vendored_other $vendored "$work/plainsip_40.o"
    # and it costs nothing: no function stands between
    $CC -std=c11 -Os -I"$B" -DVENDORED -c -o "$work/small.o" "$work/user.c"
    strange=$(nm "$work/small.o" | grep -i ' t ps_')
    [ -z "$strange" ] || { echo "a program holds functions of ours: $strange"; rc=1; }
fi

# the installed limits.h: a library of other limits than the defaults tells a program so
CC=$CC CPPFLAGS=-DPS_MAX_HEADERS=40 CFLAGS= sh tests/tools/installed_limits.sh >"$work/include/sip/limits.h" || rc=1
cp sip/error.h "$work/include/sip/"
says() { printf '#include <sip/limits.h>\nint x[PS_MAX_HEADERS == 40 && PS_MAX_CONTACTS == 16 ? 1 : -1];\n' >"$work/says.c"; $CC -std=c11 -I"$work/include" "$@" -fsyntax-only "$work/says.c" 2>"$work/says.log"; }
says || { echo "the installed limits.h does not say what the library was built with"; rc=1; }
says -DPS_MAX_HEADERS=40 || { echo "the installed limits.h refuses its own limit"; rc=1; }
says -DPS_MAX_HEADERS=128 && { echo "the installed limits.h takes another limit"; rc=1; }
grep -q 'PS_MAX_HEADERS: the installed library was built with 40' "$work/says.log" || { echo "the refusal does not say why"; rc=1; }
CPPFLAGS= CFLAGS= sh tests/tools/installed_limits.sh | $CC -std=c11 -fsyntax-only -x c - || { echo "the installed limits.h is no C"; rc=1; }
exit $rc
