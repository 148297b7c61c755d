/*
 * Digest authentication as server (RFC 3261 22, RFC 7616): who the users are, and which URIs their
 * credentials may name. ps_stack_authenticate (stack.h) asks. Secrets stay in digest/.
 */
#ifndef PS_AUTH_H
#define PS_AUTH_H

#include "../digest/server.h"
#include "uri.h"

#ifndef PS_WITHOUT_DIGEST_SERVER
#ifdef __cplusplus
extern "C" {
#endif

/* Returns the user whom the credentials name, NULL for none; ps_stack_authenticate calls it.
 * Compare with ps_digest_names, since the username may be a userhash. Must not call into the stack.
 * The user stays the application's, and unchanged until the next call of this. */
typedef const struct ps_digest_user *(*ps_find_user)(
    void *context, const struct ps_digest_credentials *credentials);

struct ps_auth_server {
    struct ps_digest_server digest;
    ps_find_user find_user;
    /* 22.4: which domains' URIs credentials may name beside the Request-URI's host, which a proxy
     * may have rewritten. NULL: the To's host. */
    ps_serves serves;
    void *context; /* of both */
    bool proxy;    /* 407 and Proxy-Authorization instead of 401 and Authorization */
};

#ifdef __cplusplus
}
#endif
#endif
#endif
