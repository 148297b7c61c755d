/*
 * Shows what can be watched of a stack: its counters, and the steps of its state machines as they
 * happen. Only shapes and names; ps_stack_counters and struct ps_config (stack.h) give them.
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

/* Counters; every one only grows. X(value, enumerator suffix, name): a new one goes to the end, and
 * none changes its value. */
#define PS_COUNTERS(X)                                                                             \
    X(0, RECEIVED, "messages_received")                                                            \
    X(1, SENT, "messages_sent")                                                                    \
    X(2, RETRANSMITTED, "retransmissions_sent")                                                    \
    X(3, RETRANSMISSIONS_ABSORBED, "retransmissions_absorbed")                                     \
    X(4, KEEPALIVES, "keepalives_ignored")                                                         \
    X(5, DROPPED_UNPARSEABLE, "dropped_unparseable")                                               \
    X(6, DROPPED_RESPONSE_INVALID, "dropped_response_invalid")                                     \
    X(7, DROPPED_RESPONSE_STRAY, "dropped_response_stray")                                         \
    X(8, DROPPED_RESPONSE_FOREIGN, "dropped_response_foreign_via")                                 \
    X(9, DROPPED_ACK_STRAY, "dropped_ack_stray")                                                   \
    X(10, ACKS, "acks_in_dialogs")                                                                 \
    X(11, DROPPED_FULL, "dropped_pool_empty")                                                      \
    X(12, ANSWERED_STATELESS, "answered_statelessly")                                              \
    X(13, REFUSED_FULL, "refused_503_pool_empty")                                                  \
    X(14, REFUSED_PER_SOURCE, "refused_503_per_source")                                            \
    X(15, REFUSED_TOO_LARGE, "refused_513_too_large")                                              \
    X(16, MADE_ROOM, "answered_given_up_for_new")                                                  \
    X(17, MERGED, "refused_482_merged")                                                            \
    X(18, TIMEOUTS, "transaction_timeouts")                                                        \
    X(19, TRANSPORT_ERRORS, "transport_errors")                                                    \
    X(20, FAILURES_FORGOTTEN, "send_failures_forgotten")                                           \
    X(21, SENT_OVER_MTU, "requests_sent_over_1300_octets")                                         \
    X(22, ICT, "transactions_ict")                                                                 \
    X(23, NICT, "transactions_nict")                                                               \
    X(24, IST, "transactions_ist")                                                                 \
    X(25, NIST, "transactions_nist")

enum ps_counter {
#define PS_COUNTER_ENUM(value, id, name) PS_COUNT_##id = (value),
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
