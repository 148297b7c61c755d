/*
 * The three hash functions by their names, one file each (md5.c, sha256.c, sha512.c). Applications
 * choose one by its kind (hash.h).
 */
#ifndef PS_HASH_INTERNAL_H
#define PS_HASH_INTERNAL_H

#include "hash.h"

/* Start, add as often as wanted, end. `bytes` may be NULL where n is 0. `out` takes PS_MD5_BYTES,
 * PS_SHA256_BYTES, PS_SHA512_256_BYTES; ending wipes the context. */
void ps_md5_start(struct ps_md5 *h);
void ps_md5_add(struct ps_md5 *h, const void *bytes, size_t n);
void ps_md5_end(struct ps_md5 *h, uint8_t *out);

#ifndef PS_WITHOUT_SHA256
void ps_sha256_start(struct ps_sha256 *h);
void ps_sha256_add(struct ps_sha256 *h, const void *bytes, size_t n);
void ps_sha256_end(struct ps_sha256 *h, uint8_t *out);
#endif

#ifndef PS_WITHOUT_SHA512_256
void ps_sha512_256_start(struct ps_sha512_256 *h);
void ps_sha512_256_add(struct ps_sha512_256 *h, const void *bytes, size_t n);
void ps_sha512_256_end(struct ps_sha512_256 *h, uint8_t *out);
#endif

#endif
