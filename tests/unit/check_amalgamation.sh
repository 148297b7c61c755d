#!/bin/sh
# The two files of `make amalgamation` as someone vendors them, with each set of parts:
# - compiles alone, with no include path, warnings as errors, as C11; the header as C++17, too;
# - exports what plainsip.h declares and nothing else, calls nothing but libc's memory functions,
#   holds no data (the whole core; transport/ may call its operating system);
# - limits come from PS_CONFIG_FILE, and what cannot work is refused by an #error;
# - included with PS_STATIC by another file, exports nothing;
# - an error in it is reported at its line of the source.
# Compiles with ${OPTIMISE:--O0}; CI does it again at -Os and -O2 with both compilers. The unit tests
# against these files are run by `make test` beside this.
set -u
B=${B:-build}
CC=${CC:-cc}
OPTIMISE=${OPTIMISE:--O0}
rc=0
case $B in /*) top=$B ;; *) top=$PWD/$B ;; esac
tools=$PWD/tests/tools
work=$top/tests/vendored
[ -f "$top/plainsip.c" ] || { echo "no $top/plainsip.c: make amalgamation first"; exit 1; }
rm -rf "$work"
mkdir -p "$work"
cp "$top/plainsip.c" "$top/plainsip.h" "$work/"
transport=$([ -d transport ] && echo yes)
cd "$work" || exit 1

warnings='-Wall -Wextra -Wpedantic -Wconversion -Werror'
compile() { # OBJECT FLAG...
    object=$1
    shift
    $CC -std=c11 $warnings -Wshadow -Wstrict-prototypes $OPTIMISE -c -o "$object" "$@"
}

# what the header declares with these flags
declared() {
    $CC -std=c11 "$@" -E plainsip.h | awk -f "$tools/names.awk" -f "$tools/public_names.awk" |
        awk '{ print $2 }' | LC_ALL=C sort -u
}

try() { # NAME FLAG...
    name=$1
    shift
    compile "$name.o" "$@" plainsip.c || { echo "$name ($*): does not compile"; rc=1; return; }
    declared "$@" >"$name.declared"
    strange=$(nm -g --defined-only "$name.o" | awk 'NF == 3 { print $3 }' | LC_ALL=C sort |
        LC_ALL=C comm -23 - "$name.declared")
    [ -z "$strange" ] || { echo "$name exports what plainsip.h does not declare: $(echo $strange)"; rc=1; }
    nm -g --defined-only "$name.o" | grep -q ' T ps_message_parse_[0-9]*$' ||
        { echo "$name does not export ps_message_parse"; rc=1; }
    case $name in *transport*) return ;; esac
    strange=$(nm -u "$name.o" | awk '{ print $2 }' |
        grep -Ev '^(memcpy|memmove|memset|memcmp|memchr|strlen|bcmp|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_)$')
    [ -z "$strange" ] || { echo "$name calls $(echo $strange)"; rc=1; }
    strange=$(size -A "$name.o" | awk '$1 ~ /^\.(data|bss)/ && $1 !~ /^\.data\.rel\.ro/ && $2 > 0')
    [ -z "$strange" ] || { echo "$name holds data: $strange"; rc=1; }
}

try all
try without_sdp -DPS_WITHOUT_SDP
try digest -DPS_WITHOUT_SDP -DPS_WITHOUT_STACK
try transactions -DPS_WITHOUT_SDP -DPS_WITHOUT_DIGEST
try parser -DPS_WITHOUT_SDP -DPS_WITHOUT_DIGEST -DPS_WITHOUT_TRANSACTIONS
without_sha='-DPS_WITHOUT_SHA256 -DPS_WITHOUT_SHA512_256'
try no_sha256 -DPS_WITHOUT_SHA256
try no_sha512 -DPS_WITHOUT_SHA512_256
try md5 $without_sha
try client -DPS_WITHOUT_DIGEST_SERVER
try md5_client $without_sha -DPS_WITHOUT_DIGEST_SERVER
try digest_md5_client -DPS_WITHOUT_SDP -DPS_WITHOUT_STACK $without_sha -DPS_WITHOUT_DIGEST_SERVER
try parser_sdp -DPS_WITHOUT_DIGEST -DPS_WITHOUT_TRANSACTIONS
[ -z "$transport" ] || try transport -DPS_WITH_TRANSPORT

# all of it inside another file: nothing is exported, nothing missing, and no warning
cat >whole.c <<'C'
#define PS_STATIC
#include "plainsip.c"
int main(void)
{
    struct ps_message m;
    static const char bytes[] = "SIP/2.0 200 OK\r\n\r\n";
    return ps_message_index(&m, bytes, sizeof bytes - 1, NULL, NULL) || m.status != 200;
}
C
for flags in '' "${transport:+-DPS_WITH_TRANSPORT}" -DPS_WITHOUT_STACK -DPS_WITHOUT_TRANSACTIONS \
    "$without_sha -DPS_WITHOUT_DIGEST_SERVER"; do
    compile whole.o $flags whole.c && $CC -o whole whole.o && ./whole ||
        { echo "included, with PS_STATIC ($flags): does not work"; rc=1; }
    strange=$(nm -g --defined-only whole.o | awk '$3 != "main" { print $3 }')
    [ -z "$strange" ] || { echo "included, with PS_STATIC ($flags), it exports $(echo $strange)"; rc=1; }
done

# and so do the programs of `make footprint`
for program in "$OLDPWD"/tests/footprint/*.c; do
    compile program.o -I. -fsyntax-only "$program" || { echo "$program: does not compile"; rc=1; }
done

# a set without a part lacks its functions
for gone in parser:ps_digest parser:ps_transaction parser:ps_sdp transactions:ps_digest digest:ps_dialog \
    parser:ps_hash client:ps_digest_server client:ps_stack_authenticate; do
    left=$(nm -g --defined-only "${gone%:*}.o" 2>/dev/null | grep " T ${gone#*:}" | head -n 1)
    [ -z "$left" ] || { echo "${gone%:*} still has $left"; rc=1; }
done
# nor anything that was inside: neither code nor tables
for gone in no_sha256:sha256 no_sha512:sha512 md5:sha256 md5:sha512 client:ps_nonce parser:md5; do
    nm all.o | grep -q " [a-zA-Z] .*${gone#*:}" || { echo "no symbol is named for ${gone#*:}"; rc=1; }
    left=$(nm "${gone%:*}.o" | grep " [a-zA-Z] .*${gone#*:}" | head -n 1)
    [ -z "$left" ] || { echo "${gone%:*} still has $left"; rc=1; }
done

# an algorithm that is left out is one that nobody knows
cat >unknown.c <<'C'
#include "plainsip.h"

/* The algorithm that a client answers with where these are offered, or PS_DIGEST_ALGORITHMS. */
static enum ps_digest_algorithm answered(const char *const *offered, size_t n)
{
    static const struct ps_digest_user user = {.username = {"bob", 3}, .password = {"zanzibar", 8}};
    static const struct ps_digest_place place = {{"192.0.2.1", 9}, false};
    static const struct ps_digest_request request = {{"REGISTER", 8}, {"sip:example.com", 15}, {"", 0}};
    struct ps_digest_policy policy = {PS_DIGEST_STRONGEST, PS_HASH_MD5, false};
    struct ps_digest_client client;
    struct ps_digest_attempt attempt;
    struct ps_digest_credentials sent;
    struct ps_slice values[8];
    char text[1000];
    struct ps_writer w = ps_writer(text, sizeof text);
    size_t i, at = 0;
    for (i = 0; i < n; i++)
        values[i] = ps_slice_of(offered[i]);
    ps_digest_client_start(&client, &user, 1, &policy);
    ps_digest_attempt_start(&attempt);
    if (ps_digest_client_challenged(&client, &attempt, &place, values, n, PS_S("0a4f113b")))
        return PS_DIGEST_ALGORITHMS;
    ps_digest_client_put(&client, ps_digest_client_next(&client, place.target, &at), &attempt, &request, &w);
    return ps_digest_read_credentials(ps_written(&w), &sent) ? PS_DIGEST_ALGORITHMS : sent.algorithm;
}

#ifndef PS_WITHOUT_DIGEST_SERVER
/* May a server offer it? */
static int may_offer(unsigned algorithm)
{
    static struct ps_digest_bucket bucket[1];
    struct ps_digest_server server = {.realm = {"example.com", 11}, .nonce_life = 1000, .n_offers = 1,
                                      .qop = PS_QOP_AUTH, .bucket = bucket, .n_buckets = 1};
    server.offers[0] = (enum ps_digest_algorithm)algorithm;
    return !ps_digest_server_valid(&server);
}
#endif

static int has(unsigned algorithm)
{
#ifdef PS_WITHOUT_SHA256
    if (algorithm / 2 == 1)
        return 0;
#endif
#ifdef PS_WITHOUT_SHA512_256
    if (algorithm / 2 == 2)
        return 0;
#endif
    return algorithm < PS_DIGEST_ALGORITHMS;
}

#define OFFER(algorithm) "Digest realm=\"example.com\", nonce=\"84f1\", qop=\"auth\", algorithm=" algorithm

int main(void)
{
    static const char *const offered[] = {OFFER("MD5"), OFFER("MD5-sess"), OFFER("SHA-256"),
                                          OFFER("SHA-256-sess"), OFFER("SHA-512-256"), OFFER("SHA-512-256-sess")};
    static const char *const name[] = {"MD5", "MD5-sess", "SHA-256", "SHA-256-sess", "SHA-512-256", "SHA-512-256-sess"};
    const char *both[2] = {offered[0], 0};
    unsigned i;
    for (i = 0; i < PS_DIGEST_ALGORITHMS; i++) {
        unsigned known = has(i) ? i : PS_DIGEST_ALGORITHMS;
        if (ps_digest_algorithm_from(ps_slice_of(name[i])) != known)
            return 10 + (int)i;
        if (ps_equal(ps_digest_algorithm_name((enum ps_digest_algorithm)i), ps_slice_of(name[i])) != has(i))
            return 20 + (int)i;
        if (answered(&offered[i], 1) != known)
            return 30 + (int)i;
        both[1] = offered[i]; /* beside MD5, which is the weaker one */
        if (answered(both, 2) != (i > 1 && has(i) ? i : 0))
            return 40 + (int)i;
#ifndef PS_WITHOUT_DIGEST_SERVER
        if (may_offer(i) != has(i))
            return 50 + (int)i;
#endif
    }
    return ps_digest_algorithm_from(PS_NONE) == PS_DIGEST_ALGORITHMS ? 0 : 1;
}
C
unknown() { # NAME FLAG...: as the set of that name was compiled
    name=$1
    shift
    compile unknown.o "$@" unknown.c && $CC -o unknown unknown.o "$name.o" || { rc=1; return; }
    ./unknown || { echo "$name: what is left out is not unknown ($?)"; rc=1; }
}
unknown all
unknown no_sha256 -DPS_WITHOUT_SHA256
unknown no_sha512 -DPS_WITHOUT_SHA512_256
unknown md5 $without_sha
unknown digest_md5_client -DPS_WITHOUT_SDP -DPS_WITHOUT_STACK $without_sha -DPS_WITHOUT_DIGEST_SERVER

# the header in C++
case $CC in *clang*) cxx=${CXX:-clang++} ;; *) cxx=${CXX:-g++} ;; esac
if command -v "${cxx%% *}" >/dev/null 2>&1; then
    printf '#include "plainsip.h"\n#include "plainsip.h"\n' >user.cc
    for flags in '' "${transport:+-DPS_WITH_TRANSPORT}" -DPS_WITHOUT_TRANSACTIONS -DPS_WITHOUT_DIGEST_SERVER; do
        $cxx -std=c++17 $warnings $flags -fsyntax-only user.cc || { echo "plainsip.h ($flags): no C++"; rc=1; }
    done
fi

# limits: a file of the user's, and one that cannot work
cat >my_limits.h <<'C'
#define PS_MAX_HEADERS 40
#define PS_MAX_MESSAGE 1500
C
cat >limits.c <<'C'
#include "plainsip.h"
#if PS_MAX_HEADERS != 40 || PS_MAX_MESSAGE != 1500
#error "PS_CONFIG_FILE was not read"
#endif
C
compile limits.o '-DPS_CONFIG_FILE="my_limits.h"' -fsyntax-only limits.c || rc=1
compile small.o '-DPS_CONFIG_FILE="my_limits.h"' plainsip.c || { echo "small limits: does not compile"; rc=1; }
echo '#define PS_MAX_HEADERS 5' >bad_limits.h
compile bad.o '-DPS_CONFIG_FILE="bad_limits.h"' plainsip.c 2>errors && { echo "PS_MAX_HEADERS 5 was not refused"; rc=1; }
grep -q 'limits\.h:[0-9]*.*PS_MAX_HEADERS: 16' errors || { echo "the refusal does not say where and why:"; head -n 3 errors; rc=1; }

# every #line tells the truth: a line marked in a source is reported there
line=$(grep -n '^bool ps_ip_is_any' "$OLDPWD/sip/base/address.c" | cut -d: -f1)
sed 's/^bool ps_ip_is_any/int wrong = "here"; bool ps_ip_is_any/' plainsip.c >wrong.c
compile wrong.o wrong.c 2>errors && { echo "a wrong line compiled"; rc=1; }
grep -q "sip/base/address\.c:$line:" errors || { echo "an error at sip/base/address.c:$line is reported elsewhere:"; head -n 3 errors; rc=1; }
exit $rc
