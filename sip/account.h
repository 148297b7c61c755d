/*
 * Accounts: who we are when we send a request or take one. Owned by the application, which leaves
 * an account where it is for as long as anything of the stack uses it.
 */
#ifndef PS_ACCOUNT_H
#define PS_ACCOUNT_H

#include "../digest/client.h"
#include "address.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ps_account {
    struct ps_slice aor;          /* "sip:alice@example.org": From; and To of a REGISTER */
    struct ps_slice display;      /* may be empty; written as a quoted-string */
    struct ps_slice contact_user; /* user part of the Contact, unescaped; may be empty */
    struct ps_slice proxy; /* URI where requests outside dialogs go; empty: to their target */
    /* users for challenges, nonces and counts by realm. All zero: challenges are not answered; else
     * started by the application with ps_digest_client_start. The stack counts in it. */
    struct ps_digest_client digest;
    /* The stack's, all zero at the start: how a registrar saw us (received and rport of a
     * REGISTER's response, RFC 3581), and from which address of ours. Contacts on flows from there
     * name it. */
    struct ps_address seen, seen_from;
};

#ifdef __cplusplus
}
#endif
#endif
