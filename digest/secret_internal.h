/*
 * Compares secrets without telling where they differ; wiping them is in hash.h. Knows nothing of
 * what the bytes mean.
 */
#ifndef PS_SECRET_INTERNAL_H
#define PS_SECRET_INTERNAL_H

#include <stdbool.h>

#include "hash.h"

/* Tells whether the two are the same. Takes the same instructions wherever the first difference
 * is. */
bool ps_same_secret(const void *a, const void *b, size_t n);

#endif
