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

/* 3.4, of each round: which word its step i takes, times i plus, and how far four in turn rotate */
static const struct {
    uint8_t times, plus, rotate[4];
} md5_rounds[4] = {
    {1, 0, {7, 12, 17, 22}},
    {5, 1, {5, 9, 14, 20}},
    {3, 5, {4, 11, 16, 23}},
    {7, 0, {6, 10, 15, 21}},
};
/* clang-format on */

/* 3.4: the four functions, written with one operation less where that is possible */
static inline uint32_t md5_mix(unsigned round, uint32_t x, uint32_t y, uint32_t z)
{
    switch (round) {
    case 0:
        return z ^ (x & (y ^ z));
    case 1:
        return y ^ (z & (x ^ y));
    case 2:
        return x ^ y ^ z;
    default:
        return y ^ (x | ~z);
    }
}

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
    unsigned i;
    for (i = 0; i < 16; i++)
        word[i] = md5_load(p + 4 * i);
    PS_UNROLL(64)
    for (i = 0; i < 64; i++) {
        unsigned round = i / 16, by = md5_rounds[round].rotate[i & 3];
        unsigned in = md5_rounds[round].times * i + md5_rounds[round].plus;
        uint32_t sum = a + md5_mix(round, b, c, d) + md5_sines[i] + word[in & 15];
        a = d;
        d = c;
        c = b;
        b += sum << by | sum >> (32 - by);
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
}

void ps_md5_start(struct ps_md5 *h)
{
    static const uint32_t first[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476}; /* 3.3 */
    memcpy(h->state, first, sizeof first);
    h->n = 0;
}

void ps_md5_add(struct ps_md5 *h, const void *bytes, size_t n)
{
    struct ps_blocks in = {(const uint8_t *)bytes, n, NULL};
    while (in.n)
        for (n = ps_blocks_next(&in, h->block, sizeof h->block, &h->n); n; n--, in.whole += 64)
            md5_block(h->state, in.whole);
}

/* 3.1 and 3.2: one bit, zeros, the length in bits */
void ps_md5_end(struct ps_md5 *h, uint8_t *out)
{
    int i;
    if (!ps_blocks_pad(h->block, sizeof h->block, h->n)) {
        md5_block(h->state, h->block);
        memset(h->block, 0, sizeof h->block);
    }
    md5_store(h->block + 56, (uint32_t)(h->n << 3));
    md5_store(h->block + 60, (uint32_t)(h->n >> 29));
    md5_block(h->state, h->block);
    for (i = 0; i < 4; i++)
        md5_store(out + 4 * i, h->state[i]);
    ps_wipe(h, sizeof *h);
}
