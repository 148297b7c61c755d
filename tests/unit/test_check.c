/*
 * Covers sip/message/check: what a message must keep beyond its syntax, and which header a fault
 * names (RFC 3261 8.1.1, 8.2, 10.2.2, 16.3, 20.15).
 * Does not cover: the grammar of each header (test_values), the syntax of messages (test_parse),
 * the Unsupported line of a 420 (test_writing).
 */
#include "message_texts.h"

START_TEST(check_request_uri_8_2_2_1)
{
    bad("OPTIONS foo:bar SIP/2.0\r\n" BASE "\r\n", PS_E_SCHEME, "foo", 416);
    bad("OPTIONS sip:a@@b SIP/2.0\r\n" BASE "\r\n", PS_E_HOST, "@b", 400);
    bad("OPTIONS sip:a?b=c SIP/2.0\r\n" BASE "\r\n", PS_E_URI, "b=c", 400);
    bad("ACK foo:bar SIP/2.0\r\n" VIA FROM TO CALL "CSeq: 1 ACK\r\n\r\n", PS_E_SCHEME, "foo", 0);
    good("OPTIONS tel:+1 SIP/2.0\r\n" BASE "\r\n");
}
END_TEST

START_TEST(check_values_8_2_2)
{
    static const char date[] = START BASE "Date: today\r\n\r\n";
    static const char route[] = START BASE "Route: sip:a\r\n\r\n";
    struct ps_fault fault;
    struct ps_message m;
    bad(date, PS_E_VALUE, "today", 400);
    ck_assert(!ps_message_parse(&m, date, strlen(date), NULL, NULL));
    /* not necessary for processing the request: ignored */
    ck_assert(!ps_message_check(&m, NULL, &fault));
    ck_assert(!ps_message_parse(&m, route, strlen(route), NULL, NULL));
    ck_assert_int_eq(ps_message_check(&m, NULL, &fault), PS_E_VALUE);
    ck_assert_str_eq(fault.rule, "RFC 3261 20.34");
    bad("SIP/2.0 200 OK\r\n" BASE "Date: today\r\n\r\n", PS_E_VALUE, "today", 0);
}
END_TEST

#define REGISTER "REGISTER sip:d SIP/2.0\r\n" VIA FROM TO CALL "CSeq: 1 REGISTER\r\n"

START_TEST(check_wildcard_10_2_2)
{
    good(REGISTER "Contact: *\r\nExpires: 0\r\n\r\n");
    bad(REGISTER "Contact: *\r\n\r\n", PS_E_VALUE, "*", 400);
    bad(REGISTER "Contact: *\r\nExpires: 1\r\n\r\n", PS_E_VALUE, "*", 400);
    bad(REGISTER "Contact: <sip:a>, *\r\nExpires: 0\r\n\r\n", PS_E_VALUE, "*", 400);
    bad(START BASE "Contact: *\r\nExpires: 0\r\n\r\n", PS_E_VALUE, "*", 400);
}
END_TEST

START_TEST(check_body_20_15_and_sizes)
{
    static const char typed[] = START BASE "Content-Type: text/plain\r\n\r\nbody";
    struct ps_check_options options;
    struct ps_fault fault;
    struct ps_message m;
    bad(START BASE "\r\nbody", PS_E_MISSING_HEADER, "body", 400);
    good(typed);
    memset(&options, 0, sizeof options);
    ck_assert(!ps_message_parse(&m, typed, strlen(typed), NULL, NULL));
    options.max_body = 4;
    ck_assert(!ps_message_check(&m, &options, &fault));
    options.max_body = 3;
    ck_assert_int_eq(ps_message_check(&m, &options, &fault), PS_E_TOO_LARGE);
    ck_assert_uint_eq(fault.status, 413);
}
END_TEST

/* 8.2.7, 18.1.2: nobody is told of it, and what they are for does not hang on it. */
START_TEST(an_ack_or_response_whose_body_has_no_type_20_15)
{
    static const char *const texts[] = {ACK "\r\nbody", ACK "l: 4\r\n\r\nbody",
                                        "SIP/2.0 200 OK\r\n" BASE "\r\nbody"};
    char out[512];
    unsigned i;
    for (i = 0; i < 3; i++) {
        struct ps_writer w = ps_writer(out, sizeof out);
        struct ps_message m;
        good(texts[i]);
        ck_assert(!ps_message_parse(&m, texts[i], strlen(texts[i]), NULL, NULL));
        ck_assert(!ps_message_check(&m, NULL, NULL));
        ck_assert_uint_eq(ps_body(&m).n, 0);
        ck_assert_slice_eq(ps_body_bytes(&m), "body");
        ck_assert_uint_eq(ps_message_bytes(&m).n, strlen(texts[i]));
        ps_write_message(&w, &m); /* it is not lost where a message is written again */
        ck_assert(!w.error && !memcmp(out + w.n - 8, "\r\n\r\nbody", 8));
        ps_put_char(&w, '\0');
        ck_assert_ptr_nonnull(strstr(out, "Content-Length: 4\r\n"));
    }
    bad("CANCEL sip:a SIP/2.0\r\n" VIA FROM TO CALL "CSeq: 1 CANCEL\r\n\r\nbody",
        PS_E_MISSING_HEADER, "body", 400);
}
END_TEST

/* A malformed type is one that nobody understands. */
START_TEST(an_ack_or_response_whose_type_is_malformed_20_15)
{
    static const char *const texts[] = {ACK "c: application\r\n\r\nbody", ACK "c:\r\n\r\nbody",
                                        "SIP/2.0 200 OK\r\n" BASE "c: a/b;\r\n\r\nbody"};
    static const char request[] = START BASE "c: application\r\n\r\nbody";
    struct ps_message m;
    unsigned i;
    for (i = 0; i < 3; i++) {
        ck_assert(!ps_message_parse(&m, texts[i], strlen(texts[i]), NULL, NULL));
        ck_assert(!ps_message_check(&m, NULL, NULL));
    }
    ck_assert(!ps_message_parse(&m, request, strlen(request), NULL, NULL));
    ck_assert_int_eq(ps_message_check(&m, NULL, NULL), PS_E_VALUE);
}
END_TEST

/* The header that is wrong, or that is not there; none for the start line. */
START_TEST(a_fault_names_its_header)
{
    static const struct {
        const char *text;
        enum ps_header_id header;
    } cases[] = {
        {START FROM TO CALL CSEQ "\r\n", PS_H_VIA},
        {START "Via: SIP/2.0/UDP h;ttl=x\r\n" FROM TO CALL CSEQ "\r\n", PS_H_VIA},
        {START VIA "From: <>\r\n" TO CALL CSEQ "\r\n", PS_H_FROM},
        {START VIA FROM CALL CSEQ "\r\n", PS_H_TO},
        {START BASE "t: <sip:a@b>\r\n\r\n", PS_H_TO},
        {START VIA FROM TO "i: a b\r\n" CSEQ "\r\n", PS_H_CALL_ID},
        {START VIA FROM TO CALL "CSeq: 1 BYE\r\n\r\n", PS_H_CSEQ},
        {START VIA FROM TO CALL "CSeq: 1\r\n\r\n", PS_H_CSEQ},
        {START BASE "Max-Forwards: 256\r\n\r\n", PS_H_MAX_FORWARDS},
        {START BASE "l: 1\r\n\r\n", PS_H_CONTENT_LENGTH},
        {START BASE "\r\nbody", PS_H_CONTENT_TYPE},
        {START BASE "Contact: *\r\n\r\n", PS_H_CONTACT},
        {START BASE "Refer-To: <sip:>\r\n\r\n", PS_H_REFER_TO},
        {START BASE "Date: today\r\n\r\n", PS_H_DATE},
        {START BASE "a b: c\r\n\r\n", PS_H_OTHER},
        {"OPTIONS sip:c@d SIP/3.0\r\n" BASE "\r\n", PS_H_OTHER},
        {"OPTIONS sip: SIP/2.0\r\n" BASE "\r\n", PS_H_OTHER},
    };
    unsigned i;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ps_fault fault = fault_of(cases[i].text, strlen(cases[i].text), NULL);
        ck_assert_msg(fault.error && fault.header == cases[i].header, "%s: %s in %s", cases[i].text,
                      ps_error_text(fault.error),
                      ps_header_name((enum ps_header_id)fault.header).p);
    }
}
END_TEST

static bool is_refused(const char *start, enum ps_header_id id)
{
    char text[512];
    struct ps_writer w = ps_writer(text, sizeof text);
    struct ps_message m;
    struct ps_fault fault;
    ps_put_string(&w, start);
    ps_put(&w, ps_header_name(id));
    ps_put(&w, PS_S(": ,\"\001\r\n\r\n"));
    ck_assert(!ps_message_parse(&m, text, w.n, NULL, NULL));
    ck_assert_int_ne(ps_header_check(id, ps_header_value(&m, id, 0)), PS_OK);
    return ps_message_check(&m, NULL, &fault) && fault.header == id;
}

/* Those that the parser reads are refused by it. */
START_TEST(a_malformed_header_matters_where_it_is_needed_8_2_2)
{
    static const enum ps_header_id needed[] = {PS_H_CONTACT,
                                               PS_H_ROUTE,
                                               PS_H_RECORD_ROUTE,
                                               PS_H_REQUIRE,
                                               PS_H_PROXY_REQUIRE,
                                               PS_H_EXPIRES,
                                               PS_H_SESSION_EXPIRES,
                                               PS_H_MIN_SE,
                                               PS_H_EVENT,
                                               PS_H_SUBSCRIPTION_STATE,
                                               PS_H_RSEQ,
                                               PS_H_RACK,
                                               PS_H_REPLACES,
                                               PS_H_REFER_TO,
                                               PS_H_CONTENT_TYPE};
    unsigned id, i;
    for (id = 1; id < PS_H_COUNT; id++) {
        bool is_needed = false;
        if ((id <= PS_H_MAX_FORWARDS) || id == PS_H_CONTENT_LENGTH)
            continue;
        for (i = 0; i < sizeof needed / sizeof needed[0]; i++)
            is_needed |= needed[i] == id;
        ck_assert_msg(is_refused(START BASE, (enum ps_header_id)id) == is_needed, "%s",
                      ps_header_name((enum ps_header_id)id).p);
    }
    ck_assert(!is_refused(ACK, PS_H_CONTENT_TYPE));
    ck_assert(!is_refused("SIP/2.0 200 OK\r\n" BASE, PS_H_CONTENT_TYPE));
    ck_assert(is_refused("SIP/2.0 200 OK\r\n" BASE, PS_H_RSEQ));
}
END_TEST

START_TEST(check_forwarding_and_require)
{
    static const char hops[] = START BASE "Max-Forwards: 0\r\n\r\n";
    static const char reply[] = "SIP/2.0 200 OK\r\n" BASE "Max-Forwards: 0\r\nRequire: a\r\n\r\n";
    static const char require[] = START BASE "Require: 100rel, a\r\nRequire: b\r\n\r\n";
    static const char cancel[] =
        "CANCEL sip:a SIP/2.0\r\n" VIA FROM TO CALL "CSeq: 1 CANCEL\r\nRequire: a\r\n\r\n";
    static const char ack[] = ACK "Require: a\r\n\r\n";
    struct ps_check_options options;
    struct ps_fault fault;
    struct ps_message m;
    memset(&options, 0, sizeof options);
    options.forwards = true;
    ck_assert(!ps_message_parse(&m, hops, strlen(hops), NULL, NULL));
    ck_assert_int_eq(ps_message_check(&m, &options, &fault), PS_E_NUMBER);
    ck_assert_uint_eq(fault.status, 483);
    options.supported = PS_S("timer, 100rel");
    ck_assert(!ps_message_parse(&m, reply, strlen(reply), NULL, NULL));
    ck_assert(!ps_message_check(&m, &options, &fault));
    ck_assert(!ps_message_parse(&m, cancel, strlen(cancel), NULL, NULL));
    ck_assert(!ps_message_check(&m, &options, &fault));
    ck_assert(!ps_message_parse(&m, ack, strlen(ack), NULL, NULL));
    ck_assert(!ps_message_check(&m, &options, &fault));
    ck_assert(!ps_message_parse(&m, require, strlen(require), NULL, NULL));
    ck_assert_int_eq(ps_message_check(&m, &options, &fault), PS_E_UNSUPPORTED);
    ck_assert_uint_eq(fault.status, 420);
    options.supported = PS_S("a,B,100rel");
    ck_assert(!ps_message_check(&m, &options, &fault));
}
END_TEST

/* Returns what is wrong with a message that was indexed and not decoded, or parsed. */
static enum ps_error checked(const char *text, bool decoded)
{
    struct ps_message m;
    if (decoded)
        ck_assert(!ps_message_parse(&m, text, strlen(text), NULL, NULL));
    else
        ck_assert(!ps_message_index(&m, text, strlen(text), NULL, NULL));
    return ps_message_check(&m, NULL, NULL);
}

/* Reads all that the parser has not: the Vias behind the top one, the URIs of From and To; of an
 * index alone everything. */
START_TEST(check_what_the_parser_has_not_read)
{
    bool decoded = _i;
    ck_assert(!checked(START BASE "\r\n", decoded));
    ck_assert_int_eq(checked(START VIA "v: SIP/2.0/UDP\r\n" FROM TO CALL CSEQ "\r\n", decoded),
                     PS_E_HOST);
    ck_assert_int_eq(
        checked(START
                "Via: SIP/2.0/UDP a;branch=z9hG4bKx, SIP/2.0/UDP b;ttl=x\r\n" FROM TO CALL CSEQ
                "\r\n",
                decoded),
        PS_E_PARAMETER);
    ck_assert(!checked(
        START "Via: SIP/2.0/UDP a;branch=z9hG4bKx,\r\n SIP/2.0/UDP b\r\n" FROM TO CALL CSEQ "\r\n",
        decoded));
    ck_assert_int_eq(checked(START VIA "From: <sip:a@@b>;tag=1\r\n" TO CALL CSEQ "\r\n", decoded),
                     PS_E_HOST);
    ck_assert_int_eq(checked(START VIA FROM "To: <sip:c:x@d:99999>\r\n" CALL CSEQ "\r\n", decoded),
                     PS_E_PORT);
    if (decoded)
        return;
    ck_assert_int_eq(checked(START "Via: SIP/2.0/UDP\r\n" FROM TO CALL CSEQ "\r\n", false),
                     PS_E_HOST);
    ck_assert_int_eq(checked(START VIA "From: <sip:a\r\n" TO CALL CSEQ "\r\n", false), PS_E_VALUE);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("check");
    TCase *t = tcase_create("check");
    tcase_add_test(t, check_request_uri_8_2_2_1);
    tcase_add_test(t, check_values_8_2_2);
    tcase_add_test(t, check_wildcard_10_2_2);
    tcase_add_test(t, check_body_20_15_and_sizes);
    tcase_add_test(t, an_ack_or_response_whose_body_has_no_type_20_15);
    tcase_add_test(t, an_ack_or_response_whose_type_is_malformed_20_15);
    tcase_add_test(t, a_fault_names_its_header);
    tcase_add_test(t, a_malformed_header_matters_where_it_is_needed_8_2_2);
    tcase_add_test(t, check_forwarding_and_require);
    tcase_add_loop_test(t, check_what_the_parser_has_not_read, 0, 2);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
