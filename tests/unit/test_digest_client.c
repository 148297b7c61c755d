/*
 * Covers digest/client.h: which challenge is answered, by whom and how often (RFC 3261 22.2, 22.3;
 * RFC 7616 3.3 to 3.6; RFC 8760 2.4), nonce counts, what is sent unasked, Authentication-Info.
 * Does not cover: the formulas (test_digest), Call-ID, From tag and CSeq of the retry (test_auth).
 */
#include <stdio.h>

#include "check_main.h"
#include "digest/client.h"

#define TARGET PS_S("registrar.biloxi.com")
#define CNONCE PS_S("0a4f113b0a4f113b")

static struct ps_digest_client client;
static struct ps_digest_attempt attempt;
static struct ps_digest_user users[2];
static struct ps_digest_policy policy;
static char out[4096];

/* bob, zanzibar, any realm; the topmost challenge, any algorithm */
static void fresh(void)
{
    memset(users, 0, sizeof users);
    users[0].username = PS_S("bob");
    users[0].password = PS_S("zanzibar");
    memset(&policy, 0, sizeof policy);
    ps_digest_client_start(&client, users, 1, &policy);
    ps_digest_attempt_start(&attempt);
}

static void fresh_with(enum ps_digest_choice choice, enum ps_hash_kind weakest, bool auth_int)
{
    fresh();
    policy.choice = choice;
    policy.weakest = weakest;
    policy.prefer_auth_int = auth_int;
    ps_digest_client_start(&client, users, 1, &policy);
}

static enum ps_error challenged_at(struct ps_slice target, bool proxy, const char *const *texts)
{
    struct ps_slice values[16];
    struct ps_digest_place place;
    size_t n = 0;
    place.target = target;
    place.proxy = proxy;
    for (; texts[n]; n++)
        values[n] = ps_slice_of(texts[n]);
    return ps_digest_client_challenged(&client, &attempt, &place, values, n, CNONCE);
}

static enum ps_error challenged(const char *value)
{
    const char *texts[2] = {NULL, NULL};
    texts[0] = value;
    return challenged_at(TARGET, false, texts);
}

static enum ps_error challenged2(const char *first, const char *second)
{
    const char *texts[3] = {NULL, NULL, NULL};
    texts[0] = first;
    texts[1] = second;
    return challenged_at(TARGET, false, texts);
}

static struct ps_digest_request request_of(const char *method)
{
    struct ps_digest_request request;
    request.method = ps_slice_of(method);
    request.uri = PS_S("sip:biloxi.com");
    request.body = PS_S("v=0\r\n");
    return request;
}

/* The session's value for the next request, as a C string. */
static const char *put(struct ps_digest_session *session, const char *method)
{
    struct ps_digest_request request = request_of(method);
    struct ps_writer w = ps_writer(out, sizeof out);
    ps_digest_client_put(&client, session, &attempt, &request, &w);
    ck_assert_int_eq(w.error, PS_OK);
    ps_put_char(&w, '\0');
    return out;
}

/* The first session to the target, or NULL. */
static struct ps_digest_session *session_to(struct ps_slice target)
{
    size_t at = 0;
    return ps_digest_client_next(&client, target, &at);
}

/* Returns what the next request to the target carries, read back and its response checked; there is
 * exactly one session. */
static struct ps_digest_credentials sent(const char *method, const char *password)
{
    struct ps_digest_credentials c;
    struct ps_digest_request request = request_of(method);
    struct ps_digest_user user = users[0];
    struct ps_digest_hex ha1, response;
    size_t at = 0;
    struct ps_digest_session *session = ps_digest_client_next(&client, TARGET, &at);
    ck_assert_ptr_nonnull(session);
    ck_assert_ptr_null(ps_digest_client_next(&client, TARGET, &at));
    ck_assert_int_eq(ps_digest_read_credentials(ps_slice_of(put(session, method)), &c), PS_OK);
    user.password = ps_slice_of(password);
    ck_assert_int_eq(ps_digest_ha1(&user, c.realm, ps_digest_hash(c.algorithm), &ha1), PS_OK);
    if (ps_digest_is_session(c.algorithm))
        ps_digest_session_ha1(ps_digest_hash(c.algorithm), &ha1, c.nonce, c.cnonce, &ha1);
    ps_digest_response(&c, &ha1, request.method, request.body, &response);
    ck_assert_slices_eq(ps_digest_hex_slice(&response), c.response);
    return c;
}

/* ---- which one ---- */

/* RFC 3261 22.4's challenge; RFC 7616 3.4: what must be in the credentials */
START_TEST(a_challenge_is_answered)
{
    struct ps_digest_credentials c;
    fresh();
    ck_assert_ptr_null(session_to(TARGET));
    ck_assert_int_eq(challenged("Digest realm=\"biloxi.com\", qop=\"auth,auth-int\", "
                                "nonce=\"dcd98b\", opaque=\"5ccc06\""),
                     PS_OK);
    c = sent("INVITE", "zanzibar");
    ck_assert_slice_eq(c.username, "bob");
    ck_assert_slice_eq(c.realm, "biloxi.com");
    ck_assert_slice_eq(c.nonce, "dcd98b");
    ck_assert_slice_eq(c.opaque, "5ccc06");
    ck_assert_slice_eq(c.uri, "sip:biloxi.com");
    ck_assert_slices_eq(c.cnonce, CNONCE);
    ck_assert_uint_eq(c.qop, PS_QOP_AUTH);
    ck_assert_uint_eq(c.nc, 1);
    ck_assert(!c.algorithm_named && !c.userhash);
}
END_TEST

#define MD5_CHALLENGE "Digest realm=\"r\", nonce=\"of-md5\", algorithm=MD5, qop=\"auth\""
#define SHA_CHALLENGE "Digest realm=\"r\", nonce=\"of-sha\", algorithm=SHA-256, qop=\"auth\""
#define SHA512_CHALLENGE                                                                           \
    "Digest realm=\"r\", nonce=\"of-512\", algorithm=SHA-512-256-sess, qop=\"auth\""
#define UNKNOWN_CHALLENGE "Digest realm=\"r\", nonce=\"of-x\", algorithm=SHA3, qop=\"auth\""

/* RFC 8760 2.4: the topmost that the client supports */
START_TEST(the_topmost_supported_challenge)
{
    struct ps_digest_credentials c;
    fresh();
    ck_assert_int_eq(challenged2(MD5_CHALLENGE, SHA_CHALLENGE), PS_OK);
    c = sent("REGISTER", "zanzibar");
    ck_assert_int_eq(c.algorithm, PS_DIGEST_MD5);
    ck_assert(c.algorithm_named);
    fresh();
    ck_assert_int_eq(challenged2(SHA_CHALLENGE, MD5_CHALLENGE), PS_OK);
    c = sent("REGISTER", "zanzibar");
    ck_assert_int_eq(c.algorithm, PS_DIGEST_SHA_256);
    fresh();
    ck_assert_int_eq(challenged2(UNKNOWN_CHALLENGE, MD5_CHALLENGE), PS_OK);
    c = sent("REGISTER", "zanzibar");
    ck_assert_int_eq(c.algorithm, PS_DIGEST_MD5);
    fresh();
    ck_assert_int_eq(challenged2("Basic realm=\"r\"", MD5_CHALLENGE), PS_OK);
    fresh();
    ck_assert_int_eq(challenged2("Digest realm=\"r", MD5_CHALLENGE), PS_OK);
}
END_TEST

START_TEST(the_strongest_by_policy)
{
    static const char *const values[] = {SHA_CHALLENGE, MD5_CHALLENGE, SHA512_CHALLENGE,
                                         SHA_CHALLENGE, NULL};
    static const char *const equal[] = {
        SHA_CHALLENGE, "Digest realm=\"r\", nonce=\"x\", algorithm=SHA-256-sess", NULL};
    struct ps_digest_credentials c;
    fresh_with(PS_DIGEST_STRONGEST, PS_HASH_MD5, false);
    ck_assert_int_eq(challenged_at(TARGET, false, values), PS_OK);
    c = sent("REGISTER", "zanzibar");
    ck_assert_int_eq(c.algorithm, PS_DIGEST_SHA_512_256_SESS);
    ck_assert_slice_eq(c.nonce, "of-512");
    fresh_with(PS_DIGEST_STRONGEST, PS_HASH_MD5, false);
    ck_assert_int_eq(challenged_at(TARGET, false, equal), PS_OK);
    c = sent("REGISTER", "zanzibar");
    ck_assert_int_eq(c.algorithm, PS_DIGEST_SHA_256);
}
END_TEST

START_TEST(none_below_the_weakest_allowed)
{
    struct ps_digest_credentials c;
    fresh_with(PS_DIGEST_TOPMOST, PS_HASH_SHA256, false);
    ck_assert_int_eq(challenged(MD5_CHALLENGE), PS_E_DIGEST_ALGORITHM);
    ck_assert_ptr_null(session_to(TARGET));
    ck_assert_int_eq(challenged2(MD5_CHALLENGE, SHA_CHALLENGE), PS_OK);
    c = sent("REGISTER", "zanzibar");
    ck_assert_int_eq(c.algorithm, PS_DIGEST_SHA_256);
}
END_TEST

START_TEST(qop_is_chosen)
{
    static const struct {
        const char *challenge;
        bool auth_int;
        enum ps_error error;
        unsigned qop;
    } rows[] = {
        {"Digest realm=\"r\", nonce=\"n\"", false, PS_OK, PS_QOP_NONE},
        {"Digest realm=\"r\", nonce=\"n\"", true, PS_OK, PS_QOP_NONE},
        {"Digest realm=\"r\", nonce=\"n\", qop=\"auth\"", true, PS_OK, PS_QOP_AUTH},
        {"Digest realm=\"r\", nonce=\"n\", qop=\"auth,auth-int\"", false, PS_OK, PS_QOP_AUTH},
        {"Digest realm=\"r\", nonce=\"n\", qop=\"auth,auth-int\"", true, PS_OK, PS_QOP_AUTH_INT},
        {"Digest realm=\"r\", nonce=\"n\", qop=\"auth-int\"", false, PS_OK, PS_QOP_AUTH_INT},
        {"Digest realm=\"r\", nonce=\"n\", qop=\"auth-conf,auth\"", false, PS_OK, PS_QOP_AUTH},
        {"Digest realm=\"r\", nonce=\"n\", qop=\"auth-conf\"", false, PS_E_DIGEST_ALGORITHM, 0},
    };
    size_t i;
    for (i = 0; i < sizeof rows / sizeof *rows; i++) {
        fresh_with(PS_DIGEST_TOPMOST, PS_HASH_MD5, rows[i].auth_int);
        ck_assert_int_eq(challenged(rows[i].challenge), rows[i].error);
        if (!rows[i].error) {
            struct ps_digest_credentials c = sent("MESSAGE", "zanzibar");
            ck_assert_uint_eq(c.qop, rows[i].qop);
        }
    }
}
END_TEST

/* RFC 2617 3.2.2: cnonce and nc are not sent where the server sent no qop */
START_TEST(without_qop_as_rfc2069_did)
{
    struct ps_digest_credentials c;
    fresh();
    ck_assert_int_eq(challenged("Digest realm=\"r\", nonce=\"n\""), PS_OK);
    c = sent("INVITE", "zanzibar");
    ck_assert_ptr_null(c.cnonce.p);
    ck_assert_ptr_null(c.nc_text.p);
    ck_assert_ptr_null(c.opaque.p);
    /* but a -sess HA1 cannot be checked without it */
    fresh();
    ck_assert_int_eq(challenged("Digest realm=\"r\", nonce=\"n\", algorithm=MD5-sess"), PS_OK);
    c = sent("INVITE", "zanzibar");
    ck_assert_slices_eq(c.cnonce, CNONCE);
    ck_assert_ptr_null(c.nc_text.p);
}
END_TEST

START_TEST(every_algorithm)
{
    char value[100];
    int i;
    for (i = 0; i < PS_DIGEST_ALGORITHMS; i++) {
        struct ps_slice name = ps_digest_algorithm_name((enum ps_digest_algorithm)i);
        struct ps_digest_credentials c;
        fresh();
        snprintf(value, sizeof value,
                 "Digest realm=\"r\", nonce=\"n\", qop=\"auth\", algorithm=%.*s", (int)name.n,
                 name.p);
        ck_assert_int_eq(challenged(value), PS_OK);
        c = sent("OPTIONS", "zanzibar");
        ck_assert_int_eq(c.algorithm, i);
        c = sent("OPTIONS", "zanzibar");
        ck_assert_uint_eq(c.nc, 2);
    }
}
END_TEST

/* ---- who ---- */

START_TEST(no_credentials_for_a_realm)
{
    struct ps_digest_credentials c;
    fresh();
    users[0].realm = PS_S("atlanta.com");
    users[1] = users[0];
    users[1].username = PS_S("robert");
    users[1].realm = PS_S("r");
    ck_assert_int_eq(challenged(MD5_CHALLENGE), PS_E_DIGEST_REALM);
    ck_assert_ptr_null(session_to(TARGET));
    ps_digest_client_start(&client, users, 2, &policy);
    ck_assert_int_eq(challenged(MD5_CHALLENGE), PS_OK);
    ck_assert_int_eq(ps_digest_read_credentials(ps_slice_of(put(session_to(TARGET), "INVITE")), &c),
                     PS_OK);
    ck_assert_slice_eq(c.username, "robert");
    ps_digest_client_start(&client, users, 0, &policy);
    ck_assert_int_eq(challenged(MD5_CHALLENGE), PS_E_DIGEST_REALM);
}
END_TEST

START_TEST(a_stored_ha1_answers_its_own_algorithm)
{
    fresh();
    users[0].password = PS_NONE;
    users[0].ha1[PS_HASH_SHA256] =
        PS_S("00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff");
    ck_assert_int_eq(challenged(MD5_CHALLENGE), PS_E_DIGEST_REALM);
    ck_assert_int_eq(challenged2(MD5_CHALLENGE, SHA_CHALLENGE), PS_OK);
    sent("REGISTER", NULL);
    fresh();
    users[0].ha1[PS_HASH_MD5] = PS_S("short");
    ck_assert_int_eq(challenged(MD5_CHALLENGE), PS_E_ARGUMENT);
}
END_TEST

START_TEST(usernames_are_escaped_or_hashed)
{
    struct ps_digest_credentials c;
    fresh();
    users[0].username = PS_S("b\"o\\b");
    ck_assert_int_eq(challenged("Digest realm=\"a\\\"b\", nonce=\"n\\\\\", qop=\"auth\""), PS_OK);
    c = sent("INVITE", "zanzibar");
    ck_assert_slice_eq(c.username, "b\\\"o\\\\b");
    ck_assert_slice_eq(c.realm, "a\\\"b");
    ck_assert_slice_eq(c.nonce, "n\\\\");
    ck_assert(ps_digest_names(&c, &users[0]));
    /* RFC 7616 3.4.4 */
    fresh();
    ck_assert_int_eq(challenged("Digest realm=\"r\", nonce=\"n\", userhash=true, qop=\"auth\""),
                     PS_OK);
    c = sent("INVITE", "zanzibar");
    ck_assert(c.userhash);
    ck_assert_uint_eq(c.username.n, 32);
    ck_assert(ps_digest_names(&c, &users[0]));
}
END_TEST

START_TEST(what_cannot_be_written_is_an_error_and_not_a_cut)
{
    static char name[PS_DIGEST_MAX_VALUE + 1];
    struct ps_digest_request request = request_of("INVITE");
    struct ps_writer w = ps_writer(out, sizeof out);
    memset(name, 'n', sizeof name);
    fresh();
    users[0].username = ps_slice(name, sizeof name);
    ck_assert_int_eq(challenged(MD5_CHALLENGE), PS_OK);
    ps_digest_client_put(&client, session_to(TARGET), &attempt, &request, &w);
    ck_assert_int_eq(w.error, PS_E_OVERFLOW);
    users[0].username = ps_slice(name, sizeof name - 1);
    put(session_to(TARGET), "INVITE");
    users[0].username = PS_S("b\nob");
    w = ps_writer(out, sizeof out);
    ps_digest_client_put(&client, session_to(TARGET), &attempt, &request, &w);
    ck_assert_int_eq(w.error, PS_E_INJECTION);
    w = ps_writer(out, 5);
    ps_digest_client_put(&client, session_to(TARGET), &attempt, &request, &w);
    ck_assert_int_eq(w.error, PS_E_OVERFLOW);
    users[0].username = PS_S("bob");
    request.uri = PS_S("sip:a\"b");
    w = ps_writer(out, sizeof out);
    ps_digest_client_put(&client, session_to(TARGET), &attempt, &request, &w);
    ck_assert_int_eq(w.error, PS_E_INJECTION);
}
END_TEST

/* ---- how often ---- */

START_TEST(a_second_rejection_ends_it)
{
    struct ps_digest_credentials c;
    fresh();
    ck_assert_int_eq(challenged("Digest realm=\"r\", nonce=\"1\", qop=\"auth\""), PS_OK);
    sent("REGISTER", "zanzibar");
    ck_assert_int_eq(challenged("Digest realm=\"r\", nonce=\"2\", qop=\"auth\""),
                     PS_E_DIGEST_REJECTED);
    /* nor is it sent unasked any more */
    ck_assert_ptr_null(session_to(TARGET));
    /* the next request is a new attempt: the owner may have mended the password */
    users[0].password = PS_S("other");
    ps_digest_attempt_start(&attempt);
    ck_assert_int_eq(challenged("Digest realm=\"r\", nonce=\"2\", qop=\"auth\""), PS_OK);
    c = sent("REGISTER", "other");
    ck_assert_uint_eq(c.nc, 1);
}
END_TEST

START_TEST(stale_is_followed_twice)
{
    struct ps_digest_credentials c;
    fresh();
    ck_assert_int_eq(challenged("Digest realm=\"r\", nonce=\"1\", qop=\"auth\""), PS_OK);
    sent("REGISTER", "zanzibar");
    ck_assert_int_eq(challenged("Digest realm=\"r\", nonce=\"2\", qop=\"auth\", stale=true"),
                     PS_OK);
    c = sent("REGISTER", "zanzibar");
    ck_assert_slice_eq(c.nonce, "2");
    ck_assert_uint_eq(c.nc, 1);
    ck_assert_int_eq(challenged("Digest realm=\"r\", nonce=\"3\", qop=\"auth\", stale=true"),
                     PS_OK);
    sent("REGISTER", "zanzibar");
    ck_assert_int_eq(challenged("Digest realm=\"r\", nonce=\"4\", qop=\"auth\", stale=true"),
                     PS_E_DIGEST_REJECTED);
}
END_TEST

/* as FreeSWITCH answers the doubango phone (041-401) */
START_TEST(a_first_challenge_may_say_stale)
{
    fresh();
    ck_assert_int_eq(challenged("Digest realm=\"r\", nonce=\"1\", stale=true"), PS_OK);
    sent("REGISTER", "zanzibar");
    ck_assert_int_eq(challenged("Digest realm=\"r\", nonce=\"2\""), PS_OK);
    sent("REGISTER", "zanzibar");
    ck_assert_int_eq(challenged("Digest realm=\"r\", nonce=\"3\""), PS_E_DIGEST_REJECTED);
}
END_TEST

START_TEST(never_the_same_answer_twice)
{
    fresh();
    ck_assert_int_eq(challenged("Digest realm=\"r\", nonce=\"1\", stale=true"), PS_OK);
    sent("REGISTER", "zanzibar");
    ck_assert_int_eq(challenged("Digest realm=\"r\", nonce=\"1\", stale=true"),
                     PS_E_DIGEST_REJECTED);
    /* a challenge that was not answered yet, repeated */
    fresh();
    ck_assert_int_eq(challenged("Digest realm=\"r\", nonce=\"1\", stale=true"), PS_OK);
    ck_assert_int_eq(challenged("Digest realm=\"r\", nonce=\"1\", stale=true"), PS_OK);
}
END_TEST

/* 22.2: what was sent unasked and is refused may be tried once with what the server asks for now */
START_TEST(unasked_credentials_refused)
{
    struct ps_digest_credentials c;
    fresh();
    ck_assert_int_eq(challenged("Digest realm=\"r\", nonce=\"1\", qop=\"auth\""), PS_OK);
    sent("REGISTER", "zanzibar");
    ps_digest_attempt_start(&attempt);
    c = sent("INVITE", "zanzibar");
    ck_assert_uint_eq(c.nc, 2);
    ck_assert_int_eq(challenged("Digest realm=\"r\", nonce=\"2\", qop=\"auth\""), PS_OK);
    c = sent("INVITE", "zanzibar");
    ck_assert_uint_eq(c.nc, 1);
    ck_assert_int_eq(challenged("Digest realm=\"r\", nonce=\"3\", qop=\"auth\""),
                     PS_E_DIGEST_REJECTED);
    /* the server wants the very nonce that was refused: the password is wrong */
    fresh();
    ck_assert_int_eq(challenged("Digest realm=\"r\", nonce=\"1\", qop=\"auth\""), PS_OK);
    sent("REGISTER", "zanzibar");
    ps_digest_attempt_start(&attempt);
    sent("INVITE", "zanzibar");
    ck_assert_int_eq(challenged("Digest realm=\"r\", nonce=\"1\", qop=\"auth\""),
                     PS_E_DIGEST_REJECTED);
}
END_TEST

/* A request that did not carry them, and a server that gives every request the same nonce. */
START_TEST(a_nonce_that_does_not_change)
{
    fresh();
    ck_assert_int_eq(challenged("Digest realm=\"r\", nonce=\"1\", qop=\"auth\""), PS_OK);
    sent("REGISTER", "zanzibar");
    ps_digest_attempt_start(&attempt);
    ck_assert_int_eq(challenged("Digest realm=\"r\", nonce=\"1\", qop=\"auth\""), PS_OK);
    sent("INVITE", "zanzibar");
    ck_assert_int_eq(challenged("Digest realm=\"r\", nonce=\"1\", qop=\"auth\""),
                     PS_E_DIGEST_REJECTED);
}
END_TEST

START_TEST(rejected_once_in_a_response_is_rejected)
{
    static const char *const both[] = {
        "Digest realm=\"r\", nonce=\"1\", qop=\"auth\"",
        "Digest realm=\"r\", nonce=\"1\", qop=\"auth\", algorithm=SHA-256", NULL};
    fresh_with(PS_DIGEST_STRONGEST, PS_HASH_MD5, false);
    ck_assert_int_eq(challenged(both[0]), PS_OK);
    sent("REGISTER", "zanzibar");
    ck_assert_int_eq(challenged_at(TARGET, false, both), PS_E_DIGEST_REJECTED);
}
END_TEST

START_TEST(requests_at_the_same_time_count_for_themselves)
{
    struct ps_digest_attempt first, second;
    fresh();
    ck_assert_int_eq(challenged("Digest realm=\"r\", nonce=\"0\", qop=\"auth\""), PS_OK);
    first = attempt;
    ps_digest_attempt_start(&attempt);
    ck_assert_int_eq(challenged("Digest realm=\"r\", nonce=\"1\", qop=\"auth\""), PS_OK);
    second = attempt;
    attempt = first;
    ck_assert_int_eq(challenged("Digest realm=\"r\", nonce=\"2\", qop=\"auth\""),
                     PS_E_DIGEST_REJECTED);
    attempt = second;
    ck_assert_int_eq(challenged("Digest realm=\"r\", nonce=\"3\", qop=\"auth\", stale=true"),
                     PS_OK);
}
END_TEST

/* ---- unasked ---- */

/* as the Sipura phone does (sipura-syslog.txt): no qop, the same nonce on INVITE, ACK and BYE */
START_TEST(sent_unasked_to_the_same_target)
{
    struct ps_digest_credentials c;
    fresh();
    ck_assert_int_eq(challenged("Digest realm=\"r\", nonce=\"1\", qop=\"auth\""), PS_OK);
    c = sent("INVITE", "zanzibar");
    ck_assert_uint_eq(c.nc, 1);
    c = sent("ACK", "zanzibar");
    ck_assert_uint_eq(c.nc, 2);
    c = sent("BYE", "zanzibar");
    ck_assert_uint_eq(c.nc, 3);
    ck_assert_slice_eq(c.nonce, "1");
    ck_assert_slice_eq(c.nc_text, "00000003");
    ck_assert_ptr_null(session_to(PS_S("elsewhere.com")));
}
END_TEST

/* 22.3: a request on its way through proxies collects a realm from each */
START_TEST(two_realms_of_a_407_and_one_of_a_401)
{
    static const char *const proxies[] = {"Digest realm=\"p1\", nonce=\"1\"",
                                          "Digest realm=\"p2\", nonce=\"2\"", NULL};
    static const char *const server[] = {"Digest realm=\"p1\", nonce=\"3\"", NULL};
    struct ps_digest_session *session;
    size_t at = 0, n = 0, of_proxy = 0;
    fresh();
    ck_assert_int_eq(challenged_at(TARGET, true, proxies), PS_OK);
    ck_assert_int_eq(challenged_at(TARGET, false, server), PS_OK);
    while ((session = ps_digest_client_next(&client, TARGET, &at)) != NULL) {
        struct ps_digest_credentials c;
        ck_assert_int_eq(ps_digest_read_credentials(ps_slice_of(put(session, "INVITE")), &c),
                         PS_OK);
        of_proxy += session->proxy;
        ck_assert_uint_eq(session->proxy, !ps_equal(c.nonce, PS_S("3")));
        n++;
    }
    ck_assert_uint_eq(n, 3);
    ck_assert_uint_eq(of_proxy, 2);
}
END_TEST

START_TEST(one_realm_of_two_can_be_answered)
{
    fresh();
    users[0].realm = PS_S("p1");
    ck_assert_int_eq(
        challenged2("Digest realm=\"p1\", nonce=\"1\"", "Digest realm=\"p2\", nonce=\"2\""), PS_OK);
    sent("INVITE", "zanzibar");
    /* and then there is nothing new to say */
    ck_assert_int_eq(challenged("Digest realm=\"p2\", nonce=\"3\""), PS_E_DIGEST_REALM);
}
END_TEST

START_TEST(targets_are_kept_apart)
{
    static const char *const value[] = {"Digest realm=\"r\", nonce=\"there\"", NULL};
    struct ps_digest_credentials c;
    fresh();
    ck_assert_int_eq(challenged("Digest realm=\"r\", nonce=\"here\""), PS_OK);
    ck_assert_int_eq(challenged_at(PS_S("there"), false, value), PS_OK);
    c = sent("INVITE", "zanzibar");
    ck_assert_slice_eq(c.nonce, "here");
    ck_assert_int_eq(
        ps_digest_read_credentials(ps_slice_of(put(session_to(PS_S("there")), "INVITE")), &c),
        PS_OK);
    ck_assert_slice_eq(c.nonce, "there");
}
END_TEST

/* ---- limits ---- */

START_TEST(the_session_not_used_for_longest_is_given_up)
{
    static const char *const value[] = {"Digest realm=\"r\", nonce=\"n\"", NULL};
    char name[PS_DIGEST_MAX_SESSIONS + 1];
    size_t i;
    fresh();
    for (i = 0; i < PS_DIGEST_MAX_SESSIONS; i++) {
        name[i] = (char)('a' + (int)i);
        ck_assert_int_eq(challenged_at(ps_slice(name + i, 1), false, value), PS_OK);
    }
    put(session_to(PS_S("a")), "INVITE"); /* so that b is the one */
    name[i] = 'z';
    ck_assert_int_eq(challenged_at(ps_slice(name + i, 1), false, value), PS_OK);
    for (i = 0; i <= PS_DIGEST_MAX_SESSIONS; i++)
        ck_assert((session_to(ps_slice(name + i, 1)) == NULL) == (i == 1));
    /* the attempt that knew the session's predecessor starts from nothing */
    put(session_to(PS_S("z")), "INVITE");
    name[0] = 'z';
    ck_assert_int_eq(challenged_at(ps_slice(name, 1), false, value), PS_E_DIGEST_REJECTED);
}
END_TEST

START_TEST(an_attempt_does_not_mix_two_sessions_up)
{
    static const char *const value[] = {"Digest realm=\"r\", nonce=\"n\"", NULL};
    static const char *const next[] = {"Digest realm=\"r\", nonce=\"m\"", NULL};
    struct ps_digest_attempt before;
    char name[PS_DIGEST_MAX_SESSIONS];
    size_t i;
    fresh();
    ck_assert_int_eq(challenged_at(PS_S("first"), false, value), PS_OK);
    put(session_to(PS_S("first")), "INVITE");
    before = attempt;
    for (i = 0; i < PS_DIGEST_MAX_SESSIONS; i++) { /* the first one's place goes to the last */
        name[i] = (char)('a' + (int)i);
        ps_digest_attempt_start(&attempt);
        ck_assert_int_eq(challenged_at(ps_slice(name + i, 1), false, value), PS_OK);
    }
    ck_assert_ptr_null(session_to(PS_S("first")));
    attempt = before;
    ck_assert_int_eq(challenged_at(ps_slice(name + i - 1, 1), false, next), PS_OK);
}
END_TEST

START_TEST(more_realms_than_sessions_in_one_response)
{
    char text[PS_DIGEST_MAX_SESSIONS + 1][40];
    const char *values[PS_DIGEST_MAX_SESSIONS + 2] = {NULL};
    size_t i, at = 0, n = 0;
    fresh();
    for (i = 0; i <= PS_DIGEST_MAX_SESSIONS; i++) {
        snprintf(text[i], sizeof text[i], "Digest realm=\"%zu\", nonce=\"n\"", i);
        values[i] = text[i];
    }
    ck_assert_int_eq(challenged_at(TARGET, true, values), PS_OK);
    while (ps_digest_client_next(&client, TARGET, &at))
        n++;
    ck_assert_uint_eq(n, PS_DIGEST_MAX_SESSIONS);
    /* all places are this round's: the last realm finds none */
    ck_assert_uint_eq(client.serial, PS_DIGEST_MAX_SESSIONS);
}
END_TEST

START_TEST(what_does_not_fit_is_an_error_and_changes_nothing)
{
    static char value[PS_DIGEST_SESSION_TEXT + 100];
    struct ps_digest_place place;
    struct ps_slice slice;
    struct ps_digest_credentials c;
    size_t room = PS_DIGEST_SESSION_TEXT - TARGET.n - CNONCE.n - 1;
    int n;
    place.target = TARGET;
    place.proxy = false;
    for (n = 0; n < 2; n++) {
        size_t more = room + (size_t)n;
        struct ps_writer w = ps_writer(value, sizeof value);
        fresh_with(PS_DIGEST_STRONGEST, PS_HASH_MD5, false);
        ck_assert_int_eq(challenged("Digest realm=\"r\", nonce=\"n\", algorithm=MD5"), PS_OK);
        sent("INVITE", "zanzibar");
        ps_put(&w, PS_S("Digest realm=\"r\", algorithm=SHA-256, nonce=\""));
        while (more--)
            ps_put_char(&w, 'x');
        ps_put_char(&w, '"');
        slice = ps_written(&w);
        ps_digest_attempt_start(&attempt);
        ck_assert_int_eq(ps_digest_client_challenged(&client, &attempt, &place, &slice, 1, CNONCE),
                         n ? PS_E_DIGEST_LONG : PS_OK);
        ck_assert(session_to(TARGET) != NULL);
        c = sent("INVITE", "zanzibar");
        ck_assert_uint_eq(c.nonce.n, n ? 1 : room);
        /* as a new session, too */
        fresh();
        ck_assert_int_eq(ps_digest_client_challenged(&client, &attempt, &place, &slice, 1, CNONCE),
                         n ? PS_E_DIGEST_LONG : PS_OK);
        ck_assert((session_to(TARGET) == NULL) == (n == 1));
    }
}
END_TEST

START_TEST(challenges_that_are_none)
{
    static const char *const none[] = {NULL};
    const struct ps_digest_place place = {TARGET, false};
    const struct ps_slice nul[] = {PS_S("Digest realm=\"r\\\0\", nonce=\"n\""),
                                   PS_S("Digest realm=\"r\", nonce=\"n\\\0\""),
                                   PS_S("Digest realm=\"r\", nonce=\"n\", opaque=\"\\\0\"")};
    unsigned i;
    fresh();
    ck_assert_int_eq(challenged_at(TARGET, false, none), PS_E_DIGEST_SCHEME);
    ck_assert_int_eq(challenged2("Basic realm=\"r\"", "Bearer x"), PS_E_DIGEST_SCHEME);
    ck_assert_int_eq(challenged("Digest realm=\"r"), PS_E_PARAMETER);
    ck_assert_int_eq(challenged("Digest realm=\"r\""), PS_E_PARAMETER);
    ck_assert_int_eq(challenged("Digest nonce=\"n\""), PS_E_PARAMETER);
    ck_assert_int_eq(challenged(UNKNOWN_CHALLENGE), PS_E_DIGEST_ALGORITHM);
    /* found by fuzz-digest: 25.1 lets NUL be escaped; the answer would have to repeat it */
    for (i = 0; i < 3; i++)
        ck_assert_int_eq(ps_digest_client_challenged(&client, &attempt, &place, &nul[i], 1, CNONCE),
                         PS_E_INJECTION);
    /* the reason is kept over a value of another scheme */
    ck_assert_int_eq(challenged2(UNKNOWN_CHALLENGE, "Basic realm=\"r\""), PS_E_DIGEST_ALGORITHM);
}
END_TEST

START_TEST(at_most_255_values_are_looked_at)
{
    static struct ps_slice values[256];
    struct ps_digest_place place;
    size_t i;
    place.target = TARGET;
    place.proxy = false;
    for (i = 0; i < 255; i++)
        values[i] = PS_S("Basic realm=\"r\"");
    values[255] = PS_S(MD5_CHALLENGE);
    fresh();
    ck_assert_int_eq(ps_digest_client_challenged(&client, &attempt, &place, values, 256, CNONCE),
                     PS_E_DIGEST_SCHEME);
    ck_assert_int_eq(
        ps_digest_client_challenged(&client, &attempt, &place, values + 1, 255, CNONCE), PS_OK);
}
END_TEST

START_TEST(a_cnonce_is_8_to_64_characters_of_a_token)
{
    struct ps_digest_place place;
    struct ps_slice value = PS_S(MD5_CHALLENGE);
    size_t n;
    place.target = TARGET;
    place.proxy = false;
    for (n = 7; n < 66; n += n == 8 ? 56 : 1) {
        char cnonce[66];
        memset(cnonce, 'c', sizeof cnonce);
        fresh();
        ck_assert_int_eq(
            ps_digest_client_challenged(&client, &attempt, &place, &value, 1, ps_slice(cnonce, n)),
            n == 7 || n == 65 ? PS_E_ARGUMENT : PS_OK);
    }
    ck_assert_int_eq(
        ps_digest_client_challenged(&client, &attempt, &place, &value, 1, PS_S("with \"quotes")),
        PS_E_ARGUMENT);
}
END_TEST

START_TEST(a_used_up_nonce_count_is_not_sent)
{
    struct ps_digest_credentials c;
    fresh();
    ck_assert_int_eq(challenged(MD5_CHALLENGE), PS_OK);
    session_to(TARGET)->nc = UINT32_MAX - 1;
    c = sent("INVITE", "zanzibar");
    ck_assert_uint_eq(c.nc, UINT32_MAX);
    ck_assert_ptr_null(session_to(TARGET));
    ps_digest_attempt_start(&attempt);
    ck_assert_int_eq(challenged("Digest realm=\"r\", nonce=\"new\", qop=\"auth\""), PS_OK);
    c = sent("INVITE", "zanzibar");
    ck_assert_uint_eq(c.nc, 1);
}
END_TEST

START_TEST(the_end_wipes_everything)
{
    static const struct ps_digest_client zero;
    fresh();
    ck_assert_int_eq(challenged(MD5_CHALLENGE), PS_OK);
    ps_digest_client_end(&client);
    ck_assert_mem_eq(&client, &zero, sizeof client);
    printf(
        "note: sizes in bytes: ps_digest_client %zu (%d sessions of %zu), ps_digest_attempt %zu, "
        "ps_digest_user %zu\n",
        sizeof(struct ps_digest_client), PS_DIGEST_MAX_SESSIONS, sizeof(struct ps_digest_session),
        sizeof(struct ps_digest_attempt), sizeof(struct ps_digest_user));
}
END_TEST

/* ---- Authentication-Info ---- */

static bool proved;

/* The rspauth of an honest server for these credentials, in `text`. */
static void rspauth(const struct ps_digest_credentials *c, unsigned qop, const char *body,
                    struct ps_digest_hex *hex)
{
    struct ps_digest_credentials answer = *c;
    struct ps_digest_hex ha1;
    answer.qop = qop;
    ck_assert_int_eq(ps_digest_ha1(&users[0], c->realm, ps_digest_hash(c->algorithm), &ha1), PS_OK);
    ps_digest_response(&answer, &ha1, PS_NONE, ps_slice_of(body), hex);
}

static enum ps_error info(const struct ps_digest_credentials *c, const char *format,
                          const struct ps_digest_hex *hex, const char *body)
{
    char value[400];
    snprintf(value, sizeof value, format, hex ? (int)hex->n : 0, hex ? hex->text : "");
    return ps_digest_client_info(session_to(TARGET), c, ps_slice_of(value), ps_slice_of(body),
                                 &proved);
}

/* sent() returns slices of `out`, which the next one overwrites: keep a copy. */
static struct ps_digest_credentials sent_and_kept(void)
{
    static char kept[sizeof out];
    struct ps_digest_credentials c;
    sent("REGISTER", "zanzibar");
    memcpy(kept, out, sizeof out);
    ck_assert_int_eq(ps_digest_read_credentials(ps_slice_of(kept), &c), PS_OK);
    return c;
}

START_TEST(nextnonce_is_taken)
{
    struct ps_digest_credentials c, next;
    fresh();
    ck_assert_int_eq(challenged("Digest realm=\"r\", nonce=\"1\", qop=\"auth\", opaque=\"o\""),
                     PS_OK);
    c = sent_and_kept();
    ck_assert_int_eq(info(&c, "nextnonce=\"longer than before\"", NULL, NULL), PS_OK);
    ck_assert(!proved);
    next = sent("REGISTER", "zanzibar");
    ck_assert_slice_eq(next.nonce, "longer than before");
    ck_assert_slice_eq(next.opaque, "o");
    ck_assert_slices_eq(next.cnonce, CNONCE);
    ck_assert_uint_eq(next.nc, 1);
    ck_assert_int_eq(info(&c, "nextnonce=\"\"", NULL, NULL), PS_OK);
    next = sent("REGISTER", "zanzibar");
    ck_assert_uint_eq(next.nonce.n, 0);
    ck_assert_slice_eq(next.opaque, "o");
    ck_assert_int_eq(info(&c, "qop=auth", NULL, NULL), PS_OK);
    ck_assert_int_eq(info(&c, "", NULL, NULL), PS_E_PARAMETER);
}
END_TEST

START_TEST(rspauth_is_checked)
{
    struct ps_digest_credentials c;
    struct ps_digest_hex hex;
    fresh();
    ck_assert_int_eq(challenged("Digest realm=\"r\", nonce=\"1\", qop=\"auth-int\""), PS_OK);
    c = sent_and_kept();
    rspauth(&c, PS_QOP_AUTH, "", &hex);
    ck_assert_int_eq(info(&c,
                          "rspauth=\"%.*s\", qop=auth, nc=00000001, cnonce=\"0a4f113b0a4f113b\"",
                          &hex, "body"),
                     PS_OK);
    ck_assert(proved);
    ck_assert_int_eq(info(&c, "rspauth=\"%.*s\", qop=auth", &hex, "body"), PS_OK);
    ck_assert(proved);
    /* the request's own qop where none is named; the response's body is covered */
    rspauth(&c, PS_QOP_AUTH_INT, "body", &hex);
    ck_assert_int_eq(info(&c, "rspauth=\"%.*s\"", &hex, "body"), PS_OK);
    ck_assert(proved);
    ck_assert_int_eq(info(&c, "rspauth=\"%.*s\"", &hex, "other"), PS_E_DIGEST_REJECTED);
    ck_assert(!proved);
    /* wrong in the last digit; too short; nextnonce is then not taken */
    hex.text[31] = hex.text[31] == '0' ? '1' : '0';
    ck_assert_int_eq(info(&c, "nextnonce=\"evil\", rspauth=\"%.*s\"", &hex, "body"),
                     PS_E_DIGEST_REJECTED);
    ck_assert_int_eq(info(&c, "nextnonce=\"evil\", rspauth=\"\"", NULL, "body"),
                     PS_E_DIGEST_REJECTED);
    c = sent("REGISTER", "zanzibar");
    ck_assert_slice_eq(c.nonce, "1");
}
END_TEST

START_TEST(rspauth_for_another_request)
{
    struct ps_digest_credentials c;
    struct ps_digest_hex hex;
    fresh();
    ck_assert_int_eq(challenged("Digest realm=\"r\", nonce=\"1\", qop=\"auth\""), PS_OK);
    c = sent_and_kept();
    rspauth(&c, PS_QOP_AUTH, "", &hex);
    ck_assert_int_eq(info(&c, "rspauth=\"%.*s\", nc=00000002", &hex, ""), PS_E_DIGEST_REJECTED);
    ck_assert_int_eq(info(&c, "rspauth=\"%.*s\", cnonce=\"x\"", &hex, ""), PS_E_DIGEST_REJECTED);
    ck_assert_int_eq(info(&c, "rspauth=\"%.*s\", nc=00000001", &hex, ""), PS_OK);
}
END_TEST

/* A late answer to a request from before the session was asked again: nothing to compare with. */
START_TEST(an_answer_from_before_is_no_proof_and_no_error)
{
    struct ps_slice value = PS_S("Digest realm=\"r\", nonce=\"2\", qop=\"auth\"");
    struct ps_digest_credentials c;
    struct ps_digest_place place;
    fresh();
    ck_assert_int_eq(challenged("Digest realm=\"r\", nonce=\"1\", qop=\"auth\""), PS_OK);
    c = sent_and_kept();
    ps_digest_attempt_start(&attempt);
    place.target = TARGET;
    place.proxy = false;
    ck_assert_int_eq(
        ps_digest_client_challenged(&client, &attempt, &place, &value, 1, PS_S("another-cnonce")),
        PS_OK);
    ck_assert_int_eq(info(&c, "rspauth=\"0\", nextnonce=\"evil\"", NULL, ""), PS_OK);
    ck_assert(!proved);
    ps_digest_attempt_start(&attempt);
    ck_assert_int_eq(challenged("Digest realm=\"r\", nonce=\"3\", algorithm=SHA-256"), PS_OK);
    ck_assert_int_eq(info(&c, "rspauth=\"0\", nextnonce=\"evil\"", NULL, ""), PS_OK);
    ck_assert(!proved);
    c = sent("REGISTER", "zanzibar");
    ck_assert_slice_eq(c.nonce, "3");
    ck_assert_ptr_null(c.cnonce.p);
    /* without qop there is no cnonce to tell by */
    ck_assert_int_eq(info(&c, "rspauth=\"0\"", NULL, ""), PS_E_DIGEST_REJECTED);
}
END_TEST

START_TEST(a_nextnonce_that_does_not_fit)
{
    static char value[PS_DIGEST_SESSION_TEXT + 20];
    struct ps_digest_credentials c, next;
    size_t room = PS_DIGEST_SESSION_TEXT - TARGET.n - CNONCE.n - 1;
    int n;
    fresh();
    ck_assert_int_eq(challenged("Digest realm=\"r\", nonce=\"1\", qop=\"auth\""), PS_OK);
    c = sent_and_kept();
    for (n = 1; n >= 0; n--) {
        struct ps_writer w = ps_writer(value, sizeof value);
        size_t more = room + (size_t)n;
        ps_put(&w, PS_S("nextnonce=\""));
        while (more--)
            ps_put_char(&w, 'x');
        ps_put_char(&w, '"');
        ck_assert_int_eq(
            ps_digest_client_info(session_to(TARGET), &c, ps_written(&w), PS_NONE, &proved),
            n ? PS_E_DIGEST_LONG : PS_OK);
        next = sent("REGISTER", "zanzibar");
        ck_assert_uint_eq(next.nonce.n, n ? 1 : room);
    }
}
END_TEST

/* RFC 7616 3.4.2: the session's key is made from its first nonce; nextnonce does not change it */
START_TEST(nextnonce_keeps_a_sess_key)
{
    struct ps_digest_credentials c;
    struct ps_digest_hex before;
    fresh();
    ck_assert_int_eq(
        challenged("Digest realm=\"r\", nonce=\"1\", qop=\"auth\", algorithm=MD5-sess"), PS_OK);
    c = sent_and_kept();
    before = session_to(TARGET)->ha1;
    ck_assert_int_eq(info(&c, "nextnonce=\"2\"", NULL, ""), PS_OK);
    ck_assert_mem_eq(before.text, session_to(TARGET)->ha1.text, 32);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("digest_client");
    TCase *t = tcase_create("choice");
    tcase_add_test(t, a_challenge_is_answered);
    tcase_add_test(t, the_topmost_supported_challenge);
    tcase_add_test(t, the_strongest_by_policy);
    tcase_add_test(t, none_below_the_weakest_allowed);
    tcase_add_test(t, qop_is_chosen);
    tcase_add_test(t, without_qop_as_rfc2069_did);
    tcase_add_test(t, every_algorithm);
    tcase_add_test(t, no_credentials_for_a_realm);
    tcase_add_test(t, a_stored_ha1_answers_its_own_algorithm);
    tcase_add_test(t, usernames_are_escaped_or_hashed);
    tcase_add_test(t, what_cannot_be_written_is_an_error_and_not_a_cut);
    suite_add_tcase(s, t);
    t = tcase_create("giving up");
    tcase_add_test(t, a_second_rejection_ends_it);
    tcase_add_test(t, stale_is_followed_twice);
    tcase_add_test(t, a_first_challenge_may_say_stale);
    tcase_add_test(t, never_the_same_answer_twice);
    tcase_add_test(t, unasked_credentials_refused);
    tcase_add_test(t, a_nonce_that_does_not_change);
    tcase_add_test(t, rejected_once_in_a_response_is_rejected);
    tcase_add_test(t, requests_at_the_same_time_count_for_themselves);
    suite_add_tcase(s, t);
    t = tcase_create("sessions");
    tcase_add_test(t, sent_unasked_to_the_same_target);
    tcase_add_test(t, two_realms_of_a_407_and_one_of_a_401);
    tcase_add_test(t, one_realm_of_two_can_be_answered);
    tcase_add_test(t, targets_are_kept_apart);
    tcase_add_test(t, the_session_not_used_for_longest_is_given_up);
    tcase_add_test(t, an_attempt_does_not_mix_two_sessions_up);
    tcase_add_test(t, more_realms_than_sessions_in_one_response);
    tcase_add_test(t, what_does_not_fit_is_an_error_and_changes_nothing);
    tcase_add_test(t, challenges_that_are_none);
    tcase_add_test(t, at_most_255_values_are_looked_at);
    tcase_add_test(t, a_cnonce_is_8_to_64_characters_of_a_token);
    tcase_add_test(t, a_used_up_nonce_count_is_not_sent);
    tcase_add_test(t, the_end_wipes_everything);
    suite_add_tcase(s, t);
    t = tcase_create("info");
    tcase_add_test(t, nextnonce_is_taken);
    tcase_add_test(t, rspauth_is_checked);
    tcase_add_test(t, rspauth_for_another_request);
    tcase_add_test(t, an_answer_from_before_is_no_proof_and_no_error);
    tcase_add_test(t, a_nextnonce_that_does_not_fit);
    tcase_add_test(t, nextnonce_keeps_a_sess_key);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
