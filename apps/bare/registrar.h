/*
 * Declares the registrar of the bare-metal demo, which knows one user and asks for a password (RFC
 * 3261 10.3, 22.2). It sees messages, never datagrams.
 */
#ifndef BARE_REGISTRAR_H
#define BARE_REGISTRAR_H

#include "party.h"

/* Names the one user; alice's phone has been told the same password. */
extern const struct ps_digest_user registrar_user;

/* Returns PS_OK where the registrar's Digest settings are valid. */
enum ps_error registrar_valid(void);

void registrar_on_event(struct party *p, const struct ps_event *event);

#endif
