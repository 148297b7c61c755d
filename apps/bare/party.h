/*
 * Declares a party of the bare-metal demo: a stack, the address at which it is reached, and who is
 * told what happens. Knows neither phones nor registrars: `on_event` is the application.
 */
#ifndef BARE_PARTY_H
#define BARE_PARTY_H

#include "story.h"

struct party {
    struct ps_address address;
    struct ps_stack *stack;
    struct ps_account account;
    void (*on_event)(struct party *p, const struct ps_event *event);
};

extern struct party party[PARTIES];

/* Makes a party's stack in `block`, of `n` bytes, which is its own from then on. */
void party_open(int who, void *block, size_t n, const struct ps_limits *limits);

/* Pulls a party's stack until it is empty: due after whatever was fed or asked. */
void party_pull(int who);

/* Lets `act` be done in `ms` milliseconds. Only one act waits at a time: a second replaces it. */
void party_later(uint32_t ms, int who, void (*act)(struct party *p));

/* Does all that is due now: datagrams, timers, the act that waits. False where nothing was due. */
bool party_step(void);

/* Tells whether every stack is empty and without a timer, and no datagram is under way. */
bool party_all_quiet(void);

#endif
