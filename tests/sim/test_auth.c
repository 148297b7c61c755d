/*
 * Covers Digest of messages through a whole stack, as server and as client: which uri parameters
 * will do where a proxy has rewritten the Request-URI (RFC 3261 22.4), a userhash that nobody asked
 * for, the nonce that Authentication-Info names for the next request (RFC 7616 3.5), and that no
 * HA1 stays in memory.
 * Does not cover: Digest itself (tests/unit/test_digest*.c), the client's challenges
 * (test_registration.c, test_call_client.c).
 *
 * ps_wipe is wrapped by the linker (see the Makefile).
 */
#include <stdio.h>

#include "../unit/check_main.h"
#include "digest/hash.h"
#include "world.h"

static struct world w;
static struct station *st;
static struct ps_auth_server auth;
static struct ps_digest_bucket bucket[4];
static unsigned looked_up;
static const struct ps_digest_user user = {.username = {"bob", 3}, .password = {"secret", 6}};

/* ---- what was wiped ---- */

static struct ps_digest_hex secret; /* to be looked for */
static unsigned wiped;

void __real_ps_wipe(void *bytes, size_t n);
void __wrap_ps_wipe(void *bytes, size_t n);
void __wrap_ps_wipe(void *bytes, size_t n)
{
    const struct ps_digest_hex *hex = bytes;
    const char *p = bytes;
    size_t i;
    wiped += n == sizeof *hex && secret.n && !memcmp(hex->text, secret.text, secret.n);
    __real_ps_wipe(bytes, n);
    for (i = 0; i < n; i++)
        ck_assert_int_eq(p[i], 0);
}

/* ---- the server ---- */

static const struct ps_digest_user *find(void *context, const struct ps_digest_credentials *c)
{
    (void)context;
    looked_up++;
    return ps_digest_names(c, &user) ? &user : NULL;
}

static bool serves(void *context, const struct ps_uri *uri)
{
    (void)context;
    return ps_equal_nocase(uri->host, PS_S("example.org")) ||
           ps_equal_nocase(uri->host, PS_S("example.com"));
}

static void on_event(struct station *at, const struct ps_event *event)
{
    struct ps_response response = {.status = 200};
    if (event->kind != PS_EVENT_REQUEST)
        return;
    if (!ps_stack_authenticate(at->stack, &auth, event->transaction, NULL, &response))
        ck_assert_uint_ne(response.status, 200);
    (void)ps_stack_respond(at->stack, event->transaction, &response);
}

static void setup(void)
{
    world_start(&w, 4);
    st = station_add(&w, "192.0.2.1:5060", "alice", NULL, NULL);
    st->on_event = on_event;
    memset(&auth, 0, sizeof auth);
    memset(bucket, 0, sizeof bucket);
    auth.digest.realm = PS_S("r");
    auth.digest.nonce_life = 300000;
    auth.digest.offers[0] = PS_DIGEST_MD5;
    auth.digest.n_offers = 1;
    auth.digest.qop = PS_QOP_AUTH | PS_QOP_NONE;
    auth.digest.bucket = bucket;
    auth.digest.n_buckets = 4;
    auth.find_user = find;
    ck_assert_int_eq(ps_digest_server_valid(&auth.digest), PS_OK);
    secret.n = 0;
    wiped = looked_up = 0;
}

static void teardown(void)
{
    world_free(&w);
}

/* ---- its clients ---- */

static unsigned cseq;

/* Sends a MESSAGE: the status of its answer. */
static unsigned message(const char *uri, const char *to, const char *line)
{
    char call_id[16];
    struct tester_request r = {.method = "MESSAGE",
                               .uri = uri,
                               .from = "sip:bob@example.org",
                               .to = to,
                               .call_id = call_id,
                               .cseq = ++cseq,
                               .contact = "",
                               .lines = line};
    snprintf(call_id, sizeof call_id, "c%u", cseq);
    return world_ask(&w, &r);
}

/* Credentials for the challenge of the last answer. */
static const char *credentials(const char *uri, bool qop, bool userhash)
{
    static char line[1024];
    struct ps_writer out = ps_writer(line, sizeof line - 1);
    struct ps_digest_challenge challenge;
    struct ps_digest_credentials c;
    struct ps_digest_hex ha1, response, name;
    const char *value = header_of(sent_last(&w.log, ""), PS_H_WWW_AUTHENTICATE);
    ck_assert_int_eq(ps_digest_read_challenge(ps_slice_of(value), &challenge), PS_OK);
    memset(&c, 0, sizeof c);
    c.username = user.username;
    c.realm = challenge.realm;
    c.nonce = challenge.nonce;
    c.uri = ps_slice_of(uri);
    c.algorithm = challenge.algorithm;
    c.algorithm_named = challenge.algorithm_named;
    c.qop = qop ? PS_QOP_AUTH : PS_QOP_NONE;
    c.cnonce = qop ? PS_S("0a4f113b") : PS_NONE;
    c.nc_text = qop ? PS_S("00000001") : PS_NONE;
    if (userhash) {
        ps_digest_userhash(PS_HASH_MD5, user.username, c.realm, &name);
        c.username = ps_digest_hex_slice(&name);
        c.userhash = true;
    }
    ck_assert_int_eq(ps_digest_ha1(&user, c.realm, PS_HASH_MD5, &ha1), PS_OK);
    ps_digest_response(&c, &ha1, PS_S("MESSAGE"), PS_NONE, &response);
    c.response = ps_digest_hex_slice(&response);
    ps_put(&out, PS_S("Authorization: "));
    ps_digest_put_credentials(&out, &c);
    ps_put(&out, PS_S("\r\n"));
    ck_assert_int_eq(out.error, PS_OK);
    line[out.n] = '\0';
    return line;
}

/* Asked at `asked`, with right credentials that name `named`. */
static unsigned with_uri(const char *asked, const char *to, const char *named, bool qop)
{
    ck_assert_uint_eq(message(asked, to, ""), 401);
    return message(asked, to, credentials(named, qop, false));
}

/* ---- 22.4 ---- */

START_TEST(rfc3261_22_4_port_and_parameters_of_the_uri_may_differ)
{
    static const char *const named[] = {"sip:a@example.org", "sip:a@example.org:5060",
                                        "sip:a@EXAMPLE.org;transport=udp",
                                        "sip:%61@example.org;lr;x=y", "sips:a@example.org"};
    unsigned i;
    for (i = 0; i < sizeof named / sizeof *named; i++) {
        ck_assert_uint_eq(
            with_uri("sip:a@example.org:5070;user=phone", "sip:x@elsewhere.test", named[i], true),
            200);
        ck_assert_uint_eq(with_uri("sip:a@example.org", "sip:x@elsewhere.test", named[i], false),
                          200);
    }
    ck_assert_uint_eq(
        with_uri("sip:[2001:db8::1]", "sip:x@elsewhere.test", "sip:[2001:DB8:0::1]:5060", true),
        200);
}
END_TEST

START_TEST(rfc3261_22_4_the_user_may_differ_with_qop_alone)
{
    ck_assert_uint_eq(with_uri("sip:a@example.org", "sip:x@example.org", "sip:b@example.org", true),
                      200);
    ck_assert_uint_eq(with_uri("sip:a@example.org", "sip:x@example.org", "sip:example.org", true),
                      200);
    ck_assert_uint_eq(
        with_uri("sip:a@example.org", "sip:x@example.org", "sip:b@example.org", false), 400);
    ck_assert_uint_eq(with_uri("sip:a@example.org", "sip:x@example.org", "sip:example.org", false),
                      400);
}
END_TEST

START_TEST(rfc3261_22_4_a_proxy_has_rewritten_the_request_uri)
{
    const char *ours = "sip:alice@192.0.2.1:5060";
    /* without a list of domains: what was called at first stands in the To */
    ck_assert_uint_eq(with_uri(ours, "sip:alice@example.org", "sip:alice@example.org", true), 200);
    ck_assert_uint_eq(with_uri(ours, "sip:alice@example.org", "sip:alice@example.com", true), 400);
    ck_assert_uint_eq(with_uri(ours, "tel:+1234", "sip:alice@example.org", true), 400);
    /* with one: what it says */
    auth.serves = serves;
    ck_assert_uint_eq(with_uri(ours, "sip:alice@example.org", "sip:alice@example.com", true), 200);
    ck_assert_uint_eq(with_uri(ours, "sip:a@elsewhere.test", "sip:a@elsewhere.test", true), 400);
    ck_assert_uint_eq(with_uri(ours, "sip:a@elsewhere.test", "sip:192.0.2.1", true), 200);
}
END_TEST

START_TEST(rfc3261_22_4_what_is_no_sip_uri_will_not_do)
{
    static const char *const named[] = {"tel:+1234", "example.org", "",
                                        "sip:", "mailto:a@example.org"};
    unsigned i;
    for (i = 0; i < sizeof named / sizeof *named; i++)
        ck_assert_uint_eq(with_uri("sip:a@example.org", "sip:a@example.org", named[i], true), 400);
}
END_TEST

/* The uri parameter is what is hashed: a right one that was changed on its way is noticed. */
START_TEST(rfc3261_22_4_the_credentials_uri_is_what_is_hashed)
{
    char line[1024], *at;
    ck_assert_uint_eq(message("sip:a@example.org", "sip:a@example.org", ""), 401);
    snprintf(line, sizeof line, "%s", credentials("sip:a@example.org", true, false));
    at = strstr(line, "sip:a@");
    ck_assert_ptr_nonnull(at);
    at[4] = 'b';
    ck_assert_uint_eq(message("sip:a@example.org", "sip:a@example.org", line), 401);
}
END_TEST

/* ---- userhash ---- */

START_TEST(rfc7616_3_4_4_a_userhash_that_was_not_offered_is_not_looked_up)
{
    const char *uri = "sip:a@example.org";
    ck_assert_uint_eq(message(uri, uri, ""), 401);
    ck_assert_uint_eq(message(uri, uri, credentials(uri, true, true)), 401);
    ck_assert_uint_eq(looked_up, 0);
    auth.digest.userhash = true;
    ck_assert_uint_eq(message(uri, uri, credentials(uri, true, true)), 200);
    ck_assert_uint_eq(looked_up, 1);
}
END_TEST

/* ---- secrets ---- */

START_TEST(the_server_wipes_ha1)
{
    struct ps_digest_hex ha1;
    const char *uri = "sip:a@example.org", *line;
    ck_assert_int_eq(ps_digest_ha1(&user, PS_S("r"), PS_HASH_MD5, &ha1), PS_OK);
    ck_assert_uint_eq(message(uri, uri, ""), 401);
    line = credentials(uri, true, false);
    secret = ha1;
    ck_assert_uint_eq(message(uri, uri, line), 200);
    ck_assert_uint_eq(wiped, 1);
}
END_TEST

/* All that a client keeps goes at its end. */
START_TEST(the_client_wipes_ha1)
{
    static const struct ps_digest_policy policy;
    struct ps_digest_client *client = &st->account.digest;
    const struct ps_digest_session *session = &client->session[0];
    struct ps_digest_attempt attempt;
    struct ps_digest_place place = {PS_S("t"), false};
    struct ps_slice value = PS_S("Digest realm=\"r\", nonce=\"n\"");
    ps_digest_client_start(client, &user, 1, &policy);
    ps_digest_attempt_start(&attempt);
    ck_assert_int_eq(
        ps_digest_client_challenged(client, &attempt, &place, &value, 1, PS_S("0a4f113b")), PS_OK);
    ck_assert_uint_eq(session->ha1.n, 32);
    ps_digest_client_end(client);
    ck_assert_uint_eq(session->ha1.n, 0);
    ck_assert_int_eq(session->ha1.text[0], 0);
}
END_TEST

/* ---- the client ---- */

static void ask(void)
{
    struct ps_request_to_send options = {
        .account = &st->account, .method = PS_S("OPTIONS"), .uri = PS_S("sip:192.0.2.2")};
    ps_handle handle;
    ck_assert_int_eq(ps_stack_request(st->stack, &options, &handle), PS_OK);
    station_pull(st);
}

static void as_client(void)
{
    static const struct ps_digest_policy policy;
    ps_digest_client_start(&st->account.digest, &user, 1, &policy);
}

/* Is that nonce, and that count, in the last OPTIONS? */
static bool says(enum ps_header_id id, const char *nonce, const char *nc)
{
    const char *value = header_of(sent_last(&w.log, "OPTIONS"), id);
    return strstr(value, nonce) && strstr(value, nc);
}

START_TEST(rfc7616_3_5_nextnonce_is_used)
{
    as_client();
    ask();
    world_answer(&w, sent_last(&w.log, "OPTIONS"), 401, "r",
                 "WWW-Authenticate: Digest realm=\"r\", nonce=\"n1\", qop=\"auth\"\r\n", NULL);
    ck_assert(says(PS_H_AUTHORIZATION, "nonce=\"n1\"", "nc=00000001"));
    world_answer(&w, sent_last(&w.log, "OPTIONS"), 200, "r",
                 "Authentication-Info: nextnonce=\"n2\"\r\n", NULL);
    ask();
    ck_assert(says(PS_H_AUTHORIZATION, "nonce=\"n2\"", "nc=00000001"));
    world_answer(&w, sent_last(&w.log, "OPTIONS"), 200, "r",
                 "Authentication-Info: nextnonce=\"n2\"\r\n", NULL); /* the same: it goes on */
    ask();
    ck_assert(says(PS_H_AUTHORIZATION, "nonce=\"n2\"", "nc=00000002"));
    world_answer(&w, sent_last(&w.log, "OPTIONS"), 403, "r", /* 20.6: it stands in a 2xx */
                 "Authentication-Info: nextnonce=\"n3\"\r\n", NULL);
    ask();
    ck_assert(says(PS_H_AUTHORIZATION, "nonce=\"n2\"", "nc=00000003"));
    world_answer(&w, sent_last(&w.log, "OPTIONS"), 200,
                 "r", /* one who does not know the password */
                 "Authentication-Info: nextnonce=\"n4\", qop=auth, cnonce=\"x\", nc=00000003, "
                 "rspauth=\"00000000000000000000000000000000\"\r\n",
                 NULL);
    ask();
    ck_assert(says(PS_H_AUTHORIZATION, "nonce=\"n2\"", "nc=00000004"));
    world_answer(&w, sent_last(&w.log, "OPTIONS"), 200, "r", "Authentication-Info: x\r\n", NULL);
    world_answer(&w, sent_last(&w.log, "OPTIONS"), 200, "r", NULL, NULL);
}
END_TEST

START_TEST(rfc7616_3_5_nextnonce_of_a_proxy)
{
    as_client();
    ask();
    world_answer(&w, sent_last(&w.log, "OPTIONS"), 407, "r",
                 "Proxy-Authenticate: Digest realm=\"p\", nonce=\"p1\", qop=\"auth\"\r\n"
                 "WWW-Authenticate: Digest realm=\"r\", nonce=\"n1\", qop=\"auth\"\r\n",
                 NULL);
    world_answer(&w, sent_last(&w.log, "OPTIONS"), 200, "r",
                 "Proxy-Authentication-Info: nextnonce=\"p2\"\r\n", NULL);
    ask();
    ck_assert(says(PS_H_PROXY_AUTHORIZATION, "nonce=\"p2\"", "nc=00000001"));
    ck_assert(says(PS_H_AUTHORIZATION, "nonce=\"n1\"", "nc=00000002"));
}
END_TEST

START_TEST(rfc7616_3_5_a_nextnonce_that_is_nobodys)
{
    as_client();
    ask();
    world_answer(&w, sent_last(&w.log, "OPTIONS"), 200, "r",
                 "Authentication-Info: nextnonce=\"n0\"\r\n", NULL); /* nobody has asked */
    ask();
    world_answer(&w, sent_last(&w.log, "OPTIONS"), 401, "r",
                 "WWW-Authenticate: Digest realm=\"r\", nonce=\"n1\", qop=\"auth\"\r\n"
                 "WWW-Authenticate: Digest realm=\"s\", nonce=\"m1\", qop=\"auth\"\r\n",
                 NULL);
    world_answer(&w, sent_last(&w.log, "OPTIONS"), 200, "r",
                 "Authentication-Info: nextnonce=\"n2\"\r\n", NULL); /* of which realm? */
    ask();
    ck_assert_str_ne(nth_header_of(sent_last(&w.log, "OPTIONS"), PS_H_AUTHORIZATION, 1), "");
    ck_assert_ptr_null(strstr(sent_last(&w.log, "OPTIONS")->text, "n2"));
}
END_TEST

START_TEST(a_nextnonce_with_a_nul_is_not_repeated)
{
    static const char line[] = "Authentication-Info: nextnonce=\"n2\\\0x\"\r\n";
    struct ps_slice text;
    char bytes[1024];
    size_t head;
    as_client();
    ask();
    world_answer(&w, sent_last(&w.log, "OPTIONS"), 401, "r",
                 "WWW-Authenticate: Digest realm=\"r\", nonce=\"n1\", qop=\"auth\"\r\n", NULL);
    text = tester_answer_text(sent_slice(sent_last(&w.log, "OPTIONS")), 200, "r", NULL, NULL);
    head = text.n - strlen("Content-Length: 0\r\n\r\n");
    memcpy(bytes, text.p, head);
    memcpy(bytes + head, line, sizeof line - 1);
    memcpy(bytes + head + sizeof line - 1, text.p + head, text.n - head);
    world_feed(&w, ps_slice(bytes, text.n + sizeof line - 1));
    ask();
    ck_assert(says(PS_H_AUTHORIZATION, "nonce=\"n1\"", "nc=00000002"));
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("auth");
    TCase *tc = tcase_create("messages");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, rfc3261_22_4_port_and_parameters_of_the_uri_may_differ);
    tcase_add_test(tc, rfc3261_22_4_the_user_may_differ_with_qop_alone);
    tcase_add_test(tc, rfc3261_22_4_a_proxy_has_rewritten_the_request_uri);
    tcase_add_test(tc, rfc3261_22_4_what_is_no_sip_uri_will_not_do);
    tcase_add_test(tc, rfc3261_22_4_the_credentials_uri_is_what_is_hashed);
    tcase_add_test(tc, rfc7616_3_4_4_a_userhash_that_was_not_offered_is_not_looked_up);
    tcase_add_test(tc, the_server_wipes_ha1);
    tcase_add_test(tc, the_client_wipes_ha1);
    tcase_add_test(tc, rfc7616_3_5_nextnonce_is_used);
    tcase_add_test(tc, rfc7616_3_5_nextnonce_of_a_proxy);
    tcase_add_test(tc, rfc7616_3_5_a_nextnonce_that_is_nobodys);
    tcase_add_test(tc, a_nextnonce_with_a_nul_is_not_repeated);
    suite_add_tcase(s, tc);
    return s;
}

PS_CHECK_MAIN
