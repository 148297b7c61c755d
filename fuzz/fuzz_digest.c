/*
 * Digest: the input is a header value, read as a challenge, as credentials and as
 * Authentication-Info.
 *
 * Must hold: slices lie inside; what is read writes back and reads as the same; a challenge
 * that a client answers is answered with credentials whose response computes; credentials out of
 * nowhere are never granted; our own challenge, answered, is granted once and never again.
 */
#include "digest/client.h"
#include "digest/server.h"
#include "fuzz.h"

enum { ROOM = 1 << 16 };
static char once[ROOM], twice[ROOM];

static struct ps_digest_request request; /* what is asked for, ... */
static struct ps_digest_user user;       /* ... and by whom: for every input the same */

static void set_up(void)
{
    request.method = PS_S("REGISTER");
    request.uri = PS_S("sip:example.com");
    request.body = PS_S("body");
    user.username = PS_S("alice");
    user.password = PS_S("secret");
}

static void challenge_again(struct ps_slice value)
{
    struct ps_digest_challenge a, b;
    struct ps_writer w = ps_writer(once, ROOM), v = ps_writer(twice, ROOM);
    if (ps_digest_read_challenge(value, &a))
        return;
    HOLDS(fuzz_inside(a.realm, value) && fuzz_inside(a.nonce, value));
    HOLDS(fuzz_inside(a.opaque, value) && fuzz_inside(a.domain, value) && a.qop);
    if (a.algorithm == PS_DIGEST_ALGORITHMS || (a.qop & PS_QOP_OTHER))
        return; /* what is not known has no name to be written with */
    ps_digest_put_challenge(&w, &a);
    if (w.n == sizeof "Digest " - 1) /* nothing in it that is known */
        return;
    HOLDS(!w.error && !ps_digest_read_challenge(ps_written(&w), &b));
    HOLDS(fuzz_same(a.realm, b.realm) && fuzz_same(a.nonce, b.nonce));
    HOLDS(fuzz_same(a.opaque, b.opaque) && fuzz_same(a.domain, b.domain));
    HOLDS(a.algorithm == b.algorithm && a.qop == b.qop && a.stale == b.stale);
    HOLDS(a.userhash == b.userhash && a.utf8 == b.utf8);
    ps_digest_put_challenge(&v, &b);
    HOLDS(ps_equal(ps_written(&w), ps_written(&v)));
}

static void credentials_again(struct ps_slice value)
{
    struct ps_digest_credentials a, b;
    struct ps_writer w = ps_writer(once, ROOM), v = ps_writer(twice, ROOM);
    if (ps_digest_read_credentials(value, &a))
        return;
    HOLDS(fuzz_inside(a.username, value) && fuzz_inside(a.response, value));
    HOLDS(fuzz_inside(a.nonce, value) && fuzz_inside(a.uri, value));
    if (a.algorithm == PS_DIGEST_ALGORITHMS || (a.qop & PS_QOP_OTHER))
        return;
    ps_digest_put_credentials(&w, &a);
    if (w.n == sizeof "Digest " - 1)
        return;
    HOLDS(!w.error && !ps_digest_read_credentials(ps_written(&w), &b));
    HOLDS(fuzz_same(a.username, b.username) && fuzz_same(a.realm, b.realm));
    HOLDS(fuzz_same(a.nonce, b.nonce) && fuzz_same(a.uri, b.uri));
    HOLDS(fuzz_same(a.response, b.response) && fuzz_same(a.cnonce, b.cnonce));
    HOLDS(fuzz_same(a.opaque, b.opaque) && a.nc == b.nc);
    HOLDS(a.algorithm == b.algorithm && a.qop == b.qop && a.userhash == b.userhash);
    ps_digest_put_credentials(&v, &b);
    HOLDS(ps_equal(ps_written(&w), ps_written(&v)));
}

static void info_again(struct ps_slice value)
{
    struct ps_digest_info a, b;
    struct ps_writer w = ps_writer(once, ROOM);
    if (ps_digest_read_info(value, &a) || (a.qop & PS_QOP_OTHER))
        return;
    ps_digest_put_info(&w, &a);
    HOLDS(!w.error);
    if (!w.n) /* nothing in it that is known */
        return;
    HOLDS(!ps_digest_read_info(ps_written(&w), &b));
    HOLDS(fuzz_same(a.nextnonce, b.nextnonce) && fuzz_same(a.rspauth, b.rspauth));
    HOLDS(fuzz_same(a.cnonce, b.cnonce) && a.nc == b.nc && a.qop == b.qop);
}

/* ---- a client ---- */

/* Writes what the client says to this challenge; none where it says nothing. */
static struct ps_slice answered(struct ps_slice challenge)
{
    static struct ps_digest_client client;
    static const struct ps_digest_policy policy;
    const struct ps_digest_place place = {PS_S("example.com"), false};
    struct ps_digest_attempt attempt;
    struct ps_digest_session *session;
    struct ps_writer w = ps_writer(once, ROOM);
    size_t at = 0;
    ps_digest_client_start(&client, &user, 1, &policy);
    ps_digest_attempt_start(&attempt);
    if (ps_digest_client_challenged(&client, &attempt, &place, &challenge, 1, PS_S("0123456789")))
        return PS_NONE;
    session = ps_digest_client_next(&client, place.target, &at);
    HOLDS(session && !ps_digest_client_next(&client, place.target, &at));
    ps_digest_client_put(&client, session, &attempt, &request, &w);
    HOLDS(!w.error && !ps_breaks_line(ps_written(&w)));
    /* the same challenge again is a refusal: no loop */
    HOLDS(
        ps_digest_client_challenged(&client, &attempt, &place, &challenge, 1, PS_S("0123456789")));
    ps_digest_client_end(&client);
    return ps_written(&w);
}

static void response_computes(struct ps_slice value)
{
    struct ps_digest_credentials c;
    struct ps_digest_hex ha1, session, response;
    struct ps_digest_challenge challenge;
    enum ps_hash_kind kind;
    HOLDS(!ps_digest_read_challenge(value, &challenge));
    HOLDS(!ps_digest_read_credentials(answered(value), &c));
    HOLDS(ps_equal(c.realm, challenge.realm) && ps_equal(c.nonce, challenge.nonce));
    HOLDS(ps_digest_names(&c, &user));
    kind = ps_digest_hash(c.algorithm);
    HOLDS(!ps_digest_ha1(&user, c.realm, kind, &ha1));
    if (ps_digest_is_session(c.algorithm)) {
        ps_digest_session_ha1(kind, &ha1, c.nonce, c.cnonce, &session);
        ha1 = session;
    }
    ps_digest_response(&c, &ha1, request.method, request.body, &response);
    HOLDS(ps_equal(ps_digest_hex_slice(&response), c.response));
}

/* ---- a server ---- */

static struct ps_digest_bucket buckets[4];

static void start_server(struct ps_digest_server *s)
{
    memset(s, 0, sizeof *s);
    memset(buckets, 0, sizeof buckets);
    s->realm = PS_S("example.com");
    memset(s->key, 7, sizeof s->key);
    s->nonce_life = 60000;
    s->offers[0] = PS_DIGEST_SHA_256;
    s->offers[1] = PS_DIGEST_MD5;
    s->n_offers = 2;
    s->qop = PS_QOP_AUTH | PS_QOP_AUTH_INT;
    s->bucket = buckets;
    s->n_buckets = 4;
    HOLDS(!ps_digest_server_valid(s));
}

static enum ps_digest_result ask(struct ps_digest_server *s, struct ps_slice value)
{
    struct ps_digest_credentials credentials;
    struct ps_digest_question question;
    memset(&question, 0, sizeof question);
    if (ps_digest_read_credentials(value, &credentials))
        return PS_DIGEST_BAD;
    question.request = request;
    question.credentials = &credentials;
    question.user = &user;
    question.now_ms = 1000;
    return ps_digest_server_check(s, &question);
}

/* The input offered as credentials; then our own challenge, answered and played again. */
static void server(struct ps_slice value)
{
    struct ps_digest_server s;
    char nonce[PS_DIGEST_NONCE], challenge[1024];
    struct ps_writer w = ps_writer(challenge, sizeof challenge);
    struct ps_slice answer;
    start_server(&s);
    HOLDS(ask(&s, value) != PS_DIGEST_GRANTED);
    ps_digest_server_nonce(&s, PS_NONE, 500, nonce);
    ps_digest_server_put(&s, value.n & 1, nonce, false, &w);
    HOLDS(!w.error);
    answer = answered(ps_written(&w));
    HOLDS(answer.n && ask(&s, answer) == PS_DIGEST_GRANTED);
    HOLDS(ask(&s, answer) == PS_DIGEST_REPLAY);
    HOLDS(ask(&s, value) != PS_DIGEST_GRANTED);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ps_slice value = fuzz_input(data, size);
    set_up();
    challenge_again(value);
    credentials_again(value);
    info_again(value);
    if (answered(value).n)
        response_computes(value);
    server(value);
    return 0;
}
