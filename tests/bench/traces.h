/*
 * The captured messages, loaded once into one block, for benchmarks.
 */
#ifndef PS_BENCH_TRACES_H
#define PS_BENCH_TRACES_H

#include "sip/text.h"

enum { MAX_TRACES = 128 };
extern struct ps_slice trace[MAX_TRACES];
extern size_t traces;

/* All tests/traces/NAME.sip; stops the program where there are none. */
void load_traces(void);

#endif
