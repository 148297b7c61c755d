/*
 * Authenticates messages by Digest: RFC 3261 section 22. Moves values between header lines and
 * digest/, for the client (22.2, 22.3) and for the server.
 *
 * Knows messages and Digest; no transaction, no dialog.
 */
#ifndef PS_AUTH_INTERNAL_H
#define PS_AUTH_INTERNAL_H

#include "../../digest/client.h"
#include "../auth.h"
#include "../base/environment.h"
#include "../message.h"

/* ---- client ---- */

/* Writes an Authorization or Proxy-Authorization line for each realm that `target` (our name for
 * the server: its address) has asked for. */
void ps_auth_write_credentials(struct ps_writer *w, struct ps_digest_client *client,
                               struct ps_digest_attempt *attempt, struct ps_slice target,
                               const struct ps_digest_request *request);

/* Takes a 401 or 407: PS_OK where the request should be sent again with new credentials, else why
 * not; see ps_digest_client_challenged. */
enum ps_error ps_auth_challenged(struct ps_environment *env, struct ps_digest_client *client,
                                 struct ps_digest_attempt *attempt, struct ps_slice target,
                                 const struct ps_message *response);

/* Takes the next nonce from the (Proxy-)Authentication-Info that a 2xx to `request` may bring (RFC
 * 7616 3.5). Where the request had credentials of several realms, the header does not say whose it
 * is, and counts for none. */
void ps_auth_learn(struct ps_digest_client *client, struct ps_slice target,
                   const struct ps_message *request, const struct ps_message *response);

#ifndef PS_WITHOUT_DIGEST_SERVER
/* ---- server ---- */

/* Checks a request's credentials. Nonces are tied to `binding` (the source's address, say). `*user`
 * is who it is when the answer is PS_DIGEST_GRANTED. ACK and CANCEL are granted without a user
 * (22.1). The uri parameter counts as it stands in the credentials. It need not be the Request-URI
 * (22.4): its host is the Request-URI's or one that `serves` knows, and its port and parameters do
 * not matter. Its user part matters only without qop, where nothing else keeps credentials from
 * being used for somebody else. */
enum ps_digest_result ps_auth_check(struct ps_auth_server *server, const struct ps_environment *env,
                                    const struct ps_message *request, struct ps_slice binding,
                                    const struct ps_digest_user **user);

/* Writes the challenge lines of a 401 or 407. */
void ps_auth_write_challenges(struct ps_writer *w, struct ps_auth_server *server,
                              const struct ps_environment *env, struct ps_slice binding,
                              bool stale);
#endif

#endif
