/*
 * Keeps timers in a hierarchical timing wheel over virtual time, each slot of which is a pairing
 * heap. Knows no owner of a timer, no clock; calls nobody.
 *
 * A timer's level is that of the highest base-64 digit in which its time differs from `now`, and
 * its slot is that digit. So all timers of a level are earlier than those of the next level. The
 * next timer stands in the first occupied slot of the first occupied level, and a timer comes down
 * at most once a level. The last level is a ring: a time beyond it waits in the ring's last slot
 * and is placed again.
 *
 * A slot holds many times, and the driver waits for the earliest: the root of the slot's heap
 * (Fredman, Sedgewick, Sleator, Tarjan 1986). To put a timer there costs as little as to put it
 * into a list. When one is stopped, its children are joined in pairs. Mostly there is one child at
 * most. Over any sequence the steps are few on average, as each halves the number of children.
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

/* ---- heaps ---- */

static bool earlier(const struct ps_timer *a, const struct ps_timer *b)
{
    return a->when != b->when ? a->when < b->when : (int32_t)(a->turn - b->turn) < 0;
}

static void link_below(struct ps_timer *top, struct ps_timer *timer)
{
    timer->next = top->child;
    if (timer->next)
        timer->next->previous = timer;
    timer->previous = top;
    top->child = timer;
}

/* Joins two heaps into one; the caller sets the place of its root among siblings. */
static struct ps_timer *join(struct ps_timer *a, struct ps_timer *b)
{
    bool b_first = earlier(b, a);
    link_below(b_first ? b : a, b_first ? a : b);
    return b_first ? b : a;
}

/* Joins siblings into one heap: each two, then the last pair with the one before it, and so on. */
static struct ps_timer *join_siblings(struct ps_timer *timer)
{
    struct ps_timer *pairs = NULL, *all = NULL, *one, *other;
    while (timer) {
        one = timer;
        other = one->next;
        timer = other ? other->next : NULL;
        if (other)
            one = join(one, other);
        one->next = pairs;
        pairs = one;
    }
    while (pairs) {
        one = pairs;
        pairs = one->next;
        all = all ? join(all, one) : one;
    }
    return all;
}

/* Puts `below` in the place of its parent among the siblings. */
static void replace(struct ps_timer *timer, struct ps_timer *below)
{
    struct ps_timer *before = timer->previous, *after = timer->next;
    if (below) {
        below->previous = before;
        below->next = after;
    }
    if (after)
        after->previous = below ? below : before;
    if (before->child == timer)
        before->child = below ? below : after;
    else
        before->next = below ? below : after;
}

/* ---- the wheel ---- */

/* Sets a slot's root. The root is its own `previous`, and its `next` is the timer put there
 * last. */
static void set_slot(struct ps_timers *timers, struct ps_timer *root, struct ps_timer *newest,
                     unsigned level, unsigned slot)
{
    timers->slot[level][slot] = root;
    if (!root) {
        timers->occupied[level] &= ~(UINT64_C(1) << slot);
        return;
    }
    timers->occupied[level] |= UINT64_C(1) << slot;
    root->previous = root;
    root->next = newest;
    newest->newest = true;
}

/* Puts a timer below the newest where it can: those that come in order make a chain, and never need
 * joining. */
static void put(struct ps_timers *timers, struct ps_timer *timer, unsigned level, unsigned slot)
{
    struct ps_timer *root = timers->slot[level][slot];
    timer->child = NULL;
    timer->level = (uint8_t)level;
    timer->slot = (uint8_t)slot;
    if (!root) {
        root = timer;
    } else {
        root->next->newest = false;
        if (earlier(timer, root->next))
            root = join(root, timer);
        else
            link_below(root->next, timer);
    }
    set_slot(timers, root, timer, level, slot);
}

static void unlink_timer(struct ps_timers *timers, struct ps_timer *timer)
{
    struct ps_timer *below = join_siblings(timer->child);
    if (timer->previous == timer) {
        set_slot(timers, below, timer->newest ? below : timer->next, timer->level, timer->slot);
    } else {
        replace(timer, below);
        if (timer->newest) {
            timers->slot[timer->level][timer->slot]->next = timer->previous;
            timer->previous->newest = true;
        }
    }
    timer->previous = NULL;
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
    timer->turn = timers->turn++;
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

/* Returns the start of the first occupied slot; on level 0 that is the time itself. */
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

/* Moves the timers of a slot further down, because `now` has come to that slot of a higher level.
 * Those still to be placed are a list of siblings, whose head's `previous` is the next such
 * list. */
static void bring_down(struct ps_timers *timers, unsigned level)
{
    unsigned slot = digit_of(timers->now, level);
    struct ps_timer *rest = timers->slot[level][slot];
    rest->previous = rest->next = NULL;
    set_slot(timers, NULL, NULL, level, slot);
    while (rest) {
        struct ps_timer *timer = rest;
        rest = timer->next ? timer->next : timer->previous;
        if (timer->next)
            rest->previous = timer->previous;
        if (timer->child) {
            timer->child->previous = rest;
            rest = timer->child;
        }
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
    uint64_t at = first_slot(timers, &level);
    return at == PS_NEVER ? at : timers->slot[level][digit_of(at, level)]->when;
}
