/*
 * Covers digest/digest.h: challenges, credentials and Authentication-Info read and written (RFC
 * 3261 25.1, RFC 7616 3.3 to 3.5), quoting, limits, and the response for every algorithm and qop,
 * by the RFCs' examples and the captured phones. Does not cover: who answers what
 * (test_digest_client), nonces and checks (test_digest_server).
 */
#include <stdio.h>

#include "check_main.h"
#include "digest/digest.h"
#include "digest/raw_internal.h"

#define ck_assert_slice(slice, text) ck_assert_str_eq(text_of(slice), text)

/* As a C string, for messages; "(none)" where absent. Four at a time. */
static const char *text_of(struct ps_slice s)
{
    static char ring[4][2048];
    static int turn;
    char *out = ring[turn++ & 3];
    ck_assert(s.n < sizeof ring[0]);
    if (!s.p)
        return "(none)";
    memcpy(out, s.p, s.n);
    out[s.n] = '\0';
    return out;
}

static enum ps_error read_challenge(const char *value, struct ps_digest_challenge *out)
{
    return ps_digest_read_challenge(ps_slice_of(value), out);
}

static enum ps_error read_credentials(const char *value, struct ps_digest_credentials *out)
{
    return ps_digest_read_credentials(ps_slice_of(value), out);
}

/* ---- challenges ---- */

START_TEST(challenge_rfc3261_20_44)
{
    struct ps_digest_challenge c;
    ck_assert_int_eq(
        read_challenge("Digest realm=\"atlanta.com\",\r\n domain=\"sip:boxesbybob.com\", "
                       "qop=\"auth\",\r\n nonce=\"f84f1cec41e6cbe5aea9c8e88d359\",\r\n"
                       " opaque=\"\", stale=FALSE, algorithm=MD5",
                       &c),
        PS_OK);
    ck_assert_slice(c.realm, "atlanta.com");
    ck_assert_slice(c.domain, "sip:boxesbybob.com");
    ck_assert_slice(c.nonce, "f84f1cec41e6cbe5aea9c8e88d359");
    ck_assert_slice(c.opaque, "");
    ck_assert(!c.stale && !c.userhash && !c.utf8);
    ck_assert_int_eq(c.algorithm, PS_DIGEST_MD5);
    ck_assert(c.algorithm_named);
    ck_assert_uint_eq(c.qop, PS_QOP_AUTH);
}
END_TEST

START_TEST(challenge_of_few_parameters)
{
    struct ps_digest_challenge c;
    ck_assert_int_eq(read_challenge("dIgEsT\trealm=\"a\"", &c), PS_OK);
    ck_assert_slice(c.realm, "a");
    ck_assert_slice(c.nonce, "(none)");
    ck_assert_slice(c.opaque, "(none)");
    ck_assert_int_eq(c.algorithm, PS_DIGEST_MD5);
    ck_assert(!c.algorithm_named);
    ck_assert_uint_eq(c.qop, PS_QOP_NONE);
}
END_TEST

START_TEST(challenge_of_rfc7616)
{
    struct ps_digest_challenge c;
    ck_assert_int_eq(read_challenge("Digest stale=True, USERHASH=true , charset = utf-8 "
                                    ",algorithm=\"sha-512-256-SESS\"\t,QOP=\"auth-int, auth\"",
                                    &c),
                     PS_OK);
    ck_assert(c.stale && c.userhash && c.utf8);
    ck_assert_int_eq(c.algorithm, PS_DIGEST_SHA_512_256_SESS);
    ck_assert_uint_eq(c.qop, PS_QOP_AUTH | PS_QOP_AUTH_INT);
}
END_TEST

START_TEST(qop_lists)
{
    static const struct {
        const char *list;
        unsigned bits;
    } rows[] = {
        {"", PS_QOP_NONE},
        {" , ,", PS_QOP_NONE},
        {"auth", PS_QOP_AUTH},
        {"AUTH-INT", PS_QOP_AUTH_INT},
        {"auth-conf", PS_QOP_OTHER},
        {",auth,\tauth-conf ,", PS_QOP_AUTH | PS_QOP_OTHER},
        {"auth,auth-int,auth", PS_QOP_AUTH | PS_QOP_AUTH_INT},
    };
    struct ps_digest_challenge c;
    char value[100];
    size_t i;
    for (i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(value, sizeof value, "Digest qop=\"%s\"", rows[i].list);
        ck_assert_int_eq(read_challenge(value, &c), PS_OK);
        ck_assert_msg(c.qop == rows[i].bits, "%s", value);
    }
}
END_TEST

/* 25.1: auth-param = auth-param-name EQUAL ( token / quoted-string ) */
START_TEST(unknown_parameters_are_ignored)
{
    struct ps_digest_challenge c;
    char value[3000];
    ck_assert_int_eq(read_challenge("Digest x=y, realms=\"n\\\"o\", auth-param-name=z, n=1, "
                                    "x=twice, realm=\"yes\", xcharsets=\"no\", stalest=true",
                                    &c),
                     PS_OK);
    ck_assert_slice(c.realm, "yes");
    ck_assert(!c.stale);
    memset(value, 'v', sizeof value);
    memcpy(value, "Digest unknown=", 15);
    ck_assert_int_eq(ps_digest_read_challenge(ps_slice(value, sizeof value), &c), PS_OK);
}
END_TEST

START_TEST(other_schemes)
{
    struct ps_digest_challenge c;
    struct ps_digest_credentials a;
    ck_assert_int_eq(read_challenge("Basic realm=\"x\"", &c), PS_E_DIGEST_SCHEME);
    ck_assert_int_eq(read_challenge("Digests realm=\"x\"", &c), PS_E_DIGEST_SCHEME);
    ck_assert_int_eq(read_challenge("", &c), PS_E_DIGEST_SCHEME);
    ck_assert_int_eq(read_challenge(" \r\n ", &c), PS_E_DIGEST_SCHEME);
    ck_assert_int_eq(ps_digest_read_challenge(PS_NONE, &c), PS_E_DIGEST_SCHEME);
    ck_assert_int_eq(read_credentials("Bearer abc", &a), PS_E_DIGEST_SCHEME);
}
END_TEST

START_TEST(malformed_values)
{
    static const struct {
        const char *value;
        enum ps_error error;
    } rows[] = {
        {"Digest", PS_E_PARAMETER},
        {"Digest ", PS_E_PARAMETER},
        {"Digest ,realm=\"x\"", PS_E_PARAMETER},
        {"Digest realm", PS_E_PARAMETER},
        {"Digest realm=", PS_E_PARAMETER},
        {"Digest realm =\t", PS_E_PARAMETER},
        {"Digest realm:\"x\"", PS_E_PARAMETER},
        {"Digest =\"x\"", PS_E_PARAMETER},
        {"Digest realm:\"x\", nonce=\"y\"", PS_E_PARAMETER},
        {"Digest realm \"x\", nonce=\"y\"", PS_E_PARAMETER},
        {"Digest realm x=\"x\"", PS_E_PARAMETER},
        {"Digest realm=\"x", PS_E_PARAMETER},
        {"Digest realm=\"x\\", PS_E_PARAMETER},
        {"Digest realm=\"x\\\"", PS_E_PARAMETER},
        {"Digest realm=\"a\001b\"", PS_E_PARAMETER},
        {"Digest realm=\"a\177b\"", PS_E_PARAMETER},
        {"Digest realm=\"a\r\n b\"", PS_E_PARAMETER},
        {"Digest realm=\"a\\\r\n b\"", PS_E_PARAMETER},
        {"Digest realm=\"a\\\n b\"", PS_E_PARAMETER},
        {"Digest realm=\"a\\\303\244\"", PS_E_PARAMETER},
        {"Digest realm=\"x\",", PS_E_PARAMETER},
        {"Digest realm=\"x\",,nonce=\"y\"", PS_E_PARAMETER},
        {"Digest realm=\"x\" nonce=\"y\"", PS_E_SYNTAX},
        {"Digest realm=\"x\";nonce=\"y\"", PS_E_SYNTAX},
        {"Digest nonce=abc==", PS_E_SYNTAX},
        {"Digest realm=\"x\", Realm=\"x\"", PS_E_PARAMETER},
        {"Digest opaque=\"\", opaque=\"\"", PS_E_PARAMETER},
    };
    struct ps_digest_challenge c;
    struct ps_digest_credentials a;
    size_t i;
    for (i = 0; i < sizeof rows / sizeof *rows; i++) {
        ck_assert_msg(read_challenge(rows[i].value, &c) == rows[i].error, "%s", rows[i].value);
        ck_assert_msg(read_credentials(rows[i].value, &a) == rows[i].error, "%s", rows[i].value);
    }
}
END_TEST

/* Every prefix of a good value is an error or ends at a parameter's end; nothing is read behind it
 * (run under a sanitizer or valgrind: each prefix is a block of its own). */
START_TEST(every_prefix)
{
    static const char value[] = "Digest username=\"a\\\"b\", realm=\"r\", nonce=n, nc=00000001";
    struct ps_digest_credentials a;
    size_t n;
    for (n = 0; n < sizeof value; n++) {
        char *copy = malloc(n ? n : 1);
        enum ps_error error;
        memcpy(copy, value, n);
        error = ps_digest_read_credentials(ps_slice(copy, n), &a);
        ck_assert_msg((n == 22 || n == 33 || n == 42 || n == sizeof value - 1) == !error, "%zu %d",
                      n, (int)error);
        free(copy);
        if (n == sizeof value - 1)
            break;
    }
}
END_TEST

START_TEST(quoted_text_by_rfc3261_25_1)
{
    struct ps_digest_credentials a;
    ck_assert_int_eq(
        read_credentials("Digest username=\"\", realm=\"a\tb \303\244 \\\"q\\\\ \\\001\"", &a),
        PS_OK);
    ck_assert_slice(a.username, "");
    ck_assert_slice(a.realm, "a\tb \303\244 \\\"q\\\\ \\\001");
    /* a NUL may be escaped */
    ck_assert_int_eq(ps_digest_read_credentials(PS_S("Digest realm=\"a\\\0b\""), &a), PS_OK);
    ck_assert_uint_eq(a.realm.n, 4);
    ck_assert_int_eq(ps_digest_read_credentials(PS_S("Digest realm=\"a\0b\""), &a), PS_E_PARAMETER);
}
END_TEST

START_TEST(values_up_to_the_limit_and_no_longer)
{
    static const char *const names[] = {"realm", "nonce",  "opaque",   "domain", "username",
                                        "uri",   "cnonce", "response", "stale"};
    char value[PS_DIGEST_MAX_VALUE + 100];
    struct ps_digest_challenge c;
    struct ps_digest_credentials a;
    size_t i;
    for (i = 0; i < sizeof names / sizeof *names; i++) {
        struct ps_writer w = ps_writer(value, sizeof value);
        size_t before;
        ps_put(&w, PS_S("Digest "));
        ps_put_string(&w, names[i]);
        ps_put(&w, PS_S("=\""));
        before = w.n;
        memset(value + before, 'x', PS_DIGEST_MAX_VALUE + 1);
        value[before + PS_DIGEST_MAX_VALUE] = '"';
        ck_assert_int_eq(
            ps_digest_read_challenge(ps_slice(value, before + PS_DIGEST_MAX_VALUE + 1), &c), PS_OK);
        ck_assert_int_eq(
            ps_digest_read_credentials(ps_slice(value, before + PS_DIGEST_MAX_VALUE + 1), &a),
            PS_OK);
        value[before + PS_DIGEST_MAX_VALUE] = 'x';
        value[before + PS_DIGEST_MAX_VALUE + 1] = '"';
        ck_assert_int_eq(
            ps_digest_read_challenge(ps_slice(value, before + PS_DIGEST_MAX_VALUE + 2), &c),
            PS_E_DIGEST_LONG);
    }
}
END_TEST

/* ---- credentials ---- */

/* RFC 3261 25.1: nc-value = 8LHEX; upper case is read too */
START_TEST(nonce_counts)
{
    struct ps_digest_credentials a;
    ck_assert_int_eq(read_credentials("Digest nc=00000000", &a), PS_OK);
    ck_assert_uint_eq(a.nc, 0);
    ck_assert_int_eq(read_credentials("Digest nc=\"0aBcDeF9\"", &a), PS_OK);
    ck_assert_uint_eq(a.nc, 0x0abcdef9);
    ck_assert_slice(a.nc_text, "0aBcDeF9");
    ck_assert_int_eq(read_credentials("Digest nc=ffffffff", &a), PS_OK);
    ck_assert_uint_eq(a.nc, 0xffffffff);
    ck_assert_int_eq(read_credentials("Digest realm=x", &a), PS_OK);
    ck_assert_uint_eq(a.nc, 0);
    ck_assert_ptr_null(a.nc_text.p);
    ck_assert_int_eq(read_credentials("Digest nc=1", &a), PS_E_PARAMETER);
    ck_assert_int_eq(read_credentials("Digest nc=\"\"", &a), PS_E_PARAMETER);
    ck_assert_int_eq(read_credentials("Digest nc=000000001", &a), PS_E_PARAMETER);
    ck_assert_int_eq(read_credentials("Digest nc=0000000g", &a), PS_E_PARAMETER);
}
END_TEST

START_TEST(credentials_of_the_doubango_phone)
{
    struct ps_digest_credentials a;
    ck_assert_int_eq(read_credentials("Digest username=\"1011\",realm=\"47.98.109.96\",nonce=\"\","
                                      "uri=\"sip:47.98.109.96\",response=\"\"",
                                      &a),
                     PS_OK);
    ck_assert_slice(a.username, "1011");
    ck_assert_slice(a.nonce, "");
    ck_assert_slice(a.response, "");
    ck_assert_slice(a.cnonce, "(none)");
    ck_assert_uint_eq(a.qop, PS_QOP_NONE);
}
END_TEST

/* ---- writing ---- */

static const char *rewrite_challenge(const char *value)
{
    static char out[1000];
    struct ps_digest_challenge c;
    struct ps_writer w = ps_writer(out, sizeof out);
    if (read_challenge(value, &c))
        return "error";
    ps_digest_put_challenge(&w, &c);
    ps_put_char(&w, '\0');
    return w.error ? "writer error" : out;
}

START_TEST(challenges_written)
{
    static const char *const same[] = {
        "Digest realm=\"r\", nonce=\"n\"",
        ("Digest realm=\"r \\\" \\\\\", nonce=\"n\", opaque=\"\", domain=\"sip:a\", stale=true, "
         "algorithm=SHA-256-sess, qop=\"auth,auth-int\", charset=UTF-8, userhash=true"),
        "Digest realm=\"\", algorithm=MD5, qop=\"auth\"",
        "Digest realm=\"r\", algorithm=SHA-512-256, qop=\"auth-int\"",
    };
    size_t i;
    for (i = 0; i < sizeof same / sizeof *same; i++)
        ck_assert_str_eq(rewrite_challenge(same[i]), same[i]);
    ck_assert_str_eq(rewrite_challenge("Digest algorithm=unknown,realm=r,qop=\"x\""),
                     "Digest realm=\"r\"");
}
END_TEST

static const char *rewrite_credentials(const char *value)
{
    static char out[1000];
    struct ps_digest_credentials a;
    struct ps_writer w = ps_writer(out, sizeof out);
    if (read_credentials(value, &a))
        return "error";
    ps_digest_put_credentials(&w, &a);
    ps_put_char(&w, '\0');
    return w.error ? "writer error" : out;
}

/* 25.1: algorithm, qop and nc without quotes, all others with */
START_TEST(credentials_written)
{
    static const char *const same[] = {
        "Digest username=\"u\", realm=\"r\", nonce=\"n\", uri=\"sip:a\", response=\"0\"",
        ("Digest username=\"u\\\"\", realm=\"r\", nonce=\"n\", uri=\"sip:a\", response=\"0\", "
         "algorithm=MD5-sess, cnonce=\"c\", opaque=\"o\", qop=auth-int, nc=0000000F, "
         "userhash=true"),
        "Digest username=\"u\", realm=\"r\", algorithm=SHA-256, qop=auth, nc=00000001",
    };
    size_t i;
    for (i = 0; i < sizeof same / sizeof *same; i++)
        ck_assert_str_eq(rewrite_credentials(same[i]), same[i]);
}
END_TEST

START_TEST(info_read_and_written)
{
    static const char value[] =
        "nextnonce=\"47364c23432d2e131a5fb210812c\", qop=auth, rspauth=\"6629\", cnonce=\"c\", "
        "nc=00000001";
    static char out[200];
    struct ps_writer w = ps_writer(out, sizeof out);
    struct ps_digest_info info;
    ck_assert_int_eq(ps_digest_read_info(PS_S(" nextnonce=\"n\"\r\n"), &info), PS_OK);
    ck_assert_slice(info.nextnonce, "n");
    ck_assert_ptr_null(info.rspauth.p);
    ck_assert_uint_eq(info.qop, PS_QOP_NONE);
    ck_assert_int_eq(ps_digest_read_info(ps_slice_of(value), &info), PS_OK);
    ck_assert_uint_eq(info.nc, 1);
    ck_assert_uint_eq(info.qop, PS_QOP_AUTH);
    ps_digest_put_info(&w, &info);
    ps_put_char(&w, '\0');
    ck_assert_str_eq(out, value);
    ck_assert_int_eq(ps_digest_read_info(PS_NONE, &info), PS_E_PARAMETER);
    ck_assert_int_eq(ps_digest_read_info(PS_S("nc=1"), &info), PS_E_PARAMETER);
    ck_assert_int_eq(ps_digest_read_info(PS_S("qop=auth,"), &info), PS_E_PARAMETER);
}
END_TEST

/* Refuses what would end its quotes or its line, whatever it came from. */
START_TEST(nothing_breaks_out_of_its_quotes)
{
    static const struct {
        const char *text;
        size_t n;
    } bad[] = {{"a\", b=\"c", 8}, {"a\\", 2},  {"a\r\nb", 4},
               {"a\nb", 3},       {"a\0b", 3}, {"a\177", 2}};
    struct ps_digest_credentials a;
    struct ps_digest_challenge c;
    char out[200];
    size_t i;
    for (i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct ps_writer w = ps_writer(out, sizeof out);
        memset(&c, 0, sizeof c);
        c.realm = ps_slice(bad[i].text, bad[i].n);
        c.nonce = c.realm; /* the first error sticks */
        ps_digest_put_challenge(&w, &c);
        ck_assert_int_eq(w.error, PS_E_INJECTION);
        w = ps_writer(out, sizeof out);
        memset(&a, 0, sizeof a);
        a.nc_text = ps_slice(bad[i].text, bad[i].n);
        ps_digest_put_credentials(&w, &a);
        ck_assert_int_eq(w.error, PS_E_INJECTION);
        w = ps_writer(out, 3);
        ps_digest_put_credentials(&w, &a);
        ck_assert_int_eq(w.error, PS_E_OVERFLOW);
    }
}
END_TEST

START_TEST(every_buffer_too_small_overflows)
{
    struct ps_digest_credentials a;
    char out[300];
    size_t n, needed;
    struct ps_writer w = ps_writer(out, sizeof out);
    ck_assert_int_eq(
        read_credentials("Digest username=\"u\", realm=\"r\", nonce=\"n\", nc=00000001, "
                         "qop=auth",
                         &a),
        PS_OK);
    ps_digest_put_credentials(&w, &a);
    needed = w.n;
    for (n = 0; n < needed; n++) {
        w = ps_writer(out, n);
        ps_digest_put_credentials(&w, &a);
        ck_assert_int_eq(w.error, PS_E_OVERFLOW);
        ck_assert_uint_eq(w.n, needed);
    }
}
END_TEST

START_TEST(raw_and_plain)
{
    static const struct {
        const char *raw, *plain;
        bool same;
    } rows[] = {
        {"", "", true},           {"alice", "alice", true},    {"alice", "alic", false},
        {"alic", "alice", false}, {"a\\lice", "alice", true},  {"a\\\"b", "a\"b", true},
        {"a\\\\b", "a\\b", true}, {"a\\\\b", "a\\\\b", false}, {"Alice", "alice", false},
        {"a\\", "a\\", true},     {"\\\"\\\"", "\"\"", true},
    };
    char out[40];
    size_t i;
    for (i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct ps_slice raw = ps_slice_of(rows[i].raw), plain = ps_slice_of(rows[i].plain);
        struct ps_writer w = ps_writer(out, sizeof out);
        ck_assert_msg(ps_digest_raw_is(raw, plain) == rows[i].same, "%s", rows[i].raw);
        ps_digest_put_plain(&w, raw);
        ck_assert(ps_equal(ps_written(&w), plain) == rows[i].same);
        w = ps_writer(out, sizeof out);
        ps_digest_put_escaped(&w, plain);
        ck_assert(!w.error);
        ck_assert(ps_digest_raw_is(ps_written(&w), plain));
    }
}
END_TEST

START_TEST(plain_text_that_cannot_be_quoted)
{
    static const char bad[] = "\001\n\r\037\177";
    char out[40];
    size_t i;
    for (i = 0; i < sizeof bad; i++) { /* with the NUL at its end */
        struct ps_writer w = ps_writer(out, sizeof out);
        ps_digest_put_escaped(&w, ps_slice(bad + i, 1));
        ck_assert_int_eq(w.error, PS_E_INJECTION);
        w = ps_writer(out, 0);
        ps_put_char(&w, 'x');
        ps_digest_put_escaped(&w, ps_slice(bad + i, 1));
        ck_assert_int_eq(w.error, PS_E_OVERFLOW);
    }
    {
        struct ps_writer w = ps_writer(out, sizeof out);
        ps_digest_put_escaped(&w, PS_S("\t \303\244"));
        ck_assert_slice(ps_written(&w), "\t \303\244");
    }
}
END_TEST

START_TEST(algorithm_names)
{
    int i;
    for (i = 0; i < PS_DIGEST_ALGORITHMS; i++) {
        enum ps_digest_algorithm algorithm = (enum ps_digest_algorithm)i;
        ck_assert_int_eq(ps_digest_algorithm_from(ps_digest_algorithm_name(algorithm)), i);
        ck_assert(ps_digest_is_session(algorithm) == (i % 2 == 1));
        ck_assert_int_eq(ps_digest_hash(algorithm), i / 2);
    }
    ck_assert_int_eq(ps_digest_algorithm_from(PS_S("SHA-1")), PS_DIGEST_ALGORITHMS);
    ck_assert_int_eq(ps_digest_algorithm_from(PS_NONE), PS_DIGEST_ALGORITHMS);
    ck_assert_ptr_null(ps_digest_algorithm_name(PS_DIGEST_ALGORITHMS).p);
    ck_assert(!ps_digest_is_session(PS_DIGEST_ALGORITHMS));
    ck_assert_int_eq(ps_digest_hash(PS_DIGEST_ALGORITHMS), PS_HASH_MD5);
}
END_TEST

/* ---- computing ---- */

/* The response to credentials that hold everything but it, for a user with this password. */
static const char *answer(const char *credentials, const char *username, const char *password,
                          const char *method, const char *body)
{
    static struct ps_digest_hex response;
    struct ps_digest_credentials a;
    struct ps_digest_user user;
    struct ps_digest_hex ha1;
    enum ps_hash_kind kind;
    memset(&user, 0, sizeof user);
    user.username = ps_slice_of(username);
    user.password = ps_slice_of(password);
    ck_assert_int_eq(read_credentials(credentials, &a), PS_OK);
    kind = ps_digest_hash(a.algorithm);
    ck_assert_int_eq(ps_digest_ha1(&user, a.realm, kind, &ha1), PS_OK);
    if (ps_digest_is_session(a.algorithm))
        ps_digest_session_ha1(kind, &ha1, a.nonce, a.cnonce, &ha1);
    ps_digest_response(&a, &ha1, ps_slice_of(method), ps_slice_of(body), &response);
    return text_of(ps_digest_hex_slice(&response));
}

START_TEST(response_rfc2617_3_5)
{
    ck_assert_str_eq(
        answer("Digest username=\"Mufasa\", realm=\"testrealm@host.com\", "
               "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", uri=\"/dir/index.html\", "
               "qop=auth, nc=00000001, cnonce=\"0a4f113b\", "
               "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"",
               "Mufasa", "Circle Of Life", "GET", NULL),
        "6629fae49393a05397450978507c4ef1");
}
END_TEST

#define RFC7616_3_9_1                                                                              \
    "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", uri=\"/dir/index.html\", "       \
    "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=00000001, "                        \
    "cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, algorithm="

START_TEST(response_rfc7616_3_9_1)
{
    ck_assert_str_eq(answer(RFC7616_3_9_1 "MD5", "Mufasa", "Circle of Life", "GET", NULL),
                     "8ca523f5e9506fed4657c9700eebdbec");
    ck_assert_str_eq(answer(RFC7616_3_9_1 "SHA-256", "Mufasa", "Circle of Life", "GET", NULL),
                     "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
}
END_TEST

/* The section prints hashes made with SHA-512 cut to 256 bits; erratum 4897 has those of
 * SHA-512/256, and these. */
START_TEST(response_and_userhash_rfc7616_3_9_2)
{
    static const char name[] = "J\303\244s\303\270n Doe";
    static const char value[] =
        "Digest username=\"793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b\", "
        "realm=\"api@example.org\", uri=\"/doe.json\", algorithm=SHA-512-256, "
        "nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\", nc=00000001, "
        "cnonce=\"NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v\", qop=auth, "
        "opaque=\"HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS\", userhash=true";
    struct ps_digest_credentials a;
    struct ps_digest_user user;
    struct ps_digest_hex hash;
    ck_assert_str_eq(answer(value, name, "Secret, or not?", "GET", NULL),
                     "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5");
    ck_assert_int_eq(read_credentials(value, &a), PS_OK);
    ps_digest_userhash(PS_HASH_SHA512_256, ps_slice_of(name), a.realm, &hash);
    ck_assert_slices_eq(ps_digest_hex_slice(&hash), a.username);
    memset(&user, 0, sizeof user);
    user.username = ps_slice_of(name);
    ck_assert(ps_digest_names(&a, &user));
    user.username = PS_S("Jason Doe");
    ck_assert(!ps_digest_names(&a, &user));
    a.userhash = false;
    ck_assert(!ps_digest_names(&a, &user));
    a.username = PS_S("Jason\\ Doe");
    ck_assert(ps_digest_names(&a, &user));
}
END_TEST

/* The value of a header line of a captured message. */
static const char *trace_header(const char *file, const char *name)
{
    static char bytes[4096];
    FILE *f = fopen(file, "rb");
    char *at, *end;
    size_t n;
    ck_assert_msg(f != NULL, "%s (run in the top folder)", file);
    n = fread(bytes, 1, sizeof bytes - 1, f);
    fclose(f);
    bytes[n] = '\0';
    at = strstr(bytes, name);
    ck_assert_ptr_nonnull(at);
    at += strlen(name);
    end = strstr(at, "\r\n");
    ck_assert_ptr_nonnull(end);
    *end = '\0';
    return at;
}

START_TEST(captured_answers)
{
    static const struct {
        const char *file, *header, *method, *password;
    } rows[] = {
        {"tests/traces/013-REGISTER.sip", "\nAuthorization: ", "REGISTER", "123456"},
        {"tests/traces/022-INVITE.sip", "\nProxy-Authorization: ", "INVITE", "1234"},
        {"tests/traces/032-REGISTER.sip", "\nAuthorization: ", "REGISTER", "1234"},
    };
    size_t i;
    for (i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *value = trace_header(rows[i].file, rows[i].header);
        struct ps_digest_credentials a;
        ck_assert_int_eq(read_credentials(value, &a), PS_OK);
        ck_assert_slice(a.response,
                        answer(value, text_of(a.username), rows[i].password, rows[i].method, NULL));
        ck_assert_uint_eq(a.nc, i == 2 ? 2 : 1);
    }
}
END_TEST

/* Every algorithm with every qop, with a body and without; from Python's hashlib by the formulas of
 * RFC 7616 3.4. */
START_TEST(every_algorithm_and_qop)
{
    static const char *const qops[] = {"", ", qop=auth, nc=0000000a",
                                       ", qop=auth-int, nc=0000000a"};
    static const char *const expected[PS_DIGEST_ALGORITHMS][3] = {
        {"88d279f7a3c76540b4d296d3351aa7b0", "d0202f89c4cb891e864ae46b103e968e",
         "6855687565db51a481881877a7373241"},
        {"d3ccb15eabdcd5eead463c6d9a2f50f1", "8272935fe951a2929d5b412bffd3c674",
         "9a89994852aa9440a4d5c4eb59ae4436"},
        {"c11dfd7b1710e3cc265fc422f66c0b4179b0a1cc797073ef4c23c07ecfe38cfe",
         "41efbe6ca703aca38a1a18835d75cd1c2550b5436eeeb90a00dc1dcae7e6c82e",
         "ed528044a6a02fe15791fbbe931b2be21516dbd7f5958a04668e9986b112f10a"},
        {"e0e67e4a3da7c1fb6e651f2e9c7cc682610f076c5973ce5f5313ad547782adc6",
         "575b840a16f7833626a6b8f0ca831777c441fa5d6975b481ad30cd14d431b3b7",
         "ac87992ef5d13704bc7d38d852ff64b04b508c51d269bda34d19d4d3a0b40d3d"},
        {"cf7f6e51323f3c7bc01a254b480a099d37509cf37739857735169f44587393cd",
         "8023993d497191e0541a64a3d672eb9f11ae64ef0719d8b5b54037026ef3f628",
         "1b878ee49dace18ca8e7366178209e8feac6a3c102117a5ccd9e603f17a30bc3"},
        {"993092b6f62e524e8126e1334dec850c871bc120cc9bd520e3aebd1f49c7a977",
         "3ae60309e3447a7e872a1f501529d6425b741a42b1e77fcf29ac755487fd4321",
         "4c6bafb3b21f1293332aa0b475fcfa4656be5dfe206f21e5b5acae0468572d65"},
    };
    char value[300];
    int i, q;
    for (i = 0; i < PS_DIGEST_ALGORITHMS; i++)
        for (q = 0; q < 3; q++) {
            snprintf(value, sizeof value,
                     "Digest username=\"bob\", realm=\"bilox\\\"i.com\", nonce=\"n\\\\1\", "
                     "uri=\"sip:bob@biloxi.com\", cnonce=\"c1\", algorithm=%s%s",
                     text_of(ps_digest_algorithm_name((enum ps_digest_algorithm)i)), qops[q]);
            ck_assert_str_eq(answer(value, "b\"ob", "zanzibar", "INVITE", "v=0\r\n"),
                             expected[i][q]);
        }
}
END_TEST

START_TEST(body_counts_with_auth_int_alone)
{
    static const char with[] = "Digest realm=\"r\", nonce=\"n\", uri=\"sip:a\", cnonce=\"c\", "
                               "nc=00000001, qop=auth-int";
    static const char without[] =
        "Digest realm=\"r\", nonce=\"n\", uri=\"sip:a\", cnonce=\"c\", nc=00000001, qop=auth";
    ck_assert_str_ne(answer(with, "u", "p", "INFO", "a"), answer(with, "u", "p", "INFO", "b"));
    ck_assert_str_eq(answer(with, "u", "p", "INFO", ""), answer(with, "u", "p", "INFO", NULL));
    ck_assert_str_eq(answer(without, "u", "p", "INFO", "a"),
                     answer(without, "u", "p", "INFO", "b"));
}
END_TEST

START_TEST(stored_ha1)
{
    struct ps_digest_user user;
    struct ps_digest_hex ha1;
    memset(&user, 0, sizeof user);
    user.username = PS_S("Mufasa");
    user.ha1[PS_HASH_MD5] = PS_S("939E7578ED9E3C518A452ACEE763BCE9");
    ck_assert_int_eq(ps_digest_ha1(&user, PS_S("testrealm@host.com"), PS_HASH_MD5, &ha1), PS_OK);
    ck_assert_slice(ps_digest_hex_slice(&ha1), "939e7578ed9e3c518a452acee763bce9");
    /* there is no other, and no password */
    ck_assert_int_eq(ps_digest_ha1(&user, PS_S("r"), PS_HASH_SHA256, &ha1), PS_E_DIGEST_REALM);
    user.password = PS_S("Circle Of Life");
    ck_assert_int_eq(ps_digest_ha1(&user, PS_S("r"), PS_HASH_SHA256, &ha1), PS_OK);
    ck_assert_uint_eq(ha1.n, 64);
    /* the password gives the same; the stored one goes first */
    user.ha1[PS_HASH_MD5] = PS_NONE;
    ck_assert_int_eq(ps_digest_ha1(&user, PS_S("testrealm@host.com"), PS_HASH_MD5, &ha1), PS_OK);
    ck_assert_slice(ps_digest_hex_slice(&ha1), "939e7578ed9e3c518a452acee763bce9");
    user.ha1[PS_HASH_MD5] = PS_S("939e7578ed9e3c518a452acee763bce");
    ck_assert_int_eq(ps_digest_ha1(&user, PS_S("r"), PS_HASH_MD5, &ha1), PS_E_ARGUMENT);
    user.ha1[PS_HASH_MD5] = PS_S("939e7578ed9e3c518a452acee763bcex");
    ck_assert_int_eq(ps_digest_ha1(&user, PS_S("r"), PS_HASH_MD5, &ha1), PS_E_ARGUMENT);
    /* of another realm */
    user.realm = PS_S("other");
    ck_assert_int_eq(ps_digest_ha1(&user, PS_S("r"), PS_HASH_MD5, &ha1), PS_E_DIGEST_REALM);
    user.realm = PS_S("r");
    user.ha1[PS_HASH_MD5] = PS_NONE;
    ck_assert_int_eq(ps_digest_ha1(&user, PS_S("r"), PS_HASH_MD5, &ha1), PS_OK);
}
END_TEST

START_TEST(sizes)
{
    printf("note: sizes in bytes: ps_md5 %zu, ps_sha256 %zu, ps_sha512_256 %zu, ps_hash %zu, "
           "ps_digest_challenge %zu, ps_digest_credentials %zu\n",
           sizeof(struct ps_md5), sizeof(struct ps_sha256), sizeof(struct ps_sha512_256),
           sizeof(struct ps_hash), sizeof(struct ps_digest_challenge),
           sizeof(struct ps_digest_credentials));
    /* state, length and one block, and nothing else */
    ck_assert_uint_eq(sizeof(struct ps_md5), 16 + 8 + 64);
    ck_assert_uint_eq(sizeof(struct ps_sha256), 32 + 8 + 64);
    ck_assert_uint_eq(sizeof(struct ps_sha512_256), 64 + 8 + 128);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("digest");
    TCase *t = tcase_create("read");
    tcase_add_test(t, challenge_rfc3261_20_44);
    tcase_add_test(t, challenge_of_few_parameters);
    tcase_add_test(t, challenge_of_rfc7616);
    tcase_add_test(t, qop_lists);
    tcase_add_test(t, unknown_parameters_are_ignored);
    tcase_add_test(t, other_schemes);
    tcase_add_test(t, malformed_values);
    tcase_add_test(t, every_prefix);
    tcase_add_test(t, quoted_text_by_rfc3261_25_1);
    tcase_add_test(t, values_up_to_the_limit_and_no_longer);
    tcase_add_test(t, nonce_counts);
    tcase_add_test(t, credentials_of_the_doubango_phone);
    suite_add_tcase(s, t);
    t = tcase_create("write");
    tcase_add_test(t, challenges_written);
    tcase_add_test(t, credentials_written);
    tcase_add_test(t, info_read_and_written);
    tcase_add_test(t, nothing_breaks_out_of_its_quotes);
    tcase_add_test(t, every_buffer_too_small_overflows);
    tcase_add_test(t, raw_and_plain);
    tcase_add_test(t, plain_text_that_cannot_be_quoted);
    tcase_add_test(t, algorithm_names);
    suite_add_tcase(s, t);
    t = tcase_create("compute");
    tcase_add_test(t, response_rfc2617_3_5);
    tcase_add_test(t, response_rfc7616_3_9_1);
    tcase_add_test(t, response_and_userhash_rfc7616_3_9_2);
    tcase_add_test(t, captured_answers);
    tcase_add_test(t, every_algorithm_and_qop);
    tcase_add_test(t, body_counts_with_auth_int_alone);
    tcase_add_test(t, stored_ha1);
    tcase_add_test(t, sizes);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
