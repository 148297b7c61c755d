/*
 * Covers sip/header and sip/via: parameters, comma lists, quoted strings, folds, name-addr (RFC
 * 3261 20.10, 25.1), Via (20.42, RFC 3581, RFC 5118 4.5). Does not cover: other typed values
 * (test_values).
 */
#include "check_main.h"
#include "sip/header.h"

#define assert_slice(slice, text)                                                                  \
    do {                                                                                           \
        struct ps_slice got = (slice);                                                             \
        ck_assert_msg(ps_equal(got, ps_slice_of(text)), "'%.*s' is not '%s'", (int)got.n,          \
                      got.p ? got.p : "", text);                                                   \
    } while (0)

/* "name=value|name|" of all parameters, and "!" where the walk ends at a malformed one. */
static const char *params(const char *text)
{
    static char out[512];
    struct ps_writer w = ps_writer(out, sizeof out);
    struct ps_slice rest = ps_slice_of(text);
    struct ps_param one;
    while (ps_param_next(&rest, &one)) {
        ps_put(&w, one.name);
        if (one.value.p) {
            ps_put_char(&w, '=');
            ps_put(&w, one.value);
        }
        ps_put_char(&w, '|');
    }
    if (rest.n)
        ps_put_char(&w, '!');
    ps_put_char(&w, '\0');
    return out;
}

START_TEST(parameters_25_1)
{
    struct ps_slice value;
    ck_assert_str_eq(params(""), "");
    ck_assert_str_eq(params("a=b;c"), "a=b|c|");
    ck_assert_str_eq(params(" a =\r\n b ; c "), "a=b|c|");
    ck_assert_str_eq(params("a=\"x;\\\"y\";b=1"), "a=\"x;\\\"y\"|b=1|");
    ck_assert_str_eq(params("received=[2001:db8::1];r=2001:db8::1"),
                     "received=[2001:db8::1]|r=2001:db8::1|");
    ck_assert_str_eq(params("tag=abc=="), "tag=abc==|");
    ck_assert_str_eq(params("a=b#c@d"), "a=b#c@d|");
    ck_assert_str_eq(params(";"), "!");
    ck_assert_str_eq(params("a;"), "a|!");
    ck_assert_str_eq(params("a;;b"), "a|!");
    ck_assert_str_eq(params("a="), "!");
    ck_assert_str_eq(params("a=;b"), "!");
    ck_assert_str_eq(params("a=\"b"), "!");
    ck_assert_str_eq(params("a=\"b\\"), "!");
    ck_assert_str_eq(params("a b"), "!");
    ck_assert_str_eq(params("a=b c"), "!");
    ck_assert_str_eq(params("=b"), "!");
    ck_assert(ps_param_find(PS_S("a=1;B=2;b=3"), PS_S("b"), &value));
    assert_slice(value, "2");
    ck_assert(!ps_param_find(PS_S("a=1;b"), PS_S("c"), &value));
}
END_TEST

static const char *list(const char *text)
{
    static char out[512];
    struct ps_writer w = ps_writer(out, sizeof out);
    struct ps_slice rest = ps_slice_of(text), element;
    while (ps_list_next(&rest, &element)) {
        ck_assert_ptr_nonnull(element.p);
        ps_put(&w, element);
        ps_put_char(&w, '|');
    }
    ps_put_char(&w, '\0');
    return out;
}

START_TEST(comma_lists_7_3_1)
{
    ck_assert_str_eq(list(""), "");
    ck_assert_str_eq(list("a"), "a|");
    ck_assert_str_eq(list("a, b\r\n ,c "), "a|b|c|");
    ck_assert_str_eq(list("\"a,\\\",b\" <sip:x,y>;z, c"), "\"a,\\\",b\" <sip:x,y>;z|c|");
    ck_assert_str_eq(list("a,,b"), "a||b|");
    ck_assert_str_eq(list("a,"), "a||");
    ck_assert_str_eq(list(","), "|");
    ck_assert_str_eq(list(",a"), "|a|");
    /* what does not close takes the rest */
    ck_assert_str_eq(list("\"a,b"), "\"a,b|");
    ck_assert_str_eq(list("<a,b"), "<a,b|");
}
END_TEST

static const char *unquoted(const char *text)
{
    static char out[64];
    struct ps_writer w = ps_writer(out, sizeof out);
    ps_put_unquoted(&w, ps_slice_of(text));
    ps_put_char(&w, '\0');
    return out;
}

START_TEST(quoted_strings_25_1)
{
    char out[64];
    struct ps_writer w = ps_writer(out, sizeof out);
    ck_assert_str_eq(unquoted("\"a \\\"b\\\\\""), "a \"b\\");
    ck_assert_str_eq(unquoted("a\\b"), "ab");
    ck_assert_str_eq(unquoted("a\\"), "a\\");
    ck_assert_str_eq(unquoted("\"a"), "\"a");
    ck_assert_str_eq(unquoted("\""), "\"");
    ps_put_quoted(&w, PS_S("a \"b\" \\"));
    assert_slice(ps_written(&w), "\"a \\\"b\\\" \\\\\"");
    w = ps_writer(out, sizeof out);
    ps_put_quoted(&w, PS_S("a\nb"));
    ck_assert_int_eq(w.error, PS_E_INJECTION);
}
END_TEST

START_TEST(folds_become_one_space_7_3_1)
{
    char out[64];
    struct ps_writer w = ps_writer(out, sizeof out);
    ps_put_unfolded(&w, PS_S("a  b \t\r\n \t c\n\td\r\n "));
    assert_slice(ps_written(&w), "a  b c d");
    w = ps_writer(out, sizeof out);
    ps_put_unfolded(&w, PS_S("\r\n \r\n a"));
    assert_slice(ps_written(&w), " a");
}
END_TEST

static struct ps_name_addr addr(const char *text)
{
    struct ps_name_addr out;
    enum ps_error error = ps_name_addr_parse(ps_slice_of(text), &out);
    ck_assert_msg(!error, "%s: %d", text, error);
    return out;
}

static void no_addr(const char *text, enum ps_error expected)
{
    struct ps_name_addr out;
    enum ps_error error = ps_name_addr_parse(ps_slice_of(text), &out);
    ck_assert_msg(error == expected, "%s: %d, expected %d", text, error, expected);
}

START_TEST(name_addr_20_10)
{
    struct ps_name_addr a = addr(" \"Mr. \\\"W\\\" <x>\" <sip:a@b;lr>;tag=1;q=0.5 ");
    ck_assert(a.bracketed);
    assert_slice(a.display, "Mr. \\\"W\\\" <x>");
    assert_slice(a.uri, "sip:a@b;lr");
    assert_slice(a.params, "tag=1;q=0.5");
    assert_slice(a.tag, "1");
    a = addr("A. Bell  Jr <sip:a>");
    assert_slice(a.display, "A. Bell  Jr");
    ck_assert_uint_eq(a.params.n, 0);
    assert_slice(addr("caller<sip:a>").display, "caller");
    assert_slice(addr("\"\"<sip:a>").display, "");
    assert_slice(addr("J\xc3\xb6rg <sip:a>").display, "J\xc3\xb6rg");
    assert_slice(addr("<sip:a>;tag").tag, "");
    assert_slice(addr("<sip:a>;Tag=z;x=y").tag, "z");
    assert_slice(addr("<sip:a?x=y>").uri, "sip:a?x=y");
    /* without <>, parameters are the header's */
    a = addr("sip:a@b;tag=1");
    ck_assert(!a.bracketed);
    assert_slice(a.uri, "sip:a@b");
    assert_slice(a.tag, "1");
    a = addr("sip:a@b \r\n ;\r\n tag = 1");
    assert_slice(a.uri, "sip:a@b");
    assert_slice(a.tag, "1");
    assert_slice(addr("sip:a;x=\"<y>\"").uri, "sip:a");
    assert_slice(addr("*").uri, "*");
}
END_TEST

START_TEST(name_addr_refused_20_10)
{
    no_addr("", PS_E_URI);
    no_addr("<>", PS_E_URI);
    no_addr(";tag=1", PS_E_URI);
    no_addr("\"a\"", PS_E_VALUE);
    no_addr("\"Mr. J. User <sip:j.user@example.com>", PS_E_VALUE);
    no_addr("\"a\" b <sip:a>", PS_E_VALUE);
    no_addr("<sip:a", PS_E_VALUE);
    no_addr("a, b <sip:a>", PS_E_VALUE);
    no_addr("a@b <sip:a>", PS_E_VALUE);
    no_addr("< sip:a>", PS_E_VALUE);
    no_addr("<sip:a >", PS_E_VALUE);
    no_addr("sip:a?x=y", PS_E_VALUE);
    no_addr("sip:a,sip:b", PS_E_VALUE);
    no_addr("sip:a>", PS_E_VALUE);
    no_addr("sip:a b", PS_E_PARAMETER);
    no_addr("<sip:a> b", PS_E_PARAMETER);
    no_addr("<sip:a>;;", PS_E_PARAMETER);
    no_addr("<sip:a>;tag=", PS_E_PARAMETER);
    /* 7.3.1: once */
    no_addr("<sip:a>;tag=x;tag=y", PS_E_PARAMETER);
    no_addr("<sip:a>;tag=x;y;TAG=x", PS_E_PARAMETER);
    no_addr("<sip:a>;tag;tag=x", PS_E_PARAMETER);
    no_addr("sip:a;tag=x;tag=y", PS_E_PARAMETER);
}
END_TEST

static struct ps_via via(const char *text)
{
    struct ps_via out;
    enum ps_error error = ps_via_parse(ps_slice_of(text), &out);
    ck_assert_msg(!error, "%s: %d", text, error);
    return out;
}

static void no_via(const char *text, enum ps_error expected)
{
    struct ps_via out;
    enum ps_error error = ps_via_parse(ps_slice_of(text), &out);
    ck_assert_msg(error == expected, "%s: %d, expected %d", text, error, expected);
}

START_TEST(via_20_42)
{
    struct ps_via v = via("SIP/2.0/UDP h.example:5070;branch=z9hG4bKx;ttl=16;maddr=224.2.0.1;"
                          "received=192.0.2.1;rport=40000;other;rx;tx;mx;bx");
    assert_slice(v.transport_name, "UDP");
    ck_assert_uint_eq(v.transport, PS_UDP);
    assert_slice(v.host, "h.example");
    ck_assert_uint_eq(v.port, 5070);
    assert_slice(v.branch, "z9hG4bKx");
    assert_slice(v.maddr, "224.2.0.1");
    assert_slice(v.received, "192.0.2.1");
    ck_assert(v.has_rport);
    ck_assert_uint_eq(v.rport, 40000);
    ck_assert_uint_eq(v.ttl, 16);
    v = via(" SIP /\t2.0\r\n / TLS  [2001:db8::9:1] : 5061 ; rport ");
    ck_assert_uint_eq(v.transport, PS_TLS);
    assert_slice(v.host, "[2001:db8::9:1]");
    ck_assert_uint_eq(v.port, 5061);
    ck_assert(v.has_rport);
    ck_assert_uint_eq(v.rport, 0);
    ck_assert_ptr_null(v.branch.p);
    v = via("SIP/2.0/UNKNOWN a");
    ck_assert_uint_eq(v.transport, PS_TRANSPORT_OTHER);
    ck_assert(!v.has_rport);
    ck_assert_uint_eq(v.port, 0);
    /* RFC 5118 4.5: with or without brackets */
    assert_slice(via("SIP/2.0/UDP a;received=[2001:db8::1]").received, "[2001:db8::1]");
    assert_slice(via("SIP/2.0/UDP a;received=2001:db8::1").received, "2001:db8::1");
    assert_slice(via("SIP/7.0/UDP a").host, "a");
}
END_TEST

START_TEST(via_refused_20_42)
{
    no_via("", PS_E_VALUE);
    no_via("SIP", PS_E_VALUE);
    no_via("SIP/", PS_E_VALUE);
    no_via("SIP/2.0", PS_E_VALUE);
    no_via("SIP/2.0/", PS_E_VALUE);
    no_via("SIP//UDP a", PS_E_VALUE);
    no_via("SIP 2.0/UDP a", PS_E_VALUE);
    no_via("SIP/2.0/UDP", PS_E_HOST);
    no_via("SIP/2.0/UDP ;branch=x", PS_E_HOST);
    no_via("SIP/2.0/UDP[::1]", PS_E_HOST);
    no_via("SIP/2.0/UDP 2001:db8::1", PS_E_HOST);
    no_via("SIP/2.0/UDP a:", PS_E_PORT);
    no_via("SIP/2.0/UDP a:0", PS_E_PORT);
    no_via("SIP/2.0/UDP a:65536", PS_E_PORT);
    no_via("SIP/2.0/UDP a:5060x", PS_E_PARAMETER);
    no_via("SIP/2.0/UDP a b", PS_E_PARAMETER);
    no_via("SIP/2.0/UDP a;;", PS_E_PARAMETER);
    no_via("SIP/2.0/UDP a;branch=", PS_E_PARAMETER);
    no_via("SIP/2.0/UDP a;rport=x", PS_E_PARAMETER);
    no_via("SIP/2.0/UDP a;rport=0", PS_E_PARAMETER);
    no_via("SIP/2.0/UDP a;rport=65536", PS_E_PARAMETER);
    no_via("SIP/2.0/UDP a;ttl=256", PS_E_PARAMETER);
    no_via("SIP/2.0/UDP a;ttl", PS_E_PARAMETER);
}
END_TEST

/* Each may be taken for another by whoever reads the first, or the last. */
START_TEST(a_via_parameter_stands_once_7_3_1)
{
    no_via("SIP/2.0/UDP a;branch=z9hG4bKx;branch=z9hG4bKy", PS_E_PARAMETER);
    no_via("SIP/2.0/UDP a;branch=z9hG4bKx;b;Branch=z9hG4bKx", PS_E_PARAMETER);
    no_via("SIP/2.0/UDP a;branch;branch=z9hG4bKx", PS_E_PARAMETER);
    no_via("SIP/2.0/UDP a;received=192.0.2.1;received=192.0.2.2", PS_E_PARAMETER);
    no_via("SIP/2.0/UDP a;rport;rport=5060", PS_E_PARAMETER);
    no_via("SIP/2.0/UDP a;maddr=224.2.0.1;maddr=224.2.0.1", PS_E_PARAMETER);
    no_via("SIP/2.0/UDP a;ttl=0;ttl=1", PS_E_PARAMETER);
    via("SIP/2.0/UDP a;branch=x;x=1;x=2"); /* means nothing here */
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("header");
    TCase *t = tcase_create("header");
    tcase_add_test(t, parameters_25_1);
    tcase_add_test(t, comma_lists_7_3_1);
    tcase_add_test(t, quoted_strings_25_1);
    tcase_add_test(t, folds_become_one_space_7_3_1);
    tcase_add_test(t, name_addr_20_10);
    tcase_add_test(t, name_addr_refused_20_10);
    tcase_add_test(t, via_20_42);
    tcase_add_test(t, via_refused_20_42);
    tcase_add_test(t, a_via_parameter_stands_once_7_3_1);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
