/*
 * A deterministic network of whole stacks: a virtual clock, and datagrams that are lost, repeated,
 * delayed and so overtaken, all from a seed. Any number of stacks in one process. A failure prints
 * its seed; the same seed replays it.
 */
#ifndef SIM_H
#define SIM_H

#include "sip/base/timer.h"
#include "sip/stack.h"

struct sim_node;

/* Called for each event of a node's stack; may call any function of the stack. */
typedef void (*sim_application)(struct sim_node *node, const struct ps_event *event);
/* Called for each datagram that leaves, before its fate is drawn; may be NULL. */
typedef void (*sim_watcher)(void *context, uint64_t now, const struct ps_flow *flow,
                            struct ps_slice bytes);

enum { SIM_NODES = 16 };

struct sim_node {
    struct sim *sim;
    struct ps_stack *stack;
    void *block;
    struct ps_account account;
    char aor[64];
    struct ps_address address;
    sim_application application;
};

/* Calls an application at a time that it asks for. Zero it before its first use. */
struct sim_alarm {
    struct ps_timer timer; /* first */
    void (*ring)(struct sim_alarm *alarm);
};

struct sim {
    uint64_t now, random;
    unsigned loss, repeat;            /* of a thousand datagrams */
    unsigned delay_least, delay_most; /* ms */
    struct ps_timers timers;          /* datagrams under way, and alarms */
    struct sim_node node[SIM_NODES];
    unsigned nodes, in_flight;
    sim_watcher watcher;
    void *watcher_context;
    unsigned long sent, lost, repeated;
};

void sim_start(struct sim *sim, uint64_t seed);
/* Adds a node at 10.0.0.N:5060 (N from 1), with an account <sip:nodeN@10.0.0.N>. */
struct sim_node *sim_add(struct sim *sim, const struct ps_limits *limits,
                         sim_application application);
/* Pulls a node's stack after the application has called one of its functions. */
void sim_pull(struct sim_node *node);
void sim_alarm(struct sim *sim, struct sim_alarm *alarm, uint64_t when);
/* Runs until then, or until nothing will ever happen any more: false. */
bool sim_run(struct sim *sim, uint64_t until);
/* 0 to n - 1. */
uint32_t sim_random(struct sim *sim, uint32_t n);
void sim_end(struct sim *sim);

#endif
