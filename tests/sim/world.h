/*
 * Whole stacks in virtual time, and a good network between them. Whoever has an address and no
 * stack is the tester: what is sent there is recorded with its millisecond, and what it says is
 * written out by the test.
 *
 * Refuses to know what a test is about, and bad networks (sim.h).
 */
#ifndef WORLD_H
#define WORLD_H

#include "sip/stack.h"
#include "tester.h"

enum { WORLD_STATIONS = 8, WORLD_NAMES = 8 };

struct world;

/* Keeps what a stack told its application. */
struct heard {
    uint64_t at;
    struct ps_event event; /* its message and flow are gone */
    char *text;            /* the message; NULL where there was none */
    size_t n;
};

/* A stack, and its application: the test. */
struct station {
    struct world *world;
    struct ps_stack *stack;
    void *block;
    struct ps_address address;
    struct ps_account account; /* of calls that come in, and for the test's own */
    void (*on_event)(struct station *st, const struct ps_event *event); /* may be NULL */
    struct heard *heard;
    unsigned heard_n, heard_room;
};

/* A datagram on its way. */
struct packet {
    uint64_t at;
    struct ps_address from, to;
    char *bytes;
    size_t n;
};

struct world {
    uint64_t now;
    struct station station[WORLD_STATIONS];
    unsigned stations;
    uint64_t random;
    unsigned delay;        /* ms, of the network */
    struct packet *packet; /* in the order in which they arrive */
    unsigned packets, packet_room;
    bool quiet;    /* nothing is recorded */
    bool reliable; /* each flow, as a stream's is */
    struct sent_log log;
    /* names that resolve, each to one address or more */
    struct {
        const char *name;
        struct ps_address address[PS_MAX_ADDRESSES];
        unsigned n;
    } name[WORLD_NAMES];
    unsigned names;
    struct ps_address dead; /* what is sent there fails at once (ICMP); none by default */
};

/* ---- the world ---- */

void world_start(struct world *w, uint64_t seed);
/* Frees all. */
void world_free(struct world *w);
/* Lets time pass until `until`, whatever it brings with it. */
void world_run(struct world *w, uint64_t until);
/* After `quiet` ms more nothing may be left in any stack (station_expect_empty). */
void world_end(struct world *w, uint64_t quiet);
uint64_t world_random(struct world *w);
/* "192.0.2.1:5060". */
struct ps_address world_address(const char *text);
/* `name` resolves to this address, and to each more of it in the order of the calls. */
void world_name(struct world *w, const char *name, const char *address);

/* A stack of these limits (NULL: default ones, smaller than PS_LIMITS_DEFAULT) at `address`, with
 * the user part `user`. `config` (NULL: none) is a start: limits, seed, time and account are set
 * here. */
struct station *station_add(struct world *w, const char *address, const char *user,
                            const struct ps_limits *limits, const struct ps_config *config);
/* Small limits that suit most tests. */
struct ps_limits world_limits(void);
/* After calls into the stack: pulls it empty. */
void station_pull(struct station *st);
/* Nothing lives in the stack any more: no transaction, request, dialog, call, kept byte, timer;
 * what registrations, subscriptions and bindings hold may remain. */
void station_expect_empty(const struct station *st);

/* ---- the tester: feeds a stack, now ---- */

/* Bytes from 192.0.2.2:5060 to 192.0.2.1:5060, or between other addresses. */
void world_feed(struct world *w, struct ps_slice bytes);
void world_feed_from(struct world *w, struct ps_slice bytes, const char *from, const char *to);
/* A request, from 192.0.2.2:5060 to 192.0.2.1:5060. */
void world_request(struct world *w, const struct tester_request *r);
/* The same: the status of the one message that answers it. */
unsigned world_ask(struct world *w, const struct tester_request *r);
/* The same in the dialog that a request of the stack's has made. */
void world_request_within(struct world *w, const struct sent *dialog, struct tester_request r);
/* An answer to what a stack sent, from where it was sent to (tester_answer_text). */
void world_answer(struct world *w, const struct sent *request, unsigned status, const char *tag,
                  const char *lines, const char *body);

/* ---- what was heard ---- */

/* How many events of a kind; the last of a kind (fails where there is none). */
unsigned heard_count(const struct station *st, enum ps_event_kind kind);
const struct heard *heard_last(const struct station *st, enum ps_event_kind kind);

/* Forgets what it has heard. */
void station_forget_heard(struct station *st);

/* A call to "sip:b@192.0.2.2" with a body (NULL: none): its handle, its INVITE sent. */
ps_handle start_call(struct station *st, const char *body);
ps_handle start_call_to(struct station *st, const char *to, const char *body);

#endif
