/*
 * A response as an application gives it (RFC 3261 8.2.6): a status and what goes with it. The stack
 * adds what the request demands.
 */
#ifndef PS_RESPONSE_H
#define PS_RESPONSE_H

#include "account.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ps_response {
    unsigned status;
    struct ps_slice reason; /* {NULL, 0}: the default phrase */
    struct ps_slice lines;  /* further headers, whole lines with CRLF */
    struct ps_slice type;   /* of the body */
    struct ps_slice body;
    struct ps_slice tag;              /* To's; {NULL, 0}: the transaction's own */
    bool dialog;                      /* with Record-Route and Contact (12.1.1) */
    const struct ps_account *account; /* whose Contact; may be NULL */
};

#ifdef __cplusplus
}
#endif
#endif
