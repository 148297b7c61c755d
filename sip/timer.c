/*
 * A hierarchical timing wheel over virtual time.
 * Knows no owner of a timer, no clock; calls nobody.
 *
 * A timer stands on the level of the highest base-64 digit in which its time differs from `now`, in
 * the slot of that digit. So a level's timers are all earlier than the next level's, the first
 * occupied slot of the first occupied level is next, and a timer comes down at most once a level.
 * The last level is a ring; a time beyond it waits in the ring's last slot and is placed again.
 */
#include "timer.h"

enum { DIGIT = 6, TOP = PS_TIMER_LEVELS - 1, TOP_SHIFT = DIGIT * TOP };

static unsigned digit_of(uint64_t when, unsigned level)
{
    return (unsigned)(when >> (DIGIT * level)) & 63;
}

void ps_timers_init(struct ps_timers *timers, uint64_t now)
{
    memset(timers, 0, sizeof *timers);
    timers->now = now;
}

static void put(struct ps_timers *timers, struct ps_timer *timer, unsigned level, unsigned slot)
{
    struct ps_timer **head = &timers->slot[level][slot];
    timer->level = (uint8_t)level;
    timer->slot = (uint8_t)slot;
    if (!*head) {
        *head = timer->next = timer->previous = timer;
        timers->occupied[level] |= UINT64_C(1) << slot;
        return;
    }
    timer->next = *head;
    timer->previous = (*head)->previous;
    timer->previous->next = timer->next->previous = timer;
}

static void unlink_timer(struct ps_timers *timers, struct ps_timer *timer)
{
    struct ps_timer **head = &timers->slot[timer->level][timer->slot];
    if (timer->next == timer) {
        *head = NULL;
        timers->occupied[timer->level] &= ~(UINT64_C(1) << timer->slot);
    } else {
        if (*head == timer)
            *head = timer->next;
        timer->next->previous = timer->previous;
        timer->previous->next = timer->next;
    }
    timer->next = timer->previous = NULL;
}

static void place(struct ps_timers *timers, struct ps_timer *timer)
{
    uint64_t when = timer->when > timers->now ? timer->when : timers->now;
    uint64_t turns = (when >> TOP_SHIFT) - (timers->now >> TOP_SHIFT);
    unsigned level;
    if (turns > 63) /* beyond the ring: its last slot */
        put(timers, timer, TOP, (digit_of(timers->now, TOP) + 63) & 63);
    else if (turns)
        put(timers, timer, TOP, digit_of(when, TOP));
    else {
        level = (63u - (unsigned)__builtin_clzll((when ^ timers->now) | 1)) / DIGIT;
        put(timers, timer, level, digit_of(when, level));
    }
}

void ps_timer_start(struct ps_timers *timers, struct ps_timer *timer, uint64_t when)
{
    ps_timer_stop(timers, timer);
    timer->when = when;
    place(timers, timer);
    timers->running++;
}

void ps_timer_stop(struct ps_timers *timers, struct ps_timer *timer)
{
    if (!ps_timer_runs(timer))
        return;
    unlink_timer(timers, timer);
    timers->running--;
}

/* The start of the first occupied slot: the time itself on level 0. */
static uint64_t first_slot(const struct ps_timers *timers, unsigned *level)
{
    uint64_t now = timers->now, bits;
    unsigned l, ahead, at = digit_of(now, TOP);
    for (l = 0; l < TOP; l++)
        if (timers->occupied[l]) {
            *level = l;
            bits = (uint64_t)(unsigned)__builtin_ctzll(timers->occupied[l]) << (DIGIT * l);
            return (now >> (DIGIT * (l + 1)) << (DIGIT * (l + 1))) | bits;
        }
    *level = TOP;
    bits = timers->occupied[TOP];
    if (!bits)
        return PS_NEVER;
    bits = at ? bits >> at | bits << (64 - at) : bits; /* the ring, seen from now */
    ahead = (unsigned)__builtin_ctzll(bits);
    return ((now >> TOP_SHIFT) + ahead) << TOP_SHIFT;
}

/* `now` has come to a slot of a higher level: its timers go further down. */
static void bring_down(struct ps_timers *timers, unsigned level)
{
    struct ps_timer **head = &timers->slot[level][digit_of(timers->now, level)];
    while (*head) {
        struct ps_timer *timer = *head;
        unlink_timer(timers, timer);
        place(timers, timer);
    }
}

struct ps_timer *ps_timers_expire(struct ps_timers *timers, uint64_t now)
{
    unsigned level;
    uint64_t next;
    while ((next = first_slot(timers, &level)) <= now && next != PS_NEVER) {
        timers->now = next;
        if (level == 0) {
            struct ps_timer *timer = timers->slot[0][digit_of(next, 0)];
            ps_timer_stop(timers, timer);
            return timer;
        }
        bring_down(timers, level);
    }
    if (now > timers->now)
        timers->now = now;
    return NULL;
}

uint64_t ps_timers_deadline(const struct ps_timers *timers)
{
    unsigned level;
    return first_slot(timers, &level);
}
