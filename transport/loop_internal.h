/*
 * Declares the loop itself: shared by loop.c (descriptors, tasks, signals, steps) and loop_timer.c
 * (the heap of timers). Each defines _GNU_SOURCE first.
 */
#ifndef PS_LOOP_INTERNAL_H
#define PS_LOOP_INTERNAL_H

#include <signal.h>
#include <sys/epoll.h>

#include "loop.h"

enum { PS_LOOP_EVENTS = 64, PS_LOOP_SIGNALS = 65 };

struct ps_loop_signal_slot {
    ps_loop_signal_fn call;
    void *context;
    bool was_blocked; /* before us; left so at the end */
};

struct ps_loop {
    int epoll;
    bool stepping, stop;
    uint64_t now; /* of this step; a start for the past goes behind what is due */

    struct epoll_event
        events[PS_LOOP_EVENTS]; /* of this step; an entry is cleared when its watch goes */
    int fetched, at;

    struct ps_loop_timer *timers; /* root of the heap */
    uint64_t order;               /* of timers and tasks, as they were started */

    struct ps_loop_task *tasks, *last_task;

    int signals; /* signalfd, -1 before the first */
    struct ps_loop_watch signal_watch;
    sigset_t signal_mask;
    struct ps_loop_signal_slot signal[PS_LOOP_SIGNALS];

    struct ps_loop_counters counters;
    ps_loop_failure_fn on_failure;
    void *failure_context;
};

#endif
