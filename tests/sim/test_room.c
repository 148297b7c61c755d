/*
 * Covers the room that answered transactions make for what lives on, where a stranger's requests
 * hold all large chunks: dialogs of both sides, a registration, a subscription, a binding, a
 * NOTIFY.
 * Does not cover: which transaction goes first (test_rows_matching.c); pools that are empty for
 * good (test_pools.c, test_usage_faults.c).
 */
#include <stdio.h>

#include "../unit/check_main.h"
#include "world.h"

#define ROUTE "<sip:192.0.2.9;lr;x=%0200u>"

static struct world w;
static struct station *st;
static struct ps_limits limits;

static void on_event(struct station *at, const struct ps_event *event)
{
    if (event->kind == PS_EVENT_REQUEST)
        (void)ps_registrar_register(at->stack, event->transaction);
}

static void setup(void)
{
    limits = ps_limits_for(1, 1, 1, 4096);
    limits.bindings = 1;
    world_start(&w, 4);
    st = station_add(&w, "192.0.2.1:5060", "alice", &limits, NULL);
    st->account.aor = PS_S("sip:alice@example.org");
    st->on_event = on_event;
}

static void teardown(void)
{
    world_free(&w);
}

/* Sends BYEs to no dialog that just fit a small chunk, until their 481s hold each large one: these
 * are longer, because they say where the BYE came from. */
static void fill(void)
{
    struct tester_request r = {.method = "BYE", .to_tag = "zz", .contact = "", .body = ""};
    char via[800], call_id[40];
    unsigned k;
    r.via = via;
    r.call_id = call_id;
    for (k = 0; k < limits.kept[1].count; k++) {
        int n = snprintf(via, sizeof via, "192.0.2.66:5060;branch=z9hG4bK-s%02u;x=", k);
        snprintf(call_id, sizeof call_id, "s%02u", k);
        snprintf(via + n, sizeof via - (size_t)n, "%0*u", (int)(PS_SMALL_CHUNK - tester_text(&r).n),
                 k);
        world_request(&w, &r);
    }
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 481"), k);
    ck_assert_uint_eq(ps_stack_live(st->stack).kept[1], limits.kept[1].count);
}

/* A route set, without which the dialog would do with a small chunk. */
static const char *routes(const char *contact)
{
    static char text[1024];
    snprintf(text, sizeof text, "Record-Route: " ROUTE ", " ROUTE "\r\n%s", 1u, 2u, contact);
    return text;
}

START_TEST(a_2xx_with_a_route_set)
{
    (void)start_call(st, "offer");
    fill();
    world_answer(&w, sent_last(&w.log, "INVITE"), 200, "x",
                 routes("Contact: <sip:bob@192.0.2.9:5070>\r\n"), "answer");
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_ANSWERED), 1);
    ck_assert_uint_eq(sent_count(&w.log, "ACK"), 1);
}
END_TEST

START_TEST(an_invite_with_a_route_set)
{
    ps_handle call;
    fill();
    world_request(&w, &(struct tester_request){.body = "offer", .lines = routes("")});
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 503"), 0);
    call = heard_last(st, PS_EVENT_CALL_INCOMING)->event.call;
    ck_assert_int_eq(ps_call_answer(st->stack, call, PS_S("application/sdp"), PS_S("answer")),
                     PS_OK);
    station_pull(st);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 200"), 1);
}
END_TEST

/* The target refresh makes the dialog's text anew, and nothing is evicted that it is made of. */
START_TEST(a_reinvite_with_a_long_contact)
{
    struct tester_request r = {.body = "offer", .cseq = 2};
    char contact[800], tag[64];
    ps_handle call;
    world_request(&w, &(struct tester_request){.body = "offer"});
    call = heard_last(st, PS_EVENT_CALL_INCOMING)->event.call;
    ck_assert_int_eq(ps_call_answer(st->stack, call, PS_S("application/sdp"), PS_S("answer")),
                     PS_OK);
    station_pull(st);
    snprintf(tag, sizeof tag, "%s", to_tag_of(sent_last(&w.log, "SIP/2.0 200")));
    world_request(&w, &(struct tester_request){.method = "ACK", .to_tag = tag});
    fill();
    snprintf(contact, sizeof contact, "<sip:a@192.0.2.7;x=%0500u>", 1u);
    r.contact = contact;
    r.to_tag = tag;
    world_request(&w, &r);
    ck_assert_int_eq(ps_call_answer(st->stack, call, PS_S("application/sdp"), PS_S("answer")),
                     PS_OK);
    r.method = "ACK";
    world_request(&w, &r);
    ck_assert_int_eq(ps_call_hangup(st->stack, call), PS_OK);
    station_pull(st);
    ck_assert_uint_eq(sent_last(&w.log, "BYE")->flow.remote.ip[3], 7);
    contact[strlen(contact) - 1] = '\0';
    ck_assert_str_eq(request_uri_of(sent_last(&w.log, "BYE")), contact + 1);
}
END_TEST

START_TEST(a_registration)
{
    char line[800];
    struct ps_registration_options options = {
        .account = &st->account, .registrar = PS_S("sip:192.0.2.2"), .expires = 60};
    ps_handle handle = 0;
    snprintf(line, sizeof line, "X-Long: %0500u\r\n", 1u);
    options.lines = ps_slice_of(line);
    fill();
    ck_assert_int_eq(ps_registration_start(st->stack, &options, &handle), PS_OK);
    station_pull(st);
    ck_assert_uint_eq(sent_count(&w.log, "REGISTER"), 1);
}
END_TEST

START_TEST(a_subscription)
{
    char accept[800];
    struct ps_subscription_options options = {.account = &st->account,
                                              .target = PS_S("sip:b@192.0.2.2"),
                                              .event = PS_S("presence"),
                                              .expires = 60};
    ps_handle handle = 0;
    snprintf(accept, sizeof accept, "application/x%0500u", 1u);
    options.accept = ps_slice_of(accept);
    fill();
    ck_assert_int_eq(ps_subscription_start(st->stack, &options, &handle), PS_OK);
    station_pull(st);
    ck_assert_uint_eq(sent_count(&w.log, "SUBSCRIBE"), 1);
}
END_TEST

START_TEST(a_binding)
{
    char contact[800], lines[800];
    snprintf(contact, sizeof contact, "<sip:a@192.0.2.5>;x=%0400u", 1u);
    snprintf(lines, sizeof lines, "Path: <sip:192.0.2.8;lr;x=%0200u>\r\n", 1u);
    fill();
    world_request(&w, &(struct tester_request){.method = "REGISTER",
                                               .uri = "sip:example.org",
                                               .contact = contact,
                                               .lines = lines,
                                               .body = ""});

    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 200"), 1);
    ck_assert_uint_eq(ps_stack_live(st->stack).bindings, 1);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("room");
    TCase *tc = tcase_create("made by answered transactions");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, a_2xx_with_a_route_set);
    tcase_add_test(tc, an_invite_with_a_route_set);
    tcase_add_test(tc, a_reinvite_with_a_long_contact);
    tcase_add_test(tc, a_registration);
    tcase_add_test(tc, a_subscription);
    tcase_add_test(tc, a_binding);
    suite_add_tcase(s, tc);
    return s;
}

PS_CHECK_MAIN
