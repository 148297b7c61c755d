#!/bin/sh
# `make install` into a folder under build/: every public header and no private one is there, the
# pkg-config file is good for a program that is compiled and linked with what it says (static and,
# where it is installed, shared), and the installed program runs. Touches nothing outside build/.
set -u
B=${B:-build}
CC=${CC:-cc}
case $B in /*) root=$B/tests/install ;; *) root=$PWD/$B/tests/install ;; esac
prefix=/opt/plain
rc=0
rm -rf "$root"
mkdir -p "$root"
make --no-print-directory -s B="$B" CC="$CC" CFLAGS="${CFLAGS:--O2 -g}" PREFIX=$prefix DESTDIR="$root" install >"$root/log" 2>&1 ||
    { cat "$root/log"; exit 1; }
rm "$root/log"

outside=$(find "$root" -type f ! -path "$root$prefix/*")
[ -z "$outside" ] || { echo "installed outside PREFIX: $outside"; rc=1; }
for h in sip/*.h sdp/*.h digest/*.h transport/*.h; do
    [ -f "$h" ] || continue
    case $h in
    *_internal.h) [ ! -e "$root$prefix/include/plainsip/$h" ] || { echo "$h is private and was installed"; rc=1; } ;;
    *) cmp "$h" "$root$prefix/include/plainsip/$h" || rc=1 ;;
    esac
done
"$root$prefix/bin/plainsip" --help >/dev/null || { echo "the installed program does not run"; rc=1; }

cat >"$root/user.c" <<'C'
#include <sip/address.h>
#include <sip/text.h>
#include <stdio.h>

int main(void)
{
    struct ps_address address;
    char text[PS_ADDRESS_TEXT];
    struct ps_writer w = ps_writer(text, sizeof text);
    if (ps_address_parse(PS_S("[2001:db8::0:1]:5060"), 0, &address))
        return 1;
    ps_put_address(&w, &address);
    return printf("%.*s\n", (int)w.n, text) > 0 ? 0 : 1;
}
C
# flags MODE...: as pkg-config gives them, or read from the file where there is no pkg-config
pc=$root$prefix/lib/pkgconfig/plainsip.pc
flags() {
    if command -v pkg-config >/dev/null 2>&1; then
        PKG_CONFIG_PATH=${pc%/*} pkg-config --define-variable=prefix="$root$prefix" "$@" plainsip
    else
        eval "$(sed -n -e "s|^prefix=.*|prefix=$root$prefix|p" -e 's/^\([a-z]*dir=\)/\1/p' "$pc")"
        eval "echo \"$(sed -n -e 's/^Libs: //p' -e 's/^Cflags: //p' "$pc" | tr '\n' ' ')\""
    fi
}
all=$(flags --cflags --libs) || { echo "pkg-config does not read plainsip.pc"; exit 1; }
cd "$root" || exit 1

try() { # NAME COMPILER-ARGUMENT...
    name=$1
    shift
    $CC -std=c11 -Wall -Wextra -Wpedantic -Werror ${CFLAGS:-} -o "$name" user.c "$@" || { echo "$name: does not link"; rc=1; return; }
    said=$(LD_LIBRARY_PATH=$root$prefix/lib "./$name")
    [ "$said" = '[2001:db8::1]:5060' ] || { echo "$name says '$said'"; rc=1; }
}
try as_pkg_config $all
try static $(flags --cflags) "$root$prefix/lib/libplainsip.a"
shared=$root$prefix/lib/libplainsip.so
if [ ! -e "$shared" ]; then
    echo "no shared library installed"
    rc=1
else
    readelf -d as_pkg_config | grep -q 'NEEDED.*libplainsip\.so\.' || { echo "-lplainsip did not take the shared library"; rc=1; }
    strange=$(nm -D --defined-only "$shared" | awk 'NF == 3 && $2 != "A" { sub(/@.*/, "", $3); print $3 }' | grep -v '^ps_')
    [ -z "$strange" ] || { echo "the shared library exports: $strange"; rc=1; }
    nm -D --defined-only "$shared" | grep -q ' T ps_message_parse' || { echo "the shared library lacks ps_message_parse"; rc=1; }
fi
exit $rc
