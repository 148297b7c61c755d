/*
 * Covers the rows D and E of the transaction layer's behaviour (INVITE and non-INVITE server
 * transactions), each test named by its row, to the millisecond of virtual time.
 * Does not cover: what the user agent core does with a 2xx (D10 to D14, D18, D19: the call's
 * tests).
 */
#include <stdio.h>

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

/* The tester sends its one INVITE, its ACK, its OPTIONS: the transaction, if it is a new one. */
static ps_handle invite(void)
{
    static const struct tester_request r = {.method = "INVITE", .branch = ONE_BRANCH};
    return layer_request(&l, &r).transaction;
}

static struct ps_transaction_event ack(void)
{
    static const struct tester_request r = {.method = "ACK", .branch = ONE_BRANCH};
    return layer_request(&l, &r);
}

static ps_handle options(void)
{
    static const struct tester_request r = {.method = "OPTIONS", .branch = ONE_BRANCH};
    return layer_request(&l, &r).transaction;
}

START_TEST(D1_100_after_200_ms)
{
    static const struct tester_request r = {.lines = "Timestamp: 54.21\r\n", .branch = ONE_BRANCH};
    ps_handle h = layer_request(&l, &r).transaction;
    layer_run(&l, 199);
    ck_assert_uint_eq(l.log.n, 0);
    layer_run(&l, 1000);
    SENT_AT(&l.log, "SIP/2.0 100", 200);
    ck_assert_str_eq(header_of(sent_last(&l.log, ""), PS_H_TIMESTAMP), "54.21");
    ck_assert_str_eq(header_of(sent_last(&l.log, ""), PS_H_TO), "<sip:b@example.com>");
    layer_respond(&l, h, 486);
    layer_end(&l, 32000);
}
END_TEST

START_TEST(D1_no_100_when_the_user_is_quicker)
{
    ps_handle h = invite();
    layer_run(&l, 199);
    layer_respond(&l, h, 180);
    layer_run(&l, 1000);
    ck_assert_uint_eq(sent_count(&l.log, "SIP/2.0 100"), 0);
    layer_respond(&l, h, 486);
    layer_end(&l, 32000);
}
END_TEST

START_TEST(D2_a_copy_gets_the_last_provisional)
{
    ps_handle h = invite();
    layer_run(&l, 250);
    invite(); /* the 100 is the last one yet */
    layer_run(&l, 300);
    layer_respond(&l, h, 180);
    layer_run(&l, 500);
    invite();
    layer_run(&l, 1500);
    invite();
    SENT_AT(&l.log, "SIP/2.0 100", 200, 250);
    SENT_AT(&l.log, "SIP/2.0 180", 300, 500, 1500);
    ck_assert_uint_eq(layer_heard(&l, PS_TX_REQUEST), 1);
    layer_respond(&l, h, 486);
    layer_end(&l, 32000);
}
END_TEST

START_TEST(D3_486_without_ack)
{
    layer_respond(&l, invite(), 486);
    layer_run(&l, 31999);
    ck_assert_uint_eq(layer_heard(&l, PS_TX_TIMEOUT), 0);
    layer_end(&l, 1);
    ck_assert_uint_eq(layer_heard(&l, PS_TX_TIMEOUT), 1);
    SENT_AT(&l.log, "SIP/2.0 486", 0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500,
            31500);
}
END_TEST

START_TEST(D4_a_copy_gets_one_486_more)
{
    layer_respond(&l, invite(), 486);
    layer_run(&l, 2000);
    invite();
    layer_end(&l, 30000);
    SENT_AT(&l.log, "SIP/2.0 486", 0, 500, 1500, 2000, 3500, 7500, 11500, 15500, 19500, 23500,
            27500, 31500);
}
END_TEST

START_TEST(D5_ack_stops_the_486)
{
    layer_respond(&l, invite(), 486);
    layer_run(&l, 1000);
    ack();
    layer_end(&l, 5000);
    SENT_AT(&l.log, "SIP/2.0 486", 0, 500);
}
END_TEST

START_TEST(D6_acks_after_the_first_are_absorbed)
{
    layer_respond(&l, invite(), 486);
    layer_run(&l, 1000);
    ack();
    layer_run(&l, 3000);
    ck_assert_int_eq(ack().kind, PS_TX_NOTHING);
    layer_run(&l, 5500);
    ck_assert_int_eq(ack().kind, PS_TX_NOTHING);
    layer_run(&l, 5999);
    ck_assert_uint_eq(ps_transactions_live(l.t, PS_IST), 1);
    layer_end(&l, 1);
    ck_assert_uint_eq(l.log.n, 2);
    ck_assert_uint_eq(l.heard_n, 1);
}
END_TEST

START_TEST(D7_invite_in_confirmed)
{
    layer_respond(&l, invite(), 486);
    layer_run(&l, 1000);
    ack();
    layer_run(&l, 2000);
    ck_assert_uint_eq(invite(), 0);
    layer_end(&l, 5000);
    ck_assert_uint_eq(l.log.n, 2);
}
END_TEST

START_TEST(D8_the_branch_again_after_timer_i)
{
    layer_respond(&l, invite(), 486);
    layer_run(&l, 1000);
    ack();
    layer_run(&l, 8000);
    layer_respond(&l, invite(), 486);
    ck_assert_uint_eq(layer_heard(&l, PS_TX_REQUEST), 2);
    layer_end(&l, 32000);
}
END_TEST

START_TEST(D9_reliable)
{
    l.flow.reliable = true;
    layer_respond(&l, invite(), 486);
    layer_run(&l, 31999);
    ck_assert_uint_eq(layer_heard(&l, PS_TX_TIMEOUT), 0);
    layer_run(&l, 32000);
    ck_assert_uint_eq(layer_heard(&l, PS_TX_TIMEOUT), 1);
    SENT_AT(&l.log, "SIP/2.0 486", 0);
    layer_respond(&l, invite(), 486);
    ack();
    layer_end(&l, 0); /* Timer I = 0 */
}
END_TEST

START_TEST(rfc6026_7_1_200_is_sent_once_and_copies_absorbed)
{
    static const uint64_t at[] = {2500, 10000, 31000};
    unsigned i;
    ps_handle h = invite();
    layer_respond(&l, h, 200);
    ck_assert_uint_eq(l.env.store.size_class[0].live, 0); /* its 200 is the call's to keep */
    ck_assert_int_eq(layer_respond(&l, h, 180), PS_E_STATE);
    ck_assert_int_eq(layer_respond(&l, h, 486), PS_E_STATE);
    for (i = 0; i < 3; i++) {
        layer_run(&l, at[i]);
        ck_assert_uint_eq(invite(), 0);
    }
    layer_run(&l, 31999);
    ck_assert_uint_eq(ps_transactions_live(l.t, PS_IST), 1);
    layer_run(&l, 33000);
    ck_assert_uint_ne(invite(), 0);
    ck_assert_uint_eq(l.log.n, 1);
    layer_end(&l, 300000);
}
END_TEST

START_TEST(rfc6026_7_1_the_users_200_again)
{
    ps_handle h = invite();
    layer_respond(&l, h, 200);
    layer_run(&l, 500);
    ck_assert_int_eq(layer_respond(&l, h, 200), PS_OK);
    ck_assert_uint_eq(l.log.n, 2);
    ck_assert(l.log.sent[1].again);
    layer_end(&l, 32000);
}
END_TEST

START_TEST(D15_ack_with_another_branch)
{
    static const struct tester_request r = {.method = "ACK", .branch = "z9hG4bKwrong"};
    layer_respond(&l, invite(), 486);
    layer_run(&l, 1000);
    ck_assert_int_eq(layer_request(&l, &r).kind, PS_TX_ACK);
    layer_end(&l, 32000);
    ck_assert_uint_eq(l.log.n, 11);
}
END_TEST

START_TEST(D16_ack_with_another_to_tag)
{
    static const struct tester_request r = {
        .method = "ACK", .to_tag = "wrong", .branch = ONE_BRANCH};
    layer_respond(&l, invite(), 486);
    layer_run(&l, 1000);
    ck_assert_int_eq(layer_request(&l, &r).kind, PS_TX_NOTHING);
    layer_end(&l, 5000);
    ck_assert_uint_eq(l.log.n, 2);
}
END_TEST

START_TEST(D17_ack_for_200_with_the_invites_branch)
{
    ps_handle h = invite();
    struct ps_transaction_event event;
    ps_transaction_own(l.t, h, 55);
    layer_respond(&l, h, 200);
    event = ack();
    ck_assert_int_eq(event.kind, PS_TX_ACK);
    ck_assert_uint_eq(event.transaction, h);
    ck_assert_uint_eq(event.user, 55);
    layer_end(&l, 32000);
}
END_TEST

START_TEST(D20_a_thousand_calls_leave_nothing)
{
    static struct layer many;
    char branch[32];
    struct tester_request r = {.branch = branch, .call_id = branch};
    unsigned i, round;
    size_t used = 0;
    layer_start(&many, 1000);
    many.env.trace = NULL;
    for (round = 0; round < 3; round++) {
        for (i = 0; i < 1000; i++) {
            ps_handle h;
            snprintf(branch, sizeof branch, "z9hG4bK%u", i);
            h = layer_request(&many, &r).transaction;
            ck_assert_uint_ne(h, 0);
            layer_forget(&many);
            layer_respond(&many, h, 486);
        }
        for (used = 0; many.env.timers.running > 0; used++) {
            layer_run(&many, many.env.now + 100);
            layer_forget(&many);
        }
        ck_assert_uint_eq(used, 320);
        ck_assert_uint_eq(ps_transactions_live(many.t, PS_IST), 0);
        ck_assert_uint_eq(many.env.store.size_class[1].live, 0);
    }
    layer_end(&many, 0);
    layer_free(&many);
}
END_TEST

START_TEST(E1_quiet_user)
{
    ps_handle h = options();
    layer_run(&l, 500);
    options();
    layer_run(&l, 1500);
    options();
    layer_run(&l, 3499);
    ck_assert_uint_eq(l.log.n, 0);
    layer_run(&l, 7500);
    options();
    SENT_AT(&l.log, "SIP/2.0 100", 3500, 7500);
    ck_assert_int_eq(layer_respond(&l, h, 100), PS_E_ARGUMENT);
    ck_assert_int_eq(layer_respond(&l, h, 180), PS_E_ARGUMENT);
    ck_assert_uint_eq(layer_heard(&l, PS_TX_REQUEST), 1);
    layer_respond(&l, h, 200);
    layer_end(&l, 32000);
    ck_assert_uint_eq(l.log.n, 3);
}
END_TEST

START_TEST(E2_each_copy_gets_the_same_200)
{
    static const uint64_t at[] = {0,     500,   1500,  3500,  7500, 11500,
                                  15500, 19500, 23500, 27500, 31500};
    unsigned i;
    layer_respond(&l, options(), 200);
    for (i = 1; i < sizeof at / sizeof *at; i++) {
        layer_run(&l, at[i]);
        ck_assert_uint_eq(options(), 0);
    }
    sent_expect(&l.log, "SIP/2.0 200", at, sizeof at / sizeof *at);
    layer_end(&l, 500);
}
END_TEST

START_TEST(E3_new_after_timer_j)
{
    ps_handle first = options();
    layer_respond(&l, first, 200);
    layer_run(&l, 33000);
    ck_assert_int_eq(layer_respond(&l, first, 200), PS_E_STALE);
    layer_respond(&l, options(), 200);
    ck_assert_uint_eq(layer_heard(&l, PS_TX_REQUEST), 2);
    layer_end(&l, 32000);
}
END_TEST

START_TEST(E4_reliable)
{
    l.flow.reliable = true;
    layer_respond(&l, options(), 200);
    layer_run(&l, 1000);
    layer_respond(&l, options(), 200);
    ck_assert_uint_eq(layer_heard(&l, PS_TX_REQUEST), 2);
    layer_end(&l, 0);
    ck_assert_uint_eq(l.log.n, 2);
}
END_TEST

START_TEST(E5_no_late_answer)
{
    ps_handle h = options();
    ck_assert_int_eq(layer_respond(&l, h, 408), PS_E_ARGUMENT);
    ps_transaction_own(l.t, h, 9);
    layer_run(&l, 31999);
    ck_assert_uint_eq(l.heard_n, 1);
    layer_run(&l, 33000);
    ck_assert_int_eq(l.heard[1].event.kind, PS_TX_TERMINATED);
    ck_assert_int_eq(layer_respond(&l, h, 200), PS_E_STALE);
    SENT_AT(&l.log, "SIP/2.0", 3500);
    layer_end(&l, 0);
}
END_TEST

START_TEST(E6_the_second_final_is_discarded)
{
    ps_handle h = options();
    layer_respond(&l, h, 200);
    ck_assert_int_eq(layer_respond(&l, h, 500), PS_E_STATE);
    options();
    ck_assert_uint_eq(sent_count(&l.log, "SIP/2.0 200"), 2);
    ck_assert_uint_eq(l.log.n, 2);
    layer_end(&l, 32000);
}
END_TEST

START_TEST(E7_another_method_is_another_transaction)
{
    static const struct tester_request r = {.method = "BYE", .branch = ONE_BRANCH};
    ps_handle o = options(), b = layer_request(&l, &r).transaction;
    ck_assert_uint_ne(b, 0);
    ck_assert_uint_ne(o, b);
    layer_respond(&l, b, 481);
    layer_respond(&l, o, 200);
    ck_assert_uint_eq(l.log.n, 2);
    layer_end(&l, 32000);
}
END_TEST

START_TEST(guard_ist_proceeding_300_s_after_the_last_1xx)
{
    ps_handle h = invite();
    layer_run(&l, 200000);
    layer_respond(&l, h, 180);
    layer_run(&l, 499999);
    ck_assert_uint_eq(layer_heard(&l, PS_TX_GUARD), 0);
    layer_end(&l, 1);
    ck_assert_uint_eq(layer_heard(&l, PS_TX_GUARD), 1);
}
END_TEST

START_TEST(rfc6026_7_1_a_transport_error_leaves_an_ist)
{
    ps_handle h = invite();
    layer_respond(&l, h, 486);
    ck_assert_int_eq(ps_transactions_failed(l.t, h, NULL).kind, PS_TX_UNREACHABLE);
    layer_run(&l, 500);
    ck_assert_uint_eq(l.log.n, 2);
    layer_end(&l, 31500);
}
END_TEST

START_TEST(rfc3261_17_2_2_a_transport_error_ends_a_nist)
{
    ps_handle h = options();
    layer_respond(&l, h, 200);
    ck_assert_int_eq(ps_transactions_failed(l.t, h, NULL).kind, PS_TX_UNREACHABLE);
    ck_assert_int_eq(ps_transactions_failed(l.t, h, NULL).kind, PS_TX_NOTHING);
    layer_end(&l, 0);
}
END_TEST

/* A driver that is late does not make each repetition later, and none is sent twice at once. */
START_TEST(late_calls_do_not_add_up)
{
    layer_respond(&l, invite(), 486);
    l.env.now = 520; /* 20 ms late */
    ps_transactions_expire(l.t, ps_timers_expire(&l.env.timers, l.env.now));
    layer_pull(&l);
    layer_run(&l, 3000);
    ck_assert_uint_eq(l.log.n, 3);
    ck_assert_uint_eq(l.log.sent[2].at, 1500);
    l.env.now = 9000; /* due at 3500, and at 7500 next */
    ps_transactions_expire(l.t, ps_timers_expire(&l.env.timers, l.env.now));
    layer_pull(&l);
    ck_assert_uint_eq(l.log.n, 4);
    layer_run(&l, 12999);
    ck_assert_uint_eq(l.log.n, 4);
    layer_run(&l, 13000);
    ck_assert_uint_eq(l.log.n, 5);
    layer_end(&l, 32000);
}
END_TEST

/* Answers without a pull between: the provisional goes out, too, and first. */
START_TEST(provisional_and_final_at_once)
{
    ps_handle h = invite();
    ck_assert_int_eq(ps_transaction_respond(l.t, h, 180, PS_S("SIP/2.0 180 R\r\n\r\n")), PS_OK);
    ck_assert_int_eq(ps_transaction_respond(l.t, h, 200, PS_S("SIP/2.0 200 O\r\n\r\n")), PS_OK);
    ck_assert_ptr_null(ps_transaction_message(l.t, h).p);
    layer_pull(&l);
    ck_assert_uint_eq(l.log.n, 2);
    ck_assert_str_eq(l.log.sent[0].text, "SIP/2.0 180 R\r\n\r\n");
    ck_assert_str_eq(l.log.sent[1].text, "SIP/2.0 200 O\r\n\r\n");
    ck_assert_uint_eq(l.env.store.size_class[0].live, 0);
    layer_end(&l, 32000);
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
