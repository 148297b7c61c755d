/*
 * Digest authentication by RFC 2617 and RFC 7616 as SIP uses it (RFC 3261 section 22, RFC 8760):
 * challenges, credentials and Authentication-Info, read and written, and the response computed.
 *
 * Works on bare header values ("Digest realm=..., ..."), without the header's name. Knows no
 * message, no time, no randomness; client.h and server.h say who may send what when. Nothing is
 * allocated: what is read borrows from the value that was read.
 *
 * Two spellings of a text, and which one is meant is said everywhere:
 *   raw    as it stands between the quotes, escapes and all. Realm, nonce, opaque, cnonce and uri
 *          are kept, hashed and written raw.
 *   plain  without escapes. A username is hashed plain, and an application gives it plain.
 */
#ifndef PS_DIGEST_H
#define PS_DIGEST_H

#include "../sip/error.h"
#include "../sip/text.h"
#include "hash.h"

#ifdef __cplusplus
extern "C" {
#endif

enum ps_digest_algorithm {
    PS_DIGEST_MD5 = 0,
    PS_DIGEST_MD5_SESS = 1,
#ifndef PS_WITHOUT_SHA256
    PS_DIGEST_SHA_256 = 2,
    PS_DIGEST_SHA_256_SESS = 3,
#endif
#ifndef PS_WITHOUT_SHA512_256
    PS_DIGEST_SHA_512_256 = 4,
    PS_DIGEST_SHA_512_256_SESS = 5,
#endif
    PS_DIGEST_ALGORITHMS = 6 /* how many; also: one that is not known here */
};

/* Returns "MD5", "SHA-256-sess", ...; PS_NONE for one not known, or left out of the build. */
struct ps_slice ps_digest_algorithm_name(enum ps_digest_algorithm algorithm);
/* Finds an algorithm by its name, in any case; PS_DIGEST_ALGORITHMS for one not known. */
enum ps_digest_algorithm ps_digest_algorithm_from(struct ps_slice name);
/* Returns the hash function that it stands on. */
enum ps_hash_kind ps_digest_hash(enum ps_digest_algorithm algorithm);
/* Tells whether it is a -sess variant, whose HA1 depends on nonce and cnonce too. */
bool ps_digest_is_session(enum ps_digest_algorithm algorithm);

/* Quality of protection; bits, so that a challenge can offer several. */
enum ps_digest_qop {
    PS_QOP_NONE = 1,     /* no qop parameter: RFC 2069 */
    PS_QOP_AUTH = 2,     /* "auth" */
    PS_QOP_AUTH_INT = 4, /* "auth-int": the body is hashed too */
    PS_QOP_OTHER = 8     /* a value not known here */
};

/* Bytes of a hash in hex, at most; there is no NUL. */
#define PS_DIGEST_HEX (2 * PS_HASH_MAX_BYTES)

/* A hash in lower-case hex: `text` holds `n` characters (32 for MD5, else 64). */
struct ps_digest_hex {
    char text[PS_DIGEST_HEX];
    size_t n;
};

static inline struct ps_slice ps_digest_hex_slice(const struct ps_digest_hex *hex)
{
    return ps_slice(hex->text, hex->n);
}

/* ---- header values ---- */

/* The value of WWW-Authenticate or Proxy-Authenticate. An absent parameter is PS_NONE. */
struct ps_digest_challenge {
    struct ps_slice realm;              /* raw */
    struct ps_slice nonce;              /* raw */
    struct ps_slice opaque;             /* raw */
    struct ps_slice domain;             /* raw */
    enum ps_digest_algorithm algorithm; /* MD5 where none is named */
    bool algorithm_named;               /* read: was it there? written only then */
    unsigned qop;                       /* bits of enum ps_digest_qop, never 0 */
    bool stale;
    bool userhash;
    bool utf8; /* charset=UTF-8 */
};

/* The value of Authorization or Proxy-Authorization. */
struct ps_digest_credentials {
    struct ps_slice username; /* raw; in hex where `userhash` */
    struct ps_slice realm;    /* raw */
    struct ps_slice nonce;    /* raw */
    struct ps_slice uri;      /* raw */
    struct ps_slice response; /* raw */
    struct ps_slice cnonce;   /* raw */
    struct ps_slice opaque;   /* raw */
    struct ps_slice nc_text;  /* the eight digits, as they are hashed */
    uint32_t nc;
    enum ps_digest_algorithm algorithm; /* MD5 where none is named */
    bool algorithm_named;               /* written (and read) only then */
    unsigned qop;                       /* one bit of enum ps_digest_qop */
    bool userhash;
};

/* The value of Authentication-Info or Proxy-Authentication-Info. */
struct ps_digest_info {
    struct ps_slice nextnonce; /* raw */
    struct ps_slice rspauth;   /* raw */
    struct ps_slice cnonce;    /* raw */
    struct ps_slice nc_text;
    uint32_t nc;
    unsigned qop; /* one bit of enum ps_digest_qop */
};

/*
 * Each reads a whole value. Unknown parameters are ignored; a parameter that stands twice is
 * PS_E_PARAMETER, a malformed one PS_E_PARAMETER or PS_E_SYNTAX, one longer than
 * PS_DIGEST_MAX_VALUE PS_E_DIGEST_LONG, another scheme than Digest PS_E_DIGEST_SCHEME. A quoted
 * value that is folded over lines is refused: peers differ in how they hash it. What is mandatory
 * is not looked at here, but by who uses it: `out` may lack a nonce. After an error `out` is not
 * to be used.
 */
enum ps_error ps_digest_read_challenge(struct ps_slice value, struct ps_digest_challenge *out);
enum ps_error ps_digest_read_credentials(struct ps_slice value, struct ps_digest_credentials *out);
enum ps_error ps_digest_read_info(struct ps_slice value, struct ps_digest_info *out);

/*
 * Each writes a value; parameters that are absent are left out. A raw text that would end its
 * quotes or its line is not written: the writer's error is then PS_E_INJECTION.
 */
void ps_digest_put_challenge(struct ps_writer *w, const struct ps_digest_challenge *challenge);
void ps_digest_put_credentials(struct ps_writer *w,
                               const struct ps_digest_credentials *credentials);
void ps_digest_put_info(struct ps_writer *w, const struct ps_digest_info *info);

/* Writes the raw text without its escapes: for people, and for looking a user up. */
void ps_digest_put_plain(struct ps_writer *w, struct ps_slice raw);

/* ---- computing: RFC 2617 3.2.2, RFC 7616 3.4 ---- */

/* A user as an owner knows it. The bytes are borrowed, and are secrets. */
struct ps_digest_user {
    struct ps_slice username;           /* plain */
    struct ps_slice realm;              /* raw; a client may leave it absent: any realm that asks */
    struct ps_slice password;           /* or absent, and then a stored hash: */
    struct ps_slice ha1[PS_HASH_KINDS]; /* H(username:realm:password) in hex, or absent */
};

/*
 * Computes H(username:realm:password), from which the -sess variants start too, or takes it from
 * user->ha1 where that is given for the hash function (in hex of either case, kept in lower case).
 * PS_E_DIGEST_REALM where the user has neither; PS_E_ARGUMENT where the stored one is no hash.
 */
enum ps_error ps_digest_ha1(const struct ps_digest_user *user, struct ps_slice realm,
                            enum ps_hash_kind kind, struct ps_digest_hex *out);

/* Computes H(username:realm), which stands for the username where userhash is used (RFC 7616
 * 3.4.4). */
void ps_digest_userhash(enum ps_hash_kind kind, struct ps_slice username, struct ps_slice realm,
                        struct ps_digest_hex *out);

/* Tells whether these credentials name this user, by name or by userhash. */
bool ps_digest_names(const struct ps_digest_credentials *credentials,
                     const struct ps_digest_user *user);

/* Computes the HA1 of a -sess session, H(ha1:nonce:cnonce), once from the session's first nonce and
 * cnonce. */
void ps_digest_session_ha1(enum ps_hash_kind kind, const struct ps_digest_hex *ha1,
                           struct ps_slice nonce, struct ps_slice cnonce,
                           struct ps_digest_hex *out);

/*
 * Computes the response. Of the credentials nonce, nc_text, cnonce, qop, algorithm and uri are
 * used; `ha1` is the final one (for -sess the session's). `method` empty gives rspauth (RFC 7616
 * 3.5). `body` is hashed for auth-int alone.
 */
void ps_digest_response(const struct ps_digest_credentials *credentials,
                        const struct ps_digest_hex *ha1, struct ps_slice method,
                        struct ps_slice body, struct ps_digest_hex *out);

#ifdef __cplusplus
}
#endif
#endif
