#!/bin/sh
# Builds the two files of `make amalgamation` as sip/README.md says: with its snippets for CMake and for
# Meson, limits of a product's own, and the parser of README.md as its program. Fails where a tool is
# missing: .ci/packages names them.
set -u
B=${B:-build}
work=$B/vendored
rm -rf "$work"
mkdir -p "$work/plainsip"
awk -v dir="$work" -f tests/tools/samples.awk README.md sip/README.md
cp "$B/plainsip.c" "$B/plainsip.h" "$work/plainsip/" || exit 1
echo '#define PS_MAX_MESSAGE 2048' >"$work/plainsip/my_limits.h"
sed 's|#include "sip/message.h"|#include "plainsip.h"|' "$work/parse.c" >"$work/main.c"
invite=$PWD/tests/traces/000-INVITE.sip
cd "$work" || exit 1

try() { # NAME PROGRAM
    "$2" <"$invite" | grep -q '^via ' || { echo "vendor: $1: the program does not parse"; exit 1; }
    echo "vendor: $1 ok"
}
{ cmake -S . -B cmake && cmake --build cmake; } >cmake.log 2>&1 || { tail -n 20 cmake.log; exit 1; }
try CMake cmake/my_product
{ meson setup meson && meson compile -C meson; } >meson.log 2>&1 || { tail -n 20 meson.log; exit 1; }
try Meson meson/my_product
