/*
 * SipHash-2-4 (Aumasson and Bernstein, 2012): a keyed 64-bit hash. Header only.
 *
 * For hash tables that strangers fill, and for tags that only the holder of the key can make. Takes
 * its key from the caller.
 */
#ifndef PS_SIPHASH_H
#define PS_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes of a key; random, and kept from the peers. */
#define PS_SIPHASH_KEY 16

/* A hash under way: start it, add to it, end it. */
struct ps_siphash {
    uint64_t v[4];
    uint64_t tail; /* bytes not yet hashed, the first one lowest */
    uint64_t n;    /* bytes added so far */
};

static inline uint64_t ps_siphash_rotate(uint64_t x, unsigned by)
{
    return (x << by) | (x >> (64 - by));
}

static inline void ps_siphash_round(uint64_t v[4])
{
    v[0] += v[1];
    v[2] += v[3];
    v[1] = ps_siphash_rotate(v[1], 13) ^ v[0];
    v[3] = ps_siphash_rotate(v[3], 16) ^ v[2];
    v[0] = ps_siphash_rotate(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = ps_siphash_rotate(v[1], 17) ^ v[2];
    v[3] = ps_siphash_rotate(v[3], 21) ^ v[0];
    v[2] = ps_siphash_rotate(v[2], 32);
}

static inline void ps_siphash_word(uint64_t v[4], uint64_t word)
{
    v[3] ^= word;
    ps_siphash_round(v);
    ps_siphash_round(v);
    v[0] ^= word;
}

static inline uint64_t ps_siphash_load(const uint8_t *p)
{
    return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24 |
           (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 |
           (uint64_t)p[7] << 56;
}

/* `key` is PS_SIPHASH_KEY bytes; it is copied into the state. */
static inline void ps_siphash_start(struct ps_siphash *h, const uint8_t *key)
{
    uint64_t k0 = ps_siphash_load(key), k1 = ps_siphash_load(key + 8);
    h->v[0] = k0 ^ UINT64_C(0x736f6d6570736575);
    h->v[1] = k1 ^ UINT64_C(0x646f72616e646f6d);
    h->v[2] = k0 ^ UINT64_C(0x6c7967656e657261);
    h->v[3] = k1 ^ UINT64_C(0x7465646279746573);
    h->tail = 0;
    h->n = 0;
}

/* Adds eight bytes at once, the lowest first. */
static inline void ps_siphash_add64(struct ps_siphash *h, uint64_t word)
{
    unsigned used = 8 * (unsigned)(h->n & 7);
    ps_siphash_word(h->v, h->tail | word << used);
    h->tail = used ? word >> (64 - used) : 0;
    h->n += 8;
}

/* Adds the `n` lowest bytes of a word, at most 7; the others are 0. */
static inline void ps_siphash_add_few(struct ps_siphash *h, uint64_t word, unsigned n)
{
    unsigned used = (unsigned)(h->n & 7);
    h->tail |= word << (8 * used);
    h->n += n;
    if (used + n < 8)
        return;
    ps_siphash_word(h->v, h->tail);
    h->tail = used ? word >> (64 - 8 * used) : 0;
}

static inline void ps_siphash_byte(struct ps_siphash *h, uint8_t byte)
{
    ps_siphash_add_few(h, byte, 1);
}

static inline void ps_siphash_add(struct ps_siphash *h, const void *bytes, size_t n)
{
    const uint8_t *p = (const uint8_t *)bytes;
    uint64_t rest = 0;
    unsigned i;
    for (; n >= 8; n -= 8, p += 8)
        ps_siphash_add64(h, ps_siphash_load(p));
    for (i = 0; i < n; i++)
        rest |= (uint64_t)p[i] << (8 * i);
    ps_siphash_add_few(h, rest, (unsigned)n);
}

/* Returns the hash; the state is used up. */
static inline uint64_t ps_siphash_end(struct ps_siphash *h)
{
    ps_siphash_word(h->v, h->tail | h->n << 56);
    h->v[2] ^= 0xff;
    ps_siphash_round(h->v);
    ps_siphash_round(h->v);
    ps_siphash_round(h->v);
    ps_siphash_round(h->v);
    return h->v[0] ^ h->v[1] ^ h->v[2] ^ h->v[3];
}

/* Returns the hash of `n` bytes under a key of PS_SIPHASH_KEY bytes. */
static inline uint64_t ps_siphash_of(const uint8_t *key, const void *bytes, size_t n)
{
    struct ps_siphash h;
    ps_siphash_start(&h, key);
    ps_siphash_add(&h, bytes, n);
    return ps_siphash_end(&h);
}

#ifdef __cplusplus
}
#endif
#endif
