/*
 * Covers the rows D and E of the transaction layer's behaviour (INVITE and non-INVITE server
 * transactions), each test named by its row, to the millisecond of virtual time.
 * Does not cover: what the user agent core does with a 2xx (D10 to D14, D18, D19: the call's
 * tests).
 */
#include <stdio.h>

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

/* The tester sends its one INVITE, its ACK, its OPTIONS: the transaction, if it is a new one. */
static ps_handle invite(void)
{
    static const struct sut_request r = {.method = "INVITE"};
    return sut_feed(&s, sut_request_text(&r)).transaction;
}

static struct ps_transaction_event ack(void)
{
    static const struct sut_request r = {.method = "ACK"};
    return sut_feed(&s, sut_request_text(&r));
}

static ps_handle options(void)
{
    static const struct sut_request r = {.method = "OPTIONS"};
    return sut_feed(&s, sut_request_text(&r)).transaction;
}

START_TEST(D1_100_after_200_ms)
{
    static const struct sut_request r = {.lines = "Timestamp: 54.21\r\n"};
    ps_handle h = sut_feed(&s, sut_request_text(&r)).transaction;
    sut_run(&s, 199);
    ck_assert_uint_eq(s.sent_n, 0);
    sut_run(&s, 1000);
    SUT_SENT_AT(&s, "SIP/2.0 100", 200);
    ck_assert(ps_equal(sut_header(sut_last(&s), PS_H_TIMESTAMP), PS_S("54.21")));
    ck_assert(ps_equal(sut_header(sut_last(&s), PS_H_TO), PS_S("<sip:b@example.com>")));
    sut_respond(&s, h, 486);
    sut_end(&s, 32000);
}
END_TEST

START_TEST(D1_no_100_when_the_user_is_quicker)
{
    ps_handle h = invite();
    sut_run(&s, 199);
    sut_respond(&s, h, 180);
    sut_run(&s, 1000);
    ck_assert_uint_eq(sut_count(&s, "SIP/2.0 100"), 0);
    sut_respond(&s, h, 486);
    sut_end(&s, 32000);
}
END_TEST

START_TEST(D2_a_copy_gets_the_last_provisional)
{
    ps_handle h = invite();
    sut_run(&s, 250);
    invite(); /* the 100 is the last one yet */
    sut_run(&s, 300);
    sut_respond(&s, h, 180);
    sut_run(&s, 500);
    invite();
    sut_run(&s, 1500);
    invite();
    SUT_SENT_AT(&s, "SIP/2.0 100", 200, 250);
    SUT_SENT_AT(&s, "SIP/2.0 180", 300, 500, 1500);
    ck_assert_uint_eq(sut_heard(&s, PS_TX_REQUEST), 1);
    sut_respond(&s, h, 486);
    sut_end(&s, 32000);
}
END_TEST

START_TEST(D3_486_without_ack)
{
    sut_respond(&s, invite(), 486);
    sut_run(&s, 31999);
    ck_assert_uint_eq(sut_heard(&s, PS_TX_TIMEOUT), 0);
    sut_end(&s, 1);
    ck_assert_uint_eq(sut_heard(&s, PS_TX_TIMEOUT), 1);
    SUT_SENT_AT(&s, "SIP/2.0 486", 0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500,
                31500);
}
END_TEST

START_TEST(D4_a_copy_gets_one_486_more)
{
    sut_respond(&s, invite(), 486);
    sut_run(&s, 2000);
    invite();
    sut_end(&s, 30000);
    SUT_SENT_AT(&s, "SIP/2.0 486", 0, 500, 1500, 2000, 3500, 7500, 11500, 15500, 19500, 23500,
                27500, 31500);
}
END_TEST

START_TEST(D5_ack_stops_the_486)
{
    sut_respond(&s, invite(), 486);
    sut_run(&s, 1000);
    ack();
    sut_end(&s, 5000);
    SUT_SENT_AT(&s, "SIP/2.0 486", 0, 500);
}
END_TEST

START_TEST(D6_acks_after_the_first_are_absorbed)
{
    sut_respond(&s, invite(), 486);
    sut_run(&s, 1000);
    ack();
    sut_run(&s, 3000);
    ck_assert_int_eq(ack().kind, PS_TX_NOTHING);
    sut_run(&s, 5500);
    ck_assert_int_eq(ack().kind, PS_TX_NOTHING);
    sut_run(&s, 5999);
    ck_assert_uint_eq(ps_transactions_live(s.t, PS_IST), 1);
    sut_end(&s, 1);
    ck_assert_uint_eq(s.sent_n, 2);
    ck_assert_uint_eq(s.heard_n, 1);
}
END_TEST

START_TEST(D7_invite_in_confirmed)
{
    sut_respond(&s, invite(), 486);
    sut_run(&s, 1000);
    ack();
    sut_run(&s, 2000);
    ck_assert_uint_eq(invite(), 0);
    sut_end(&s, 5000);
    ck_assert_uint_eq(s.sent_n, 2);
}
END_TEST

START_TEST(D8_the_branch_again_after_timer_i)
{
    sut_respond(&s, invite(), 486);
    sut_run(&s, 1000);
    ack();
    sut_run(&s, 8000);
    sut_respond(&s, invite(), 486);
    ck_assert_uint_eq(sut_heard(&s, PS_TX_REQUEST), 2);
    sut_end(&s, 32000);
}
END_TEST

START_TEST(D9_reliable)
{
    s.flow.reliable = true;
    sut_respond(&s, invite(), 486);
    sut_run(&s, 31999);
    ck_assert_uint_eq(sut_heard(&s, PS_TX_TIMEOUT), 0);
    sut_run(&s, 32000);
    ck_assert_uint_eq(sut_heard(&s, PS_TX_TIMEOUT), 1);
    SUT_SENT_AT(&s, "SIP/2.0 486", 0);
    sut_respond(&s, invite(), 486);
    ack();
    sut_end(&s, 0); /* Timer I = 0 */
}
END_TEST

START_TEST(rfc6026_7_1_200_is_sent_once_and_copies_absorbed)
{
    static const uint64_t at[] = {2500, 10000, 31000};
    unsigned i;
    ps_handle h = invite();
    sut_respond(&s, h, 200);
    ck_assert_uint_eq(s.env.store.size_class[0].live, 0); /* its 200 is the call's to keep */
    ck_assert_int_eq(sut_respond(&s, h, 180), PS_E_STATE);
    ck_assert_int_eq(sut_respond(&s, h, 486), PS_E_STATE);
    for (i = 0; i < 3; i++) {
        sut_run(&s, at[i]);
        ck_assert_uint_eq(invite(), 0);
    }
    sut_run(&s, 31999);
    ck_assert_uint_eq(ps_transactions_live(s.t, PS_IST), 1);
    sut_run(&s, 33000);
    ck_assert_uint_ne(invite(), 0);
    ck_assert_uint_eq(s.sent_n, 1);
    sut_end(&s, 300000);
}
END_TEST

START_TEST(rfc6026_7_1_the_users_200_again)
{
    ps_handle h = invite();
    sut_respond(&s, h, 200);
    sut_run(&s, 500);
    ck_assert_int_eq(sut_respond(&s, h, 200), PS_OK);
    ck_assert_uint_eq(s.sent_n, 2);
    ck_assert(s.sent[1].again);
    sut_end(&s, 32000);
}
END_TEST

START_TEST(D15_ack_with_another_branch)
{
    static const struct sut_request r = {.method = "ACK",
                                         .via = "192.0.2.2:5060;branch=z9hG4bKwrong"};
    sut_respond(&s, invite(), 486);
    sut_run(&s, 1000);
    ck_assert_int_eq(sut_feed(&s, sut_request_text(&r)).kind, PS_TX_ACK);
    sut_end(&s, 32000);
    ck_assert_uint_eq(s.sent_n, 11);
}
END_TEST

START_TEST(D16_ack_with_another_to_tag)
{
    static const struct sut_request r = {.method = "ACK", .to_tag = "wrong"};
    sut_respond(&s, invite(), 486);
    sut_run(&s, 1000);
    ck_assert_int_eq(sut_feed(&s, sut_request_text(&r)).kind, PS_TX_NOTHING);
    sut_end(&s, 5000);
    ck_assert_uint_eq(s.sent_n, 2);
}
END_TEST

START_TEST(D17_ack_for_200_with_the_invites_branch)
{
    ps_handle h = invite();
    struct ps_transaction_event event;
    ps_transaction_own(s.t, h, 55);
    sut_respond(&s, h, 200);
    event = ack();
    ck_assert_int_eq(event.kind, PS_TX_ACK);
    ck_assert_uint_eq(event.transaction, h);
    ck_assert_uint_eq(event.user, 55);
    sut_end(&s, 32000);
}
END_TEST

START_TEST(D20_a_thousand_calls_leave_nothing)
{
    static struct sut many;
    char branch[64];
    struct sut_request r = {.via = branch};
    unsigned i, round;
    size_t used = 0;
    sut_start(&many, 1000);
    many.env.trace = NULL;
    for (round = 0; round < 3; round++) {
        for (i = 0; i < 1000; i++) {
            ps_handle h;
            snprintf(branch, sizeof branch, "192.0.2.2:5060;branch=z9hG4bK%u", i);
            r.call_id = strrchr(branch, '=') + 1;
            h = sut_feed(&many, sut_request_text(&r)).transaction;
            ck_assert_uint_ne(h, 0);
            many.sent_n = many.heard_n = 0;
            sut_respond(&many, h, 486);
        }
        for (used = 0; many.env.timers.running > 0; used++) {
            sut_run(&many, many.env.now + 100);
            many.sent_n = many.heard_n = 0;
        }
        ck_assert_uint_eq(used, 320);
        ck_assert_uint_eq(ps_transactions_live(many.t, PS_IST), 0);
        ck_assert_uint_eq(many.env.store.size_class[1].live, 0);
    }
    sut_end(&many, 0);
    sut_free(&many);
}
END_TEST

START_TEST(E1_quiet_user)
{
    ps_handle h = options();
    sut_run(&s, 500);
    options();
    sut_run(&s, 1500);
    options();
    sut_run(&s, 3499);
    ck_assert_uint_eq(s.sent_n, 0);
    sut_run(&s, 7500);
    options();
    SUT_SENT_AT(&s, "SIP/2.0 100", 3500, 7500);
    ck_assert_int_eq(sut_respond(&s, h, 100), PS_E_ARGUMENT);
    ck_assert_int_eq(sut_respond(&s, h, 180), PS_E_ARGUMENT);
    ck_assert_uint_eq(sut_heard(&s, PS_TX_REQUEST), 1);
    sut_respond(&s, h, 200);
    sut_end(&s, 32000);
    ck_assert_uint_eq(s.sent_n, 3);
}
END_TEST

START_TEST(E2_each_copy_gets_the_same_200)
{
    static const uint64_t at[] = {0,     500,   1500,  3500,  7500, 11500,
                                  15500, 19500, 23500, 27500, 31500};
    unsigned i;
    sut_respond(&s, options(), 200);
    for (i = 1; i < sizeof at / sizeof *at; i++) {
        sut_run(&s, at[i]);
        ck_assert_uint_eq(options(), 0);
    }
    sut_expect_sent(&s, "SIP/2.0 200", at, sizeof at / sizeof *at);
    sut_end(&s, 500);
}
END_TEST

START_TEST(E3_new_after_timer_j)
{
    ps_handle first = options();
    sut_respond(&s, first, 200);
    sut_run(&s, 33000);
    ck_assert_int_eq(sut_respond(&s, first, 200), PS_E_STALE);
    sut_respond(&s, options(), 200);
    ck_assert_uint_eq(sut_heard(&s, PS_TX_REQUEST), 2);
    sut_end(&s, 32000);
}
END_TEST

START_TEST(E4_reliable)
{
    s.flow.reliable = true;
    sut_respond(&s, options(), 200);
    sut_run(&s, 1000);
    sut_respond(&s, options(), 200);
    ck_assert_uint_eq(sut_heard(&s, PS_TX_REQUEST), 2);
    sut_end(&s, 0);
    ck_assert_uint_eq(s.sent_n, 2);
}
END_TEST

START_TEST(E5_no_late_answer)
{
    ps_handle h = options();
    ck_assert_int_eq(sut_respond(&s, h, 408), PS_E_ARGUMENT);
    ps_transaction_own(s.t, h, 9);
    sut_run(&s, 31999);
    ck_assert_uint_eq(s.heard_n, 1);
    sut_run(&s, 33000);
    ck_assert_int_eq(s.heard[1].event.kind, PS_TX_TERMINATED);
    ck_assert_int_eq(sut_respond(&s, h, 200), PS_E_STALE);
    SUT_SENT_AT(&s, "SIP/2.0", 3500);
    sut_end(&s, 0);
}
END_TEST

START_TEST(E6_the_second_final_is_discarded)
{
    ps_handle h = options();
    sut_respond(&s, h, 200);
    ck_assert_int_eq(sut_respond(&s, h, 500), PS_E_STATE);
    options();
    ck_assert_uint_eq(sut_count(&s, "SIP/2.0 200"), 2);
    ck_assert_uint_eq(s.sent_n, 2);
    sut_end(&s, 32000);
}
END_TEST

START_TEST(E7_another_method_is_another_transaction)
{
    static const struct sut_request r = {.method = "BYE"};
    ps_handle o = options(), b = sut_feed(&s, sut_request_text(&r)).transaction;
    ck_assert_uint_ne(b, 0);
    ck_assert_uint_ne(o, b);
    sut_respond(&s, b, 481);
    sut_respond(&s, o, 200);
    ck_assert_uint_eq(s.sent_n, 2);
    sut_end(&s, 32000);
}
END_TEST

START_TEST(guard_ist_proceeding_300_s_after_the_last_1xx)
{
    ps_handle h = invite();
    sut_run(&s, 200000);
    sut_respond(&s, h, 180);
    sut_run(&s, 499999);
    ck_assert_uint_eq(sut_heard(&s, PS_TX_GUARD), 0);
    sut_end(&s, 1);
    ck_assert_uint_eq(sut_heard(&s, PS_TX_GUARD), 1);
}
END_TEST

START_TEST(rfc6026_7_1_a_transport_error_leaves_an_ist)
{
    ps_handle h = invite();
    sut_respond(&s, h, 486);
    ck_assert_int_eq(ps_transactions_failed(s.t, h, NULL).kind, PS_TX_UNREACHABLE);
    sut_run(&s, 500);
    ck_assert_uint_eq(s.sent_n, 2);
    sut_end(&s, 31500);
}
END_TEST

START_TEST(rfc3261_17_2_2_a_transport_error_ends_a_nist)
{
    ps_handle h = options();
    sut_respond(&s, h, 200);
    ck_assert_int_eq(ps_transactions_failed(s.t, h, NULL).kind, PS_TX_UNREACHABLE);
    ck_assert_int_eq(ps_transactions_failed(s.t, h, NULL).kind, PS_TX_NOTHING);
    sut_end(&s, 0);
}
END_TEST

/* A driver that is late does not make each repetition later, and none is sent twice at once. */
START_TEST(late_calls_do_not_add_up)
{
    sut_respond(&s, invite(), 486);
    s.env.now = 520; /* 20 ms late */
    ps_transactions_expire(s.t, ps_timers_expire(&s.env.timers, s.env.now));
    sut_pull(&s);
    sut_run(&s, 3000);
    ck_assert_uint_eq(s.sent_n, 3);
    ck_assert_uint_eq(s.sent[2].at, 1500);
    s.env.now = 9000; /* due at 3500, and at 7500 next */
    ps_transactions_expire(s.t, ps_timers_expire(&s.env.timers, s.env.now));
    sut_pull(&s);
    ck_assert_uint_eq(s.sent_n, 4);
    sut_run(&s, 12999);
    ck_assert_uint_eq(s.sent_n, 4);
    sut_run(&s, 13000);
    ck_assert_uint_eq(s.sent_n, 5);
    sut_end(&s, 32000);
}
END_TEST

/* Answers without a pull between: the provisional goes out, too, and first. */
START_TEST(provisional_and_final_at_once)
{
    ps_handle h = invite();
    ck_assert_int_eq(ps_transaction_respond(s.t, h, 180, PS_S("SIP/2.0 180 R\r\n\r\n")), PS_OK);
    ck_assert_int_eq(ps_transaction_respond(s.t, h, 200, PS_S("SIP/2.0 200 O\r\n\r\n")), PS_OK);
    ck_assert_ptr_null(ps_transaction_message(s.t, h).p);
    sut_pull(&s);
    ck_assert_uint_eq(s.sent_n, 2);
    ck_assert_str_eq(s.sent[0].text, "SIP/2.0 180 R\r\n\r\n");
    ck_assert_str_eq(s.sent[1].text, "SIP/2.0 200 O\r\n\r\n");
    ck_assert_uint_eq(s.env.store.size_class[0].live, 0);
    sut_end(&s, 32000);
}
END_TEST

static Suite *suite(void)
{
    Suite *suite = suite_create("rows: server");
    TCase *t = tcase_create("D, E");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, D1_100_after_200_ms);
    tcase_add_test(t, D1_no_100_when_the_user_is_quicker);
    tcase_add_test(t, D2_a_copy_gets_the_last_provisional);
    tcase_add_test(t, D3_486_without_ack);
    tcase_add_test(t, D4_a_copy_gets_one_486_more);
    tcase_add_test(t, D5_ack_stops_the_486);
    tcase_add_test(t, D6_acks_after_the_first_are_absorbed);
    tcase_add_test(t, D7_invite_in_confirmed);
    tcase_add_test(t, D8_the_branch_again_after_timer_i);
    tcase_add_test(t, D9_reliable);
    tcase_add_test(t, rfc6026_7_1_200_is_sent_once_and_copies_absorbed);
    tcase_add_test(t, rfc6026_7_1_the_users_200_again);
    tcase_add_test(t, D15_ack_with_another_branch);
    tcase_add_test(t, D16_ack_with_another_to_tag);
    tcase_add_test(t, D17_ack_for_200_with_the_invites_branch);
    tcase_add_test(t, D20_a_thousand_calls_leave_nothing);
    tcase_add_test(t, E1_quiet_user);
    tcase_add_test(t, E2_each_copy_gets_the_same_200);
    tcase_add_test(t, E3_new_after_timer_j);
    tcase_add_test(t, E4_reliable);
    tcase_add_test(t, E5_no_late_answer);
    tcase_add_test(t, E6_the_second_final_is_discarded);
    tcase_add_test(t, E7_another_method_is_another_transaction);
    tcase_add_test(t, guard_ist_proceeding_300_s_after_the_last_1xx);
    tcase_add_test(t, rfc6026_7_1_a_transport_error_leaves_an_ist);
    tcase_add_test(t, rfc3261_17_2_2_a_transport_error_ends_a_nist);
    tcase_add_test(t, late_calls_do_not_add_up);
    tcase_add_test(t, provisional_and_final_at_once);
    suite_add_tcase(suite, t);
    return suite;
}

PS_CHECK_MAIN
