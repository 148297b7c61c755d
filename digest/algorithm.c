/*
 * The algorithms of Digest (RFC 2617, RFC 7616, RFC 8760): their names, the hash function under
 * each, and which are -sess. One that a build leaves out has no name. Computes nothing.
 */
#include "digest.h"

static const struct {
    const char *name;
    enum ps_hash_kind hash;
    bool session;
} algorithm_rows[PS_DIGEST_ALGORITHMS] = {
    [PS_DIGEST_MD5] = {"MD5", PS_HASH_MD5, false},
    [PS_DIGEST_MD5_SESS] = {"MD5-sess", PS_HASH_MD5, true},
#ifndef PS_WITHOUT_SHA256
    [PS_DIGEST_SHA_256] = {"SHA-256", PS_HASH_SHA256, false},
    [PS_DIGEST_SHA_256_SESS] = {"SHA-256-sess", PS_HASH_SHA256, true},
#endif
#ifndef PS_WITHOUT_SHA512_256
    [PS_DIGEST_SHA_512_256] = {"SHA-512-256", PS_HASH_SHA512_256, false},
    [PS_DIGEST_SHA_512_256_SESS] = {"SHA-512-256-sess", PS_HASH_SHA512_256, true},
#endif
};

struct ps_slice ps_digest_algorithm_name(enum ps_digest_algorithm algorithm)
{
    return algorithm < PS_DIGEST_ALGORITHMS ? ps_slice_of(algorithm_rows[algorithm].name) : PS_NONE;
}

enum ps_digest_algorithm ps_digest_algorithm_from(struct ps_slice name)
{
    unsigned i;
    for (i = 0; i < PS_DIGEST_ALGORITHMS; i++)
        if (name.n && ps_equal_nocase(name, ps_slice_of(algorithm_rows[i].name)))
            break;
    return (enum ps_digest_algorithm)i;
}

enum ps_hash_kind ps_digest_hash(enum ps_digest_algorithm algorithm)
{
    return algorithm < PS_DIGEST_ALGORITHMS ? algorithm_rows[algorithm].hash : PS_HASH_MD5;
}

bool ps_digest_is_session(enum ps_digest_algorithm algorithm)
{
    return algorithm < PS_DIGEST_ALGORITHMS && algorithm_rows[algorithm].session;
}
