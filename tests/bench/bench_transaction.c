/*
 * Measures what a message costs with 1,000 to 1,000,000 live INVITE server transactions, what one
 * of these takes in memory, and what a timer costs against a binary heap.
 *
 * The live ones ring: each keeps a captured INVITE and its 180. A step takes one at random: its
 * INVITE comes again (180 again), it is refused (486), the ACK comes, another INVITE takes its
 * place (180): three messages in, three out, parsing included. Instructions are counted by
 * callgrind, where valgrind is installed: PS_BENCH_LIVE=N makes this program do N live alone.
 */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sip/transaction/transaction_internal.h"
#include "sip/message/writing.h"

static void fail(const char *what)
{
    fprintf(stderr, "bench_transaction: %s\n", what);
    exit(EXIT_FAILURE);
}

static double now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); /* not the neighbours' */
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static uint64_t random_state = 1;
static uint32_t random_below(uint32_t n)
{
    uint64_t z = random_state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)(((z ^ (z >> 31)) >> 32) * n >> 32);
}

/* ---- messages: a captured INVITE with a number in its branch and Call-ID ---- */

enum { DIGITS = 10 };
struct pattern {
    char text[4096];
    size_t n, branch, call_id; /* where the digits stand */
};
static struct pattern invite, ack;
static char ringing[1024], busy[1024];

static struct ps_message parsed;

static void parse(const char *text, size_t n)
{
    if (ps_message_parse(&parsed, text, n, NULL, NULL))
        fail("does not parse");
}

static void mark(struct pattern *p)
{
    parse(p->text, p->n);
    p->branch = parsed.via_branch.at + parsed.via_branch.n - (size_t)DIGITS;
    p->call_id = parsed.call_id.at;
}

static void number(struct pattern *p, uint32_t n)
{
    unsigned i;
    for (i = DIGITS; i-- > 0; n /= 10)
        p->text[p->branch + i] = p->text[p->call_id + i] = (char)('0' + n % 10);
}

static void load(const char *path)
{
    FILE *in = fopen(path, "rb");
    struct ps_writer w = ps_writer(ack.text, sizeof ack.text);
    if (!in)
        fail(path);
    invite.n = fread(invite.text, 1, sizeof invite.text, in);
    fclose(in);
    parse(invite.text, invite.n);
    ps_write_request_line(&w, PS_S("ACK"), ps_request_uri(&parsed));
    ps_write_copy_lines(&w, &parsed, PS_H_VIA);
    ps_write_copy_lines(&w, &parsed, PS_H_FROM);
    ps_write_copy_lines(&w, &parsed, PS_H_TO);
    ps_write_copy_lines(&w, &parsed, PS_H_CALL_ID);
    ps_write_header(&w, PS_H_CSEQ, PS_S("1 ACK"));
    ps_write_header_number(&w, PS_H_MAX_FORWARDS, 70);
    ps_write_body(&w, PS_NONE, PS_NONE);
    ack.n = ps_written(&w).n;
    mark(&invite);
    mark(&ack);
}

static size_t response(char *out, size_t n, unsigned status)
{
    struct ps_writer w = ps_writer(out, n);
    parse(invite.text, invite.n);
    ps_write_response(&w, &parsed, NULL, status, PS_NONE, PS_S("1234567890"));
    ps_write_body(&w, PS_NONE, PS_NONE);
    return ps_written(&w).n;
}

/* ---- the transactions ---- */

static struct ps_environment env;
static struct ps_transactions *t;
static struct ps_flow flow;
static char scratch[4096];
static uint32_t next_number;
static uint32_t *slot_number;
static ps_handle *slot;
static size_t bytes_each, ringing_n, busy_n;
static unsigned long messages;

static void set_up(uint32_t live)
{
    uint32_t count = live + live / 4 + 64;
    struct ps_size_class classes[PS_SIZE_CLASSES] = {{512, 0}, {1536, 0}, {0, 0}, {0, 0}};
    struct ps_arena arena = {NULL, 0, 0};
    size_t without;
    memset(&env, 0, sizeof env);
    env.t1 = 500;
    env.t2 = 4000;
    env.t4 = 5000;
    env.per_source = UINT32_MAX;
    env.scratch = scratch;
    env.scratch_n = sizeof scratch;
    classes[0].count = classes[1].count = count;
    ps_timers_init(&env.timers, 0);
    (void)ps_transactions_init(&arena, &env, count);
    without = arena.used;
    bytes_each = without / count;
    ps_store_init(&env.store, &arena, classes);
    arena.n = arena.used + 64;
    arena.used = 0;
    arena.p = malloc(arena.n);
    if (!arena.p)
        fail("out of memory");
    t = ps_transactions_init(&arena, &env, count);
    ps_store_init(&env.store, &arena, classes);
    memset(&flow, 0, sizeof flow);
    (void)ps_address_parse(PS_S("192.0.2.1:5060"), 0, &flow.local);
    (void)ps_address_parse(PS_S("192.0.2.2:5060"), 0, &flow.remote);
    slot = malloc(live * sizeof *slot);
    slot_number = malloc(live * sizeof *slot_number);
    next_number = 0;
}

static void pull(void)
{
    struct ps_transaction_send out;
    while (ps_transactions_pull(t, &out))
        messages++;
}

static struct ps_transaction_event feed(struct pattern *p, uint32_t n)
{
    number(p, n);
    parse(p->text, p->n);
    messages++;
    return ps_transactions_receive(t, &parsed, &flow);
}

static void take_call(uint32_t k, struct ps_transaction_event event)
{
    if (event.kind != PS_TX_REQUEST)
        fail("a new INVITE is not taken");
    slot[k] = event.transaction;
    if (ps_transaction_respond(t, slot[k], 180, ps_slice(ringing, ringing_n)))
        fail("180 is refused");
    pull();
}

static void new_call(uint32_t k)
{
    slot_number[k] = next_number++;
    take_call(k, feed(&invite, slot_number[k]));
}

/* Not measured: one index does for all, as only digits differ. */
static void fill(uint32_t live)
{
    uint32_t k;
    parse(invite.text, invite.n);
    for (k = 0; k < live; k++) {
        number(&invite, slot_number[k] = next_number++);
        take_call(k, ps_transactions_receive(t, &parsed, &flow));
    }
}

static void advance(uint64_t now)
{
    struct ps_timer *timer;
    env.now = now;
    while ((timer = ps_timers_expire(&env.timers, now)) != NULL) {
        (void)ps_transactions_expire(t, timer);
        pull();
    }
}

static void step(uint32_t live)
{
    uint32_t k = random_below(live);
    if (ps_transaction_waits(t, slot[k])) {
        (void)feed(&invite, slot_number[k]);
        pull();
        (void)ps_transaction_respond(t, slot[k], 486, ps_slice(busy, busy_n));
        pull();
        (void)feed(&ack, slot_number[k]);
    }
    new_call(k);
}

/* Runs for callgrind. A tenth of the live ones linger in Confirmed. */
__attribute__((noinline)) void measured(uint32_t live, unsigned steps)
{
    unsigned i;
    uint64_t start = env.now;
    for (i = 0; i < steps; i++) {
        step(live);
        advance(start + (uint64_t)i * 50000 / live);
    }
}

static double ns_a_message(uint32_t live)
{
    double least = 1e18;
    unsigned round;
    set_up(live);
    fill(live);
    for (round = 0; round < 7; round++) {
        double start = now_ns(), each;
        messages = 0;
        measured(live, 20000);
        each = (now_ns() - start) / (double)messages;
        if (round && each < least)
            least = each;
    }
    free((void *)t);
    free(slot);
    free(slot_number);
    return least;
}

/* Instructions a message by callgrind over measured() alone; 0 where it cannot be run. */
static double instructions_a_message(uint32_t live)
{
    char command[512], line[256];
    double instructions = 0, n = 0;
    FILE *in;
    snprintf(command, sizeof command,
             "PS_BENCH_LIVE=%u valgrind --tool=callgrind --callgrind-out-file=/dev/null "
             "--toggle-collect=measured /proc/%d/exe 2>&1",
             live, (int)getpid());
    in = popen(command, "r");
    if (!in)
        return 0;
    while (fgets(line, sizeof line, in)) {
        char *at = strstr(line, "Collected : ");
        if (at)
            instructions = atof(at + 12);
        if (strncmp(line, "messages ", 9) == 0)
            n = atof(line + 9);
    }
    pclose(in);
    return n > 0 ? instructions / n : 0;
}

static void alone(uint32_t live)
{
    set_up(live);
    fill(live);
    messages = 0;
    measured(live, 2000);
    printf("messages %lu\n", messages);
}

static void scale(void)
{
    static const uint32_t lives[] = {1000, 10000, 100000, 1000000};
    double first_ns = 0, first_instructions = 0;
    unsigned i;
    printf("%10s %12s %8s %16s %8s\n", "live", "ns/message", "x", "instr./message", "x");
    for (i = 0; i < 4; i++) {
        double ns = ns_a_message(lives[i]), instructions = instructions_a_message(lives[i]);
        first_ns = i ? first_ns : ns;
        first_instructions = i ? first_instructions : instructions;
        printf("%10u %12.0f %8.2f", lives[i], ns, ns / first_ns);
        if (instructions > 0)
            printf(" %16.0f %8.2f\n", instructions, instructions / first_instructions);
        else
            printf(" %16s\n", "(no valgrind)");
    }
}

/* ---- memory ---- */

static void memory(void)
{
    static const char *const traces[] = {"000", "019", "024", "044", "052", "059", "066", "071"};
    unsigned i;
    size_t kept = 0, n = 0;
    char path[64], ok[4096];
    for (i = 0; i < sizeof traces / sizeof *traces; i++) {
        snprintf(path, sizeof path, "tests/traces/%s-INVITE.sip", traces[i]);
        load(path);
        kept += response(ok, sizeof ok, 200);
        n++;
    }
    printf(
        "a live INVITE server transaction: %zu bytes (its object %zu, its part of the tables and "
        "of the sources %zu)\n",
        bytes_each, sizeof(struct ps_tx), bytes_each - sizeof(struct ps_tx));
    printf("  and its 200, until the ACK: %zu bytes on average over %zu captured INVITEs, without "
           "the answer's SDP; none by the transaction itself once it was sent\n",
           kept / n, n);
}

/* ---- timers ---- */

struct heap_timer {
    uint64_t when;
    uint32_t at;
};
static struct heap_timer **heap;
static uint32_t heap_n;

static void heap_put(uint32_t i, struct heap_timer *timer)
{
    heap[i] = timer;
    timer->at = i;
}

static void heap_up(uint32_t i, struct heap_timer *timer)
{
    for (; i && heap[(i - 1) / 2]->when > timer->when; i = (i - 1) / 2)
        heap_put(i, heap[(i - 1) / 2]);
    heap_put(i, timer);
}

static void heap_down(uint32_t i, struct heap_timer *timer)
{
    for (;;) {
        uint32_t child = 2 * i + 1;
        if (child + 1 < heap_n && heap[child + 1]->when < heap[child]->when)
            child++;
        if (child >= heap_n || heap[child]->when >= timer->when)
            break;
        heap_put(i, heap[child]);
        i = child;
    }
    heap_put(i, timer);
}

static void heap_start(struct heap_timer *timer, uint64_t when)
{
    timer->when = when;
    heap_up(heap_n++, timer);
}

static void heap_stop(struct heap_timer *timer)
{
    uint32_t i = timer->at;
    struct heap_timer *last = heap[--heap_n];
    if (last == timer)
        return;
    if (i && heap[(i - 1) / 2]->when > last->when)
        heap_up(i, last);
    else
        heap_down(i, last);
}

static uint64_t some_wait(void)
{
    static const uint32_t waits[] = {200, 500, 1000, 2000, 4000, 5000, 32000, 300000};
    return waits[random_below(8)] + random_below(100);
}

/* The timers of the library, n of them started; the caller frees them. */
static struct ps_timers wheel;

static struct ps_timer *wheel_of(uint32_t n)
{
    struct ps_timer *timer = calloc(n, sizeof *timer);
    uint32_t i;
    ps_timers_init(&wheel, 0);
    for (i = 0; i < n; i++)
        ps_timer_start(&wheel, &timer[i], some_wait());
    return timer;
}

/* The same of the heap; the caller frees them, and the heap. */
static struct heap_timer *heap_of(uint32_t n)
{
    struct heap_timer *timer = calloc(n, sizeof *timer);
    uint32_t i;
    heap = malloc(n * sizeof *heap);
    heap_n = 0;
    for (i = 0; i < n; i++)
        heap_start(&timer[i], some_wait());
    return timer;
}

/* A random one of n is stopped and started again. */
static double wheel_ns(uint32_t n, unsigned steps)
{
    struct ps_timer *timer = wheel_of(n);
    double start = now_ns();
    uint32_t i;
    for (i = 0; i < steps; i++) {
        struct ps_timer *one = &timer[random_below(n)];
        ps_timer_stop(&wheel, one);
        ps_timer_start(&wheel, one, some_wait());
    }
    start = (now_ns() - start) / steps;
    free(timer);
    return start;
}

/* Does as a driver does: the earliest of n expires, is started again, and the deadline is asked. */
static double expire_ns(uint32_t n, unsigned steps)
{
    struct ps_timer *timer = wheel_of(n);
    double start = now_ns();
    uint64_t now = 0;
    uint32_t i;
    for (i = 0; i < steps; i++) {
        struct ps_timer *due;
        now = ps_timers_deadline(&wheel);
        due = ps_timers_expire(&wheel, now);
        if (!due)
            fail("a timer is not due at the deadline");
        ps_timer_start(&wheel, due, now + some_wait());
    }
    start = (now_ns() - start) / steps;
    free(timer);
    return start;
}

static double heap_expire_ns(uint32_t n, unsigned steps)
{
    struct heap_timer *timer = heap_of(n);
    double start = now_ns();
    uint32_t i;
    for (i = 0; i < steps; i++) {
        struct heap_timer *due = heap[0];
        heap_stop(due);
        heap_start(due, due->when + some_wait());
    }
    start = (now_ns() - start) / steps;
    free(timer);
    free(heap);
    return start;
}

static double heap_ns(uint32_t n, unsigned steps)
{
    struct heap_timer *timer = heap_of(n);
    double start = now_ns();
    uint32_t i;
    for (i = 0; i < steps; i++) {
        struct heap_timer *one = &timer[random_below(n)];
        heap_stop(one);
        heap_start(one, some_wait());
    }
    start = (now_ns() - start) / steps;
    free(timer);
    free(heap);
    return start;
}

static void timers(void)
{
    static const uint32_t counts[] = {1000, 10000, 100000, 1000000};
    unsigned i;
    printf("a timer, ns:\n%10s %24s %24s\n%10s %12s %11s %12s %11s\n", "", "stopped, started again",
           "expires, started again", "running", "wheel", "binary heap", "wheel", "binary heap");
    for (i = 0; i < 4; i++)
        printf("%10u %12.0f %11.0f %12.0f %11.0f\n", counts[i], wheel_ns(counts[i], 1000000),
               heap_ns(counts[i], 1000000), expire_ns(counts[i], 1000000),
               heap_expire_ns(counts[i], 1000000));
}

int main(void)
{
    const char *live = getenv("PS_BENCH_LIVE");
    load("tests/traces/000-INVITE.sip");
    ringing_n = response(ringing, sizeof ringing, 180);
    busy_n = response(busy, sizeof busy, 486);
    if (live) {
        alone((uint32_t)atoi(live));
        return EXIT_SUCCESS;
    }
    scale();
    memory();
    timers();
    return EXIT_SUCCESS;
}
