/*
 * Covers sip/uri: sip and sips (RFC 3261 19.1.1, 25.1), tel (RFC 3966), IPv6 references (RFC 5954,
 * RFC 5118), other schemes; comparison (19.1.4, RFC 3966 4); writing; the next hop.
 * Does not cover: name-addr (test_header).
 */
#include "check_main.h"
#include "sip/uri.h"

#include <stdio.h>

#define assert_slice(slice, text)                                                                  \
    do {                                                                                           \
        struct ps_slice got = (slice);                                                             \
        ck_assert_msg(ps_equal(got, ps_slice_of(text)), "'%.*s' is not '%s'", (int)got.n,          \
                      got.p ? got.p : "", text);                                                   \
    } while (0)

static struct ps_uri good(const char *text)
{
    struct ps_uri uri;
    size_t offset = 0;
    enum ps_error error = ps_uri_parse(ps_slice_of(text), &uri, &offset);
    ck_assert_msg(!error, "%s: %d at %zu", text, error, offset);
    return uri;
}

static void bad(const char *text, enum ps_error expected, size_t at)
{
    struct ps_uri uri;
    size_t offset = 999;
    enum ps_error error = ps_uri_parse(ps_slice_of(text), &uri, &offset);
    ck_assert_msg(error == expected && offset == at, "%s: %d at %zu, expected %d at %zu", text,
                  error, offset, expected, at);
    ck_assert_int_eq(ps_uri_parse(ps_slice_of(text), &uri, NULL), expected);
}

START_TEST(all_parts_19_1_1)
{
    struct ps_uri uri = good("sip:alice;day=tuesday:p&w@atlanta.com:5061;transport=tcp;lr?a=b&c=");
    struct ps_slice rest, name, value;
    ck_assert_int_eq(uri.scheme, PS_SCHEME_SIP);
    assert_slice(uri.user, "alice;day=tuesday");
    assert_slice(uri.password, "p&w");
    assert_slice(uri.host, "atlanta.com");
    ck_assert_uint_eq(uri.port, 5061);
    assert_slice(uri.params, "transport=tcp;lr");
    assert_slice(uri.headers, "a=b&c=");
    ck_assert(ps_uri_param(&uri, PS_S("TRANSPORT"), &value));
    assert_slice(value, "tcp");
    ck_assert(ps_uri_param(&uri, PS_S("lr"), &value));
    ck_assert_ptr_null(value.p);
    ck_assert(!ps_uri_param(&uri, PS_S("maddr"), &value));
    rest = uri.headers;
    ck_assert(ps_uri_header_next(&rest, &name, &value));
    assert_slice(name, "a");
    assert_slice(value, "b");
    ck_assert(ps_uri_header_next(&rest, &name, &value));
    assert_slice(name, "c");
    ck_assert_uint_eq(value.n, 0);
    ck_assert_ptr_nonnull(value.p);
    ck_assert(!ps_uri_header_next(&rest, &name, &value));
}
END_TEST

START_TEST(accepted_25_1)
{
    struct ps_uri uri = good("sips:a1234");
    ck_assert_int_eq(uri.scheme, PS_SCHEME_SIPS);
    assert_slice(good("SiPs:h.example.").host, "h.example.");
    assert_slice(good("sip:user@a").user, "user");
    assert_slice(good("sip:user:@a").password, "");
    ck_assert_ptr_nonnull(good("sip:user:@a").password.p);
    ck_assert_ptr_null(good("sip:a").user.p);
    assert_slice(good("sip:%61-_.!~*'()&=+$,;?/@a").user, "%61-_.!~*'()&=+$,;?/");
    assert_slice(good("sip:[2001:db8::10]:5070").host, "[2001:db8::10]");
    assert_slice(good("sip:[2001:db8::10:5070]").host, "[2001:db8::10:5070]");
    assert_slice(good("sip:[2001:db8:::192.0.2.1]").host, "[2001:db8:::192.0.2.1]");
    assert_slice(good("sip:192.0.2.1").host, "192.0.2.1");
    assert_slice(good("sip:192.0.2.1.example").host, "192.0.2.1.example");
    assert_slice(good("sip:1a.b.:5").host, "1a.b.");
    assert_slice(good("sip:1-2.b").host, "1-2.b");
    assert_slice(good("sip:my_host-1.x2").host, "my_host-1.x2");
    assert_slice(good("sip:a;ob;gr=urn:uuid:f81d;x=[]/:&+$%20").params,
                 "ob;gr=urn:uuid:f81d;x=[]/:&+$%20");
    assert_slice(good("sip:a?[]/?:+$x=[]/?:+$y").headers, "[]/?:+$x=[]/?:+$y");
    assert_slice(good("sip:a?b=c&d=e").headers, "b=c&d=e");
    assert_slice(good("a+b-c.d1:x").opaque, "x");
    assert_slice(good("urn:service:sos.fire").opaque, "service:sos.fire");
    assert_slice(good("http://a/b?c#d").opaque, "//a/b?c#d");
    ck_assert_uint_eq(good("sip:a:65535").port, 65535);
}
END_TEST

START_TEST(refused_25_1)
{
    bad("", PS_E_URI, 0);
    bad("alice", PS_E_URI, 5);
    bad("1sip:a", PS_E_URI, 0);
    bad("s ip:a", PS_E_URI, 1);
    bad("a+b-c.d1", PS_E_URI, 8);
    bad("alice@example.com", PS_E_URI, 5);
    bad("sip:", PS_E_HOST, 4);
    bad("sip:@a", PS_E_URI, 4);
    bad("sip:al ice@a", PS_E_URI, 6);
    bad("sip:al%4@a", PS_E_URI, 6);
    bad("sip:al%4gx@a", PS_E_URI, 6);
    bad("sip:al%g4x@a", PS_E_URI, 6);
    bad("sip:a:b;c@d", PS_E_URI, 7);
    bad("sip:a@b@c", PS_E_URI, 7);
    bad("sip:a@", PS_E_HOST, 6);
    bad("sip:a@-b", PS_E_HOST, 6);
    bad("sip:a@b-", PS_E_HOST, 6);
    bad("sip:a@b..c", PS_E_HOST, 6);
    bad("sip:a@.b", PS_E_HOST, 6);
    bad("sip:a@.", PS_E_HOST, 6);
    bad("sip:a@b.1", PS_E_HOST, 6);
    bad("sip:a@1.2.3.256", PS_E_HOST, 6);
    bad("sip:1..2", PS_E_HOST, 4);
    bad("sip:1.2", PS_E_HOST, 4);
    bad("sip:1.2.3.4-a", PS_E_HOST, 4);
    bad("sip:1.2.3.4_a", PS_E_HOST, 4);
    bad("sip:1.2.3.4a", PS_E_HOST, 4);
    bad("sip:1.2.3.4.", PS_E_HOST, 4);
    bad("sip:1.2.3.0004", PS_E_HOST, 4);
    bad("sip:a.1.", PS_E_HOST, 4);
    bad("sip:a.1.:5", PS_E_HOST, 4);
    bad("sip:2001:db8::10", PS_E_HOST, 4);
    bad("sip:[2001:db8::10", PS_E_HOST, 4);
    bad("sip:[2001:db8]", PS_E_HOST, 4);
    bad("sip:a:", PS_E_PORT, 6);
    bad("sip:a:0", PS_E_PORT, 6);
    bad("sip:a:65536", PS_E_PORT, 6);
    bad("sip:a:5060x", PS_E_URI, 10);
    bad("sip:a;", PS_E_PARAMETER, 6);
    bad("sip:a;;b", PS_E_PARAMETER, 6);
    bad("sip:a;b=", PS_E_PARAMETER, 8);
    bad("sip:a;b=c d", PS_E_URI, 9);
    bad("sip:a;lr;transport=udp;LR", PS_E_PARAMETER, 23);
    bad("sip:a?", PS_E_URI, 6);
    bad("sip:a?b", PS_E_URI, 7);
    bad("sip:a?b;=c", PS_E_URI, 7);
    bad("sip:a?=b", PS_E_URI, 6);
    bad("sip:a?b=c&", PS_E_URI, 10);
    bad("sip:a?b=c;d", PS_E_URI, 9);
    bad("sip:a b", PS_E_URI, 5);
    bad("<sip:a>", PS_E_URI, 0);
    bad("urn:", PS_E_URI, 4);
    bad("urn:a b", PS_E_URI, 5);
}
END_TEST

START_TEST(tel_rfc3966)
{
    struct ps_uri uri = good("tel:+1-(201).555-0123;ext=7");
    ck_assert_int_eq(uri.scheme, PS_SCHEME_TEL);
    assert_slice(uri.user, "+1-(201).555-0123");
    assert_slice(uri.params, "ext=7");
    assert_slice(good("tel:7042;phone-context=example.com").user, "7042");
    assert_slice(good("tel:*#0Aa;phone-context=+1").user, "*#0Aa");
    bad("tel:", PS_E_URI, 4);
    bad("tel:+", PS_E_URI, 5);
    bad("tel:-;phone-context=a", PS_E_URI, 5);
    bad("tel:+1a", PS_E_URI, 6);
    bad("tel:12g;phone-context=a", PS_E_URI, 6);
    bad("tel:7042", PS_E_PARAMETER, 8); /* 5.1.5: a local number says where it counts */
    bad("tel:+1;=", PS_E_PARAMETER, 7);
}
END_TEST

START_TEST(ttl_is_0_to_255_19_1_1)
{
    assert_slice(good("sip:a;ttl=0").params, "ttl=0");
    assert_slice(good("sip:a;TTL=255;lr").params, "TTL=255;lr");
    bad("sip:a;ttl=256", PS_E_PARAMETER, 10);
    bad("sip:a;lr;ttl=4294967297", PS_E_PARAMETER, 13);
    bad("sip:a;ttl=x", PS_E_PARAMETER, 10);
    bad("sip:a;ttl", PS_E_PARAMETER, 9);
    bad("sip:a;ttl;lr", PS_E_PARAMETER, 9);
    good("sip:ttl=256@a");
    good("tel:+1;ttl=256"); /* means nothing there */
}
END_TEST

START_TEST(a_context_is_a_domain_or_a_global_number_rfc3966_3)
{
    static const char *const contexts[] = {"a", "a.example.", "1-2.b", "+1", "+1-(914).555", "+-1"};
    static const char *const others[] = {"+",    "+-", "+1a", "%2b1", "1.2.3.4",
                                         "a..b", "-a", "a/b", "914"};
    char text[64];
    unsigned i;
    for (i = 0; i < sizeof contexts / sizeof contexts[0]; i++) {
        snprintf(text, sizeof text, "tel:1;phone-context=%s;x", contexts[i]);
        good(text);
    }
    for (i = 0; i < sizeof others / sizeof others[0]; i++) {
        snprintf(text, sizeof text, "tel:1;phone-context=%s", others[i]);
        bad(text, PS_E_PARAMETER, 20);
        snprintf(text, sizeof text, "tel:+1;Phone-Context=%s;x", others[i]);
        bad(text, PS_E_PARAMETER, 21);
    }
    bad("tel:1;phone-context", PS_E_PARAMETER, 19);
    good("sip:a;phone-context=+"); /* no parameter of a SIP URI */
}
END_TEST

START_TEST(an_extension_is_a_number_rfc3966_3)
{
    good("tel:+1;ext=1-(2).3;x");
    good("tel:+1;isub=a%3bb");
    bad("tel:+1;ext=12a", PS_E_PARAMETER, 11);
    bad("tel:+1;ext=+12", PS_E_PARAMETER, 11);
    bad("tel:+1;ext=%31", PS_E_PARAMETER, 11);
    bad("tel:+1;ext", PS_E_PARAMETER, 10);
    bad("tel:+1;isub", PS_E_PARAMETER, 11);
}
END_TEST

START_TEST(a_parameter_of_a_number_stands_once_rfc3966_3)
{
    bad("tel:1;phone-context=a;phone-context=a", PS_E_PARAMETER, 22);
    bad("tel:1;x;phone-context=a;y;PHONE-context=+1", PS_E_PARAMETER, 26);
    bad("tel:+1;ext=1;ext=1", PS_E_PARAMETER, 13);
    bad("tel:+1;isub=1;a;ext=1", PS_E_PARAMETER, 16); /* 5.3: one of the two */
    bad("tel:+1;a=1;b=1;A=2", PS_E_PARAMETER, 15);
    bad("tel:+1;a;a", PS_E_PARAMETER, 9);
    good("tel:+1;a;aa;ab");
    good("sip:h;a;a"); /* a proxy's own */
}
END_TEST

/* Those that have a meaning stand once however many stand between; looking for the others costs no
 * more than linear time, and they make no two texts equal. */
START_TEST(a_long_number_rfc3966_3)
{
    static char a[65536];
    struct ps_writer w = ps_writer(a, sizeof a);
    struct ps_uri uri;
    size_t at = 0, end;
    unsigned i;
    ps_put_string(&w, "tel:1;phone-context=b");
    for (i = 0; i < 9000; i++) {
        ps_put_string(&w, ";p");
        ps_put_number(&w, i);
    }
    ps_put_string(&w, ";p8000"); /* is not looked for that far */
    end = w.n;
    ck_assert_int_eq(ps_uri_parse(ps_written(&w), &uri, &at), PS_OK);
    ps_put_string(&w, ";phone-context=b");
    ck_assert_int_eq(ps_uri_parse(ps_written(&w), &uri, &at), PS_E_PARAMETER);
    ck_assert_uint_eq(at, end + 1);
}
END_TEST

static const char *compare(const char *a, const char *b)
{
    struct ps_uri x = good(a), y = good(b);
    const char *why = "?", *other = "?";
    bool equal = ps_uri_equal(&x, &y, &why);
    ck_assert_int_eq(ps_uri_equal(&y, &x, &other), equal);
    ck_assert_int_eq(ps_uri_equal(&x, &y, NULL), equal);
    ck_assert_int_eq(equal, !why);
    return equal ? "equal" : why;
}

/* The examples of 19.1.4. */
START_TEST(comparison_examples_19_1_4)
{
    ck_assert_str_eq(
        compare("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp"),
        "equal");
    ck_assert_str_eq(compare("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"), "equal");
    ck_assert_str_eq(compare("sip:carol@chicago.com", "sip:carol@chicago.com;security=on"),
                     "equal");
    ck_assert_str_eq(
        compare("sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;security=on"), "equal");
    ck_assert_str_eq(
        compare("sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
                "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com"),
        "equal");
    ck_assert_str_eq(compare("sip:alice@atlanta.com?subject=project%20x&priority=urgent",
                             "sip:alice@atlanta.com?priority=urgent&subject=project%20x"),
                     "equal");
    ck_assert_str_eq(
        compare("SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"),
        "user");
    ck_assert_str_eq(compare("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"), "port");
    ck_assert_str_eq(compare("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"),
                     "parameters");
    ck_assert_str_eq(compare("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"),
                     "port");
    ck_assert_str_eq(
        compare("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"),
        "headers");
    ck_assert_str_eq(compare("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"), "host");
    ck_assert_str_eq(
        compare("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off"),
        "parameters");
}
END_TEST

START_TEST(comparison_rules_19_1_4)
{
    ck_assert_str_eq(compare("sip:a@b", "sips:a@b"), "scheme");
    ck_assert_str_eq(compare("sip:a@b", "sip:b"), "user");
    ck_assert_str_eq(compare("sip:a:x@b", "sip:a:X@b"), "password");
    ck_assert_str_eq(compare("sip:a:@b", "sip:a@b"), "password");
    ck_assert_str_eq(compare("sip:a:x@b", "sip:a:%78@b"), "equal");
    /* a reserved character is not its escape */
    ck_assert_str_eq(compare("sip:a%3bb@c", "sip:a;b@c"), "user");
    ck_assert_str_eq(compare("sip:a%3Bb@c", "sip:a%3bb@c"), "equal");
    ck_assert_str_eq(compare("sip:a%00b@c", "sip:a%00@c"), "user");
    ck_assert_str_eq(compare("sip:ab@c", "sip:a@c"), "user");
    ck_assert_str_eq(compare("sip:a%E4@c", "sip:a%e4@c"), "equal");
    ck_assert_str_eq(compare("sip:a;x=%E4", "sip:a;x=%C4"), "parameters");
    ck_assert_str_eq(compare("sip:a;x=%41", "sip:a;x=%C4"), "parameters");
    ck_assert_str_eq(compare("sip:a;x=%41", "sip:a;x=a"), "equal");
    ck_assert_str_eq(compare("sip:a;%78=1", "sip:a;X=1"), "equal");
    ck_assert_str_eq(compare("sip:a;maddr=b", "sip:a"), "parameters");
    ck_assert_str_eq(compare("sip:a;ttl=1", "sip:a"), "parameters");
    ck_assert_str_eq(compare("sip:a;user=ip", "sip:a"), "parameters");
    ck_assert_str_eq(compare("sip:a;method=X", "sip:a"), "parameters");
    ck_assert_str_eq(compare("sip:a;lr", "sip:a"), "equal");
    ck_assert_str_eq(compare("sip:a;gr", "sip:a;gr=1"), "parameters");
    ck_assert_str_eq(compare("sip:[::1]", "sip:[0:0::1]"), "equal");
    ck_assert_str_eq(compare("sip:[::1]", "sip:[::2]"), "host");
    ck_assert_str_eq(compare("sip:[::1]", "sip:a"), "host");
    ck_assert_str_eq(compare("sip:a?b=c", "sip:a?b=C"), "headers");
    ck_assert_str_eq(compare("sip:a?b=c", "sip:a?B=c"), "equal");
    ck_assert_str_eq(compare("sip:a?b=c", "sip:a?b=c&d="), "headers");
    ck_assert_str_eq(compare("urn:a:b", "URN:a:b"), "equal");
    ck_assert_str_eq(compare("urn:a:b", "urn:a:c"), "opaque part");
    ck_assert_str_eq(compare("tel:+1-201-555-0123", "tel:+12015550123"), "equal");
    ck_assert_str_eq(compare("tel:+12015550123", "tel:+12015550124"), "number");
    ck_assert_str_eq(compare("tel:+1201", "tel:+12015"), "number");
    ck_assert_str_eq(compare("tel:A-;phone-context=X", "tel:a;PHONE-context=x"), "equal");
    ck_assert_str_eq(compare("tel:1;phone-context=x;ext=1", "tel:1;phone-context=x"), "parameters");
    ck_assert_str_eq(compare("tel:+1;ext=1;a=2", "tel:+1;a=2;ext=1"), "equal");
}
END_TEST

START_TEST(contexts_and_extensions_digit_by_digit_rfc3966_4)
{
#define IN "tel:7;phone-context="
    ck_assert_str_eq(compare(IN "+1-914", IN "+1914"), "equal");
    ck_assert_str_eq(compare(IN "+1(9).14", "tel:7;x=1;PHONE-CONTEXT=+1914"), "parameters");
    ck_assert_str_eq(compare(IN "+1-914;x=1", "tel:7;x=1;PHONE-CONTEXT=+(1)914"), "equal");
    ck_assert_str_eq(compare(IN "+1914", IN "+1915"), "parameters");
    ck_assert_str_eq(compare(IN "+1914", IN "+19145"), "parameters");
    /* in a domain a "-" and a "." are no separators */
    ck_assert_str_eq(compare(IN "a-b", IN "ab"), "parameters");
    ck_assert_str_eq(compare(IN "a.b", IN "ab"), "parameters");
    ck_assert_str_eq(compare(IN "A.b", IN "a.B"), "equal");
    /* a number and a domain */
    ck_assert_str_eq(compare(IN "+1914", IN "a1914"), "parameters");
    ck_assert_str_eq(compare(IN "a1914", IN "+1914"), "parameters");
    ck_assert_str_eq(compare("tel:+1;ext=1-2", "tel:+1;ext=12"), "equal");
    ck_assert_str_eq(compare("tel:+1;ext=12", "tel:+1;ext=13"), "parameters");
    ck_assert_str_eq(compare("tel:+1;other=1-2", "tel:+1;other=12"), "parameters");
#undef IN
}
END_TEST

/* Comparing is quadratic in the parameters, so their number is bounded. */
START_TEST(comparison_is_bounded)
{
    static char a[65536], b[65536];
    struct ps_writer w = ps_writer(a, sizeof a), v = ps_writer(b, sizeof b);
    unsigned i;
    ps_put_string(&w, "sip:h");
    ps_put_string(&v, "sip:h");
    for (i = 0; i < 9000; i++) {
        ps_put_string(&w, ";p");
        ps_put_number(&w, i);
        ps_put_string(&v, ";p");
        ps_put_number(&v, 9000 - i);
    }
    ps_put_char(&w, '\0');
    ps_put_char(&v, '\0');
    ck_assert_str_eq(compare(a, a), "equal");
    ck_assert_str_eq(compare(a, b), "parameters");
}
END_TEST

static const char *rewritten(const char *text)
{
    static char out[256];
    struct ps_uri uri = good(text);
    struct ps_writer w = ps_writer(out, sizeof out);
    ps_put_uri(&w, &uri);
    ps_put_char(&w, '\0');
    ck_assert_int_eq(w.error, PS_OK);
    return out;
}

START_TEST(written_from_its_parts)
{
    static const char *const texts[] = {
        "sip:a:b@c:5061;d=e;f?g=h", "sips:c",          "sip:a:@[::1]",
        "tel:+1-2;ext=3",           "urn:service:sos", "sip:a@c:1"};
    char out[64];
    struct ps_writer w = ps_writer(out, sizeof out);
    struct ps_uri uri = good("sip:a@b");
    unsigned i;
    for (i = 0; i < sizeof texts / sizeof texts[0]; i++)
        ck_assert_str_eq(rewritten(texts[i]), texts[i]);
    uri.user = PS_S("a\r\nb");
    ps_put_uri(&w, &uri);
    ck_assert_int_eq(w.error, PS_E_INJECTION);
    w = ps_writer(out, sizeof out);
    ps_put_user(&w, PS_S("a b@\xff;1"));
    assert_slice(ps_written(&w), "a%20b%40%FF;1");
}
END_TEST

START_TEST(next_hop)
{
    struct ps_next_hop hop;
    struct ps_uri uri = good("sip:a@b:5070");
    ck_assert_int_eq(ps_uri_next_hop(&uri, &hop), PS_OK);
    assert_slice(hop.host, "b");
    ck_assert_uint_eq(hop.port, 5070);
    ck_assert_uint_eq(hop.transport, PS_UDP);
    uri = good("sips:a@b;maddr=192.0.2.1");
    ck_assert_int_eq(ps_uri_next_hop(&uri, &hop), PS_OK);
    assert_slice(hop.host, "192.0.2.1");
    ck_assert_uint_eq(hop.port, 0);
    ck_assert_uint_eq(hop.transport, PS_TLS);
    uri = good("sip:b;transport=tcp;maddr");
    ck_assert_int_eq(ps_uri_next_hop(&uri, &hop), PS_OK);
    assert_slice(hop.host, "b");
    ck_assert_uint_eq(hop.transport, PS_TCP);
    uri = good("sips:b;transport=tcp");
    ck_assert_int_eq(ps_uri_next_hop(&uri, &hop), PS_OK);
    ck_assert_uint_eq(hop.transport, PS_TLS);
    uri = good("sips:b;transport=sctp");
    ck_assert_int_eq(ps_uri_next_hop(&uri, &hop), PS_OK);
    ck_assert_uint_eq(hop.transport, PS_SCTP);
    uri = good("tel:+1");
    ck_assert_int_eq(ps_uri_next_hop(&uri, &hop), PS_E_SCHEME);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("uri");
    TCase *t = tcase_create("uri");
    tcase_add_test(t, all_parts_19_1_1);
    tcase_add_test(t, accepted_25_1);
    tcase_add_test(t, refused_25_1);
    tcase_add_test(t, tel_rfc3966);
    tcase_add_test(t, ttl_is_0_to_255_19_1_1);
    tcase_add_test(t, a_context_is_a_domain_or_a_global_number_rfc3966_3);
    tcase_add_test(t, an_extension_is_a_number_rfc3966_3);
    tcase_add_test(t, a_parameter_of_a_number_stands_once_rfc3966_3);
    tcase_add_test(t, a_long_number_rfc3966_3);
    tcase_add_test(t, comparison_examples_19_1_4);
    tcase_add_test(t, comparison_rules_19_1_4);
    tcase_add_test(t, contexts_and_extensions_digit_by_digit_rfc3966_4);
    tcase_add_test(t, comparison_is_bounded);
    tcase_add_test(t, written_from_its_parts);
    tcase_add_test(t, next_hop);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
