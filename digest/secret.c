/*
 * Wiping, and comparing in constant time. Knows nothing of what the bytes mean.
 */
#include "secret.h"

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
    /* volatile, so that no compiler finds out that it could stop early */
    const volatile uint8_t *x = (const volatile uint8_t *)a, *y = (const volatile uint8_t *)b;
    unsigned difference = 0;
    size_t i;
    for (i = 0; i < n; i++)
        difference |= (unsigned)(x[i] ^ y[i]);
    return difference == 0;
}
