#!/bin/sh
# `make install` into a folder under build/: the headers of the border and no other are there, the
# pkg-config file is good for a program that is compiled and linked with what it says (static and
# shared), the installed program runs, the manual pages name every command and every function, and groff,
# where it is, does not warn about them; LIBDIR may be another. Touches nothing outside build/.
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
public=$(sh tests/tools/border.sh)
for h in $public; do
    [ $h = sip/limits.h ] || cmp "$h" "$root$prefix/include/plainsip/$h" || rc=1
done
CFLAGS="${CFLAGS:--O2 -g}" sh tests/tools/installed_limits.sh | cmp - "$root$prefix/include/plainsip/sip/limits.h" || rc=1
strange=$( (cd "$root$prefix/include/plainsip" && find . -type f) | sed 's|^\./||' | LC_ALL=C sort |
    while read -r h; do case " $(echo $public) " in *" $h "*) ;; *) echo "$h" ;; esac; done)
[ -z "$strange" ] || { echo "installed and not public: $(echo $strange)"; rc=1; }
for f in share/doc/plainsip/LICENSE share/doc/plainsip/README.md; do
    [ -s "$root$prefix/$f" ] || { echo "$f is not installed"; rc=1; }
done
"$root$prefix/bin/plainsip" --help >/dev/null || { echo "the installed program does not run"; rc=1; }

# ---- manual pages ----

# warnings PAGE: those of rendering it; CI has groff
warnings() {
    ! command -v groff >/dev/null 2>&1 || groff -man -ww -Tutf8 "$1" 2>&1 >/dev/null
}
man=$root$prefix/share/man
printf '.TH X 1\n.SH NAME\nx \\- y\n.nosuch\n' >"$root/bad.1"
! command -v groff >/dev/null 2>&1 || [ -n "$(warnings "$root/bad.1")" ] ||
    { echo "a request that does not exist was not noticed"; rc=1; }
for page in man1/plainsip.1 man3/plainsip.3; do
    [ -s "$man/$page" ] || { echo "$page is not installed"; rc=1; continue; }
    strange=$(warnings "$man/$page" | head -n 3)
    [ -z "$strange" ] || { echo "$page: $strange"; rc=1; }
done
for c in $("$root$prefix/bin/plainsip" --help | awk '/^commands:/ { on = 1; next } /^$/ { on = 0 } on { print $1 }'); do
    grep -q "^\.SS plainsip $c\$" "$man/man1/plainsip.1" || { echo "plainsip(1) lacks $c"; rc=1; }
done
for f in $(cat $public | grep -oE '^[a-z].*[ *]ps_[a-z0-9_]+\(' | grep -oE 'ps_[a-z0-9_]+\(' | LC_ALL=C sort -u); do
    grep -qF "$f" "$man/man3/plainsip.3" || { echo "plainsip(3) lacks $f)"; rc=1; }
done

# ---- another LIBDIR ----

other=$root/other
make --no-print-directory -s B="$B" CC="$CC" CFLAGS="${CFLAGS:--O2 -g}" PREFIX=/usr LIBDIR=/usr/lib/machine \
    DESTDIR="$other" install >"$root/log" 2>&1 || { cat "$root/log"; rc=1; }
for f in libplainsip.a libplainsip.so pkgconfig/plainsip.pc; do
    [ -e "$other/usr/lib/machine/$f" ] || { echo "LIBDIR: no $f"; rc=1; }
done
grep -qx 'libdir=${prefix}/lib/machine' "$other/usr/lib/machine/pkgconfig/plainsip.pc" ||
    { echo "LIBDIR: plainsip.pc names another"; rc=1; }

# ---- a program that uses it ----

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
$CC -std=c11 -DPS_MAX_HEADERS=16 -o other user.c $all 2>other.log && { echo "other limits than the library's were taken"; rc=1; }
grep -q 'PS_MAX_HEADERS: the installed library was built with 128' other.log ||
    { echo "other limits: the refusal does not say why"; rc=1; }
shared=$root$prefix/lib/libplainsip.so
if [ ! -e "$shared" ]; then
    echo "no shared library installed"
    rc=1
else
    readelf -d as_pkg_config | grep -q 'NEEDED.*libplainsip\.so\.' || { echo "-lplainsip did not take the shared library"; rc=1; }
    strange=$(nm -D --defined-only "$shared" | awk 'NF == 3 && $2 != "A" { sub(/@.*/, "", $3); print $3 }' | grep -v '^ps_')
    [ -z "$strange" ] || { echo "the shared library exports: $strange"; rc=1; }
    nm -D --defined-only "$shared" | grep -q ' T ps_message_parse_[0-9]' || { echo "the shared library lacks ps_message_parse"; rc=1; }
    printf '#include "sip/message.h"\nint main(void) { return ps_message_index(0, 0, 0, 0, 0); }\n' >tree.c
    $CC -std=c11 -I"$OLDPWD" -o tree tree.c "$shared" || { echo "the shared library does not fit the headers of the tree"; rc=1; }
    $CC -std=c11 -I"$OLDPWD" -DPS_MAX_HEADERS=16 -o tree tree.c "$shared" 2>tree.log &&
        { echo "the shared library was linked with other limits"; rc=1; }
    grep -q ps_message_index_16 tree.log || { echo "shared, other limits: refused for another reason"; rc=1; }
fi
exit $rc
