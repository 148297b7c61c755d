/*
 * Covers what meets at the wrong moment in a call: an offer whose transaction ends before the
 * application has answered it, a BYE that must wait for the ACK, a 2xx that comes after the hang-up
 * or once more after a newer one, a re-INVITE and a provisional that go out again as they were.
 * Does not cover: the order that the RFC foresees (test_dialog, test_rows_call).
 */
#include <stdio.h>

#include "../unit/check_main.h"
#include "world.h"

#define BOB "Contact: <sip:bob@192.0.2.9:5070>\r\n"
#define SDP PS_S("application/sdp")

static struct world w;
static struct station *st;

static void setup(void)
{
    world_start(&w, 4);
    st = station_add(&w, "192.0.2.1:5060", "alice", NULL, NULL);
}

static void teardown(void)
{
    world_free(&w);
}

static void end_all(void)
{
    if (sent_count(&w.log, "BYE"))
        world_answer(&w, sent_last(&w.log, "BYE"), 200, NULL, NULL, NULL);
    world_run(&w, w.now + 70000);
    station_expect_empty(st);
}

static void hangup(ps_handle call)
{
    ck_assert_int_eq(ps_call_hangup(st->stack, call), PS_OK);
    station_pull(st);
}

/* We have called, the tester has answered. */
static ps_handle calling(void)
{
    ps_handle call = start_call(st, "offer");
    world_answer(&w, sent_last(&w.log, "INVITE"), 200, "x", BOB, "answer");
    return call;
}

static ps_handle ringing(void)
{
    world_request(&w, &(struct tester_request){.body = "offer"});
    return heard_last(st, PS_EVENT_CALL_INCOMING)->event.call;
}

static void from_caller(const char *method, unsigned cseq, const char *body)
{
    struct tester_request r = {.method = method, .cseq = cseq, .body = body};
    char tag[64];
    snprintf(tag, sizeof tag, "%s", to_tag_of(sent_nth(&w.log, "SIP/2.0 200", 0)));
    r.to_tag = tag;
    world_request(&w, &r);
}

/* The tester has called, we have answered, and our 2xx waits for its ACK. */
static ps_handle called(void)
{
    ps_handle call = ringing();
    ck_assert_int_eq(ps_call_answer(st->stack, call, SDP, PS_S("answer")), PS_OK);
    station_pull(st);
    return call;
}

static ps_handle established(void)
{
    ps_handle call = called();
    from_caller("ACK", 1, NULL);
    return call;
}

/* ---- an offer whose transaction has ended ---- */

/* 17.2.2: the automatic 100 to an UPDATE that cannot be sent ends its transaction. */
START_TEST(an_update_whose_100_cannot_be_sent_is_withdrawn)
{
    ps_handle call = established();
    from_caller("UPDATE", 2, "offer2");
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_OFFER), 1);
    w.dead = world_address("192.0.2.2:5060");
    world_run(&w, w.now + 5000);
    memset(&w.dead, 0, sizeof w.dead);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_WITHDRAWN), 1);
    ck_assert_int_eq(ps_call_answer(st->stack, call, SDP, PS_S("answer2")), PS_E_STATE);
    ck_assert_int_eq(ps_call_reject(st->stack, call, 488, PS_NONE), PS_E_STATE);
    ck_assert_int_eq(ps_call_reinvite(st->stack, call, SDP, PS_S("o")), PS_OK); /* it goes on */
    station_pull(st);
    world_answer(&w, sent_last(&w.log, "INVITE"), 200, NULL, NULL, "a");
    hangup(call);
    end_all();
}
END_TEST

/* RFC 6026 7.1: an INVITE's provisional that cannot be sent ends nothing. */
START_TEST(a_reinvite_whose_100_cannot_be_sent_waits_on)
{
    ps_handle call = established();
    w.dead = world_address("192.0.2.2:5060");
    from_caller("INVITE", 2, "offer2");
    world_run(&w, w.now + 1000);
    memset(&w.dead, 0, sizeof w.dead);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_WITHDRAWN), 0);
    ck_assert_int_eq(ps_call_answer(st->stack, call, SDP, PS_S("answer2")), PS_OK);
    station_pull(st);
    from_caller("ACK", 2, NULL);
    hangup(call);
    end_all();
}
END_TEST

/* RFC 4320 4.2: no 408 to an UPDATE. It still waits for another answer. */
START_TEST(a_408_to_an_update_is_no_answer)
{
    ps_handle call = established();
    from_caller("UPDATE", 2, "offer2");
    ck_assert_int_eq(ps_call_reject(st->stack, call, 408, PS_NONE), PS_E_ARGUMENT);
    ck_assert_int_eq(ps_call_reject(st->stack, call, 488, PS_NONE), PS_OK);
    station_pull(st);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 488"), 1);
    hangup(call);
    end_all();
}
END_TEST

/* ---- after the hang-up ---- */

/* 15: an UPDATE proves nothing about the 2xx; only its ACK, or another INVITE, does. */
START_TEST(a_bye_waits_for_the_ack_whatever_update_comes)
{
    ps_handle call = called();
    hangup(call);
    from_caller("UPDATE", 2, "offer2");
    ck_assert_uint_eq(sent_count(&w.log, "BYE"), 0);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 500"), 1);
    world_run(&w, w.now + 600);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 200"), 2); /* it is repeated */
    from_caller("ACK", 1, NULL);
    ck_assert_uint_eq(sent_count(&w.log, "BYE"), 1);
    end_all();
}
END_TEST

START_TEST(a_bye_waits_no_more_once_they_invite_again)
{
    ps_handle call = called();
    hangup(call);
    from_caller("INVITE", 2, "offer2");
    ck_assert_uint_eq(sent_count(&w.log, "BYE"), 1);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 487"), 1);
    from_caller("ACK", 2, NULL);
    end_all();
}
END_TEST

/* 13.2.2.4: each 2xx is acknowledged, and nobody hears of it any more. */
START_TEST(a_2xx_to_our_reinvite_after_the_hangup_is_acknowledged_alone)
{
    ps_handle call = calling();
    ck_assert_int_eq(ps_call_reinvite(st->stack, call, PS_NONE, PS_NONE), PS_OK);
    station_pull(st);
    hangup(call);
    world_answer(&w, sent_last(&w.log, "INVITE"), 200, NULL, BOB, "offer2");
    ck_assert_str_eq(header_of(sent_last(&w.log, "ACK"), PS_H_CSEQ), "2 ACK");
    ck_assert_uint_eq(sent_count(&w.log, "ACK"), 2);
    world_answer(&w, sent_last(&w.log, "INVITE"), 200, NULL, BOB, "offer2");
    ck_assert_uint_eq(sent_count(&w.log, "ACK"), 3);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_ACCEPTED), 0);
    end_all();
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_ENDED), 1);
}
END_TEST

/* 488, 491 (which is not tried again), 481: the BYE is out already. */
START_TEST(a_refusal_of_our_reinvite_after_the_hangup_is_not_told)
{
    static const unsigned status[] = {488, 491, 481};
    ps_handle call = calling();
    ck_assert_int_eq(ps_call_reinvite(st->stack, call, SDP, PS_S("offer2")), PS_OK);
    station_pull(st);
    hangup(call);
    world_answer(&w, sent_last(&w.log, "INVITE"), status[_i], NULL, NULL, NULL);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_REFUSED), 0);
    world_run(&w, w.now + 10000);
    ck_assert_uint_eq(sent_count(&w.log, "INVITE"), 2);
    end_all();
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_ENDED), 1);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_CALL_ENDED)->event.status, 200);
}
END_TEST

/* ---- once more ---- */

/* The answer stands in the ACK to the newer INVITE, which each copy of its 2xx gets. */
START_TEST(a_late_copy_of_an_earlier_2xx_does_not_replace_the_newer_ack)
{
    ps_handle call = calling();
    ck_assert_int_eq(ps_call_reinvite(st->stack, call, PS_NONE, PS_NONE), PS_OK);
    station_pull(st);
    world_answer(&w, sent_nth(&w.log, "INVITE", 0), 200, "x", BOB, "answer"); /* its own ACK, yet */
    ck_assert_str_eq(header_of(sent_last(&w.log, "ACK"), PS_H_CSEQ), "1 ACK");
    world_answer(&w, sent_last(&w.log, "INVITE"), 200, NULL, BOB, "offer2");
    ck_assert_int_eq(ps_call_acknowledge(st->stack, call, SDP, PS_S("answer2")), PS_OK);
    station_pull(st);
    world_answer(&w, sent_nth(&w.log, "INVITE", 0), 200, "x", BOB, "answer");
    world_answer(&w, sent_last(&w.log, "INVITE"), 200, NULL, BOB, "offer2");
    ck_assert_str_eq(header_of(sent_last(&w.log, "ACK"), PS_H_CSEQ), "2 ACK");
    ck_assert_str_eq(body_of(sent_last(&w.log, "ACK")), "answer2");
    ck_assert_uint_eq(sent_count(&w.log, "ACK"), 4);
    hangup(call);
    end_all();
}
END_TEST

/* 14.1: what goes out again after a 491 has the application's lines, type and body, the CSeq of now
 * and each header once. */
START_TEST(a_reinvite_after_491_is_the_same_but_for_its_head)
{
    const struct sent *first, *second;
    ps_handle call = calling(), none;
    ck_assert_int_eq(ps_call_request(st->stack, call, PS_S("INVITE"),
                                     PS_S("X-App: 1\r\nSubject: a\r\n b\r\nRequire: x\r\n"), SDP,
                                     PS_S("hold"), &none),
                     PS_OK);
    station_pull(st);
    first = sent_last(&w.log, "INVITE");
    ck_assert_ptr_nonnull(strstr(first->text, "X-App: 1\r\nSubject: a\r\n b\r\nRequire: x\r\n"));
    world_answer(&w, first, 491, NULL, NULL, NULL);
    world_run(&w, w.now + 5000);
    first = sent_nth(&w.log, "INVITE", 1);
    second = sent_nth(&w.log, "INVITE", 2);
    ck_assert_uint_eq(cseq_of(second), 3);
    ck_assert_ptr_nonnull(strstr(second->text, "X-App: 1\r\nSubject: a\r\n b\r\nRequire: x\r\n"));
    ck_assert_str_eq(body_of(second), "hold");
    ck_assert_str_eq(header_of(second, PS_H_CONTENT_TYPE), "application/sdp");
    ck_assert_uint_eq(second->n, first->n); /* nothing twice, nothing lost */
    world_answer(&w, second, 200, NULL, BOB, "answer");
    hangup(call);
    end_all();
}
END_TEST

/* 13.3.1.1: the minute's 183 is the 183, with its lines and body; and so is what copies of the
 * INVITE get after it. */
START_TEST(a_provisional_of_each_minute_is_the_same)
{
    struct ps_response early = {
        .status = 183, .lines = PS_S("X-App: 1\r\n"), .type = SDP, .body = PS_S("early")};
    struct tester_request r = {.body = "offer"};
    ps_handle call = ringing();
    ck_assert_int_eq(ps_call_respond(st->stack, call, &early), PS_OK);
    station_pull(st);
    world_run(&w, 61000);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 183"), 2);
    ck_assert_str_eq(sent_nth(&w.log, "SIP/2.0 183", 1)->text,
                     sent_nth(&w.log, "SIP/2.0 183", 0)->text);
    world_request(&w, &r);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 183"), 3);
    ck_assert_str_eq(sent_nth(&w.log, "SIP/2.0 183", 2)->text,
                     sent_nth(&w.log, "SIP/2.0 183", 0)->text);
    ck_assert_int_eq(ps_call_reject(st->stack, call, 486, PS_NONE), PS_OK);
    station_pull(st);
    end_all();
}
END_TEST

/* The calls can be walked while they end. */
START_TEST(calls_are_walked_while_they_end)
{
    char via[64], id[32];
    struct tester_request r = {.via = via, .call_id = id, .body = "offer"};
    unsigned i, n = 0;
    ps_handle call;
    for (i = 0; i < 4; i++) {
        snprintf(via, sizeof via, "192.0.2.2:5060;branch=z9hG4bKw%u", i);
        snprintf(id, sizeof id, "w%u@tester", i);
        world_request(&w, &r);
    }
    for (call = ps_call_next(st->stack, 0); call && n < 9; call = ps_call_next(st->stack, call))
        if (n++ & 1)
            ck_assert_int_eq(ps_call_reject(st->stack, call, 486, PS_NONE), PS_OK);
    ck_assert_uint_eq(n, 4);
    while ((call = ps_call_next(st->stack, 0)) != 0)
        ck_assert_int_eq(ps_call_reject(st->stack, call, 486, PS_NONE), PS_OK);
    station_pull(st);
    end_all();
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("crossing");
    TCase *tc = tcase_create("crossing");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, an_update_whose_100_cannot_be_sent_is_withdrawn);
    tcase_add_test(tc, a_reinvite_whose_100_cannot_be_sent_waits_on);
    tcase_add_test(tc, a_408_to_an_update_is_no_answer);
    tcase_add_test(tc, a_bye_waits_for_the_ack_whatever_update_comes);
    tcase_add_test(tc, a_bye_waits_no_more_once_they_invite_again);
    tcase_add_test(tc, a_2xx_to_our_reinvite_after_the_hangup_is_acknowledged_alone);
    tcase_add_loop_test(tc, a_refusal_of_our_reinvite_after_the_hangup_is_not_told, 0, 3);
    tcase_add_test(tc, a_late_copy_of_an_earlier_2xx_does_not_replace_the_newer_ack);
    tcase_add_test(tc, a_reinvite_after_491_is_the_same_but_for_its_head);
    tcase_add_test(tc, a_provisional_of_each_minute_is_the_same);
    tcase_add_test(tc, calls_are_walked_while_they_end);
    suite_add_tcase(s, tc);
    return s;
}

PS_CHECK_MAIN
