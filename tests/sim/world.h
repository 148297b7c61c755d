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

enum { WORLD_STATIONS = 8, WORLD_NAMES = 8, WORLD_TEXT = 8192 };

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

/* A datagram that a stack sent. */
struct sent {
    uint64_t at;
    struct ps_address from, to;
    bool again;
    char *text; /* NUL-terminated */
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
    bool quiet; /* nothing is recorded */
    struct sent *sent;
    unsigned sent_n, sent_room;
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
void station_kick(struct station *st);
/* Nothing lives in the stack any more: no transaction, request, dialog, call, kept byte, timer; of
 * bindings and registrations `held` may remain. */
void station_expect_empty(const struct station *st);

/* ---- what was sent: recorded as it leaves, in order ---- */

/* The number of messages that begin with `start` (from number `from` on). */
unsigned world_count(const struct world *w, const char *start);
/* The last, or the nth (from 0), message that begins with `start`: fails the test where it is not
 * there. */
const struct sent *world_last(const struct world *w, const char *start);
const struct sent *world_nth(const struct world *w, const char *start, unsigned nth);
/* Fails unless these were sent at just these times, each the same octets the same way. */
void world_expect_sent(const struct world *w, const char *start, const uint64_t *at, unsigned n);
#define SENT_AT(w, start, ...)                                                                     \
    do {                                                                                           \
        static const uint64_t sent_at[] = {__VA_ARGS__};                                           \
        world_expect_sent(w, start, sent_at, sizeof sent_at / sizeof *sent_at);                    \
    } while (0)

/* ---- the tester ---- */

/* Hands bytes to the stack at `to`, as they came from `from`, now. */
void tester_send(struct world *w, const char *from, const char *to, struct ps_slice bytes);

/* A request of the tester's. What is NULL has a default. */
struct tester_request {
    const char *method;   /* INVITE */
    const char *uri;      /* sip:b@192.0.2.1 */
    const char *via;      /* 192.0.2.2:5060;branch=z9hG4bK-METHOD-CSEQ */
    const char *from_tag; /* f1; "": none */
    const char *to_tag;   /* none */
    const char *call_id;  /* c1@tester */
    const char *contact;  /* <sip:a@192.0.2.2>; "": none */
    const char *lines;    /* more of them, with CRLF */
    const char *body;     /* SDP, so to speak */
    unsigned cseq;        /* 1 */
};
/* Its text; static storage, until the next call. */
struct ps_slice tester_text(const struct tester_request *r);
/* Sends it from 192.0.2.2:5060 to 192.0.2.1:5060. */
void tester_request(struct world *w, const struct tester_request *r);

/* Answers a request that a stack sent, from where it was sent to. `tag` NULL: none. `lines` (more
 * header lines) and `body` may be NULL. */
void tester_answer(struct world *w, const struct sent *request, unsigned status, const char *tag,
                   const char *lines, const char *body);
/* The text of it; static storage, until the next call. */
struct ps_slice tester_answer_text(const struct sent *request, unsigned status, const char *tag,
                                   const char *lines, const char *body);

/* ---- looking ---- */

struct ps_slice sent_slice(const struct sent *sent);
/* The value of a header's first line (empty where there is none); parts of a message that the tests
 * ask for; each in static storage of its own, NUL-terminated, until the fourth next call. */
const char *header_of(const struct sent *sent, enum ps_header_id id);
const char *nth_header_of(const struct sent *sent, enum ps_header_id id, unsigned nth);
const char *request_uri_of(const struct sent *sent);
const char *to_tag_of(const struct sent *sent);
const char *from_tag_of(const struct sent *sent);
const char *branch_of(const struct sent *sent);
const char *body_of(const struct sent *sent);
unsigned cseq_of(const struct sent *sent);

/* How many events of a kind; the last of a kind (fails where there is none). */
unsigned heard_count(const struct station *st, enum ps_event_kind kind);
const struct heard *heard_last(const struct station *st, enum ps_event_kind kind);

/* Forgets what it has heard. */
void station_forget_heard(struct station *st);

/* A call to "sip:b@192.0.2.2" with a body (NULL: none): its handle, its INVITE sent. */
ps_handle start_call(struct station *st, const char *body);
ps_handle start_call_to(struct station *st, const char *to, const char *body);

#endif
