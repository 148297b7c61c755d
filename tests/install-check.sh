#!/bin/sh
# Makes sure that Check (https://libcheck.github.io/check/), the one package that the tests need,
# is there: looks for its header, and installs it with the system's package manager if it is not.
# Does nothing else.
set -u
have_check() {
    echo '#include <check.h>' | ${CC:-cc} -E - >/dev/null 2>&1
}
have_check && exit 0
echo "Check is missing: trying to install it with the system's package manager"
if [ "$(id -u)" = 0 ]; then sudo=; else sudo=sudo; fi
if command -v apt-get >/dev/null 2>&1; then
    $sudo apt-get install -y check pkg-config >/dev/null 2>&1 ||
        { $sudo apt-get update >/dev/null 2>&1 && $sudo apt-get install -y check pkg-config; }
elif command -v dnf >/dev/null 2>&1; then
    $sudo dnf install -y check-devel pkgconf
elif command -v apk >/dev/null 2>&1; then
    $sudo apk add check-dev pkgconf
elif command -v pacman >/dev/null 2>&1; then
    $sudo pacman -S --noconfirm check pkgconf
elif command -v brew >/dev/null 2>&1; then
    brew install check pkg-config
fi
have_check && exit 0
cat >&2 <<'EOF'
Check could not be installed. The tests need its header and library:
  Debian, Ubuntu  apt-get install check pkg-config
  Fedora          dnf install check-devel pkgconf
  Alpine          apk add check-dev pkgconf
or build it from https://libcheck.github.io/check/ and run make test again.
EOF
exit 1
