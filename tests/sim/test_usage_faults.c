/*
 * Covers what a registration, a subscription and the registrar do where each thing that they need
 * is not to be had: for every n, the nth object of a pool and the nth chunk of the store fails,
 * once or for a while. What is asked for may fail with an error, or later with an event; an event
 * tells whether it is tried again; nothing is left over, and the next one works.
 * Does not cover: calls (test_pools.c), which are made of the same.
 */
#include <stdio.h>

#include "../unit/check_main.h"
#include "faults.h"
#include "world.h"

static struct world w;
static struct station *st;

static void setup(void)
{
    memset(&of_objects, 0, sizeof of_objects);
    memset(&of_chunks, 0, sizeof of_chunks);
    world_start(&w, 7);
    st = station_add(&w, "192.0.2.1:5060", "alice", NULL, NULL);
    st->account.aor = PS_S("sip:alice@example.org");
}

static void teardown(void)
{
    world_free(&w);
}

/* Fault number n of a loop: its pool, its place, once or five times in a row. */
enum { PLACES = 40, FAULTS = 4 * PLACES };

static void set_fault(int n)
{
    struct fault *fault = n / PLACES % 2 ? &of_chunks : &of_objects;
    of_objects.count = of_chunks.count = 0;
    fault->at = (unsigned)(n % PLACES);
    fault->span = n / PLACES / 2 ? 5 : 1;
}

static void end_faults(void)
{
    of_objects.span = of_chunks.span = 0;
    of_objects.count = of_chunks.count = 0;
    station_forget_heard(st);
}

/* A run without faults has asked for no more than the loops let fail. */
static void each_was_failed(void)
{
    ck_assert_uint_le(of_objects.count, PLACES);
    ck_assert_uint_le(of_chunks.count, PLACES);
}

static void at_rest(void)
{
    world_run(&w, w.now + 40000);
    ck_assert_uint_eq(ps_stack_live(st->stack).registrations, 0);
    ck_assert_uint_eq(ps_stack_live(st->stack).subscriptions, 0);
    station_expect_empty(st);
}

/* The request that the stack has sent last, where it is one not answered yet. */
static unsigned answered;
static const struct sent *open_request(const char *method)
{
    unsigned i;
    for (i = w.log.n; i > answered; i--)
        if (!strncmp(w.log.sent[i - 1].text, method, strlen(method))) {
            answered = w.log.n;
            return &w.log.sent[i - 1];
        }
    return NULL;
}

/* ---- a registration ---- */

/* Answers the REGISTER that waits for an answer, where there is one. */
static bool serve_register(unsigned status, const char *lines)
{
    const struct sent *request = open_request("REGISTER");
    if (!request)
        return false;
    world_answer(&w, request, status, "r", lines, NULL);
    return true;
}

static struct ps_stack *registrations(void)
{
    return st->stack;
}

static enum ps_error start_registration(ps_handle *out)
{
    struct ps_registration_options options = {
        .account = &st->account, .registrar = PS_S("sip:192.0.2.2"), .expires = 60};
    enum ps_error error = ps_registration_start(registrations(), &options, out);
    station_pull(st);
    return error;
}

static unsigned failures(void)
{
    return heard_count(st, PS_EVENT_REGISTRATION_FAILED);
}

/* Registers (with 423), is refreshed, stops; whatever of it is possible. */
static void live_as_registration(ps_handle handle)
{
    unsigned i;
    (void)serve_register(423, "Min-Expires: 100\r\n");
    for (i = 0; i < 80; i++) { /* failures of our own are tried again after 30 s and more */
        (void)serve_register(200, "Contact: <sip:alice@192.0.2.1:5060>;expires=100\r\n");
        world_run(&w, w.now + 10000);
    }
    (void)serve_register(200, "Contact: <sip:alice@192.0.2.1:5060>;expires=100\r\n");
    if (ps_registration_stop(registrations(), handle)) {
        station_pull(st);
        ps_registration_end(registrations(), handle); /* as an application does that cannot wait */
    }
    station_pull(st);
    (void)serve_register(200, NULL);
    world_run(&w, w.now + 40000);
}

START_TEST(a_registration_that_lacks_something)
{
    ps_handle handle = 0;
    enum ps_error error;
    unsigned i;
    answered = 0;
    set_fault(_i);
    error = start_registration(&handle);
    if (error) {
        ck_assert_int_eq(error, PS_E_FULL);
        ck_assert_uint_eq(st->heard_n, 0); /* nothing is told of what there is not */
    } else {
        live_as_registration(handle);
        for (i = 0; i < st->heard_n; i++) /* what we lack is no answer: it is tried again */
            if (st->heard[i].event.kind == PS_EVENT_REGISTRATION_FAILED)
                ck_assert_uint_eq(st->heard[i].event.status, 503);
    }
    at_rest();
    end_faults();
    handle = 0;
    ck_assert_int_eq(start_registration(&handle), PS_OK);
    live_as_registration(handle);
    ck_assert_uint_ge(heard_count(st, PS_EVENT_REGISTERED), 8);
    ck_assert_uint_eq(failures(), 0);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_UNREGISTERED), 1);
    each_was_failed();
    at_rest();
}
END_TEST

/* A refresh for which there is nothing to be had is a failure of ours, and tells of the next. */
START_TEST(a_refresh_that_cannot_be_made_is_a_503_and_made_later)
{
    ps_handle handle = 0;
    answered = 0;
    ck_assert_int_eq(start_registration(&handle), PS_OK);
    (void)serve_register(200, "Contact: <sip:alice@192.0.2.1:5060>;expires=100\r\n");
    of_objects.at = of_objects.count = 0;
    of_objects.span = 1;
    world_run(&w, 90000);
    ck_assert_uint_eq(sent_count(&w.log, "REGISTER"), 1);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_REGISTRATION_FAILED)->event.status, 503);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_REGISTRATION_FAILED)->event.retry_in, 30);
    ck_assert_ptr_null(heard_last(st, PS_EVENT_REGISTRATION_FAILED)->text);
    world_run(&w, 120000);
    ck_assert_uint_eq(sent_count(&w.log, "REGISTER"), 2);
    ps_registration_end(registrations(), handle);
    at_rest();
}
END_TEST

/* Its un-REGISTER had to wait for the REGISTER before, and then finds no room: that is the end. */
START_TEST(an_end_that_had_to_wait_and_cannot_be_sent_is_a_503_for_good)
{
    ps_handle handle = 0;
    answered = 0;
    ck_assert_int_eq(start_registration(&handle), PS_OK);
    ck_assert_int_eq(ps_registration_stop(registrations(), handle), PS_OK);
    of_objects.at = of_objects.count = 0;
    of_objects.span = 1;
    (void)serve_register(200, NULL);
    ck_assert_uint_eq(st->heard_n, 1);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_REGISTRATION_FAILED)->event.status, 503);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_REGISTRATION_FAILED)->event.retry_in, 0);
    at_rest();
}
END_TEST

/* ---- a subscription ---- */

static struct ps_stack *subscriptions(void)
{
    return st->stack;
}

static enum ps_error start_subscription(ps_handle *out)
{
    struct ps_subscription_options options = {.account = &st->account,
                                              .target = PS_S("sip:b@192.0.2.2"),
                                              .event = PS_S("presence"),
                                              .expires = 100};
    enum ps_error error = ps_subscription_start(subscriptions(), &options, out);
    station_pull(st);
    return error;
}

static void notify(const char *state)
{
    static unsigned cseq;
    char lines[128];
    struct tester_request r = {
        .method = "NOTIFY", .from_tag = "r", .cseq = ++cseq, .lines = lines, .body = ""};
    if (!sent_count(&w.log, "SUBSCRIBE"))
        return;
    snprintf(lines, sizeof lines, "Event: presence\r\nSubscription-State: %s\r\n", state);
    world_request_within(&w, sent_last(&w.log, "SUBSCRIBE"), r);
}

static void serve_subscribe(unsigned status)
{
    const struct sent *request = open_request("SUBSCRIBE");
    if (request)
        world_answer(&w, request, status, "r", "Expires: 100\r\nMin-Expires: 200\r\n", NULL);
}

/* Subscribes (with 423), is refreshed, ended by the notifier, subscribes again, stops. */
static void live_as_subscription(ps_handle handle)
{
    serve_subscribe(423);
    serve_subscribe(200);
    notify("active;expires=100");
    world_run(&w, w.now + 90000);
    serve_subscribe(200);
    notify("active;expires=100");
    notify("terminated;reason=deactivated");
    serve_subscribe(200);
    notify("active;expires=100");
    if (ps_subscription_stop(subscriptions(), handle) == PS_E_FULL)
        ps_subscription_end(subscriptions(), handle);
    station_pull(st);
    serve_subscribe(200);
    notify("terminated");
    world_run(&w, w.now + 200000); /* Timer N, or its own end */
}

START_TEST(a_subscription_that_lacks_something)
{
    ps_handle handle = 0;
    enum ps_error error;
    answered = 0;
    set_fault(_i);
    error = start_subscription(&handle);
    if (error) {
        ck_assert_int_eq(error, PS_E_FULL);
        ck_assert_uint_eq(st->heard_n, 0);
    } else {
        live_as_subscription(handle);
        ck_assert_uint_le(heard_count(st, PS_EVENT_SUBSCRIPTION_ENDED), 1);
    }
    at_rest();
    end_faults();
    handle = 0;
    answered = w.log.n;
    ck_assert_int_eq(start_subscription(&handle), PS_OK);
    live_as_subscription(handle);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_SUBSCRIPTION_ENDED), 1);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_SUBSCRIPTION_ENDED)->event.status, 200);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_SUBSCRIBED), 3);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_NOTIFIED), 5);
    each_was_failed();
    at_rest();
}
END_TEST

/* ---- bindings ---- */

static void registrar_hears(struct station *at, const struct ps_event *event)
{
    if (event->kind == PS_EVENT_REQUEST)
        (void)ps_registrar_register(at->stack, event->transaction);
}

/* The status of the answer, 0 where there is none. */
static unsigned registers(unsigned cseq, const char *lines)
{
    char call_id[16];
    struct tester_request r = {.method = "REGISTER",
                               .uri = "sip:example.org",
                               .call_id = call_id,
                               .contact = "",
                               .lines = lines,
                               .body = "",
                               .cseq = cseq};
    unsigned before = w.log.n;
    snprintf(call_id, sizeof call_id, "c%u", cseq);
    world_request(&w, &r);
    return w.log.n > before ? (unsigned)atoi(sent_last(&w.log, "")->text + 8) : 0;
}

START_TEST(bindings_that_lack_something)
{
    static const char three[] = "Contact: <sip:a@192.0.2.5>, <sip:a@192.0.2.6>, "
                                "<sip:a@192.0.2.7>\r\n",
                      others[] = "Contact: <sip:a@192.0.2.5>;expires=0, <sip:a@192.0.2.6>;x=y, "
                                 "<sip:a@192.0.2.8>\r\n";
    unsigned status, before;
    st->on_event = registrar_hears;
    set_fault(_i);
    status = registers(1, three);
    before = ps_stack_live(st->stack).bindings;
    ck_assert_uint_eq(before, status == 200 ? 3 : 0);
    status = registers(2, others);
    if (status != 200) /* all or nothing */
        ck_assert_uint_eq(ps_stack_live(st->stack).bindings, before);
    world_run(&w, 40000);
    end_faults();
    ck_assert_uint_eq(registers(3, three), 200);
    ck_assert_uint_eq(registers(4, others), 200);
    ck_assert_uint_eq(ps_stack_live(st->stack).bindings, 3);
    ck_assert_uint_eq(registers(5, "Contact: *\r\nExpires: 0\r\n"), 200);
    each_was_failed();
    at_rest();
    ck_assert_uint_eq(ps_stack_live(st->stack).bindings, 0);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("usage faults");
    TCase *tc = tcase_create("full");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, a_registration_that_lacks_something, 0, FAULTS);
    tcase_add_test(tc, a_refresh_that_cannot_be_made_is_a_503_and_made_later);
    tcase_add_test(tc, an_end_that_had_to_wait_and_cannot_be_sent_is_a_503_for_good);
    tcase_add_loop_test(tc, a_subscription_that_lacks_something, 0, FAULTS);
    tcase_add_loop_test(tc, bindings_that_lack_something, 0, FAULTS);
    suite_add_tcase(s, tc);
    return s;
}

PS_CHECK_MAIN
