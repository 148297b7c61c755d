/*
 * Formulas that digest/ alone needs beside those of digest.h.
 */
#ifndef PS_DIGEST_INTERNAL_H
#define PS_DIGEST_INTERNAL_H

#include "digest.h"

/* Tells whether the credentials name this (plain) user, by name or by userhash. */
bool ps_digest_named(const struct ps_digest_credentials *credentials, struct ps_slice username);

/* Computes H(username:realm:password) of a plain name, a raw realm and the password's bytes. */
void ps_digest_password_ha1(enum ps_hash_kind kind, struct ps_slice username, struct ps_slice realm,
                            struct ps_slice password, struct ps_digest_hex *out);

#endif
