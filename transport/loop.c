/*
 * Runs the event loop over epoll(7), signalfd(2) and eventfd(2). Knows nothing of SIP or of
 * sockets; owns no descriptor but its own.
 */
#define _GNU_SOURCE
#include "loop_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

/* ---- failures ---- */

void ps_loop_on_failure(struct ps_loop *loop, ps_loop_failure_fn call, void *context)
{
    loop->on_failure = call;
    loop->failure_context = context;
}

void ps_loop_failed(struct ps_loop *loop, const char *call, int error)
{
    struct ps_system_error why = {call, error};
    loop->counters.failures++;
    if (loop->on_failure)
        loop->on_failure(loop->failure_context, why);
}

static enum ps_error failed(struct ps_loop *loop, const char *call)
{
    ps_loop_failed(loop, call, errno);
    return PS_E_TRANSPORT;
}

const struct ps_loop_counters *ps_loop_counters(const struct ps_loop *loop)
{
    return &loop->counters;
}

/* ---- time and randomness ---- */

uint64_t ps_loop_now(void)
{
    struct timespec t = {0, 0};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

enum ps_error ps_system_random(void *bytes, size_t n)
{
    char *p = bytes;
    int interrupted = 0;
    while (n) {
        ssize_t got = getrandom(p, n, 0);
        if (got <= 0) {
            if (errno == EINTR && ++interrupted < 100)
                continue;
            return PS_E_TRANSPORT;
        }
        p += got;
        n -= (size_t)got;
    }
    return PS_OK;
}

/* ---- life ---- */

enum ps_error ps_loop_open(struct ps_loop **out, struct ps_system_error *why)
{
    struct ps_system_error error = {"calloc", ENOMEM};
    struct ps_loop *loop = calloc(1, sizeof *loop);
    *out = NULL;
    if (loop) {
        loop->signals = -1;
        sigemptyset(&loop->signal_mask);
        loop->epoll = epoll_create1(EPOLL_CLOEXEC);
        error.call = "epoll_create1";
        error.error = errno;
        if (loop->epoll >= 0) {
            loop->now = ps_loop_now();
            *out = loop;
            return PS_OK;
        }
        free(loop);
    }
    if (why)
        *why = error;
    return PS_E_TRANSPORT;
}

static void unblock(struct ps_loop *loop, int signal)
{
    sigset_t one;
    if (!loop->signal[signal].call || loop->signal[signal].was_blocked)
        return;
    sigemptyset(&one);
    sigaddset(&one, signal);
    pthread_sigmask(SIG_UNBLOCK, &one, NULL);
}

void ps_loop_close(struct ps_loop *loop)
{
    int i;
    if (!loop)
        return;
    if (loop->signals >= 0)
        close(loop->signals);
    for (i = 1; i < PS_LOOP_SIGNALS; i++)
        unblock(loop, i);
    close(loop->epoll);
    free(loop);
}

/* ---- timers (loop_timer.c) ---- */

/* Calls the due timers that were started before; what they start for now waits for the next
 * step. */
static void expire(struct ps_loop *loop)
{
    uint64_t order = loop->order;
    struct ps_loop_timer *timer;
    while ((timer = loop->timers) && timer->deadline <= loop->now && timer->order < order) {
        ps_loop_timer_stop(loop, timer);
        loop->counters.timers++;
        timer->call(timer->context);
    }
}

/* ---- descriptors ---- */

static enum ps_error control(struct ps_loop *loop, int operation, struct ps_loop_watch *watch)
{
    struct epoll_event event;
    memset(&event, 0, sizeof event);
    event.events = watch->events;
    event.data.ptr = watch;
    if (epoll_ctl(loop->epoll, operation, watch->fd, &event))
        return failed(loop, "epoll_ctl");
    return PS_OK;
}

enum ps_error ps_loop_watch(struct ps_loop *loop, struct ps_loop_watch *watch, int fd,
                            uint32_t events, ps_loop_watch_fn call, void *context)
{
    enum ps_error error;
    if (watch->active)
        return PS_E_STATE;
    memset(watch, 0, sizeof *watch);
    watch->fd = fd;
    watch->events = events;
    watch->call = call;
    watch->context = context;
    watch->loop = loop;
    error = control(loop, EPOLL_CTL_ADD, watch);
    watch->active = !error;
    return error;
}

enum ps_error ps_loop_rewatch(struct ps_loop *loop, struct ps_loop_watch *watch, uint32_t events)
{
    if (!watch->active)
        return PS_E_STATE;
    if (watch->events == events)
        return PS_OK;
    watch->events = events;
    if (!watch->rest.running && control(loop, EPOLL_CTL_MOD, watch))
        ps_loop_rest(loop, watch); /* else epoll would go on with the old ones */
    return PS_OK;
}

/* Takes the watch out of epoll, and out of the events that were fetched already. */
static void forget(struct ps_loop *loop, struct ps_loop_watch *watch)
{
    int i;
    (void)control(loop, EPOLL_CTL_DEL, watch);
    for (i = loop->at; i < loop->fetched; i++)
        if (loop->events[i].data.ptr == watch)
            loop->events[i].data.ptr = NULL;
}

static void start_rest(struct ps_loop *loop, struct ps_loop_watch *watch);

static void rested(void *context)
{
    struct ps_loop_watch *watch = context;
    if (control(watch->loop, EPOLL_CTL_ADD, watch))
        start_rest(watch->loop, watch);
}

static void start_rest(struct ps_loop *loop, struct ps_loop_watch *watch)
{
    ps_loop_timer_start(loop, &watch->rest, ps_loop_now() + PS_LOOP_REST, rested, watch);
}

void ps_loop_rest(struct ps_loop *loop, struct ps_loop_watch *watch)
{
    if (!watch->active || watch->rest.running)
        return;
    forget(loop, watch);
    start_rest(loop, watch);
}

void ps_loop_unwatch(struct ps_loop *loop, struct ps_loop_watch *watch)
{
    if (!watch->active)
        return;
    if (watch->rest.running)
        ps_loop_timer_stop(loop, &watch->rest);
    else
        forget(loop, watch);
    watch->active = false;
}

/* ---- tasks ---- */

void ps_loop_post(struct ps_loop *loop, struct ps_loop_task *task, ps_loop_fn call, void *context)
{
    if (task->posted)
        return;
    task->call = call;
    task->context = context;
    task->order = loop->order++;
    task->posted = true;
    task->next = NULL;
    task->before = loop->last_task;
    if (loop->last_task)
        loop->last_task->next = task;
    else
        loop->tasks = task;
    loop->last_task = task;
}

void ps_loop_unpost(struct ps_loop *loop, struct ps_loop_task *task)
{
    if (!task->posted)
        return;
    task->posted = false;
    if (task->before)
        task->before->next = task->next;
    else
        loop->tasks = task->next;
    if (task->next)
        task->next->before = task->before;
    else
        loop->last_task = task->before;
}

/* Runs the tasks that were posted before; what they post waits for the next step. */
static bool run_tasks(struct ps_loop *loop)
{
    uint64_t order = loop->order;
    struct ps_loop_task *task;
    bool any = loop->tasks != NULL;
    while ((task = loop->tasks) && task->order < order) {
        ps_loop_unpost(loop, task);
        task->call(task->context);
    }
    return any;
}

/* ---- signals ---- */

/* Reports and pauses a descriptor that cannot be read, unless somebody else has read it first
 * (EAGAIN). */
static void unreadable(struct ps_loop *loop, struct ps_loop_watch *watch)
{
    if (errno == EAGAIN || errno == EINTR)
        return;
    ps_loop_failed(loop, "read", errno);
    ps_loop_rest(loop, watch);
}

static void on_signal(void *context, uint32_t events)
{
    struct ps_loop *loop = context;
    struct signalfd_siginfo info;
    ssize_t n = read(loop->signals, &info, sizeof info);
    (void)events;
    if (n == (ssize_t)sizeof info) { /* of a signal in the mask, whose slot is filled */
        const struct ps_loop_signal_slot *slot = &loop->signal[info.ssi_signo];
        slot->call(slot->context, (int)info.ssi_signo);
    } else {
        unreadable(loop, &loop->signal_watch);
    }
}

/* Makes the signalfd at the first signal; later gives it the changed set. */
static enum ps_error set_signals(struct ps_loop *loop, const sigset_t *set)
{
    int fd = signalfd(loop->signals, set, SFD_NONBLOCK | SFD_CLOEXEC);
    enum ps_error error;
    if (fd < 0)
        return failed(loop, "signalfd");
    if (loop->signals >= 0)
        return PS_OK;
    loop->signals = fd;
    error = ps_loop_watch(loop, &loop->signal_watch, fd, EPOLLIN, on_signal, loop);
    if (error) {
        close(fd);
        loop->signals = -1;
    }
    return error;
}

static enum ps_error hold_signal(struct ps_loop *loop, int signal, struct ps_loop_signal_slot *slot)
{
    sigset_t set = loop->signal_mask, one, before;
    enum ps_error error;
    sigemptyset(&one);
    sigaddset(&one, signal);
    pthread_sigmask(SIG_BLOCK, &one, &before);
    slot->was_blocked = sigismember(&before, signal) == 1;
    sigaddset(&set, signal);
    error = set_signals(loop, &set);
    if (error)
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    else
        loop->signal_mask = set;
    return error;
}

static enum ps_error release_signal(struct ps_loop *loop, int signal)
{
    sigset_t set = loop->signal_mask;
    enum ps_error error;
    sigdelset(&set, signal);
    error = set_signals(loop, &set);
    if (!error) {
        loop->signal_mask = set;
        unblock(loop, signal);
    }
    return error;
}

enum ps_error ps_loop_signal(struct ps_loop *loop, int signal, ps_loop_signal_fn call,
                             void *context)
{
    enum ps_error error = PS_OK;
    struct ps_loop_signal_slot *slot;
    if (signal < 1 || signal >= PS_LOOP_SIGNALS || signal == SIGKILL || signal == SIGSTOP)
        return PS_E_ARGUMENT;
    slot = &loop->signal[signal];
    if (call && !slot->call)
        error = hold_signal(loop, signal, slot);
    else if (!call && slot->call)
        error = release_signal(loop, signal);
    if (!error) {
        slot->call = call;
        slot->context = context;
    }
    return error;
}

/* ---- wake-ups ---- */

static void on_wake(void *context, uint32_t events)
{
    struct ps_loop_wakeup *wakeup = context;
    uint64_t count;
    (void)events;
    if (read(wakeup->fd, &count, sizeof count) == (ssize_t)sizeof count)
        wakeup->call(wakeup->context);
    else
        unreadable(wakeup->loop, &wakeup->watch);
}

enum ps_error ps_loop_wakeup_open(struct ps_loop *loop, struct ps_loop_wakeup *wakeup,
                                  ps_loop_fn call, void *context)
{
    enum ps_error error;
    memset(wakeup, 0, sizeof *wakeup);
    wakeup->call = call;
    wakeup->context = context;
    wakeup->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (wakeup->fd < 0)
        return failed(loop, "eventfd");
    wakeup->loop = loop;
    error = ps_loop_watch(loop, &wakeup->watch, wakeup->fd, EPOLLIN, on_wake, wakeup);
    if (error)
        ps_loop_wakeup_close(wakeup);
    return error;
}

void ps_loop_wakeup_close(struct ps_loop_wakeup *wakeup)
{
    if (!wakeup->loop)
        return;
    ps_loop_unwatch(wakeup->loop, &wakeup->watch);
    close(wakeup->fd);
    wakeup->fd = -1;
    wakeup->loop = NULL;
}

enum ps_error ps_loop_wake(const struct ps_loop_wakeup *wakeup)
{
    uint64_t one = 1;
    int keep = errno;
    ssize_t n = write(wakeup->fd, &one, sizeof one);
    /* EAGAIN: enough wakes wait already, so that one more makes no difference */
    enum ps_error error = n == (ssize_t)sizeof one || errno == EAGAIN ? PS_OK : PS_E_TRANSPORT;
    errno = keep;
    return error;
}

/* ---- running ---- */

int ps_loop_fd(const struct ps_loop *loop)
{
    return loop->epoll;
}

uint64_t ps_loop_deadline(const struct ps_loop *loop)
{
    if (loop->tasks)
        return 0;
    return loop->timers ? loop->timers->deadline : PS_LOOP_NEVER;
}

void ps_loop_stop(struct ps_loop *loop)
{
    loop->stop = true;
}

/* Returns how long to wait, at most until the deadline; in milliseconds. */
static int wait_time(const struct ps_loop *loop, int timeout)
{
    uint64_t deadline = ps_loop_deadline(loop), now = ps_loop_now(), left;
    if (deadline == PS_LOOP_NEVER)
        return timeout;
    left = deadline > now ? deadline - now : 0;
    if (timeout >= 0 && left > (uint64_t)timeout)
        return timeout;
    return left > INT32_MAX ? INT32_MAX : (int)left;
}

static enum ps_error wait_events(struct ps_loop *loop, int timeout)
{
    int n = epoll_wait(loop->epoll, loop->events, PS_LOOP_EVENTS, wait_time(loop, timeout));
    loop->counters.wakeups++;
    loop->fetched = n > 0 ? n : 0;
    if (n < 0 && errno != EINTR)
        return failed(loop, "epoll_wait");
    return PS_OK;
}

static void dispatch(struct ps_loop *loop)
{
    for (loop->at = 0; loop->at < loop->fetched;) {
        struct epoll_event *event = &loop->events[loop->at++];
        struct ps_loop_watch *watch = event->data.ptr;
        if (!watch)
            continue;
        loop->counters.events++;
        watch->call(watch->context, event->events);
    }
    loop->at = loop->fetched = 0;
}

enum ps_error ps_loop_step(struct ps_loop *loop, int timeout)
{
    enum ps_error error;
    if (loop->stepping)
        return PS_E_STATE;
    loop->stepping = true;
    if (run_tasks(loop))
        timeout = 0; /* something happened: the caller may want to know, or have stopped us */
    error = wait_events(loop, timeout);
    loop->now = ps_loop_now();
    dispatch(loop);
    expire(loop);
    (void)run_tasks(loop);
    loop->stepping = false;
    return error;
}

enum ps_error ps_loop_run(struct ps_loop *loop)
{
    enum ps_error error = PS_OK;
    if (loop->stepping)
        return PS_E_STATE;
    while (!loop->stop && !error)
        error = ps_loop_step(loop, -1);
    loop->stop = false;
    return error;
}
