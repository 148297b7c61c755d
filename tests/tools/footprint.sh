#!/bin/sh
# Measures the two files of `make amalgamation` at -Os, as vendored: sh tests/tools/footprint.sh LIMITS
# For x86-64 and Thumb-2: text, data, bss of each set of parts; the deepest stack of any public
# function; bytes a kept thing; the block of a small phone. The stack is measured with the limits of
# the file LIMITS and with the defaults, the rest does not depend on them but for the block.
# A machine without its compiler (or qemu-arm, for the bytes) is left out with a word.
# At the end the figures of Thumb-2 for scripts, "NAME: N" in bytes, behind the goals that they miss:
#   linked NAME        text of tests/footprint/NAME.c, a program that uses a part and no more, less an
#                      empty one; one file with plainsip.c in it, and --gc-sections
#   objects core-set   text of plainsip.c with all parts, but the transport
#   stack small-limits, block small-phone: as in the table, with the limits of LIMITS
set -u
B=${B:-build}
limits=$1
work=$B/footprint
mkdir -p "$work"
config="-DPS_CONFIG_FILE=\"$limits\""
figures=$work/figures
: >"$figures"

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
    awk -f tests/tools/stack.awk "$work/stack.ci" >"$work/stack.txt"
    awk -v what="$what" '
        !/^[0-9]/ { print "  stack, " what ": " $0; next }
        { bytes = $1; $1 = ""; printf "  deepest stack, %s: %d bytes:%s\n", what, bytes, $0 }' "$work/stack.txt"
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
    row 'the same, MD5, no server' "$size" "$@" \
        -DPS_WITHOUT_SHA256 -DPS_WITHOUT_SHA512_256 -DPS_WITHOUT_DIGEST_SERVER
    deepest "limits of ${limits##*/}" "$@" "$config" -I.
    deepest 'default limits' "$@"
}

bytes() { # RUNNER COMPILER FLAG... : what the stack keeps
    runner=$1
    shift
    "$@" -std=c11 -Os "$config" -I. -I"$B" -o "$work/sizes" tests/tools/sizes.c "$B/plainsip.c" || exit 1
    $runner "$work/sizes" >"$work/sizes.txt"
    awk '
        $1 == "small_phone" { block = $2; next }
        { things = things sprintf("%s %s %d", things == "" ? "" : ",", $1, $2) }
        END {
            print "  bytes of each:" things " (and its kept bytes)"
            print "  block of a small phone (2 calls, 1 registration, 1,500-byte messages): " block
        }' "$work/sizes.txt"
}

# ---- the figures, on Thumb-2 ----

cross() { arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb -std=c11 -Os "$@"; }
text_of() { arm-none-eabi-size "$1" | awk 'NR == 2 { print $1 }'; }

image() { # SOURCE: the text of a linked program; the linker's word on stubs of nosys.specs is dropped
    cross -ffunction-sections -fdata-sections "$config" -I. -I"$B" -Wl,--gc-sections --specs=nano.specs \
        --specs=nosys.specs -o "$work/image.elf" "$1" 2>"$work/image.log" ||
        { cat "$work/image.log" >&2; return 1; }
    text_of "$work/image.elf"
}

linked() {
    printf 'int main(void)\n{\n    for (;;)\n        ;\n}\n' >"$work/empty.c"
    empty=$(image "$work/empty.c") || exit 1
    for program in parser_writer transactions phone phone_without_sdp; do
        n=$(image "tests/footprint/$program.c") || exit 1
        echo "linked $(echo $program | tr _ -): $((n - empty))"
    done
}

core_set() {
    cross -ffunction-sections -c -o "$work/core.o" "$B/plainsip.c" || exit 1
    echo "objects core-set: $(text_of "$work/core.o")"
}

missed() { # FIGURES: the goals that they miss, and by how much
    awk -F ': ' '
        FILENAME == "-" { goal[$1] = $2; next }
        $1 in goal && $2 > goal[$1] {
            printf "missed: %s, %d of %d, %d too many\n", $1, $2, goal[$1], $2 - goal[$1]
        }' - "$1" <<'END'
linked parser-writer: 17408
linked transactions: 27648
linked phone: 65536
linked phone-without-sdp: 53248
objects core-set: 98304
stack small-limits: 2048
block small-phone: 24576
END
}

# without PIE: with it, constant tables of pointers stand in .data.rel.ro and count as data
machine x86-64 size gcc -fno-pie
bytes "" gcc
if command -v arm-none-eabi-gcc >/dev/null 2>&1; then
    machine 'Thumb-2, Cortex-M4' arm-none-eabi-size arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb
    { linked && core_set; } >"$figures" || exit 1
    deepest "limits of ${limits##*/}" arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb "$config" -I. >/dev/null
    awk '/^[0-9]/ { print "stack small-limits: " $1; exit }' "$work/stack.txt" >>"$figures"
    # the same ABI on a core that qemu-arm runs, with semihosting for output
    if command -v qemu-arm >/dev/null 2>&1; then
        bytes qemu-arm arm-none-eabi-gcc -mcpu=cortex-a7 -mthumb -mfloat-abi=soft --specs=rdimon.specs
        awk '$1 == "small_phone" { print "block small-phone: " $2 }' "$work/sizes.txt" >>"$figures"
    else
        echo "  bytes of each: skipped, no qemu-arm"
    fi
else
    echo "Thumb-2: skipped, no arm-none-eabi-gcc"
fi
echo "others, as measured on x86-64 at -Os: oSIP 124 KB without sockets, re 215 KB, PJSIP 543 KB"
missed "$figures"
cat "$figures"
