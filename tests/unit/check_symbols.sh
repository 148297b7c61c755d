#!/bin/sh
# Reads in the object files that the core keeps its rules (DESIGN: sans-I/O, no allocation, no globals):
# - sip/, sdp/ and digest/ call nothing but libc's memory functions and the compiler's own helpers;
# - digest/ and sdp/ call nothing outside themselves, but sdp/ reads addresses (sip/base/address.c);
# - every external symbol of the library starts with ps_;
# - no object of the core holds data or bss;
# - each function that a public header declares is there.
# Shows first, on objects made for it, that each of these can fail. Looks at objects as they were
# built: those of a sanitizer or coverage build bring their own symbols and data, which pass.
set -u
B=${B:-build}
CC=${CC:-cc}
NM=${NM:-nm}
SIZE=${SIZE:-size}
work=$B/tests/symbols
rc=0

# the six, what compilers make of them, stack protection, -D_FORTIFY_SOURCE, 64-bit arithmetic
calls='^(memcpy|memmove|memset|memcmp|memchr|strlen|bcmp|__(memcpy|memmove|memset)_chk|__stack_chk_.*|_GLOBAL_OFFSET_TABLE_|__(u?divmod|u?div|u?mod|mul|ashl|lshr|ashr|popcount|ctz|clz|bswap)[a-z]*[234]|__aeabi_.*|__x86\.get_pc_thunk\..*)$'
instruments='^(__asan_|__ubsan_|__gcov_|__sanitizer_|__msan_|__tsan_|__llvm_|__sancov_|__start___sancov|__stop___sancov|llvm_gcda_|llvm_gcov)'

# undefined OBJECT...: what they call that none of them defines
undefined() {
    $NM -u "$@" | awk 'NF == 2 && $1 == "U" { print $2 }' | LC_ALL=C sort -u >"$work/wanted"
    $NM -g --defined-only "$@" | awk 'NF == 3 { print $3 }' | LC_ALL=C sort -u >"$work/had"
    LC_ALL=C comm -23 "$work/wanted" "$work/had" | grep -Ev "$calls" | grep -Ev "$instruments"
}

check_calls() { # FOLDERS OBJECT...
    name=$1
    shift
    strange=$(undefined "$@")
    [ -z "$strange" ] || { echo "$name calls: $(echo $strange)"; return 1; }
}

check_names() { # OBJECT|ARCHIVE...
    strange=$($NM -g --defined-only "$@" | awk 'NF == 3 { print $3 }' | grep -v '^ps_' |
        grep -Ev "$instruments")
    [ -z "$strange" ] || { echo "external, not ps_: $(echo $strange)"; return 1; }
}

# Constant tables of pointers stand in .data.rel.ro of position-independent code: constants.
check_data() { # OBJECT...
    $NM -u "$@" | grep -Eq "U (__asan_|__gcov_|__llvm_|__sanitizer_)" && return 0
    $SIZE -A "$@" | awk '
        / :$/ || /:$/ { file = $1 }
        $1 ~ /^\.(data|bss|tdata|tbss|sdata|sbss)/ && $1 !~ /^\.data\.rel\.ro/ && $2 > 0 {
            print file ": " $2 " bytes in " $1; bad = 1 }
        END { exit bad }'
}

# must_fail CHECK 'CODE': an object of this code does not pass
must_fail() {
    check=$1
    printf '%s\n' "$2" >"$work/broken.c"
    $CC -O1 -c -o "$work/broken.o" "$work/broken.c" || { rc=1; return; }
    set -- "$check" "$work/broken.o"
    [ "$check" = check_calls ] && set -- "$check" broken "$work/broken.o"
    "$@" >/dev/null && { echo "$check did not notice: $(cat "$work/broken.c")"; rc=1; }
}

# check_declared NAME...: a program that takes the address of each links with the library
check_declared() {
    $NM -u "$B/libplainsip.a" | grep -Eq "U (__asan_|__gcov_|__llvm_|__sanitizer_)" && return 0
    {
        for h in sip/*.h sdp/*.h digest/*.h transport/*.h; do
            case $h in *_internal.h) ;; *) echo "#include \"$h\"" ;; esac
        done
        echo "void ps_declared_only(void);"
        echo "int main(int n, char **v) { void (*const all[])(void) = {"
        printf '(void (*)(void))%s,\n' "$@"
        echo "}; (void)v; return all[n % (int)(sizeof all / sizeof *all)] == 0; }"
    } >"$work/declared.c"
    $CC -std=c11 -I. -o "$work/declared" "$work/declared.c" "$B/libplainsip.a" \
        >"$work/declared.log" 2>&1 && return 0
    echo "declared, and not there: $(grep -o 'reference to .*' "$work/declared.log" | LC_ALL=C sort -u)"
    return 1
}

mkdir -p "$work"
must_fail check_calls 'void *malloc(unsigned long); void *f(void); void *f(void) { return malloc(3); }'
must_fail check_calls 'int other(void); int ps_f(void); int ps_f(void) { return other(); }'
must_fail check_names 'int helper(void); int helper(void) { return 1; }'
must_fail check_data 'int f(void); int f(void) { static int n; return ++n; }'
must_fail check_data 'int f(int); int f(int a) { static int n[2] = {1, 2}; return n[a & 1]++; }'

objects() {
    for s in "$@"; do
        [ -f "$s" ] && [ -f "$B/${s%.c}.o" ] && echo "$B/${s%.c}.o"
    done
}
core=$(objects sip/*/*.c sdp/*.c digest/*.c)
[ -n "$core" ] || { echo "no object of the core under $B"; exit 1; }
check_calls "the core" $core || rc=1
for d in digest sdp; do
    own=$(objects $d/*.c)
    [ $d = digest ] || own="$own $(objects sip/base/address.c)"
    [ -z "${own# }" ] || check_calls $d/ $own || rc=1
done
check_names "$B/libplainsip.a" || rc=1
public=$(for h in sip/*.h sdp/*.h digest/*.h transport/*.h; do
    case $h in *_internal.h) ;; *) echo "#include \"$h\"" ;; esac
done | $CC -std=c11 -I. -E -x c - |
    awk -v only=function -f tests/tools/names.awk -f tests/tools/public_names.awk)
[ "$(echo "$public" | wc -l)" -gt 200 ] || { echo "the public functions were not seen"; rc=1; }
check_declared $public || { cat "$work/declared.log"; rc=1; }
$NM -u "$B/libplainsip.a" | grep -Eq "U (__asan_|__gcov_|__llvm_|__sanitizer_)" ||
    ! check_declared $public ps_declared_only >/dev/null || { echo "check_declared did not notice"; rc=1; }
check_data $core || rc=1
exit $rc
