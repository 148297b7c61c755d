/*
 * Covers sip/body: which body somebody who understands some media types reads (RFC 3261 8.2.3,
 * 20.11, 20.12, RFC 5621, RFC 2046 5.1), what is 415, and what an Accept takes (20.1).
 * Does not cover: how a multipart is cut into parts (test_frame), who asks and answers (tests/sim).
 */
#include "check_main.h"
#include "sip/body.h"

#include <stdio.h>

#define SDP "application/sdp"
#define MIXED(boundary) "multipart/mixed;boundary=" boundary
#define ALTERNATIVE(boundary) "multipart/alternative;boundary=\"" boundary "\""
#define PART(boundary, headers, body) "--" boundary "\r\n" headers "\r\n" body "\r\n"
#define END(boundary) "--" boundary "--\r\n"
#define C(type) "Content-Type: " type "\r\n"
#define OPTIONAL "Content-Disposition: x;handling=optional\r\n"

static char text[200000];

/* An INVITE with these lines and this body. */
static const struct ps_message *message(const char *lines, const char *body)
{
    static struct ps_message m;
    int n = snprintf(text, sizeof text,
                     "INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx\r\n"
                     "From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\n"
                     "%sContent-Length: %u\r\n\r\n%s",
                     lines, (unsigned)strlen(body), body);
    ck_assert_int_eq(ps_message_parse(&m, text, (size_t)n, NULL, NULL), PS_OK);
    return &m;
}

static struct ps_content content(const char *types, const char *lines, const char *body)
{
    struct ps_content c;
    ps_content_read(&c, message(lines, body), ps_slice_of(types));
    return c;
}

/* Returns the body that is read as text: its type, "=", its body; a "415" before it, "415 by
 * encoding". */
static const char *reads(const char *types, const char *lines, const char *body)
{
    static char out[256];
    struct ps_content c = content(types, lines, body);
    ck_assert(c.status == 0 || c.status == 415);
    ck_assert(c.status || !c.by_encoding);
    ck_assert_int_eq(c.type.n > 0, c.body.n > 0);
    snprintf(out, sizeof out, "%s%s%.*s%s%.*s", c.status ? "415" : "",
             c.by_encoding ? " by encoding" : "", (int)c.type.n, c.type.n ? c.type.p : "",
             c.body.n ? "=" : "", (int)c.body.n, c.body.n ? c.body.p : "");
    return out;
}

#define READS(types, lines, body, expected) ck_assert_str_eq(reads(types, lines, body), expected)

/* ---- one body ---- */

START_TEST(a_body_of_a_type_that_is_understood_8_2_3)
{
    READS(SDP, C(SDP), "v=0", SDP "=v=0");
    READS("text/plain, " SDP, C("Application / SDP ;x=y"), "v=0", "Application / SDP ;x=y=v=0");
    READS("text/plain," SDP, C("text/plain;charset=utf-8"), "hi", "text/plain;charset=utf-8=hi");
    READS(SDP, C("text/plain"), "hi", "415");
    READS("application/sd", C(SDP), "v=0", "415");
    READS("text/sdp", C(SDP), "v=0", "415");
    READS(SDP, "", "", "");
    READS(SDP, C("text/plain"), "", ""); /* no bytes ask for nothing */
    READS(SDP, C(MIXED("b")), "", "");
}
END_TEST

START_TEST(nobody_in_particular_takes_it_as_it_stands)
{
    READS("", C("a/b") "Content-Encoding: gzip\r\n", "x", "a/b=x");
    READS("", C(MIXED("b")), END("b"), MIXED("b") "=--b--\r\n");
    READS("", C("a/b"), "", "");
}
END_TEST

START_TEST(what_may_be_passed_over_20_11)
{
    READS(SDP, C("a/b") OPTIONAL, "x", "");
    READS(SDP, C("a/b") "Content-Disposition: render; HANDLING = Optional\r\n", "x", "");
    READS(SDP, C("a/b") "Content-Disposition: render;handling=required\r\n", "x", "415");
    READS(SDP, C("a/b") "Content-Disposition: render\r\n", "x", "415");
    READS(SDP, C("a/b") "Content-Disposition: render;handling=optional;;\r\n", "x", "415");
    READS(SDP, C(SDP) "Content-Disposition: session;handling=optional\r\n", "v=0", SDP "=v=0");
}
END_TEST

START_TEST(a_description_is_of_the_session_20_11)
{
    READS(SDP, C(SDP) "Content-Disposition: Session\r\n", "v=0", SDP "=v=0");
    READS(SDP, C(SDP) "Content-Disposition: early-session\r\n", "v=0", "415");
    READS(SDP, C(SDP) "Content-Disposition: early-session;handling=optional\r\n", "v=0", "");
    READS("a/b", C("a/b") "Content-Disposition: icon\r\n", "x", "a/b=x");
}
END_TEST

START_TEST(an_encoding_that_is_not_the_identity_20_12)
{
    READS(SDP, C(SDP) "Content-Encoding: gzip\r\n", "v=0", "415 by encoding");
    READS(SDP, C(SDP) "e: identity, gzip\r\n", "v=0", "415 by encoding");
    READS(SDP, C(SDP) "e: identity\r\ne: tar\r\n", "v=0", "415 by encoding");
    READS(SDP, C(SDP) "e: tar\r\ne: identity\r\n", "v=0", "415 by encoding");
    READS(SDP, C(SDP) "e: Identity\r\n", "v=0", SDP "=v=0");
    READS(SDP, C("a/b") "e: gzip\r\n", "v=0", "415"); /* of a type that is no better */
    READS(SDP, C(SDP) "e: gzip\r\n" OPTIONAL, "v=0", "");
    READS(SDP, C(SDP) "Content-Transfer-Encoding: base64\r\n", "dj0w", "415 by encoding");
    READS(SDP, C(SDP) "Content-Transfer-Encoding: Binary\r\n", "v=0", SDP "=v=0");
    READS(SDP, C(MIXED("b")) "e: gzip\r\n", PART("b", C(SDP), "v=0") END("b"), "415 by encoding");
}
END_TEST

/* ---- multiparts ---- */

START_TEST(of_mixed_parts_the_one_that_is_understood_rfc5621_5)
{
    READS(SDP, C(MIXED("b")), PART("b", C(SDP), "v=0") END("b"), SDP "=v=0");
    READS(SDP, C(MIXED("b")), PART("b", C("a/b") OPTIONAL, "x") PART("b", C(SDP), "v=0") END("b"),
          SDP "=v=0");
    READS(SDP, C(MIXED("b")), PART("b", C(SDP), "v=0") PART("b", C(SDP), "v=1") END("b"),
          SDP "=v=0");
    READS(SDP, C("multipart/related;boundary=b;type=x"), PART("b", C(SDP), "v=0") END("b"),
          SDP "=v=0");
    READS(SDP, C(MIXED("b")), PART("b", C("a/b") OPTIONAL, "x") END("b"), "");
    READS(SDP, C(MIXED("b")), "preamble\r\n" END("b"), "");
    READS(SDP, C(MIXED("b")), PART("b", C("a/b"), "") PART("b", C(SDP), "v=0") END("b"),
          SDP "=v=0"); /* no bytes ask for nothing */
}
END_TEST

START_TEST(the_order_of_types_is_that_of_preference)
{
    READS(SDP ",text/plain", C(MIXED("b")),
          PART("b", C("text/plain"), "hi") PART("b", C(SDP), "v=0") END("b"), SDP "=v=0");
    READS("text/plain," SDP, C(MIXED("b")),
          PART("b", C("text/plain"), "hi") PART("b", C(SDP), "v=0") END("b"), "text/plain=hi");
    /* what the sender of alternatives prefers stands last */
    READS(SDP ",text/plain", C(ALTERNATIVE("b")),
          PART("b", C(SDP), "v=0") PART("b", C("text/plain"), "hi") END("b"), "text/plain=hi");
}
END_TEST

/* It is read all the same, for who cannot answer. */
START_TEST(a_part_that_must_be_understood_and_is_not_rfc5621_8)
{
    READS(SDP, C(MIXED("b")), PART("b", C(SDP), "v=0") PART("b", C("a/b"), "x") END("b"),
          "415" SDP "=v=0");
    READS(SDP, C(MIXED("b")), PART("b", C("a/b"), "x") PART("b", C(SDP), "v=0") END("b"),
          "415" SDP "=v=0");
    READS(SDP, C(MIXED("b")), PART("b", C(SDP) "Content-Encoding: gzip\r\n", "v=0") END("b"),
          "415 by encoding");
    READS(SDP, C(MIXED("b")),
          PART("b", C(SDP) "content-transfer-encoding: base64\r\n", "dj0w") END("b"),
          "415 by encoding");
    /* the first of them is what the answer is about */
    READS(SDP, C(MIXED("b")),
          PART("b", C(SDP) "Content-Encoding: gzip\r\n", "v=0") PART("b", C("a/b"), "x") END("b"),
          "415 by encoding");
    READS(SDP, C(MIXED("b")),
          PART("b", C("a/b"), "x") PART("b", C(SDP) "Content-Encoding: gzip\r\n", "v=0") END("b"),
          "415");
    READS(SDP, C(MIXED("b")), PART("b", C("malformed"), "x") END("b"), "415");
    READS(SDP, C(MIXED("b")) OPTIONAL, PART("b", C("a/b"), "x") END("b"), "");
    READS(SDP, C(MIXED("b")) OPTIONAL, PART("b", C(SDP), "v=0") END("b"), SDP "=v=0");
}
END_TEST

START_TEST(an_early_session_beside_the_session_rfc3959)
{
    READS(SDP, C(MIXED("b")),
          PART("b", C(SDP) "Content-Disposition: early-session;handling=optional\r\n", "v=e")
              PART("b", C(SDP) "Content-Disposition: session\r\n", "v=0") END("b"),
          SDP "=v=0");
}
END_TEST

START_TEST(of_alternatives_the_last_that_is_understood_rfc2046_5_1_4)
{
    READS(SDP, C(ALTERNATIVE("b")), PART("b", C(SDP), "v=0") PART("b", C(SDP), "v=1") END("b"),
          SDP "=v=1");
    READS(SDP, C(ALTERNATIVE("b")), PART("b", C(SDP), "v=0") PART("b", C("a/b"), "x") END("b"),
          SDP "=v=0");
    READS(SDP, C(ALTERNATIVE("b")), PART("b", C("a/b"), "x") PART("b", C(SDP), "v=0") END("b"),
          SDP "=v=0");
    READS(SDP, C(ALTERNATIVE("b")), PART("b", C("a/b"), "x") PART("b", C("a/c"), "y") END("b"),
          "415");
    READS(SDP, C(ALTERNATIVE("b")),
          PART("b", C(SDP), "v=0") PART("b", C(SDP) "Content-Encoding: gzip\r\n", "v=1") END("b"),
          SDP "=v=0");
    READS(SDP, C(ALTERNATIVE("b")), PART("b", C("a/b") OPTIONAL, "x") END("b"), "");
    READS(SDP, C(ALTERNATIVE("b")) OPTIONAL, PART("b", C("a/b"), "x") END("b"), "");
}
END_TEST

START_TEST(a_part_without_a_type_is_text_rfc2046_5_1)
{
    READS("text/plain", C(MIXED("b")), PART("b", "", "hi") END("b"), "text/plain=hi");
    READS(SDP, C(MIXED("b")), PART("b", "", "hi") END("b"), "415");
}
END_TEST

/* ---- one in another ---- */

START_TEST(a_multipart_in_a_multipart_rfc5621_4)
{
    READS(SDP, C(MIXED("o")),
          PART("o", C("a/b") OPTIONAL, "x")
              PART("o", C(ALTERNATIVE("i")),
                   PART("i", C("a/c"), "y") PART("i", C(SDP), "v=0") END("i")) END("o"),
          SDP "=v=0");
    READS(SDP, C(ALTERNATIVE("o")),
          PART("o", C(SDP), "v=0")
              PART("o", C(MIXED("i")), PART("i", C(SDP), "v=1") PART("i", C("a/b"), "y") END("i"))
                  END("o"),
          SDP "=v=0"); /* the last alternative is understood in part alone */
    READS(SDP, C(ALTERNATIVE("o")),
          PART("o", C(SDP), "v=0") PART("o", C(MIXED("i")), PART("i", C(SDP), "v=1") END("i"))
              END("o"),
          SDP "=v=1");
    READS(SDP ",text/plain", C(MIXED("o")),
          PART("o", C("text/plain"), "hi")
              PART("o", C(MIXED("i")), PART("i", C(SDP), "v=0") END("i")) END("o"),
          SDP "=v=0");
    READS(SDP, C(MIXED("o")),
          PART("o", C(MIXED("i")) OPTIONAL, PART("i", C("a/b"), "y") END("i"))
              PART("o", C(SDP), "v=0") END("o"),
          SDP "=v=0");
}
END_TEST

/* Two levels; what stands deeper is not understood. */
START_TEST(no_deeper_than_two_rfc5621_4)
{
#define DEEP PART("i", C(MIXED("k")), PART("k", C(SDP), "v=k") END("k"))
    READS(SDP, C(MIXED("o")), PART("o", C(MIXED("i")), DEEP END("i")) END("o"), "415");
    READS(SDP, C(MIXED("o")),
          PART("o", C(MIXED("i")), PART("i", C(SDP), "v=0") DEEP END("i")) END("o"),
          "415" SDP "=v=0");
    READS(SDP, C(MIXED("o")),
          PART("o", C(MIXED("i")),
               PART("i", C(SDP), "v=0") PART("i", C(MIXED("k")) OPTIONAL,
                                             PART("k", C(SDP), "v=k") END("k")) END("i")) END("o"),
          SDP "=v=0");
#undef DEEP
}
END_TEST

START_TEST(one_that_is_not_whole_is_not_understood_rfc2046_5_1_1)
{
    READS(SDP, C(MIXED("b")), PART("b", C(SDP), "v=0"), "415");
    READS(SDP, C(MIXED("b")), PART("b", C(SDP), "v=0") PART("b", C(SDP), "v=1"), "415" SDP "=v=0");
    READS(SDP, C(ALTERNATIVE("b")), PART("b", C(SDP), "v=0") PART("b", C(SDP), "v=1"),
          "415" SDP "=v=0");
    READS(SDP, C("multipart/mixed"), PART("b", C(SDP), "v=0") END("b"), "415");
    READS(SDP, C(MIXED("c")), PART("b", C(SDP), "v=0") END("b"), "415");
    READS(SDP, C(MIXED("b")) OPTIONAL, PART("b", C("a/b"), "x"), "");
}
END_TEST

START_TEST(a_multipart_that_is_wanted_itself)
{
    READS(SDP ",multipart/related", C("multipart/related;boundary=b"), END("b"),
          "multipart/related;boundary=b=--b--\r\n");
    /* these two are read part by part, whatever is said */
    READS("multipart/mixed," SDP ",multipart/alternative", C(MIXED("b")),
          PART("b", C(SDP), "v=0") END("b"), SDP "=v=0");
    READS("multipart/mixed," SDP, C("multipart/mixed"), "x", "415");
}
END_TEST

START_TEST(a_response_is_read_the_same_way_8_1_3)
{
    static const char response[] =
        "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\n"
        "To: <sip:c@d>;tag=2\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\n" C(MIXED("b")) "\r\n" PART(
            "b", C("application/isup"), "x") PART("b", C(SDP), "v=0") END("b");
    static const char untyped[] = "ACK sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx\r\n"
                                  "From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nCall-ID: x\r\n"
                                  "CSeq: 1 ACK\r\n\r\nv=0";
    struct ps_message m;
    struct ps_content c;
    ck_assert(!ps_message_parse(&m, response, sizeof response - 1, NULL, NULL));
    ps_content_read(&c, &m, PS_S(SDP));
    ck_assert_uint_eq(c.status, 415);
    ck_assert_slice_eq(c.body, "v=0");
    ck_assert_slice_eq(c.type, SDP);
    ck_assert(!ps_message_parse(&m, untyped, sizeof untyped - 1, NULL, NULL));
    ps_content_read(&c, &m, PS_S(SDP));
    ck_assert(!c.status && !c.body.n);
}
END_TEST

/* 64 KB of the smallest parts, and of delimiters that nest: one pass. */
START_TEST(many_parts)
{
    static char body[66000];
    struct ps_writer w = ps_writer(body, sizeof body);
    while (w.n < 64000)
        ps_put_string(&w, PART("b", C(SDP), "v"));
    ps_put_string(&w, END("b"));
    ps_put_char(&w, '\0');
    ck_assert(!w.error);
    READS(SDP, C(MIXED("b")), body, SDP "=v");
    w = ps_writer(body, sizeof body);
    while (w.n < 64000)
        ps_put_string(&w, "--b\r\n" C(MIXED("b")) "\r\n");
    ps_put_char(&w, '\0');
    READS(SDP, C(MIXED("b")), body, "415");
}
END_TEST

/* ---- 20.1 ---- */

START_TEST(an_accept_takes_or_refuses_20_1)
{
    static const struct {
        const char *lines;
        bool takes;
    } cases[] = {
        {"", true},
        {"Accept: application/sdp\r\n", true},
        {"Accept: APPLICATION/SDP;level=1;q=0.1\r\n", true},
        {"Accept: text/html\r\nAccept: text/plain, application/sdp\r\n", true},
        {"Accept: application/*\r\n", true},
        {"Accept: */*\r\n", true},
        {"Accept: */*;q=0.001\r\n", true},
        {"Accept: application/sdp;q=x\r\n", true}, /* a malformed q is none */
        {"Accept:\r\n", false},
        {"Accept: text/html\r\n", false},
        {"Accept: text/*, application/pidf+xml\r\n", false},
        {"Accept: application/sdp;q=0\r\n", false},
        {"Accept: application/sdp;q=0.000, */*\r\n", false}, /* the most specific one decides */
        {"Accept: */*, application/*;q=0\r\n", false},
        {"Accept: application/*;q=0, application/sdp\r\n", true},
        {"Accept: sdp\r\n", false},
        {"Accept: application/sdp;level=1, application/sdp;q=0\r\n", true}, /* one is enough */
        {"Accept: application/sdp;q=0, application/sdp;level=1\r\n", true},
    };
    unsigned i;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++)
        ck_assert_msg(ps_content_acceptable(message(cases[i].lines, ""), PS_S(SDP)) ==
                          cases[i].takes,
                      "%s", cases[i].lines);
    ck_assert(ps_content_acceptable(message("Accept: a/b\r\n", ""), PS_S(SDP ", A/B")));
    ck_assert(!ps_content_acceptable(message("", ""), PS_S("a/b")));
}
END_TEST

START_TEST(without_an_accept_only_an_invite_assumes_20_1)
{
    static const char options[] = "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nFrom: sip:a\r\n"
                                  "To: sip:a\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\n\r\n";
    struct ps_message m;
    ck_assert(!ps_message_parse(&m, options, sizeof options - 1, NULL, NULL));
    ck_assert(ps_content_acceptable(&m, PS_S("a/b")));
}
END_TEST

START_TEST(a_415_says_what_is_understood_21_4_13)
{
    struct ps_content c = content(SDP, C("a/b"), "x");
    char out[128];
    struct ps_writer w = ps_writer(out, sizeof out);
    ps_write_content_accepted(&w, &c, PS_S(SDP ", text/plain"));
    ck_assert_slice_eq(ps_written(&w), "Accept: " SDP ", text/plain\r\n");
    c = content(SDP, C(SDP) "e: gzip\r\n", "x");
    w = ps_writer(out, sizeof out);
    ps_write_content_accepted(&w, &c, PS_S(SDP));
    ck_assert_slice_eq(ps_written(&w), "Accept-Encoding: identity\r\n");
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("body");
    TCase *t = tcase_create("body");
    tcase_add_test(t, a_body_of_a_type_that_is_understood_8_2_3);
    tcase_add_test(t, nobody_in_particular_takes_it_as_it_stands);
    tcase_add_test(t, what_may_be_passed_over_20_11);
    tcase_add_test(t, a_description_is_of_the_session_20_11);
    tcase_add_test(t, an_encoding_that_is_not_the_identity_20_12);
    tcase_add_test(t, of_mixed_parts_the_one_that_is_understood_rfc5621_5);
    tcase_add_test(t, the_order_of_types_is_that_of_preference);
    tcase_add_test(t, a_part_that_must_be_understood_and_is_not_rfc5621_8);
    tcase_add_test(t, an_early_session_beside_the_session_rfc3959);
    tcase_add_test(t, of_alternatives_the_last_that_is_understood_rfc2046_5_1_4);
    tcase_add_test(t, a_part_without_a_type_is_text_rfc2046_5_1);
    tcase_add_test(t, a_multipart_in_a_multipart_rfc5621_4);
    tcase_add_test(t, no_deeper_than_two_rfc5621_4);
    tcase_add_test(t, one_that_is_not_whole_is_not_understood_rfc2046_5_1_1);
    tcase_add_test(t, a_multipart_that_is_wanted_itself);
    tcase_add_test(t, a_response_is_read_the_same_way_8_1_3);
    tcase_add_test(t, many_parts);
    tcase_add_test(t, an_accept_takes_or_refuses_20_1);
    tcase_add_test(t, without_an_accept_only_an_invite_assumes_20_1);
    tcase_add_test(t, a_415_says_what_is_understood_21_4_13);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
