/*
 * Covers transport/dns: names as DNS writes them, queries, and reading answers: aliases,
 * compression, lifetimes, truncation, and answers that lie (RFC 1035, 2181, 2308, 3596). Each
 * message is read from memory that ends where it ends, also cut off after each byte.
 * Does not cover: sockets and tries (test_resolver).
 */
#include "check_main.h"
#include "transport/dns_internal.h"

#include <stdio.h>

static struct ps_dns_name name(const char *text)
{
    struct ps_dns_name out;
    ck_assert_int_eq(ps_dns_name(ps_slice_of(text), &out), PS_OK);
    return out;
}

/* ---- messages are built here byte by byte ---- */

static char message[8192];
static struct ps_writer w;

static void u8(unsigned v)
{
    ps_put_char(&w, (char)(v & 255));
}
static void u16(unsigned v)
{
    u8(v >> 8);
    u8(v);
}
static void u32(uint32_t v)
{
    u16(v >> 16);
    u16(v & 0xffff);
}
static void labels(const char *text)
{
    struct ps_dns_name n = name(text);
    ps_put(&w, ps_slice((const char *)n.bytes, n.n));
}
/* An answer to "host.test" with so many records to follow. */
static void begin(unsigned flags, unsigned type, unsigned answers, unsigned authorities)
{
    w = ps_writer(message, sizeof message);
    u16(0x1234);
    u16(flags);
    u16(1);
    u16(answers);
    u16(authorities);
    u16(0);
    labels("host.test"); /* at 12 */
    u16(type);
    u16(1);
}
static void record(unsigned owner, unsigned type, uint32_t ttl, unsigned length)
{
    u16(0xc000 | owner);
    u16(type);
    u16(1);
    u32(ttl);
    u16(length);
}

/* Reads a copy that ends with an allocation's end. */
static enum ps_error read_cut(size_t n, unsigned type, struct ps_dns_answer *out)
{
    struct ps_dns_name asked = name("host.test");
    char *exact = malloc(n ? n : 1);
    enum ps_error error;
    memcpy(exact, message, n);
    error = ps_dns_read(ps_slice(exact, n), 0x1234, &asked, type, out);
    free(exact);
    return error;
}

/* Whole; and cut after each byte it never has more than whole. */
static struct ps_dns_answer read_it(unsigned type)
{
    struct ps_dns_answer whole, cut;
    size_t n;
    ck_assert_int_eq(read_cut(w.n, type, &whole), PS_OK);
    for (n = 0; n < w.n; n++)
        if (!read_cut(n, type, &cut))
            ck_assert(cut.kind == PS_DNS_FAILED || (cut.kind == whole.kind && cut.n <= whole.n));
    return whole;
}

/* ---- names ---- */

START_TEST(names_rfc1035_2_3_4)
{
    struct ps_dns_name n = name("Ab.c_d-1.");
    char text[260];
    ck_assert_uint_eq(n.n, 10);
    ck_assert_int_eq(memcmp(n.bytes, "\2ab\5c_d-1\0", 10), 0);
    ck_assert_int_eq(ps_dns_name(PS_S(""), &n), PS_E_HOST);
    ck_assert_int_eq(ps_dns_name(PS_S("."), &n), PS_E_HOST);
    ck_assert_int_eq(ps_dns_name(PS_S("a..b"), &n), PS_E_HOST);
    ck_assert_int_eq(ps_dns_name(PS_S(".a"), &n), PS_E_HOST);
    ck_assert_int_eq(ps_dns_name(PS_S("a b"), &n), PS_E_HOST);
    ck_assert_int_eq(ps_dns_name(PS_S("a\xc3\xa4.test"), &n), PS_E_HOST);
    memset(text, 'a', sizeof text);
    ck_assert_int_eq(ps_dns_name(ps_slice(text, 63), &n), PS_OK);
    ck_assert_int_eq(ps_dns_name(ps_slice(text, 64), &n), PS_E_HOST);
    text[63] = text[127] = text[191] = '.';
    ck_assert_int_eq(ps_dns_name(ps_slice(text, 253), &n), PS_OK);
    ck_assert_uint_eq(n.n, 255);
    ck_assert_int_eq(ps_dns_name(ps_slice(text, 254), &n), PS_E_HOST);
}
END_TEST

START_TEST(a_query_is_four_sections_rfc1035_4_1)
{
    struct ps_dns_name n = name("host.test");
    w = ps_writer(message, sizeof message);
    ps_dns_put_query(&w, 0x1234, &n, PS_DNS_AAAA);
    ck_assert_uint_eq(w.n, 12 + 11 + 4);
    ck_assert_int_eq(memcmp(message, "\x12\x34\1\0\0\1\0\0\0\0\0\0\4host\4test\0\0\34\0\1", 27), 0);
    {
        char text[253];
        memset(text, 'a', sizeof text);
        text[63] = text[127] = text[191] = '.';
        ck_assert_int_eq(ps_dns_name(ps_slice(text, sizeof text), &n), PS_OK);
        w = ps_writer(message, PS_DNS_QUERY);
        ps_dns_put_query(&w, 1, &n, PS_DNS_A);
        ck_assert_int_eq(w.error, PS_OK);
    }
}
END_TEST

/* ---- answers ---- */

START_TEST(addresses_and_the_smallest_lifetime)
{
    struct ps_dns_answer a;
    begin(0x8180, PS_DNS_A, 2, 0);
    record(12, PS_DNS_A, 300, 4);
    u32(0xc0000201);
    record(12, PS_DNS_A, 200, 4);
    u32(0xc0000202);
    a = read_it(PS_DNS_A);
    ck_assert_int_eq(a.kind, PS_DNS_ADDRESSES);
    ck_assert_uint_eq(a.n, 2);
    ck_assert_uint_eq(a.ttl, 200);
    ck_assert_int_eq(a.addresses[0].family, PS_IPV4);
    ck_assert_int_eq(memcmp(a.addresses[1].ip, "\300\0\2\2", 4), 0);
    ck_assert_uint_eq(a.addresses[1].port, 0);
}
END_TEST

START_TEST(ipv6_addresses_rfc3596)
{
    struct ps_dns_answer a;
    begin(0x8180, PS_DNS_AAAA, 1, 0);
    record(12, PS_DNS_AAAA, 0x80000000, 16); /* RFC 2181 8: as if it were 0 */
    u32(0x20010db8);
    u32(0);
    u32(0);
    u32(1);
    a = read_it(PS_DNS_AAAA);
    ck_assert_uint_eq(a.n, 1);
    ck_assert_uint_eq(a.ttl, 0);
    ck_assert_int_eq(a.addresses[0].family, PS_IPV6);
    ck_assert_int_eq(memcmp(a.addresses[0].ip, "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16), 0);
}
END_TEST

/* Passes over what does not belong to the question: other owners, types, classes, lengths. */
START_TEST(records_of_others_are_not_taken)
{
    struct ps_dns_answer a;
    begin(0x8180, PS_DNS_A, 5, 0);
    labels("evil.test");
    u16(PS_DNS_A);
    u16(1);
    u32(9);
    u16(4);
    u32(1);
    record(12, PS_DNS_AAAA, 9, 4);
    u32(2);
    record(12, PS_DNS_A, 9, 3);
    u16(3);
    u8(3);
    u16(0xc00c);
    u16(PS_DNS_A);
    u16(3); /* class CHAOS */
    u32(9);
    u16(4);
    u32(4);
    record(12, PS_DNS_A, 60, 4);
    u32(0xc0000201);
    a = read_it(PS_DNS_A);
    ck_assert_uint_eq(a.n, 1);
    ck_assert_uint_eq(a.ttl, 60);
    ck_assert_int_eq(a.addresses[0].ip[3], 1);
}
END_TEST

START_TEST(more_addresses_than_are_kept)
{
    struct ps_dns_answer a;
    uint32_t i;
    begin(0x8180, PS_DNS_A, PS_RESOLVER_ADDRESSES + 3, 0);
    for (i = 0; i < PS_RESOLVER_ADDRESSES + 3; i++) {
        record(12, PS_DNS_A, 60, 4);
        u32(0xc0000200 + i);
    }
    a = read_it(PS_DNS_A);
    ck_assert_uint_eq(a.n, PS_RESOLVER_ADDRESSES);
}
END_TEST

/* host.test -> b.test -> c.test, the records in any order. */
START_TEST(aliases_are_followed_rfc1034_3_6_2)
{
    struct ps_dns_answer a;
    begin(0x8180, PS_DNS_A, 3, 0);
    labels("c.test");
    u16(PS_DNS_A);
    u16(1);
    u32(100);
    u16(4);
    u32(0xc0000203);
    labels("B.test");
    u16(5);
    u16(1);
    u32(50);
    u16(8);
    labels("c.TEST");
    record(12, 5, 70, 8);
    labels("b.test");
    a = read_it(PS_DNS_A);
    ck_assert_int_eq(a.kind, PS_DNS_ADDRESSES);
    ck_assert_uint_eq(a.n, 1);
    ck_assert_uint_eq(a.ttl, 50);
}
END_TEST

START_TEST(aliases_that_go_round_end)
{
    struct ps_dns_answer a;
    begin(0x8180, PS_DNS_A, 2, 0);
    record(12, 5, 70, 8);
    labels("b.test");
    labels("b.test");
    u16(5);
    u16(1);
    u32(50);
    u16(11);
    labels("host.test");
    a = read_it(PS_DNS_A);
    ck_assert_int_eq(a.kind, PS_DNS_NOTHING);
    ck_assert_uint_eq(a.ttl, 0);
}
END_TEST

START_TEST(an_alias_without_a_name)
{
    struct ps_dns_answer a;
    begin(0x8180, PS_DNS_A, 1, 0);
    record(12, 5, 70, 1);
    u8(63); /* a label that the message does not hold */
    a = read_it(PS_DNS_A);
    ck_assert_int_eq(a.kind, PS_DNS_NOTHING);
}
END_TEST

static struct ps_dns_answer negative(unsigned flags, uint32_t ttl, uint32_t minimum)
{
    begin(flags, PS_DNS_A, 0, 2);
    record(17, 2, 5, 2); /* an NS record of "test", then its SOA */
    u16(0xc011);
    record(17, 6, ttl, 24);
    u16(0xc011);
    u16(0xc011);
    u32(1);
    u32(2);
    u32(3);
    u32(4);
    u32(minimum);
    return read_it(PS_DNS_A);
}

START_TEST(nothing_holds_as_long_as_the_zone_says_rfc2308_5)
{
    ck_assert_int_eq(negative(0x8183, 100, 50).kind, PS_DNS_NOTHING);
    ck_assert_uint_eq(negative(0x8183, 100, 50).ttl, 50);
    ck_assert_uint_eq(negative(0x8183, 40, 50).ttl, 40);
    ck_assert_uint_eq(negative(0x8180, 100000, 100000).ttl, 300);
    begin(0x8183, PS_DNS_A, 0, 0);
    ck_assert_uint_eq(read_it(PS_DNS_A).ttl, 0);
    begin(0x8183, PS_DNS_A, 0, 1);
    record(17, 6, 60, 3); /* too short for an SOA */
    u16(1);
    u8(1);
    ck_assert_uint_eq(read_it(PS_DNS_A).ttl, 0);
}
END_TEST

START_TEST(truncated_and_failed)
{
    unsigned code;
    begin(0x8380, PS_DNS_A, 0, 0);
    ck_assert_int_eq(read_it(PS_DNS_A).kind, PS_DNS_TRUNCATED);
    for (code = 1; code < 16; code++) {
        begin(0x8180 | code, PS_DNS_A, 0, 0);
        ck_assert_int_eq(read_it(PS_DNS_A).kind, code == 3 ? PS_DNS_NOTHING : PS_DNS_FAILED);
    }
    /* a server that did not understand may answer with the header alone */
    w = ps_writer(message, sizeof message);
    u16(0x1234);
    u16(0x8184);
    u32(0);
    u32(0);
    ck_assert_int_eq(read_it(PS_DNS_A).kind, PS_DNS_FAILED);
}
END_TEST

/* Each answers something else than the question: by id, by text, or is none. */
START_TEST(strays_are_not_answers)
{
    struct ps_dns_answer a;
    struct ps_dns_name other = name("host.tesu");
    begin(0x8180, PS_DNS_A, 1, 0);
    record(12, PS_DNS_A, 300, 4);
    u32(0xc0000201);
    ck_assert_int_eq(read_cut(w.n, PS_DNS_A, &a), PS_OK);
    ck_assert_int_eq(read_cut(w.n, PS_DNS_AAAA, &a), PS_E_SYNTAX);
    ck_assert_int_eq(ps_dns_read(ps_slice(message, w.n), 0x1234, &other, PS_DNS_A, &a),
                     PS_E_SYNTAX);
    message[1] ^= 1; /* id */
    ck_assert_int_eq(read_cut(w.n, PS_DNS_A, &a), PS_E_SYNTAX);
    message[1] ^= 1;
    message[2] ^= (char)0x80; /* a query */
    ck_assert_int_eq(read_cut(w.n, PS_DNS_A, &a), PS_E_SYNTAX);
    message[2] ^= (char)0x80;
    message[2] ^= 0x10; /* opcode */
    ck_assert_int_eq(read_cut(w.n, PS_DNS_A, &a), PS_E_SYNTAX);
    message[2] ^= 0x10;
    message[5] = 2; /* two questions */
    ck_assert_int_eq(read_cut(w.n, PS_DNS_A, &a), PS_E_SYNTAX);
    message[5] = 0; /* none, but no failure */
    ck_assert_int_eq(read_cut(w.n, PS_DNS_A, &a), PS_E_SYNTAX);
    message[3] |= 3;
    ck_assert_int_eq(read_cut(w.n, PS_DNS_A, &a), PS_E_SYNTAX);
    message[3] = (char)(message[3] & ~3);
    message[5] = 1;
    message[26] = 3; /* class */
    ck_assert_int_eq(read_cut(w.n, PS_DNS_A, &a), PS_E_SYNTAX);
    message[26] = 1;
    ck_assert_int_eq(read_cut(w.n, PS_DNS_A, &a), PS_OK);
}
END_TEST

/* ---- compression ---- */

/* An answer whose owner name is these bytes at offset 27. */
static enum ps_dns_kind with_owner(const char *bytes, size_t n)
{
    begin(0x8180, PS_DNS_A, 1, 0);
    ps_put(&w, ps_slice(bytes, n));
    u16(PS_DNS_A);
    u16(1);
    u32(60);
    u16(4);
    u32(0xc0000201);
    return read_it(PS_DNS_A).kind;
}

START_TEST(compressed_names_lead_backwards_rfc1035_4_1_4)
{
    ck_assert_int_eq(with_owner("\xc0\x0c", 2), PS_DNS_ADDRESSES);
    ck_assert_int_eq(with_owner("\4host\xc0\x11", 7), PS_DNS_ADDRESSES);
    ck_assert_int_eq(with_owner("\4HOST\4TeSt\0", 11), PS_DNS_ADDRESSES);
    ck_assert_int_eq(with_owner("\4most\xc0\x11", 7), PS_DNS_NOTHING);
    ck_assert_int_eq(with_owner("\xc0\x1b", 2), PS_DNS_FAILED);    /* itself */
    ck_assert_int_eq(with_owner("\1a\xc0\x1b", 4), PS_DNS_FAILED); /* its own beginning */
    ck_assert_int_eq(with_owner("\xc0\x1d", 2), PS_DNS_FAILED);    /* forwards */
    ck_assert_int_eq(with_owner("\xff\xff", 2), PS_DNS_FAILED);    /* outside */
    ck_assert_int_eq(with_owner("\x40"
                                "a\0",
                                3),
                     PS_DNS_FAILED); /* neither */
    ck_assert_int_eq(with_owner("\x80"
                                "a\0",
                                3),
                     PS_DNS_FAILED);
}
END_TEST

/* A chain of pointers, each to the one before: as many as are allowed, and one more. */
static enum ps_dns_kind with_chain(unsigned pointers)
{
    unsigned i;
    begin(0x8180, PS_DNS_A, 2, 0);
    record(12, 16, 60, 2 * pointers); /* a TXT record that holds the chain, at 39 */
    u16(0xc00c);
    for (i = 1; i < pointers; i++)
        u16(0xc000 | (39 + 2 * (i - 1)));
    record(39 + 2 * (pointers - 1), PS_DNS_A, 60, 4);
    u32(0xc0000201);
    return read_it(PS_DNS_A).kind;
}

START_TEST(chains_of_pointers_are_bounded)
{
    ck_assert_int_eq(with_chain(1), PS_DNS_ADDRESSES);
    ck_assert_int_eq(with_chain(31), PS_DNS_ADDRESSES);
    ck_assert_int_eq(with_chain(32), PS_DNS_FAILED);
}
END_TEST

START_TEST(a_name_longer_than_255_is_refused)
{
    char labels63[4 * 64 + 1];
    int i;
    for (i = 0; i < 4; i++) {
        labels63[i * 64] = 63;
        memset(labels63 + i * 64 + 1, 'a', 63);
    }
    labels63[256] = 0;
    ck_assert_int_eq(with_owner(labels63, sizeof labels63), PS_DNS_FAILED);
    labels63[192] = 61; /* 255 bytes with the root */
    labels63[192 + 62] = 0;
    ck_assert_int_eq(with_owner(labels63, 255), PS_DNS_NOTHING);
}
END_TEST

/* Nothing that differs by a byte from a good answer does harm. */
START_TEST(each_byte_changed)
{
    size_t i;
    unsigned bit, read = 0;
    begin(0x8180, PS_DNS_A, 2, 1);
    record(12, 5, 70, 8);
    labels("b.test");
    record(39, PS_DNS_A, 60, 4);
    u32(0xc0000201);
    record(17, 6, 60, 22);
    u16(0xc011);
    ps_put(&w, ps_slice("12345678901234567890", 20));
    ck_assert_int_eq(read_it(PS_DNS_A).kind, PS_DNS_ADDRESSES);
    for (i = 0; i < w.n; i++)
        for (bit = 0; bit < 8; bit++) {
            struct ps_dns_answer a;
            message[i] = (char)(message[i] ^ (1 << bit));
            read += !read_cut(w.n, PS_DNS_A, &a);
            message[i] = (char)(message[i] ^ (1 << bit));
        }
    ck_assert_uint_gt(read, 0);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("dns");
    TCase *t = tcase_create("dns");
    tcase_add_test(t, names_rfc1035_2_3_4);
    tcase_add_test(t, a_query_is_four_sections_rfc1035_4_1);
    tcase_add_test(t, addresses_and_the_smallest_lifetime);
    tcase_add_test(t, ipv6_addresses_rfc3596);
    tcase_add_test(t, records_of_others_are_not_taken);
    tcase_add_test(t, more_addresses_than_are_kept);
    tcase_add_test(t, aliases_are_followed_rfc1034_3_6_2);
    tcase_add_test(t, aliases_that_go_round_end);
    tcase_add_test(t, an_alias_without_a_name);
    tcase_add_test(t, nothing_holds_as_long_as_the_zone_says_rfc2308_5);
    tcase_add_test(t, truncated_and_failed);
    tcase_add_test(t, strays_are_not_answers);
    tcase_add_test(t, compressed_names_lead_backwards_rfc1035_4_1_4);
    tcase_add_test(t, chains_of_pointers_are_bounded);
    tcase_add_test(t, a_name_longer_than_255_is_refused);
    tcase_add_test(t, each_byte_changed);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
