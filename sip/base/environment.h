/*
 * What every layer of a stack shares: time, timers, kept bytes, secrets, settings, counters, trace.
 *
 * One a stack; layers get a pointer to it. Knows no layer.
 */
#ifndef PS_ENVIRONMENT_H
#define PS_ENVIRONMENT_H

#include "../address.h"
#include "../siphash.h"
#include "timer.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Kinds of objects in handles and of timers: which layer owns them. */
enum ps_kind {
    PS_KIND_NONE,
    PS_KIND_TRANSACTION,
    PS_KIND_REQUEST,
    PS_KIND_DIALOG,
    PS_KIND_CALL,
    PS_KIND_REGISTRATION,
    PS_KIND_SUBSCRIPTION,
    PS_KIND_PUBLICATION,
    PS_KIND_BINDING,
    PS_KIND_OTHER
};

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
/* "messages_received", ...; static. Also the parse errors by cause: ps_environment.faults[error]. */
const char *ps_counter_name(enum ps_counter counter);

/* What this end understands, lists for headers; empty ones are neither written nor checked. */
struct ps_capabilities {
    struct ps_slice allow, supported;
    struct ps_slice accept, accept_message; /* types of session descriptions, of MESSAGE bodies */
};

struct ps_environment {
    uint64_t now; /* set by whoever feeds the stack, before anything else */
    struct ps_timers timers;
    struct ps_store store;
    char *scratch; /* where messages are written before they are kept; any layer, for one call */
    size_t scratch_n;
    uint8_t hash_key[PS_SIPHASH_KEY];   /* of the tables: secret */
    uint8_t random_key[PS_SIPHASH_KEY]; /* of the generator: secret */
    uint64_t random_counter;
    uint32_t t1, t2, t4; /* milliseconds */
    uint32_t per_source; /* unacknowledged INVITEs from one address (IPv6: from one /64) */
    uint8_t transports;  /* 1 << enum ps_transport: how a next hop can be reached */
    struct ps_capabilities can;
    bool follow_maddr; /* answer where a Via's maddr says (18.2.2); off: it makes a reflector */
    ps_trace_function trace; /* may be NULL; only looks */
    void *trace_context;
    uint64_t counter[PS_COUNTER_COUNT];
    uint64_t faults[PS_ERROR_COUNT]; /* messages that did not parse, by cause */
};

/* 64 bits that nobody outside can guess, from the seed that the stack was given. */
uint64_t ps_random(struct ps_environment *env);
/* Writes 64 bits as 13 characters of base 32, digits and lower-case letters: a token (25.1) that no
 * change of case spoils. */
void ps_put_base32(struct ps_writer *w, uint64_t value);
/* Writes a new token of 64 random bits in base 32: tags, Call-IDs, branches. */
void ps_put_token(struct ps_writer *w, struct ps_environment *env);

#ifdef __cplusplus
}
#endif
#endif
