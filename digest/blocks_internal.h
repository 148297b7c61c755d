/*
 * Cuts bytes, which come in any portions, into the whole blocks that a hash function takes (RFC
 * 1321 3.1 and 3.2, FIPS 180-4 5.1 and 5.2), and holds what the hash functions share. Knows none.
 */
#ifndef PS_BLOCKS_INTERNAL_H
#define PS_BLOCKS_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Stands before a loop of `n` steps: each is written out, which is faster, unless the compiler is
 * asked for little code. */
#define PS_DIRECTIVE(text) _Pragma(#text)
#if !defined __OPTIMIZE__ || defined __OPTIMIZE_SIZE__
#define PS_UNROLL(n)
#elif defined __clang__
#define PS_UNROLL(n) PS_DIRECTIVE(clang loop unroll_count(n))
#elif defined __GNUC__ && __GNUC__ >= 8
#define PS_UNROLL(n) PS_DIRECTIVE(GCC unroll n)
#else
#define PS_UNROLL(n)
#endif

/* FIPS 180-4 4.1, of words of either size, with one operation less than it takes there. */
#define PS_SHA_CH(x, y, z) ((z) ^ ((x) & ((y) ^ (z))))
#define PS_SHA_MAJ(x, y, z) (((x) & (y)) | ((z) & ((x) | (y))))

/* Reads and writes a word, its highest byte first (FIPS 180-4 3.1). */
static inline uint32_t ps_load32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | (uint32_t)p[3];
}

static inline void ps_store32(uint8_t *p, uint32_t x)
{
    p[0] = (uint8_t)(x >> 24);
    p[1] = (uint8_t)(x >> 16);
    p[2] = (uint8_t)(x >> 8);
    p[3] = (uint8_t)x;
}

/* Bytes that are being taken. */
struct ps_blocks {
    const uint8_t *p; /* those left */
    size_t n;
    const uint8_t *whole; /* where the blocks are that ps_blocks_next has found */
};

/* Takes bytes, of which at least one is left, up to the next whole blocks and counts these; 0 when
 * all bytes are taken. `block` keeps what fills none yet: `*total` % `size` bytes of it. */
size_t ps_blocks_next(struct ps_blocks *in, uint8_t *block, size_t size, uint64_t *total);

/* Ends a text of `total` bytes with one bit and zeros. Tells whether its length fits the last
 * eighth of the block; else it goes into another one of zeros. */
bool ps_blocks_pad(uint8_t *block, size_t size, uint64_t total);

#endif
