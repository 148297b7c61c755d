/*
 * Covers whole stacks over a bad network: calls from one stack to another at 30 % loss, with
 * repeated and overtaken datagrams, from many seeds. Every call ends on both sides in the same
 * result or a time-out; no transaction, timer, dialog or kept byte is left.
 * Does not cover: what a good network shows (the rows).
 *
 * PS_SIM_CALLS in the environment sets the calls of a seed (1,000); CI makes 5,000 of each.
 * PS_SIM_SEED makes one seed alone run.
 */
#include <stdio.h>

#include "../unit/check_main.h"
#include "sim.h"

enum { SEEDS = 20, DEFAULT_CALLS = 1000 };

enum plan { ANSWERS, RINGS_AND_ANSWERS, REJECTS, RINGS_FOR_EVER, CANCEL_MEETS_ANSWER, PLANS };

struct party {
    struct sim_alarm alarm; /* first */
    struct record *record;
    ps_handle call;
    unsigned status; /* how it ended; 0: it has not */
    bool begun;
};

struct record {
    struct party a, b;
    enum plan plan;
    bool a_hangs_up, reinvites, cancelled;
    unsigned talk;
};

static struct sim sim;
static struct sim_node *caller, *callee;
static struct record *records;
static unsigned calls_n, started;

static struct ps_stack *calls_of(struct sim_node *node)
{
    return node->stack;
}

static struct sim_node *node_of(struct party *p)
{
    return p == &p->record->a ? caller : callee;
}

static void hang_up(struct sim_alarm *alarm)
{
    struct party *p = (struct party *)(void *)alarm;
    struct record *r = p->record;
    if (ps_call_hangup(calls_of(node_of(p)), p->call) == PS_OK) {
        if (r->plan >= RINGS_FOR_EVER && p == &r->a)
            r->cancelled = true;
        if (r->plan == RINGS_FOR_EVER && p == &r->b)
            p->status = 480; /* without an event */
    }
    sim_pull(node_of(p));
}

static void reinvite(struct sim_alarm *alarm)
{
    struct party *p = (struct party *)(void *)alarm;
    (void)ps_call_reinvite(calls_of(node_of(p)), p->call, PS_S("application/sdp"), PS_S("v=0\r\n"));
    sim_pull(node_of(p));
    alarm->ring = hang_up;
    sim_alarm(&sim, alarm, sim.now + 3000);
}

/* The side whose turn it is hangs up after a while. */
static void talk(struct party *p)
{
    struct record *r = p->record;
    if (r->a_hangs_up != (p == &r->a))
        return;
    p->alarm.ring = r->reinvites ? reinvite : hang_up;
    sim_alarm(&sim, &p->alarm, sim.now + r->talk);
}

static void answer(struct sim_alarm *alarm)
{
    struct party *p = (struct party *)(void *)alarm;
    if (p->record->plan == REJECTS) {
        if (ps_call_reject(calls_of(callee), p->call, 486, PS_NONE) == PS_OK)
            p->status = 486;
    } else if (ps_call_answer(calls_of(callee), p->call, PS_S("application/sdp"),
                              PS_S("v=0\r\n")) == PS_OK) {
        talk(p);
    }
    sim_pull(callee);
}

static void incoming(struct sim_node *node, const struct ps_event *event)
{
    uint32_t number = ps_header_number(event->message, PS_H_SUBJECT, UINT32_MAX);
    struct party *p;
    ck_assert_uint_lt(number, calls_n);
    p = &records[number].b;
    ck_assert(!p->begun); /* a call comes in once */
    p->begun = true;
    p->call = event->call;
    ps_call_set_user(calls_of(node), event->call, p);
    p->alarm.ring = answer;
    if (p->record->plan != ANSWERS)
        ck_assert_int_eq(ps_call_ring(calls_of(node), event->call, 180, PS_NONE, PS_NONE), PS_OK);
    if (p->record->plan == RINGS_FOR_EVER) { /* well, for three minutes */
        p->alarm.ring = hang_up;
        sim_alarm(&sim, &p->alarm, sim.now + 180000);
    } else {
        sim_alarm(&sim, &p->alarm, sim.now + (p->record->plan == ANSWERS ? 0 : p->record->talk));
    }
}

/* A BYE of which all eleven copies are lost ends the call for its sender alone: the other side, as
 * a person would who hears nobody any more, hangs up too. */
static void ended(struct party *p, const struct ps_event *event)
{
    struct party *other = p == &p->record->a ? &p->record->b : &p->record->a;
    bool unanswered = event->status == 200 && !event->message;
    p->status = unanswered ? 408 : event->status;
    if (!unanswered || other->status || !other->call)
        return;
    other->alarm.ring = hang_up;
    sim_alarm(&sim, &other->alarm, sim.now + 60000);
}

static void application(struct sim_node *node, const struct ps_event *event)
{
    struct party *p = (struct party *)event->user;
    switch (event->kind) {
    case PS_EVENT_CALL_INCOMING:
        incoming(node, event);
        return;
    case PS_EVENT_CALL_ANSWERED:
        talk(p);
        return;
    case PS_EVENT_CALL_OFFER:
        (void)ps_call_answer(calls_of(node), event->call, PS_S("application/sdp"), PS_S("v=0\r\n"));
        return;
    case PS_EVENT_CALL_ENDED:
        ck_assert_uint_eq(p->status, 0); /* it ends once */
        ps_timer_stop(&sim.timers, &p->alarm.timer);
        ended(p, event);
        return;
    default:
        return;
    }
}

static void start_one(struct sim_alarm *alarm)
{
    struct record *r = &records[started];
    struct ps_call_options options = {.account = &caller->account, .user = &r->a};
    char lines[32];
    snprintf(lines, sizeof lines, "Subject: %u\r\n", started);
    r->a.record = r->b.record = r;
    r->plan = (enum plan)sim_random(&sim, PLANS);
    r->a_hangs_up = sim_random(&sim, 2);
    r->reinvites = sim_random(&sim, 8) == 0;
    r->talk = sim_random(&sim, 4000);
    r->a.begun = true;
    options.to = callee->account.aor;
    options.type = PS_S("application/sdp");
    options.body = PS_S("v=0\r\n");
    options.lines = ps_slice_of(lines);
    ck_assert_int_eq(ps_call_start(calls_of(caller), &options, &r->a.call), PS_OK);
    if (r->plan >= RINGS_FOR_EVER) {
        r->a.alarm.ring = hang_up;
        sim_alarm(&sim, &r->a.alarm, sim.now + r->talk);
    }
    sim_pull(caller);
    if (++started < calls_n)
        sim_alarm(&sim, alarm, sim.now + sim_random(&sim, 20));
}

enum result { SAME, TIMED_OUT, CROSSED, DIFFERENT };

static enum result compare(const struct record *r)
{
    unsigned a = r->a.status, b = r->b.status;
    if (!a || (r->b.begun && !b))
        return DIFFERENT;
    if (a == b)
        return SAME;
    if (a == 408 || b == 408)
        return TIMED_OUT;
    if (!r->b.begun) /* no INVITE came through */
        return a == 487 ? SAME : DIFFERENT;
    /* a re-INVITE and the BYE pass each other (RFC 5407 3.2.2) */
    if (r->reinvites && (a == 481 || b == 481))
        return CROSSED;
    /* a CANCEL and the final response pass each other (9.1) */
    if (r->cancelled && (a == 487 || b == 487))
        return CROSSED;
    return DIFFERENT;
}

static void nothing_left(struct sim_node *node)
{
    struct ps_stack_live live = ps_stack_live(node->stack);
    unsigned i;
    for (i = 0; i < 4; i++)
        ck_assert_uint_eq(live.transactions[i], 0);
    for (i = 0; i < PS_SIZE_CLASSES; i++)
        ck_assert_uint_eq(live.kept[i], 0);
    ck_assert_uint_eq(live.timers, 0);
    ck_assert_uint_eq(live.calls, 0);
    ck_assert_uint_eq(live.dialogs, 0);
    ck_assert_uint_eq(live.requests, 0);
}

static void run_seed(uint64_t seed, unsigned count[4])
{
    const uint32_t n = calls_n < 5000 ? calls_n : 5000;
    struct ps_limits limits = {
        8 * n, 8 * n, 4 * n, 4 * n,   1,
        1,     1,     2048,  1000000, {{512, 24 * n}, {1024, 16 * n}, {2048, 16}, {0, 0}}};
    struct sim_alarm starter;
    unsigned i;
    memset(&starter, 0, sizeof starter);
    sim_start(&sim, seed);
    sim.loss = 300;
    sim.repeat = 100;
    sim.delay_least = 5;
    sim.delay_most = 800;
    started = 0;
    records = calloc(calls_n, sizeof *records);
    caller = sim_add(&sim, &limits, application);
    callee = sim_add(&sim, &limits, application);
    ck_assert(caller->stack && callee->stack);
    starter.ring = start_one;
    sim_alarm(&sim, &starter, 0);
    ck_assert(!sim_run(&sim, UINT64_C(3600000)));
    for (i = 0; i < calls_n; i++) {
        enum result result = compare(&records[i]);
        ck_assert_msg(result != DIFFERENT, "seed %u call %u plan %u: %u here, %u there",
                      (unsigned)seed, i, records[i].plan, records[i].a.status, records[i].b.status);
        count[result]++;
    }
    nothing_left(caller);
    nothing_left(callee);
    free(records);
    sim_end(&sim);
}

START_TEST(every_call_ends_the_same_on_both_sides)
{
    const char *given = getenv("PS_SIM_CALLS"), *alone = getenv("PS_SIM_SEED");
    unsigned count[4] = {0}, seed;
    unsigned long sent = 0;
    calls_n = given ? (unsigned)atoi(given) : DEFAULT_CALLS;
    for (seed = 1; seed <= SEEDS; seed++) {
        if (alone && (unsigned)atoi(alone) != seed)
            continue;
        run_seed(seed, count);
        sent += sim.sent;
    }
    printf(
        "note: %u calls from %u seeds at 30 %% loss: %u ended the same, %u timed out, %u crossed "
        "(CANCEL and final, re-INVITE and BYE); %lu datagrams\n",
        count[SAME] + count[TIMED_OUT] + count[CROSSED], alone ? 1 : SEEDS, count[SAME],
        count[TIMED_OUT], count[CROSSED], sent);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("calls");
    TCase *t = tcase_create("calls");
    tcase_set_timeout(t, 900);
    tcase_add_test(t, every_call_ends_the_same_on_both_sides);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
