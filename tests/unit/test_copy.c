/*
 * Covers sip/message/copy: copies of messages with changes, as a draft is made into a request, a
 * request is made again, and a proxy forwards (RFC 3261 8.1.1.7, 16.6, 16.7, 22.2).
 * Does not cover: canonical writing (test_message).
 */
#include "message_texts.h"

#include <stdio.h>

static char out[4096];

START_TEST(draft_gets_via_and_contact)
{
    static const char draft[] = "OPTIONS sip:bob@example.com SIP/2.0\r\n"
                                "From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\n"
                                "Call-ID: x\r\nCSeq: 1 OPTIONS\r\nContent-Length: 2\r\n\r\nhi";
    struct ps_parse_options options = {false, false, true};
    struct ps_message m;
    struct ps_flow flow = flow_of("10.0.0.9", "10.0.0.2:4000");
    struct ps_edit edit;
    struct ps_writer w = ps_writer(out, sizeof out);
    ck_assert_int_eq(ps_message_parse(&m, draft, strlen(draft), NULL, NULL), PS_E_MISSING_HEADER);
    ck_assert_int_eq(ps_message_parse(&m, draft, strlen(draft), &options, NULL), PS_OK);
    memset(&edit, 0, sizeof edit);
    edit.via_flow = &flow;
    edit.via_branch = PS_S("z9hG4bKn");
    edit.contact = PS_S("<sip:a@10.0.0.9>");
    edit.lines = PS_S("Expires: 3\r\n");
    edit.cseq = 2147483647;
    edit.to_tag = PS_S("tt");
    ps_write_copy(&w, &m, &edit);
    ck_assert_str_eq(text_of(&w), "OPTIONS sip:bob@example.com SIP/2.0\r\n"
                                  "Via: SIP/2.0/UDP 10.0.0.9:5060;branch=z9hG4bKn;rport\r\n"
                                  "From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=tt\r\n"
                                  "Call-ID: x\r\nCSeq: 2147483647 OPTIONS\r\n"
                                  "Contact: <sip:a@10.0.0.9>\r\nExpires: 3\r\n"
                                  "Content-Length: 2\r\n\r\nhi");
}
END_TEST

START_TEST(copy_with_changes)
{
    struct ps_message m = parsed(INVITE);
    struct ps_flow flow = flow_of("[::1]:5080", "[::2]");
    const uint8_t drop[] = {PS_H_ROUTE, PS_H_OTHER, PS_H_TIMESTAMP};
    struct ps_edit edit;
    struct ps_writer w = ps_writer(out, sizeof out);
    memset(&edit, 0, sizeof edit);
    edit.via_flow = &flow;
    edit.via_branch = PS_S("z9hG4bKn");
    edit.request_uri = PS_S("sip:new");
    edit.contact = PS_S("<sip:c>");
    edit.drop = drop;
    edit.drops = 3;
    ps_write_copy(&w, &m, &edit);
    ck_assert_str_eq(text_of(&w), "INVITE sip:new SIP/2.0\r\n"
                                  "Via: SIP/2.0/UDP [::1]:5080;branch=z9hG4bKn;rport\r\n"
                                  "Via: SIP/2.0/TCP [2001:db8::1];branch=z9hG4bKb\r\n"
                                  "v: SIP/2.0/UDP h;branch=z9hG4bKc\r\n"
                                  "From: \"A, B\" <sip:alice@example.com>;tag=f1\r\n"
                                  "To: <sip:bob@example.com>\r\n"
                                  "Call-ID: c1@host\r\n"
                                  "CSeq: 7 INVITE\r\n"
                                  "Max-Forwards: 69\r\n"
                                  "Contact: <sip:c>\r\n"
                                  "k: timer,\r\n  100rel\r\n"
                                  "Expires: 30;x\r\n"
                                  "Subject:\r\n"
                                  "Content-Type: text/plain\r\n"
                                  "Content-Length: 4\r\n\r\nbody");
}
END_TEST

/* 16.6: what a proxy sends on: its Via and Record-Route first, the rest as it came. */
START_TEST(a_header_put_first_16_6)
{
    struct ps_message m = parsed("BYE sip:b@h SIP/2.0\r\nRoute: <sip:r;lr>\r\n"
                                 "Via: SIP/2.0/UDP a;branch=1 , SIP/2.0/UDP b;branch=2\r\n"
                                 "f: <sip:a>;tag=1\r\nt: <sip:b>;tag=2\r\ni: x\r\nCSeq: 1 BYE\r\n"
                                 "Content-Length: 0\r\n\r\n");
    const uint8_t drop[] = {PS_H_ROUTE};
    struct ps_edit edit;
    struct ps_writer w = ps_writer(out, sizeof out);
    memset(&edit, 0, sizeof edit);
    edit.first = PS_S("Via: SIP/2.0/UDP proxy;branch=z9hG4bKp\r\nRecord-Route: <sip:proxy;lr>\r\n");
    edit.drop = drop;
    edit.drops = 1;
    ps_write_copy(&w, &m, &edit);
    ck_assert_str_eq(text_of(&w), "BYE sip:b@h SIP/2.0\r\n"
                                  "Via: SIP/2.0/UDP proxy;branch=z9hG4bKp\r\n"
                                  "Record-Route: <sip:proxy;lr>\r\n"
                                  "Via: SIP/2.0/UDP a;branch=1 , SIP/2.0/UDP b;branch=2\r\n"
                                  "f: <sip:a>;tag=1\r\nt: <sip:b>;tag=2\r\ni: x\r\nCSeq: 1 BYE\r\n"
                                  "Content-Length: 0\r\n\r\n");
    edit.first = PS_S("no line");
    w = ps_writer(out, sizeof out);
    ps_write_copy(&w, &m, &edit);
    ck_assert_int_eq(w.error, PS_E_INJECTION);
}
END_TEST

/* 16.7: a response goes on without our Via; its own reason phrase, an empty one too, stays. */
START_TEST(the_top_via_dropped_16_7)
{
#define REST                                                                                       \
    "f: <sip:a>;tag=1\r\nt: <sip:b>;tag=2\r\ni: x\r\nCSeq: 1 BYE\r\nl: 2\r\nc: a/b\r\n\r\nhi"
    static const struct {
        const char *vias, *left;
    } cases[] = {
        {"Via: SIP/2.0/UDP us;branch=1\r\nVia: SIP/2.0/UDP a\r\n", "Via: SIP/2.0/UDP a\r\n"},
        {"v: SIP/2.0/UDP us;branch=1, SIP/2.0/UDP a\r\nVia: SIP/2.0/UDP b\r\n",
         "v: SIP/2.0/UDP a\r\nVia: SIP/2.0/UDP b\r\n"},
        {"Via: SIP/2.0/UDP us;branch=1\r\n", ""}};
    static const char *const starts[] = {"SIP/2.0 200 Fine\r\n", "SIP/2.0 487 \r\n"};
    unsigned i;
    for (i = 0; i < 3; i++) {
        char text[512], wanted[512];
        struct ps_message m;
        struct ps_edit edit;
        struct ps_writer w = ps_writer(out, sizeof out);
        snprintf(text, sizeof text, "%s%s" REST, starts[i % 2], cases[i].vias);
        snprintf(wanted, sizeof wanted, "%s%s", starts[i % 2], cases[i].left);
        m = parsed(text);
        memset(&edit, 0, sizeof edit);
        edit.drop_via = true;
        ps_write_copy(&w, &m, &edit);
        ck_assert_msg(!strncmp(text_of(&w), wanted, strlen(wanted)), "%s", out);
        ck_assert_ptr_nonnull(strstr(out, "CSeq: 1 BYE\r\nContent-Length: 2\r\nc: a/b\r\n\r\nhi"));
    }
#undef REST
}
END_TEST

START_TEST(copy_of_each_kind_of_line)
{
    static const char text[] = "OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP h\r\n" HEAD
                               "CSeq: 1 OPTIONS\r\nContact: <sip:1>\r\nContact: <sip:2>\r\n"
                               "l: 0\r\nExpires: 1\r\n\r\n";
    struct ps_message m = parsed(text);
    struct ps_flow flow = flow_of("10.0.0.9", "10.0.0.2");
    struct ps_edit edit;
    struct ps_writer w = ps_writer(out, sizeof out);
    memset(&edit, 0, sizeof edit);
    ps_write_copy(&w, &m, &edit);
    ck_assert_str_eq(text_of(&w), "OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP h\r\n" HEAD
                                  "CSeq: 1 OPTIONS\r\nContact: <sip:1>\r\nContact: <sip:2>\r\n"
                                  "Content-Length: 0\r\nExpires: 1\r\n\r\n");
    edit.via_flow = &flow;
    edit.via_branch = PS_S("b");
    edit.to_tag = PS_S("new");
    edit.contact = PS_S("<sip:3>");
    w = ps_writer(out, sizeof out);
    ps_write_copy(&w, &m, &edit);
    ck_assert_str_eq(text_of(&w),
                     "OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.9:5060;branch=b;rport\r\n"
                     "From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=new;x\r\nCall-ID: x\r\n"
                     "CSeq: 1 OPTIONS\r\nContact: <sip:3>\r\n"
                     "Content-Length: 0\r\nExpires: 1\r\n\r\n");
}
END_TEST

START_TEST(copy_of_a_faulty_request_is_bounded)
{
    static const char text[] = "OPTIONS sip:a SIP/2.0\r\n" HEAD "CSeq: x\r\n\r\n";
    const struct ps_parse_options draft = {false, false, true};
    struct ps_message m;
    struct ps_edit edit;
    struct ps_writer w = ps_writer(out, sizeof out);
    memset(&edit, 0, sizeof edit);
    edit.cseq = 2;
    ck_assert_int_eq(ps_message_parse(&m, text, strlen(text), &draft, NULL), PS_E_NUMBER);
    ps_write_copy(&w, &m, &edit);
    ck_assert_ptr_nonnull(strstr(text_of(&w), "CSeq: \r\n"));
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("copy");
    TCase *t = tcase_create("copy");
    tcase_add_test(t, draft_gets_via_and_contact);
    tcase_add_test(t, copy_with_changes);
    tcase_add_test(t, a_header_put_first_16_6);
    tcase_add_test(t, the_top_via_dropped_16_7);
    tcase_add_test(t, copy_of_each_kind_of_line);
    tcase_add_test(t, copy_of_a_faulty_request_is_bounded);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
