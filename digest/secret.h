/*
 * Handling secrets: wiping them, and comparing them without telling where they differ.
 *
 * Knows nothing of what the bytes mean.
 */
#ifndef PS_SECRET_H
#define PS_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Sets the bytes to zero in a way that the compiler does not leave out. */
void ps_wipe(void *bytes, size_t n);

/* Are the two the same? Takes the same instructions wherever the first difference is. */
bool ps_same_secret(const void *a, const void *b, size_t n);

#ifdef __cplusplus
}
#endif
#endif
