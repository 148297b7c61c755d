#!/bin/sh
# Builds for machines that are not this one, and runs the unit tests on those that qemu-user can be:
#   sh tests/tools/cross.sh [TARGET...]     all of them without an argument
# cortex-m4 riscv   the core as one file, freestanding, every set of parts, no warning
# musl              library and program with another libc; the demo runs
# i686 armhf s390x  library, program and unit tests; run natively (i686) or under qemu-user: 32 bits,
#                   32 bits and strict alignment, 64 bits and big-endian
# Check for armhf and s390x is fetched from Debian's archive into build/ (never installed, never
# committed). Fails where a tool is missing: .ci/packages names them.
set -u
B=${B:-build}
rc=0
warnings='-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Werror'
[ $# -gt 0 ] || set -- cortex-m4 riscv musl i686 armhf s390x

say() { echo "cross: $*"; }
need() { command -v "$1" >/dev/null 2>&1 || { say "$1 is missing"; return 1; }; }

# ---- bare metal: the two files, as vendored ----

bare() { # NAME COMPILER FLAG...
    name=$1
    shift
    need "$1" || return 1
    mkdir -p "$B/cross"
    # word splitting of the flags of a set is meant
    for parts in '' '-DPS_WITHOUT_SDP' '-DPS_WITHOUT_SDP -DPS_WITHOUT_STACK' \
        '-DPS_WITHOUT_SHA256 -DPS_WITHOUT_SHA512_256 -DPS_WITHOUT_DIGEST_SERVER' \
        '-DPS_WITHOUT_SDP -DPS_WITHOUT_DIGEST' \
        '-DPS_WITHOUT_SDP -DPS_WITHOUT_DIGEST -DPS_WITHOUT_TRANSACTIONS'; do
        "$@" -std=c11 $warnings -Os -ffunction-sections $parts -c -o "$B/cross/$name.o" "$B/plainsip.c" ||
            { say "$name ($parts): does not compile"; return 1; }
    done
    say "$name: every set of parts compiles ($*)"
}

cortex_m4() {
    bare cortex-m4 arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb -ffreestanding || return 1
    need clang || return 1
    bare cortex-m4-clang clang --target=arm-none-eabi -mcpu=cortex-m4 -mthumb -ffreestanding \
        -isystem /usr/include/newlib
}

riscv() {
    bare riscv riscv64-unknown-elf-gcc -march=rv32imac -mabi=ilp32 -ffreestanding --specs=picolibc.specs &&
        bare riscv64 riscv64-unknown-elf-gcc -march=rv64imac -mabi=lp64 -mcmodel=medany -ffreestanding --specs=picolibc.specs ||
        return 1
    need clang || return 1
    bare riscv-clang clang --target=riscv32-unknown-elf -march=rv32imac -mabi=ilp32 -ffreestanding \
        -isystem /usr/lib/picolibc/riscv64-unknown-elf/include
}

musl() {
    need musl-gcc || return 1
    bare musl-core musl-gcc || return 1
    # the kernel's headers alone from beside the other libc; musl's CMSG_NXTHDR mixes signs
    mkdir -p "$B/musl/kernel"
    ln -sfn /usr/include/linux "$B/musl/kernel/linux"
    ln -sfn /usr/include/asm-generic "$B/musl/kernel/asm-generic"
    ln -sfn "$(dirname "$(echo '#include <asm/types.h>' | gcc -E - | sed -n 's/^# 1 "\(.*\)\/types.h".*/\1\/types.h/p' | grep /asm/ | head -n 1)")" "$B/musl/kernel/asm"
    make -s -j2 B="$B/musl" CC=musl-gcc CFLAGS="-O2 -static -Wno-sign-conversion -isystem $B/musl/kernel" all || return 1
    if "$B/musl/plainsip" --help | grep -q '^  demo '; then
        timeout 60 "$B/musl/plainsip" demo >"$B/musl/demo.log" || { tail -n 20 "$B/musl/demo.log"; return 1; }
        say "musl: builds, plainsip demo passes"
    else
        say "musl: builds"
    fi
}

# ---- other machines: the whole, with Check ----

# Check and its subunit for a Debian architecture, unpacked under build/.
sysroot_of() { # ARCHITECTURE
    root=$B/cross/sysroot-$1
    [ -f "$root/done" ] && return 0
    rm -rf "$root"
    mkdir -p "$root/lists/partial" "$root/cache/archives/partial" "$root/debs"
    root=$(cd "$root" && pwd)
    options="-q -o APT::Architecture=$1 -o APT::Architectures::=$1 -o Dir::State::lists=$root/lists
        -o Dir::Cache=$root/cache -o Dir::State::status=/dev/null -o APT::Sandbox::User=root"
    for try in 1 2 3; do
        apt-get $options update >"$root/log" 2>&1
        (cd "$root/debs" && apt-get $options download check libsubunit-dev >>"$root/log" 2>&1) && break
        sleep $((try * 3))
    done
    for deb in "$root"/debs/*.deb; do
        dpkg-deb -x "$deb" "$root" 2>>"$root/log" || { tail "$root/log"; return 1; }
    done
    rm -rf "$root/lists" "$root/cache" "$root/debs"
    touch "$root/done"
}

other() { # NAME ARCHITECTURE TRIPLET RUNNER [FLAG...]
    name=$1 architecture=$2 triplet=$3 runner=$4
    shift 4
    need "$triplet-gcc" || return 1
    need "$runner" || return 1
    sysroot_of "$architecture" || { say "$name: no Check for $architecture"; return 1; }
    root=$B/cross/sysroot-$architecture/usr
    lib=$(echo "$root"/lib/*-linux-gnu*)
    # large files: the tests' readdir() meets inode numbers of 64 bits
    flags="-O1 -g -DPS_DEBUG -D_FILE_OFFSET_BITS=64 -isystem $root/include $*"
    [ "$flags" = "$(cat "$B/$name/flags" 2>/dev/null)" ] || rm -rf "${B:?}/$name"
    mkdir -p "$B/$name"
    echo "$flags" >"$B/$name/flags"
    make -s -j2 B="$B/$name" CC="$triplet-gcc" CFLAGS="$flags" LDFLAGS="-static -Wl,-z,muldefs -L$lib" \
        TEST_LIBS="-lcheck -lsubunit -lm -lrt -lpthread" all test-programs || return 1
    # what drives sockets and the kernel's loop is tested on this machine: qemu-user lacks options
    set --
    for t in $(grep -LE 'transport/(loop|udp|host|keepalive|driver)|sys/socket\.h' tests/unit/test_*.c); do
        set -- "$@" "$B/$name/${t%.c}"
    done
    CK_TIMEOUT_MULTIPLIER=20 RUN=$runner B="$B/$name" sh tests/run.sh "$@" || return 1
    say "$name: unit tests pass under $runner"
}

make -s B="$B" amalgamation || exit 1
for target in "$@"; do
    case $target in
    cortex-m4) cortex_m4 ;;
    riscv) riscv ;;
    musl) musl ;;
    i686) other i686 i386 i686-linux-gnu env ;;
    armhf) other armhf armhf arm-linux-gnueabihf qemu-arm ;;
    s390x) other s390x s390x s390x-linux-gnu qemu-s390x ;;
    *) say "no such target: $target"; false ;;
    esac || { say "$target: FAILED"; rc=1; }
done
exit $rc
