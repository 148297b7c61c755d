/*
 * Keeps the timers of the loop in a pairing heap. The root expires first; each timer heads a list
 * of children that expire later than it. `before` is the left neighbour, or for a first child its
 * parent. Knows no clock: loop.c says the time, and calls what is due.
 */
#define _GNU_SOURCE
#include "loop_internal.h"

static bool sooner(const struct ps_loop_timer *a, const struct ps_loop_timer *b)
{
    return a->deadline != b->deadline ? a->deadline < b->deadline : a->order < b->order;
}

static struct ps_loop_timer *meld(struct ps_loop_timer *a, struct ps_loop_timer *b)
{
    struct ps_loop_timer *swap = a;
    if (!a || !b)
        return a ? a : b;
    if (sooner(b, a)) {
        a = b;
        b = swap;
    }
    b->next = a->child;
    if (b->next)
        b->next->before = b;
    b->before = a;
    a->child = b;
    return a;
}

/* Pairs the list from the left, then melds the pairs from the right. */
static struct ps_loop_timer *meld_list(struct ps_loop_timer *list)
{
    struct ps_loop_timer *pairs = NULL, *heap = NULL;
    while (list) {
        struct ps_loop_timer *a = list, *b = list->next, *pair;
        list = b ? b->next : NULL;
        a->next = a->before = NULL;
        if (b)
            b->next = b->before = NULL;
        pair = meld(a, b);
        pair->next = pairs;
        pairs = pair;
    }
    while (pairs) {
        struct ps_loop_timer *pair = pairs;
        pairs = pairs->next;
        pair->next = NULL;
        heap = meld(heap, pair);
    }
    return heap;
}

void ps_loop_timer_stop(struct ps_loop *loop, struct ps_loop_timer *timer)
{
    struct ps_loop_timer *children;
    if (!timer->running)
        return;
    children = meld_list(timer->child);
    if (timer == loop->timers) {
        loop->timers = children;
    } else {
        if (timer->before->child == timer)
            timer->before->child = timer->next;
        else
            timer->before->next = timer->next;
        if (timer->next)
            timer->next->before = timer->before;
        loop->timers = meld(loop->timers, children);
    }
    timer->child = timer->next = timer->before = NULL;
    timer->running = false;
}

void ps_loop_timer_start(struct ps_loop *loop, struct ps_loop_timer *timer, uint64_t deadline,
                         ps_loop_fn call, void *context)
{
    ps_loop_timer_stop(loop, timer);
    timer->deadline = deadline > loop->now ? deadline : loop->now;
    timer->order = loop->order++;
    timer->call = call;
    timer->context = context;
    timer->child = timer->next = timer->before = NULL;
    timer->running = true;
    loop->timers = meld(loop->timers, timer);
}
