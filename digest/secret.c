/*
 * Wiping, and comparing in constant time. Knows nothing of what the bytes mean.
 */
#include "secret_internal.h"

#include <stdint.h>
#include <string.h>

void ps_wipe(void *bytes, size_t n)
{
#ifdef __GNUC__
    memset(bytes, 0, n);
    /* the memory may be read here, so the stores above have to be made */
    __asm__ __volatile__("" : : "r"(bytes) : "memory");
#else
    volatile uint8_t *p = (volatile uint8_t *)bytes;
    while (n--)
        *p++ = 0;
#endif
}

bool ps_same_secret(const void *a, const void *b, size_t n)
{
    const uint8_t *x = (const uint8_t *)a, *y = (const uint8_t *)b;
    volatile uint64_t difference = 0; /* volatile: no compiler may find that it could stop early */
    for (; n >= 8; n -= 8, x += 8, y += 8) {
        uint64_t u, v;
        memcpy(&u, x, 8);
        memcpy(&v, y, 8);
        difference |= u ^ v;
    }
    for (; n; n--)
        difference |= (uint64_t)(*x++ ^ *y++);
    return difference == 0;
}
