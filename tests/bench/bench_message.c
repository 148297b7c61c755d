/*
 * Messages: nanoseconds and instructions a message over the captured messages (tests/traces), as
 * multiples of a line scan by memchr: index alone, the decode that the stack needs, every header
 * decoded, writing. Then the slope: time a byte at 1, 4, 16 and 64 KB of shapes that are meant to
 * cost more than linear time. The peers are in bench_peers.
 */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "harness.h"
#include "sip/message.h"
#include "traces.h"

enum ps_error PS_LIMITED(bench_index_portable,
                         PS_MAX_HEADERS)(struct ps_message *m, const char *bytes, size_t n,
                                         const struct ps_parse_options *options,
                                         struct ps_fault *fault);
enum ps_error PS_LIMITED(bench_parse_portable,
                         PS_MAX_HEADERS)(struct ps_message *m, const char *bytes, size_t n,
                                         const struct ps_parse_options *options,
                                         struct ps_fault *fault);

static struct ps_message parsed[MAX_TRACES];
static char out[65536];

static void copy(void)
{
    size_t i;
    for (i = 0; i < traces; i++) {
        memcpy(out, trace[i].p, trace[i].n);
        bench_use((size_t)out[0]);
    }
}

static void scan_lines(void)
{
    size_t i, lines = 0;
    for (i = 0; i < traces; i++) {
        const char *p = trace[i].p, *end = p + trace[i].n;
        while (p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
            p++;
            lines++;
        }
    }
    bench_use(lines);
}

static struct ps_message m;

static void index_portable(void)
{
    size_t i;
    for (i = 0; i < traces; i++)
        bench_use((size_t)PS_LIMITED(bench_index_portable, PS_MAX_HEADERS)(&m, trace[i].p,
                                                                           trace[i].n, NULL, NULL) +
                  m.lines);
}

static void index_simd(void)
{
    size_t i;
    for (i = 0; i < traces; i++)
        bench_use((size_t)ps_message_index(&m, trace[i].p, trace[i].n, NULL, NULL) + m.lines);
}

static void decode_portable(void)
{
    size_t i;
    for (i = 0; i < traces; i++)
        bench_use((size_t)PS_LIMITED(bench_parse_portable, PS_MAX_HEADERS)(&m, trace[i].p,
                                                                           trace[i].n, NULL, NULL) +
                  m.cseq);
}

static void decode_simd(void)
{
    size_t i;
    for (i = 0; i < traces; i++)
        bench_use((size_t)ps_message_parse(&m, trace[i].p, trace[i].n, NULL, NULL) + m.cseq);
}

static void check_stack(void)
{
    size_t i;
    for (i = 0; i < traces; i++)
        bench_use((size_t)ps_message_parse(&m, trace[i].p, trace[i].n, NULL, NULL) +
                  (size_t)ps_message_check(&m, NULL, NULL));
}

/* Indexed, then each header through its typed decoder, lists element by element, URIs too. */
static void decode_all(void)
{
    size_t i, line;
    for (i = 0; i < traces; i++) {
        bench_use((size_t)ps_message_index(&m, trace[i].p, trace[i].n, NULL, NULL));
        for (line = 0; line < m.lines; line++)
            bench_use((size_t)ps_header_check((enum ps_header_id)m.line[line].id,
                                              ps_span_of(&m, m.line[line].value)));
    }
}

static void write_canonical(void)
{
    size_t i;
    for (i = 0; i < traces; i++) {
        struct ps_writer w = ps_writer(out, sizeof out);
        ps_write_message(&w, &parsed[i]);
        bench_use(w.n);
    }
}

static void write_responses(void)
{
    size_t i;
    struct ps_flow flow;
    memset(&flow, 0, sizeof flow);
    flow.remote.family = PS_IPV4;
    for (i = 0; i < traces; i++) {
        struct ps_writer w = ps_writer(out, sizeof out);
        ps_write_response(&w, &parsed[i], &flow, 200, PS_NONE, PS_S("tag"));
        ps_write_body(&w, PS_NONE, PS_NONE);
        bench_use(w.n);
    }
}

/* ---- the slope ---- */

#define HEAD                                                                                       \
    "OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nTo: <sip:a>\r\nFrom: <sip:b>;tag=1\r\n"        \
    "Call-ID: x\r\nCSeq: 1 OPTIONS\r\n"

static const struct shape {
    const char *name, *head, *text, *tail;
} shapes[] = {
    {"one header", HEAD "Subject: ", "x", "\r\n\r\n"},
    {"headers", HEAD, "X-A: b\r\n", "\r\n"},
    {"parameters", HEAD "Contact: <sip:a>", ";p=v", "\r\n\r\n"},
    {"Vias", HEAD "Via: SIP/2.0/UDP h", ", SIP/2.0/UDP h", "\r\n\r\n"},
    {"quotes that never end", HEAD "Contact: ", "\"\\", "\r\n\r\n"},
    {"quotes", HEAD "Contact: ", "\"\"", "\r\n\r\n"},
    {"nested comments", HEAD "User-Agent: ", "(", "\r\n\r\n"},
    {"angle brackets", HEAD "Contact: ", "<", "\r\n\r\n"},
    {"commas", HEAD "Contact: ", ",", "\r\n\r\n"},
    {"digits", HEAD "Expires: ", "9", "\r\n\r\n"},
    {"folds", HEAD "Subject: a", "\r\n b", "\r\n\r\n"},
    {"blank folds", HEAD "Subject: a", "\r\n ", "\r\n\r\n"},
    {"URI parameters", "OPTIONS sip:a", ";p", " SIP/2.0\r\nVia: SIP/2.0/UDP h\r\n\r\n"},
    {"URI headers", "OPTIONS sip:a?b=c", "&b=c", " SIP/2.0\r\nVia: SIP/2.0/UDP h\r\n\r\n"},
    {"empty lines", "", "\r\n", HEAD "\r\n"},
};

static size_t fill(const struct shape *shape, char *text, size_t n)
{
    struct ps_writer w = ps_writer(text, n);
    size_t tail = strlen(shape->tail), step = strlen(shape->text);
    ps_put_string(&w, shape->head);
    while (w.n + step + tail <= n)
        ps_put_string(&w, shape->text);
    ps_put_string(&w, shape->tail);
    return w.n;
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Nanoseconds a byte: the fastest of several runs. */
static double cost(const struct shape *shape, size_t size)
{
    static const struct ps_check_options every = {true, false, 0, {NULL, 0}};
    static char text[65536];
    size_t n = fill(shape, text, size);
    double best = 1e9;
    unsigned run, i, times = (unsigned)(262144 / size);
    for (run = 0; run < 9; run++) {
        double begin = seconds(), took;
        for (i = 0; i < times; i++) {
            bench_use((size_t)ps_message_parse(&m, text, n, NULL, NULL));
            bench_use((size_t)ps_message_check(&m, &every, NULL));
        }
        took = (seconds() - begin) / times / (double)n * 1e9;
        if (took < best)
            best = took;
    }
    return best;
}

static int slopes(void)
{
    size_t i, k;
    int status = 0;
    printf("\n%-34s %9s %9s %9s %9s   ns a byte\n", "hostile shape", "1 KB", "4 KB", "16 KB",
           "64 KB");
    for (i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        double at[4];
        printf("%-34s", shapes[i].name);
        for (k = 0; k < 4; k++) {
            at[k] = cost(&shapes[i], (size_t)1024 << (2 * k));
            printf(" %9.2f", at[k]);
        }
        /* quadratic would be 64 times */
        printf("%s\n", at[3] > 4 * at[0] + 1 ? "   NOT LINEAR" : "");
        status |= at[3] > 4 * at[0] + 1;
    }
    return status;
}

int main(int argc, char **argv)
{
    struct bench_case cases[] = {
        {"memcpy", copy, 0},
        {"memchr line scan", scan_lines, 0},
        {"index, portable C", index_portable, 0},
        {"index", index_simd, 0},
        {"the stack's decode, portable C", decode_portable, 0},
        {"the stack's decode", decode_simd, 0},
        {"the same and its validation", check_stack, 0},
        {"every header decoded", decode_all, 0},
        {"canonical writing", write_canonical, 0},
        {"a response", write_responses, 0},
    };
    size_t i, bytes = 0;
    load_traces();
    for (i = 0; i < traces; i++) {
        bytes += trace[i].n;
        if (ps_message_parse(&parsed[i], trace[i].p, trace[i].n, NULL, NULL))
            return 1;
    }
    if (argc == 1)
        printf("%zu captured messages, mean %zu bytes; a message:\n", traces, bytes / traces);
    bench(cases, sizeof cases / sizeof cases[0], traces, 1, argc, argv);
    return argc == 1 ? slopes() : 0;
}
