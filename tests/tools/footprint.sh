#!/bin/sh
# Measures the two files of `make amalgamation` at -Os, as vendored: sh tests/tools/footprint.sh LIMITS
# For x86-64 and Thumb-2: text, data, bss of each set of parts; the deepest stack of any public
# function; bytes a kept thing; the block of a small phone. The stack is measured with the limits of
# the file LIMITS and with the defaults, the rest does not depend on them but for the block.
# A machine without its compiler (or qemu-arm, for the bytes) is left out with a word.
set -u
B=${B:-build}
limits=$1
work=$B/footprint
mkdir -p "$work"
config="-DPS_CONFIG_FILE=\"$limits\""

row() { # NAME SIZE-TOOL COMPILER FLAG... : a line of the table
    name=$1 size=$2
    shift 2
    "$@" -std=c11 -Os -ffunction-sections -c -o "$work/part.o" "$B/plainsip.c" || exit 1
    $size "$work/part.o" | awk -v name="$name" 'NR == 2 { printf "  %-26s %8d %6d %6d\n", name, $1, $2, $3 }'
}

deepest() { # WHAT COMPILER FLAG...
    what=$1
    shift
    "$@" -std=c11 -Os -fcallgraph-info=su -c -o "$work/stack.o" "$B/plainsip.c" || exit 1
    awk -f tests/tools/stack.awk "$work/stack.ci" |
        awk -v what="$what" '{ bytes = $1; $1 = ""; printf "  deepest stack, %s: %d bytes:%s\n", what, bytes, $0 }'
}

machine() { # NAME SIZE-TOOL COMPILER FLAG...
    echo "$1 ($3 -Os):"
    size=$2
    shift 2
    printf '  %-26s %8s %6s %6s\n' '' text data bss
    row 'parser and writer' "$size" "$@" -DPS_WITHOUT_SDP -DPS_WITHOUT_DIGEST -DPS_WITHOUT_TRANSACTIONS
    row '+ transactions' "$size" "$@" -DPS_WITHOUT_SDP -DPS_WITHOUT_DIGEST
    row '+ Digest' "$size" "$@" -DPS_WITHOUT_SDP -DPS_WITHOUT_STACK
    row '+ dialogs, calls, the stack' "$size" "$@" -DPS_WITHOUT_SDP
    row '+ SDP: everything' "$size" "$@"
    deepest "limits of ${limits##*/}" "$@" "$config" -I.
    deepest 'default limits' "$@"
}

bytes() { # RUNNER COMPILER FLAG... : what the stack keeps
    runner=$1
    shift
    "$@" -std=c11 -Os "$config" -I. -I"$B" -o "$work/sizes" tests/tools/sizes.c "$B/plainsip.c" || exit 1
    $runner "$work/sizes" | awk '
        $1 == "small_phone" { block = $2; next }
        { things = things sprintf("%s %s %d", things == "" ? "" : ",", $1, $2) }
        END {
            print "  bytes of each:" things " (and its kept bytes)"
            print "  block of a small phone (2 calls, 1 registration, 1,500-byte messages): " block
        }'
}

# without PIE: with it, constant tables of pointers stand in .data.rel.ro and count as data
machine x86-64 size gcc -fno-pie
bytes "" gcc
if command -v arm-none-eabi-gcc >/dev/null 2>&1; then
    machine 'Thumb-2, Cortex-M4' arm-none-eabi-size arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb
    # the same ABI on a core that qemu-arm runs, with semihosting for output
    if command -v qemu-arm >/dev/null 2>&1; then
        bytes qemu-arm arm-none-eabi-gcc -mcpu=cortex-a7 -mthumb -mfloat-abi=soft --specs=rdimon.specs
    else
        echo "  bytes of each: skipped, no qemu-arm"
    fi
else
    echo "Thumb-2: skipped, no arm-none-eabi-gcc"
fi
echo "goals on Thumb-2: parser and writer 16384, with transactions 24576, everything 65536; data, bss 0;"
echo "  stack 2048; small phone 24576"
echo "others, as measured on x86-64 at -Os: oSIP 124 KB without sockets, re 215 KB, PJSIP 543 KB"
