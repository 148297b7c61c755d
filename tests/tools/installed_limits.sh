#!/bin/sh
# Prints sip/limits.h as it is installed: with the limits that the library is built with, given by CC,
# CPPFLAGS and CFLAGS, in place of the defaults, and an #error where a program sets another. Run in the
# root of the tree.
set -u
in_force=$(printf '#include "sip/limits.h"\n#define LIMIT(name) limit:#name:name:\nPS_LIMITS(LIMIT)\n' |
    ${CC:-cc} -std=c11 ${CPPFLAGS:-} ${CFLAGS:-} -I. -E -P -x c - | tr -d '" \n' |
    awk 'BEGIN { RS = "limit:"; FS = ":" } NF > 1 { print $1, $2 }') || exit 1
echo "$in_force" | awk '
    FILENAME == "-" { value[$1] = $2; next }
    /^#ifndef PS_/ && $2 != "PS_LIMITS_H" {
        name = $2
        if (value[name] !~ /^[0-9]+$/) {
            print name ": is not among PS_LIMITS, or no decimal number" > "/dev/stderr"
            exit failed = 1
        }
        print "#if defined " name " && " name " != " value[name]
        print "#error \"" name ": the installed library was built with " value[name] "\""
        print "#endif"
        print "#undef " name
        next
    }
    name != "" && $1 == "#define" && $2 == name { print $1, name, value[name]; next }
    name != "" && /^#endif/ { name = ""; next }
    { print }
    END { exit failed }' - sip/limits.h
