#!/bin/sh
# Makes the manual pages: plainsip(1) from the help texts of the program, plainsip(3) from the comments
# and declarations of the public headers, in reading order.
#   sh tests/tools/man.sh VERSION PROGRAM DIR
# Needs a shell and awk. Adds nothing that is not said there.
set -u
version=$1
program=$2
out=$3
tools=tests/tools
mkdir -p "$out"

# commands as `plainsip --help` lists them
commands=$("$program" --help | awk '/^commands:/ { on = 1; next } /^$/ { on = 0 } on { print $1 }')
[ -n "$commands" ] || { echo "man: $program --help names no command"; exit 1; }
{
    printf '.TH PLAINSIP 1 "" "plainsip %s" "User commands"\n' "$version"
    printf '.SH NAME\nplainsip \\- SIP phones, a registrar, and readers of SIP messages\n'
    printf '.SH SYNOPSIS\n.B plainsip\n.I COMMAND\n[\\fIOPTION\\fR...] [\\fIARGUMENT\\fR...]\n'
    printf '.SH DESCRIPTION\n'
    "$program" --help | awk -f $tools/man.awk -f $tools/man_help.awk
    printf '.SH COMMANDS\n'
    for c in $commands; do
        printf '.SS plainsip %s\n' "$c"
        "$program" "$c" --help | awk -f $tools/man.awk -f $tools/man_help.awk
    done
    printf '.SH SEE ALSO\n.BR plainsip (3)\n'
} >"$out/plainsip.1"

# those of the border, as house.awk has them from left to right
headers=$(awk -f $tools/house.awk -f $tools/border.awk $(sh $tools/border.sh))
{
    printf '.TH PLAINSIP 3 "" "plainsip %s" "Library functions"\n' "$version"
    printf '.SH NAME\nplainsip \\- a SIP stack without dependencies\n'
    printf '.SH SYNOPSIS\n.nf\n'
    printf 'cc program.c $(pkg\\-config \\-\\-cflags \\-\\-libs plainsip)\n'
    for h in $headers; do printf '.B #include <%s>\n' "$h"; done
    printf '.fi\n'
    awk -f $tools/man.awk -f $tools/man_headers.awk $headers
    printf '.SH SEE ALSO\n.BR plainsip (1)\n'
} >"$out/plainsip.3"
