/*
 * The formulas of Digest: HA1, userhash and response (RFC 2617 3.2.2, RFC 7616 3.4). Knows which
 * texts are hashed in which order, and nothing of where they come from.
 */
#include "digest.h"
#include "digest_internal.h"
#include "secret_internal.h"
#include "raw_internal.h"

static void digest_end(struct ps_hash *h, struct ps_digest_hex *out)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t hash[PS_HASH_MAX_BYTES];
    size_t i, n = ps_hash_bytes(h->kind);
    ps_hash_end(h, hash);
    for (i = 0; i < n; i++) {
        out->text[2 * i] = digits[hash[i] >> 4];
        out->text[2 * i + 1] = digits[hash[i] & 15];
    }
    out->n = 2 * n;
    ps_wipe(hash, sizeof hash);
}

/* Texts that are hashed one behind the other, gathered first: hashing piece by piece takes longer.
 */
struct digest_text {
    size_t n;
    char text[256];
};

/* Adds the part and one ':' behind it. */
static void digest_gather(struct ps_hash *h, struct digest_text *t, struct ps_slice part)
{
    if (part.n >= sizeof t->text - t->n) {
        if (t->n)
            ps_hash_add(h, t->text, t->n);
        ps_hash_add(h, part.p, part.n);
        t->n = 0;
    } else if (part.n) {
        memcpy(t->text + t->n, part.p, part.n);
        t->n += part.n;
    }
    t->text[t->n++] = ':';
}

/* H of the parts with ':' between them; n is not 0. */
static void digest_join(enum ps_hash_kind kind, const struct ps_slice *part, size_t n,
                        struct ps_digest_hex *out)
{
    struct digest_text t;
    struct ps_hash h;
    size_t i;
    t.n = 0;
    ps_hash_start(&h, kind);
    for (i = 0; i < n; i++)
        digest_gather(&h, &t, part[i]);
    ps_hash_add(&h, t.text, t.n - 1);
    digest_end(&h, out);
    ps_wipe(&t, sizeof t); /* a password may have stood there */
}

void ps_digest_password_ha1(enum ps_hash_kind kind, struct ps_slice username, struct ps_slice realm,
                            struct ps_slice password, struct ps_digest_hex *out)
{
    struct ps_slice part[3];
    part[0] = username;
    part[1] = realm;
    part[2] = password;
    digest_join(kind, part, 3, out);
}

/* A stored hash: the right number of hexadecimal digits, kept in lower case. */
static enum ps_error digest_stored_ha1(struct ps_slice hex, enum ps_hash_kind kind,
                                       struct ps_digest_hex *out)
{
    size_t i;
    if (hex.n != 2 * ps_hash_bytes(kind))
        return PS_E_ARGUMENT;
    for (i = 0; i < hex.n; i++) {
        if (ps_hex_value(hex.p[i]) < 0)
            return PS_E_ARGUMENT;
        out->text[i] = ps_lower(hex.p[i]);
    }
    out->n = hex.n;
    return PS_OK;
}

enum ps_error ps_digest_ha1(const struct ps_digest_user *user, struct ps_slice realm,
                            enum ps_hash_kind kind, struct ps_digest_hex *out)
{
    if (user->realm.p && !ps_equal(user->realm, realm))
        return PS_E_DIGEST_REALM;
    if (user->ha1[kind].p)
        return digest_stored_ha1(user->ha1[kind], kind, out);
    if (!user->password.p)
        return PS_E_DIGEST_REALM;
    ps_digest_password_ha1(kind, user->username, realm, user->password, out);
    return PS_OK;
}

void ps_digest_userhash(enum ps_hash_kind kind, struct ps_slice username, struct ps_slice realm,
                        struct ps_digest_hex *out)
{
    struct ps_slice part[2];
    part[0] = username;
    part[1] = realm;
    digest_join(kind, part, 2, out);
}

bool ps_digest_named(const struct ps_digest_credentials *credentials, struct ps_slice username)
{
    struct ps_digest_hex hash;
    if (!credentials->userhash)
        return ps_digest_raw_is(credentials->username, username);
    ps_digest_userhash(ps_digest_hash(credentials->algorithm), username, credentials->realm, &hash);
    return ps_equal_nocase(credentials->username, ps_digest_hex_slice(&hash));
}

bool ps_digest_names(const struct ps_digest_credentials *credentials,
                     const struct ps_digest_user *user)
{
    return ps_digest_named(credentials, user->username);
}

void ps_digest_session_ha1(enum ps_hash_kind kind, const struct ps_digest_hex *ha1,
                           struct ps_slice nonce, struct ps_slice cnonce, struct ps_digest_hex *out)
{
    struct ps_slice part[3];
    part[0] = ps_digest_hex_slice(ha1);
    part[1] = nonce;
    part[2] = cnonce;
    digest_join(kind, part, 3, out);
}

/* H(A2): method:uri, and with auth-int the hash of the body */
static void digest_ha2(const struct ps_digest_credentials *credentials, struct ps_slice method,
                       struct ps_slice body, struct ps_digest_hex *out)
{
    enum ps_hash_kind kind = ps_digest_hash(credentials->algorithm);
    struct ps_digest_hex of_body;
    struct ps_slice part[3];
    part[0] = method;
    part[1] = credentials->uri;
    if (credentials->qop != PS_QOP_AUTH_INT) {
        digest_join(kind, part, 2, out);
        return;
    }
    digest_join(kind, &body, 1, &of_body);
    part[2] = ps_digest_hex_slice(&of_body);
    digest_join(kind, part, 3, out);
}

void ps_digest_response(const struct ps_digest_credentials *credentials,
                        const struct ps_digest_hex *ha1, struct ps_slice method,
                        struct ps_slice body, struct ps_digest_hex *out)
{
    struct ps_digest_hex ha2;
    struct ps_slice part[6];
    size_t n = 0;
    digest_ha2(credentials, method, body, &ha2);
    part[n++] = ps_digest_hex_slice(ha1);
    part[n++] = credentials->nonce;
    if (credentials->qop != PS_QOP_NONE) {
        part[n++] = credentials->nc_text;
        part[n++] = credentials->cnonce;
        part[n++] = credentials->qop == PS_QOP_AUTH_INT ? PS_S("auth-int") : PS_S("auth");
    }
    part[n++] = ps_digest_hex_slice(&ha2);
    digest_join(ps_digest_hash(credentials->algorithm), part, n, out);
}
