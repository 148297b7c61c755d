/*
 * Covers calls as client, a whole stack against a tester in virtual time, beyond the rows (of which
 * A10, A16 and C8 are here): forks, offer in the 2xx and answer in the ACK, redirections (8.1.3.4),
 * challenges (22.2), the next address (8.1.3.1), names that do not resolve, what never answers.
 * Does not cover: what happens within an established dialog (test_dialog.c), the rows of calls
 * (test_rows_call.c) and of the transaction machines (test_rows_client.c).
 */
#include <stdio.h>

#include "../unit/check_main.h"
#include "world.h"

#define BOB "Contact: <sip:bob@192.0.2.9:5070>\r\n"

static struct world w;
static struct station *st;
static const struct ps_digest_policy topmost;

static void setup(void)
{
    world_start(&w, 1);
    st = station_add(&w, "192.0.2.1:5060", "alice", NULL, NULL);
}

static void teardown(void)
{
    world_free(&w);
}

static void hangup(ps_handle call)
{
    ck_assert_int_eq(ps_call_hangup(st->stack, call), PS_OK);
    station_pull(st);
    world_run(&w, w.now);
}

/* Answers the last BYE; then all is over after the longest timer. */
static void end_all(void)
{
    if (sent_count(&w.log, "BYE"))
        world_answer(&w, sent_last(&w.log, "BYE"), 200, NULL, NULL, NULL);
    world_end(&w, 64000);
}

/* ---- A ---- */

START_TEST(A9_the_second_fork_is_acknowledged_and_ended)
{
    const struct sent *bye;
    ps_handle call = start_call(st, "offer");
    world_run(&w, 200);
    world_answer(&w, sent_last(&w.log, "INVITE"), 200, "x", BOB, "answer");
    world_run(&w, 400);
    world_answer(&w, sent_last(&w.log, "INVITE"), 200, "y", "Contact: <sip:c@192.0.2.8>\r\n", "a");
    SENT_AT(&w.log, "ACK sip:bob@192.0.2.9:5070", 200);
    SENT_AT(&w.log, "ACK sip:c@192.0.2.8", 400);
    bye = sent_last(&w.log, "BYE");
    ck_assert_str_eq(to_tag_of(sent_last(&w.log, "ACK")), "y");
    ck_assert_str_eq(to_tag_of(bye), "y");
    ck_assert_str_eq(request_uri_of(bye), "sip:c@192.0.2.8");
    ck_assert_str_eq(header_of(bye, PS_H_CSEQ), "2 BYE");
    world_answer(&w, bye, 200, NULL, NULL, NULL);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_ANSWERED), 1);
    ck_assert_uint_eq(st->heard_n, 1); /* the application has asked for none of this */
    ck_assert_uint_eq(ps_stack_live(st->stack).calls, 1);
    hangup(call);
    ck_assert_str_eq(to_tag_of(sent_last(&w.log, "BYE")), "x");
    end_all();
}
END_TEST

START_TEST(rfc3261_13_2_2_4_a_forks_2xx_again_gets_its_ack_and_no_other_bye)
{
    ps_handle call = start_call(st, "offer");
    const struct sent *invite = sent_last(&w.log, "INVITE");
    world_answer(&w, invite, 200, "x", BOB, "answer");
    world_answer(&w, invite, 200, "y", "Contact: <sip:c@192.0.2.8>\r\n", "answer");
    world_answer(&w, sent_last(&w.log, "BYE"), 200, NULL, NULL, NULL);
    world_run(&w, 500);
    world_answer(&w, invite, 200, "y", "Contact: <sip:c@192.0.2.8>\r\n", "answer");
    world_run(&w, 1500);
    world_answer(&w, invite, 200, "y", "Contact: <sip:c@192.0.2.8>\r\n", "answer");
    ck_assert_uint_eq(sent_count(&w.log, "BYE"), 1);
    ck_assert_uint_eq(sent_count(&w.log, "ACK sip:c@192.0.2.8"), 3);
    hangup(call);
    end_all();
}
END_TEST

/* A far end answers from so many forks. */
static void fork_all(const struct sent *invite, unsigned status, unsigned n)
{
    char tag[16];
    unsigned i;
    for (i = 0; i < n; i++) {
        snprintf(tag, sizeof tag, "f%u", i);
        world_answer(&w, invite, status, tag, BOB, status == 200 ? "answer" : NULL);
    }
}

static void expect_another_call_rings(void)
{
    struct tester_request r = {.method = "INVITE"};
    ck_assert_uint_lt(ps_stack_live(st->stack).dialogs, world_limits().dialogs / 2);
    world_request(&w, &r);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_INCOMING), 1);
    (void)ps_call_reject(st->stack, heard_last(st, PS_EVENT_CALL_INCOMING)->event.call, 486,
                         PS_NONE);
    station_pull(st);
}

START_TEST(rfc3261_12_1_a_far_end_that_forks_without_end_leaves_others_their_dialogs)
{
    ps_handle call = start_call(st, "offer");
    const struct sent *invite = sent_last(&w.log, "INVITE");
    fork_all(invite, 180, 40);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_PROGRESS), 40);
    expect_another_call_rings();
    world_answer(&w, invite, 200, "f39", BOB, "answer"); /* one that was not kept */
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_ANSWERED), 1);
    ck_assert_str_eq(to_tag_of(sent_last(&w.log, "ACK")), "f39");
    hangup(call);
    end_all();
}
END_TEST

START_TEST(rfc3261_13_2_2_4_answers_without_end_leave_others_their_dialogs)
{
    ps_handle call = start_call(st, "offer");
    fork_all(sent_last(&w.log, "INVITE"), 200, 40);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_ANSWERED), 1);
    ck_assert_uint_ge(sent_count(&w.log, "BYE"), 2);
    expect_another_call_rings();
    hangup(call);
    end_all();
}
END_TEST

static const struct tester_request bye_of_x = {.method = "BYE", .from_tag = "x"};

/* 15: they may not, but some do. The INVITE's final response ends the call without success. */
START_TEST(rfc3261_15_a_bye_in_an_early_dialog_is_no_answer)
{
    start_call(st, "offer");
    world_answer(&w, sent_last(&w.log, "INVITE"), 180, "x", BOB, NULL);
    world_request_within(&w, sent_last(&w.log, "INVITE"), bye_of_x);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 200"), 1);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_ENDED), 0);
    ck_assert_uint_eq(sent_count(&w.log, "CANCEL"), 1);
    world_answer(&w, sent_last(&w.log, "CANCEL"), 200, NULL, NULL, NULL);
    world_answer(&w, sent_last(&w.log, "INVITE"), 487, "x", NULL, NULL);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_CALL_ENDED)->event.status, 487);
    end_all();
}
END_TEST

/* Of two early dialogs the other one goes on. */
START_TEST(rfc3261_15_a_bye_in_one_early_dialog_leaves_the_other)
{
    ps_handle call = start_call(st, "offer");
    world_answer(&w, sent_last(&w.log, "INVITE"), 180, "x", BOB, NULL);
    world_answer(&w, sent_last(&w.log, "INVITE"), 180, "y", BOB, NULL);
    world_request_within(&w, sent_last(&w.log, "INVITE"), bye_of_x);
    ck_assert_uint_eq(sent_count(&w.log, "CANCEL"), 0);
    world_answer(&w, sent_last(&w.log, "INVITE"), 200, "y", BOB, "answer");
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_ANSWERED), 1);
    hangup(call);
    end_all();
}
END_TEST

START_TEST(rfc3261_8_1_3_4_a_redirection_within_a_redirection_keeps_the_rest)
{
    start_call(st, "offer");
    world_answer(&w, sent_last(&w.log, "INVITE"), 302, "a",
                 "Contact: <sip:one@192.0.2.7>;q=0.9, <sip:two@192.0.2.8>;q=0.5\r\n", NULL);
    ck_assert_str_eq(request_uri_of(sent_last(&w.log, "INVITE")), "sip:one@192.0.2.7");
    world_answer(&w, sent_last(&w.log, "INVITE"), 302, "b",
                 "Contact: <sip:three@192.0.2.9>;q=0.7, <sip:one@192.0.2.7>\r\n", NULL);
    ck_assert_str_eq(request_uri_of(sent_last(&w.log, "INVITE")), "sip:three@192.0.2.9");
    world_answer(&w, sent_last(&w.log, "INVITE"), 486, "c", NULL, NULL);
    ck_assert_str_eq(request_uri_of(sent_last(&w.log, "INVITE")), "sip:two@192.0.2.8");
    world_answer(&w, sent_last(&w.log, "INVITE"), 486, "d", NULL, NULL);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_CALL_ENDED)->event.status, 486);
    end_all();
}
END_TEST

START_TEST(A10_a_2xx_after_timer_m_is_dropped)
{
    ps_handle call = start_call(st, "offer");
    world_run(&w, 200);
    world_answer(&w, sent_last(&w.log, "INVITE"), 200, "x", BOB, "answer");
    world_run(&w, 33000);
    world_answer(&w, sent_last(&w.log, "INVITE"), 200, "y", BOB, "answer");
    SENT_AT(&w.log, "ACK", 200);
    ck_assert_uint_eq(sent_count(&w.log, "BYE"), 0);
    hangup(call);
    end_all();
}
END_TEST

/* Compares a second try with the first: what stays, and what not (8.1.3.5, 22.2). */
static void expect_second_try(const struct sent *first, const struct sent *second)
{
    ck_assert_str_eq(header_of(first, PS_H_CALL_ID), header_of(second, PS_H_CALL_ID));
    ck_assert_str_eq(header_of(first, PS_H_FROM), header_of(second, PS_H_FROM));
    ck_assert_str_eq(header_of(first, PS_H_TO), header_of(second, PS_H_TO));
    ck_assert_str_ne(branch_of(first), branch_of(second));
    ck_assert_uint_eq(cseq_of(second), cseq_of(first) + 1);
    ck_assert_str_eq(body_of(first), body_of(second));
}

START_TEST(A15_after_302_ack_then_a_new_invite)
{
    const struct sent *first, *second;
    start_call(st, "offer");
    world_run(&w, 200);
    first = sent_last(&w.log, "INVITE");
    world_answer(&w, first, 302, "x", "Contact: <sip:bob@192.0.2.7:5090>\r\n", NULL);
    ck_assert_uint_eq(w.log.n, 3);
    first = &w.log.sent[0];
    second = &w.log.sent[2];
    ck_assert_int_eq(strncmp(w.log.sent[1].text, "ACK sip:b@192.0.2.2 ", 20), 0);
    ck_assert_uint_eq(w.log.sent[1].at, 200);
    expect_second_try(first, second);
    ck_assert_str_eq(request_uri_of(second), "sip:bob@192.0.2.7:5090");
    ck_assert_uint_eq(second->flow.remote.port, 5090);
    world_answer(&w, second, 486, "y", NULL, NULL);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_CALL_ENDED)->event.status, 486);
    ck_assert_uint_eq(st->heard_n, 1);
    end_all();
}
END_TEST

static void challenged(unsigned status, const char *line, enum ps_header_id credentials)
{
    static const struct ps_digest_user user = {.username = {"alice", 5}, .password = {"secret", 6}};
    ps_digest_client_start(&st->account.digest, &user, 1, &topmost);
    start_call(st, "offer");
    world_run(&w, 200);
    world_answer(&w, sent_last(&w.log, "INVITE"), status, "x", line, NULL);
    ck_assert_uint_eq(w.log.n, 3);
    ck_assert_int_eq(strncmp(w.log.sent[1].text, "ACK", 3), 0);
    ck_assert_str_eq(branch_of(&w.log.sent[1]), branch_of(&w.log.sent[0]));
    expect_second_try(&w.log.sent[0], &w.log.sent[2]);
    ck_assert_str_eq(request_uri_of(&w.log.sent[2]), "sip:b@192.0.2.2");
    ck_assert_ptr_nonnull(strstr(header_of(&w.log.sent[2], credentials), "username=\"alice\""));
    ck_assert_str_eq(header_of(&w.log.sent[0], credentials), "");
    /* refused again with the same: 22.2 wants no third try */
    world_answer(&w, &w.log.sent[2], status, "x", line, NULL);
    ck_assert_uint_eq(sent_count(&w.log, "INVITE"), 2);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_CALL_ENDED)->event.status, status);
    end_all();
}

START_TEST(A15_after_401)
{
    challenged(401, "WWW-Authenticate: Digest realm=\"r\", nonce=\"n1\", qop=\"auth\"\r\n",
               PS_H_AUTHORIZATION);
}
END_TEST

START_TEST(A15_after_407)
{
    challenged(407, "Proxy-Authenticate: Digest realm=\"r\", nonce=\"n1\"\r\n",
               PS_H_PROXY_AUTHORIZATION);
}
END_TEST

START_TEST(A16_strange_provisionals_and_a_6xx)
{
    start_call(st, "offer");
    world_answer(&w, sent_last(&w.log, "INVITE"), 100, "t", NULL, NULL);
    ck_assert_uint_eq(ps_stack_live(st->stack).dialogs, 0); /* 100 makes no dialog (12.1) */
    world_answer(&w, sent_last(&w.log, "INVITE"), 180, "x", BOB, NULL);
    world_answer(&w, sent_last(&w.log, "INVITE"), 199, "y", NULL, NULL);
    world_answer(&w, sent_last(&w.log, "INVITE"), 603, "z", NULL, NULL);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_CALL_ENDED)->event.status, 603);
    ck_assert_uint_eq(ps_stack_live(st->stack).calls, 0);
    ck_assert_uint_eq(sent_count(&w.log, "ACK"), 1);
    end_all();
}
END_TEST

/* ---- C ---- */

START_TEST(C1_nobody_ever_answers_what_is_to_be_cancelled)
{
    ps_handle call = start_call(st, "offer");
    world_run(&w, 300);
    hangup(call);
    world_run(&w, 31999);
    ck_assert_uint_eq(st->heard_n, 0);
    world_run(&w, 32000);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_CALL_ENDED)->event.status, 408);
    ck_assert_uint_eq(sent_count(&w.log, "CANCEL"), 0);
    end_all();
}
END_TEST

static ps_handle ringing_then_cancelled(uint64_t at)
{
    ps_handle call = start_call(st, "offer");
    world_run(&w, 200);
    world_answer(&w, sent_last(&w.log, "INVITE"), 180, "x", BOB, NULL);
    world_run(&w, at);
    hangup(call);
    return call;
}

START_TEST(C2_cancel_is_a_transaction_of_its_own)
{
    ringing_then_cancelled(1000);
    world_run(&w, 31000);
    SENT_AT(&w.log, "CANCEL", 1000, 1500, 2500, 4500, 8500, 12500, 16500, 20500, 24500, 28500);
    end_all();
}
END_TEST

START_TEST(C8_only_an_invite_is_cancelled)
{
    struct ps_request_to_send request = {
        .account = &st->account, .method = PS_S("OPTIONS"), .uri = PS_S("sip:b@192.0.2.2")};
    ps_handle options, call = start_call(st, "offer");
    ck_assert_int_eq(ps_stack_request(st->stack, &request, &options), PS_OK);
    station_pull(st);
    world_answer(&w, sent_last(&w.log, "OPTIONS"), 100, NULL, NULL, NULL);
    /* what a call can cancel is its INVITE alone: its BYE goes on */
    world_answer(&w, sent_last(&w.log, "INVITE"), 200, "y", BOB, "answer");
    hangup(call);
    world_answer(&w, sent_last(&w.log, "BYE"), 100, NULL, NULL, NULL);
    hangup(call);
    ck_assert_uint_eq(sent_count(&w.log, "BYE"), 1);
    ck_assert_uint_eq(sent_count(&w.log, "CANCEL"), 0);
    world_answer(&w, sent_last(&w.log, "OPTIONS"), 200, "z", NULL, NULL);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_RESPONSE)->event.status, 200);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_RESPONSE)->event.request, options);
    end_all();
}
END_TEST

/* ---- offers and answers: 13.2.1, 13.2.2.4 ---- */

START_TEST(rfc3261_13_2_2_4_offer_in_200_answer_in_ack)
{
    static const uint64_t at[] = {1200, 2000};
    ps_handle call = start_call(st, NULL);
    world_run(&w, 200);
    world_answer(&w, sent_last(&w.log, "INVITE"), 200, "x", BOB, "offer");
    world_run(&w, 700);
    world_answer(&w, sent_last(&w.log, "INVITE"), 200, "x", BOB, "offer");
    ck_assert_uint_eq(sent_count(&w.log, "ACK"), 0); /* waits for the answer */
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_ANSWERED), 1);
    world_run(&w, 1200);
    ck_assert_int_eq(ps_call_acknowledge(st->stack, call, PS_S("application/sdp"), PS_S("answer")),
                     PS_OK);
    ck_assert_int_eq(ps_call_acknowledge(st->stack, call, PS_NONE, PS_NONE), PS_E_STATE);
    station_pull(st);
    ck_assert_str_eq(body_of(sent_last(&w.log, "ACK")), "answer");
    world_run(&w, 2000);
    world_answer(&w, sent_last(&w.log, "INVITE"), 200, "x", BOB, "offer");
    sent_expect(&w.log, "ACK", at, 2);
    hangup(call);
    end_all();
}
END_TEST

START_TEST(rfc3261_15_hangup_before_the_answer_still_acknowledges)
{
    ps_handle call = start_call(st, NULL);
    world_answer(&w, sent_last(&w.log, "INVITE"), 200, "x", BOB, "offer");
    hangup(call);
    ck_assert_uint_eq(w.log.n, 3);
    ck_assert_int_eq(strncmp(w.log.sent[1].text, "ACK", 3), 0);
    ck_assert_int_eq(strncmp(w.log.sent[2].text, "BYE", 3), 0);
    end_all();
}
END_TEST

/* ---- redirections: 8.1.3.4 ---- */

START_TEST(rfc3261_8_1_3_4_contacts_are_tried_by_q)
{
    static const char *const order[] = {"sip:b@192.0.2.12", "sip:b@192.0.2.13", "sip:b@192.0.2.11"};
    unsigned i;
    start_call(st, "offer");
    world_answer(&w, sent_last(&w.log, "INVITE"), 302, "x",
                 "Contact: <sip:b@192.0.2.11>;q=0.1, <mailto:b@x>\r\n"
                 "Contact: <sip:b@192.0.2.12>;q=0.7\r\n"
                 "Contact: <sip:b@192.0.2.13>;q=0.7\r\n",
                 NULL);
    for (i = 0; i < 3; i++) {
        const struct sent *invite = sent_last(&w.log, "INVITE");
        ck_assert_uint_eq(sent_count(&w.log, "INVITE"), i + 2);
        ck_assert_str_eq(request_uri_of(invite), order[i]);
        ck_assert_uint_eq(cseq_of(invite), i + 2);
        world_answer(&w, invite, 480, "y", NULL, NULL);
    }
    ck_assert_uint_eq(sent_count(&w.log, "INVITE"), 4);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_CALL_ENDED)->event.status, 480);
    end_all();
}
END_TEST

START_TEST(rfc3261_8_1_3_4_no_target_is_tried_twice)
{
    static const char *const to[] = {"Contact: <sip:b@192.0.2.12>\r\n",
                                     "Contact: <sip:b@192.0.2.2>, <sip:b@192.0.2.13>;q=0.5\r\n",
                                     "Contact: <sip:b@192.0.2.12>, <sip:B@192.0.2.13>\r\n",
                                     "Contact: <sip:b@192.0.2.2>\r\n"};
    unsigned i;
    start_call(st, "offer");
    for (i = 0; i < 4; i++)
        world_answer(&w, sent_last(&w.log, "INVITE"), 302, "x", to[i], NULL);
    ck_assert_uint_eq(sent_count(&w.log, "INVITE"), 4);
    ck_assert_str_eq(request_uri_of(sent_nth(&w.log, "INVITE", 2)), "sip:b@192.0.2.13");
    ck_assert_str_eq(request_uri_of(sent_nth(&w.log, "INVITE", 3)), "sip:B@192.0.2.13");
    ck_assert_uint_eq(heard_last(st, PS_EVENT_CALL_ENDED)->event.status, 302);
    end_all();
}
END_TEST

START_TEST(rfc3261_8_1_3_4_redirected_for_ever_ends)
{
    char line[64];
    unsigned i;
    start_call(st, "offer");
    for (i = 0; i < 40 && !st->heard_n; i++) {
        snprintf(line, sizeof line, "Contact: <sip:b%u@192.0.2.3>\r\n", i);
        world_answer(&w, sent_last(&w.log, "INVITE"), 302, "x", line, NULL);
    }
    ck_assert_uint_eq(sent_count(&w.log, "INVITE"), 1 + PS_MAX_REDIRECTS);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_CALL_ENDED)->event.status, 302);
    end_all();
}
END_TEST

START_TEST(rfc3261_19_1_1_headers_of_a_redirection_stay_out)
{
    start_call(st, "offer");
    world_answer(&w, sent_last(&w.log, "INVITE"), 302, "x",
                 "Contact: <sip:b@192.0.2.12;transport=udp?Subject=x>\r\n", NULL);
    ck_assert_str_eq(request_uri_of(sent_last(&w.log, "INVITE")), "sip:b@192.0.2.12;transport=udp");
    world_answer(&w, sent_last(&w.log, "INVITE"), 480, "y", NULL, NULL);
    end_all();
}
END_TEST

START_TEST(rfc3261_8_1_3_4_an_early_dialog_of_the_first_try_does_not_spoil_the_second)
{
    ps_handle call = start_call(st, "offer");
    world_answer(&w, sent_last(&w.log, "INVITE"), 180, "x", BOB, NULL);
    world_answer(&w, sent_last(&w.log, "INVITE"), 302, "x", "Contact: <sip:b@192.0.2.12>\r\n",
                 NULL);
    world_answer(&w, sent_last(&w.log, "INVITE"), 200, "x", BOB, "answer");
    ck_assert_str_eq(header_of(sent_last(&w.log, "ACK"), PS_H_CSEQ), "2 ACK");
    ck_assert_str_eq(request_uri_of(sent_last(&w.log, "ACK")), "sip:bob@192.0.2.9:5070");
    hangup(call);
    ck_assert_str_eq(header_of(sent_last(&w.log, "BYE"), PS_H_CSEQ), "3 BYE");
    end_all();
}
END_TEST

/* ---- where to: 8.1.2, 8.1.3.1 ---- */

START_TEST(rfc3261_8_1_3_1_the_next_address_after_503)
{
    ps_handle call;
    world_name(&w, "example.com", "192.0.2.21");
    world_name(&w, "example.com", "192.0.2.22");
    call = start_call_to(st, "sip:b@example.com", "offer");
    ck_assert_uint_eq(sent_last(&w.log, "INVITE")->flow.remote.ip[3], 21);
    world_answer(&w, sent_last(&w.log, "INVITE"), 503, "x", NULL, NULL);
    ck_assert_uint_eq(sent_last(&w.log, "INVITE")->flow.remote.ip[3], 22);
    ck_assert_str_ne(branch_of(sent_nth(&w.log, "INVITE", 0)),
                     branch_of(sent_nth(&w.log, "INVITE", 1)));
    world_answer(&w, sent_last(&w.log, "INVITE"), 200, "y", BOB, "answer");
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_ANSWERED), 1);
    hangup(call);
    end_all();
}
END_TEST

START_TEST(rfc3261_8_1_3_1_the_next_address_after_silence_or_icmp)
{
    world_name(&w, "example.com", "192.0.2.21");
    world_name(&w, "example.com", "192.0.2.22");
    world_name(&w, "example.com", "192.0.2.23");
    w.dead = world_address("192.0.2.22");
    start_call_to(st, "sip:b@example.com", "offer");
    world_run(&w, 31999);
    ck_assert_uint_eq(sent_last(&w.log, "INVITE")->flow.remote.ip[3], 21);
    world_run(&w, 32000);
    ck_assert_uint_eq(sent_count(&w.log, "INVITE"), 9); /* 7, the dead one, the next */
    ck_assert_uint_eq(sent_last(&w.log, "INVITE")->flow.remote.ip[3], 23);
    world_run(&w, 63999);
    ck_assert_uint_eq(st->heard_n, 0);
    world_run(&w, 64000);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_CALL_ENDED)->event.status, 408);
    end_all();
}
END_TEST

START_TEST(rfc3261_8_1_3_1_no_address_is_a_503)
{
    start_call_to(st, "sip:b@nowhere.example", "offer");
    ck_assert_uint_eq(w.log.n, 0);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_CALL_ENDED)->event.status, 503);
    station_expect_empty(st);
}
END_TEST

START_TEST(rfc3261_8_1_2_the_proxy_gets_what_is_outside_of_dialogs)
{
    ps_handle call;
    st->account.proxy = PS_S("sip:192.0.2.30;lr");
    call = start_call_to(st, "sip:b@elsewhere.example", "offer");
    ck_assert_uint_eq(sent_last(&w.log, "INVITE")->flow.remote.ip[3], 30);
    ck_assert_str_eq(request_uri_of(sent_last(&w.log, "INVITE")), "sip:b@elsewhere.example");
    world_answer(&w, sent_last(&w.log, "INVITE"), 200, "x", BOB, "answer");
    ck_assert_uint_eq(sent_last(&w.log, "ACK")->flow.remote.ip[3],
                      9); /* no Record-Route: straight */
    hangup(call);
    end_all();
}
END_TEST

/* ---- the end ---- */

START_TEST(guard_cancels_what_rings_for_ever)
{
    start_call(st, "offer");
    world_answer(&w, sent_last(&w.log, "INVITE"), 180, "x", BOB, NULL);
    world_run(&w, 299999);
    ck_assert_uint_eq(sent_count(&w.log, "CANCEL"), 0);
    world_run(&w, 300000);
    ck_assert_uint_eq(sent_count(&w.log, "CANCEL"), 1);
    world_run(&w, 331999);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_ENDED), 0);
    world_run(&w, 332000);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_CALL_ENDED)->event.status, 408);
    end_all();
}
END_TEST

START_TEST(rfc3261_15_1_1_a_bye_that_nobody_answers_ends_the_call_all_the_same)
{
    ps_handle call = start_call(st, "offer");
    world_answer(&w, sent_last(&w.log, "INVITE"), 200, "x", BOB, "answer");
    world_run(&w, 1000);
    hangup(call);
    world_run(&w, 32999);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_ENDED), 0);
    world_run(&w, 33000);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_ENDED), 1);
    world_run(&w, 70000);
    station_expect_empty(st);
}
END_TEST

START_TEST(a_call_to_what_is_no_sip_uri_is_refused)
{
    struct ps_call_options options = {.account = &st->account, .to = PS_S("tel:+1234")};
    ps_handle call;
    ck_assert_int_eq(ps_call_start(st->stack, &options, &call), PS_E_SCHEME);
    options.to = PS_S("sip:");
    ck_assert_int_ne(ps_call_start(st->stack, &options, &call), PS_OK);
    options.to = PS_S("sip:b@192.0.2.2");
    options.type = PS_S("application/sdp\r\nEvil: yes");
    options.body = PS_S("offer");
    ck_assert_int_eq(ps_call_start(st->stack, &options, &call), PS_E_INJECTION);
    station_expect_empty(st);
}
END_TEST

static Suite *suite(void)
{
    Suite *s_ = suite_create("call_client");
    TCase *tc = tcase_create("rows");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, A9_the_second_fork_is_acknowledged_and_ended);
    tcase_add_test(tc, rfc3261_13_2_2_4_a_forks_2xx_again_gets_its_ack_and_no_other_bye);
    tcase_add_test(tc, rfc3261_12_1_a_far_end_that_forks_without_end_leaves_others_their_dialogs);
    tcase_add_test(tc, rfc3261_13_2_2_4_answers_without_end_leave_others_their_dialogs);
    tcase_add_test(tc, rfc3261_15_a_bye_in_an_early_dialog_is_no_answer);
    tcase_add_test(tc, rfc3261_15_a_bye_in_one_early_dialog_leaves_the_other);
    tcase_add_test(tc, rfc3261_8_1_3_4_a_redirection_within_a_redirection_keeps_the_rest);
    tcase_add_test(tc, A10_a_2xx_after_timer_m_is_dropped);
    tcase_add_test(tc, A15_after_302_ack_then_a_new_invite);
    tcase_add_test(tc, A15_after_401);
    tcase_add_test(tc, A15_after_407);
    tcase_add_test(tc, A16_strange_provisionals_and_a_6xx);
    tcase_add_test(tc, C1_nobody_ever_answers_what_is_to_be_cancelled);
    tcase_add_test(tc, C2_cancel_is_a_transaction_of_its_own);
    tcase_add_test(tc, C8_only_an_invite_is_cancelled);
    suite_add_tcase(s_, tc);
    tc = tcase_create("client");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, rfc3261_13_2_2_4_offer_in_200_answer_in_ack);
    tcase_add_test(tc, rfc3261_15_hangup_before_the_answer_still_acknowledges);
    tcase_add_test(tc, rfc3261_8_1_3_4_contacts_are_tried_by_q);
    tcase_add_test(tc, rfc3261_8_1_3_4_no_target_is_tried_twice);
    tcase_add_test(tc, rfc3261_8_1_3_4_redirected_for_ever_ends);
    tcase_add_test(tc, rfc3261_19_1_1_headers_of_a_redirection_stay_out);
    tcase_add_test(tc, rfc3261_8_1_3_4_an_early_dialog_of_the_first_try_does_not_spoil_the_second);
    tcase_add_test(tc, rfc3261_8_1_3_1_the_next_address_after_503);
    tcase_add_test(tc, rfc3261_8_1_3_1_the_next_address_after_silence_or_icmp);
    tcase_add_test(tc, rfc3261_8_1_3_1_no_address_is_a_503);
    tcase_add_test(tc, rfc3261_8_1_2_the_proxy_gets_what_is_outside_of_dialogs);
    tcase_add_test(tc, guard_cancels_what_rings_for_ever);
    tcase_add_test(tc, rfc3261_15_1_1_a_bye_that_nobody_answers_ends_the_call_all_the_same);
    tcase_add_test(tc, a_call_to_what_is_no_sip_uri_is_refused);
    suite_add_tcase(s_, tc);
    return s_;
}

PS_CHECK_MAIN
