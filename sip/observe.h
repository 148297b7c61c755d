/*
 * What can be watched of a stack: its counters, and the steps of its state machines as they happen.
 * Only shapes and names; ps_stack_counters and struct ps_config (stack.h) give them.
 */
#ifndef PS_OBSERVE_H
#define PS_OBSERVE_H

#include "text.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One line of the trace: a state machine's step. All text is static but `call_id`. */
struct ps_trace_step {
    const char *machine; /* "ict", "nict", "ist", "nist"; upper layers: "call", "registration" */
    const char *from, *to, *event;
    const char *rule; /* "17.1.1.2" */
    struct ps_slice call_id;
    uint64_t now;
};
typedef void (*ps_trace_function)(void *context, const struct ps_trace_step *step);

/* Counters; every one only grows. The stack prints them by this list (ps_counter_name). */
#define PS_COUNTERS(X)                                                                             \
    X(RECEIVED, "messages_received")                                                               \
    X(SENT, "messages_sent")                                                                       \
    X(RETRANSMITTED, "retransmissions_sent")                                                       \
    X(RETRANSMISSIONS_ABSORBED, "retransmissions_absorbed")                                        \
    X(KEEPALIVES, "keepalives_ignored")                                                            \
    X(DROPPED_UNPARSEABLE, "dropped_unparseable")                                                  \
    X(DROPPED_RESPONSE_INVALID, "dropped_response_invalid")                                        \
    X(DROPPED_RESPONSE_STRAY, "dropped_response_stray")                                            \
    X(DROPPED_RESPONSE_FOREIGN, "dropped_response_foreign_via")                                    \
    X(DROPPED_ACK_STRAY, "dropped_ack_stray")                                                      \
    X(ACKS, "acks_in_dialogs")                                                                     \
    X(DROPPED_FULL, "dropped_pool_empty")                                                          \
    X(ANSWERED_STATELESS, "answered_statelessly")                                                  \
    X(REFUSED_FULL, "refused_503_pool_empty")                                                      \
    X(REFUSED_PER_SOURCE, "refused_503_per_source")                                                \
    X(REFUSED_TOO_LARGE, "refused_513_too_large")                                                  \
    X(MADE_ROOM, "answered_given_up_for_new")                                                      \
    X(MERGED, "refused_482_merged")                                                                \
    X(TIMEOUTS, "transaction_timeouts")                                                            \
    X(TRANSPORT_ERRORS, "transport_errors")                                                        \
    X(FAILURES_FORGOTTEN, "send_failures_forgotten")                                               \
    X(SENT_OVER_MTU, "requests_sent_over_1300_octets")                                             \
    X(ICT, "transactions_ict")                                                                     \
    X(NICT, "transactions_nict")                                                                   \
    X(IST, "transactions_ist")                                                                     \
    X(NIST, "transactions_nist")

enum ps_counter {
#define PS_COUNTER_ENUM(id, name) PS_COUNT_##id,
    PS_COUNTERS(PS_COUNTER_ENUM)
#undef PS_COUNTER_ENUM
        PS_COUNTER_COUNT
};
/* Returns "messages_received", ...; static. */
const char *ps_counter_name(enum ps_counter counter);

struct ps_counters {
    uint64_t of[PS_COUNTER_COUNT];
    uint64_t fault[PS_ERROR_COUNT]; /* messages that did not parse, by enum ps_error */
};

#ifdef __cplusplus
}
#endif
#endif
