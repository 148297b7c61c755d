/*
 * Covers sip/address: IPv4 and IPv6 text both ways (RFC 3261 25.1, RFC 5954, RFC 5952), ports.
 * Does not cover: host names (uri).
 */
#include "check_main.h"
#include "sip/address.h"

static const char *round_trip(const char *text)
{
    static char out[PS_ADDRESS_TEXT];
    struct ps_address a;
    struct ps_writer w = ps_writer(out, sizeof out);
    if (ps_ip_parse(ps_slice_of(text), &a))
        return "error";
    ps_put_ip(&w, &a, false);
    ps_put_char(&w, '\0');
    return out;
}

START_TEST(ipv4_rfc3261_25_1)
{
    ck_assert_str_eq(round_trip("192.0.2.1"), "192.0.2.1");
    ck_assert_str_eq(round_trip("0.0.0.0"), "0.0.0.0");
    ck_assert_str_eq(round_trip("256.0.2.1"), "error");
    ck_assert_str_eq(round_trip("1.2.3"), "error");
    ck_assert_str_eq(round_trip("1.2.3.4.5"), "error");
    ck_assert_str_eq(round_trip("1..3.4"), "error");
    ck_assert_str_eq(round_trip("0001.2.3.4"), "error");
    ck_assert_str_eq(round_trip(""), "error");
}
END_TEST

START_TEST(ipv6_rfc5954_rfc5952)
{
    ck_assert_str_eq(round_trip("2001:DB8::9:1"), "2001:db8::9:1");
    ck_assert_str_eq(round_trip("[2001:db8::9:1]"), "2001:db8::9:1");
    ck_assert_str_eq(round_trip("::"), "::");
    ck_assert_str_eq(round_trip("::1"), "::1");
    ck_assert_str_eq(round_trip("1::"), "1::");
    ck_assert_str_eq(round_trip("::ffff:192.0.2.1"), "::ffff:c000:201");
    ck_assert_str_eq(round_trip("1:2:3:4:5:6:7:8"), "1:2:3:4:5:6:7:8");
    ck_assert_str_eq(round_trip("1:0:0:4:0:0:0:8"), "1:0:0:4::8");
    ck_assert_str_eq(round_trip("1:2:3:4:5:6:1.2.3.4"), "1:2:3:4:5:6:102:304");
    ck_assert_str_eq(round_trip("1:2:3:4:5:6:7::"), "1:2:3:4:5:6:7:0");
    ck_assert_str_eq(round_trip("1:2:3:4:5:6:7"), "error");
    ck_assert_str_eq(round_trip("1:2:3:4:5:6:7:8:9"), "error");
    ck_assert_str_eq(round_trip("1:2:3:4:5:6:7:8::"), "error");
    ck_assert_str_eq(round_trip("1::2::3"), "error");
    ck_assert_str_eq(round_trip(":::1"), "error");
    ck_assert_str_eq(round_trip("1:"), "error");
    ck_assert_str_eq(round_trip(":1"), "error");
    ck_assert_str_eq(round_trip("12345::"), "error");
    ck_assert_str_eq(round_trip("1:2:3:4:5:6:7:1.2.3.4"), "error");
    /* RFC 5118 4.10 */
    ck_assert_str_eq(round_trip("2001:db8:::192.0.2.1"), "2001:db8::c000:201");
    ck_assert_str_eq(round_trip(":::192.0.2.1"), "::c000:201");
    ck_assert_str_eq(round_trip("2001:db8::::192.0.2.1"), "error");
    ck_assert_str_eq(round_trip("2001:::db8:192.0.2.1"), "error");
    ck_assert_str_eq(round_trip("[::1"), "error");
}
END_TEST

START_TEST(address_with_port)
{
    struct ps_address a;
    ck_assert_int_eq(ps_address_parse(PS_S("127.0.0.1:5061"), 5060, &a), PS_OK);
    ck_assert_uint_eq(a.port, 5061);
    ck_assert_int_eq(ps_address_parse(PS_S("127.0.0.1"), 5060, &a), PS_OK);
    ck_assert_uint_eq(a.port, 5060);
    ck_assert_int_eq(ps_address_parse(PS_S("[::1]:7"), 5060, &a), PS_OK);
    ck_assert_uint_eq(a.port, 7);
    ck_assert_int_eq(a.family, PS_IPV6);
    ck_assert_int_eq(ps_address_parse(PS_S("::1"), 9, &a), PS_OK);
    ck_assert_uint_eq(a.port, 9);
    ck_assert_int_eq(ps_address_parse(PS_S("127.0.0.1:65536"), 0, &a), PS_E_PORT);
    ck_assert_int_eq(ps_address_parse(PS_S("127.0.0.1:"), 0, &a), PS_E_PORT);
    ck_assert_int_eq(ps_address_parse(PS_S("[::1]5"), 0, &a), PS_E_PORT);
    ck_assert_int_eq(ps_address_parse(PS_S("[::1"), 0, &a), PS_E_ADDRESS);
    ck_assert_int_eq(ps_address_parse(PS_S("host:5"), 0, &a), PS_E_ADDRESS);
}
END_TEST

START_TEST(addresses_compare)
{
    struct ps_address a, b;
    ck_assert(!ps_address_parse(PS_S("10.0.0.1"), 1, &a));
    b = a;
    ck_assert(ps_address_equal(&a, &b));
    b.scope = 1;
    ck_assert(!ps_address_equal(&a, &b));
    b = a;
    b.port = 2;
    ck_assert(!ps_address_equal(&a, &b));
    ck_assert(ps_ip_equal(&a, &b));
    b.ip[0] = 11;
    ck_assert(!ps_ip_equal(&a, &b));
    ck_assert(!ps_address_equal(&a, &b));
    ck_assert(!ps_ip_is_any(&a));
    ck_assert(!ps_address_parse(PS_S("[::1]"), 1, &b));
    ck_assert(!ps_ip_equal(&a, &b));
    ck_assert(!ps_ip_is_any(&b));
    a = b;
    ck_assert(ps_ip_equal(&a, &b));
    ck_assert(!ps_ip_parse(PS_S("::"), &b));
    ck_assert(ps_ip_is_any(&b));
    ck_assert(!ps_ip_parse(PS_S("0.0.0.0"), &b));
    ck_assert(ps_ip_is_any(&b));
}
END_TEST

START_TEST(addresses_written)
{
    char out[PS_ADDRESS_TEXT];
    struct ps_address a;
    struct ps_writer w = ps_writer(out, sizeof out);
    ck_assert(!ps_address_parse(PS_S("[1:23:456:789a::]:5"), 0, &a));
    ps_put_address(&w, &a);
    ck_assert_slice_eq(ps_written(&w), "[1:23:456:789a::]:5");
    ck_assert_int_eq(ps_address_parse(PS_S(""), 0, &a), PS_E_ADDRESS);
}
END_TEST

START_TEST(transport_names)
{
    ck_assert_int_eq(ps_transport_from(PS_S("udp")), PS_UDP);
    ck_assert_int_eq(ps_transport_from(PS_S("TLS")), PS_TLS);
    ck_assert_int_eq(ps_transport_from(PS_S("UNKNOWN")), PS_TRANSPORT_OTHER);
    ck_assert_slice_eq(ps_transport_name(PS_WSS), "WSS");
    ck_assert_uint_eq(ps_transport_name(PS_TRANSPORT_OTHER).n, 0);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("address");
    TCase *t = tcase_create("text");
    tcase_add_test(t, ipv4_rfc3261_25_1);
    tcase_add_test(t, ipv6_rfc5954_rfc5952);
    tcase_add_test(t, address_with_port);
    tcase_add_test(t, addresses_compare);
    tcase_add_test(t, addresses_written);
    tcase_add_test(t, transport_names);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
