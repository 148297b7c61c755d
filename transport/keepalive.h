/*
 * Keep-alives of flows over UDP: those that come are answered or ignored, those that registrations
 * ask for are sent (RFC 5626 4.4 and 8, RFC 6223).
 *
 * Stands between ps_udp and who reads SIP: what it takes is no SIP. Knows flows and time; when a
 * registration wants its flow kept is its user's affair. Takes no memory: each kept flow is a
 * structure of its user.
 */
#ifndef PS_KEEPALIVE_H
#define PS_KEEPALIVE_H

#include "udp.h"

#ifdef __cplusplus
extern "C" {
#endif

/* X(name, what it counts) */
#define PS_KEEPALIVE_COUNTERS(X)                                                                   \
    X(ignored, "keep-alives that need no answer: empty, CRLF")                                     \
    X(stun_answered, "STUN binding requests answered")                                             \
    X(stun_ignored, "STUN messages that were malformed or answered nothing of ours")               \
    X(sent, "keep-alives sent")                                                                    \
    X(changed, "flows whose public address changed")                                               \
    X(lost, "flows that nobody answers on")

struct ps_keepalive_counters {
#define PS_COUNTER_FIELD(name, text) uint64_t name;
    PS_KEEPALIVE_COUNTERS(PS_COUNTER_FIELD)
#undef PS_COUNTER_FIELD
};

struct ps_keepalive_flow;

/* Owned by the user; all but `counters` is this module's. */
struct ps_keepalive {
    struct ps_loop *loop;
    struct ps_udp *udp;
    struct ps_keepalive_flow *flows;
    struct ps_keepalive_counters counters;
};

/* Starts without any kept flow. Loop and sockets must outlive it; only kept flows have an end
 * (ps_keepalive_stop). */
void ps_keepalive_init(struct ps_keepalive *keepalive, struct ps_loop *loop, struct ps_udp *udp);

/* Takes a keep-alive out of the datagrams that come, before they are read as SIP. True: it was one,
 * and is dealt with. Over UDP a CRLF gets no answer (RFC 5626 4.4.1 is for streams); a STUN binding
 * request is answered from the socket, address and port that it came to (RFC 5626 8). */
bool ps_keepalive_take(struct ps_keepalive *keepalive, const struct ps_flow *flow,
                       struct ps_slice bytes);

/* ---- sending ---- */

enum ps_keepalive_kind {
    PS_KEEPALIVE_CRLF = 0, /* keeps a NAT's binding; says nothing about it */
    PS_KEEPALIVE_STUN = 1  /* where the other side is known to answer (RFC 5626 4.4.2, RFC 6223) */
};

enum ps_keepalive_event {
    PS_KEEPALIVE_SEEN = 0,    /* first answer: this is our public address */
    PS_KEEPALIVE_CHANGED = 1, /* another one: the flow has failed, register again */
    PS_KEEPALIVE_LOST = 2     /* nobody answers: the flow has failed */
};

/* Reports an event of a kept flow. `mapped` is our address as the far end sees it, NULL where it
 * did not say; borrowed for the call. Whatever the event, sending goes on until ps_keepalive_stop,
 * which may be called from here. */
typedef void (*ps_keepalive_fn)(void *context, enum ps_keepalive_event event,
                                const struct ps_address *mapped);

/* Bytes of a STUN request's transaction id. */
#define PS_KEEPALIVE_ID 12

/* Owned by the user; its fields are this module's. All zero is "not running". */
struct ps_keepalive_flow {
    struct ps_keepalive *keepalive;
    struct ps_keepalive_flow *next;
    struct ps_flow flow;
    enum ps_keepalive_kind kind;
    uint32_t interval, rto;
    ps_keepalive_fn call;
    void *context;
    struct ps_loop_timer timer;
    uint8_t id[PS_KEEPALIVE_ID];
    unsigned tries; /* of the request under way; 0: none is */
    struct ps_address mapped;
};

/* Starts sending: at the loop's next step, then after 80 to 100 % of `interval` ms, chosen at
 * random each time (RFC 5626 4.4.1); an interval under 1,000 counts as 1,000. A STUN request is
 * retransmitted after `rto` ms (0: 500), doubling, 7 times sent in all (RFC 5389 7.2.1). `call` may
 * be NULL. A flow that runs already starts again. `kept` is borrowed until ps_keepalive_stop;
 * `flow` is copied. */
void ps_keepalive_start(struct ps_keepalive *keepalive, struct ps_keepalive_flow *kept,
                        const struct ps_flow *flow, enum ps_keepalive_kind kind, uint32_t interval,
                        uint32_t rto, ps_keepalive_fn call, void *context);

/* Stops sending, and calls no more. Not running is fine. */
void ps_keepalive_stop(struct ps_keepalive_flow *kept);

#ifdef __cplusplus
}
#endif
#endif
