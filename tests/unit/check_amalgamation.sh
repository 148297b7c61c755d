#!/bin/sh
# The two files of `make amalgamation` as someone vendors them, with each set of parts:
# - compiles alone, with no include path, warnings as errors, as C11; the header as C++17, too;
# - exports what plainsip.h declares and nothing else, calls nothing but libc's memory functions,
#   holds no data (the whole core; transport/ may call its operating system);
# - limits come from PS_CONFIG_FILE, and what cannot work is refused by an #error;
# - an error in it is reported at its line of the source.
# Compiles with ${OPTIMISE:--O0}; CI does it again at -Os and -O2 with both compilers. The unit tests
# against these files are run by `make test` beside this.
set -u
B=${B:-build}
CC=${CC:-cc}
OPTIMISE=${OPTIMISE:--O0}
rc=0
case $B in /*) top=$B ;; *) top=$PWD/$B ;; esac
tools=$PWD/tests/tools
work=$top/tests/vendored
[ -f "$top/plainsip.c" ] || { echo "no $top/plainsip.c: make amalgamation first"; exit 1; }
rm -rf "$work"
mkdir -p "$work"
cp "$top/plainsip.c" "$top/plainsip.h" "$work/"
transport=$([ -d transport ] && echo yes)
cd "$work" || exit 1

warnings='-Wall -Wextra -Wpedantic -Wconversion -Werror'
compile() { # OBJECT FLAG...
    object=$1
    shift
    $CC -std=c11 $warnings -Wshadow -Wstrict-prototypes $OPTIMISE -c -o "$object" "$@"
}

# what the header declares with these flags
declared() {
    $CC -std=c11 "$@" -E plainsip.h | awk -f "$tools/names.awk" -f "$tools/public_names.awk" |
        awk '{ print $2 }' | LC_ALL=C sort -u
}

try() { # NAME FLAG...
    name=$1
    shift
    compile "$name.o" "$@" plainsip.c || { echo "$name ($*): does not compile"; rc=1; return; }
    declared "$@" >"$name.declared"
    strange=$(nm -g --defined-only "$name.o" | awk 'NF == 3 { print $3 }' | LC_ALL=C sort |
        LC_ALL=C comm -23 - "$name.declared")
    [ -z "$strange" ] || { echo "$name exports what plainsip.h does not declare: $(echo $strange)"; rc=1; }
    nm -g --defined-only "$name.o" | grep -q ' T ps_message_parse_[0-9]*$' ||
        { echo "$name does not export ps_message_parse"; rc=1; }
    case $name in *transport*) return ;; esac
    strange=$(nm -u "$name.o" | awk '{ print $2 }' |
        grep -Ev '^(memcpy|memmove|memset|memcmp|memchr|strlen|bcmp|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_)$')
    [ -z "$strange" ] || { echo "$name calls $(echo $strange)"; rc=1; }
    strange=$(size -A "$name.o" | awk '$1 ~ /^\.(data|bss)/ && $1 !~ /^\.data\.rel\.ro/ && $2 > 0')
    [ -z "$strange" ] || { echo "$name holds data: $strange"; rc=1; }
}

try all
try without_sdp -DPS_WITHOUT_SDP
try digest -DPS_WITHOUT_SDP -DPS_WITHOUT_STACK
try transactions -DPS_WITHOUT_SDP -DPS_WITHOUT_DIGEST
try parser -DPS_WITHOUT_SDP -DPS_WITHOUT_DIGEST -DPS_WITHOUT_TRANSACTIONS
try parser_sdp -DPS_WITHOUT_DIGEST -DPS_WITHOUT_TRANSACTIONS
[ -z "$transport" ] || try transport -DPS_WITH_TRANSPORT

# a set without a part lacks its functions
for gone in parser:ps_digest parser:ps_transaction parser:ps_sdp transactions:ps_digest digest:ps_dialog; do
    left=$(nm -g --defined-only "${gone%:*}.o" 2>/dev/null | grep " T ${gone#*:}" | head -n 1)
    [ -z "$left" ] || { echo "${gone%:*} still has $left"; rc=1; }
done

# the header in C++
case $CC in *clang*) cxx=${CXX:-clang++} ;; *) cxx=${CXX:-g++} ;; esac
if command -v "${cxx%% *}" >/dev/null 2>&1; then
    printf '#include "plainsip.h"\n#include "plainsip.h"\n' >user.cc
    for flags in '' "${transport:+-DPS_WITH_TRANSPORT}" -DPS_WITHOUT_TRANSACTIONS; do
        $cxx -std=c++17 $warnings $flags -fsyntax-only user.cc || { echo "plainsip.h ($flags): no C++"; rc=1; }
    done
fi

# limits: a file of the user's, and one that cannot work
cat >my_limits.h <<'C'
#define PS_MAX_HEADERS 40
#define PS_MAX_MESSAGE 1500
C
cat >limits.c <<'C'
#include "plainsip.h"
#if PS_MAX_HEADERS != 40 || PS_MAX_MESSAGE != 1500
#error "PS_CONFIG_FILE was not read"
#endif
C
compile limits.o '-DPS_CONFIG_FILE="my_limits.h"' -fsyntax-only limits.c || rc=1
compile small.o '-DPS_CONFIG_FILE="my_limits.h"' plainsip.c || { echo "small limits: does not compile"; rc=1; }
echo '#define PS_MAX_HEADERS 5' >bad_limits.h
compile bad.o '-DPS_CONFIG_FILE="bad_limits.h"' plainsip.c 2>errors && { echo "PS_MAX_HEADERS 5 was not refused"; rc=1; }
grep -q 'limits\.h:[0-9]*.*PS_MAX_HEADERS: 16' errors || { echo "the refusal does not say where and why:"; head -n 3 errors; rc=1; }

# every #line tells the truth: a line marked in a source is reported there
line=$(grep -n '^bool ps_ip_is_any' "$OLDPWD/sip/base/address.c" | cut -d: -f1)
sed 's/^bool ps_ip_is_any/int wrong = "here"; bool ps_ip_is_any/' plainsip.c >wrong.c
compile wrong.o wrong.c 2>errors && { echo "a wrong line compiled"; rc=1; }
grep -q "sip/base/address\.c:$line:" errors || { echo "an error at sip/base/address.c:$line is reported elsewhere:"; head -n 3 errors; rc=1; }
exit $rc
