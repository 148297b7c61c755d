/*
 * MD5, RFC 1321. Portable; knows nothing of Digest.
 */
#include "hash_internal.h"

#include <string.h>

#include "blocks_internal.h"

/* clang-format off */
/* 3.4: the integer part of 2^32 * abs(sin(i + 1)) */
static const uint32_t md5_sines[64] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a,
    0xa8304613, 0xfd469501, 0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be,
    0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821, 0xf61e2562, 0xc040b340,
    0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8,
    0x676f02d9, 0x8d2a4c8a, 0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c,
    0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70, 0x289b7ec6, 0xeaa127fa,
    0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92,
    0xffeff47d, 0x85845dd1, 0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1,
    0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
};

/* 3.4: the four functions, written with one operation less where that is possible */
#define MD5_F(x, y, z) ((z) ^ ((x) & ((y) ^ (z))))
#define MD5_G(x, y, z) ((y) ^ ((z) & ((x) ^ (y))))
#define MD5_H(x, y, z) ((x) ^ (y) ^ (z))
#define MD5_I(x, y, z) ((y) ^ ((x) | ~(z)))

/* which word of the block step i takes */
#define MD5_IN_F(i) (i)
#define MD5_IN_G(i) ((5 * (i) + 1) & 15)
#define MD5_IN_H(i) ((3 * (i) + 5) & 15)
#define MD5_IN_I(i) ((7 * (i)) & 15)

#define MD5_STEP(f, a, b, c, d, i, s)                                                              \
    a += MD5_##f(b, c, d) + md5_sines[i] + word[MD5_IN_##f(i)],                                    \
    a = b + (a << (s) | a >> (32 - (s)))
#define MD5_FOUR(f, i, s0, s1, s2, s3)                                                             \
    MD5_STEP(f, a, b, c, d, (i), s0), MD5_STEP(f, d, a, b, c, (i) + 1, s1),                        \
    MD5_STEP(f, c, d, a, b, (i) + 2, s2), MD5_STEP(f, b, c, d, a, (i) + 3, s3)
#define MD5_ROUND(f, i, s0, s1, s2, s3)                                                            \
    MD5_FOUR(f, (i), s0, s1, s2, s3), MD5_FOUR(f, (i) + 4, s0, s1, s2, s3),                        \
    MD5_FOUR(f, (i) + 8, s0, s1, s2, s3), MD5_FOUR(f, (i) + 12, s0, s1, s2, s3)
/* clang-format on */

static uint32_t md5_load(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void md5_store(uint8_t *p, uint32_t x)
{
    p[0] = (uint8_t)x;
    p[1] = (uint8_t)(x >> 8);
    p[2] = (uint8_t)(x >> 16);
    p[3] = (uint8_t)(x >> 24);
}

static void md5_block(uint32_t state[4], const uint8_t *p)
{
    uint32_t word[16], a = state[0], b = state[1], c = state[2], d = state[3];
    int i;
    for (i = 0; i < 16; i++)
        word[i] = md5_load(p + 4 * i);
    MD5_ROUND(F, 0, 7, 12, 17, 22);
    MD5_ROUND(G, 16, 5, 9, 14, 20);
    MD5_ROUND(H, 32, 4, 11, 16, 23);
    MD5_ROUND(I, 48, 6, 10, 15, 21);
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
}

static void md5_blocks(void *state, const uint8_t *p, size_t blocks)
{
    for (; blocks; blocks--, p += 64)
        md5_block((uint32_t *)state, p);
}

void ps_md5_start(struct ps_md5 *h)
{
    static const uint32_t first[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476}; /* 3.3 */
    memcpy(h->state, first, sizeof first);
    h->n = 0;
}

void ps_md5_add(struct ps_md5 *h, const void *bytes, size_t n)
{
    ps_blocks_add(md5_blocks, h->state, h->block, sizeof h->block, &h->n, bytes, n);
}

/* 3.1, 3.2: one bit, zeros up to 8 bytes before the end of a block, the length in bits */
void ps_md5_end(struct ps_md5 *h, uint8_t *out)
{
    int i;
    ps_blocks_pad(md5_blocks, h->state, h->block, sizeof h->block, h->n, 8);
    md5_store(h->block + 56, (uint32_t)(h->n << 3));
    md5_store(h->block + 60, (uint32_t)(h->n >> 29));
    md5_block(h->state, h->block);
    for (i = 0; i < 4; i++)
        md5_store(out + 4 * i, h->state[i]);
    ps_wipe(h, sizeof *h);
}

#undef MD5_F
#undef MD5_G
#undef MD5_H
#undef MD5_I
#undef MD5_IN_F
#undef MD5_IN_G
#undef MD5_IN_H
#undef MD5_IN_I
#undef MD5_STEP
#undef MD5_FOUR
#undef MD5_ROUND
