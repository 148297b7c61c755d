/*
 * Covers Digest as two applications use it, a client and a server that hand each other header
 * values: asked, granted, and proved by Authentication-Info with a next nonce (RFC 7616 3.5).
 * Does not cover: what each refuses (test_digest_client, test_digest_server).
 */
#include "check_main.h"
#include "digest/server.h"

static struct ps_digest_user bob;
static struct ps_digest_client client;
static struct ps_digest_attempt attempt;
static struct ps_digest_server server;
static struct ps_digest_bucket buckets[8];
static char nonce[PS_DIGEST_NONCE], text[1024], said[1024];
static const struct ps_digest_place place = {{"t", 1}, false};
static const struct ps_digest_request request = {
    {"REGISTER", 8}, {"sip:biloxi.com", 14}, {"body", 4}};

static void setup(void)
{
    static const struct ps_digest_policy policy;
    memset(&server, 0, sizeof server);
    memset(buckets, 0, sizeof buckets);
    server.realm = PS_S("biloxi.com");
    server.nonce_life = 1000;
    server.offers[0] = PS_DIGEST_SHA_256;
    server.n_offers = 1;
    server.qop = PS_QOP_AUTH_INT;
    server.bucket = buckets;
    server.n_buckets = 8;
    ck_assert_int_eq(ps_digest_server_valid(&server), PS_OK);
    memset(&bob, 0, sizeof bob);
    bob.username = PS_S("bob");
    bob.password = PS_S("zanzibar");
    ps_digest_client_start(&client, &bob, 1, &policy);
    ps_digest_attempt_start(&attempt);
}

/* The client is challenged with the nonce. */
static void challenge(void)
{
    struct ps_writer w = ps_writer(text, sizeof text);
    struct ps_slice value;
    ps_digest_server_nonce(&server, PS_S("192.0.2.1"), 5, nonce);
    ps_digest_server_put(&server, 0, nonce, false, &w);
    value = ps_written(&w);
    ck_assert_int_eq(
        ps_digest_client_challenged(&client, &attempt, &place, &value, 1, PS_S("0a4f113b")), PS_OK);
}

/* Returns the client's next credentials, as the server reads them (in `said`). */
static struct ps_digest_credentials credentials(void)
{
    struct ps_writer w = ps_writer(said, sizeof said);
    struct ps_digest_credentials out;
    size_t at = 0;
    ps_digest_client_put(&client, ps_digest_client_next(&client, place.target, &at), &attempt,
                         &request, &w);
    ck_assert_int_eq(ps_digest_read_credentials(ps_written(&w), &out), PS_OK);
    return out;
}

static struct ps_digest_question question(const struct ps_digest_credentials *given)
{
    struct ps_digest_question out;
    memset(&out, 0, sizeof out);
    out.request = request;
    out.credentials = given;
    out.user = &bob;
    out.binding = PS_S("192.0.2.1");
    out.now_ms = 6;
    return out;
}

/* The client reads the server's Authentication-Info over this body; is it proved? */
static bool proved(const struct ps_digest_credentials *given, struct ps_slice next,
                   const char *body, enum ps_error expected)
{
    struct ps_digest_question asked = question(given);
    struct ps_writer w = ps_writer(text, sizeof text);
    bool is_proved = false;
    ps_digest_server_put_info(&server, &asked, PS_S("the answer"), next, &w);
    ck_assert_int_eq(w.error, PS_OK);
    ck_assert_int_eq(
        ps_digest_client_info(ps_digest_client_session(&client, &place, PS_S("biloxi.com")), given,
                              ps_written(&w), ps_slice_of(body), &is_proved),
        expected);
    return is_proved;
}

START_TEST(rfc7616_3_5_asked_granted_and_proved)
{
    struct ps_digest_credentials given;
    struct ps_digest_question asked;
    challenge();
    given = credentials();
    asked = question(&given);
    ck_assert(ps_digest_server_is_asked(&server, &given));
    ck_assert_int_eq(ps_digest_server_check(&server, &asked), PS_DIGEST_GRANTED);
    ck_assert(!proved(&given, PS_NONE, "another body", PS_E_DIGEST_REJECTED));
    ck_assert(proved(&given, PS_NONE, "the answer", PS_OK));
    ck_assert_int_eq(ps_digest_server_check(&server, &asked), PS_DIGEST_REPLAY);
    ck_assert_ptr_null(ps_digest_client_session(&client, &place, PS_S("elsewhere")));
}
END_TEST

START_TEST(rfc7616_3_5_the_next_nonce_serves_the_next_request)
{
    struct ps_digest_credentials given;
    struct ps_digest_question asked;
    char next[PS_DIGEST_NONCE];
    challenge();
    given = credentials();
    ps_digest_server_nonce(&server, PS_S("192.0.2.1"), 6, next);
    ck_assert(proved(&given, ps_slice(next, sizeof next), "the answer", PS_OK));
    given = credentials();
    asked = question(&given);
    ck_assert(ps_equal(given.nonce, ps_slice(next, sizeof next)));
    ck_assert_int_eq(ps_digest_server_check(&server, &asked), PS_DIGEST_GRANTED);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("digest both");
    TCase *t = tcase_create("digest both");
    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_test(t, rfc7616_3_5_asked_granted_and_proved);
    tcase_add_test(t, rfc7616_3_5_the_next_nonce_serves_the_next_request);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
