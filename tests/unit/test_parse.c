/*
 * Covers sip/message/parse: the syntax of a message, fault by fault with offset, rule and status
 * (RFC 3261 7, 8.1.1, 18.3, 20); line ends and folds; hostile input: limits, cuts at every byte,
 * shapes that cost parsers more than they should; no allocation; the size of a message.
 * Does not cover: rules beyond the syntax (test_check), the torture messages (test_torture), time
 * (bench_message).
 */
#include "message_texts.h"
#include "trace_files.h"

#include <stdio.h>

/* ---- start lines: 7.1, 7.2 ---- */

START_TEST(request_line_7_1)
{
    good(START BASE "\r\n");
    good("\r\n\n\r\n" START BASE "\r\n"); /* 7.5 */
    good("OPTIONS sip:c@d sip/2.0\r\n" BASE "\r\n");
    bad("OPTIONS sip:c@d SIP/3.0\r\n" BASE "\r\n", PS_E_VERSION, "SIP/3", 505);
    bad("OPTIONS sip:c@d SIP/12.34\r\n" BASE "\r\n", PS_E_VERSION, "SIP/12", 505);
    bad("OPTIONS sip:c@d SIP/2\r\n" BASE "\r\n", PS_E_START_LINE, "SIP/2", 400);
    bad("OPTIONS sip:c@d SIP/2x0\r\n" BASE "\r\n", PS_E_START_LINE, "SIP/2", 400);
    bad("OPTIONS sip:c@d SIP/.00\r\n" BASE "\r\n", PS_E_START_LINE, "SIP/", 400);
    bad("OPTIONS sip:c@d SIP/20.\r\n" BASE "\r\n", PS_E_START_LINE, "SIP/", 400);
    bad("OPTIONS sip:c@d SIP/2.x\r\n" BASE "\r\n", PS_E_START_LINE, "SIP/", 400);
    bad("OPTIONS sip:c@d SIP/2000\r\n" BASE "\r\n", PS_E_START_LINE, "SIP/", 400);
    bad("OPTIONS sip:c@d HTTP/1.1\r\n" BASE "\r\n", PS_E_START_LINE, "HTTP", 400);
    bad("OPTIONS  sip:c@d SIP/2.0\r\n" BASE "\r\n", PS_E_START_LINE, " sip", 400);
    bad("OPTIONS sip:c@d  SIP/2.0\r\n" BASE "\r\n", PS_E_START_LINE, " SIP", 400);
    bad("OPTIONS sip:c@d SIP/2.0 \r\n" BASE "\r\n", PS_E_START_LINE, "SIP", 400);
    bad("OPTIONS sip:c\t@d SIP/2.0\r\n" BASE "\r\n", PS_E_START_LINE, "sip", 400);
    bad("OPTIONS sip:c@d\r\n" BASE "\r\n", PS_E_START_LINE, "sip", 400);
    bad("OPT{IONS sip:c@d SIP/2.0\r\n" BASE "\r\n", PS_E_START_LINE, "OPT", 400);
    bad(" OPTIONS sip:c@d SIP/2.0\r\n" BASE "\r\n", PS_E_START_LINE, " OPT", 0);
    bad("OPTIONS\r\n" BASE "\r\n", PS_E_START_LINE, "OPT", 0);
    bad("OPTIONS sip:c@d SIP/2.0", PS_E_END, NULL, 0);
    bad("", PS_E_END, NULL, 0);
    bad("\r\n\r\n", PS_E_END, NULL, 0);
    bad("\r", PS_E_END, NULL, 0);
}
END_TEST

START_TEST(status_line_7_2)
{
    struct ps_message m;
    good("SIP/2.0 200 OK\r\n" BASE "\r\n");
    good("SIP/2.0 200 \r\n" BASE "\r\n");
    good("SIP/2.0 200\r\n" BASE "\r\n");
    good("sip/2.0 699 A  b\tc\r\n" BASE "\r\n");
    bad("SIP/2.0 20 OK\r\n" BASE "\r\n", PS_E_START_LINE, "20 OK", 0);
    bad("SIP/2.0 2000 OK\r\n" BASE "\r\n", PS_E_START_LINE, "2000", 0);
    bad("SIP/2.0 099 OK\r\n" BASE "\r\n", PS_E_START_LINE, "099", 0);
    bad("SIP/2.0 700 OK\r\n" BASE "\r\n", PS_E_START_LINE, "700", 0);
    bad("SIP/2.0 200OK\r\n" BASE "\r\n", PS_E_START_LINE, "200", 0);
    bad("SIP/2.0  200 OK\r\n" BASE "\r\n", PS_E_START_LINE, " 200", 0);
    bad("SIP/2.1 200 OK\r\n" BASE "\r\n", PS_E_VERSION, "SIP", 0);
    bad("HTTP/1.1 200 OK\r\n" BASE "\r\n", PS_E_START_LINE, "HTTP", 0);
    ck_assert(!ps_message_parse(&m, "SIP/2.0 180 Ring ing\r\n" BASE "\r\n",
                                strlen("SIP/2.0 180 Ring ing\r\n" BASE "\r\n"), NULL, NULL));
    ck_assert_uint_eq(m.status, 180);
    ck_assert(!ps_is_request(&m));
    ck_assert_int_eq(m.method, PS_METHOD_NONE);
    ck_assert_slice_eq(ps_reason(&m), "Ring ing");
}
END_TEST

START_TEST(no_nul_in_a_start_line_25_1)
{
    static const char request[] = "OPTIONS sip:c\0@d SIP/2.0\r\n" BASE "\r\n";
    static const char response[] = "SIP/2.0 200 O\0K\r\n" BASE "\r\n";
    struct ps_fault fault = fault_of(request, sizeof request - 1, NULL);
    ck_assert_int_eq(fault.error, PS_E_START_LINE);
    ck_assert_uint_eq(fault.offset, 13);
    ck_assert_uint_eq(fault.status, 400);
    fault = fault_of(response, sizeof response - 1, NULL);
    ck_assert_int_eq(fault.error, PS_E_START_LINE);
    ck_assert_uint_eq(fault.status, 0);
}
END_TEST

/* ---- lines ---- */

START_TEST(line_ends_7)
{
    const struct ps_parse_options strict = {true, false, false};
    static const char lf[] = "OPTIONS sip:c@d SIP/2.0\nVia: SIP/2.0/UDP h\nFrom: <sip:a>;tag=1\n"
                             "To: <sip:b>\nCall-ID: x\nCSeq: 1 OPTIONS\n\n";
    struct ps_fault fault;
    good(lf);
    fault = fault_of(lf, strlen(lf), &strict);
    ck_assert_int_eq(fault.error, PS_E_HEADER_LINE);
    ck_assert_uint_eq(fault.offset, 23);
    ck_assert_uint_eq(fault.status, 400);
    fault = fault_of(START BASE "\r\n", strlen(START BASE "\r\n"), &strict);
    ck_assert_int_eq(fault.error, PS_OK);
    /* a CR alone ends no line and stands in none */
    bad(START "X: a\rb\r\n" BASE "\r\n", PS_E_HEADER_LINE, "\rb", 400);
    bad(START BASE "X: a\rb", PS_E_HEADER_LINE, "\rb", 400);
    bad(START BASE "X: a\r\r\n\r\n", PS_E_HEADER_LINE, "\r\r", 400);
    bad(START BASE, PS_E_END, NULL, 400);
    bad(START BASE "\r", PS_E_END, NULL, 400);
    bad(START BASE "X: a\r\n b", PS_E_END, NULL, 400);
}
END_TEST

/* Nothing that is copied into an answer holds a line end that another parser may see. */
START_TEST(no_cr_comes_back_in_an_answer_7_3_1)
{
    static const char text[] = START VIA FROM TO CALL "CSeq: 1\r\n OPTIONS\rX: a\r\n b\r\n\r\n";
    char answer[1024];
    struct ps_writer w = ps_writer(answer, sizeof answer);
    struct ps_fault fault;
    struct ps_message m;
    ck_assert_int_eq(ps_message_parse(&m, text, sizeof text - 1, NULL, &fault), PS_E_HEADER_LINE);
    ck_assert_uint_eq(fault.status, 400);
    ps_write_response(&w, &m, NULL, 400, PS_NONE, PS_NONE);
    ps_write_body(&w, PS_NONE, PS_NONE);
    ck_assert_int_eq(ps_message_parse(&m, answer, ps_written(&w).n, NULL, NULL), PS_OK);
    ck_assert_slice_eq(ps_header_value(&m, PS_H_CSEQ, 0), "1\r\n OPTIONS");
}
END_TEST

START_TEST(a_parameter_stands_once_7_3_1)
{
    static const char text[] =
        START "Via: SIP/2.0/UDP h;branch=z9hG4bKa;branch=z9hG4bKb\r\n" FROM TO CALL CSEQ "\r\n";
    struct ps_message m;
    struct ps_fault fault;
    bad(text, PS_E_PARAMETER, "SIP/2.0/UDP h;branch", 400);
    ck_assert_int_eq(ps_message_parse(&m, text, strlen(text), NULL, &fault), PS_E_PARAMETER);
    ck_assert_str_eq(fault.rule, "RFC 3261 20.42");
    ck_assert_slice_eq(ps_via_branch(&m), "z9hG4bKa");
    bad(START VIA "From: <sip:a@b>;tag=1;tag=2\r\n" TO CALL CSEQ "\r\n", PS_E_PARAMETER,
        "<sip:a@b>;tag=1", 400);
    bad(START VIA FROM "To: <sip:c@d>;tag=1;x;tag=1\r\n" CALL CSEQ "\r\n", PS_E_PARAMETER,
        "<sip:c@d>;tag=1", 400);
    bad(START VIA FROM TO CALL CSEQ "Contact: <sip:a@h>;expires=1;expires=2\r\n\r\n",
        PS_E_PARAMETER, "<sip:a@h>", 400);
    /* 18.2.1, 16.6: not the top one alone */
    bad(START VIA "Via: SIP/2.0/UDP g;rport;rport=1\r\n" FROM TO CALL CSEQ "\r\n", PS_E_PARAMETER,
        "SIP/2.0/UDP g", 400);
    bad("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=a;branch=b\r\n" FROM TO CALL CSEQ "\r\n",
        PS_E_PARAMETER, "SIP/2.0/UDP h", 0);
}
END_TEST

START_TEST(header_lines_7_3_1)
{
    struct ps_message m;
    static const char folded[] = START BASE "Subject  :\r\n I know\r\n\t you're \t\r\n there \r\n"
                                            "X-Empty:\r\nX-Blank:  \r\n \r\n\r\n";
    good(START BASE "X-1 \t:a:b\r\n\r\n");
    good(START BASE "X-1: \tv \r\nX-2:v\t\r\nX-3: \r\n\r\n");
    bad(START BASE "X\r\n\r\n", PS_E_HEADER_LINE, "X", 400);
    bad(START BASE ": x\r\n\r\n", PS_E_HEADER_LINE, ":", 400);
    bad(START BASE "a b: x\r\n\r\n", PS_E_HEADER_LINE, "a b", 400);
    bad(START BASE "X\r\n : x\r\n\r\n", PS_E_HEADER_LINE, "X", 400);
    bad(START " X: fold of nothing\r\n" BASE "\r\n", PS_E_HEADER_LINE, " X", 400);
    ck_assert(!ps_message_parse(&m, folded, strlen(folded), NULL, NULL));
    ck_assert(
        ps_equal(ps_header_value(&m, PS_H_SUBJECT, 0), PS_S("I know\r\n\t you're \t\r\n there")));
    ck_assert_uint_eq(ps_header_named(&m, PS_S("X-Empty")).n, 0);
    ck_assert_uint_eq(ps_header_named(&m, PS_S("X-Blank")).n, 0);
    ck_assert_ptr_nonnull(ps_header_named(&m, PS_S("X-Blank")).p);
    ck_assert_uint_eq(m.lines, 8);
    ck_assert(m.line[5].folded && !m.line[6].folded && m.line[7].folded);
}
END_TEST

/* A value is trimmed at both ends, however common the rest of its line is. */
START_TEST(blanks_around_a_value_are_none_of_it_7_3_1)
{
    static const char *const lines[] = {"X-A: v \r\n",  "X-A: v\t\r\n",  "X-A:v \t \r\n",
                                        "X-A: \tv\r\n", "X-A:  v  \r\n", "X-A: v \r\n \r\n"};
    char text[512];
    unsigned i;
    for (i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct ps_message m;
        int n = snprintf(text, sizeof text, START BASE "%s\r\n", lines[i]);
        ck_assert_int_eq(ps_message_parse(&m, text, (size_t)n, NULL, NULL), PS_OK);
        ck_assert_uint_eq(m.lines, 6);
        ck_assert_slice_eq(ps_header_named(&m, PS_S("X-A")), "v");
    }
}
END_TEST

START_TEST(mandatory_headers_8_1_1)
{
    bad(START FROM TO CALL CSEQ "\r\n", PS_E_MISSING_HEADER, NULL, 0);
    bad(START VIA TO CALL CSEQ "\r\n", PS_E_MISSING_HEADER, NULL, 400);
    bad(START VIA FROM CALL CSEQ "\r\n", PS_E_MISSING_HEADER, NULL, 400);
    bad(START VIA FROM TO CSEQ "\r\n", PS_E_MISSING_HEADER, NULL, 400);
    bad(START VIA FROM TO CALL "\r\n", PS_E_MISSING_HEADER, NULL, 400);
    bad("SIP/2.0 200 OK\r\n" VIA TO CALL CSEQ "\r\n", PS_E_MISSING_HEADER, NULL, 0);
    bad(START VIA FROM FROM TO CALL CSEQ "\r\n", PS_E_REPEATED_HEADER, "From", 400);
    bad(START BASE "Expires: 1\r\nExpires: 1\r\n\r\n", PS_E_REPEATED_HEADER, "Expires", 400);
    good(START BASE VIA "\r\n");
    bad(START "Via: SIP/2.0/UDP\r\n" FROM TO CALL CSEQ "\r\n", PS_E_HOST, "SIP", 0);
    bad(START "Via:\r\n" FROM TO CALL CSEQ "\r\n", PS_E_VALUE, "\r\n", 0);
    bad(START "Via: SIP/2.0/UDP h;;\r\n" FROM TO CALL CSEQ "\r\n", PS_E_PARAMETER, "SIP", 400);
    bad(START VIA "From: <sip:a\r\n" TO CALL CSEQ "\r\n", PS_E_VALUE, "<sip:a\r", 400);
    bad(START VIA FROM "To:\r\n" CALL CSEQ "\r\n", PS_E_URI, "\r", 400);
    bad(START VIA FROM TO "Call-ID: a b\r\n" CSEQ "\r\n", PS_E_VALUE, "a b", 400);
    bad(START VIA FROM TO "Call-ID:\r\n" CSEQ "\r\n", PS_E_VALUE, "\r", 400);
}
END_TEST

START_TEST(cseq_8_1_1_5)
{
    bad(START VIA FROM TO CALL "CSeq: 1 INVITE\r\n\r\n", PS_E_CSEQ_METHOD, "INVITE", 400);
    bad("FOO sip:a SIP/2.0\r\n" VIA FROM TO CALL "CSeq: 1 BAR\r\n\r\n", PS_E_CSEQ_METHOD, "BAR",
        501);
    good("FOO sip:a SIP/2.0\r\n" VIA FROM TO CALL "CSeq: 1 FOO\r\n\r\n");
    good(START VIA FROM TO CALL "CSeq: 2147483647 OPTIONS\r\n\r\n");
    bad(START VIA FROM TO CALL "CSeq: 2147483648 OPTIONS\r\n\r\n", PS_E_NUMBER, "2147483648", 400);
    bad(START VIA FROM TO CALL "CSeq: 4294967296 OPTIONS\r\n\r\n", PS_E_NUMBER, "4294967296", 400);
    bad("ACK sip:a SIP/2.0\r\n" VIA FROM TO CALL "CSeq: x ACK\r\n\r\n", PS_E_NUMBER, "x", 0);
    good("SIP/2.0 200 OK\r\n" VIA FROM TO CALL "CSeq: 1 BAR\r\n\r\n");
}
END_TEST

START_TEST(max_forwards_20_22)
{
    struct ps_message m;
    static const char zero[] = START BASE "Max-Forwards: 000\r\n\r\n";
    bad(START BASE "Max-Forwards: 256\r\n\r\n", PS_E_NUMBER, "256", 400);
    bad(START BASE "Max-Forwards: x\r\n\r\n", PS_E_NUMBER, "x", 400);
    ck_assert(!ps_message_parse(&m, zero, strlen(zero), NULL, NULL));
    ck_assert_uint_eq(m.max_forwards, 0);
    ck_assert(!ps_message_parse(&m, START BASE "\r\n", strlen(START BASE "\r\n"), NULL, NULL));
    ck_assert_uint_eq(m.max_forwards, 255);
}
END_TEST

/* ---- bodies: 18.3, 20.14 ---- */

static struct ps_slice body_of(const char *text)
{
    static struct ps_message m;
    ck_assert_int_eq(ps_message_parse(&m, text, strlen(text), NULL, NULL), PS_OK);
    return ps_body(&m);
}

START_TEST(content_length_18_3)
{
    static const char *const bad_lengths[] = {"5",
                                              "-1",
                                              "+4",
                                              "0x4",
                                              "4 4",
                                              "4,4",
                                              "",
                                              "4294967296",
                                              "4294967300",
                                              "18446744073709551616",
                                              "18446744073709551620",
                                              "4;x"};
    const struct ps_parse_options stream = {false, true, false};
    unsigned i;
    struct ps_fault fault;
    ck_assert_slice_eq(body_of(START BASE TYPE "\r\nbody"), "body");
    ck_assert_slice_eq(body_of(START BASE TYPE "Content-Length: 2\r\n\r\nbody"), "bo");
    ck_assert_slice_eq(body_of(START BASE TYPE "l: 0\r\n\r\nbody"), "");
    ck_assert_slice_eq(body_of(START BASE TYPE "l: 0004\r\n\r\nbody"), "body");
    for (i = 0; i < sizeof bad_lengths / sizeof bad_lengths[0]; i++) {
        char text[512];
        snprintf(text, sizeof text, START BASE "Content-Length: %s\r\n\r\nbody", bad_lengths[i]);
        bad(text, PS_E_CONTENT_LENGTH, bad_lengths[i], 400);
        memcpy(text, "SIP/2.0 200 OK         \r\n", 25);
        bad(text, PS_E_CONTENT_LENGTH, bad_lengths[i], 0);
    }
    fault = fault_of(START BASE "\r\n", strlen(START BASE "\r\n"), &stream);
    ck_assert_int_eq(fault.error, PS_E_MISSING_HEADER);
    ck_assert_uint_eq(fault.status, 400);
    fault = fault_of(START BASE "l: 0\r\n\r\n", strlen(START BASE "l: 0\r\n\r\n"), &stream);
    ck_assert_int_eq(fault.error, PS_OK);
}
END_TEST

/* ---- limits and hostile input ---- */

START_TEST(a_message_takes_at_most_2_kib)
{
    ck_assert_uint_le(sizeof(struct ps_message), 2048);
}
END_TEST

/* Every message cut at every byte, each cut in a block of its own size: an error, or a message that
 * ends where the bytes do. */
START_TEST(cut_at_every_byte)
{
    static const char *const folders[] = {"tests/traces/rfc4475", "tests/traces/rfc5118"};
    unsigned folder;
    for (folder = 0; folder < 2; folder++) {
        struct trace_file *files;
        size_t n = trace_files(folders[folder], &files), i, cut;
        for (i = 0; i < n; i++)
            for (cut = 0; cut < files[i].n; cut++) {
                struct ps_fault fault;
                struct ps_message m;
                char *copy = malloc(cut + 1);
                memcpy(copy + 1, files[i].bytes, cut);
                ps_message_parse(&m, copy + 1, cut, NULL, &fault);
                ck_assert_uint_le(m.n, cut);
                ck_assert_uint_le(m.body.at + m.body.n, cut);
                ck_assert_uint_le(fault.offset, cut);
                free(copy);
            }
        trace_files_free(files, n);
    }
}
END_TEST

static char big[200000];

/* `text` repeated to fill, between a head and a tail; returns the length. */
static size_t filled(const char *head, const char *text, unsigned times, const char *tail)
{
    struct ps_writer w = ps_writer(big, sizeof big);
    ps_put_string(&w, head);
    while (times--)
        ps_put_string(&w, text);
    ps_put_string(&w, tail);
    ck_assert_int_eq(w.error, PS_OK);
    return w.n;
}

START_TEST(limits_are_answered_with_513)
{
    struct ps_message m;
    struct ps_fault fault;
    size_t n = filled(START BASE, "X-A: y\r\n", 8000, "\r\n");
    ck_assert_int_eq(ps_message_parse(&m, big, n, NULL, &fault), PS_E_TOO_MANY_HEADERS);
    ck_assert_uint_eq(fault.status, 513);
    ck_assert_uint_eq(m.lines, PS_MAX_HEADERS);
    n = filled(START BASE, "X-A: y\r\n", PS_MAX_HEADERS - 5, "\r\n");
    ck_assert_int_eq(ps_message_parse(&m, big, n, NULL, &fault), PS_OK);
    n = filled(START BASE "\r\n", "0123456789", 10000, "");
    ck_assert_int_eq(ps_message_parse(&m, big, n, NULL, &fault), PS_E_TOO_LARGE);
    ck_assert_uint_eq(fault.status, 513);
    ck_assert_uint_eq(m.n, PS_MAX_MESSAGE);
    n = filled(START BASE "X-A: ", "0123456789", 6500, "\r\n\r\n");
    ck_assert_uint_le(n, 65535);
    ck_assert_int_eq(ps_message_parse(&m, big, n, NULL, &fault), PS_OK);
    ck_assert_uint_eq(m.line[5].value.n, 65000);
}
END_TEST

/* Offsets have 16 bits: 65,535 is the last one. */
START_TEST(a_message_of_65535_bytes_18_1_1)
{
    static const char head[] = START BASE "Content-Type: a/b\r\nContent-Length: ";
    static char again[PS_MAX_MESSAGE];
    struct ps_writer w = ps_writer(big, sizeof big), v = ps_writer(again, sizeof again);
    struct ps_framer framer = {0, 0, 0};
    struct ps_message m;
    struct ps_fault fault;
    size_t body = PS_MAX_MESSAGE - (sizeof head - 1) - 9, length;
    memset(big, 'b', sizeof big);
    ps_put_string(&w, head);
    ps_put_number(&w, body);
    ps_put_string(&w, "\r\n\r\n");
    ck_assert_uint_eq(w.n + body, PS_MAX_MESSAGE);
    ck_assert_int_eq(ps_message_parse(&m, big, PS_MAX_MESSAGE, NULL, &fault), PS_OK);
    ck_assert_uint_eq(ps_message_bytes(&m).n, PS_MAX_MESSAGE);
    ck_assert_uint_eq(ps_body(&m).n, body);
    ck_assert_int_eq(ps_frame(&framer, big, PS_MAX_MESSAGE, &length), PS_FRAME_MESSAGE);
    ck_assert_uint_eq(length, PS_MAX_MESSAGE);
    ps_write_message(&v, &m);
    ck_assert(!v.error && ps_equal(ps_written(&v), ps_message_bytes(&m)));
    /* what follows in the datagram does not count, but there is no such datagram */
    ck_assert_int_eq(ps_message_parse(&m, big, PS_MAX_MESSAGE + 1, NULL, &fault), PS_E_TOO_LARGE);
    ck_assert_uint_eq(fault.status, 513);
    w.n -= 9;
    ps_put_number(&w, body + 1);
    memset(&framer, 0, sizeof framer);
    ck_assert_int_eq(ps_frame(&framer, big, PS_MAX_MESSAGE + 1, &length), PS_FRAME_WRONG);
}
END_TEST

START_TEST(a_head_of_65535_bytes)
{
    struct ps_message m;
    struct ps_fault fault;
    struct ps_framer framer = {0, 0, 0};
    size_t n = filled(START BASE "l: 0\r\nX-A: ", "a", PS_MAX_MESSAGE, ""), length;
    memcpy(big + PS_MAX_MESSAGE - 4, "\r\n\r\n", 4);
    ck_assert_int_eq(ps_message_parse(&m, big, PS_MAX_MESSAGE, NULL, &fault), PS_OK);
    ck_assert_uint_eq(m.line[m.lines - 1].value.at + m.line[m.lines - 1].value.n,
                      PS_MAX_MESSAGE - 4);
    ck_assert_int_eq(ps_frame(&framer, big, PS_MAX_MESSAGE, &length), PS_FRAME_MESSAGE);
    ck_assert_uint_eq(length, PS_MAX_MESSAGE);
    ck_assert_uint_gt(n, PS_MAX_MESSAGE);
}
END_TEST

/* Shapes of 64 KB: bounded results. That their time is linear is for bench_message to show. */
START_TEST(hostile_shapes)
{
    static const struct {
        const char *head, *text, *tail;
        unsigned times;
        enum ps_error error;
    } shapes[] = {
        {START VIA "From: <sip:a>", ";p=v", "\r\n" TO CALL CSEQ "\r\n", 10000, PS_OK},
        {START "Via: SIP/2.0/UDP h", ", SIP/2.0/UDP h", "\r\n" FROM TO CALL CSEQ "\r\n", 4000,
         PS_OK},
        {START "Via: SIP/2.0/UDP h", ",a/b/c d", "\r\n" FROM TO CALL CSEQ "\r\n", 5000, PS_OK},
        {START VIA "From: \"", "\\\"", "\" <sip:a>\r\n" TO CALL CSEQ "\r\n", 10000, PS_OK},
        {START VIA "From: ", "\"", " <sip:a>\r\n" TO CALL CSEQ "\r\n", 10000, PS_E_VALUE},
        {START BASE "User-Agent: ", "(", "\r\n\r\n", 10000, PS_E_VALUE},
        {START BASE "Retry-After: 1 ", "(((", ")))\r\n\r\n", 10000, PS_E_VALUE},
        {START BASE "Expires: ", "9", "\r\n\r\n", 1000, PS_E_NUMBER},
        {START VIA FROM TO CALL "CSeq: ", "9", " OPTIONS\r\n\r\n", 1000, PS_E_NUMBER},
        {START BASE "Contact: ", ",", "\r\n\r\n", 10000, PS_E_URI},
        {START BASE "Contact: ", "<", "\r\n\r\n", 10000, PS_E_VALUE},
        {START BASE "Allow: a", ",b", "\r\n\r\n", 10000, PS_OK},
        {START BASE "Subject: a", "\r\n b", "\r\n\r\n", 10000, PS_OK},
        {START BASE "Route: <sip:", "a.", ">\r\n\r\n", 10000, PS_OK},
        {START BASE "Authorization: Digest a=b", ",a=\"\\\"\"", "\r\n\r\n", 5000, PS_OK},
        {"\r\n", "\r\n", START BASE "\r\n", 10000, PS_OK},
        {"OPTIONS sip:a", ";p", " SIP/2.0\r\n" BASE "\r\n", 10000, PS_OK},
        {"OPTIONS ", "s", ":a SIP/2.0\r\n" BASE "\r\n", 10000, PS_E_SCHEME},
    };
    unsigned i;
    for (i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        size_t n = filled(shapes[i].head, shapes[i].text, shapes[i].times, shapes[i].tail);
        struct ps_fault fault = fault_of(big, n, NULL);
        ck_assert_msg(fault.error == shapes[i].error, "shape %u: %s at %u", i,
                      ps_error_text(fault.error), fault.offset);
    }
}
END_TEST

/* ---- no allocation ---- */

static bool forbidden;

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1 /* as gcc says it: malloc is the sanitizer's */
#endif
#endif
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)
extern void *__libc_malloc(size_t n);
void *malloc(size_t n)
{
    if (forbidden)
        abort();
    return __libc_malloc(n);
}
#endif

START_TEST(nothing_is_allocated)
{
    static char out[65536];
    struct trace_file *files;
    size_t n = trace_files("tests/traces", &files), i;
    for (i = 0; i < n; i++) {
        struct ps_writer w = ps_writer(out, sizeof out);
        struct ps_check_options all = {true, false, 0, PS_NONE};
        struct ps_message m;
        enum ps_error error;
        forbidden = true;
        error = ps_message_parse(&m, files[i].bytes, files[i].n, NULL, NULL);
        if (!error)
            error = ps_message_check(&m, &all, NULL);
        ps_write_message(&w, &m);
        if (ps_is_request(&m))
            ps_write_response(&w, &m, NULL, 200, PS_NONE, PS_S("t"));
        forbidden = false;
        ck_assert_int_eq(error, PS_OK);
    }
    trace_files_free(files, n);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("parse");
    TCase *t = tcase_create("parse");
    tcase_set_timeout(t, 30);
    tcase_add_test(t, request_line_7_1);
    tcase_add_test(t, status_line_7_2);
    tcase_add_test(t, no_nul_in_a_start_line_25_1);
    tcase_add_test(t, line_ends_7);
    tcase_add_test(t, no_cr_comes_back_in_an_answer_7_3_1);
    tcase_add_test(t, a_parameter_stands_once_7_3_1);
    tcase_add_test(t, header_lines_7_3_1);
    tcase_add_test(t, blanks_around_a_value_are_none_of_it_7_3_1);
    tcase_add_test(t, mandatory_headers_8_1_1);
    tcase_add_test(t, cseq_8_1_1_5);
    tcase_add_test(t, max_forwards_20_22);
    tcase_add_test(t, content_length_18_3);
    tcase_add_test(t, a_message_takes_at_most_2_kib);
    tcase_add_test(t, cut_at_every_byte);
    tcase_add_test(t, limits_are_answered_with_513);
    tcase_add_test(t, a_message_of_65535_bytes_18_1_1);
    tcase_add_test(t, a_head_of_65535_bytes);
    tcase_add_test(t, hostile_shapes);
    tcase_add_test(t, nothing_is_allocated);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
