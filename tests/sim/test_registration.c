/*
 * Covers registrations as client (RFC 3261 10.2): what a REGISTER looks like, when it is refreshed,
 * 423, challenges, redirections, which failures are tried again and when, a NAT that shows us by
 * another address (RFC 3581), un-registering in each state.
 * Does not cover: the registrar (test_registrar.c); empty pools (test_usage_faults.c).
 */
#include <stdio.h>

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

static struct ps_stack *registrations(void)
{
    return st->stack;
}

static ps_handle start(uint32_t expires)
{
    struct ps_registration_options options = {
        .account = &st->account, .registrar = PS_S("sip:192.0.2.2"), .expires = expires};
    ps_handle handle = 0;
    ck_assert_int_eq(ps_registration_start(registrations(), &options, &handle), PS_OK);
    station_pull(st);
    return handle;
}

static void answer(unsigned status, const char *lines)
{
    world_answer(&w, sent_last(&w.log, "REGISTER"), status, "r", lines, NULL);
}

/* The same by way of a NAT: the registrar has seen the REGISTER come from 198.51.100.7. */
static void answer_seen(unsigned port, unsigned status, const char *lines)
{
    struct ps_slice text =
        tester_answer_text(sent_slice(sent_last(&w.log, "REGISTER")), status, "r", lines, NULL);
    char changed[2048];
    const char *rport = strstr(text.p, ";rport"), *rest;
    int n;
    ck_assert_ptr_nonnull(rport);
    rest = rport + 6;
    n = snprintf(changed, sizeof changed, "%.*s;rport=%u;received=198.51.100.7%.*s",
                 (int)(rport - text.p), text.p, port, (int)(text.p + text.n - rest), rest);
    world_feed(&w, ps_slice(changed, (size_t)n));
}

static const char *contact(void)
{
    return header_of(sent_last(&w.log, "REGISTER"), PS_H_CONTACT);
}

static unsigned registers(void)
{
    return sent_count(&w.log, "REGISTER");
}

START_TEST(rfc3261_10_2_what_a_register_looks_like)
{
    const struct sent *r;
    start(3600);
    r = sent_last(&w.log, "REGISTER");
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
    answer(200,
           "Contact: <sip:other@192.0.2.7>;expires=30, <sip:alice@192.0.2.1:5060>;expires=100\r\n"
           "Expires: 20\r\n");
    ck_assert_uint_eq(heard_last(st, PS_EVENT_REGISTERED)->event.expires, 100);
    world_run(&w, 89999);
    ck_assert_uint_eq(registers(), 1);
    world_run(&w, 90000); /* a tenth before the end */
    ck_assert_uint_eq(registers(), 2);
    first = sent_nth(&w.log, "REGISTER", 0);
    second = sent_nth(&w.log, "REGISTER", 1);
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

/* As where its address has changed. */
START_TEST(rfc3261_10_2_4_refreshed_when_the_application_says_so)
{
    ps_handle handle = start(3600);
    ck_assert_int_eq(ps_registration_refresh(registrations(), handle), PS_E_STATE);
    answer(200, OURS "100\r\n");
    world_run(&w, 20000);
    ck_assert_int_eq(ps_registration_refresh(registrations(), handle), PS_OK);
    station_pull(st);
    ck_assert_uint_eq(registers(), 2);
    ck_assert_uint_eq(cseq_of(sent_last(&w.log, "REGISTER")), 2);
    ck_assert_str_eq(header_of(sent_nth(&w.log, "REGISTER", 0), PS_H_CALL_ID),
                     header_of(sent_nth(&w.log, "REGISTER", 1), PS_H_CALL_ID));
    answer(200, OURS "100\r\n");
    ck_assert_uint_eq(heard_count(st, PS_EVENT_REGISTERED), 2);
    world_run(&w, 109999); /* the time counts from the second */
    ck_assert_uint_eq(registers(), 2);
    world_run(&w, 110000);
    ck_assert_uint_eq(registers(), 3);
    answer(200, OURS "100\r\n");
    ck_assert_int_eq(ps_registration_stop(registrations(), handle), PS_OK);
    ck_assert_int_eq(ps_registration_refresh(registrations(), handle), PS_E_STATE);
    station_pull(st);
    answer(200, NULL);
    ck_assert_int_eq(ps_registration_refresh(registrations(), handle), PS_E_STALE);
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
    ck_assert_str_eq(header_of(sent_last(&w.log, "REGISTER"), PS_H_CONTACT),
                     "<sip:alice@192.0.2.1:5060>;expires=600");
    ck_assert_uint_eq(cseq_of(sent_last(&w.log, "REGISTER")), 2);
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
    second = sent_last(&w.log, "REGISTER");
    ck_assert_uint_eq(cseq_of(second), 2);
    ck_assert_str_eq(header_of(second, PS_H_CALL_ID),
                     header_of(sent_nth(&w.log, "REGISTER", 0), PS_H_CALL_ID));
    ck_assert_ptr_nonnull(strstr(header_of(second, PS_H_AUTHORIZATION), "nc=00000001"));
    answer(200, OURS "100\r\n");
    world_run(&w, 90000); /* the refresh says unasked what was asked before, and counts on */
    ck_assert_uint_eq(cseq_of(sent_last(&w.log, "REGISTER")), 3);
    ck_assert_ptr_nonnull(
        strstr(header_of(sent_last(&w.log, "REGISTER"), PS_H_AUTHORIZATION), "nc=00000002"));
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
        ck_assert_uint_eq(sent_last(&w.log, "REGISTER")->at, at[i] * 1000);
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
    ck_assert_uint_eq(heard_last(st, PS_EVENT_REGISTRATION_FAILED)->event.retry_in, 120);
    answer(503, "Retry-After: 7200\r\n"); /* whole, however long */
    world_run(&w, 120000 + 7200 * 1000 - 1);
    ck_assert_uint_eq(registers(), 2);
    world_run(&w, 120000 + 7200 * 1000);
    ck_assert_uint_eq(registers(), 3);
    answer(503, "Retry-After: 4294967295\r\n");
    ck_assert_uint_eq(heard_last(st, PS_EVENT_REGISTRATION_FAILED)->event.retry_in, UINT32_MAX);
    world_run(&w, w.now + UINT64_C(365) * 86400 * 1000);
    ck_assert_uint_eq(registers(), 3);
}
END_TEST

START_TEST(rfc3261_20_33_a_retry_after_shorter_than_our_own_delay)
{
    start(3600);
    answer(503, "Retry-After: 1\r\n");
    ck_assert_uint_eq(heard_last(st, PS_EVENT_REGISTRATION_FAILED)->event.retry_in, 30);
    world_run(&w, 29999);
    ck_assert_uint_eq(registers(), 1);
    world_run(&w, 30000);
    ck_assert_uint_eq(registers(), 2);
}
END_TEST

/* 21: the first REGISTER, and a refresh. */
START_TEST(rfc3261_21_what_may_pass_and_what_will_not)
{
    static const struct {
        unsigned status;
        const char *lines;
        uint32_t retry_in;
    } refusal[] = {{400, NULL, 0},
                   {401, NULL, 0},
                   {403, NULL, 0},
                   {404, NULL, 0},
                   {405, NULL, 0},
                   {407, NULL, 0},
                   {410, NULL, 0},
                   {413, NULL, 0},
                   {420, NULL, 0},
                   {423, NULL, 0},
                   {481, NULL, 0},
                   {484, NULL, 0},
                   {485, NULL, 0},
                   {488, NULL, 0},
                   {501, NULL, 0},
                   {505, NULL, 0},
                   {513, NULL, 0},
                   {600, NULL, 0},
                   {603, NULL, 0},
                   {302, NULL, 0},
                   {408, NULL, 30},
                   {480, NULL, 30},
                   {482, NULL, 30},
                   {483, NULL, 30},
                   {486, NULL, 30},
                   {487, NULL, 30},
                   {491, NULL, 30},
                   {500, NULL, 30},
                   {502, NULL, 30},
                   {503, NULL, 30},
                   {504, NULL, 30},
                   {580, NULL, 30},
                   {404, "Retry-After: 90\r\n", 90},
                   {603, "Retry-After: 5\r\n", 30}};
    ps_handle handle = start(3600);
    if (_i >= (int)(sizeof refusal / sizeof *refusal)) {
        answer(200, OURS "100\r\n");
        world_run(&w, 90000);
    }
    _i %= (int)(sizeof refusal / sizeof *refusal);
    station_forget_heard(st);
    answer(refusal[_i].status, refusal[_i].lines);
    ck_assert_uint_eq(st->heard_n, 1);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_REGISTRATION_FAILED)->event.status,
                      refusal[_i].status);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_REGISTRATION_FAILED)->event.retry_in,
                      refusal[_i].retry_in);
    if (refusal[_i].retry_in) {
        unsigned before = registers();
        world_run(&w, w.now + refusal[_i].retry_in * 1000 - 1);
        ck_assert_uint_eq(registers(), before);
        world_run(&w, w.now + 1);
        ck_assert_uint_eq(registers(), before + 1);
        answer(200, OURS "100\r\n");
        ck_assert_uint_eq(heard_count(st, PS_EVENT_REGISTERED), 1);
    } else {
        unsigned before = registers();
        world_run(&w, w.now + 7200 * 1000);
        ck_assert_uint_eq(registers(), before);
    }
    ps_registration_end(registrations(), handle);
    world_end(&w, 40000);
}
END_TEST
enum { REFUSALS = 34 };

START_TEST(rfc3261_8_1_3_4_a_redirection_is_followed)
{
    start(3600);
    answer(302, "Contact: <sip:192.0.2.3:5080>\r\n");
    ck_assert_uint_eq(registers(), 2);
    ck_assert_uint_eq(st->heard_n, 0);
    ck_assert_str_eq(request_uri_of(sent_last(&w.log, "REGISTER")), "sip:192.0.2.3:5080");
    ck_assert_uint_eq(sent_last(&w.log, "REGISTER")->flow.remote.port, 5080);
    ck_assert_str_eq(header_of(sent_last(&w.log, "REGISTER"), PS_H_TO), "<sip:alice@example.org>");
    ck_assert_str_eq(contact(), "<sip:alice@192.0.2.1:5060>;expires=3600");
    ck_assert_str_eq(header_of(sent_last(&w.log, "REGISTER"), PS_H_CALL_ID),
                     header_of(sent_nth(&w.log, "REGISTER", 0), PS_H_CALL_ID));
    ck_assert_uint_eq(cseq_of(sent_last(&w.log, "REGISTER")), 2);
    answer(200, OURS "100\r\n");
    ck_assert_uint_eq(heard_last(st, PS_EVENT_REGISTERED)->event.expires, 100);
    world_run(&w, 90000); /* 21.3.3: it was for that once */
    ck_assert_str_eq(request_uri_of(sent_last(&w.log, "REGISTER")), "sip:192.0.2.2");
    ck_assert_uint_eq(cseq_of(sent_last(&w.log, "REGISTER")), 3);
}
END_TEST

/* ---- NATs ---- */

START_TEST(rfc3581_a_nat_shows_us_by_another_address)
{
    start(3600);
    answer_seen(40000, 200, OURS "100\r\n");
    ck_assert_uint_eq(registers(), 2);
    ck_assert_uint_eq(st->heard_n, 0);
    ck_assert_str_eq(contact(), "<sip:alice@198.51.100.7:40000>;expires=3600, "
                                "<sip:alice@192.0.2.1:5060>;expires=0");
    answer_seen(40000, 200, "Contact: <sip:alice@198.51.100.7:40000>;expires=200\r\n");
    ck_assert_uint_eq(heard_count(st, PS_EVENT_REGISTERED), 1);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_REGISTERED)->event.expires, 200);
    ck_assert_ptr_nonnull(heard_last(st, PS_EVENT_REGISTERED)->text);
    world_run(&w, 180000);
    ck_assert_uint_eq(registers(), 3);
    ck_assert_str_eq(contact(), "<sip:alice@198.51.100.7:40000>;expires=3600");
}
END_TEST

START_TEST(a_second_register_behind_a_nat_that_is_refused_leaves_the_first)
{
    static const unsigned status[] = {403, 500, 302, 423, 603};
    unsigned before;
    start(3600);
    answer_seen(40000, 200, OURS "100\r\n");
    world_run(&w, 20000);
    before = registers();
    answer_seen(40000, status[_i], NULL);
    ck_assert_uint_eq(st->heard_n, 1);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_REGISTERED)->event.status, 200);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_REGISTERED)->event.expires, 80); /* of the first */
    ck_assert_ptr_null(heard_last(st, PS_EVENT_REGISTERED)->text);
    ck_assert_int_eq(st->account.seen.family, PS_FAMILY_NONE);
    world_run(&w, 91999); /* refreshed as ever: a tenth before its end */
    ck_assert_uint_eq(registers(), before);
    world_run(&w, 92000);
    ck_assert_uint_eq(registers(), before + 1);
    ck_assert_str_eq(contact(), "<sip:alice@192.0.2.1:5060>;expires=3600");
    answer(200, OURS "100\r\n"); /* and the NAT is there no more */
    ck_assert_uint_eq(heard_count(st, PS_EVENT_REGISTERED), 2);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_REGISTRATION_FAILED), 0);
}
END_TEST

START_TEST(a_second_register_behind_a_nat_that_nobody_answers)
{
    start(3600);
    answer_seen(40000, 200, OURS "100\r\n");
    world_run(&w, 32000);
    ck_assert_uint_eq(st->heard_n, 1);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_REGISTERED)->event.expires, 68);
    ck_assert_str_eq(contact(), "<sip:alice@198.51.100.7:40000>;expires=3600, "
                                "<sip:alice@192.0.2.1:5060>;expires=0");
    world_run(&w, 94000);
    ck_assert_str_eq(contact(), "<sip:alice@192.0.2.1:5060>;expires=3600");
}
END_TEST

START_TEST(a_second_register_behind_a_nat_that_fails_after_the_first_is_over)
{
    start(3600);
    answer_seen(40000, 200, OURS "20\r\n");
    world_run(&w, 32000);
    ck_assert_uint_eq(st->heard_n, 1);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_REGISTRATION_FAILED)->event.status, 408);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_REGISTRATION_FAILED)->event.retry_in, 30);
    world_run(&w, 62000);
    ck_assert_str_eq(contact(), "<sip:alice@192.0.2.1:5060>;expires=3600");
}
END_TEST

START_TEST(rfc3261_20_33_retry_after_of_a_second_register_behind_a_nat)
{
    start(3600);
    answer_seen(40000, 200, OURS "100\r\n");
    answer_seen(40000, 503, "Retry-After: 95\r\n");
    ck_assert_uint_eq(heard_count(st, PS_EVENT_REGISTERED), 1);
    world_run(&w, 94999);
    ck_assert_uint_eq(registers(), 2);
    world_run(&w, 95000);
    ck_assert_uint_eq(registers(), 3);
}
END_TEST

START_TEST(unregistered_while_a_second_register_behind_a_nat_runs)
{
    ps_handle handle = start(3600);
    answer_seen(40000, 200, OURS "100\r\n");
    ck_assert_int_eq(ps_registration_stop(registrations(), handle), PS_OK);
    answer_seen(40000, 500, NULL);
    ck_assert_str_eq(contact(), "<sip:alice@198.51.100.7:40000>;expires=0, "
                                "<sip:alice@192.0.2.1:5060>;expires=0"); /* whichever stands */
    answer(200, NULL);
    ck_assert_uint_eq(st->heard_n, 1);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_UNREGISTERED), 1);
    world_run(&w, 40000);
    station_expect_empty(st);
}
END_TEST

START_TEST(unregistering_that_nobody_answers_is_a_408_and_the_end)
{
    ps_handle handle = start(3600);
    answer(200, OURS "3600\r\n");
    ck_assert_int_eq(ps_registration_stop(registrations(), handle), PS_OK);
    station_pull(st);
    world_run(&w, 40000);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_REGISTRATION_FAILED)->event.status, 408);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_REGISTRATION_FAILED)->event.retry_in, 0);
    ck_assert_uint_eq(ps_stack_live(registrations()).registrations, 0);
    station_expect_empty(st);
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
    station_pull(st);
    ck_assert_uint_eq(registers(), 2);
    ck_assert_str_eq(header_of(sent_last(&w.log, "REGISTER"), PS_H_CONTACT),
                     "<sip:alice@192.0.2.1:5060>;expires=0");
    answer(200, NULL);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_UNREGISTERED)->event.registration, handle);
    ck_assert_uint_eq(ps_stack_live(registrations()).registrations, 0);
    ck_assert_int_eq(ps_registration_stop(registrations(), handle), PS_E_STALE);
    world_run(&w, 40000);
    station_expect_empty(st);
}
END_TEST

START_TEST(rfc3261_10_2_unregistered_while_a_register_runs)
{
    ps_handle handle = start(3600);
    ck_assert_int_eq(ps_registration_stop(registrations(), handle), PS_OK);
    station_pull(st);
    ck_assert_uint_eq(registers(), 1); /* not before the last one's end */
    answer(200, OURS "3600\r\n");
    ck_assert_uint_eq(registers(), 2);
    ck_assert_uint_eq(cseq_of(sent_last(&w.log, "REGISTER")), 2);
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
    ck_assert_str_ne(header_of(sent_nth(&w.log, "REGISTER", 0), PS_H_CALL_ID),
                     header_of(sent_nth(&w.log, "REGISTER", 1), PS_H_CALL_ID));
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("registration");
    TCase *tc = tcase_create("client");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, rfc3261_10_2_what_a_register_looks_like);
    tcase_add_test(tc, rfc3261_10_2_4_refreshed_in_time_with_the_same_call_id);
    tcase_add_test(tc, rfc3261_10_2_4_refreshed_when_the_application_says_so);
    tcase_add_test(tc, rfc3261_10_2_4_what_was_granted_stands_in_expires_where_no_contact_says_it);
    tcase_add_test(tc, a_registrar_that_grants_nothing_is_asked_every_30_s);
    tcase_add_test(tc, rfc3261_10_2_8_423_asks_for_longer);
    tcase_add_test(tc, rfc3261_22_2_challenged);
    tcase_add_test(tc, what_may_pass_is_tried_again_later_and_later);
    tcase_add_test(tc, rfc3261_20_33_retry_after_is_obeyed);
    tcase_add_test(tc, rfc3261_20_33_a_retry_after_shorter_than_our_own_delay);
    tcase_add_loop_test(tc, rfc3261_21_what_may_pass_and_what_will_not, 0, 2 * REFUSALS);
    tcase_add_test(tc, rfc3261_8_1_3_4_a_redirection_is_followed);
    tcase_add_test(tc, rfc3581_a_nat_shows_us_by_another_address);
    tcase_add_loop_test(tc, a_second_register_behind_a_nat_that_is_refused_leaves_the_first, 0, 5);
    tcase_add_test(tc, a_second_register_behind_a_nat_that_nobody_answers);
    tcase_add_test(tc, a_second_register_behind_a_nat_that_fails_after_the_first_is_over);
    tcase_add_test(tc, rfc3261_20_33_retry_after_of_a_second_register_behind_a_nat);
    tcase_add_test(tc, unregistered_while_a_second_register_behind_a_nat_runs);
    tcase_add_test(tc, unregistering_that_nobody_answers_is_a_408_and_the_end);
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
