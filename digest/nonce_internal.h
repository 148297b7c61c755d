/*
 * Nonces of a server: made and read without memory, and the table that remembers which nonce counts
 * were used. For server.c and the tests alone.
 */
#ifndef PS_NONCE_INTERNAL_H
#define PS_NONCE_INTERNAL_H

#include "server.h"

/* A nonce, read. */
struct ps_nonce {
    uint64_t time; /* ms, 48 bits */
    uint32_t number;
    uint64_t tag; /* keyed hash over both, the realm and the binding */
};

void ps_nonce_write(const struct ps_nonce *nonce, char text[PS_DIGEST_NONCE]);

/* Times are kept in 48 bits, which is 8,900 years. */
#define PS_NONCE_TIME_MASK UINT64_C(0xffffffffffff)

/* The tag that this server gives. */
uint64_t ps_nonce_tag(const struct ps_digest_server *server, const struct ps_nonce *nonce,
                      struct ps_slice binding);

/* Reads a nonce; false where it is none of this server's for this binding. */
bool ps_nonce_read(const struct ps_digest_server *server, struct ps_slice text,
                   struct ps_slice binding, struct ps_nonce *out);

enum ps_nonce_use {
    PS_NONCE_FRESH,    /* now remembered */
    PS_NONCE_USED,     /* this nc was used, or is too far below the highest to know */
    PS_NONCE_FORGOTTEN /* the table has evicted nonces of that age */
};

/* Takes nc of a nonce that was made at `time` ms. */
enum ps_nonce_use ps_nonce_use(struct ps_digest_bucket *bucket, uint64_t time, uint32_t number,
                               uint32_t nc);

#endif
