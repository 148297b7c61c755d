/*
 * One whole stack under the stateful targets: fed, pulled, its application played, and looked at
 * after each step.
 *
 * The application does by `policy` what a phone, a registrar or nobody would do; what bytes decide
 * is the target's business (fuzz_stack.c, fuzz_pair.c).
 */
#ifndef DRIVER_H
#define DRIVER_H

#include "watch.h"

/* Names what the application does by itself; bits. */
enum {
    PLAY_RING = 1,      /* 180 to a call that comes in */
    PLAY_ANSWER = 2,    /* takes calls and offers ... */
    PLAY_REJECT = 4,    /* ... or refuses them, and other requests */
    PLAY_ASK = 8,       /* wants credentials for REGISTER */
    PLAY_SILENT = 16,   /* leaves requests alone */
    PLAY_NO_NAMES = 32, /* no name has an address */
    PLAY_FOUR = 64,     /* a name has four */
    PLAY_LONG = 128,    /* refusals have long lines */
    PLAY_STATUS = 256   /* and (two bits) which status */
};

enum { REMEMBERED = 64 };

struct driver {
    struct ps_stack *stack;
    const struct ps_limits *limits;
    char block[1 << 19];
    struct ps_account account;
    struct ps_digest_user user;
    struct ps_auth_server auth;
    struct ps_digest_bucket buckets[4];
    struct ps_address address;
    struct ps_address known[4]; /* whom it may send to: who has written, who was resolved */
    unsigned known_n;
    struct ps_flow way; /* where names lead */
    uint64_t now;
    unsigned policy;
    ps_handle request; /* the last PS_EVENT_REQUEST that waits */
    struct {
        ps_handle transaction;
        size_t n;
        uint64_t sum;
    } last[REMEMBERED]; /* what each transaction sent last */
    struct watch watch;
    bool answering_faulty; /* the last datagram did not parse: an answer may not either */
    /* each datagram that leaves */
    void (*send)(struct driver *d, const struct ps_action *action);
    void *context;
};

/* A stack at that address, whose names all lead to `peer`; `tight`: with so little of everything
 * that it is soon used up. */
void driver_start(struct driver *d, const char *address, const char *peer, uint8_t seed,
                  bool tight);
/* Feeds a datagram, then pulls. */
void driver_receive(struct driver *d, const struct ps_address *from, struct ps_slice bytes);
/* The transport could not send for the transaction, or an ICMP error came for the peer. */
void driver_fail(struct driver *d, ps_handle transaction);
/* Time passes: each timer at its time. */
void driver_run(struct driver *d, uint64_t until);
/* Of the requests for an object (`what` is o), or for a chunk of the store (c), `count` fail after
 * the next `skip`. */
void driver_starve(char what, unsigned skip, unsigned count);
/* Does what a user may do; any letter and number. Letters that name nothing do nothing. */
void driver_act(struct driver *d, char what, unsigned n);
/* Hangs up, unregisters, and lets every timer run out: nothing may be left. */
void driver_end(struct driver *d);

#endif
