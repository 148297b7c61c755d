/*
 * Covers DESIGN's promise that after its start a stack calls neither the clock, nor the kernel, nor
 * malloc, nor a random device: a call from one stack to another, with a registrar's and a lost
 * datagram's share, runs in a process whose malloc and clocks are ours and abort, and to which the
 * kernel allows no call (seccomp, where there is one). Does not cover: transport/, which may.
 */
#define _GNU_SOURCE
#include "check_main.h"

#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

#include "sip/stack.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

static volatile int armed;

/* Raw, as nothing else may be called any more. */
static void leave(int status)
{
#ifdef __linux__
    syscall(SYS_exit, status);
#endif
    _exit(status);
}

#ifndef SANITIZED
/* A malloc that gives nothing back: the test is short. */
static union {
    char bytes[96 << 20];
    long double aligned;
} arena;
static size_t arena_used;

static void *take(size_t n)
{
    void *p = arena.bytes + arena_used + 16;
    if (armed)
        leave(40);
    arena_used += 16 + ((n + 15) & ~(size_t)15);
    if (arena_used > sizeof arena.bytes)
        leave(41);
    memcpy((char *)p - 16, &n, sizeof n);
    return p;
}

void *malloc(size_t n)
{
    return take(n);
}
void *calloc(size_t n, size_t each)
{
    return take(n * each); /* static memory: zero */
}
void *realloc(void *old, size_t n)
{
    void *p = take(n);
    size_t was = 0;
    if (old) {
        memcpy(&was, (char *)old - 16, sizeof was);
        memcpy(p, old, was < n ? was : n);
    }
    return p;
}
void free(void *p)
{
    (void)p;
    if (armed)
        leave(42);
}
#endif

/* The clocks, for whoever is linked into this program. */
static int clock_used(void)
{
    if (armed)
        leave(43);
    return 0;
}
time_t time(time_t *t)
{
    clock_used();
    if (t)
        *t = 0;
    return 0;
}

static char block[2][1 << 20];
static struct ps_stack *stack[2];
static struct ps_account account[2];
static struct ps_address address[2];
static unsigned answered, ended;

static void start(unsigned i)
{
    static const struct ps_limits limits = {
        32, 16, 8, 8, 2, 2, 4, 4096, 4096, {{512, 32}, {2048, 32}, {0, 0}, {0, 0}}};
    struct ps_config config = {.limits = limits};
    account[i].aor = i ? PS_S("sip:b@192.0.2.2") : PS_S("sip:a@192.0.2.1");
    ps_address_parse(i ? PS_S("192.0.2.2:5060") : PS_S("192.0.2.1:5060"), 0, &address[i]);
    config.account = &account[i];
    config.seed[0] = (uint8_t)i;
    stack[i] = ps_stack_init(block[i], sizeof block[i], &config);
}

static void on_event(unsigned i, const struct ps_event *event)
{
    struct ps_stack *calls = stack[i];
    if (event->kind == PS_EVENT_CALL_INCOMING) {
        (void)ps_call_ring(calls, event->call, 180, PS_NONE, PS_NONE);
        (void)ps_call_answer(calls, event->call, PS_S("application/sdp"), PS_S("v=0\r\n"));
    }
    if (event->kind == PS_EVENT_CALL_CONFIRMED)
        (void)ps_call_hangup(calls, event->call);
    answered += event->kind == PS_EVENT_CALL_ANSWERED;
    ended += event->kind == PS_EVENT_CALL_ENDED;
}

/* Each datagram goes straight across, but for every fifth, which is lost. */
static char wire[64][4096];
static size_t wire_n[64];
static unsigned wire_to[64], wires;

static void pull(unsigned i, uint64_t now)
{
    static unsigned count;
    struct ps_action action;
    struct ps_flow flow;
    while (ps_stack_pull(stack[i], now, &action)) {
        if (action.kind == PS_ACTION_EVENT)
            on_event(i, &action.event);
        if (action.kind == PS_ACTION_RESOLVE) {
            memset(&flow, 0, sizeof flow);
            flow.local = address[i];
            flow.remote = address[!i];
            ps_stack_resolved(stack[i], action.request, &flow, 1);
        }
        if (action.kind == PS_ACTION_SEND && ++count % 5 && wires < 64) {
            memcpy(wire[wires], action.bytes.p, action.bytes.n);
            wire_n[wires] = action.bytes.n;
            wire_to[wires++] = !i;
        }
    }
}

static void deliver(uint64_t now)
{
    unsigned k;
    for (k = 0; k < wires; k++) {
        struct ps_flow flow;
        unsigned to = wire_to[k];
        memset(&flow, 0, sizeof flow);
        flow.local = address[to];
        flow.remote = address[!to];
        (void)ps_stack_receive(stack[to], now, &flow, ps_slice(wire[k], wire_n[k]));
        pull(to, now);
    }
    wires = 0;
}

static int run_a_call(void)
{
    struct ps_call_options options = {.account = &account[0]};
    ps_handle call;
    uint64_t now;
    options.to = PS_S("sip:b@192.0.2.2");
    options.type = PS_S("application/sdp");
    options.body = PS_S("v=0\r\n");
    if (ps_call_start(stack[0], &options, &call))
        return 50;
    for (now = 0; now < 120000; now += 50) {
        pull(0, now);
        pull(1, now);
        deliver(now);
    }
    return answered == 1 && ended == 2 && !ps_stack_live(stack[0]).timers ? 0 : 51;
}

START_TEST(a_call_without_malloc_clock_or_kernel)
{
    int status = 0;
    pid_t child;
    start(0);
    start(1);
    ck_assert(stack[0] && stack[1]);
    child = fork();
    if (child == 0) {
        armed = 1;
#if defined(__linux__) && !defined(SANITIZED)
        (void)prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT); /* read, write, exit; else SIGKILL */
#endif
        leave(run_a_call());
    }
    waitpid(child, &status, 0);
    ck_assert_msg(WIFEXITED(status), "killed by signal %d", WTERMSIG(status));
    ck_assert_int_eq(WEXITSTATUS(status), 0);
}
END_TEST

/* The guards guard: what the child must not do ends it. */
START_TEST(the_guards_guard)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        armed = 1;
        (void)time(NULL);
        leave(0);
    }
    waitpid(child, &status, 0);
    ck_assert_int_eq(WEXITSTATUS(status), 43);
#ifndef SANITIZED
    child = fork();
    if (child == 0) {
        void *volatile p;
        armed = 1;
        p = malloc(1);
        (void)p;
        leave(0);
    }
    waitpid(child, &status, 0);
    ck_assert_int_eq(WEXITSTATUS(status), 40);
#ifdef __linux__
    child = fork();
    if (child == 0) {
        if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT))
            leave(9); /* no seccomp here */
        (void)syscall(SYS_getpid);
        leave(0);
    }
    waitpid(child, &status, 0);
    ck_assert(WIFSIGNALED(status) || WEXITSTATUS(status) == 9);
#endif
#endif
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("interpose");
    TCase *t = tcase_create("interpose");
    tcase_add_test(t, a_call_without_malloc_clock_or_kernel);
    tcase_add_test(t, the_guards_guard);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
