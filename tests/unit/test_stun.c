/*
 * Covers transport/stun: the kinds of datagrams on a SIP port, STUN binding requests and answers
 * (RFC 5389) against the vectors of RFC 5769, and messages that lie, read from memory that ends
 * where they end.
 * Does not cover: who answers when (test_keepalive).
 */
#include "check_main.h"
#include "transport/stun_internal.h"

/* RFC 5769 2.1: a request of ICE, with attributes for authentication, PRIORITY, FINGERPRINT */
static const char sample_request[] =
    "\x00\x01\x00\x58\x21\x12\xa4\x42\xb7\xe7\xa7\x01\xbc\x34\xd6\x86\xfa\x87\xdf\xae"
    "\x80\x22\x00\x10STUN test client"
    "\x00\x24\x00\x04\x6e\x00\x01\xff"
    "\x80\x29\x00\x08\x93\x2f\xf9\xb1\x51\x26\x3b\x36"
    "\x00\x06\x00\x09\x65\x76\x74\x6a\x3a\x68\x36\x76\x59\x20\x20\x20"
    "\x00\x08\x00\x14\x9a\xea\xa7\x0c\xbf\xd8\xcb\x56\x78\x1e\xf2\xb5\xb2\xd3\xf2\x49"
    "\xc1\xb5\x71\xa2"
    "\x80\x28\x00\x04\xe5\x7a\x3b\xcf";

/* RFC 5769 2.2 */
static const char sample_ipv4[] =
    "\x01\x01\x00\x3c\x21\x12\xa4\x42\xb7\xe7\xa7\x01\xbc\x34\xd6\x86\xfa\x87\xdf\xae"
    "\x80\x22\x00\x0b\x74\x65\x73\x74\x20\x76\x65\x63\x74\x6f\x72\x20"
    "\x00\x20\x00\x08\x00\x01\xa1\x47\xe1\x12\xa6\x43"
    "\x00\x08\x00\x14\x2b\x91\xf5\x99\xfd\x9e\x90\xc3\x8c\x74\x89\xf9\x2a\xf9\xba\x53"
    "\xf0\x6b\xe7\xd7"
    "\x80\x28\x00\x04\xc0\x7d\x4c\x96";

/* RFC 5769 2.3 */
static const char sample_ipv6[] =
    "\x01\x01\x00\x48\x21\x12\xa4\x42\xb7\xe7\xa7\x01\xbc\x34\xd6\x86\xfa\x87\xdf\xae"
    "\x80\x22\x00\x0b\x74\x65\x73\x74\x20\x76\x65\x63\x74\x6f\x72\x20"
    "\x00\x20\x00\x14\x00\x02\xa1\x47\x01\x13\xa9\xfa\xa5\xd3\xf1\x79\xbc\x25\xf4\xb5"
    "\xbe\xd2\xb9\xd9"
    "\x00\x08\x00\x14\xa3\x82\x95\x4e\x4b\xe6\x7b\xf1\x17\x84\xc9\x7c\x82\x92\xc2\x75"
    "\xbf\xe3\xed\x41"
    "\x80\x28\x00\x04\xc8\xfb\x0b\x4c";

#define VECTOR(text) ps_slice(text, sizeof(text) - 1)

static struct ps_stun read_ok(struct ps_slice bytes)
{
    struct ps_stun out;
    char *exact = malloc(bytes.n);
    memcpy(exact, bytes.p, bytes.n);
    ck_assert_int_eq(ps_datagram_kind(ps_slice(exact, bytes.n)), PS_DATAGRAM_STUN);
    ck_assert_int_eq(ps_stun_read(ps_slice(exact, bytes.n), &out), PS_OK);
    free(exact);
    return out;
}

static const char *mapped(const struct ps_stun *stun)
{
    static char text[PS_ADDRESS_TEXT];
    struct ps_writer w = ps_writer(text, sizeof text);
    ps_put_address(&w, &stun->mapped);
    ps_put_char(&w, '\0');
    return text;
}

START_TEST(kinds_of_datagrams)
{
    ck_assert_int_eq(ps_datagram_kind(PS_S("")), PS_DATAGRAM_KEEPALIVE);
    ck_assert_int_eq(ps_datagram_kind(PS_NONE), PS_DATAGRAM_KEEPALIVE);
    ck_assert_int_eq(ps_datagram_kind(PS_S("\r\n")), PS_DATAGRAM_KEEPALIVE);
    ck_assert_int_eq(ps_datagram_kind(PS_S("\r\n\r\n")), PS_DATAGRAM_KEEPALIVE);
    ck_assert_int_eq(ps_datagram_kind(PS_S("\0\0\0\0")), PS_DATAGRAM_KEEPALIVE);
    ck_assert_int_eq(ps_datagram_kind(PS_S("\r\nOPTIONS sip:a SIP/2.0\r\n")), PS_DATAGRAM_SIP);
    ck_assert_int_eq(ps_datagram_kind(PS_S("SIP/2.0 200 OK\r\n\r\n")), PS_DATAGRAM_SIP);
    ck_assert_int_eq(ps_datagram_kind(VECTOR(sample_request)), PS_DATAGRAM_STUN);
    /* too short, a length that does not fit, no cookie (RFC 3489), the first bits */
    ck_assert_int_eq(ps_datagram_kind(ps_slice(sample_request, 19)), PS_DATAGRAM_SIP);
    ck_assert_int_eq(ps_datagram_kind(ps_slice(sample_request, 24)), PS_DATAGRAM_SIP);
    ck_assert_int_eq(ps_datagram_kind(PS_S("\0\1\0\0\x21\x12\xa4\x43qwertyuiopas")),
                     PS_DATAGRAM_SIP);
    ck_assert_int_eq(ps_datagram_kind(PS_S("\x40\1\0\0\x21\x12\xa4\x42qwertyuiopas")),
                     PS_DATAGRAM_SIP);
    ck_assert_int_eq(ps_datagram_kind(PS_S("\0\1\0\2\x21\x12\xa4\x42qwertyuiopasdf")),
                     PS_DATAGRAM_SIP);
    ck_assert_int_eq(ps_datagram_kind(PS_S("\0\1\0\0\x21\x12\xa4\x42qwertyuiopas")),
                     PS_DATAGRAM_STUN);
}
END_TEST

START_TEST(the_sample_request_of_rfc5769_2_1)
{
    struct ps_stun stun = read_ok(VECTOR(sample_request));
    ck_assert_int_eq(stun.kind, PS_STUN_REQUEST);
    ck_assert(stun.fingerprint);
    ck_assert_int_eq(memcmp(stun.id, sample_request + 8, 12), 0);
    ck_assert_uint_eq(stun.unknown_count, 1); /* PRIORITY is of ICE */
    ck_assert_uint_eq(stun.unknown[0], 0x24);
    ck_assert_int_eq(stun.mapped.family, PS_FAMILY_NONE);
}
END_TEST

START_TEST(the_sample_answers_of_rfc5769_2_2_and_2_3)
{
    struct ps_stun stun = read_ok(VECTOR(sample_ipv4));
    ck_assert_int_eq(stun.kind, PS_STUN_SUCCESS);
    ck_assert(stun.fingerprint);
    ck_assert_uint_eq(stun.unknown_count, 0);
    ck_assert_str_eq(mapped(&stun), "192.0.2.1:32853");
    stun = read_ok(VECTOR(sample_ipv6));
    ck_assert(stun.fingerprint);
    ck_assert_str_eq(mapped(&stun), "[2001:db8:1234:5678:11:2233:4455:6677]:32853");
}
END_TEST

static struct ps_stun answer_to(struct ps_slice request, const char *from, char *buffer, size_t *n)
{
    struct ps_stun stun = read_ok(request);
    struct ps_writer w = ps_writer(buffer, PS_STUN_ANSWER);
    struct ps_address seen;
    ck_assert_int_eq(ps_address_parse(ps_slice_of(from), 0, &seen), PS_OK);
    ps_stun_put_answer(&w, &stun, &seen);
    ck_assert_int_eq(w.error, PS_OK);
    *n = w.n;
    return read_ok(ps_written(&w));
}

START_TEST(an_answer_says_how_the_sender_was_seen)
{
    static const uint8_t id[PS_STUN_ID] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    char request[20], answer[PS_STUN_ANSWER];
    struct ps_writer w = ps_writer(request, sizeof request);
    struct ps_stun stun;
    size_t n;
    ps_stun_put_request(&w, id);
    ck_assert_uint_eq(w.n, 20);
    stun = answer_to(ps_written(&w), "192.0.2.7:5062", answer, &n);
    ck_assert_int_eq(stun.kind, PS_STUN_SUCCESS);
    ck_assert_int_eq(memcmp(stun.id, id, sizeof id), 0);
    ck_assert_str_eq(mapped(&stun), "192.0.2.7:5062");
    ck_assert(!stun.fingerprint);
    ck_assert_uint_eq(n, 32);
    stun = answer_to(ps_written(&w), "[2001:db8::7]:5062", answer, &n);
    ck_assert_str_eq(mapped(&stun), "[2001:db8::7]:5062");
    ck_assert_uint_eq(n, 44);
}
END_TEST

/* RFC 5389 7.3.1; the error's length with one and with two attributes, padded. */
START_TEST(what_must_be_understood_and_is_not_gets_420)
{
    char answer[PS_STUN_ANSWER];
    size_t n;
    struct ps_stun stun = answer_to(VECTOR(sample_request), "192.0.2.7:5062", answer, &n);
    ck_assert_int_eq(stun.kind, PS_STUN_ERROR);
    ck_assert(stun.fingerprint);
    ck_assert_uint_eq(n, 20 + 28 + 8 + 8);
    ck_assert_int_eq(memcmp(answer + 20, "\0\x09\0\x15\0\0\4\x14Unknown Attribute", 25), 0);
    ck_assert_int_eq(memcmp(answer + 48, "\0\x0a\0\2\0\x24\0\0", 8), 0);
    stun = answer_to(PS_S("\0\1\0\10\x21\x12\xa4\x42qwertyuiopas\x7f\xff\0\0\x7f\xfe\0\0"),
                     "192.0.2.7:5062", answer, &n);
    ck_assert_uint_eq(n, 20 + 28 + 8);
    ck_assert_int_eq(memcmp(answer + 48, "\0\x0a\0\4\x7f\xff\x7f\xfe", 8), 0);
}
END_TEST

START_TEST(an_answer_that_does_not_fit)
{
    struct ps_stun request = read_ok(VECTOR(sample_request));
    struct ps_address seen;
    char small[40];
    struct ps_writer w = ps_writer(small, sizeof small);
    memset(&seen, 0, sizeof seen);
    ps_stun_put_answer(&w, &request, &seen);
    ck_assert_int_eq(w.error, PS_E_OVERFLOW);
}
END_TEST

START_TEST(more_unknown_attributes_than_are_named)
{
    char request[20 + 4 * 12] = "\0\1\0\x30\x21\x12\xa4\x42qwertyuiopas", answer[PS_STUN_ANSWER];
    size_t i, n;
    for (i = 20; i < sizeof request; i += 4)
        memcpy(request + i, "\x70\0\0\0", 4);
    answer_to(ps_slice(request, sizeof request), "[::1]:1", answer, &n);
    ck_assert_uint_eq(n, 20 + 28 + 4 + 2 * PS_STUN_UNKNOWN);
}
END_TEST

START_TEST(kinds_of_messages)
{
    char message[20] = "\1\x11\0\0\x21\x12\xa4\x42qwertyuiopas";
    ck_assert_int_eq(read_ok(ps_slice(message, 20)).kind, PS_STUN_ERROR);
    message[0] = 0; /* an indication */
    ck_assert_int_eq(read_ok(ps_slice(message, 20)).kind, PS_STUN_OTHER);
}
END_TEST

static enum ps_error read_attributes(const char *attributes, size_t n)
{
    char *message = malloc(20 + n);
    struct ps_stun out;
    enum ps_error error;
    memcpy(message, "\1\1\0\0\x21\x12\xa4\x42qwertyuiopas", 20);
    message[3] = (char)n;
    memcpy(message + 20, attributes, n);
    error = ps_stun_read(ps_slice(message, 20 + n), &out);
    free(message);
    return error;
}
#define READ(attributes) read_attributes(attributes, sizeof(attributes) - 1)

START_TEST(attributes_that_lie_are_refused)
{
    ck_assert_int_eq(READ("\0\x20\0\x08\0\1\0\0\0\0\0\0"), PS_OK);
    ck_assert_int_eq(READ("\0\x20\0\x08\0\1\0\0\0\0\0"), PS_E_SYNTAX);   /* no multiple of 4 */
    ck_assert_int_eq(READ("\0\x20\0\x09\0\1\0\0\0\0\0\0"), PS_E_SYNTAX); /* over the end */
    ck_assert_int_eq(READ("\x80\x20\xff\xff"), PS_E_SYNTAX);
    ck_assert_int_eq(READ("\0\x20\0\x08\0\2\0\0\0\0\0\0"), PS_E_SYNTAX); /* the family */
    ck_assert_int_eq(READ("\0\x20\0\x08\0\0\0\0\0\0\0\0"), PS_E_SYNTAX);
    ck_assert_int_eq(READ("\0\x20\0\x14\0\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), PS_E_SYNTAX);
    ck_assert_int_eq(READ("\0\x20\0\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), PS_E_SYNTAX);
    ck_assert_int_eq(READ("\0\x20\0\0"), PS_E_SYNTAX);
    ck_assert_int_eq(READ("\0\x20\0\4\0\1\0\0"), PS_E_SYNTAX);
    ck_assert_int_eq(READ("\x80\x28\0\4\0\0\0\0"), PS_E_SYNTAX); /* the fingerprint */
    ck_assert_int_eq(READ("\x80\x28\0\0"), PS_E_SYNTAX);
    ck_assert_int_eq(READ("\x80\x22\0\1x\0\0\0"), PS_OK);
}
END_TEST

/* CRC-32, of its own (RFC 5389 15.5). */
static uint32_t crc(const char *p, size_t n)
{
    uint32_t c = 0xffffffff;
    size_t i;
    for (i = 0; i < n * 8; i++)
        c = ((c ^ (uint32_t)((uint8_t)p[i / 8] >> i % 8)) & 1) ? c >> 1 ^ 0xedb88320 : c >> 1;
    return ~c;
}

START_TEST(a_fingerprint_is_of_all_before_it_and_stands_last)
{
    uint32_t right;
    char message[sizeof sample_ipv4 + 4];
    struct ps_stun out;
    size_t i;
    for (i = 8; i < sizeof sample_ipv4 - 1; i++) {
        memcpy(message, sample_ipv4, sizeof sample_ipv4);
        message[i] = (char)(message[i] ^ 4);
        if (i >= 72 && i < 74) /* another attribute then: no fingerprint, which is fine */
            continue;
        ck_assert_int_eq(ps_stun_read(ps_slice(message, sizeof sample_ipv4 - 1), &out),
                         PS_E_SYNTAX);
    }
    memcpy(message, sample_ipv4, sizeof sample_ipv4 - 1);
    memcpy(message + sizeof sample_ipv4 - 1, "\x80\x22\0\0", 4);
    message[3] = 0x40;
    right = crc(message, 72) ^ 0x5354554e;
    message[76] = (char)(right >> 24);
    message[77] = (char)(right >> 16);
    message[78] = (char)(right >> 8);
    message[79] = (char)right;
    ck_assert_int_eq(ps_stun_read(ps_slice(message, sizeof sample_ipv4 + 3), &out), PS_E_SYNTAX);
    ck_assert_int_eq(ps_stun_read(PS_S("INVITE"), &out), PS_E_SYNTAX);
    message[3] = 0x3c; /* and the same where it stands last */
    right = crc(message, 72) ^ 0x5354554e;
    message[76] = (char)(right >> 24);
    message[77] = (char)(right >> 16);
    message[78] = (char)(right >> 8);
    message[79] = (char)right;
    ck_assert_int_eq(ps_stun_read(ps_slice(message, 80), &out), PS_OK);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("stun");
    TCase *t = tcase_create("stun");
    tcase_add_test(t, kinds_of_datagrams);
    tcase_add_test(t, the_sample_request_of_rfc5769_2_1);
    tcase_add_test(t, the_sample_answers_of_rfc5769_2_2_and_2_3);
    tcase_add_test(t, an_answer_says_how_the_sender_was_seen);
    tcase_add_test(t, what_must_be_understood_and_is_not_gets_420);
    tcase_add_test(t, an_answer_that_does_not_fit);
    tcase_add_test(t, more_unknown_attributes_than_are_named);
    tcase_add_test(t, kinds_of_messages);
    tcase_add_test(t, attributes_that_lie_are_refused);
    tcase_add_test(t, a_fingerprint_is_of_all_before_it_and_stands_last);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
