/*
 * Declares what the targets share: the entry that libFuzzer and main.c call, and how an oracle
 * complains.
 *
 * A target is one file fuzz_NAME.c. It refuses to know where its bytes come from: clang's
 * -fsanitize=fuzzer, AFL++ and main.c all hand them to the same function.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdio.h>
#include <stdlib.h>

#include "sip/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An oracle: what must hold whatever the bytes are. */
#define HOLDS(x)                                                                                   \
    do {                                                                                           \
        if (!(x)) {                                                                                \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #x);                 \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

static inline struct ps_slice fuzz_input(const uint8_t *data, size_t size)
{
    return ps_slice(size ? (const char *)data : "", size);
}

/* An absent slice lies nowhere; any other lies inside of what it was cut from. */
static inline bool fuzz_inside(struct ps_slice part, struct ps_slice whole)
{
    uintptr_t p = (uintptr_t)part.p, w = (uintptr_t)whole.p;
    if (!part.p)
        return part.n == 0;
    return p >= w && p - w <= whole.n && part.n <= whole.n - (p - w);
}

/* Both absent, or the same bytes. */
static inline bool fuzz_same(struct ps_slice a, struct ps_slice b)
{
    return !a.p == !b.p && ps_equal(a, b);
}

/* Takes what stands before the next line that is `mark` alone off `*rest`: one input, two texts. */
static inline struct ps_slice fuzz_take(struct ps_slice *rest, char mark)
{
    struct ps_slice all = *rest;
    size_t i;
    for (i = 0; i + 1 < all.n; i++)
        if (all.p[i] == mark && all.p[i + 1] == '\n' && (!i || all.p[i - 1] == '\n')) {
            *rest = ps_slice(all.p + i + 2, all.n - i - 2);
            return ps_slice(all.p, i);
        }
    *rest = ps_slice(all.p + all.n, 0);
    return all;
}

#endif
