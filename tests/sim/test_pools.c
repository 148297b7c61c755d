/*
 * Covers full pools: two phones and a registrar that redirects run their main job (register with
 * Digest, call by the public address, hold, resume, talk, hang up, cancel, un-register) while the
 * nth request for an object or for a chunk of the store fails, for every n, once or ten times in a
 * row; and with each limit at 1 and at 0. What the application asks for may fail with an error; all
 * ends, nothing is left over, and the next call works.
 * Does not cover: a driver's memory (test_transport_faults.c).
 */
#include "../unit/check_main.h"
#include "faults.h"
#include "world.h"

#define SDP PS_S("application/sdp")

/* ---- the parties ---- */

static struct ps_slice description = {"session", 7};

static struct world w;
static struct station *alice, *bob, *registrar;
static ps_handle bobs_call, alices_call, bobs_registration;
static struct ps_auth_server auth;
static struct ps_digest_bucket bucket[4];
static const struct ps_digest_user user = {
    .username = {"bob", 3}, .realm = {"r", 1}, .password = {"secret", 6}};

static const struct ps_digest_user *find(void *context, const struct ps_digest_credentials *c)
{
    (void)context;
    return ps_digest_names(c, &user) ? &user : NULL;
}

static void registrar_hears(struct station *st, const struct ps_event *event)
{
    static char text[1024];
    struct ps_writer lines = ps_writer(text, sizeof text);
    struct ps_response refusal;
    if (event->kind == PS_EVENT_REQUEST) {
        if (ps_stack_authenticate(st->stack, &auth, event->transaction, NULL, &refusal))
            (void)ps_registrar_register(st->stack, event->transaction);
        else
            (void)ps_stack_respond(st->stack, event->transaction, &refusal);
    } else if (event->kind == PS_EVENT_CALL_INCOMING) {
        bool found =
            ps_registrar_contacts(st->stack, PS_S("sip:bob@192.0.2.3"), true, SIZE_MAX, &lines) > 0;
        ck_assert_int_eq(
            ps_call_reject(st->stack, event->call, found ? 302 : 480, ps_written(&lines)), PS_OK);
        ck_assert_int_eq(ps_call_reject(st->stack, event->call, 480, PS_NONE), PS_E_STALE);
    }
}

/* An end in order is told where a BYE was on the way, and not else. */
static void expect_the_truth(const struct ps_event *event)
{
    if (event->kind == PS_EVENT_CALL_ENDED && event->status == 200)
        ck_assert_uint_gt(sent_count(&w.log, "BYE"), 0);
}

static void phone_hears(struct station *st, const struct ps_event *event)
{
    static const struct ps_response ok = {.status = 200};
    struct ps_stack *calls = st->stack;
    expect_the_truth(event);
    if (event->kind == PS_EVENT_CALL_INCOMING) {
        bobs_call = event->call;
        (void)ps_call_ring(calls, event->call, 180, PS_NONE, PS_NONE);
    } else if (event->kind == PS_EVENT_CALL_OFFER) {
        if (ps_call_answer(calls, event->call, SDP, description))
            (void)ps_call_reject(calls, event->call, 500, PS_NONE);
    } else if (event->kind == PS_EVENT_REQUEST) {
        (void)ps_stack_respond(st->stack, event->transaction, &ok);
    }
}

static void set_up(const struct ps_limits *limits, struct station **small)
{
    static const struct ps_digest_policy policy;
    static const struct ps_limits usual = {
        32, 32, 16, 8, 4, 2, 8, 2048, 16, {{512, 32}, {1024, 32}, {2048, 8}, {0, 0}}};
    world_start(&w, 5);
    alice = station_add(&w, "192.0.2.1:5060", "alice", small == &alice ? limits : &usual, NULL);
    bob = station_add(&w, "192.0.2.2:5060", "bob", small == &bob ? limits : &usual, NULL);
    registrar = station_add(&w, "192.0.2.3:5060", "", small == &registrar ? limits : &usual, NULL);
    alice->on_event = bob->on_event = phone_hears;
    registrar->on_event = registrar_hears;
    bob->account.aor = PS_S("sip:bob@192.0.2.3");
    ps_digest_client_start(&bob->account.digest, &user, 1, &policy);
    memset(&auth, 0, sizeof auth);
    memset(bucket, 0, sizeof bucket);
    auth.digest.realm = PS_S("r");
    auth.digest.nonce_life = 300000;
    auth.digest.offers[0] = PS_DIGEST_MD5;
    auth.digest.n_offers = 1;
    auth.digest.qop = PS_QOP_AUTH;
    auth.digest.bucket = bucket;
    auth.digest.n_buckets = 4;
    auth.find_user = find;
    ck_assert_int_eq(ps_digest_server_valid(&auth.digest), PS_OK);
}

/* ---- the main job ---- */

static void after(uint64_t ms)
{
    world_run(&w, w.now + ms);
}

static void settle(void)
{
    station_pull(alice);
    station_pull(bob);
    after(500);
}

static struct ps_stack *calls_of(const struct station *st)
{
    return st->stack;
}

static void call_bob(void)
{
    struct ps_call_options options = {.account = &alice->account,
                                      .to = PS_S("sip:bob@192.0.2.3"),
                                      .type = SDP,
                                      .body = description};
    bobs_call = alices_call = 0;
    (void)ps_call_start(calls_of(alice), &options, &alices_call);
    settle();
}

static void main_job(void)
{
    struct ps_registration_options registration = {
        .account = &bob->account, .registrar = PS_S("sip:192.0.2.3"), .expires = 3600};
    struct ps_request_to_send options = {
        .account = &alice->account, .method = PS_S("OPTIONS"), .uri = PS_S("sip:192.0.2.2")};
    ps_handle h;
    bobs_registration = 0;
    (void)ps_registration_start(bob->stack, &registration, &bobs_registration);
    settle();
    call_bob();
    (void)ps_call_answer(calls_of(bob), bobs_call, SDP, description);
    settle();
    (void)ps_call_reinvite(calls_of(alice), alices_call, SDP, description);
    settle();
    (void)ps_call_reinvite(calls_of(bob), bobs_call, SDP, description);
    settle();
    (void)ps_call_request(calls_of(alice), alices_call, PS_S("INFO"), PS_NONE, PS_NONE, PS_NONE,
                          &h);
    settle();
    (void)ps_call_hangup(calls_of(alice), alices_call);
    settle();
    call_bob();
    (void)ps_call_hangup(calls_of(alice), alices_call);
    settle();
    (void)ps_stack_request(alice->stack, &options, &h);
    settle();
    (void)ps_registration_stop(bob->stack, bobs_registration);
    settle();
}

/* Ends what is left, as an application would. There is one call at most, or two. */
static void hang_up_all(struct station *st)
{
    ps_handle call = ps_call_next(calls_of(st), 0), g;
    ps_handle second = call ? ps_call_next(calls_of(st), call) : 0;
    (void)ps_call_hangup(calls_of(st), call);
    (void)ps_call_hangup(calls_of(st), second);
    while ((g = ps_registration_next(st->stack, 0)) != 0)
        ps_registration_end(st->stack, g);
    station_pull(st);
}

static void come_to_rest(void)
{
    unsigned i;
    for (i = 0; i < 12; i++) { /* as often as it may fail */
        after(40000);
        hang_up_all(alice);
        hang_up_all(bob);
        hang_up_all(registrar);
    }
    after(400000); /* the guards */
    station_expect_empty(alice);
    station_expect_empty(bob);
    station_expect_empty(registrar);
    ck_assert_uint_eq(ps_stack_live(bob->stack).registrations, 0);
    after(3600 * 1000); /* a binding that nobody removed */
    ck_assert_uint_eq(ps_stack_live(registrar->stack).bindings, 0);
    ck_assert_uint_eq(ps_stack_live(registrar->stack).kept[0], 0);
    ck_assert_uint_eq(ps_stack_live(registrar->stack).timers, 0);
}

static void forget_what_was_heard(void)
{
    unsigned i;
    for (i = 0; i < w.stations; i++)
        station_forget_heard(&w.station[i]);
}

static void expect_success(void)
{
    forget_what_was_heard();
    main_job();
    ck_assert_uint_eq(heard_count(bob, PS_EVENT_REGISTERED), 1);
    ck_assert_uint_eq(heard_count(alice, PS_EVENT_CALL_ANSWERED), 1);
    ck_assert_uint_eq(heard_count(alice, PS_EVENT_CALL_ACCEPTED), 1);
    ck_assert_uint_eq(heard_count(bob, PS_EVENT_CALL_ACCEPTED), 1);
    ck_assert_uint_eq(heard_count(bob, PS_EVENT_CALL_CONFIRMED), 2);
    ck_assert_uint_eq(heard_count(bob, PS_EVENT_CALL_INCOMING), 2);
    ck_assert_uint_eq(heard_count(alice, PS_EVENT_RESPONSE), 2); /* INFO, OPTIONS */
    ck_assert_uint_eq(heard_count(alice, PS_EVENT_CALL_ENDED), 2);
    ck_assert_uint_eq(heard_count(bob, PS_EVENT_CALL_ENDED), 2);
    ck_assert_uint_eq(heard_last(alice, PS_EVENT_CALL_ENDED)->event.status, 487);
    ck_assert_uint_eq(heard_count(bob, PS_EVENT_UNREGISTERED), 1);
    come_to_rest();
}

/* ---- the nth request fails ---- */

enum { OBJECTS = 60, CHUNKS = 128 };

START_TEST(without_faults_all_succeeds)
{
    set_up(NULL, NULL);
    of_objects.count = of_chunks.count = 0;
    expect_success();
    /* the loops below fail each of them */
    ck_assert_uint_le(of_objects.count, OBJECTS);
    ck_assert_uint_le(of_chunks.count, CHUNKS);
    expect_success();
    world_free(&w);
}
END_TEST

static void with_faults(struct fault *fault, unsigned at, unsigned span)
{
    set_up(NULL, NULL);
    fault->count = 0;
    fault->at = at;
    fault->span = span;
    main_job();
    come_to_rest();
    fault->span = 0;
    expect_success();
    world_free(&w);
}

START_TEST(no_object_at_the_nth_request)
{
    with_faults(&of_objects, (unsigned)_i, 1);
}
END_TEST

START_TEST(no_object_for_ten_requests)
{
    with_faults(&of_objects, (unsigned)_i, 10);
}
END_TEST

START_TEST(no_chunk_at_the_nth_request)
{
    with_faults(&of_chunks, (unsigned)_i, 1);
}
END_TEST

START_TEST(no_chunk_for_ten_requests)
{
    with_faults(&of_chunks, (unsigned)_i, 10);
}
END_TEST

/* ---- what ends something waits for room: 9.1, 15.1.1 ---- */

static void no_room(bool none)
{
    of_objects.count = of_chunks.count = 0;
    of_objects.at = of_chunks.at = 0;
    of_objects.span = of_chunks.span = none ? UINT32_MAX : 0;
}

static unsigned byes_sent(void)
{
    return sent_count(&w.log, "BYE");
}

static void talk(void)
{
    set_up(NULL, NULL);
    main_job();
    come_to_rest();
    (void)ps_registration_start(
        bob->stack,
        &(struct ps_registration_options){
            .account = &bob->account, .registrar = PS_S("sip:192.0.2.3"), .expires = 3600},
        &bobs_registration);
    settle();
    forget_what_was_heard();
    call_bob();
}

START_TEST(rfc3261_15_1_1_a_bye_waits_for_room)
{
    unsigned before;
    talk();
    (void)ps_call_answer(calls_of(bob), bobs_call, SDP, description);
    settle();
    before = byes_sent();
    no_room(true);
    ck_assert_int_eq(ps_call_hangup(calls_of(alice), alices_call), PS_OK);
    station_pull(alice);
    after(5000);
    ck_assert_uint_eq(byes_sent(), before);
    ck_assert_uint_eq(heard_count(alice, PS_EVENT_CALL_ENDED), 0);
    no_room(false);
    after(1000);
    ck_assert_uint_eq(byes_sent(), before + 1);
    ck_assert_uint_eq(heard_last(alice, PS_EVENT_CALL_ENDED)->event.status, 200);
    ck_assert_uint_eq(heard_last(bob, PS_EVENT_CALL_ENDED)->event.status, 200);
    come_to_rest();
    world_free(&w);
}
END_TEST

START_TEST(rfc3261_15_1_1_a_bye_that_is_never_sent_is_no_200)
{
    unsigned before;
    talk();
    (void)ps_call_answer(calls_of(bob), bobs_call, SDP, description);
    settle();
    before = byes_sent();
    no_room(true);
    (void)ps_call_hangup(calls_of(alice), alices_call);
    station_pull(alice);
    after(33000);
    ck_assert_uint_eq(byes_sent(), before);
    ck_assert_uint_eq(heard_last(alice, PS_EVENT_CALL_ENDED)->event.status, 503);
    ck_assert_ptr_nonnull(heard_last(alice, PS_EVENT_CALL_ENDED)->event.why);
    ck_assert_uint_eq(ps_stack_live(calls_of(alice)).calls, 0);
    no_room(false);
    come_to_rest();
    world_free(&w);
}
END_TEST

START_TEST(rfc3261_9_1_a_cancel_waits_for_room)
{
    talk();
    world_run(&w, w.now + 100);
    no_room(true);
    ck_assert_int_eq(ps_call_hangup(calls_of(alice), alices_call), PS_OK);
    station_pull(alice);
    after(3000);
    ck_assert_uint_eq(heard_count(alice, PS_EVENT_CALL_ENDED), 0);
    no_room(false);
    after(1000);
    ck_assert_uint_eq(heard_last(alice, PS_EVENT_CALL_ENDED)->event.status, 487);
    ck_assert_uint_eq(heard_last(bob, PS_EVENT_CALL_ENDED)->event.status, 487);
    come_to_rest();
    world_free(&w);
}
END_TEST

/* 13.2.2.4: each further 2xx asks for the ACK. */
static void answer_while_alice_has_no_room(uint64_t ms)
{
    unsigned acks;
    talk();
    (void)ps_call_answer(calls_of(bob), bobs_call, SDP, description);
    station_pull(bob);
    acks = sent_count(&w.log, "ACK");
    no_room(true);
    after(ms);
    ck_assert_uint_eq(sent_count(&w.log, "ACK"), acks);
    no_room(false);
}

START_TEST(rfc3261_13_2_2_4_an_ack_without_room_is_made_anew_by_each_2xx)
{
    answer_while_alice_has_no_room(3000);
    after(4000);
    ck_assert_uint_eq(heard_count(bob, PS_EVENT_CALL_CONFIRMED), 1);
    ck_assert_uint_eq(heard_count(alice, PS_EVENT_CALL_ANSWERED), 1);
    ck_assert_uint_eq(heard_count(alice, PS_EVENT_CALL_ENDED), 0);
    (void)ps_call_hangup(calls_of(alice), alices_call);
    station_pull(alice);
    come_to_rest();
    world_free(&w);
}
END_TEST

START_TEST(rfc3261_13_2_2_4_a_call_whose_ack_is_never_sent_ends)
{
    answer_while_alice_has_no_room(33000);
    after(40000);
    ck_assert_uint_ne(heard_last(alice, PS_EVENT_CALL_ENDED)->event.status, 200);
    ck_assert_uint_eq(ps_stack_live(calls_of(alice)).calls, 0);
    come_to_rest();
    world_free(&w);
}
END_TEST

/* Holds the rule of stack.h: nothing waits or is refused, whatever such a phone does. */
START_TEST(the_limits_of_the_rule_hold_a_phones_busiest_moment)
{
    const struct ps_limits limits = PS_LIMITS_FOR(1, (uint32_t)_i, 0, 1536);
    const struct ps_limits same = ps_limits_for(1, (uint32_t)_i, 0, 1536);
    const struct ps_counters *counters;
    static char text[800]; /* of the length that phones' have */
    unsigned round;
    memset(text, 'v', sizeof text);
    description = ps_slice(text, sizeof text);
    ck_assert_int_eq(memcmp(&limits, &same, sizeof limits), 0);
    set_up(&limits, _i == 0 ? &alice : &bob);
    counters = ps_stack_counters((_i == 0 ? alice : bob)->stack);
    for (round = 0; round < 3; round++) {
        forget_what_was_heard();
        main_job();
        ck_assert_uint_eq(heard_count(alice, PS_EVENT_CALL_ENDED), 2);
        ck_assert_uint_eq(counters->of[PS_COUNT_DROPPED_FULL], 0);
        ck_assert_uint_eq(counters->of[PS_COUNT_REFUSED_FULL], 0);
        ck_assert_uint_eq(counters->of[PS_COUNT_REFUSED_TOO_LARGE], 0);
        if (_i != 0)
            ck_assert_uint_eq(heard_count(bob, PS_EVENT_REGISTERED), 1);
        after(32000);
    }
    come_to_rest();
    world_free(&w);
}
END_TEST

/* ---- small limits ---- */

enum { LIMITS = 12 };

static void set_limit(struct ps_limits *limits, unsigned which, uint32_t value)
{
    uint32_t *const limit[LIMITS] = {
        &limits->transactions,  &limits->requests,      &limits->dialogs,      &limits->calls,
        &limits->registrations, &limits->subscriptions, &limits->bindings,     &limits->per_source,
        &limits->kept[0].count, &limits->kept[1].count, &limits->kept[2].count};
    if (which < LIMITS - 1)
        *limit[which] = value;
    else
        limits->kept[0].count = limits->kept[1].count = limits->kept[2].count = value;
}

/* Every limit of every party at 1, and at 0: each run ends as the one before. */
START_TEST(small_limits)
{
    static struct station **const party[] = {&alice, &bob, &registrar};
    struct ps_limits limits = world_limits();
    unsigned heard[3][32], run, i, k;
    set_limit(&limits, (unsigned)_i % LIMITS, (unsigned)_i / LIMITS % 2);
    set_up(&limits, party[(unsigned)_i / LIMITS / 2]);
    for (run = 0; run < 2; run++) {
        forget_what_was_heard();
        main_job();
        come_to_rest();
        for (i = 0; i < 3; i++)
            for (k = 0; k < 32; k++) {
                unsigned n = heard_count(&w.station[i], (enum ps_event_kind)k);
                ck_assert(run == 0 || heard[i][k] == n);
                heard[i][k] = n;
            }
    }
    world_free(&w);
}
END_TEST

/* Shows what a limit of 1 is enough for. */
START_TEST(one_call_at_a_time)
{
    struct ps_limits limits = world_limits();
    limits.calls = limits.dialogs = limits.registrations = limits.bindings = 1;
    set_up(&limits, _i == 0 ? &alice : _i == 1 ? &bob : &registrar);
    expect_success();
    expect_success();
    world_free(&w);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("pools");
    TCase *tc = tcase_create("full");
    tcase_add_test(tc, without_faults_all_succeeds);
    tcase_add_loop_test(tc, no_object_at_the_nth_request, 0, OBJECTS);
    tcase_add_loop_test(tc, no_object_for_ten_requests, 0, OBJECTS);
    tcase_add_loop_test(tc, no_chunk_at_the_nth_request, 0, CHUNKS);
    tcase_add_loop_test(tc, no_chunk_for_ten_requests, 0, CHUNKS);
    tcase_add_test(tc, rfc3261_15_1_1_a_bye_waits_for_room);
    tcase_add_test(tc, rfc3261_15_1_1_a_bye_that_is_never_sent_is_no_200);
    tcase_add_test(tc, rfc3261_9_1_a_cancel_waits_for_room);
    tcase_add_test(tc, rfc3261_13_2_2_4_an_ack_without_room_is_made_anew_by_each_2xx);
    tcase_add_test(tc, rfc3261_13_2_2_4_a_call_whose_ack_is_never_sent_ends);
    tcase_add_loop_test(tc, the_limits_of_the_rule_hold_a_phones_busiest_moment, 0, 2);
    tcase_add_loop_test(tc, small_limits, 0, 2 * 3 * LIMITS);
    tcase_add_loop_test(tc, one_call_at_a_time, 0, 3);
    suite_add_tcase(s, tc);
    return s;
}

PS_CHECK_MAIN
