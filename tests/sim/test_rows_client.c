/*
 * Covers the rows A and B of the transaction layer's behaviour (INVITE and non-INVITE client
 * transactions), each test named by its row, to the millisecond of virtual time.
 * Does not cover: what the user makes of it (A7, A8, A9, A11, A15, C1 to C7: the call's tests).
 */
#include "../unit/check_main.h"
#include "layer.h"

static struct layer l;

static void setup(void)
{
    layer_start(&l, 8);
}

static void teardown(void)
{
    layer_free(&l);
}

/* The tester answers the first request. */
static struct ps_transaction_event answer(unsigned status, const char *tag)
{
    return layer_answer(&l, &l.log.sent[0], status, tag);
}

static struct ps_slice answer_text(unsigned status, const char *tag)
{
    return tester_answer_text(sent_slice(&l.log.sent[0]), status, tag, NULL, NULL);
}

START_TEST(A1_invite_never_answered)
{
    ps_handle h = layer_send(&l, "INVITE", "z9hG4bKa1");
    layer_run(&l, 31999);
    ck_assert_uint_eq(l.heard_n, 0);
    layer_run(&l, 32000);
    ck_assert_int_eq(l.heard[0].event.kind, PS_TX_TIMEOUT);
    ck_assert_uint_eq(l.heard[0].event.user, 77);
    ck_assert_uint_eq(l.heard[0].event.transaction, h);
    ck_assert_uint_eq(l.env.count.of[PS_COUNT_TIMEOUTS], 1);
    layer_end(&l, 600000);
    SENT_AT(&l.log, "INVITE", 0, 500, 1500, 3500, 7500, 15500, 31500);
    ck_assert_uint_eq(l.log.n, 7);
    ck_assert_uint_eq(l.heard_n, 1);
}
END_TEST

START_TEST(A2_100_stops_repeating_and_timer_b)
{
    layer_send(&l, "INVITE", "z9hG4bKa2");
    layer_run(&l, 700);
    answer(100, "");
    layer_run(&l, 700 + 299999); /* and no time-out until the guard */
    SENT_AT(&l.log, "INVITE", 0, 500);
    ck_assert_uint_eq(l.heard_n, 1);
    ck_assert_int_eq(l.heard[0].event.kind, PS_TX_PROVISIONAL);
    layer_run(&l, 700 + 300000);
    ck_assert_int_eq(l.heard[1].event.kind, PS_TX_GUARD);
    ck_assert_uint_eq(l.heard[1].event.status, 0); /* the 100 was then, not now */
    ck_assert_uint_eq(l.env.count.of[PS_COUNT_TIMEOUTS], 0);
    ck_assert(ps_transaction_cancellable(l.t, l.heard[1].event.transaction));
    layer_run(&l, 700 + 300000 + 32000);
    ck_assert_int_eq(l.heard[2].event.kind, PS_TX_TIMEOUT);
    ck_assert_uint_eq(l.heard[2].event.status, 0);
    ck_assert_uint_eq(l.env.count.of[PS_COUNT_TIMEOUTS], 1);
    layer_end(&l, 0);
}
END_TEST

START_TEST(A2_each_1xx_starts_the_guard_again)
{
    unsigned i;
    layer_send(&l, "INVITE", "z9hG4bKa2");
    for (i = 0; i < 10; i++) {
        layer_run(&l, 299000 * (uint64_t)i + 100);
        answer(180, "x");
    }
    ck_assert_uint_eq(layer_heard(&l, PS_TX_PROVISIONAL), 10);
    ck_assert_uint_eq(layer_heard(&l, PS_TX_GUARD), 0);
    layer_end(&l, 400000);
}
END_TEST

START_TEST(A3_final_after_ringing)
{
    layer_send(&l, "INVITE", "z9hG4bKa3");
    layer_run(&l, 1600);
    answer(180, "x");
    layer_run(&l, 10000);
    answer(486, "x");
    layer_end(&l, 600000);
    SENT_AT(&l.log, "INVITE", 0, 500, 1500);
    SENT_AT(&l.log, "ACK", 10000);
}
END_TEST

START_TEST(A4_each_486_gets_the_same_ack)
{
    static const uint64_t at[] = {200,   700,   1700,  3700,  7700, 11700,
                                  15700, 19700, 23700, 27700, 31700};
    unsigned i;
    layer_send(&l, "INVITE", "z9hG4bKa4");
    for (i = 0; i < sizeof at / sizeof *at; i++) {
        layer_run(&l, at[i]);
        answer(486, "x");
    }
    sent_expect(&l.log, "ACK", at, sizeof at / sizeof *at);
    ck_assert_uint_eq(layer_heard(&l, PS_TX_FINAL), 1);
    layer_run(&l, 200 + 31999);
    ck_assert_uint_eq(ps_transactions_live(l.t, PS_ICT), 1);
    layer_end(&l, 1);
}
END_TEST

START_TEST(A5_486_after_timer_d_is_dropped)
{
    layer_send(&l, "INVITE", "z9hG4bKa5");
    layer_run(&l, 200);
    answer(486, "x");
    layer_run(&l, 40200);
    ck_assert_int_eq(answer(486, "x").kind, PS_TX_STRAY);
    SENT_AT(&l.log, "ACK", 200);
    layer_end(&l, 0);
}
END_TEST

static void same_header(const struct sent *a, const struct sent *b, enum ps_header_id id)
{
    ck_assert_str_ne(header_of(a, id), "");
    ck_assert_str_eq(header_of(a, id), header_of(b, id));
}

START_TEST(A6_the_ack_for_486)
{
    const struct sent *invite, *sent;
    const struct ps_message *ack;
    layer_send(&l, "INVITE", "z9hG4bKa6");
    answer(486, "x");
    invite = &l.log.sent[0];
    sent = sent_last(&l.log, "");
    same_header(invite, sent, PS_H_VIA);
    same_header(invite, sent, PS_H_CALL_ID);
    same_header(invite, sent, PS_H_FROM);
    same_header(invite, sent, PS_H_ROUTE);
    ck_assert_str_eq(header_of(sent, PS_H_TO), "<sip:b@example.com>;tag=x");
    ack = tester_parse(sent_slice(sent));
    ck_assert(ps_equal(ps_request_uri(ack), PS_S("sip:b@192.0.2.1")));
    ck_assert_uint_eq(ack->cseq, 1);
    ck_assert_int_eq(ack->cseq_method, PS_METHOD_ACK);
    ck_assert_ptr_null(ps_header_value(ack, PS_H_VIA, 1).p);
    ck_assert_ptr_nonnull(ps_header_value(ack, PS_H_MAX_FORWARDS, 0).p);
    ck_assert_uint_eq(ps_body(ack).n, 0);
    layer_end(&l, 32000);
}
END_TEST

START_TEST(rfc6026_7_2_each_2xx_goes_up_until_timer_m)
{
    layer_send(&l, "INVITE", "z9hG4bKa8");
    layer_run(&l, 200);
    answer(200, "x");
    layer_run(&l, 700);
    answer(200, "x");
    answer(200, "y");
    answer(180, "z");
    answer(486, "z");
    layer_run(&l, 32199);
    answer(200, "x");
    ck_assert_uint_eq(layer_heard(&l, PS_TX_FINAL), 4);
    ck_assert_uint_eq(l.heard_n, 4);
    ck_assert_uint_eq(l.log.n, 1); /* its ACKs are the user's */
    layer_end(&l, 1);
}
END_TEST

START_TEST(A10_2xx_after_timer_m_is_dropped)
{
    layer_send(&l, "INVITE", "z9hG4bKa10");
    layer_run(&l, 200);
    answer(200, "x");
    layer_run(&l, 33000);
    ck_assert_int_eq(answer(200, "y").kind, PS_TX_STRAY);
    ck_assert_uint_eq(l.env.count.of[PS_COUNT_DROPPED_RESPONSE_STRAY], 1);
    layer_end(&l, 0);
}
END_TEST

START_TEST(A12_icmp_ends_it_at_once)
{
    struct ps_address elsewhere = l.flow.remote;
    struct ps_transaction_event event;
    ps_handle h = layer_send(&l, "INVITE", "z9hG4bKa12");
    ps_handle other;
    elsewhere.port = 5062;
    l.flow.remote = elsewhere;
    other = layer_send(&l, "INVITE", "z9hG4bKother");
    l.flow.remote.port = 5060;
    event = ps_transactions_failed(l.t, 0, &l.flow.remote);
    ck_assert_int_eq(event.kind, PS_TX_UNREACHABLE);
    ck_assert_uint_eq(event.transaction, h);
    ck_assert_uint_eq(event.user, 77);
    ck_assert_uint_gt(ps_transaction_message(l.t, h).n, 0); /* still there to be sent elsewhere */
    ck_assert_int_eq(ps_transactions_failed(l.t, 0, &l.flow.remote).kind, PS_TX_NOTHING);
    layer_run(&l, 400);
    ck_assert(!ps_transaction_waits(l.t, h));
    ck_assert(ps_transaction_waits(l.t, other));
    ps_transaction_abandon(l.t, other);
    layer_end(&l, 600000);
    ck_assert_uint_eq(l.log.n, 2);
}
END_TEST

START_TEST(A13_reliable_never_answered)
{
    l.flow.reliable = true;
    layer_send(&l, "INVITE", "z9hG4bKa13");
    layer_run(&l, 31999);
    ck_assert_uint_eq(l.heard_n, 0);
    layer_end(&l, 1);
    ck_assert_int_eq(l.heard[0].event.kind, PS_TX_TIMEOUT);
    SENT_AT(&l.log, "INVITE", 0);
}
END_TEST

START_TEST(A14_reliable_486_is_acked_once)
{
    l.flow.reliable = true;
    layer_send(&l, "INVITE", "z9hG4bKa14");
    layer_run(&l, 200);
    answer(486, "x");
    layer_run(&l, 5000);
    ck_assert_int_eq(answer(486, "x").kind, PS_TX_STRAY);
    SENT_AT(&l.log, "ACK", 200);
    layer_end(&l, 0);
}
END_TEST

START_TEST(A16_odd_provisionals_and_a_6xx)
{
    layer_send(&l, "INVITE", "z9hG4bKa16");
    answer(199, "x");
    answer(100, "y");
    answer(180, "z");
    answer(603, "w");
    answer(180, "z");
    answer(200, "z");
    ck_assert_uint_eq(layer_heard(&l, PS_TX_PROVISIONAL), 3);
    ck_assert_uint_eq(layer_heard(&l, PS_TX_FINAL), 1);
    ck_assert_uint_eq(l.heard[3].event.status, 603);
    ck_assert_uint_eq(sent_count(&l.log, "ACK"), 1);
    layer_end(&l, 32000);
}
END_TEST

START_TEST(B1_never_answered)
{
    layer_send(&l, "OPTIONS", "z9hG4bKb1");
    layer_run(&l, 31999);
    ck_assert_uint_eq(l.heard_n, 0);
    layer_run(&l, 32000);
    ck_assert_int_eq(l.heard[0].event.kind, PS_TX_TIMEOUT);
    ck_assert_uint_eq(l.env.count.of[PS_COUNT_TIMEOUTS], 1);
    layer_end(&l, 600000);
    SENT_AT(&l.log, "OPTIONS", 0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500);
}
END_TEST

START_TEST(B2_100_leaves_timer_e_at_t2)
{
    layer_send(&l, "OPTIONS", "z9hG4bKb2");
    layer_run(&l, 200);
    answer(100, "");
    layer_run(&l, 31999);
    ck_assert_uint_eq(layer_heard(&l, PS_TX_TIMEOUT), 0);
    layer_end(&l, 600000);
    ck_assert_uint_eq(layer_heard(&l, PS_TX_TIMEOUT), 1);
    ck_assert_uint_eq(l.heard[1].at, 32000);
    SENT_AT(&l.log, "OPTIONS", 0, 500, 4500, 8500, 12500, 16500, 20500, 24500, 28500);
}
END_TEST

START_TEST(B3_final_ends_it)
{
    layer_send(&l, "OPTIONS", "z9hG4bKb3");
    layer_run(&l, 200);
    answer(200, "x");
    layer_end(&l, 600000);
    ck_assert_uint_eq(l.log.n, 1);
}
END_TEST

START_TEST(B4_final_again)
{
    layer_send(&l, "OPTIONS", "z9hG4bKb4");
    layer_run(&l, 200);
    answer(200, "x");
    layer_run(&l, 3000);
    ck_assert_int_eq(answer(200, "x").kind, PS_TX_NOTHING);
    layer_run(&l, 5199);
    ck_assert_uint_eq(ps_transactions_live(l.t, PS_NICT), 1);
    layer_run(&l, 6000);
    ck_assert_int_eq(answer(200, "x").kind, PS_TX_STRAY);
    ck_assert_uint_eq(layer_heard(&l, PS_TX_FINAL), 1);
    layer_end(&l, 0);
}
END_TEST

START_TEST(B5_reliable_never_answered)
{
    l.flow.reliable = true;
    layer_send(&l, "OPTIONS", "z9hG4bKb5");
    layer_run(&l, 31999);
    ck_assert_uint_eq(l.heard_n, 0);
    layer_end(&l, 1);
    ck_assert_int_eq(l.heard[0].event.kind, PS_TX_TIMEOUT);
    SENT_AT(&l.log, "OPTIONS", 0);
}
END_TEST

START_TEST(B6_408_is_a_final_as_any)
{
    layer_send(&l, "OPTIONS", "z9hG4bKb6");
    ck_assert_int_eq(answer(408, "x").kind, PS_TX_FINAL);
    layer_end(&l, 600000);
    ck_assert_uint_eq(l.log.n, 1);
}
END_TEST

/* The request with a change in it, answered with 200. */
static struct ps_slice answer_changed(const char *from, const char *to)
{
    static char text[TESTER_TEXT];
    const char *request = l.log.sent[0].text, *at = strstr(request, from);
    size_t before;
    ck_assert_ptr_nonnull(at);
    before = (size_t)(at - request);
    memcpy(text, request, before);
    strcpy(text + before, to);
    strcat(text, at + strlen(from));
    return tester_answer_text(ps_slice_of(text), 200, "x", NULL, NULL);
}

START_TEST(B7_wrong_cseq_method)
{
    static char text[TESTER_TEXT];
    char *at;
    layer_send(&l, "OPTIONS", "z9hG4bKb7");
    memcpy(text, answer_text(200, "x").p, answer_text(200, "x").n);
    at = strstr(text, "1 OPTIONS");
    ck_assert_ptr_nonnull(at);
    memcpy(at, "1 PUBLISH", 9);
    ck_assert_int_eq(layer_feed(&l, ps_slice_of(text)).kind, PS_TX_STRAY);
    layer_end(&l, 600000);
    ck_assert_uint_eq(l.log.n, 11);
}
END_TEST

START_TEST(B8_foreign_sent_by)
{
    layer_send(&l, "OPTIONS", "z9hG4bKb8");
    ck_assert_int_eq(layer_feed(&l, answer_changed("192.0.2.1:5060", "192.0.2.9:5060")).kind,
                     PS_TX_NOTHING);
    ck_assert_int_eq(layer_feed(&l, answer_changed("192.0.2.1:5060", "192.0.2.1:5061")).kind,
                     PS_TX_NOTHING);
    ck_assert_uint_eq(l.env.count.of[PS_COUNT_DROPPED_RESPONSE_FOREIGN], 2);
    layer_end(&l, 600000);
    ck_assert_uint_eq(l.log.n, 11);
}
END_TEST

START_TEST(B9_two_vias)
{
    layer_send(&l, "OPTIONS", "z9hG4bKb9");
    layer_feed(&l, answer_changed("Max-Forwards",
                                  "Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKx\r\nMax-Forwards"));
    layer_feed(&l, answer_changed(";rport", ";rport, SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKx"));
    ck_assert_uint_eq(l.env.count.of[PS_COUNT_DROPPED_RESPONSE_FOREIGN], 2);
    ck_assert_uint_eq(l.heard_n, 0);
    layer_end(&l, 600000);
    ck_assert_uint_eq(l.log.n, 11);
}
END_TEST

START_TEST(B10_from_another_address)
{
    struct ps_flow other = l.flow;
    layer_send(&l, "OPTIONS", "z9hG4bKb10");
    other.remote.ip[3] = 99;
    ck_assert_int_eq(layer_feed_from(&l, answer_text(200, "x"), &other).kind, PS_TX_FINAL);
    layer_end(&l, 5000);
}
END_TEST

START_TEST(C8_nothing_but_an_invite_is_cancelled)
{
    ps_handle invite = layer_send(&l, "INVITE", "z9hG4bKc8");
    ps_handle options;
    ck_assert(!ps_transaction_cancellable(l.t, invite)); /* 9.1: not before a provisional */
    answer(180, "x");
    ck_assert(ps_transaction_cancellable(l.t, invite));
    answer(486, "x");
    ck_assert(!ps_transaction_cancellable(l.t, invite));
    options = layer_send(&l, "OPTIONS", "z9hG4bKc8o");
    layer_answer(&l, sent_last(&l.log, ""), 100, "");
    ck_assert(!ps_transaction_cancellable(l.t, options));
    ps_transaction_abandon(l.t, options);
    layer_end(&l, 32000);
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
