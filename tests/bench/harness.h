/*
 * The benchmarks' harness: pins the program to one core, runs the cases interleaved in rounds,
 * reports median, fastest and spread of the time, and, where valgrind is, the instructions that
 * callgrind counts for one run of a case. Knows nothing of what is measured.
 */
#ifndef PS_BENCH_HARNESS_H
#define PS_BENCH_HARNESS_H

#include <stddef.h>

struct bench_case {
    const char *name;
    void (*run)(void); /* once over all items */
    double median;     /* out: nanoseconds an item */
};

/* Runs all cases over `items` items each and prints a table: nanoseconds and instructions an item,
 * and multiples of case `unit`. `argv` are main's: with "--once N" it runs only that case, once,
 * for callgrind. Returns main's status. */
int bench(struct bench_case *cases, size_t n, size_t items, size_t unit, int argc, char **argv);

/* Keeps a result from being optimised away. */
void bench_use(size_t value);

#endif
