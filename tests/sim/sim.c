/* A deterministic network of whole stacks: see sim.h. */
#include <stdio.h>
#include <stdlib.h>

#include "sim.h"

enum { DATAGRAM = 1, ALARM = 2 };

struct datagram {
    struct ps_timer timer; /* first */
    struct ps_flow flow;   /* as its receiver sees it */
    size_t n;
    char bytes[];
};

/* splitmix64 */
uint32_t sim_random(struct sim *sim, uint32_t n)
{
    uint64_t z = sim->random += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)((z ^ (z >> 31)) % n);
}

void sim_start(struct sim *sim, uint64_t seed)
{
    memset(sim, 0, sizeof *sim);
    sim->random = seed;
    ps_timers_init(&sim->timers, 0);
}

struct sim_node *sim_add(struct sim *sim, const struct ps_limits *limits,
                         sim_application application)
{
    struct sim_node *node = &sim->node[sim->nodes++];
    struct ps_config config = {.limits = *limits};
    size_t n = ps_stack_size(limits), i;
    char text[64];
    node->sim = sim;
    node->application = application;
    snprintf(text, sizeof text, "10.0.0.%u:5060", sim->nodes);
    (void)ps_address_parse(ps_slice_of(text), 0, &node->address);
    snprintf(node->aor, sizeof node->aor, "sip:node%u@10.0.0.%u", sim->nodes, sim->nodes);
    node->account.aor = ps_slice_of(node->aor);
    config.account = &node->account;
    config.now = sim->now;
    for (i = 0; i < sizeof config.seed; i++)
        config.seed[i] = (uint8_t)sim_random(sim, 256);
    node->block = malloc(n);
    node->stack = ps_stack_init(node->block, n, &config);
    return node;
}

static void fly(struct sim *sim, const struct ps_flow *flow, struct ps_slice bytes)
{
    struct datagram *d = malloc(sizeof *d + bytes.n);
    memset(&d->timer, 0, sizeof d->timer);
    d->timer.kind = DATAGRAM;
    d->flow = *flow;
    d->flow.local = flow->remote;
    d->flow.remote = flow->local;
    d->n = bytes.n;
    memcpy(d->bytes, bytes.p, bytes.n);
    sim->in_flight++;
    ps_timer_start(&sim->timers, &d->timer,
                   sim->now + sim->delay_least +
                       sim_random(sim, sim->delay_most - sim->delay_least + 1));
}

static void transmit(struct sim *sim, const struct ps_flow *flow, struct ps_slice bytes)
{
    sim->sent++;
    if (sim->watcher)
        sim->watcher(sim->watcher_context, sim->now, flow, bytes);
    if (sim_random(sim, 1000) < sim->loss) {
        sim->lost++;
        return;
    }
    fly(sim, flow, bytes);
    if (sim_random(sim, 1000) < sim->repeat) {
        sim->repeated++;
        fly(sim, flow, bytes);
    }
}

/* Names are addresses here. */
static void resolve(struct sim_node *node, const struct ps_action *action)
{
    struct ps_flow flow;
    memset(&flow, 0, sizeof flow);
    flow.local = node->address;
    if (ps_ip_parse(action->hop.host, &flow.remote)) {
        ps_stack_resolved(node->stack, action->request, NULL, 0);
        return;
    }
    flow.remote.port = action->hop.port ? action->hop.port : 5060;
    ps_stack_resolved(node->stack, action->request, &flow, 1);
}

void sim_pull(struct sim_node *node)
{
    struct ps_action action;
    while (ps_stack_pull(node->stack, node->sim->now, &action))
        switch (action.kind) {
        case PS_ACTION_SEND:
            transmit(node->sim, action.flow, action.bytes);
            break;
        case PS_ACTION_RESOLVE:
            resolve(node, &action);
            break;
        default:
            node->application(node, &action.event);
        }
}

void sim_alarm(struct sim *sim, struct sim_alarm *alarm, uint64_t when)
{
    alarm->timer.kind = ALARM;
    ps_timer_start(&sim->timers, &alarm->timer, when);
}

static void arrive(struct sim *sim, struct datagram *d)
{
    unsigned i;
    sim->in_flight--;
    for (i = 0; i < sim->nodes; i++) {
        struct sim_node *node = &sim->node[i];
        if (!ps_address_equal(&node->address, &d->flow.local))
            continue;
        (void)ps_stack_receive(node->stack, sim->now, &d->flow, ps_slice(d->bytes, d->n));
        sim_pull(node);
    }
    free(d);
}

/* Counts what the application does from now on. */
static void ring(struct sim *sim, struct sim_alarm *alarm)
{
    unsigned i;
    for (i = 0; i < sim->nodes; i++)
        ps_stack_set_now(sim->node[i].stack, sim->now);
    alarm->ring(alarm);
}

static uint64_t next_time(const struct sim *sim)
{
    uint64_t next = ps_timers_deadline(&sim->timers);
    unsigned i;
    for (i = 0; i < sim->nodes; i++) {
        uint64_t theirs = ps_stack_deadline(sim->node[i].stack);
        next = theirs < next ? theirs : next;
    }
    return next;
}

bool sim_run(struct sim *sim, uint64_t until)
{
    struct ps_timer *timer;
    unsigned i;
    for (;;) {
        uint64_t next = next_time(sim);
        if (next > until) {
            sim->now = until;
            return next != PS_NEVER;
        }
        sim->now = next;
        while ((timer = ps_timers_expire(&sim->timers, sim->now)) != NULL)
            if (timer->kind == DATAGRAM)
                arrive(sim, (struct datagram *)(void *)timer);
            else
                ring(sim, (struct sim_alarm *)(void *)timer);
        for (i = 0; i < sim->nodes; i++)
            if (ps_stack_deadline(sim->node[i].stack) <= sim->now)
                sim_pull(&sim->node[i]);
    }
}

void sim_end(struct sim *sim)
{
    struct ps_timer *timer;
    unsigned i;
    while ((timer = ps_timers_expire(&sim->timers, PS_NEVER - 1)) != NULL)
        if (timer->kind == DATAGRAM)
            free(timer);
    for (i = 0; i < sim->nodes; i++)
        free(sim->node[i].block);
}
