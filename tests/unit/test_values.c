/*
 * Covers sip/values and sip/rules: each typed header value, accepted and refused, and for every
 * header of the list one good and one bad value with the rule that says so.
 */
#include "check_main.h"
#include "sip/header.h"

#define assert_slice(slice, text)                                                                  \
    do {                                                                                           \
        struct ps_slice got = (slice);                                                             \
        ck_assert_msg(ps_equal(got, ps_slice_of(text)), "'%.*s' is not '%s'", (int)got.n,          \
                      got.p ? got.p : "", text);                                                   \
    } while (0)

START_TEST(cseq_20_16)
{
    struct ps_cseq c;
    ck_assert_int_eq(ps_cseq_parse(PS_S(" 0009\r\n INVITE "), &c), PS_OK);
    ck_assert_uint_eq(c.number, 9);
    ck_assert_uint_eq(c.method, PS_METHOD_INVITE);
    ck_assert_int_eq(ps_cseq_parse(PS_S("2147483647 X"), &c), PS_OK);
    ck_assert_uint_eq(c.method, PS_METHOD_OTHER);
    assert_slice(c.method_name, "X");
    ck_assert_int_eq(ps_cseq_parse(PS_S("2147483648 INVITE"), &c), PS_E_NUMBER);
    ck_assert_int_eq(ps_cseq_parse(PS_S("4294967296 INVITE"), &c), PS_E_NUMBER);
    ck_assert_int_eq(ps_cseq_parse(PS_S("INVITE"), &c), PS_E_NUMBER);
    ck_assert_int_eq(ps_cseq_parse(PS_S("1"), &c), PS_E_VALUE);
    ck_assert_int_eq(ps_cseq_parse(PS_S("1INVITE"), &c), PS_E_VALUE);
    ck_assert_int_eq(ps_cseq_parse(PS_S("1 INVITE x"), &c), PS_E_VALUE);
}
END_TEST

START_TEST(numbers_with_and_without_parameters)
{
    struct ps_slice params;
    uint32_t n;
    ck_assert_int_eq(ps_number_parse(PS_S(" 90 "), 90, &n, NULL), PS_OK);
    ck_assert_uint_eq(n, 90);
    ck_assert_int_eq(ps_number_parse(PS_S("91"), 90, &n, NULL), PS_E_NUMBER);
    ck_assert_int_eq(ps_number_parse(PS_S("90;a"), 90, &n, NULL), PS_E_NUMBER);
    ck_assert_int_eq(ps_number_parse(PS_S("90 ; a=b"), 90, &n, &params), PS_OK);
    assert_slice(params, " a=b");
    ck_assert_int_eq(ps_number_parse(PS_S("90 a"), 90, &n, &params), PS_E_PARAMETER);
    ck_assert_int_eq(ps_number_parse(PS_S("90;;"), 90, &n, &params), PS_E_PARAMETER);
}
END_TEST

START_TEST(q_values_25_1)
{
    uint16_t q = 7;
    ck_assert(!ps_q_parse(PS_S("1"), &q) && q == 1000);
    ck_assert(!ps_q_parse(PS_S("1.000"), &q) && q == 1000);
    ck_assert(!ps_q_parse(PS_S("0.33"), &q) && q == 330);
    ck_assert(!ps_q_parse(PS_S("0."), &q) && q == 0);
    ck_assert(!ps_q_parse(PS_S("0.125"), &q) && q == 125);
    ck_assert_int_eq(ps_q_parse(PS_S("1.001"), &q), PS_E_NUMBER);
    ck_assert_int_eq(ps_q_parse(PS_S("2"), &q), PS_E_NUMBER);
    ck_assert_int_eq(ps_q_parse(PS_S("0.1234"), &q), PS_E_NUMBER);
    ck_assert_int_eq(ps_q_parse(PS_S("01"), &q), PS_E_NUMBER);
    ck_assert_int_eq(ps_q_parse(PS_S("0.x"), &q), PS_E_NUMBER);
    ck_assert_int_eq(ps_q_parse(PS_S(""), &q), PS_E_NUMBER);
}
END_TEST

/* Digits behind the slice are not its own. */
START_TEST(a_q_ends_where_its_slice_does)
{
    static const char text[] = "q=0.999";
    static const uint16_t all[] = {0, 0, 900, 990, 999};
    uint16_t q;
    size_t n;
    for (n = 1; n <= 5; n++) {
        ck_assert(!ps_q_parse(ps_slice(text + 2, n), &q) && q == all[n - 1]);
        ck_assert_uint_eq(ps_param_q(ps_slice(text, n + 2)), all[n - 1]);
    }
    ck_assert_int_eq(ps_q_parse(ps_slice(text + 2, 0), &q), PS_E_NUMBER);
    ck_assert_uint_eq(ps_param_q(ps_slice(text, 2)), 1000);
}
END_TEST

/* 8.2.2: one that is no q is as if none stood there. */
START_TEST(a_malformed_q_says_nothing_25_1)
{
    ck_assert_uint_eq(ps_param_q(PS_NONE), 1000);
    ck_assert_uint_eq(ps_param_q(PS_S("expires=1; Q = 0.25;x")), 250);
    ck_assert_uint_eq(ps_param_q(PS_S("q")), 1000);
    ck_assert_uint_eq(ps_param_q(PS_S("q=")), 1000);
    ck_assert_uint_eq(ps_param_q(PS_S("q=.5")), 1000);
    ck_assert_uint_eq(ps_param_q(PS_S("q=0,5")), 1000);
    ck_assert_uint_eq(ps_param_q(PS_S("q=0.5000")), 1000);
    ck_assert_uint_eq(ps_param_q(PS_S("q=\"0.5\"")), 1000);
    ck_assert_uint_eq(ps_param_q(PS_S("q=-1")), 1000);
}
END_TEST

START_TEST(session_expires_rfc4028_4)
{
    struct ps_session_expires s;
    ck_assert(!ps_session_expires_parse(PS_S("1800"), &s));
    ck_assert_uint_eq(s.seconds, 1800);
    ck_assert_uint_eq(s.refresher, PS_REFRESHER_NONE);
    ck_assert(!ps_session_expires_parse(PS_S("1800;x;refresher=UAC"), &s));
    ck_assert_uint_eq(s.refresher, PS_REFRESHER_UAC);
    ck_assert(!ps_session_expires_parse(PS_S("1800;refresher=uas"), &s));
    ck_assert_uint_eq(s.refresher, PS_REFRESHER_UAS);
    ck_assert_int_eq(ps_session_expires_parse(PS_S("1800;refresher=me"), &s), PS_E_PARAMETER);
    ck_assert_int_eq(ps_session_expires_parse(PS_S("x"), &s), PS_E_NUMBER);
}
END_TEST

START_TEST(retry_after_20_33)
{
    struct ps_retry_after r;
    ck_assert(!ps_retry_after_parse(PS_S("18000;duration=3600"), &r));
    ck_assert_uint_eq(r.seconds, 18000);
    assert_slice(r.params, "duration=3600");
    ck_assert_ptr_null(r.comment.p);
    ck_assert(!ps_retry_after_parse(PS_S("120 (I'm in (a) meet\\)ing) ;x"), &r));
    assert_slice(r.comment, "(I'm in (a) meet\\)ing)");
    ck_assert_int_eq(ps_retry_after_parse(PS_S("120 (I'm"), &r), PS_E_VALUE);
    ck_assert(!ps_retry_after_parse(PS_S("120"), &r));
    ck_assert_int_eq(ps_retry_after_parse(PS_S("120 x"), &r), PS_E_PARAMETER);
    ck_assert_int_eq(ps_retry_after_parse(PS_S("949302838503028349304023988"), &r), PS_E_NUMBER);
}
END_TEST

START_TEST(rack_rfc3262_7_2)
{
    struct ps_rack r;
    ck_assert(!ps_rack_parse(PS_S("776656 1 INVITE"), &r));
    ck_assert_uint_eq(r.rseq, 776656);
    ck_assert_uint_eq(r.cseq.number, 1);
    ck_assert_uint_eq(r.cseq.method, PS_METHOD_INVITE);
    ck_assert_int_eq(ps_rack_parse(PS_S("x"), &r), PS_E_NUMBER);
    ck_assert_int_eq(ps_rack_parse(PS_S("1"), &r), PS_E_VALUE);
    ck_assert_int_eq(ps_rack_parse(PS_S("1;"), &r), PS_E_VALUE);
    ck_assert_int_eq(ps_rack_parse(PS_S("1 INVITE"), &r), PS_E_NUMBER);
}
END_TEST

START_TEST(timestamp_20_38)
{
    struct ps_timestamp t;
    ck_assert(!ps_timestamp_parse(PS_S("54"), &t));
    ck_assert(t.sent == 54000 && t.delay == 0);
    ck_assert(!ps_timestamp_parse(PS_S("1.5 0.0625"), &t));
    ck_assert(t.sent == 1500 && t.delay == 62);
    ck_assert(!ps_timestamp_parse(PS_S("1."), &t));
    ck_assert_int_eq(ps_timestamp_parse(PS_S("1.5 x"), &t), PS_E_NUMBER);
    ck_assert_int_eq(ps_timestamp_parse(PS_S("1.5x"), &t), PS_E_NUMBER);
    ck_assert_int_eq(ps_timestamp_parse(PS_S(".5"), &t), PS_E_NUMBER);
    ck_assert_int_eq(ps_timestamp_parse(PS_S("1 2 3"), &t), PS_E_NUMBER);
    ck_assert_int_eq(ps_timestamp_parse(PS_S("99999999999999999999"), &t), PS_E_NUMBER);
}
END_TEST

START_TEST(date_20_17)
{
    static const char *const bad[] = {
        "Fri, 01 Jan 2010 16:00:00 EST", "Fri, 1 Jan 2010 16:00:00 GMT",
        "Fry, 01 Jan 2010 16:00:00 GMT", "Fri, 01 Jam 2010 16:00:00 GMT",
        "Fri, 00 Jan 2010 16:00:00 GMT", "Fri, 32 Jan 2010 16:00:00 GMT",
        "Fri, 29 Feb 2010 16:00:00 GMT", "Fri, 01 Jan 0000 16:00:00 GMT",
        "Fri, 01 Jan 2010 24:00:00 GMT", "Fri, 01 Jan 2010 16:60:00 GMT",
        "Fri, 01 Jan 2010 16:00:61 GMT", "Fri, 01 Jan 20x0 16:00:00 GMT",
        "Fri, 29 Feb 1900 16:00:00 GMT", "Fri  01 Jan 2010 16:00:00 GMT",
        "Fri, 01  Jan 2010 16:00:00 GMT"};
    struct ps_date d;
    unsigned i;
    ck_assert(!ps_date_parse(PS_S("Sat, 13 Nov 2010 23:29:00 GMT"), &d));
    ck_assert_uint_eq(d.year, 2010);
    ck_assert_uint_eq(d.month, 11);
    ck_assert_uint_eq(d.day, 13);
    ck_assert_uint_eq(d.weekday, 6);
    ck_assert(d.unix_seconds == 1289690940);
    ck_assert(!ps_date_parse(PS_S("Thu, 01 Jan 1970 00:00:00 GMT"), &d));
    ck_assert(d.unix_seconds == 0);
    ck_assert(!ps_date_parse(PS_S("Tue, 29 Feb 2000 00:00:01 GMT"), &d));
    ck_assert(d.unix_seconds == 951782401);
    ck_assert(!ps_date_parse(PS_S("Thu, 29 Feb 2024 12:00:00 GMT"), &d));
    ck_assert(d.unix_seconds == 1709208000);
    /* 7.3.1: a fold means one space (found by fuzz-header) */
    ck_assert(!ps_date_parse(PS_S("Thu, 29 Feb 2024 \r\n  12:00:00\r\n\tGMT"), &d));
    ck_assert(d.unix_seconds == 1709208000);
    for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_msg(ps_date_parse(ps_slice_of(bad[i]), &d) == PS_E_VALUE, "%s", bad[i]);
}
END_TEST

START_TEST(media_types_20_15)
{
    struct ps_media_type m;
    struct ps_slice value;
    ck_assert(!ps_media_type_parse(PS_S("multipart / mixed ; boundary=\"a b\""), &m));
    assert_slice(m.type, "multipart");
    assert_slice(m.subtype, "mixed");
    ck_assert(ps_param_find(m.params, PS_S("Boundary"), &value));
    assert_slice(value, "\"a b\"");
    ck_assert(!ps_media_type_parse(PS_S("*/*;q=0.1"), &m));
    ck_assert_int_eq(ps_media_type_parse(PS_S("text"), &m), PS_E_VALUE);
    ck_assert_int_eq(ps_media_type_parse(PS_S("text;a"), &m), PS_E_VALUE);
    ck_assert_int_eq(ps_media_type_parse(PS_S("text/"), &m), PS_E_VALUE);
    ck_assert_int_eq(ps_media_type_parse(PS_S("/plain"), &m), PS_E_VALUE);
    ck_assert_int_eq(ps_media_type_parse(PS_S("text/plain x"), &m), PS_E_PARAMETER);
}
END_TEST

START_TEST(events_rfc6665)
{
    struct ps_event_value e;
    struct ps_subscription_state s;
    ck_assert(!ps_event_parse(PS_S("presence.winfo;id=7"), &e));
    assert_slice(e.package, "presence.winfo");
    assert_slice(e.id, "7");
    ck_assert(!ps_event_parse(PS_S("dialog"), &e));
    ck_assert_ptr_null(e.id.p);
    ck_assert_int_eq(ps_event_parse(PS_S(";id=7"), &e), PS_E_VALUE);
    ck_assert(!ps_subscription_state_parse(
        PS_S("terminated;reason=timeout;expires=99999999999;retry-after=5"), &s));
    assert_slice(s.state, "terminated");
    assert_slice(s.reason, "timeout");
    ck_assert(s.has_expires && s.has_retry_after);
    ck_assert_uint_eq(s.expires, UINT32_MAX);
    ck_assert_uint_eq(s.retry_after, 5);
    ck_assert(!ps_subscription_state_parse(PS_S("active"), &s));
    ck_assert(!s.has_expires && !s.has_retry_after);
    ck_assert_int_eq(ps_subscription_state_parse(PS_S("active;expires=x"), &s), PS_E_PARAMETER);
    ck_assert_int_eq(ps_subscription_state_parse(PS_S("active;expires=x;retry-after=1"), &s),
                     PS_E_PARAMETER);
    ck_assert_int_eq(ps_subscription_state_parse(PS_S("active;retry-after"), &s), PS_E_PARAMETER);
    ck_assert_int_eq(ps_subscription_state_parse(PS_S(""), &s), PS_E_VALUE);
}
END_TEST

START_TEST(reason_rfc3326)
{
    struct ps_reason_value r;
    ck_assert(!ps_reason_parse(PS_S("Q.850 ;cause=16 ;text=\"NORMAL, clearing\""), &r));
    assert_slice(r.protocol, "Q.850");
    ck_assert_uint_eq(r.cause, 16);
    assert_slice(r.text, "\"NORMAL, clearing\"");
    ck_assert(!ps_reason_parse(PS_S("SIP"), &r));
    ck_assert_uint_eq(r.cause, 0);
    ck_assert_int_eq(ps_reason_parse(PS_S("SIP;cause=x"), &r), PS_E_PARAMETER);
    ck_assert_int_eq(ps_reason_parse(PS_S("SIP;cause"), &r), PS_E_PARAMETER);
    ck_assert_int_eq(ps_reason_parse(PS_S(";cause=1"), &r), PS_E_VALUE);
}
END_TEST

START_TEST(contacts_20_10_rfc5626)
{
    struct ps_contact c;
    struct ps_name_addr route;
    ck_assert(!ps_contact_parse(PS_S("\"W\" <sip:w@h>;q=0.7;expires=3600;reg-id=1;"
                                     "+sip.instance=\"<urn:uuid:0>\";+g.3gpp.icsi-ref=\"u%3A\""),
                                &c));
    ck_assert_uint_eq(c.q, 700);
    ck_assert(c.has_expires);
    ck_assert_uint_eq(c.expires, 3600);
    ck_assert_uint_eq(c.reg_id, 1);
    assert_slice(c.instance, "\"<urn:uuid:0>\"");
    ck_assert(!c.any);
    ck_assert(!ps_contact_parse(PS_S("<sip:a>;expires=280297596632815"), &c));
    ck_assert_uint_eq(c.expires, UINT32_MAX);
    ck_assert(!ps_contact_parse(PS_S("sip:a"), &c));
    ck_assert_uint_eq(c.q, 1000);
    ck_assert(!c.has_expires);
    ck_assert(!ps_contact_parse(PS_S(" * "), &c));
    ck_assert(c.any);
    ck_assert_int_eq(ps_contact_parse(PS_S("*;expires=0"), &c), PS_E_PARAMETER);
    ck_assert(!ps_contact_parse(PS_S("<*>"), &c));
    ck_assert(!c.any);
    ck_assert_int_eq(ps_contact_parse(PS_S("<sip:a>;expires=x"), &c), PS_E_PARAMETER);
    ck_assert_int_eq(ps_contact_parse(PS_S("<sip:a>;q=2"), &c), PS_E_PARAMETER);
    ck_assert_int_eq(ps_contact_parse(PS_S("<sip:a>;reg-id=x"), &c), PS_E_PARAMETER);
    ck_assert_int_eq(ps_contact_parse(PS_S("<sip:a"), &c), PS_E_VALUE);
    /* 7.3.1: each once */
    ck_assert_int_eq(ps_contact_parse(PS_S("<sip:a>;expires=0;expires=9"), &c), PS_E_PARAMETER);
    ck_assert_int_eq(ps_contact_parse(PS_S("<sip:a>;q=1;Q=0.5"), &c), PS_E_PARAMETER);
    ck_assert_int_eq(ps_contact_parse(PS_S("<sip:a>;reg-id=0;reg-id=1"), &c), PS_E_PARAMETER);
    ck_assert_int_eq(
        ps_contact_parse(PS_S("<sip:a>;+sip.instance=\"<a>\";+sip.instance=\"<b>\""), &c),
        PS_E_PARAMETER);
    ck_assert(!ps_route_parse(PS_S("<sip:p;lr>"), &route));
    ck_assert_int_eq(ps_route_parse(PS_S("sip:p;lr"), &route), PS_E_VALUE);
    ck_assert_int_eq(ps_route_parse(PS_S("<sip:p"), &route), PS_E_VALUE);
}
END_TEST

START_TEST(replaces_rfc3891_rfc3911_rfc4538)
{
    struct ps_replaces r;
    ck_assert(!ps_replaces_parse(PS_S("a@b ; to-tag=t;from-tag=f;early-only;x=y"), &r));
    assert_slice(r.call_id, "a@b");
    assert_slice(r.to_tag, "t");
    assert_slice(r.from_tag, "f");
    ck_assert(r.early_only);
    ck_assert(!ps_replaces_parse(PS_S("a;local-tag=l;remote-tag=r"), &r));
    assert_slice(r.to_tag, "l");
    assert_slice(r.from_tag, "r");
    ck_assert(!r.early_only);
    ck_assert_int_eq(ps_replaces_parse(PS_S("a;to-tag=t"), &r), PS_E_PARAMETER);
    ck_assert_int_eq(ps_replaces_parse(PS_S("a;from-tag=t"), &r), PS_E_PARAMETER);
    ck_assert_int_eq(ps_replaces_parse(PS_S("a"), &r), PS_E_PARAMETER);
    ck_assert_int_eq(ps_replaces_parse(PS_S("a;to-tag=t;from-tag=f;;"), &r), PS_E_PARAMETER);
    ck_assert_int_eq(ps_replaces_parse(PS_S("a;to-tag=t;from-tag=f;to-tag=u"), &r), PS_E_PARAMETER);
    ck_assert_int_eq(ps_replaces_parse(PS_S("a;to-tag=t;from-tag=f;from-tag=f"), &r),
                     PS_E_PARAMETER);
    ck_assert_int_eq(ps_replaces_parse(PS_S("a@b@c;to-tag=t;from-tag=f"), &r), PS_E_VALUE);
}
END_TEST

START_TEST(warning_20_43)
{
    struct ps_warning w;
    ck_assert(!ps_warning_parse(PS_S("307 isi.edu:5060 \"Session \\\"x\\\"\""), &w));
    ck_assert_uint_eq(w.code, 307);
    assert_slice(w.agent, "isi.edu:5060");
    assert_slice(w.text, "\"Session \\\"x\\\"\"");
    ck_assert_int_eq(ps_warning_parse(PS_S("1812 overture \"In Progress\""), &w), PS_E_NUMBER);
    ck_assert_int_eq(ps_warning_parse(PS_S("30 a \"b\""), &w), PS_E_NUMBER);
    ck_assert_int_eq(ps_warning_parse(PS_S("307 \"b\""), &w), PS_E_VALUE);
    ck_assert_int_eq(ps_warning_parse(PS_S("307 a"), &w), PS_E_VALUE);
    ck_assert_int_eq(ps_warning_parse(PS_S("307 a b"), &w), PS_E_VALUE);
    ck_assert_int_eq(ps_warning_parse(PS_S("307 a \"b"), &w), PS_E_VALUE);
    ck_assert_int_eq(ps_warning_parse(PS_S("307 a \"b\" c"), &w), PS_E_VALUE);
}
END_TEST

START_TEST(auth_20_7)
{
    struct ps_auth a;
    struct ps_param p;
    ck_assert(!ps_auth_parse(PS_S("Digest realm=\"a, b\", nonce = x==,uri=\"sip:c\""), &a));
    assert_slice(a.scheme, "Digest");
    ck_assert(ps_auth_param_next(&a.params, &p));
    assert_slice(p.name, "realm");
    assert_slice(p.value, "\"a, b\"");
    ck_assert(ps_auth_param_next(&a.params, &p));
    assert_slice(p.value, "x==");
    ck_assert(ps_auth_param_next(&a.params, &p));
    ck_assert(!ps_auth_param_next(&a.params, &p));
    ck_assert_uint_eq(a.params.n, 0);
    ck_assert(!ps_auth_parse(PS_S("NTLM"), &a));
    ck_assert_int_eq(ps_auth_parse(PS_S(""), &a), PS_E_VALUE);
    ck_assert_int_eq(ps_auth_parse(PS_S("a=b"), &a), PS_E_VALUE);
    ck_assert_int_eq(ps_auth_parse(PS_S("Digest a"), &a), PS_E_PARAMETER);
    ck_assert_int_eq(ps_auth_parse(PS_S("Digest a="), &a), PS_E_PARAMETER);
    ck_assert_int_eq(ps_auth_parse(PS_S("Digest =a"), &a), PS_E_PARAMETER);
    ck_assert_int_eq(ps_auth_parse(PS_S("Digest a x"), &a), PS_E_PARAMETER);
    ck_assert_int_eq(ps_auth_parse(PS_S("Digest a=b c"), &a), PS_E_PARAMETER);
    ck_assert_int_eq(ps_auth_parse(PS_S("Digest a=\"b"), &a), PS_E_PARAMETER);
    ck_assert_int_eq(ps_auth_parse(PS_S("Digest a=\"b\" c"), &a), PS_E_PARAMETER);
    ck_assert_int_eq(ps_auth_parse(PS_S("Digest a=b,,c=d"), &a), PS_E_PARAMETER);
}
END_TEST

START_TEST(products_20_41)
{
    struct ps_slice rest = PS_S("Softphone/Beta1.5 (a (b) \\) c) x/");
    struct ps_product p;
    ck_assert(ps_product_next(&rest, &p));
    assert_slice(p.name, "Softphone");
    assert_slice(p.version, "Beta1.5");
    ck_assert(ps_product_next(&rest, &p));
    ck_assert_ptr_null(p.name.p);
    assert_slice(p.comment, "(a (b) \\) c)");
    ck_assert(ps_product_next(&rest, &p));
    assert_slice(p.name, "x");
    ck_assert_uint_eq(p.version.n, 0);
    ck_assert(!ps_product_next(&rest, &p));
    ck_assert_uint_eq(rest.n, 0);
    rest = PS_S("(a");
    ck_assert(!ps_product_next(&rest, &p));
    ck_assert_uint_ne(rest.n, 0);
    rest = PS_S("<");
    ck_assert(!ps_product_next(&rest, &p));
    ck_assert_uint_ne(rest.n, 0);
}
END_TEST

/* ---- one good and one bad value for each header of the list ---- */

static const struct {
    enum ps_header_id id;
    const char *good, *bad;
    bool none; /* may be empty */
} samples[] = {
    {PS_H_VIA, "SIP/2.0/UDP a;branch=x, SIP/2.0/TCP b", "SIP/2.0/UDP a, x", false},
    {PS_H_FROM, "\"A\" <sip:a@b>;tag=1", "\"A\" <sip:a@>", false},
    {PS_H_TO, "sip:a@b;tag=1", "\"A <sip:a@b>", false},
    {PS_H_CALL_ID, "a@b", "a b", false},
    {PS_H_CSEQ, "1 INVITE", "INVITE 1", false},
    {PS_H_MAX_FORWARDS, "70", "256", false},
    {PS_H_CONTACT, "<sip:a>;q=0.1, <sip:b>", "<sip:a>, <sip:b@>", false},
    {PS_H_CONTENT_LENGTH, "0", "-1", false},
    {PS_H_CONTENT_TYPE, "application/sdp", "application", false},
    {PS_H_ROUTE, "<sip:a;lr>, <sip:b>;x", "sip:a;lr", false},
    {PS_H_RECORD_ROUTE, "<sip:a;lr>", "<sip:a b>", false},
    {PS_H_ALLOW, "INVITE, ACK", "INVITE ACK", true},
    {PS_H_SUPPORTED, "100rel", "100rel;x", true},
    {PS_H_REQUIRE, "100rel", "a,,b", false},
    {PS_H_PROXY_REQUIRE, "foo", "<foo>", false},
    {PS_H_UNSUPPORTED, "foo, bar", "foo bar", false},
    {PS_H_USER_AGENT, "plainsip/0.1 (x)", "plainsip (x", true},
    {PS_H_SERVER, "plainsip", "<>", true},
    {PS_H_EXPIRES, "3600", "an hour", false},
    {PS_H_MIN_EXPIRES, "60", "60;x", false},
    {PS_H_AUTHORIZATION, "Digest username=\"a\"", "Digest username=", true},
    {PS_H_PROXY_AUTHORIZATION, "Basic a=b", "=", true},
    {PS_H_WWW_AUTHENTICATE, "Digest realm=\"a\"", "Digest realm", false},
    {PS_H_PROXY_AUTHENTICATE, "Digest realm=\"a\"", ",", false},
    {PS_H_AUTHENTICATION_INFO, "nextnonce=\"a\", qop=auth", "nextnonce", false},
    {PS_H_SESSION_EXPIRES, "1800;refresher=uac", "1800;refresher=x", false},
    {PS_H_MIN_SE, "90;x", "90 x", false},
    {PS_H_EVENT, "dialog;id=1", "dialog id", false},
    {PS_H_ALLOW_EVENTS, "dialog, talk", "dialog;x", true},
    {PS_H_SUBSCRIPTION_STATE, "active;expires=1", "active;expires=x", false},
    {PS_H_RSEQ, "1", "x", false},
    {PS_H_RACK, "1 2 INVITE", "1 2", false},
    {PS_H_REPLACES, "a;to-tag=b;from-tag=c", "a;to-tag=b", false},
    {PS_H_JOIN, "a;to-tag=b;from-tag=c", "a", false},
    {PS_H_TARGET_DIALOG, "a;local-tag=b;remote-tag=c", "a;local-tag=b", false},
    {PS_H_REFER_TO, "<sip:a?Replaces=b>", "sip:a?b=c", false},
    {PS_H_REFERRED_BY, "<sip:a>;cid=\"b\"", "<sip:>", false},
    {PS_H_REPLY_TO, "A <sip:a>", "A sip:a", false},
    {PS_H_REASON, "SIP;cause=200, Q.850;cause=16", "SIP;cause=x", false},
    {PS_H_RETRY_AFTER, "5 (busy);duration=1", "5 busy", false},
    {PS_H_WARNING, "301 a \"b\", 302 c \"d\"", "301 a b", false},
    {PS_H_DATE, "Sat, 13 Nov 2010 23:29:00 GMT", "Sat, 13 Nov 2010 23:29:00 CET", false},
    {PS_H_TIMESTAMP, "1.5", "x", false},
    {PS_H_SUBJECT, "hello, \xc3\xa8", "a\001", true},
    {PS_H_ORGANIZATION, "a\r\n b", "a\177", true},
    {PS_H_PRIVACY, "id;critical", "id;x=y", false},
    {PS_H_ALERT_INFO, "<http://a/b.wav>;appearance=1", "\"a\" <http://a/b.wav>", false},
    {PS_H_CALL_INFO, "<http://a/b.jpg>;purpose=icon, <http://c>", "http://a/b.jpg", false},
    {PS_H_IN_REPLY_TO, "a@b, c", "a b", false},
    {PS_H_PRIORITY, "urgent", "very urgent", false},
    {PS_H_MIME_VERSION, "1.0", "1", false},
    {PS_H_SIP_ETAG, "abc", "a b", false},
    {PS_H_SIP_IF_MATCH, "abc", "", false},
    {PS_H_HISTORY_INFO, "<sip:a>;index=1, <sip:b?Reason=c>;index=1.1", "sip:a", false},
    {PS_H_PATH, "<sip:p;lr>", "sip:p", false},
    {PS_H_SERVICE_ROUTE, "<sip:p;lr>", "p", false},
    {PS_H_P_ASSERTED_IDENTITY, "\"A\" <sip:a@b>, tel:+1", "\"A\" a", false},
    {PS_H_P_PREFERRED_IDENTITY, "<sip:a@b>", "<sip:a@b", false},
    {PS_H_REMOTE_PARTY_ID, "\"A\" <sip:a@b>;party=calling;screen=yes", "sip:a@b", false},
    {PS_H_DIVERSION, "<sip:a@b>;reason=user-busy;counter=1", "x", false},
    {PS_H_CONTENT_DISPOSITION, "session;handling=optional", "session handling", false},
    {PS_H_CONTENT_ENCODING, "gzip, tar", "gzip tar", false},
    {PS_H_CONTENT_LANGUAGE, "fr", "fr en", false},
    {PS_H_ACCEPT, "application/sdp;level=1, text/*", "text", true},
    {PS_H_ACCEPT_ENCODING, "gzip;q=1.0", "gzip 1", true},
    {PS_H_ACCEPT_LANGUAGE, "da, en-gb;q=0.8, *", "da en", true},
    {PS_H_ACCEPT_CONTACT, "*;audio;require, *;+g.x=\"y\"", "<sip:a>", false},
    {PS_H_REJECT_CONTACT, "*;video", "*video x", false},
    {PS_H_REQUEST_DISPOSITION, "proxy, no-fork", "proxy fork", false},
    {PS_H_ERROR_INFO, "<sip:a@b>", "sip:a@b", false},
    {PS_H_IDENTITY, "abc;info=<http://x>", "a\001", false},
};

START_TEST(every_header_both_ways)
{
    bool seen[PS_H_COUNT] = {false};
    unsigned i, n = 0;
    for (i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        struct ps_slice name = ps_header_name(samples[i].id);
        ck_assert_msg(!ps_header_check(samples[i].id, ps_slice_of(samples[i].good)), "%.*s: %s",
                      (int)name.n, name.p, samples[i].good);
        ck_assert_msg(ps_header_check(samples[i].id, ps_slice_of(samples[i].bad)), "%.*s: %s",
                      (int)name.n, name.p, samples[i].bad);
        ck_assert_msg(!ps_header_check(samples[i].id, PS_S("")) == samples[i].none, "%.*s: empty",
                      (int)name.n, name.p);
        ck_assert_str_ne(ps_header_rule(samples[i].id), "RFC 3261 7.3.1");
        seen[samples[i].id] = true;
    }
    for (i = 1; i < PS_H_COUNT; i++)
        n += seen[i];
    ck_assert_uint_eq(n, PS_H_COUNT - 1);
    ck_assert_int_eq(ps_header_check(PS_H_OTHER, PS_S(";;,,;;,;")), PS_OK);
    ck_assert_str_eq(ps_header_rule(PS_H_OTHER), "RFC 3261 7.3.1");
    ck_assert_int_eq(ps_header_grammar(PS_H_OTHER), PS_GRAMMAR_NONE);
    ck_assert_int_eq(ps_header_grammar(PS_H_DIVERSION), PS_GRAMMAR_ROUTE);
    ck_assert_int_eq(ps_header_grammar(PS_H_SUPPORTED), PS_GRAMMAR_TOKEN);
    ck_assert(ps_header_is_list(PS_H_VIA));
    ck_assert(!ps_header_is_list(PS_H_FROM));
    ck_assert_int_ne(ps_header_check(PS_H_MIME_VERSION, PS_S("x.0")), PS_OK);
    ck_assert_int_ne(ps_header_check(PS_H_MIME_VERSION, PS_S("1.x")), PS_OK);
    ck_assert_int_ne(ps_header_check(PS_H_PRIVACY, PS_S("id;;")), PS_OK);
    ck_assert_int_eq(ps_header_check(PS_H_CONTACT, PS_S("*")), PS_OK);
    ck_assert_int_ne(ps_header_check(PS_H_ALERT_INFO, PS_S("<http:>")), PS_OK);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("values");
    TCase *t = tcase_create("values");
    tcase_add_test(t, cseq_20_16);
    tcase_add_test(t, numbers_with_and_without_parameters);
    tcase_add_test(t, q_values_25_1);
    tcase_add_test(t, a_q_ends_where_its_slice_does);
    tcase_add_test(t, a_malformed_q_says_nothing_25_1);
    tcase_add_test(t, session_expires_rfc4028_4);
    tcase_add_test(t, retry_after_20_33);
    tcase_add_test(t, rack_rfc3262_7_2);
    tcase_add_test(t, timestamp_20_38);
    tcase_add_test(t, date_20_17);
    tcase_add_test(t, media_types_20_15);
    tcase_add_test(t, events_rfc6665);
    tcase_add_test(t, reason_rfc3326);
    tcase_add_test(t, contacts_20_10_rfc5626);
    tcase_add_test(t, replaces_rfc3891_rfc3911_rfc4538);
    tcase_add_test(t, warning_20_43);
    tcase_add_test(t, auth_20_7);
    tcase_add_test(t, products_20_41);
    tcase_add_test(t, every_header_both_ways);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
