/*
 * The server's side of Digest: making challenges and checking credentials.
 *
 * Nonces need no memory: each carries its time and a number, and a keyed hash over these, the realm
 * and whatever the owner binds it to. Memory is needed only against replays, and is the caller's
 * and bounded: a table of the nonces that were used with the right password, with a sliding window
 * over nc. Where it is full, the oldest nonce of a bucket is evicted and no older one is taken any
 * more, so that a replay never passes; its user is told stale and asked again.
 *
 * Knows no message, no clock and no randomness: values, time and key come from the caller. A
 * request goes like this:
 *   for each Authorization (or Proxy-Authorization) value: ps_digest_read_credentials(), take the
 *       one for which ps_digest_server_is_asked() says yes; look its user up (ps_digest_names)
 *   ps_digest_server_check()
 *   where that is not PS_DIGEST_GRANTED nor PS_DIGEST_BAD (400): ps_digest_server_nonce(), and a
 *       401 or 407 with one ps_digest_server_put() for each algorithm, the preferred one first
 * ACK and CANCEL are not checked (RFC 3261 22.1).
 */
#ifndef PS_DIGEST_SERVER_H
#define PS_DIGEST_SERVER_H

#include "client.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Nonces of one bucket of the replay table. */
#define PS_DIGEST_WAYS 4

/* A bucket of the replay table; all zero is empty. Times are milliseconds plus one: 0 is none. */
struct ps_digest_bucket {
    uint64_t floor; /* a nonce of this time or before is taken only if it stands here */
    struct ps_digest_used {
        uint64_t time;   /* when the nonce was made; 0: none */
        uint64_t window; /* bit i: nc `top - i` was used */
        uint32_t number; /* of the nonce */
        uint32_t top;    /* the highest nc that was used */
    } nonce[PS_DIGEST_WAYS];
};

/* Bytes of the key; random, and kept from the peers. */
#define PS_DIGEST_KEY 16

/* Characters of a nonce; there is no NUL. */
#define PS_DIGEST_NONCE 36

struct ps_digest_server {
    struct ps_slice realm;      /* raw; borrowed */
    uint8_t key[PS_DIGEST_KEY]; /* random; new at each start, so no nonce lives on */
    uint64_t nonce_life;        /* ms; the captured systems use 30 to 3,600 s */
    enum ps_digest_algorithm offers[PS_DIGEST_ALGORITHMS]; /* the preferred one first */
    size_t n_offers;
    unsigned qop;  /* bits offered; with PS_QOP_NONE credentials without qop pass */
    bool userhash; /* tell clients that they may hash the username */
    struct ps_digest_bucket *bucket; /* borrowed; zeroed by the caller at start */
    size_t n_buckets;                /* at least 1 */
    uint32_t number;                 /* of the last nonce; from 0 */
};

/* Checks the fields, for the owner to call once after filling them in. PS_E_ARGUMENT where one is
 * out of range (no offer, no qop, no bucket, ...). */
enum ps_error ps_digest_server_valid(const struct ps_digest_server *server);

/* Makes a nonce for now. `binding` is what the owner ties it to (say, the source address; the same
 * must be given to the check), or empty. */
void ps_digest_server_nonce(struct ps_digest_server *server, struct ps_slice binding,
                            uint64_t now_ms, char nonce[PS_DIGEST_NONCE]);

/* Writes the challenge of offers[i] with this nonce: a value of WWW- or Proxy-Authenticate. */
void ps_digest_server_put(const struct ps_digest_server *server, size_t i,
                          const char nonce[PS_DIGEST_NONCE], bool stale, struct ps_writer *w);

/* Tells whether these credentials are meant for this server. They name its realm; they are not
 * empty, as in the first REGISTER of some phones, which only wants to be challenged; and they have
 * no userhash that nobody asked for, for which all users would have to be searched. */
bool ps_digest_server_is_asked(const struct ps_digest_server *server,
                               const struct ps_digest_credentials *credentials);

/* The verdict, and how to answer it. */
enum ps_digest_result {
    PS_DIGEST_GRANTED = 0,   /* the request's own answer */
    PS_DIGEST_NOT_ASKED = 1, /* no credentials for this server (..._is_asked): a challenge */
    PS_DIGEST_STALE = 2,     /* right, but the nonce is old or not ours: a challenge, stale=true */
    PS_DIGEST_REPLAY = 3, /* right, but nc was used before: a challenge, stale=true, or nothing */
    PS_DIGEST_WRONG = 4,  /* a challenge without stale, or 403 */
    PS_DIGEST_BAD = 5     /* a parameter is missing, or uri is not the question's: 400 */
};

struct ps_digest_question {
    /* Body and method as received. `uri` is compared with the uri parameter byte by byte: a caller
     * to whom another one will do (RFC 3261 22.4) gives credentials->uri itself. */
    struct ps_digest_request request;
    const struct ps_digest_credentials *credentials;
    const struct ps_digest_user *user; /* NULL: unknown; takes as long as a wrong password does */
    struct ps_slice binding;           /* as when the nonce was made */
    uint64_t now_ms;
};

/* Checks the credentials, and remembers nc where all was right. */
enum ps_digest_result ps_digest_server_check(struct ps_digest_server *server,
                                             const struct ps_digest_question *question);

/* Writes Authentication-Info for a granted request: rspauth over the response's `body`, and
 * `nextnonce` (raw) unless absent; not to be given with a -sess algorithm, whose key hangs on the
 * first nonce. */
void ps_digest_server_put_info(const struct ps_digest_server *server,
                               const struct ps_digest_question *question, struct ps_slice body,
                               struct ps_slice nextnonce, struct ps_writer *w);

#ifdef __cplusplus
}
#endif
#endif
