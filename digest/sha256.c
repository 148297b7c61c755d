/*
 * SHA-256, FIPS 180-4. Portable; knows nothing of Digest.
 */
#include "hash_internal.h"

#include <string.h>

#include "blocks_internal.h"

/* clang-format off */
/* 4.2.2: of the cube roots of the first 64 primes, the first 32 bits of the fraction */
static const uint32_t sha256_cubes[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
    0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
    0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
    0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
    0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
    0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
    0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};
/* clang-format on */

static uint32_t sha256_rotate(uint32_t x, unsigned by)
{
    return x >> by | x << (32 - by);
}

/* 4.1.2 */
static uint32_t sha256_big0(uint32_t x)
{
    return sha256_rotate(x, 2) ^ sha256_rotate(x, 13) ^ sha256_rotate(x, 22);
}
static uint32_t sha256_big1(uint32_t x)
{
    return sha256_rotate(x, 6) ^ sha256_rotate(x, 11) ^ sha256_rotate(x, 25);
}
static uint32_t sha256_small0(uint32_t x)
{
    return sha256_rotate(x, 7) ^ sha256_rotate(x, 18) ^ x >> 3;
}
static uint32_t sha256_small1(uint32_t x)
{
    return sha256_rotate(x, 17) ^ sha256_rotate(x, 19) ^ x >> 10;
}

/* 6.2.2, step 1: the schedule's next 16 words over the last 16 */
static void sha256_schedule(uint32_t word[16])
{
    unsigned i;
    PS_UNROLL(16)
    for (i = 0; i < 16; i++)
        word[i] += sha256_small1(word[(i + 14) & 15]) + word[(i + 9) & 15] +
                   sha256_small0(word[(i + 1) & 15]);
}

/* 6.2.2, step 3, 16 times; the eight variables change places by one word a step */
static void sha256_steps(uint32_t v[24], const uint32_t word[16], const uint32_t *cubes)
{
    unsigned i;
    PS_UNROLL(8)
    for (i = 0; i < 8; i++)
        v[16 + i] = v[i];
    PS_UNROLL(16)
    for (i = 0; i < 16; i++) {
        uint32_t *x = v + 15 - i;
        uint32_t t = x[8] + sha256_big1(x[5]) + PS_SHA_CH(x[5], x[6], x[7]) + cubes[i] + word[i];
        x[0] = t + sha256_big0(x[1]) + PS_SHA_MAJ(x[1], x[2], x[3]);
        x[4] += t;
    }
}

static void sha256_block(uint32_t state[8], const uint8_t *p)
{
    uint32_t word[16], v[24];
    unsigned i;
    for (i = 0; i < 16; i++)
        word[i] = ps_load32(p + 4 * i);
    memcpy(v, state, 8 * sizeof *v);
    for (i = 0; i < 64; i += 16) {
        if (i)
            sha256_schedule(word);
        sha256_steps(v, word, sha256_cubes + i);
    }
    PS_UNROLL(8)
    for (i = 0; i < 8; i++)
        state[i] += v[i];
}

void ps_sha256_start(struct ps_sha256 *h)
{
    /* 5.3.3 */
    static const uint32_t first[8] = {
        0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
    };
    memcpy(h->state, first, sizeof first);
    h->n = 0;
}

void ps_sha256_add(struct ps_sha256 *h, const void *bytes, size_t n)
{
    struct ps_blocks in = {(const uint8_t *)bytes, n, NULL};
    while (in.n)
        for (n = ps_blocks_next(&in, h->block, sizeof h->block, &h->n); n; n--, in.whole += 64)
            sha256_block(h->state, in.whole);
}

/* 5.1.1: one bit, zeros, the length in bits */
void ps_sha256_end(struct ps_sha256 *h, uint8_t *out)
{
    int i;
    if (!ps_blocks_pad(h->block, sizeof h->block, h->n)) {
        sha256_block(h->state, h->block);
        memset(h->block, 0, sizeof h->block);
    }
    ps_store32(h->block + 56, (uint32_t)(h->n >> 29));
    ps_store32(h->block + 60, (uint32_t)(h->n << 3));
    sha256_block(h->state, h->block);
    for (i = 0; i < 8; i++)
        ps_store32(out + 4 * i, h->state[i]);
    ps_wipe(h, sizeof *h);
}
