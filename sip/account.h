/*
 * Accounts: who we are when we send a request or take one. Owned by the application, which leaves
 * an account where it is for as long as anything of the stack uses it.
 */
#ifndef PS_ACCOUNT_H
#define PS_ACCOUNT_H

#include "../digest/client.h"
#include "text.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ps_account {
    struct ps_slice aor;          /* "sip:alice@example.org": From; and To of a REGISTER */
    struct ps_slice display;      /* may be empty; written as a quoted-string */
    struct ps_slice contact_user; /* user part of the Contact, unescaped; may be empty */
    struct ps_slice proxy;        /* URI where requests outside dialogs go; empty: to their target */
    /* users for challenges, nonces and counts by realm. All zero: challenges are not answered; else
     * started by the application with ps_digest_client_start. The stack counts in it. */
    struct ps_digest_client digest;
};

#ifdef __cplusplus
}
#endif
#endif
