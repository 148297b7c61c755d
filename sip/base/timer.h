/*
 * Starts, stops and expires timers over virtual time in constant time, and knows the earliest at
 * any moment.
 *
 * The caller tells the time in milliseconds (64 bits, from any start); no clock is read. A timer is
 * a member of the object that it wakes, and knows that object by a kind alone. Whoever pulls an
 * expired timer acts on it: nothing is called back.
 */
#ifndef PS_TIMER_H
#define PS_TIMER_H

#include "memory.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ps_timer {
    struct ps_timer *child, *next; /* of its slot's heap */
    struct ps_timer *previous;     /* NULL while it does not run */
    uint64_t when;
    uint32_t turn; /* of two for the same time, the one started first expires first */
    uint8_t kind;  /* the owner's: which layer, which timer */
    uint8_t slot, level;
    bool newest; /* in its slot */
};

/* Counts the levels of 64 slots, 1 ms the finest. They reach 2^36 ms (two years); farther timers
 * are placed again when they come up. */
#define PS_TIMER_LEVELS 6
struct ps_timers {
    uint64_t now;
    uint64_t occupied[PS_TIMER_LEVELS];         /* a bit a slot */
    struct ps_timer *slot[PS_TIMER_LEVELS][64]; /* the earliest of each */
    uint32_t running, turn;
};

void ps_timers_init(struct ps_timers *timers, uint64_t now);
/* Starts the timer, or restarts it, to expire at `when`. Past times expire at the next pull. */
void ps_timer_start(struct ps_timers *timers, struct ps_timer *timer, uint64_t when);
/* Stops the timer; does nothing where it does not run. */
void ps_timer_stop(struct ps_timers *timers, struct ps_timer *timer);
static inline bool ps_timer_runs(const struct ps_timer *timer)
{
    return timer->previous != NULL;
}
/* Stops and returns one timer that is due at `now`, in the order of `when`; NULL when none is. */
struct ps_timer *ps_timers_expire(struct ps_timers *timers, uint64_t now);
/* Returns when the earliest expires; PS_NEVER without timers. Constant time. */
uint64_t ps_timers_deadline(const struct ps_timers *timers);

#ifdef __cplusplus
}
#endif
#endif
