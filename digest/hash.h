/*
 * The hash functions of Digest: MD5 (RFC 1321), SHA-256 and SHA-512/256 (FIPS 180-4).
 *
 * Incremental: start, add as often as wanted, end. Contexts are the caller's memory and hold no
 * pointers; ending wipes them. They know nothing of Digest. MD5 is here because RFC 3261 section 22
 * demands it, not because it is any good.
 */
#ifndef PS_HASH_H
#define PS_HASH_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Ordered from the weakest to the strongest. One that a build leaves out keeps its number free. */
enum ps_hash_kind {
    PS_HASH_MD5 = 0,
#ifndef PS_WITHOUT_SHA256
    PS_HASH_SHA256 = 1,
#endif
#ifndef PS_WITHOUT_SHA512_256
    PS_HASH_SHA512_256 = 2,
#endif
    PS_HASH_KINDS = 3 /* how many */
};

#define PS_MD5_BYTES 16
#define PS_SHA256_BYTES 32
#define PS_SHA512_256_BYTES 32
#define PS_HASH_MAX_BYTES 32 /* of the longest of them */

struct ps_md5 {
    uint32_t state[4];
    uint64_t n; /* bytes added so far */
    uint8_t block[64];
};
struct ps_sha256 {
    uint32_t state[8];
    uint64_t n;
    uint8_t block[64];
};
struct ps_sha512_256 {
    uint64_t state[8];
    uint64_t n;
    uint8_t block[128];
};

/* One of them, chosen when it starts. */
struct ps_hash {
    enum ps_hash_kind kind;
    union {
        struct ps_md5 md5;
        struct ps_sha256 sha256;
        struct ps_sha512_256 sha512_256;
    } of;
};

/* Returns the bytes of the hash: 16 for MD5, else 32. */
size_t ps_hash_bytes(enum ps_hash_kind kind);

/* Start, add as often as wanted, end. `bytes` may be NULL where n is 0. */
void ps_hash_start(struct ps_hash *h, enum ps_hash_kind kind);
void ps_hash_add(struct ps_hash *h, const void *bytes, size_t n);

/* Writes ps_hash_bytes() bytes; the context is wiped. */
void ps_hash_end(struct ps_hash *h, uint8_t *out);

/* Sets `n` bytes to zero in a way that no compiler leaves out: for a password, or a hash of one,
 * that is not needed any more. */
void ps_wipe(void *bytes, size_t n);

#ifdef __cplusplus
}
#endif
#endif
