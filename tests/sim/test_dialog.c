/*
 * Covers dialogs (RFC 3261 12) and sessions within them (14, 15) through whole stacks: route sets
 * both ways, strict routers, target refresh, CSeq, requests that fit no dialog, several early
 * dialogs, hold and resume, offers that meet (glare) with both windows, re-INVITEs that are
 * withdrawn, refused or never acknowledged.
 * Does not cover: how a call begins (test_call_client.c, test_rows_call.c).
 */
#include <stdio.h>

#include "../unit/check_main.h"
#include "sip/call/call_internal.h"
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

static struct ps_stack *calls(void)
{
    return st->stack;
}

/* ---- we have called, the tester has answered ---- */

static ps_handle calling(const char *lines)
{
    ps_handle call = start_call(st, "offer");
    world_answer(&w, sent_last(&w.log, "INVITE"), 200, "x", lines, "answer");
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_ANSWERED), 1);
    return call;
}

static void hangup(ps_handle call)
{
    ck_assert_int_eq(ps_call_hangup(calls(), call), PS_OK);
    station_pull(st);
}

static void reinvite(ps_handle call, const char *offer)
{
    ck_assert_int_eq(ps_call_reinvite(calls(), call, SDP, ps_slice_of(offer)), PS_OK);
    station_pull(st);
}

static void end_all(void)
{
    if (sent_count(&w.log, "BYE"))
        world_answer(&w, sent_last(&w.log, "BYE"), 200, NULL, NULL, NULL);
    world_end(&w, 70000);
}

/* Our BYE goes to that target. */
static void end_at(ps_handle call, const char *target)
{
    hangup(call);
    ck_assert_str_eq(request_uri_of(sent_last(&w.log, "BYE")), target);
    end_all();
}

static void end_with(unsigned status)
{
    end_all();
    ck_assert_uint_eq(heard_last(st, PS_EVENT_CALL_ENDED)->event.status, status);
}

/* A request of the tester's in the dialog that we have made with it. */
static void within(const char *method, unsigned cseq, const char *lines, const char *body)
{
    struct tester_request r = {
        .method = method, .cseq = cseq, .lines = lines, .body = body, .from_tag = "x"};
    world_request_within(&w, sent_nth(&w.log, "INVITE", 0), r);
}

/* ---- the tester has called, we have answered ---- */

static ps_handle called_with(struct tester_request r)
{
    ps_handle call;
    world_request(&w, &r);
    call = heard_last(st, PS_EVENT_CALL_INCOMING)->event.call;
    ck_assert_int_eq(ps_call_answer(calls(), call, SDP, PS_S("answer")), PS_OK);
    station_pull(st);
    return call;
}

static ps_handle called(const char *lines)
{
    return called_with((struct tester_request){.lines = lines, .body = "offer"});
}

/* Our 2xx has the offer, and their ACK will have the answer. */
static ps_handle called_without_offer(void)
{
    return called_with((struct tester_request){.method = "INVITE"});
}

/* The tester calls, and it rings here. */
static ps_handle ringing(const struct tester_request *r)
{
    ps_handle call;
    world_request(&w, r);
    call = heard_last(st, PS_EVENT_CALL_INCOMING)->event.call;
    ck_assert_int_eq(ps_call_ring(calls(), call, 180, PS_NONE, PS_NONE), PS_OK);
    station_pull(st);
    return call;
}

static void from_caller(const char *method, unsigned cseq, const char *contact, const char *body)
{
    struct tester_request r = {.method = method, .cseq = cseq, .contact = contact, .body = body};
    char tag[64];
    snprintf(tag, sizeof tag, "%s", to_tag_of(sent_nth(&w.log, "SIP/2.0 200", 0)));
    r.to_tag = tag;
    world_request(&w, &r);
}

static ps_handle called_and_acked(const char *lines)
{
    ps_handle call = called(lines);
    from_caller("ACK", 1, NULL, NULL);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_CONFIRMED), 1);
    return call;
}

/* ---- 12.1, 12.2.1.1: routes ---- */

START_TEST(rfc3261_12_1_2_a_client_takes_the_routes_in_reverse)
{
    ps_handle call = calling("Record-Route: <sip:192.0.2.11;lr>, <sip:192.0.2.12;lr>;x=y\r\n"
                             "Record-Route: \"P, Q\" <sip:p@192.0.2.13:5070;lr>\r\n" BOB);
    const struct sent *ack = sent_last(&w.log, "ACK");
    ck_assert_str_eq(request_uri_of(ack), "sip:bob@192.0.2.9:5070");
    ck_assert_str_eq(
        header_of(ack, PS_H_ROUTE),
        "\"P, Q\" <sip:p@192.0.2.13:5070;lr>,<sip:192.0.2.12;lr>;x=y,<sip:192.0.2.11;lr>");
    ck_assert_uint_eq(ack->flow.remote.ip[3], 13);
    ck_assert_uint_eq(ack->flow.remote.port, 5070);
    hangup(call);
    ck_assert_str_eq(header_of(sent_last(&w.log, "BYE"), PS_H_ROUTE), header_of(ack, PS_H_ROUTE));
    ck_assert_uint_eq(sent_last(&w.log, "BYE")->flow.remote.port, 5070);
    end_all();
}
END_TEST

START_TEST(rfc3261_12_1_1_a_server_takes_the_routes_in_order_and_gives_them_back)
{
    ps_handle call = called_and_acked("Record-Route: <sip:192.0.2.11;lr>\r\n"
                                      "Record-Route: <sip:192.0.2.12;lr>\r\n");
    const struct sent *ok = sent_last(&w.log, "SIP/2.0 200"), *bye;
    ck_assert_str_eq(nth_header_of(ok, PS_H_RECORD_ROUTE, 0), "<sip:192.0.2.11;lr>");
    ck_assert_str_eq(nth_header_of(ok, PS_H_RECORD_ROUTE, 1), "<sip:192.0.2.12;lr>");
    ck_assert_str_eq(header_of(ok, PS_H_CONTACT), "<sip:alice@192.0.2.1:5060>");
    hangup(call);
    bye = sent_last(&w.log, "BYE");
    ck_assert_str_eq(header_of(bye, PS_H_ROUTE), "<sip:192.0.2.11;lr>,<sip:192.0.2.12;lr>");
    ck_assert_str_eq(request_uri_of(bye), "sip:a@192.0.2.2");
    ck_assert_uint_eq(bye->flow.remote.ip[3], 11);
    ck_assert_str_eq(header_of(bye, PS_H_FROM), header_of(ok, PS_H_TO));
    ck_assert_str_eq(header_of(bye, PS_H_TO), "<sip:a@example.com>;tag=f1");
    ck_assert_str_eq(header_of(bye, PS_H_CALL_ID), "c1@tester");
    end_all();
}
END_TEST

START_TEST(rfc3261_12_2_1_1_a_strict_router_becomes_the_request_uri)
{
    ps_handle call =
        calling("Record-Route: <sip:192.0.2.11;lr>, <sip:s@192.0.2.12;transport=udp>\r\n" BOB);
    const struct sent *ack = sent_last(&w.log, "ACK");
    ck_assert_str_eq(request_uri_of(ack), "sip:s@192.0.2.12;transport=udp");
    ck_assert_str_eq(header_of(ack, PS_H_ROUTE), "<sip:192.0.2.11;lr>, <sip:bob@192.0.2.9:5070>");
    ck_assert_uint_eq(ack->flow.remote.ip[3], 12);
    hangup(call);
    end_all();
}
END_TEST

START_TEST(rfc3261_12_2_1_1_one_strict_router_alone)
{
    ps_handle call = calling("Record-Route: <sip:192.0.2.12>\r\n" BOB);
    ck_assert_str_eq(request_uri_of(sent_last(&w.log, "ACK")), "sip:192.0.2.12");
    ck_assert_str_eq(header_of(sent_last(&w.log, "ACK"), PS_H_ROUTE), "<sip:bob@192.0.2.9:5070>");
    hangup(call);
    end_all();
}
END_TEST

START_TEST(rfc3261_13_2_2_4_the_2xx_decides_the_routes_anew)
{
    ps_handle call = start_call(st, "offer");
    world_answer(&w, sent_last(&w.log, "INVITE"), 180, "x",
                 "Record-Route: <sip:192.0.2.11;lr>\r\nContact: <sip:early@192.0.2.8>\r\n", NULL);
    world_answer(&w, sent_last(&w.log, "INVITE"), 200, "x",
                 "Record-Route: <sip:192.0.2.12;lr>\r\n" BOB, "answer");
    ck_assert_uint_eq(ps_stack_live(st->stack).dialogs, 1);
    ck_assert_str_eq(header_of(sent_last(&w.log, "ACK"), PS_H_ROUTE), "<sip:192.0.2.12;lr>");
    ck_assert_str_eq(request_uri_of(sent_last(&w.log, "ACK")), "sip:bob@192.0.2.9:5070");
    hangup(call);
    end_all();
}
END_TEST

/* 12.2.2: routes are not computed again from what comes later, the target is. */
START_TEST(rfc3261_12_2_target_refresh)
{
    ps_handle call = called_and_acked("Record-Route: <sip:192.0.2.11;lr>\r\n");
    from_caller("INVITE", 2, "<sip:a@192.0.2.77:5099>", "offer2");
    ck_assert_int_eq(ps_call_answer(calls(), call, SDP, PS_S("answer2")), PS_OK);
    station_pull(st);
    from_caller("ACK", 2, NULL, NULL);
    reinvite(call, "offer3");
    ck_assert_str_eq(request_uri_of(sent_last(&w.log, "INVITE")), "sip:a@192.0.2.77:5099");
    ck_assert_str_eq(header_of(sent_last(&w.log, "INVITE"), PS_H_ROUTE), "<sip:192.0.2.11;lr>");
    world_answer(&w, sent_last(&w.log, "INVITE"), 200, NULL,
                 "Record-Route: <sip:192.0.2.99;lr>\r\nContact: <sip:a@192.0.2.78>\r\n", "answer3");
    ck_assert_str_eq(request_uri_of(sent_last(&w.log, "ACK")), "sip:a@192.0.2.78");
    hangup(call);
    ck_assert_str_eq(request_uri_of(sent_last(&w.log, "BYE")), "sip:a@192.0.2.78");
    ck_assert_str_eq(header_of(sent_last(&w.log, "BYE"), PS_H_ROUTE), "<sip:192.0.2.11;lr>");
    end_all();
}
END_TEST

START_TEST(rfc3261_12_2_2_other_requests_refresh_nothing)
{
    ps_handle call = called_and_acked(NULL);
    static const struct ps_response ok = {.status = 200};
    from_caller("INFO", 2, "<sip:a@192.0.2.77>", NULL);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_REQUEST)->event.call, call);
    ck_assert_int_eq(
        ps_stack_respond(st->stack, heard_last(st, PS_EVENT_REQUEST)->event.transaction, &ok),
        PS_OK);
    station_pull(st);
    end_at(call, "sip:a@192.0.2.2");
}
END_TEST

START_TEST(an_old_peer_without_contact_is_called_by_its_from)
{
    struct tester_request r = {.contact = "", .body = "offer"};
    ps_handle call;
    world_name(&w, "example.com", "192.0.2.2");
    world_request(&w, &r);
    call = heard_last(st, PS_EVENT_CALL_INCOMING)->event.call;
    ck_assert_int_eq(ps_call_answer(calls(), call, SDP, PS_S("answer")), PS_OK);
    station_pull(st);
    from_caller("ACK", 1, "", NULL);
    end_at(call, "sip:a@example.com");
}
END_TEST

START_TEST(a_folded_from_comes_back_as_it_was)
{
    static const char text[] = "INVITE sip:b@192.0.2.1 SIP/2.0\r\n"
                               "Via: SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bKfold\r\n"
                               "From: \"A\"\r\n <sip:a@example.com>\r\n ;tag=f1\r\n"
                               "To: <sip:b@example.com>\r\nCall-ID: c1@tester\r\nCSeq: 1 INVITE\r\n"
                               "Max-Forwards: 70\r\nContact: <sip:a@192.0.2.2>\r\n\r\n";
    ps_handle call;
    world_feed(&w, ps_slice_of(text));
    call = heard_last(st, PS_EVENT_CALL_INCOMING)->event.call;
    ck_assert_int_eq(ps_call_answer(calls(), call, SDP, PS_S("offer")), PS_OK);
    station_pull(st);
    from_caller("ACK", 1, NULL, "answer");
    hangup(call);
    ck_assert_str_eq(header_of(sent_last(&w.log, "BYE"), PS_H_TO),
                     "\"A\"\r\n <sip:a@example.com>\r\n ;tag=f1");
    end_all();
}
END_TEST

/* ---- 12.2.1.1, 12.2.2: CSeq ---- */

START_TEST(rfc3261_12_2_1_1_cseq_counts_up_over_all_requests)
{
    ps_handle call = calling(BOB), info;
    unsigned i;
    for (i = 0; i < 3; i++) {
        ck_assert_int_eq(
            ps_call_request(calls(), call, PS_S("INFO"), PS_NONE, PS_NONE, PS_NONE, &info), PS_OK);
        station_pull(st);
        ck_assert_uint_eq(cseq_of(sent_last(&w.log, "INFO")), 2 + i);
        world_answer(&w, sent_last(&w.log, "INFO"), 200, NULL, NULL, NULL);
        ck_assert_uint_eq(heard_last(st, PS_EVENT_RESPONSE)->event.request, info);
        ck_assert_uint_eq(heard_last(st, PS_EVENT_RESPONSE)->event.call, call);
    }
    reinvite(call, "offer2");
    ck_assert_uint_eq(cseq_of(sent_last(&w.log, "INVITE")), 5);
    world_answer(&w, sent_last(&w.log, "INVITE"), 200, NULL, BOB, "answer2");
    ck_assert_str_eq(header_of(sent_last(&w.log, "ACK"), PS_H_CSEQ), "5 ACK");
    hangup(call);
    ck_assert_uint_eq(cseq_of(sent_last(&w.log, "BYE")), 6);
    end_all();
}
END_TEST

START_TEST(rfc3261_12_2_2_the_tester_may_begin_anywhere_and_leave_gaps)
{
    static const struct ps_response ok = {.status = 200};
    static const unsigned cseq[] = {700, 701, 2147483647, 5};
    static const char *const answer[] = {"SIP/2.0 200", "SIP/2.0 200", "SIP/2.0 200",
                                         "SIP/2.0 500"};
    ps_handle call = calling(BOB);
    unsigned i;
    for (i = 0; i < 4; i++) {
        within("INFO", cseq[i], NULL, NULL);
        if (i < 3)
            (void)ps_stack_respond(st->stack, heard_last(st, PS_EVENT_REQUEST)->event.transaction,
                                   &ok);
        station_pull(st);
        ck_assert_int_eq(strncmp(sent_last(&w.log, "")->text, answer[i], 11), 0);
    }
    ck_assert_uint_eq(heard_count(st, PS_EVENT_REQUEST), 3);
    hangup(call);
    end_all();
}
END_TEST

START_TEST(rfc3261_12_2_2_a_bye_out_of_order_ends_nothing)
{
    static const struct ps_response ok = {.status = 200};
    ps_handle call = calling(BOB);
    within("INFO", 9, NULL, NULL);
    (void)ps_stack_respond(st->stack, heard_last(st, PS_EVENT_REQUEST)->event.transaction, &ok);
    within("BYE", 8, NULL, NULL);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 500"), 1);
    ck_assert_uint_eq(ps_stack_live(calls()).calls, 1);
    within("BYE", 10, NULL, NULL);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_CALL_ENDED)->event.call, call);
    end_all();
}
END_TEST

/* ---- 12.2.2: 481 ---- */

START_TEST(rfc3261_12_2_2_each_part_of_a_dialogs_name_counts)
{
    struct tester_request r = {.method = "INFO", .cseq = 2};
    char tag[64];
    unsigned i;
    ps_handle call = called_and_acked(NULL);
    snprintf(tag, sizeof tag, "%s", to_tag_of(sent_last(&w.log, "SIP/2.0 200")));
    for (i = 0; i < 3; i++) {
        r.to_tag = i == 0 ? "other" : tag;
        r.from_tag = i == 1 ? "other" : NULL;
        r.call_id = i == 2 ? "C1@tester" : NULL; /* Call-IDs are compared as they stand */
        r.via = i == 0   ? "192.0.2.2;branch=z9hG4bK0"
                : i == 1 ? "192.0.2.2;branch=z9hG4bK1"
                         : "192.0.2.2;branch=z9hG4bK2";
        world_request(&w, &r);
        ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 481"), i + 1);
    }
    hangup(call);
    end_all();
}
END_TEST

START_TEST(rfc3261_12_2_1_2_481_or_408_to_a_reinvite_ends_the_call)
{
    static const unsigned status[] = {481, 408};
    ps_handle call = calling(BOB);
    reinvite(call, "offer2");
    world_answer(&w, sent_last(&w.log, "INVITE"), status[_i], NULL, NULL, NULL);
    ck_assert_uint_eq(sent_count(&w.log, "BYE"), 1);
    end_all();
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_ENDED), 1);
}
END_TEST

START_TEST(rfc3261_14_1_other_failures_leave_the_call_as_it_was)
{
    ps_handle call = calling(BOB);
    reinvite(call, "offer2");
    world_answer(&w, sent_last(&w.log, "INVITE"), 488, NULL, NULL, NULL);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_CALL_REFUSED)->event.status, 488);
    ck_assert_uint_eq(ps_stack_live(calls()).calls, 1);
    reinvite(call, "offer3"); /* and it may be tried again */
    world_answer(&w, sent_last(&w.log, "INVITE"), 200, NULL, BOB, "answer3");
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_ACCEPTED), 1);
    hangup(call);
    end_all();
}
END_TEST

/* ---- 14: hold and resume ---- */

START_TEST(rfc3261_14_1_hold_and_resume_by_us)
{
    ps_handle call = calling(BOB);
    unsigned i;
    for (i = 0; i < 2; i++) {
        reinvite(call, i ? "resume" : "hold");
        ck_assert_int_eq(ps_call_reinvite(calls(), call, SDP, PS_S("more")), PS_E_STATE);
        ck_assert_str_eq(body_of(sent_last(&w.log, "INVITE")), i ? "resume" : "hold");
        ck_assert_str_eq(request_uri_of(sent_last(&w.log, "INVITE")), "sip:bob@192.0.2.9:5070");
        ck_assert_str_eq(to_tag_of(sent_last(&w.log, "INVITE")), "x");
        ck_assert_str_eq(header_of(sent_last(&w.log, "INVITE"), PS_H_CONTACT),
                         "<sip:alice@192.0.2.1:5060>");
        world_answer(&w, sent_last(&w.log, "INVITE"), 180, NULL, NULL, NULL);
        world_answer(&w, sent_last(&w.log, "INVITE"), 200, NULL, BOB, "answer");
        world_answer(&w, sent_last(&w.log, "INVITE"), 200, NULL, BOB, "answer");
        ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_ACCEPTED), i + 1);
        ck_assert_uint_eq(sent_count(&w.log, "ACK"), 3 + 2 * i); /* one for each 2xx */
        ck_assert_uint_eq(cseq_of(sent_last(&w.log, "ACK")), i + 2);
        world_run(&w, w.now + 1000);
    }
    hangup(call);
    end_all();
}
END_TEST

START_TEST(rfc3261_14_1_a_reinvite_without_an_offer)
{
    ps_handle call = calling(BOB);
    ck_assert_int_eq(ps_call_reinvite(calls(), call, PS_NONE, PS_NONE), PS_OK);
    station_pull(st);
    world_answer(&w, sent_last(&w.log, "INVITE"), 200, NULL, BOB, "offer2");
    ck_assert_uint_eq(sent_count(&w.log, "ACK"), 1); /* waits for our answer */
    within("INVITE", 5, NULL, "offer3");             /* while that is out, theirs is refused */
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 491"), 1);
    ck_assert_int_eq(ps_call_reinvite(calls(), call, SDP, PS_S("more")), PS_E_STATE);
    ck_assert_int_eq(ps_call_acknowledge(calls(), call, SDP, PS_S("answer2")), PS_OK);
    station_pull(st);
    ck_assert_str_eq(body_of(sent_last(&w.log, "ACK")), "answer2");
    ck_assert_uint_eq(cseq_of(sent_last(&w.log, "ACK")), 2);
    hangup(call);
    end_all();
}
END_TEST

START_TEST(rfc3261_14_2_hold_and_resume_by_them)
{
    static const uint64_t at[] = {1000, 1500, 2500};
    ps_handle call = called_and_acked(NULL);
    world_run(&w, 1000);
    from_caller("INVITE", 2, NULL, "hold");
    ck_assert_uint_eq(heard_last(st, PS_EVENT_CALL_OFFER)->event.call, call);
    ck_assert_int_eq(ps_call_reinvite(calls(), call, SDP, PS_S("x")), PS_E_STATE);
    ck_assert_int_eq(ps_call_answer(calls(), call, SDP, PS_S("held")), PS_OK);
    station_pull(st);
    ck_assert_int_eq(ps_call_answer(calls(), call, SDP, PS_S("held")), PS_E_STATE);
    ck_assert_str_eq(body_of(sent_last(&w.log, "SIP/2.0 200")), "held");
    world_run(&w, 3000); /* repeated until the ACK */
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 200"), 4);
    ck_assert_uint_eq(sent_nth(&w.log, "SIP/2.0 200", 1)->at, at[0]);
    ck_assert_uint_eq(sent_nth(&w.log, "SIP/2.0 200", 2)->at, at[1]);
    ck_assert_uint_eq(sent_nth(&w.log, "SIP/2.0 200", 3)->at, at[2]);
    from_caller("ACK", 2, NULL, NULL);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_CONFIRMED), 2);
    from_caller("INVITE", 3, NULL, "resume");
    ck_assert_int_eq(ps_call_reject(calls(), call, 488, PS_NONE), PS_OK);
    station_pull(st);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 488"), 1);
    ck_assert_uint_eq(ps_stack_live(calls()).calls, 1); /* 14.2: as if nothing had been offered */
    hangup(call);
    end_all();
}
END_TEST

START_TEST(rfc3311_update_is_answered_once)
{
    ps_handle call = called_and_acked(NULL);
    from_caller("UPDATE", 2, "<sip:a@192.0.2.77>", "offer2");
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_OFFER), 1);
    ck_assert_int_eq(ps_call_answer(calls(), call, SDP, PS_S("answer2")), PS_OK);
    station_pull(st);
    world_run(&w, 5000);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 200"), 2); /* no ACK, no repetition */
    end_at(call, "sip:a@192.0.2.77");
}
END_TEST

START_TEST(rfc4320_an_update_that_the_application_forgets_is_withdrawn)
{
    ps_handle call = called_and_acked(NULL);
    from_caller("UPDATE", 2, NULL, "offer2");
    world_run(&w, 32000);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_WITHDRAWN), 1);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_CALL_WITHDRAWN)->event.status, 408);
    ck_assert_int_eq(ps_call_answer(calls(), call, SDP, PS_S("late")), PS_E_STATE);
    hangup(call);
    end_all();
}
END_TEST

START_TEST(a_reinvite_that_the_application_forgets_is_withdrawn)
{
    ps_handle call = called_and_acked(NULL);
    world_run(&w, 1000);
    from_caller("INVITE", 2, NULL, "hold");
    world_run(&w, 300999);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_WITHDRAWN), 0);
    world_run(&w, 301000);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_CALL_WITHDRAWN)->event.call, call);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_CALL_WITHDRAWN)->event.status, 408);
    ck_assert_uint_eq(ps_stack_live(calls()).calls, 1);
    hangup(call);
    end_all();
}
END_TEST

/* 14.2: while one waits, another gets 500 and leaves the first as it was. */
START_TEST(rfc3261_14_2_a_second_offer_does_not_replace_the_first)
{
    ps_handle call = called_and_acked(NULL);
    from_caller("INVITE", 2, NULL, "first");
    from_caller("INVITE", 3, NULL, "second");
    from_caller("UPDATE", 4, NULL, "third");
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 500"), 2);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_OFFER), 1);
    ck_assert(ps_equal(ps_call_offer(calls(), call), PS_S("first")));
    ck_assert_int_eq(ps_call_answer(calls(), call, SDP, PS_S("held")), PS_OK);
    station_pull(st);
    ck_assert_uint_eq(cseq_of(sent_last(&w.log, "SIP/2.0 200")), 2);
    from_caller("ACK", 2, NULL, NULL);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_CONFIRMED), 2);
    hangup(call);
    end_all();
}
END_TEST

START_TEST(rfc3261_9_a_reinvite_is_cancelled_and_the_call_goes_on)
{
    struct tester_request cancel = {.method = "CANCEL", .cseq = 2, .branch = "z9hG4bK-INVITE-2"};
    ps_handle call = called_and_acked(NULL);
    from_caller("INVITE", 2, NULL, "hold");
    world_request(&w, &cancel);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 487"), 1);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_CALL_WITHDRAWN)->event.status, 487);
    ck_assert_int_eq(ps_call_answer(calls(), call, SDP, PS_S("held")), PS_E_STATE);
    ck_assert_uint_eq(ps_stack_live(calls()).calls, 1);
    reinvite(call, "ours");
    world_answer(&w, sent_last(&w.log, "INVITE"), 200, NULL, BOB, "answer");
    hangup(call);
    end_all();
}
END_TEST

START_TEST(rfc3261_14_2_a_reinvite_that_is_never_acknowledged_ends_the_call)
{
    ps_handle call = called_and_acked(NULL);
    world_run(&w, 1000);
    from_caller("INVITE", 2, NULL, "hold");
    ck_assert_int_eq(ps_call_answer(calls(), call, SDP, PS_S("held")), PS_OK);
    station_pull(st);
    world_run(&w, 32999);
    ck_assert_uint_eq(sent_count(&w.log, "BYE"), 0);
    world_run(&w, 33000);
    ck_assert_uint_eq(sent_count(&w.log, "BYE"), 1);
    end_all();
    ck_assert_uint_eq(heard_last(st, PS_EVENT_CALL_ENDED)->event.call, call);
}
END_TEST

/* Does as the application with the next event alone: the messages wait. */
static void next_event(enum ps_event_kind kind)
{
    struct ps_action action;
    ck_assert(ps_stack_pull(st->stack, w.now, &action));
    ck_assert_int_eq(action.kind, PS_ACTION_EVENT);
    ck_assert_int_eq(action.event.kind, kind);
    if (kind == PS_EVENT_CALL_INCOMING)
        ck_assert_int_eq(ps_call_answer(calls(), action.event.call, SDP, PS_S("answer")), PS_OK);
}

/* Its 2xx is due again when a BYE ends the call, and its place is another's before the next pull.
 * The stack pulls what a timer makes at once, so the timer is run here. */
START_TEST(a_call_that_ends_takes_its_waiting_2xx_along)
{
    struct ps_environment *env = ps_environment_of(st->stack);
    struct ps_flow flow = {.local = st->address, .remote = world_address("192.0.2.2:5060")};
    struct tester_request r = {.method = "BYE", .cseq = 2};
    struct ps_timer *timer;
    char tag[64];
    called(NULL);
    snprintf(tag, sizeof tag, "%s", to_tag_of(sent_last(&w.log, "SIP/2.0 200")));
    r.to_tag = tag;
    w.now = 500;
    env->now = 500;
    do
        timer = ps_timers_expire(&env->timers, 500);
    while (timer && timer->kind != PS_KIND_CALL);
    ck_assert_ptr_nonnull(timer);
    (void)ps_calls_expire(ps_calls_of(calls()), timer);
    ck_assert_int_eq(ps_stack_receive(st->stack, 500, &flow, tester_text(&r)), PS_OK);
    next_event(PS_EVENT_CALL_ENDED);
    r = (struct tester_request){.call_id = "other", .via = "192.0.2.2;branch=z9hG4bKo", .cseq = 7};
    ck_assert_int_eq(ps_stack_receive(st->stack, 500, &flow, tester_text(&r)), PS_OK);
    next_event(PS_EVENT_CALL_INCOMING);
    station_pull(st);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 200"),
                      3); /* to INVITE, BYE, and the other INVITE */
    ck_assert_uint_eq(cseq_of(sent_last(&w.log, "SIP/2.0 200")), 7);
    ck_assert(!sent_last(&w.log, "SIP/2.0 200")->again);
}
END_TEST

START_TEST(rfc3261_14_2_bye_while_theirs_waits)
{
    ps_handle call = called_and_acked(NULL);
    from_caller("INVITE", 2, NULL, "hold");
    from_caller("BYE", 3, NULL, NULL);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 487"), 1);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 200"), 2);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_CALL_ENDED)->event.call, call);
    end_all();
}
END_TEST

START_TEST(rfc3261_15_1_1_hangup_while_ours_is_out)
{
    ps_handle call = calling(BOB);
    reinvite(call, "hold");
    hangup(call);
    ck_assert_uint_eq(sent_count(&w.log, "BYE"), 1);
    world_answer(&w, sent_last(&w.log, "INVITE"), 200, NULL, BOB, "answer"); /* it crossed */
    ck_assert_uint_eq(sent_count(&w.log, "ACK"), 2);
    end_all();
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_ENDED), 1);
}
END_TEST

START_TEST(rfc3261_15_byes_cross)
{
    ps_handle call = calling(BOB);
    hangup(call);
    within("BYE", 1, NULL, NULL);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 200"), 1);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_ENDED), 1);
    end_all();
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_ENDED), 1);
}
END_TEST

START_TEST(rfc3261_15_no_bye_from_the_callee_before_the_ack)
{
    ps_handle call = called(NULL);
    hangup(call);
    ck_assert_uint_eq(sent_count(&w.log, "BYE"), 0);
    world_run(&w, 700);
    from_caller("ACK", 1, NULL, NULL);
    ck_assert_uint_eq(sent_last(&w.log, "BYE")->at, 700);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_CONFIRMED), 0);
    end_all();
    ck_assert_uint_eq(heard_last(st, PS_EVENT_CALL_ENDED)->event.call, call);
}
END_TEST

START_TEST(rfc5407_3_1_4_a_reinvite_before_the_ack_is_taken_where_no_answer_is_due)
{
    ps_handle call = called(NULL);
    from_caller("INVITE", 2, NULL, "hold");
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 491"), 0);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_OFFER), 1);
    ck_assert_int_eq(ps_call_answer(calls(), call, PS_S("application/sdp"), PS_S("held")), PS_OK);
    station_pull(st);
    from_caller("ACK", 1, NULL, NULL);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_CONFIRMED), 0);
    from_caller("ACK", 2, NULL, NULL);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_CONFIRMED), 1);
    hangup(call);
    end_all();
}
END_TEST

START_TEST(rfc5407_3_1_5_a_reinvite_before_the_ack_is_asked_to_come_again)
{
    ps_handle call = called_without_offer();
    from_caller("INVITE", 2, NULL, "hold");
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 491"), 1);
    from_caller("ACK", 1, NULL, NULL);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_CONFIRMED), 1);
    from_caller("INVITE", 3, NULL, "hold");
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_OFFER), 1);
    (void)ps_call_reject(calls(), call, 488, PS_NONE);
    station_pull(st);
    hangup(call);
    end_all();
}
END_TEST

START_TEST(rfc3261_13_3_1_4_an_ack_to_something_else_confirms_nothing)
{
    ps_handle call = called(NULL);
    from_caller("ACK", 2, NULL, NULL);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_CONFIRMED), 0);
    from_caller("ACK", 1, NULL, NULL);
    from_caller("ACK", 1, NULL, NULL);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_CONFIRMED), 1);
    hangup(call);
    end_all();
}
END_TEST

/* Bytes that no Content-Type explains are as if absent, and keep no call from standing. */
START_TEST(rfc3261_20_15_an_ack_whose_body_has_no_type_confirms)
{
    struct tester_request ack = {.method = "ACK", .lines = "Content-Length: 5\r\n\r\nstray"};
    ps_handle call = called(NULL);
    char tag[64];
    snprintf(tag, sizeof tag, "%s", to_tag_of(sent_last(&w.log, "SIP/2.0 200")));
    ack.to_tag = tag;
    world_request(&w, &ack);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_CONFIRMED), 1);
    hangup(call);
    end_all();
}
END_TEST

START_TEST(rfc3261_20_15_a_2xx_whose_body_has_no_type_ends_a_call)
{
    hangup(calling(NULL));
    world_answer(&w, sent_last(&w.log, "BYE"), 200, NULL, "Content-Length: 5\r\n\r\nstray", NULL);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_ENDED), 1);
    world_end(&w, 70000);
}
END_TEST

/* ---- UPDATE without an offer, and what ends a dialog ---- */

START_TEST(rfc3311_5_2_an_update_without_an_offer_is_taken_before_the_ack)
{
    ps_handle call = called(NULL);
    from_caller("UPDATE", 2, "<sip:a@192.0.2.8>", "");
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 200"), 2);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_OFFER), 0);
    world_run(&w, 600);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 200"), 3); /* the INVITE's is still repeated */
    from_caller("ACK", 1, NULL, NULL);
    end_at(call, "sip:a@192.0.2.8");
}
END_TEST

START_TEST(rfc3311_5_2_an_update_without_an_offer_is_taken_in_an_early_dialog)
{
    struct tester_request r = {.body = "offer"};
    char tag[64];
    ps_handle call = ringing(&r);
    snprintf(tag, sizeof tag, "%s", to_tag_of(sent_last(&w.log, "SIP/2.0 180")));
    r.method = "UPDATE";
    r.cseq = 2;
    r.to_tag = tag;
    r.body = "";
    world_request(&w, &r);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 200"), 1);
    (void)ps_call_reject(calls(), call, 486, PS_NONE);
    station_pull(st);
    end_all();
}
END_TEST

/* As the caller, in the dialog that a 180 has made. */
START_TEST(rfc3311_5_2_an_update_without_an_offer_is_taken_by_the_caller_too)
{
    ps_handle call = start_call(st, "offer");
    world_answer(&w, sent_last(&w.log, "INVITE"), 180, "x", BOB, NULL);
    within("UPDATE", 1, NULL, "");
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 200"), 1);
    hangup(call);
    world_answer(&w, sent_last(&w.log, "INVITE"), 487, "x", NULL, NULL);
    end_all();
}
END_TEST

static void in_dialog_answered(unsigned status)
{
    ps_handle call = calling(BOB), info;
    ck_assert_int_eq(ps_call_request(calls(), call, PS_S("INFO"), PS_NONE, PS_NONE, PS_NONE, &info),
                     PS_OK);
    station_pull(st);
    if (status)
        world_answer(&w, sent_last(&w.log, "INFO"), status, NULL, NULL, NULL);
    else
        world_run(&w, w.now + 33000);
}

START_TEST(rfc5057_5_1_a_481_to_a_request_in_a_dialog_ends_it)
{
    in_dialog_answered(481);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_RESPONSE)->event.status, 481);
    ck_assert_uint_eq(sent_count(&w.log, "BYE"), 1);
    end_with(481);
}
END_TEST

START_TEST(rfc5057_5_1_a_request_in_a_dialog_that_nobody_answers_ends_it)
{
    in_dialog_answered(0);
    ck_assert_uint_ge(sent_count(&w.log, "BYE"), 1);
    end_with(408);
}
END_TEST

START_TEST(rfc5057_5_1_another_refusal_leaves_the_dialog)
{
    in_dialog_answered(488);
    ck_assert_uint_eq(sent_count(&w.log, "BYE"), 0);
    hangup(ps_call_next(calls(), 0));
    end_with(200);
}
END_TEST

START_TEST(rfc6141_4_4_a_refused_reinvite_does_not_move_the_target)
{
    ps_handle call = called_and_acked(NULL);
    from_caller("INVITE", 2, "<sip:a@192.0.2.8>", "hold");
    (void)ps_call_reject(calls(), call, 488, PS_NONE);
    station_pull(st);
    end_at(call, "sip:a@192.0.2.2");
}
END_TEST

START_TEST(rfc6141_4_4_an_accepted_reinvite_moves_the_target)
{
    ps_handle call = called_and_acked(NULL);
    from_caller("INVITE", 2, "<sip:a@192.0.2.8>", "hold");
    ck_assert_int_eq(ps_call_answer(calls(), call, SDP, PS_S("held")), PS_OK);
    station_pull(st);
    from_caller("ACK", 2, NULL, NULL);
    end_at(call, "sip:a@192.0.2.8");
}
END_TEST

START_TEST(rfc3261_15_1_2_hanging_up_answers_what_they_have_offered)
{
    ps_handle call = called_and_acked(NULL);
    from_caller("INVITE", 2, NULL, "hold");
    hangup(call);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 487"), 1);
    ck_assert_uint_eq(sent_count(&w.log, "BYE"), 1);
    end_all();
}
END_TEST

START_TEST(rfc3261_12_2_2_a_bye_with_the_last_cseq_again_is_taken)
{
    (void)called_and_acked(NULL);
    from_caller("INFO", 2, NULL, "");
    from_caller("INFO", 2, NULL, "");
    (void)ps_stack_respond(st->stack, heard_last(st, PS_EVENT_REQUEST)->event.transaction,
                           &(struct ps_response){.status = 200});
    station_pull(st);
    from_caller("MESSAGE", 2, NULL, "");
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 500"), 1); /* row G11 */
    from_caller("BYE", 2, NULL, NULL);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_CALL_ENDED)->event.status, 200);
    end_all();
}
END_TEST

START_TEST(rfc3261_13_3_1_an_invite_that_expires_gets_487)
{
    struct tester_request r = {.lines = "Expires: 20\r\n"};
    ringing(&r);
    world_run(&w, 19999);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_ENDED), 0);
    world_run(&w, 20000);
    ck_assert_uint_eq(sent_last(&w.log, "SIP/2.0 487")->at, 20000);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_CALL_ENDED)->event.status, 487);
    ck_assert_ptr_nonnull(heard_last(st, PS_EVENT_CALL_ENDED)->event.why);
    end_all();
}
END_TEST

/* ---- glare: 14.1 ---- */

START_TEST(rfc3261_14_1_an_info_during_the_wait_keeps_the_order_of_cseq)
{
    ps_handle call = calling(BOB), info;
    reinvite(call, "hold");
    world_answer(&w, sent_last(&w.log, "INVITE"), 491, NULL, NULL, NULL);
    world_run(&w, 1000);
    ck_assert_int_eq(ps_call_request(calls(), call, PS_S("INFO"), PS_NONE, PS_NONE, PS_NONE, &info),
                     PS_OK);
    station_pull(st);
    ck_assert_uint_eq(cseq_of(sent_last(&w.log, "INFO")), 3);
    world_run(&w, 4000);
    ck_assert_uint_eq(cseq_of(sent_last(&w.log, "INVITE")), 4);
    ck_assert_str_eq(body_of(sent_last(&w.log, "INVITE")), "hold");
    world_answer(&w, sent_last(&w.log, "INVITE"), 200, NULL, BOB, "answer");
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_ACCEPTED), 1);
    ck_assert_str_eq(header_of(sent_last(&w.log, "ACK"), PS_H_CSEQ), "4 ACK");
    hangup(call);
    end_all();
}
END_TEST

START_TEST(rfc3261_14_1_491_again_and_again)
{
    ps_handle call = calling(BOB);
    uint64_t refused, waited;
    unsigned i;
    reinvite(call, "hold");
    for (i = 0; i < 50; i++) {
        refused = w.now;
        world_answer(&w, sent_last(&w.log, "INVITE"), 491, NULL, NULL, NULL);
        while (sent_count(&w.log, "INVITE sip:bob") == i + 1)
            world_run(&w, w.now + 1);
        waited = w.now - refused;
        ck_assert_msg(waited >= 2100 && waited <= 4000 && waited % 10 == 0, "%u", (unsigned)waited);
    }
    world_answer(&w, sent_last(&w.log, "INVITE"), 200, NULL, BOB, "answer");
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_ACCEPTED), 1);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_REFUSED), 0);
    hangup(call);
    end_all();
}
END_TEST

START_TEST(rfc3261_14_1_the_wait_ends_with_the_call)
{
    ps_handle call = calling(BOB);
    reinvite(call, "hold");
    world_answer(&w, sent_last(&w.log, "INVITE"), 491, NULL, NULL, NULL);
    if (_i)
        within("BYE", 1, NULL, NULL);
    else
        hangup(call);
    world_run(&w, 4000);
    ck_assert_uint_eq(sent_count(&w.log, "INVITE sip:bob"), 1);
    end_all();
}
END_TEST

/* Two whole stacks, with 20 ms between them: both hold at once. */
static struct station *far;
static ps_handle far_call;

static void answers(struct station *at, const struct ps_event *event)
{
    struct ps_stack *c = at->stack;
    if (event->kind == PS_EVENT_CALL_INCOMING)
        far_call = event->call;
    if (event->kind == PS_EVENT_CALL_INCOMING || event->kind == PS_EVENT_CALL_OFFER)
        ck_assert_int_eq(ps_call_answer(c, event->call, SDP, PS_S("answer")), PS_OK);
}

START_TEST(rfc3261_14_1_two_offers_meet)
{
    ps_handle call;
    uint64_t at;
    teardown();
    world_start(&w, 100 + (uint64_t)_i);
    w.delay = 20;
    st = station_add(&w, "192.0.2.1:5060", "alice", NULL, NULL);
    far = station_add(&w, "192.0.2.2:5060", "bob", NULL, NULL);
    st->on_event = far->on_event = answers;
    call = start_call(st, "offer");
    world_run(&w, 1000);
    reinvite(call, "near");
    ck_assert_int_eq(ps_call_reinvite(far->stack, far_call, SDP, PS_S("far")), PS_OK);
    station_pull(far);
    world_run(&w, 1040);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 491"), 2);
    world_run(&w, 9000);
    /* the one who does not own the Call-ID comes first; the other's offer is then out of date */
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_OFFER), 1);
    at = heard_last(st, PS_EVENT_CALL_OFFER)->at;
    ck_assert_uint_ge(at, 1060);
    ck_assert_uint_le(at, 1060 + 2000);
    ck_assert_uint_eq(at % 10, 0);
    ck_assert_uint_eq(heard_count(far, PS_EVENT_CALL_ACCEPTED), 1);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_CALL_REFUSED)->event.status, 491);
    at = heard_last(st, PS_EVENT_CALL_REFUSED)->at;
    ck_assert_uint_ge(at, 1040 + 2100);
    ck_assert_uint_le(at, 1040 + 4000);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 491"), 2);
    reinvite(call, "anew");
    world_run(&w, 10000);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_ACCEPTED), 1);
    hangup(call);
    world_run(&w, 100000);
    station_expect_empty(st);
    station_expect_empty(far);
}
END_TEST

/* ---- several dialogs of one INVITE ---- */

START_TEST(rfc3261_13_2_2_4_of_many_early_dialogs_one_becomes_the_call)
{
    static const char *const tag[] = {"x", "y", "z"};
    ps_handle call = start_call(st, "offer");
    unsigned i;
    for (i = 0; i < 3; i++)
        world_answer(&w, sent_last(&w.log, "INVITE"), 180, tag[i], BOB, NULL);
    world_answer(&w, sent_last(&w.log, "INVITE"), 180, "x", BOB, NULL);
    ck_assert_uint_eq(ps_stack_live(st->stack).dialogs, 3);
    world_answer(&w, sent_last(&w.log, "INVITE"), 200, "y", BOB, "answer");
    ck_assert_uint_eq(ps_stack_live(st->stack).dialogs, 1);
    for (i = 0; i < 3; i++) /* the others answer too: each is acknowledged, and ended */
        world_answer(&w, sent_last(&w.log, "INVITE"), 200, tag[i], BOB, "answer");
    ck_assert_uint_eq(sent_count(&w.log, "ACK"), 4);
    ck_assert_uint_eq(sent_count(&w.log, "BYE"), 2);
    ck_assert_str_eq(to_tag_of(sent_nth(&w.log, "BYE", 0)), "x");
    ck_assert_str_eq(to_tag_of(sent_nth(&w.log, "BYE", 1)), "z");
    ck_assert_str_eq(to_tag_of(sent_nth(&w.log, "ACK", 2)), "y");
    world_answer(&w, sent_nth(&w.log, "BYE", 0), 200, NULL, NULL, NULL);
    world_answer(&w, sent_nth(&w.log, "BYE", 1), 481, NULL, NULL, NULL);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_ANSWERED), 1);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_RESPONSE), 0);
    hangup(call);
    ck_assert_str_eq(to_tag_of(sent_last(&w.log, "BYE")), "y");
    end_all();
}
END_TEST

START_TEST(rfc3261_13_2_2_4_a_fork_answers_after_the_call_is_over)
{
    ps_handle call = calling(BOB);
    hangup(call);
    world_answer(&w, sent_last(&w.log, "BYE"), 200, NULL, NULL, NULL);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_ENDED), 1);
    world_run(&w, 5000);
    world_answer(&w, sent_last(&w.log, "INVITE"), 200, "late", BOB, "answer");
    ck_assert_str_eq(to_tag_of(sent_last(&w.log, "ACK")), "late");
    ck_assert_str_eq(to_tag_of(sent_last(&w.log, "BYE")), "late");
    ck_assert_uint_eq(st->heard_n, 2);
    end_all();
}
END_TEST

START_TEST(rfc6026_7_1_the_same_invite_after_timer_l_is_another_dialog)
{
    static const struct tester_request invite = {.body = "offer"};
    char first[64];
    ps_handle call = called_and_acked(NULL), second;
    snprintf(first, sizeof first, "%s", to_tag_of(sent_last(&w.log, "SIP/2.0 200")));
    world_run(&w, 33000);
    world_request(&w, &invite);
    second = heard_last(st, PS_EVENT_CALL_INCOMING)->event.call;
    ck_assert_uint_ne(second, call);
    ck_assert_int_eq(ps_call_answer(calls(), second, SDP, PS_S("answer")), PS_OK);
    station_pull(st);
    ck_assert_str_ne(to_tag_of(sent_last(&w.log, "SIP/2.0 200")), first);
    from_caller("BYE", 2, NULL, NULL); /* of the first */
    ck_assert_uint_eq(heard_last(st, PS_EVENT_CALL_ENDED)->event.call, call);
    ck_assert_uint_eq(ps_stack_live(calls()).calls, 1);
    world_run(&w, 66000);
    end_all();
}
END_TEST

/* ---- what an application may not do, and when ---- */

START_TEST(each_wish_has_its_time)
{
    static const struct tester_request invite = {.body = "offer"};
    ps_handle call, h, none = 0;
    ck_assert_int_eq(ps_call_ring(calls(), none, 180, PS_NONE, PS_NONE), PS_E_STALE);
    ck_assert_int_eq(ps_call_answer(calls(), none, PS_NONE, PS_NONE), PS_E_STALE);
    ck_assert_int_eq(ps_call_reject(calls(), none, 486, PS_NONE), PS_E_STALE);
    ck_assert_int_eq(ps_call_acknowledge(calls(), none, PS_NONE, PS_NONE), PS_E_STALE);
    ck_assert_int_eq(ps_call_reinvite(calls(), none, PS_NONE, PS_NONE), PS_E_STALE);
    ck_assert_int_eq(ps_call_hangup(calls(), none), PS_E_STALE);
    ck_assert_int_eq(ps_call_request(calls(), none, PS_S("INFO"), PS_NONE, PS_NONE, PS_NONE, &h),
                     PS_E_STALE);
    ck_assert_ptr_null(ps_call_user(calls(), none));
    world_request(&w, &invite);
    call = heard_last(st, PS_EVENT_CALL_INCOMING)->event.call;
    ps_call_set_user(calls(), call, &w);
    ck_assert_ptr_eq(ps_call_user(calls(), call), &w);
    ck_assert_int_eq(ps_call_ring(calls(), call, 100, PS_NONE, PS_NONE), PS_E_ARGUMENT);
    ck_assert_int_eq(ps_call_ring(calls(), call, 200, PS_NONE, PS_NONE), PS_E_ARGUMENT);
    ck_assert_int_eq(ps_call_reject(calls(), call, 299, PS_NONE), PS_E_ARGUMENT);
    ck_assert_int_eq(ps_call_reject(calls(), call, 700, PS_NONE), PS_E_ARGUMENT);
    ck_assert_int_eq(ps_call_reinvite(calls(), call, PS_NONE, PS_NONE), PS_E_STATE);
    ck_assert_int_eq(ps_call_acknowledge(calls(), call, PS_NONE, PS_NONE), PS_E_STATE);
    ck_assert_int_eq(ps_call_request(calls(), call, PS_S("INFO"), PS_NONE, PS_NONE, PS_NONE, &h),
                     PS_E_STATE);
    ck_assert_int_eq(ps_call_answer(calls(), call, PS_S("a\r\nb: c"), PS_S("x")), PS_E_INJECTION);
    ck_assert_int_eq(ps_call_answer(calls(), call, SDP, PS_S("answer")), PS_OK);
    ck_assert_int_eq(ps_call_ring(calls(), call, 180, PS_NONE, PS_NONE), PS_E_STATE);
    ck_assert_int_eq(ps_call_reject(calls(), call, 486, PS_NONE), PS_E_STATE);
    station_pull(st);
    from_caller("ACK", 1, NULL, NULL);
    hangup(call);
    hangup(call); /* once is enough */
    ck_assert_uint_eq(sent_count(&w.log, "BYE"), 1);
    ck_assert_int_eq(ps_call_reinvite(calls(), call, PS_NONE, PS_NONE), PS_E_STATE);
    from_caller("INVITE", 2, NULL, "late"); /* and theirs comes too late */
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 481"), 1);
    end_all();
}
END_TEST

START_TEST(rfc3261_13_3_1_3_hangup_before_the_answer_is_a_480)
{
    static const struct tester_request invite = {.body = "offer"};
    world_request(&w, &invite);
    hangup(heard_last(st, PS_EVENT_CALL_INCOMING)->event.call);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 480"), 1);
    ck_assert_uint_eq(st->heard_n, 1);
    end_all();
}
END_TEST

START_TEST(nobody_decides_about_a_call_that_comes_in)
{
    static const struct tester_request invite = {.body = "offer"};
    world_request(&w, &invite);
    world_run(&w, 299999);
    ck_assert_uint_eq(ps_stack_live(calls()).calls, 1);
    world_run(&w, 300000); /* the transaction's guard */
    ck_assert_uint_eq(heard_last(st, PS_EVENT_CALL_ENDED)->event.status, 408);
    end_all();
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("dialog");
    TCase *tc = tcase_create("12 to 15");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, rfc3261_12_1_2_a_client_takes_the_routes_in_reverse);
    tcase_add_test(tc, rfc3261_12_1_1_a_server_takes_the_routes_in_order_and_gives_them_back);
    tcase_add_test(tc, rfc3261_12_2_1_1_a_strict_router_becomes_the_request_uri);
    tcase_add_test(tc, rfc3261_12_2_1_1_one_strict_router_alone);
    tcase_add_test(tc, rfc3261_13_2_2_4_the_2xx_decides_the_routes_anew);
    tcase_add_test(tc, rfc3261_12_2_target_refresh);
    tcase_add_test(tc, rfc3261_12_2_2_other_requests_refresh_nothing);
    tcase_add_test(tc, an_old_peer_without_contact_is_called_by_its_from);
    tcase_add_test(tc, a_folded_from_comes_back_as_it_was);
    tcase_add_test(tc, rfc3261_12_2_1_1_cseq_counts_up_over_all_requests);
    tcase_add_test(tc, rfc3261_12_2_2_the_tester_may_begin_anywhere_and_leave_gaps);
    tcase_add_test(tc, rfc3261_12_2_2_a_bye_out_of_order_ends_nothing);
    tcase_add_test(tc, rfc3261_12_2_2_each_part_of_a_dialogs_name_counts);
    tcase_add_loop_test(tc, rfc3261_12_2_1_2_481_or_408_to_a_reinvite_ends_the_call, 0, 2);
    tcase_add_test(tc, rfc3261_14_1_other_failures_leave_the_call_as_it_was);
    tcase_add_test(tc, rfc3261_14_1_hold_and_resume_by_us);
    tcase_add_test(tc, rfc3261_14_1_a_reinvite_without_an_offer);
    tcase_add_test(tc, rfc3261_14_2_hold_and_resume_by_them);
    tcase_add_test(tc, rfc3311_update_is_answered_once);
    tcase_add_test(tc, rfc4320_an_update_that_the_application_forgets_is_withdrawn);
    tcase_add_test(tc, a_reinvite_that_the_application_forgets_is_withdrawn);
    tcase_add_test(tc, rfc3261_14_2_a_second_offer_does_not_replace_the_first);
    tcase_add_test(tc, rfc3261_9_a_reinvite_is_cancelled_and_the_call_goes_on);
    tcase_add_test(tc, rfc3261_14_2_a_reinvite_that_is_never_acknowledged_ends_the_call);
    tcase_add_test(tc, a_call_that_ends_takes_its_waiting_2xx_along);
    tcase_add_test(tc, rfc3261_14_2_bye_while_theirs_waits);
    tcase_add_test(tc, rfc3261_15_1_1_hangup_while_ours_is_out);
    tcase_add_test(tc, rfc3261_15_byes_cross);
    tcase_add_test(tc, rfc3261_15_no_bye_from_the_callee_before_the_ack);
    tcase_add_test(tc, rfc3311_5_2_an_update_without_an_offer_is_taken_before_the_ack);
    tcase_add_test(tc, rfc3311_5_2_an_update_without_an_offer_is_taken_in_an_early_dialog);
    tcase_add_test(tc, rfc3311_5_2_an_update_without_an_offer_is_taken_by_the_caller_too);
    tcase_add_test(tc, rfc5057_5_1_a_481_to_a_request_in_a_dialog_ends_it);
    tcase_add_test(tc, rfc5057_5_1_a_request_in_a_dialog_that_nobody_answers_ends_it);
    tcase_add_test(tc, rfc5057_5_1_another_refusal_leaves_the_dialog);
    tcase_add_test(tc, rfc6141_4_4_a_refused_reinvite_does_not_move_the_target);
    tcase_add_test(tc, rfc6141_4_4_an_accepted_reinvite_moves_the_target);
    tcase_add_test(tc, rfc3261_15_1_2_hanging_up_answers_what_they_have_offered);
    tcase_add_test(tc, rfc3261_12_2_2_a_bye_with_the_last_cseq_again_is_taken);
    tcase_add_test(tc, rfc3261_13_3_1_an_invite_that_expires_gets_487);
    tcase_add_test(tc, rfc5407_3_1_4_a_reinvite_before_the_ack_is_taken_where_no_answer_is_due);
    tcase_add_test(tc, rfc5407_3_1_5_a_reinvite_before_the_ack_is_asked_to_come_again);
    tcase_add_test(tc, rfc3261_13_3_1_4_an_ack_to_something_else_confirms_nothing);
    tcase_add_test(tc, rfc3261_20_15_an_ack_whose_body_has_no_type_confirms);
    tcase_add_test(tc, rfc3261_20_15_a_2xx_whose_body_has_no_type_ends_a_call);
    tcase_add_test(tc, rfc3261_14_1_an_info_during_the_wait_keeps_the_order_of_cseq);
    tcase_add_test(tc, rfc3261_14_1_491_again_and_again);
    tcase_add_loop_test(tc, rfc3261_14_1_the_wait_ends_with_the_call, 0, 2);
    tcase_add_loop_test(tc, rfc3261_14_1_two_offers_meet, 0, 20);
    tcase_add_test(tc, rfc3261_13_2_2_4_of_many_early_dialogs_one_becomes_the_call);
    tcase_add_test(tc, rfc3261_13_2_2_4_a_fork_answers_after_the_call_is_over);
    tcase_add_test(tc, rfc6026_7_1_the_same_invite_after_timer_l_is_another_dialog);
    tcase_add_test(tc, each_wish_has_its_time);
    tcase_add_test(tc, rfc3261_13_3_1_3_hangup_before_the_answer_is_a_480);
    tcase_add_test(tc, nobody_decides_about_a_call_that_comes_in);
    suite_add_tcase(s, tc);
    return s;
}

PS_CHECK_MAIN
