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
#define SHA256_CH(x, y, z) ((z) ^ ((x) & ((y) ^ (z))))
#define SHA256_MAJ(x, y, z) (((x) & (y)) | ((z) & ((x) | (y))))
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

/* clang-format off */
/* 6.2.2, step 1: word i of the schedule's next 16, over the one of the last 16; or of the first */
#define SHA256_NEXT(i)                                                                             \
    (word[i] += sha256_small1(word[((i) + 14) & 15]) + word[((i) + 9) & 15] +                      \
                sha256_small0(word[((i) + 1) & 15]))
#define SHA256_FIRST(i) word[i]

/* 6.2.2, step 3; the eight variables change names instead of places */
#define SHA256_STEP(w, a, b, c, d, e, f, g, h, i)                                                  \
    h += sha256_big1(e) + SHA256_CH(e, f, g) + cubes[i] + SHA256_##w(i), d += h,                   \
    h += sha256_big0(a) + SHA256_MAJ(a, b, c)
#define SHA256_EIGHT(w, i)                                                                         \
    SHA256_STEP(w, a, b, c, d, e, f, g, h, i),                                                     \
    SHA256_STEP(w, h, a, b, c, d, e, f, g, (i) + 1),                                               \
    SHA256_STEP(w, g, h, a, b, c, d, e, f, (i) + 2),                                               \
    SHA256_STEP(w, f, g, h, a, b, c, d, e, (i) + 3),                                               \
    SHA256_STEP(w, e, f, g, h, a, b, c, d, (i) + 4),                                               \
    SHA256_STEP(w, d, e, f, g, h, a, b, c, (i) + 5),                                               \
    SHA256_STEP(w, c, d, e, f, g, h, a, b, (i) + 6), SHA256_STEP(w, b, c, d, e, f, g, h, a, (i) + 7)
/* clang-format on */

static uint32_t sha256_load(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | (uint32_t)p[3];
}

static void sha256_store(uint8_t *p, uint32_t x)
{
    p[0] = (uint8_t)(x >> 24);
    p[1] = (uint8_t)(x >> 16);
    p[2] = (uint8_t)(x >> 8);
    p[3] = (uint8_t)x;
}

static void sha256_block(uint32_t state[8], const uint8_t *p)
{
    uint32_t word[16], a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
    const uint32_t *cubes = sha256_cubes;
    int i;
    for (i = 0; i < 16; i++)
        word[i] = sha256_load(p + 4 * i);
    SHA256_EIGHT(FIRST, 0);
    SHA256_EIGHT(FIRST, 8);
    while (cubes < sha256_cubes + 48) {
        cubes += 16;
        SHA256_EIGHT(NEXT, 0);
        SHA256_EIGHT(NEXT, 8);
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
    state[5] += f;
    state[6] += g;
    state[7] += h;
}

static void sha256_blocks(void *state, const uint8_t *p, size_t blocks)
{
    for (; blocks; blocks--, p += 64)
        sha256_block((uint32_t *)state, p);
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
    ps_blocks_add(sha256_blocks, h->state, h->block, sizeof h->block, &h->n, bytes, n);
}

/* 5.1.1: one bit, zeros up to 8 bytes before the end of a block, the length in bits */
void ps_sha256_end(struct ps_sha256 *h, uint8_t *out)
{
    int i;
    ps_blocks_pad(sha256_blocks, h->state, h->block, sizeof h->block, h->n, 8);
    sha256_store(h->block + 56, (uint32_t)(h->n >> 29));
    sha256_store(h->block + 60, (uint32_t)(h->n << 3));
    sha256_block(h->state, h->block);
    for (i = 0; i < 8; i++)
        sha256_store(out + 4 * i, h->state[i]);
    ps_wipe(h, sizeof *h);
}

#undef SHA256_CH
#undef SHA256_MAJ
#undef SHA256_NEXT
#undef SHA256_FIRST
#undef SHA256_STEP
#undef SHA256_EIGHT
