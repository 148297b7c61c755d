/*
 * One of the three hash functions, chosen at run time. Knows which there are, not how they work.
 * Where a build leaves one out, MD5 stands for it in all four, so that none writes more than
 * ps_hash_bytes says.
 */
#include "hash_internal.h"

size_t ps_hash_bytes(enum ps_hash_kind kind)
{
    switch (kind) {
#ifndef PS_WITHOUT_SHA256
    case PS_HASH_SHA256:
        return PS_SHA256_BYTES;
#endif
#ifndef PS_WITHOUT_SHA512_256
    case PS_HASH_SHA512_256:
        return PS_SHA512_256_BYTES;
#endif
    default:
        return PS_MD5_BYTES;
    }
}

void ps_hash_start(struct ps_hash *h, enum ps_hash_kind kind)
{
    h->kind = kind;
    switch (kind) {
#ifndef PS_WITHOUT_SHA256
    case PS_HASH_SHA256:
        ps_sha256_start(&h->of.sha256);
        break;
#endif
#ifndef PS_WITHOUT_SHA512_256
    case PS_HASH_SHA512_256:
        ps_sha512_256_start(&h->of.sha512_256);
        break;
#endif
    default:
        ps_md5_start(&h->of.md5);
    }
}

void ps_hash_add(struct ps_hash *h, const void *bytes, size_t n)
{
    switch (h->kind) {
#ifndef PS_WITHOUT_SHA256
    case PS_HASH_SHA256:
        ps_sha256_add(&h->of.sha256, bytes, n);
        break;
#endif
#ifndef PS_WITHOUT_SHA512_256
    case PS_HASH_SHA512_256:
        ps_sha512_256_add(&h->of.sha512_256, bytes, n);
        break;
#endif
    default:
        ps_md5_add(&h->of.md5, bytes, n);
    }
}

void ps_hash_end(struct ps_hash *h, uint8_t *out)
{
    switch (h->kind) {
#ifndef PS_WITHOUT_SHA256
    case PS_HASH_SHA256:
        ps_sha256_end(&h->of.sha256, out);
        break;
#endif
#ifndef PS_WITHOUT_SHA512_256
    case PS_HASH_SHA512_256:
        ps_sha512_256_end(&h->of.sha512_256, out);
        break;
#endif
    default:
        ps_md5_end(&h->of.md5, out);
    }
}
