/*
 * The benchmarks' harness (harness.h).
 */
#define _GNU_SOURCE
#include "harness.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 41, MAX_CASES = 32 };

static volatile size_t sink;

void bench_use(size_t value)
{
    sink += value;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void pin(void)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((size_t)sched_getcpu(), &set);
    sched_setaffinity(0, sizeof set, &set);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* How often a case must run for about 2 ms. */
static unsigned repeats_of(const struct bench_case *c)
{
    unsigned n = 1, i;
    for (;; n *= 2) {
        double begin = now();
        for (i = 0; i < n; i++)
            c->run();
        if (now() - begin > 2e6)
            return n;
    }
}

/* callgrind collects inside this function alone. */
__attribute__((noinline)) void bench_collected(const struct bench_case *c);
void bench_collected(const struct bench_case *c)
{
    c->run();
}

/* Instructions of one run by callgrind; 0 where it cannot be had. */
static double instructions(const char *program, size_t i)
{
    char command[512], line[256];
    double count = 0;
    FILE *in;
    snprintf(command, sizeof command,
             "valgrind --tool=callgrind --callgrind-out-file=/dev/null "
             "--toggle-collect=bench_collected %s --once %zu 2>&1",
             program, i);
    in = popen(command, "r");
    while (in && fgets(line, sizeof line, in)) {
        const char *at = strstr(line, "Collected :");
        if (at)
            count = strtod(at + 11, NULL);
    }
    if (in)
        pclose(in);
    return count;
}

int bench(struct bench_case *cases, size_t n, size_t items, size_t unit, int argc, char **argv)
{
    static double time[MAX_CASES][ROUNDS];
    unsigned repeats[MAX_CASES], round, i;
    size_t c, k;
    if (argc == 3 && !strcmp(argv[1], "--once")) {
        cases[strtoul(argv[2], NULL, 10)].run(); /* warm: lazy binding */
        bench_collected(&cases[strtoul(argv[2], NULL, 10)]);
        return 0;
    }
    pin();
    for (c = 0; c < n; c++)
        repeats[c] = repeats_of(&cases[c]);
    for (round = 0; round < ROUNDS; round++)
        for (k = 0; k < n; k++) {
            double begin;
            c = (k + round) % n;
            begin = now();
            for (i = 0; i < repeats[c]; i++)
                cases[c].run();
            time[c][round] = (now() - begin) / repeats[c] / (double)items;
        }
    for (c = 0; c < n; c++) {
        qsort(time[c], ROUNDS, sizeof(double), ascending);
        cases[c].median = time[c][ROUNDS / 2];
    }
    /* on a machine with other work the fastest rounds are the ones that nothing disturbed */
    printf("%-34s %9s %7s %7s %9s %7s %9s\n", "case", "ns median", "spread", "times", "fastest",
           "times", "instr");
    for (c = 0; c < n; c++) {
        double count = instructions(argv[0], c) / (double)items;
        printf("%-34s %9.1f %6.1f%% %7.2f %9.1f %7.2f ", cases[c].name, cases[c].median,
               100 * (time[c][ROUNDS * 3 / 4] - time[c][ROUNDS / 4]) / cases[c].median,
               cases[c].median / cases[unit].median, time[c][0], time[c][0] / time[unit][0]);
        if (count > 0)
            printf("%9.0f\n", count);
        else
            printf("%9s\n", "-");
    }
    return 0;
}
