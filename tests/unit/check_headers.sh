#!/bin/sh
# The public headers, as `make install` has them (tests/tools/border.sh):
# - each compiles alone, as C11 and as C++17 (all warnings are errors), and all of them together,
#   in both orders, in C++;
# - every macro that they define starts with PS_, every enumerator, type and function with PS_ or ps_
#   (what is local to an inline function is its own).
# Says so and leaves the C++ half out where no C++ compiler is. Looks at no object file.
set -u
B=${B:-build}
CC=${CC:-cc}
work=$B/tests/headers
rc=0
warnings='-Wall -Wextra -Wpedantic -Wconversion -Werror'
# -Wshadow for C alone: struct ps_slice beside the function ps_slice() is the RFC's word twice, which
# C++ allows and g++ takes for a hidden constructor

if [ -z "${CXX:-}" ]; then
    case $CC in
    *clang*) CXX=clang++ ;;
    *) CXX=g++ ;;
    esac
    command -v $CXX >/dev/null 2>&1 || CXX=c++
fi
have_cxx=yes
command -v ${CXX%% *} >/dev/null 2>&1 || { have_cxx=no; echo "note: no C++ compiler, headers tried as C alone"; }

rm -rf "$work"
mkdir -p "$work"
headers=$(sh tests/tools/border.sh)
[ -n "$headers" ] || { echo "no header found"; exit 1; }

try_c() { $CC -std=c11 $warnings -Wshadow -Wstrict-prototypes -I. -fsyntax-only "$1"; }
try_cxx() { [ $have_cxx = no ] || $CXX -std=c++17 $warnings -I. -fsyntax-only "$1"; }

# a header that is C alone, to see that the compilers are asked in earnest
printf 'int f(int class);\nint *g(void *p);\ninline int *g(void *p) { return p; }\n' >"$work/c_only.h"
printf '#include "%s"\nint ps_used;\n' "$PWD/$work/c_only.h" >"$work/c_only.cc"
[ $have_cxx = no ] || ! try_cxx "$work/c_only.cc" 2>/dev/null ||
    { echo "a header that is no C++ passed"; rc=1; }

for h in $headers; do
    unit=$work/$(echo $h | tr '/.' '__')
    # twice: the guard holds
    printf '#include "%s"\n#include "%s"\nextern int ps_used;\n' $h $h >$unit.c
    cp $unit.c $unit.cc
    try_c $unit.c || { echo "$h: not C11 alone"; rc=1; }
    try_cxx $unit.cc || { echo "$h: not C++17"; rc=1; }
    printf '#include "%s"\n' $h >>"$work/all.cc"
done
LC_ALL=C sort -r "$work/all.cc" >"$work/reversed.cc"
for f in all reversed; do
    try_cxx "$work/$f.cc" || { echo "all headers in one C++ file ($f): refused"; rc=1; }
done

# macros: those that the headers add to what the system's headers define
cp "$work/all.cc" "$work/all.c"
cat $headers | grep -E '^[[:space:]]*#[[:space:]]*include[[:space:]]*<' | LC_ALL=C sort -u >"$work/system.c"
defines() { $CC -std=c11 -I. -E -dM "$1" | awk '{ sub(/\(.*/, "", $2); print $2 }' | LC_ALL=C sort -u; }
defines "$work/system.c" >"$work/before"
defines "$work/all.c" >"$work/after"
strange=$(LC_ALL=C comm -13 "$work/before" "$work/after" | grep -v '^PS_')
[ -z "$strange" ] || { echo "macros that do not start with PS_: $(echo $strange)"; rc=1; }
grep -q '^PS_ERROR_H$' "$work/after" || { echo "no macro of ours was seen"; rc=1; }

# names at file scope, from the preprocessed text of our headers
$CC -std=c11 -I. -E "$work/all.c" |
    awk -f tests/tools/names.awk -f tests/tools/public_names.awk | awk '{ print $2 }' >"$work/names"
strange=$(grep -Ev '^(ps_|PS_)' "$work/names" | LC_ALL=C sort -u)
[ -z "$strange" ] || { echo "names at file scope without ps_ or PS_: $(echo $strange)"; rc=1; }
for name in ps_error PS_OK ps_error_text ps_slice; do
    grep -qx $name "$work/names" || { echo "$name was not seen among the names"; rc=1; }
done
exit $rc
