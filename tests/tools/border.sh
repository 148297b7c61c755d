#!/bin/sh
# Prints the headers that an application may include and that are installed (border.awk), one a line;
# with --private the other headers of the library. Run in the root of the tree.
set -u
all=$(ls sip/*.h sip/*/*.h sdp/*.h digest/*.h transport/*.h 2>/dev/null)
public=$(LC_ALL=C awk -f tests/tools/house.awk -f tests/tools/border.awk $all) || exit 1
case ${1:-} in
--private)
    for h in $all; do
        case " $(echo $public) " in *" $h "*) ;; *) echo "$h" ;; esac
    done
    ;;
*) echo "$public" ;;
esac
