/*
 * Covers sip/frame (byte streams, RFC 3261 18.3, 7.5, RFC 5626 4.4.1) and sip/multipart (RFC
 * 2046 5.1, RFC 5621).
 */
#include "check_main.h"
#include "sip/message.h"
#include "trace_files.h"

/* ---- framing ---- */

static const char two[] =
    "OPTIONS sip:a SIP/2.0\r\nl: 4\r\n\r\nbodySIP/2.0 200 OK\nContent-Length:\n 0\n\n";

START_TEST(two_messages_in_one_write)
{
    struct ps_framer f;
    size_t length = 0, n = strlen(two);
    memset(&f, 0, sizeof f);
    ck_assert_int_eq(ps_frame(&f, two, n, &length), PS_FRAME_MESSAGE);
    ck_assert_uint_eq(length, 35);
    memset(&f, 0, sizeof f);
    ck_assert_int_eq(ps_frame(&f, two + 35, n - 35, &length), PS_FRAME_MESSAGE);
    ck_assert_uint_eq(length, n - 35);
}
END_TEST

/* In any pieces, the result is the same. */
START_TEST(one_byte_at_a_time)
{
    struct trace_file *files;
    size_t count = trace_files("tests/traces", &files), i;
    for (i = 0; i < count; i++) {
        struct ps_framer f;
        size_t n, length = 0;
        struct ps_message m;
        ck_assert(!ps_message_parse(&m, files[i].bytes, files[i].n, NULL, NULL));
        if (!ps_header_value(&m, PS_H_CONTENT_LENGTH, 0).p)
            continue;
        memset(&f, 0, sizeof f);
        for (n = 0; n < files[i].n; n++)
            ck_assert_int_eq(ps_frame(&f, files[i].bytes, n, &length), PS_FRAME_MORE);
        ck_assert_int_eq(ps_frame(&f, files[i].bytes, n, &length), PS_FRAME_MESSAGE);
        ck_assert_uint_eq(length, files[i].n);
    }
    trace_files_free(files, count);
}
END_TEST

START_TEST(blanks_and_pings_rfc5626_4_4_1)
{
    struct ps_framer f;
    size_t length = 9;
    memset(&f, 0, sizeof f);
    ck_assert_int_eq(ps_frame(&f, "", 0, &length), PS_FRAME_MORE);
    ck_assert_int_eq(ps_frame(&f, "\r\n\r\nOPT", 7, &length), PS_FRAME_BLANK);
    ck_assert_uint_eq(length, 4);
    ck_assert_int_eq(ps_frame(&f, "OPT", 3, &length), PS_FRAME_MORE);
    ck_assert_int_eq(ps_frame(&f, "OPT\r", 4, &length), PS_FRAME_MORE);
    ck_assert_int_eq(ps_frame(&f, "OPT\r\nA: b", 9, &length), PS_FRAME_MORE);
}
END_TEST

static enum ps_frame framed(const char *text, size_t *length)
{
    struct ps_framer f;
    memset(&f, 0, sizeof f);
    return ps_frame(&f, text, strlen(text), length);
}

START_TEST(content_length_is_mandatory_18_3)
{
    static char big[70000];
    size_t length;
    ck_assert_int_eq(framed("OPTIONS sip:a SIP/2.0\r\nA: b\r\n\r\n", &length), PS_FRAME_WRONG);
    ck_assert_uint_eq(length, 31);
    ck_assert_int_eq(framed("X a b\r\nl: 1\r\nl: 1\r\n\r\nx", &length), PS_FRAME_WRONG);
    ck_assert_int_eq(framed("X a b\r\nl: -1\r\n\r\nx", &length), PS_FRAME_WRONG);
    ck_assert_int_eq(framed("X a b\r\nl: 65535\r\n\r\nx", &length), PS_FRAME_WRONG);
    ck_assert_uint_eq(length, 19);
    ck_assert_int_eq(framed("X a b\r\nl: 65536\r\n\r\nx", &length), PS_FRAME_WRONG);
    ck_assert_int_eq(framed("X a b\r\n\rx: y", &length), PS_FRAME_MORE);
    ck_assert_int_eq(framed("X\r\nl: 1\r\n\r\nx", &length), PS_FRAME_WRONG); /* no start line */
    memset(big, 'a', sizeof big - 1);
    ck_assert_int_eq(framed(big, &length), PS_FRAME_WRONG);
}
END_TEST

/* ---- multipart ---- */

static struct ps_parts parts_of(const char *type, struct ps_slice body)
{
    struct ps_parts parts;
    ck_assert_int_eq(ps_parts_begin(&parts, ps_slice_of(type), body), PS_OK);
    return parts;
}

START_TEST(rfc4475_mpart01)
{
    struct trace_file file = trace_file("tests/traces/rfc4475", "mpart01.sip");
    struct ps_message m;
    struct ps_parts parts;
    struct ps_part part;
    ck_assert(!ps_message_parse(&m, file.bytes, file.n, NULL, NULL));
    ck_assert(!ps_parts_begin(&parts, ps_header_value(&m, PS_H_CONTENT_TYPE, 0), ps_body(&m)));
    ck_assert(ps_parts_next(&parts, &part));
    ck_assert_slice_eq(part.body, "Hello");
    ck_assert_slice_eq(ps_part_header(&part, PS_S("content-type")), "text/plain");
    ck_assert(ps_parts_next(&parts, &part));
    ck_assert(
        ps_equal(ps_part_header(&part, PS_S("Content-Type")), PS_S("application/octet-stream")));
    ck_assert_uint_eq(part.body.n, 342);
    ck_assert(!ps_parts_next(&parts, &part));
    ck_assert(parts.closed);
    free(file.bytes);
}
END_TEST

START_TEST(delimiters_rfc2046_5_1)
{
    struct ps_part part;
    struct ps_parts p =
        parts_of("multipart/alternative; boundary=\"a b\"",
                 PS_S("preamble\r\n--a bc\r\n--a b \t\r\n\r\n\r\none\r\n--a b\r\n"
                      "X: y\r\n z\r\nX-Empty\r\nOther: 1\n\r\n--a b\r\n--a b\r\nA: b\r\n--a b--\r\n"
                      "epilogue\r\n--a b\r\n"));
    ck_assert(ps_parts_next(&p, &part));
    ck_assert_uint_eq(part.headers.n, 0);
    ck_assert_slice_eq(part.body, "\r\none");
    ck_assert(ps_parts_next(&p, &part));
    ck_assert_slice_eq(ps_part_header(&part, PS_S("X")), "y\r\n z");
    ck_assert_slice_eq(ps_part_header(&part, PS_S("other")), "1");
    ck_assert_ptr_null(ps_part_header(&part, PS_S("absent")).p);
    ck_assert_uint_eq(part.body.n, 0);
    ck_assert(ps_parts_next(&p, &part));
    ck_assert_uint_eq(part.headers.n, 0);
    ck_assert_ptr_null(part.body.p);
    ck_assert(ps_parts_next(&p, &part));
    ck_assert_slice_eq(ps_part_header(&part, PS_S("A")), "b");
    ck_assert(!ps_parts_next(&p, &part));
    ck_assert(p.closed);
    ck_assert(!ps_parts_next(&p, &part));
}
END_TEST

/* A CR alone ends no line: not before a delimiter, so neither in a part's head. */
START_TEST(a_cr_alone_ends_no_line_rfc2046_4_1_1)
{
    struct ps_part part;
    struct ps_parts p = parts_of("multipart/mixed;boundary=b",
                                 PS_S("--b\r\nA: 1\rB: 2\r\n\r--b\nC: 3\r\n\r\nx\r\n--b--"));
    ck_assert(ps_parts_next(&p, &part));
    ck_assert_slice_eq(ps_part_header(&part, PS_S("A")), "1\rB: 2");
    ck_assert_ptr_null(ps_part_header(&part, PS_S("B")).p);
    ck_assert_slice_eq(ps_part_header(&part, PS_S("C")), "3");
    ck_assert_slice_eq(part.body, "x");
    ck_assert(!ps_parts_next(&p, &part));
    ck_assert(p.closed);
}
END_TEST

START_TEST(bodies_that_do_not_end)
{
    static const char *const open[] = {"-x-----b",
                                       "--x\n-\n--bb\n--b-\n--b-x\n",
                                       "",
                                       "no delimiter",
                                       "--b\r\nA: b\r\n\r\nx",
                                       "--b",
                                       "--bx--",
                                       "--b\r\nx\r\n--b",
                                       "--b\rx"};
    struct ps_part part;
    struct ps_parts p;
    unsigned i;
    for (i = 0; i < sizeof open / sizeof open[0]; i++) {
        p = parts_of("multipart/mixed;boundary=b", ps_slice_of(open[i]));
        ck_assert_msg(!ps_parts_next(&p, &part), "%s", open[i]);
        ck_assert(!p.closed);
        ck_assert(!ps_parts_next(&p, &part));
    }
    p = parts_of("multipart/mixed;boundary=b", PS_S("--b--"));
    ck_assert(!ps_parts_next(&p, &part));
    ck_assert(p.closed);
    p = parts_of("multipart/mixed;boundary=b", PS_S("--b\n--b-- x"));
    ck_assert(!ps_parts_next(&p, &part));
    p = parts_of("multipart/mixed;boundary=b", PS_S("--b\n\nx\n--b--"));
    ck_assert(ps_parts_next(&p, &part));
    ck_assert_slice_eq(part.body, "x");
    ck_assert(p.closed);
    p = parts_of("multipart/mixed;boundary=b", PS_S("--b\nA: b\r\r\n--b--"));
    ck_assert(ps_parts_next(&p, &part));
    p = parts_of("multipart/mixed;boundary=b", PS_S("--b\nA: b\rC\n\nx\n--b--"));
    ck_assert(ps_parts_next(&p, &part));
    ck_assert_slice_eq(part.body, "x");
    p = parts_of("multipart/mixed;boundary=b", PS_NONE);
    ck_assert(!ps_parts_next(&p, &part));
}
END_TEST

START_TEST(types_without_a_walk)
{
    struct ps_parts p;
    ck_assert_int_eq(ps_parts_begin(&p, PS_S("text/plain"), PS_S("")), PS_E_VALUE);
    ck_assert_int_eq(ps_parts_begin(&p, PS_S("text"), PS_S("")), PS_E_VALUE);
    ck_assert_int_eq(ps_parts_begin(&p, PS_S("multipart/mixed"), PS_S("")), PS_E_PARAMETER);
    ck_assert_int_eq(ps_parts_begin(&p, PS_S("multipart/mixed;boundary=\"\""), PS_S("")),
                     PS_E_PARAMETER);
    ck_assert_int_eq(ps_parts_begin(&p,
                                    PS_S("multipart/mixed;boundary=01234567890123456789012345678901"
                                         "234567890123456789012345678901234567890"),
                                    PS_S("")),
                     PS_E_PARAMETER);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("frame");
    TCase *t = tcase_create("frame");
    tcase_add_test(t, two_messages_in_one_write);
    tcase_add_test(t, one_byte_at_a_time);
    tcase_add_test(t, blanks_and_pings_rfc5626_4_4_1);
    tcase_add_test(t, content_length_is_mandatory_18_3);
    tcase_add_test(t, rfc4475_mpart01);
    tcase_add_test(t, delimiters_rfc2046_5_1);
    tcase_add_test(t, a_cr_alone_ends_no_line_rfc2046_4_1_1);
    tcase_add_test(t, bodies_that_do_not_end);
    tcase_add_test(t, types_without_a_walk);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
