/*
 * Nanoseconds a session description, over the bodies of the captured messages (tests/traces) and
 * over a browser's offer: a line scan with memchr, parse, check, both kinds of writing, an answer.
 * Each number is the least of many rounds; the multiples are of the line scan in the same run.
 */
#define _POSIX_C_SOURCE 200809L
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sdp/attribute.h"
#include "sdp/negotiation.h"

enum { MAX_BODIES = 64, ROUNDS = 1000, REPEAT = 20 };

static struct ps_slice body[MAX_BODIES];
static size_t bodies;
static struct ps_sdp parsed[MAX_BODIES];
static struct ps_sdp scratch;
static char out[65536];
static size_t sink; /* what is measured ends here, so that nothing is left out */

static struct ps_slice read_file(const char *path)
{
    static char buffer[65536];
    FILE *in = fopen(path, "rb");
    size_t n = in ? fread(buffer, 1, sizeof buffer, in) : 0;
    char *copy = malloc(n + 1);
    if (!in || !copy) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    fclose(in);
    memcpy(copy, buffer, n);
    return ps_slice(copy, n);
}

/* The body of a message file, where it is a session description. */
static void add_body(const char *path)
{
    struct ps_slice file = read_file(path);
    size_t i;
    for (i = 0; i + 8 <= file.n; i++)
        if (memcmp(file.p + i, "\r\n\r\nv=0", 7) == 0 && bodies < MAX_BODIES) {
            body[bodies++] = ps_slice(file.p + i + 4, file.n - i - 4);
            return;
        }
    free((char *)file.p);
}

static void add_traces(void)
{
    DIR *dir = opendir("tests/traces");
    struct dirent *entry;
    char path[300];
    if (!dir) {
        perror("tests/traces");
        exit(EXIT_FAILURE);
    }
    while ((entry = readdir(dir)) != NULL)
        if (strstr(entry->d_name, ".sip")) {
            snprintf(path, sizeof path, "tests/traces/%s", entry->d_name);
            add_body(path);
        }
    closedir(dir);
}

/* ---- what is measured, each over all bodies once ---- */

static void line_scan(void)
{
    size_t i;
    for (i = 0; i < bodies; i++) {
        const char *p = body[i].p;
        const char *end = p + body[i].n;
        while (p < end) {
            const char *lf = memchr(p, '\n', (size_t)(end - p));
            if (!lf)
                break;
            sink += (size_t)(lf - p);
            p = lf + 1;
        }
    }
}

static void parse(void)
{
    size_t i;
    for (i = 0; i < bodies; i++) {
        sink += ps_sdp_parse(body[i], 0, &scratch, NULL);
        sink += scratch.lines;
    }
}

static void check(void)
{
    size_t i;
    for (i = 0; i < bodies; i++)
        sink += ps_sdp_check(&parsed[i], NULL);
}

static void write_canonical(void)
{
    size_t i;
    for (i = 0; i < bodies; i++) {
        struct ps_writer w = ps_writer(out, sizeof out);
        ps_sdp_write_canonical(&w, &parsed[i]);
        sink += w.n;
    }
}

static void write_back(void)
{
    size_t i;
    for (i = 0; i < bodies; i++) {
        struct ps_writer w = ps_writer(out, sizeof out);
        ps_sdp_write(&w, &parsed[i]);
        sink += w.n;
    }
}

/* The first body's description is what this side can do. */
static void answer(void)
{
    static char memory[PS_SDP_MEMORY(16384)];
    size_t i;
    for (i = 0; i < bodies; i++) {
        struct ps_sdp_negotiation n;
        struct ps_slice text;
        ps_sdp_negotiation_init(&n, memory, sizeof memory);
        sink += ps_sdp_answer(&n, body[i], &parsed[0], PS_SDP_SENDRECV, &text, NULL);
    }
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Nanoseconds a body. */
static double measure(void (*work)(void))
{
    double best = 1e18;
    int round;
    int i;
    for (round = 0; round < ROUNDS; round++) {
        double from = now();
        double each;
        for (i = 0; i < REPEAT; i++)
            work();
        each = (now() - from) / REPEAT / (double)bodies;
        if (each < best)
            best = each;
    }
    return best;
}

static void report(const char *what, void (*work)(void), double scan)
{
    double ns = measure(work);
    printf("%-18s %8.1f ns  %6.2f scans\n", what, ns, ns / scan);
}

static void run(const char *title)
{
    size_t bytes = 0;
    size_t lines = 0;
    size_t i;
    double scan;
    for (i = 0; i < bodies; i++) {
        if (ps_sdp_parse(body[i], 0, &parsed[i], NULL)) {
            fprintf(stderr, "%s: a description is invalid\n", title);
            exit(EXIT_FAILURE);
        }
        bytes += body[i].n;
        lines += parsed[i].lines;
    }
    printf("%s: %zu descriptions, %zu bytes and %zu lines each\n", title, bodies, bytes / bodies,
           lines / bodies);
    scan = measure(line_scan);
    printf("%-18s %8.1f ns\n", "line scan (memchr)", scan);
    report("parse", parse, scan);
    report("check", check, scan);
    report("write canonical", write_canonical, scan);
    report("write back", write_back, scan);
    report("answer", answer, scan);
}

int main(int argc, char **argv)
{
    const char *browser = argc > 1 ? argv[1] : "tests/traces/sdp/browser-chrome-offer.sdp";
    add_traces();
    run("captured messages");
    bodies = 1;
    body[0] = read_file(browser);
    run("a browser's offer");
    return sink == 0;
}
