/*
 * Covers digest/server.h and digest/nonce_internal.h: challenges, what is granted and what is
 * refused and how (RFC 7616 3.3, 3.4.6, 5; RFC 3261 22), nonces without memory, the replay table.
 * Does not cover: how a SIP server answers (test_auth); that the time taken tells nothing
 * (check_constant_time.sh).
 */
#include <stdio.h>

#include "check_main.h"
#include "digest/nonce_internal.h"
#include "digest/server.h"

#define LIFE 30000
#define NOW UINT64_C(1700000000000)

static struct ps_digest_bucket buckets[8];
static struct ps_digest_server server;
static struct ps_digest_client client;
static struct ps_digest_attempt attempt;
static struct ps_digest_user bob;
static struct ps_digest_question question;
static struct ps_digest_credentials credentials;
static char nonce[PS_DIGEST_NONCE], text[2048];

/* A server of realm biloxi.com that offers MD5 and SHA-256 with auth, and bob with his client. */
static void fresh(void)
{
    static const struct ps_digest_policy policy;
    size_t i;
    memset(&server, 0, sizeof server);
    memset(buckets, 0, sizeof buckets);
    server.realm = PS_S("biloxi.com");
    for (i = 0; i < sizeof server.key; i++)
        server.key[i] = (uint8_t)(i * 17);
    server.nonce_life = LIFE;
    server.offers[0] = PS_DIGEST_SHA_256;
    server.offers[1] = PS_DIGEST_MD5;
    server.n_offers = 2;
    server.qop = PS_QOP_AUTH;
    server.bucket = buckets;
    server.n_buckets = 8;
    memset(&bob, 0, sizeof bob);
    bob.username = PS_S("bob");
    bob.password = PS_S("zanzibar");
    ps_digest_client_start(&client, &bob, 1, &policy);
    ps_digest_attempt_start(&attempt);
    memset(&question, 0, sizeof question);
    question.request.method = PS_S("REGISTER");
    question.request.uri = PS_S("sip:biloxi.com");
    question.request.body = PS_S("body");
    question.credentials = &credentials;
    question.user = &bob;
    question.binding = PS_S("192.0.2.1");
    question.now_ms = NOW;
}

/* The client is challenged with offer i at the question's time. */
static void challenge(size_t i, bool stale)
{
    struct ps_writer w = ps_writer(text, sizeof text);
    struct ps_digest_place place;
    struct ps_slice value;
    place.target = PS_S("t");
    place.proxy = false;
    ps_digest_server_nonce(&server, question.binding, question.now_ms, nonce);
    ps_digest_server_put(&server, i, nonce, stale, &w);
    value = ps_written(&w);
    ck_assert_int_eq(
        ps_digest_client_challenged(&client, &attempt, &place, &value, 1, PS_S("0a4f113b")), PS_OK);
}

/* The client's next credentials, read into `credentials`. */
static void answer(void)
{
    struct ps_writer w = ps_writer(text, sizeof text);
    size_t at = 0;
    struct ps_digest_session *session = ps_digest_client_next(&client, PS_S("t"), &at);
    ps_digest_client_put(&client, session, &attempt, &question.request, &w);
    ck_assert_int_eq(ps_digest_read_credentials(ps_written(&w), &credentials), PS_OK);
}

static enum ps_digest_result check(void)
{
    return ps_digest_server_check(&server, &question);
}

/* Challenged with offer i, answered: what `credentials` now holds is right. */
static void right(size_t i)
{
    fresh();
    challenge(i, false);
    answer();
}

/* ---- setting up ---- */

START_TEST(settings_are_checked)
{
    static const enum ps_digest_algorithm none = PS_DIGEST_ALGORITHMS;
    static char long_realm[PS_DIGEST_MAX_VALUE + 1];
    fresh();
    ck_assert_int_eq(ps_digest_server_valid(&server), PS_OK);
    server.realm = PS_S("");
    ck_assert_int_eq(ps_digest_server_valid(&server), PS_E_ARGUMENT);
    server.realm = PS_S("a\"b");
    ck_assert_int_eq(ps_digest_server_valid(&server), PS_E_ARGUMENT);
    memset(long_realm, 'r', sizeof long_realm);
    server.realm = ps_slice(long_realm, sizeof long_realm);
    ck_assert_int_eq(ps_digest_server_valid(&server), PS_E_ARGUMENT);
    server.realm.n--;
    ck_assert_int_eq(ps_digest_server_valid(&server), PS_OK);
    server.n_offers = 0;
    ck_assert_int_eq(ps_digest_server_valid(&server), PS_E_ARGUMENT);
    server.n_offers = PS_DIGEST_ALGORITHMS + 1;
    ck_assert_int_eq(ps_digest_server_valid(&server), PS_E_ARGUMENT);
    server.n_offers = PS_DIGEST_ALGORITHMS;
    ck_assert_int_eq(ps_digest_server_valid(&server), PS_OK);
    server.offers[5] = none;
    ck_assert_int_eq(ps_digest_server_valid(&server), PS_E_ARGUMENT);
    server.n_offers = 1;
    server.qop = 0;
    ck_assert_int_eq(ps_digest_server_valid(&server), PS_E_ARGUMENT);
    server.qop = PS_QOP_OTHER;
    ck_assert_int_eq(ps_digest_server_valid(&server), PS_E_ARGUMENT);
    server.qop = PS_QOP_NONE | PS_QOP_AUTH | PS_QOP_AUTH_INT;
    ck_assert_int_eq(ps_digest_server_valid(&server), PS_OK);
    server.nonce_life = 0;
    ck_assert_int_eq(ps_digest_server_valid(&server), PS_E_ARGUMENT);
    server.nonce_life = UINT64_MAX;
    ck_assert_int_eq(ps_digest_server_valid(&server), PS_E_ARGUMENT);
    server.nonce_life = 1;
    server.n_buckets = 0;
    ck_assert_int_eq(ps_digest_server_valid(&server), PS_E_ARGUMENT);
    server.n_buckets = 1;
    server.bucket = NULL;
    ck_assert_int_eq(ps_digest_server_valid(&server), PS_E_ARGUMENT);
}
END_TEST

START_TEST(challenges_offer_each_algorithm)
{
    struct ps_digest_challenge c;
    struct ps_writer w = ps_writer(text, sizeof text);
    fresh();
    server.qop = PS_QOP_AUTH | PS_QOP_AUTH_INT | PS_QOP_NONE;
    server.userhash = true;
    ps_digest_server_nonce(&server, PS_NONE, NOW, nonce);
    ps_digest_server_put(&server, 1, nonce, true, &w);
    ck_assert_int_eq(ps_digest_read_challenge(ps_written(&w), &c), PS_OK);
    ck_assert_int_eq(c.algorithm, PS_DIGEST_MD5);
    ck_assert(c.algorithm_named && c.stale && c.userhash);
    ck_assert_uint_eq(c.qop, PS_QOP_AUTH | PS_QOP_AUTH_INT);
    ck_assert_slices_eq(c.realm, server.realm);
    ck_assert_slices_eq(c.nonce, ps_slice(nonce, sizeof nonce));
    server.qop = PS_QOP_NONE;
    w = ps_writer(text, sizeof text);
    ps_digest_server_put(&server, 0, nonce, false, &w);
    ck_assert_int_eq(ps_digest_read_challenge(ps_written(&w), &c), PS_OK);
    ck_assert(!c.stale);
    ck_assert_uint_eq(c.qop, PS_QOP_NONE);
}
END_TEST

/* ---- granted ---- */

START_TEST(every_algorithm_and_qop_is_granted)
{
    int i;
    unsigned qop;
    for (i = 0; i < PS_DIGEST_ALGORITHMS; i++)
        for (qop = PS_QOP_NONE; qop <= PS_QOP_AUTH_INT; qop <<= 1) {
            fresh();
            server.offers[0] = (enum ps_digest_algorithm)i;
            server.qop = qop;
            server.userhash = i % 2 == 0;
            challenge(0, false);
            answer();
            ck_assert_uint_eq(credentials.qop, qop);
            ck_assert_int_eq(check(), PS_DIGEST_GRANTED);
        }
}
END_TEST

START_TEST(stored_hashes_and_passwords)
{
    struct ps_digest_user stored;
    struct ps_digest_hex hex;
    right(0);
    ck_assert_int_eq(ps_digest_ha1(&bob, server.realm, PS_HASH_SHA256, &hex), PS_OK);
    memset(&stored, 0, sizeof stored);
    stored.username = PS_S("bob");
    stored.realm = PS_S("biloxi.com");
    stored.ha1[PS_HASH_SHA256] = ps_digest_hex_slice(&hex);
    question.user = &stored;
    ck_assert_int_eq(check(), PS_DIGEST_GRANTED);
    answer();
    hex.text[0] = hex.text[0] == '0' ? '1' : '0';
    ck_assert_int_eq(check(), PS_DIGEST_WRONG);
    stored.ha1[PS_HASH_SHA256] = PS_S("no hash");
    ck_assert_int_eq(check(), PS_DIGEST_WRONG);
    /* nothing stored for this algorithm; a hash of another realm */
    stored.ha1[PS_HASH_SHA256] = PS_NONE;
    ck_assert_int_eq(check(), PS_DIGEST_WRONG);
    stored.password = PS_S("zanzibar");
    ck_assert_int_eq(check(), PS_DIGEST_GRANTED);
    answer();
    stored.realm = PS_S("atlanta.com");
    ck_assert_int_eq(check(), PS_DIGEST_WRONG);
    stored.realm = PS_NONE;
    ck_assert_int_eq(check(), PS_DIGEST_GRANTED);
}
END_TEST

/* A username is hashed plain: quoted by RFC 3261 25.1 or not, it is the same user. */
START_TEST(escaped_usernames)
{
    fresh();
    bob.username = PS_S("b\"ob");
    challenge(1, false);
    answer();
    ck_assert_slice_eq(credentials.username, "b\\\"ob");
    ck_assert_int_eq(check(), PS_DIGEST_GRANTED);
    answer();
    credentials.username = PS_S("\\b\\\"\\o\\b");
    ck_assert_int_eq(check(), PS_DIGEST_GRANTED);
}
END_TEST

/* ---- refused ---- */

/* 040-REGISTER: empty nonce and response are a wish for a challenge */
START_TEST(the_doubango_phone_is_challenged)
{
    fresh();
    server.realm = PS_S("47.98.109.96");
    ck_assert_int_eq(ps_digest_read_credentials(
                         PS_S("Digest username=\"1011\",realm=\"47.98.109.96\",nonce=\"\","
                              "uri=\"sip:47.98.109.96\",response=\"\""),
                         &credentials),
                     PS_OK);
    ck_assert(!ps_digest_server_is_asked(&server, &credentials));
    ck_assert_int_eq(check(), PS_DIGEST_NOT_ASKED);
}
END_TEST

START_TEST(another_realm_is_not_asked)
{
    right(0);
    ck_assert(ps_digest_server_is_asked(&server, &credentials));
    credentials.realm = PS_S("atlanta.com");
    ck_assert_int_eq(check(), PS_DIGEST_NOT_ASKED);
    credentials.realm = PS_NONE;
    ck_assert_int_eq(check(), PS_DIGEST_NOT_ASKED);
    credentials.realm = server.realm;
    credentials.nonce = PS_S("");
    ck_assert(ps_digest_server_is_asked(&server, &credentials));
}
END_TEST

START_TEST(rfc7616_3_4_4_a_userhash_that_was_not_offered_is_not_asked)
{
    right(0);
    credentials.userhash = true;
    ck_assert_int_eq(check(), PS_DIGEST_NOT_ASKED);
    server.userhash = true;
    ck_assert_int_eq(check(), PS_DIGEST_WRONG);
    credentials.userhash = false; /* it may be hashed, it need not */
    ck_assert_int_eq(check(), PS_DIGEST_GRANTED);
}
END_TEST

START_TEST(a_mandatory_parameter_is_missing)
{
    struct ps_digest_credentials whole;
    right(0);
    whole = credentials;
    credentials.username = PS_NONE;
    ck_assert_int_eq(check(), PS_DIGEST_BAD);
    credentials = whole;
    credentials.nonce = PS_NONE;
    ck_assert_int_eq(check(), PS_DIGEST_BAD);
    credentials = whole;
    credentials.uri = PS_NONE;
    ck_assert_int_eq(check(), PS_DIGEST_BAD);
    credentials = whole;
    credentials.response = PS_NONE;
    ck_assert_int_eq(check(), PS_DIGEST_BAD);
    credentials = whole;
    credentials.cnonce = PS_NONE;
    ck_assert_int_eq(check(), PS_DIGEST_BAD);
    credentials.qop = PS_QOP_NONE;
    credentials.algorithm = PS_DIGEST_SHA_256_SESS;
    ck_assert_int_eq(check(), PS_DIGEST_BAD);
    credentials = whole;
    credentials.nc = 0;
    ck_assert_int_eq(check(), PS_DIGEST_BAD);
    credentials = whole;
    ck_assert_int_eq(check(), PS_DIGEST_GRANTED);
}
END_TEST

/* RFC 2617 3.2.2.5 */
START_TEST(a_tampered_uri)
{
    right(0);
    question.request.uri = PS_S("sip:evil.com");
    ck_assert_int_eq(check(), PS_DIGEST_BAD);
    credentials.uri = PS_S("sip:evil.com");
    ck_assert_int_eq(check(), PS_DIGEST_WRONG);
}
END_TEST

START_TEST(another_method_or_body)
{
    right(0);
    question.request.method = PS_S("INVITE");
    ck_assert_int_eq(check(), PS_DIGEST_WRONG);
    right(0);
    question.request.body = PS_S("other");
    ck_assert_int_eq(check(), PS_DIGEST_GRANTED);
    fresh();
    server.qop = PS_QOP_AUTH_INT;
    challenge(0, false);
    answer();
    question.request.body = PS_S("other");
    ck_assert_int_eq(check(), PS_DIGEST_WRONG);
}
END_TEST

START_TEST(a_wrong_password_and_no_such_user)
{
    right(0);
    bob.password = PS_S("zanzibaR");
    ck_assert_int_eq(check(), PS_DIGEST_WRONG);
    question.user = NULL;
    ck_assert_int_eq(check(), PS_DIGEST_WRONG);
    credentials.userhash = server.userhash = true;
    ck_assert_int_eq(check(), PS_DIGEST_WRONG);
    /* a user who has no secret has no password "password" either */
    fresh();
    bob.password = PS_S("password");
    challenge(0, false);
    answer();
    question.user = NULL;
    ck_assert_int_eq(check(), PS_DIGEST_WRONG);
    question.user = &bob;
    bob.password = PS_NONE;
    ck_assert_int_eq(check(), PS_DIGEST_WRONG);
}
END_TEST

/* The owner looked up the wrong one: the credentials name another. */
START_TEST(credentials_of_another_user)
{
    struct ps_digest_user other;
    right(0);
    other = bob;
    credentials.username = PS_S("bobby");
    question.user = &other;
    ck_assert_int_eq(check(), PS_DIGEST_WRONG);
    other.username = PS_S("bobby");
    ck_assert_int_eq(check(), PS_DIGEST_WRONG);
}
END_TEST

START_TEST(every_digit_of_the_response_counts)
{
    static char response[PS_DIGEST_HEX];
    size_t i;
    right(0);
    ck_assert_uint_eq(credentials.response.n, sizeof response);
    memcpy(response, credentials.response.p, sizeof response);
    credentials.response.p = response;
    for (i = 0; i < sizeof response; i++) {
        char was = response[i];
        response[i] = was == '0' ? '1' : '0';
        ck_assert_int_eq(check(), PS_DIGEST_WRONG);
        response[i] = was;
    }
    credentials.response.n--;
    ck_assert_int_eq(check(), PS_DIGEST_WRONG);
    credentials.response.n++;
    ck_assert_int_eq(check(), PS_DIGEST_GRANTED);
}
END_TEST

START_TEST(what_was_not_offered)
{
    right(1);
    server.n_offers = 1;
    ck_assert_int_eq(check(), PS_DIGEST_WRONG);
    server.n_offers = 2;
    server.qop = PS_QOP_AUTH_INT;
    ck_assert_int_eq(check(), PS_DIGEST_WRONG);
    server.qop = PS_QOP_AUTH_INT | PS_QOP_AUTH;
    credentials.algorithm = PS_DIGEST_ALGORITHMS;
    ck_assert_int_eq(check(), PS_DIGEST_WRONG);
    credentials.algorithm = PS_DIGEST_MD5;
    ck_assert_int_eq(check(), PS_DIGEST_GRANTED);
}
END_TEST

/* ---- nonces ---- */

START_TEST(a_nonce_expires_to_the_millisecond)
{
    right(0);
    question.now_ms = NOW + LIFE + 1;
    ck_assert_int_eq(check(), PS_DIGEST_STALE);
    /* stale says that the password was right; with a wrong one it is not said */
    bob.password = PS_S("other");
    ck_assert_int_eq(check(), PS_DIGEST_WRONG);
    bob.password = PS_S("zanzibar");
    question.now_ms = NOW + LIFE;
    ck_assert_int_eq(check(), PS_DIGEST_GRANTED);
    /* and the client follows */
    question.now_ms = NOW + LIFE + 1;
    answer();
    ck_assert_int_eq(check(), PS_DIGEST_STALE);
    challenge(0, true);
    answer();
    ck_assert_int_eq(check(), PS_DIGEST_GRANTED);
}
END_TEST

START_TEST(a_nonce_from_the_future)
{
    right(0);
    question.now_ms = NOW - 1;
    ck_assert_int_eq(check(), PS_DIGEST_STALE);
    /* time may start at 0 */
    fresh();
    question.now_ms = 0;
    challenge(0, false);
    answer();
    ck_assert_int_eq(check(), PS_DIGEST_GRANTED);
    ck_assert_int_eq(check(), PS_DIGEST_REPLAY);
}
END_TEST

/* Each nonce that is not of this server, with a response that is right for it. */
START_TEST(forged_nonces)
{
    static const struct ps_digest_policy policy;
    struct ps_digest_challenge c;
    struct ps_digest_place place;
    char forged[PS_DIGEST_NONCE + 1], value[200];
    size_t i;
    place.target = PS_S("t");
    place.proxy = false;
    fresh();
    memset(&c, 0, sizeof c);
    c.realm = server.realm;
    c.qop = PS_QOP_AUTH;
    ps_digest_server_nonce(&server, question.binding, NOW, nonce);
    for (i = 0; i < PS_DIGEST_NONCE + 3; i++) {
        struct ps_writer w = ps_writer(value, sizeof value);
        struct ps_slice slice;
        memcpy(forged, nonce, PS_DIGEST_NONCE);
        forged[PS_DIGEST_NONCE] = '0';
        c.nonce = ps_slice(forged, PS_DIGEST_NONCE);
        if (i < PS_DIGEST_NONCE)
            forged[i] = forged[i] == '0' ? 'g' : '0';
        else if (i == PS_DIGEST_NONCE)
            c.nonce.n--;
        else if (i == PS_DIGEST_NONCE + 1)
            c.nonce.n++;
        ps_digest_put_challenge(&w, &c);
        slice = ps_written(&w);
        ps_digest_client_start(&client, &bob, 1, &policy);
        ps_digest_attempt_start(&attempt);
        ck_assert_int_eq(
            ps_digest_client_challenged(&client, &attempt, &place, &slice, 1, PS_S("0a4f113b")),
            PS_OK);
        answer();
        ck_assert_int_eq(check(), i < PS_DIGEST_NONCE + 2 ? PS_DIGEST_STALE : PS_DIGEST_GRANTED);
    }
}
END_TEST

START_TEST(a_nonce_in_upper_case_is_another)
{
    char upper[PS_DIGEST_NONCE];
    struct ps_nonce n;
    size_t i;
    fresh();
    for (;;) { /* until there is a letter in it */
        bool same = true;
        ps_digest_server_nonce(&server, PS_NONE, NOW, nonce);
        for (i = 0; i < sizeof nonce; i++) {
            upper[i] = (char)(nonce[i] >= 'a' ? nonce[i] - 32 : nonce[i]);
            same = same && upper[i] == nonce[i];
        }
        if (!same)
            break;
    }
    ck_assert(ps_nonce_read(&server, ps_slice(nonce, sizeof nonce), PS_NONE, &n));
    ck_assert(!ps_nonce_read(&server, ps_slice(upper, sizeof upper), PS_NONE, &n));
}
END_TEST

START_TEST(a_nonce_is_bound)
{
    struct ps_nonce n;
    struct ps_slice slice = ps_slice(nonce, sizeof nonce);
    fresh();
    ps_digest_server_nonce(&server, PS_S("192.0.2.1"), NOW, nonce);
    ck_assert(ps_nonce_read(&server, slice, PS_S("192.0.2.1"), &n));
    ck_assert_uint_eq(n.time, NOW);
    ck_assert_uint_eq(n.number, 1);
    ck_assert(!ps_nonce_read(&server, slice, PS_S("192.0.2.2"), &n));
    ck_assert(!ps_nonce_read(&server, slice, PS_NONE, &n));
    /* what ends the realm does not start the binding */
    server.realm = PS_S("biloxi.co");
    ck_assert(!ps_nonce_read(&server, slice, PS_S("m192.0.2.1"), &n));
    server.realm = PS_S("atlanta.com");
    ck_assert(!ps_nonce_read(&server, slice, PS_S("192.0.2.1"), &n));
    server.realm = PS_S("biloxi.com");
    server.key[15]++;
    ck_assert(!ps_nonce_read(&server, slice, PS_S("192.0.2.1"), &n));
    /* by the server as a whole: the password is right, the nonce is not its own */
    right(0);
    question.binding = PS_S("192.0.2.2");
    ck_assert_int_eq(check(), PS_DIGEST_STALE);
}
END_TEST

START_TEST(no_two_nonces_are_the_same)
{
    char other[PS_DIGEST_NONCE];
    fresh();
    ps_digest_server_nonce(&server, PS_NONE, NOW, nonce);
    ps_digest_server_nonce(&server, PS_NONE, NOW, other);
    ck_assert_mem_ne(nonce, other, sizeof nonce);
}
END_TEST

/* ---- replays ---- */

START_TEST(a_nonce_count_is_good_once)
{
    right(0);
    ck_assert_int_eq(check(), PS_DIGEST_GRANTED);
    ck_assert_int_eq(check(), PS_DIGEST_REPLAY);
    bob.password = PS_S("other");
    ck_assert_int_eq(check(), PS_DIGEST_WRONG);
    bob.password = PS_S("zanzibar");
    answer();
    ck_assert_uint_eq(credentials.nc, 2);
    ck_assert_int_eq(check(), PS_DIGEST_GRANTED);
    ck_assert_int_eq(check(), PS_DIGEST_REPLAY);
}
END_TEST

/* A check that fails does not use nc up. */
START_TEST(only_right_credentials_are_remembered)
{
    static const struct ps_digest_bucket zero[8];
    right(0);
    question.user = NULL;
    ck_assert_int_eq(check(), PS_DIGEST_WRONG);
    question.user = &bob;
    question.now_ms = NOW + LIFE + 1;
    ck_assert_int_eq(check(), PS_DIGEST_STALE);
    ck_assert_mem_eq(buckets, zero, sizeof buckets);
    question.now_ms = NOW;
    ck_assert_int_eq(check(), PS_DIGEST_GRANTED);
}
END_TEST

/* An RFC 2069 client, allowed by PS_QOP_NONE: without nc a nonce is good for one request. */
START_TEST(without_qop_a_nonce_is_good_once)
{
    fresh();
    server.qop = PS_QOP_NONE;
    challenge(0, false);
    answer();
    ck_assert_int_eq(check(), PS_DIGEST_GRANTED);
    ck_assert_int_eq(check(), PS_DIGEST_STALE);
    answer();
    ck_assert_int_eq(check(), PS_DIGEST_STALE);
    /* the same client at a server that insists on qop */
    challenge(0, true);
    answer();
    server.qop = PS_QOP_AUTH;
    ck_assert_int_eq(check(), PS_DIGEST_WRONG);
    server.qop = PS_QOP_AUTH | PS_QOP_NONE;
    ck_assert_int_eq(check(), PS_DIGEST_GRANTED);
}
END_TEST

START_TEST(the_window_slides_over_64_counts)
{
    struct ps_digest_bucket b;
    uint32_t i;
    memset(&b, 0, sizeof b);
    ck_assert_int_eq(ps_nonce_use(&b, 0, 7, 100), PS_NONCE_FRESH);
    ck_assert_int_eq(ps_nonce_use(&b, 0, 7, 100), PS_NONCE_USED);
    for (i = 99; i > 36; i--) { /* out of order, each once */
        ck_assert_int_eq(ps_nonce_use(&b, 0, 7, i), PS_NONCE_FRESH);
        ck_assert_int_eq(ps_nonce_use(&b, 0, 7, i), PS_NONCE_USED);
    }
    ck_assert_int_eq(ps_nonce_use(&b, 0, 7, 36), PS_NONCE_USED);   /* too old to know */
    ck_assert_int_eq(ps_nonce_use(&b, 0, 7, 163), PS_NONCE_FRESH); /* 63 on: 100 just stays */
    ck_assert_int_eq(ps_nonce_use(&b, 0, 7, 100), PS_NONCE_USED);
    ck_assert_int_eq(ps_nonce_use(&b, 0, 7, 101), PS_NONCE_FRESH);
    ck_assert_int_eq(ps_nonce_use(&b, 0, 7, 227), PS_NONCE_FRESH); /* 64 on: all new */
    ck_assert_int_eq(ps_nonce_use(&b, 0, 7, 164), PS_NONCE_FRESH);
    ck_assert_int_eq(ps_nonce_use(&b, 0, 7, 163), PS_NONCE_USED);
    ck_assert_int_eq(ps_nonce_use(&b, 0, 7, UINT32_MAX), PS_NONCE_FRESH);
    ck_assert_int_eq(ps_nonce_use(&b, 0, 7, 227), PS_NONCE_USED);
}
END_TEST

/* The window against a list of everything that was used, in random order. */
START_TEST(the_window_against_a_model)
{
    static bool used[20000];
    struct ps_digest_bucket b;
    uint32_t seed = 1, top = 100, granted = 0;
    memset(&b, 0, sizeof b);
    used[top] = true;
    ck_assert_int_eq(ps_nonce_use(&b, 5, 1, top), PS_NONCE_FRESH);
    while (top < 19000) {
        uint32_t nc;
        bool expected;
        seed = seed * 1664525 + 1013904223;
        nc = top - 80 + (seed >> 24) % 84; /* mostly behind, at most 3 ahead */
        if (seed % 64 == 0)
            nc = top + 60 + (seed >> 24) % 8; /* and now and then as far as the window */
        expected = !used[nc] && nc + 64 > top;
        ck_assert_int_eq(ps_nonce_use(&b, 5, 1, nc), expected ? PS_NONCE_FRESH : PS_NONCE_USED);
        used[nc] = used[nc] || expected;
        granted += expected;
        top = nc > top ? nc : top;
    }
    ck_assert_uint_gt(granted, 1000);
}
END_TEST

START_TEST(a_full_bucket_forgets_but_never_takes_a_replay)
{
    struct ps_digest_bucket b;
    uint32_t i;
    memset(&b, 0, sizeof b);
    for (i = 0; i < PS_DIGEST_WAYS; i++)
        ck_assert_int_eq(ps_nonce_use(&b, 1000 + i, i, 1), PS_NONCE_FRESH);
    ck_assert_uint_eq(b.floor, 0);
    ck_assert_int_eq(ps_nonce_use(&b, 2000, 9, 1), PS_NONCE_FRESH); /* over the oldest, 1000 */
    ck_assert_int_eq(ps_nonce_use(&b, 1000, 0, 2), PS_NONCE_FORGOTTEN);
    ck_assert_int_eq(ps_nonce_use(&b, 1000, 55, 1), PS_NONCE_FORGOTTEN);
    ck_assert_int_eq(ps_nonce_use(&b, 999, 55, 1), PS_NONCE_FORGOTTEN);
    for (i = 1; i < PS_DIGEST_WAYS; i++) {
        ck_assert_int_eq(ps_nonce_use(&b, 1000 + i, i, 1), PS_NONCE_USED);
        ck_assert_int_eq(ps_nonce_use(&b, 1000 + i, i, 2), PS_NONCE_FRESH);
    }
    /* older than all that stand there, but above the floor: taken, over the oldest */
    ck_assert_int_eq(ps_nonce_use(&b, 1001, 77, 1), PS_NONCE_FRESH);
    ck_assert_int_eq(ps_nonce_use(&b, 1001, 1, 3), PS_NONCE_FORGOTTEN);
    ck_assert_int_eq(ps_nonce_use(&b, 1001, 77, 1), PS_NONCE_USED);
    /* 77 goes, and the floor does not sink */
    ck_assert_int_eq(ps_nonce_use(&b, 3000, 78, 1), PS_NONCE_FRESH);
    ck_assert_uint_eq(b.floor, 1002);
    ck_assert_int_eq(ps_nonce_use(&b, 1001, 77, 1), PS_NONCE_FORGOTTEN);
}
END_TEST

/* Twelve nonces used at random on one bucket of four ways: no count of a nonce is ever taken twice,
 * and a nonce newer than all others always is taken. */
START_TEST(a_small_table_never_takes_a_replay)
{
    static bool used[12][64];
    struct ps_digest_bucket b;
    uint32_t seed = 42, taken = 0;
    int i;
    memset(&b, 0, sizeof b);
    for (i = 0; i < 100000; i++) {
        uint32_t which, nc;
        seed = seed * 1664525 + 1013904223;
        which = (seed >> 16) % 12;
        nc = 1 + (seed >> 24) % 63;
        if (ps_nonce_use(&b, 500 + which / 2, which, nc) == PS_NONCE_FRESH) {
            ck_assert(!used[which][nc]);
            used[which][nc] = true;
            taken++;
        }
    }
    ck_assert_uint_gt(taken, 4);
    ck_assert_int_eq(ps_nonce_use(&b, 600, 99, 1), PS_NONCE_FRESH);
}
END_TEST

START_TEST(a_nonce_given_up_is_stale_by_the_server)
{
    uint32_t i;
    right(0);
    server.n_buckets = 1;
    ck_assert_int_eq(check(), PS_DIGEST_GRANTED);
    for (i = 0; i < PS_DIGEST_WAYS; i++)
        ck_assert_int_eq(ps_nonce_use(buckets, NOW + 1 + i, 1000 + i, 1), PS_NONCE_FRESH);
    ck_assert_int_eq(check(), PS_DIGEST_STALE); /* the replay, too */
    answer();
    ck_assert_int_eq(check(), PS_DIGEST_STALE);
    question.now_ms = NOW + 100;
    challenge(0, true);
    answer();
    ck_assert_int_eq(check(), PS_DIGEST_GRANTED);
}
END_TEST

/* ---- Authentication-Info ---- */

START_TEST(the_client_accepts_the_servers_proof)
{
    int i;
    for (i = 0; i < PS_DIGEST_ALGORITHMS; i++) {
        static char value[sizeof text];
        struct ps_writer w = ps_writer(value, sizeof value);
        size_t at = 0;
        bool proved = false;
        fresh();
        server.offers[0] = (enum ps_digest_algorithm)i;
        challenge(0, false);
        answer();
        ck_assert_int_eq(check(), PS_DIGEST_GRANTED);
        ps_digest_server_put_info(&server, &question, PS_S("response body"),
                                  i % 2 ? PS_NONE : PS_S("next"), &w);
        ck_assert_int_eq(w.error, PS_OK);
        ck_assert_int_eq(ps_digest_client_info(ps_digest_client_next(&client, PS_S("t"), &at),
                                               &credentials, ps_written(&w), PS_S("response body"),
                                               &proved),
                         PS_OK);
        ck_assert(proved);
        answer();
        ck_assert(ps_equal(credentials.nonce, PS_S("next")) == (i % 2 == 0));
    }
}
END_TEST

START_TEST(sizes)
{
    printf("note: sizes in bytes: ps_digest_server %zu, ps_digest_bucket %zu (%d nonces)\n",
           sizeof(struct ps_digest_server), sizeof(struct ps_digest_bucket), PS_DIGEST_WAYS);
    ck_assert_uint_eq(sizeof(struct ps_digest_bucket), 8 + PS_DIGEST_WAYS * 24);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("digest_server");
    TCase *t = tcase_create("check");
    tcase_add_test(t, settings_are_checked);
    tcase_add_test(t, challenges_offer_each_algorithm);
    tcase_add_test(t, every_algorithm_and_qop_is_granted);
    tcase_add_test(t, stored_hashes_and_passwords);
    tcase_add_test(t, escaped_usernames);
    tcase_add_test(t, the_doubango_phone_is_challenged);
    tcase_add_test(t, another_realm_is_not_asked);
    tcase_add_test(t, rfc7616_3_4_4_a_userhash_that_was_not_offered_is_not_asked);
    tcase_add_test(t, a_mandatory_parameter_is_missing);
    tcase_add_test(t, a_tampered_uri);
    tcase_add_test(t, another_method_or_body);
    tcase_add_test(t, a_wrong_password_and_no_such_user);
    tcase_add_test(t, credentials_of_another_user);
    tcase_add_test(t, every_digit_of_the_response_counts);
    tcase_add_test(t, what_was_not_offered);
    suite_add_tcase(s, t);
    t = tcase_create("nonce");
    tcase_add_test(t, a_nonce_expires_to_the_millisecond);
    tcase_add_test(t, a_nonce_from_the_future);
    tcase_add_test(t, forged_nonces);
    tcase_add_test(t, a_nonce_in_upper_case_is_another);
    tcase_add_test(t, a_nonce_is_bound);
    tcase_add_test(t, no_two_nonces_are_the_same);
    suite_add_tcase(s, t);
    t = tcase_create("replay");
    tcase_add_test(t, a_nonce_count_is_good_once);
    tcase_add_test(t, only_right_credentials_are_remembered);
    tcase_add_test(t, without_qop_a_nonce_is_good_once);
    tcase_add_test(t, the_window_slides_over_64_counts);
    tcase_add_test(t, the_window_against_a_model);
    tcase_add_test(t, a_full_bucket_forgets_but_never_takes_a_replay);
    tcase_add_test(t, a_small_table_never_takes_a_replay);
    tcase_add_test(t, a_nonce_given_up_is_stale_by_the_server);
    suite_add_tcase(s, t);
    t = tcase_create("info");
    tcase_add_test(t, the_client_accepts_the_servers_proof);
    tcase_add_test(t, sizes);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
