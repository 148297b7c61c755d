/*
 * Covers the user agent core of a stack (RFC 3261 8.2) and its driver's contract: which methods and
 * extensions are refused and how, what is answered without a transaction, the bound on INVITEs of
 * one source, what is dropped and counted, errors of sending, the time told between pulls, requests
 * outside of dialogs, the largest message, whose Call-ID a step of the trace has, memory that is
 * too small.
 * Does not cover: calls, dialogs, registrations (their own tests), the rows (test_rows_*.c).
 */
#include <stdio.h>
#include <stdlib.h>

#include "../unit/check_main.h"
#include "world.h"

static struct world w;
static struct station *st;
static bool quiet; /* the application answers no request */

static void answers(struct station *at, const struct ps_event *event)
{
    static const struct ps_response ok = {.status = 200};
    if (event->kind == PS_EVENT_REQUEST && !quiet)
        (void)ps_stack_respond(at->stack, event->transaction, &ok);
}

static void start(const struct ps_limits *limits, const char *allow)
{
    struct ps_config config;
    memset(&config, 0, sizeof config);
    config.allow = ps_slice_of(allow);
    config.server = PS_S("plainsip-test");
    world_start(&w, 7);
    st = station_add(&w, "192.0.2.1:5060", "alice", limits, &config);
    st->on_event = answers;
    quiet = false;
}

static void setup(void)
{
    start(NULL, "INVITE, ACK, CANCEL, BYE, OPTIONS");
}

static void teardown(void)
{
    world_free(&w);
}

static uint64_t counted(enum ps_counter counter)
{
    return ps_stack_counters(st->stack)->of[counter];
}

static const struct sent *answer_to(const char *method, const char *lines)
{
    struct tester_request r = {.method = method, .lines = lines};
    world_request(&w, &r);
    ck_assert_uint_gt(w.log.n, 0);
    return sent_last(&w.log, "");
}

static unsigned status_of(const struct sent *sent)
{
    return (unsigned)atoi(sent->text + 8);
}

START_TEST(rfc3261_8_2_1_methods)
{
    ck_assert_uint_eq(status_of(answer_to("OPTIONS", NULL)), 200);
    ck_assert_str_eq(header_of(sent_last(&w.log, "SIP"), PS_H_SERVER), "plainsip-test");
    ck_assert_uint_eq(status_of(answer_to("MESSAGE", NULL)), 405);
    ck_assert_str_eq(header_of(sent_last(&w.log, "SIP"), PS_H_ALLOW),
                     "INVITE, ACK, CANCEL, BYE, OPTIONS");
    ck_assert_uint_eq(status_of(answer_to("FROBNICATE", NULL)), 501);
    ck_assert_uint_eq(status_of(answer_to("options", NULL)), 501); /* methods have one case */
    ck_assert_uint_eq(heard_count(st, PS_EVENT_REQUEST), 1);
}
END_TEST

START_TEST(rfc3261_8_2_1_without_a_list_all_methods_are_the_applications)
{
    teardown();
    start(NULL, "");
    ck_assert_uint_eq(status_of(answer_to("FROBNICATE", NULL)), 200);
}
END_TEST

START_TEST(rfc3261_8_2_2_3_what_require_names)
{
    const struct sent *sent = answer_to("OPTIONS", "Require: foo, bar\r\nRequire: baz\r\n");
    ck_assert_uint_eq(status_of(sent), 420);
    ck_assert_str_eq(nth_header_of(sent, PS_H_UNSUPPORTED, 0), "foo, bar, baz");
    ck_assert_uint_eq(status_of(answer_to("INVITE", "Require: 100rel\r\n")), 420);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_INCOMING), 0);
}
END_TEST

START_TEST(rfc3261_8_2_2_3_more_than_there_is_room_to_list)
{
    char lines[1600];
    memset(lines, 'x', sizeof lines);
    memcpy(lines, "Require: ", 9);
    memcpy(lines + sizeof lines - 10, ", y\r\n\0", 6);
    ck_assert_uint_eq(status_of(answer_to("OPTIONS", lines)), 420);
}
END_TEST

START_TEST(rfc3261_12_2_2_what_belongs_to_a_dialog_is_481_outside)
{
    teardown();
    start(NULL, "");
    ck_assert_uint_eq(status_of(answer_to("BYE", NULL)), 481);
    ck_assert_uint_eq(status_of(answer_to("UPDATE", NULL)), 481);
    ck_assert_uint_eq(status_of(answer_to("INFO", NULL)), 481);   /* RFC 6086 4.2.2 */
    ck_assert_uint_eq(status_of(answer_to("NOTIFY", NULL)), 481); /* RFC 6665 4.1.3 */
    ck_assert_uint_eq(status_of(answer_to("PRACK", NULL)), 481);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_REQUEST), 0);
    world_run(&w, 40000);
    station_expect_empty(st);
}
END_TEST

START_TEST(a_notify_that_nobody_asked_for_is_the_applications_by_choice)
{
    const struct ps_config config = {.notify_unasked = true};
    teardown();
    world_start(&w, 7);
    st = station_add(&w, "192.0.2.1:5060", "alice", NULL, &config);
    st->on_event = answers;
    ck_assert_uint_eq(status_of(answer_to("NOTIFY", NULL)), 200);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_REQUEST), 1);
}
END_TEST

/* ---- what is understood: 8.2.2.3, 8.2.3, 20.1 ---- */

static void start_with_types(void)
{
    const struct ps_config config = {.supported = PS_S("timer, foo"),
                                     .accept = PS_S("application/sdp"),
                                     .accept_message = PS_S("text/plain")};
    teardown();
    world_start(&w, 7);
    st = station_add(&w, "192.0.2.1:5060", "alice", NULL, &config);
    st->on_event = answers;
}

static const struct sent *answer_to_body(const char *method, const char *lines, const char *body)
{
    static unsigned calls;
    char id[32], branch[64];
    struct tester_request r = {
        .method = method, .lines = lines, .body = body, .call_id = id, .branch = branch};
    snprintf(id, sizeof id, "b%u@tester", ++calls);
    snprintf(branch, sizeof branch, "z9hG4bKb%u", calls);
    world_request(&w, &r);
    return w.log.n ? sent_last(&w.log, "") : NULL;
}

START_TEST(rfc3261_8_2_3_a_body_that_is_not_understood_is_415)
{
    const struct sent *sent;
    start_with_types();
    sent = answer_to_body("INVITE", "Content-Type: application/x-other\r\n", "x");
    ck_assert_uint_eq(status_of(sent), 415);
    ck_assert_str_eq(header_of(sent, PS_H_ACCEPT), "application/sdp");
    sent = answer_to_body("INVITE", "Content-Type: application/sdp\r\nContent-Encoding: gzip\r\n",
                          "x");
    ck_assert_uint_eq(status_of(sent), 415);
    ck_assert_str_eq(header_of(sent, PS_H_ACCEPT_ENCODING), "identity");
    sent = answer_to_body("MESSAGE", "Content-Type: text/html\r\n", "x");
    ck_assert_uint_eq(status_of(sent), 415);
    ck_assert_str_eq(header_of(sent, PS_H_ACCEPT), "text/plain");
    ck_assert_uint_eq(status_of(answer_to_body("MESSAGE", "Content-Type: text/plain\r\n", "x")),
                      200);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_INCOMING), 0);
    ck_assert_uint_eq(ps_stack_live(st->stack).calls, 0);
}
END_TEST

START_TEST(rfc5621_an_optional_body_that_is_not_understood_is_passed_over)
{
    start_with_types();
    answer_to_body("INVITE",
                   "Content-Type: application/x-other\r\n"
                   "Content-Disposition: render;handling=optional\r\n",
                   "x");
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_INCOMING), 1);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_CALL_INCOMING)->event.body.n, 0);
}
END_TEST

START_TEST(rfc3261_20_1_an_invite_that_takes_no_description_is_406)
{
    start_with_types();
    ck_assert_uint_eq(status_of(answer_to_body("INVITE", "Accept: text/plain\r\n", "")), 406);
    ck_assert_uint_eq(
        status_of(answer_to_body("INVITE", "Accept: application/sdp;q=0, text/plain\r\n", "")),
        406);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_INCOMING), 0);
    answer_to_body("INVITE", "Accept: application/*\r\n", "");
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_INCOMING), 1);
}
END_TEST

static char body_heard[32];

static void hears_body(struct station *at, const struct ps_event *event)
{
    (void)at;
    snprintf(body_heard, sizeof body_heard, "%.*s", (int)event->body.n,
             event->body.n ? event->body.p : "");
}

START_TEST(rfc5621_8_a_description_within_a_multipart_is_the_offer)
{
    ps_handle call;
    struct ps_slice offer;
    start_with_types();
    st->on_event = hears_body;
    answer_to_body("INVITE", "Content-Type: multipart/mixed;boundary=b\r\n",
                   "--b\r\nContent-Type: application/x-isup\r\n"
                   "Content-Disposition: signal;handling=optional\r\n\r\nisup\r\n"
                   "--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--b--\r\n");
    ck_assert_str_eq(body_heard, "v=0");
    call = heard_last(st, PS_EVENT_CALL_INCOMING)->event.call;
    offer = ps_call_offer(st->stack, call);
    ck_assert_int_eq(ps_equal(offer, PS_S("v=0")), 1);
}
END_TEST

START_TEST(rfc5621_8_a_description_within_a_multipart_is_the_answer)
{
    start_with_types();
    st->on_event = hears_body;
    start_call(st, "offer");
    world_answer(&w, sent_last(&w.log, "INVITE"), 200, "x",
                 "Contact: <sip:b@192.0.2.2>\r\nContent-Type: multipart/mixed;boundary=b\r\n",
                 "--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--b--\r\n");
    ck_assert_str_eq(body_heard, "v=0");
}
END_TEST

START_TEST(rfc3261_13_2_1_an_invite_and_its_2xx_say_what_is_supported)
{
    start_with_types();
    start_call(st, "offer");
    ck_assert_str_eq(header_of(sent_last(&w.log, "INVITE"), PS_H_SUPPORTED), "timer, foo");
    answer_to_body("INVITE", "Require: Foo\r\n", "");
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_INCOMING), 1);
    ck_assert_int_eq(ps_call_answer(st->stack, heard_last(st, PS_EVENT_CALL_INCOMING)->event.call,
                                    PS_S("application/sdp"), PS_S("answer")),
                     PS_OK);
    station_pull(st);
    ck_assert_str_eq(header_of(sent_last(&w.log, "SIP/2.0 200"), PS_H_SUPPORTED), "timer, foo");
}
END_TEST

START_TEST(an_event_has_a_name_and_a_caller)
{
    struct ps_event event;
    struct ps_message m;
    struct ps_caller caller;
    struct tester_request r = {.method = "INVITE"};
    struct ps_slice text = tester_text(&r);
    unsigned kind;
    memset(&event, 0, sizeof event);
    for (kind = 0; kind <= PS_EVENT_SUBSCRIPTION_ENDED; kind++)
        ck_assert_str_ne(ps_event_name((enum ps_event_kind)kind), "unknown");
    ck_assert_str_eq(ps_event_name((enum ps_event_kind)(PS_EVENT_SUBSCRIPTION_ENDED + 1)),
                     "unknown");
    ck_assert(!ps_event_caller(&event, &caller));
    ck_assert_int_eq(ps_message_parse(&m, text.p, text.n, NULL, NULL), PS_OK);
    event.message = &m;
    ck_assert(ps_event_caller(&event, &caller));
    ck_assert(ps_equal(caller.uri, PS_S("sip:a@example.com")));
}
END_TEST

static struct ps_config good_config(void)
{
    struct ps_config config = {.limits = world_limits(), .seed = {1}};
    return config;
}

static void expect_wrong(const struct ps_config *config, const char *name)
{
    const char *field = NULL;
    ck_assert_int_eq(ps_stack_check(config, &field), PS_E_ARGUMENT);
    ck_assert_str_eq(field, name);
    ck_assert_int_eq(ps_stack_check(config, NULL), PS_E_ARGUMENT);
}

START_TEST(a_configuration_is_checked_and_the_wrong_field_named)
{
    struct ps_config config = good_config();
    const char *field = "";
    ck_assert_int_eq(ps_stack_check(&config, &field), PS_OK);
    ck_assert_ptr_null(field);
    config.limits.per_source = 0;
    expect_wrong(&config, "limits.per_source");
    config = good_config();
    memset(config.limits.kept, 0, sizeof config.limits.kept);
    expect_wrong(&config, "limits.kept");
    config = good_config();
    config.limits.message_bytes = 0;
    expect_wrong(&config, "limits.message_bytes");
    config.limits.message_bytes = PS_MAX_MESSAGE + 1;
    expect_wrong(&config, "limits.message_bytes");
    config = good_config();
    config.limits.transactions = 0;
    expect_wrong(&config, "limits.transactions");
    config = good_config();
    config.limits.dialogs = 0;
    expect_wrong(&config, "limits.dialogs");
    config = good_config();
    memset(config.seed, 0, sizeof config.seed);
    expect_wrong(&config, "seed");
}
END_TEST

START_TEST(messages_larger_than_an_index_holds_are_refused_at_the_start)
{
    struct ps_config config = {.limits = world_limits()};
    size_t n;
    void *block;
    config.limits.message_bytes = PS_MAX_MESSAGE + 1;
    n = ps_stack_size(&config.limits);
    block = malloc(n);
    ck_assert_ptr_null(ps_stack_init(block, n, &config));
    config.limits.message_bytes = PS_MAX_MESSAGE;
    ck_assert_ptr_nonnull(ps_stack_init(block, n, &config));
    free(block);
}
END_TEST

START_TEST(rfc3261_8_2_7_what_is_malformed_is_answered_the_same_each_time_without_state)
{
    static const struct tester_request r = {.method = "OPTIONS", .lines = "Contact: <<>>\r\n"};
    unsigned i;
    for (i = 0; i < 3; i++) {
        world_request(&w, &r);
        ck_assert_uint_eq(status_of(&w.log.sent[i]), 400);
        ck_assert_str_eq(w.log.sent[i].text, w.log.sent[0].text);
        ck_assert_uint_gt(strlen(to_tag_of(&w.log.sent[i])), 0);
    }
    ck_assert_uint_eq(counted(PS_COUNT_ANSWERED_STATELESS), 3);
    station_expect_empty(st);
}
END_TEST

START_TEST(what_nobody_can_answer_is_dropped_and_counted)
{
    static const char *const wrong[] = {
        "", "\r\n", "\r\n\r\n", "hello", "OPTIONS sip:x SIP/2.0\r\n\r\n", "SIP/2.0 200 OK\r\n\r\n"};
    unsigned i;
    for (i = 0; i < 6; i++)
        world_feed(&w, ps_slice_of(wrong[i]));
    ck_assert_uint_eq(w.log.n, 0);
    ck_assert_uint_eq(counted(PS_COUNT_KEEPALIVES), 3);
    ck_assert_uint_eq(counted(PS_COUNT_RECEIVED), 3);
    ck_assert_uint_eq(
        counted(PS_COUNT_DROPPED_UNPARSEABLE) + counted(PS_COUNT_DROPPED_RESPONSE_INVALID), 3);
    station_expect_empty(st);
}
END_TEST

static void invite(unsigned i, const char *from)
{
    char via[64], call_id[32];
    struct tester_request r = {.via = via, .call_id = call_id};
    snprintf(via, sizeof via, "%s;branch=z9hG4bK%u", from, i);
    snprintf(call_id, sizeof call_id, "call%u", i);
    world_feed_from(&w, tester_text(&r), from, "192.0.2.1:5060");
}

START_TEST(per_source_bounds_invites_that_are_not_acknowledged)
{
    struct ps_limits limits = world_limits();
    struct tester_request ack = {.method = "ACK", .branch = "z9hG4bK0", .call_id = "call0"};
    char tag[64];
    limits.per_source = 2;
    teardown();
    start(&limits, "");
    invite(0, "192.0.2.2:5060");
    invite(1, "192.0.2.2:5061"); /* a source is an address, not a port */
    invite(2, "192.0.2.2:5062");
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_INCOMING), 2);
    ck_assert_uint_eq(status_of(sent_last(&w.log, "SIP")), 503);
    ck_assert_int_gt(atoi(header_of(sent_last(&w.log, "SIP"), PS_H_RETRY_AFTER)), 0);
    ck_assert_uint_eq(counted(PS_COUNT_REFUSED_PER_SOURCE), 1);
    invite(3, "192.0.2.3:5060"); /* others are not disturbed */
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_INCOMING), 3);
    ck_assert_int_eq(ps_call_reject(st->stack, st->heard[0].event.call, 486, PS_NONE), PS_OK);
    station_pull(st);
    invite(4, "192.0.2.2:5060"); /* refused is not acknowledged */
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_INCOMING), 3);
    snprintf(tag, sizeof tag, "%s", to_tag_of(sent_last(&w.log, "SIP/2.0 486")));
    ack.to_tag = tag;
    world_request(&w, &ack);
    invite(5, "192.0.2.2:5060");
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_INCOMING), 4);
}
END_TEST

START_TEST(the_driver_pulls_empty_before_it_feeds_again)
{
    static const struct tester_request r = {.method = "OPTIONS"};
    struct ps_flow flow;
    struct ps_action action;
    struct ps_slice text = tester_text(&r);
    memset(&flow, 0, sizeof flow);
    flow.local = st->address;
    flow.remote = world_address("192.0.2.2:5060");
    ck_assert_int_eq(ps_stack_receive(st->stack, 0, &flow, text), PS_OK);
    ck_assert_int_eq(ps_stack_receive(st->stack, 0, &flow, text), PS_E_STATE);
    ck_assert(ps_stack_pull(st->stack, 0, &action));
    ck_assert_int_eq(action.kind, PS_ACTION_EVENT);
    ck_assert(!ps_stack_pull(st->stack, 0, &action));
    ck_assert_int_eq(action.kind, PS_ACTION_NONE);
    ck_assert_int_eq(ps_stack_receive(st->stack, 0, &flow, text), PS_OK); /* absorbed */
    ck_assert(!ps_stack_pull(st->stack, 0, &action));
    ck_assert_uint_eq(counted(PS_COUNT_RETRANSMISSIONS_ABSORBED), 1);
}
END_TEST

static ps_handle options_to(const char *uri)
{
    struct ps_request_to_send request = {.account = &st->account,
                                         .method = PS_S("OPTIONS"),
                                         .uri = ps_slice_of(uri),
                                         .lines = PS_S("Accept: application/sdp\r\n"),
                                         .contact = true,
                                         .user = &w};
    ps_handle h = 0;
    ck_assert_int_eq(ps_stack_request(st->stack, &request, &h), PS_OK);
    station_pull(st);
    return h;
}

START_TEST(rfc3261_8_1_1_a_request_outside_of_dialogs)
{
    ps_handle h = options_to("sip:b@192.0.2.2");
    const struct sent *sent = sent_last(&w.log, "OPTIONS");
    ck_assert_str_eq(header_of(sent, PS_H_TO), "<sip:b@192.0.2.2>");
    ck_assert_str_eq(header_of(sent, PS_H_CONTACT), "<sip:alice@192.0.2.1:5060>");
    ck_assert_str_eq(header_of(sent, PS_H_MAX_FORWARDS), "70");
    world_answer(&w, sent, 100, NULL, NULL, NULL);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_PROVISIONAL)->event.status, 100);
    world_answer(&w, sent_last(&w.log, "OPTIONS"), 200, "t", NULL, NULL);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_RESPONSE)->event.request, h);
    ck_assert_ptr_eq(heard_last(st, PS_EVENT_RESPONSE)->event.user, &w);
    world_run(&w, 40000);
    station_expect_empty(st);
}
END_TEST

START_TEST(rfc3261_8_1_3_1_icmp_is_a_503_for_each_that_waits)
{
    struct ps_address dead = world_address("192.0.2.2:5060");
    options_to("sip:a@192.0.2.2");
    options_to("sip:b@192.0.2.2");
    options_to("sip:c@192.0.2.3");
    ps_stack_failed(st->stack, 0, &dead);
    station_pull(st);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_RESPONSE), 2);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_RESPONSE)->event.status, 503);
    ck_assert_uint_eq(counted(PS_COUNT_TRANSPORT_ERRORS), 2);
    world_answer(&w, sent_last(&w.log, "OPTIONS sip:c"), 200, "t", NULL, NULL);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_RESPONSE)->event.status, 200);
    world_run(&w, 40000);
    station_expect_empty(st);
}
END_TEST

/* Each of the first eight ends its own request; the ninth waits for Timer F. */
START_TEST(send_failures_before_a_pull_are_each_told)
{
    struct ps_request_to_send request = {.account = &st->account, .method = PS_S("OPTIONS")};
    ps_handle handle, transaction[9];
    unsigned i;
    request.uri = PS_S("sip:x@192.0.2.2");
    for (i = 0; i < 9; i++) {
        struct ps_action action;
        ck_assert_int_eq(ps_stack_request(st->stack, &request, &handle), PS_OK);
        while (ps_stack_pull(st->stack, w.now, &action) && action.kind != PS_ACTION_SEND)
            if (action.kind == PS_ACTION_RESOLVE) {
                struct ps_flow flow = {.local = st->address,
                                       .remote = world_address("192.0.2.2:5060")};
                ps_stack_resolved(st->stack, action.request, &flow, 1);
            }
        ck_assert_int_eq(action.kind, PS_ACTION_SEND);
        transaction[i] = action.transaction;
    }
    for (i = 0; i < 9; i++)
        ps_stack_failed(st->stack, transaction[i], NULL);
    station_pull(st);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_RESPONSE), 8);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_RESPONSE)->event.status, 503);
    ck_assert_uint_eq(counted(PS_COUNT_FAILURES_FORGOTTEN), 1);
    world_run(&w, 32000);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_RESPONSE), 9);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_RESPONSE)->event.status, 408);
}
END_TEST

START_TEST(what_starts_between_pulls_counts_from_the_time_told)
{
    ps_handle call = start_call(st, "offer");
    struct ps_action action;
    world_answer(&w, sent_last(&w.log, "INVITE"), 180, "x", "Contact: <sip:b@192.0.2.2>\r\n", NULL);
    ps_stack_set_now(st->stack, 10000);
    ck_assert_int_eq(ps_call_hangup(st->stack, call), PS_OK);
    ck_assert(ps_stack_pull(st->stack, 10000, &action));
    ck_assert(!ps_stack_pull(st->stack, 10000, &action));
    ck_assert(!ps_stack_pull(st->stack, 10499, &action));
    ck_assert(ps_stack_pull(st->stack, 10500, &action)); /* Timer E of the CANCEL */
    ck_assert(action.again);
}
END_TEST

START_TEST(a_request_that_cannot_be_written_is_an_error)
{
    struct ps_request_to_send request = {
        .account = &st->account, .method = PS_S("OPTIONS"), .uri = PS_S("mailto:b@192.0.2.2")};
    static char large[9000];
    ps_handle h = 0;
    ck_assert_int_eq(ps_stack_request(st->stack, &request, &h), PS_E_SCHEME);
    request.uri = PS_S("sip:");
    ck_assert_int_ne(ps_stack_request(st->stack, &request, &h), PS_OK);
    request.uri = PS_S("sip:b@192.0.2.2");
    memset(large, 'x', sizeof large);
    request.type = PS_S("text/plain");
    request.body = ps_slice(large, sizeof large);
    ck_assert_int_eq(ps_stack_request(st->stack, &request, &h), PS_E_OVERFLOW);
    request.body = ps_slice(large, 5000); /* it can be written, and no chunk is as large */
    ck_assert_int_eq(ps_stack_request(st->stack, &request, &h), PS_E_TOO_LARGE);
    station_expect_empty(st);
}
END_TEST

/* ---- the largest datagram: 65,535 bytes ---- */

static char largest[PS_MAX_MESSAGE + 1];

static void start_large(void)
{
    struct ps_limits limits = world_limits();
    limits.message_bytes = PS_MAX_MESSAGE;
    limits.kept[3] = (struct ps_size_class){PS_MAX_MESSAGE, 4};
    teardown();
    start(&limits, "OPTIONS");
}

/* A request of the tester's of `n` bytes. */
static struct ps_slice large_request(size_t n)
{
    static const struct tester_request r = {.method = "OPTIONS", .lines = "Subject: "};
    struct ps_slice text = tester_text(&r);
    const char *subject = strstr(text.p, "Subject: ") + 9;
    size_t before = (size_t)(subject - text.p), after = text.n - before + 2;
    memset(largest, 's', sizeof largest);
    memcpy(largest, text.p, before);
    memcpy(largest + n - after, "\r\n", 2);
    memcpy(largest + n - after + 2, subject, after - 2);
    return ps_slice(largest, n);
}

START_TEST(a_datagram_of_65535_bytes_is_received_and_kept)
{
    start_large();
    quiet = true;
    world_feed(&w, large_request(PS_MAX_MESSAGE));
    ck_assert_uint_eq(heard_last(st, PS_EVENT_REQUEST)->n, PS_MAX_MESSAGE);
    ck_assert_int_eq(ps_stack_respond(st->stack,
                                      heard_last(st, PS_EVENT_REQUEST)->event.transaction,
                                      &(struct ps_response){.status = 200}),
                     PS_OK);
    station_pull(st);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 200"), 1);
    /* one more is none that a datagram can hold */
    world_feed(&w, large_request(PS_MAX_MESSAGE + 1));
    ck_assert_uint_eq(heard_count(st, PS_EVENT_REQUEST), 1);
    world_run(&w, 40000);
    station_expect_empty(st);
}
END_TEST

/* Bytes of the request of ours with a body of this many; 0 where none was sent. */
static size_t sent_with(size_t body)
{
    struct ps_request_to_send request = {.account = &st->account,
                                         .method = PS_S("MESSAGE"),
                                         .uri = PS_S("sip:b@192.0.2.2"),
                                         .type = PS_S("text/plain")};
    unsigned before = sent_count(&w.log, "MESSAGE");
    ps_handle h;
    memset(largest, 'x', sizeof largest);
    request.body = ps_slice(largest, body);
    if (!ps_stack_request(st->stack, &request, &h))
        station_pull(st);
    return sent_count(&w.log, "MESSAGE") > before ? sent_slice(sent_last(&w.log, "MESSAGE")).n : 0;
}

START_TEST(a_request_of_65535_bytes_is_written_and_kept)
{
    size_t head;
    start_large();
    head = sent_with(60000) - 60000;
    ck_assert_uint_eq(sent_with(PS_MAX_MESSAGE - head), PS_MAX_MESSAGE);
    ck_assert_uint_eq(sent_with(PS_MAX_MESSAGE - head + 1), 0);
    world_run(&w, 40000);
    station_expect_empty(st);
}
END_TEST

START_TEST(rfc4320_an_application_that_never_answers)
{
    quiet = true;
    world_request(&w, &(struct tester_request){.method = "OPTIONS"});
    world_run(&w, 40000);
    ck_assert_uint_eq(w.log.n, 1); /* the 100 at 3.5 s */
    ck_assert_uint_eq(w.log.sent[0].at, 3500);
    ck_assert_int_eq(ps_stack_respond(st->stack,
                                      heard_last(st, PS_EVENT_REQUEST)->event.transaction,
                                      &(struct ps_response){.status = 200}),
                     PS_E_STALE);
    station_expect_empty(st);
}
END_TEST

START_TEST(rfc3261_18_1_1_a_request_over_1300_octets_is_counted_once)
{
    static char line[1400];
    struct ps_request_to_send request = {
        .account = &st->account, .method = PS_S("OPTIONS"), .uri = PS_S("sip:b@192.0.2.2")};
    ps_handle h = 0;
    snprintf(line, sizeof line, "Subject: %01300d\r\n", 0);
    request.lines = ps_slice_of(line);
    ck_assert_int_eq(ps_stack_request(st->stack, &request, &h), PS_OK);
    station_pull(st);
    ck_assert_uint_gt(sent_last(&w.log, "OPTIONS")->n, 1300);
    world_run(&w, 2000);
    ck_assert_uint_gt(sent_count(&w.log, "OPTIONS"), 1); /* nor for its repetitions */
    ck_assert_uint_eq(counted(PS_COUNT_SENT_OVER_MTU), 1);
}
END_TEST

START_TEST(a_request_that_finds_no_transaction_ends_and_is_counted)
{
    struct ps_limits limits = world_limits();
    limits.transactions = 1;
    world_free(&w);
    start(&limits, "OPTIONS");
    options_to("sip:b@192.0.2.2");
    ck_assert_uint_eq(counted(PS_COUNT_DROPPED_FULL), 0);
    options_to("sip:c@192.0.2.2");
    ck_assert_uint_eq(sent_count(&w.log, "OPTIONS"), 1);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_RESPONSE)->event.status, 503);
    ck_assert_uint_eq(counted(PS_COUNT_DROPPED_FULL), 1);
    world_run(&w, 40000);
    ck_assert_uint_eq(counted(PS_COUNT_TIMEOUTS), 1);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_RESPONSE)->event.status, 408);
    station_expect_empty(st);
}
END_TEST

/* ---- the trace ---- */

static struct {
    char text[96];
    uint64_t at;
} steps[64];
static unsigned steps_n;

static void on_step(void *context, const struct ps_trace_step *step)
{
    (void)context;
    if (steps_n == 64)
        return;
    steps[steps_n].at = step->now;
    snprintf(steps[steps_n++].text, sizeof steps[0].text, "%s %s %.*s", step->machine, step->event,
             (int)step->call_id.n, step->call_id.n ? step->call_id.p : "");
}

static void start_traced(void)
{
    struct ps_config config;
    memset(&config, 0, sizeof config);
    config.trace = on_step;
    world_free(&w);
    world_start(&w, 7);
    st = station_add(&w, "192.0.2.1:5060", "alice", NULL, &config);
    steps_n = 0;
}

static void expect_step(unsigned i, uint64_t at, const char *text)
{
    ck_assert_uint_gt(steps_n, i);
    ck_assert_str_eq(steps[i].text, text);
    ck_assert_uint_eq(steps[i].at, at);
}

/* In turn from the message that comes, from the request that is kept, from the response that is:
 * and what a timer does has nothing of the message that came last. */
START_TEST(a_step_of_the_trace_names_its_own_call)
{
    start_traced();
    st->on_event = NULL;
    world_request(&w, &(struct tester_request){.method = "OPTIONS", .call_id = "one"});
    expect_step(0, 0, "nist request one");
    world_run(&w, 1000);
    world_request(&w, &(struct tester_request){.method = "OPTIONS",
                                               .call_id = "two",
                                               .via = "192.0.2.2;branch=z9hG4bK2"});
    expect_step(1, 1000, "nist request two");
    ck_assert_int_eq(ps_stack_respond(st->stack,
                                      heard_last(st, PS_EVENT_REQUEST)->event.transaction,
                                      &(struct ps_response){.status = 200}),
                     PS_OK);
    station_pull(st);
    expect_step(2, 1000, "nist final response two");
    world_run(&w, 32000);
    expect_step(3, 3500, "nist timer 100 one");
    expect_step(4, 32000, "nist guard one");
    world_run(&w, 33000);
    expect_step(5, 33000, "nist timer J two"); /* from the response: the request is forgotten */
    ck_assert_uint_eq(steps_n, 6);
    station_expect_empty(st);
}
END_TEST

START_TEST(a_step_of_our_own_request_names_its_call)
{
    char call_id[64], text[96];
    start_traced();
    options_to("sip:b@192.0.2.2");
    snprintf(call_id, sizeof call_id, "%s", header_of(sent_last(&w.log, "OPTIONS"), PS_H_CALL_ID));
    snprintf(text, sizeof text, "nict request %s", call_id);
    expect_step(0, 0, text);
    world_request(&w, &(struct tester_request){.method = "OPTIONS", .call_id = "other"});
    world_run(&w, 500);
    snprintf(text, sizeof text, "nict timer E %s", call_id);
    expect_step(2, 500, text);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("stack");
    TCase *tc = tcase_create("core");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, rfc3261_8_2_1_methods);
    tcase_add_test(tc, rfc3261_8_2_1_without_a_list_all_methods_are_the_applications);
    tcase_add_test(tc, rfc3261_8_2_2_3_what_require_names);
    tcase_add_test(tc, rfc3261_8_2_2_3_more_than_there_is_room_to_list);
    tcase_add_test(tc, rfc3261_12_2_2_what_belongs_to_a_dialog_is_481_outside);
    tcase_add_test(tc, a_notify_that_nobody_asked_for_is_the_applications_by_choice);
    tcase_add_test(tc, rfc3261_8_2_3_a_body_that_is_not_understood_is_415);
    tcase_add_test(tc, rfc5621_an_optional_body_that_is_not_understood_is_passed_over);
    tcase_add_test(tc, rfc3261_20_1_an_invite_that_takes_no_description_is_406);
    tcase_add_test(tc, rfc5621_8_a_description_within_a_multipart_is_the_offer);
    tcase_add_test(tc, rfc5621_8_a_description_within_a_multipart_is_the_answer);
    tcase_add_test(tc, rfc3261_13_2_1_an_invite_and_its_2xx_say_what_is_supported);
    tcase_add_test(tc, an_event_has_a_name_and_a_caller);
    tcase_add_test(tc, a_configuration_is_checked_and_the_wrong_field_named);
    tcase_add_test(tc, messages_larger_than_an_index_holds_are_refused_at_the_start);
    tcase_add_test(tc,
                   rfc3261_8_2_7_what_is_malformed_is_answered_the_same_each_time_without_state);
    tcase_add_test(tc, what_nobody_can_answer_is_dropped_and_counted);
    tcase_add_test(tc, per_source_bounds_invites_that_are_not_acknowledged);
    tcase_add_test(tc, the_driver_pulls_empty_before_it_feeds_again);
    tcase_add_test(tc, rfc3261_8_1_1_a_request_outside_of_dialogs);
    tcase_add_test(tc, rfc3261_8_1_3_1_icmp_is_a_503_for_each_that_waits);
    tcase_add_test(tc, send_failures_before_a_pull_are_each_told);
    tcase_add_test(tc, what_starts_between_pulls_counts_from_the_time_told);
    tcase_add_test(tc, a_request_that_cannot_be_written_is_an_error);
    tcase_add_test(tc, a_datagram_of_65535_bytes_is_received_and_kept);
    tcase_add_test(tc, a_request_of_65535_bytes_is_written_and_kept);
    tcase_add_test(tc, rfc4320_an_application_that_never_answers);
    tcase_add_test(tc, rfc3261_18_1_1_a_request_over_1300_octets_is_counted_once);
    tcase_add_test(tc, a_request_that_finds_no_transaction_ends_and_is_counted);
    tcase_add_test(tc, a_step_of_the_trace_names_its_own_call);
    tcase_add_test(tc, a_step_of_our_own_request_names_its_call);
    suite_add_tcase(s, tc);
    return s;
}

PS_CHECK_MAIN
