/*
 * The client's side: sessions with servers, what to answer and when no more. RFC 3261 22.2 and
 * 22.3, RFC 7616 3.3 to 3.6, RFC 8760 2.4. Knows no message.
 */
#include "client.h"

#include "digest_internal.h"
#include "secret_internal.h"
#include "raw_internal.h"

/* ---- a session's five texts, one behind the other ---- */

static struct ps_slice client_target(const struct ps_digest_session *s)
{
    return ps_slice(s->text, s->target_n);
}
static struct ps_slice client_realm(const struct ps_digest_session *s)
{
    return ps_slice(s->text + s->target_n, s->realm_n);
}
static struct ps_slice client_nonce(const struct ps_digest_session *s)
{
    return ps_slice(s->text + s->target_n + s->realm_n, s->nonce_n);
}
static struct ps_slice client_opaque(const struct ps_digest_session *s)
{
    return s->has_opaque ? ps_slice(s->text + s->target_n + s->realm_n + s->nonce_n, s->opaque_n)
                         : PS_NONE;
}
static struct ps_slice client_cnonce(const struct ps_digest_session *s)
{
    return ps_slice(s->text + s->target_n + s->realm_n + s->nonce_n + s->opaque_n, s->cnonce_n);
}

/* ---- start and end ---- */

void PS_DIGEST_LIMITED(ps_digest_client_start)(struct ps_digest_client *client,
                                               const struct ps_digest_user *users, size_t n_users,
                                               const struct ps_digest_policy *policy)
{
    memset(client, 0, sizeof *client);
    client->users = users;
    client->n_users = n_users;
    client->policy = *policy;
}

void ps_digest_client_end(struct ps_digest_client *client)
{
    ps_wipe(client, sizeof *client);
}

void PS_DIGEST_LIMITED(ps_digest_attempt_start)(struct ps_digest_attempt *attempt)
{
    memset(attempt, 0, sizeof *attempt);
}

/* ---- finding ---- */

static const struct ps_digest_user *client_user(const struct ps_digest_client *client,
                                                struct ps_slice realm)
{
    size_t i;
    for (i = 0; i < client->n_users; i++)
        if (!client->users[i].realm.p || ps_equal(client->users[i].realm, realm))
            return &client->users[i];
    return NULL;
}

struct ps_digest_session *ps_digest_client_session(struct ps_digest_client *client,
                                                   const struct ps_digest_place *place,
                                                   struct ps_slice realm)
{
    size_t i;
    for (i = 0; i < PS_DIGEST_MAX_SESSIONS; i++) {
        struct ps_digest_session *s = &client->session[i];
        if (s->serial && s->proxy == place->proxy && ps_equal(client_target(s), place->target) &&
            ps_equal(client_realm(s), realm))
            return s;
    }
    return NULL;
}

/* One not in use, or the one not used for longest; none of this round's. */
static struct ps_digest_session *client_room(struct ps_digest_client *client)
{
    struct ps_digest_session *room = NULL;
    size_t i;
    for (i = 0; i < PS_DIGEST_MAX_SESSIONS; i++) {
        struct ps_digest_session *s = &client->session[i];
        if (!s->serial)
            return s;
        if (s->round != client->rounds && (!room || s->used < room->used))
            room = s;
    }
    return room;
}

struct ps_digest_session *ps_digest_client_next(struct ps_digest_client *client,
                                                struct ps_slice target, size_t *at)
{
    while (*at < PS_DIGEST_MAX_SESSIONS) {
        struct ps_digest_session *s = &client->session[(*at)++];
        if (s->serial && !s->rejected && s->nc != UINT32_MAX && ps_equal(client_target(s), target))
            return s;
    }
    return NULL;
}

/* ---- a challenge ---- */

/* One challenge, weighed before the session is looked at. */
struct client_offer {
    struct ps_digest_challenge challenge;
    const struct ps_digest_user *user;
    struct ps_digest_hex ha1;
    unsigned qop; /* the bit that is taken */
};

static unsigned client_qop(unsigned offered, bool prefer_auth_int)
{
    if ((offered & PS_QOP_AUTH_INT) && (prefer_auth_int || !(offered & PS_QOP_AUTH)))
        return PS_QOP_AUTH_INT;
    return offered & (PS_QOP_AUTH | PS_QOP_NONE);
}

/* Can this challenge be answered at all? */
static enum ps_error client_weigh(const struct ps_digest_client *client, struct ps_slice value,
                                  struct client_offer *out)
{
    struct ps_digest_challenge *c = &out->challenge;
    enum ps_error error = ps_digest_read_challenge(value, c);
    if (error)
        return error;
    if (!c->realm.p || !c->nonce.p)
        return PS_E_PARAMETER; /* RFC 2617 3.2.1: both are mandatory */
    if (ps_breaks_line(c->realm) || ps_breaks_line(c->nonce) || ps_breaks_line(c->opaque))
        return PS_E_INJECTION; /* an escaped NUL is a quoted-pair; it is not repeated by us */
    out->qop = client_qop(c->qop, client->policy.prefer_auth_int);
    if (c->algorithm == PS_DIGEST_ALGORITHMS || !out->qop ||
        ps_digest_hash(c->algorithm) < client->policy.weakest)
        return PS_E_DIGEST_ALGORITHM;
    out->user = client_user(client, c->realm);
    if (!out->user)
        return PS_E_DIGEST_REALM;
    return ps_digest_ha1(out->user, c->realm, ps_digest_hash(c->algorithm), &out->ha1);
}

/* Takes the challenge into the session, which is not touched where it does not fit. */
static enum ps_error client_take(struct ps_digest_session *s, const struct client_offer *offer,
                                 const struct ps_digest_place *place, struct ps_slice cnonce)
{
    const struct ps_digest_challenge *c = &offer->challenge;
    enum ps_hash_kind kind = ps_digest_hash(c->algorithm);
    struct ps_writer w = ps_writer(s->text, sizeof s->text);
    if (place->target.n + c->realm.n + c->nonce.n + c->opaque.n + cnonce.n > sizeof s->text)
        return PS_E_DIGEST_LONG;
    ps_put(&w, place->target);
    ps_put(&w, c->realm);
    ps_put(&w, c->nonce);
    ps_put(&w, c->opaque);
    ps_put(&w, cnonce);
    s->target_n = (uint16_t)place->target.n;
    s->realm_n = (uint16_t)c->realm.n;
    s->nonce_n = (uint16_t)c->nonce.n;
    s->opaque_n = (uint16_t)c->opaque.n;
    s->cnonce_n = (uint16_t)cnonce.n;
    s->has_opaque = c->opaque.p != NULL;
    s->proxy = place->proxy;
    s->userhash = c->userhash;
    s->qop = (uint8_t)offer->qop;
    s->algorithm = c->algorithm;
    s->algorithm_named = c->algorithm_named;
    s->user = offer->user;
    s->nc = 0;
    s->rejected = false;
    s->ha1 = offer->ha1;
    if (ps_digest_is_session(c->algorithm))
        ps_digest_session_ha1(kind, &offer->ha1, c->nonce, cnonce, &s->ha1);
    return PS_OK;
}

/* The attempt's count for this session. */
static struct ps_digest_tally *client_tally(const struct ps_digest_client *client,
                                            struct ps_digest_attempt *attempt,
                                            const struct ps_digest_session *s)
{
    struct ps_digest_tally *tally = &attempt->of[s - client->session];
    if (tally->serial != s->serial) {
        memset(tally, 0, sizeof *tally);
        tally->serial = s->serial;
    }
    return tally;
}

/* Is this refusal of the request one too many? */
static bool client_is_refused(struct ps_digest_tally *tally, const struct ps_digest_session *s,
                              const struct ps_digest_challenge *c)
{
    if (tally->sent && ps_equal(c->nonce, client_nonce(s)))
        return true; /* it would be the same answer again */
    return c->stale ? ++tally->stale > 2 : ++tally->refused > 1;
}

/* A realm of this response that was answered before, for this request or another. */
static enum ps_error client_known(struct ps_digest_client *client,
                                  struct ps_digest_attempt *attempt, struct ps_digest_session *s,
                                  const struct ps_digest_place *place,
                                  const struct client_offer *offer, struct ps_slice cnonce)
{
    struct ps_digest_tally *tally = client_tally(client, attempt, s);
    s->round = client->rounds;
    if (!client_is_refused(tally, s, &offer->challenge))
        return client_take(s, offer, place, cnonce);
    s->rejected = true;
    return PS_E_DIGEST_REJECTED;
}

/* A realm that was never answered, or not lately. */
static enum ps_error client_new(struct ps_digest_client *client, struct ps_digest_attempt *attempt,
                                const struct ps_digest_place *place,
                                const struct client_offer *offer, struct ps_slice cnonce)
{
    struct ps_digest_session *s = client_room(client);
    struct ps_digest_tally *tally;
    enum ps_error error = s ? client_take(s, offer, place, cnonce) : PS_E_FULL;
    if (error)
        return error;
    s->serial = ++client->serial;
    s->round = client->rounds;
    s->used = ++client->uses;
    tally = client_tally(client, attempt, s);
    tally->stale = offer->challenge.stale;
    tally->refused = !offer->challenge.stale;
    return PS_OK;
}

/* A realm of this response again: another algorithm. The strongest may win over the first. */
static enum ps_error client_again(const struct ps_digest_client *client,
                                  struct ps_digest_session *s, const struct ps_digest_place *place,
                                  const struct client_offer *offer, struct ps_slice cnonce)
{
    if (s->rejected)
        return PS_E_DIGEST_REJECTED;
    if (client->policy.choice != PS_DIGEST_STRONGEST ||
        ps_digest_hash(offer->challenge.algorithm) <= ps_digest_hash(s->algorithm))
        return PS_OK;
    return client_take(s, offer, place, cnonce);
}

static enum ps_error client_one(struct ps_digest_client *client, struct ps_digest_attempt *attempt,
                                const struct ps_digest_place *place, struct ps_slice value,
                                struct ps_slice cnonce)
{
    struct client_offer offer;
    struct ps_digest_session *s;
    enum ps_error error = client_weigh(client, value, &offer);
    if (!error) {
        s = ps_digest_client_session(client, place, offer.challenge.realm);
        if (!s)
            error = client_new(client, attempt, place, &offer, cnonce);
        else if (s->round == client->rounds)
            error = client_again(client, s, place, &offer, cnonce);
        else
            error = client_known(client, attempt, s, place, &offer, cnonce);
    }
    ps_wipe(&offer, sizeof offer);
    return error;
}

enum ps_error ps_digest_client_challenged(struct ps_digest_client *client,
                                          struct ps_digest_attempt *attempt,
                                          const struct ps_digest_place *place,
                                          const struct ps_slice *values, size_t n,
                                          struct ps_slice cnonce)
{
    enum ps_error reason = PS_E_DIGEST_SCHEME;
    bool answer = false;
    size_t i;
    if (cnonce.n < 8 || cnonce.n > 64 || !ps_all(cnonce, PS_C_TOKEN))
        return PS_E_ARGUMENT;
    client->rounds++;
    for (i = 0; i < n && i < 255; i++) {
        enum ps_error error = client_one(client, attempt, place, values[i], cnonce);
        if (!error)
            answer = true;
        else if (error != PS_E_DIGEST_SCHEME)
            reason = error;
    }
    return answer ? PS_OK : reason;
}

/* ---- credentials ---- */

static struct ps_slice client_nc(uint32_t nc, char text[8])
{
    size_t i;
    for (i = 0; i < 8; i++)
        text[i] = "0123456789abcdef"[nc >> (28 - 4 * i) & 15];
    return ps_slice(text, 8);
}

/* Fills in the session's credentials for the next request, less username and response. */
static void client_fill(struct ps_digest_session *s, struct ps_slice uri, char nc[8],
                        struct ps_digest_credentials *c)
{
    memset(c, 0, sizeof *c);
    c->realm = client_realm(s);
    c->nonce = client_nonce(s);
    c->opaque = client_opaque(s);
    c->uri = uri;
    c->algorithm = s->algorithm;
    c->algorithm_named = s->algorithm_named;
    c->qop = s->qop;
    c->userhash = s->userhash;
    /* RFC 2617 3.2.2: neither is sent where no qop was; but a -sess HA1 hangs on the cnonce */
    if (s->qop != PS_QOP_NONE)
        c->nc_text = client_nc(++s->nc, nc);
    if (s->qop != PS_QOP_NONE || ps_digest_is_session(s->algorithm))
        c->cnonce = client_cnonce(s);
}

/* The username as the session sends it: escaped, or its hash. */
static void client_put_name(const struct ps_digest_session *s, struct ps_writer *w)
{
    struct ps_digest_hex hash;
    if (!s->userhash) {
        ps_digest_put_escaped(w, s->user->username);
        return;
    }
    ps_digest_userhash(ps_digest_hash(s->algorithm), s->user->username, client_realm(s), &hash);
    ps_put(w, ps_digest_hex_slice(&hash));
}

void ps_digest_client_put(struct ps_digest_client *client, struct ps_digest_session *session,
                          struct ps_digest_attempt *attempt,
                          const struct ps_digest_request *request, struct ps_writer *w)
{
    struct ps_digest_credentials c;
    struct ps_digest_hex response;
    char nc[8], name[PS_DIGEST_MAX_VALUE];
    struct ps_writer name_w = ps_writer(name, sizeof name);
    client_fill(session, request->uri, nc, &c);
    client_put_name(session, &name_w);
    c.username = ps_written(&name_w);
    ps_digest_response(&c, &session->ha1, request->method, request->body, &response);
    c.response = ps_digest_hex_slice(&response);
    ps_digest_put_credentials(w, &c);
    if (name_w.error && !w->error)
        w->error = name_w.error;
    session->used = ++client->uses;
    client_tally(client, attempt, session)->sent = true;
}

/* ---- Authentication-Info: RFC 7616 3.5 ---- */

static enum ps_error client_next_nonce(struct ps_digest_session *s, struct ps_slice nonce)
{
    size_t before = (size_t)s->target_n + s->realm_n, behind = (size_t)s->opaque_n + s->cnonce_n;
    if (ps_breaks_line(nonce))
        return PS_E_INJECTION; /* as in a challenge */
    if (ps_equal(nonce, client_nonce(s)))
        return PS_OK; /* its count goes on */
    if (before + nonce.n + behind > sizeof s->text)
        return PS_E_DIGEST_LONG;
    memmove(s->text + before + nonce.n, s->text + before + s->nonce_n, behind);
    memcpy(s->text + before, nonce.p, nonce.n);
    s->nonce_n = (uint16_t)nonce.n;
    s->nc = 0;
    return PS_OK;
}

/* Is rspauth what this server would send for these credentials? */
static bool client_proves(const struct ps_digest_session *s,
                          const struct ps_digest_credentials *sent,
                          const struct ps_digest_info *info, struct ps_slice body)
{
    struct ps_digest_credentials c = *sent;
    struct ps_digest_hex expected;
    if (info->qop != PS_QOP_NONE)
        c.qop = info->qop;
    if ((info->cnonce.p && !ps_equal(info->cnonce, sent->cnonce)) ||
        (info->nc_text.p && info->nc != sent->nc))
        return false;
    ps_digest_response(&c, &s->ha1, PS_NONE, body, &expected);
    return info->rspauth.n == expected.n &&
           ps_same_secret(info->rspauth.p, expected.text, expected.n);
}

enum ps_error ps_digest_client_info(struct ps_digest_session *session,
                                    const struct ps_digest_credentials *sent, struct ps_slice value,
                                    struct ps_slice body, bool *proved)
{
    struct ps_digest_info info;
    enum ps_error error = ps_digest_read_info(value, &info);
    *proved = false;
    if (error)
        return error;
    /* the session was challenged again since: its HA1 may be another */
    if (sent->algorithm != session->algorithm ||
        (sent->cnonce.p && !ps_equal(sent->cnonce, client_cnonce(session))))
        return PS_OK;
    if (info.rspauth.p) {
        if (!client_proves(session, sent, &info, body))
            return PS_E_DIGEST_REJECTED;
        *proved = true;
    }
    return info.nextnonce.p ? client_next_nonce(session, info.nextnonce) : PS_OK;
}
