/*
 * The line scanner (scan_internal.h). Refuses to know what a line means.
 */
#include "scan_internal.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__ARM_NEON) && defined(__aarch64__)
#include <arm_neon.h>
#endif

const char *ps_scan_line_portable(const char *p, const char *end, const char **colon)
{
    for (; p < end && *p != '\r' && *p != '\n'; p++)
        if (*p == ':' && !*colon)
            *colon = p;
    return p;
}

#if defined(__SSE2__)

/* A bit for each of the 16 bytes that equals c. */
static inline unsigned bits_of(__m128i block, char c)
{
    return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(block, _mm_set1_epi8(c)));
}

const char *ps_scan_line(const char *p, const char *end, const char **colon)
{
    for (; end - p >= 16; p += 16) {
        __m128i block = _mm_loadu_si128((const __m128i *)(const void *)p);
        unsigned stop = bits_of(block, '\r') | bits_of(block, '\n');
        if (!*colon) {
            unsigned colons = bits_of(block, ':');
            /* bits below the first stop */
            colons &= stop ? (stop & -stop) - 1 : ~0u;
            if (colons)
                *colon = p + __builtin_ctz(colons);
        }
        if (stop)
            return p + __builtin_ctz(stop);
    }
    return ps_scan_line_portable(p, end, colon);
}

#else

const char *ps_scan_line(const char *p, const char *end, const char **colon)
{
    return ps_scan_line_portable(p, end, colon);
}

#endif
