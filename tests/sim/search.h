/*
 * Exhaustive search: a client machine and a server machine, run from the tables' rows, and between
 * them a network that loses, repeats and reorders; both users and all timers act in any order that
 * time allows. Watchers outside of the machines say what each side may and must do; they know the
 * RFC, and no row.
 *
 * Time is in ticks: T1 = 1, T4 = 2, the guard 8; a message lives T4 at most. Within a tick all
 * that can happen does, in every order; a tick ends when nothing is due.
 */
#ifndef SEARCH_H
#define SEARCH_H

#include <stdbool.h>

#include "sip/machines.h"

struct search {
    bool invite, reliable;
    bool explain;                      /* print the way to what went wrong */
    unsigned in_flight;                /* messages in the network at most */
    unsigned t2, t1_64;                /* ticks */
    const struct ps_machine *machines; /* four */
    /* results */
    unsigned long states, steps;
    const char *broken;            /* the first thing that went wrong, or NULL */
    unsigned long row_runs[2][32]; /* client, server: how often each row ran */
};

/* Visits everything, or stops at the first thing that goes wrong. */
void search_run(struct search *s);
/* Gives the memory back that all searches share. */
void search_free(void);

#endif
