#!/bin/sh
# Prints a linker's version script that exports the names which the header declares and the object
# defines, and hides the rest: sh tests/tools/exports.sh plainsip.h plainsip.o [-DFLAG...]
set -u
header=$1
object=$2
shift 2
tools=tests/tools
${CC:-cc} -std=c11 "$@" -E "$header" |
    awk -f $tools/names.awk -f $tools/public_names.awk | awk '{ print $2 }' >"$object.declared"
echo 'PLAINSIP_0 {'
echo '    global:'
${NM:-nm} -g --defined-only "$object" | awk '
    FILENAME != "-" { declared[$1] = 1; next }
    NF == 3 && $3 in declared { print "        " $3 ";" }' "$object.declared" - | LC_ALL=C sort
echo '    local: *;'
echo '};'
