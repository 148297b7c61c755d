#!/bin/sh
# Makes DIR/plainsip.c and DIR/plainsip.h from the sources (amalgamate.awk says how):
# sh tests/tools/amalgamate.sh VERSION DIR. Needs a shell and awk; the commit is named where git is.
set -u
version=$1
out=$2
tools=tests/tools
commit=$(git rev-parse --short=12 HEAD 2>/dev/null) || commit='no commit'
[ -z "$(git status --porcelain -- sip sdp digest transport 2>/dev/null)" ] || commit="$commit, changed"
mkdir -p "$out"
rm -f "$out/plainsip.c" "$out/plainsip.h"
# the codecs that stand alone, sip/, transport/
files=$(for f in sip/*.h sip/*/*.h sdp/*.h digest/*.h transport/*.h digest/*.c sdp/*.c sip/*/*.c transport/*.c; do
    [ -f "$f" ] && echo "$f"
done)
LC_ALL=C awk -v version="$version" -v commit="$commit" -v out="$out" \
    -f $tools/house.awk -f $tools/names.awk -f $tools/amalgamate.awk $files ||
    { rm -f "$out/plainsip.c" "$out/plainsip.h"; exit 1; }
