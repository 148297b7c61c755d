/*
 * Covers sip/base/address_text: addresses inside other texts (RFC 3986 3.2.2, RFC 4566 9).
 * Does not cover: whole addresses (test_address).
 */
#include "check_main.h"
#include "sip/base/address_text.h"

/* RFC 3986: the third colon is RFC 3261's alone. */
START_TEST(ipv6_as_sdp_has_it)
{
    uint8_t ip[16] = {9};
    ck_assert_int_eq(ps_ipv6_parse(PS_S("ff02::1"), ip), PS_OK);
    ck_assert_uint_eq(ip[0], 0xff);
    ck_assert_uint_eq(ip[1], 2);
    ck_assert_uint_eq(ip[15], 1);
    ck_assert_int_eq(ps_ipv6_parse(PS_S("::192.0.2.1"), ip), PS_OK);
    ck_assert_uint_eq(ip[12], 192);
    ck_assert_int_eq(ps_ipv6_parse(PS_S(":::192.0.2.1"), ip), PS_E_ADDRESS);
    ck_assert_int_eq(ps_ipv6_parse(PS_S("[::1]"), ip), PS_E_ADDRESS);
    ck_assert_int_eq(ps_ipv6_parse(PS_S("192.0.2.1"), ip), PS_E_ADDRESS);
    ck_assert_int_eq(ps_ipv6_parse(PS_NONE, ip), PS_E_ADDRESS);
    ck_assert_uint_eq(ip[12], 192);
}
END_TEST

START_TEST(ipv4_at_the_start)
{
    uint8_t ip[4];
    ck_assert_uint_eq(ps_ipv4_length(PS_S("224.0.1.255/127"), ip), 11);
    ck_assert_uint_eq(ip[0], 224);
    ck_assert_uint_eq(ip[3], 255);
    ck_assert_uint_eq(ps_ipv4_length(PS_S("10.0.0.1.example"), ip), 8);
    ck_assert_uint_eq(ps_ipv4_length(PS_S("10.0.0.256"), ip), 0);
    ck_assert_uint_eq(ps_ipv4_length(PS_S("10.0.0.1000"), ip), 0);
    ck_assert_uint_eq(ps_ipv4_length(PS_S("10.0.0.4294967297"), ip), 0);
    ck_assert_uint_eq(ps_ipv4_length(PS_S("10.0.0"), ip), 0);
    ck_assert_uint_eq(ps_ipv4_length(PS_NONE, ip), 0);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("address text");
    TCase *t = tcase_create("address text");
    tcase_add_test(t, ipv6_as_sdp_has_it);
    tcase_add_test(t, ipv4_at_the_start);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
