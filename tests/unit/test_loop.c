/*
 * Covers transport/loop: descriptors, timers and their order, tasks, signals, wake-ups from another
 * thread, idleness, stepping from someone else's loop, and closing of everything from inside its
 * own callback. Real clock, but only waits of a few milliseconds.
 * Does not cover: system calls that fail (test_transport_faults).
 */
#define _GNU_SOURCE
#include "check_main.h"
#include "transport/loop.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <unistd.h>

static struct ps_loop *loop;
static int calls, other_calls;

static void setup(void)
{
    ck_assert_int_eq(ps_loop_open(&loop, NULL), PS_OK);
    calls = other_calls = 0;
}

static void teardown(void)
{
    ps_loop_close(loop);
}

static void step(void)
{
    ck_assert_int_eq(ps_loop_step(loop, 0), PS_OK);
}

static void count(void *context)
{
    ++*(int *)context;
}

/* ---- descriptors ---- */

struct pipe_watch {
    struct ps_loop_watch watch;
    int end[2];
    int calls;
    uint32_t events;
    struct ps_loop_watch *unwatch; /* inside the callback */
    bool free_self;
};

static void on_pipe(void *context, uint32_t events)
{
    struct pipe_watch *p = context;
    char c;
    p->calls++;
    calls++;
    p->events = events;
    if (events & EPOLLIN)
        ck_assert_int_eq(read(p->end[0], &c, 1), 1);
    if (p->unwatch)
        ps_loop_unwatch(loop, p->unwatch);
    if (p->free_self) {
        ps_loop_unwatch(loop, &p->watch);
        close(p->end[0]);
        close(p->end[1]);
        free(p);
    }
}

static void open_pipe(struct pipe_watch *p)
{
    memset(p, 0, sizeof *p);
    ck_assert_int_eq(pipe(p->end), 0);
    ck_assert_int_eq(ps_loop_watch(loop, &p->watch, p->end[0], EPOLLIN, on_pipe, p), PS_OK);
}

static void close_pipe(struct pipe_watch *p)
{
    ps_loop_unwatch(loop, &p->watch);
    close(p->end[0]);
    close(p->end[1]);
}

static void ring_pipe(struct pipe_watch *p)
{
    ck_assert_int_eq(write(p->end[1], "x", 1), 1);
}

START_TEST(a_readable_descriptor_calls)
{
    struct pipe_watch p;
    open_pipe(&p);
    step();
    ck_assert_int_eq(p.calls, 0);
    ring_pipe(&p);
    ring_pipe(&p);
    step();
    ck_assert_int_eq(p.calls, 1);
    ck_assert_uint_eq(p.events, EPOLLIN);
    step(); /* level-triggered: the second byte calls again */
    ck_assert_int_eq(p.calls, 2);
    step();
    ck_assert_int_eq(p.calls, 2);
    ck_assert_uint_eq(ps_loop_counters(loop)->events, 2);
    ck_assert_int_eq(ps_loop_watch(loop, &p.watch, p.end[0], EPOLLIN, on_pipe, &p), PS_E_STATE);
    close_pipe(&p);
}
END_TEST

START_TEST(rewatch_changes_the_events)
{
    struct pipe_watch p;
    open_pipe(&p);
    ring_pipe(&p);
    ck_assert_int_eq(ps_loop_rewatch(loop, &p.watch, 0), PS_OK);
    step();
    ck_assert_int_eq(p.calls, 0);
    ck_assert_int_eq(ps_loop_rewatch(loop, &p.watch, EPOLLIN), PS_OK);
    ck_assert_int_eq(ps_loop_rewatch(loop, &p.watch, EPOLLIN), PS_OK);
    step();
    ck_assert_int_eq(p.calls, 1);
    close_pipe(&p);
    ck_assert_int_eq(ps_loop_rewatch(loop, &p.watch, EPOLLIN), PS_E_STATE);
    ps_loop_unwatch(loop, &p.watch);
}
END_TEST

/* Both are fetched by one wait; whichever is called first removes the other. */
START_TEST(unwatched_inside_a_callback_is_not_called_any_more)
{
    struct pipe_watch a, b;
    open_pipe(&a);
    open_pipe(&b);
    a.unwatch = &b.watch;
    b.unwatch = &a.watch;
    ring_pipe(&a);
    ring_pipe(&b);
    step();
    ck_assert_int_eq(calls, 1);
    step();
    ck_assert_int_eq(calls, 1);
    close_pipe(&a);
    close_pipe(&b);
}
END_TEST

START_TEST(a_callback_may_free_its_own_watch)
{
    struct pipe_watch *p = malloc(sizeof *p);
    open_pipe(p);
    p->free_self = true;
    ring_pipe(p);
    step();
    ck_assert_int_eq(calls, 1);
    step();
    ck_assert_int_eq(calls, 1);
}
END_TEST

START_TEST(a_watch_that_rests_is_silent_and_comes_back)
{
    struct pipe_watch p;
    uint64_t begin = ps_loop_now();
    open_pipe(&p);
    ring_pipe(&p);
    ps_loop_rest(loop, &p.watch);
    ps_loop_rest(loop, &p.watch);
    ck_assert_int_eq(ps_loop_rewatch(loop, &p.watch, EPOLLIN | EPOLLRDHUP), PS_OK);
    step();
    ck_assert_int_eq(p.calls, 0);
    while (!p.calls)
        ck_assert_int_eq(ps_loop_step(loop, 1000), PS_OK);
    ck_assert_uint_ge(ps_loop_now() - begin, PS_LOOP_REST);
    ps_loop_rest(loop, &p.watch);
    close_pipe(&p); /* while it rests */
    ck_assert_uint_eq(ps_loop_deadline(loop), PS_LOOP_NEVER);
    ps_loop_rest(loop, &p.watch);
    ck_assert_uint_eq(ps_loop_deadline(loop), PS_LOOP_NEVER);
}
END_TEST

START_TEST(a_descriptor_that_cannot_be_watched_is_an_error)
{
    struct ps_loop_watch watch;
    memset(&watch, 0, sizeof watch);
    ck_assert_int_eq(ps_loop_watch(loop, &watch, -1, EPOLLIN, on_pipe, NULL), PS_E_TRANSPORT);
    ck_assert(!watch.active);
    ck_assert_uint_eq(ps_loop_counters(loop)->failures, 1);
}
END_TEST

/* ---- timers ---- */

enum { TIMERS = 2000 };

static struct ps_loop_timer timers[TIMERS];
static int fired[TIMERS], fired_count;

static void fire(void *context)
{
    fired[fired_count++] = (int)((struct ps_loop_timer *)context - timers);
}

static void start(int i, uint64_t deadline)
{
    ps_loop_timer_start(loop, &timers[i], deadline, fire, &timers[i]);
}

static void reset_timers(void)
{
    memset(timers, 0, sizeof timers);
    fired_count = 0;
}

static uint32_t random_state = 1;
static uint32_t next_random(void)
{
    random_state = random_state * 1664525 + 1013904223;
    return random_state >> 8;
}

/* Against a sort: random deadlines in the near past and future, some stopped, some moved. */
START_TEST(timers_expire_by_deadline_then_by_start)
{
    static uint64_t deadline[TIMERS], order[TIMERS];
    uint64_t now, running = 0, starts = 0;
    int i, k;
    reset_timers();
    now = ps_loop_now();
    for (k = 0; k < TIMERS * 3; k++) {
        i = (int)(next_random() % TIMERS);
        if (next_random() % 4 == 0) {
            ps_loop_timer_stop(loop, &timers[i]);
        } else {
            deadline[i] = now + 5 + next_random() % 20;
            order[i] = starts++;
            start(i, deadline[i]);
        }
    }
    for (i = 0; i < TIMERS; i++)
        running += timers[i].running;
    ck_assert_uint_gt(running, TIMERS / 2);
    while (ps_loop_deadline(loop) != PS_LOOP_NEVER)
        ck_assert_int_eq(ps_loop_step(loop, -1), PS_OK);
    ck_assert_int_eq(fired_count, (int)running);
    for (k = 1; k < fired_count; k++) {
        int a = fired[k - 1], b = fired[k];
        ck_assert(deadline[a] < deadline[b] || (deadline[a] == deadline[b] && order[a] < order[b]));
    }
    ck_assert_uint_ge(ps_loop_now(), deadline[fired[fired_count - 1]]);
    ck_assert_uint_eq(ps_loop_counters(loop)->timers, running);
}
END_TEST

START_TEST(a_timer_never_comes_early)
{
    int i;
    reset_timers();
    for (i = 0; i < 20; i++) {
        uint64_t deadline = ps_loop_now() + 1;
        start(0, deadline);
        while (timers[0].running)
            ck_assert_int_eq(ps_loop_step(loop, -1), PS_OK);
        ck_assert_uint_ge(ps_loop_now(), deadline);
        ck_assert_uint_le(ps_loop_counters(loop)->wakeups, (uint64_t)i + 1);
    }
}
END_TEST

START_TEST(the_past_means_the_next_step)
{
    reset_timers();
    start(0, 0);
    ck_assert_uint_le(ps_loop_deadline(loop), ps_loop_now());
    ck_assert_int_eq(ps_loop_step(loop, -1), PS_OK);
    ck_assert_int_eq(fired_count, 1);
    ps_loop_timer_stop(loop, &timers[0]);
}
END_TEST

static void fire_and_start_again(void *context)
{
    fire(context);
    ps_loop_timer_start(loop, context, 0, fire_and_start_again, context);
}

START_TEST(a_timer_that_restarts_itself_starves_nobody)
{
    reset_timers();
    ps_loop_timer_start(loop, &timers[0], 0, fire_and_start_again, &timers[0]);
    start(1, 0);
    step();
    ck_assert_int_eq(fired_count, 2);
    step();
    ck_assert_int_eq(fired_count, 3);
    start(2, 0);
    step();
    ck_assert_int_eq(fired[fired_count - 1], 2);
}
END_TEST

static void fire_and_stop_next(void *context)
{
    fire(context);
    ps_loop_timer_stop(loop, &timers[1]);
}

START_TEST(a_timer_may_stop_another_that_is_due)
{
    reset_timers();
    ps_loop_timer_start(loop, &timers[0], 0, fire_and_stop_next, &timers[0]);
    start(1, 0);
    start(2, 0);
    step();
    ck_assert_int_eq(fired_count, 2);
    ck_assert_int_eq(fired[1], 2);
}
END_TEST

START_TEST(a_wait_ends_at_its_timeout_before_a_later_timer)
{
    struct pipe_watch p;
    reset_timers();
    start(0, ps_loop_now() + 100000);
    ck_assert_int_eq(ps_loop_step(loop, 1), PS_OK);
    start(1, PS_LOOP_NEVER - 1); /* further away than an int of milliseconds */
    ps_loop_timer_stop(loop, &timers[0]);
    ck_assert_uint_eq(ps_loop_deadline(loop), PS_LOOP_NEVER - 1);
    ck_assert_int_eq(ps_loop_step(loop, 1), PS_OK);
    ck_assert_int_eq(fired_count, 0);
    open_pipe(&p);
    ring_pipe(&p);
    ck_assert_int_eq(ps_loop_step(loop, -1), PS_OK);
    ck_assert_int_eq(p.calls, 1);
    close_pipe(&p);
}
END_TEST

/* ---- tasks ---- */

static struct ps_loop_task task, other_task;

static void post_again(void *context)
{
    count(context);
    ps_loop_post(loop, &task, post_again, context);
}

static void unpost_other(void *context)
{
    count(context);
    ps_loop_unpost(loop, &other_task);
}

START_TEST(tasks_run_once_and_before_waiting)
{
    memset(&task, 0, sizeof task);
    ps_loop_post(loop, &task, count, &calls);
    ps_loop_post(loop, &task, count, &calls);
    ck_assert_uint_eq(ps_loop_deadline(loop), 0);
    ck_assert_int_eq(ps_loop_step(loop, 1), PS_OK);
    ck_assert_int_eq(calls, 1);
    step();
    ck_assert_int_eq(calls, 1);
    ck_assert_uint_eq(ps_loop_deadline(loop), PS_LOOP_NEVER);
}
END_TEST

START_TEST(a_task_that_posts_itself_comes_once_a_round)
{
    memset(&task, 0, sizeof task);
    ps_loop_post(loop, &task, post_again, &calls);
    ck_assert_int_eq(ps_loop_step(loop, -1), PS_OK); /* and the wait does not block */
    ck_assert_int_eq(calls, 2);                      /* before the wait and after it */
    ps_loop_unpost(loop, &task);
    step();
    ck_assert_int_eq(calls, 2);
}
END_TEST

START_TEST(a_task_may_be_unposted_by_another)
{
    static struct ps_loop_task third;
    memset(&task, 0, sizeof task);
    memset(&other_task, 0, sizeof other_task);
    memset(&third, 0, sizeof third);
    ps_loop_post(loop, &task, unpost_other, &calls);
    ps_loop_post(loop, &other_task, count, &other_calls);
    ps_loop_post(loop, &third, count, &calls);
    step();
    ck_assert_int_eq(calls, 2);
    ck_assert_int_eq(other_calls, 0);
    ps_loop_post(loop, &task, count, &calls);
    ps_loop_post(loop, &third, count, &calls);
    ps_loop_unpost(loop, &third); /* the last of the list */
    ps_loop_post(loop, &other_task, count, &other_calls);
    step();
    ck_assert_int_eq(calls, 3);
    ck_assert_int_eq(other_calls, 1);
}
END_TEST

/* ---- signals ---- */

static int last_signal;

static void on_signal(void *context, int signal)
{
    count(context);
    last_signal = signal;
}

static bool blocked(int signal)
{
    sigset_t set;
    pthread_sigmask(SIG_BLOCK, NULL, &set);
    return sigismember(&set, signal) == 1;
}

START_TEST(signals_become_calls)
{
    ck_assert_int_eq(ps_loop_signal(loop, SIGUSR1, on_signal, &calls), PS_OK);
    ck_assert_int_eq(ps_loop_signal(loop, SIGTERM, on_signal, &other_calls), PS_OK);
    raise(SIGUSR1);
    step();
    ck_assert_int_eq(calls, 1);
    ck_assert_int_eq(last_signal, SIGUSR1);
    raise(SIGTERM);
    step();
    ck_assert_int_eq(other_calls, 1);
    ck_assert_int_eq(last_signal, SIGTERM);
    step();
    ck_assert_int_eq(calls + other_calls, 2);
}
END_TEST

START_TEST(a_signal_let_go_of_is_unblocked)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &set, NULL); /* by the program, before */
    ck_assert_int_eq(ps_loop_signal(loop, SIGUSR1, on_signal, &calls), PS_OK);
    ck_assert_int_eq(ps_loop_signal(loop, SIGUSR1, on_signal, &other_calls), PS_OK);
    ck_assert_int_eq(ps_loop_signal(loop, SIGUSR2, on_signal, &calls), PS_OK);
    ck_assert_int_eq(ps_loop_signal(loop, SIGINT, on_signal, &calls), PS_OK);
    ck_assert(blocked(SIGUSR1) && blocked(SIGUSR2) && blocked(SIGINT));
    ck_assert_int_eq(ps_loop_signal(loop, SIGUSR1, NULL, NULL), PS_OK);
    ck_assert_int_eq(ps_loop_signal(loop, SIGUSR1, NULL, NULL), PS_OK);
    ck_assert_int_eq(ps_loop_signal(loop, SIGUSR2, NULL, NULL), PS_OK);
    ck_assert(!blocked(SIGUSR1));
    ck_assert(blocked(SIGUSR2));
    ps_loop_close(loop);
    ck_assert(!blocked(SIGINT));
    loop = NULL;
}
END_TEST

START_TEST(signals_that_cannot_be_had)
{
    ck_assert_int_eq(ps_loop_signal(loop, SIGKILL, on_signal, NULL), PS_E_ARGUMENT);
    ck_assert_int_eq(ps_loop_signal(loop, SIGSTOP, on_signal, NULL), PS_E_ARGUMENT);
    ck_assert_int_eq(ps_loop_signal(loop, 0, on_signal, NULL), PS_E_ARGUMENT);
    ck_assert_int_eq(ps_loop_signal(loop, 65, on_signal, NULL), PS_E_ARGUMENT);
}
END_TEST

/* ---- wake-ups ---- */

static struct ps_loop_wakeup wakeup;

static void *wake_from_thread(void *unused)
{
    ps_loop_wake(&wakeup);
    return unused;
}

static void count_and_stop(void *context)
{
    count(context);
    ps_loop_stop(loop);
}

static void count_and_close(void *context)
{
    count(context);
    ps_loop_wakeup_close(&wakeup);
}

START_TEST(another_thread_wakes_the_loop)
{
    pthread_t thread;
    ck_assert_int_eq(ps_loop_wakeup_open(loop, &wakeup, count_and_stop, &calls), PS_OK);
    ck_assert_int_eq(pthread_create(&thread, NULL, wake_from_thread, NULL), 0);
    ck_assert_int_eq(ps_loop_run(loop), PS_OK);
    pthread_join(thread, NULL);
    ck_assert_int_eq(calls, 1);
    ps_loop_wakeup_close(&wakeup);
    ps_loop_wakeup_close(&wakeup);
}
END_TEST

START_TEST(several_wakes_may_be_one_call_and_it_may_close)
{
    ck_assert_int_eq(ps_loop_wakeup_open(loop, &wakeup, count_and_close, &calls), PS_OK);
    ps_loop_wake(&wakeup);
    ps_loop_wake(&wakeup);
    step();
    ck_assert_int_eq(calls, 1);
    step();
    ck_assert_int_eq(calls, 1);
}
END_TEST

/* ---- running ---- */

static void step_inside(void *context)
{
    count(context);
    ck_assert_int_eq(ps_loop_step(loop, 0), PS_E_STATE);
    ck_assert_int_eq(ps_loop_run(loop), PS_E_STATE);
}

START_TEST(no_step_inside_a_step)
{
    memset(&task, 0, sizeof task);
    ps_loop_post(loop, &task, step_inside, &calls);
    step();
    ck_assert_int_eq(calls, 1);
}
END_TEST

START_TEST(a_stop_before_the_run_is_not_lost)
{
    ps_loop_stop(loop);
    ck_assert_int_eq(ps_loop_run(loop), PS_OK);
    ck_assert_uint_eq(ps_loop_counters(loop)->wakeups, 0);
}
END_TEST

START_TEST(a_stop_from_a_task_before_the_wait_is_not_lost)
{
    memset(&task, 0, sizeof task);
    ps_loop_post(loop, &task, count_and_stop, &calls);
    ck_assert_int_eq(ps_loop_run(loop), PS_OK);
    ck_assert_int_eq(calls, 1);
}
END_TEST

/* A quarter of a second with everything registered and nothing happening. */
START_TEST(idle_means_no_wakeups)
{
    struct pipe_watch p;
    open_pipe(&p);
    reset_timers();
    ck_assert_int_eq(ps_loop_wakeup_open(loop, &wakeup, count, &calls), PS_OK);
    ck_assert_int_eq(ps_loop_signal(loop, SIGUSR1, on_signal, &calls), PS_OK);
    start(0, ps_loop_now() + 250);
    while (!fired_count)
        ck_assert_int_eq(ps_loop_step(loop, -1), PS_OK);
    ck_assert_uint_eq(ps_loop_counters(loop)->wakeups, 1);
    ps_loop_wakeup_close(&wakeup);
    close_pipe(&p);
}
END_TEST

START_TEST(someone_elses_loop_drives_it)
{
    struct pipe_watch p;
    struct pollfd theirs = {ps_loop_fd(loop), POLLIN, 0};
    open_pipe(&p);
    ck_assert_int_eq(poll(&theirs, 1, 0), 0);
    ring_pipe(&p);
    ck_assert_int_eq(poll(&theirs, 1, 0), 1);
    step();
    ck_assert_int_eq(p.calls, 1);
    ck_assert_int_eq(poll(&theirs, 1, 0), 0);
    close_pipe(&p);
}
END_TEST

static struct ps_system_error told;

static void on_failure(void *context, struct ps_system_error why)
{
    count(context);
    told = why;
}

START_TEST(failures_are_counted_and_told)
{
    ps_loop_on_failure(loop, on_failure, &calls);
    ps_loop_failed(loop, "frobnicate", EIO);
    ck_assert_int_eq(calls, 1);
    ck_assert_str_eq(told.call, "frobnicate");
    ck_assert_int_eq(told.error, EIO);
    ck_assert_uint_eq(ps_loop_counters(loop)->failures, 1);
}
END_TEST

START_TEST(random_bytes_differ)
{
    unsigned char a[32] = {0}, b[32] = {0};
    ck_assert_int_eq(ps_system_random(a, sizeof a), PS_OK);
    ck_assert_int_eq(ps_system_random(b, sizeof b), PS_OK);
    ck_assert_int_ne(memcmp(a, b, sizeof a), 0);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("loop");
    TCase *t = tcase_create("loop");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_readable_descriptor_calls);
    tcase_add_test(t, rewatch_changes_the_events);
    tcase_add_test(t, unwatched_inside_a_callback_is_not_called_any_more);
    tcase_add_test(t, a_callback_may_free_its_own_watch);
    tcase_add_test(t, a_watch_that_rests_is_silent_and_comes_back);
    tcase_add_test(t, a_descriptor_that_cannot_be_watched_is_an_error);
    tcase_add_test(t, timers_expire_by_deadline_then_by_start);
    tcase_add_test(t, a_timer_never_comes_early);
    tcase_add_test(t, the_past_means_the_next_step);
    tcase_add_test(t, a_timer_that_restarts_itself_starves_nobody);
    tcase_add_test(t, a_timer_may_stop_another_that_is_due);
    tcase_add_test(t, a_wait_ends_at_its_timeout_before_a_later_timer);
    tcase_add_test(t, tasks_run_once_and_before_waiting);
    tcase_add_test(t, a_task_that_posts_itself_comes_once_a_round);
    tcase_add_test(t, a_task_may_be_unposted_by_another);
    tcase_add_test(t, signals_become_calls);
    tcase_add_test(t, a_signal_let_go_of_is_unblocked);
    tcase_add_test(t, signals_that_cannot_be_had);
    tcase_add_test(t, another_thread_wakes_the_loop);
    tcase_add_test(t, several_wakes_may_be_one_call_and_it_may_close);
    tcase_add_test(t, no_step_inside_a_step);
    tcase_add_test(t, a_stop_before_the_run_is_not_lost);
    tcase_add_test(t, a_stop_from_a_task_before_the_wait_is_not_lost);
    tcase_add_test(t, idle_means_no_wakeups);
    tcase_add_test(t, someone_elses_loop_drives_it);
    tcase_add_test(t, failures_are_counted_and_told);
    tcase_add_test(t, random_bytes_differ);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
