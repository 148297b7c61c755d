/*
 * Scans lines: where does a line end, and where is its first colon? Nothing else in parsing looks
 * at every byte of a head. Refuses to know what a line means. Private to sip/.
 *
 * There are two scanners with the same results, as test_scan shows: ps_scan_line_portable is the
 * reference, eight bytes a step; ps_scan_line takes sixteen where the machine can (SSE2, NEON).
 */
#ifndef PS_SCAN_INTERNAL_H
#define PS_SCAN_INTERNAL_H

#include "../text.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#define PS_SCAN_BLOCK 16
#elif defined(__ARM_NEON) && defined(__aarch64__)
#include <arm_neon.h>
#define PS_SCAN_BLOCK 16
#endif

/* Finds the first CR or LF from p on, or end. `*colon` becomes the first ":" before it, if it is
 * NULL and there is one. Goes byte by byte, over the rest of a block and over the block that holds
 * the match. */
static inline const char *ps_scan_bytes(const char *p, const char *end, const char **colon)
{
    for (; p < end && *p != '\r' && *p != '\n'; p++)
        if (*p == ':' && !*colon)
            *colon = p;
    return p;
}

/* Reads eight bytes, the first one lowest whatever the machine's order. */
static PS_ALWAYS_INLINE uint64_t ps_scan_word(const char *p)
{
    const uint8_t *b = (const uint8_t *)p;
    return (uint64_t)b[0] | (uint64_t)b[1] << 8 | (uint64_t)b[2] << 16 | (uint64_t)b[3] << 24 |
           (uint64_t)b[4] << 32 | (uint64_t)b[5] << 40 | (uint64_t)b[6] << 48 |
           (uint64_t)b[7] << 56;
}

enum { PS_SCAN_HIGH = 0x80 };
#define PS_SCAN_ONES (UINT64_MAX / 255)

/* Sets the high bit of each byte that is below n (at most 128). Bits above the first may be
 * wrong. */
static PS_ALWAYS_INLINE uint64_t ps_scan_below(uint64_t word, unsigned n)
{
    return (word - PS_SCAN_ONES * n) & ~word & (PS_SCAN_ONES * PS_SCAN_HIGH);
}

/* Returns which byte is the first of them. Below its high bit each byte up to it has a one. */
static PS_ALWAYS_INLINE size_t ps_scan_byte(uint64_t bits)
{
    uint64_t up_to = (bits & (0 - bits)) - 1;
    return (size_t)(((up_to & PS_SCAN_ONES) * PS_SCAN_ONES) >> 56) - 1;
}

static PS_ALWAYS_INLINE const char *ps_scan_line_portable(const char *p, const char *end,
                                                          const char **colon)
{
    const char *stop;
    uint64_t word, low, colons;
    for (; !*colon && end - p >= 8; p += 8) {
        word = ps_scan_word(p);
        low = ps_scan_below(word, '\r' + 1);
        colons = ps_scan_below(word ^ (PS_SCAN_ONES * ':'), 1);
        if (low) {
            stop = ps_scan_bytes(p, p + 8, colon);
            if (stop < p + 8)
                return stop;
        } else if (colons) {
            *colon = p + ps_scan_byte(colons);
        }
    }
    for (; end - p >= 8; p += 8) {
        low = ps_scan_below(ps_scan_word(p), '\r' + 1);
        if (low) {
            stop = p + ps_scan_byte(low);
            if (*stop != '\r' && *stop != '\n') /* another control character */
                stop = ps_scan_bytes(stop, p + 8, colon);
            if (stop < p + 8)
                return stop;
        }
    }
    return ps_scan_bytes(p, end, colon);
}

#ifdef PS_SCAN_BLOCK

/* Stands for a block: one bit a byte, or four. */
#if defined(__SSE2__)
typedef uint32_t ps_scan_bits;
enum { PS_SCAN_BITS = 1 };
static PS_ALWAYS_INLINE void ps_scan_block(const char *p, ps_scan_bits *low, ps_scan_bits *colons)
{
    __m128i block = _mm_loadu_si128((const __m128i *)(const void *)p);
    __m128i below = _mm_cmpeq_epi8(_mm_min_epu8(block, _mm_set1_epi8('\r')), block);
    *low = (uint32_t)_mm_movemask_epi8(below);
    *colons = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(block, _mm_set1_epi8(':')));
}
#else
typedef uint64_t ps_scan_bits;
enum { PS_SCAN_BITS = 4 };
static inline uint64_t ps_scan_narrow(uint8x16_t mask)
{
    return vget_lane_u64(vreinterpret_u64_u8(vshrn_n_u16(vreinterpretq_u16_u8(mask), 4)), 0) &
           0x1111111111111111;
}
static PS_ALWAYS_INLINE void ps_scan_block(const char *p, ps_scan_bits *low, ps_scan_bits *colons)
{
    uint8x16_t block = vld1q_u8((const uint8_t *)p);
    *low = ps_scan_narrow(vcleq_u8(block, vdupq_n_u8('\r')));
    *colons = ps_scan_narrow(vceqq_u8(block, vdupq_n_u8(':')));
}
#endif

static PS_ALWAYS_INLINE unsigned ps_scan_first(ps_scan_bits bits)
{
    return (unsigned)__builtin_ctzll((unsigned long long)bits) / PS_SCAN_BITS;
}

#if defined(__SSE2__)
/* Scans 32 bytes likewise, without colons. */
static PS_ALWAYS_INLINE ps_scan_bits ps_scan_two(const char *p)
{
    ps_scan_bits first, second, colons;
    ps_scan_block(p, &first, &colons);
    ps_scan_block(p + 16, &second, &colons);
    return first | second << 16;
}
#endif

/* Finds the first CR or LF among the bits, or NULL: the bits stand for all control characters below
 * CR, too. */
static PS_ALWAYS_INLINE const char *ps_scan_stop(const char *p, ps_scan_bits low)
{
    for (; low; low &= low - 1) {
        const char *stop = p + ps_scan_first(low);
        if (*stop == '\r' || *stop == '\n')
            return stop;
    }
    return NULL;
}

static PS_ALWAYS_INLINE const char *ps_scan_line(const char *p, const char *end, const char **colon)
{
    const char *stop;
    ps_scan_bits low, colons;
    for (; !*colon && end - p >= PS_SCAN_BLOCK; p += PS_SCAN_BLOCK) {
        ps_scan_block(p, &low, &colons);
        stop = ps_scan_stop(p, low);
        if (colons && (!stop || p + ps_scan_first(colons) < stop))
            *colon = p + ps_scan_first(colons);
        if (stop)
            return stop;
    }
#if defined(__SSE2__)
    for (; end - p >= 32; p += 32) {
        stop = ps_scan_stop(p, ps_scan_two(p));
        if (stop)
            return stop;
    }
#endif
    for (; end - p >= PS_SCAN_BLOCK; p += PS_SCAN_BLOCK) {
        ps_scan_block(p, &low, &colons);
        stop = ps_scan_stop(p, low);
        if (stop)
            return stop;
    }
    return ps_scan_bytes(p, end, colon);
}

#else

static PS_ALWAYS_INLINE const char *ps_scan_line(const char *p, const char *end, const char **colon)
{
    return ps_scan_line_portable(p, end, colon);
}

#endif

/* Finds the first of three characters, or end. */
static inline const char *ps_scan_bytes_for(const char *p, const char *end, char a, char b, char c)
{
    while (p < end && *p != a && *p != b && *p != c)
        p++;
    return p;
}

#if defined(__SSE2__)
static inline const char *ps_scan_for(const char *p, const char *end, char a, char b, char c)
{
    for (; end - p >= 16; p += 16) {
        __m128i block = _mm_loadu_si128((const __m128i *)(const void *)p);
        __m128i any = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8(a)),
                                                _mm_cmpeq_epi8(block, _mm_set1_epi8(b))),
                                   _mm_cmpeq_epi8(block, _mm_set1_epi8(c)));
        unsigned bits = (unsigned)_mm_movemask_epi8(any);
        if (bits)
            return p + __builtin_ctz(bits);
    }
    return ps_scan_bytes_for(p, end, a, b, c);
}
#else
static inline const char *ps_scan_for(const char *p, const char *end, char a, char b, char c)
{
    return ps_scan_bytes_for(p, end, a, b, c);
}
#endif

/* Passes letters, digits, "-" and ".", which most values are made of; sixteen at a time or not at
 * all. The caller passes the rest. */
#if defined(__SSE2__)
static inline const char *ps_scan_plain(const char *p, const char *end)
{
    for (; end - p >= 16; p += 16) {
        __m128i block = _mm_loadu_si128((const __m128i *)(const void *)p);
        __m128i letter = _mm_sub_epi8(_mm_or_si128(block, _mm_set1_epi8(32)), _mm_set1_epi8('a'));
        __m128i digit = _mm_sub_epi8(block, _mm_set1_epi8('-')); /* and "-./" below them */
        __m128i letters = _mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(25)), letter);
        __m128i digits = _mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8('9' - '-')), digit);
        __m128i slash = _mm_cmpeq_epi8(block, _mm_set1_epi8('/'));
        __m128i plain = _mm_or_si128(letters, _mm_andnot_si128(slash, digits));
        unsigned others = (unsigned)_mm_movemask_epi8(plain) ^ 0xffff;
        if (others)
            return p + __builtin_ctz(others);
    }
    return p;
}
#else
static inline const char *ps_scan_plain(const char *p, const char *end)
{
    (void)end;
    return p;
}
#endif

#endif
