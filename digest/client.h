/*
 * The client's side of Digest: which challenge to answer, with which user, and how often.
 *
 * One struct ps_digest_client holds an owner's users and what the servers last asked for (a session
 * for each target, kind and realm; a new one evicts the least recently used). One struct
 * ps_digest_attempt stands beside each request that is being tried, so that requests at the same
 * time do not count for each other. Knows no message: the caller hands in header values, and puts
 * the values that come out into a request. Knows no randomness: the caller gives the cnonce.
 *
 * A request goes like this:
 *   ps_digest_attempt_start(&attempt)
 *   for each session of ps_digest_client_next(): the header by session->proxy, and
 *       ps_digest_client_put() for its value; so what a server asked for before is sent unasked
 *   401 or 407: ps_digest_client_challenged() with all WWW- or Proxy-Authenticate values; where
 *       that is PS_OK the request goes again, built by the same loop, with the Call-ID and From
 *       tag that it had and CSeq raised by one (RFC 3261 22.2); else its final answer stands
 *   2xx with Authentication-Info: ps_digest_client_info()
 * CANCEL and ACK are never challenged; they repeat the INVITE's header values (RFC 3261 22.1).
 */
#ifndef PS_DIGEST_CLIENT_H
#define PS_DIGEST_CLIENT_H

#include "digest.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Which of several challenges of a realm is answered. */
enum ps_digest_choice {
    PS_DIGEST_TOPMOST = 0,  /* the first that is supported (RFC 8760 2.4) */
    PS_DIGEST_STRONGEST = 1 /* the strongest hash function; the first of equals */
};

struct ps_digest_policy {
    enum ps_digest_choice choice;
    enum ps_hash_kind weakest; /* no challenge below this hash function is answered */
    bool prefer_auth_int;      /* auth-int where both are offered; else auth */
};

/* One server's last challenge, and the answers to it so far. */
struct ps_digest_session {
    uint64_t serial; /* 0: not in use; else never used again for another session */
    uint64_t used;   /* number of the client's use that was its last; the lowest is evicted */
    uint64_t round;  /* number of the 401 or 407 that last challenged it */
    uint32_t nc;     /* the last nonce count sent with this nonce */
    bool rejected;   /* the last answer was refused: nothing is sent until the next challenge */
    bool proxy;      /* 407 and Proxy-Authorization; else 401 and Authorization */
    bool userhash;
    bool algorithm_named;
    uint8_t qop; /* the one bit that was chosen */
    enum ps_digest_algorithm algorithm;
    const struct ps_digest_user *user; /* of the client's users */
    struct ps_digest_hex ha1;          /* final; a secret */
    uint16_t target_n, realm_n, nonce_n, opaque_n, cnonce_n;
    bool has_opaque;
    char text[PS_DIGEST_SESSION_TEXT]; /* the five, in this order */
};

struct ps_digest_client {
    const struct ps_digest_user *users; /* borrowed for the client's life */
    size_t n_users;
    struct ps_digest_policy policy;
    uint64_t serial, uses, rounds;
    struct ps_digest_session session[PS_DIGEST_MAX_SESSIONS];
};

/* How often each session was refused for one request. */
struct ps_digest_attempt {
    struct ps_digest_tally {
        uint64_t serial;
        uint8_t refused; /* without stale, the first challenge included */
        uint8_t stale;
        bool sent; /* the request carries credentials of this session */
    } of[PS_DIGEST_MAX_SESSIONS];
};

/* Under these names the next one and ps_digest_attempt_start link (sip/limits.h). */
#define PS_DIGEST_LIMITED(name)                                                                    \
    PS_LIMITED(PS_LIMITED(name, PS_DIGEST_SESSION_TEXT), PS_DIGEST_MAX_SESSIONS)
void PS_DIGEST_LIMITED(ps_digest_client_start)(struct ps_digest_client *client,
                                               const struct ps_digest_user *users, size_t n_users,
                                               const struct ps_digest_policy *policy);
void PS_DIGEST_LIMITED(ps_digest_attempt_start)(struct ps_digest_attempt *attempt);

/* Starts without any session. `users` are borrowed until ps_digest_client_end. The first whose
 * realm is the challenge's (or absent) is taken. A policy of all zeros is: the topmost, any
 * algorithm, auth. */
static inline void ps_digest_client_start(struct ps_digest_client *client,
                                          const struct ps_digest_user *users, size_t n_users,
                                          const struct ps_digest_policy *policy)
{
    PS_DIGEST_LIMITED(ps_digest_client_start)(client, users, n_users, policy);
}

/* Forgets and wipes all sessions. */
void ps_digest_client_end(struct ps_digest_client *client);

/* Starts the counts of a new request. */
static inline void ps_digest_attempt_start(struct ps_digest_attempt *attempt)
{
    PS_DIGEST_LIMITED(ps_digest_attempt_start)(attempt);
}

/* Where a challenge came from, or a request goes to. `target` is the caller's own name for it
 * (a registrar's host, a proxy's address); sessions are used for the same target alone. */
struct ps_digest_place {
    struct ps_slice target;
    bool proxy; /* of a 407; else of a 401 */
};

/*
 * A request was answered with 401 or 407, and `values` are all its WWW-Authenticate (or all its
 * Proxy-Authenticate) values in order. Takes one challenge of each realm. `cnonce` (raw, 8 to 64
 * random characters that need no escape) serves all sessions that are made from it.
 * PS_OK: something new can be said to at least one realm; send the request again. Else the reason
 * of the last realm that was looked at:
 *   PS_E_DIGEST_REJECTED   refused a second time without stale, a third time with it, or asked
 *                          again with the nonce that was answered
 *   PS_E_DIGEST_REALM      no user for the realm
 *   PS_E_DIGEST_ALGORITHM  no algorithm or qop that is known and that the policy allows
 *   PS_E_DIGEST_SCHEME     no Digest challenge at all
 *   PS_E_DIGEST_LONG       target, realm, nonce, opaque and cnonce do not fit the limits
 *   PS_E_INJECTION         realm, nonce or opaque holds an (escaped) NUL, which is not repeated
 *   any error of ps_digest_read_challenge
 * Linear in the values' bytes (n is at most 255, the rest is not looked at).
 */
enum ps_error ps_digest_client_challenged(struct ps_digest_client *client,
                                          struct ps_digest_attempt *attempt,
                                          const struct ps_digest_place *place,
                                          const struct ps_slice *values, size_t n,
                                          struct ps_slice cnonce);

/* Returns the next session to the target, of either kind, or NULL; start with *at = 0. */
struct ps_digest_session *ps_digest_client_next(struct ps_digest_client *client,
                                                struct ps_slice target, size_t *at);

/* Returns the session with that place and realm, or NULL. */
struct ps_digest_session *ps_digest_client_session(struct ps_digest_client *client,
                                                   const struct ps_digest_place *place,
                                                   struct ps_slice realm);

/* A request as Digest sees it. */
struct ps_digest_request {
    struct ps_slice method;
    struct ps_slice uri; /* the Request-URI as it is written */
    struct ps_slice body;
};

/* Writes the value of Authorization or Proxy-Authorization (by session->proxy) and counts nc up.
 * Errors stay in the writer. */
void ps_digest_client_put(struct ps_digest_client *client, struct ps_digest_session *session,
                          struct ps_digest_attempt *attempt,
                          const struct ps_digest_request *request, struct ps_writer *w);

/*
 * A 2xx brought Authentication-Info (or Proxy-Authentication-Info) in `value`. `sent` are the
 * credentials that its request carried from this session (ps_digest_read_credentials on what
 * ps_digest_client_put wrote); `body` is the response's. nextnonce is taken for the requests to
 * come. `*proved` tells whether the server proved by rspauth that it knows the password; without
 * an rspauth, or where the session was challenged again since, that is false and no error.
 * PS_E_DIGEST_REJECTED where rspauth is wrong: the response is not to be trusted, and nextnonce is
 * not taken. PS_E_DIGEST_LONG where nextnonce does not fit the limits, PS_E_INJECTION where it
 * holds an (escaped) NUL.
 */
enum ps_error ps_digest_client_info(struct ps_digest_session *session,
                                    const struct ps_digest_credentials *sent, struct ps_slice value,
                                    struct ps_slice body, bool *proved);

#ifdef __cplusplus
}
#endif
#endif
