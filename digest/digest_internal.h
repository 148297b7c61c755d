/*
 * What the files of digest/ share and nobody else needs.
 */
#ifndef PS_DIGEST_INTERNAL_H
#define PS_DIGEST_INTERNAL_H

#include "digest.h"

/* The first byte that cannot stand between quotes as it is (the closing quote, most often), or
 * `end`. */
const char *ps_digest_raw_end(const char *p, const char *end);

/* Is this (plain) the user that the credentials name, by name or by userhash? */
bool ps_digest_named(const struct ps_digest_credentials *credentials, struct ps_slice username);

/* H(username:realm:password): plain, raw, bytes. */
void ps_digest_password_ha1(enum ps_hash_kind kind, struct ps_slice username, struct ps_slice realm,
                            struct ps_slice password, struct ps_digest_hex *out);

#endif
