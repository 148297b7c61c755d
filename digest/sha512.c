/*
 * SHA-512/256: SHA-512 with a start of its own, cut to 32 bytes, FIPS 180-4. Portable; knows
 * nothing of Digest.
 */
#include "hash_internal.h"

#include <string.h>

#include "blocks_internal.h"

/* clang-format off */
/* 4.2.3: of the cube roots of the first 80 primes, the first 64 bits of the fraction */
static const uint64_t sha512_cubes[80] = {
    UINT64_C(0x428a2f98d728ae22), UINT64_C(0x7137449123ef65cd), UINT64_C(0xb5c0fbcfec4d3b2f),
    UINT64_C(0xe9b5dba58189dbbc), UINT64_C(0x3956c25bf348b538), UINT64_C(0x59f111f1b605d019),
    UINT64_C(0x923f82a4af194f9b), UINT64_C(0xab1c5ed5da6d8118), UINT64_C(0xd807aa98a3030242),
    UINT64_C(0x12835b0145706fbe), UINT64_C(0x243185be4ee4b28c), UINT64_C(0x550c7dc3d5ffb4e2),
    UINT64_C(0x72be5d74f27b896f), UINT64_C(0x80deb1fe3b1696b1), UINT64_C(0x9bdc06a725c71235),
    UINT64_C(0xc19bf174cf692694), UINT64_C(0xe49b69c19ef14ad2), UINT64_C(0xefbe4786384f25e3),
    UINT64_C(0x0fc19dc68b8cd5b5), UINT64_C(0x240ca1cc77ac9c65), UINT64_C(0x2de92c6f592b0275),
    UINT64_C(0x4a7484aa6ea6e483), UINT64_C(0x5cb0a9dcbd41fbd4), UINT64_C(0x76f988da831153b5),
    UINT64_C(0x983e5152ee66dfab), UINT64_C(0xa831c66d2db43210), UINT64_C(0xb00327c898fb213f),
    UINT64_C(0xbf597fc7beef0ee4), UINT64_C(0xc6e00bf33da88fc2), UINT64_C(0xd5a79147930aa725),
    UINT64_C(0x06ca6351e003826f), UINT64_C(0x142929670a0e6e70), UINT64_C(0x27b70a8546d22ffc),
    UINT64_C(0x2e1b21385c26c926), UINT64_C(0x4d2c6dfc5ac42aed), UINT64_C(0x53380d139d95b3df),
    UINT64_C(0x650a73548baf63de), UINT64_C(0x766a0abb3c77b2a8), UINT64_C(0x81c2c92e47edaee6),
    UINT64_C(0x92722c851482353b), UINT64_C(0xa2bfe8a14cf10364), UINT64_C(0xa81a664bbc423001),
    UINT64_C(0xc24b8b70d0f89791), UINT64_C(0xc76c51a30654be30), UINT64_C(0xd192e819d6ef5218),
    UINT64_C(0xd69906245565a910), UINT64_C(0xf40e35855771202a), UINT64_C(0x106aa07032bbd1b8),
    UINT64_C(0x19a4c116b8d2d0c8), UINT64_C(0x1e376c085141ab53), UINT64_C(0x2748774cdf8eeb99),
    UINT64_C(0x34b0bcb5e19b48a8), UINT64_C(0x391c0cb3c5c95a63), UINT64_C(0x4ed8aa4ae3418acb),
    UINT64_C(0x5b9cca4f7763e373), UINT64_C(0x682e6ff3d6b2b8a3), UINT64_C(0x748f82ee5defb2fc),
    UINT64_C(0x78a5636f43172f60), UINT64_C(0x84c87814a1f0ab72), UINT64_C(0x8cc702081a6439ec),
    UINT64_C(0x90befffa23631e28), UINT64_C(0xa4506cebde82bde9), UINT64_C(0xbef9a3f7b2c67915),
    UINT64_C(0xc67178f2e372532b), UINT64_C(0xca273eceea26619c), UINT64_C(0xd186b8c721c0c207),
    UINT64_C(0xeada7dd6cde0eb1e), UINT64_C(0xf57d4f7fee6ed178), UINT64_C(0x06f067aa72176fba),
    UINT64_C(0x0a637dc5a2c898a6), UINT64_C(0x113f9804bef90dae), UINT64_C(0x1b710b35131c471b),
    UINT64_C(0x28db77f523047d84), UINT64_C(0x32caab7b40c72493), UINT64_C(0x3c9ebe0a15c9bebc),
    UINT64_C(0x431d67c49c100d4c), UINT64_C(0x4cc5d4becb3e42b6), UINT64_C(0x597f299cfc657e2a),
    UINT64_C(0x5fcb6fab3ad6faec), UINT64_C(0x6c44198c4a475817),
};
/* clang-format on */

static uint64_t sha512_rotate(uint64_t x, unsigned by)
{
    return x >> by | x << (64 - by);
}

/* 4.1.3 */
static uint64_t sha512_big0(uint64_t x)
{
    return sha512_rotate(x, 28) ^ sha512_rotate(x, 34) ^ sha512_rotate(x, 39);
}
static uint64_t sha512_big1(uint64_t x)
{
    return sha512_rotate(x, 14) ^ sha512_rotate(x, 18) ^ sha512_rotate(x, 41);
}
static uint64_t sha512_small0(uint64_t x)
{
    return sha512_rotate(x, 1) ^ sha512_rotate(x, 8) ^ x >> 7;
}
static uint64_t sha512_small1(uint64_t x)
{
    return sha512_rotate(x, 19) ^ sha512_rotate(x, 61) ^ x >> 6;
}

static uint64_t sha512_load(const uint8_t *p)
{
    return (uint64_t)ps_load32(p) << 32 | ps_load32(p + 4);
}

/* 6.4.2, step 1: the schedule's next 16 words over the last 16 */
static void sha512_schedule(uint64_t word[16])
{
    unsigned i;
    PS_UNROLL(16)
    for (i = 0; i < 16; i++)
        word[i] += sha512_small1(word[(i + 14) & 15]) + word[(i + 9) & 15] +
                   sha512_small0(word[(i + 1) & 15]);
}

/* 6.4.2, step 3, 16 times; the eight variables change places by one word a step */
static void sha512_steps(uint64_t v[24], const uint64_t word[16], const uint64_t *cubes)
{
    unsigned i;
    PS_UNROLL(8)
    for (i = 0; i < 8; i++)
        v[16 + i] = v[i];
    PS_UNROLL(16)
    for (i = 0; i < 16; i++) {
        uint64_t *x = v + 15 - i;
        uint64_t t = x[8] + sha512_big1(x[5]) + PS_SHA_CH(x[5], x[6], x[7]) + cubes[i] + word[i];
        x[0] = t + sha512_big0(x[1]) + PS_SHA_MAJ(x[1], x[2], x[3]);
        x[4] += t;
    }
}

static void sha512_block(uint64_t state[8], const uint8_t *p)
{
    uint64_t word[16], v[24];
    unsigned i;
    for (i = 0; i < 16; i++)
        word[i] = sha512_load(p + 8 * i);
    memcpy(v, state, 8 * sizeof *v);
    for (i = 0; i < 80; i += 16) {
        if (i)
            sha512_schedule(word);
        sha512_steps(v, word, sha512_cubes + i);
    }
    PS_UNROLL(8)
    for (i = 0; i < 8; i++)
        state[i] += v[i];
}

void ps_sha512_256_start(struct ps_sha512_256 *h)
{
    /* 5.3.6.2: made by the generation function of 5.3.6 for t = 256 */
    static const uint64_t first[8] = {
        UINT64_C(0x22312194fc2bf72c), UINT64_C(0x9f555fa3c84c64c2), UINT64_C(0x2393b86b6f53b151),
        UINT64_C(0x963877195940eabd), UINT64_C(0x96283ee2a88effe3), UINT64_C(0xbe5e1e2553863992),
        UINT64_C(0x2b0199fc2c85b8aa), UINT64_C(0x0eb72ddc81c52ca2),
    };
    memcpy(h->state, first, sizeof first);
    h->n = 0;
}

void ps_sha512_256_add(struct ps_sha512_256 *h, const void *bytes, size_t n)
{
    struct ps_blocks in = {(const uint8_t *)bytes, n, NULL};
    while (in.n)
        for (n = ps_blocks_next(&in, h->block, sizeof h->block, &h->n); n; n--, in.whole += 128)
            sha512_block(h->state, in.whole);
}

/* 5.1.2: one bit, zeros, the length in bits */
void ps_sha512_256_end(struct ps_sha512_256 *h, uint8_t *out)
{
    int i;
    if (!ps_blocks_pad(h->block, sizeof h->block, h->n)) {
        sha512_block(h->state, h->block);
        memset(h->block, 0, sizeof h->block);
    }
    h->block[119] = (uint8_t)(h->n >> 61);
    ps_store32(h->block + 120, (uint32_t)(h->n >> 29));
    ps_store32(h->block + 124, (uint32_t)(h->n << 3));
    sha512_block(h->state, h->block);
    for (i = 0; i < 4; i++) {
        ps_store32(out + 8 * i, (uint32_t)(h->state[i] >> 32));
        ps_store32(out + 8 * i + 4, (uint32_t)h->state[i]);
    }
    ps_wipe(h, sizeof *h);
}
