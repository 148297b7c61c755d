/*
 * Covers sip/message: every captured message parsed, decoded and written back; walking headers;
 * responses (8.2.6), ACK (17.1.1.3), CANCEL (9.1).
 * Does not cover: what parsing refuses (test_parse), single header values (test_header), copies
 * with changes (test_copy).
 */
#include "message_texts.h"
#include "trace_files.h"

/* ---- the captured messages ---- */

static void same_meaning(const struct ps_message *a, const struct ps_message *b)
{
    unsigned i;
    ck_assert_uint_eq(a->method, b->method);
    ck_assert_uint_eq(a->status, b->status);
    ck_assert_uint_eq(a->cseq, b->cseq);
    ck_assert_uint_eq(a->cseq_method, b->cseq_method);
    ck_assert_uint_eq(a->max_forwards, b->max_forwards);
    ck_assert_uint_eq(a->via_port, b->via_port);
    ck_assert_slices_eq(ps_request_uri(a), ps_request_uri(b));
    ck_assert_slices_eq(ps_call_id(a), ps_call_id(b));
    ck_assert_slices_eq(ps_via_branch(a), ps_via_branch(b));
    ck_assert_slices_eq(ps_from_tag(a), ps_from_tag(b));
    ck_assert_slices_eq(ps_to_tag(a), ps_to_tag(b));
    ck_assert_slices_eq(ps_body(a), ps_body(b));
    ck_assert_uint_le(a->lines, b->lines); /* a Content-Length may have come to them */
    for (i = 0; i < a->lines; i++) {
        ck_assert_uint_eq(a->line[i].id, b->line[i].id);
        if (!a->line[i].folded)
            ck_assert_slices_eq(ps_span_of(a, a->line[i].value), ps_span_of(b, b->line[i].value));
    }
}

/* Parse, write canonically, parse again: the same meaning; written again: the same bytes. */
static void round_trip(const struct trace_file *file, const struct ps_message *m)
{
    static char once[65536], twice[65536];
    struct ps_writer w = ps_writer(once, sizeof once), v = ps_writer(twice, sizeof twice);
    struct ps_message b, c;
    ps_write_message(&w, m);
    ck_assert_msg(!ps_message_parse(&b, once, ps_written(&w).n, NULL, NULL), "%s", file->name);
    same_meaning(m, &b);
    ps_write_message(&v, &b);
    ck_assert_int_eq(ps_message_parse(&c, twice, ps_written(&v).n, NULL, NULL), PS_OK);
    ck_assert_msg(ps_equal(ps_written(&v), ps_written(&w)), "%s", file->name);
}

START_TEST(captured_messages_round_trip)
{
    struct trace_file *files;
    size_t n = trace_files("tests/traces", &files), i;
    struct ps_check_options all = {true, false, 0, PS_NONE};
    ck_assert_uint_ge(n, 80);
    for (i = 0; i < n; i++) {
        struct ps_message m;
        struct ps_fault fault;
        ck_assert_msg(!ps_message_parse(&m, files[i].bytes, files[i].n, NULL, &fault),
                      "%s: %s at %u", files[i].name, ps_error_text(fault.error), fault.offset);
        ck_assert_msg(!ps_message_check(&m, &all, &fault), "%s: %s at %u (%s)", files[i].name,
                      ps_error_text(fault.error), fault.offset, fault.rule);
        ck_assert_slices_eq(ps_message_bytes(&m), ps_slice(files[i].bytes, files[i].n));
        ck_assert_msg(m.call_id.n && m.from_uri.n && m.to_uri.n && m.via_branch.n && m.via_host.n &&
                          m.from_tag.n && m.cseq && m.cseq_method,
                      "%s", files[i].name);
        round_trip(&files[i], &m);
    }
    trace_files_free(files, n);
}
END_TEST

START_TEST(torture_messages_round_trip)
{
    static const char *const folders[] = {"tests/traces/rfc4475", "tests/traces/rfc5118"};
    unsigned folder, valid = 0;
    for (folder = 0; folder < 2; folder++) {
        struct trace_file *files;
        size_t n = trace_files(folders[folder], &files), i;
        for (i = 0; i < n; i++) {
            struct ps_message m;
            if (ps_message_parse(&m, files[i].bytes, files[i].n, NULL, NULL))
                continue;
            valid++;
            ck_assert_slices_eq(ps_message_bytes(&m), ps_slice(files[i].bytes, m.n));
            round_trip(&files[i], &m);
        }
        trace_files_free(files, n);
    }
    ck_assert_uint_ge(valid, 38);
}
END_TEST

/* ---- an application's lines ---- */

static enum ps_error lines_of(const char *text, enum ps_error before)
{
    char out[64];
    struct ps_writer w = ps_writer(out, sizeof out);
    w.error = before;
    ps_write_lines(&w, ps_slice_of(text));
    if (!w.error)
        ck_assert_slice_eq(ps_written(&w), text);
    return w.error;
}

START_TEST(lines_are_header_lines_or_refused_7_3_1)
{
    static const char *const good[] = {"", "A: 1\r\n", "A:\r\nB : 2\r\n c\r\n"};
    static const char *const bad[] = {"A: 1",         "A: 1\r",         "A: 1\n",        "\r\n",
                                      "A: 1\r\n\r\n", "A\r\n",          " a: 1\r\n",     ": 1\r\n",
                                      "A B: 1\r\n",   "A: 1\rB: 2\r\n", "A: 1\nB: 2\r\n"};
    unsigned i;
    for (i = 0; i < sizeof good / sizeof *good; i++)
        ck_assert_int_eq(lines_of(good[i], PS_OK), PS_OK);
    for (i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(lines_of(bad[i], PS_OK) == PS_E_INJECTION, "%u", i);
    ck_assert_int_eq(lines_of("A: 1", PS_E_OVERFLOW), PS_E_OVERFLOW); /* the first error sticks */
}
END_TEST

/* ---- walking ---- */

START_TEST(decoded_fields)
{
    struct ps_message m = parsed(INVITE);
    struct ps_via via;
    ck_assert(ps_is_request(&m));
    ck_assert_int_eq(m.method, PS_METHOD_INVITE);
    ck_assert_slice_eq(ps_request_method(&m), "INVITE");
    ck_assert_slice_eq(ps_request_uri(&m), "sip:bob@example.com;x=1");
    ck_assert_slice_eq(ps_call_id(&m), "c1@host");
    ck_assert_slice_eq(ps_from_tag(&m), "f1");
    ck_assert_slice_eq(ps_to_tag(&m), "");
    ck_assert_slice_eq(ps_via_branch(&m), "z9hG4bKa");
    ck_assert_slice_eq(ps_span_of(&m, m.via_host), "10.0.0.1");
    ck_assert_uint_eq(m.via_port, 5070);
    ck_assert_slice_eq(ps_span_of(&m, m.from), "\"A, B\" <sip:alice@example.com>;tag=f1");
    ck_assert_slice_eq(ps_span_of(&m, m.from_uri), "sip:alice@example.com");
    ck_assert_slice_eq(ps_span_of(&m, m.to_uri), "sip:bob@example.com");
    ck_assert_slice_eq(ps_span_of(&m, m.contact), "<sip:alice@10.0.0.1:5070>;q=1");
    ck_assert_slice_eq(ps_body(&m), "body");
    ck_assert_uint_eq(m.cseq, 7);
    ck_assert_uint_eq(m.cseq_method, PS_METHOD_INVITE);
    ck_assert_uint_eq(m.max_forwards, 69);
    ps_top_via(&m, &via);
    ck_assert(via.has_rport);
    ck_assert_uint_eq(via.rport, 0);
    ck_assert_slice_eq(via.host, "10.0.0.1");
}
END_TEST

START_TEST(header_access_7_3_1)
{
    struct ps_message m = parsed(INVITE);
    struct ps_values values = ps_values(&m, PS_H_VIA);
    struct ps_slice element;
    unsigned n = 0;
    while (ps_values_next(&values, &element))
        n++;
    ck_assert_uint_eq(n, 3);
    ck_assert_slice_eq(ps_header_value(&m, PS_H_VIA, 1), "SIP/2.0/UDP h;branch=z9hG4bKc");
    ck_assert_ptr_null(ps_header_value(&m, PS_H_VIA, 2).p);
    ck_assert_slice_eq(ps_header_named(&m, PS_S("x-ODD")), "1");
    ck_assert_slice_eq(ps_header_named(&m, PS_S("call-id")), "c1@host");
    ck_assert_ptr_null(ps_header_named(&m, PS_S("X-None")).p);
    ck_assert_slice_eq(ps_header_named(&m, PS_S("l")), "4");
    ck_assert_ptr_nonnull(ps_header_value(&m, PS_H_SUBJECT, 0).p);
    ck_assert(ps_has_token(&m, PS_H_SUPPORTED, PS_S("100REL")));
    ck_assert(ps_has_token(&m, PS_H_SUPPORTED, PS_S("timer")));
    ck_assert(!ps_has_token(&m, PS_H_SUPPORTED, PS_S("100")));
    ck_assert(!ps_has_token(&m, PS_H_REQUIRE, PS_S("timer")));
    ck_assert_uint_eq(ps_header_number(&m, PS_H_EXPIRES, 5), 30);
    ck_assert_uint_eq(ps_header_number(&m, PS_H_MIN_EXPIRES, 5), 5);
    ck_assert_uint_eq(ps_header_number(&m, PS_H_CALL_ID, 5), 5);
    ck_assert_uint_eq(ps_header_number(&m, PS_H_SUBJECT, 5), 5);
}
END_TEST

/* ---- writing ---- */

static char out[4096];

START_TEST(response_8_2_6_rfc3581_4)
{
    struct ps_message m = parsed(INVITE);
    struct ps_flow flow = flow_of("10.0.0.9", "10.0.0.2:4000");
    struct ps_writer w = ps_writer(out, sizeof out);
    ps_write_response(&w, &m, &flow, 180, PS_NONE, PS_S("t1"));
    ps_write_body(&w, PS_NONE, PS_NONE);
    ck_assert_str_eq(text_of(&w), "SIP/2.0 180 Ringing\r\n"
                                  "Via: SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bKa"
                                  ";received=10.0.0.2;rport=4000, "
                                  "SIP/2.0/TCP [2001:db8::1];branch=z9hG4bKb\r\n"
                                  "v: SIP/2.0/UDP h;branch=z9hG4bKc\r\n"
                                  "From: \"A, B\" <sip:alice@example.com>;tag=f1\r\n"
                                  "To: <sip:bob@example.com>;tag=t1\r\n"
                                  "Call-ID: c1@host\r\n"
                                  "CSeq: 7 INVITE\r\n"
                                  "Content-Length: 0\r\n\r\n");
    w = ps_writer(out, sizeof out);
    ps_write_response(&w, &m, NULL, 100, PS_S("Wait"), PS_NONE);
    ck_assert_str_eq(text_of(&w), "SIP/2.0 100 Wait\r\n"
                                  "Via: SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bKa;rport, "
                                  "SIP/2.0/TCP [2001:db8::1];branch=z9hG4bKb\r\n"
                                  "v: SIP/2.0/UDP h;branch=z9hG4bKc\r\n"
                                  "From: \"A, B\" <sip:alice@example.com>;tag=f1\r\n"
                                  "To: <sip:bob@example.com>\r\n"
                                  "Call-ID: c1@host\r\n"
                                  "CSeq: 7 INVITE\r\n"
                                  "Timestamp: 54\r\n");
}
END_TEST

START_TEST(ack_17_1_1_3)
{
    struct ps_message m = parsed(INVITE);
    struct ps_message r = parsed("SIP/2.0 486 Busy Here\r\n"
                                 "Via: SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bKa\r\n"
                                 "From: \"A, B\" <sip:alice@example.com>;tag=f1\r\n"
                                 "To: <sip:bob@example.com>;tag=t9\r\n"
                                 "Call-ID: c1@host\r\nCSeq: 7 INVITE\r\n\r\n");
    struct ps_writer w = ps_writer(out, sizeof out);
    ps_write_ack(&w, &m, &r);
    ck_assert_str_eq(text_of(&w), "ACK sip:bob@example.com;x=1 SIP/2.0\r\n"
                                  "Via: SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bKa;rport\r\n"
                                  "Route: <sip:p1;lr>,<sip:p2;lr>\r\n"
                                  "Max-Forwards: 70\r\n"
                                  "From: \"A, B\" <sip:alice@example.com>;tag=f1\r\n"
                                  "To: <sip:bob@example.com>;tag=t9\r\n"
                                  "Call-ID: c1@host\r\n"
                                  "CSeq: 7 ACK\r\n"
                                  "Content-Length: 0\r\n\r\n");
}
END_TEST

START_TEST(cancel_9_1)
{
    struct ps_message m = parsed(INVITE);
    struct ps_writer w = ps_writer(out, sizeof out);
    ps_write_cancel(&w, &m);
    ck_assert_str_eq(text_of(&w), "CANCEL sip:bob@example.com;x=1 SIP/2.0\r\n"
                                  "Via: SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bKa;rport\r\n"
                                  "Route: <sip:p1;lr>,<sip:p2;lr>\r\n"
                                  "Max-Forwards: 70\r\n"
                                  "From: \"A, B\" <sip:alice@example.com>;tag=f1\r\n"
                                  "To: <sip:bob@example.com>\r\n"
                                  "Call-ID: c1@host\r\n"
                                  "CSeq: 7 CANCEL\r\n"
                                  "Content-Length: 0\r\n\r\n");
}
END_TEST

START_TEST(lists_and_numbers_as_phones_send_them)
{
    struct ps_message m = parsed("OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP h\r\n" HEAD
                                 "CSeq: 1 OPTIONS\r\nSupported: ,a,,b,\r\nSupported:\r\n"
                                 "Retry-After: 7(x)\r\nExpires: 8 x\r\nMin-Expires: 9x\r\n\r\n");
    struct ps_values values = ps_values(&m, PS_H_SUPPORTED);
    struct ps_slice element;
    ck_assert(ps_values_next(&values, &element));
    ck_assert_slice_eq(element, "a");
    ck_assert(ps_values_next(&values, &element));
    ck_assert_slice_eq(element, "b");
    ck_assert(!ps_values_next(&values, &element));
    ck_assert_uint_eq(ps_header_number(&m, PS_H_RETRY_AFTER, 1), 7);
    ck_assert_uint_eq(ps_header_number(&m, PS_H_EXPIRES, 1), 8);
    ck_assert_uint_eq(ps_header_number(&m, PS_H_MIN_EXPIRES, 1), 1);
}
END_TEST

/* The top Via of the answer to a request with this Via, from 10.0.0.2:4000. */
static const char *answered_via(const char *via)
{
    static char request[512];
    struct ps_message m;
    struct ps_flow flow = flow_of("10.0.0.9", "10.0.0.2:4000");
    struct ps_writer w = ps_writer(request, sizeof request);
    char *end;
    ps_put_string(&w, "OPTIONS sip:a SIP/2.0\r\nVia: ");
    ps_put_string(&w, via);
    ps_put_string(&w, "\r\n" HEAD "CSeq: 1 OPTIONS\r\n\r\n");
    ps_message_parse(&m, request, w.n, NULL, NULL);
    w = ps_writer(out, sizeof out);
    ps_write_response(&w, &m, &flow, 200, PS_NONE, PS_S("new"));
    text_of(&w);
    ck_assert_ptr_nonnull(strstr(out, "To: <sip:c@d>;tag=old;x\r\n"));
    end = strstr(out, "\r\nFrom");
    ck_assert_ptr_nonnull(end);
    *end = '\0';
    return strstr(out, "Via: ") + 5;
}

START_TEST(received_and_rport_18_2_1_rfc3581_4)
{
    ck_assert_str_eq(answered_via("SIP/2.0/UDP 10.0.0.2:5070;branch=x"),
                     "SIP/2.0/UDP 10.0.0.2:5070;branch=x");
    ck_assert_str_eq(answered_via("SIP/2.0/UDP 10.0.0.2;branch=x;rport"),
                     "SIP/2.0/UDP 10.0.0.2;branch=x;received=10.0.0.2;rport=4000");
    ck_assert_str_eq(answered_via("SIP/2.0/UDP host;flag;branch=x"),
                     "SIP/2.0/UDP host;flag;branch=x;received=10.0.0.2");
    ck_assert_str_eq(answered_via("SIP/2.0/UDP 10.0.0.1"),
                     "SIP/2.0/UDP 10.0.0.1;received=10.0.0.2");
    ck_assert_str_eq(answered_via("SIP/2.0/UDP [::1]"), "SIP/2.0/UDP [::1];received=10.0.0.2");
    /* what the sender claimed of itself is overwritten */
    ck_assert_str_eq(
        answered_via("SIP/2.0/UDP 10.0.0.2;received=203.0.113.66;rport=1;maddr=1.2.3.4"),
        "SIP/2.0/UDP 10.0.0.2;maddr=1.2.3.4;received=10.0.0.2;rport=4000");
    /* malformed behind the host: as it stands */
    ck_assert_str_eq(answered_via("SIP/2.0/UDP 10.0.0.1;;"), "SIP/2.0/UDP 10.0.0.1;;");
    /* nothing to go by: as it stands */
    ck_assert_str_eq(answered_via("SIP/2.0/UDP"), "SIP/2.0/UDP");
}
END_TEST

START_TEST(lines_by_themselves)
{
    struct ps_flow flow = flow_of("[2001:db8::1]:5070", "10.0.0.2");
    struct ps_writer w = ps_writer(out, sizeof out);
    flow.transport = PS_TCP;
    ps_write_via(&w, &flow, PS_S("b"), false);
    ps_write_body(&w, PS_S("text/plain"), PS_S("hi"));
    ck_assert_str_eq(text_of(&w), "Via: SIP/2.0/TCP [2001:db8::1]:5070;branch=b\r\n"
                                  "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi");
}
END_TEST

/* 7.1, 7.2: an application that has no stack writes start lines and numbers itself. */
START_TEST(start_lines_7_1_7_2)
{
    struct ps_writer w = ps_writer(out, sizeof out);
    ps_write_request_line(&w, PS_S("OPTIONS"), PS_S("sip:b@example.com"));
    ps_write_status_line(&w, 200, PS_NONE);
    ps_write_status_line(&w, 480, PS_S("In a Meeting"));
    ps_write_header_number(&w, PS_H_EXPIRES, 4294967295);
    ck_assert_str_eq(text_of(&w), "OPTIONS sip:b@example.com SIP/2.0\r\nSIP/2.0 200 OK\r\n"
                                  "SIP/2.0 480 In a Meeting\r\nExpires: 4294967295\r\n");
    w = ps_writer(out, sizeof out);
    ps_write_status_line(&w, 480, PS_S("a\r\nVia: b"));
    ck_assert_int_eq(w.error, PS_E_INJECTION);
    w = ps_writer(out, sizeof out);
    ps_write_request_line(&w, PS_S("OPTIONS"), PS_S("sip:b\r\nVia: b"));
    ck_assert_int_eq(w.error, PS_E_INJECTION);
}
END_TEST

/* A draft may have a Via of its own. */
START_TEST(draft_with_via)
{
    static const char text[] =
        "OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=x\r\n" HEAD "CSeq: 1 OPTIONS\r\n\r\n";
    const struct ps_parse_options draft = {false, false, true};
    struct ps_message m;
    ck_assert(!ps_message_parse(&m, text, strlen(text), &draft, NULL));
    ck_assert_slice_eq(ps_via_branch(&m), "x");
}
END_TEST

START_TEST(canonical_writing_into_too_little_room)
{
    struct ps_message m = parsed("OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nt: <sip:a>\r\n"
                                 "f: <sip:b>;tag=1\r\ni: x\r\nCSeq: 1 OPTIONS\r\n"
                                 "Subject: a\r\n b\r\nX-Y: z\r\nl: 2\r\n\r\nhi");
    char whole[512];
    struct ps_writer w = ps_writer(whole, sizeof whole);
    size_t n, room;
    ps_write_message(&w, &m);
    ck_assert_int_eq(w.error, PS_OK);
    n = w.n;
    for (room = 0; room < n; room++) {
        char *exact = malloc(room + 1); /* a tool would see bytes written past it */
        exact[room] = '#';
        w = ps_writer(exact, room);
        ps_write_message(&w, &m);
        ck_assert_int_eq(w.error, PS_E_OVERFLOW);
        ck_assert_uint_eq(w.n, n);
        ck_assert_int_eq(exact[room], '#');
        free(exact);
    }
}
END_TEST

START_TEST(no_header_can_be_injected)
{
    struct ps_writer w = ps_writer(out, sizeof out);
    ps_write_header(&w, PS_H_SUBJECT, PS_S("a\r\nVia: x"));
    ck_assert_int_eq(w.error, PS_E_INJECTION);
    w = ps_writer(out, sizeof out);
    ps_write_header_named(&w, PS_S("X: y"), PS_S("a"));
    ck_assert_int_eq(w.error, PS_E_INJECTION);
    w = ps_writer(out, 10);
    ps_write_header(&w, PS_H_SUBJECT, PS_S("long enough"));
    ck_assert_int_eq(w.error, PS_E_OVERFLOW);
    ck_assert_uint_eq(w.n, 22);
    ps_write_header_named(&w, PS_S(""), PS_S("a"));
    ck_assert_int_eq(w.error, PS_E_OVERFLOW); /* the first error sticks */
    w = ps_writer(out, sizeof out);
    ps_write_header_named(&w, PS_S("X-Own"), PS_S("a"));
    ck_assert_slice_eq(ps_written(&w), "X-Own: a\r\n");
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("message");
    TCase *t = tcase_create("message");
    tcase_add_test(t, captured_messages_round_trip);
    tcase_add_test(t, torture_messages_round_trip);
    tcase_add_test(t, lines_are_header_lines_or_refused_7_3_1);
    tcase_add_test(t, decoded_fields);
    tcase_add_test(t, header_access_7_3_1);
    tcase_add_test(t, response_8_2_6_rfc3581_4);
    tcase_add_test(t, ack_17_1_1_3);
    tcase_add_test(t, cancel_9_1);
    tcase_add_test(t, lists_and_numbers_as_phones_send_them);
    tcase_add_test(t, received_and_rport_18_2_1_rfc3581_4);
    tcase_add_test(t, lines_by_themselves);
    tcase_add_test(t, start_lines_7_1_7_2);
    tcase_add_test(t, draft_with_via);
    tcase_add_test(t, canonical_writing_into_too_little_room);
    tcase_add_test(t, no_header_can_be_injected);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
