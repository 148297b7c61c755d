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
    /* Digest users, and the challenges answered so far. All zero: no challenge is answered. Else
     * the application starts it with ps_digest_client_start, and the stack updates it. */
    struct ps_digest_client digest;
    /* The stack's; all zero at first. `seen` is our address as a registrar sees it behind a NAT
     * (received and rport of its response, RFC 3581), `seen_from` the local address that it stands
     * for: Contacts on flows from there name `seen`. */
    struct ps_address seen, seen_from;
};

#ifdef __cplusplus
}
#endif
#endif
