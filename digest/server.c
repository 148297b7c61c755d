/*
 * The server's side: challenges, and checking credentials. RFC 3261 22, RFC 7616 3.4.6 and 5.
 * Knows no message.
 */
#include "server.h"

#include "digest_internal.h"
#include "nonce_internal.h"
#include "raw_internal.h"
#include "secret_internal.h"

static bool server_offers(const struct ps_digest_server *server, enum ps_digest_algorithm algorithm)
{
    size_t i;
    for (i = 0; i < server->n_offers; i++)
        if (server->offers[i] == algorithm)
            return true;
    return false;
}

enum ps_error ps_digest_server_valid(const struct ps_digest_server *server)
{
    const char *realm_end = server->realm.p + server->realm.n;
    size_t i;
    if (!server->realm.n || server->realm.n > PS_DIGEST_MAX_VALUE ||
        ps_digest_raw_end(server->realm.p, realm_end) != realm_end)
        return PS_E_ARGUMENT;
    if (!server->n_offers || server->n_offers > PS_DIGEST_ALGORITHMS)
        return PS_E_ARGUMENT;
    for (i = 0; i < server->n_offers; i++)
        if (!ps_digest_algorithm_name(server->offers[i]).p)
            return PS_E_ARGUMENT;
    if (!server->qop || server->qop >= PS_QOP_OTHER)
        return PS_E_ARGUMENT;
    if (!server->nonce_life || server->nonce_life > PS_NONCE_TIME_MASK / 2)
        return PS_E_ARGUMENT;
    return server->bucket && server->n_buckets ? PS_OK : PS_E_ARGUMENT;
}

void ps_digest_server_nonce(struct ps_digest_server *server, struct ps_slice binding,
                            uint64_t now_ms, char nonce[PS_DIGEST_NONCE])
{
    struct ps_nonce n;
    n.time = now_ms & PS_NONCE_TIME_MASK;
    n.number = ++server->number;
    n.tag = ps_nonce_tag(server, &n, binding);
    ps_nonce_write(&n, nonce);
}

void ps_digest_server_put(const struct ps_digest_server *server, size_t i,
                          const char nonce[PS_DIGEST_NONCE], bool stale, struct ps_writer *w)
{
    struct ps_digest_challenge c;
    memset(&c, 0, sizeof c);
    c.realm = server->realm;
    c.nonce = ps_slice(nonce, PS_DIGEST_NONCE);
    c.algorithm = server->offers[i];
    c.algorithm_named = true;
    c.qop = server->qop;
    c.stale = stale;
    c.userhash = server->userhash;
    ps_digest_put_challenge(w, &c);
}

bool ps_digest_server_is_asked(const struct ps_digest_server *server,
                               const struct ps_digest_credentials *credentials)
{
    return credentials->realm.p && ps_equal(credentials->realm, server->realm) &&
           (credentials->nonce.n || credentials->response.n) &&
           (server->userhash || !credentials->userhash);
}

/* RFC 2617 3.2.2: what must be there, and what with qop */
static bool server_complete(const struct ps_digest_credentials *c)
{
    bool cnonce_needed = c->qop != PS_QOP_NONE || ps_digest_is_session(c->algorithm);
    if (!c->username.p || !c->nonce.p || !c->uri.p || !c->response.p)
        return false;
    if (cnonce_needed && !c->cnonce.p)
        return false;
    return c->qop == PS_QOP_NONE || c->nc > 0;
}

/* Whose name is hashed: the user's, or for want of one as much of what the credentials say. */
static struct ps_slice server_name(const struct ps_digest_question *q)
{
    struct ps_slice name = q->credentials->username;
    if (q->user)
        return q->user->username;
    return q->credentials->userhash ? ps_slice(name.p, name.n / 8) : name;
}

/* A stored HA1 over the one that was computed: in lower case, and not looked at any closer, which
 * would take time. One that is no hexadecimal matches nothing. */
static bool server_stored(struct ps_slice hex, struct ps_digest_hex *out)
{
    size_t i;
    if (hex.n != out->n)
        return false;
    for (i = 0; i < hex.n; i += 8) { /* 32 or 64 digits */
        uint64_t eight;
        memcpy(&eight, hex.p + i, 8);
        eight |= UINT64_C(0x2020202020202020);
        memcpy(out->text + i, &eight, 8);
    }
    return true;
}

/*
 * HA1 of the user, and whether there is one. Always hashes a password, the user's or one that is
 * nobody's, whether or not the user is known and whatever is stored, so that the time taken tells
 * neither.
 */
static bool server_ha1(const struct ps_digest_server *server, const struct ps_digest_question *q,
                       struct ps_digest_hex *out)
{
    const struct ps_digest_user *user = q->user;
    enum ps_hash_kind kind = ps_digest_hash(q->credentials->algorithm);
    struct ps_slice name = server_name(q);
    struct ps_slice password = user && user->password.p ? user->password : PS_S("password");
    ps_digest_password_ha1(kind, name, server->realm, password, out);
    if (!user || (user->realm.p && !ps_equal(user->realm, server->realm)))
        return false;
    if (user->ha1[kind].p)
        return server_stored(user->ha1[kind], out);
    return user->password.p != NULL;
}

static void server_response(const struct ps_digest_question *q, struct ps_digest_hex *ha1,
                            struct ps_digest_hex *out)
{
    const struct ps_digest_credentials *c = q->credentials;
    if (ps_digest_is_session(c->algorithm))
        ps_digest_session_ha1(ps_digest_hash(c->algorithm), ha1, c->nonce, c->cnonce, ha1);
    ps_digest_response(c, ha1, q->request.method, q->request.body, out);
}

/* Is the response right? Every step is taken before any is judged. */
static bool server_right(const struct ps_digest_server *server, const struct ps_digest_question *q)
{
    const struct ps_digest_credentials *c = q->credentials;
    struct ps_digest_hex ha1, expected;
    bool known, named, same;
    known = server_ha1(server, q, &ha1);
    named = ps_digest_named(c, server_name(q));
    server_response(q, &ha1, &expected);
    same = c->response.n == expected.n && ps_same_secret(c->response.p, expected.text, expected.n);
    ps_wipe(&ha1, sizeof ha1);
    ps_wipe(&expected, sizeof expected);
    return known & named & same;
}

/* Right credentials: does their nonce still hold, and is nc a new one? */
static enum ps_digest_result server_nonce_use(struct ps_digest_server *server,
                                              const struct ps_digest_question *q)
{
    const struct ps_digest_credentials *c = q->credentials;
    struct ps_nonce nonce;
    uint64_t age;
    if (!ps_nonce_read(server, c->nonce, q->binding, &nonce))
        return PS_DIGEST_STALE;
    age = (q->now_ms - nonce.time) & PS_NONCE_TIME_MASK;
    if (age > server->nonce_life)
        return PS_DIGEST_STALE;
    switch (ps_nonce_use(&server->bucket[nonce.tag % server->n_buckets], q->now_ms - age,
                         nonce.number, c->qop == PS_QOP_NONE ? 1 : c->nc)) {
    case PS_NONCE_FRESH:
        return PS_DIGEST_GRANTED;
    case PS_NONCE_USED:
        /* without nc a nonce is good for once; that is no sign of an attack */
        return c->qop == PS_QOP_NONE ? PS_DIGEST_STALE : PS_DIGEST_REPLAY;
    default:
        return PS_DIGEST_STALE;
    }
}

enum ps_digest_result ps_digest_server_check(struct ps_digest_server *server,
                                             const struct ps_digest_question *question)
{
    const struct ps_digest_credentials *c = question->credentials;
    if (!ps_digest_server_is_asked(server, c))
        return PS_DIGEST_NOT_ASKED;
    if (!server_complete(c) || !ps_equal(c->uri, question->request.uri))
        return PS_DIGEST_BAD;
    if (!server_offers(server, c->algorithm) || !(c->qop & server->qop) ||
        !server_right(server, question))
        return PS_DIGEST_WRONG;
    return server_nonce_use(server, question);
}

void ps_digest_server_put_info(const struct ps_digest_server *server,
                               const struct ps_digest_question *question, struct ps_slice body,
                               struct ps_slice nextnonce, struct ps_writer *w)
{
    const struct ps_digest_credentials *c = question->credentials;
    struct ps_digest_question answer = *question;
    struct ps_digest_info info;
    struct ps_digest_hex ha1, rspauth;
    answer.request.method = PS_NONE; /* RFC 7616 3.5: A2 starts with the colon */
    answer.request.body = body;
    server_ha1(server, question, &ha1);
    server_response(&answer, &ha1, &rspauth);
    ps_wipe(&ha1, sizeof ha1);
    memset(&info, 0, sizeof info);
    info.nextnonce = nextnonce;
    info.rspauth = ps_digest_hex_slice(&rspauth);
    info.cnonce = c->cnonce;
    info.nc_text = c->nc_text;
    info.qop = c->qop;
    ps_digest_put_info(w, &info);
}
