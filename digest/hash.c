/*
 * One of the three hash functions, chosen at run time. Knows which there are, not how they work.
 */
#include "hash_internal.h"

size_t ps_hash_bytes(enum ps_hash_kind kind)
{
    return kind == PS_HASH_MD5 ? PS_MD5_BYTES : PS_SHA256_BYTES;
}

void ps_hash_start(struct ps_hash *h, enum ps_hash_kind kind)
{
    h->kind = kind;
    if (kind == PS_HASH_MD5)
        ps_md5_start(&h->of.md5);
    else if (kind == PS_HASH_SHA256)
        ps_sha256_start(&h->of.sha256);
    else
        ps_sha512_256_start(&h->of.sha512_256);
}

void ps_hash_add(struct ps_hash *h, const void *bytes, size_t n)
{
    if (h->kind == PS_HASH_MD5)
        ps_md5_add(&h->of.md5, bytes, n);
    else if (h->kind == PS_HASH_SHA256)
        ps_sha256_add(&h->of.sha256, bytes, n);
    else
        ps_sha512_256_add(&h->of.sha512_256, bytes, n);
}

void ps_hash_end(struct ps_hash *h, uint8_t *out)
{
    if (h->kind == PS_HASH_MD5)
        ps_md5_end(&h->of.md5, out);
    else if (h->kind == PS_HASH_SHA256)
        ps_sha256_end(&h->of.sha256, out);
    else
        ps_sha512_256_end(&h->of.sha512_256, out);
}
