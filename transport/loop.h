/*
 * The event loop: one epoll instance, one thread; descriptors, timers, signals, wake-ups.
 *
 * Everything that can happen is a small structure that its user owns and embeds (a watch, a timer,
 * a wake-up, a task), so that the loop allocates only itself. Knows nothing of SIP or of sockets.
 *
 * Callbacks run from ps_loop_step alone, one at a time. Inside one, anything here may be called on
 * any structure, that callback's own included, and its memory may be returned once it was removed,
 * stopped or closed; only ps_loop_step, ps_loop_run and ps_loop_close may not be called there.
 * Functions belong to the loop's thread, but for ps_loop_wake. Times are milliseconds of
 * ps_loop_now().
 */
#ifndef PS_LOOP_H
#define PS_LOOP_H

#include "sip/text.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ps_loop;

/* Why the system refused: the call's name (static text) and its errno. */
struct ps_system_error {
    const char *call;
    int error;
};

/* ---- life ---- */

/* Allocates a loop; the caller ends it with ps_loop_close. PS_E_TRANSPORT where memory or a
 * descriptor is refused; then `*out` is NULL, and `why` (may be NULL) says what failed. */
enum ps_error ps_loop_open(struct ps_loop **out, struct ps_system_error *why);

/* Closes the loop's own descriptors and restores the signal mask. Structures of the users that are
 * still registered are forgotten, not called; their descriptors stay open. NULL is fine. */
void ps_loop_close(struct ps_loop *loop);

/* Returns the milliseconds of the monotonic clock. */
uint64_t ps_loop_now(void);

/* ---- running ---- */

/* Steps until ps_loop_stop. PS_OK then; else the error of the step that could not go on. */
enum ps_error ps_loop_run(struct ps_loop *loop);

/* Makes ps_loop_run return at the end of its step; the next one, if none is running. */
void ps_loop_stop(struct ps_loop *loop);

/* Calls the tasks that were posted since the last step, or, where there are none, waits for events
 * at most `timeout` ms (0: not at all, negative: until the next timer); then calls what is due:
 * events, then timers, then tasks. PS_E_STATE inside a callback, PS_E_TRANSPORT where
 * the system refuses to wait. */
enum ps_error ps_loop_step(struct ps_loop *loop, int timeout);

/* Returns the epoll descriptor, for someone else's loop: wait until it is readable or the deadline
 * has come, then call ps_loop_step(loop, 0). The descriptor stays the loop's. */
int ps_loop_fd(const struct ps_loop *loop);

#define PS_LOOP_NEVER UINT64_MAX

/* Tells when the loop next wants to be stepped without any event: 0 for at once, PS_LOOP_NEVER. */
uint64_t ps_loop_deadline(const struct ps_loop *loop);

/* ---- timers ---- */

typedef void (*ps_loop_fn)(void *context);

/* Owned by the user; its fields are the loop's. All zero is "not running". One-shot. */
struct ps_loop_timer {
    uint64_t deadline;
    uint64_t order; /* equal deadlines expire in the order in which they were started */
    ps_loop_fn call;
    void *context;
    struct ps_loop_timer *child, *next, *before; /* a pairing heap: see loop_timer.c */
    bool running;
};

/* Calls at `deadline` (absolute; the past means the next step), once. A running timer is moved.
 * Constant time; expiry and stop cost logarithmic time, amortised. */
void ps_loop_timer_start(struct ps_loop *loop, struct ps_loop_timer *timer, uint64_t deadline,
                         ps_loop_fn call, void *context);

/* Stops it; no call comes any more. Not running is fine. */
void ps_loop_timer_stop(struct ps_loop *loop, struct ps_loop_timer *timer);

/* ---- descriptors ---- */

/* `events`: what epoll reports (EPOLLIN, EPOLLOUT, EPOLLERR, ...). */
typedef void (*ps_loop_watch_fn)(void *context, uint32_t events);

/* Owned by the user; its fields are the loop's. All zero is "not watched". */
struct ps_loop_watch {
    int fd;
    uint32_t events;
    bool active;
    ps_loop_watch_fn call;
    void *context;
    struct ps_loop *loop;
    struct ps_loop_timer rest; /* runs while the watch rests */
};

/* Watches `fd`, level-triggered, for `events` of epoll(7). The descriptor stays the user's, who
 * removes the watch before closing it. PS_E_STATE where the watch is active, else PS_E_TRANSPORT
 * (also counted and reported). */
enum ps_error ps_loop_watch(struct ps_loop *loop, struct ps_loop_watch *watch, int fd,
                            uint32_t events, ps_loop_watch_fn call, void *context);

/* Watches for other events from now on; where the system refuses that, the watch rests first.
 * PS_E_STATE where it is not active. */
enum ps_error ps_loop_rewatch(struct ps_loop *loop, struct ps_loop_watch *watch, uint32_t events);

/* Stops watching for PS_LOOP_REST ms: after a system call on the descriptor failed in a way that
 * may last, so that a readable descriptor which cannot be read does not spin. */
#define PS_LOOP_REST 100
void ps_loop_rest(struct ps_loop *loop, struct ps_loop_watch *watch);

/* Stops watching: no call comes any more, not even for events already fetched. Inactive is fine. */
void ps_loop_unwatch(struct ps_loop *loop, struct ps_loop_watch *watch);

/* ---- tasks: what is left to do at the end of a step ---- */

/* Owned by the user; its fields are the loop's. All zero is "not posted". */
struct ps_loop_task {
    ps_loop_fn call;
    void *context;
    uint64_t order;
    struct ps_loop_task *next, *before;
    bool posted;
};

/* Calls once, at the end of this step; between steps, at the beginning of the next one before it
 * waits. A task that posts itself again comes in the next step. Posted already is fine. */
void ps_loop_post(struct ps_loop *loop, struct ps_loop_task *task, ps_loop_fn call, void *context);
void ps_loop_unpost(struct ps_loop *loop, struct ps_loop_task *task);

/* ---- signals ---- */

typedef void (*ps_loop_signal_fn)(void *context, int signal);

/* Blocks the signal in this thread and calls for it instead, from signalfd(2); start other threads
 * after this, so that they block it too. A NULL `call` releases it and its block.
 * PS_E_ARGUMENT for a signal that cannot be had, PS_E_TRANSPORT. */
enum ps_error ps_loop_signal(struct ps_loop *loop, int signal, ps_loop_signal_fn call,
                             void *context);

/* ---- wake-ups from other threads ---- */

/* Owned by the user; its fields are the loop's. */
struct ps_loop_wakeup {
    struct ps_loop_watch watch;
    struct ps_loop *loop;
    int fd;
    ps_loop_fn call;
    void *context;
};

/* Makes an eventfd(2) of its own. End it with ps_loop_wakeup_close. PS_E_TRANSPORT. */
enum ps_error ps_loop_wakeup_open(struct ps_loop *loop, struct ps_loop_wakeup *wakeup,
                                  ps_loop_fn call, void *context);
void ps_loop_wakeup_close(struct ps_loop_wakeup *wakeup);

/* Makes the loop call soon, from any thread or a signal handler; several wakes may become one call.
 * PS_E_TRANSPORT: the system refused; the loop sleeps on. */
enum ps_error ps_loop_wake(const struct ps_loop_wakeup *wakeup);

/* ---- what happened ---- */

/* X(name, what it counts) */
#define PS_LOOP_COUNTERS(X)                                                                        \
    X(wakeups, "returns from waiting; none while idle")                                            \
    X(events, "descriptor events handed out")                                                      \
    X(timers, "timers expired")                                                                    \
    X(failures, "system calls that failed unexpectedly, here or in what runs on the loop")

struct ps_loop_counters {
#define PS_COUNTER_FIELD(name, text) uint64_t name;
    PS_LOOP_COUNTERS(PS_COUNTER_FIELD)
#undef PS_COUNTER_FIELD
};

/* Returns the counters. Borrowed; they live with the loop. */
const struct ps_loop_counters *ps_loop_counters(const struct ps_loop *loop);

/* Sets who is told of each unexpected failure, beside the counter; at most one. */
typedef void (*ps_loop_failure_fn)(void *context, struct ps_system_error why);
void ps_loop_on_failure(struct ps_loop *loop, ps_loop_failure_fn call, void *context);

/* Counts and reports a failed system call, for users of the loop. */
void ps_loop_failed(struct ps_loop *loop, const char *call, int error);

/* Fills `bytes` from the kernel's random source (getrandom(2)): seeds and hash keys for a stack,
 * identifiers of DNS queries. Waits only where the system has just booted. PS_E_TRANSPORT if there
 * is none. */
enum ps_error ps_system_random(void *bytes, size_t n);

#ifdef __cplusplus
}
#endif
#endif
