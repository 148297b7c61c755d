/*
 * Covers where requests within a dialog go when its next hop (the first Route, else the Contact)
 * cannot be reached: an INVITE that names such a one is refused before anybody hears of it (400, or
 * 480 for a name that may resolve later), a name is looked up first; a 2xx that names one ends the
 * call, whose end says why, and ACK and BYE go where the 2xx came from, unless a sips URI is
 * involved. RFC 3261 12.1, 12.2.1.1, 13.2.2.4.
 * Does not cover: ways that fail later (test_rows_client.c), room that is lacking (test_pools.c).
 */
#include <stdio.h>

#include "../unit/check_main.h"
#include "world.h"

#define SDP PS_S("application/sdp")

static struct world w;
static struct station *st;

static struct ps_stack *calls(void)
{
    return st->stack;
}

static void setup(void)
{
    world_start(&w, 9);
    st = station_add(&w, "192.0.2.1:5060", "b", NULL, NULL);
}

static void teardown(void)
{
    world_free(&w);
}

static void finish(void)
{
    world_end(&w, 400000);
}

/* ---- an INVITE comes in ---- */

static void invited(const char *contact, const char *lines)
{
    struct tester_request r = {.contact = contact, .lines = lines};
    world_request(&w, &r);
}

static void expect_refused(unsigned status, const char *contact, const char *lines)
{
    char line[16];
    invited(contact, lines);
    world_run(&w, w.now + 100);
    snprintf(line, sizeof line, "SIP/2.0 %u", status);
    ck_assert_uint_eq(sent_count(&w.log, line), 1);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 180"), 0);
    ck_assert_uint_eq(st->heard_n, 0);
    ck_assert_uint_eq(ps_stack_live(calls()).calls, 0);
    finish();
}

START_TEST(rfc3261_12_1_1_an_invite_by_a_transport_that_is_not_there_is_400)
{
    expect_refused(400, "<sip:a@192.0.2.2;transport=tcp>", NULL);
}
END_TEST

START_TEST(rfc3261_12_1_1_an_invite_with_a_sips_contact_is_400)
{
    expect_refused(400, "<sips:a@192.0.2.2>", NULL);
}
END_TEST

START_TEST(rfc3261_12_1_1_an_invite_with_no_uri_to_send_to_is_400)
{
    expect_refused(400, "<tel:+1234>", NULL);
}
END_TEST

START_TEST(rfc3261_12_1_1_the_first_route_counts_and_not_the_contact)
{
    expect_refused(400, NULL, "Record-Route: <sip:192.0.2.5;lr;transport=tcp>\r\n");
}
END_TEST

START_TEST(rfc3261_12_1_1_a_route_that_is_there_makes_the_contact_reachable)
{
    invited("<sip:a@nowhere.example>", "Record-Route: <sip:192.0.2.5;lr>\r\n");
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_INCOMING), 1);
    (void)ps_call_reject(calls(), ps_call_next(calls(), 0), 486, PS_NONE);
    station_pull(st);
    finish();
}
END_TEST

START_TEST(rfc3261_12_1_1_an_invite_with_a_name_that_nobody_knows_is_480)
{
    expect_refused(480, "<sip:a@nowhere.example>", NULL);
}
END_TEST

START_TEST(rfc3261_12_1_1_a_name_is_looked_up_before_it_rings)
{
    world_name(&w, "phone.example", "192.0.2.2:5060");
    invited("<sip:a@phone.example>", NULL);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_INCOMING), 1);
    ck_assert_int_eq(strncmp(heard_last(st, PS_EVENT_CALL_INCOMING)->text, "INVITE", 6), 0);
    ck_assert_int_eq(ps_call_answer(calls(), ps_call_next(calls(), 0), SDP, PS_S("answer")), PS_OK);
    station_pull(st);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 200"), 1);
    (void)ps_call_hangup(calls(), ps_call_next(calls(), 0));
    station_pull(st);
    finish();
}
END_TEST

/* Strangers cannot take the resolver for themselves. */
START_TEST(look_ups_for_strangers_are_few_at_a_time)
{
    struct tester_request r = {.contact = "<sip:a@phone.example>"};
    struct ps_action action;
    struct ps_limits limits = world_limits();
    struct ps_flow flow = {.remote = world_address("192.0.2.2:5060")};
    char branch[64], id[32];
    unsigned i, asked = 0, refused = 0;
    limits.calls = limits.dialogs = PS_MAX_CHECKING + 8;
    limits.transactions = 64;
    st = station_add(&w, "192.0.2.3:5060", "b", &limits, NULL);
    flow.local = st->address;
    r.branch = branch;
    r.call_id = id;
    for (i = 0; i < PS_MAX_CHECKING + 3; i++) {
        snprintf(branch, sizeof branch, "z9hG4bKl%u", i);
        snprintf(id, sizeof id, "l%u@tester", i);
        ck_assert_int_eq(ps_stack_receive(st->stack, 0, &flow, tester_text(&r)), PS_OK);
        while (ps_stack_pull(st->stack, 0, &action)) {
            asked += action.kind == PS_ACTION_RESOLVE;
            refused += action.kind == PS_ACTION_SEND && !memcmp(action.bytes.p, "SIP/2.0 480", 11);
        }
    }
    ck_assert_uint_eq(asked, PS_MAX_CHECKING);
    ck_assert_uint_eq(refused, 3);
    while (ps_call_next(calls(), 0))
        (void)ps_call_hangup(calls(), ps_call_next(calls(), 0));
    station_pull(st);
    finish();
}
END_TEST

/* The driver's look-up lasts, whoever cancels: they stay few, until it has answered. */
START_TEST(look_ups_for_strangers_who_cancel_are_few_at_a_time)
{
    struct tester_request r = {.contact = "<sip:a@phone.example>"}, c = {.method = "CANCEL"};
    struct ps_flow flow = {.remote = world_address("192.0.2.2:5060")};
    char via[64], id[32];
    ps_handle asked_for[PS_MAX_CHECKING];
    struct ps_action action;
    unsigned i, asked = 0, refused = 0;
    flow.local = st->address;
    r.via = c.via = via;
    r.call_id = c.call_id = id;
    for (i = 0; i < 3 * PS_MAX_CHECKING; i++) {
        snprintf(via, sizeof via, "192.0.2.2:5060;branch=z9hG4bKl%u", i);
        snprintf(id, sizeof id, "l%u@tester", i);
        ck_assert_int_eq(ps_stack_receive(st->stack, 0, &flow, tester_text(&r)), PS_OK);
        while (ps_stack_pull(st->stack, 0, &action)) {
            if (action.kind == PS_ACTION_RESOLVE && asked < PS_MAX_CHECKING)
                asked_for[asked] = action.request;
            asked += action.kind == PS_ACTION_RESOLVE;
            refused += action.kind == PS_ACTION_SEND && !memcmp(action.bytes.p, "SIP/2.0 480", 11);
        }
        ck_assert_int_eq(ps_stack_receive(st->stack, 0, &flow, tester_text(&c)), PS_OK);
        while (ps_stack_pull(st->stack, 0, &action))
            ;
    }
    ck_assert_uint_eq(asked, PS_MAX_CHECKING);
    ck_assert_uint_eq(refused, 2 * PS_MAX_CHECKING);
    for (i = 0; i < PS_MAX_CHECKING; i++) /* all answered: the next is asked for again */
        ps_stack_resolved(st->stack, asked_for[i], NULL, 0);
    world_request(&w, &(struct tester_request){.contact = "<sip:a@phone.example>",
                                               .via = "192.0.2.2:5060;branch=z9hG4bKnext",
                                               .call_id = "next@tester"});
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 480"), 1);
    finish();
}
END_TEST

/* While the look-up lasts, what comes finds a call that nobody has heard of. */
static char after[64];

static void refuses_and_reads(struct station *at, const struct ps_event *event)
{
    struct ps_writer out = ps_writer(after, sizeof after - 1);
    if (event->kind != PS_EVENT_CALL_INCOMING)
        return;
    (void)ps_call_reject(at->stack, event->call, 486, PS_NONE);
    ps_put(&out, ps_request_method(event->message));
    ps_put_char(&out, ' ');
    ps_put(&out, ps_call_id(event->message));
}

START_TEST(the_invite_of_a_call_that_was_looked_up_is_borrowed_until_the_next_pull)
{
    world_name(&w, "phone.example", "192.0.2.2:5060");
    st->on_event = refuses_and_reads;
    invited("<sip:a@phone.example>", NULL);
    ck_assert_str_eq(after, "INVITE c1@tester");
    finish();
}
END_TEST

/* It sends nothing there: whether it could is nobody's business. */
START_TEST(rfc3261_8_3_who_only_redirects_asks_for_no_next_hop)
{
    static const char *const contacts[] = {"<sip:a@nowhere.example>",
                                           "<sip:a@192.0.2.2;transport=tcp>", "<tel:+1234>"};
    const struct ps_config config = {.any_next_hop = true};
    size_t i;
    for (i = 0; i < sizeof contacts / sizeof *contacts; i++) {
        teardown();
        world_start(&w, 9);
        st = station_add(&w, "192.0.2.1:5060", "b", NULL, &config);
        invited(contacts[i], NULL);
        ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_INCOMING), 1);
        (void)ps_call_reject(calls(), ps_call_next(calls(), 0), 302,
                             PS_S("Contact: <sip:c@192.0.2.3>\r\n"));
        station_pull(st);
        ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 302"), 1);
        finish();
    }
}
END_TEST

START_TEST(rfc3261_9_2_a_cancel_before_the_name_is_known_tells_nobody)
{
    struct tester_request r = {.contact = "<sip:a@phone.example>"};
    struct ps_action action;
    struct ps_flow flow = {.local = st->address, .remote = world_address("192.0.2.2:5060")};
    struct ps_slice text = tester_text(&r);
    ps_handle asked = 0;
    ck_assert_int_eq(ps_stack_receive(st->stack, 0, &flow, text), PS_OK);
    while (ps_stack_pull(st->stack, 0, &action))
        if (action.kind == PS_ACTION_RESOLVE)
            asked = action.request;
    ck_assert_uint_ne(asked, 0);
    r.method = "CANCEL";
    r.branch = "z9hG4bK-INVITE-1";
    world_request(&w, &r);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 487"), 1);
    ck_assert_uint_eq(st->heard_n, 0);
    ps_stack_resolved(st->stack, asked, &flow, 1); /* too late */
    station_pull(st);
    ck_assert_uint_eq(st->heard_n, 0);
    ck_assert_uint_eq(ps_stack_live(calls()).calls, 0);
    finish();
}
END_TEST

START_TEST(rfc3261_12_2_2_a_reinvite_that_moves_the_target_out_of_reach_is_400)
{
    struct tester_request r = {.contact = "<sip:a@192.0.2.2>"};
    char tag[64];
    world_request(&w, &r);
    ck_assert_int_eq(ps_call_answer(calls(), ps_call_next(calls(), 0), SDP, PS_S("answer")), PS_OK);
    station_pull(st);
    snprintf(tag, sizeof tag, "%s", to_tag_of(sent_last(&w.log, "SIP/2.0 200")));
    r.to_tag = tag;
    r.method = "ACK";
    world_request(&w, &r);
    r.method = "INVITE";
    r.cseq = 2;
    r.contact = "<sip:a@192.0.2.2;transport=tcp>";
    world_request(&w, &r);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 400"), 1);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_OFFER), 0);
    (void)ps_call_hangup(calls(), ps_call_next(calls(), 0));
    station_pull(st);
    ck_assert_str_eq(request_uri_of(sent_last(&w.log, "BYE")), "sip:a@192.0.2.2");
    finish();
}
END_TEST

/* ---- a 2xx comes in ---- */

static void answered_from_nowhere(const char *lines)
{
    start_call_to(st, "sip:b@192.0.2.2", "offer");
    world_answer(&w, sent_last(&w.log, "INVITE"), 200, "x", lines, "answer");
    world_run(&w, w.now + 100);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_ENDED), 1);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_CALL_ENDED)->event.status, 503);
    ck_assert_ptr_nonnull(heard_last(st, PS_EVENT_CALL_ENDED)->event.why);
    ck_assert_uint_eq(ps_stack_live(calls()).calls, 0);
}

static void expect_ack_and_bye_to_the_source(void)
{
    const struct sent *ack = sent_last(&w.log, "ACK"), *bye = sent_last(&w.log, "BYE");
    ck_assert_uint_eq(ack->flow.remote.ip[3], 2);
    ck_assert_uint_eq(bye->flow.remote.ip[3], 2);
    ck_assert_uint_eq(bye->flow.remote.port, 5060);
    world_answer(&w, bye, 200, NULL, NULL, NULL);
}

START_TEST(rfc3261_13_2_2_4_a_2xx_by_another_transport_ends_the_call_and_says_why)
{
    answered_from_nowhere("Contact: <sip:bob@192.0.2.9;transport=tcp>\r\n");
    expect_ack_and_bye_to_the_source();
    finish();
}
END_TEST

/* A name may be known later: each 2xx asks again, until none can come. */
START_TEST(rfc3261_13_2_2_4_a_2xx_with_an_unknown_name_ends_the_call_and_says_why)
{
    start_call_to(st, "sip:b@192.0.2.2", "offer");
    world_answer(&w, sent_last(&w.log, "INVITE"), 200, "x",
                 "Contact: <sip:bob@nowhere.example>\r\n", "answer");
    world_run(&w, w.now + 31000);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_ENDED), 0);
    world_run(&w, w.now + 1100);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_CALL_ENDED)->event.status, 503);
    ck_assert_ptr_nonnull(heard_last(st, PS_EVENT_CALL_ENDED)->event.why);
    expect_ack_and_bye_to_the_source();
    finish();
}
END_TEST

START_TEST(rfc3261_13_2_2_4_a_name_that_is_known_later_gets_its_ack)
{
    ps_handle call = start_call_to(st, "sip:b@192.0.2.2", "offer");
    const struct sent *invite = sent_last(&w.log, "INVITE");
    world_answer(&w, invite, 200, "x", "Contact: <sip:bob@bob.example>\r\n", "answer");
    ck_assert_uint_eq(sent_count(&w.log, "ACK"), 0);
    world_name(&w, "bob.example", "192.0.2.9:5060");
    world_run(&w, w.now + 500);
    world_answer(&w, invite, 200, "x", "Contact: <sip:bob@bob.example>\r\n", "answer");
    ck_assert_uint_eq(sent_last(&w.log, "ACK")->flow.remote.ip[3], 9);
    ck_assert_int_eq(ps_call_hangup(calls(), call), PS_OK);
    station_pull(st);
    world_answer(&w, sent_last(&w.log, "BYE"), 200, NULL, NULL, NULL);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_CALL_ENDED)->event.status, 200);
    finish();
}
END_TEST

START_TEST(rfc3261_13_2_2_4_hanging_up_before_the_name_is_known_ends_both_ends)
{
    ps_handle call = start_call_to(st, "sip:b@192.0.2.2", "offer");
    world_answer(&w, sent_last(&w.log, "INVITE"), 200, "x",
                 "Contact: <sip:bob@nowhere.example>\r\n", "answer");
    ck_assert_int_eq(ps_call_hangup(calls(), call), PS_OK);
    station_pull(st);
    world_run(&w, w.now + 100);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_CALL_ENDED)->event.status, 503);
    expect_ack_and_bye_to_the_source();
    finish();
}
END_TEST

START_TEST(rfc3261_26_2_2_nothing_of_a_sips_dialog_goes_in_the_clear)
{
    answered_from_nowhere("Contact: <sips:bob@192.0.2.9>\r\n");
    ck_assert_uint_eq(sent_count(&w.log, "ACK"), 0);
    ck_assert_uint_eq(sent_count(&w.log, "BYE"), 0);
    finish();
}
END_TEST

START_TEST(rfc3261_13_2_2_4_a_2xx_to_a_reinvite_that_leads_nowhere_ends_the_call)
{
    ps_handle call = start_call_to(st, "sip:b@192.0.2.2", "offer");
    world_answer(&w, sent_last(&w.log, "INVITE"), 200, "x", "Contact: <sip:bob@192.0.2.2>\r\n",
                 "answer");
    ck_assert_int_eq(ps_call_reinvite(calls(), call, SDP, PS_S("hold")), PS_OK);
    station_pull(st);
    world_answer(&w, sent_last(&w.log, "INVITE"), 200, "x",
                 "Contact: <sip:bob@192.0.2.9;transport=tcp>\r\n", "held");
    world_run(&w, w.now + 100);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_CALL_ENDED)->event.status, 503);
    expect_ack_and_bye_to_the_source();
    finish();
}
END_TEST

/* The name is known, but not while the first 2xx comes: the call lives. */
START_TEST(rfc3261_13_2_2_4_a_bye_that_finds_no_way_is_no_200)
{
    ps_handle call = start_call_to(st, "sip:b@192.0.2.2", "offer");
    world_name(&w, "bob.example", "192.0.2.2:5060");
    world_answer(&w, sent_last(&w.log, "INVITE"), 200, "x", "Contact: <sip:bob@bob.example>\r\n",
                 "answer");
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_ANSWERED), 1);
    w.names = 0;
    ck_assert_int_eq(ps_call_hangup(calls(), call), PS_OK);
    station_pull(st);
    world_run(&w, w.now + 100);
    ck_assert_uint_eq(sent_count(&w.log, "BYE"), 0);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_CALL_ENDED)->event.status, 503);
    finish();
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("next hops");
    TCase *tc = tcase_create("in");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, rfc3261_12_1_1_an_invite_by_a_transport_that_is_not_there_is_400);
    tcase_add_test(tc, rfc3261_12_1_1_an_invite_with_a_sips_contact_is_400);
    tcase_add_test(tc, rfc3261_12_1_1_an_invite_with_no_uri_to_send_to_is_400);
    tcase_add_test(tc, rfc3261_12_1_1_the_first_route_counts_and_not_the_contact);
    tcase_add_test(tc, rfc3261_12_1_1_a_route_that_is_there_makes_the_contact_reachable);
    tcase_add_test(tc, rfc3261_12_1_1_an_invite_with_a_name_that_nobody_knows_is_480);
    tcase_add_test(tc, rfc3261_12_1_1_a_name_is_looked_up_before_it_rings);
    tcase_add_test(tc, the_invite_of_a_call_that_was_looked_up_is_borrowed_until_the_next_pull);
    tcase_add_test(tc, rfc3261_8_3_who_only_redirects_asks_for_no_next_hop);
    tcase_add_test(tc, look_ups_for_strangers_are_few_at_a_time);
    tcase_add_test(tc, look_ups_for_strangers_who_cancel_are_few_at_a_time);
    tcase_add_test(tc, rfc3261_9_2_a_cancel_before_the_name_is_known_tells_nobody);
    tcase_add_test(tc, rfc3261_12_2_2_a_reinvite_that_moves_the_target_out_of_reach_is_400);
    suite_add_tcase(s, tc);
    tc = tcase_create("out");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, rfc3261_13_2_2_4_a_2xx_by_another_transport_ends_the_call_and_says_why);
    tcase_add_test(tc, rfc3261_13_2_2_4_a_name_that_is_known_later_gets_its_ack);
    tcase_add_test(tc, rfc3261_13_2_2_4_hanging_up_before_the_name_is_known_ends_both_ends);
    tcase_add_test(tc, rfc3261_13_2_2_4_a_2xx_with_an_unknown_name_ends_the_call_and_says_why);
    tcase_add_test(tc, rfc3261_26_2_2_nothing_of_a_sips_dialog_goes_in_the_clear);
    tcase_add_test(tc, rfc3261_13_2_2_4_a_2xx_to_a_reinvite_that_leads_nowhere_ends_the_call);
    tcase_add_test(tc, rfc3261_13_2_2_4_a_bye_that_finds_no_way_is_no_200);
    suite_add_tcase(s, tc);
    return s;
}

PS_CHECK_MAIN
