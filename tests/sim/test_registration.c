/*
 * Covers registrations as client (RFC 3261 10.2): what a REGISTER looks like, when it is refreshed,
 * 423, challenges, failures and their delays, un-registering in each state.
 * Does not cover: the registrar (test_registrar.c); what a NAT shows of us (RFC 3581).
 */
#include "../unit/check_main.h"
#include "world.h"

#define OURS "Contact: <sip:alice@192.0.2.1:5060>;expires="

static struct world w;
static struct station *st;

static void setup(void)
{
    world_start(&w, 2);
    st = station_add(&w, "192.0.2.1:5060", "alice", NULL, NULL);
    st->account.aor = PS_S("sip:alice@example.org");
}

static void teardown(void)
{
    world_free(&w);
}

static struct ps_registrations *registrations(void)
{
    return ps_stack_registrations(st->stack);
}

static ps_handle start(uint32_t expires)
{
    struct ps_registration_options options = {.account = &st->account,
                                              .registrar = PS_S("sip:192.0.2.2"),
                                              .expires = expires};
    ps_handle handle = 0;
    ck_assert_int_eq(ps_registration_start(registrations(), &options, &handle), PS_OK);
    station_kick(st);
    return handle;
}

static void answer(unsigned status, const char *lines)
{
    tester_answer(&w, world_last(&w, "REGISTER"), status, "r", lines, NULL);
}

static unsigned registers(void)
{
    return world_count(&w, "REGISTER");
}

START_TEST(rfc3261_10_2_what_a_register_looks_like)
{
    const struct sent *r;
    start(3600);
    r = world_last(&w, "REGISTER");
    ck_assert_str_eq(request_uri_of(r), "sip:192.0.2.2");
    ck_assert_str_eq(header_of(r, PS_H_TO), "<sip:alice@example.org>");
    ck_assert_ptr_nonnull(strstr(header_of(r, PS_H_FROM), "<sip:alice@example.org>;tag="));
    ck_assert_str_eq(header_of(r, PS_H_CONTACT), "<sip:alice@192.0.2.1:5060>;expires=3600");
    ck_assert_str_eq(header_of(r, PS_H_CSEQ), "1 REGISTER");
    answer(200, OURS "3600\r\n");
    ck_assert_uint_eq(heard_last(st, PS_EVENT_REGISTERED)->event.expires, 3600);
}
END_TEST

START_TEST(rfc3261_10_2_4_refreshed_in_time_with_the_same_call_id)
{
    const struct sent *first, *second;
    start(3600);
    answer(200, "Contact: <sip:other@192.0.2.7>;expires=30, <sip:alice@192.0.2.1:5060>;expires=100\r\n"
                "Expires: 20\r\n");
    ck_assert_uint_eq(heard_last(st, PS_EVENT_REGISTERED)->event.expires, 100);
    world_run(&w, 89999);
    ck_assert_uint_eq(registers(), 1);
    world_run(&w, 90000); /* a tenth before the end */
    ck_assert_uint_eq(registers(), 2);
    first = world_nth(&w, "REGISTER", 0);
    second = world_nth(&w, "REGISTER", 1);
    ck_assert_str_eq(header_of(first, PS_H_CALL_ID), header_of(second, PS_H_CALL_ID));
    ck_assert_str_eq(header_of(first, PS_H_FROM), header_of(second, PS_H_FROM));
    ck_assert_uint_eq(cseq_of(second), 2);
    ck_assert_str_ne(branch_of(first), branch_of(second));
    answer(200, OURS "10\r\n");
    world_run(&w, 95000); /* half of it, where it is as short as that */
    ck_assert_uint_eq(registers(), 3);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_REGISTERED), 2);
}
END_TEST

START_TEST(rfc3261_10_2_4_what_was_granted_stands_in_expires_where_no_contact_says_it)
{
    start(3600);
    answer(200, "Contact: <sip:alice@192.0.2.1:5060>\r\nExpires: 200\r\n");
    ck_assert_uint_eq(heard_last(st, PS_EVENT_REGISTERED)->event.expires, 200);
}
END_TEST

START_TEST(a_registrar_that_grants_nothing_is_asked_every_30_s)
{
    start(3600);
    answer(200, OURS "0\r\n");
    ck_assert_uint_eq(heard_last(st, PS_EVENT_REGISTERED)->event.expires, 0);
    world_run(&w, 29999);
    ck_assert_uint_eq(registers(), 1);
    world_run(&w, 30000);
    ck_assert_uint_eq(registers(), 2);
}
END_TEST

START_TEST(rfc3261_10_2_8_423_asks_for_longer)
{
    start(60);
    answer(423, "Min-Expires: 600\r\n");
    ck_assert_uint_eq(registers(), 2);
    ck_assert_str_eq(header_of(world_last(&w, "REGISTER"), PS_H_CONTACT),
                     "<sip:alice@192.0.2.1:5060>;expires=600");
    ck_assert_uint_eq(cseq_of(world_last(&w, "REGISTER")), 2);
    ck_assert_uint_eq(st->heard_n, 0);
    answer(423, "Min-Expires: 600\r\n"); /* the same again: no third time */
    ck_assert_uint_eq(registers(), 2);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_REGISTRATION_FAILED)->event.status, 423);
}
END_TEST

START_TEST(rfc3261_22_2_challenged)
{
    static const struct ps_digest_user user = {.username = {"alice", 5}, .password = {"secret", 6}};
    static const struct ps_digest_policy topmost;
    const struct sent *second;
    ps_digest_client_start(&st->account.digest, &user, 1, &topmost);
    start(3600);
    answer(401, "WWW-Authenticate: Digest realm=\"r\", nonce=\"n1\", qop=\"auth\"\r\n");
    second = world_last(&w, "REGISTER");
    ck_assert_uint_eq(cseq_of(second), 2);
    ck_assert_str_eq(header_of(second, PS_H_CALL_ID),
                     header_of(world_nth(&w, "REGISTER", 0), PS_H_CALL_ID));
    ck_assert_ptr_nonnull(strstr(header_of(second, PS_H_AUTHORIZATION), "nc=00000001"));
    answer(200, OURS "100\r\n");
    world_run(&w, 90000); /* the refresh says unasked what was asked before, and counts on */
    ck_assert_uint_eq(cseq_of(world_last(&w, "REGISTER")), 3);
    ck_assert_ptr_nonnull(
        strstr(header_of(world_last(&w, "REGISTER"), PS_H_AUTHORIZATION), "nc=00000002"));
}
END_TEST

START_TEST(what_may_pass_is_tried_again_later_and_later)
{
    static const uint64_t at[] = {0, 30, 90, 210, 450, 930, 1890, 3690, 5490};
    unsigned i;
    start(3600);
    for (i = 0; i < sizeof at / sizeof *at; i++) {
        world_run(&w, at[i] * 1000);
        ck_assert_uint_eq(registers(), i + 1);
        ck_assert_uint_eq(world_last(&w, "REGISTER")->at, at[i] * 1000);
        answer(500, NULL);
        ck_assert_uint_eq(heard_count(st, PS_EVENT_REGISTRATION_FAILED), i + 1);
    }
    world_run(&w, 7290 * 1000);
    answer(200, OURS "100\r\n"); /* and from the start after a success */
    world_run(&w, 7380 * 1000);
    answer(500, NULL);
    world_run(&w, 7410 * 1000 - 1);
    ck_assert_uint_eq(registers(), i + 2);
    world_run(&w, 7410 * 1000);
    ck_assert_uint_eq(registers(), i + 3);
}
END_TEST

START_TEST(rfc3261_20_33_retry_after_is_obeyed)
{
    start(3600);
    answer(503, "Retry-After: 120 (maintenance)\r\n");
    world_run(&w, 119999);
    ck_assert_uint_eq(registers(), 1);
    world_run(&w, 120000);
    ck_assert_uint_eq(registers(), 2);
    answer(503, "Retry-After: 4294967295\r\n"); /* within half an hour */
    world_run(&w, 120000 + 1800 * 1000);
    ck_assert_uint_eq(registers(), 3);
}
END_TEST

START_TEST(nobody_answers_is_a_408_and_tried_again)
{
    start(3600);
    world_run(&w, 32000);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_REGISTRATION_FAILED)->event.status, 408);
    ck_assert_uint_eq(registers(), 11);
    world_run(&w, 61999);
    ck_assert_uint_eq(registers(), 11);
    world_run(&w, 62000);
    ck_assert_uint_eq(registers(), 12);
}
END_TEST

START_TEST(what_will_not_pass_is_the_owners_turn)
{
    static const unsigned status[] = {403, 404, 603};
    unsigned i;
    for (i = 0; i < 3; i++) {
        ps_handle handle = start(3600);
        answer(status[i], NULL);
        ck_assert_uint_eq(heard_last(st, PS_EVENT_REGISTRATION_FAILED)->event.status, status[i]);
        world_run(&w, w.now + 7200 * 1000);
        ck_assert_uint_eq(registers(), i + 1);
        ps_registration_end(registrations(), handle);
    }
    station_expect_empty(st);
}
END_TEST

START_TEST(rfc3261_10_2_2_unregistered)
{
    ps_handle handle = start(3600);
    answer(200, OURS "3600\r\n");
    world_run(&w, 1000);
    ck_assert_int_eq(ps_registration_stop(registrations(), handle), PS_OK);
    ck_assert_int_eq(ps_registration_stop(registrations(), handle), PS_OK); /* once is enough */
    station_kick(st);
    ck_assert_uint_eq(registers(), 2);
    ck_assert_str_eq(header_of(world_last(&w, "REGISTER"), PS_H_CONTACT),
                     "<sip:alice@192.0.2.1:5060>;expires=0");
    answer(200, NULL);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_UNREGISTERED)->event.registration, handle);
    ck_assert_uint_eq(ps_registrations_live(registrations()), 0);
    ck_assert_int_eq(ps_registration_stop(registrations(), handle), PS_E_STALE);
    world_run(&w, 40000);
    station_expect_empty(st);
}
END_TEST

START_TEST(rfc3261_10_2_unregistered_while_a_register_runs)
{
    ps_handle handle = start(3600);
    ck_assert_int_eq(ps_registration_stop(registrations(), handle), PS_OK);
    station_kick(st);
    ck_assert_uint_eq(registers(), 1); /* not before the last one's end */
    answer(200, OURS "3600\r\n");
    ck_assert_uint_eq(registers(), 2);
    ck_assert_uint_eq(cseq_of(world_last(&w, "REGISTER")), 2);
    answer(500, NULL);
    ck_assert_uint_eq(st->heard_n, 1);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_REGISTRATION_FAILED)->event.status, 500);
    world_run(&w, 40000);
    station_expect_empty(st);
}
END_TEST

START_TEST(ended_without_a_word_nothing_more_happens)
{
    ps_handle handle = start(3600);
    ps_registration_end(registrations(), handle);
    ps_registration_end(registrations(), handle);
    answer(200, OURS "3600\r\n");
    world_run(&w, 7200 * 1000);
    ck_assert_uint_eq(registers(), 1);
    ck_assert_uint_eq(st->heard_n, 0);
    station_expect_empty(st);
}
END_TEST

START_TEST(two_registrations_walked)
{
    ps_handle a = start(60), b = start(60);
    ck_assert_uint_eq(ps_registration_next(registrations(), 0), a);
    ck_assert_uint_eq(ps_registration_next(registrations(), a), b);
    ck_assert_uint_eq(ps_registration_next(registrations(), b), 0);
    ck_assert_str_ne(header_of(world_nth(&w, "REGISTER", 0), PS_H_CALL_ID),
                     header_of(world_nth(&w, "REGISTER", 1), PS_H_CALL_ID));
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("registration");
    TCase *tc = tcase_create("client");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, rfc3261_10_2_what_a_register_looks_like);
    tcase_add_test(tc, rfc3261_10_2_4_refreshed_in_time_with_the_same_call_id);
    tcase_add_test(tc, rfc3261_10_2_4_what_was_granted_stands_in_expires_where_no_contact_says_it);
    tcase_add_test(tc, a_registrar_that_grants_nothing_is_asked_every_30_s);
    tcase_add_test(tc, rfc3261_10_2_8_423_asks_for_longer);
    tcase_add_test(tc, rfc3261_22_2_challenged);
    tcase_add_test(tc, what_may_pass_is_tried_again_later_and_later);
    tcase_add_test(tc, rfc3261_20_33_retry_after_is_obeyed);
    tcase_add_test(tc, nobody_answers_is_a_408_and_tried_again);
    tcase_add_test(tc, what_will_not_pass_is_the_owners_turn);
    tcase_add_test(tc, rfc3261_10_2_2_unregistered);
    tcase_add_test(tc, rfc3261_10_2_unregistered_while_a_register_runs);
    tcase_add_test(tc, ended_without_a_word_nothing_more_happens);
    tcase_add_test(tc, two_registrations_walked);
    suite_add_tcase(s, tc);
    return s;
}

PS_CHECK_MAIN
