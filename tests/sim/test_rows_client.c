/*
 * Covers the rows A and B of the transaction layer's behaviour (INVITE and non-INVITE client
 * transactions), each test named by its row, to the millisecond of virtual time.
 * Does not cover: what the user makes of it (A7, A8, A9, A11, A15, C1 to C7: the call's tests).
 */
#include "../unit/check_main.h"
#include "sut.h"

static struct sut s;

static void setup(void)
{
    sut_start(&s, 8);
}

static void teardown(void)
{
    sut_free(&s);
}

static struct ps_slice answer(unsigned status, const char *tag)
{
    return sut_response_text(sut_sent_text(&s, 0), status, tag);
}

START_TEST(A1_invite_never_answered)
{
    ps_handle h = sut_send(&s, "INVITE", "z9hG4bKa1");
    sut_run(&s, 31999);
    ck_assert_uint_eq(s.heard_n, 0);
    sut_run(&s, 32000);
    ck_assert_int_eq(s.heard[0].event.kind, PS_TX_TIMEOUT);
    ck_assert_uint_eq(s.heard[0].event.user, 77);
    ck_assert_uint_eq(s.heard[0].event.transaction, h);
    ck_assert_uint_eq(s.env.count.of[PS_COUNT_TIMEOUTS], 1);
    sut_end(&s, 600000);
    SUT_SENT_AT(&s, "INVITE", 0, 500, 1500, 3500, 7500, 15500, 31500);
    ck_assert_uint_eq(s.sent_n, 7);
    ck_assert_uint_eq(s.heard_n, 1);
}
END_TEST

START_TEST(A2_100_stops_repeating_and_timer_b)
{
    sut_send(&s, "INVITE", "z9hG4bKa2");
    sut_run(&s, 700);
    sut_feed(&s, answer(100, ""));
    sut_run(&s, 700 + 299999); /* and no time-out until the guard */
    SUT_SENT_AT(&s, "INVITE", 0, 500);
    ck_assert_uint_eq(s.heard_n, 1);
    ck_assert_int_eq(s.heard[0].event.kind, PS_TX_PROVISIONAL);
    sut_run(&s, 700 + 300000);
    ck_assert_int_eq(s.heard[1].event.kind, PS_TX_GUARD);
    ck_assert_uint_eq(s.heard[1].event.status, 0); /* the 100 was then, not now */
    ck_assert_uint_eq(s.env.count.of[PS_COUNT_TIMEOUTS], 0);
    ck_assert(ps_transaction_cancellable(s.t, s.heard[1].event.transaction));
    sut_run(&s, 700 + 300000 + 32000);
    ck_assert_int_eq(s.heard[2].event.kind, PS_TX_TIMEOUT);
    ck_assert_uint_eq(s.heard[2].event.status, 0);
    ck_assert_uint_eq(s.env.count.of[PS_COUNT_TIMEOUTS], 1);
    sut_end(&s, 0);
}
END_TEST

START_TEST(A2_each_1xx_starts_the_guard_again)
{
    unsigned i;
    sut_send(&s, "INVITE", "z9hG4bKa2");
    for (i = 0; i < 10; i++) {
        sut_run(&s, 299000 * (uint64_t)i + 100);
        sut_feed(&s, answer(180, "x"));
    }
    ck_assert_uint_eq(sut_heard(&s, PS_TX_PROVISIONAL), 10);
    ck_assert_uint_eq(sut_heard(&s, PS_TX_GUARD), 0);
    sut_end(&s, 400000);
}
END_TEST

START_TEST(A3_final_after_ringing)
{
    sut_send(&s, "INVITE", "z9hG4bKa3");
    sut_run(&s, 1600);
    sut_feed(&s, answer(180, "x"));
    sut_run(&s, 10000);
    sut_feed(&s, answer(486, "x"));
    sut_end(&s, 600000);
    SUT_SENT_AT(&s, "INVITE", 0, 500, 1500);
    SUT_SENT_AT(&s, "ACK", 10000);
}
END_TEST

START_TEST(A4_each_486_gets_the_same_ack)
{
    static const uint64_t at[] = {200,   700,   1700,  3700,  7700, 11700,
                                  15700, 19700, 23700, 27700, 31700};
    unsigned i;
    sut_send(&s, "INVITE", "z9hG4bKa4");
    for (i = 0; i < sizeof at / sizeof *at; i++) {
        sut_run(&s, at[i]);
        sut_feed(&s, answer(486, "x"));
    }
    sut_expect_sent(&s, "ACK", at, sizeof at / sizeof *at);
    ck_assert_uint_eq(sut_heard(&s, PS_TX_FINAL), 1);
    sut_run(&s, 200 + 31999);
    ck_assert_uint_eq(ps_transactions_live(s.t, PS_ICT), 1);
    sut_end(&s, 1);
}
END_TEST

START_TEST(A5_486_after_timer_d_is_dropped)
{
    sut_send(&s, "INVITE", "z9hG4bKa5");
    sut_run(&s, 200);
    sut_feed(&s, answer(486, "x"));
    sut_run(&s, 40200);
    ck_assert_int_eq(sut_feed(&s, answer(486, "x")).kind, PS_TX_STRAY);
    SUT_SENT_AT(&s, "ACK", 200);
    sut_end(&s, 0);
}
END_TEST

static void same_header(struct ps_slice a, struct ps_slice b, enum ps_header_id id)
{
    char value[256];
    struct ps_slice v = sut_header(a, id);
    ck_assert_uint_lt(v.n, sizeof value);
    memcpy(value, v.p, v.n);
    ck_assert(v.n > 0 && ps_equal(sut_header(b, id), ps_slice(value, v.n)));
}

START_TEST(A6_the_ack_for_486)
{
    static struct ps_message ack;
    struct ps_slice invite, text;
    sut_send(&s, "INVITE", "z9hG4bKa6");
    sut_feed(&s, answer(486, "x"));
    invite = sut_sent_text(&s, 0);
    text = sut_last(&s);
    same_header(invite, text, PS_H_VIA);
    same_header(invite, text, PS_H_CALL_ID);
    same_header(invite, text, PS_H_FROM);
    same_header(invite, text, PS_H_ROUTE);
    same_header(answer(486, "x"), text, PS_H_TO);
    ck_assert_int_eq(ps_message_parse(&ack, text.p, text.n, NULL, NULL), PS_OK);
    ck_assert(ps_equal(ps_request_uri(&ack), PS_S("sip:b@192.0.2.1")));
    ck_assert_uint_eq(ack.cseq, 1);
    ck_assert_int_eq(ack.cseq_method, PS_METHOD_ACK);
    ck_assert_ptr_null(ps_header_value(&ack, PS_H_VIA, 1).p);
    ck_assert_ptr_nonnull(ps_header_value(&ack, PS_H_MAX_FORWARDS, 0).p);
    ck_assert_uint_eq(ps_body(&ack).n, 0);
    sut_end(&s, 32000);
}
END_TEST

START_TEST(rfc6026_7_2_each_2xx_goes_up_until_timer_m)
{
    sut_send(&s, "INVITE", "z9hG4bKa8");
    sut_run(&s, 200);
    sut_feed(&s, answer(200, "x"));
    sut_run(&s, 700);
    sut_feed(&s, answer(200, "x"));
    sut_feed(&s, answer(200, "y"));
    sut_feed(&s, answer(180, "z"));
    sut_feed(&s, answer(486, "z"));
    sut_run(&s, 32199);
    sut_feed(&s, answer(200, "x"));
    ck_assert_uint_eq(sut_heard(&s, PS_TX_FINAL), 4);
    ck_assert_uint_eq(s.heard_n, 4);
    ck_assert_uint_eq(s.sent_n, 1); /* its ACKs are the user's */
    sut_end(&s, 1);
}
END_TEST

START_TEST(A10_2xx_after_timer_m_is_dropped)
{
    sut_send(&s, "INVITE", "z9hG4bKa10");
    sut_run(&s, 200);
    sut_feed(&s, answer(200, "x"));
    sut_run(&s, 33000);
    ck_assert_int_eq(sut_feed(&s, answer(200, "y")).kind, PS_TX_STRAY);
    ck_assert_uint_eq(s.env.count.of[PS_COUNT_DROPPED_RESPONSE_STRAY], 1);
    sut_end(&s, 0);
}
END_TEST

START_TEST(A12_icmp_ends_it_at_once)
{
    struct ps_address elsewhere = s.flow.remote;
    struct ps_transaction_event event;
    ps_handle h = sut_send(&s, "INVITE", "z9hG4bKa12");
    ps_handle other;
    elsewhere.port = 5062;
    s.flow.remote = elsewhere;
    other = sut_send(&s, "INVITE", "z9hG4bKother");
    s.flow.remote.port = 5060;
    event = ps_transactions_failed(s.t, 0, &s.flow.remote);
    ck_assert_int_eq(event.kind, PS_TX_UNREACHABLE);
    ck_assert_uint_eq(event.transaction, h);
    ck_assert_uint_eq(event.user, 77);
    ck_assert_uint_gt(ps_transaction_message(s.t, h).n, 0); /* still there to be sent elsewhere */
    ck_assert_int_eq(ps_transactions_failed(s.t, 0, &s.flow.remote).kind, PS_TX_NOTHING);
    sut_run(&s, 400);
    ck_assert(!ps_transaction_waits(s.t, h));
    ck_assert(ps_transaction_waits(s.t, other));
    ps_transaction_abandon(s.t, other);
    sut_end(&s, 600000);
    ck_assert_uint_eq(s.sent_n, 2);
}
END_TEST

START_TEST(A13_reliable_never_answered)
{
    s.flow.reliable = true;
    sut_send(&s, "INVITE", "z9hG4bKa13");
    sut_run(&s, 31999);
    ck_assert_uint_eq(s.heard_n, 0);
    sut_end(&s, 1);
    ck_assert_int_eq(s.heard[0].event.kind, PS_TX_TIMEOUT);
    SUT_SENT_AT(&s, "INVITE", 0);
}
END_TEST

START_TEST(A14_reliable_486_is_acked_once)
{
    s.flow.reliable = true;
    sut_send(&s, "INVITE", "z9hG4bKa14");
    sut_run(&s, 200);
    sut_feed(&s, answer(486, "x"));
    sut_run(&s, 5000);
    ck_assert_int_eq(sut_feed(&s, answer(486, "x")).kind, PS_TX_STRAY);
    SUT_SENT_AT(&s, "ACK", 200);
    sut_end(&s, 0);
}
END_TEST

START_TEST(A16_odd_provisionals_and_a_6xx)
{
    sut_send(&s, "INVITE", "z9hG4bKa16");
    sut_feed(&s, answer(199, "x"));
    sut_feed(&s, answer(100, "y"));
    sut_feed(&s, answer(180, "z"));
    sut_feed(&s, answer(603, "w"));
    sut_feed(&s, answer(180, "z"));
    sut_feed(&s, answer(200, "z"));
    ck_assert_uint_eq(sut_heard(&s, PS_TX_PROVISIONAL), 3);
    ck_assert_uint_eq(sut_heard(&s, PS_TX_FINAL), 1);
    ck_assert_uint_eq(s.heard[3].event.status, 603);
    ck_assert_uint_eq(sut_count(&s, "ACK"), 1);
    sut_end(&s, 32000);
}
END_TEST

START_TEST(B1_never_answered)
{
    sut_send(&s, "OPTIONS", "z9hG4bKb1");
    sut_run(&s, 31999);
    ck_assert_uint_eq(s.heard_n, 0);
    sut_run(&s, 32000);
    ck_assert_int_eq(s.heard[0].event.kind, PS_TX_TIMEOUT);
    ck_assert_uint_eq(s.env.count.of[PS_COUNT_TIMEOUTS], 1);
    sut_end(&s, 600000);
    SUT_SENT_AT(&s, "OPTIONS", 0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500);
}
END_TEST

START_TEST(B2_100_leaves_timer_e_at_t2)
{
    sut_send(&s, "OPTIONS", "z9hG4bKb2");
    sut_run(&s, 200);
    sut_feed(&s, answer(100, ""));
    sut_run(&s, 31999);
    ck_assert_uint_eq(sut_heard(&s, PS_TX_TIMEOUT), 0);
    sut_end(&s, 600000);
    ck_assert_uint_eq(sut_heard(&s, PS_TX_TIMEOUT), 1);
    ck_assert_uint_eq(s.heard[1].at, 32000);
    SUT_SENT_AT(&s, "OPTIONS", 0, 500, 4500, 8500, 12500, 16500, 20500, 24500, 28500);
}
END_TEST

START_TEST(B3_final_ends_it)
{
    sut_send(&s, "OPTIONS", "z9hG4bKb3");
    sut_run(&s, 200);
    sut_feed(&s, answer(200, "x"));
    sut_end(&s, 600000);
    ck_assert_uint_eq(s.sent_n, 1);
}
END_TEST

START_TEST(B4_final_again)
{
    sut_send(&s, "OPTIONS", "z9hG4bKb4");
    sut_run(&s, 200);
    sut_feed(&s, answer(200, "x"));
    sut_run(&s, 3000);
    ck_assert_int_eq(sut_feed(&s, answer(200, "x")).kind, PS_TX_NOTHING);
    sut_run(&s, 5199);
    ck_assert_uint_eq(ps_transactions_live(s.t, PS_NICT), 1);
    sut_run(&s, 6000);
    ck_assert_int_eq(sut_feed(&s, answer(200, "x")).kind, PS_TX_STRAY);
    ck_assert_uint_eq(sut_heard(&s, PS_TX_FINAL), 1);
    sut_end(&s, 0);
}
END_TEST

START_TEST(B5_reliable_never_answered)
{
    s.flow.reliable = true;
    sut_send(&s, "OPTIONS", "z9hG4bKb5");
    sut_run(&s, 31999);
    ck_assert_uint_eq(s.heard_n, 0);
    sut_end(&s, 1);
    ck_assert_int_eq(s.heard[0].event.kind, PS_TX_TIMEOUT);
    SUT_SENT_AT(&s, "OPTIONS", 0);
}
END_TEST

START_TEST(B6_408_is_a_final_as_any)
{
    sut_send(&s, "OPTIONS", "z9hG4bKb6");
    ck_assert_int_eq(sut_feed(&s, answer(408, "x")).kind, PS_TX_FINAL);
    sut_end(&s, 600000);
    ck_assert_uint_eq(s.sent_n, 1);
}
END_TEST

/* The request with a change in it, answered with 200. */
static struct ps_slice answer_changed(const char *from, const char *to)
{
    static char text[SUT_TEXT];
    struct ps_slice request = sut_sent_text(&s, 0);
    const char *at = strstr(request.p, from);
    size_t before;
    ck_assert_ptr_nonnull(at);
    before = (size_t)(at - request.p);
    memcpy(text, request.p, before);
    strcpy(text + before, to);
    strcat(text, at + strlen(from));
    return sut_response_text(ps_slice_of(text), 200, "x");
}

START_TEST(B7_wrong_cseq_method)
{
    static char text[SUT_TEXT];
    char *at;
    sut_send(&s, "OPTIONS", "z9hG4bKb7");
    memcpy(text, answer(200, "x").p, answer(200, "x").n);
    at = strstr(text, "1 OPTIONS");
    ck_assert_ptr_nonnull(at);
    memcpy(at, "1 PUBLISH", 9);
    ck_assert_int_eq(sut_feed(&s, ps_slice_of(text)).kind, PS_TX_STRAY);
    sut_end(&s, 600000);
    ck_assert_uint_eq(s.sent_n, 11);
}
END_TEST

START_TEST(B8_foreign_sent_by)
{
    sut_send(&s, "OPTIONS", "z9hG4bKb8");
    ck_assert_int_eq(sut_feed(&s, answer_changed("192.0.2.1:5060", "192.0.2.9:5060")).kind,
                     PS_TX_NOTHING);
    ck_assert_int_eq(sut_feed(&s, answer_changed("192.0.2.1:5060", "192.0.2.1:5061")).kind,
                     PS_TX_NOTHING);
    ck_assert_uint_eq(s.env.count.of[PS_COUNT_DROPPED_RESPONSE_FOREIGN], 2);
    sut_end(&s, 600000);
    ck_assert_uint_eq(s.sent_n, 11);
}
END_TEST

START_TEST(B9_two_vias)
{
    sut_send(&s, "OPTIONS", "z9hG4bKb9");
    sut_feed(&s, answer_changed("Max-Forwards",
                                "Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKx\r\nMax-Forwards"));
    sut_feed(&s, answer_changed(";rport", ";rport, SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKx"));
    ck_assert_uint_eq(s.env.count.of[PS_COUNT_DROPPED_RESPONSE_FOREIGN], 2);
    ck_assert_uint_eq(s.heard_n, 0);
    sut_end(&s, 600000);
    ck_assert_uint_eq(s.sent_n, 11);
}
END_TEST

START_TEST(B10_from_another_address)
{
    struct ps_flow other = s.flow;
    sut_send(&s, "OPTIONS", "z9hG4bKb10");
    other.remote.ip[3] = 99;
    ck_assert_int_eq(sut_feed_from(&s, answer(200, "x"), &other).kind, PS_TX_FINAL);
    sut_end(&s, 5000);
}
END_TEST

START_TEST(C8_nothing_but_an_invite_is_cancelled)
{
    ps_handle invite = sut_send(&s, "INVITE", "z9hG4bKc8");
    ps_handle options;
    ck_assert(!ps_transaction_cancellable(s.t, invite)); /* 9.1: not before a provisional */
    sut_feed(&s, answer(180, "x"));
    ck_assert(ps_transaction_cancellable(s.t, invite));
    sut_feed(&s, answer(486, "x"));
    ck_assert(!ps_transaction_cancellable(s.t, invite));
    options = sut_send(&s, "OPTIONS", "z9hG4bKc8o");
    sut_feed(&s, sut_response_text(sut_last(&s), 100, ""));
    ck_assert(!ps_transaction_cancellable(s.t, options));
    ps_transaction_abandon(s.t, options);
    sut_end(&s, 32000);
}
END_TEST

static Suite *suite(void)
{
    Suite *suite = suite_create("rows: client");
    TCase *t = tcase_create("A, B");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, A1_invite_never_answered);
    tcase_add_test(t, A2_100_stops_repeating_and_timer_b);
    tcase_add_test(t, A2_each_1xx_starts_the_guard_again);
    tcase_add_test(t, A3_final_after_ringing);
    tcase_add_test(t, A4_each_486_gets_the_same_ack);
    tcase_add_test(t, A5_486_after_timer_d_is_dropped);
    tcase_add_test(t, A6_the_ack_for_486);
    tcase_add_test(t, rfc6026_7_2_each_2xx_goes_up_until_timer_m);
    tcase_add_test(t, A10_2xx_after_timer_m_is_dropped);
    tcase_add_test(t, A12_icmp_ends_it_at_once);
    tcase_add_test(t, A13_reliable_never_answered);
    tcase_add_test(t, A14_reliable_486_is_acked_once);
    tcase_add_test(t, A16_odd_provisionals_and_a_6xx);
    tcase_add_test(t, B1_never_answered);
    tcase_add_test(t, B2_100_leaves_timer_e_at_t2);
    tcase_add_test(t, B3_final_ends_it);
    tcase_add_test(t, B4_final_again);
    tcase_add_test(t, B5_reliable_never_answered);
    tcase_add_test(t, B6_408_is_a_final_as_any);
    tcase_add_test(t, B7_wrong_cseq_method);
    tcase_add_test(t, B8_foreign_sent_by);
    tcase_add_test(t, B9_two_vias);
    tcase_add_test(t, B10_from_another_address);
    tcase_add_test(t, C8_nothing_but_an_invite_is_cancelled);
    suite_add_tcase(suite, t);
    return suite;
}

PS_CHECK_MAIN
